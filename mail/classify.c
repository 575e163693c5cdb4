/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A table of rules in the order of judgement.  Each looks at the facts and either gives a class with its
 * evidence or leaves the mail to the next; the last takes all.
 */
#include "mail/classify.h"

#include "base/json_text.h"
#include "mail/automatic.h"
#include "mail/bounce.h"
#include "mail/calendar.h"
#include "mail/evidence.h"
#include "mail/intent.h"
#include "mail/notice.h"
#include "mail/receipt.h"
#include "mail/rule.h"
#include "mail/unsubscribe_words.h"
#include "mail/wire/facts.h"

struct judge {
    const json_t *facts;
    const struct classify_context *context;
    json_t *verdict, *evidence;
    struct calendar_answer answer;
    struct phrase_text text;     /* the new one */
    const struct rule *rule;     /* that decided */
    const struct notice *notice; /* what it says of the address; NULL: nothing */
};

static bool decide(struct judge *j, enum rule_name rule)
{
    j->rule = &rules[rule];
    return true;
}

static void copy_key(json_t *to, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);
    if (value)
        json_object_set(to, key, value);
}

/* ---- reports */

/* Where a long notice is all that is known, only the code can say that the address is dead. */
static struct bounce judged(const json_t *r, bool failed)
{
    struct bounce b =
        bounce_judge(failed, json_text_or_null(r, "status"), json_text_or_null(r, "diagnostic"));
    if (!json_object_get(r, "loose"))
        return b;
    struct bounce coded = bounce_judge(failed, json_text_or_null(r, "status"), NULL);
    b.hard = b.hard && coded.hard;
    b.again = b.hard && coded.again;
    return b;
}

/* The recipients as the verdict shows them, judged; the first with the action is the evidence. */
static json_t *judged_recipients(struct judge *j, const json_t *recipients, const char *where,
                                 const char *deciding)
{
    bool shown = false;
    json_t *list = json_array();
    size_t i;
    const json_t *r;
    json_array_foreach(recipients, i, r)
    {
        const char *action = json_text_or_null(r, "action"), *status = json_text_or_null(r, "status"),
                   *said = json_text_or_null(r, "diagnostic");
        bool failed = !action || !strcmp(action, "failed");
        bool bad = failed || !strcmp(action, "delayed");
        struct bounce b = judged(r, failed);
        json_t *out = json_pack("{s:b, s:s*}", "hard", b.hard, "rule", bad ? b.rule : NULL);
        if (b.again)
            json_object_set_new(out, "again", json_true());
        copy_key(out, r, "address");
        copy_key(out, r, "action");
        copy_key(out, r, "status");
        copy_key(out, r, "final");
        if (said)
            json_object_set_new(out, "smtp", json_string(said));
        if (bad)
            json_object_set_new(out, "reason", json_string(b.reason));
        json_array_append_new(list, out);
        if (!shown && action && !strcmp(action, deciding)) {
            evidence_add(j->evidence, where, said ? said : status ? status : action);
            shown = true;
        }
    }
    return list;
}

static bool any_action(const json_t *recipients, const char *action)
{
    size_t i;
    const json_t *r;
    json_array_foreach(recipients, i, r)
    {
        const char *a = json_text_or_null(r, "action");
        if (a && !strcmp(a, action))
            return true;
    }
    return false;
}

/* The worst of what happened to the recipients names the report. */
static const struct {
    const char *action;
    enum rule_name rule;
} outcomes[] = {
    {"failed", RULE_DSN_FAILED},   {"delayed", RULE_DSN_DELAYED},   {"delivered", RULE_DSN_DELIVERED},
    {"relayed", RULE_DSN_RELAYED}, {"expanded", RULE_DSN_EXPANDED},
};

