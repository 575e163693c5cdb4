/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/segment_words.h"

#include "base/unicode.h"
#include "crm/place.h"
#include "sql/segment.h"

static int query(struct db *db, enum segment_key key, struct db_rows **rows, struct err *err)
{
    switch (key) {
    case SEGMENT_CATEGORY:
        return db_run(db, rows, err, SQL_SEGMENT_CATEGORIES);
    case SEGMENT_DEPARTMENT:
        return db_run(db, rows, err, SQL_SEGMENT_DEPARTMENTS);
    case SEGMENT_OWNER:
        return db_run(db, rows, err, SQL_SEGMENT_USERS);
    case SEGMENT_TAG:
        return db_run(db, rows, err, SQL_SEGMENT_TAGS);
    case SEGMENT_CITY:
        return db_run(db, rows, err, SQL_SEGMENT_CITIES);
    case SEGMENT_ANSWERED:
    case SEGMENT_INVITED:
        return db_run(db, rows, err, SQL_SEGMENT_EVENTS);
    case SEGMENT_RECEIVED:
        return db_run(db, rows, err, SQL_SEGMENT_MAILINGS);
    case SEGMENT_IMPORTED:
        return db_run(db, rows, err, SQL_SEGMENT_IMPORTS);
    case SEGMENT_SEGMENT:
        return db_run(db, rows, err, SQL_SEGMENT_NAMES);
    default:
        return 0;
    }
}

int segment_words_load(void *mem, struct db *db, enum segment_key key, struct segment_words **words_r,
                       struct err *err)
{
    DB_ROWS rows = NULL;
    int n = query(db, key, &rows, err);
    *words_r = NULL;
    if (n < 0 || !rows)
        return n;
    struct segment_words *w = *words_r = talloc_zero(mem, struct segment_words);
    w->n = (size_t)n;
    w->word = talloc_array(w, const char *, (unsigned)n);
    w->day = talloc_array(w, const char *, (unsigned)n);
    w->id = talloc_array(w, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++) {
        w->word[i] = talloc_strdup(w, db_get_str(rows, i, "word"));
        w->day[i] = talloc_strdup(w, db_get_str(rows, i, "day"));
        w->id[i] = db_get_int(rows, i, "id");
    }
    return 0;
}

int64_t segment_words_id(const struct segment_words *w, const char *word)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word);
    for (size_t i = 0; i < w->n; i++)
        if (!strcmp(word, w->word[i]) || (*fold && !strcmp(fold, unicode_fold(mem, w->word[i]))))
            return w->id[i];
    return 0;
}

const char *segment_words_of(const struct segment_words *w, int64_t id)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->id[i] == id)
            return w->word[i];
    return "";
}

bool segment_words_has(const struct segment_words *w, const char *word)
{
    for (size_t i = 0; i < w->n; i++)
        if (!strcmp(word, w->word[i]))
            return true;
    return false;
}

/* ---- numbers and names */

static bool is_number(const char *s)
{
    size_t len = strspn(s, "0123456789");
    return len && len <= 18 && !s[len];
}

static bool names(void *mem, const struct segment_words *w, size_t i, const char *text)
{
    if (is_number(text) && strtoll(text, NULL, 10) == w->id[i])
        return true;
    const char *fold = unicode_fold(mem, text);
    return *fold && !strcmp(fold, unicode_fold(mem, w->word[i]));
}

static int fail_ambiguous(struct segment_lookup *l, const struct segment_value *v,
                          const struct segment_words *w, const char *what, const int64_t *ids)
{
    struct text t = text_new(l->mem);
    for (size_t i = 0; i < talloc_array_length(ids); i++)
        for (size_t k = 0; k < w->n; k++)
            if (w->id[k] == ids[i]) {
                text_printf(&t, "%s%lld (%s)", i ? ", " : "", (long long)ids[i], w->day[k]);
                break;
            }
    return segment_fail(l->question, v->spot, l->spot_r, ERR_NOTFOUND, l->err,
                        "several %ss are called \"%s\": write the number of one, %s", what, v->text, t.s);
}

static void add_id(int64_t **ids, int64_t id)
{
    size_t n = talloc_array_length(*ids);
    for (size_t i = 0; i < n; i++)
        if ((*ids)[i] == id)
            return;
    *ids = talloc_realloc(NULL, *ids, int64_t, (unsigned)n + 1);
    (*ids)[n] = id;
}

int segment_words_ids(struct segment_lookup *l, const struct segment_node *n, const struct segment_words *w,
                      const char *what, bool one_only, int64_t **ids_r)
{
    int64_t *all = talloc_array(l->mem, int64_t, 0);
    for (size_t i = 0; i < talloc_array_length(n->value); i++) {
        const struct segment_value *v = &n->value[i];
        int64_t *ids = talloc_array(l->mem, int64_t, 0);
        for (size_t k = 0; k < w->n; k++)
            if (names(l->mem, w, k, v->text))
                add_id(&ids, w->id[k]);
        if (!talloc_array_length(ids))
            return segment_fail(l->question, v->spot, l->spot_r, ERR_NOTFOUND, l->err,
                                "there is no %s \"%s\"%s", what, v->text,
                                segment_there_are(l->mem, v->text, w->word, w->n));
        if (one_only && talloc_array_length(ids) > 1)
            return fail_ambiguous(l, v, w, what, ids);
        for (size_t k = 0; k < talloc_array_length(ids); k++)
            add_id(&all, ids[k]);
    }
    *ids_r = all;
    return 0;
}

/* ---- cities */

/* Without postal code; a place's key where it is one, else the neighbours' spelling. */
static const char *city_key(void *mem, const char *text)
{
    struct place place;
    struct text t = text_new(mem);
    for (const char *word = unicode_fold(mem, text); *word;) {
        size_t len = strcspn(word, " ");
        if (strspn(word, "0123456789") < len) {
            text_puts(&t, t.len ? " " : "");
            text_add(&t, word, len);
        }
        word += len + (word[len] == ' ');
    }
    return place_find(t.s, &place) && !place.land ? place.key : unicode_near(mem, t.s);
}

bool segment_same_city(const char *stored, const char *asked)
{
    MEM_SCOPE(mem);
    const char *key = city_key(mem, asked);
    if (!*key)
        return false;
    for (const char *s = stored; *s;) {
        size_t len = strcspn(s, "/,;(");
        if (!strcmp(key, city_key(mem, talloc_strndup(mem, s, len))))
            return true;
        s += len + (s[len] != 0);
    }
    return false;
}

char *segment_first_characters(void *mem, const char *s, size_t n)
{
    const char *end = s;
    while (n-- && unicode_next(&end))
        ;
    return talloc_strndup(mem, s, (size_t)(end - s));
}

/* ---- in words */

static void say_values(struct text *t, const struct segment_value *v)
{
    for (size_t i = 0; i < talloc_array_length(v); i++)
        text_printf(t, "%s%s", i ? " or " : "", v[i].text);
}

void segment_words_say(struct text *t, const struct segment_node *n)
{
    static const char *const test[] = {[SEGMENT_IN] = "is",
                                       [SEGMENT_BEFORE] = "is before",
                                       [SEGMENT_UNTIL] = "is not after",
                                       [SEGMENT_AFTER] = "is after",
                                       [SEGMENT_SINCE] = "is not before"};
    text_printf(t, "%s %s ", segment_keys[n->key].name, test[n->test]);
    say_values(t, n->value);
    if (n->detail) {
        text_puts(t, " with ");
        say_values(t, n->detail);
    }
}
