/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From a text in Markdown with tags to two templates without Markdown, one of HTML and one of plain text.
 *
 * Tags go first: each is replaced by a word of letters and digits that the text does not have, which Markdown
 * leaves alone wherever it may stand.  Then cmark runs, once for a language; then the words are looked for in
 * its tree, and those that stand where a value would be dangerous or a section would tear an element apart
 * are refused; then they become tags again, in both outputs.  So what a value holds is never read as
 * Markdown.
 *
 * The new tags have control characters for delimiters, which neither text nor values can bring along, and
 * carry the line they have in the template ("name@12"), so that an error, at whatever step, names the line
 * that a person can look at.
 */
#include "mail/template_low.h"

#include <strings.h>

#include "base/digest.h"
#include "base/markdown.h"
#include "base/mustache.h"
#include "base/unicode.h"

#define TAG_OPEN       "\x01"
#define TAG_CLOSE      "\x02"
#define SET_DELIMITERS "{{=" TAG_OPEN " " TAG_CLOSE "=}}\n"

enum { MAX_IMAGES = 20 };

struct compiler {
    void *mem;
    const char *name;
    struct mustache_tokens tokens;
    char word[16]; /* what every placeholder begins with */
    int *line_of;  /* of each line of the Markdown: the line of the template */
    size_t lines;
    struct fate *fate; /* of each token */
    struct template *t;
    struct err *err;
};

/* What became of a placeholder in the Markdown's tree. */
struct fate {
    const void *parent;
    size_t count;
};

static int refuse(struct compiler *c, int line, const char *name, const char *why)
{
    return err_set(c->err, ERR_INPUT, "%s:%d: {{%s}}: %s", c->name, line, name, why);
}

static int refuse_token(struct compiler *c, const struct mustache_token *k, const char *why)
{
    MEM_SCOPE(mem);
    static const char sigil[] = {
        [MUSTACHE_SECTION] = '#', [MUSTACHE_INVERTED] = '^',  [MUSTACHE_CLOSE] = '/',
        [MUSTACHE_RAW] = '&',     [MUSTACHE_PARTIAL] = '>',   [MUSTACHE_PARENT] = '<',
        [MUSTACHE_BLOCK] = '$',   [MUSTACHE_DELIMITERS] = '='};
    char mark[2] = {sigil[k->kind]};
    return refuse(c, k->line, talloc_asprintf(mem, "%s%.*s", mark, (int)k->text.len, k->text.s), why);
}

static bool is_section(const struct mustache_token *k)
{
    return k->kind == MUSTACHE_SECTION || k->kind == MUSTACHE_INVERTED || k->kind == MUSTACHE_CLOSE;
}

static bool is_tag(const struct mustache_token *k)
{
    return is_section(k) || k->kind == MUSTACHE_VALUE;
}

static int scan(struct compiler *c, const char *source, int first_line)
{
    struct slice whole = {source, strlen(source)};
    if (mustache_scan(c->mem, c->name, whole, first_line, &c->tokens, c->err) < 0)
        return -1;
    for (size_t i = 0; i < c->tokens.n; i++) {
        const struct mustache_token *k = &c->tokens.v[i];
        if (k->kind == MUSTACHE_RAW || k->kind == MUSTACHE_PARTIAL || k->kind == MUSTACHE_PARENT ||
            k->kind == MUSTACHE_BLOCK)
            return refuse_token(c, k, "a letter has only values and sections");
        if (is_tag(k) && memchr(k->text.s, '@', k->text.len))
            return refuse_token(c, k, "a name has no \"@\"");
    }
    return 0;
}

/* --- placeholders */

static void choose_word(struct compiler *c, const char *source)
{
    unsigned n = 0;
    do
        snprintf(c->word, sizeof c->word, "qj%uw", n++);
    while (strcasestr(source, c->word));
}

static void put(struct compiler *c, struct text *out, const char *s, size_t len, int line)
{
    for (size_t i = 0; i < len; i++) {
        if (!out->len || out->s[out->len - 1] == '\n') {
            c->line_of = talloc_realloc(c->mem, c->line_of, int, (unsigned)c->lines + 1);
            c->line_of[c->lines++] = line;
        }
        text_putc(out, s[i]);
    }
}

