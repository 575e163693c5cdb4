/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/consent.h"

#include "base/unicode.h"
#include "crm/rights.h"
#include "sql/consent.h"

static int check_word(const char *what, const char *value, const char *const *words, struct err *err)
{
    MEM_SCOPE(mem);
    struct text all = text_new(mem);
    for (size_t i = 0; words[i]; i++) {
        if (value && !strcmp(words[i], value))
            return 0;
        text_printf(&all, "%s%s", i ? ", " : "", words[i]);
    }
    return err_set(err, ERR_USAGE, "%s is one of %s%s%s", what, all.s, value ? ", not " : "",
                   value ? value : "");
}

int consent_lists(struct db *db, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_CONSENT_LISTS);
}

int consent_list_add(struct db *db, const struct consent_list *l, struct err *err)
{
    static const char *const bases[] = {
        "consent", "contract", "legal-obligation", "vital-interest", "public-task", "legitimate-interest",
        NULL};
    size_t len = strspn(l->slug, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (!len || len > 40 || l->slug[len] || *l->slug == '-')
        return err_set(err, ERR_USAGE, "a list's short name has a-z, 0-9 and -, at most 40: not \"%s\"",
                       l->slug);
    if (check_word("the basis", l->basis, bases, err) < 0)
        return -1;
    if (l->official && (!strcmp(l->basis, "consent") || !strcmp(l->basis, "legitimate-interest")))
        return err_set(
            err, ERR_USAGE,
            "an official list, which nobody opts out of, does not rest on %s but on a duty or a task",
            l->basis);
    if (l->official && rights_check(db, RIGHT_hand_over, err) < 0)
        return -1;
    int rc = db_run(db, NULL, err, SQL_CONSENT_LIST_ADD, db_text(l->slug), db_text(l->name),
                    db_text(l->purpose), db_text(l->basis), db_bool(l->official));
    if (rc < 0 && !strcmp(err->sqlstate, "23505"))
        return err_set(err, ERR_CONFLICT, "there is a list \"%s\" already", l->slug);
    return rc < 0 ? -1 : 0;
}

static int find_list(struct db *db, const struct consent_word *w, int64_t *id_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *id_r = 0;
    if (!w->list)
        return w->given ? err_set(err, ERR_USAGE, "consent is given for a list; --list is missing") : 0;
    int n = db_run(db, &rows, err, SQL_CONSENT_LIST_FIND, db_text(w->list));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no list \"%s\"; `adresar consent lists` has them",
                       w->list);
    if (n < 0)
        return -1;
    if (!w->given && db_get_bool(rows, 0, "official"))
        return err_set(err, ERR_CONFLICT, "\"%s\" is official: the office must send it, and nobody opts out",
                       w->list);
    *id_r = db_get_int(rows, 0, "id");
    return 0;
}

int consent_record(struct db *db, int64_t contact, const struct consent_word *w, struct err *err)
{
    static const char *const hows[] = {"form", "letter", "mail", "phone", "in-person", "web", "list", NULL};
    char day[11];
    int64_t list;
    if (rights_check(db, RIGHT_write, err) < 0)
        return -1;
    if (check_word("how they said it", w->how, hows, err) < 0 || find_list(db, w, &list, err) < 0)
        return -1;
    if (w->at && (!unicode_parse_date(w->at, day) || strcmp(day, w->at)))
        return err_set(err, ERR_USAGE, "\"%s\" is no date; write it as 2026-12-31", w->at);
    int n = w->message_id ? db_run(db, NULL, err, SQL_CONSENT_MESSAGE_EXISTS, db_int(w->message_id)) : 1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no message %lld", (long long)w->message_id);
    if (n < 0 ||
        db_run(db, NULL, err, SQL_CONSENT_ADD, db_int(contact), db_int_or_null(list), db_bool(w->given),
               db_text(w->at), db_text(w->how), db_text(w->form), db_int_or_null(w->message_id)) < 0)
        return -1;
    return 0;
}

int consent_show(struct db *db, int64_t contact, json_t **consent_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_CONSENT_SHOW, db_int(contact)) < 0)
        return -1;
    *consent_r = json_loads(db_get_str(rows, 0, "consent"), 0, NULL);
    must(*consent_r);
    return 0;
}

int consent_erase(struct db *db, int64_t contact, const char *why, struct err *err)
{
    DB_TX tx = {0};
    if (!why || !*why)
        return err_set(err, ERR_USAGE, "an erasure has a reason: --why TEXT");
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || rights_check_keeper(db, RIGHT_erase, contact, err) < 0 ||
        db_run(db, NULL, err, SQL_CONSENT_ERASE, db_int(contact), db_text(why)) < 0)
        return -1;
    return db_commit(&tx, err);
}
