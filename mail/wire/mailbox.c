/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The value is split as it stands, with each run of encoded words made one word without specials; names are
 * decoded then.  One pass without recursion: a colon begins a group, whatever it stands in.
 *
 * A name with a comma that is not quoted ("Doe, John <j@d.example>") looks like two mailboxes, the first
 * without an address; it is put in front of the next.
 */
#include "mail/wire/mailbox.h"

#include <ctype.h>

#include "mail/wire/charset.h"
#include "mail/wire/words.h"

enum { PART_MAX = 998, COMMENT_MAX = 300 };

struct mailbox {
    struct text phrase;  /* what stands before "<", quotation undone */
    struct text route;   /* what stands in "<>" */
    struct text comment; /* the last one */
    bool angle, quoted;
};

struct reading {
    void *mem;
    json_t *list;
    size_t max;
    struct mailbox box;
    struct text before; /* the phrases that had no address */
};

static void clear(struct text *t)
{
    t->len = 0;
    t->s[0] = 0;
}

static void begin(struct reading *r)
{
    clear(&r->box.phrase);
    clear(&r->box.route);
    clear(&r->box.comment);
    r->box.angle = r->box.quoted = false;
}

/* ---- tokens: each gives the place behind it */

/* To the quotation mark that ends it; what is not ended is no quotation.  Before "@" it is of the address and
 * stays quoted. */
static const char *read_quoted(struct mailbox *box, const char *p)
{
    size_t before = box->phrase.len;
    text_putc(&box->phrase, '"');
    const char *q = p + 1;
    for (; *q && *q != '"'; q++) {
        q += *q == '\\' && q[1];
        text_putc(&box->phrase, *q);
    }
    bool whole = *q == '"', local = whole && q[1] == '@';
    if (local) {
        text_putc(&box->phrase, '"');
        return q + 1;
    }
    size_t len = whole ? box->phrase.len - before - 1 : 0;
    memmove(box->phrase.s + before, box->phrase.s + before + 1, len);
    box->phrase.len = before + len;
    box->phrase.s[box->phrase.len] = 0;
    box->quoted = box->quoted || whole;
    return whole ? q + 1 : p + 1;
}

/* Behind the parenthesis that ends the comment at p; NULL where there is none soon. */
static const char *comment_end(const char *p)
{
    int depth = 1;
    for (const char *q = p + 1; *q && q - p < COMMENT_MAX; q++) {
        if (*q == '\\' && q[1])
            q++;
        else if ((depth += (*q == '(') - (*q == ')')) == 0)
            return q + 1;
    }
    return NULL;
}

/* Inner ones go along; what is not ended is a parenthesis in a name. */
static const char *read_comment(struct text *out, const char *p)
{
    const char *end = comment_end(p);
    if (!end)
        return p + 1;
    clear(out);
    for (p++; p < end - 1; p++) {
        p += *p == '\\';
        text_putc(out, *p);
    }
    return end;
}

/* Does the address end at the comma at p?  Routes of old begin with "@" and hold commas. */
static bool is_cut(const struct text *route, const char *p)
{
    return (*p == ',' || *p == ';') && *route->s != '@' && strchr(route->s, '@');
}

/* To ">" or to what no address has. */
static const char *read_angle(struct reading *r, const char *p)
{
    struct text *route = &r->box.route, comment = text_new(r->mem);
    r->box.angle = true;
    clear(route);
    for (p++; *p == '<' || *p == ' ';)
        p++;
    while (*p && *p != '>' && *p != '<' && !is_cut(route, p)) {
        const char *end = *p == '"' ? strchr(p + 1, '"') : NULL;
        if (end) {
            text_add(route, p, (size_t)(end + 1 - p));
            p = end + 1;
        } else if (*p == '(') {
            p = read_comment(&comment, p);
        } else {
            if (*p != ' ')
                text_putc(route, *p);
            p++;
        }
    }
    talloc_free(comment.s);
    while (*p == '>')
        p++;
    return p;
}

/* ---- one mailbox */

/* "@a,@b:c@d" of old, "mailto:c@d", 'c@d' in apostrophes. */
static const char *bare_address(void *mem, const char *route)
{
    const char *colon = *route == '@' ? strchr(route, ':') : NULL;
    if (colon)
        route = colon + 1;
    if (!strncasecmp(route, "mailto:", 7))
        route += 7;
    size_t len = strlen(route);
    if (len > 2 && *route == '\'' && route[len - 1] == '\'')
        return talloc_strndup(mem, route + 1, len - 2);
    return route;
}

/* Without the blanks around "@" and on both sides of dots, which RFC 822 let stand there. */
static char *without_blanks(void *mem, const char *phrase)
{
    struct text t = text_new(mem);
    for (const char *p = phrase; *p; p++) {
        bool at = p[1] == '@' || (p > phrase && p[-1] == '@');
        bool dot = (p[1] == '.' && p[2] == ' ') || (p > phrase + 1 && p[-1] == '.' && p[-2] == ' ');
        if (*p != ' ' || !(at || dot))
            text_putc(&t, *p);
    }
    return t.s;
}

