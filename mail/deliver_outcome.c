/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a server's answer means: for the recipient, and whether it is ours to mend.
 */
#include <strings.h>

#include "base/log.h"
#include "mail/deliver_low.h"
#include "mail/envelope.h"
#include "mail/ours.h"

enum {
    REFUSALS_IN_A_ROW = 5,   /* of content, not of recipients: then the mailing pauses */
    CUTS_IN_A_ROW = 3,       /* content without an answer: likewise */
    FIRST_RETRY_S = 30 * 60, /* RFC 5321 4.5.4.1 */
    LAST_RETRY_S = 4 * 60 * 60,
};

/* Half an hour, then twice as long each time, up to four hours; and up to a fifth more, another for each row,
 * so that what was put off together does not come back together. */
static int retry_s(const struct outbox_row *row)
{
    long s = FIRST_RETRY_S;
    for (int i = 1; i < row->attempt && s < LAST_RETRY_S; i++)
        s *= 2;
    s = s < LAST_RETRY_S ? s : LAST_RETRY_S;
    uint64_t chance = ((uint64_t)row->id * 31 + (uint64_t)row->attempt) * 0x9e3779b97f4a7c15u;
    return (int)(s + (long)((chance >> 33) % (uint64_t)(s / 5)));
}

static void count(struct deliver *d, enum smtp_outcome outcome)
{
    pthread_mutex_lock(&d->lock);
    long *n = outcome == SMTP_OK        ? &d->sum.accepted
              : outcome == SMTP_REFUSED ? &d->sum.refused
              : outcome == SMTP_UNKNOWN ? &d->sum.unknown
                                        : &d->sum.deferred;
    ++*n;
    pthread_mutex_unlock(&d->lock);
}

/* NULL: it is not what mail/ours.def knows. */
static const struct ours *ours_of(const struct smtp_result *r)
{
    bool no = r->outcome == SMTP_REFUSED || r->outcome == SMTP_DEFERRED;
    return no && r->code ? ours_find(r->enhanced, r->text) : NULL;
}

struct outbox_outcome deliver_outcome(struct deliver *d, const struct outbox_row *row,
                                      const struct smtp_result *r)
{
    static const char *const state[] = {
        [SMTP_OK] = "accepted",   [SMTP_DEFERRED] = "deferred", [SMTP_REFUSED] = "refused",
        [SMTP_LOST] = "deferred", [SMTP_UNKNOWN] = "unknown",
    };
    const struct ours *ours = ours_of(r);
    if (ours && ours->slow)
        pace_to_slow_down(d->pace_to, row->email, ours->what);
    enum smtp_outcome outcome = ours && r->outcome == SMTP_REFUSED ? SMTP_DEFERRED : r->outcome;
    count(d, outcome);
    return (struct outbox_outcome){
        .row = row,
        .state = state[outcome],
        .attempt = r->outcome == SMTP_LOST ? "lost" : state[r->outcome],
        .stage = r->stage,
        .enhanced = r->enhanced,
        .text = r->text,
        .code = r->code,
        .again_s = r->outcome == SMTP_OK || r->outcome == SMTP_UNKNOWN ? 0 : retry_s(row),
    };
}

bool deliver_is_ours(struct deliver *d, const struct smtp_result *r)
{
    bool content = !strcmp(r->stage, "content");
    bool sender = envelope_sender_refused(r);
    bool refused = r->outcome == SMTP_REFUSED && r->code >= 500 && (content || sender || !r->per_recipient);
    bool cut = content && (r->outcome == SMTP_UNKNOWN || r->outcome == SMTP_LOST);
    bool settled = content && !refused && !cut;
    pthread_mutex_lock(&d->lock);
    d->refusals = refused ? d->refusals + 1 : settled ? 0 : d->refusals;
    d->cuts = cut ? d->cuts + 1 : settled ? 0 : d->cuts;
    bool often = d->refusals >= REFUSALS_IN_A_ROW || d->cuts >= CUTS_IN_A_ROW;
    if (often)
        d->refusals = d->cuts = 0;
    pthread_mutex_unlock(&d->lock);
    const struct ours *ours = ours_of(r);
    return (ours && !ours->slow) || sender || ((refused || cut) && often);
}

const char *deliver_why(void *mem, const struct deliver *d, const struct smtp_result *r)
{
    const struct ours *ours = ours_of(r);
    const char *hint = envelope_hint(mem, d->o->account, r);
    if (hint)
        return talloc_asprintf(mem, "%s (%s)", r->text, hint);
    return ours ? talloc_asprintf(mem, "%s (%d %s %s)", ours->what, r->code, r->enhanced, r->text)
                : talloc_strdup(mem, r->text);
}

/* ---- the journal */

const char *deliver_journal(const struct deliver *d, const struct outbox_row *row)
{
    const char *journal = d->o->account->journal;
    return journal && strcasecmp(journal, row->email) != 0 ? journal : NULL;
}

void deliver_look_at_journal(struct deliver *d, const struct smtp *smtp)
{
    const char *words = smtp ? smtp_journal_refused(smtp) : NULL;
    if (words && !atomic_exchange(&d->journal_refused, true))
        log_warning("[smtp %s] letters go without a copy to %s: %s", d->o->account->name,
                    d->o->account->journal, words);
}
