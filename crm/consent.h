/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * On what ground somebody is written to.  A list is what people may be written to about (newsletter,
 * invitations ...), with its purpose and lawful basis (Regulation (EU) 2016/679, art. 6(1); Law 06/L-082 of
 * Kosovo, art. 5); each mailing is on one. What a contact says of a list, or of all bulk mail, is kept with
 * its proof: who recorded it, when and how they said it, on which form. The newest word counts, and one for a
 * list outdoes an older one for all. Nobody opts out of an official list. A list whose basis is consent goes
 * to those alone who gave it.
 *
 * Looked at when a mailing is released, and again when a letter is about to go out.
 */
#ifndef CRM_CONSENT_H
#define CRM_CONSENT_H

#include <jansson.h>

#include "base/db.h"

struct consent_list {
    const char *slug, *name, *purpose;
    const char
        *basis; /* consent, contract, legal-obligation, vital-interest, public-task, legitimate-interest */
    bool official;
};
/* The rows have the columns slug, name, purpose, basis, official. */
int consent_lists(struct db *db, struct db_rows **rows_r, struct err *err) MUST_CHECK;
int consent_list_add(struct db *db, const struct consent_list *list, struct err *err) MUST_CHECK;

struct consent_word {
    const char *list; /* NULL: all bulk mail, which can only be opted out of */
    bool given;
    const char *at;     /* when they said it: yyyy-mm-dd; NULL: now */
    const char *how;    /* form, letter, mail, phone, in-person, web, list */
    const char *form;   /* which form and version, or their words; NULL: none */
    int64_t message_id; /* the mail that they said it in; 0: none */
};
int consent_record(struct db *db, int64_t contact, const struct consent_word *word,
                   struct err *err) MUST_CHECK;

/* {"lists": [{"list", "purpose", "basis", "official", "may", "why"}], "words": [{"list": "*" for all,
 * "given", "at", "how", "form", "message", "by"}]}; the caller drops it. */
int consent_show(struct db *db, int64_t contact, json_t **consent_r, struct err *err) MUST_CHECK;

/* ---- erasure (art. 17) and retention (art. 5(1)(e)) */

/* Everything that is known of the contact goes, but what the office must keep: the ledger and letters of
 * official lists; of other mail that it was sent and what became of it.  The audit log keeps its entries and
 * their digests without the values.  By the head of a department or an administrator. */
int consent_erase(struct db *db, int64_t contact, const char *why, struct err *err) MUST_CHECK;

struct consent_retention {
    const char *category; /* NULL: any */
    const char *kind;     /* person, organisation; NULL: both */
    int months;           /* after the last that happened with a contact */
    const char *why;      /* the law, or the rule of the house */
};
/* The rows have the columns id, category, kind, months, why. */
int consent_retention_list(struct db *db, struct db_rows **rows_r, struct err *err) MUST_CHECK;
int consent_retention_add(struct db *db, const struct consent_retention *rule, int64_t *id_r,
                          struct err *err) MUST_CHECK;
int consent_retention_remove(struct db *db, int64_t id, struct err *err) MUST_CHECK;
/* Who is due under the rules, as a report that is kept; the rows have the columns contact_id, name, last,
 * months, why, erased.  id_r: its number, 0 and no rows where nobody is due. */
int consent_report_new(struct db *db, int64_t *id_r, struct db_rows **rows_r, struct err *err) MUST_CHECK;
int consent_report_show(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err) MUST_CHECK;
/* Erases those on the report with whom nothing happened since, each in a transaction of its own; somebody
 * else than who made the report.  The rest is left. */
int consent_report_erase(struct db *db, int64_t id, int *erased_r, int *left_r, struct err *err) MUST_CHECK;

#endif