/* The last word with an "@" is the address, what stands before it the name. */
static char *address_in(void *mem, struct text *phrase)
{
    char *s = without_blanks(mem, phrase->s), *at = strrchr(s, '@'), *word = at;
    if (!at)
        return NULL;
    if (word > s && word[-1] == '"')
        for (word--; word > s && word[-1] != '"';)
            word--;
    while (word > s && word[-1] != ' ')
        word--;
    char *address = talloc_strndup(mem, word, (size_t)(at - word) + strcspn(at, " "));
    clear(phrase);
    text_add(phrase, s, (size_t)(word - s));
    return address;
}

static void add(struct reading *r, const char *name, const char *address)
{
    MEM_SCOPE(mem);
    if (!*address || !strcmp(address, "@") || json_array_size(r->list) >= r->max)
        return;
    const char *decoded = words_decode(mem, name);
    if (strstr(address, "=?"))
        address = words_decode(mem, address);
    json_array_append_new(r->list, json_pack("[s, s]", charset_clean(mem, decoded, strlen(decoded), PART_MAX),
                                             charset_clean(mem, address, strlen(address), PART_MAX)));
}

/* Phrases without an address in front of one that is no mailbox with a name: users of the sender's machine.
 */
static void add_before(struct reading *r)
{
    MEM_SCOPE(mem);
    for (const char *p = r->before.s; *p;) {
        size_t len = strcspn(p, ",");
        const char *word = talloc_strndup(mem, p, len);
        if (!strpbrk(word, " \""))
            add(r, "", word);
        p += len + (p[len] == ',');
        p += strspn(p, " ");
    }
    clear(&r->before);
}

/* A field that is encoded as a whole: "=?utf-8?Q?A_B_<a=40b.example>?=". */
static bool add_encoded(struct reading *r)
{
    MEM_SCOPE(mem);
    const char *phrase = r->box.phrase.s;
    const char *decoded = strstr(phrase, "=?") ? words_decode(mem, phrase) : "";
    if (!strchr(decoded, '@') || strstr(decoded, "=?"))
        return false;
    mailbox_read(r->list, decoded, strlen(decoded), NULL, r->max);
    return true;
}

static void end_without_address(struct reading *r, bool more)
{
    const char *phrase = r->box.phrase.s;
    if (!*phrase || add_encoded(r))
        return;
    text_printf(&r->before, "%s%s", r->before.len ? ", " : "", phrase);
    if (!more)
        add_before(r);
}

/* more: a comma follows */
static void end_mailbox(struct reading *r, bool more)
{
    MEM_SCOPE(mem);
    struct mailbox *box = &r->box;
    while (box->phrase.len && box->phrase.s[box->phrase.len - 1] == ' ')
        box->phrase.s[--box->phrase.len] = 0;
    const char *address = box->angle ? box->route.s : address_in(mem, &box->phrase);
    if (!address) {
        end_without_address(r, more);
        return;
    }
    bool merge = box->angle && r->before.len;
    if (!merge)
        add_before(r);
    const char *name = merge             ? talloc_asprintf(mem, "%s, %s", r->before.s, box->phrase.s)
                       : box->phrase.len ? box->phrase.s
                                         : box->comment.s;
    add(r, name, bare_address(mem, address));
    clear(&r->before);
}

/* A blank between two words. */
static const char *read_atom(struct text *phrase, const char *p)
{
    if (*p != ' ' || (phrase->len && phrase->s[phrase->len - 1] != ' '))
        text_putc(phrase, *p);
    return p + 1;
}

/* Does another address come before the next comma? */
static bool is_mailbox(const char *p)
{
    for (size_t i = 0; i < COMMENT_MAX && p[i] && p[i] != ',' && p[i] != ';'; i++)
        if (p[i] == '@')
            return true;
    return false;
}

static const char *read_token(struct reading *r, const char *p)
{
    struct mailbox *box = &r->box;
    switch (*p) {
    case ',':
    case ';':
        end_mailbox(r, *p == ',');
        begin(r);
        return p + 1;
    case ':': /* the name of a group */
        if (strchr(box->phrase.s, '@') || box->angle)
            return read_atom(&box->phrase, p);
        begin(r);
        clear(&r->before);
        return p + 1;
    case '<':
        return read_angle(r, p);
    case '(':
        return read_comment(&box->comment, p);
    case '"':
        return read_quoted(box, p);
    default:
        if (box->angle && *p != ' ' && is_mailbox(p)) { /* a comma is missing */
            end_mailbox(r, true);
            begin(r);
        }
        return box->angle ? p + 1 : read_atom(&box->phrase, p);
    }
}

void mailbox_read(json_t *list, const char *value, size_t len, const char *charset, size_t max)
{
    MEM_SCOPE(mem);
    struct reading r = {.mem = mem, .list = list, .max = max, .before = text_new(mem)};
    r.box = (struct mailbox){.phrase = text_new(mem), .route = text_new(mem), .comment = text_new(mem)};
    const char *p = words_normalize(mem, value, len, charset);
    while (*p && json_array_size(list) < max)
        p = read_token(&r, p);
    end_mailbox(&r, false);
}
