/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A multipart is cut by its boundary before what lies between is looked at, so an outer boundary ends an
 * inner multipart whose own is missing.  Depth and number are capped, so is the work: each level reads its
 * bytes once.
 */
#include "mail/wire/entity.h"

#include <strings.h>

#include "mail/wire/decode.h"
#include "mail/wire/words.h"

enum { BOUNDARY_MAX = 1000, DECODED_MAX = 100 << 20, LOOKED_MAX = 1000 << 20, SAME_DEPTH_MAX = 4 };

struct reading {
    void *mem;
    int left;       /* parts that may still be read */
    size_t decoded; /* bytes of messages that are encoded as a whole */
    size_t looked;  /* bytes in which parts were looked for, once a level */
    bool omitted;
};

static struct entity *read_entity(struct reading *r, const char *p, size_t len, const char *default_type,
                                  int depth);

/* ---- fields */

static void read_params(void *mem, const struct entity *e, const char *name, struct params *params_r)
{
    const struct field *f = fields_find(&e->fields, name);
    params_read(mem, f ? f->value : NULL, f ? f->value_len : 0, params_r);
}

char *entity_field(void *mem, const struct entity *e, const char *name)
{
    const struct field *f = fields_find(&e->fields, name);
    return f ? words_decode_range(mem, f->value, f->value_len, e->charset) : NULL;
}

static bool is_type(const char *word)
{
    const char *slash = strchr(word, '/');
    return slash && slash > word && slash[1] && !strpbrk(word, " ,@<>");
}

/* What is no type is text (RFC 2045 5.2), but for the obvious. */
static const char *type_meant(const struct entity *e, const char *default_type)
{
    const char *word = e->content_type.word;
    if (is_type(word))
        return word;
    if (!strncmp(word, "multipart", 9))
        return "multipart/mixed";
    return *word ? "text/plain" : default_type;
}

char *entity_encoding(void *mem, const struct entity *e)
{
    const struct field *f = fields_find(&e->fields, "Content-Transfer-Encoding");
    return f ? talloc_strndup(mem, f->value, f->value_len < 100 ? f->value_len : 100) : NULL;
}

/* ---- boundaries */

static bool is_blank(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n')
            return false;
    return true;
}

/* The line at p: a delimiter, the last one?  Blanks may stand behind it. */
static bool is_delimiter(const char *p, size_t left, const char *boundary, size_t boundary_len, bool *last_r)
{
    if (left < boundary_len + 2 || p[0] != '-' || p[1] != '-' || memcmp(p + 2, boundary, boundary_len))
        return false;
    p += boundary_len + 2;
    left -= boundary_len + 2;
    *last_r = left >= 2 && p[0] == '-' && p[1] == '-';
    size_t n = *last_r ? 2 : 0;
    while (n < left && (p[n] == ' ' || p[n] == '\t' || p[n] == '\r'))
        n++;
    return n == left || p[n] == '\n';
}

/* Where the next delimiter line from at on begins, or len. */
static size_t find_delimiter(const char *p, size_t len, size_t at, const char *boundary, bool *last_r)
{
    char line[BOUNDARY_MAX + 4] = "\n--";
    size_t boundary_len = strlen(boundary);
    must(boundary_len <= BOUNDARY_MAX);
    memcpy(line + 3, boundary, boundary_len);
    while (at < len) {
        if (is_delimiter(p + at, len - at, boundary, boundary_len, last_r))
            return at;
        const char *next = memmem(p + at, len - at, line, boundary_len + 3);
        if (!next)
            return len;
        at = (size_t)(next - p) + 1;
    }
    return len;
}

static size_t line_end(const char *p, size_t len, size_t at)
{
    const char *end = memchr(p + at, '\n', len - at);
    return end ? (size_t)(end - p) + 1 : len;
}

/* The line end before a delimiter belongs to it. */
static size_t without_line_end(const char *p, size_t begin, size_t end)
{
    if (end > begin && p[end - 1] == '\n')
        end--;
    if (end > begin && p[end - 1] == '\r')
        end--;
    return end;
}

/* The first line that may be a delimiter: fields stand behind it, and nothing before it, or it comes again.
 * NULL. */
