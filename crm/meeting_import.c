/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists of meetings are short, so that a row is a statement or two.
 */
#include "base/unicode.h"
#include "crm/department.h"
#include "crm/listfile.h"
#include "crm/meeting.h"
#include "sql/meeting.h"

enum column { DATE, TIME, PLACE, SUBJECT, CHAIR, ATTENDEES, MINUTES, LANGUAGE, NCOLUMNS };

/* Folds of the headers that lists have. */
static const struct {
    const char *fold;
    enum column column;
} headers[] = {
    {"date", DATE},
    {"data", DATE},
    {"datum", DATE},
    {"time", TIME},
    {"ora", TIME},
    {"vreme", TIME},
    {"place", PLACE},
    {"vendi", PLACE},
    {"mesto", PLACE},
    {"subject", SUBJECT},
    {"tema", SUBJECT},
    {"predmet", SUBJECT},
    {"chaired by", CHAIR},
    {"chair", CHAIR},
    {"kryesoi", CHAIR},
    {"kryesuesi", CHAIR},
    {"predsedavao", CHAIR},
    {"predsedavajuci", CHAIR},
    {"attendees", ATTENDEES},
    {"pjesemarresit", ATTENDEES},
    {"prisutni", ATTENDEES},
    {"ucesnici", ATTENDEES},
    {"minutes summary", MINUTES},
    {"minutes", MINUTES},
    {"procesverbali", MINUTES},
    {"zapisnik", MINUTES},
    {"language of minutes", LANGUAGE},
    {"language", LANGUAGE},
    {"gjuha", LANGUAGE},
    {"jezik", LANGUAGE},
};

struct reading {
    void *mem; /* of the report */
    struct db *db;
    const struct import_options *options;
    struct import_report *report;
    int64_t department_id;
    size_t at[NCOLUMNS]; /* column of the list plus one; 0: it has none */
};

static int bind_columns(struct reading *r, const struct csv_record *record, struct err *err)
{
    MEM_SCOPE(mem);
    for (size_t i = 0; i < record->n; i++) {
        const char *fold = unicode_fold(mem, record->cell[i]);
        for (size_t k = 0; k < ARRAY_LEN(headers); k++)
            if (!strcmp(headers[k].fold, fold) && !r->at[headers[k].column])
                r->at[headers[k].column] = i + 1;
    }
    if (!r->at[DATE] || !r->at[SUBJECT])
        return err_set(err, ERR_INPUT, "no column is called \"%s\"", r->at[DATE] ? "Subject" : "Date");
    return 0;
}

static const char *cell(void *mem, const struct reading *r, const struct csv_record *record,
                        enum column column)
{
    size_t at = r->at[column];
    const char *text = at && at <= record->n ? unicode_squeeze(mem, record->cell[at - 1]) : "";
    return *text ? text : NULL;
}

/* NULL: the row can be taken; else why not. */
static const char *read_row(void *mem, const struct reading *r, const struct csv_record *record,
                            struct meeting *m)
{
    const struct catalog *catalog = r->options->catalog;
    if (record->n != record->width)
        return talloc_asprintf(mem,
                               catalog_plural(catalog, "%zu cell where the header has %zu",
                                              "%zu cells where the header has %zu", (long)record->n),
                               record->n, record->width);
    const char *flaw =
        meeting_read_when(mem, cell(mem, r, record, DATE), cell(mem, r, record, TIME), m, catalog);
    if (flaw)
        return flaw;
    m->place = cell(mem, r, record, PLACE);
    m->subject = cell(mem, r, record, SUBJECT);
    m->chair = cell(mem, r, record, CHAIR);
    m->attendees = cell(mem, r, record, ATTENDEES);
    m->minutes = cell(mem, r, record, MINUTES);
    m->language = cell(mem, r, record, LANGUAGE);
    return m->subject ? NULL : catalog_text(catalog, "no subject");
}

