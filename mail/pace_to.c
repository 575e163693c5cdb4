/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Two clocks a domain: `next` is when the next message may go, moved by those that went; `planned` is when
 * the next of those that have to wait comes back, moved by these.  So who waits comes back one after the
 * other, and whoever is asked for first then goes first.
 */
#include "mail/pace_to.h"

#include <pthread.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "sql/pace.h"

enum {
    AHEAD_MS = 1000,      /* rows are claimed once a second */
    LOOK_MS = 5000,       /* at what other processes know */
    AFTER_SLOW_MS = 1000, /* how they come back to a domain without a pace, when it has had its rest */
    NOTES = 16,
};

struct destination {
    const char *domain;
    int64_t interval_ms; /* 0: no limit */
    int64_t next, planned, slow_until;
    struct destination *following;
};

struct pace_to {
    struct destination *destinations;
    int64_t others_ms; /* the interval of whom the setting does not name; 0: no limit */
    int64_t looked_at;
    pthread_mutex_t lock; /* of what follows */
    struct {
        char domain[256], why[256];
    } note[NOTES];
    size_t notes;
};

static const char *domain_of(const char *email)
{
    const char *at = strrchr(email, '@');
    return at ? at + 1 : email;
}

static struct destination *find(struct pace_to *p, const char *domain)
{
    struct destination *d = p->destinations;
    while (d && strcasecmp(d->domain, domain) != 0)
        d = d->following;
    return d;
}

static struct destination *take(struct pace_to *p, const char *domain, int64_t interval_ms)
{
    struct destination *d = find(p, domain);
    if (d)
        return d;
    d = talloc_zero(p, struct destination);
    d->domain = talloc_strdup(d, domain);
    d->interval_ms = interval_ms;
    d->following = p->destinations;
    p->destinations = d;
    return d;
}

/* ---- the setting */

int pace_to_read(const char **setting, struct pace_to_setting *one_r, struct err *err)
{
    const char *from = *setting;
    int end = 0;
    if (!from)
        return 0;
    if (sscanf(from, " %255[^ ] %9d %n", one_r->domain, &one_r->a_minute, &end) < 2 || one_r->a_minute < 1 ||
        (from[end] && from[end] != ','))
        return err_set(err, ERR_CONFIG,
                       "messages_a_minute_to is \"DOMAIN NUMBER, DOMAIN NUMBER, * NUMBER\", not \"%s\"",
                       from);
    for (char *c = one_r->domain; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    *setting = from[end] ? from + end + 1 : NULL;
    return 1;
}

int pace_to_open(void *mem, const char *setting, struct pace_to **pace_r, struct err *err)
{
    struct pace_to *p = talloc_zero(mem, struct pace_to);
    struct pace_to_setting one;
    int rc;
    pthread_mutex_init(&p->lock, NULL);
    p->looked_at = INT64_MIN;
    while ((rc = pace_to_read(&setting, &one, err)) > 0) {
        int interval_ms = (60000 + one.a_minute - 1) / one.a_minute;
        if (!strcmp(one.domain, "*"))
            p->others_ms = interval_ms;
        else
            take(p, one.domain, interval_ms);
    }
    *pace_r = p;
    return rc;
}

/* ---- servers that want less */

void pace_to_slow_down(struct pace_to *p, const char *email, const char *why)
{
    const char *domain = domain_of(email);
    pthread_mutex_lock(&p->lock);
    size_t i = 0;
    while (i < p->notes && strcasecmp(p->note[i].domain, domain) != 0)
        i++;
    if (i == p->notes && i < NOTES) { /* whoever does not fit will say it again */
        snprintf(p->note[i].domain, sizeof p->note[i].domain, "%s", domain);
        snprintf(p->note[i].why, sizeof p->note[i].why, "%s", why);
        p->notes++;
    }
    pthread_mutex_unlock(&p->lock);
}

static int write_notes(struct pace_to *p, struct db *db, struct err *err)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->notes;
    int rc = 0;
    for (size_t i = 0; i < n && rc >= 0; i++) {
        rc = db_run(db, NULL, err, SQL_PACE_SLOW_DOWN, db_text(p->note[i].domain), db_text(p->note[i].why));
        if (rc > 0)
            log_warning("nothing is sent to %s for a while: %s", p->note[i].domain, p->note[i].why);
    }
    p->notes = rc < 0 ? n : 0;
    pthread_mutex_unlock(&p->lock);
    return rc < 0 ? -1 : (int)n;
}

int pace_to_look(struct pace_to *p, struct db *db, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t now = clock_now_ms();
    int noted = write_notes(p, db, err);
    if (noted < 0 || (!noted && p->looked_at != INT64_MIN && now < p->looked_at + LOOK_MS))
        return noted < 0 ? -1 : 0;
    int n = db_run(db, &rows, err, SQL_PACE_SLOW);
    for (int i = 0; i < n; i++) {
        struct destination *d = take(p, db_get_str(rows, i, "domain"), p->others_ms);
        d->slow_until = now + db_get_int(rows, i, "wait_s") * 1000;
    }
    p->looked_at = now;
    return n < 0 ? -1 : 0;
}

/* ---- the slots */

int64_t pace_to_wait_ms(struct pace_to *p, const char *email, int64_t now)
{
    const char *domain = domain_of(email);
    struct destination *d = p->others_ms ? take(p, domain, p->others_ms) : find(p, domain);
    if (!d || (!d->interval_ms && d->slow_until <= now))
        return 0;
    int64_t free = d->slow_until > d->next ? d->slow_until : d->next;
    if (free <= now + AHEAD_MS) {
        d->next = (free > now ? free : now) + d->interval_ms;
        return 0;
    }
    int64_t slot = d->planned > free ? d->planned : free;
    d->planned = slot + (d->interval_ms ? d->interval_ms : AFTER_SLOW_MS);
    return slot - now;
}
