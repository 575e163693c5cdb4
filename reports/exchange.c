/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/unicode.h"
#include "crm/audit.h"
#include "crm/contact_card.h"
#include "crm/rights.h"
#include "reports/exchange_low.h"
#include "sql/contact_card.h"
#include "sql/register.h"

/* ---- cells that can be compared */

const char *exchange_plain(void *mem, const char *cell)
{
    if (!cell || !*cell)
        return "";
    MEM_SCOPE(scratch);
    struct text t = text_new(scratch);
    if (*cell == '\'' && cell[1] && strchr("=+-@\t\r", cell[1]))
        cell++;
    while (*cell) {
        size_t n = strcspn(cell, "\r\n");
        const char *line = unicode_squeeze(scratch, talloc_strndup(scratch, cell, n));
        if (*line)
            text_printf(&t, "%s%s", t.len ? "\n" : "", line);
        cell += n + strspn(cell + n, "\r\n");
    }
    return talloc_strdup(mem, t.s);
}

void exchange_digest(void *mem, const char *cell, char digits[EXCHANGE_DIGITS + 1])
{
    unsigned char sum[DIGEST_BYTES];
    const char *plain = exchange_plain(mem, cell);
    digest_sha256(plain, strlen(plain), sum);
    snprintf(digits, EXCHANGE_DIGITS + 1, "%02x%02x%02x%02x", sum[0], sum[1], sum[2], sum[3]);
}

int exchange_begin(struct register_run *r, const char *language, struct err *err)
{
    if (register_find_language(language ? language : r->conf->office.language, &r->language, err) < 0)
        return -1;
    r->catalog = catalog_new(r->mem, r->language->tag);
    register_use_table(r, &register_table_exchange);
    return 0;
}

int exchange_each(struct register_run *r, const int64_t *ids, size_t n, db_row_fn *fn, void *context,
                  struct err *err)
{
    return db_each(r->db, fn, context, err, SQL_REGISTER_CONTACTS, register_name_languages(r),
                   db_text(r->language->tag), register_zone(r), db_null(), db_null(), db_null(),
                   db_ints(r->mem, ids, n), db_null());
}

/* ---- a sheet */

enum { HIDDEN = 2 };

static int add_row(void *context, struct db_rows *rows, struct err *err)
{
    MEM_SCOPE(mem);
    struct register_run *r = context;
    const char *cell[SHEET_MAX_COLUMNS];
    char digits[EXCHANGE_DIGITS + 1];
    struct text digests = text_new(mem);
    register_cells(mem, r, rows, cell + HIDDEN);
    for (int i = 0; i < r->table->ncolumns; i++) {
        exchange_digest(mem, cell[HIDDEN + i], digits);
        text_puts(&digests, digits);
    }
    cell[0] = db_get_str(rows, 0, EXCHANGE_UID);
    cell[1] = digests.s;
    r->rows++;
    return sheet_add(r->sheet, cell, err);
}

/* The hidden columns in front of those of the table. */
static int begin_page(struct register_run *r, int64_t export, const char *question, struct err *err)
{
    const struct register_table *table = r->table;
    struct sheet_column *columns =
        talloc_zero_array(r->mem, struct sheet_column, HIDDEN + (size_t)table->ncolumns);
    struct sheet_page *page = talloc(r->mem, struct sheet_page);
    char *title =
        talloc_asprintf(r->mem, "adresar %d %s %lld", EXCHANGE_FORM, r->language->tag, (long long)export);
    columns[0] = (struct sheet_column){EXCHANGE_UID, SHEET_HIDDEN, 0};
    columns[1] = (struct sheet_column){title, SHEET_HIDDEN, 0};
    for (int i = 0; i < table->ncolumns; i++)
        columns[HIDDEN + i] = (struct sheet_column){register_text(r, table->columns[i].title),
                                                    table->columns[i].kind, table->columns[i].max_width};
    *page = (struct sheet_page){.name = register_text(r, table->title),
                                .subtitle = *question ? question : NULL,
                                .columns = columns,
                                .ncolumns = HIDDEN + table->ncolumns,
                                .frozen_columns = HIDDEN + table->frozen_columns};
    return sheet_begin(r->sheet, page, err);
}

