/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From source to tokens, in three passes: cut at the tags, pair the sections, take out the lines that hold
 * nothing but a tag.
 *
 * Text is cut at line ends too, so that "the rest of the line is blank" is a question about one neighbour,
 * and so that indentation, which partials add and blocks take away, is a matter of a token's beginning.
 *
 * Blocks and parents stand alone as pairs: what counts is the white space in front of the opening tag and
 * behind the closing one.  The third pass goes from the outside in, for a block given to a parent loses the
 * indentation of its first line in all its lines, before what lies inside it is looked at.
 */
#include "base/mustache.h"

struct scanner {
    void *mem;
    const char *name;
    struct slice source;
    size_t at;
    int line;
    char open[16], close[16];
    struct mustache_tokens tokens;
    size_t room;
    struct err *err;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice slice_trim(struct slice x)
{
    while (x.len && is_space(x.s[0]))
        x.s++, x.len--;
    while (x.len && is_space(x.s[x.len - 1]))
        x.len--;
    return x;
}

static bool slice_same(struct slice a, struct slice b)
{
    return a.len == b.len && !memcmp(a.s, b.s, a.len);
}

static struct mustache_token *token_add(struct scanner *z, enum mustache_kind kind, struct slice text,
                                        size_t start)
{
    if (z->tokens.n == z->room) {
        z->room = z->room ? 2 * z->room : 64;
        z->tokens.v = talloc_realloc(z->mem, z->tokens.v, struct mustache_token, (unsigned)z->room);
    }
    struct mustache_token *k = &z->tokens.v[z->tokens.n++];
    *k = (struct mustache_token){.kind = kind, .line = z->line, .text = text};
    k->bol = start == 0 || z->source.s[start - 1] == '\n';
    return k;
}

static void add_text(struct scanner *z, size_t end)
{
    while (z->at < end) {
        const char *s = z->source.s + z->at;
        const char *nl = memchr(s, '\n', end - z->at);
        size_t len = nl ? (size_t)(nl - s) + 1 : end - z->at;
        struct mustache_token *k = token_add(z, MUSTACHE_TEXT, (struct slice){s, len}, z->at);
        k->eol = nl != NULL;
        z->line += k->eol;
        z->at += len;
    }
}

/* Two words without white space and '=', each shorter than the room for it. */
static int set_delimiters(struct scanner *z, struct slice words)
{
    size_t first = 0;
    while (first < words.len && !is_space(words.s[first]))
        first++;
    struct slice open = {words.s, first},
                 close = slice_trim((struct slice){words.s + first, words.len - first});
    bool fits = open.len && close.len && open.len < sizeof z->open && close.len < sizeof z->close;
    for (size_t i = 0; i < close.len; i++)
        fits = fits && !is_space(close.s[i]);
    if (!fits || memchr(words.s, '=', words.len))
        return err_set(z->err, ERR_INPUT, "%s:%d: a change of delimiters wants two words without \"=\"",
                       z->name, z->line);
    snprintf(z->open, sizeof z->open, "%.*s", (int)open.len, open.s);
    snprintf(z->close, sizeof z->close, "%.*s", (int)close.len, close.s);
    return 0;
}

static enum mustache_kind kind_of(char sigil)
{
    switch (sigil) {
    case '{':
    case '&':
        return MUSTACHE_RAW;
    case '#':
        return MUSTACHE_SECTION;
    case '^':
        return MUSTACHE_INVERTED;
    case '/':
        return MUSTACHE_CLOSE;
    case '>':
        return MUSTACHE_PARTIAL;
    case '<':
        return MUSTACHE_PARENT;
    case '$':
        return MUSTACHE_BLOCK;
    case '!':
        return MUSTACHE_COMMENT;
    case '=':
        return MUSTACHE_DELIMITERS;
    default:
        return MUSTACHE_VALUE;
    }
}

static int check_name(struct scanner *z, const struct mustache_token *k)
{
    struct slice n = k->text;
    if (!n.len)
        return err_set(z->err, ERR_INPUT, "%s:%d: a tag without a name", z->name, k->line);
    if (n.len > 200)
        return err_set(z->err, ERR_INPUT, "%s:%d: a name longer than 200 bytes", z->name, k->line);
    for (size_t i = 0; i < n.len; i++)
        if (n.s[i] == '\n')
            return err_set(z->err, ERR_INPUT, "%s:%d: the tag \"%.*s\" does not end in its line", z->name,
                           k->line, (int)i, n.s);
        else if ((unsigned char)n.s[i] <= ' ')
            return err_set(z->err, ERR_INPUT, "%s:%d: white space in the name \"%.*s\"", z->name, k->line,
                           (int)n.len, n.s);
    return 0;
}

/* At an opening delimiter; `=` and `{` want their twin in front of the closing one. */
static int add_tag(struct scanner *z)
{
    size_t start = z->at, open_len = strlen(z->open), inside = start + open_len;
    char sigil = inside < z->source.len ? z->source.s[inside] : 0;
    enum mustache_kind kind = kind_of(sigil);
    char end[sizeof z->close + 1];
    snprintf(end, sizeof end, "%s%s", sigil == '{' ? "}" : sigil == '=' ? "=" : "", z->close);
    inside += kind != MUSTACHE_VALUE;
    if (inside > z->source.len)
        inside = z->source.len;
    const char *found = memmem(z->source.s + inside, z->source.len - inside, end, strlen(end));
    if (!found)
        return err_set(z->err, ERR_INPUT, "%s:%d: a tag without its closing \"%s\"", z->name, z->line, end);
    struct slice name =
        slice_trim((struct slice){z->source.s + inside, (size_t)(found - z->source.s) - inside});
    bool dynamic = kind == MUSTACHE_PARTIAL && name.len && name.s[0] == '*';
    if (dynamic)
        name = slice_trim((struct slice){name.s + 1, name.len - 1});
    struct mustache_token *k = token_add(z, kind, name, start);
    k->dynamic = dynamic;
    z->at = (size_t)(found - z->source.s) + strlen(end);
    for (size_t i = start; i < z->at; i++)
        z->line += z->source.s[i] == '\n';
    if (kind == MUSTACHE_DELIMITERS)
        return set_delimiters(z, name);
    return kind == MUSTACHE_COMMENT ? 0 : check_name(z, k);
}

static int cut(struct scanner *z)
{
    while (z->at < z->source.len) {
        const char *tag = memmem(z->source.s + z->at, z->source.len - z->at, z->open, strlen(z->open));
        add_text(z, tag ? (size_t)(tag - z->source.s) : z->source.len);
        if (tag && add_tag(z) < 0)
            return -1;
    }
    return 0;
}

static bool opens(const struct mustache_token *k)
{
    return k->kind == MUSTACHE_SECTION || k->kind == MUSTACHE_INVERTED || k->kind == MUSTACHE_PARENT ||
           k->kind == MUSTACHE_BLOCK;
}

static int pair(struct scanner *z)
{
    size_t open[MUSTACHE_MAX_NEST], depth = 0;
    for (size_t i = 0; i < z->tokens.n; i++) {
        struct mustache_token *k = &z->tokens.v[i];
        if (opens(k)) {
            if (depth == MUSTACHE_MAX_NEST)
                return err_set(z->err, ERR_INPUT, "%s:%d: sections are nested too deeply", z->name, k->line);
            k->argument = depth && z->tokens.v[open[depth - 1]].kind == MUSTACHE_PARENT;
            open[depth++] = i;
        } else if (k->kind == MUSTACHE_CLOSE) {
            struct mustache_token *o = depth ? &z->tokens.v[open[depth - 1]] : NULL;
            if (!o)
                return err_set(z->err, ERR_INPUT, "%s:%d: \"%.*s\" is closed but not open", z->name, k->line,
                               (int)k->text.len, k->text.s);
            if (!slice_same(o->text, k->text))
                return err_set(z->err, ERR_INPUT,
                               "%s:%d: \"%.*s\" is closed where \"%.*s\" of line %d is open", z->name,
                               k->line, (int)k->text.len, k->text.s, (int)o->text.len, o->text.s, o->line);
            k->pair = open[--depth];
            o->pair = i;
        }
    }
    if (!depth)
        return 0;
    const struct mustache_token *o = &z->tokens.v[open[depth - 1]];
    return err_set(z->err, ERR_INPUT, "%s:%d: \"%.*s\" is never closed", z->name, o->line, (int)o->text.len,
                   o->text.s);
}

static bool is_blank(const struct mustache_token *k)
{
    return k->kind == MUSTACHE_TEXT && slice_trim(k->text).len == 0;
}

/* Nothing but white space in front of the tag on its line; *indent_r, where wanted, is that text token or
 * NULL. */
static bool clear_before(struct mustache_tokens t, size_t i, struct mustache_token **indent_r)
{
    *indent_r = NULL;
    if (t.v[i].bol)
        return true;
    if (i == 0 || !t.v[i - 1].bol || !is_blank(&t.v[i - 1]) || t.v[i - 1].eol)
        return false;
    *indent_r = &t.v[i - 1];
    return true;
}

/* Nothing but white space behind the tag on its line; *rest_r is that text token, or NULL at the end of the
 * source. */
static bool clear_behind(struct mustache_tokens t, size_t i, struct mustache_token **rest_r)
{
    *rest_r = NULL;
    if (i + 1 == t.n)
        return true;
    if (!is_blank(&t.v[i + 1]) || !(t.v[i + 1].eol || i + 2 == t.n))
        return false;
    *rest_r = &t.v[i + 1];
    return true;
}

static struct slice take(struct mustache_token *k)
{
    struct slice was = k ? k->text : (struct slice){"", 0};
    if (k)
        k->text.len = 0;
    return was;
}

/* Takes the rest of the line out when the tag has it for itself. */
static bool stand_alone(struct mustache_tokens t, size_t i)
{
    struct mustache_token *indent, *rest;
    if (!clear_before(t, i, &indent) || !clear_behind(t, i, &rest))
        return false;
    t.v[i].indent = take(indent);
    take(rest);
    return t.v[i].standalone = true;
}

static struct slice blank_prefix(struct slice x)
{
    size_t n = 0;
    while (n < x.len && (x.s[n] == ' ' || x.s[n] == '\t'))
        n++;
    return (struct slice){x.s, n};
}

/* A block given to a parent: its content begins on the line behind the tag and loses the first line's
 * indentation. */
static void settle_argument(struct mustache_tokens t, size_t i)
{
    struct mustache_token *rest, *indent;
    size_t end = t.v[i].pair;
    if (clear_before(t, end, &indent))
        take(indent);
    if (!clear_behind(t, i, &rest))
        return;
    take(rest);
    t.v[i].own_lines = true;
    struct slice first = {"", 0};
    if (i + 2 < end && t.v[i + 2].kind == MUSTACHE_TEXT)
        first = blank_prefix(t.v[i + 2].text);
    for (size_t k = i + 2; k < end; k++) {
        struct slice *x = &t.v[k].text;
        if (t.v[k].kind != MUSTACHE_TEXT || !t.v[k].bol)
            continue;
        size_t n = 0;
        while (n < first.len && n < x->len && x->s[n] == first.s[n])
            n++;
        *x = (struct slice){x->s + n, x->len - n};
    }
}

/* A block as a place to fill: what fills it is indented as its default content is, or else as its tag. */
static void settle_place(struct mustache_tokens t, size_t i)
{
    struct mustache_token *indent, *behind, *k = &t.v[i];
    size_t end = k->pair;
    bool open_alone = stand_alone(t, i);
    if (open_alone && i + 2 < end && t.v[i + 2].kind == MUSTACHE_TEXT &&
        !(is_blank(&t.v[i + 2]) && i + 3 == end))
        k->indent = blank_prefix(t.v[i + 2].text);
    else if (!open_alone && clear_before(t, i, &indent)) {
        k->indent = take(indent);
        k->bol = true;
    }
    if (open_alone && stand_alone(t, end))
        k->own_lines = true;
    else
        k->chop = clear_behind(t, end, &behind) && behind && behind->eol && (k->bol || open_alone);
}

static void settle_parent(struct mustache_tokens t, size_t i)
{
    struct mustache_token *indent, *rest;
    if (!clear_before(t, i, &indent) || !clear_behind(t, t.v[i].pair, &rest))
        return;
    t.v[i].indent = take(indent);
    take(rest);
    t.v[i].standalone = true;
}

static void settle_lines(struct mustache_tokens t)
{
    for (size_t i = 0; i < t.n; i++) {
        const struct mustache_token *k = &t.v[i];
        enum mustache_kind opener = k->kind == MUSTACHE_CLOSE ? t.v[k->pair].kind : k->kind;
        if (k->kind == MUSTACHE_PARENT)
            settle_parent(t, i);
        else if (k->kind == MUSTACHE_BLOCK && k->argument)
            settle_argument(t, i);
        else if (k->kind == MUSTACHE_BLOCK)
            settle_place(t, i);
        else if (opener != MUSTACHE_TEXT && opener != MUSTACHE_VALUE && opener != MUSTACHE_RAW &&
                 opener != MUSTACHE_PARENT && opener != MUSTACHE_BLOCK)
            stand_alone(t, i);
    }
}

int mustache_scan(void *mem, const char *name, struct slice source, int first_line,
                  struct mustache_tokens *tokens_r, struct err *err)
{
    if (source.len > MUSTACHE_MAX_SOURCE)
        return err_set(err, ERR_INPUT, "%s: longer than %d bytes", name, MUSTACHE_MAX_SOURCE);
    struct scanner z = {
        .mem = mem, .name = name, .source = source, .line = first_line ? first_line : 1, .err = err};
    snprintf(z.open, sizeof z.open, "{{");
    snprintf(z.close, sizeof z.close, "}}");
    if (cut(&z) < 0 || pair(&z) < 0)
        return -1;
    settle_lines(z.tokens);
    *tokens_r = z.tokens;
    return 0;
}
