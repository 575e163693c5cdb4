/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/preflight_low.h"

#include "base/catalog.h"
#include "sql/preflight.h"

enum { NAMED = 5 }; /* of those whom a finding is about */

static const struct {
    const char *id;
    enum { ERROR, WARNING, NOTE } severity;
    const char *what, *todo;
} kinds[FINDINGS] = {
#define FINDING(id, severity, what, todo) [FINDING_##id] = {#id, severity, what, todo},
#include "mail/preflight.def"
#undef FINDING
};
static const char *const severities[] = {[ERROR] = "error", [WARNING] = "warning", [NOTE] = "note"};

static bool has(const json_t *finding, const char *key, const char *value)
{
    return !strcmp(json_string_value(json_object_get(finding, key)), value);
}

/* Ids are words with hyphens outside. */
static const char *id_of(void *mem, enum finding finding)
{
    char *id = talloc_strdup(mem, kinds[finding].id);
    for (char *p = strchr(id, '_'); p; p = strchr(p, '_'))
        *p = '-';
    return id;
}

json_t *preflight_find(struct preflight *p, enum finding finding, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *where = talloc_vasprintf(p->mem, fmt, ap), *id = id_of(p->mem, finding);
    va_end(ap);
    size_t i;
    json_t *f;
    json_array_foreach(p->findings, i, f)
    {
        if (has(f, "id", id) && has(f, "where", where))
            return f;
    }
    f = json_pack("{s:s, s:s, s:s, s:s, s:i, s:[], s:s}", "id", id, "severity",
                  severities[kinds[finding].severity], "what", kinds[finding].what, "where", where, "count",
                  0, "recipients", "do", kinds[finding].todo);
    must(f);
    json_array_append_new(p->findings, f);
    return f;
}

void preflight_name(json_t *finding, int64_t recipient, int64_t contact, const char *name, const char *detail)
{
    json_t *recipients = json_object_get(finding, "recipients"), *count = json_object_get(finding, "count");
    json_integer_set(count, json_integer_value(count) + 1);
    if (json_array_size(recipients) == NAMED)
        return;
    json_t *r = json_pack("{s:I, s:s, s:s}", "contact", (json_int_t)contact, "name", name, "detail", detail);
    if (recipient)
        json_object_set_new(r, "recipient", json_integer(recipient));
    json_array_append_new(recipients, r);
}

const char *preflight_account(const struct preflight *p, const struct conf_smtp *account)
{
    return talloc_array_length(p->accounts) > 1 ? talloc_asprintf(p->mem, ", [smtp %s]", account->name) : "";
}

static json_t *worst_first(const json_t *findings)
{
    json_t *sorted = json_array(), *f;
    size_t i;
    for (size_t s = 0; s < ARRAY_LEN(severities); s++)
        json_array_foreach(findings, i, f)
        {
            if (has(f, "severity", severities[s]))
                json_array_append(sorted, f);
        }
    return sorted;
}

int preflight_check(struct db *db, const struct conf *conf, int64_t mailing, json_t **findings_r,
                    struct err *err)
{
    MEM_SCOPE(mem);
    struct mailing_info info;
    if (mailing_get(mem, db, mailing, &info, err) < 0 || mailing_check(db, RIGHT_see, mailing, err) < 0)
        return -1;
    if (strcmp(info.state, "draft"))
        return mailing_not_in_state(db, mailing, N_("a draft"), err);
    struct preflight p = {.mem = mem, .db = db, .conf = conf, .mailing = &info, .findings = json_array()};
    int rc = mailing_accounts(mem, conf, info.account, &p.accounts, err) < 0 ||
                     preflight_servers(&p, err) < 0 || preflight_recipients(&p, err) < 0 ||
                     preflight_letters(&p, err) < 0 || preflight_sender(&p, err) < 0
                 ? -1
                 : 0;
    if (rc == 0)
        *findings_r = worst_first(p.findings);
    json_decref(p.findings);
    return rc;
}

int preflight_errors(const json_t *findings)
{
    int n = 0;
    size_t i;
    json_t *f;
    json_array_foreach(findings, i, f)
    {
        n += has(f, "severity", severities[ERROR]);
    }
    return n;
}

/* What is kept is no longer about people: the house sees it, and an erasure would not find it. */
static char *kept(void *mem, const json_t *findings)
{
    json_t *copy = json_deep_copy(findings), *f;
    size_t i;
    json_array_foreach(copy, i, f)
    {
        json_object_del(f, "recipients");
        json_object_del(f, "do");
    }
    char *json = json_dumps(copy, JSON_COMPACT), *text = talloc_strdup(mem, json);
    free(json);
    json_decref(copy);
    return text;
}

int preflight_sign(struct db *db, int64_t mailing, const json_t *findings, const char *despite,
                   struct err *err)
{
    MEM_SCOPE(mem);
    int errors = preflight_errors(findings);
    if (errors && !despite)
        return err_set(
            err, ERR_CONFLICT,
            err_plural("mailing %lld is not released: %d error was found; mend it, or say --despite WHY",
                       "mailing %lld is not released: %d errors were found; mend them, or say --despite WHY",
                       (size_t)errors),
            (long long)mailing, errors);
    return db_run(db, NULL, err, SQL_PREFLIGHT_SIGN, db_int(mailing), db_text(kept(mem, findings)),
                  db_text(despite)) < 0
               ? -1
               : 0;
}