static char *guess_boundary(void *mem, const char *p, size_t len)
{
    enum { TRIES = 20 };
    const char *next = len >= 2 && !memcmp(p, "--", 2) ? p : memmem(p, len, "\n--", 3);
    for (int i = 0; next && i < TRIES; i++) {
        size_t at = (size_t)(next - p) + (*next == '\n'), end = line_end(p, len, at); /* behind at */
        size_t n = without_line_end(p, at, end) - at;
        bool last = false;
        char *boundary = n > 2 && n < BOUNDARY_MAX ? talloc_strndup(mem, p + at + 2, n - 2) : NULL;
        bool first = i == 0 && at == strspn(p, "\r\n");
        if (boundary && len - end > 8 && !strncasecmp(p + end, "content-", 8) &&
            (first || find_delimiter(p, len, end, boundary, &last) < len))
            return boundary;
        next = memmem(p + end - 1, len - end + 1, "\n--", 3);
    }
    return NULL;
}

static bool is_boundary(const struct entity *e, const char *boundary)
{
    bool last;
    return strlen(boundary) <= BOUNDARY_MAX && find_delimiter(e->body, e->len, 0, boundary, &last) < e->len;
}

/* As declared, or its first word where a comment follows that is not marked as one, or what looks like one.
 */
static char *boundary_of(void *mem, const struct entity *e)
{
    const char *given = params_get(&e->content_type, "boundary");
    if (!given)
        return guess_boundary(mem, e->body, e->len);
    char *boundary = talloc_strdup(mem, given);
    size_t len = strlen(boundary);
    while (len && (boundary[len - 1] == ' ' || boundary[len - 1] == '\t'))
        boundary[--len] = 0;
    if (is_boundary(e, boundary))
        return boundary;
    boundary[strcspn(boundary, " \t")] = 0;
    return *boundary && is_boundary(e, boundary) ? boundary : guess_boundary(mem, e->body, e->len);
}

/* ---- the tree */

static void add_child(struct reading *r, struct entity *e, struct entity *child)
{
    if ((e->nchildren & (e->nchildren - 1)) == 0)
        e->child =
            talloc_realloc(r->mem, e->child, struct entity *, e->nchildren ? 2 * (unsigned)e->nchildren : 2);
    e->child[e->nchildren++] = child;
}

/* A part of a header alone, of a multipart with the same boundary: some clients know only one. */
static bool shares_boundary(struct reading *r, const char *p, size_t len, const char *boundary)
{
    enum { HEADER_MAX = 4096 };
    struct entity part = {0};
    if (!len || len > HEADER_MAX)
        return false;
    size_t header = fields_read(r->mem, p, len, &part.fields);
    read_params(r->mem, &part, "Content-Type", &part.content_type);
    const char *inner = params_get(&part.content_type, "boundary");
    return is_blank(p + header, len - header) && inner && !strcmp(inner, boundary) &&
           !strncmp(part.content_type.word, "multipart", 9);
}

/* Behind the part that begins there: before the next delimiter, or, where it shares the boundary, behind the
 * line that ends its own parts. */
static size_t part_end(struct reading *r, const struct entity *e, size_t begin, const char *boundary,
                       int depth, bool *last_r)
{
    size_t end = find_delimiter(e->body, e->len, begin, boundary, last_r);
    if (end >= e->len || *last_r || depth > SAME_DEPTH_MAX ||
        !shares_boundary(r, e->body + begin, end - begin, boundary))
        return end;
    while (end < e->len && !*last_r)
        end = find_delimiter(e->body, e->len, line_end(e->body, e->len, end), boundary, last_r);
    *last_r = false;
    return line_end(e->body, e->len, end < e->len ? end : e->len - 1);
}

static void read_parts(struct reading *r, struct entity *e, const char *boundary, int depth)
{
    const char *type = !strcmp(e->type, "multipart/digest") ? "message/rfc822" : "text/plain";
    bool last = false;
    for (size_t at = find_delimiter(e->body, e->len, 0, boundary, &last); at < e->len && !last;) {
        size_t begin = line_end(e->body, e->len, at);
        at = part_end(r, e, begin, boundary, depth, &last);
        if (r->left <= 0) {
            r->omitted = true;
            return;
        }
        size_t end = at < e->len ? without_line_end(e->body, begin, at) : e->len;
        if (end > begin || at > begin) /* between two delimiters, or behind the last, there may be nothing */
            add_child(r, e, read_entity(r, e->body + begin, end - begin, type, depth + 1));
        at = find_delimiter(e->body, e->len, at, boundary, &last);
    }
}

