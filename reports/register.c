/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All statements of a register run in one read-only transaction with one view of the data, so that the sums
 * on the second sheet are those of the rows on the first.
 */
#include "base/unicode.h"
#include "crm/audit.h"
#include "crm/precedence.h"
#include "crm/rights.h"
#include "reports/register_low.h"
#include "sql/register.h"

static struct db_arg day(const char *iso)
{
    return db_text(*iso ? iso : NULL);
}

/* ---- cells */

static int add_row(void *context, struct db_rows *rows, struct err *err)
{
    struct register_run *r = context;
    MEM_SCOPE(mem);
    const char *cell[SHEET_MAX_COLUMNS];
    register_cells(mem, r, rows, cell);
    r->rows++;
    return sheet_add(r->sheet, cell, err);
}

/* ---- pages */

/* "01.01.2026 – 31.12.2026 · DEFB" */
static char *filters_in_words(const struct register_run *r)
{
    struct text t = text_new(r->mem);
    if (*r->from || *r->to)
        text_printf(&t, "%s – %s", r->query->from ? r->query->from : "", r->query->to ? r->query->to : "");
    if (r->query->department)
        text_printf(&t, "%s%s", t.len ? " · " : "", r->department.name);
    return t.len ? t.s : NULL;
}

/* "Donors' conference · 18.03.2027 10:00 · Cultural centre" */
static char *event_in_words(const struct register_run *r, const struct db_rows *about)
{
    struct text t = text_new(r->mem);
    int64_t when;
    text_puts(&t, db_get_str(about, 0, "event"));
    if (unicode_parse_time(db_get_str(about, 0, "starts_at"), r->conf->office.time_zone, &when, NULL) == 0)
        text_printf(
            &t, " · %s",
            unicode_format_date(r->mem, when, r->conf->office.time_zone, r->language->tag, UNICODE_STAMP));
    if (!db_is_null(about, 0, "place"))
        text_printf(&t, " · %s", db_get_str(about, 0, "place"));
    return t.s;
}

/* ---- sums */

struct sums {
    struct register_run *run;
    const struct register_word *parts, *states, *answers;
    char part[16]; /* that is being added up */
    int64_t sum, rows;
    bool agree;
};

static int end_part(struct sums *s, struct err *err)
{
    if (!*s->part)
        return 0;
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)s->sum);
    if (s->sum != s->rows)
        s->agree = false;
    s->sum = 0;
    return sheet_add_sum(s->run->sheet,
                         (const char *[]){register_find_word(s->parts, "all", 3), NULL, number}, err);
}

static int add_sum(struct sums *s, const struct db_rows *rows, int row, struct err *err)
{
    const char *part = db_get_str(rows, row, "part"), *word = db_get_str(rows, row, "word");
    if (strcmp(part, s->part) && end_part(s, err) < 0)
        return -1;
    snprintf(s->part, sizeof s->part, "%s", part);
    s->sum += db_get_int(rows, row, "number");
    const struct register_word *words = !strcmp(part, "state") ? s->states : s->answers;
    return sheet_add(s->run->sheet,
                     (const char *[]){register_words_of(s->run->mem, s->parts, part),
                                      register_words_of(s->run->mem, words, word),
                                      db_get_str(rows, row, "number")},
                     err);
}

static int write_sums(struct register_run *r, const struct db_rows *rows, const char *subtitle, bool *agree_r,
                      struct err *err)
{
    struct sums s = {.run = r,
                     .parts = register_translate(r, register_parts),
                     .states = register_translate(r, register_outcomes),
                     .answers = register_translate(r, register_answers),
                     .rows = r->rows,
                     .agree = true};
    if (register_begin_page(r, &register_table_sums, subtitle, true, err) < 0)
        return -1;
    for (int i = 0; i < db_rows_count(rows); i++)
        if (add_sum(&s, rows, i, err) < 0)
            return -1;
    if (end_part(&s, err) < 0)
        return -1;
    *agree_r = s.agree;
    const char *words =
        s.agree ? register_text(r, N_("The sums agree with the number of rows in the list."))
                : register_text(r, N_("The sums do NOT agree with the number of rows in the list."));
    return sheet_add_sum(r->sheet, (const char *[]){NULL, words, NULL}, err);
}

/* ---- the registers */

