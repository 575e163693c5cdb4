/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Where in the HTML does a value stand?  A tokenizer, as small as it can be, runs over the template's text
 * with the values as its events; what it does not understand it refuses, since a template is written by hand
 * and can be rewritten, while a value comes from anywhere.
 *
 * A section may be rendered or not, or many times, so it has to end where it began.  The one exception is
 * made for
 * `<option{{#chosen}} selected{{/chosen}}>`: inside a tag, between attributes, what comes next is then an
 * attribute nobody knows, which may not hold values if it turns out to have any.
 */
#include <strings.h>

#include "base/mustache_tree.h"

enum state {
    IN_TEXT,
    IN_SPECIAL,     /* script, style: to the closing tag */
    IN_COMMENT,     /* to --> */
    IN_DECLARATION, /* <!doctype html> */
    IN_TAG_NAME,    /* behind < or </ */
    IN_TAG,         /* between attributes */
    IN_NAME,        /* an attribute's */
    IN_EQUALS,      /* behind the = */
    IN_QUOTES,      /* an attribute's value */
    IN_BARE,        /* an attribute's value without quotes */
};

enum url { URL_NONE, URL_START, URL_LITERAL, URL_WHOLE };

struct page {
    enum state state;
    enum url url;
    char quote;
    bool closing;
    char element[16], attribute[24], url_head[16];
    const struct mustache *t;
    int line;
    struct err *err;
};

static int refuse(const struct page *p, int line, const char *what)
{
    return err_set(p->err, ERR_INPUT, "%s:%d: %s", p->t->name, line, what);
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (!strcasecmp(word, *list))
            return true;
    return false;
}

/* Adds to a word of limited length; a longer one is none that anybody knows. */
static void word_add(char *word, size_t size, char c)
{
    size_t len = strlen(word);
    if (len + 1 < size) {
        word[len] = c;
        word[len + 1] = 0;
    }
}

static bool attribute_forbids(const struct page *p)
{
    static const char *const never[] = {"?",      "style", "srcdoc", "srcset", "imagesrcset", "http-equiv",
                                        "values", "to",    "from",   "by",     NULL};
    bool handler = !strncasecmp(p->attribute, "on", 2);
    bool refresh = !strcasecmp(p->element, "meta") && !strcasecmp(p->attribute, "content");
    return handler || refresh || is_one_of(p->attribute, never);
}

static bool attribute_is_url(const struct page *p)
{
    static const char *const urls[] = {"href",     "src",        "action",     "formaction", "poster",
                                       "cite",     "data",       "background", "ping",       "longdesc",
                                       "manifest", "xlink:href", "codebase",   "icon",       "usemap",
                                       "profile",  "classid",    "archive",    NULL};
    return is_one_of(p->attribute, urls);
}

/* May a value follow these first letters of a URL?  Not as long as they could still become a scheme. */
static bool url_head_is_settled(const char *head)
{
    static const char *const good[] = {"http://", "https://", "mailto:", "tel:", "cid:", NULL};
    if (strchr("/?#.", head[0]))
        return true;
    for (const char *const *g = good; *g; g++)
        if (!strncasecmp(head, *g, strlen(*g)))
            return true;
    return false;
}

