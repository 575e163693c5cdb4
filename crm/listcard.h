/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A vCard as a row of a list, whose columns are known.
 */
#ifndef CRM_LISTCARD_H
#define CRM_LISTCARD_H

#include "base/csv.h"
#include "base/vcard.h"

/* The columns' names: record 0 of a file of cards. */
struct csv_record listcard_header(void *mem);
/* The mapping's text. */
char *listcard_mapping(void *mem);
/* One card; the record lives as long as mem. */
struct csv_record listcard_record(void *mem, const struct vcard *card);

#endif
