/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts out: as a spreadsheet that can be edited and comes back (reports/changes.h), or as vCards 4.0.
 *
 * The sheet is the register of contacts with all that an import understands.  Its first two columns are not
 * shown: the contact's UID, which never changes, and a digest of each cell as it was handed out, under a
 * title that says which export it is and in which language: "adresar 1 sq 17".
 */
#ifndef REPORTS_EXCHANGE_H
#define REPORTS_EXCHANGE_H

#include "base/conf.h"
#include "base/db.h"

struct exchange_query {
    const char *path;     /* .xlsx, .csv or .vcf */
    const char *question; /* what was asked for, in words; "": all */
    const char *group;    /* name of the group of all; NULL or "": none */
    const char *language; /* of a sheet; NULL: the office's */
    const char *made_by;
    bool groups; /* vcf: cards of groups too (crm/contact_card.h) */
    const int64_t *ids;
    size_t n;
};
struct exchange_result {
    int64_t id; /* of the export, as the store keeps it */
    int64_t contacts, cut;
};

/* ERR_USAGE for another ending.  The file is written whole or not at all, and the export is kept. */
int exchange_write(struct db *db, const struct conf *conf, const struct exchange_query *query,
                   struct exchange_result *result_r, struct err *err) MUST_CHECK;

#endif