static int value_place(struct page *p, struct mustache_node *node)
{
    const char *dot = strrchr(node->name, '.'), *last = dot ? dot + 1 : node->name;
    size_t len = strlen(last);
    if (p->state == IN_TEXT)
        return 0;
    if (p->state == IN_SPECIAL)
        return refuse(p, node->line, "a value inside a script or a style");
    if (p->state == IN_EQUALS || p->state == IN_BARE)
        return refuse(p, node->line, "a value in an attribute without quotes");
    if (p->state != IN_QUOTES)
        return refuse(p, node->line, "a value inside a tag or a comment");
    if (attribute_forbids(p))
        return refuse(p, node->line,
                      "a value in an event handler, a style, or an attribute that can hold a script");
    if (node->kind == MUSTACHE_RAW)
        return refuse(p, node->line, "an unescaped value inside a tag");
    if (p->url == URL_START && !(len >= 3 && !strcasecmp(last + len - 3, "url")))
        return refuse(p, node->line,
                      "a value where a URL has its scheme, and its name does not end in \"url\"");
    if (p->url == URL_WHOLE)
        return refuse(p, node->line, "a value behind a value that is a whole URL");
    if (p->url == URL_LITERAL && !url_head_is_settled(p->url_head))
        return refuse(p, node->line, "a value where a URL has its scheme");
    node->place = p->url == URL_START     ? MUSTACHE_IN_URL
                  : p->url == URL_LITERAL ? MUSTACHE_IN_URL_PART
                                          : node->place;
    p->url = p->url == URL_START ? URL_WHOLE : p->url;
    return 0;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void tag_end(struct page *p)
{
    static const char *const special[] = {"script", "style", NULL};
    p->state = !p->closing && is_one_of(p->element, special) ? IN_SPECIAL : IN_TEXT;
}

static void in_tag(struct page *p, char c)
{
    if (c == '>')
        tag_end(p);
    else if (c == '=') {
        p->state = IN_EQUALS; /* of the attribute before the white space, or of one unknown */
        p->url = URL_NONE;
    } else if (!is_white(c) && c != '/') {
        p->state = IN_NAME;
        p->attribute[0] = 0;
        word_add(p->attribute, sizeof p->attribute, c);
    }
}

static void in_name(struct page *p, char c)
{
    if (c == '=' || c == '>' || c == '/')
        in_tag(p, c);
    else if (is_white(c))
        p->state = IN_TAG;
    else
        word_add(p->attribute, sizeof p->attribute, c);
}

static void in_equals(struct page *p, char c)
{
    if (is_white(c))
        return;
    p->url = attribute_is_url(p) ? URL_START : URL_NONE;
    p->url_head[0] = 0;
    p->state = c == '"' || c == '\'' ? IN_QUOTES : IN_BARE;
    p->quote = c;
    if (c == '>')
        tag_end(p);
}

static void in_quotes(struct page *p, char c)
{
    if (c == p->quote) {
        p->state = IN_TAG;
        snprintf(p->attribute, sizeof p->attribute, "?");
        return;
    }
    if (p->url == URL_START && !is_white(c))
        p->url = URL_LITERAL;
    if (p->url == URL_LITERAL)
        word_add(p->url_head, sizeof p->url_head, c);
}

static void in_tag_name(struct page *p, char c)
{
    if (is_white(c) || c == '/') {
        p->state = IN_TAG;
        snprintf(p->attribute, sizeof p->attribute, "?");
    } else if (c == '>')
        tag_end(p);
    else
        word_add(p->element, sizeof p->element, c);
}

static bool starts(const char *s, size_t len, const char *with)
{
    return len >= strlen(with) && !strncasecmp(s, with, strlen(with));
}

/* At `<` in text: how many letters the beginning of markup takes, 0 when it is a letter like others. */
static size_t markup_begins(struct page *p, const char *s, size_t len)
{
    if (starts(s, len, "<!--")) {
        p->state = IN_COMMENT;
        return 4;
    }
    if (starts(s, len, "<!") || starts(s, len, "<?")) {
        p->state = IN_DECLARATION;
        return 2;
    }
    p->closing = starts(s, len, "</");
    p->state = IN_TAG_NAME;
    p->element[0] = 0;
    return p->closing ? 2 : 1;
}

/* At one letter; returns how many it takes. */
static size_t step(struct page *p, const char *s, size_t len)
{
    switch (p->state) {
    case IN_TEXT:
        return *s == '<' ? markup_begins(p, s, len) : 1;
    case IN_SPECIAL:
        if (starts(s, len, "</") && starts(s + 2, len - 2, p->element))
            return markup_begins(p, s, len);
        return 1;
    case IN_COMMENT:
        p->state = starts(s, len, "-->") ? IN_TEXT : IN_COMMENT;
        return p->state == IN_TEXT ? 3 : 1;
    case IN_DECLARATION:
        p->state = *s == '>' ? IN_TEXT : IN_DECLARATION;
        return 1;
    case IN_TAG_NAME:
        in_tag_name(p, *s);
        return 1;
    case IN_TAG:
        in_tag(p, *s);
        return 1;
    case IN_NAME:
        in_name(p, *s);
        return 1;
    case IN_EQUALS:
        in_equals(p, *s);
        return 1;
    case IN_QUOTES:
        in_quotes(p, *s);
        return 1;
    case IN_BARE:
        if (*s == '>')
            tag_end(p);
        else if (is_white(*s))
            p->state = IN_TAG;
        return 1;
    }
    bug("HTML in state %d", (int)p->state);
}

static bool between_attributes(const struct page *p)
{
    return p->state == IN_TAG || p->state == IN_NAME || p->state == IN_TAG_NAME;
}

static int check_nodes(struct page *p, struct mustache_nodes nodes);

static int check_section(struct page *p, const struct mustache_node *node)
{
    if (p->state == IN_NAME || p->state == IN_TAG_NAME) {
        p->state = IN_TAG;
        snprintf(p->attribute, sizeof p->attribute, "?");
    }
    struct page before = *p;
    if (check_nodes(p, node->inside) < 0)
        return -1;
    if (between_attributes(&before) && between_attributes(p)) {
        p->state = IN_TAG;
        snprintf(p->attribute, sizeof p->attribute, "?");
        return strcmp(p->element, before.element) ? refuse(p, node->line, "a section that holds half a tag")
                                                  : 0;
    }
    bool same = p->state == before.state && p->url == before.url;
    if (p->state == IN_QUOTES)
        same = same && p->quote == before.quote && !strcmp(p->attribute, before.attribute) &&
               !strcmp(p->element, before.element);
    if (p->state == IN_QUOTES && p->url == URL_LITERAL && strcmp(p->url_head, before.url_head))
        same = same && url_head_is_settled(before.url_head);
    return same ? 0
                : refuse(p, node->line, "a section that ends in another place of the HTML than it began in");
}

static bool raw_is_allowed(const struct mustache *t, const char *name)
{
    return t->options.raw && is_one_of(name, t->options.raw);
}

static int check_node(struct page *p, struct mustache_node *node)
{
    switch (node->kind) {
    case MUSTACHE_TEXT:
        for (size_t i = 0; i < node->text.len;)
            i += step(p, node->text.s + i, node->text.len - i);
        return 0;
    case MUSTACHE_RAW:
        if (!raw_is_allowed(p->t, node->name))
            return refuse(p, node->line, "an unescaped value");
        return value_place(p, node);
    case MUSTACHE_VALUE:
        return value_place(p, node);
    case MUSTACHE_SECTION:
    case MUSTACHE_INVERTED:
        return check_section(p, node);
    default:
        if (p->state != IN_TEXT)
            return refuse(p, node->line, "a partial or a block inside a tag");
        if (check_nodes(p, node->inside) < 0)
            return -1;
        return p->state == IN_TEXT ? 0 : refuse(p, node->line, "a block that ends inside a tag");
    }
}

static int check_nodes(struct page *p, struct mustache_nodes nodes)
{
    for (size_t i = 0; i < nodes.n; i++) {
        p->line = nodes.v[i].line;
        if (check_node(p, &nodes.v[i]) < 0)
            return -1;
    }
    return 0;
}

int mustache_check_page(struct mustache *t, struct err *err)
{
    struct page p = {.t = t, .err = err, .line = 1};
    if (check_nodes(&p, t->nodes) < 0)
        return -1;
    return p.state == IN_TEXT ? 0
                              : refuse(&p, p.line, "the template ends inside a tag, a script or a comment");
}
