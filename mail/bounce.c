/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/bounce.h"

#include <ctype.h>

#include "base/unicode.h"
#include "mail/ours.h"

enum confidence {
    SURE, /* the code says it */
    VAGUE /* servers use the code for several things: their words first */
};

static const struct {
    const char *code; /* without its class */
    const char *reason;
    bool hard;
    enum confidence confidence;
} codes[] = {
    {"1.0", "bad-mailbox", false, VAGUE},
    {"1.1", "bad-mailbox", true, SURE},
    {"1.2", "bad-domain", true, SURE},
    {"1.3", "bad-mailbox", true, SURE},
    {"1.4", "bad-mailbox", false, SURE}, /* ambiguous */
    {"1.6", "bad-mailbox", true, SURE},  /* moved */
    {"1.9", "other", false, SURE},
    {"1.10", "bad-mailbox", true, VAGUE}, /* RFC 7505: null MX; Exchange: recipient not found */
    {"2.0", "bad-mailbox", false, VAGUE},
    {"2.1", "bad-mailbox", true, SURE}, /* disabled */
    {"2.2", "mailbox-full", false, SURE},
    {"2.3", "size", false, SURE},
    {"3.1", "routing", false, SURE},
    {"3.4", "size", false, SURE},
    {"4.0", "routing", false, VAGUE},
    {"4.1", "routing", false, VAGUE},
    {"4.4", "routing", false, VAGUE},
    {"4.310", "bad-domain", true, SURE}, /* Exchange: DNS domain does not exist */
    {"5.0", "other", false, VAGUE},
    {"7.1", "policy", false, VAGUE},
};

/* What no row says. */
static const struct {
    char subject;
    const char *reason;
} subjects[] = {{'1', "bad-mailbox"}, {'2', "other"}, {'3', "other"},  {'4', "routing"},
                {'5', "other"},       {'6', "other"}, {'7', "policy"}, {'0', "other"}};

/* Folded words of servers. */
static const struct {
    const char *words;
    const char *reason;
    bool hard;
} texts[] = {
    {"null mx", "bad-domain", true},
    {"does not accept mail", "bad-domain", true},
    {"host or domain name not found", "bad-domain", true},
    {"host not found", "bad-domain", true},
    {"domain not found", "bad-domain", true},
    {"unknown host", "bad-domain", true},
    {"unrouteable mail domain", "bad-domain", true},
    {"domain does not exist", "bad-domain", true},
    {"no such domain", "bad-domain", true},
    {"couldnt find any host", "bad-domain", true},
    {"over quota", "mailbox-full", false},
    {"overquota", "mailbox-full", false},
    {"quota exceeded", "mailbox-full", false},
    {"exceeded storage", "mailbox-full", false},
    {"exceeded his quota", "mailbox-full", false},
    {"mailbox full", "mailbox-full", false},
    {"mailbox is full", "mailbox-full", false},
    {"out of storage", "mailbox-full", false},
    {"inbox is full", "mailbox-full", false},
    {"user unknown", "bad-mailbox", true},
    {"unknown user", "bad-mailbox", true},
    {"no such user", "bad-mailbox", true},
    {"no such recipient", "bad-mailbox", true},
    {"no such person", "bad-mailbox", true},
    {"no such address", "bad-mailbox", true},
    {"no such mailbox", "bad-mailbox", true},
    {"no mailbox here", "bad-mailbox", true},
    {"mailbox not found", "bad-mailbox", true},
    {"mailbox unavailable", "bad-mailbox", true},
    {"mailbox does not exist", "bad-mailbox", true},
    {"mailbox disabled", "bad-mailbox", true},
    {"recipient not found", "bad-mailbox", true},
    {"recipientnotfound", "bad-mailbox", true},
    {"address not found", "bad-mailbox", true},
    {"invalid recipient", "bad-mailbox", true},
    {"unknown recipient", "bad-mailbox", true},
    {"recipient unknown", "bad-mailbox", true},
    {"unrouteable address", "bad-mailbox", true},
    {"user doesnt exist", "bad-mailbox", true},
    {"does not exist", "bad-mailbox", true},
    {"not listed in", "bad-mailbox", true},
    {"account is disabled", "bad-mailbox", true},
    {"account has been disabled", "bad-mailbox", true},
    {"recipient address rejected access denied", "bad-mailbox", true},
    {"message too large", "size", false},
    {"size limit", "size", false},
    {"exceeds size", "size", false},
    {"spam", "policy", false},
    {"policy", "policy", false},
    {"not allowed", "policy", false},
    {"timed out", "routing", false},
    {"timeout", "routing", false},
    {"connection refused", "routing", false},
    {"too many hops", "routing", false},
    {"mail loop", "routing", false},
};

bool bounce_has_words(const char *folded, const char *words)
{
    size_t len = strlen(words);
    for (const char *p = folded; (p = strstr(p, words)); p++)
        if ((p == folded || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
            return true;
    return false;
}

static bool judge_text(const char *text, struct bounce *b)
{
    if (!text)
        return false;
    MEM_SCOPE(mem);
    const char *folded = unicode_fold(mem, text);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (bounce_has_words(folded, texts[i].words)) {
            *b = (struct bounce){texts[i].reason, texts[i].hard};
            return true;
        }
    return false;
}

static struct bounce judge_status(const char *status, const char *text)
{
    struct bounce b = {"other", false};
    const char *code = status + 2;
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
        if (subjects[i].subject == *code)
            b.reason = subjects[i].reason;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (strcmp(codes[i].code, code))
            continue;
        b = (struct bounce){codes[i].reason, codes[i].hard};
        if (codes[i].confidence == VAGUE)
            judge_text(text, &b);
        return b;
    }
    if (*code == '0')
        judge_text(text, &b);
    return b;
}

/* Does the text hold an SMTP reply code of the class, as a word of its own? */
static bool has_reply(const char *text, char class)
{
    for (const char *p = text; *p; p++)
        if (*p == class && p[1] >= '0' && p[1] <= '5' && isdigit((unsigned char)p[2]) &&
            (p == text || !(isalnum((unsigned char)p[-1]) || strchr(".-+@", p[-1]))) &&
            (!p[3] || strchr(" -\t\n", p[3])))
            return true;
    return false;
}

/* A queue that gives up after 4xx says so with a permanent status of its own, or with none. */
static bool only_temporary(const char *text)
{
    return text && has_reply(text, '4') && !has_reply(text, '5');
}

struct bounce bounce_judge(bool failed, const char *status, const char *text)
{
    struct bounce b = {"other", false};
    if (ours_find(status, text)) /* a refusal for our reputation may mention the mailbox too */
        return (struct bounce){"ours", false};
    if (status && strlen(status) > 2)
        b = judge_status(status, text);
    else
        judge_text(text, &b);
    bool permanent = failed && (!status || *status == '5') && !only_temporary(text);
    b.hard = b.hard && permanent;
    return b;
}
