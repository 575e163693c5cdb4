/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A row of a list, read through its mapping and cleaned; what the database then does with it is
 * crm/import.h's.
 *
 *     LISTROW_READY     nothing to say
 *     LISTROW_CHECK     taken, and a person should look: several addresses in a cell, two forms of address, a
 * language, country, number or phone that cannot be read (and is left empty; phones stay as typed)
 *     LISTROW_REFUSED   left out: a broken address, neither a name nor an organisation, too many or too few
 * cells LISTROW_EMPTY     all its cells are empty
 *
 * A row without any address is ready: letters go by post.  The reason is one line in the user's language.
 */
#ifndef CRM_LISTROW_H
#define CRM_LISTROW_H

#include "base/catalog.h"
#include "base/csv.h"
#include "crm/mapping.h"

enum {
    LISTROW_MAX_EMAILS = 8,
    LISTROW_MAX_PHONES = 8,
    LISTROW_MAX_LANGUAGES = 4,
    LISTROW_MAX_CATEGORIES = 6,
    LISTROW_MAX_TAGS = 16
};
enum {
    LISTROW_MAX_NAME_BYTES = 1000
}; /* of a person or an organisation: more is no name, but a cell gone astray */

enum listrow_class { LISTROW_READY, LISTROW_CHECK, LISTROW_REFUSED, LISTROW_EMPTY };
const char *listrow_class_name(enum listrow_class class); /* "ready" ... */

struct list_row {
    enum listrow_class class;
    long number, line;  /* record (the header is 1), and the line that it begins on */
    const char *reason; /* "" when ready */

    /* One blank in place of blanks and line breaks, values translated, defaults put in; NULL: empty.  What is
     * said of a field here goes beyond that:
     *     NAME                 of a person as crm/personname.h reads it, out of one column or two
     *     HONORIFIC            the titles in its column and the name, without what says the gender alone
     *     NAME, ORGANISATION   without signs at the edges that belong to no name; an organisation without
     *                          quotes around
     *     SALUTATION           without a comma at its end; of two forms ("A / B") the first
     *     KIND                 person or organisation, always
     *     COUNTRY              ISO 3166, two capitals; else the one that the address ends with
     *     CITY                 with its postcode; of a list without cities the village where they live
     *     FORM                 the legal form, else the one in the organisation's name
     *     EMPLOYEES, TURNOVER  numbers with a decimal point
     *     REGISTRATION         digits without blanks, if it is digits
     *     LAST_CONTACT         as typed; the date is below
     *     GENDER               "m" or "f", else as the form of address says
     *     NOTE                 several columns with "; " between
     * EMAIL, PHONE, LANGUAGE, CATEGORY, TAG, DETAIL and what is private are below and not here. */
    const char *text[FIELD_COUNT];
    const char *last_contact; /* yyyy-mm-dd, NULL if it is no whole date */

    struct {
        const char *email, *key; /* the domain in small letters; the whole in small letters */
        bool private;
    } email[LISTROW_MAX_EMAILS];
    size_t emails;
    struct {
        const char *typed, *e164; /* NULL: it cannot be said which number it is */
        bool private;
    } phone[LISTROW_MAX_PHONES];
    size_t phones;
    bool private_address;
    /* BCP 47, in order of preference ("de,en" in the mapping).  sr becomes sr-Cyrl where the row's name is
     * written so. */
    const char *language[LISTROW_MAX_LANGUAGES];
    size_t languages;
    /* short names, or words that nothing is known of */
    const char *category[LISTROW_MAX_CATEGORIES];
    size_t categories;
    /* words in small letters, as the store takes them */
    const char *tag[LISTROW_MAX_TAGS];
    size_t tags;
    /* columns that are kept under their own names */
    struct list_detail {
        const char *field, *value;
    } * detail;
    size_t details;
};

struct listrow_options {
    struct mapping *mapping;  /* bound to the list's header */
    const char *const *label; /* of the header's columns */
    const char *category;     /* of the group that the row stands in, where it says none; NULL: none */
    bool card; /* of a file of cards: it may say no language, and its categories are words on their own */
    const char *country;           /* for phones, where the row says none */
    const char *number_language;   /* how numbers are written (base/unicode.h); NULL: with a decimal comma */
    const struct catalog *catalog; /* of the reasons */
};

/* Everything is a talloc child of mem. */
void listrow_read(void *mem, const struct listrow_options *options, const struct csv_record *record,
                  struct list_row *row_r);

#endif