static int note_row(struct reading *r, const struct csv_record *record, const char *class, const char *reason,
                    struct err *err)
{
    struct import_report *p = r->report;
    if (db_run(r->db, NULL, err, SQL_MEETING_IMPORT_ROW, db_int(p->id), db_int(record->number),
               db_int(record->line), db_text(class), db_text(reason)) < 0)
        return -1;
    if (!strcmp(class, "ready")) {
        p->ready++;
        return 0;
    }
    if (!strcmp(class, "known"))
        p->known++;
    else
        p->refused++;
    p->lines = talloc_realloc(r->mem, p->lines, struct import_line, (unsigned)p->n + 1);
    p->lines[p->n++] = (struct import_line){.row = record->number,
                                            .line = record->line,
                                            .class = class,
                                            .reason = talloc_strdup(p->lines, reason)};
    return 0;
}

static int take_row(struct reading *r, const struct csv_record *record, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    struct meeting m = {0};
    const char *flaw = read_row(mem, r, record, &m);
    if (flaw)
        return note_row(r, record, "refused", flaw, err);
    int n = db_run(r->db, &rows, err, SQL_MEETING_FIND_SAME, db_text(m.date), db_text(m.time),
                   db_text(m.subject));
    if (n < 0)
        return -1;
    if (n == 1)
        return note_row(r, record, "known",
                        talloc_asprintf(mem, catalog_text(r->options->catalog, "meeting %s is the same"),
                                        db_get_str(rows, 0, "id")),
                        err);
    if (db_run(r->db, NULL, err, SQL_MEETING_ADD, db_int(r->department_id), db_text(m.date), db_text(m.time),
               db_text(m.place), db_text(m.subject), db_text(m.chair), db_text(m.attendees),
               db_text(m.minutes), db_text(m.language), db_int(r->report->id)) < 0)
        return -1;
    return note_row(r, record, "ready", "", err);
}

static int take_record(void *context, const struct csv_record *record, struct err *err)
{
    struct reading *r = context;
    return record->number == 1 ? bind_columns(r, record, err) : take_row(r, record, err);
}

static int begin_import(struct reading *r, const struct listfile *file, struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct department department;
    if (department_get_for(mem, r->db, RIGHT_write, r->options->department, &department, err) < 0)
        return -1;
    r->department_id = department.id;
    r->report->department = talloc_strdup(r->mem, department.slug);
    if (db_run(r->db, &rows, err, SQL_MEETING_IMPORT_ADD, db_text(listfile_name(file)),
               db_bytes(file->bytes, file->len), db_int(department.id), db_text(r->report->encoding),
               db_text(r->report->delimiter)) < 0)
        return -1;
    r->report->id = db_get_int(rows, 0, "id");
    return 0;
}

static int take_file(struct reading *r, struct err *err)
{
    const struct import_options *o = r->options;
    const struct listfile_options options = {.encoding = o->encoding, .delimiter = o->delimiter};
    struct listfile file;
    if (listfile_open(r->mem, o->file, &options, &file, err) < 0)
        return -1;
    r->report->encoding = file.encoding;
    r->report->delimiter = file.delimiter ? csv_delimiter_name(r->mem, file.delimiter) : "";
    if (begin_import(r, &file, err) < 0 || listfile_each(&file, 0, take_record, r, err) < 0)
        return -1;
    struct import_report *p = r->report;
    if (!p->ready && !p->n)
        return err_set(err, ERR_INPUT, "%s: no rows below the header", o->file);
    return 0;
}

int meeting_import(void *mem, struct db *db, const struct import_options *o, struct import_report *report_r,
                   struct err *err)
{
    DB_TX tx = {0};
    *report_r = (struct import_report){0};
    struct reading r = {.mem = mem, .db = db, .options = o, .report = report_r};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || take_file(&r, err) < 0 ||
        db_run(db, NULL, err, SQL_MEETING_IMPORT_SUMS, db_int(report_r->id), db_int(report_r->ready),
               db_int(report_r->known), db_int(report_r->check), db_int(report_r->refused)) < 0)
        return -1;
    if (o->dry_run || (o->strict && report_r->refused)) {
        report_r->id = 0; /* the transaction is rolled back */
        return 0;
    }
    return db_commit(&tx, err);
}
