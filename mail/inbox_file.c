/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is known of a message when it was judged, into its row.
 */
#include "base/catalog.h"
#include "mail/inbox_low.h"
#include "sql/inbox.h"

/* ---- what it says of the address */

static const struct {
    const char *kind, *why;
} notices[] = {
    {"left", N_("says that whom we wrote to is no longer there")},
    {"moved", N_("says that the address is another now")},
    {"challenge", N_("wants a click before our letter is delivered")},
};

/* Whatever else it is, somebody looks at the contact. */
static void decide_on_notice(struct judgement *j)
{
    const json_t *notice = json_object_get(j->verdict, "notice");
    const char *kind = json_string_value(json_object_get(notice, "kind"));
    bool ours = !strcmp(j->class, "own") || j->look.twin;
    for (size_t i = 0; kind && !ours && i < ARRAY_LEN(notices); i++)
        if (!strcmp(notices[i].kind, kind))
            inbox_decide(j, "%s", notices[i].why);
}

/* ---- the row */

json_t *inbox_facts_to_keep(const json_t *facts)
{
    static const char *const keys[] = {"from",
                                       "sender",
                                       "reply_to",
                                       "to",
                                       "cc",
                                       "dsn",
                                       "arf",
                                       "mdn",
                                       "calendar",
                                       "returned",
                                       "in_reply_to",
                                       "references",
                                       "return_path",
                                       "auto_submitted",
                                       "authentication_results",
                                       "report_type",
                                       "attachments",
                                       "protection"};
    json_t *kept = json_object();
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        json_object_set(kept, keys[i], json_object_get(facts, keys[i]));
    return kept;
}

static const char *verdict_text(const struct judgement *j, const char *key)
{
    return json_string_value(json_object_get(j->verdict, key));
}

int inbox_file_message(struct judgement *j, struct err *err)
{
    bool own = !strcmp(j->class, "own"), sent = !strcmp(j->state, "sent");
    const struct letter *l = &j->letter;
    struct db *db = j->inbox->db;
    struct db_arg people = db_texts(j->mem, j->people.item, j->people.n);
    json_t *evidence = json_object_get(j->verdict, "evidence"), *proposal = j->proposal;
    decide_on_notice(j);
    j->proposal = NULL;
    if (db_run(db, NULL, err, SQL_INBOX_FILE, db_int(j->id), db_int_or_null(l->date), db_text(l->from),
               db_text(l->from_name), db_text(l->subject ? l->subject : ""), db_text(j->class),
               db_text(own ? "own" : verdict_text(j, "rule")),
               own ? db_null() : inbox_json(j, json_incref(evidence)),
               inbox_json(j, inbox_facts_to_keep(j->facts)),
               db_text(own ? l->text : verdict_text(j, "reply_text")), db_int_or_null(j->match.contact_id),
               db_int_or_null(sent ? 0 : j->match.outbox_id), db_int_or_null(j->match.thread_id),
               db_text(j->match.by), db_text(j->state), db_text(j->why), people, db_bool(j->believed),
               inbox_json(j, proposal)) < 0 ||
        (sent && db_run(db, NULL, err, SQL_INBOX_ADD_CONTACTS, db_int(j->id), people) < 0) ||
        (j->look.answered && db_run(db, NULL, err, SQL_INBOX_MARK_ANSWERED, db_int(j->id)) < 0))
        return -1;
    return 0;
}
