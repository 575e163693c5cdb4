/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What can be said of the order of a mailing before anybody is looked for: what the store would refuse
 * anyhow, in words that say what to write instead.
 */
#include "mail/mailing_low.h"

#include "crm/department.h"
#include "sql/mailing.h"

int mailing_order_check(const struct mailing_order *o, struct err *err)
{
    static const char *const kinds[] = {"invitation", "newsletter", "press-release",
                                        "notice",     "survey",     "greeting"};
    bool known = !o->kind;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        known = known || !strcmp(o->kind, kinds[i]);
    if (!known)
        return err_set(
            err, ERR_USAGE,
            "--kind is invitation, newsletter, press-release, notice, survey or greeting, not \"%s\"",
            o->kind);
    if (o->step && (!o->event_id || (o->kind && strcmp(o->kind, kinds[0]))))
        return err_set(err, ERR_USAGE, "letters to an event's guests want --event ID, and are invitations");
    if ((!o->kind || !strcmp(o->kind, kinds[0])) && !o->event_id)
        return err_set(err, ERR_USAGE, "an invitation wants --event ID; other letters want --kind");
    if (o->shared_address && strcmp(o->shared_address, "each") && strcmp(o->shared_address, "one"))
        return err_set(err, ERR_USAGE, "--shared-address is each or one, not \"%s\"", o->shared_address);
    return 0;
}

static int check_list(struct db *db, const char *list, struct err *err)
{
    int n = list ? db_run(db, NULL, err, SQL_MAILING_LIST_EXISTS, db_text(list)) : 1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no list \"%s\"; `adresar consent lists` has them", list);
    return n < 0 ? -1 : 0;
}

/* That the event is off is said when it is, and then nothing else. */
static int check_state(const struct mailing_order *o, const char *state, struct err *err)
{
    bool planned = !strcmp(state, "planned"), cancel = o->step && !strcmp(o->step, "cancel");
    long long id = o->event_id;
    if (planned && cancel)
        return err_set(err, ERR_CONFLICT, "event %lld is not cancelled: `adresar event cancel %lld` first",
                       id, id);
    if (!planned && !cancel)
        return err_set(err, ERR_CONFLICT, "event %lld is %s", id, state);
    return 0;
}

static int event_department(struct db *db, const struct mailing_order *o, int64_t *department_r,
                            struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_MAILING_EVENT, db_int(o->event_id)) < 0)
        return err->code == ERR_NOTFOUND
                   ? err_set(err, ERR_NOTFOUND, "there is no event %lld", (long long)o->event_id)
                   : -1;
    *department_r = db_get_int(rows, 0, "department_id");
    return check_state(o, db_get_str(rows, 0, "state"), err);
}

int mailing_order_department(struct db *db, const struct mailing_order *o, int64_t *department_r,
                             struct err *err)
{
    MEM_SCOPE(mem);
    struct department department;
    if (check_list(db, o->list, err) < 0 || (o->event_id && event_department(db, o, department_r, err) < 0))
        return -1;
    if (o->event_id && !o->department)
        return rights_check_department(db, RIGHT_write, *department_r, err);
    if (department_get_for(mem, db, RIGHT_write, o->department, &department, err) < 0)
        return -1;
    *department_r = department.id;
    return 0;
}
