/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The only file that knows libcmark.  cmark itself does not recurse; our walk to plain text does, hence the
 * cap on depth.
 */
#include "base/cmark_lazy.h"

#include "base/markdown.h"
#include "base/unicode.h"

/* Marks of the plain text before it is wrapped. */
#define MARK_LITERAL "\x1c" /* a line as it is */
#define MARK_BREAK   "\x1d" /* a line ends here */
#define MARK_LINE                                                                                            \
    "\x1e" /* then: what the first line begins with, MARK_NEXT, what the others begin with, ... */
#define MARK_NEXT "\x1f" /* ... MARK_NEXT, the words */

struct markdown {
    cmark_node *root;
};

static int doc_release(struct markdown *doc)
{
    cmark_node_free(doc->root);
    return 0;
}

static void iter_end(cmark_iter **iter)
{
    cmark_iter_free(*iter);
}
#define ITER_SCOPE CLEANUP(iter_end)

static bool has_control(const char *s)
{
    for (; s && *s; s++)
        if (((unsigned char)*s < ' ' && *s != '\n' && *s != '\t' && *s != '\r') || *s == 127)
            return true;
    return false;
}

static int node_line(cmark_node *node)
{
    while (node && cmark_node_get_start_line(node) <= 0)
        node = cmark_node_parent(node);
    return node ? cmark_node_get_start_line(node) : 1;
}

static int check_source(const char *source, size_t len, int *line_r, struct err *err)
{
    *line_r = 1;
    if (len > MARKDOWN_MAX_SOURCE)
        return err_set(err, ERR_INPUT, "longer than %d bytes", MARKDOWN_MAX_SOURCE);
    if (!unicode_valid_utf8(source, len))
        return err_set(err, ERR_INPUT, "the text is not UTF-8");
    for (size_t i = 0; i < len; i++) {
        char c[2] = {source[i]};
        *line_r += source[i] == '\n';
        if (!source[i] || has_control(c))
            return err_set(err, ERR_INPUT, "a control character");
    }
    return 0;
}

static bool is_leaf(cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_THEMATIC_BREAK:
    case CMARK_NODE_CODE_BLOCK:
    case CMARK_NODE_TEXT:
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK:
    case CMARK_NODE_CODE:
    case CMARK_NODE_HTML_INLINE:
        return true;
    default:
        return false;
    }
}

/* An entity (&#1;) can bring in what the source may not hold. */
static int check_tree(cmark_node *root, int *line_r, struct err *err)
{
    ITER_SCOPE cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type event;
    int depth = 0;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (event == CMARK_EVENT_EXIT) {
            depth--;
            continue;
        }
        *line_r = node_line(node);
        if (has_control(cmark_node_get_literal(node)) || has_control(cmark_node_get_url(node)) ||
            has_control(cmark_node_get_title(node)) || has_control(cmark_node_get_fence_info(node)))
            return err_set(err, ERR_INPUT, "a control character");
        depth += !is_leaf(node);
        if (depth > MARKDOWN_MAX_DEPTH)
            return err_set(err, ERR_INPUT, "nested too deeply");
    }
    return 0;
}

int markdown_parse(void *mem, const char *source, size_t len, struct markdown **doc_r, int *line_r,
                   struct err *err)
{
    if (check_source(source, len, line_r, err) < 0)
        return -1;
    struct markdown *doc = talloc(mem, struct markdown);
    doc->root = cmark_parse_document(source, len, CMARK_OPT_DEFAULT);
    if (!doc->root)
        bug("cmark gave no document");
    talloc_set_destructor(doc, doc_release);
    cmark_consolidate_text_nodes(doc->root);
    if (check_tree(doc->root, line_r, err) < 0) {
        talloc_free(doc);
        return -1;
    }
    *doc_r = doc;
    return 0;
}

const char *markdown_html(void *mem, const struct markdown *doc)
{
    char *html = cmark_render_html(doc->root, CMARK_OPT_DEFAULT);
    const char *copy = talloc_strdup(mem, html);
    free(html);
    return copy;
}

/* --- plain text */

static void put_inlines(struct text *out, cmark_node *parent);

