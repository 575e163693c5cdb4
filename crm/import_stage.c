/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One pass over the file: each record becomes a list_row, its names get their keys, and it goes to the server
 * in the stream of a COPY.  What a row needs in memory ends with the row.
 */
#include "crm/import_stage.h"

#include "base/csv.h"
#include "base/db_script.h"
#include "base/unicode.h"
#include "crm/listrow.h"
#include "sql/import.h"

struct staging {
    struct db *db;
    const struct import_options *options;
    struct mapping *mapping;
    struct import_file *file;
};

/* In the order of import_copy_stage. */
struct stage_row {
    const char *row, *line, *class, *reason;
    const char *kind;
    const char *name, *fold, *near, *name_language;
    const char *org_name, *org_fold, *org_near, *org_language;
    const char *position, *salutation, *precedence, *note, *languages, *categories;
    const char *lines, *city, *country;
    const char *emails, *email_keys, *phones, *e164s, *fields, *field_values;
};

struct name_keys {
    const char *fold, *near, *language;
};

static struct name_keys keys_of(void *mem, const char *name)
{
    struct name_keys k = {unicode_fold(mem, name), unicode_near(mem, name), NULL};
    if (!*k.fold) /* a name of signs alone is its own key */
        k.fold = k.near = name;
    if (unicode_script(name) == UNICODE_CYRILLIC)
        k.language = "sr-Cyrl";
    return k;
}

/* Who is the main contact: an organisation without a name for itself is what the row calls a name. */
static void put_names(void *mem, const struct list_row *row, struct stage_row *s)
{
    const char *name = row->text[FIELD_NAME], *organisation = row->text[FIELD_ORGANISATION];
    s->kind = row->text[FIELD_KIND];
    if (!organisation && !strcmp(s->kind, "organisation")) {
        organisation = name;
        name = NULL;
    }
    if (!name)
        s->kind = "organisation";
    if (name) {
        struct name_keys k = keys_of(mem, name);
        s->name = name, s->fold = k.fold, s->near = k.near, s->name_language = k.language;
    }
    if (organisation) {
        struct name_keys k = keys_of(mem, organisation);
        s->org_name = organisation, s->org_fold = k.fold, s->org_near = k.near, s->org_language = k.language;
    }
}

static void put_lists(void *mem, const struct list_row *row, struct stage_row *s)
{
    const char *a[LISTROW_MAX_EMAILS], *b[LISTROW_MAX_EMAILS];
    for (size_t i = 0; i < row->emails; i++)
        a[i] = row->email[i].email, b[i] = row->email[i].key;
    s->emails = db_texts(mem, a, row->emails).value;
    s->email_keys = db_texts(mem, b, row->emails).value;
    const char *c[LISTROW_MAX_PHONES], *d[LISTROW_MAX_PHONES];
    for (size_t i = 0; i < row->phones; i++)
        c[i] = row->phone[i].typed, d[i] = row->phone[i].e164;
    s->phones = db_texts(mem, c, row->phones).value;
    s->e164s = db_texts(mem, d, row->phones).value;
    s->languages = db_texts(mem, row->language, row->languages).value;
    const char *category = row->text[FIELD_CATEGORY];
    s->categories = db_texts(mem, &category, category != NULL).value;
}

/* What a list knows besides. */
static void put_details(void *mem, const struct list_row *row, struct stage_row *s)
{
    static const enum field details[] = {FIELD_VILLAGE,      FIELD_NUMBER, FIELD_EMPLOYEES,   FIELD_TURNOVER,
                                         FIELD_REGISTRATION, FIELD_FORM,   FIELD_LAST_CONTACT};
    const char *field[ARRAY_LEN(details)], *value[ARRAY_LEN(details)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(details); i++) {
        const char *text = row->text[details[i]];
        if (details[i] == FIELD_LAST_CONTACT && row->last_contact)
            text = row->last_contact;
        if (!text)
            continue;
        field[n] = mapping_field_name(details[i]);
        value[n++] = text;
    }
    s->fields = db_texts(mem, field, n).value;
    s->field_values = db_texts(mem, value, n).value;
}

