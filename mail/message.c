/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/message.h"

#include <strings.h>

#include "base/pack.h"
#include "mail/message_low.h"
#include "sql/message.h"

enum { HEADER_MAX = 1 << 20, MESSAGE_ID_MAX = 998, REFERS_MAX = 50 };

/* A mail in memory, or in a file of which a piece at a time is. */
struct content {
    const char *raw;
    const struct spool *spool;
    size_t len;
    const char *head; /* its begin, in which the header lies */
    size_t head_len;
    char *piece; /* MESSAGE_CHUNK_BYTES */
};

static int read_piece(const struct content *c, size_t at, const char **piece_r, size_t *len_r,
                      struct err *err)
{
    *len_r = c->len - at < MESSAGE_CHUNK_BYTES ? c->len - at : MESSAGE_CHUNK_BYTES;
    *piece_r = c->raw ? c->raw + at : c->piece;
    return c->raw ? 0 : spool_read(c->spool, at, c->piece, *len_r, err);
}

/* ---- header and body */

/* Where the line at p ends: behind its line feed, or at the end. */
static const char *line_end(const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p));
    return lf ? lf + 1 : end;
}

static bool line_is_empty(const char *p, const char *end)
{
    return p < end && (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n'));
}

/* The body begins behind the first empty line; a header without one has no body. */
static const char *body_of(const char *raw, const char *end)
{
    const char *p = raw;
    while (p < end && !line_is_empty(p, end))
        p = line_end(p, end);
    return p < end ? line_end(p, end) : end;
}

/* RFC 5322 2.2.3: what makes a fold is the line end alone, the blank behind it stays. */
static const char *field_end(const char *p, const char *end)
{
    p = line_end(p, end);
    while (p < end && (*p == ' ' || *p == '\t'))
        p = line_end(p, end);
    return p;
}

static bool field_is(const char *p, const char *end, const char *name, const char **value_r)
{
    size_t len = strlen(name);
    if ((size_t)(end - p) <= len || strncasecmp(p, name, len))
        return false;
    p += len;
    while (p < end && (*p == ' ' || *p == '\t')) /* RFC 5322 4.5: blanks before the colon, of old */
        p++;
    if (p == end || *p != ':')
        return false;
    *value_r = p + 1;
    return true;
}

static char *unfolded(void *mem, const char *p, const char *end)
{
    char *s = talloc_size(mem, (size_t)(end - p) + 1);
    size_t len = 0;
    for (; p < end; p++)
        if (*p != '\r' && *p != '\n' && *p)
            s[len++] = *p;
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
        len--;
    s[len] = 0;
    return s + strspn(s, " \t");
}

char *message_header(void *mem, const char *raw, size_t len, const char *name)
{
    const char *end = raw + len;
    for (const char *p = raw; p < end && !line_is_empty(p, end);) {
        const char *value, *next = field_end(p, end);
        if (field_is(p, next, name, &value))
            return unfolded(mem, value, next);
        p = next;
    }
    return NULL;
}

/* Bytes whose line ends become CRLF, as the last line's does; in pieces. */
struct lines {
    struct digest *digest;
    char last; /* of the bytes before; 0: there were none */
};

/* Lines that end as they should go together. */
static void digest_lines(struct lines *l, const char *bytes, size_t len)
{
    const char *from = bytes, *end = bytes + len;
    for (const char *p = bytes, *lf; p < end && (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1) {
        if ((lf > bytes ? lf[-1] : l->last) == '\r')
            continue;
        digest_add(l->digest, from, (size_t)(lf - from));
        digest_add(l->digest, "\r\n", 2);
        from = lf + 1;
    }
    digest_add(l->digest, from, (size_t)(end - from));
    l->last = end[-1];
}

static void digest_last_line(struct lines *l)
{
    if (l->last == '\r')
        digest_add(l->digest, "\n", 1);
    else if (l->last && l->last != '\n')
        digest_add(l->digest, "\r\n", 2);
}

/* What has none of the fields and no body is told apart by all that it has. */
static int identity_of(const struct content *c, unsigned char identity[DIGEST_BYTES], struct err *err)
{
    static const char *const field[] = {"Message-ID", "Date", "From", "To", "Subject"};
    MEM_SCOPE(mem);
    struct lines body = {.digest = digest_new(mem)};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(field); i++) {
        const char *value = message_header(mem, c->head, c->head_len, field[i]);
        if (value)
            digest_add(body.digest, value, strlen(value));
        digest_add(body.digest, "\n", 1);
        any = any || value;
    }
    const char *piece;
    size_t at = (size_t)(body_of(c->head, c->head + c->head_len) - c->head), len;
    if (!any && at == c->len)
        at = 0;
    for (; at < c->len; at += len) {
        if (read_piece(c, at, &piece, &len, err) < 0)
            return -1;
        digest_lines(&body, piece, len);
    }
    digest_last_line(&body);
    digest_end(body.digest, identity);
    return 0;
}

static struct content in_memory(const char *raw, size_t len)
{
    return (struct content){
        .raw = raw, .len = len, .head = raw, .head_len = len < HEADER_MAX ? len : HEADER_MAX};
}

static int in_file(void *mem, const struct spool *spool, struct content *c, struct err *err)
{
    size_t len = spool_size(spool), head_len = len < HEADER_MAX ? len : HEADER_MAX;
    char *head = talloc_size(mem, head_len + 1);
    *c = (struct content){.spool = spool,
                          .len = len,
                          .head = head,
                          .head_len = head_len,
                          .piece = talloc_size(mem, MESSAGE_CHUNK_BYTES)};
    return spool_read(spool, 0, head, head_len, err);
}

void message_identity(const char *raw, size_t len, unsigned char identity[DIGEST_BYTES])
{
    const struct content c = in_memory(raw, len);
    must(identity_of(&c, identity, NULL) == 0);
}

int message_identity_spool(const struct spool *spool, unsigned char identity[DIGEST_BYTES], struct err *err)
{
    MEM_SCOPE(mem);
    struct content c;
    return in_file(mem, spool, &c, err) < 0 ? -1 : identity_of(&c, identity, err);
}

/* ---- store */

/* One that can be looked up again: <...> of printable ASCII. */
static bool is_id(const char *id, size_t len)
{
    if (len < 3 || len > MESSAGE_ID_MAX || id[0] != '<' || id[len - 1] != '>')
        return false;
    for (size_t i = 0; i < len; i++)
        if (id[i] <= ' ' || id[i] > '~')
            return false;
    return true;
}

/* The id as it stands in the header. */
static const char *own_message_id(void *mem, const char *raw, size_t len)
{
    const char *id = message_header(mem, raw, len, "Message-ID");
    return id && is_id(id, strlen(id)) ? id : NULL;
}

struct ids {
    const char *item[REFERS_MAX];
    size_t n;
};

static void add_id(struct ids *ids, const char *id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (!strcmp(ids->item[i], id))
            return;
    if (ids->n == REFERS_MAX) /* the oldest stays, it is what many have in common */
        ids->n--;
    ids->item[ids->n++] = id;
}

/* The ids of the value, the last one first. */
static void add_ids_backwards(void *mem, struct ids *ids, const char *value)
{
    for (const char *end = value + strlen(value); end > value;) {
        const char *close = memrchr(value, '>', (size_t)(end - value));
        const char *open = close ? memrchr(value, '<', (size_t)(close - value)) : NULL;
        if (!open)
            return;
        if (is_id(open, (size_t)(close - open) + 1))
            add_id(ids, talloc_strndup(mem, open, (size_t)(close - open) + 1));
        end = open;
    }
}

char *message_refers_to(void *mem, const char *raw, size_t len)
{
    static const char *const field[] = {"In-Reply-To", "References"};
    MEM_SCOPE(scratch);
    struct ids ids = {.n = 0};
    struct text all = text_new(mem);
    for (size_t i = 0; i < ARRAY_LEN(field); i++) {
        const char *value = message_header(scratch, raw, len, field[i]);
        if (value)
            add_ids_backwards(scratch, &ids, value);
    }
    for (size_t i = 0; i < ids.n; i++)
        text_printf(&all, "%s%s", i ? " " : "", ids.item[i]);
    return ids.n ? all.s : NULL;
}

/* A message that the store does not know; the rest of its pieces are to come. */
static int add(struct db *db, enum message_direction direction, const struct content *c,
               const struct message_meta *m, struct message_cut *pieces, int64_t *id_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    unsigned char identity[DIGEST_BYTES];
    struct message_piece first;
    if (identity_of(c, identity, err) < 0 || message_cut_next(pieces, &first, err) < 0)
        return -1;
    const char *id = m->rfc_message_id ? m->rfc_message_id : own_message_id(mem, c->head, c->head_len);
    if (message_know_letter(db, id, identity, err) < 0)
        return -1;
    int rc =
        db_run(db, &rows, err, SQL_MESSAGE_ADD, db_text(direction == MESSAGE_OUT ? "out" : "in"),
               db_bytes(identity, sizeof identity), db_text(id), db_int_or_null(m->date),
               db_text(m->from_address), db_text(m->from_name), db_text(m->subject), db_int((int64_t)c->len),
               db_int_or_null(m->contact_id), db_int_or_null(m->outbox_id), db_int_or_null(m->thread_id),
               db_bytes(first.bytes, first.len), db_text(message_refers_to(mem, c->head, c->head_len)));
    if (rc < 0)
        return -1;
    if (rc == 0 && db_run(db, &rows, err, SQL_MESSAGE_FIND_IDENTITY, db_bytes(identity, sizeof identity)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    return rc == 1 && db_get_bool(rows, 0, "added");
}

int message_add_rest(struct db *db, int64_t id, struct message_cut *pieces, struct err *err)
{
    struct message_piece p;
    int more;
    for (int64_t n = 1; (more = message_cut_next(pieces, &p, err)) > 0; n++) {
        struct db_arg of = db_int(id), at = db_int(n), bytes = db_bytes(p.bytes, p.len);
        if ((p.line ? db_run(db, NULL, err, SQL_MESSAGE_ADD_FILE, of, at, bytes, db_int(p.line))
                    : db_run(db, NULL, err, SQL_MESSAGE_ADD_CHUNK, of, at, bytes)) < 0)
            return -1;
    }
    return more;
}

static int store(struct db *db, enum message_direction direction, const struct content *c,
                 const struct message_meta *meta, int64_t *id_r, struct err *err)
{
    static const struct message_meta nothing;
    MEM_SCOPE(mem);
    struct message_cut *pieces = message_cut_begin(mem, c->raw, c->len, c->spool);
    int rc = add(db, direction, c, meta ? meta : &nothing, pieces, id_r, err);
    return rc == 1 && message_add_rest(db, *id_r, pieces, err) < 0 ? -1 : rc;
}

int message_store(struct db *db, enum message_direction direction, const char *raw, size_t len,
                  const struct message_meta *meta, int64_t *id_r, struct err *err)
{
    const struct content c = in_memory(raw, len);
    return store(db, direction, &c, meta, id_r, err);
}

int message_store_spool(struct db *db, enum message_direction direction, const struct spool *spool,
                        const struct message_meta *meta, int64_t *id_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct content c;
    return in_file(mem, spool, &c, err) < 0 ? -1 : store(db, direction, &c, meta, id_r, err);
}

void message_new_read(void *mem, struct message_new *m)
{
    message_identity(m->raw, m->len, m->identity);
    m->rfc_message_id = own_message_id(mem, m->raw, m->len);
    m->refers_to = message_refers_to(mem, m->raw, m->len);
}

struct loading {
    struct text bytes;
    bool packed;
};

static int take_chunk(void *context, struct db_rows *rows, struct err *err)
{
    struct loading *l = context;
    MEM_SCOPE(mem);
    size_t len;
    const char *bytes = db_get_bytes(mem, rows, 0, "bytes", &len);
    if (len > PACK_MAX_BYTES - l->bytes.len)
        return err_set(err, ERR_CONFLICT, "a message is too large");
    l->packed = db_get_bool(rows, 0, "packed");
    message_join(&l->bytes, bytes, len, (int)db_get_int_or(rows, 0, "line", 0));
    return 0;
}

/* What is kept packed stands upon a base, or upon nothing. */
static int unpack(void *mem, struct db *db, int64_t id, const struct text *frame, size_t len, char **raw_r,
                  struct err *err)
{
    MEM_SCOPE(scratch);
    DB_ROWS rows = NULL;
    size_t base_len = 0;
    int rc = db_run(db, &rows, err, SQL_MESSAGE_BASE, db_int(id));
    if (rc < 0)
        return -1;
    const char *base = rc ? db_get_bytes(scratch, rows, 0, "bytes", &base_len) : NULL;
    if (pack_open(mem, base, base_len, frame->s, frame->len, len, raw_r, err) < 0)
        return err_context(err, "message %lld", (long long)id);
    return 0;
}

int message_load(void *mem, struct db *db, int64_t id, char **raw_r, size_t *len_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(db, &rows, err, SQL_MESSAGE_SIZE, db_int(id));
    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOTFOUND, "there is no message %lld", (long long)id);
    struct loading l = {.bytes = text_new(mem)};
    if (db_each(db, take_chunk, &l, err, SQL_MESSAGE_CHUNKS, db_int(id)) < 0)
        return -1;
    *raw_r = l.bytes.s;
    *len_r = l.packed ? (size_t)db_get_int(rows, 0, "size") : l.bytes.len;
    if (!l.packed)
        return 0;
    rc = unpack(mem, db, id, &l.bytes, *len_r, raw_r, err);
    talloc_free(l.bytes.s);
    return rc;
}

static int spool_chunk(void *context, struct db_rows *rows, struct err *err)
{
    MEM_SCOPE(mem);
    size_t len;
    const char *bytes = db_get_bytes(mem, rows, 0, "bytes", &len);
    struct text joined = text_new(mem);
    must(!db_get_bool(rows, 0, "packed")); /* what came in is not */
    message_join(&joined, bytes, len, (int)db_get_int_or(rows, 0, "line", 0));
    return spool_add(context, joined.s, joined.len, err);
}

int message_load_spool(void *mem, struct db *db, int64_t id, struct spool **spool_r, struct err *err)
{
    if (spool_new(mem, spool_folder(), spool_r, err) < 0)
        return -1;
    if (db_each(db, spool_chunk, *spool_r, err, SQL_MESSAGE_CHUNKS, db_int(id)) == 0)
        return 0;
    talloc_free(*spool_r);
    return -1;
}