static bool rule_dsn(struct judge *j)
{
    const json_t *dsn = json_object_get(j->facts, "dsn");
    size_t i = 0;
    while (i < ARRAY_LEN(outcomes) && !any_action(json_object_get(dsn, "recipients"), outcomes[i].action))
        i++;
    if (i == ARRAY_LEN(outcomes))
        return false;
    json_t *recipients = json_deep_copy(json_object_get(dsn, "recipients"));
    bounce_complete(recipients, j->facts);
    json_object_set_new(j->verdict, "recipients",
                        judged_recipients(j, recipients, "delivery-status", outcomes[i].action));
    json_decref(recipients);
    copy_key(j->verdict, dsn, "envelope_id");
    copy_key(j->verdict, j->facts, "returned");
    return decide(j, outcomes[i].rule);
}

/* RFC 5965 7.3, 6430; auth-failure (RFC 6591) and not-spam complain of nothing. */
static const struct {
    const char *type; /* NULL: any other */
    enum rule_name rule;
} feedbacks[] = {
    {"abuse", RULE_ARF_ABUSE},
    {"fraud", RULE_ARF_FRAUD},
    {"virus", RULE_ARF_VIRUS},
    {"opt-out", RULE_ARF_OPT_OUT},
    {"opt-out-list", RULE_ARF_OPT_OUT},
    {"not-spam", RULE_ARF_NOT_SPAM},
    {"auth-failure", RULE_ARF_AUTH_FAILURE},
    {NULL, RULE_ARF_OTHER},
};

/* Those that the report names; where it keeps silent, to whom the message went. */
static json_t *complaining(const json_t *arf, const json_t *returned)
{
    json_t *recipients = json_array();
    const json_t *to = json_object_get(arf, "original_rcpt_to"), *address;
    size_t i;
    json_array_foreach(to, i, address)
        json_array_append_new(recipients, json_pack("{s:O}", "address", address));
    to = json_array_size(to) ? NULL : json_object_get(returned, "to");
    json_array_foreach(to, i, address)
        json_array_append_new(recipients, json_pack("{s:O}", "address", json_array_get(address, 1)));
    return recipients;
}

static bool rule_feedback(struct judge *j)
{
    const json_t *arf = json_object_get(j->facts, "arf");
    const char *type = json_text_or_null(arf, "feedback_type");
    if (!arf)
        return false;
    size_t i = 0;
    while (feedbacks[i].type && (!type || strcmp(feedbacks[i].type, type)))
        i++;
    evidence_add(j->evidence, "feedback-report Feedback-Type", type ? type : "");
    json_object_set_new(j->verdict, "feedback_type", json_string(type ? type : "other"));
    json_object_set_new(j->verdict, "recipients", complaining(arf, json_object_get(j->facts, "returned")));
    copy_key(j->verdict, arf, "envelope_id");
    copy_key(j->verdict, j->facts, "returned");
    return decide(j, feedbacks[i].rule);
}

/* The feedback loop of Outlook.com: a message in a message, and the subject. */
static bool rule_jmrp(struct judge *j)
{
    static const char begin[] = "complaint about message from ";
    const json_t *message = json_object_get(j->facts, "attached");
    const char *subject = json_text_or_null(j->facts, "subject");
    if (!message || !subject || strncasecmp(subject, begin, strlen(begin)) ||
        strncasecmp(facts_from(j->facts, 1), "staff@", 6))
        return false;
    evidence_add(j->evidence, "header Subject", subject);
    json_object_set_new(j->verdict, "feedback_type", json_string("abuse"));
    json_object_set_new(j->verdict, "recipients", complaining(NULL, message));
    json_object_set(j->verdict, "returned", json_object_get(j->facts, "attached"));
    return decide(j, RULE_JMRP_ABUSE);
}

