/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What libcmark writes is well-formed XML, read here by the same parser that reads Pango's markup.
 */
#include "base/glib_lazy.h"

#include "reports/paper_html.h"

#define LINE_SEPARATOR "\xe2\x80\xa8" /* U+2028: a line ends, the paragraph goes on */
enum { MAX_LISTS = 64 };

struct list {
    bool ordered;
    long number; /* of the next item */
};

struct reader {
    void *mem;
    struct paper_blocks blocks;
    struct list list[MAX_LISTS];
    int lists, quotes;
    const char *marker; /* of an item whose first block is still to come */
    bool open, in_pre;
    struct paper_block block; /* that is open */
    struct text markup;
    const char *href;
    size_t link_at; /* in markup, where the link's words begin */
};

/* ---- blocks */

static void block_begin(struct reader *r, enum paper_block_kind kind, bool close)
{
    if (r->open)
        return;
    r->open = true;
    r->block = (struct paper_block){
        .kind = kind, .depth = r->lists + r->quotes, .marker = r->marker, .close = close};
    r->marker = NULL;
    r->markup = text_new(r->mem);
}

static void block_end(struct reader *r)
{
    if (!r->open)
        return;
    r->open = false;
    while (r->markup.len && r->markup.s[r->markup.len - 1] == ' ')
        r->markup.s[--r->markup.len] = 0;
    if (!r->markup.len && !r->block.marker && r->block.kind != PAPER_BREAK)
        return;
    r->block.markup = r->markup.s;
    size_t n = r->blocks.n++;
    if (n % 16 == 0)
        r->blocks.v = talloc_realloc(r->mem, r->blocks.v, struct paper_block, (unsigned)n + 16);
    r->blocks.v[n] = r->block;
}

static void item_begin(struct reader *r)
{
    struct list *l = r->lists ? &r->list[r->lists - 1] : NULL;
    block_end(r);
    r->marker = !l || !l->ordered ? (r->lists % 2 ? "•" : "–") : talloc_asprintf(r->mem, "%ld.", l->number++);
}

static void list_begin(struct reader *r, bool ordered, const char *start)
{
    block_end(r);
    if (r->lists < MAX_LISTS)
        r->list[r->lists++] = (struct list){ordered, start ? strtol(start, NULL, 10) : 1};
}

/* ---- words */

static bool at_line_begin(const struct reader *r)
{
    const struct text *t = &r->markup;
    size_t len = strlen(LINE_SEPARATOR);
    return !t->len || t->s[t->len - 1] == ' ' ||
           (t->len >= len && !memcmp(t->s + t->len - len, LINE_SEPARATOR, len));
}

/* Blanks and line ends are one blank, at the begin of a line none. */
static void put_words(struct reader *r, const char *s, size_t len)
{
    struct text squeezed = text_new(r->mem);
    for (size_t i = 0; i < len; i++) {
        bool blank = s[i] == ' ' || s[i] == '\n' || s[i] == '\t';
        if (!blank && !r->open)
            block_begin(r, PAPER_PARAGRAPH, true); /* an item of a list without blank lines */
        bool after_blank = squeezed.len ? squeezed.s[squeezed.len - 1] == ' ' : !r->open || at_line_begin(r);
        if (!blank || !after_blank)
            text_putc(&squeezed, blank ? ' ' : s[i]);
    }
    char *escaped = g_markup_escape_text(squeezed.s, (gssize)squeezed.len);
    if (squeezed.len)
        text_puts(&r->markup, escaped);
    g_free(escaped);
}

static void put_lines(struct reader *r, const char *s, size_t len)
{
    while (len && s[len - 1] == '\n')
        len--;
    char *escaped = g_markup_escape_text(s, (gssize)len);
    for (char *line = escaped, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        text_printf(&r->markup, "%s%s", line, next ? LINE_SEPARATOR : "");
    }
    g_free(escaped);
}

static void link_end(struct reader *r)
{
    if (!r->href || !r->open)
        return;
    char *url = g_markup_escape_text(r->href, -1);
    const char *shown = r->markup.s + r->link_at, *plain = !strncmp(url, "mailto:", 7) ? url + 7 : url;
    if (*plain && strcmp(shown, plain) != 0 && strcmp(shown, url) != 0)
        text_printf(&r->markup, "%s(%s)", *shown ? " " : "", plain);
    g_free(url);
    r->href = NULL;
}

