/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the log, when it is read, says of each letter.
 */
#include "base/catalog.h"
#include "mail/maillog_low.h"

static void add_line(struct maillog *log, struct maillog_letter *l, const char *line)
{
    size_t n = talloc_array_length(l->lines);
    if (!line)
        return;
    l->lines = talloc_realloc(log, l->lines, const char *, (unsigned)n + 1);
    l->lines[n] = line;
}

/* ---- taken */

/* The queue id that the next queue gave it, where that is in this log: then its fate is decided there. */
static bool handed_on(const struct maillog *log, const struct maillog_transfer *t)
{
    const char *as = t->status && !strcmp(t->status, "sent") ? strstr(t->words, "queued as ") : NULL;
    if (!as)
        return false;
    as += strlen("queued as ");
    size_t len = strcspn(as, ") ");
    for (const struct maillog_transfer *o = log->ours; o; o = o->next) {
        const char *id = strrchr(o->key, ' ') + 1;
        if (o != t && o->letter == t->letter && strlen(id) == len && !strncmp(id, as, len))
            return true;
    }
    return false;
}

static void take_fate(struct maillog *log, const struct maillog_transfer *t)
{
    struct maillog_letter *l = t->letter;
    if (t->queued || t->status)
        l->verdict = MAILLOG_TAKEN;
    if (!t->status || handed_on(log, t))
        return;
    l->status = t->status;
    l->enhanced = t->enhanced;
    l->words = t->words;
}

/* Those that are in the queue still, to the others. */
static void gather(struct maillog *log)
{
    for (size_t i = 0; i < MAILLOG_BUCKETS; i++)
        for (struct maillog_transfer **slot = &log->transfers[i], *t; (t = *slot);) {
            if (!t->letter) {
                slot = &t->next;
                continue;
            }
            *slot = t->next;
            t->next = log->ours;
            log->ours = t;
        }
}

/* ---- not taken */

/* Whose session it was: by our login there, by a letter that is known to be ours, or by an address from which
 * such letters came. */
static bool is_ours(const struct maillog *log, const struct maillog_session *s,
                    const struct maillog_letter *l, const char *const *sent, size_t nsent)
{
    if (l->user && s->user && !strcmp(l->user, s->user))
        return true;
    for (size_t i = 0; i < talloc_array_length(log->clients); i++)
        for (size_t k = 0; k < nsent; k++)
            if (!strcmp(log->clients[i].address, s->address) && !strcmp(log->clients[i].id, sent[k]))
                return true;
    return false;
}

/* NULL: the session took no letter that the log does not show. */
static const char *unaccounted(const struct maillog_session *s)
{
    if (s->broken || !s->end)
        return N_("a session of that time has no end in the log");
    if (s->taken < 0)
        return N_("the server does not count its letters at the end of a session (Postfix before 3.0)");
    if (s->queued == s->taken && (!s->lost_at_dot || s->tried == s->taken))
        return NULL;
    if (s->lost_at_dot && s->queued == s->tried)
        return NULL; /* the one whose answer was lost is shown too */
    return N_("a session of that time took letters that the log does not show");
}

static const char *not_covered(const struct maillog *log, int64_t from, int64_t to)
{
    if (!log->first || log->first > from)
        return N_("the log begins too late");
    if (log->last < to)
        return N_("the log ends too early");
    for (size_t i = 0; i < talloc_array_length(log->gaps); i++)
        if (log->gaps[i].from <= to && log->gaps[i].to >= from)
            return log->gaps[i].why;
    return NULL;
}

static bool meets(const struct maillog_session *s, int64_t from, int64_t to)
{
    return s->begins <= to && (!s->ends || s->ends >= from);
}

static void judge_missing(struct maillog *log, struct maillog_letter *l, const char *const *sent,
                          size_t nsent)
{
    int64_t from = l->begun - MAILLOG_SKEW_S, to = l->ended + MAILLOG_SKEW_S;
    const struct maillog_session *lists[] = {log->open, log->ended}, *ours = NULL;
    const char *why = not_covered(log, from, to);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (const struct maillog_session *s = lists[i]; s; s = s->next) {
            if (!meets(s, from, to))
                continue;
            why = why ? why : unaccounted(s);
            if ((!ours || (s->lost && !ours->lost)) && is_ours(log, s, l, sent, nsent))
                ours = s;
        }
    l->why = why ? why : !ours ? N_("the log shows no session of ours at that time") : NULL;
    if (l->why)
        return;
    l->verdict = MAILLOG_NOT_TAKEN;
    l->why = N_("the server's complete log shows that it was not taken");
    add_line(log, l, ours->begin);
    add_line(log, l, ours->lost);
    add_line(log, l, ours->end);
}

void maillog_judge(struct maillog *log, const char *const *sent, size_t nsent, bool skewed)
{
    gather(log);
    for (const struct maillog_transfer *t = log->ours; t; t = t->next)
        take_fate(log, t);
    for (size_t i = 0; i < log->n; i++) {
        struct maillog_letter *l = &log->letters[i];
        if (l->verdict == MAILLOG_TAKEN)
            continue;
        if (skewed)
            l->why = N_("the log's clock and ours differ");
        else
            judge_missing(log, l, sent, nsent);
    }
}
