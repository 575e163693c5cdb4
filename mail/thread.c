/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tree of a thread is made when it is shown, from the ids that its messages refer to: a message stands
 * under the nearest one that is there.
 */
#include "mail/thread.h"

#include "crm/rights.h"
#include "mail/message.h"
#include "mail/thread_number.h"
#include "mail/wire/facts_cage.h"
#include "sql/thread.h"

enum { LETTERS_MAX = 100 }; /* whose texts are read for one view */

int thread_list(struct db *db, int64_t contact, const char *time_zone, struct db_rows **rows_r,
                struct err *err)
{
    return db_run(db, rows_r, err, SQL_THREAD_LIST, db_int_or_null(contact), db_text(time_zone));
}

/* ---- the view */

struct tree {
    const struct db_rows *rows;
    int n, *parent; /* -1: none */
    json_t *list;
};

/* The row of the first of the ids that is in the thread; of several with one id the first. */
static int find_parent(void *mem, const struct db_rows *rows, int n, int of)
{
    char *rest = talloc_strdup(mem, db_get_str(rows, of, "refers_to")), *id;
    while ((id = strsep(&rest, " ")))
        for (int i = 0; *id && i < n; i++)
            if (i != of && !strcmp(db_get_str(rows, i, "rfc_message_id"), id))
                return i;
    return -1;
}

/* Ids that lead in a circle were made up: the first by date begins. */
static void break_circles(struct tree *t)
{
    for (int i = 0; i < t->n; i++) {
        int up = t->parent[i], steps = 0;
        while (up >= 0 && up != i && steps++ < t->n)
            up = t->parent[up];
        if (up >= 0)
            t->parent[i] = -1;
    }
}

static json_t *text_or_null(const struct db_rows *rows, int i, const char *column)
{
    const char *s = db_get_text(rows, i, column);
    return s ? json_string(s) : json_null();
}

static json_t *number_or_null(const struct db_rows *rows, int i, const char *column)
{
    return db_is_null(rows, i, column) ? json_null() : json_integer(db_get_int(rows, i, column));
}

static json_t *message_view(const struct tree *t, int i, int depth)
{
    static const char *const texts[] = {"direction", "date",  "from_address", "from_name", "subject",
                                        "class",     "state", "why",          "contact",   "placed_by"};
    const struct db_rows *r = t->rows;
    json_t *o = json_pack("{s:I}", "id", (json_int_t)db_get_int(r, i, "id"));
    for (size_t c = 0; c < ARRAY_LEN(texts); c++)
        json_object_set_new(o, texts[c], text_or_null(r, i, texts[c]));
    json_object_set_new(o, "to", text_or_null(r, i, "sent_to"));
    json_object_set_new(o, "text", text_or_null(r, i, "reply_text"));
    json_object_set_new(o, "contact_id", number_or_null(r, i, "contact_id"));
    json_object_set_new(o, "mailing_id", number_or_null(r, i, "mailing_id"));
    json_object_set_new(o, "answers", t->parent[i] < 0 ? json_null() : number_or_null(r, t->parent[i], "id"));
    json_object_set_new(o, "depth", json_integer(depth));
    json_object_set_new(o, "missing", json_boolean(t->parent[i] < 0 && *db_get_str(r, i, "refers_to")));
    json_object_set_new(o, "believed", json_boolean(db_get_bool(r, i, "believed")));
    return o;
}

static void add_under(struct tree *t, int parent, int depth)
{
    for (int i = 0; i < t->n; i++)
        if (t->parent[i] == parent) {
            json_array_append_new(t->list, message_view(t, i, depth));
            add_under(t, i, depth + 1);
        }
}

static int find(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    int rc = db_run(db, rows_r, err, SQL_THREAD_FIND, db_int(id));
    return rc == 0 ? err_set(err, ERR_NOTFOUND, "there is no thread %lld", (long long)id) : rc;
}

/* 0 also where a letter's text is gone, or cannot be read any more. */
static int add_text(struct db *db, struct cage *cage, json_t *message, struct err *err)
{
    MEM_SCOPE(mem);
    char *raw;
    size_t len;
    json_t *facts;
    if (message_load(mem, db, json_integer_value(json_object_get(message, "id")), &raw, &len, err) < 0)
        return -1;
    if (cage_facts(cage, raw, len, &facts, err) < 0)
        return err->code == ERR_INPUT ? 0 : -1;
    json_t *text = json_object_get(facts, "reply_text");
    if (text)
        json_object_set(message, "text", text);
    json_decref(facts);
    return 0;
}

static int add_texts(struct db *db, struct cage *cage, json_t *list, struct err *err)
{
    int left = LETTERS_MAX;
    size_t i;
    json_t *m;
    json_array_foreach(list, i, m)
    {
        bool out = !strcmp(json_string_value(json_object_get(m, "direction")), "out");
        if (out && json_is_null(json_object_get(m, "text")) && left-- > 0 && add_text(db, cage, m, err) < 0)
            return -1;
    }
    return 0;
}

