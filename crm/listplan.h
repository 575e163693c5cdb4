/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What of a file is taken, and how it is read: its sheets with their headers and mappings.
 *
 * The mapping of a sheet is the one that is given; else the one that was used last for a sheet of the same
 * shape; else a proposed one (crm/mapping_propose.h).
 */
#ifndef CRM_LISTPLAN_H
#define CRM_LISTPLAN_H

#include "crm/listhead.h"

struct list_part {
    struct list_head head;
    struct mapping *mapping; /* bound to the header */
    const char *origin;      /* "given", "remembered", "proposed"; "cards": the columns are known */
};

struct list_plan {
    struct listfile file;
    struct list_part *part;
    size_t n;
    const char **left_out; /* visible sheets that no header was found in */
    size_t nleft_out;
};

/* The mapping last used for a shape, as its text; NULL: none. */
typedef int listplan_recall_fn(void *context, void *mem, const char *shape, const char **text_r,
                               struct err *err);

struct listplan_options {
    const char *file;
    const char *map_file; /* NULL: none is given */
    const char *sheet;    /* NULL: every visible sheet that has a header */
    const char *format;   /* csv, xlsx, vcard; another file is refused.  NULL: whatever it is */
    const char *encoding, *delimiter;
    listplan_recall_fn *recall; /* NULL: nothing is remembered */
    void *context;
};

/* ERR_INPUT when the file or the mapping is wrong.  Everything is a talloc child of mem. */
int listplan_make(void *mem, const struct listplan_options *options, struct list_plan *plan_r,
                  struct err *err) MUST_CHECK;

/* A record below a header, its width that of the header; category: of the group that it stands in, NULL: none
 * is named. */
typedef int listplan_row_fn(void *context, const struct list_part *part, const struct csv_record *record,
                            enum listhead_kind kind, const char *category, struct err *err);
/* Those of all parts in their order, empty ones left out. */
int listplan_each(const struct list_plan *plan, listplan_row_fn *fn, void *context,
                  struct err *err) MUST_CHECK;

#endif
