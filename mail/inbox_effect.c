/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a report does to the row of the outbox, to the address and to the mailing.
 *
 * A hard bounce means that the address is dead, or dead when a letter sent a day later fails so too (a domain
 * that is not found); a soft one is counted, and from some number on holds the address (HOLD in bounce.def);
 * a refusal for policy concerns this recipient alone.  Two things point at ourselves and pause the mailing,
 * if it still runs:
 *   - refusals that are ours (mail/ours.def: the verdict's reason "ours") for 3 recipients in 2
 * domains;
 *   - more than a tenth of the mailing hard-bounced, and at least 10: then no address is marked dead for it,
 * those that were wait for a person ('held').  The 10 keep a mailing of twenty from being paused by the few
 * wrong addresses that every list has. A bounce from an address that ours is forwarded to settles the row but
 * says nothing about the address itself.
 */
#include <strings.h>

#include "base/catalog.h"
#include "base/json_text.h"
#include "base/log.h"
#include "mail/bounce.h"
#include "mail/inbox_low.h"
#include "mail/ours.h"
#include "sql/inbox.h"
#include "sql/pace.h"

enum { OURS_RECIPIENTS = 3, OURS_DOMAINS = 2, HARD_AT_LEAST = 10, HARD_SHARE = 10 };

/* The group of the report that speaks of our recipient. */
struct group {
    const char *status, *smtp, *reason, *rule, *address;
    bool hard, again, forwarded;
};

static bool failed(const json_t *recipient)
{
    const char *action = json_text_or_null(recipient, "action");
    return !action || !strcmp(action, "failed");
}

/* What the report says of our own recipient where that did not fail, however others fared; NULL: it failed,
 * or is not spoken of. */
static const char *spared(const json_t *recipients, const char *email)
{
    const char *action = NULL;
    for (size_t i = 0; i < json_array_size(recipients); i++) {
        const json_t *r = json_array_get(recipients, i);
        const char *address = json_text_or_null(r, "address");
        if (!address || strcasecmp(address, email) != 0)
            continue;
        if (failed(r))
            return NULL;
        action = json_text_or_null(r, "action");
    }
    return action;
}

/* A copy for the journal (base/conf.h) that does not arrive is no matter of the letter. */
static bool is_journal(const struct judgement *j, const char *address)
{
    for (const struct conf_smtp *s = address ? j->inbox->conf->smtp : NULL; s; s = s->next)
        if (s->journal && !strcasecmp(s->journal, address) && strcasecmp(address, j->match.email) != 0)
            return true;
    return false;
}

static bool speaks_of_journal_alone(const struct judgement *j, const json_t *recipients)
{
    size_t n = json_array_size(recipients);
    for (size_t i = 0; i < n; i++)
        if (!is_journal(j, json_text_or_null(json_array_get(recipients, i), "address")))
            return false;
    return n > 0;
}

/* Our recipient's group, else the first that failed; NULL: a report without groups. */
static const json_t *find_group(const struct judgement *j, const json_t *recipients, const char *email)
{
    const json_t *first = NULL;
    for (size_t i = 0; i < json_array_size(recipients); i++) {
        const json_t *r = json_array_get(recipients, i);
        const char *address = json_text_or_null(r, "address");
        if (!failed(r) || is_journal(j, address))
            continue;
        if (address && !strcasecmp(address, email))
            return r;
        if (!first)
            first = r;
    }
    return first;
}

/* The address at which it failed, where the report tells it apart from the one that it was sent to. */
static const char *final_address(const struct judgement *j, const char *email)
{
    const json_t *groups = json_object_get(json_object_get(j->facts, "dsn"), "recipients");
    const char *final = NULL;
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *g = json_array_get(groups, i);
        const char *f = json_text_or_null(g, "final");
        if (!failed(g) || !f || is_journal(j, f))
            continue;
        if (!strcasecmp(f, email))
            return f;
        if (!final)
            final = f;
    }
    return final;
}