static void put_link(struct text *out, cmark_node *node)
{
    const char *url = cmark_node_get_url(node);
    size_t from = out->len;
    put_inlines(out, node);
    const char *shown = out->s + from;
    bool same = !strcmp(shown, url) || (!strncmp(url, "mailto:", 7) && !strcmp(shown, url + 7));
    if (!same && *url)
        text_printf(out, out->len > from ? " <%s>" : "<%s>", url);
}

static void put_inlines(struct text *out, cmark_node *parent)
{
    for (cmark_node *n = cmark_node_first_child(parent); n; n = cmark_node_next(n)) {
        switch (cmark_node_get_type(n)) {
        case CMARK_NODE_TEXT:
        case CMARK_NODE_CODE:
            text_puts(out, cmark_node_get_literal(n));
            break;
        case CMARK_NODE_SOFTBREAK:
            text_putc(out, ' ');
            break;
        case CMARK_NODE_LINEBREAK:
            text_puts(out, MARK_BREAK);
            break;
        case CMARK_NODE_LINK:
            put_link(out, n);
            break;
        case CMARK_NODE_HTML_INLINE:
            break;
        case CMARK_NODE_IMAGE:
            text_putc(out, '[');
            put_inlines(out, n);
            text_putc(out, ']');
            break;
        default: /* emphasis: what is inside */
            put_inlines(out, n);
        }
    }
}

/* What a block's first line and its others begin with; the first line of an item has its marker. */
struct margin {
    const char *first, *rest;
};

static void put_block(void *mem, struct text *out, cmark_node *node, struct margin *margin);

static void put_code(struct text *out, const char *code, struct margin *margin)
{
    while (*code) {
        size_t len = strcspn(code, "\n");
        text_printf(out, MARK_LITERAL "%s    %.*s\n", margin->first, (int)len, code);
        margin->first = margin->rest;
        code += len + (code[len] == '\n');
    }
}

static void put_blocks(void *mem, struct text *out, cmark_node *parent, struct margin *margin, bool tight)
{
    for (cmark_node *n = cmark_node_first_child(parent); n; n = cmark_node_next(n)) {
        if (n != cmark_node_first_child(parent) && !tight &&
            cmark_node_get_type(n) != CMARK_NODE_CUSTOM_BLOCK)
            text_putc(out, '\n');
        put_block(mem, out, n, margin);
        margin->first = margin->rest;
    }
}

static void put_list(void *mem, struct text *out, cmark_node *list, const struct margin *margin)
{
    bool ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST,
         tight = cmark_node_get_list_tight(list);
    const char *delim = cmark_node_get_list_delim(list) == CMARK_PAREN_DELIM ? ")" : ".";
    int number = cmark_node_get_list_start(list);
    const char *first = margin->first;
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
        const char *marker = ordered ? talloc_asprintf(mem, "%d%s ", number++, delim) : "- ";
        struct margin inner = {
            .first = talloc_asprintf(mem, "%s%s", first, marker),
            .rest = talloc_asprintf(mem, "%s%*s", margin->rest, (int)strlen(marker), ""),
        };
        if (!tight && item != cmark_node_first_child(list))
            text_putc(out, '\n');
        put_blocks(mem, out, item, &inner, tight);
        first = margin->rest;
    }
}

static void put_quote(void *mem, struct text *out, cmark_node *node, const struct margin *margin)
{
    struct margin inner = {talloc_asprintf(mem, "%s> ", margin->first),
                           talloc_asprintf(mem, "%s> ", margin->rest)};
    put_blocks(mem, out, node, &inner, false);
}

static void put_block(void *mem, struct text *out, cmark_node *node, struct margin *margin)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        text_printf(out, MARK_LINE "%s" MARK_NEXT "%s" MARK_NEXT, margin->first, margin->rest);
        put_inlines(out, node);
        text_putc(out, '\n');
        break;
    case CMARK_NODE_CODE_BLOCK:
        put_code(out, cmark_node_get_literal(node), margin);
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        text_printf(out, MARK_LITERAL "%s-----\n", margin->first);
        break;
    case CMARK_NODE_CUSTOM_BLOCK:
        text_printf(out, "%s\n", cmark_node_get_on_enter(node));
        break;
    case CMARK_NODE_LIST:
        put_list(mem, out, node, margin);
        break;
    case CMARK_NODE_BLOCK_QUOTE:
        put_quote(mem, out, node, margin);
        break;
    case CMARK_NODE_HTML_BLOCK:
        break;
    default:
        put_blocks(mem, out, node, margin, false);
    }
}

