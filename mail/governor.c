/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Who was written to lately: one query, for the check, for new drafts and for the release.
 */
#include "mail/preflight.h"

#include "sql/preflight.h"

static int lately(struct db *db, const struct conf *conf, int64_t mailing, struct db_rows **rows_r,
                  struct err *err)
{
    return db_run(db, rows_r, err, SQL_PREFLIGHT_LATELY, db_int(mailing), db_int(conf->office.days_between),
                  db_int(conf->office.per_month));
}

int governor_count(struct db *db, const struct conf *conf, int64_t mailing, int *n_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *n_r = lately(db, conf, mailing, &rows, err);
    return *n_r < 0 ? -1 : 0;
}

int governor_hold(struct db *db, const struct conf *conf, int64_t mailing, int *n_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int n = lately(db, conf, mailing, &rows, err);
    if (n < 0)
        return -1;
    int64_t *ids = talloc_array(mem, int64_t, (unsigned)n + 1);
    for (int i = 0; i < n; i++)
        ids[i] = db_get_int(rows, i, "outbox_id");
    *n_r = db_run(db, NULL, err, SQL_PREFLIGHT_HOLD, db_ints(mem, ids, (size_t)n),
                  db_text("written to lately by another mailing"));
    return *n_r < 0 ? -1 : 0;
}
