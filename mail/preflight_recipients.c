/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Who among the recipients wants a look.
 */
#include "mail/preflight_low.h"

#include "crm/form.h"
#include "crm/personname.h"
#include "sql/mailing.h"
#include "sql/preflight.h"

static void name(json_t *finding, const struct db_rows *rows, int i, const char *detail)
{
    preflight_name(finding, db_get_int(rows, i, "id"), db_get_int(rows, i, "contact_id"),
                   db_get_str(rows, i, "name"), detail);
}

/* What is behind the colon of a reason may be an address. */
static int excluded(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_EXCLUDED, db_int(p->mailing->id));
    for (int i = 0; i < n; i++) {
        const char *reason = db_get_str(rows, i, "reason");
        size_t len = strcspn(reason, ":");
        name(preflight_find(p, FINDING_left_out, "%.*s", (int)len, reason), rows, i,
             reason + len + strspn(reason + len, ": "));
    }
    return n < 0 ? -1 : 0;
}

static int leaving(struct preflight *p, int *n_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_LEAVING, db_int(p->mailing->id));
    *n_r = 0;
    for (int i = 0; i < n; i++) {
        const char *why = db_get_text(rows, i, "why"), *post = db_get_str(rows, i, "post");
        bool moved = db_get_bool(rows, i, "moved"), vacant = moved && db_get_bool(rows, i, "vacant");
        bool held = moved && db_get_bool(rows, i, "personal");
        *n_r += vacant || held || !moved;
        if (moved)
            name(preflight_find(p,
                                vacant ? FINDING_post_vacant
                                : held ? FINDING_post_held
                                       : FINDING_post_moved,
                                "%s", ""),
                 rows, i, post);
        else if (db_get_bool(rows, i, "consent"))
            name(preflight_find(p, FINDING_consent, "%s", ""), rows, i, why);
        else
            name(preflight_find(p, FINDING_leaving, "%s", why), rows, i, "");
    }
    return n < 0 ? -1 : 0;
}

static int shared(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_SHARED, db_int(p->mailing->id));
    bool one = !strcmp(p->mailing->shared_address, "one");
    for (int i = 0; i < n; i++)
        name(preflight_find(p, one ? FINDING_shared_one : FINDING_shared_each, "%s", ""), rows, i,
             db_get_str(rows, i, "email"));
    return n < 0 ? -1 : 0;
}

static int doubtful(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_DOUBTFUL, db_int(p->mailing->id));
    for (int i = 0; i < n; i++)
        name(preflight_find(p, FINDING_doubtful, "%s", db_get_str(rows, i, "state")), rows, i, "");
    return n < 0 ? -1 : 0;
}

static int foreign(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_FOREIGN, db_int(p->mailing->id));
    for (int i = 0; i < n; i++)
        name(preflight_find(p, FINDING_language, "%s", db_get_str(rows, i, "language")), rows, i,
             db_get_str(rows, i, "languages"));
    return n < 0 ? -1 : 0;
}

static int latin(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_MAILING_LATIN, db_int(p->mailing->id));
    for (int i = 0; i < n; i++)
        preflight_name(preflight_find(p, FINDING_latin, "%s", db_get_str(rows, i, "language")), 0,
                       db_get_int(rows, i, "contact_id"), db_get_str(rows, i, "name"), "");
    return n < 0 ? -1 : 0;
}

/* A gender that the grammar found in a title or a name shows in the salutation that it made. */
static int addressed(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_UNADDRESSED, db_int(p->mailing->id));
    for (int i = 0; i < n; i++) {
        MEM_SCOPE(mem);
        const char *salutation = db_get_str(rows, i, "salutation"), *own = db_get_text(rows, i, "own"),
                   *language = db_get_str(rows, i, "language");
        if (own && !form_override(mem, own, db_get_text(rows, i, "salutation_language"),
                                  db_get_text(rows, i, "usual"), language, db_get_str(rows, i, "name")))
            name(preflight_find(p, FINDING_own_salutation, "%s", language), rows, i, own);
        else if (!own && !personname_greeting(salutation))
            name(preflight_find(p, FINDING_salutation, "%s", language), rows, i, salutation);
    }
    return n < 0 ? -1 : 0;
}

static int governed(struct preflight *p, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_LATELY, db_int(p->mailing->id),
                   db_int(p->conf->office.days_between), db_int(p->conf->office.per_month));
    for (int i = 0; i < n; i++)
        preflight_name(preflight_find(p, FINDING_lately, "%s", ""), db_get_int(rows, i, "outbox_id"),
                       db_get_int(rows, i, "contact_id"), db_get_str(rows, i, "recipient"),
                       talloc_asprintf(mem, "%s: %lld, %s (%s)", db_get_str(rows, i, "last_day"),
                                       (long long)db_get_int(rows, i, "last_mailing"),
                                       db_get_str(rows, i, "last_name"),
                                       db_get_str(rows, i, "last_department")));
    return n < 0 ? -1 : 0;
}

int preflight_recipients(struct preflight *p, struct err *err)
{
    DB_ROWS waiting = NULL;
    int gone;
    if (excluded(p, err) < 0 || leaving(p, &gone, err) < 0 || shared(p, err) < 0 || doubtful(p, err) < 0 ||
        foreign(p, err) < 0 || latin(p, err) < 0 || addressed(p, err) < 0 || governed(p, err) < 0 ||
        db_run(p->db, &waiting, err, SQL_PREFLIGHT_WAITING, db_int(p->mailing->id)) < 0)
        return -1;
    if (db_get_int(waiting, 0, "waiting") <= gone)
        preflight_find(p, FINDING_nobody, "%s", "");
    return 0;
}
