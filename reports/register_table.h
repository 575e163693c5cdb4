/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What each register has: its columns, and the words for what the store keeps as keys.  Texts are English,
 * marked for the catalogue and not yet translated.
 */
#ifndef REPORTS_REGISTER_TABLE_H
#define REPORTS_REGISTER_TABLE_H

#include "reports/sheet.h"

struct register_word {
    const char *key, *text;
};

/* Lists of words ending with {0}. */
extern const struct register_word register_answers[], register_outcomes[], register_calls[], register_parts[];
/* Stands for what mail/reason.h knows. */
extern const struct register_word register_reasons[];

struct register_column {
    const char *field; /* of the statement */
    const char *title;
    enum sheet_kind kind;
    int max_width;
    const struct register_word *words; /* NULL: the cell is what the store has */
};

enum register_filter {
    REGISTER_PERIOD = 1,
    REGISTER_DEPARTMENT = 2,
    REGISTER_MAILING = 4,
    REGISTER_EVENT = 8,
    REGISTER_ORDER = 16 /* of protocol */
};

struct register_table {
    const char *name; /* on the command line */
    const char *title;
    unsigned filters; /* those that it knows; a mailing's or an event's number it must have */
    int frozen_columns;
    const struct register_column *columns;
    int ncolumns;
};

/* NULL if there is none of the name. */
const struct register_table *register_table_find(const char *name);
/* Contacts that go out and come back (reports/exchange.h): rows of register_contacts. */
extern const struct register_table register_table_exchange;
/* The third sheet of an event: whom somebody has to telephone. */
extern const struct register_table register_table_calls;
/* The second sheet of a mailing or event. */
extern const struct register_table register_table_sums;

#endif
