/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Is a mail without a report in it a notice that something was not delivered?  The signs are its sender, its
 * subject (bounce_sign.c) and one of the things that mail systems say (NOTICE in bounce.def).  How many of
 * them it takes depends on the first; the rest is whether the text names recipients, and how
 * (bounce_recipients.c).  The copy of our message below is not looked at.
 */
#include "mail/bounce.h"

#include "base/json_text.h"
#include "base/unicode.h"
#include "mail/bounce_low.h"
#include "mail/evidence.h"
#include "mail/phrase.h"
#include "mail/wire/dsn.h"
#include "mail/wire/facts.h"

enum { LOOKED_AT = 16384 };

enum what { FAILED, DELAYED };

static const struct {
    const char *id, *mailer, *words;
    enum what what;
} notices[] = {
#define BOUNCE(id, codes, words, reason, weight, source)
#define HOLD(reason, letters, days)
#define NOTICE(id, mailer, words, what) {id, mailer, words, what},
#include "mail/bounce.def"
#undef NOTICE
#undef HOLD
#undef BOUNCE
};

/* "No further attempts will be made" */
static bool is_denied(const struct phrase_text *t, size_t row, size_t word)
{
    return notices[row].what == DELAYED && phrase_preceded(t, word, 3, "no|not|never|none");
}

/* The row whose words stand in it, or -1. */
static int find_notice(const char *text, json_t *evidence)
{
    MEM_SCOPE(mem);
    static struct phrase_table table = PHRASE_TABLE(notices, words);
    struct phrase_text t = phrase_text(mem, text);
    struct phrase_rows rows = phrase_rows(mem, &t, &table);
    struct phrase_match match;
    for (size_t i = 0; i < rows.n; i++)
        if (phrase_find(&t, notices[rows.row[i]].words, 0, &match) &&
            !is_denied(&t, (size_t)rows.row[i], match.first)) {
            evidence_add(evidence, "text", phrase_words(mem, &t, match));
            return rows.row[i];
        }
    return -1;
}

/* ---- recipients */

static bool has_recipient(const json_t *recipients, const char *address, size_t len)
{
    static const char *const keys[] = {"address", "final"};
    size_t i;
    const json_t *r;
    json_array_foreach(recipients, i, r)
    {
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            const char *known = json_text(r, keys[k]);
            if (strlen(known) == len && !strncasecmp(known, address, len))
                return true;
        }
    }
    return false;
}

/* Exim names them in a field of its own, mail.ru's in another. */
static const char *failed_recipients(const json_t *facts)
{
    const char *failed = bounce_header(facts, "X-Failed-Recipients");
    return failed ? failed : bounce_header(facts, "X-Mailer-Daemon-Recipients");
}

static void add_failed_recipients(json_t *recipients, const char *list)
{
    for (const char *p = list; p && *p;) {
        p += strspn(p, " ,\t");
        size_t n = strcspn(p, " ,\t");
        if (n && memchr(p, '@', n) && !has_recipient(recipients, p, n))
            json_array_append_new(recipients, json_pack("{s:s%, s:s}", "address", p, n, "action", "failed"));
        p += n;
    }
}

/* The report's recipients that have an address; NULL: none. */
static json_t *with_address(const json_t *dsn)
{
    json_t *list = json_deep_copy(json_object_get(dsn, "recipients"));
    for (size_t i = json_array_size(list); i-- > 0;)
        if (!json_object_get(json_array_get(list, i), "address"))
            json_array_remove(list, i);
    if (json_array_size(list))
        return list;
    json_decref(list);
    return NULL;
}

static json_t *report_at(const char *text)
{
    json_t *dsn = dsn_parse(text, strlen(text)), *list = with_address(dsn);
    json_decref(dsn);
    return list;
}

/* A report whose parts came as one text. */
static json_t *report_in_text(const char *text)
{
    static const char *const begins[] = {"Reporting-MTA:", "Original-Envelope-Id:", "Final-Recipient:"};
    for (const char *line = text; *line; line = bounce_behind_line(line))
        for (size_t i = 0; i < ARRAY_LEN(begins); i++)
            if (!strncasecmp(line, begins[i], strlen(begins[i])))
                return report_at(line);
    return NULL;
}

