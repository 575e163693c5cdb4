/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What can be said of the order of a mailing before anybody is looked for: what the store would refuse
 * anyhow, in words that say what to write instead.
 */
#include "mail/mailing_low.h"

#include <time.h>

#include "crm/department.h"
#include "mail/signing.h"
#include "sql/mailing.h"

int mailing_order_check(void *mem, const struct mailing_order *o, struct class_mailing *class_r,
                        struct err *err)
{
    const char *kind = o->kind ? o->kind : "invitation";
    const struct mail_class *class = class_r->class = class_find(kind);
    if (!class || class->rule == CLASS_PERSONAL)
        return err_set(err, ERR_USAGE, "--kind is %s, not \"%s\"", class_mailing_kinds(mem), kind);
    if (o->step && (!o->event_id || strcmp(kind, "invitation")))
        return err_set(err, ERR_USAGE, "letters to an event's guests want --event ID, and are invitations");
    if (!strcmp(kind, "invitation") && !o->event_id)
        return err_set(err, ERR_USAGE, "an invitation wants --event ID; other letters want --kind");
    if (o->receipt && !(class->marks & CLASS_RECEIPT))
        return err_set(err, ERR_USAGE, "a letter of the kind %s asks for no receipt", kind);
    if (o->shared_address && strcmp(o->shared_address, "each") && strcmp(o->shared_address, "one"))
        return err_set(err, ERR_USAGE, "--shared-address is each or one, not \"%s\"", o->shared_address);
    return 0;
}

int mailing_order_list(void *mem, struct db *db, const struct mailing_order *order, struct class_mailing *c,
                       struct err *err)
{
    DB_ROWS rows = NULL;
    const char *list = order->list ? order->list : c->class->kind;
    int n = db_run(db, &rows, err, SQL_MAILING_LIST_FIND, db_text(list));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no list \"%s\"; `adresar consent lists` has them", list);
    if (n < 0)
        return -1;
    bool official = db_get_bool(rows, 0, "official");
    if (c->class->rule == CLASS_OFFICIAL && !official)
        return err_set(
            err, ERR_CONFLICT,
            "people can opt out of the list \"%s\", but a letter of the kind %s says nowhere how; it "
            "goes on an official list",
            list, c->class->kind);
    c->list_id = db_get_int(rows, 0, "id");
    c->list = talloc_strdup(mem, db_get_str(rows, 0, "slug"));
    c->list_name = talloc_strdup(mem, db_get_str(rows, 0, "name"));
    return 0;
}

int mailing_order_text(const struct mail_class *class, const struct template_text *text,
                       const struct template *compiled, struct err *err)
{
    for (const char *const *v = template_values(compiled); *v && !(class->marks & CLASS_LINK); v++)
        if (!strcmp(*v, "unsubscribe_url"))
            return err_set(err, ERR_INPUT, "%s: the kind %s has no unsubscribe_url", text->name, class->kind);
    return 0;
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
        return err_set(err, ERR_CONFLICT, "event %lld is %s", id, err_word(state));
    return 0;
}

/* Letters that would expire before they go. */
static int check_begun(const struct mailing_order *o, int64_t starts, struct err *err)
{
    return (o->step && !strcmp(o->step, "thank")) || starts > time(NULL)
               ? 0
               : err_set(err, ERR_CONFLICT, "event %lld has begun: only thanks go out after that",
                         (long long)o->event_id);
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
    return check_state(o, db_get_str(rows, 0, "state"), err) < 0
               ? -1
               : check_begun(o, db_get_int(rows, 0, "starts"), err);
}

int mailing_order_department(struct db *db, const struct mailing_order *o, int64_t *department_r,
                             struct err *err)
{
    MEM_SCOPE(mem);
    struct department department;
    if (o->event_id && event_department(db, o, department_r, err) < 0)
        return -1;
    if (o->event_id && !o->department)
        return rights_check_department(db, RIGHT_write, *department_r, err);
    if (department_get_for(mem, db, RIGHT_write, o->department, &department, err) < 0)
        return -1;
    *department_r = department.id;
    return 0;
}

int mailing_order_name(void *mem, struct db *db, const struct conf *conf, const struct mailing_order *o,
                       const char **name_r, struct err *err)
{
    DB_ROWS rows = NULL;
    const char *language = conf->office.language;
    *name_r = o->name;
    if (*name_r)
        return 0;
    if (db_run(db, &rows, err, SQL_MAILING_EVENT_TEXT, db_int_or_null(o->event_id), db_text(language),
               db_text(language)) < 0)
        return -1;
    const char *dir = o->template_dir, *slash = strrchr(dir, '/');
    *name_r = db_rows_count(rows) ? talloc_strdup(mem, db_get_str(rows, 0, "name")) : slash ? slash + 1 : dir;
    return 0;
}

int mailing_accounts(void *mem, const struct conf *conf, const char *names,
                     const struct conf_smtp ***accounts_r, struct err *err)
{
    char *copy = talloc_strdup(mem, names), *name;
    const struct conf_smtp **accounts = talloc_array(mem, const struct conf_smtp *, 0);
    for (size_t n = 0; (name = strsep(&copy, ",")); n++) {
        name += strspn(name, " ");
        name[strcspn(name, " ")] = 0;
        accounts = talloc_realloc(mem, accounts, const struct conf_smtp *, (unsigned)n + 1);
        accounts[n] = conf_find_smtp(conf, name);
        if (!accounts[n])
            return err_set(err, ERR_CONFIG, "there is no [smtp %s] in %s", *name ? name : "NAME", conf->path);
    }
    *accounts_r = accounts;
    return 0;
}

int mailing_order_accounts(void *mem, const struct conf *conf, const struct mailing_order *o,
                           const struct conf_smtp ***accounts_r, struct err *err)
{
    if (mailing_accounts(mem, conf, o->account, accounts_r, err) < 0)
        return -1;
    for (size_t i = 0; i < talloc_array_length(*accounts_r); i++)
        if (signing_check(conf, (*accounts_r)[i]->from_address, err) < 0)
            return -1;
    return 0;
}

char *mailing_account_names(void *mem, const struct conf_smtp *const *accounts)
{
    struct text names = text_new(mem);
    for (size_t i = 0; i < talloc_array_length(accounts); i++)
        text_printf(&names, "%s%s", i ? "," : "", accounts[i]->name);
    return names.s;
}
