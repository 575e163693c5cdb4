/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How the columns and words of a list are to be read: the mapping of an import, which is a text.
 *
 *     [sheet Donors]                       what follows is for that sheet; before the first: for any
 *     [columns]
 *     "Emri i biznesit" = organisation     a header of the list, between quotes (crm/listhead.h, label)
 *     "Nr." = ignore
 *     [values]
 *     language.serbisht = sr-Latn          a word of the list, and what it means; empty: nothing
 *     [defaults]
 *     kind = organisation                  where the cell is empty, or there is no such column
 *     [always]
 *     category = donor                     besides what the row says; of category only
 *
 * Lines that begin with # or ; are comments.  Headers and words are compared letter for letter, then blind to
 * script, diacritics and case; one of which the mapping says nothing means what crm/listword.h says.  Two
 * columns for one field are right for email (email2, private_email), phone (phone2, private_phone), note, tag
 * and detail only; a detail is kept under the column's name.
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
    FIELD_GIVEN, /* names of a person; with them FIELD_NAME is not used */
    FIELD_FAMILY,
    FIELD_HONORIFIC,
    FIELD_GENDER,
    FIELD_POSTCODE,
    FIELD_DETAIL,
    FIELD_PRIVATE_EMAIL, /* for the departments alone that keep or share the contact */
    FIELD_PRIVATE_PHONE,
    FIELD_PRIVATE_ADDRESS, /* yes: ADDRESS, CITY and COUNTRY are where somebody lives */
    FIELD_FLAW,            /* why the row is left out */
    FIELD_DOUBT,           /* why a person should look at it */
    FIELD_UID, /* of the contact that the row came from (reports/exchange.h): it is left as it is */
    FIELD_TAG,
    FIELD_OWNER, /* who of the office cares for the contact, by login */
    FIELD_COUNT,
    FIELD_SPEAKER = FIELD_COUNT /* a name: of who speaks for the organisation that the row is about */
};

struct mapping;

/* ERR_INPUT with file and line; an unknown field is answered with the fields there are. */
int mapping_load(void *mem, const char *path, struct mapping **mapping_r, struct err *err) MUST_CHECK;
/* The same out of a text; `name` stands in front of errors. */
int mapping_parse(void *mem, const char *name, const char *text, struct mapping **mapping_r,
                  struct err *err) MUST_CHECK;
/* The part for a sheet (NULL: of a file without sheets): that of its name, else the one for any; NULL: none.
 */
struct mapping *mapping_for_sheet(struct mapping *mapping, const char *sheet);
/* The whole text that it was parsed from. */
const char *mapping_text(const struct mapping *mapping);
/* A header as a mapping names it: squeezed, quotes " as apostrophes. */
char *mapping_label(void *mem, const char *cell);
/* Whether a row has all the columns. */
bool mapping_fits(const struct mapping *mapping, const char *const *cell, size_t n);

/* Finds the columns in the list's header.  ERR_INPUT names a header that the list does not have, has twice,
 * or (when nothing else is there) says that no column is a name, an organisation or an address. */
int mapping_bind(struct mapping *mapping, const char *const *header, size_t n, struct err *err) MUST_CHECK;
/* FIELD_IGNORE for columns that the mapping does not name. */
enum field mapping_field(const struct mapping *mapping, size_t column);
/* Whether the file says anything of the column, if only "ignore". */
bool mapping_names_column(const struct mapping *mapping, size_t column);
size_t mapping_columns(const struct mapping *mapping);
bool mapping_is_column(const struct mapping *mapping, enum field field);
bool mapping_has(const struct mapping *mapping, enum field field); /* a column, or a default */

/* The meaning of a word; the word itself if nothing is known of it. */
const char *mapping_value(struct mapping *mapping, enum field field, const char *word);
const char *mapping_default(const struct mapping *mapping, enum field field); /* NULL: none */
const char *mapping_always(const struct mapping *mapping);                    /* a category, NULL: none */
const char *mapping_field_name(enum field field);
/* What a mapping calls a column of that field; the second of one: "email2". */
const char *mapping_column_name(enum field field, int nth);
bool mapping_takes_several(enum field field);
/* What the program itself knows of a word in a cell of the field (crm/listword.h); NULL: nothing. */
const char *mapping_dictionary(void *mem, enum field field, const char *word);

#endif