static bool rule_legacy(struct judge *j)
{
    json_t *notice = bounce_legacy(j->facts), *recipients = json_object_get(notice, "recipients");
    if (!notice)
        return false;
    json_array_extend(j->evidence, json_object_get(notice, "evidence"));
    bool delayed = any_action(recipients, "delayed");
    json_object_set_new(j->verdict, "recipients",
                        judged_recipients(j, recipients, "text", delayed ? "delayed" : "failed"));
    copy_key(j->verdict, notice, "system");
    copy_key(j->verdict, notice, "returned");
    json_decref(notice);
    return decide(j, delayed ? RULE_LEGACY_DELAY : RULE_LEGACY_BOUNCE);
}

static const struct {
    const char *disposition; /* NULL: any other */
    enum rule_name rule;
} dispositions[] = {{"displayed", RULE_MDN_DISPLAYED},
                    {"deleted", RULE_MDN_DELETED},
                    {"denied", RULE_MDN_DENIED},
                    {"failed", RULE_MDN_FAILED},
                    {NULL, RULE_MDN_OTHER}};

/* What was done with the letter; an error on the way is a failure, whatever was tried. */
static bool rule_disposition(struct judge *j)
{
    const json_t *mdn = json_object_get(j->facts, "mdn");
    if (!mdn)
        return false;
    const char *done = json_text_or_null(mdn, "disposition"),
               *id = json_text_or_null(mdn, "original_message_id");
    if (done && strcmp(done, "displayed") && rule_legacy(j)) /* RFC 5429 2.1: refused by a script */
        return true;
    const char *error = json_text_or_null(mdn, "error");
    if (error)
        done = "failed";
    evidence_add(j->evidence, "disposition-notification Disposition", done ? done : "");
    if (error)
        evidence_add(j->evidence, "disposition-notification Error", error);
    if (done)
        json_object_set_new(j->verdict, "disposition", json_string(done));
    if (id)
        json_object_set_new(j->verdict, "returned", json_pack("{s:s}", "message_id", id));
    size_t i = 0;
    while (dispositions[i].disposition && (!done || strcmp(dispositions[i].disposition, done)))
        i++;
    return decide(j, dispositions[i].rule);
}

/* ---- asked for by address or calendar */

static bool rule_token(struct judge *j)
{
    if (!j->context || !j->context->unsubscribe_where)
        return false;
    evidence_add(j->evidence, j->context->unsubscribe_where, j->context->unsubscribe_text);
    json_object_set_new(j->verdict, "strength", json_string("token"));
    return decide(j, RULE_UNSUBSCRIBE_TOKEN);
}

static bool rule_calendar(struct judge *j)
{
    static const enum rule_name answers[] = {[CALENDAR_REPLY] = RULE_CALENDAR_REPLY,
                                             [CALENDAR_COUNTER] = RULE_CALENDAR_COUNTER,
                                             [CALENDAR_REFRESH] = RULE_CALENDAR_REFRESH,
                                             [CALENDAR_DECLINECOUNTER] = RULE_CALENDAR_DECLINECOUNTER};
    const char *partstat = json_text_or_null(j->answer.attendee, "partstat");
    if (!j->answer.ours)
        return false;
    evidence_add(j->evidence, "calendar METHOD", j->answer.method_name);
    evidence_add(j->evidence, "calendar UID", json_text_or_null(j->answer.event, "uid"));
    if (partstat)
        evidence_add(j->evidence, "calendar PARTSTAT", partstat);
    return decide(j, answers[j->answer.method]);
}

/* ---- machines */

/* Old mail systems mark their notices like answering machines; those are judged by rule_legacy first. */
static bool rule_auto_submitted(struct judge *j)
{
    const char *keyword = json_text_or_null(j->facts, "auto_submitted");
    if (!keyword || !*keyword || !strcmp(keyword, "no"))
        return false;
    if (rule_legacy(j))
        return true;
    evidence_add(j->evidence, "header Auto-Submitted", keyword);
    return decide(j, RULE_AUTO_SUBMITTED);
}

static bool rule_null_path(struct judge *j)
{
    const char *path = json_text_or_null(j->facts, "return_path");
    if (!path || *path)
        return false;
    evidence_add(j->evidence, "header Return-Path", "<>");
    return decide(j, RULE_NULL_PATH);
}

