/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/post.h"

#include "base/unicode.h"
#include "sql/post.h"

static int find_free(struct db *db, int64_t organisation, const char *name, int64_t *post_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_POST_FIND_FREE, db_int(organisation), db_text(name));
    if (n == 0) /* none, or it has a holder: another post of the name */
        n = db_run(db, &rows, err, SQL_POST_ADD, db_int(organisation), db_text(name));
    if (n < 0)
        return -1;
    *post_r = db_get_int(rows, 0, "id");
    return 0;
}

int post_take(struct db *db, int64_t organisation, const char *name, int64_t holder, struct err *err)
{
    int64_t post;
    const struct db_arg at = db_int(organisation);
    int ended = db_run(db, NULL, err, SQL_POST_END_OTHERS, db_int(holder), at, db_text(name));
    int forgotten =
        ended < 0 ? -1 : db_run(db, NULL, err, SQL_POST_FORGET_OTHERS, db_int(holder), at, db_text(name));
    if (forgotten < 0)
        return -1;
    int n = db_run(db, NULL, err, SQL_POST_IS_HELD, db_int(holder), at, db_text(name));
    if (n != 0)
        return n < 0 ? -1 : 0;
    if (find_free(db, organisation, name, &post, err) < 0 ||
        db_run(db, NULL, err, SQL_POST_TERM_ADD, db_int(post), db_int(holder),
               db_text(ended || forgotten ? "today" : NULL)) < 0)
        return -1;
    return 0;
}

int post_list(struct db *db, const struct post_filter *filter, struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    const char *words = filter->organisation ? filter->organisation : "";
    return db_run(db, rows_r, err, SQL_POST_LIST, db_text(unicode_fold(mem, words)), db_bool(filter->vacant));
}

static int get(struct db *db, int64_t post, struct db_rows **rows_r, struct err *err)
{
    int n = db_run(db, rows_r, err, SQL_POST_GET, db_int(post));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no post %lld; `adresar post list` has their numbers",
                       (long long)post);
    return n < 0 ? -1 : 0;
}

int post_find_holder(struct db *db, int64_t post, int64_t *holder_r, struct err *err)
{
    DB_ROWS there = NULL;
    DB_ROWS rows = NULL;
    if (get(db, post, &there, err) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_POST_HOLDER, db_int(post));
    *holder_r = n == 1 ? db_get_int(rows, 0, "holder_id") : 0;
    return n;
}
