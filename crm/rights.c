/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/rights.h"

#include "base/catalog.h"
#include "sql/rights.h"

enum { ROLES = 5 };
static const char *const roles[ROLES] = {"reader", "clerk", "head", "admin", "auditor"};
static const char *const one[ROLES] = {N_("a reader"), N_("a clerk"), N_("a head"), N_("an admin"),
                                       N_("an auditor")};

static const struct {
    const char *name, *scope[ROLES];
} rights[] = {
#define RIGHT(name, reader, clerk, head, admin, auditor) {#name, {#reader, #clerk, #head, #admin, #auditor}},
#include "crm/right.def"
#undef RIGHT
};

/* What the right lets one do, for "you may not ...". */
static const char *const deeds[] = {
    [RIGHT_see] = N_("see what its department keeps to itself"),
    [RIGHT_write] = N_("change anything"),
    [RIGHT_export] = N_("export"),
    [RIGHT_release] = N_("release a mailing"),
    [RIGHT_share] = N_("share a contact"),
    [RIGHT_hand_over] = N_("hand a contact over"),
    [RIGHT_erase] = N_("erase a person's data"),
    [RIGHT_audit] = N_("read the audit log"),
};
_Static_assert(ARRAY_LEN(deeds) == RIGHTS, "words for each right");

bool rights_is_role(const char *role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (!strcmp(role, roles[i]))
            return true;
    return false;
}

/* "a head or an admin": whose role has the right. */
static char *who_may(void *mem, enum right right)
{
    struct text t = text_new(mem);
    const char *last = NULL;
    for (size_t i = 0; i < ROLES; i++) {
        if (!strcmp(rights[right].scope[i], "none"))
            continue;
        if (last)
            text_printf(&t, "%s%s", t.len ? ", " : "", last);
        last = err_word(one[i]);
    }
    if (t.len)
        text_printf(&t, " %s ", err_word(N_("or")));
    text_puts(&t, last);
    return t.s;
}

static const char *one_of_role(const char *role)
{
    size_t i = 0;
    while (i < ROLES - 1 && strcmp(role, roles[i]))
        i++;
    return err_word(one[i]);
}

static int deny(const struct db_rows *rows, enum right right, const char *deed, struct err *err)
{
    MEM_SCOPE(mem);
    if (db_is_null(rows, 0, "role"))
        return err_set(err, ERR_DENIED, "you are no user of this office: `adresar user add` makes users");
    const char *role = db_get_str(rows, 0, "role");
    if (!db_get_bool(rows, 0, "may"))
        return err_set(err, ERR_DENIED, "%s may not %s: that is for %s", one_of_role(role), err_word(deed),
                       who_may(mem, right));
    return err_set(err, ERR_DENIED, "that is for department %s, and you work for %s",
                   db_get_str(rows, 0, "asked"), db_get_str(rows, 0, "department"));
}

static int check(struct db *db, enum right right, int64_t department_id, const char *deed, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_RIGHTS_MAY, db_text(rights[right].name), db_int_or_null(department_id)) <
        0)
        return -1;
    return db_get_bool(rows, 0, "may") && db_get_bool(rows, 0, "there") ? 0 : deny(rows, right, deed, err);
}

int rights_check_department(struct db *db, enum right right, int64_t department_id, struct err *err)
{
    return check(db, right, department_id, deeds[right], err);
}

int rights_check_deed(struct db *db, enum right right, const char *deed, struct err *err)
{
    return check(db, right, 0, deed, err);
}

int rights_check(struct db *db, enum right right, struct err *err)
{
    return rights_check_department(db, right, 0, err);
}

static int check_contact(struct db *db, enum right right, int64_t contact_id, bool keeper, struct err *err)
{
    DB_ROWS rows = NULL;
    if (rights_check(db, right, err) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_RIGHTS_CONTACT, db_int(contact_id), db_text(rights[right].name),
                   db_bool(keeper));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)contact_id);
    if (db_get_bool(rows, 0, "may"))
        return 0;
    if (keeper)
        return err_set(err, ERR_DENIED, "contact %lld is kept by %s, and only they may %s",
                       (long long)contact_id, db_get_str(rows, 0, "keeper"), err_word(deeds[right]));
    return err_set(err, ERR_DENIED, "contact %lld is kept by %s; ask with `adresar contact ask %lld`",
                   (long long)contact_id, db_get_str(rows, 0, "keeper"), (long long)contact_id);
}

int rights_check_contact(struct db *db, enum right right, int64_t contact_id, struct err *err)
{
    return check_contact(db, right, contact_id, false, err);
}

int rights_check_keeper(struct db *db, enum right right, int64_t contact_id, struct err *err)
{
    return check_contact(db, right, contact_id, true, err);
}

int rights_sync(struct db *db, struct err *err)
{
    if (db_run(db, NULL, err, SQL_RIGHTS_FORGET) < 0)
        return -1;
    for (size_t i = 0; i < RIGHTS; i++)
        for (size_t role = 0; role < ROLES; role++)
            if (strcmp(rights[i].scope[role], "none") &&
                db_run(db, NULL, err, SQL_RIGHTS_ADD, db_text(rights[i].name), db_text(roles[role]),
                       db_text(rights[i].scope[role])) < 0)
                return -1;
    return 0;
}
