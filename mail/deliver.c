/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The process: a feed claims rows (mail/feed.h), makers and connections make letters of them
 * (mail/deliver_chunk.h), connections send them (mail/sender.c), a ledger writes down for all of them
 * (mail/ledger.h); PostgreSQL has three sessions of it, however many connections there are.
 *
 * The keeper (main thread) renews the lease, reaps the dead leases of others and closes finished mailings. If
 * its own lease has run out the process ends after the messages in hand: others may have its rows by now.
 */
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "crm/audit.h"
#include "crm/contact.h"
#include "mail/deliver_chunk.h"
#include "mail/mailing.h"

enum { SWEEP_S = 600 };

/* By a person; not because something failed. */
static bool told_to_stop(void *deliver)
{
    const struct deliver *d = deliver;
    return d->o->stop && *d->o->stop;
}

bool deliver_stopping(void *deliver)
{
    struct deliver *d = deliver;
    return atomic_load(&d->stop) || told_to_stop(d);
}

void deliver_failed(void *deliver, const struct err *err)
{
    struct deliver *d = deliver;
    pthread_mutex_lock(&d->lock);
    if (d->err.code == ERR_NONE)
        d->err = *err;
    pthread_mutex_unlock(&d->lock);
    atomic_store(&d->stop, true);
}

/* ---- the keeper */

/* A lease that ran out: others have the rows by now, or will.  No content is begun any more; what the server
 * still says settles what they have made unknown. */
static void lease_lost(struct deliver *d)
{
    struct err err;
    (void)!err_set(&err, ERR_AGAIN, "the lease of worker %lld ran out", (long long)d->worker);
    deliver_failed(d, &err);
}

void deliver_saw_server(struct deliver *d, const struct smtp *smtp)
{
    pthread_mutex_lock(&d->lock);
    d->server = server_of_session(smtp);
    snprintf(d->server_name, sizeof d->server_name, "%s", d->server.name);
    pthread_mutex_unlock(&d->lock);
}

static int keep_server(struct deliver *d, struct db *db, struct err *err)
{
    char name[sizeof d->server_name];
    pthread_mutex_lock(&d->lock);
    struct server seen = d->server;
    memcpy(name, d->server_name, sizeof name);
    d->server.known = false;
    pthread_mutex_unlock(&d->lock);
    seen.name = name;
    return seen.known ? server_keep(db, d->o->account->name, &seen, err) : 0;
}

/* A clock that goes on while the machine is frozen. */
static long long clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

bool deliver_lapsed(const struct deliver *d)
{
    return clock_ms() >= atomic_load(&d->lease_until_ms);
}

static int lease_begin(struct deliver *d, struct db *db, struct err *err)
{
    long long now = clock_ms();
    int rc = outbox_worker_begin(db, d->o->account->name, d->o->account->lease_s, &d->worker, err);
    atomic_store(&d->lease_until_ms, now + 1000LL * d->o->account->lease_s);
    return rc;
}

static int lease_renew(struct deliver *d, struct db *db, struct err *err)
{
    long long now = clock_ms();
    int rc = outbox_worker_renew(db, d->worker, d->o->account->lease_s, err);
    if (rc > 0)
        atomic_store(&d->lease_until_ms, now + 1000LL * d->o->account->lease_s);
    else if (rc == 0)
        lease_lost(d);
    return rc < 0 ? -1 : 0;
}

static int keep(struct deliver *d, struct db *db, struct err *err)
{
    if (db_revive(db, err) < 0 || outbox_keep(db, err) < 0 || lease_renew(d, db, err) < 0)
        return -1;
    audit_seal_if_possible(db);
    contact_renew_terms(db);
    return keep_server(d, db, err) < 0 || outbox_reap(db, err) < 0 || mailing_finish_all(db, err) < 0 ||
                   outbox_tell_standby(db, d->o->account->lease_s / 3, err) < 0
               ? -1
               : 0;
}

/* Until a connection ends, or for a while. */
static void wait_for_an_end(struct deliver *d)
{
    struct timespec until = clock_in_ms(100);
    (void)!sem_timedwait(&d->ends, &until);
}

