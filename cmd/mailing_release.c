/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is looked at before a mailing goes out, and the release itself.
 */
#include "mail/mailing.h"
#include "mail/preflight.h"
#include "mail/reason.h"

#include "cmd_functions.h"

static const char *str(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const char *severity_word(struct cmd *c, const char *severity)
{
    return !strcmp(severity, "error") ? _("error") : !strcmp(severity, "warning") ? _("warning") : _("note");
}

static void print_people(struct cmd *c, const json_t *finding)
{
    long long count = json_integer_value(json_object_get(finding, "count"));
    const json_t *recipients = json_object_get(finding, "recipients"), *r;
    size_t i;
    json_array_foreach(recipients, i, r)
    {
        const char *detail = str(r, "detail");
        printf("      %s (%lld)%s%s\n", str(r, "name"),
               (long long)json_integer_value(json_object_get(r, "contact")), *detail ? ": " : "",
               reason_in(c->mem, c->catalog, detail));
    }
    if (count > (long long)json_array_size(recipients))
        printf(_("      and %lld more\n"), count - (long long)json_array_size(recipients));
}

/* On standard output for `check`, where they are what was asked for; beside a release they are said. */
static void show(struct cmd *c, const json_t *findings)
{
    const json_t *f;
    size_t i;
    json_array_foreach(findings, i, f)
    {
        if (c->json) {
            cmd_print_json(json_incref((json_t *)f));
            continue;
        }
        long long count = json_integer_value(json_object_get(f, "count"));
        const char *where = str(f, "where");
        printf("%s: ", severity_word(c, str(f, "severity")));
        if (count)
            printf(catalog_plural(c->catalog, "%lld recipient: ", "%lld recipients: ", (long)count), count);
        printf("%s%s%s%s\n", catalog_text(c->catalog, str(f, "what")), *where ? " (" : "",
               reason_in(c->mem, c->catalog, where), *where ? ")" : "");
        print_people(c, f);
        printf("    → %s\n", catalog_text(c->catalog, str(f, "do")));
    }
}

static int one_id(struct cmd *c, int argc, char **argv, const char *usage, int64_t *id_r)
{
    struct err err;
    if (argc != 1)
        return cmd_usage(c, usage);
    return cmd_id(argv[0], id_r, &err) < 0 ? cmd_fail(c, &err) : 0;
}

int cmd_mailing_check(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id = 0;
    json_t *findings;
    int rc = one_id(c, argc, argv, "mailing check ID", &id);
    if (rc)
        return rc;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    rc = preflight_check(db, c->conf, id, &findings, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    show(c, findings);
    if (!json_array_size(findings) && !c->json)
        printf(_("nothing stands in the way of mailing %lld\n"), (long long)id);
    rc = preflight_errors(findings) ? EXIT_LOOK : 0;
    json_decref(findings);
    return rc;
}

struct release {
    const char *despite; /* NULL: with errors there is none */
    bool respect_governor;
    int held, queued, paper;
};

static int release(struct cmd *c, struct db *db, int64_t id, struct release *r, struct err *err)
{
    json_t *findings;
    DB_TX tx = {0};
    if (mailing_check(db, RIGHT_release, id, err) < 0 || preflight_check(db, c->conf, id, &findings, err) < 0)
        return -1;
    if (!c->json || (preflight_errors(findings) && !r->despite))
        show(c, findings);
    int rc = db_begin(&tx, db, DB_WRITE, err) < 0 ? -1 : preflight_sign(db, id, findings, r->despite, err);
    json_decref(findings);
    if (rc < 0 || mailing_release(db, c->conf, id, &r->queued, &r->paper, err) < 0 ||
        (r->respect_governor && governor_hold(db, c->conf, id, &r->held, err) < 0))
        return -1;
    r->queued -= r->held;
    return db_commit(&tx, err);
}

static void say_released(struct cmd *c, int64_t id, const struct release *r)
{
    if (c->json) {
        cmd_print_json(
            json_pack("{s:I, s:s, s:i}", "id", (json_int_t)id, "state", "released", "held", r->held));
        return;
    }
    char *text = talloc_asprintf(c->mem,
                                 PLURAL("mailing %lld is released: %d letter waits to be sent",
                                        "mailing %lld is released: %d letters wait to be sent", r->queued),
                                 (long long)id, r->queued);
    if (r->paper)
        text = talloc_asprintf(c->mem,
                               _("%s, %d on paper to be printed: `adresar mailing print %lld -o FILE.pdf`"),
                               text, r->paper, (long long)id);
    printf("%s\n", text);
    if (r->held)
        printf(catalog_plural(
                   c->catalog,
                   "%d recipient was written to lately and is held: `adresar mailing settle` decides\n",
                   "%d recipients were written to lately and are held: `adresar mailing settle` decides\n",
                   r->held),
               r->held);
}

int cmd_mailing_release(struct cmd *c, int argc, char **argv)
{
    static const char usage[] = "mailing release ID [--despite WHY] [--respect-governor]";
    struct err err;
    struct db *db;
    int64_t id = 0;
    struct release r = {0};
    const struct cmd_option options[] = {
        {"despite", CMD_TEXT, &r.despite}, {"respect-governor", CMD_FLAG, &r.respect_governor}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    int rc = one_id(c, argc, argv, usage, &id);
    if (rc || (r.despite && !*r.despite))
        return rc ? rc : cmd_usage(c, usage);
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    rc = release(c, db, id, &r, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    say_released(c, id, &r);
    return 0;
}
