/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/event.h"

#include "base/unicode.h"
#include "crm/department.h"
#include "crm/language.h"
#include "sql/event.h"

enum { MAX_TEXT_BYTES = 1000, MAX_PERSONS = 999 };

static int fail_unknown(int64_t id, struct err *err)
{
    return err_set(err, ERR_NOTFOUND, "there is no event %lld", (long long)id);
}

static int check_text(const struct event_text *t, struct err *err)
{
    if (language_check(t->language, err) < 0)
        return -1;
    if (!t->name || !t->place)
        return err_set(err, ERR_USAGE, "language %s: --%s-%s is missing", t->language,
                       t->name ? "place" : "name", t->language);
    if (strlen(t->name) > MAX_TEXT_BYTES || strlen(t->place) > MAX_TEXT_BYTES)
        return err_set(err, ERR_USAGE, "language %s: a name or place of more than %d bytes", t->language,
                       MAX_TEXT_BYTES);
    return 0;
}

static int check_reply_by(const char *reply_by, const char *time_zone, int64_t start, struct err *err)
{
    int64_t day;
    if (!reply_by || !*reply_by)
        return 0;
    if (unicode_parse_time(reply_by, time_zone ? time_zone : "UTC", &day, err) < 0)
        return -1;
    return day <= start ? 0
                        : err_set(err, ERR_USAGE,
                                  "answers are asked for by %s, and the event has begun by then: --reply-by",
                                  reply_by);
}

static int check_event(const struct event_new *e, struct err *err)
{
    if (e->end <= e->start)
        return err_set(err, ERR_USAGE, "the event ends before it begins");
    if (check_reply_by(e->reply_by, e->time_zone, e->start, err) < 0)
        return -1;
    if (!e->ntexts)
        return err_set(err, ERR_USAGE,
                       "the event has no name: --name-sq N --place-sq P, or in another language");
    for (size_t i = 0; i < e->ntexts; i++)
        if (check_text(&e->texts[i], err) < 0)
            return -1;
    return 0;
}

