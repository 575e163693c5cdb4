/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/precedence.h"

#include "base/unicode.h"
#include "crm/personname.h"
#include "sql/precedence.h"

/* ---- what a list says */

static int class_rank(const char *words)
{
    return form_class_rank(form_class_of(words, NULL, NULL));
}

static int higher(int a, int b)
{
    return !a || (b && b < a) ? b : a;
}

/* "Ambassador – 3 (credentials 14.09.2023)" in pieces: a rank, a number, a date. */
static void read_piece(const char *piece, struct precedence *p)
{
    MEM_SCOPE(mem);
    char iso[11];
    p->rank = higher(p->rank, class_rank(piece));
    for (char *rest = talloc_strdup(mem, piece), *word; (word = strsep(&rest, " "));) {
        size_t len = strspn(word, "0123456789");
        if (!*p->since && unicode_parse_date(word, iso))
            memcpy(p->since, iso, sizeof iso);
        else if (!p->number && len && len < 5 && !word[len])
            p->number = (int)strtol(word, NULL, 10);
    }
}

struct precedence precedence_of(const char *text)
{
    MEM_SCOPE(mem);
    struct precedence p = {0};
    const char *dash = "–";
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ",;()");
        const char *cut = strstr(at, dash);
        size_t step = 1;
        if (cut && (size_t)(cut - at) < len) {
            len = (size_t)(cut - at);
            step = strlen(dash);
        }
        read_piece(unicode_squeeze(mem, talloc_strndup(mem, at, len)), &p);
        at += len;
        at += *at ? step : 0;
    }
    return p;
}

/* 0 and "" come last */
static int compare_numbers(int a, int b)
{
    return a == b ? 0 : !a ? 1 : !b ? -1 : a < b ? -1 : 1;
}

int precedence_compare(const struct precedence *a, const struct precedence *b)
{
    int order = compare_numbers(a->rank, b->rank);
    if (order || !a->rank)
        return order;
    if (*a->since && *b->since)
        order = strcmp(a->since, b->since);
    else
        order = *a->since ? -1 : *b->since ? 1 : 0;
    return order ? order : compare_numbers(a->number, b->number);
}

/* ---- contacts */

struct place {
    int64_t contact;
    struct precedence precedence;
    const char *alphabet;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = precedence_compare(&x->precedence, &y->precedence);
    order = order ? order : strcmp(x->alphabet, y->alphabet);
    return order ? order : x->contact < y->contact ? -1 : x->contact > y->contact;
}

/* People by their family names. */
static const char *alphabet_of(void *mem, const struct unicode_collator *collator, const struct db_rows *rows,
                               int i, bool cyrillic)
{
    MEM_SCOPE(scratch);
    const char *name = db_get_str(rows, i, "name");
    if (!cyrillic)
        name = unicode_to_latin(scratch, name);
    if (!strcmp(db_get_str(rows, i, "kind"), "person")) {
        struct personname n = personname_of(scratch, name);
        name = talloc_asprintf(scratch, "%s %s", n.family, n.name);
    }
    return unicode_sort_key(mem, collator, name);
}

static void take_date(struct precedence *p, const char *date)
{
    if (date && strlen(date) < sizeof p->since)
        memcpy(p->since, date, strlen(date) + 1);
}

static void take_post(struct place *place, const struct db_rows *rows, int i)
{
    enum form_class class;
    const char *post = db_get_text(rows, i, "post");
    if (!post)
        return;
    if (!form_class_find(db_get_str(rows, i, "class"), &class))
        class = form_class_of(post, db_get_text(rows, i, "category"), NULL);
    int rank = form_class_rank(class);
    if (!rank || (place->precedence.rank && rank > place->precedence.rank))
        return;
    place->precedence.rank = rank;
    if (!*place->precedence.since)
        take_date(&place->precedence, db_get_text(rows, i, "since"));
}

static size_t take_contact(struct place *places, size_t n, const struct db_rows *rows, int i,
                           const char *alphabet)
{
    struct place *place = n ? &places[n - 1] : NULL;
    int64_t id = db_get_int(rows, i, "id");
    if (!place || place->contact != id) {
        place = &places[n++];
        *place = (struct place){id, precedence_of(db_get_str(rows, i, "precedence")), alphabet};
    }
    take_post(place, rows, i);
    place->precedence.rank = (int)db_get_int_or(rows, i, "rank", place->precedence.rank);
    take_date(&place->precedence, db_get_text(rows, i, "in_office_since"));
    return n;
}

int precedence_sort(struct db *db, int64_t *contacts, size_t *n, const char *language, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    const struct unicode_collator *collator = unicode_collator_new(mem, language);
    bool cyrillic = !strcmp(language, "sr-Cyrl");
    int count = db_run(db, &rows, err, SQL_PRECEDENCE_KEYS, db_ints(mem, contacts, *n), db_text(language));
    if (count < 0)
        return -1;
    struct place *places = talloc_array(mem, struct place, (unsigned)count);
    size_t found = 0;
    for (int i = 0; i < count; i++)
        found = take_contact(places, found, rows, i, alphabet_of(mem, collator, rows, i, cyrillic));
    must(found <= *n);
    *n = found;
    qsort(places, found, sizeof *places, compare_places);
    for (size_t i = 0; i < found; i++)
        contacts[i] = places[i].contact;
    return 0;
}
