/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What sender and subject say of a mail: that a mail system may have sent it as a notice.
 */
#include "mail/bounce_low.h"
#include "base/json_text.h"
#include "mail/automatic.h"
#include "mail/evidence.h"
#include "mail/phrase.h"
#include "mail/wire/facts.h"

const char *bounce_header(const json_t *facts, const char *name)
{
    size_t i;
    const json_t *h;
    json_array_foreach(json_object_get(facts, "headers"), i, h)
    {
        if (!strcasecmp(json_string_value(json_array_get(h, 0)), name))
            return json_string_value(json_array_get(h, 1));
    }
    return NULL;
}

/* One of the patterns, as all of the words or somewhere. */
static bool says(const char *name, const char *const *patterns, size_t n, bool whole)
{
    MEM_SCOPE(mem);
    struct phrase_text t = phrase_text(mem, name);
    struct phrase_match match;
    for (size_t i = 0; i < n; i++)
        if (phrase_find(&t, patterns[i], 0, &match) &&
            (!whole || (match.first == 0 && match.last + 2 >= t.n)))
            return true;
    return false;
}

static const char *const daemons[] = {
    "mailer daemon*", "mailerdaemon*|mdaemon|maildaemon|mailsystem|maildelivery*|microsoftexchange*",
    "mail daemon|delivery|system|server", "mail .. delivery .. system|subsystem"};
static const char *const keepers[] = {"postmaster", "post master", "system|mail administrator"};
static const char *const machines[] = {
    "smtp|ndr|imss|mailer|gateway|gateways|mta|exchange|undeliver*|mailserver|domino|groupwise"};
static const char *const names[] = {"mail delivery|system|server|daemon|administrator|router|gateway",
                                    "mailer daemon",
                                    "postmaster|mailsystem",
                                    "jetmail|delivery|mailer|email system|subsystem",
                                    "system administrator|attendant",
                                    "message delivery|transfer|transport",
                                    "mail transfer|transport|service"};

static bool is_report(const json_t *facts)
{
    return !strcasecmp(json_text(facts, "report_type"), "delivery-status");
}

/* sendmail writes the null path as its own address. */
static bool is_null(const char *path)
{
    return path && (!*path || !strncasecmp(path, "mailer-daemon", 13));
}

/* A field that people do not write. */
static bool is_marked(const json_t *facts)
{
    static const char *const fields[] = {"X-Failed-Recipients", "X-MS-Embedded-Report", "X-DSNContext"};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (bounce_header(facts, fields[i]))
            return true;
    return false;
}

static bool is_automatic(const json_t *facts)
{
    const char *automatic = json_text(facts, "auto_submitted");
    return *automatic && strcmp(automatic, "no") != 0;
}

enum bounce_sender bounce_sender(const json_t *facts, json_t *evidence)
{
    MEM_SCOPE(mem);
    const char *path = json_string_value(json_object_get(facts, "return_path"));
    const char *address = facts_from(facts, 1), *from = bounce_header(facts, "From");
    const char *local = *address ? talloc_strndup(mem, address, strcspn(address, "@")) : from ? from : "";
    bool daemon = says(local, daemons, ARRAY_LEN(daemons), true);
    bool named = daemon || says(local, keepers, ARRAY_LEN(keepers), true) ||
                 says(local, machines, ARRAY_LEN(machines), false) ||
                 says(facts_from(facts, 0), names, ARRAY_LEN(names), false);
    bool unnamed = from && !*address && strstr(from, "<>"), nobody = automatic_nobody(address);
    if (is_report(facts))
        evidence_add(evidence, "header Content-Type", "multipart/report");
    else if (named || unnamed || (nobody && !is_null(path)))
        evidence_add(evidence, "header From", from);
    else if (is_null(path))
        evidence_add(evidence, "header Return-Path", *path ? path : "<>");
    if (is_report(facts) || daemon || (named && is_null(path)))
        return DAEMON;
    return unnamed || is_null(path)    ? NULL_PATH
           : named || is_marked(facts) ? PERHAPS
           : is_automatic(facts)       ? AUTOMATIC
           : nobody                    ? NOREPLY
                                       : SOMEBODY;
}

bool bounce_subject_says(const json_t *facts, json_t *evidence)
{
    static const char *const subjects[] = {
        "undeliver*|nondeliver*|unzustellbar*|niedostarcz*|unisporucen*|neisporucen*",
        "delivery|mail|message|send .. fail*|error|problem|unsuccessful|rejected",
        "failure notice|delivery",
        "failed mail|delivery|recipient*",
        "returned|returning mail|message|to",
        "delivery status notification",
        "non delivery|delivered",
        "not delivered|delivery|deliverable",
        "delivery report|notification|notice|failure",
        "couldnt|cannot|cant|not .. be .. delivered",
        "message status",
        "processing error",
        "mail delivery",
        "user unknown",
        "delay*|warning .. mail|message|delivery|delayed",
        "warning could not|send",
        "nicht .. zugestellt|zustellbar|zustellen",
        "zustell* .. fehl*|status*|verzoger*",
        "nie .. dostarczon*|dostarczyc",
        "zwrot|blad .. wiadomosci|poczty|dostarcz*",
        "nije|neuspesna|neuspjesna .. isporuc*|isporuka|dostav*",
        "isporuka .. nije",
        "nuk .. dorezu*|dergu*",
        "deshtoi|deshtuar .. dergimi|dorezimi",
        "dergimi|dorezimi .. deshtoi|deshtuar",
        "ne .. isporac*|dostav*",
        "ni .. dostav*|mogoce",
        "remise|non .. remis|echec|delivre|recapit*|consegn*",
        "no .. entreg*",
        "error|fallo|fallido .. entrega|envio|correo",
        "niet .. bezorg*|afgelever*",
        "inte|ikke .. lever*",
        "automatically rejected",
        "mail could not",
    };
    MEM_SCOPE(mem);
    static struct phrase_table table = PHRASE_LIST(subjects);
    const char *subject = json_text(facts, "subject");
    struct phrase_text t = phrase_text(mem, subject);
    struct phrase_rows rows = phrase_rows(mem, &t, &table);
    struct phrase_match match;
    for (size_t i = 0; i < rows.n; i++)
        if (phrase_find(&t, subjects[rows.row[i]], 0, &match)) {
            evidence_add(evidence, "header Subject", phrase_words(mem, &t, match));
            return true;
        }
    return false;
}

/* Somebody who answers, or passes it on. */
bool bounce_is_letter(const json_t *facts)
{
    static const char *const begins[] = {"re:", "fw:", "fwd:", "aw:", "wg:", "odg:", "tr:", "antw:"};
    const char *subject = json_text(facts, "subject");
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (!strncasecmp(subject, begins[i], strlen(begins[i])))
            return true;
    return json_object_get(facts, "in_reply_to");
}
