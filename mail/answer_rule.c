/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/answer_rule.h"

#include "sql/answer_rule.h"

int answer_rule_list(struct db *db, const char *time_zone, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_ANSWER_RULE_LIST, db_text(time_zone));
}

int answer_rule_find(struct db *db, const char *rule, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(db, &rows, err, SQL_ANSWER_RULE_FIND, db_text(rule));
    return rc == 1 ? (int)db_get_int(rows, 0, "confirmed") : rc;
}
