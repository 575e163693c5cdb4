/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The commit of promise 1, for many messages at once: each column is an array.
 */
#include "base/log.h"
#include "mail/outbox.h"
#include "sql/outbox.h"

static const char *or_null(const char *s)
{
    return s && *s ? s : NULL;
}

/* A column of texts or numbers of v[i]. */
#define TEXTS(mem, n, i, expression)                                                                         \
    ({                                                                                                       \
        const char **column_ = talloc_array(mem, const char *, (unsigned)(n));                               \
        for (size_t i = 0; i < (n); i++)                                                                     \
            column_[i] = (expression);                                                                       \
        db_texts(mem, column_, n);                                                                           \
    })
#define INTS(mem, n, i, expression)                                                                          \
    ({                                                                                                       \
        int64_t *column_ = talloc_array(mem, int64_t, (unsigned)(n));                                        \
        for (size_t i = 0; i < (n); i++)                                                                     \
            column_[i] = (expression);                                                                       \
        db_ints(mem, column_, n);                                                                            \
    })
/* Bytes; the pointer is NULL where the content is kept already. */
#define BYTES(mem, n, i, expression, length)                                                                 \
    ({                                                                                                       \
        const void **column_ = talloc_array(mem, const void *, (unsigned)(n));                               \
        size_t *len_ = talloc_array(mem, size_t, (unsigned)(n));                                             \
        for (size_t i = 0; i < (n); i++) {                                                                   \
            column_[i] = (expression);                                                                       \
            len_[i] = (length);                                                                              \
        }                                                                                                    \
        db_bytes_array(mem, column_, len_, n);                                                               \
    })

/* The outcomes that somebody else was before of. */
static int tell_overtaken(struct db *db, int64_t worker, const struct outbox_outcome *const *o, size_t n,
                          struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int found = db_run(db, &rows, err, SQL_OUTBOX_OVERTAKEN, db_int(worker), INTS(mem, n, i, o[i]->row->id),
                       INTS(mem, n, i, o[i]->row->attempt), TEXTS(mem, n, i, o[i]->state));
    for (int i = 0; i < found; i++)
        log_warning("recipient %s was decided on (%s) by somebody else before the server's answer came",
                    db_get_str(rows, i, "id"), db_get_str(rows, i, "state"));
    return found < 0 ? -1 : 0;
}

static struct db_arg mailings_of(void *mem, struct outbox_letter *const *l, size_t n)
{
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < count && id[k] != l[i]->row->mailing_id)
            k++;
        if (k == count)
            id[count++] = l[i]->row->mailing_id;
    }
    return db_ints(mem, id, count);
}

#define KEPT(i) (l[i]->row->message_id != 0)

int outbox_commit(struct db *db, int64_t worker, const struct outbox_outcome *const *o, size_t noutcome,
                  struct outbox_letter *const *l, size_t nletter, const int64_t *batch, size_t nbatch,
                  struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    must(noutcome <= OUTBOX_COMMIT_MAX && nletter <= OUTBOX_COMMIT_MAX);
    if (db_run(db, &rows, err, SQL_OUTBOX_COMMIT, db_int(worker), INTS(mem, noutcome, i, o[i]->row->id),
               INTS(mem, noutcome, i, o[i]->row->attempt), TEXTS(mem, noutcome, i, o[i]->state),
               TEXTS(mem, noutcome, i, or_null(o[i]->server)), TEXTS(mem, noutcome, i, o[i]->stage),
               INTS(mem, noutcome, i, o[i]->code), TEXTS(mem, noutcome, i, or_null(o[i]->enhanced)),
               TEXTS(mem, noutcome, i, or_null(o[i]->text)), INTS(mem, noutcome, i, o[i]->again_s),
               TEXTS(mem, noutcome, i, o[i]->attempt), INTS(mem, nletter, i, l[i]->row->id),
               INTS(mem, nletter, i, l[i]->row->attempt), INTS(mem, nletter, i, l[i]->row->message_id),
               TEXTS(mem, nletter, i, l[i]->content->rfc_message_id),
               TEXTS(mem, nletter, i, l[i]->content->subject ? l[i]->content->subject : ""),
               INTS(mem, nletter, i, l[i]->content->date),
               TEXTS(mem, nletter, i, l[i]->content->from_address),
               TEXTS(mem, nletter, i, l[i]->content->from_name),
               INTS(mem, nletter, i, (int64_t)l[i]->content->len),
               BYTES(mem, nletter, i, KEPT(i) ? NULL : l[i]->content->packed, l[i]->content->packed_len),
               INTS(mem, nletter, i, l[i]->content->base_id),
               BYTES(mem, nletter, i, KEPT(i) ? NULL : l[i]->content->sha256, sizeof l[i]->content->sha256),
               TEXTS(mem, nletter, i, l[i]->content->envelope_from),
               TEXTS(mem, nletter, i, l[i]->content->refers_to), INTS(mem, nletter, i, l[i]->row->batch_id),
               mailings_of(mem, l, nletter), db_ints(mem, batch, nbatch)) < 0)
        return -1;
    bool all = (size_t)db_get_int(rows, 0, "submitted") == nletter;
    for (size_t i = 0; i < nletter; i++)
        l[i]->submitted = all;
    if ((size_t)db_get_int(rows, 0, "settled") < noutcome && tell_overtaken(db, worker, o, noutcome, err) < 0)
        log_warning("%s", err->text); /* it is committed all the same */
    return all;
}

int outbox_submitted(struct db *db, int64_t worker, struct outbox_letter *const *l, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int found = db_run(db, &rows, err, SQL_OUTBOX_SUBMITTED, db_int(worker), INTS(mem, n, i, l[i]->row->id),
                       INTS(mem, n, i, l[i]->row->attempt));
    if (found < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        l[i]->submitted = false;
        for (int k = 0; k < found && !l[i]->submitted; k++)
            l[i]->submitted = db_get_int(rows, k, "id") == l[i]->row->id;
    }
    return 0;
}