static struct group read_group(const struct judgement *j)
{
    const json_t *r = find_group(j, json_object_get(j->verdict, "recipients"), j->match.email);
    struct group g = {.status = json_text_or_null(r, "status"),
                      .smtp = json_text_or_null(r, "smtp"),
                      .reason = json_text_or_null(r, "reason"),
                      .rule = json_text_or_null(r, "rule"),
                      .address = final_address(j, j->match.email),
                      .hard = json_is_true(json_object_get(r, "hard")),
                      .again = json_is_true(json_object_get(r, "again"))};
    if (!g.address)
        g.address = json_text_or_null(r, "final"); /* of a notice in words */
    if (!g.address)
        g.address = json_text_or_null(r, "address");
    g.forwarded = g.address && strchr(g.address, '@') && strcasecmp(g.address, j->match.email) != 0;
    return g;
}

static json_t *group_evidence(const struct judgement *j, const struct group *g)
{
    json_t *e = inbox_evidence(j);
    json_t *more = json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*, s:b, s:b, s:b, s:O*}", "status", g->status,
                             "text", g->smtp, "reason", g->reason, "rule", g->rule, "address", g->address,
                             "hard", g->hard && !g->forwarded, "again", g->again && !g->forwarded,
                             "forwarded", g->forwarded, "date", json_object_get(j->facts, "date"));
    must(more);
    json_object_update(e, more);
    json_decref(more);
    return e;
}

/* The reply code with which the text of a diagnostic begins, or 0. */
static int code_of(const char *smtp)
{
    if (!smtp)
        return 0;
    char *end;
    long code = strtol(smtp, &end, 10);
    return end == smtp + 3 && code >= 200 && code <= 599 ? (int)code : 0;
}

static int settle_bounced(struct judgement *j, const struct group *g, struct err *err)
{
    int rc = db_run(j->inbox->db, NULL, err, SQL_INBOX_BOUNCE, db_int(j->match.outbox_id),
                    inbox_json(j, group_evidence(j, g)), db_int_or_null(code_of(g->smtp)), db_text(g->status),
                    db_text(g->smtp));
    if (rc > 0 && db_run(j->inbox->db, NULL, err, SQL_INBOX_FINISH_MAILING, db_int(j->match.mailing_id)) < 0)
        return -1;
    if (rc == 0)
        inbox_decide(j, "it reports as failed what is \"%s\"", j->match.outbox_state);
    return rc;
}

static int pause(struct judgement *j, const char *why, struct err *err)
{
    int rc =
        db_run(j->inbox->db, NULL, err, SQL_INBOX_PAUSE_MAILING, db_int(j->match.mailing_id), db_text(why));
    if (rc > 0)
        log_warning("mailing %lld is paused: %s", (long long)j->match.mailing_id, why);
    return rc < 0 ? -1 : 0;
}

/* It is counted, and held when that many letters in so many days failed so. */
static int mark_soft(struct judgement *j, const struct group *g, struct err *err)
{
    const struct bounce_hold *hold = bounce_hold(g->reason);
    return hold ? db_run(j->inbox->db, NULL, err, SQL_INBOX_ADDRESS_SOFT, db_int(j->match.address_id),
                         inbox_json(j, group_evidence(j, g)), db_text(g->reason), db_int(hold->letters),
                         db_int(hold->days))
                : 0;
}

static int mark_address(struct judgement *j, const struct group *g, bool mass, struct err *err)
{
    struct db_arg id = db_int(j->match.address_id);
    if (!j->match.address_id || g->forwarded)
        return 0;
    if (!g->hard || (g->again && mass))
        return mark_soft(j, g, err);
    struct db_arg evidence = inbox_json(j, group_evidence(j, g));
    if (mass)
        return db_run(j->inbox->db, NULL, err, SQL_INBOX_ADDRESS_HELD, id, evidence);
    if (!g->again)
        return db_run(j->inbox->db, NULL, err, SQL_INBOX_ADDRESS_DEAD, id, evidence);
    int rc =
        db_run(j->inbox->db, NULL, err, SQL_INBOX_ADDRESS_AGAIN, id, evidence, db_int(j->match.outbox_id));
    return rc == 0 ? mark_soft(j, g, err) : rc;
}

/* What all bounces of the mailing together say about ourselves. *mass_r: so many that no address is to blame.
 */