static bool rule_receipt(struct judge *j)
{
    MEM_SCOPE(mem);
    struct receipt receipt;
    if (!receipt_find(mem, j->facts, &receipt))
        return false;
    evidence_add(j->evidence, "header Subject", receipt.subject);
    evidence_add(j->evidence, "text", receipt.words);
    json_object_set_new(j->verdict, "disposition", json_string(receipt.deleted ? "deleted" : "displayed"));
    return decide(j, RULE_RECEIPT_WORDS);
}

static bool rule_vendor_field(struct judge *j)
{
    return automatic_by_field(j->facts, j->evidence) && decide(j, RULE_VENDOR_FIELD);
}

/* The notice is evidence by itself (set_notice). */
static bool rule_challenge(struct judge *j)
{
    return j->notice && j->notice->kind == NOTICE_CHALLENGE && decide(j, RULE_CHALLENGE);
}

/* Not against who says that it is no machine. */
static bool rule_weak_signs(struct judge *j)
{
    const char *keyword = json_text_or_null(j->facts, "auto_submitted");
    return !(keyword && !strcmp(keyword, "no")) &&
           automatic_by_signs(j->facts, &j->text, j->notice, j->evidence) && decide(j, RULE_WEAK_SIGNS);
}

/* ---- people */

static bool rule_unsubscribe(struct judge *j)
{
    if (!unsubscribe_words(j->facts, &j->text, j->evidence))
        return false;
    json_object_set_new(j->verdict, "strength", json_string("words"));
    return decide(j, RULE_UNSUBSCRIBE_WORDS);
}

static json_t *intent_json(const struct intent *i)
{
    json_t *out = json_pack("{s:s, s:s}", "proposal", i->proposal, "words", i->words);
    if (*i->words) {
        json_object_set_new(out, "start", json_integer((json_int_t)i->start));
        json_object_set_new(out, "length", json_integer((json_int_t)i->length));
    }
    if (*i->rule) {
        json_object_set_new(out, "rule", json_string(i->rule));
        json_object_set_new(out, "plain", json_boolean(i->plain));
    }
    if (i->persons) {
        json_object_set_new(out, "persons", json_integer(i->persons));
        json_object_set_new(out, "persons_words", json_string(i->persons_words));
    }
    return out;
}

static bool rule_human(struct judge *j)
{
    evidence_add(j->evidence, "header From", facts_from(j->facts, 1));
    return decide(j, RULE_NO_OTHER);
}

/* in the order of mail/rule.def */
static bool (*const judges[])(struct judge *) = {
    rule_dsn,       rule_feedback,  rule_jmrp,           rule_disposition, rule_token,
    rule_calendar,  rule_receipt,   rule_auto_submitted, rule_legacy,      rule_vendor_field,
    rule_null_path, rule_challenge, rule_weak_signs,     rule_unsubscribe, rule_human,
};

/* ---- what every verdict shows */

static void set_calendar(struct judge *j)
{
    static const char *const keys[] = {"uid",     "sequence",  "stamp", "recurrence_id",
                                       "comment", "organizer", "start", "end"};
    static const char *const attendee_keys[] = {"partstat", "delegated_to", "delegated_from", "sent_by"};
    const struct classify_context *c = j->context;
    const json_t *calendar = json_object_get(j->facts, "calendar");
    j->answer = calendar_answer(j->facts, c ? c->uid_is_ours : NULL, c ? c->arg : NULL);
    if (!calendar)
        return;
    json_t *out = json_pack("{s:i}", "sequence", 0); /* RFC 5545 3.8.7.4: what is not said */
    copy_key(out, calendar, "method");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        copy_key(out, j->answer.event, keys[i]);
    for (size_t i = 0; i < ARRAY_LEN(attendee_keys); i++)
        copy_key(out, j->answer.attendee, attendee_keys[i]);
    if (json_text_or_null(j->answer.attendee, "address"))
        json_object_set_new(out, "attendee", json_string(json_text_or_null(j->answer.attendee, "address")));
    json_object_set_new(j->verdict, "calendar", out);
}

