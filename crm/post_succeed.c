/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Terms end and begin on one day.  A term that began on that day or later is no predecessor: it is said, and
 * nothing is done, so that a succession by mistake of date does not erase what is known.
 */
#include "crm/post.h"

#include "base/unicode.h"
#include "crm/rights.h"
#include "sql/post.h"

struct succession {
    struct db *db;
    void *mem;
    const char *day;
    bool keep_active;
    json_t *done;
};

/* The names of post and organisation, and the term that the day falls into. */
struct place {
    const char *name, *organisation, *holder;
    int64_t term, holder_id; /* 0: vacant */
};

static int look(struct succession *s, int64_t post, struct place *place_r, struct err *err)
{
    DB_ROWS names = NULL;
    DB_ROWS terms = NULL;
    int there = db_run(s->db, &names, err, SQL_POST_GET, db_int(post));
    if (there == 0)
        return err_set(err, ERR_NOTFOUND, "there is no post %lld; `adresar post list` has their numbers",
                       (long long)post);
    int n = there < 0 ? -1 : db_run(s->db, &terms, err, SQL_POST_TERMS_FROM, db_int(post), db_text(s->day));
    if (n < 0)
        return -1;
    *place_r = (struct place){.name = talloc_strdup(s->mem, db_get_str(names, 0, "name")),
                              .organisation = talloc_strdup(s->mem, db_get_str(names, 0, "organisation"))};
    for (int i = 0; i < n; i++) {
        if (db_get_bool(terms, i, "later"))
            return err_set(err, ERR_CONFLICT, "post %lld (%s, %s): the term of %s began on %s, not before %s",
                           (long long)post, place_r->name, place_r->organisation,
                           db_get_str(terms, i, "holder"), db_get_str(terms, i, "since"), s->day);
        place_r->term = db_get_int(terms, i, "id");
        place_r->holder_id = db_get_int(terms, i, "holder_id");
        place_r->holder = talloc_strdup(s->mem, db_get_str(terms, i, "holder"));
    }
    return 0;
}

static int name_of(struct succession *s, int64_t contact, const char **name_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(s->db, &rows, err, SQL_POST_NAME_OF, db_int(contact));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)contact);
    if (n < 0)
        return -1;
    *name_r = talloc_strdup(s->mem, db_get_str(rows, 0, "name"));
    return 0;
}

static int may_change(struct succession *s, const struct post_change *c, const struct place *place,
                      struct err *err)
{
    DB_ROWS rows = NULL;
    if (rights_check(s->db, RIGHT_write, err) < 0 || db_run(s->db, &rows, err, SQL_POST_MINE, db_int(c->post),
                                                            db_int(place->holder_id), db_int(c->holder)) < 0)
        return -1;
    if (db_get_bool(rows, 0, "may"))
        return 0;
    return err_set(err, ERR_DENIED, "post %lld (%s, %s) is kept by %s, and so are they who hold it: ask them",
                   (long long)c->post, place->name, place->organisation, db_get_str(rows, 0, "keeper"));
}

static int change(struct succession *s, const struct post_change *c, struct err *err)
{
    struct place place = {0};
    const char *after = NULL;
    if (look(s, c->post, &place, err) < 0 || may_change(s, c, &place, err) < 0 ||
        (c->holder && name_of(s, c->holder, &after, err) < 0))
        return -1;
    if (place.holder_id != c->holder) {
        if (place.term &&
            db_run(s->db, NULL, err, SQL_POST_TERM_END, db_int(place.term), db_text(s->day)) < 0)
            return -1;
        if (c->holder && (db_run(s->db, NULL, err, SQL_POST_TERM_BEGIN, db_int(c->post), db_int(c->holder),
                                 db_text(s->day)) < 0 ||
                          db_run(s->db, NULL, err, SQL_POST_HOLDER_IS_BACK, db_int(c->holder)) < 0))
            return -1;
    }
    json_array_append_new(s->done,
                          json_pack("{s:I, s:s, s:s, s:s?, s:I, s:s?, s:I, s:b}", "post", (json_int_t)c->post,
                                    "name", place.name, "organisation", place.organisation, "before",
                                    place.holder, "before_id", (json_int_t)place.holder_id, "after", after,
                                    "after_id", (json_int_t)c->holder, "left", 0));
    return 0;
}

/* After all changes, since who loses one post may have got another. */
static int mark_left(struct succession *s, struct err *err)
{
    size_t i;
    json_t *done;
    json_array_foreach(s->done, i, done)
    {
        json_int_t before = json_integer_value(json_object_get(done, "before_id"));
        if (!before || s->keep_active || before == json_integer_value(json_object_get(done, "after_id")))
            continue;
        int n = db_run(s->db, NULL, err, SQL_POST_HOLDER_LEFT, db_int(before), db_text(s->day));
        if (n < 0)
            return -1;
        json_object_set_new(done, "left", json_boolean(n > 0));
    }
    return 0;
}

static int check(const struct post_change *changes, size_t n, const char *on, char day[11], struct err *err)
{
    if (on && (!unicode_parse_date(on, day) || strcmp(on, day)))
        return err_set(err, ERR_USAGE, "\"%s\" is no date; write it as 2026-12-31", on);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (changes[i].post == changes[j].post)
                return err_set(err, ERR_CONFLICT, "post %lld is named twice", (long long)changes[i].post);
    return 0;
}

static int run(struct succession *s, const struct post_change *changes, size_t n, const char *on,
               struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    if (db_begin(&tx, s->db, DB_WRITE, err) < 0 || db_run(s->db, &rows, err, SQL_POST_DAY, db_text(on)) < 0)
        return -1;
    s->day = db_get_str(rows, 0, "day");
    for (size_t i = 0; i < n; i++)
        if (change(s, &changes[i], err) < 0)
            return -1;
    return mark_left(s, err) < 0 ? -1 : db_commit(&tx, err);
}

int post_succeed(struct db *db, const struct post_change *changes, size_t n, const char *on, bool keep_active,
                 json_t **done_r, struct err *err)
{
    MEM_SCOPE(mem);
    char day[11];
    if (check(changes, n, on, day, err) < 0)
        return -1;
    struct succession s = {.db = db, .mem = mem, .keep_active = keep_active, .done = json_array()};
    if (run(&s, changes, n, on, err) < 0) {
        json_decref(s.done);
        return -1;
    }
    *done_r = s.done;
    return 0;
}