static int look_at_mailing(struct judgement *j, const struct group *g, bool *mass_r, struct err *err)
{
    DB_ROWS rows = NULL;
    struct db_arg mailing = db_int(j->match.mailing_id);
    if (db_run(j->inbox->db, &rows, err, SQL_INBOX_BOUNCED, mailing) < 0)
        return -1;
    int64_t recipients = db_get_int(rows, 0, "recipients"), hard = db_get_int(rows, 0, "hard");
    *mass_r = hard >= HARD_AT_LEAST && hard * HARD_SHARE > recipients;
    const struct ours *ours = ours_find(g->status, g->smtp);
    if (db_get_int(rows, 0, "ours") >= OURS_RECIPIENTS &&
        db_get_int(rows, 0, "ours_domains") >= OURS_DOMAINS &&
        pause(j,
              talloc_asprintf(j->mem, "several servers refuse our mail for our own configuration%s%s",
                              ours ? ": " : "", ours ? ours->what : ""),
              err) < 0)
        return -1;
    if (!*mass_r)
        return 0;
    const char *why = talloc_asprintf(j->mem, "recipients that do not exist: %lld of %lld", (long long)hard,
                                      (long long)recipients);
    return pause(j, why, err) < 0 || db_run(j->inbox->db, NULL, err, SQL_INBOX_REVIVE_ADDRESSES, mailing) < 0
               ? -1
               : 0;
}

/* A server that wants less says so by a code that mail/ours.def knows, or ends the session (421). */
static int slow_down_if_asked(struct judgement *j, const char *status, const char *smtp, struct err *err)
{
    const struct ours *ours = ours_find(status, smtp);
    const char *at = strrchr(j->match.email, '@');
    bool slow = ours && ours->slow;
    if (!slow && code_of(smtp) != 421)
        return 0;
    return db_run(j->inbox->db, NULL, err, SQL_PACE_SLOW_DOWN, db_text(at ? at + 1 : j->match.email),
                  db_text(slow ? ours->what : "its server ends the session")) < 0
               ? -1
               : 0;
}

int inbox_effect_delay(struct judgement *j, struct err *err)
{
    const json_t *recipients = json_object_get(j->verdict, "recipients");
    for (size_t i = 0; j->match.keyed && i < json_array_size(recipients); i++) {
        const json_t *r = json_array_get(recipients, i);
        const char *address = json_text_or_null(r, "address");
        if (address && !strcasecmp(address, j->match.email) &&
            slow_down_if_asked(j, json_text_or_null(r, "status"), json_text_or_null(r, "smtp"), err) < 0)
            return -1;
    }
    return 0;
}

int inbox_effect_bounce(struct judgement *j, struct err *err)
{
    bool mass;
    if (!j->match.keyed)
        return inbox_decide(j, N_("a bounce without an id that only we can make; nothing was changed"));
    if (speaks_of_journal_alone(j, json_object_get(j->verdict, "recipients"))) {
        log_warning("message %lld: a copy for the journal did not arrive", (long long)j->id);
        return 0;
    }
    const char *action = spared(json_object_get(j->verdict, "recipients"), j->match.email);
    if (action)
        return strcmp(action, "delayed") ? inbox_effect_delivered(j, err) : 0;
    struct group g = read_group(j);
    int rc = settle_bounced(j, &g, err);
    if (rc <= 0 || (!g.forwarded && slow_down_if_asked(j, g.status, g.smtp, err) < 0))
        return rc > 0 ? -1 : rc;
    if (look_at_mailing(j, &g, &mass, err) < 0 || mark_address(j, &g, mass, err) < 0)
        return -1;
    if (g.forwarded)
        inbox_decide(j, "%s forwards to %s, which refused it", j->match.email, g.address);
    return 0;
}

int inbox_effect_delivered(struct judgement *j, struct err *err)
{
    if (inbox_settle(j, "delivered", "dsn", err) < 0)
        return -1;
    if (!j->match.keyed || !j->match.address_id)
        return 0;
    return db_run(j->inbox->db, NULL, err, SQL_INBOX_ADDRESS_GOOD, db_int(j->match.address_id),
                  inbox_json(j, inbox_evidence(j))) < 0
               ? -1
               : 0;
}
