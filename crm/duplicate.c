/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The search.  Over all contacts: the keys of each are made and kept, sorted with the contacts' numbers, and
 * those that share a key with few others make pairs; pairs are compared in runs, each of which loads its
 * contacts once.  For a new contact the table of keys answers the same question.
 */
#include "crm/duplicate.h"

#include <jansson.h>

#include "crm/duplicate_load.h"
#include "sql/duplicate.h"

enum {
    MOST = 40, /* what more contacts share tells them apart no more */
    MOST_OF_WEAK = 8,
    SMALL_PART = 10, /* what is new is compared by itself as long as it is a smaller part of all */
};

static size_t most_of(uint64_t key)
{
    return key & LIKENESS_WEAK ? MOST_OF_WEAK : MOST;
}

/* ---- keys */

struct entry {
    uint64_t key;
    int64_t id;
};
/* Of a large base more than the 256 MB that talloc gives at once. */
struct entries {
    struct entry *entry; /* malloc; ordered by key, then id, once it is sorted */
    size_t n, size;
};
#define ENTRIES CLEANUP(entries_end) struct entries

static void entries_end(struct entries *e)
{
    free(e->entry);
}

static void *grow(void *array, size_t *size, size_t item)
{
    *size = *size ? *size * 2 : 1024;
    array = reallocarray(array, *size, item);
    if (!array)
        bug("out of memory for %zu keys or pairs", *size);
    return array;
}

static void add_entry(struct entries *e, uint64_t key, int64_t id)
{
    if (e->n == e->size)
        e->entry = grow(e->entry, &e->size, sizeof *e->entry);
    e->entry[e->n++] = (struct entry){key, id};
}

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    uint64_t kx = x->key & ~(uint64_t)1, ky = y->key & ~(uint64_t)1;
    if (kx != ky)
        return kx < ky ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Of the contacts; kept in the store, too. */
static int make_keys(struct db *db, const struct parties *parties, bool compared, struct entries *entries,
                     struct err *err)
{
    MEM_SCOPE(scratch);
    int64_t *ids = talloc_array(scratch, int64_t, parties->n);
    const char **lists = talloc_array(scratch, const char *, parties->n);
    for (size_t i = 0; i < parties->n; i++) {
        uint64_t keys[LIKENESS_MAX_KEYS];
        struct text list = text_new(scratch);
        ids[i] = likeness_party_id(parties->party[i]);
        size_t n = likeness_keys(parties->party[i], keys);
        for (size_t k = 0; k < n; k++) {
            add_entry(entries, keys[k], ids[i]);
            text_printf(&list, "%s%lld", k ? "," : "{", (long long)keys[k]);
        }
        text_puts(&list, n ? "}" : "{}");
        lists[i] = list.s;
    }
    return db_run(db, NULL, err, SQL_DUPLICATE_PUT_KEYS, db_ints(scratch, ids, parties->n),
                  db_texts(scratch, lists, parties->n), db_bool(compared)) < 0
               ? -1
               : 0;
}

