/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/address.h"

#include "base/unicode.h"
#include "crm/email.h"
#include "crm/rights.h"
#include "sql/address.h"

static int check(const struct address_change *c, struct err *err)
{
    static const char *const states[] = {"unverified", "good", "held", "dead"};
    bool known = !c->state;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        known = known || !strcmp(c->state, states[i]);
    if (!known)
        return err_set(err, ERR_USAGE, "a person calls an address unverified, good, held or dead, not \"%s\"",
                       c->state);
    if (c->state && c->replaced_by)
        return err_set(err, ERR_USAGE, "an address that is replaced has no other state");
    if (c->state && strcmp(c->state, "unverified") && !(c->why && *c->why))
        return err_set(err, ERR_USAGE, "why is the address %s? --why TEXT", c->state);
    if (c->hide && c->show)
        return err_set(err, ERR_USAGE, "an address is private or it is not");
    const char *flaw = c->replaced_by ? email_flaw(c->replaced_by) : NULL;
    return flaw ? err_set(err, ERR_USAGE, "address \"%s\": %s", c->replaced_by, flaw) : 0;
}

static int replace(struct db *db, int64_t contact, int64_t id, int64_t position, const char *key,
                   const struct address_change *c, struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    const char *new_key = unicode_case_fold_email(mem, c->replaced_by);
    if (!strcmp(new_key, key))
        return err_set(err, ERR_USAGE, "an address does not replace itself");
    if (db_run(db, &rows, err, SQL_ADDRESS_PUT, db_int(contact), db_text(email_normal(mem, c->replaced_by)),
               db_text(new_key), db_int(position)) < 0 ||
        db_run(db, NULL, err, SQL_ADDRESS_SET_REPLACED, db_int(id), db_int(db_get_int(rows, 0, "id")),
               db_text(c->why)) < 0)
        return -1;
    return 0;
}

int address_change(struct db *db, int64_t contact, const char *email, const struct address_change *c,
                   struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    const char *key = unicode_case_fold_email(mem, email);
    if (check(c, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        rights_check_contact(db, RIGHT_write, contact, err) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_ADDRESS_FIND, db_int(contact), db_text(key));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld has no address %s", (long long)contact, email);
    if (n < 0)
        return -1;
    int64_t id = db_get_int(rows, 0, "id"), position = db_get_int(rows, 0, "position");
    if (c->state && db_run(db, NULL, err, SQL_ADDRESS_SET_STATE, db_int(id), db_text(c->state),
                           db_text(strcmp(c->state, "unverified") ? c->why : NULL)) < 0)
        return -1;
    if (c->replaced_by && replace(db, contact, id, position, key, c, err) < 0)
        return -1;
    if ((c->hide || c->show) &&
        db_run(db, NULL, err, SQL_ADDRESS_SET_PRIVATE, db_int(id), db_bool(c->hide)) < 0)
        return -1;
    if (c->first && db_run(db, NULL, err, SQL_ADDRESS_PUT_FIRST, db_int(id)) < 0)
        return -1;
    return db_commit(&tx, err);
}

int address_list(struct db *db, int64_t contact, json_t **list_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_ADDRESS_LIST, db_int(contact));
    if (n < 0)
        return -1;
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_loads(db_get_str(rows, i, "address"), 0, NULL));
    *list_r = list;
    return 0;
}