/* The contacts in the order of protocol, or null. */
static int order_of(struct register_run *r, struct db_arg *order_r, struct err *err)
{
    DB_ROWS rows = NULL;
    const struct register_query *q = r->query;
    *order_r = db_null();
    if (!q->order || strcmp(q->order, "precedence"))
        return 0;
    int count = db_run(r->db, &rows, err, SQL_REGISTER_WHOM, db_int_or_null(q->mailing_id),
                       db_int_or_null(q->event_id));
    if (count < 0)
        return -1;
    int64_t *ids = talloc_array(r->mem, int64_t, (unsigned)count);
    size_t n = (size_t)count;
    for (int i = 0; i < count; i++)
        ids[i] = db_get_int(rows, i, "id");
    if (precedence_sort(r->db, ids, &n, r->language->tag, err) < 0)
        return -1;
    *order_r = db_ints(r->mem, ids, n);
    return 0;
}

static int write_contacts(struct register_run *r, struct err *err)
{
    struct db_arg order;
    if (order_of(r, &order, err) < 0)
        return -1;
    return db_each(r->db, add_row, r, err, SQL_REGISTER_CONTACTS, register_name_languages(r),
                   db_text(r->language->tag), register_zone(r), day(r->from), day(r->to),
                   db_int_or_null(r->department.id), db_null(), order);
}

static int write_meetings(struct register_run *r, struct err *err)
{
    return db_each(r->db, add_row, r, err, SQL_REGISTER_MEETINGS, day(r->from), day(r->to),
                   db_int_or_null(r->department.id));
}

static int write_letters(struct register_run *r, struct err *err)
{
    return db_each(r->db, add_row, r, err, SQL_REGISTER_LETTERS, register_name_languages(r), register_zone(r),
                   day(r->from), day(r->to), db_int_or_null(r->department.id));
}

/* A register without a number of its own: all of one kind. */
static int write_plain(struct register_run *r, const struct register_table *table, struct err *err)
{
    if (register_open_sheet(r, register_text(r, table->title), err) < 0 ||
        register_begin_page(r, table, filters_in_words(r), false, err) < 0)
        return -1;
    if (!strcmp(table->name, "contacts"))
        return write_contacts(r, err);
    return !strcmp(table->name, "meetings") ? write_meetings(r, err) : write_letters(r, err);
}

static int write_mailing(struct register_run *r, const struct register_table *table,
                         struct register_result *result, struct err *err)
{
    DB_ROWS about = NULL;
    DB_ROWS sums = NULL;
    struct db_arg id = db_int(r->query->mailing_id);
    int n = db_run(r->db, &about, err, SQL_REGISTER_MAILING_ABOUT, register_name_languages(r),
                   register_zone(r), id);
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no mailing %lld", (long long)r->query->mailing_id);
    if (n < 0 || db_run(r->db, &sums, err, SQL_REGISTER_MAILING_SUMS, id) < 0)
        return -1;
    char *title =
        talloc_asprintf(r->mem, "%s: %s", register_text(r, table->title), db_get_str(about, 0, "name"));
    char *subtitle = db_is_null(about, 0, "event") ? NULL : event_in_words(r, about);
    struct db_arg order;
    if (order_of(r, &order, err) < 0 || register_open_sheet(r, title, err) < 0 ||
        register_begin_page(r, table, subtitle, false, err) < 0 ||
        db_each(r->db, add_row, r, err, SQL_REGISTER_MAILING, register_name_languages(r),
                db_text(r->language->tag), register_zone(r), id, order) < 0)
        return -1;
    result->rows = r->rows;
    return write_sums(r, sums, subtitle, &result->sums_agree, err);
}

static int write_event(struct register_run *r, const struct register_table *table,
                       struct register_result *result, struct err *err)
{
    DB_ROWS about = NULL;
    DB_ROWS sums = NULL;
    struct db_arg id = db_int(r->query->event_id);
    int n = db_run(r->db, &about, err, SQL_REGISTER_EVENT_ABOUT, register_name_languages(r), register_zone(r),
                   id);
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no event %lld", (long long)r->query->event_id);
    if (n < 0 || db_run(r->db, &sums, err, SQL_REGISTER_EVENT_SUMS, id) < 0)
        return -1;
    char *title =
        talloc_asprintf(r->mem, "%s: %s", register_text(r, table->title), db_get_str(about, 0, "event"));
    char *subtitle = event_in_words(r, about);
    struct db_arg order;
    if (order_of(r, &order, err) < 0 || register_open_sheet(r, title, err) < 0 ||
        register_begin_page(r, table, subtitle, false, err) < 0 ||
        db_each(r->db, add_row, r, err, SQL_REGISTER_EVENT, register_name_languages(r),
                db_text(r->language->tag), register_zone(r), id, order) < 0)
        return -1;
    result->rows = r->rows;
    if (write_sums(r, sums, subtitle, &result->sums_agree, err) < 0 ||
        register_begin_page(r, &register_table_calls, subtitle, false, err) < 0)
        return -1;
    return db_each(r->db, add_row, r, err, SQL_REGISTER_CALLS, register_name_languages(r), register_zone(r),
                   id);
}

