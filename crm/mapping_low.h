/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of crm/mapping*.c.
 */
#ifndef CRM_MAPPING_LOW_H
#define CRM_MAPPING_LOW_H

#include "base/csv.h"
#include "crm/mapping.h"

enum { MAPPING_BUCKETS = 256 };

struct column {
    struct column *next;
    const char *header;
    enum field field;
    int line;
};

struct value {
    struct value *next;
    enum field field;
    const char *word, *fold, *meaning;
};

struct mapping {
    struct mapping *next; /* of the next sheet */
    const char *sheet;    /* NULL: any */
    const char *name, *text;
    struct column *columns, **last_column;
    struct value *values, **last_value;
    struct value *learned[MAPPING_BUCKETS];
    size_t nlearned;
    const char *defaults[FIELD_COUNT], *always;
    enum field bound[CSV_MAX_COLUMNS];
    bool named[CSV_MAX_COLUMNS];
    size_t n;
};

/* 1, or 0 if no field is called so */
int mapping_find_field(const char *name, enum field *field_r);
char *mapping_field_names(void *mem); /* with commas between */

#endif