static int template_line(const struct compiler *c, int line)
{
    return line > 0 && (size_t)line <= c->lines ? c->line_of[line - 1] : 1;
}

/* A tag with a line for itself becomes a paragraph for itself. */
static const char *markdown_source(struct compiler *c)
{
    struct text out = text_new(c->mem);
    for (size_t i = 0; i < c->tokens.n; i++) {
        const struct mustache_token *k = &c->tokens.v[i];
        if (k->kind == MUSTACHE_TEXT)
            put(c, &out, k->text.s, k->text.len, k->line);
        if (!is_tag(k))
            continue;
        char placeholder[40];
        int len = snprintf(placeholder, sizeof placeholder, "%s%zuz", c->word, i);
        if (k->standalone) {
            put(c, &out, "\n", 1, k->line);
            put(c, &out, k->indent.s, k->indent.len, k->line);
        }
        put(c, &out, placeholder, (size_t)len, k->line);
        if (k->standalone)
            put(c, &out, "\n\n", 2, k->line);
    }
    return out.s;
}

/* The token whose placeholder begins here, and where it ends. */
static const struct mustache_token *placeholder_at(const struct compiler *c, const char *s,
                                                   const char **end_r)
{
    size_t len = strlen(c->word);
    if (strncmp(s, c->word, len))
        return NULL;
    char *end;
    size_t i = strtoul(s + len, &end, 10);
    if (end == s + len || *end != 'z' || i >= c->tokens.n)
        return NULL;
    *end_r = end + 1;
    return &c->tokens.v[i];
}

static const char *next_placeholder(const struct compiler *c, const char *s,
                                    const struct mustache_token **k_r, const char **end_r)
{
    for (s = strstr(s, c->word); s; s = strstr(s + 1, c->word)) {
        *k_r = placeholder_at(c, s, end_r);
        if (*k_r)
            return s;
    }
    return NULL;
}

/* Nothing but section tags. */
static bool is_mark(void *ctx, const char *text)
{
    const char *s = text;
    while (*s) {
        const struct mustache_token *k = *s == ' ' ? NULL : placeholder_at(ctx, s, &s);
        if (*s == ' ')
            s++;
        else if (!k || !is_section(k))
            return false;
    }
    return s != text;
}

/* --- where they ended up */

static int check_value_url(struct compiler *c, const struct mustache_token *k, const char *text,
                           const char *from, const char *end)
{
    bool named = k->text.len >= 3 && !strncasecmp(k->text.s + k->text.len - 3, "url", 3);
    if (k->kind != MUSTACHE_VALUE || from != text || *end || !named)
        return refuse_token(c, k,
                            "in a link's destination stands one value alone, whose name ends in \"url\"");
    return 0;
}

static int check_spot(void *ctx, const struct markdown_spot *spot)
{
    struct compiler *c = ctx;
    const struct mustache_token *k;
    const char *end;
    int line = template_line(c, spot->line);
    if (spot->place == MARKDOWN_IN_HTML)
        return err_set(c->err, ERR_INPUT, "%s:%d: HTML in a letter (write \\< for the letter <)", c->name,
                       line);
    for (const char *s = next_placeholder(c, spot->text, &k, &end); s;
         s = next_placeholder(c, end, &k, &end)) {
        struct fate *fate = &c->fate[k - c->tokens.v];
        fate->parent = spot->parent;
        fate->count++;
        if (spot->place == MARKDOWN_IN_ATTRIBUTE)
            return refuse_token(c, k, "stands in a title, an image or a code block's name");
        if (spot->place == MARKDOWN_IN_URL && check_value_url(c, k, spot->text, s, end) < 0)
            return -1;
    }
    return 0;
}

