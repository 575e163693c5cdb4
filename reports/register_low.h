/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the registers and the exchange of contacts share: the language of the sheet, the words of its cells,
 * the page being written.
 */
#ifndef REPORTS_REGISTER_LOW_H
#define REPORTS_REGISTER_LOW_H

#include "base/catalog.h"
#include "crm/department.h"
#include "reports/register.h"
#include "reports/register_table.h"

struct register_language {
    const char *tag;
    const char *names[4]; /* languages of a contact's name, best first */
    const char *date_format;
};
int register_find_language(const char *tag, const struct register_language **language_r,
                           struct err *err) MUST_CHECK;

struct register_run {
    void *mem;
    struct db *db;
    const struct conf *conf;
    const struct register_query *query;
    const struct register_language *language;
    const struct catalog *catalog;
    struct department department;
    char from[11], to[11]; /* ISO, or empty */
    struct sheet *sheet;
    /* the page being written */
    const struct register_table *table;
    const struct register_word *words[SHEET_MAX_COLUMNS]; /* translated */
    int index[SHEET_MAX_COLUMNS]; /* of the statement's column; -1 before the first row */
    int64_t rows;
};

const char *register_text(const struct register_run *r, const char *msgid) __attribute__((format_arg(2)));
/* Parameters of the statements. */
struct db_arg register_name_languages(const struct register_run *r);
struct db_arg register_zone(const struct register_run *r);

const struct register_word *register_translate(const struct register_run *r,
                                               const struct register_word *words);
/* NULL if there is no such key. */
const char *register_find_word(const struct register_word *words, const char *key, size_t len);
const char *register_words_of(void *mem, const struct register_word *words, const char *keys);

/* From now on rows are those of this table. */
void register_use_table(struct register_run *r, const struct register_table *table);
/* The cells of row 0 by the table's columns; what they point to lives as long as mem and the rows. */
void register_cells(void *mem, struct register_run *r, const struct db_rows *rows, const char **cell);

int register_open_sheet(struct register_run *r, const char *title, struct err *err) MUST_CHECK;
int register_begin_page(struct register_run *r, const struct register_table *table, const char *subtitle,
                        bool small, struct err *err) MUST_CHECK;

#endif