static int write_sheet(struct register_run *r, const struct exchange_query *q, struct exchange_result *result,
                       struct err *err)
{
    struct sheet_result saved;
    if (exchange_begin(r, q->language, err) < 0 ||
        register_open_sheet(r, register_text(r, r->table->title), err) < 0 ||
        begin_page(r, result->id, q->question, err) < 0 ||
        exchange_each(r, q->ids, q->n, add_row, r, err) < 0 || sheet_save(r->sheet, &saved, err) < 0)
        return -1;
    result->contacts = saved.rows;
    result->cut = saved.cut;
    return 0;
}

/* ---- cards */

struct cards {
    const char *path;
    FILE *file;
    int64_t n;
};

static int write_card(void *context, const struct vcard *card, struct err *err)
{
    MEM_SCOPE(mem);
    struct cards *c = context;
    struct text t = text_new(mem);
    vcard_write(&t, card);
    if (fwrite(t.s, 1, t.len, c->file) != t.len)
        return err_set(err, ERR_IO, "%s: %s", c->path, strerror(errno));
    c->n++;
    return 0;
}

static int fill_cards(struct register_run *r, const struct exchange_query *q, struct cards *c,
                      struct exchange_result *result, struct err *err)
{
    if (contact_cards_each(r->db, q->ids, q->n, write_card, c, err) < 0)
        return -1;
    result->contacts = c->n;
    if (q->groups && contact_groups_each(r->db, q->group, q->ids, q->n, write_card, c, err) < 0)
        return -1;
    return 0;
}

/* Written beside and renamed: whole or not at all. */
static int write_cards(struct register_run *r, const struct exchange_query *q, struct exchange_result *result,
                       struct err *err)
{
    char *beside = talloc_asprintf(r->mem, "%s.%ld.new", q->path, (long)getpid());
    struct cards c = {.path = q->path, .file = fopen(beside, "wxe")};
    if (!c.file)
        return err_set(err, ERR_IO, "%s: %s", q->path, strerror(errno));
    int rc = fill_cards(r, q, &c, result, err);
    bool failed = fflush(c.file) != 0 || fsync(fileno(c.file)) < 0;
    failed = fclose(c.file) != 0 || failed || (rc == 0 && rename(beside, q->path) < 0);
    if (rc == 0 && failed)
        rc = err_set(err, ERR_IO, "%s: %s", q->path, strerror(errno));
    if (rc < 0)
        unlink(beside);
    return rc;
}

/* ---- the whole */

static const char *form_of(const char *path)
{
    static const char *const forms[] = {"xlsx", "csv", "vcf"};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < ARRAY_LEN(forms); i++)
        if (!strcasecmp(dot + 1, forms[i]))
            return forms[i];
    return NULL;
}

int exchange_write(struct db *db, const struct conf *conf, const struct exchange_query *q,
                   struct exchange_result *result_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    struct register_query query = {.path = q->path, .made_by = q->made_by};
    struct register_run run = {.mem = mem, .db = db, .conf = conf, .query = &query};
    const char *form = form_of(q->path);
    *result_r = (struct exchange_result){0};
    if (!form)
        return err_set(err, ERR_USAGE, "%s: the name must end with .xlsx, .csv or .vcf", q->path);
    if (rights_check(db, RIGHT_export, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        db_run(db, &rows, err, SQL_CONTACT_CARD_EXPORT, db_text(q->question), db_text(form),
               db_ints(mem, q->ids, q->n)) < 0)
        return -1;
    result_r->id = db_get_int(rows, 0, "id");
    int rc = strcmp(form, "vcf") ? write_sheet(&run, q, result_r, err) : write_cards(&run, q, result_r, err);
    if (rc == 0 && db_commit(&tx, err) < 0) {
        unlink(q->path);
        return -1;
    }
    if (rc < 0)
        return -1;
    return audit_export(db, talloc_asprintf(mem, "contacts, export %lld", (long long)result_r->id),
                        result_r->contacts, q->path, err);
}