/* To whom the copy below the notice says that it went: an address that stands alone in its field. */
static json_t *to_in_copy(const char *copy)
{
    for (const char *line = copy; *line; line = bounce_behind_line(line)) {
        if (strncasecmp(line, "To:", 3))
            continue;
        MEM_SCOPE(mem);
        char *field = talloc_strndup(mem, line + 3, strcspn(line + 3, "\n"));
        const char *at = strchr(field, '@'), *open = strrchr(field, '<');
        const char *start = open && open < at ? open + 1 : field + strspn(field, " \t");
        if (at && at == strrchr(field, '@') && at > start && !memchr(start, ' ', (size_t)(at - start)))
            return json_pack("[[s, s%]]", "", start, strcspn(start, "> \t\r"));
        return json_array();
    }
    return json_array();
}

/* The only one to whom the message went, where the text names nobody. */
static void add_addressee(json_t *recipients, const struct bounce_text *n)
{
    const char *address = json_string_value(json_array_get(json_array_get(n->copied, 0), 1));
    if (json_array_size(n->copied) != 1 || !address)
        return;
    json_t *r = json_pack("{s:s, s:s, s:s}", "address", address, "action", n->delayed ? "delayed" : "failed",
                          "diagnostic", n->text);
    if (strlen(n->text) > NOTICE_LONG)
        json_object_set_new(r, "loose", json_true());
    json_array_append_new(recipients, r);
}

static json_t *read_recipients(const json_t *facts, const struct bounce_text *n, bool *listed_r)
{
    json_t *recipients = report_in_text(json_text(facts, "body_text"));
    if (!recipients) /* a gateway has wrapped the report */
        recipients = with_address(json_object_get(facts, "attached_dsn"));
    *listed_r = recipients != NULL;
    if (!recipients)
        recipients = bounce_recipients(n, listed_r);
    const char *failed = failed_recipients(facts);
    add_failed_recipients(recipients, failed);
    *listed_r |= failed != NULL;
    if (!json_array_size(recipients))
        add_addressee(recipients, n);
    return recipients;
}

/* ---- the message that came back */

static char *id_in_text(void *mem, const char *body)
{
    for (const char *line = body; *line; line = bounce_behind_line(line)) {
        if (strncasecmp(line, "Message-ID:", 11))
            continue;
        const char *id = line + 11 + strspn(line + 11, " \t");
        return talloc_strndup(mem, id, strcspn(id, " \t\n"));
    }
    return NULL;
}

static void set_returned(json_t *notice, const json_t *facts)
{
    MEM_SCOPE(mem);
    const char *attached =
        json_string_value(json_object_get(json_object_get(facts, "attached"), "message_id"));
    const char *id = attached ? attached : id_in_text(mem, json_text(facts, "body_text"));
    if (id)
        json_object_set_new(notice, "returned", json_pack("{s:s}", "message_id", id));
}

/* ---- the copy of the message below */

static bool begins_copy(const char *folded)
{
    static const char *const words[] = {
        "copy of the message",     "copy of your message",   "copy of the original", "original message",
        "message follows",         "header of the",          "message header",       "unsent message",
        "returned mail",           "message headers follow", "returned message",     "mail header",
        "ursprungliche nachricht", "kopie der nachricht",    "old message",          "message text follows",
        "header of the source",    "top 20 lines",           "headers follow",       "oryginalna wiadomosc",
        "originalna poruka",
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(folded, words[i]))
            return true;
    return false;
}

/* Where it begins, or the length of the text. */
static size_t copy_at(const char *text)
{
    static const char *const fields[] = {"Received:", "Return-Path:", "Message-ID:"};
    for (const char *line = text; *line; line = bounce_behind_line(line)) {
        MEM_SCOPE(mem);
        size_t len = strcspn(line, "\n");
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            if (!strncasecmp(line, fields[i], strlen(fields[i])))
                return (size_t)(line - text);
        const char *p = line + strspn(line, " \t");
        bool marked = !strncmp(p, "--", 2) || (len < 60 && len && strchr(":.", line[len - 1]));
        if (marked && len < 120 && begins_copy(unicode_fold(mem, talloc_strndup(mem, line, len))))
            return (size_t)(line - text);
    }
    return strlen(text);
}

/* ---- all together */

struct looked {
    enum bounce_sender sender;
    bool subject, words;       /* what the subject and the text say */
    bool named, listed, coded; /* the text names recipients; lists them; gives a code for one */
    bool copy;                 /* a message is attached */
};

static bool is_notice(const struct looked *l, bool letter)
{
    bool told = l->words && (l->named || l->copy), shown = l->subject && (l->listed || l->coded);
    switch (l->sender) {
    case DAEMON:
        return l->words || l->listed || l->coded || (l->subject && (l->named || l->copy));
    case NULL_PATH:
        return (l->words && (l->subject || l->coded || l->copy)) || shown || (l->listed && l->coded);
    case PERHAPS:
        return !letter && (told || shown || (l->coded && (l->listed || l->copy)));
    case AUTOMATIC: /* a version, or a time, looks like a code */
        return !letter && (told || shown);
    case NOREPLY: /* shops and forums write so, but send nothing back */
        return !letter && told && l->named && l->copy;
    case SOMEBODY:
        break;
    }
    return false;
}

