/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The registers that an office hands out, as .xlsx or .csv in a language of the office:
 *
 *     contacts   all contacts, with where each came from
 *     meetings   what took place
 *     letters    all correspondence, in and out, in the order of its dates
 *     mailing    each recipient of a mailing with outcome and answer; a second sheet has the sums
 *     event      the guest list of an event with the answers; a second sheet has the sums, a third whom to
 * telephone
 *
 * One register is one table of columns (register_table.c) and one statement (sql/query/register.sql); rows
 * stream from the server into the file.
 */
#ifndef REPORTS_REGISTER_H
#define REPORTS_REGISTER_H

#include "base/conf.h"
#include "base/db.h"

struct register_query {
    const char *name, *path;
    const char *language;   /* NULL: the office's */
    const char *from, *to;  /* days, both included; NULL: open */
    const char *department; /* its short name, NULL: all */
    int64_t mailing_id, event_id;
    const char
        *order; /* NULL, name: by the alphabet; precedence: by protocol, where the register is of contacts */
    const char *made_by;
};

struct register_result {
    int64_t rows; /* of the register itself */
    int64_t cut;  /* cells that were longer than a cell may be */
    int sheets;
    bool
        sums_agree; /* of a mailing or event: sums by state, sums by answer and number of rows are the same */
};

/* ERR_USAGE for a name, a file ending or a filter that the register does not have, ERR_NOTFOUND for a
 * mailing, event or department that is not there. */
int register_write(struct db *db, const struct conf *conf, const struct register_query *query,
                   struct register_result *result_r, struct err *err) MUST_CHECK;

#endif
