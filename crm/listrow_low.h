/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A row that is being read: listrow.c takes the cells apart, listrow_clean.c makes good values of the fields.
 */
#ifndef CRM_LISTROW_LOW_H
#define CRM_LISTROW_LOW_H

#include "crm/listrow.h"

struct listrow_reading {
    void *mem;
    const struct listrow_options *options;
    const struct csv_record *record;
    struct list_row *row;
    struct text reason;
};

#define TEXT(r, msgid) catalog_text((r)->options->catalog, msgid)

/* Adds to the reason; the row's class becomes no better than this. */
void listrow_complain(struct listrow_reading *r, enum listrow_class class, const char *fmt, ...) PRINTF(3, 4);
/* Of the fields that have one value. */
void listrow_clean(struct listrow_reading *r);

#endif