int event_add(struct db *db, const struct event_new *e, int64_t *id_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct department department;
    if (check_event(e, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        department_get_for(mem, db, RIGHT_write, e->department, &department, err) < 0 ||
        db_run(db, &rows, err, SQL_EVENT_ADD, db_text(e->domain), db_int(department.id), db_int(e->start),
               db_int(e->end), db_text(e->reply_by)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    for (size_t i = 0; i < e->ntexts; i++)
        if (db_run(db, NULL, err, SQL_EVENT_TEXT_ADD, db_int(*id_r), db_text(e->texts[i].language),
                   db_text(e->texts[i].name), db_text(e->texts[i].place)) < 0)
            return err_context(err, "language %s", e->texts[i].language);
    return db_commit(&tx, err);
}

int event_view(struct db *db, int64_t id, json_t **view_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_EVENT_VIEW, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : fail_unknown(id, err);
    *view_r = json_loads(db_get_str(rows, 0, "view"), 0, NULL);
    must(*view_r);
    return 0;
}

int event_list(struct db *db, const char *language, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_EVENT_LIST, db_text(language));
}

int event_answers(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    int n = db_run(db, NULL, err, SQL_EVENT_EXISTS, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : fail_unknown(id, err);
    return db_run(db, rows_r, err, SQL_EVENT_ANSWERS, db_int(id));
}

/* ---- changes */

static int lock(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    int n = db_run(db, rows_r, err, SQL_EVENT_LOCK, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : fail_unknown(id, err);
    if (strcmp(db_get_str(*rows_r, 0, "state"), "planned"))
        return err_set(err, ERR_CONFLICT, "event %lld is cancelled: it does not change any more",
                       (long long)id);
    return 0;
}

static int check_rights(struct db *db, enum right right, int64_t id, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_EVENT_DEPARTMENT, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : fail_unknown(id, err);
    return rights_check_department(db, right, db_get_int(rows, 0, "department_id"), err);
}

static const char *either(const char *a, const char *b)
{
    return a ? a : b;
}

/* What the texts come to: those that there are with what changes, then new languages. */
static int new_texts(void *mem, struct db *db, int64_t id, const struct event_move *m,
                     struct event_text **texts_r, bool *place_r, bool *words_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_EVENT_TEXTS, db_int(id));
    struct event_text *t = talloc_zero_array(mem, struct event_text, (unsigned)(n < 0 ? 0 : n) + m->ntexts);
    size_t count = 0;
    for (int i = 0; i < n; i++, count++)
        t[count] = (struct event_text){talloc_strdup(mem, db_get_str(rows, i, "language")),
                                       talloc_strdup(mem, db_get_str(rows, i, "name")),
                                       either(m->place, talloc_strdup(mem, db_get_str(rows, i, "place")))};
    for (size_t k = 0; k < m->ntexts; k++) {
        size_t i = 0;
        while (i < count && strcmp(t[i].language, m->texts[k].language))
            i++;
        t[i].language = m->texts[k].language;
        t[i].name = either(m->texts[k].name, t[i].name);
        t[i].place = either(m->texts[k].place, either(t[i].place, m->place));
        count += i == count;
    }
    *place_r = *words_r = false;
    for (size_t i = 0; i < count; i++) {
        bool there = i < (size_t)(n < 0 ? 0 : n);
        if (check_text(&t[i], err) < 0)
            return -1;
        *place_r = *place_r || (there && strcmp(t[i].place, db_get_str(rows, (int)i, "place")));
        *words_r = *words_r || !there || strcmp(t[i].name, db_get_str(rows, (int)i, "name"));
    }
    *texts_r = talloc_realloc(mem, t, struct event_text, (unsigned)count);
    return n < 0 ? -1 : 0;
}

static int set_texts(struct db *db, int64_t id, const struct event_text *t, struct err *err)
{
    for (size_t i = 0; i < talloc_array_length(t); i++)
        if (db_run(db, NULL, err, SQL_EVENT_TEXT_SET, db_int(id), db_text(t[i].language), db_text(t[i].name),
                   db_text(t[i].place)) < 0)
            return -1;
    return 0;
}

static int count_guests(struct db *db, int64_t id, struct event_changed *changed_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_EVENT_AFTER_CHANGE, db_int(id)) < 0)
        return -1;
    changed_r->had = db_get_int(rows, 0, "had");
    changed_r->stopped = db_get_int(rows, 0, "stopped");
    return 0;
}

int event_move(struct db *db, int64_t id, const struct event_move *m, struct event_changed *changed_r,
               struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS event = NULL;
    DB_ROWS moved = NULL;
    MEM_SCOPE(mem);
    struct event_text *texts;
    bool place, words;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || check_rights(db, RIGHT_write, id, err) < 0 ||
        lock(db, id, &event, err) < 0 || new_texts(mem, db, id, m, &texts, &place, &words, err) < 0)
        return -1;
    int64_t start = db_get_int(event, 0, "starts"), end = db_get_int(event, 0, "ends");
    int64_t new_start = m->start ? m->start : start, new_end = m->end ? m->end : new_start + (end - start);
    if (new_end <= new_start)
        return err_set(err, ERR_USAGE, "the event ends before it begins");
    if (check_reply_by(m->reply_by ? m->reply_by : db_get_str(event, 0, "reply_by"), m->time_zone, new_start,
                       err) < 0)
        return -1;
    changed_r->raised = place || new_start != start || new_end != end;
    if (!changed_r->raised && !words && !m->reply_by)
        return err_set(err, ERR_USAGE, "event %lld is so already: nothing changes", (long long)id);
    if (db_run(db, &moved, err, SQL_EVENT_MOVE, db_int(id), db_int(new_start), db_int(new_end),
               db_text(m->reply_by), db_int(place)) < 0)
        return -1;
    changed_r->sequence = db_get_int(moved, 0, "sequence");
    if (((place || words) && set_texts(db, id, texts, err) < 0) || count_guests(db, id, changed_r, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int event_cancel(struct db *db, int64_t id, const char *reason, struct event_changed *changed_r,
                 struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS event = NULL;
    DB_ROWS cancelled = NULL;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || check_rights(db, RIGHT_write, id, err) < 0 ||
        lock(db, id, &event, err) < 0 ||
        db_run(db, &cancelled, err, SQL_EVENT_CANCEL, db_int(id), db_text(reason)) < 0)
        return -1;
    changed_r->sequence = db_get_int(cancelled, 0, "sequence");
    changed_r->raised = true;
    return count_guests(db, id, changed_r, err) < 0 ? -1 : db_commit(&tx, err);
}

/* ---- answers by hand, and calls */

const char *event_answer_of(const char *word)
{
    static const char *const table[][2] = {{"yes", "accepted"},
                                           {"no", "declined"},
                                           {"perhaps", "tentative"},
                                           {"delegated", "delegated"},
                                           {"question", "question"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(word, table[i][0]))
            return table[i][1];
    return NULL;
}

static int check_said(const struct event_said *s, struct err *err)
{
    static const char *const ways[] = {"phone", "letter", "person"};
    bool known = false, comes = strcmp(s->answer, "declined") && strcmp(s->answer, "question");
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        known = known || !strcmp(s->by, ways[i]);
    if (!known)
        return err_set(err, ERR_USAGE, "--by is phone, letter or person, not \"%s\"", s->by);
    if ((s->note && strlen(s->note) > MAX_TEXT_BYTES) || (s->instead && strlen(s->instead) > MAX_TEXT_BYTES))
        return err_set(err, ERR_USAGE, "a note or name of more than %d bytes", MAX_TEXT_BYTES);
    if (s->persons && (s->persons < 1 || s->persons > MAX_PERSONS || !comes))
        return err_set(err, ERR_USAGE, "--persons is 1 to %d, of those who come", MAX_PERSONS);
    if ((s->instead || s->instead_id) && strcmp(s->answer, "delegated") != 0)
        return err_set(err, ERR_USAGE, "--instead is of the answer delegated");
    return 0;
}

int event_answer_add(struct db *db, int64_t id, int64_t contact, const struct event_said *s, struct err *err)
{
    if (check_said(s, err) < 0 || check_rights(db, RIGHT_write, id, err) < 0)
        return -1;
    return db_run(db, NULL, err, SQL_EVENT_ANSWER_ADD, db_int(id), db_int(contact), db_text(s->answer),
                  db_text(s->by), db_text(s->note ? s->note : ""), db_int_or_null(s->persons),
                  db_text(s->instead), db_int_or_null(s->instead_id)) < 0
               ? -1
               : 0;
}

int event_find_guest(struct db *db, int64_t id, const char *number, int64_t *contact_r, struct err *err)
{
    DB_ROWS rows = NULL;
    char *end;
    long long mailing = strtoll(number, &end, 10), outbox = *end == '/' ? strtoll(end + 1, &end, 10) : 0;
    int rc = *end ? 0 : db_run(db, &rows, err, SQL_EVENT_GUEST, db_int(id), db_int(mailing), db_int(outbox));
    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_NOTFOUND, "no letter about event %lld has the number %s", (long long)id,
                       number);
    *contact_r = db_get_int(rows, 0, "contact_id");
    return 0;
}

int event_calls(struct db *db, int64_t id, const char *time_zone, struct db_rows **rows_r, struct err *err)
{
    if (check_rights(db, RIGHT_see, id, err) < 0)
        return -1;
    return db_run(db, rows_r, err, SQL_EVENT_CALLS, db_int(id), db_text(time_zone));
}
