/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list of contacts that went out (reports/exchange.h), was edited, and comes back: what differs, cell by
 * cell.
 *
 * Three values are compared: the cell in the list, its digest as it was handed out, and what the store has
 * now.
 *
 *     ready     edited in the list, and not changed in the store since
 *     conflict  edited in the list, and changed in the store since: a person decides
 *     fixed     edited, but not a thing that a list changes: reason says what does
 *     removed   the row is not in the list any more; nothing is ever deleted for that
 *     new       a row without UID: contact import takes it
 *     unknown   the UID is no contact's, or no contact's that the user may see
 *
 * Columns may be moved, hidden or deleted, and rows sorted; a column that is not there changes nothing.
 */
#ifndef REPORTS_CHANGES_H
#define REPORTS_CHANGES_H

#include "base/cage.h"
#include "base/conf.h"
#include "base/db.h"

enum { CHANGES_MAX_BYTES = 64 << 20 };

enum change_class { CHANGE_READY, CHANGE_CONFLICT, CHANGE_FIXED, CHANGE_REMOVED, CHANGE_NEW, CHANGE_UNKNOWN };
const char *change_class_name(enum change_class class);

struct change {
    enum change_class class;
    long row;              /* of the list, as the list's program counts; 0: it is not there */
    int64_t contact;       /* 0: none */
    const char *name;      /* of the contact, or what the row says of it */
    const char *field;     /* of the register, NULL: the whole row */
    const char *title;     /* of its column */
    const char *from, *to; /* in the store now; in the list */
    const char *reason;    /* a text of the catalogue, or "" */
};
struct changes {
    struct change *change; /* by row, then column */
    size_t n;
    long rows;            /* of the list */
    const char *language; /* of its titles and words */
};

/* ERR_INPUT for a list that is no export. The cage is for .xlsx. With DB_WRITE, within a transaction, the
 * contacts stay as they are until its end. */
int changes_read(void *mem, struct db *db, const struct conf *conf, struct cage *cage, const char *path,
                 enum db_mode mode, struct changes *changes_r, struct err *err) MUST_CHECK;

/* Makes the ready ones, of these rows alone (nrows 0: of all), in one transaction: all of them or none, by
 * the functions of crm/contact.h.  An error says row and column. */
int changes_approve(struct db *db, const struct conf *conf, const struct changes *changes, const long *rows,
                    size_t nrows, size_t *applied_r, struct err *err) MUST_CHECK;

#endif
