/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Search: what the question means is in search.c, how it is answered in sql/migrate/006_search.sql.
 */
#include "crm/contact.h"

#include "base/unicode.h"
#include "crm/personname.h"
#include "crm/search.h"
#include "sql/contact.h"

static int find(struct db *db, const char *text, int limit, struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct search s;
    if (search_parse(mem, text, &s, err) < 0)
        return -1;
    if (*s.address) {
        int n = db_run(db, rows_r, err, SQL_CONTACT_FIND_ADDRESS, db_text(s.address), db_int(limit));
        if (n)
            return n;
        return db_run(db, rows_r, err, SQL_CONTACT_FIND_ADDRESS_PART, search_terms(mem, &s), db_int(limit),
                      db_text(s.address));
    }
    return db_run(db, rows_r, err, SQL_CONTACT_FIND, search_terms(mem, &s), db_texts(mem, s.typed, s.ntyped),
                  db_int(limit));
}

/* Cards that wait for the first question of the day are seen to only then: of two statements a short command
 * would wait longer for that one. */
static int find_fresh(struct db *db, const char *text, int limit, struct db_rows **rows_r, struct err *err)
{
    int n = find(db, text, limit, rows_r, err);
    bool may_wait = n == 0 || (n > 0 && !strchr(text, '@') && db_get_bool(*rows_r, 0, "stale"));
    return may_wait && contact_renew_terms(db) ? find(db, text, limit, rows_r, err) : n;
}

/* Names are kept without honorifics and titles: with them nothing may be found, or but what is nearly so. */
int contact_find(struct db *db, const char *text, int limit, struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int n = find_fresh(db, text, limit, rows_r, err);
    if (n < 0 || strchr(text, '@') || (n > 0 && db_get_int(*rows_r, 0, "grade") < CONTACT_NEAR))
        return n;
    const char *bare = personname_of(mem, text).name;
    bool shorter = strlen(unicode_fold(mem, bare)) < strlen(unicode_fold(mem, text));
    int more = shorter ? find(db, bare, limit, &rows, err) : 0;
    if (more <= 0)
        return more < 0 ? -1 : n;
    struct db_rows *nearly = *rows_r;
    *rows_r = rows;
    rows = nearly;
    return more;
}

/* In the order in which they are told. */
static const struct {
    char letter, private;
    const char *name;
} fields[] = {
    {'n', 0, "name"},    {'o', 0, "organisation"}, {'p', 0, "post"}, {'a', 'A', "address"},
    {'t', 'T', "phone"}, {'c', 'C', "city"},       {'g', 0, "tag"},  {0, 'Z', "note"},
};

size_t contact_match_fields(const char *letters, const char *names_r[CONTACT_MATCH_FIELDS])
{
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const char of[] = {fields[i].letter ? fields[i].letter : fields[i].private, fields[i].private, 0};
        if (letters[strcspn(letters, of)])
            names_r[n++] = fields[i].name;
    }
    return n;
}

const char *contact_match_name(int grade)
{
    static const char *const name[] = {NULL, "exact", "fold", "near"};
    must(grade >= CONTACT_EXACT && grade <= CONTACT_NEAR);
    return name[grade];
}

int contact_category_check(struct db *db, const char *slug, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_CONTACT_CATEGORY_LIST) < 0)
        return -1;
    struct text all = text_new(mem);
    for (int i = 0; i < db_rows_count(rows); i++) {
        if (!strcmp(db_get_str(rows, i, "slug"), slug))
            return 0;
        text_printf(&all, "%s%s", i ? ", " : "", db_get_str(rows, i, "slug"));
    }
    return err_set(err, ERR_NOTFOUND, "there is no category \"%s\"; there are %s", slug, all.s);
}
