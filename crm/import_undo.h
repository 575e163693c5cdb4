/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * An import taken back.
 */
#ifndef CRM_IMPORT_UNDO_H
#define CRM_IMPORT_UNDO_H

#include "base/db.h"

struct import_undo {
    int64_t removed; /* contacts or meetings */
    struct import_kept {
        int64_t contact_id;
        const char *name;
        const char *sheet; /* NULL: none */
        int64_t row;       /* of the list; 0: an organisation that a row names */
        const char *why;   /* used: mail, answers or other contacts speak of it; merged: with another; changed: since the import;
                              organisation: of one that stays */
    } * kept;
    size_t nkept;
};

/* Takes an import back: what it made, added and changed.  Contacts that cannot go, and values that were
 * changed since, are ERR_CONFLICT and nothing is done (undo_r names them nevertheless); with keep_changed
 * they stay. */
int import_undo(void *mem, struct db *db, int64_t id, bool keep_changed, struct import_undo *undo_r,
                struct err *err) MUST_CHECK;

#endif
