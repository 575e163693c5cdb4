/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *   segment_time CONNINFO RUNS < QUESTIONS
 *
 * Each line is a question, a tab, and the same count as somebody would write it over the tables by hand.
 * Prints, in milliseconds and as the 95th of a hundred, how long the count and the first fifty take, beside
 * the join by hand and fifty rows by their keys.  What is measured is the whole: words looked up, statement
 * planned, rows fetched.
 */
#include "base/db_script.h"
#include "bench/took.h"
#include "crm/segment.h"

enum { PAGE = 50, MAX_RUNS = 1000 };

static int nothing(void *context, struct db_rows *rows, struct err *err)
{
    (void)rows;
    (void)err;
    ++*(int *)context;
    return 0;
}

struct run {
    void *mem;
    struct db *db;
    const char *question, *by_hand;
    int64_t n;
    int page;
};

typedef int job_fn(struct run *r, struct err *err);

static int job_count(struct run *r, struct err *err)
{
    struct segment *s;
    struct segment_spot spot;
    return segment_open(r->mem, r->db, r->question, &s, &spot, err) < 0 ? -1
                                                                        : segment_count(r->db, s, &r->n, err);
}

static int job_page(struct run *r, struct err *err)
{
    struct segment *s;
    struct segment_spot spot;
    struct segment_page page = {.limit = PAGE};
    r->page = 0;
    return segment_open(r->mem, r->db, r->question, &s, &spot, err) < 0
               ? -1
               : segment_each(r->db, s, &page, nothing, &r->page, err);
}

static int job_by_hand(struct run *r, struct err *err)
{
    return db_script(r->db, r->by_hand, err);
}

static int job_keys(struct run *r, struct err *err)
{
    return db_script(r->db,
                     "select c.id, c.kind, n.name, a.email from contact c join contact_name n on "
                     "n.contact_id = c.id and n.main"
                     " left join address a on a.contact_id = c.id where c.id = any (array(select "
                     "generate_series(1, 500000, 10000)))",
                     err);
}

static double measure(struct run *r, job_fn *job, int runs)
{
    static double took[MAX_RUNS];
    for (int i = -2; i < runs; i++) {
        struct err err;
        MEM_SCOPE(mem);
        r->mem = mem;
        double begin = took_now();
        if (job(r, &err) < 0) {
            fprintf(stderr, "segment_time: %s: %s\n", r->question, err.text);
            exit(1);
        }
        if (i >= 0)
            took[i] = took_now() - begin;
    }
    return took_percentile(took, (size_t)runs, 95);
}

static void line(const char *what, double ours, double limit)
{
    printf("%-68.68s %8.1f ms %8.1f ms %7.1f\n", what, ours, limit, ours / limit);
}

int main(int argc, char **argv)
{
    char text[8192], what[256];
    struct err err;
    struct run r = {0};
    mem_init();
    setvbuf(stdout, NULL, _IOLBF, 0);
    int runs = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    if (runs < 1 || runs > MAX_RUNS) {
        fprintf(stderr, "usage: segment_time CONNINFO RUNS < QUESTIONS\n");
        return 64;
    }
    if (db_open(&r.db, argv[1], NULL, "bench", &err) < 0) {
        fprintf(stderr, "segment_time: %s\n", err.text);
        return 69;
    }
    while (fgets(text, sizeof text, stdin)) {
        char *tab = strchr(text, '\t');
        if (*text == '#' || !tab)
            continue;
        *tab = 0;
        r.question = text;
        r.by_hand = tab + 1;
        double count = measure(&r, job_count, runs), by_hand = measure(&r, job_by_hand, runs);
        snprintf(what, sizeof what, "%s: count of %lld (a join by hand)", r.question, (long long)r.n);
        line(what, count, by_hand);
        double page = measure(&r, job_page, runs), keys = measure(&r, job_keys, runs);
        line("    its first page (50 rows by their keys)", page, keys);
    }
    db_close(r.db);
    return 0;
}