static int check_places(struct compiler *c, const struct markdown *doc)
{
    c->fate = talloc_zero_array(c->mem, struct fate, (unsigned)c->tokens.n + 1);
    if (markdown_each_spot(doc, check_spot, c) < 0)
        return -1;
    for (size_t i = 0; i < c->tokens.n; i++) {
        const struct mustache_token *k = &c->tokens.v[i];
        const struct fate *fate = &c->fate[i];
        if (is_tag(k) && fate->count == 0)
            return refuse_token(c, k, "stands where Markdown does not show it");
        if (is_section(k) && fate->count > 1)
            return refuse_token(c, k, "a section in a link that is used more than once");
        if (k->kind == MUSTACHE_CLOSE && fate->parent != c->fate[k->pair].parent)
            return refuse_token(c, k, "closes in another paragraph, item or emphasis than it was opened in");
    }
    return 0;
}

/* --- pictures */

/* The same for the same picture in two texts of one message. */
static char *content_id(void *mem, const char *file)
{
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(file, strlen(file), sum);
    return talloc_asprintf(mem, "%02x%02x%02x%02x%02x%02x@letter", sum[0], sum[1], sum[2], sum[3], sum[4],
                           sum[5]);
}

/* A file beside the text becomes a part of the message.  What a program fetches tells who reads, and when. */
static const char *image_url(void *ctx, const char *url, int line)
{
    struct compiler *c = ctx;
    struct template *t = c->t;
    size_t n = 0;
    if (!*url || *url == '/' || strchr(url, ':') || strstr(url, "..")) {
        err_set(c->err, ERR_INPUT, "%s:%d: a picture is a file beside the text, not \"%s\"", c->name,
                template_line(c, line), url);
        return NULL;
    }
    while (t->images[n].file && strcmp(t->images[n].file, url) != 0)
        n++;
    if (!t->images[n].file) {
        if (n == MAX_IMAGES) {
            err_set(c->err, ERR_INPUT, "%s:%d: more than %d pictures", c->name, template_line(c, line),
                    MAX_IMAGES);
            return NULL;
        }
        t->images[n].file = talloc_strdup(t, url);
        t->images[n].content_id = content_id(t, url);
    }
    return talloc_asprintf(c->mem, "cid:%s", t->images[n].content_id);
}

const struct template_image *template_images(const struct template *t)
{
    return t->images;
}

/* --- tags again */

static const char *with_tags(struct compiler *c, const char *s)
{
    struct text out = text_new(c->mem);
    const struct mustache_token *k;
    const char *end, *at;
    text_puts(&out, SET_DELIMITERS);
    while ((at = next_placeholder(c, s, &k, &end))) {
        const char *sigil = k->kind == MUSTACHE_SECTION    ? "#"
                            : k->kind == MUSTACHE_INVERTED ? "^"
                            : k->kind == MUSTACHE_CLOSE    ? "/"
                                                           : "";
        int line = k->kind == MUSTACHE_CLOSE ? c->tokens.v[k->pair].line : k->line;
        text_add(&out, s, (size_t)(at - s));
        text_printf(&out, TAG_OPEN "%s%.*s@%d" TAG_CLOSE, sigil, (int)k->text.len, k->text.s, line);
        s = end;
    }
    text_puts(&out, s);
    return out.s;
}

static int compile_body(struct compiler *c, const struct template_text *text, struct template *t)
{
    static const struct mustache_options html = {
        .escape = MUSTACHE_HTML, .strict = true, .page = true, .lines_in_names = true};
    static const struct mustache_options plain = {
        .escape = MUSTACHE_LINE, .strict = true, .lines_in_names = true};
    struct markdown *doc;
    struct err why = {0};
    int line;
    if (!text->body[strspn(text->body, " \t\r\n")])
        return err_set(c->err, ERR_INPUT, "%s:%d: the letter has no text", c->name, text->body_line);
    if (scan(c, text->body, text->body_line) < 0)
        return -1;
    choose_word(c, text->body);
    const char *source = markdown_source(c);
    if (markdown_parse(c->mem, source, strlen(source), &doc, &line, &why) < 0)
        return err_set(c->err, ERR_INPUT, "%s:%d: %s", c->name, template_line(c, line), why.text);
    markdown_free_marks(doc, is_mark, c);
    if (check_places(c, doc) < 0 || markdown_each_image(doc, image_url, c) < 0)
        return -1;
    const char *as_html = with_tags(c, markdown_html(c->mem, doc));
    const char *as_text = with_tags(c, markdown_text(c->mem, doc));
    if (mustache_parse(t, c->name, as_html, strlen(as_html), &html, &t->html, c->err) < 0)
        return -1;
    return mustache_parse(t, c->name, as_text, strlen(as_text), &plain, &t->text, c->err);
}

