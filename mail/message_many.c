/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Many messages with one statement, a column of values each.  Pieces other than the first need the id that
 * the store gives, so they wait for it.
 */
#include <stddef.h>

#include "base/db_send.h"
#include "mail/message_low.h"
#include "sql/message.h"

struct many {
    void *mem;
    struct message_new *const *m;
    size_t n;
    struct message_cut **rest; /* of each, all pieces but the first; NULL: there are none */
    bool has_rest;
};

/* ---- columns */

static const struct message_filing *filing_of(const struct message_new *m)
{
    static const struct message_filing not_judged = {.state = "new", .believed = true};
    return m->filing ? m->filing : &not_judged;
}

/* A text of each one's filing. */
static struct db_arg filed(const struct many *a, size_t offset)
{
    const char **v = talloc_array(a->mem, const char *, (unsigned)a->n);
    for (size_t i = 0; i < a->n; i++)
        memcpy(&v[i], (const char *)filing_of(a->m[i]) + offset, sizeof v[i]);
    return db_long_texts(a->mem, v, a->n);
}

#define FILED(a, field) filed(a, offsetof(struct message_filing, field))

struct of_message {
    struct db_arg identity, id, refers_to, size, bytes;
};
struct of_filing {
    struct db_arg date, believed, contact;
};

static struct of_message message_columns(struct many *a)
{
    const size_t n = a->n;
    const void **identity = talloc_array(a->mem, const void *, (unsigned)n);
    const void **bytes = talloc_array(a->mem, const void *, (unsigned)n);
    const char **id = talloc_array(a->mem, const char *, (unsigned)n);
    const char **refers_to = talloc_array(a->mem, const char *, (unsigned)n);
    size_t *digest_len = talloc_array(a->mem, size_t, (unsigned)n),
           *len = talloc_array(a->mem, size_t, (unsigned)n);
    int64_t *size = talloc_array(a->mem, int64_t, (unsigned)n);
    a->rest = talloc_array(a->mem, struct message_cut *, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        struct message_piece first;
        identity[i] = a->m[i]->identity;
        digest_len[i] = DIGEST_BYTES;
        id[i] = a->m[i]->rfc_message_id;
        refers_to[i] = a->m[i]->refers_to;
        size[i] = (int64_t)a->m[i]->len;
        a->rest[i] = message_cut_begin(a->mem, a->m[i]->raw, a->m[i]->len, NULL);
        must(message_cut_next(a->rest[i], &first, NULL) == 1);
        bytes[i] = first.bytes;
        len[i] = first.len;
        a->has_rest = a->has_rest || first.len < a->m[i]->len;
    }
    return (struct of_message){db_bytes_array(a->mem, identity, digest_len, n), db_long_texts(a->mem, id, n),
                               db_long_texts(a->mem, refers_to, n), db_ints(a->mem, size, n),
                               db_bytes_array(a->mem, bytes, len, n)};
}

static struct of_filing filing_columns(const struct many *a)
{
    int64_t *date = talloc_array(a->mem, int64_t, (unsigned)a->n),
            *contact = talloc_array(a->mem, int64_t, (unsigned)a->n);
    const char **believed = talloc_array(a->mem, const char *, (unsigned)a->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct message_filing *f = filing_of(a->m[i]);
        date[i] = f->date;
        contact[i] = f->contact_id;
        believed[i] = f->believed ? "true" : "false";
    }
    return (struct of_filing){db_ints(a->mem, date, a->n), db_long_texts(a->mem, believed, a->n),
                              db_ints(a->mem, contact, a->n)};
}

/* ---- */

static int add_all_rest(struct db *db, struct many *a, const struct db_rows *rows, struct err *err)
{
    for (int row = 0; row < db_rows_count(rows); row++)
        if (message_add_rest(db, db_get_int(rows, row, "id"), a->rest[db_get_int(rows, row, "n") - 1], err) <
            0)
            return -1;
    return 0;
}

int message_send_many(struct db *db, struct message_new *const *m, size_t n, struct db_rows **rows_r,
                      struct err *err)
{
    MEM_SCOPE(mem);
    struct many a = {.mem = mem, .m = m, .n = n};
    for (size_t i = 0; i < n; i++)
        if (message_know_letter(db, m[i]->rfc_message_id, m[i]->identity, err) < 0)
            return -1;
    struct of_message c = message_columns(&a);
    struct of_filing f = filing_columns(&a);
    if (db_send(db, rows_r, err, SQL_MESSAGE_ADD_MANY, c.identity, c.id, c.refers_to, c.size, c.bytes,
                FILED(&a, state), f.date, FILED(&a, from_address), FILED(&a, from_name), FILED(&a, subject),
                FILED(&a, class), FILED(&a, rule), FILED(&a, evidence), FILED(&a, facts),
                FILED(&a, reply_text), FILED(&a, why), FILED(&a, people), f.believed, f.contact,
                FILED(&a, proposal)) < 0)
        return -1;
    if (!a.has_rest)
        return 0;
    return db_settle(db, err) < 0 ? -1 : add_all_rest(db, &a, *rows_r, err);
}
