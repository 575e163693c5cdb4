/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How the columns and words of a list are to be read: the mapping file of an import.
 *
 *     [columns]
 *     "Emri i biznesit" = organisation     each header of the list that is wanted, between quotes
 *     "Nr." = ignore
 *     [values]
 *     language.serbisht = sr-Latn          a word of the list, and what it means; empty: nothing
 *     [defaults]
 *     kind = organisation                  for rows whose cell is empty, or for all where there is no such
 * column
 *
 * Lines that begin with # or ; are comments.  Words are compared letter for letter, then blind to script,
 * diacritics and case.  Two columns for one field are right for email (email2), phone (phone2) and note only.
 */
#ifndef CRM_MAPPING_H
#define CRM_MAPPING_H

#include "base/mem.h"

enum field {
    FIELD_IGNORE,
    FIELD_ORGANISATION,
    FIELD_NAME, /* of a person */
    FIELD_POSITION,
    FIELD_SALUTATION,
    FIELD_LANGUAGE,
    FIELD_EMAIL,
    FIELD_PHONE,
    FIELD_ADDRESS,
    FIELD_VILLAGE,
    FIELD_CITY,
    FIELD_COUNTRY,
    FIELD_CATEGORY,
    FIELD_RANK,
    FIELD_NOTE,
    FIELD_NUMBER,
    FIELD_EMPLOYEES,
    FIELD_TURNOVER,
    FIELD_REGISTRATION,
    FIELD_FORM,
    FIELD_LAST_CONTACT,
    FIELD_KIND,
    FIELD_COUNT
};

struct mapping;

/* ERR_INPUT with file and line; an unknown field is answered with the fields there are. */
int mapping_load(void *mem, const char *path, struct mapping **mapping_r, struct err *err) MUST_CHECK;
/* The same out of a text; `name` stands in front of errors. */
int mapping_parse(void *mem, const char *name, const char *text, struct mapping **mapping_r,
                  struct err *err) MUST_CHECK;
/* Without a file: columns that are called like a field ("Name", "e-mail" with fold "e mail", "Organisation").
 */
struct mapping *mapping_by_names(void *mem);

/* Finds the columns in the list's header.  ERR_INPUT names a header that the list does not have, has twice,
 * or (when nothing else is there) says that no column is a name, an organisation or an address. */
int mapping_bind(struct mapping *mapping, const char *const *header, size_t n, struct err *err) MUST_CHECK;
/* FIELD_IGNORE for columns that the mapping does not name. */
enum field mapping_field(const struct mapping *mapping, size_t column);
/* Whether the file says anything of the column, if only "ignore". */
bool mapping_names_column(const struct mapping *mapping, size_t column);
size_t mapping_columns(const struct mapping *mapping);
bool mapping_has(const struct mapping *mapping, enum field field); /* a column, or a default */

/* The meaning of a word; the word itself if nothing is said of it. */
const char *mapping_value(const struct mapping *mapping, enum field field, const char *word);
const char *mapping_default(const struct mapping *mapping, enum field field); /* NULL: none */
const char *mapping_field_name(enum field field);

#endif
