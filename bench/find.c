/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *   find CONNINFO USER N     asks N questions of each kind as that user and prints a line a kind: the kind,
 * p50 and p95 in milliseconds at the database, and how many of the hundred found whom they were made of
 *
 * exact: a name; prefix: four letters or more of a family name; two words: the begins of both; misspelt: a
 * family name with one error (a letter dropped, doubled, swapped with the next one, replaced by its neighbour
 * on the keyboard, a wrong mark or digraph); trigrams: the same family names by pg_trgm; floor: a row by its
 * key.
 */
#include "base/unicode.h"
#include "bench/took.h"
#include "crm/contact.h"

enum { SHOWN = 50, KINDS = 6 };
static const char *const kinds[KINDS] = {"exact", "prefix", "two words", "misspelt", "trigrams", "floor"};

static const struct db_stmt names = {
    "bench_names",
    "select contact_id as id, fold from contact_name"
    " where contact_id = any (array(select (n * 7919) % (select max(id) from contact) + 1 from "
    "generate_series(1, $1::bigint * 3) n))"
    "   and main and fold ~ '^[a-z]{3,} [a-z]{6,}$' order by contact_id * 7919 % 1000003 limit $1",
    DB_ROWS_many, 1, false};
static const struct db_stmt by_trigrams = {"bench_trigrams",
                                           "select contact_id as id, fold from contact_name where $1 <% fold "
                                           "order by $1 <<-> fold, contact_id limit 50",
                                           DB_ROWS_many, 1, false};
static const struct db_stmt by_key = {"bench_key", "select id from contact where id = $1", DB_ROWS_many, 1,
                                      false};

static uint64_t chance = 20261125;
static size_t below(size_t n)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(chance >> 33) % n;
}

/* ---- errors */

static char neighbour_key(char c)
{
    static const char *const rows[] = {"qwertzuiop", "asdfghjkl", "yxcvbnm"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *at = strchr(rows[i], c);
        if (at)
            return at[1] && (at == rows[i] || below(2)) ? at[1] : at[-1];
    }
    return 'x';
}

/* Another language's spelling of a sound that the word has; NULL: it has none. */
static char *other_spelling(void *mem, const char *word)
{
    static const char *const spelling[][2] = {{"dj", "gj"}, {"dj", "đ"}, {"c", "ç"},  {"c", "q"},
                                              {"c", "ch"},  {"s", "sh"}, {"z", "zh"}, {"z", "ž"},
                                              {"lj", "l"},  {"nj", "n"}, {"j", "y"},  {"v", "w"}};
    for (size_t i = below(ARRAY_LEN(spelling)), n = 0; n < ARRAY_LEN(spelling);
         n++, i = (i + 1) % ARRAY_LEN(spelling)) {
        const char *at = strstr(word, spelling[i][0]);
        if (at)
            return talloc_asprintf(mem, "%.*s%s%s", (int)(at - word), word, spelling[i][1],
                                   at + strlen(spelling[i][0]));
    }
    return NULL;
}

static char *misspelt(void *mem, const char *word, size_t rule)
{
    size_t len = strlen(word), at = below(len - 1);
    char *other = rule == 4 ? other_spelling(mem, word) : NULL;
    char *s = talloc_strdup(mem, word);
    if (other)
        return other;
    switch (rule) {
    case 0: /* dropped */
        return talloc_asprintf(mem, "%.*s%s", (int)at, word, word + at + 1);
    case 1: /* doubled */
        return talloc_asprintf(mem, "%.*s%s", (int)at + 1, word, word + at);
    case 2: /* swapped */
        s[at] = word[at + 1];
        s[at + 1] = word[at];
        return s;
    default:
        s[at] = neighbour_key(word[at]);
        return s;
    }
}

/* ---- questions */

static const char *question(void *mem, int kind, const char *fold, size_t i)
{
    const char *family = strchr(fold, ' ') + 1;
    switch (kind) {
    case 0:
        return fold;
    case 1:
        return talloc_strndup(mem, family, 4 + i % 3);
    case 2:
        return talloc_asprintf(mem, "%.4s %.3s", family, fold);
    default:
        return misspelt(mem, family, i % 5);
    }
}

static int ask(struct db *db, int kind, const char *text, int64_t id, struct db_rows **rows, struct err *err)
{
    if (kind == 4)
        return db_run_args(db, rows, err, &by_trigrams, DB_ARGS(db_text(text)));
    if (kind == 5)
        return db_run_args(db, rows, err, &by_key, DB_ARGS(db_int(id)));
    return contact_find(db, text, SHOWN, rows, err);
}

/* One of those found has the word, or begins so. */
static bool is_found(void *mem, const struct db_rows *rows, int kind, const char *fold)
{
    const char *family = strchr(fold, ' ') + 1;
    size_t len = kind == 1 || kind == 2 ? 4 : strlen(family);
    if (kind == 5)
        return db_rows_count(rows) == 1;
    for (int i = 0; i < db_rows_count(rows); i++) {
        char *name = kind == 4 ? talloc_strdup(mem, db_get_str(rows, i, "fold"))
                               : unicode_fold(mem, db_get_str(rows, i, "name"));
        for (char *word; (word = strsep(&name, " "));)
            if (!strncmp(word, family, len) && (kind == 1 || kind == 2 || !word[len]))
                return true;
    }
    return false;
}

static int measure(struct db *db, int kind, const struct db_rows *all, struct err *err)
{
    MEM_SCOPE(mem);
    size_t n = (size_t)db_rows_count(all), found = 0;
    double *took = talloc_array(mem, double, n);
    for (size_t round = 0; round < 2; round++) { /* the first one warms */
        chance = 20261125;
        found = 0;
        for (size_t i = 0; i < n; i++) {
            DB_ROWS rows = NULL;
            const char *fold = db_get_str(all, (int)i, "fold");
            const char *text = question(mem, kind, fold, i);
            double begin = took_now();
            if (ask(db, kind, text, db_get_int(all, (int)i, "id"), &rows, err) < 0)
                return -1;
            took[i] = took_now() - begin;
            bool hit = is_found(mem, rows, kind, fold);
            found += hit;
            if (!hit && round && getenv("BENCH_MISSED"))
                fprintf(stderr, "%s: %s, of %s\n", kinds[kind], text, fold);
        }
    }
    printf("%s\t%.2f\t%.2f\t%.1f\n", kinds[kind], took_percentile(took, n, 50), took_percentile(took, n, 95),
           100.0 * (double)found / (double)n);
    return 0;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct db *db = NULL, *owner = NULL;
    DB_ROWS all = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: find CONNINFO USER N\n");
        return 64;
    }
    mem_init();
    if (db_open(&db, argv[1], argv[2], "bench", &err) < 0 ||
        db_open(&owner, argv[1], "postgres", "bench", &err) < 0 ||
        db_run_args(owner, &all, &err, &names, DB_ARGS(db_text(argv[3]))) < 0) {
        fprintf(stderr, "find: %s\n", err.text);
        return 1;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        if (measure(kind == 4 ? owner : db, kind, all, &err) < 0) {
            fprintf(stderr, "find: %s: %s\n", kinds[kind], err.text);
            return 1;
        }
        fflush(stdout);
    }
    db_close(db);
    db_close(owner);
    return 0;
}
