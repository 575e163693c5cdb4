/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is known of a message when it was judged, into its row.
 */
#include "base/catalog.h"
#include "base/json_text.h"
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
    const char *kind = json_text_or_null(notice, "kind");
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

struct message_filing inbox_filing(struct judgement *j)
{
    bool own = !strcmp(j->class, "own");
    const struct letter *l = &j->letter;
    decide_on_notice(j);
    json_t *evidence = own ? NULL : json_incref(json_object_get(j->verdict, "evidence")),
           *proposal = j->proposal;
    j->proposal = NULL;
    return (struct message_filing){
        .date = l->date,
        .from_address = l->from,
        .from_name = l->from_name,
        .subject = l->subject ? l->subject : "",
        .class = j->class,
        .rule = own ? "own" : json_text_or_null(j->verdict, "rule"),
        .evidence = inbox_json_text(j, evidence),
        .facts = inbox_json_text(j, inbox_facts_to_keep(j->facts)),
        .reply_text = own ? l->text : json_text_or_null(j->verdict, "reply_text"),
        .contact_id = j->match.contact_id,
        .state = j->state,
        .why = j->why,
        .people = db_texts(j->mem, j->people.item, j->people.n).value,
        .believed = j->believed,
        .proposal = inbox_json_text(j, proposal),
    };
}

int inbox_file_message(struct judgement *j, struct err *err)
{
    struct db *db = j->inbox->db;
    const struct message_filing f = inbox_filing(j);
    bool sent = !strcmp(f.state, "sent");
    if (db_run(db, NULL, err, SQL_INBOX_FILE, db_int(j->id), db_int_or_null(f.date), db_text(f.from_address),
               db_text(f.from_name), db_text(f.subject), db_text(f.class), db_text(f.rule),
               db_text(f.evidence), db_text(f.facts), db_text(f.reply_text), db_int_or_null(f.contact_id),
               db_int_or_null(sent ? 0 : j->match.outbox_id), db_int_or_null(j->match.thread_id),
               db_text(j->match.by), db_text(f.state), db_text(f.why), db_text(f.people), db_bool(f.believed),
               db_text(f.proposal)) < 0 ||
        (sent && db_run(db, NULL, err, SQL_INBOX_ADD_CONTACTS, db_int(j->id),
                        db_texts(j->mem, j->people.item, j->people.n)) < 0) ||
        (j->look.answered && db_run(db, NULL, err, SQL_INBOX_MARK_ANSWERED, db_int(j->id)) < 0))
        return -1;
    return 0;
}