static bool any_coded(const json_t *recipients)
{
    char status[12];
    size_t i;
    const json_t *r;
    json_array_foreach(recipients, i, r)
    {
        const char *said = json_text(r, "diagnostic");
        if (dsn_find_failure(said, status) || dsn_find_reply(said, '5') || dsn_find_reply(said, '4'))
            return true;
    }
    return false;
}

/* The notice without its copy of our message; copied_r is dropped by the caller. */
static struct bounce_text notice_of(void *mem, const json_t *facts, json_t **copied_r)
{
    const char *body = json_text(facts, "body_text");
    size_t len = copy_at(body);
    const json_t *copy = json_object_get(facts, "returned");
    json_t *to = json_object_get(copy ? copy : json_object_get(facts, "attached"), "to");
    *copied_r = to ? json_incref(to) : to_in_copy(body + len);
    return (struct bounce_text){.text = talloc_strndup(mem, body, len < LOOKED_AT ? len : LOOKED_AT),
                                .mailer = facts_from(facts, 1),
                                .to = json_object_get(facts, "to"),
                                .copied = *copied_r};
}

json_t *bounce_legacy(const json_t *facts)
{
    MEM_SCOPE(mem);
    json_t *evidence = json_array(), *copied, *recipients;
    struct looked l = {.sender = bounce_sender(facts, evidence),
                       .copy = json_object_get(facts, "attached") || json_object_get(facts, "returned")};
    if (l.sender == SOMEBODY) {
        json_decref(evidence);
        return NULL;
    }
    l.subject = bounce_subject_says(facts, evidence);
    const char *failed = failed_recipients(facts);
    if (failed)
        evidence_add(evidence, "header X-Failed-Recipients", failed);
    struct bounce_text n = notice_of(mem, facts, &copied);
    int row = find_notice(n.text, evidence);
    l.words = row >= 0;
    n.delayed = l.words && notices[row].what == DELAYED;
    recipients = read_recipients(facts, &n, &l.listed);
    l.coded = any_coded(recipients);
    l.named = json_array_size(recipients) > 0;
    json_decref(copied);
    if (!is_notice(&l, bounce_is_letter(facts))) {
        json_decref(evidence);
        json_decref(recipients);
        return NULL;
    }
    json_t *notice = json_pack("{s:s, s:o, s:o}", "system", row >= 0 ? notices[row].id : "notice",
                               "recipients", recipients, "evidence", evidence);
    set_returned(notice, facts);
    return notice;
}

/* ---- what a report leaves out */

/* What the words say of the report's recipient; of one alone that of the other alone. */
static const json_t *counterpart(const json_t *said, const json_t *recipient, size_t n)
{
    const char *address = json_text(recipient, "address"), *final = json_text(recipient, "final");
    size_t i;
    const json_t *s;
    json_array_foreach(said, i, s)
    {
        if (!strcasecmp(json_text(s, "address"), address) || !strcasecmp(json_text(s, "address"), final))
            return s;
    }
    return n == 1 && json_array_size(said) == 1 ? json_array_get(said, 0) : NULL;
}

static void take(json_t *recipient, const json_t *said, const char *key)
{
    json_t *value = json_object_get(said, key);
    if (value && !json_object_get(recipient, key))
        json_object_set(recipient, key, value);
}

void bounce_complete(json_t *recipients, const json_t *facts)
{
    size_t i;
    json_t *r, *copied;
    bool complete = true;
    json_array_foreach(recipients, i, r) complete &=
        json_object_get(r, "address") && json_object_get(r, "diagnostic");
    if (complete)
        return;
    MEM_SCOPE(mem);
    bool listed;
    struct bounce_text n = notice_of(mem, facts, &copied);
    json_t *said = bounce_recipients(&n, &listed);
    if (!json_array_size(said))
        add_addressee(said, &n);
    json_array_foreach(recipients, i, r)
    {
        const char *action = json_text(r, "action");
        if (!strcmp(action, "delivered") || !strcmp(action, "relayed") || !strcmp(action, "expanded"))
            continue;
        const json_t *s = counterpart(said, r, json_array_size(recipients));
        take(r, s, "address");
        if (!json_object_get(r, "diagnostic"))
            take(r, s, "loose");
        take(r, s, "diagnostic");
        take(r, s, "status");
    }
    json_decref(said);
    json_decref(copied);
}