static struct entity *text_entity(struct reading *r, const char *p, size_t len)
{
    struct entity *e = talloc_zero(r->mem, struct entity);
    r->left--;
    params_read(r->mem, NULL, 0, &e->content_type);
    params_read(r->mem, NULL, 0, &e->disposition);
    e->type = "text/plain";
    e->body = p;
    e->len = len;
    return e;
}

/* Decodes the whole body: what should not be encoded is at times. */
static bool decode_body(struct reading *r, struct entity *e)
{
    size_t len;
    const char *body = decode_transfer(r->mem, entity_encoding(r->mem, e), e->body, e->len, &len);
    if (body == e->body || len > DECODED_MAX - r->decoded)
        return false;
    r->decoded += len;
    e->body = body;
    e->len = len;
    return true;
}

/* What stands in a multipart without any part is a text. */
static void read_multipart(struct reading *r, struct entity *e, int depth)
{
    e->kind = ENTITY_MULTIPART;
    const char *boundary = boundary_of(r->mem, e);
    if (!boundary && decode_body(r, e))
        boundary = boundary_of(r->mem, e);
    if (boundary)
        read_parts(r, e, boundary, depth);
    else if (!is_blank(e->body, e->len))
        add_child(r, e, text_entity(r, e->body, e->len));
}

static void read_message(struct reading *r, struct entity *e, int depth)
{
    if (r->left <= 0) {
        r->omitted = true;
        return;
    }
    decode_body(r, e);
    e->kind = ENTITY_MESSAGE;
    add_child(r, e, read_entity(r, e->body, e->len, "text/plain", depth + 1));
}

static bool is_message(const char *type)
{
    static const char *const types[] = {"message/rfc822", "message/global", "message/news"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (!strcmp(type, types[i]))
            return true;
    return false;
}

static struct entity *read_entity(struct reading *r, const char *p, size_t len, const char *default_type,
                                  int depth)
{
    struct entity *e = talloc_zero(r->mem, struct entity);
    r->left--;
    size_t header = fields_read(r->mem, p, len, &e->fields);
    e->body = p + header;
    e->len = len - header;
    read_params(r->mem, e, "Content-Type", &e->content_type);
    read_params(r->mem, e, "Content-Disposition", &e->disposition);
    e->type = type_meant(e, default_type);
    e->charset = params_text(r->mem, &e->content_type, "charset", NULL);
    bool multipart = !strncmp(e->type, "multipart/", 10);
    if (!multipart && !is_message(e->type))
        return e;
    r->looked += e->len;
    if (depth >= ENTITY_DEPTH_MAX || r->looked > LOOKED_MAX)
        r->omitted = true;
    else if (multipart)
        read_multipart(r, e, depth);
    else
        read_message(r, e, depth);
    return e;
}

/* Files of old Macs end their lines with CR alone. */
static const char *with_line_feeds(void *mem, const char *mail, size_t len)
{
    if (memchr(mail, '\n', len) || !memchr(mail, '\r', len))
        return mail;
    char *copy = talloc_memdup(mem, mail, len);
    for (size_t i = 0; i < len; i++)
        if (copy[i] == '\r')
            copy[i] = '\n';
    return copy;
}

struct entity *entity_read(void *mem, const char *mail, size_t len, bool *omitted_r)
{
    struct reading r = {.mem = mem, .left = ENTITY_PARTS_MAX};
    struct entity *root = read_entity(&r, with_line_feeds(mem, mail, len), len, "text/plain", 0);
    *omitted_r = r.omitted;
    return root;
}

/* ---- what a part is */

const char *entity_content(void *mem, const struct entity *e, size_t *len_r)
{
    if (e->kind != ENTITY_LEAF) {
        *len_r = e->len;
        return e->body;
    }
    return decode_transfer(mem, entity_encoding(mem, e), e->body, e->len, len_r);
}

char *entity_filename(void *mem, const struct entity *e)
{
    char *name = params_text(mem, &e->disposition, "filename", e->charset);
    return name && *name ? name : params_text(mem, &e->content_type, "name", e->charset);
}

bool entity_is_attachment(const struct entity *e)
{
    return !strcmp(e->disposition.word, "attachment");
}