static size_t first_of(const struct entries *e, uint64_t key)
{
    size_t from = 0, to = e->n;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if ((e->entry[middle].key & ~(uint64_t)1) < key)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* How many contacts have the key: a likeness_count_fn over sorted entries. */
static int64_t count_key(void *context, uint64_t key)
{
    const struct entries *e = context;
    key &= ~(uint64_t)1;
    size_t begin = first_of(e, key);
    return (int64_t)(first_of(e, key + 2) - begin);
}

/* ---- pairs */

struct pair {
    int64_t a, b;
};
struct pairs {
    struct pair *pair; /* malloc */
    size_t n, size;
};
#define PAIRS CLEANUP(pairs_end) struct pairs

static void pairs_end(struct pairs *p)
{
    free(p->pair);
}

static void add_pair(struct pairs *p, int64_t x, int64_t y)
{
    if (p->n == p->size)
        p->pair = grow(p->pair, &p->size, sizeof *p->pair);
    p->pair[p->n++] = x < y ? (struct pair){x, y} : (struct pair){y, x};
}

static int by_ids(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static void sort_pairs(struct pairs *p)
{
    size_t n = 0;
    if (p->n)
        qsort(p->pair, p->n, sizeof *p->pair, by_ids);
    for (size_t i = 0; i < p->n; i++)
        if (!n || by_ids(&p->pair[n - 1], &p->pair[i]))
            p->pair[n++] = p->pair[i];
    p->n = n;
}

/* Of each key that few have; not of two contacts that are both 'full' in it. */
static void make_pairs(const struct entries *e, struct pairs *pairs)
{
    for (size_t from = 0, to; from < e->n; from = to) {
        for (to = from + 1; to < e->n && !((e->entry[to].key ^ e->entry[from].key) >> 1);)
            to++;
        if (to - from > most_of(e->entry[from].key))
            continue;
        for (size_t i = from; i < to; i++)
            for (size_t j = i + 1; j < to; j++)
                if (e->entry[i].id != e->entry[j].id && !(e->entry[i].key & e->entry[j].key & 1))
                    add_pair(pairs, e->entry[i].id, e->entry[j].id);
    }
}

/* ---- comparing */

static char *evidence_text(void *mem, const struct likeness *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < l->n; i++) {
        const struct likeness_evidence *e = &l->evidence[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s?, s:f}", "what", e->what, "a", e->a, "b", e->b,
                                              "weight", e->weight));
    }
    char *dumped = json_dumps(list, JSON_COMPACT | JSON_REAL_PRECISION(3));
    char *text = talloc_strdup(mem, dumped);
    free(dumped);
    json_decref(list);
    return text;
}

struct proposals {
    int64_t a[DUPLICATE_PAGE], b[DUPLICATE_PAGE];
    const char *probability[DUPLICATE_PAGE], *certain[DUPLICATE_PAGE], *evidence[DUPLICATE_PAGE];
    size_t n;
};

static void add_proposal(struct proposals *p, const struct pair *pair, const struct likeness *l)
{
    p->a[p->n] = pair->a;
    p->b[p->n] = pair->b;
    p->probability[p->n] = talloc_asprintf(p, "%.6f", l->probability);
    p->certain[p->n] = l->certain ? "t" : "f";
    p->evidence[p->n++] = evidence_text(p, l);
}