static void keep_until_done(struct deliver *d, struct db *db)
{
    int64_t last = clock_now_ms(), swept = d->o->once ? last : 0; /* once: the feed does it, before it ends */
    while (atomic_load(&d->running) > 0) {
        wait_for_an_end(d);
        int64_t now = clock_now_ms();
        if (3 * (now - last) < 1000LL * d->o->account->lease_s)
            continue;
        last = now;
        bool sweep = last - swept >= 1000LL * SWEEP_S;
        if (sweep)
            swept = last;
        struct err err;
        if (keep(d, db, &err) < 0 || (sweep && outbox_sweep(db, &err) < 0))
            log_warning("%s", err.text);
    }
}

/* ---- the process */

static void run_senders(struct deliver *d, struct db *db)
{
    int n = d->o->account->connections;
    pthread_t thread[64];
    must(n <= (int)ARRAY_LEN(thread));
    atomic_store(&d->running, n);
    sem_init(&d->ends, 0, 0);
    for (int i = 0; i < n; i++)
        must(pthread_create(&thread[i], NULL, sender_main, d) == 0);
    keep_until_done(d, db);
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    sem_destroy(&d->ends);
}

static int run(void *mem, struct deliver *d, struct db *db, struct err *err)
{
    const struct ledger_options ledger = {
        .conninfo = d->o->conf->database.conninfo, .worker = d->worker, .stopping = told_to_stop, .arg = d};
    if (ledger_open(mem, &ledger, &d->ledger, err) < 0)
        return -1;
    const struct feed_options feed = {.conf = d->o->conf,
                                      .account = d->o->account,
                                      .ring = d->o->ring,
                                      .signer = d->o->signer,
                                      .ledger = d->ledger,
                                      .pace_to = d->pace_to,
                                      .worker = d->worker,
                                      .once = d->o->once,
                                      .stopping = deliver_stopping,
                                      .failed = deliver_failed,
                                      .arg = d};
    int rc = feed_open(mem, &feed, &d->feed, err);
    if (rc == 0) {
        makers_begin(mem, d);
        run_senders(d, db);
        rc = makers_end(d, err);
        feed_close(d->feed);
    }
    ledger_close(d->ledger);
    return rc;
}

/* Nothing is on its way any more: what is left in our hands is reaped at once. */
static int end(struct deliver *d, struct db *db, struct err *err)
{
    return db_revive(db, err) < 0 || keep_server(d, db, err) < 0 ||
                   outbox_worker_end(db, d->worker, err) < 0 || outbox_reap(db, err) < 0 ||
                   mailing_finish_all(db, err) < 0
               ? -1
               : 0;
}

int deliver_run(const struct deliver_options *options, struct deliver_sum *sum_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct deliver d = {.o = options, .lock = PTHREAD_MUTEX_INITIALIZER};
    const struct conf_smtp *a = options->account;
    d.pace = (struct pace){.per_minute = a->per_minute, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct db *db;
    char *password = NULL;
    if (pace_to_open(mem, a->per_minute_to, &d.pace_to, err) < 0)
        return err_context(err, "[smtp %s]", a->name);
    if ((a->tls != CONF_TLS_NONE && stream_context_new(mem, a->ca_file, &d.tls, err) < 0) ||
        (a->password_file && secret_read(mem, a->password_file, &password, err) < 0) ||
        db_open(&db, options->conf->database.conninfo, "adresar_deliver", "adresar deliver", err) < 0)
        return -1;
    d.password = password;
    int rc = outbox_keep(db, err) < 0 || outbox_reap(db, err) < 0 || lease_begin(&d, db, err) < 0 ? -1 : 0;
    if (rc == 0) {
        rc = run(mem, &d, db, err);
        struct err second;
        if (end(&d, db, rc < 0 ? &second : err) < 0)
            rc = -1;
    }
    if (d.err.code != ERR_NONE) {
        *err = d.err;
        rc = -1;
    }
    audit_seal_if_possible(db);
    db_close(db);
    *sum_r = d.sum;
    return rc;
}
