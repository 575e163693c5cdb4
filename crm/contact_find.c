/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Search.  The keys that names are stored with are made of the question too, and PostgreSQL compares words by
 * their begin.
 */
#include <ctype.h>

#include "base/unicode.h"
#include "crm/contact.h"
#include "crm/department.h"
#include "crm/precedence.h"
#include "sql/contact.h"

/* "ana st" becomes "ana:* & st:*"; a key holds letters, digits and single blanks, nothing of tsquery's syntax
 */
static char *prefix_query(void *mem, const char *key)
{
    struct text t = text_new(mem);
    while (*key) {
        size_t len = strcspn(key, " ");
        if (len) {
            text_puts(&t, t.len ? " & " : "");
            text_add(&t, key, len);
            text_puts(&t, ":*");
        }
        key += len + (key[len] == ' ');
    }
    return t.s;
}

/* The digits of what looks like a phone number, without the zeros and country prefix of 00; else "". */
static char *phone_digits(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (; *s; s++) {
        if (isdigit((unsigned char)*s)) {
            if (*s != '0' || t.len)
                text_putc(&t, *s);
        } else if (!strchr(" +-/().", *s)) {
            return talloc_strdup(mem, "");
        }
    }
    return t.len >= 5 ? t.s : talloc_strdup(mem, "");
}

int contact_find(struct db *db, const char *text, int limit, struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    if (!unicode_valid_utf8(text, strlen(text)))
        return err_set(err, ERR_USAGE, "the text is not UTF-8");
    char *fold = unicode_fold(mem, text);
    bool address = strchr(text, '@') != NULL;
    return db_run(db, rows_r, err, SQL_CONTACT_FIND, db_text(text),
                  db_text(address ? "" : prefix_query(mem, fold)),
                  db_text(address ? "" : prefix_query(mem, unicode_near(mem, fold))),
                  db_text(address ? unicode_case_fold_email(mem, text) : ""),
                  db_text(phone_digits(mem, text)), db_int(limit));
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

static int collect(void *context, struct db_rows *rows, struct err *err)
{
    int64_t **ids = context;
    (void)err;
    size_t n = talloc_array_length(*ids);
    *ids = talloc_realloc(NULL, *ids, int64_t, (unsigned)n + 1);
    (*ids)[n] = db_get_int(rows, 0, "id");
    return 0;
}

static int list_in_order(struct db *db, const struct contact_filter *filter, int64_t department,
                         struct db_arg order, db_row_fn *fn, void *context, struct err *err)
{
    return db_each(db, fn, context, err, SQL_CONTACT_LIST, db_text(filter->category),
                   db_int_or_null(department), db_text(filter->language), order);
}

int contact_list(struct db *db, const struct contact_filter *filter, db_row_fn *fn, void *context,
                 struct err *err)
{
    MEM_SCOPE(mem);
    struct department department = {0};
    if (filter->department && department_get(mem, db, filter->department, &department, err) < 0)
        return -1;
    if (filter->category && contact_category_check(db, filter->category, err) < 0)
        return -1;
    if (!filter->precedence)
        return list_in_order(db, filter, department.id, db_null(), fn, context, err);
    int64_t *ids = talloc_array(mem, int64_t, 0);
    if (list_in_order(db, filter, department.id, db_null(), collect, &ids, err) < 0)
        return -1;
    size_t n = talloc_array_length(ids);
    if (precedence_sort(db, ids, &n, filter->precedence, err) < 0)
        return -1;
    return list_in_order(db, filter, department.id, db_ints(mem, ids, n), fn, context, err);
}
