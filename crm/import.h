/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list of contacts comes in: one file, one transaction, whole or not at all.
 *
 *     ready     a new contact
 *     known     is there already: the same address with a name that agrees (as near as base/unicode.h's keys
 *               go, or initial and surname), or the same name and organisation with nothing against it
 *     check     a person should look (what crm/listrow.h says; an address that somebody of another name has;
 *               a name that is nearly another's); was taken nevertheless
 *     refused   left out: what crm/listrow.h says
 *
 * What becomes of a contact that is known, the policy says: skip changes nothing; fill adds what is missing;
 * update lets the list win over single values that differ (the old ones are in the contact's history).  No
 * policy takes an address, a phone, a category or a post away.
 *
 * Rows of one file are compared with each other as with the store.  A row of kind person is a person, who
 * works at the organisation; of kind organisation it is the organisation (to which the address belongs), and
 * the name is a person of it.  An organisation is found by the fold of its name, or made.  A position becomes
 * a post of the organisation; one holder a post.
 *
 * How a list was read is kept for the next list of its shape and department.
 */
#ifndef CRM_IMPORT_H
#define CRM_IMPORT_H

#include "base/catalog.h"
#include "base/db.h"

/* A row that was refused or wants a look, as the file has it. */
struct import_bad {
    const char *sheet; /* NULL: the file has no sheets */
    int64_t row;
    const char *class, *reason;
    const char *const *label, *const *cell; /* of the columns */
    size_t labels, cells;
};
typedef int import_bad_fn(void *context, const struct import_bad *bad, struct err *err);

struct import_options {
    const char *file;
    const char *map_file;          /* NULL: the mapping is remembered, or proposed */
    const char *format;            /* csv, xlsx, vcard: another file is refused; NULL: any */
    const char *sheet;             /* NULL: every visible one that has a header */
    const char *department;        /* NULL: the user's own */
    const char *encoding;          /* NULL: found by itself */
    const char *delimiter;         /* NULL: found by itself */
    const char *policy;            /* skip, fill, update; NULL: fill */
    const char *country;           /* ISO 3166, of phones without a country code */
    bool afresh;                   /* the mapping is proposed, whatever is remembered */
    bool dry_run;                  /* everything but the end */
    bool strict;                   /* a refused row refuses the file */
    const struct catalog *catalog; /* of the reasons */
    import_bad_fn *bad;            /* gets each row to look at, before anything is settled; NULL: nobody */
    void *context;
};

struct import_difference {
    const char *field, *before, *after; /* before NULL: there was nothing */
};

struct import_line {
    const char *sheet;
    int64_t row, line; /* as the file counts them, and the line of the file that it begins on */
    const char *class, *reason;
    struct import_difference *change; /* what becomes other of a contact that is known */
    size_t changes;
};

/* A sheet that was taken. */
struct import_part {
    const char *sheet;  /* NULL: the file has no sheets */
    int64_t header;     /* its row */
    const char *origin; /* of the mapping: given, remembered, proposed, cards */
    const char *mapping;
};

/* Rows below a header that are no contact's. */
struct import_skip {
    const char *sheet;
    int64_t row;
    const char *what; /* "group", "total" */
};

struct import_report {
    int64_t id; /* 0: nothing was written */
    int64_t ready, known, check, refused;
    int64_t proposals; /* pairs that are perhaps one party (crm/duplicate.h); not looked for in a dry run */
    const char *encoding, *delimiter; /* as found or given */
    const char *department;
    int64_t same_as; /* the import of the very same file, 0: none */
    const char *same_day;
    struct import_line *lines; /* all but the ready ones */
    size_t n;
    struct import_part *part;
    size_t parts;
    struct import_skip *skip;
    size_t skips;
    const char **left_out; /* sheets without a header */
    size_t nleft_out;
};

/* The report is a talloc child of mem.  A wrong file (encoding, delimiter, mapping, quotes) is ERR_INPUT.
 * With strict and a refused row nothing is written, and the report says which. */
int import_contacts(void *mem, struct db *db, const struct import_options *options,
                    struct import_report *report_r, struct err *err) MUST_CHECK;

/* The mapping by which the file would be read; nothing else is done. */
int import_mapping(void *mem, struct db *db, const struct import_options *options, const char **text_r,
                   struct err *err) MUST_CHECK;

#endif