int thread_view(struct db *db, struct cage *cage, int64_t id, const char *time_zone, json_t **view_r,
                struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS head = NULL;
    DB_ROWS rows = NULL;
    if (find(db, id, &head, err) < 0)
        return -1;
    int n =
        db_run(db, &rows, err, SQL_THREAD_MESSAGES, db_int(db_get_int(head, 0, "id")), db_text(time_zone));
    if (n < 0)
        return -1;
    struct tree t = {
        .rows = rows, .n = n, .parent = talloc_array(mem, int, (unsigned)n + 1), .list = json_array()};
    for (int i = 0; i < n; i++)
        t.parent[i] = find_parent(mem, rows, n, i);
    break_circles(&t);
    add_under(&t, -1, 0);
    if (cage && add_texts(db, cage, t.list, err) < 0) {
        json_decref(t.list);
        return -1;
    }
    *view_r = json_pack("{s:o, s:o, s:o, s:o, s:o}", "id", number_or_null(head, 0, "id"), "number",
                        text_or_null(head, 0, "number"), "subject", text_or_null(head, 0, "subject"),
                        "mailing_id", number_or_null(head, 0, "mailing_id"), "messages", t.list);
    return 0;
}

/* ---- by hand */

/* The thread itself where the one that is named has become a part of it. */
static int resolve(struct db *db, int64_t *id, struct err *err)
{
    DB_ROWS rows = NULL;
    if (find(db, *id, &rows, err) < 0)
        return -1;
    *id = db_get_int(rows, 0, "id");
    return 0;
}

int thread_join(struct db *db, int64_t into, int64_t other, struct err *err)
{
    DB_TX tx = {0};
    if (rights_check(db, RIGHT_write, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        resolve(db, &into, err) < 0 || resolve(db, &other, err) < 0)
        return -1;
    if (into == other)
        return err_set(err, ERR_CONFLICT, "they are one thread already");
    int n = db_run(db, NULL, err, SQL_THREAD_TAKE, db_int(other), db_int(into));
    if (n == 0)
        return err_set(err, ERR_DENIED, "thread %lld has no message that you may change", (long long)other);
    if (n < 0 || db_run(db, NULL, err, SQL_THREAD_BECOMES, db_int(other), db_int(into)) < 0)
        return -1;
    return db_commit(&tx, err);
}

/* The messages that go, and the thread that they go from; there is something left of it. */
static int branch_of(void *mem, struct db *db, int64_t message, bool alone, int64_t **ids_r, size_t *n_r,
                     int64_t *thread_r, struct err *err)
{
    DB_ROWS head = NULL;
    DB_ROWS rows = NULL;
    DB_ROWS rest = NULL;
    int rc = db_run(db, &head, err, SQL_THREAD_LOCK_MESSAGE, db_int(message));
    if (rc == 0)
        return err_set(err, ERR_NOTFOUND, "there is no message %lld that you may change", (long long)message);
    if (rc < 0)
        return -1;
    if (db_is_null(head, 0, "thread_id"))
        return err_set(err, ERR_CONFLICT, "message %lld is in no thread", (long long)message);
    *thread_r = db_get_int(head, 0, "thread_id");
    int n = db_run(db, &rows, err, SQL_THREAD_BRANCH, db_int(message), db_bool(alone));
    if (n < 0)
        return -1;
    *ids_r = talloc_array(mem, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++)
        (*ids_r)[i] = db_get_int(rows, i, "id");
    *n_r = (size_t)n;
    if (db_run(db, &rest, err, SQL_THREAD_REST, db_int(*thread_r), db_ints(mem, *ids_r, *n_r)) < 0)
        return -1;
    if (db_get_int(rest, 0, "n") == 0)
        return err_set(err, ERR_CONFLICT, "nothing else is in thread %lld", (long long)*thread_r);
    return 0;
}

int thread_split(struct db *db, int64_t message, bool alone, int64_t *thread_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    DB_ROWS made = NULL;
    int64_t *ids = NULL, from = 0;
    size_t n = 0;
    if (rights_check(db, RIGHT_write, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        branch_of(mem, db, message, alone, &ids, &n, &from, err) < 0)
        return -1;
    DB_ROWS head = NULL;
    if (db_run(db, &head, err, SQL_THREAD_LOCK_MESSAGE, db_int(message)) < 0 ||
        db_run(db, &made, err, SQL_THREAD_NEW, db_int(from), db_text(db_get_str(head, 0, "subject"))) < 0)
        return -1;
    *thread_r = db_get_int(made, 0, "id");
    int moved = db_run(db, NULL, err, SQL_THREAD_PLACE, db_ints(mem, ids, n), db_int(*thread_r));
    if (moved >= 0 && (size_t)moved < n)
        return err_set(err, ERR_DENIED,
                       err_plural("%zu of the %zu messages is another department's",
                                  "%zu of the %zu messages are another department's", n - (size_t)moved),
                       n - (size_t)moved, n);
    if (moved < 0 || db_run(db, NULL, err, SQL_THREAD_PART, db_int(from), db_int(*thread_r)) < 0)
        return -1;
    return db_commit(&tx, err);
}

int thread_set_number(struct db *db, int64_t id, const char *number, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    const char *key = number ? thread_number_key(mem, number) : NULL;
    if (number && !key)
        return err_set(err, ERR_USAGE, "\"%s\" is no number of a register, like 020-558/26", number);
    if (rights_check(db, RIGHT_write, err) < 0 || resolve(db, &id, err) < 0)
        return -1;
    int rc = key ? db_run(db, &rows, err, SQL_THREAD_WITH_NUMBER, db_text(key)) : 0;
    if (rc < 0)
        return -1;
    if (rc > 0 && db_get_int(rows, 0, "id") != id)
        return err_set(err, ERR_CONFLICT, "thread %lld has the number %s",
                       (long long)db_get_int(rows, 0, "id"), number);
    return db_run(db, NULL, err, SQL_THREAD_SET_NUMBER, db_int(id), db_text(number), db_text(key)) < 0 ? -1
                                                                                                       : 0;
}
