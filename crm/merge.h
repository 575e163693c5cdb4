/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Two contacts become one, and two again.
 *
 * The survivor gets what it did not have: empty fields are filled, lists (names, addresses, phones, posts,
 * people, categories, languages, notes) are united, and each row of the store that refers to the other refers
 * to it from then on, whatever the table.  The other stays as a row that leads to the survivor: its number is
 * understood everywhere, its history is part of the survivor's.
 *
 * The ledger of what was sent says nothing new: a recipient's row goes along with all that it says (address,
 * text, state).  Where both were recipients of one mailing, both rows stay, each of its own contact: two were
 * promised one letter each; if the other one's still waits, it is excluded with the reason "merged",
 * and stays so when the merge is undone: whether to write is a person's to say then.
 */
#ifndef CRM_MERGE_H
#define CRM_MERGE_H

#include "base/db.h"

struct merge_options {
    int64_t survivor;        /* 0: the older one */
    const char *const *take; /* fields whose value is the other's: columns of contact, or "name" */
    size_t ntake;
};

struct merge_conflict {
    const char *field, *kept, *dropped;
};
struct merge_report {
    int64_t id; /* of the merge */
    int64_t survivor, loser;
    struct merge_conflict *conflict; /* both said something, and not the same */
    size_t nconflict;
    struct merge_sum {
        const char *object; /* a table */
        int64_t moved, stays;
    } * sum; /* of unmerge: gone back; with the survivor, because it changed or came since */
    size_t nsum;
};

/* ERR_CONFLICT: a person and an organisation; merged already; told apart (duplicate_tell_apart). */
int merge_contacts(void *mem, struct db *db, int64_t a, int64_t b, const struct merge_options *options,
                   struct merge_report *report_r, struct err *err) MUST_CHECK;
/* Undoes the last merge of a contact: of the one given up, or of the one that stayed.  The pair is a proposal
 * again. */
int merge_undo(void *mem, struct db *db, int64_t id, struct merge_report *report_r,
               struct err *err) MUST_CHECK;

/* All proposals that are certain (crm/likeness.h); how many contacts went. */
int merge_certain(struct db *db, int64_t *merged_r, struct err *err) MUST_CHECK;

/* Which of the two was there first. */
int merge_older(struct db *db, int64_t a, int64_t b, int64_t *id_r, struct err *err) MUST_CHECK;

/* ERR_USAGE names the fields there are. */
int merge_check_field(struct db *db, const char *field, struct err *err) MUST_CHECK;

#endif