static int stage_send(struct db *db, const struct stage_row *s, struct err *err)
{
    const char *field[sizeof *s / sizeof(const char *)];
    _Static_assert(sizeof *s == sizeof field, "one pointer a column");
    memcpy(field, s, sizeof field);
    return db_copy_row(db, field, ARRAY_LEN(field), err);
}

static int stage_row_put(struct staging *st, const struct csv_record *record, struct err *err)
{
    MEM_SCOPE(mem);
    struct list_row row;
    struct listrow_options o = {
        .mapping = st->mapping, .country = st->options->country, .catalog = st->options->catalog};
    listrow_read(mem, &o, record, &row);
    if (row.class == LISTROW_EMPTY)
        return 0;
    struct stage_row s = {
        .row = talloc_asprintf(mem, "%ld", row.number),
        .line = talloc_asprintf(mem, "%ld", row.line),
        .class = listrow_class_name(row.class),
        .reason = row.reason,
    };
    if (row.class != LISTROW_REFUSED) {
        put_names(mem, &row, &s);
        put_lists(mem, &row, &s);
        put_details(mem, &row, &s);
        s.position = row.text[FIELD_POSITION];
        s.salutation = row.text[FIELD_SALUTATION];
        s.precedence = row.text[FIELD_RANK];
        s.note = row.text[FIELD_NOTE];
        s.lines = row.text[FIELD_ADDRESS];
        s.city = row.text[FIELD_CITY];
        s.country = row.text[FIELD_COUNTRY];
    }
    st->file->rows++;
    return stage_send(st->db, &s, err);
}

static int take_record(void *context, const struct csv_record *record, struct err *err)
{
    struct staging *st = context;
    if (record->number > 1)
        return stage_row_put(st, record, err);
    if (mapping_bind(st->mapping, record->cell, record->n, err) < 0)
        return -1;
    return db_copy_begin(st->db, err, SQL_IMPORT_COPY_STAGE);
}

static int read_file(void *mem, const struct import_options *o, struct import_file *f, char **text_r,
                     struct err *err)
{
    if (mem_read_file(mem, o->file, IMPORT_MAX_BYTES, &f->bytes, &f->len, err) < 0)
        return -1;
    if (unicode_decode(mem, f->bytes, f->len, o->encoding, text_r, &f->encoding, err) < 0)
        return err_context(err, "%s", o->file);
    if (!**text_r)
        return err_set(err, ERR_INPUT, "%s: the file is empty", o->file);
    f->delimiter = o->delimiter ? o->delimiter : csv_find_delimiter(*text_r, strlen(*text_r));
    return 0;
}

int import_stage_file(void *mem, struct db *db, const struct import_options *o, struct import_file *file_r,
                      struct err *err)
{
    MEM_SCOPE(scratch);
    char *text;
    *file_r = (struct import_file){0};
    struct staging st = {.db = db, .options = o, .file = file_r};
    if (o->map_file && mapping_load(scratch, o->map_file, &st.mapping, err) < 0)
        return -1;
    if (!o->map_file)
        st.mapping = mapping_by_names(scratch);
    if (read_file(mem, o, file_r, &text, err) < 0)
        return -1;
    if (db_run(db, NULL, err, SQL_IMPORT_CREATE_STAGE) < 0)
        return -1;
    if (csv_each(text, strlen(text), file_r->delimiter, take_record, &st, err) < 0)
        return err_context(err, "%s", o->file);
    if (!file_r->rows)
        return err_set(err, ERR_INPUT, "%s: no rows below the header", o->file);
    return db_copy_end(db, err) < 0 ? err_context(err, "%s", o->file) : 0;
}