static int compile_subject(struct compiler *c, const struct template_text *text, struct template *t)
{
    const struct mustache_options options = {
        .escape = MUSTACHE_LINE, .strict = true, .first_line = text->subject_line};
    if (!unicode_valid_utf8(text->subject, strlen(text->subject)))
        return err_set(c->err, ERR_INPUT, "%s:%d: the subject is not UTF-8", c->name, text->subject_line);
    if (scan(c, text->subject, text->subject_line) < 0)
        return -1;
    for (const char *s = text->subject; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 127)
            return err_set(c->err, ERR_INPUT, "%s:%d: a control character in the subject", c->name,
                           text->subject_line);
    return mustache_parse(t, c->name, text->subject, strlen(text->subject), &options, &t->subject, c->err);
}

/* --- the layout */

/* Of a language without words of its own: English. */
static json_t *layout_words(const char *language)
{
    static const struct {
        const char *language, *unsubscribe;
    } table[] = {
        {"sq", "Çregjistrohuni nga këto mesazhe"}, {"sr-Cyrl", "Одјавите се са ових порука"},
        {"sr", "Odjavite se sa ovih poruka"},      {"de", "Diese Nachrichten abbestellen"},
        {"pl", "Wypisz się z tych wiadomości"},    {"en", "Unsubscribe from these messages"},
    };
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(table) &&
           strncasecmp(language, table[i].language, strlen(table[i].language)) != 0)
        i++;
    return json_pack("{s:s, s:{s:s}}", "lang", language, "words", "unsubscribe", table[i].unsubscribe);
}

static int words_release(struct template *t)
{
    json_decref(t->words);
    return 0;
}

/* --- the whole */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_values(struct template *t, struct mustache_tokens tokens)
{
    size_t n = 0;
    while (t->values && t->values[n])
        n++;
    t->values = talloc_realloc(t, t->values, const char *, (unsigned)(n + tokens.n + 1));
    for (size_t i = 0; i < tokens.n; i++)
        if (is_tag(&tokens.v[i]) && tokens.v[i].kind != MUSTACHE_CLOSE)
            t->values[n++] = talloc_strndup(t, tokens.v[i].text.s, tokens.v[i].text.len);
    qsort(t->values, n, sizeof *t->values, by_name);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(t->values[kept - 1], t->values[i]) != 0)
            t->values[kept++] = t->values[i];
    t->values[kept] = NULL;
}

int template_compile(void *mem, const struct template_text *text, struct template **template_r,
                     struct err *err)
{
    MEM_SCOPE(scratch);
    struct template *t = talloc_zero(scratch, struct template);
    struct compiler c = {.mem = scratch, .name = text->name, .t = t, .err = err};
    t->images = talloc_zero_array(t, struct template_image, MAX_IMAGES + 1);
    t->language = talloc_strdup(t, text->language);
    t->words = layout_words(text->language);
    talloc_set_destructor(t, words_release);
    if (compile_subject(&c, text, t) < 0)
        return -1;
    add_values(t, c.tokens);
    if (compile_body(&c, text, t) < 0)
        return -1;
    add_values(t, c.tokens);
    if (template_layout(t, "mail/layout/letter.html.mustache", MUSTACHE_HTML, &t->html_layout, err) < 0 ||
        template_layout(t, "mail/layout/letter.txt.mustache", MUSTACHE_LINE, &t->text_layout, err) < 0)
        return -1;
    *template_r = talloc_steal(mem, t);
    return 0;
}

const char *const *template_values(const struct template *t)
{
    return t->values;
}