/* ---- elements */

static const char *attribute(const char **names, const char **values, const char *name)
{
    for (size_t i = 0; names[i]; i++)
        if (!strcmp(names[i], name))
            return values[i];
    return NULL;
}

static const struct {
    const char *element, *tag;
} words[] = {{"strong", "b"}, {"em", "i"}, {"code", "tt"}};

static void put_tag(struct reader *r, const char *element, const char *slash)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(words[i].element, element) && !r->in_pre) {
            block_begin(r, PAPER_PARAGRAPH, true);
            text_printf(&r->markup, "<%s%s>", slash, words[i].tag);
        }
}

static void put_inline(struct reader *r, const char *element, const char **names, const char **values)
{
    if (!strcmp(element, "br")) {
        block_begin(r, PAPER_PARAGRAPH, true);
        text_puts(&r->markup, LINE_SEPARATOR);
    } else if (!strcmp(element, "a")) {
        block_begin(r, PAPER_PARAGRAPH, true);
        r->href = talloc_strdup(r->mem, attribute(names, values, "href"));
        r->link_at = r->markup.len;
    } else if (!strcmp(element, "img")) {
        const char *alt = attribute(names, values, "alt");
        char *shown = talloc_asprintf(r->mem, "[%s]", alt ? alt : "");
        put_words(r, shown, strlen(shown));
    } else
        put_tag(r, element, "");
}

static void element_begin(GMarkupParseContext *context, const char *element, const char **names,
                          const char **values, void *ctx, GError **error)
{
    struct reader *r = ctx;
    (void)context, (void)error;
    if (!strcmp(element, "p"))
        block_begin(r, PAPER_PARAGRAPH, false);
    else if (element[0] == 'h' && element[1] >= '1' && element[1] <= '6' && !element[2]) {
        block_begin(r, PAPER_HEADING, false);
        r->block.level = element[1] - '0';
    } else if (!strcmp(element, "ul") || !strcmp(element, "ol"))
        list_begin(r, *element == 'o', attribute(names, values, "start"));
    else if (!strcmp(element, "li"))
        item_begin(r);
    else if (!strcmp(element, "blockquote")) {
        block_end(r);
        r->quotes++;
    } else if (!strcmp(element, "pre")) {
        block_begin(r, PAPER_CODE, false);
        r->in_pre = true;
    } else if (!strcmp(element, "hr")) {
        block_begin(r, PAPER_BREAK, false);
        block_end(r);
    } else
        put_inline(r, element, names, values);
}

static void element_end(GMarkupParseContext *context, const char *element, void *ctx, GError **error)
{
    struct reader *r = ctx;
    (void)context, (void)error;
    if (!strcmp(element, "p") || !strcmp(element, "li") || !strcmp(element, "pre") ||
        (element[0] == 'h' && element[1] >= '1' && element[1] <= '6'))
        block_end(r);
    if (!strcmp(element, "pre"))
        r->in_pre = false;
    if (!strcmp(element, "ul") || !strcmp(element, "ol"))
        r->lists -= r->lists > 0;
    if (!strcmp(element, "blockquote"))
        r->quotes--;
    if (!strcmp(element, "a"))
        link_end(r);
    put_tag(r, element, "/");
}

static void text_between(GMarkupParseContext *context, const char *s, size_t len, void *ctx, GError **error)
{
    struct reader *r = ctx;
    (void)context, (void)error;
    if (r->in_pre)
        put_lines(r, s, len);
    else
        put_words(r, s, len);
}

int paper_html(void *mem, const char *html, struct paper_blocks *blocks_r, struct err *err)
{
    static const GMarkupParser parser = {
        .start_element = element_begin, .end_element = element_end, .text = text_between};
    struct reader r = {.mem = mem};
    GError *error = NULL;
    char *whole = talloc_asprintf(mem, "<body>%s</body>", html);
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &r, NULL);
    bool ok = g_markup_parse_context_parse(context, whole, -1, &error) &&
              g_markup_parse_context_end_parse(context, &error);
    g_markup_parse_context_free(context);
    if (!ok) {
        err_set(err, ERR_INPUT, "%s", error->message);
        g_error_free(error);
        return -1;
    }
    *blocks_r = r.blocks;
    return 0;
}