const char *markdown_text(void *mem, const struct markdown *doc)
{
    MEM_SCOPE(scratch);
    struct text out = text_new(mem);
    struct margin margin = {"", ""};
    put_block(scratch, &out, doc->root, &margin);
    return out.s;
}

/* --- what became of the source's text */

static bool in_image(cmark_node *node)
{
    while (node && cmark_node_get_type(node) != CMARK_NODE_IMAGE)
        node = cmark_node_parent(node);
    return node != NULL;
}

/* At most two spots a node; a NULL text is none. */
static void node_spots(cmark_node *node, struct markdown_spot spots[2])
{
    enum markdown_place text = in_image(node) ? MARKDOWN_IN_ATTRIBUTE : MARKDOWN_IN_TEXT;
    spots[0] = (struct markdown_spot){.parent = cmark_node_parent(node), .line = node_line(node)};
    spots[1] = spots[0];
    spots[0].place = text;
    spots[1].place = MARKDOWN_IN_ATTRIBUTE;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        spots[0].text = cmark_node_get_literal(node);
        break;
    case CMARK_NODE_CODE_BLOCK:
        spots[0].text = cmark_node_get_literal(node);
        spots[0].parent = node;
        spots[1].text = cmark_node_get_fence_info(node);
        break;
    case CMARK_NODE_CUSTOM_BLOCK:
        spots[0].text = cmark_node_get_on_enter(node);
        break;
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        spots[0].text = cmark_node_get_url(node);
        spots[0].place = text == MARKDOWN_IN_TEXT ? MARKDOWN_IN_URL : MARKDOWN_IN_ATTRIBUTE;
        spots[1].text = cmark_node_get_title(node);
        break;
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_HTML_INLINE:
        spots[0].text = cmark_node_get_literal(node);
        spots[0].place = MARKDOWN_IN_HTML;
        break;
    default:
        break;
    }
}

int markdown_each_spot(const struct markdown *doc, int (*fn)(void *ctx, const struct markdown_spot *spot),
                       void *ctx)
{
    ITER_SCOPE cmark_iter *iter = cmark_iter_new(doc->root);
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        struct markdown_spot spots[2];
        if (event != CMARK_EVENT_ENTER)
            continue;
        node_spots(cmark_iter_get_node(iter), spots);
        for (size_t i = 0; i < 2; i++) {
            int rc = spots[i].text ? fn(ctx, &spots[i]) : 0;
            if (rc)
                return rc;
        }
    }
    return 0;
}

int markdown_each_image(struct markdown *doc, const char *(*fn)(void *ctx, const char *url, int line),
                        void *ctx)
{
    ITER_SCOPE cmark_iter *iter = cmark_iter_new(doc->root);
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (event != CMARK_EVENT_ENTER || cmark_node_get_type(node) != CMARK_NODE_IMAGE)
            continue;
        const char *url = fn(ctx, cmark_node_get_url(node), node_line(node));
        if (!url)
            return -1;
        cmark_node_set_url(node, url);
    }
    return 0;
}

void markdown_free_marks(struct markdown *doc, bool (*is_mark)(void *ctx, const char *text), void *ctx)
{
    ITER_SCOPE cmark_iter *iter = cmark_iter_new(doc->root);
    cmark_event_type event;
    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter), *text = cmark_node_first_child(node);
        if (event != CMARK_EVENT_EXIT || cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH || !text ||
            cmark_node_next(text) || cmark_node_get_type(text) != CMARK_NODE_TEXT ||
            !is_mark(ctx, cmark_node_get_literal(text)))
            continue;
        cmark_node *mark = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK);
        cmark_node_set_on_enter(mark, cmark_node_get_literal(text));
        cmark_node_replace(node, mark);
        cmark_node_free(node);
    }
}
