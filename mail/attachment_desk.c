/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From the store into letters.  A mailing's files are asked for once a language and made into parts once
 * each; thousands of letters then have them without a question to the store.
 */
#include <time.h>

#include "mail/attachment.h"
#include "sql/attachment.h"

enum { FORGOTTEN_AFTER_S = 3600 };

struct kept_part {
    int64_t id; /* of mailing_attachment */
    const struct mime_part *part;
    struct kept_part *next;
};

/* What goes with the letters of a mailing in a language. */
struct kept_set {
    const char *language;
    const struct mime_part **part;
    size_t n;
    struct kept_set *next;
};

struct kept_mailing {
    int64_t mailing;
    bool personal;
    time_t asked;
    struct kept_part *parts;
    struct kept_set *sets;
    struct kept_mailing *next;
};

struct attachment_desk {
    struct kept_mailing *mailings;
};

struct attachment_desk *attachment_desk_new(void *mem)
{
    return talloc_zero(mem, struct attachment_desk);
}

static int make_part(void *mem, struct db *db, const struct db_rows *rows, int i,
                     const struct mime_part **part_r, struct err *err)
{
    MEM_SCOPE(scratch);
    DB_ROWS content = NULL;
    struct mime_file file = {.name = db_get_str(rows, i, "name"),
                             .type = db_get_str(rows, i, "type"),
                             .content_id = db_get_text(rows, i, "content_id")};
    if (db_run(db, &content, err, SQL_ATTACHMENT_BYTES, db_int(db_get_int(rows, i, "id"))) < 0)
        return -1;
    file.bytes = db_get_bytes(scratch, content, 0, "bytes", &file.len);
    return mime_part_make(mem, &file, part_r, err);
}

static int shared_part(struct kept_mailing *m, struct db *db, const struct db_rows *rows, int i,
                       const struct mime_part **part_r, struct err *err)
{
    int64_t id = db_get_int(rows, i, "id");
    for (struct kept_part *k = m->parts; k; k = k->next)
        if (k->id == id) {
            *part_r = k->part;
            return 0;
        }
    struct kept_part *k = talloc_zero(m, struct kept_part);
    if (make_part(k, db, rows, i, &k->part, err) < 0) {
        talloc_free(k);
        return -1;
    }
    k->id = id;
    k->next = m->parts;
    m->parts = k;
    *part_r = k->part;
    return 0;
}

static int find_set(struct kept_mailing *m, struct db *db, const char *language,
                    const struct kept_set **set_r, struct err *err)
{
    for (struct kept_set *s = m->sets; s; s = s->next)
        if (!strcmp(s->language, language)) {
            *set_r = s;
            return 0;
        }
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_ATTACHMENT_OF_LETTER, db_int(m->mailing), db_text(language));
    if (n < 0)
        return -1;
    struct kept_set *s = talloc_zero(m, struct kept_set);
    s->language = talloc_strdup(s, language);
    s->part = talloc_array(s, const struct mime_part *, (unsigned)n);
    s->n = (size_t)n;
    for (int i = 0; i < n; i++)
        if (shared_part(m, db, rows, i, &s->part[i], err) < 0) {
            talloc_free(s);
            return -1;
        }
    s->next = m->sets;
    m->sets = s;
    *set_r = s;
    return 0;
}

static void forget(struct attachment_desk *desk, time_t now)
{
    for (struct kept_mailing **at = &desk->mailings; *at;) {
        struct kept_mailing *m = *at;
        if (now - m->asked < FORGOTTEN_AFTER_S) {
            at = &m->next;
            continue;
        }
        *at = m->next;
        talloc_free(m);
    }
}

static int find_mailing(struct attachment_desk *desk, struct db *db, int64_t mailing,
                        struct kept_mailing **mailing_r, struct err *err)
{
    time_t now = time(NULL);
    struct kept_mailing *m = desk->mailings;
    while (m && m->mailing != mailing)
        m = m->next;
    if (!m) {
        forget(desk, now);
        m = talloc_zero(desk, struct kept_mailing);
        m->mailing = mailing;
        if (attachment_is_personal(db, mailing, &m->personal, err) < 0) {
            talloc_free(m);
            return -1;
        }
        m->next = desk->mailings;
        desk->mailings = m;
    }
    m->asked = now;
    *mailing_r = m;
    return 0;
}

int attachment_parts(void *mem, struct attachment_desk *desk, struct db *db, int64_t mailing, int64_t outbox,
                     const char *language, const struct mime_part *const **part_r, size_t *nparts_r,
                     struct err *err)
{
    DB_ROWS own = NULL;
    struct kept_mailing *m;
    const struct kept_set *set;
    if (find_mailing(desk, db, mailing, &m, err) < 0 || find_set(m, db, language, &set, err) < 0)
        return -1;
    *part_r = set->part;
    *nparts_r = set->n;
    if (!m->personal || !outbox)
        return 0;
    int n = db_run(db, &own, err, SQL_ATTACHMENT_OF_RECIPIENT, db_int(outbox));
    if (n < 0)
        return -1;
    const struct mime_part **part =
        talloc_array(mem, const struct mime_part *, (unsigned)(set->n + (size_t)n));
    memcpy(part, set->part, set->n * sizeof *part);
    for (int i = 0; i < n; i++)
        if (make_part(part, db, own, i, &part[set->n + (size_t)i], err) < 0)
            return -1;
    *part_r = part;
    *nparts_r = set->n + (size_t)n;
    return 0;
}
