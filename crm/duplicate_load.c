/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/duplicate_load.h"

#include "sql/duplicate.h"

static size_t split(void *mem, const char *list, const char *const **items_r)
{
    size_t n = 0, max = 1;
    for (const char *at = list; *at; at++)
        max += *at == 0x1f;
    const char **items = talloc_array(mem, const char *, max);
    while (*list) {
        size_t len = strcspn(list, "\x1f");
        if (len)
            items[n++] = talloc_strndup(items, list, len);
        list += len + (list[len] == 0x1f);
    }
    *items_r = items;
    return n;
}

static size_t split_values(void *mem, const char *own, const char *reach,
                           const struct likeness_value **values_r)
{
    const char *const *a, *const *b;
    size_t na = split(mem, own, &a), nb = split(mem, reach, &b);
    struct likeness_value *values = talloc_array(mem, struct likeness_value, na + nb);
    for (size_t i = 0; i < na + nb; i++)
        values[i] = (struct likeness_value){i < na ? a[i] : b[i - na], i < na};
    *values_r = values;
    return na + nb;
}

static struct likeness_party *party_of_row(void *mem, const struct db_rows *rows, int i)
{
    MEM_SCOPE(scratch);
    struct likeness_record r = {
        .id = db_get_int(rows, i, "id"),
        .organisation = db_get_bool(rows, i, "organisation"),
        .circle = db_get_str(rows, i, "circle"),
        .village = db_get_text(rows, i, "village"),
        .registration = db_get_text(rows, i, "registration"),
    };
    r.nnames = split(scratch, db_get_str(rows, i, "names"), &r.names);
    r.nemails =
        split_values(scratch, db_get_str(rows, i, "emails"), db_get_str(rows, i, "reach_emails"), &r.emails);
    r.nphones =
        split_values(scratch, db_get_str(rows, i, "phones"), db_get_str(rows, i, "reach_phones"), &r.phones);
    r.nothers = split(scratch, db_get_str(rows, i, "others"), &r.others);
    r.nposts = split(scratch, db_get_str(rows, i, "posts"), &r.posts);
    r.nplaces = split(scratch, db_get_str(rows, i, "places"), &r.places);
    return likeness_party_new(mem, &r);
}

int duplicate_load(void *mem, struct db *db, const int64_t *ids, size_t n, struct parties *parties_r,
                   struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(scratch);
    *parties_r = (struct parties){0}; /* of nobody it is not asked: that takes as long as of one */
    int got = n ? db_run(db, &rows, err, SQL_DUPLICATE_LOAD, db_ints(scratch, ids, n)) : 0;
    if (got < 0)
        return -1;
    *parties_r = (struct parties){talloc_array(mem, struct likeness_party *, (unsigned)got), (size_t)got};
    for (int i = 0; i < got; i++)
        parties_r->party[i] = party_of_row(parties_r->party, rows, i);
    return 0;
}

int duplicate_load_page(void *mem, struct db *db, int64_t behind, struct parties *parties_r, struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(scratch);
    int n = db_run(db, &rows, err, SQL_DUPLICATE_PAGE, db_int(behind), db_int(DUPLICATE_PAGE));
    if (n < 0)
        return -1;
    int64_t *ids = talloc_array(scratch, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++)
        ids[i] = db_get_int(rows, i, "id");
    return duplicate_load(mem, db, ids, (size_t)n, parties_r, err);
}

const struct likeness_party *duplicate_party(const struct parties *parties, int64_t id)
{
    size_t from = 0, to = parties->n;
    while (from < to) {
        size_t middle = (from + to) / 2;
        int64_t here = likeness_party_id(parties->party[middle]);
        if (here == id)
            return parties->party[middle];
        if (here < id)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}
