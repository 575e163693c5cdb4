/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One pass over the file: each record becomes a list_row, its names get their keys, and it goes to the server
 * in the stream of a COPY.  What a row needs in memory ends with the row.
 */
#include "crm/import_stage.h"

#include "base/db_script.h"
#include "base/unicode.h"
#include "crm/listrow.h"
#include "sql/import.h"

struct staging {
    void *mem; /* of the report */
    struct db *db;
    const struct import_options *options;
    struct import_report *report;
    long rows;
    bool cards;
};

/* In the order of import_copy_stage. */
struct stage_row {
    const char *row, *sheet, *number, *line, *class, *reason;
    const char *kind;
    const char *name, *fold, *near, *name_language;
    const char *org_name, *org_fold, *org_near, *org_language;
    const char *position, *salutation, *gender, *title, *precedence, *note, *languages, *categories;
    const char *lines, *city, *country, *private_address;
    const char *emails, *email_keys, *private_emails, *phones, *e164s, *private_phones;
    const char *fields, *field_values;
    const char *uid, *tags, *owner;
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

static const char *said(bool is)
{
    return is ? "t" : "f";
}

static void put_lists(void *mem, const struct list_row *row, struct stage_row *s)
{
    const char *a[LISTROW_MAX_EMAILS], *b[LISTROW_MAX_EMAILS], *hidden[LISTROW_MAX_EMAILS];
    for (size_t i = 0; i < row->emails; i++)
        a[i] = row->email[i].email, b[i] = row->email[i].key, hidden[i] = said(row->email[i].private);
    s->emails = db_texts(mem, a, row->emails).value;
    s->email_keys = db_texts(mem, b, row->emails).value;
    s->private_emails = db_texts(mem, hidden, row->emails).value;
    const char *c[LISTROW_MAX_PHONES], *d[LISTROW_MAX_PHONES], *unlisted[LISTROW_MAX_PHONES];
    for (size_t i = 0; i < row->phones; i++)
        c[i] = row->phone[i].typed, d[i] = row->phone[i].e164, unlisted[i] = said(row->phone[i].private);
    s->phones = db_texts(mem, c, row->phones).value;
    s->e164s = db_texts(mem, d, row->phones).value;
    s->private_phones = db_texts(mem, unlisted, row->phones).value;
    s->languages = db_texts(mem, row->language, row->languages).value;
    s->categories = db_texts(mem, row->category, row->categories).value;
    s->tags = db_texts(mem, row->tag, row->tags).value;
}

/* What a list knows besides: fields that have a name here, and columns under theirs. */
static void put_details(void *mem, const struct list_row *row, struct stage_row *s)
{
    static const enum field details[] = {FIELD_VILLAGE,      FIELD_NUMBER, FIELD_EMPLOYEES,   FIELD_TURNOVER,
                                         FIELD_REGISTRATION, FIELD_FORM,   FIELD_LAST_CONTACT};
    const char **field = talloc_array(mem, const char *, ARRAY_LEN(details) + (unsigned)row->details);
    const char **value = talloc_array(mem, const char *, ARRAY_LEN(details) + (unsigned)row->details);
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
    for (size_t i = 0; i < row->details; i++) {
        field[n] = row->detail[i].field;
        value[n++] = row->detail[i].value;
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

static void put_fields(void *mem, const struct list_row *row, struct stage_row *s)
{
    put_names(mem, row, s);
    put_lists(mem, row, s);
    put_details(mem, row, s);
    s->position = row->text[FIELD_POSITION];
    s->salutation = row->text[FIELD_SALUTATION];
    s->gender = row->text[FIELD_GENDER];
    s->title = row->text[FIELD_HONORIFIC];
    s->precedence = row->text[FIELD_RANK];
    s->note = row->text[FIELD_NOTE];
    s->lines = row->text[FIELD_ADDRESS];
    s->city = row->text[FIELD_CITY];
    s->country = row->text[FIELD_COUNTRY];
    s->private_address = said(row->private_address);
    s->uid = row->text[FIELD_UID];
    s->owner = row->text[FIELD_OWNER];
}

static int note_skip(struct staging *st, const struct list_part *part, const struct csv_record *record,
                     const char *what)
{
    struct import_report *r = st->report;
    r->skip = talloc_realloc(st->mem, r->skip, struct import_skip, (unsigned)r->skips + 1);
    r->skip[r->skips++] = (struct import_skip){part->head.sheet_name, record->number, what};
    return 0;
}

static int stage_record(void *context, const struct list_part *part, const struct csv_record *record,
                        enum listhead_kind kind, const char *category, struct err *err)
{
    struct staging *st = context;
    MEM_SCOPE(mem);
    struct list_row row;
    struct listrow_options o = {.mapping = part->mapping,
                                .label = part->head.label,
                                .category = category,
                                .card = st->cards,
                                .country = st->options->country,
                                .catalog = st->options->catalog};
    if (kind != LISTHEAD_ROW)
        return note_skip(st, part, record, kind == LISTHEAD_GROUP ? "group" : "total");
    listrow_read(mem, &o, record, &row);
    struct stage_row s = {
        .row = talloc_asprintf(mem, "%ld", ++st->rows),
        .sheet = part->head.sheet_name,
        .number = talloc_asprintf(mem, "%ld", row.number),
        .line = talloc_asprintf(mem, "%ld", row.line),
        .class = listrow_class_name(row.class),
        .reason = row.reason,
    };
    if (row.class != LISTROW_REFUSED)
        put_fields(mem, &row, &s);
    return stage_send(st->db, &s, err);
}

int import_stage_rows(void *mem, struct db *db, const struct import_options *o, const struct list_plan *plan,
                      struct import_report *report, struct err *err)
{
    struct staging st = {.mem = mem, .db = db, .options = o, .report = report, .cards = plan->file.cards};
    if (db_run(db, NULL, err, SQL_IMPORT_CREATE_STAGE) < 0 ||
        db_copy_begin(db, err, SQL_IMPORT_COPY_STAGE) < 0 || listplan_each(plan, stage_record, &st, err) < 0)
        return -1;
    if (!st.rows)
        return err_set(err, ERR_INPUT, "%s: no rows below the header", plan->file.path);
    return db_copy_end(db, err) < 0 ? err_context(err, "%s", plan->file.path) : 0;
}

/* ---- the rows to look at, once more */

struct giving {
    const struct import_options *options;
    const struct import_report *report;
    size_t at; /* the next line of the report */
};

static bool is_line(const struct import_line *line, const struct list_part *part,
                    const struct csv_record *record)
{
    const char *a = line->sheet ? line->sheet : "";
    const char *b = part->head.sheet_name ? part->head.sheet_name : "";
    return line->row == record->number && !strcmp(a, b);
}

static int give_record(void *context, const struct list_part *part, const struct csv_record *record,
                       enum listhead_kind kind, const char *category, struct err *err)
{
    struct giving *g = context;
    (void)category;
    if (kind != LISTHEAD_ROW || g->at == g->report->n || !is_line(&g->report->lines[g->at], part, record))
        return 0;
    const struct import_line *line = &g->report->lines[g->at++];
    struct import_bad bad = {part->head.sheet_name, line->row,    line->class,  line->reason,
                             part->head.label,      record->cell, part->head.n, record->n};
    if (!strcmp(line->class, "known"))
        return 0;
    return g->options->bad(g->options->context, &bad, err);
}

int import_stage_bad(const struct import_options *options, const struct list_plan *plan,
                     const struct import_report *report, struct err *err)
{
    struct giving giving = {.options = options, .report = report};
    return options->bad ? listplan_each(plan, give_record, &giving, err) : 0;
}
