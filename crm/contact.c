/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A contact as it is: finding the one meant, its view, its history, its names.
 */
#include "crm/contact.h"

#include "base/unicode.h"
#include "crm/rights.h"
#include "sql/contact.h"

static int resolve_address(struct db *db, const char *address, int64_t *id_r, struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    int n =
        db_run(db, &rows, err, SQL_CONTACT_RESOLVE_ADDRESS, db_text(unicode_case_fold_email(mem, address)));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "no contact has the address %s", address);
    *id_r = db_get_int(rows, 0, "id");
    if (n == 1)
        return 0;
    struct text ids = text_new(mem);
    for (int i = 0; i < n; i++)
        text_printf(&ids, "%s%s", i ? ", " : "", db_get_str(rows, i, "id"));
    return err_set(err, ERR_CONFLICT, "%d contacts have the address %s: %s; name one by its number", n,
                   address, ids.s);
}

int contact_resolve(struct db *db, const char *id_or_address, int64_t *id_r, struct err *err)
{
    size_t len = strlen(id_or_address);
    if (strchr(id_or_address, '@'))
        return resolve_address(db, id_or_address, id_r, err);
    if (!len || len > 18 || strspn(id_or_address, "0123456789") != len)
        return err_set(err, ERR_USAGE, "\"%s\" is neither a contact's number nor an address", id_or_address);
    *id_r = strtoll(id_or_address, NULL, 10);
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_CONTACT_RESOLVE_ID, db_int(*id_r));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)*id_r);
    if (n > 0)
        *id_r = db_get_int(rows, 0, "id");
    return n < 0 ? -1 : 0;
}

int contact_check_erased(struct db *db, int64_t id, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_CONTACT_ERASED, db_int(id));
    if (n > 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld was erased on %s: %s", (long long)id,
                       db_get_str(rows, 0, "day"), db_get_str(rows, 0, "why"));
    return n;
}

bool contact_renew_terms(struct db *db)
{
    struct err ignored;
    DB_ROWS rows = NULL;
    return db_run(db, &rows, &ignored, SQL_CONTACT_RENEW_TERMS) == 1 && db_get_int(rows, 0, "renewed") > 0;
}

static json_t *json_of(const char *text)
{
    json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : json_null();
    must(value);
    return value;
}

int contact_view(struct db *db, int64_t id, json_t **view_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_CONTACT_VIEW, db_int(id));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)id);
    *view_r = json_of(db_get_text(rows, 0, "view"));
    return 0;
}

int contact_lock(struct db *db, const int64_t *ids, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    return db_run(db, NULL, err, SQL_CONTACT_LOCK, db_ints(mem, ids, n)) < 0 ? -1 : 0;
}

int contact_history(struct db *db, int64_t id, json_t **list_r, struct err *err)
{
    DB_ROWS made = NULL;
    DB_ROWS rows = NULL;
    if (rights_check_contact(db, RIGHT_see, id, err) < 0)
        return -1;
    if (db_run(db, &made, err, SQL_CONTACT_MADE, db_int(id)) < 0)
        return err_context(err, "contact %lld", (long long)id);
    if (db_run(db, &rows, err, SQL_CONTACT_HISTORY, db_int(id)) < 0)
        return -1;
    json_t *list = json_array();
    json_t *first = json_pack("{s:s, s:s, s:s, s:s}", "at", db_get_str(made, 0, "at"), "actor",
                              db_get_str(made, 0, "actor"), "action", "INSERT", "object", "contact");
    if (!db_is_null(made, 0, "import_id")) {
        json_object_set_new(first, "after",
                            json_pack("{s:I}", "import_id", (json_int_t)db_get_int(made, 0, "import_id")));
        json_object_set_new(first, "changes",
                            json_pack("[{s:s, s:n, s:s}]", "field", "import_id", "from", "to",
                                      db_get_str(made, 0, "import_id")));
    }
    json_array_append_new(list, first);
    for (int i = 0; i < db_rows_count(rows); i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "at", db_get_str(rows, i, "at"), "actor",
                            db_get_str(rows, i, "actor"), "action", db_get_str(rows, i, "action"), "object",
                            db_get_str(rows, i, "object"), "before", json_of(db_get_text(rows, i, "before")),
                            "after", json_of(db_get_text(rows, i, "after")), "changes",
                            json_of(db_get_text(rows, i, "changes"))));
    *list_r = list;
    return 0;
}

struct named {
    int64_t contact;
    struct contact_names names;
};

static int by_contact(const void *a, const void *b)
{
    int64_t x = ((const struct named *)a)->contact, y = ((const struct named *)b)->contact;
    return (x > y) - (x < y);
}

/* The rows come by contact; a talloc child of scratch, the names themselves are mem's. */
static struct named *read_names(void *mem, void *scratch, const struct db_rows *rows, size_t *n_r)
{
    int n = db_rows_count(rows);
    struct contact_name *names = talloc_zero_array(mem, struct contact_name, (unsigned)n);
    struct named *named = talloc_array(scratch, struct named, (unsigned)n);
    *n_r = 0;
    for (int i = 0; i < n; i++) {
        int64_t contact = db_get_int(rows, i, "contact_id");
        const char *language = db_get_text(rows, i, "language");
        names[i] = (struct contact_name){.language = language ? talloc_strdup(names, language) : NULL,
                                         .name = talloc_strdup(names, db_get_str(rows, i, "name")),
                                         .main = db_get_bool(rows, i, "main")};
        if (!*n_r || named[*n_r - 1].contact != contact)
            named[(*n_r)++] = (struct named){contact, {&names[i], 0}};
        named[*n_r - 1].names.n++;
    }
    return named;
}

int contact_names(void *mem, struct db *db, const int64_t *ids, size_t n, struct contact_names *names_r,
                  struct err *err)
{
    MEM_SCOPE(scratch);
    DB_ROWS rows = NULL;
    size_t nnamed;
    if (db_run(db, &rows, err, SQL_CONTACT_NAMES, db_ints(scratch, ids, n)) < 0)
        return -1;
    const struct named *named = read_names(mem, scratch, rows, &nnamed), *found;
    for (size_t i = 0; i < n; i++) {
        found = bsearch(&(struct named){.contact = ids[i]}, named, nnamed, sizeof *named, by_contact);
        names_r[i] = found ? found->names : (struct contact_names){0};
    }
    return 0;
}

/* The main name, or the first one in that script; NULL if there is none. */
static const struct contact_name *best_name(const struct contact_name *names, size_t n,
                                            enum unicode_script script_or_none)
{
    const struct contact_name *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (script_or_none == UNICODE_NONE || unicode_script(names[i].name) == script_or_none)
            if (!best || (names[i].main && !best->main))
                best = &names[i];
    return best;
}

const char *contact_name_for(void *mem, const struct contact_name *names, size_t n, const char *language)
{
    if (!n)
        return NULL;
    const char *wanted = !strcmp(language, "sr") ? "sr-Latn" : language;
    for (size_t i = 0; i < n; i++)
        if (names[i].language && !strcmp(names[i].language, wanted))
            return talloc_strdup(mem, names[i].name);
    bool cyrillic = strstr(wanted, "-Cyrl") != NULL;
    const struct contact_name *name = best_name(names, n, cyrillic ? UNICODE_CYRILLIC : UNICODE_LATIN);
    if (name)
        return talloc_strdup(mem, name->name);
    name = best_name(names, n, UNICODE_NONE);
    return cyrillic ? talloc_strdup(mem, name->name) : unicode_to_latin(mem, name->name);
}
