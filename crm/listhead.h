/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Where the header of a list is, and what the rows below it are: people put titles above it, the names of
 * groups ("B. Embassies") between the rows, and sums below them.
 */
#ifndef CRM_LISTHEAD_H
#define CRM_LISTHEAD_H

#include "crm/listfile.h"
#include "crm/mapping.h"

struct list_head {
    size_t sheet;
    const char *sheet_name; /* NULL: the file has no sheets */
    long row;               /* the record that is the header */
    size_t n;
    /* A column each, as mapping files name it: the header's cell, squeezed; "(B)" for an empty one; "Phone
     * (2)" for the second of a name. */
    const char **label;
    const char *subject; /* the name of the file and the sheet, and the titles above the header */
    const char *shape; /* 64 digits of a hash over the name of the sheet and of the columns, by their folds */
};

/* The header of a sheet: the row among the first fifty whose cells are called most like columns of lists; or,
 * where a mapping is given, the first that has the columns which the mapping names.  1, or 0 if there is
 * none; -1 the file breaks.  A talloc child of mem. */
int listhead_find(void *mem, const struct listfile *file, size_t sheet, const struct mapping *mapping,
                  struct list_head *head_r, struct err *err) MUST_CHECK;
/* The field that a column of that name likely is, and how likely it is (0 to 100). */
enum field listhead_field(const char *label, int *points_r);

/* ---- the rows below */
enum listhead_kind { LISTHEAD_ROW, LISTHEAD_EMPTY, LISTHEAD_GROUP, LISTHEAD_TOTAL };

struct list_body {
    const struct list_head *head;
    const struct mapping *mapping; /* bound to the header; NULL: it is not known yet */
    const char *category;          /* of the group that the row is in; NULL: it names none */
    bool summing;                  /* a row of sums has been seen */
};
/* What the record is.  A group's row sets the category of those that follow. */
enum listhead_kind listhead_judge(struct list_body *body, const struct csv_record *record);

#endif
