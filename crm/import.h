/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list of contacts comes in: one file, one transaction, whole or not at all.
 *
 *     ready     a new contact
 *     known     is there already: the same address with a name that agrees (as near as base/unicode.h's keys
 *               go, or initial and surname), or the same name and organisation with nothing against it;
 *               only what was missing is added to the contact
 *     check     a person should look (what crm/listrow.h says; an address that somebody of another name has;
 * a name that is nearly another's); was taken nevertheless refused   left out: what crm/listrow.h says
 *
 * Rows of one file are compared with each other as with the store.  A row of kind person is a person, who
 * works at the organisation; of kind organisation it is the organisation (to which the address belongs), and
 * the name is a person of it.  An organisation is found by the fold of its name, or made.  A position becomes
 * a post of the organisation; one holder a post.
 */
#ifndef CRM_IMPORT_H
#define CRM_IMPORT_H

#include "base/catalog.h"
#include "base/db.h"

enum { IMPORT_MAX_BYTES = 256 << 20 };

struct import_options {
    const char *file;
    const char *map_file;          /* NULL: columns that are called like a field */
    const char *department;        /* NULL: the user's own */
    const char *encoding;          /* NULL: found by itself */
    char delimiter;                /* 0: found by itself */
    const char *country;           /* ISO 3166, of phones without a country code */
    bool dry_run;                  /* everything but the end */
    bool strict;                   /* a refused row refuses the file */
    const struct catalog *catalog; /* of the reasons */
};

struct import_line {
    int64_t row, line; /* the record, the header being 1, and the line of the file that it begins on */
    const char *class, *reason;
};

struct import_report {
    int64_t id; /* 0: nothing was written */
    int64_t ready, known, check, refused;
    const char *encoding, *delimiter; /* as found or given */
    const char *department;
    struct import_line *lines; /* all but the ready ones */
    size_t n;
};

/* The report is a talloc child of mem.  A wrong file (encoding, delimiter, mapping, quotes) is ERR_INPUT.
 * With strict and a refused row nothing is written, and the report says which. */
int import_contacts(void *mem, struct db *db, const struct import_options *options,
                    struct import_report *report_r, struct err *err) MUST_CHECK;

struct import_undo {
    int64_t removed; /* contacts or meetings */
    struct import_kept {
        int64_t contact_id;
        const char *name;
        const char *why; /* used: mail, answers or other contacts speak of it; changed: since the import;
                            organisation: of one that stays */
    } * kept;
    size_t nkept;
};

/* Takes an import back: what it made and what it added.  Contacts that cannot go are ERR_CONFLICT and nothing
 * is done (undo_r names them nevertheless); with keep_changed they stay. */
int import_undo(void *mem, struct db *db, int64_t id, bool keep_changed, struct import_undo *undo_r,
                struct err *err) MUST_CHECK;

#endif