/* A calendar answer's words are its COMMENT; the text around it is written by the client, but for Outlook's,
 * which writes nothing of its own. */
static void set_reply_text(struct judge *j, const char *class)
{
    static const char *const with_text[] = {"human", "unsubscribe", "auto-reply"};
    const char *text = json_text_or_null(j->facts, "reply_text");
    if (!strcmp(class, "calendar")) {
        const json_t *calendar = json_object_get(j->facts, "calendar");
        const char *comment = json_text_or_null(j->answer.event, "comment"),
                   *prodid = json_text_or_null(calendar, "prodid");
        bool outlook = prodid && strstr(prodid, "Microsoft");
        text = comment ? comment : outlook && text ? text : "";
        json_object_set_new(j->verdict, "reply_text", json_string(text));
    }
    for (size_t i = 0; i < ARRAY_LEN(with_text); i++)
        if (!strcmp(class, with_text[i])) {
            if (text)
                copy_key(j->verdict, j->facts, "reply_text");
            else
                json_object_set_new(j->verdict, "reply_text", json_string(""));
            copy_key(j->verdict, j->facts, "reply_text_with_signature");
        }
}

void classify_intent(json_t *verdict)
{
    MEM_SCOPE(mem);
    const char *text = json_text_or_null(verdict, "reply_text");
    struct intent intent = intent_propose(mem, text ? text : "");
    json_object_set_new(verdict, "intent", intent_json(&intent));
    if (*intent.words)
        evidence_add(json_object_get(verdict, "evidence"), "text", intent.words);
}

/* Only people and answering machines speak of the address that we wrote to. */
static void set_notice(struct judge *j, const char *class)
{
    const struct notice *n = j->notice;
    if (!n || (strcmp(class, "human") && strcmp(class, "auto-reply")))
        return;
    json_object_set_new(j->verdict, "notice",
                        json_pack("{s:s, s:s, s:s*, s:s*}", "kind", notice_word(n->kind), "words", n->words,
                                  "address", n->address, "name", n->name));
    evidence_add(j->evidence, "text", n->words);
    if (n->name)
        evidence_add(j->evidence, "proposed name", n->name);
    if (n->address)
        evidence_add(j->evidence, "proposed address", n->address);
}

json_t *classify_mail(const json_t *facts, const struct classify_context *context)
{
    static const char *const keys[] = {"message_id", "in_reply_to", "references", "subject"};
    MEM_SCOPE(mem);
    struct notice notice;
    struct judge j = {.facts = facts, .context = context, .verdict = json_object(), .evidence = json_array()};
    const char *text = json_text_or_null(facts, "reply_text");
    j.text = phrase_text(mem, text ? text : "");
    j.notice = notice_find(mem, facts, &j.text, &notice) ? &notice : NULL;
    set_calendar(&j);
    for (size_t i = 0; i < ARRAY_LEN(judges) && !j.rule; i++)
        judges[i](&j);
    must(j.rule);
    json_object_set_new(j.verdict, "class", json_string(j.rule->class));
    json_object_set_new(j.verdict, "rule", json_string(j.rule->id));
    json_object_set_new(j.verdict, "evidence", j.evidence);
    set_reply_text(&j, j.rule->class);
    set_notice(&j, j.rule->class);
    if (!strcmp(j.rule->class, "human") && (!context || !context->intent_later))
        classify_intent(j.verdict);
    const json_t *from = json_array_get(json_object_get(facts, "from"), 0);
    if (from)
        json_object_set(j.verdict, "from", json_array_get(from, 1));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        copy_key(j.verdict, facts, keys[i]);
    return j.verdict;
}