static int keep_proposals(struct db *db, struct proposals *p, struct err *err)
{
    if (!p->n)
        return 0;
    return db_run(db, NULL, err, SQL_DUPLICATE_PROPOSE, db_ints(p, p->a, p->n), db_ints(p, p->b, p->n),
                  db_texts(p, p->probability, p->n), db_texts(p, p->certain, p->n),
                  db_texts(p, p->evidence, p->n)) < 0
               ? -1
               : 0;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int compare_run(struct db *db, const struct pair *pair, size_t n, struct entries *counts,
                       struct duplicate_sums *sums, struct err *err)
{
    MEM_SCOPE(mem);
    struct parties parties;
    struct proposals *proposals = talloc_zero(mem, struct proposals);
    int64_t *ids = talloc_array(mem, int64_t, 2 * n);
    size_t nids = 0;
    for (size_t i = 0; i < n; i++) {
        ids[2 * i] = pair[i].a;
        ids[2 * i + 1] = pair[i].b;
    }
    qsort(ids, 2 * n, sizeof *ids, by_number);
    for (size_t i = 0; i < 2 * n; i++)
        if (!nids || ids[nids - 1] != ids[i])
            ids[nids++] = ids[i];
    if (duplicate_load(mem, db, ids, nids, &parties, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct likeness_party *a = duplicate_party(&parties, pair[i].a),
                                    *b = duplicate_party(&parties, pair[i].b);
        struct likeness l;
        if (!a || !b)
            continue; /* merged meanwhile */
        likeness_compare(a, b, count_key, counts, &l);
        if (l.probability >= DUPLICATE_LEAST)
            add_proposal(proposals, &pair[i], &l);
    }
    sums->pairs += (int64_t)n;
    sums->proposals += (int64_t)proposals->n;
    return keep_proposals(db, proposals, err);
}

static int compare(struct db *db, struct pairs *pairs, struct entries *counts, struct duplicate_sums *sums,
                   struct err *err)
{
    sort_pairs(pairs);
    for (size_t i = 0; i < pairs->n; i += DUPLICATE_PAGE) {
        size_t n = pairs->n - i < DUPLICATE_PAGE ? pairs->n - i : DUPLICATE_PAGE;
        if (compare_run(db, pairs->pair + i, n, counts, sums, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- over all */

/* Keys of the contacts behind an id, page by page. */
static int make_all_keys(struct db *db, int64_t last, bool compared, struct entries *entries, int64_t *n_r,
                         struct err *err)
{
    *n_r = 0;
    for (size_t got = DUPLICATE_PAGE; got == DUPLICATE_PAGE;) {
        MEM_SCOPE(page);
        struct parties parties;
        if (duplicate_load_page(page, db, last, &parties, err) < 0 ||
            make_keys(db, &parties, compared, entries, err) < 0)
            return -1;
        got = parties.n;
        *n_r += (int64_t)got;
        if (got)
            last = likeness_party_id(parties.party[got - 1]);
    }
    return *n_r && db_run(db, NULL, err, SQL_DUPLICATE_SETTLE) < 0 ? -1 : 0;
}

static int search_all(struct db *db, struct duplicate_sums *sums, struct err *err)
{
    ENTRIES entries = {0};
    PAIRS pairs = {0};
    if (make_all_keys(db, 0, true, &entries, &sums->contacts, err) < 0)
        return -1;
    if (entries.n)
        qsort(entries.entry, entries.n, sizeof *entries.entry, by_key);
    make_pairs(&entries, &pairs);
    return compare(db, &pairs, &entries, sums, err);
}

int duplicate_search(struct db *db, struct duplicate_sums *sums_r, struct err *err)
{
    DB_TX tx = {0};
    *sums_r = (struct duplicate_sums){0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || db_run(db, NULL, err, SQL_DUPLICATE_LOCK) < 0 ||
        search_all(db, sums_r, err) < 0 || db_run(db, NULL, err, SQL_DUPLICATE_FORGET, db_null()) < 0)
        return -1;
    return db_commit(&tx, err);
}

/* ---- of some */

/* The contacts' keys among those of all: entries are what was found, so that it counts, too. */
static int find_candidates(struct db *db, const struct entries *own, struct entries *found,
                           struct pairs *pairs, struct err *err)
{
    MEM_SCOPE(scratch);
    DB_ROWS rows = NULL;
    int64_t *ids = talloc_array(scratch, int64_t, own->n), *keys = talloc_array(scratch, int64_t, own->n);
    for (size_t i = 0; i < own->n; i++) {
        ids[i] = own->entry[i].id;
        keys[i] = (int64_t)own->entry[i].key;
    }
    int n = db_run(db, &rows, err, SQL_DUPLICATE_CANDIDATES, db_ints(scratch, ids, own->n),
                   db_ints(scratch, keys, own->n), db_int(MOST + 1));
    if (n < 0)
        return -1;
    for (int from = 0, to; from < n; from = to) {
        int64_t id = db_get_int(rows, from, "id"), key = db_get_int(rows, from, "key");
        for (to = from; to < n && db_get_int(rows, to, "id") == id && db_get_int(rows, to, "key") == key;
             to++)
            add_entry(found, (uint64_t)key, db_get_int(rows, to, "contact_id"));
        for (int i = from; i < to && (size_t)(to - from) <= most_of((uint64_t)key); i++)
            if (db_get_int(rows, i, "contact_id") != id)
                add_pair(pairs, id, db_get_int(rows, i, "contact_id"));
    }
    return 0;
}

/* Two new ones that share a key have found each other, and the others, twice. */
static void sort_found(struct entries *found)
{
    size_t n = 0;
    if (found->n)
        qsort(found->entry, found->n, sizeof *found->entry, by_key);
    for (size_t i = 0; i < found->n; i++)
        if (!n || by_key(&found->entry[n - 1], &found->entry[i]))
            found->entry[n++] = found->entry[i];
    found->n = n;
}

/* Contacts that were added since the last search have no keys yet, by which they could be found. */
static int catch_up(struct db *db, struct err *err)
{
    DB_ROWS rows = NULL;
    ENTRIES unused = {0};
    int64_t n;
    if (db_run(db, &rows, err, SQL_DUPLICATE_LAST_KEY) < 0)
        return -1;
    return make_all_keys(db, db_get_int(rows, 0, "id"), false, &unused, &n, err);
}

static int search_some(struct db *db, const int64_t *ids, size_t n, struct duplicate_sums *sums,
                       struct err *err)
{
    MEM_SCOPE(mem);
    struct parties parties;
    ENTRIES own = {0};
    ENTRIES found = {0};
    PAIRS pairs = {0};
    if (duplicate_load(mem, db, ids, n, &parties, err) < 0 || make_keys(db, &parties, true, &own, err) < 0 ||
        find_candidates(db, &own, &found, &pairs, err) < 0)
        return -1;
    sort_found(&found);
    sums->contacts += (int64_t)parties.n;
    return compare(db, &pairs, &found, sums, err);
}

int duplicate_search_contact(struct db *db, int64_t id, struct duplicate_sums *sums_r, struct err *err)
{
    *sums_r = (struct duplicate_sums){0};
    if (catch_up(db, err) < 0 || search_some(db, &id, 1, sums_r, err) < 0)
        return -1;
    return db_run(db, NULL, err, SQL_DUPLICATE_FORGET, db_int(id)) < 0 ? -1 : 0;
}

/* A page at a time. */
static int search_ids(struct db *db, const struct db_rows *rows, struct duplicate_sums *sums, struct err *err)
{
    MEM_SCOPE(mem);
    size_t n = (size_t)db_rows_count(rows);
    int64_t *ids = talloc_array(mem, int64_t, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = db_get_int(rows, (int)i, "id");
    for (size_t i = 0; i < n; i += DUPLICATE_PAGE)
        if (search_some(db, ids + i, n - i < DUPLICATE_PAGE ? n - i : DUPLICATE_PAGE, sums, err) < 0)
            return -1;
    return 0;
}

/* 1: so many are new that all were compared. */
static int search_if_many(struct db *db, struct duplicate_sums *sums, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_DUPLICATE_SHARE_NEW) < 0)
        return -1;
    int64_t fresh = db_get_int(rows, 0, "fresh");
    if (fresh <= DUPLICATE_PAGE || fresh * SMALL_PART <= db_get_int(rows, 0, "old"))
        return 0;
    return search_all(db, sums, err) < 0 ? -1 : 1;
}

int duplicate_search_new(struct db *db, struct duplicate_sums *sums_r, struct err *err)
{
    *sums_r = (struct duplicate_sums){0};
    int rc = search_if_many(db, sums_r, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (catch_up(db, err) < 0)
        return -1;
    for (int n = DUPLICATE_PAGE; n == DUPLICATE_PAGE;) {
        DB_ROWS rows = NULL;
        n = db_run(db, &rows, err, SQL_DUPLICATE_NEW, db_int(DUPLICATE_PAGE));
        if (n < 0 || search_ids(db, rows, sums_r, err) < 0)
            return -1;
    }
    return 0;
}

int duplicate_search_import(struct db *db, int64_t import, struct duplicate_sums *sums_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *sums_r = (struct duplicate_sums){0};
    int rc = search_if_many(db, sums_r, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (catch_up(db, err) < 0 || db_run(db, &rows, err, SQL_DUPLICATE_OF_IMPORT, db_int(import)) < 0)
        return -1;
    return search_ids(db, rows, sums_r, err);
}

/* ---- what was found, and decided */

int duplicate_list(struct db *db, int64_t id, double least, bool decided, db_row_fn *fn, void *context,
                   struct err *err)
{
    char p[32];
    snprintf(p, sizeof p, "%.6f", least);
    return db_each(db, fn, context, err, SQL_DUPLICATE_LIST, db_int_or_null(id), db_text(p),
                   db_bool(decided));
}

int duplicate_tell_apart(struct db *db, int64_t a, int64_t b, struct err *err)
{
    if (a == b)
        return err_set(err, ERR_USAGE, "both are contact %lld", (long long)a);
    return db_run(db, NULL, err, SQL_DUPLICATE_TELL_APART, db_int(a), db_int(b)) < 0 ? -1 : 0;
}
