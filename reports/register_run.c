/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_script.h"
#include "reports/register_low.h"

#include <time.h>

#include "base/unicode.h"
#include "mail/reason.h"

/* ---- languages */

static const struct register_language known_languages[] = {
    {"sq", {"sq"}, "dd.mm.yyyy"},
    {"sr-Latn", {"sr-Latn", "sr", "sr-Cyrl"}, "dd.mm.yyyy"},
    {"sr-Cyrl", {"sr-Cyrl", "sr", "sr-Latn"}, "dd.mm.yyyy"},
    {"en", {"en"}, "dd/mm/yyyy"},
    {"de", {"de"}, "dd.mm.yyyy"},
    {"pl", {"pl"}, "dd.mm.yyyy"},
};

int register_find_language(const char *tag, const struct register_language **language_r, struct err *err)
{
    if (!strcmp(tag, "sr"))
        tag = "sr-Latn";
    for (size_t i = 0; i < ARRAY_LEN(known_languages); i++)
        if (!strcmp(known_languages[i].tag, tag)) {
            *language_r = &known_languages[i];
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "no register is made in \"%s\"; there are sq, sr-Latn, sr-Cyrl, en, de, pl", tag);
}

const char *register_text(const struct register_run *r, const char *msgid)
{
    return catalog_text(r->catalog, msgid);
}

struct db_arg register_name_languages(const struct register_run *r)
{
    size_t n = 0;
    while (r->language->names[n])
        n++;
    return db_texts(r->mem, r->language->names, n);
}

struct db_arg register_zone(const struct register_run *r)
{
    return db_text(r->conf->office.time_zone);
}

const struct register_word *register_translate(const struct register_run *r,
                                               const struct register_word *words)
{
    size_t n = 0;
    while (words[n].key)
        n++;
    struct register_word *mine = talloc_zero_array(r->mem, struct register_word, n + 1);
    for (size_t i = 0; i < n; i++)
        mine[i] = (struct register_word){words[i].key, register_text(r, words[i].text)};
    return mine;
}

const char *register_find_word(const struct register_word *words, const char *key, size_t len)
{
    for (; words->key; words++)
        if (!strncmp(words->key, key, len) && !words->key[len])
            return words->text;
    return NULL;
}

/* A key, or a list of keys divided by LF (which stays) or U+001F (a comma); an unknown key is shown as it is.
 */
const char *register_words_of(void *mem, const struct register_word *words, const char *keys)
{
    size_t len = strcspn(keys, "\n\x1f");
    const char *text = register_find_word(words, keys, len);
    if (!keys[len])
        return text ? text : keys;
    struct text t = text_new(mem);
    for (;;) {
        text_add(&t, text ? text : keys, text ? strlen(text) : len);
        if (!keys[len])
            return t.s;
        text_puts(&t, keys[len] == '\n' ? "\n" : ", ");
        keys += len + 1;
        len = strcspn(keys, "\n\x1f");
        text = register_find_word(words, keys, len);
    }
}

static int find_column(const struct db_rows *rows, const char *field)
{
    for (int i = 0; i < db_columns(rows); i++)
        if (!strcmp(db_column_name(rows, i), field))
            return i;
    bug("the statement has no column %s", field);
}

void register_cells(void *mem, struct register_run *r, const struct db_rows *rows, const char **cell)
{
    for (int i = 0; i < r->table->ncolumns; i++) {
        if (r->index[i] < 0)
            r->index[i] = find_column(rows, r->table->columns[i].field);
        cell[i] = db_cell(rows, 0, r->index[i]);
        if (r->words[i] && cell[i])
            cell[i] = register_words_of(mem, r->words[i], cell[i]);
        else if (r->table->columns[i].words == register_reasons && cell[i])
            cell[i] = reason_in(mem, r->catalog, cell[i]);
    }
}

void register_use_table(struct register_run *r, const struct register_table *table)
{
    for (int i = 0; i < table->ncolumns; i++) {
        const struct register_word *words = table->columns[i].words;
        r->words[i] = words && words != register_reasons ? register_translate(r, words) : NULL;
        r->index[i] = -1;
    }
    r->table = table;
    r->rows = 0;
}

int register_begin_page(struct register_run *r, const struct register_table *table, const char *subtitle,
                        bool small, struct err *err)
{
    struct sheet_column *columns = talloc_zero_array(r->mem, struct sheet_column, (size_t)table->ncolumns);
    struct sheet_page *page = talloc(r->mem, struct sheet_page);
    *page = (struct sheet_page){.name = register_text(r, table->title),
                                .subtitle = subtitle,
                                .columns = columns,
                                .ncolumns = table->ncolumns,
                                .frozen_columns = table->frozen_columns,
                                .small = small};
    for (int i = 0; i < table->ncolumns; i++) {
        const struct register_column *c = &table->columns[i];
        columns[i] = (struct sheet_column){register_text(r, c->title), c->kind, c->max_width};
    }
    register_use_table(r, table);
    return sheet_begin(r->sheet, page, err);
}

static char *made_in_words(const struct register_run *r)
{
    char *now =
        unicode_format_date(r->mem, time(NULL), r->conf->office.time_zone, r->language->tag, UNICODE_STAMP);
    return talloc_asprintf(r->mem, register_text(r, N_("made on %s by %s")), now, r->query->made_by);
}

int register_open_sheet(struct register_run *r, const char *title, struct err *err)
{
    struct sheet_about *about = talloc(r->mem, struct sheet_about);
    *about = (struct sheet_about){.title = title,
                                  .office = conf_in_language(r->mem, r->conf->office.name, r->language->tag),
                                  .made = made_in_words(r),
                                  .made_by = r->query->made_by,
                                  .page_words = register_text(r, N_("Page &P of &N")),
                                  .date_format = r->language->date_format};
    return sheet_open(r->mem, &r->sheet, r->query->path, about, err);
}