/* ---- the query */

static int check_day(const char *s, const char *option, char iso[11], struct err *err)
{
    if (!s || unicode_parse_date(s, iso))
        return 0;
    return err_set(err, ERR_USAGE, "--%s wants a day as 31.12.2026 or 2026-12-31, not \"%s\"", option, s);
}

static int check_filters(const struct register_table *table, const struct register_query *q, struct err *err)
{
    const struct {
        unsigned filter;
        bool given, needed;
        const char *option;
    } options[] = {
        {REGISTER_PERIOD, q->from, false, "--from"},
        {REGISTER_PERIOD, q->to, false, "--to"},
        {REGISTER_DEPARTMENT, q->department, false, "--department"},
        {REGISTER_MAILING, q->mailing_id, true, "--mailing"},
        {REGISTER_EVENT, q->event_id, true, "--event"},
        {REGISTER_ORDER, q->order, false, "--order"},
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        bool knows = table->filters & options[i].filter;
        if (options[i].given && !knows)
            return err_set(err, ERR_USAGE, "the register %s knows no %s", table->name, options[i].option);
        if (!options[i].given && knows && options[i].needed)
            return err_set(err, ERR_USAGE, "the register %s wants %s", table->name, options[i].option);
    }
    if (q->order && strcmp(q->order, "name") && strcmp(q->order, "precedence"))
        return err_set(err, ERR_USAGE, "--order is name or precedence, not \"%s\"", q->order);
    return 0;
}

static int prepare(struct register_run *r, const struct register_table *table, struct err *err)
{
    const struct register_query *q = r->query;
    if (check_filters(table, q, err) < 0 || check_day(q->from, "from", r->from, err) < 0 ||
        check_day(q->to, "to", r->to, err) < 0 ||
        register_find_language(q->language ? q->language : r->conf->office.language, &r->language, err) < 0)
        return -1;
    r->catalog = catalog_new(r->mem, r->language->tag);
    return 0;
}

static int write_table(struct register_run *r, const struct register_table *table,
                       struct register_result *result, struct err *err)
{
    DB_TX tx = {0};
    if (db_begin(&tx, r->db, DB_READ, err) < 0 || db_run(r->db, NULL, err, SQL_REGISTER_SETTINGS) < 0)
        return -1;
    if (r->query->department && department_get(r->mem, r->db, r->query->department, &r->department, err) < 0)
        return -1;
    if (table->filters & REGISTER_MAILING)
        return write_mailing(r, table, result, err);
    if (table->filters & REGISTER_EVENT)
        return write_event(r, table, result, err);
    if (write_plain(r, table, err) < 0)
        return -1;
    result->rows = r->rows;
    return 0;
}

static int note_export(struct register_run *r, const struct register_result *result, struct err *err)
{
    const struct register_query *q = r->query;
    int64_t id = q->mailing_id ? q->mailing_id : q->event_id;
    char *object = id ? talloc_asprintf(r->mem, "register %s %lld", q->name, (long long)id)
                      : talloc_asprintf(r->mem, "register %s", q->name);
    return audit_export(r->db, object, result->rows, q->path, err);
}

int register_write(struct db *db, const struct conf *conf, const struct register_query *query,
                   struct register_result *result_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct register_run run = {.mem = mem, .db = db, .conf = conf, .query = query};
    *result_r = (struct register_result){.sums_agree = true};
    const struct register_table *table = register_table_find(query->name);
    if (!table)
        return err_set(err, ERR_USAGE,
                       "there is no register \"%s\"; there are contacts, meetings, letters, mailing, event",
                       query->name);
    struct sheet_result saved;
    if (rights_check(db, RIGHT_export, err) < 0 || prepare(&run, table, err) < 0 ||
        write_table(&run, table, result_r, err) < 0 || sheet_save(run.sheet, &saved, err) < 0)
        return -1;
    result_r->cut = saved.cut;
    result_r->sheets = saved.sheets;
    return note_export(&run, result_r, err);
}
