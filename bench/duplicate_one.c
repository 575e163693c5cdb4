/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *   duplicate_one CONNINFO N OF   compares N contacts, spread over OF, each with all others; prints the 95th
 * percentile of the time for one, in ms
 */
#include "bench/took.h"
#include "crm/duplicate.h"

static int look(struct db *db, int64_t id, struct err *err)
{
    DB_TX tx = {0};
    struct duplicate_sums sums;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || duplicate_search_contact(db, id, &sums, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int main(int argc, char **argv)
{
    struct err err;
    struct db *db;
    int n = argc == 4 ? (int)strtol(argv[2], NULL, 10) : 0;
    int64_t contacts = argc == 4 ? strtoll(argv[3], NULL, 10) : 0;
    if (n < 1 || contacts < n) {
        fprintf(stderr, "usage: duplicate_one CONNINFO N OF\n");
        return 64;
    }
    mem_init();
    double *took = talloc_array(NULL, double, (unsigned)n);
    int rc = db_open(&db, argv[1], NULL, "bench", &err);
    for (int i = -n / 10; i < n && rc == 0; i++) { /* the first ones warm up */
        double begin = took_now();
        rc = look(db, contacts / n * (i < 0 ? -i : i) + 1, &err);
        if (i >= 0)
            took[i] = took_now() - begin;
    }
    if (rc < 0) {
        fprintf(stderr, "duplicate_one: %s\n", err.text);
        return 1;
    }
    db_close(db);
    printf("%.1f\n", took_percentile(took, (size_t)n, 95));
    talloc_free(took);
    return 0;
}
