/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/destination.h"

#include "mail/pace_to.h"
#include "sql/pace.h"

/* What the accounts' settings say: {domain: {account: n}} */
static int read_settings(const struct conf *conf, json_t *paces, struct err *err)
{
    for (const struct conf_smtp *a = conf->smtp; a; a = a->next) {
        const char *rest = a->per_minute_to;
        struct pace_to_setting one;
        int rc;
        while ((rc = pace_to_read(&rest, &one, err)) > 0) {
            json_t *of = json_object_get(paces, one.domain);
            if (!of)
                json_object_set_new(paces, one.domain, of = json_object());
            json_object_set_new(of, a->name, json_integer(one.a_minute));
        }
        if (rc < 0)
            return err_context(err, "[smtp %s]", a->name);
    }
    return 0;
}

static json_t *destination(const struct db_rows *rows, int i, const json_t *paces)
{
    const char *domain = db_get_str(rows, i, "domain");
    json_t *of = json_object_get(paces, domain);
    json_t *d = json_pack("{s:s, s:o, s:b, s:I}", "domain", domain, "a_minute",
                          of ? json_incref(of) : json_object(), "rests", (int)db_get_bool(rows, i, "rests"),
                          "waiting", (json_int_t)db_get_int(rows, i, "waiting"));
    must(d);
    if (!db_is_null(rows, i, "why"))
        json_object_update_new(d, json_pack("{s:s, s:s, s:I, s:s}", "until", db_get_str(rows, i, "until"),
                                            "said", db_get_str(rows, i, "said"), "times",
                                            (json_int_t)db_get_int(rows, i, "times"), "why",
                                            db_get_str(rows, i, "why")));
    return d;
}

static int list(void *mem, struct db *db, const struct conf *conf, json_t *paces, json_t **list_r,
                struct err *err)
{
    DB_ROWS rows = NULL;
    if (read_settings(conf, paces, err) < 0)
        return -1;
    const char **named = talloc_array(mem, const char *, (unsigned)json_object_size(paces)), *domain;
    json_t *of;
    size_t n = 0;
    json_object_foreach(paces, domain, of) named[n++] = domain;
    if (db_run(db, &rows, err, SQL_PACE_DESTINATIONS, db_texts(mem, named, n)) < 0)
        return -1;
    *list_r = json_array();
    for (int i = 0; i < db_rows_count(rows); i++)
        json_array_append_new(*list_r, destination(rows, i, paces));
    return 0;
}

int destination_list(void *mem, struct db *db, const struct conf *conf, json_t **list_r, struct err *err)
{
    json_t *paces = json_object();
    int rc = list(mem, db, conf, paces, list_r, err);
    json_decref(paces);
    return rc;
}

int destination_waits(struct db *db, int64_t mailing, json_t **waits_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_PACE_WAITS, db_int(mailing)) < 0)
        return -1;
    *waits_r = json_array();
    for (int i = 0; i < db_rows_count(rows); i++)
        json_array_append_new(
            *waits_r, json_pack("{s:s, s:s, s:s, s:I}", "domain", db_get_str(rows, i, "domain"), "until",
                                db_get_str(rows, i, "until"), "why", db_get_str(rows, i, "why"), "letters",
                                (json_int_t)db_get_int(rows, i, "letters")));
    return 0;
}
