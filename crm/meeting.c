/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/meeting.h"

#include "base/unicode.h"
#include "crm/department.h"
#include "crm/language.h"
#include "sql/meeting.h"

enum { MAX_SUBJECT_BYTES = 1000 };

/* "9:05", "09.05", "9h" to "09:05"; NULL if it is no time of day. */
static char *read_time(void *mem, const char *s)
{
    char *end;
    if (*s < '0' || *s > '9')
        return NULL;
    long hour = strtol(s, &end, 10), minute = 0;
    if (*end == ':' || *end == '.') {
        const char *at = end + 1;
        if (strspn(at, "0123456789") != 2)
            return NULL;
        minute = strtol(at, &end, 10);
    } else if (*end == 'h') {
        end++;
    } else {
        return NULL;
    }
    return *end || hour > 23 || minute > 59 ? NULL : talloc_asprintf(mem, "%02ld:%02ld", hour, minute);
}

const char *meeting_read_when(void *mem, const char *date, const char *time, struct meeting *meeting,
                              const struct catalog *catalog)
{
    char iso[11];
    meeting->time = NULL;
    if (!date || !unicode_parse_date(date, iso))
        return talloc_asprintf(mem, catalog_text(catalog, "\"%s\" is no date; write 18.03.2027"),
                               date ? date : "");
    meeting->date = talloc_strdup(mem, iso);
    if (time && *time && !(meeting->time = read_time(mem, time)))
        return talloc_asprintf(mem, catalog_text(catalog, "\"%s\" is no time; write 09:30"), time);
    return NULL;
}

int meeting_add(struct db *db, const struct meeting *m, const char *department, int64_t *id_r,
                struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct department d;
    if (!m->subject || !*m->subject)
        return err_set(err, ERR_USAGE, "a meeting has a subject");
    if (strlen(m->subject) > MAX_SUBJECT_BYTES)
        return err_set(err, ERR_USAGE, "a subject of more than %d bytes", MAX_SUBJECT_BYTES);
    if ((m->language && language_check(m->language, err) < 0) ||
        department_get_for(mem, db, RIGHT_write, department, &d, err) < 0 ||
        db_run(db, &rows, err, SQL_MEETING_ADD, db_int(d.id), db_text(m->date), db_text(m->time),
               db_text(m->place), db_text(m->subject), db_text(m->chair), db_text(m->attendees),
               db_text(m->minutes), db_text(m->language), db_null()) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    return 0;
}

int meeting_list(struct db *db, const char *department, struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct department d = {0};
    if (department && department_get(mem, db, department, &d, err) < 0)
        return -1;
    return db_run(db, rows_r, err, SQL_MEETING_LIST, db_int_or_null(d.id));
}
