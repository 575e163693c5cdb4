/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/bounce.h"

#include "mail/ours.h"
#include "mail/phrase.h"
#include "mail/wire/dsn.h"

enum weight { LIVE, DEAD, AGAIN };

enum { NO_CODE = -1 }; /* subject; of an SMTP reply it is the code itself */

struct code {
    int subject, detail;
};

static const struct {
    const char *id;
    int subject, first, last;
    const char *words, *reason;
    enum weight weight;
} rules[] = {
#define ANY                                              NO_CODE, 0, 0
#define CODE(subject, detail)                            subject, detail, detail
#define CODES(subject, first, last)                      subject, first, last
#define REPLY(code)                                      code, 0, 0
#define BOUNCE(id, codes, words, reason, weight, source) {id, codes, words, reason, weight},
#define NOTICE(id, mailer, words, what)
#define HOLD(reason, letters, days)
#include "mail/bounce.def"
#undef BOUNCE
#undef NOTICE
#undef HOLD
#undef ANY
#undef CODE
#undef CODES
#undef REPLY
};

/* A queue that gives up after 4xx says so with a permanent status of its own, or with none. */
static bool only_temporary(const char *text)
{
    return text && dsn_find_reply(text, '4') && !dsn_find_reply(text, '5');
}

static struct code code_of(const char *status, const char *text)
{
    struct code c = {NO_CODE, 0};
    if (status && sscanf(status, "%*1[0-9].%3d.%3d", &c.subject, &c.detail) == 2)
        return c;
    c = (struct code){NO_CODE, 0};
    if (text && (c.subject = dsn_find_reply(text, '5')) == 0 && (c.subject = dsn_find_reply(text, '4')) == 0)
        c.subject = NO_CODE;
    return c;
}

/* May words decide against the code? */
static bool leaves_open(struct code c)
{
    return c.subject != 7 || c.detail <= 1;
}

static bool row_fits(size_t i, struct code c, const struct phrase_text *words)
{
    struct phrase_match match;
    bool coded = rules[i].subject != NO_CODE;
    if (coded && (c.subject != rules[i].subject || c.detail < rules[i].first || c.detail > rules[i].last))
        return false;
    if (!rules[i].words)
        return true;
    return (coded || rules[i].weight == LIVE || leaves_open(c)) &&
           phrase_find(words, rules[i].words, 0, &match);
}

/* A code that says nothing (x.0.0), or policy without its reason (x.7.0, x.7.1), gives way to a better one of
 * its class in the text. */
static const char *specific(const char *status, const char *text, char found[12])
{
    bool nothing = !status || !strcmp(status + 1, ".0.0");
    bool policy = status && (!strcmp(status + 1, ".7.0") || !strcmp(status + 1, ".7.1"));
    if ((!nothing && !policy) || !text || !dsn_find_failure(text, found) || (status && *found != *status))
        return status;
    return nothing || !strncmp(found + 1, ".7.", 3) ? found : status;
}

struct bounce bounce_judge(bool failed, const char *status, const char *text)
{
    MEM_SCOPE(mem);
    char found[12];
    status = specific(status, text, found);
    const struct ours *ours =
        ours_find(status, text); /* a refusal for our reputation may mention the mailbox too */
    if (ours)
        return (struct bounce){.reason = "ours", .rule = ours->id};
    struct code code = code_of(status, text);
    struct phrase_text words = phrase_text(mem, text ? text : "");
    size_t i = 0;
    while (!row_fits(i, code, &words)) /* the last row fits all */
        i++;
    bool permanent = failed && (!status || *status == '5') && !only_temporary(text);
    return (struct bounce){
        .reason = rules[i].reason,
        .rule = rules[i].id,
        .hard = permanent && rules[i].weight != LIVE,
        .again = permanent && rules[i].weight == AGAIN,
    };
}

const struct bounce_hold *bounce_hold(const char *reason)
{
    static const struct bounce_hold holds[] = {
#define BOUNCE(id, codes, words, reason, weight, source)
#define NOTICE(id, mailer, words, what)
#define HOLD(reason, letters, days) {reason, letters, days},
#include "mail/bounce.def"
#undef BOUNCE
#undef NOTICE
#undef HOLD
    };
    for (size_t i = 0; reason && i < ARRAY_LEN(holds); i++)
        if (!strcmp(holds[i].reason, reason))
            return &holds[i];
    return NULL;
}
