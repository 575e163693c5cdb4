/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A sender thread walks a claimed batch.  Between two messages it commits once: the outcome of the one,
 * `submitting` of the next; the next one's MAIL, RCPT and DATA travel behind the final dot of the one, its
 * content only after that commit.
 *
 *     envelope(1) | commit {submitting 1} | content(1)+envelope(2) | commit {outcome 1, submitting 2} |
 * content(2)+...
 *
 * The keeper (main thread) renews the lease, reaps the dead leases of others and closes finished mailings. If
 * its own lease has run out the process ends after the messages in hand: others may have its rows by now.
 */
#include "mail/deliver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "crm/audit.h"
#include "crm/contact.h"
#include "mail/compose.h"
#include "mail/envelope.h"
#include "mail/mailing.h"
#include "mail/pace.h"
#include "mail/wire/smtp.h"

enum {
    BATCH = 25,              /* claimed at once by a thread */
    SESSION_TRIES = 3,       /* sessions in a row that die before any content */
    REFUSALS_IN_A_ROW = 5,   /* of content, not of recipients: then the mailing pauses */
    CUTS_IN_A_ROW = 3,       /* content without an answer: likewise */
    FIRST_RETRY_S = 30 * 60, /* RFC 5321 4.5.4.1 */
    LAST_RETRY_S = 4 * 60 * 60,
};

struct deliver {
    const struct deliver_options *o;
    struct stream_context *tls;
    const char *password;
    int64_t worker;
    pthread_mutex_t lock; /* of what follows */
    struct err err;       /* of the first sender that failed */
    struct deliver_sum sum;
    int refusals, cuts; /* in a row */
    struct pace pace;
    atomic_int running;
    atomic_bool stop;
};

/* One sender thread. */
struct sender {
    struct deliver *d;
    struct db *db;
    void *mem; /* of the thread */
    struct composer *composer;
    struct smtp *smtp;
    int dead_sessions; /* in a row */
    bool leave;        /* the batch: its mailing is paused, or somebody else decided */
    /* the message whose content was sent last, its outcome not committed yet */
    const struct outbox_row *done;
    struct outbox_outcome outcome;
    struct smtp_result result; /* its strings live as long */
    char server[300];
};

struct letter {
    const struct outbox_row *row;
    struct outbox_content content;
    struct smtp_envelope envelope;
};

static bool stopping(void *arg)
{
    struct deliver *d = arg;
    return atomic_load(&d->stop) || (d->o->stop && *d->o->stop);
}

/* ---- outcomes */

static int retry_s(int attempt)
{
    long s = FIRST_RETRY_S;
    for (int i = 1; i < attempt && s < LAST_RETRY_S; i++)
        s *= 2;
    return (int)(s < LAST_RETRY_S ? s : LAST_RETRY_S);
}

static struct outbox_outcome outcome_of(const struct smtp_result *r, const char *server, int attempt)
{
    static const char *const state[] = {
        [SMTP_OK] = "accepted",   [SMTP_DEFERRED] = "deferred", [SMTP_REFUSED] = "refused",
        [SMTP_LOST] = "deferred", [SMTP_UNKNOWN] = "unknown",
    };
    return (struct outbox_outcome){
        .state = state[r->outcome],
        .attempt = r->outcome == SMTP_LOST ? "lost" : state[r->outcome],
        .stage = r->stage,
        .server = server,
        .enhanced = r->enhanced,
        .text = r->text,
        .code = r->code,
        .again_s = r->outcome == SMTP_OK || r->outcome == SMTP_UNKNOWN ? 0 : retry_s(attempt),
    };
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

/* Our own server refuses the sender or, several times running, the content, or ends the connection instead of
 * an answer to it: that is ours to mend, no recipient's fault.  The mailing waits for a person, and the batch
 * is left. */
static int pause_if_ours(struct sender *s, const struct outbox_row *row, const struct smtp_result *r,
                         struct err *err)
{
    struct deliver *d = s->d;
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
    if (!sender && !((refused || cut) && often))
        return 0;
    MEM_SCOPE(mem);
    const char *hint = envelope_hint(mem, d->o->account, r),
               *why = hint ? talloc_asprintf(mem, "%s (%s)", r->text, hint) : r->text;
    s->leave = true;
    log_error("mailing %lld is paused: our own server at %s: %d %s", (long long)row->mailing_id, r->stage,
              r->code, why);
    return mailing_pause_for(s->db, row->mailing_id, why, err);
}

/* ---- the commit between two messages */

static int step(struct sender *s, const struct letter *next, bool *submitted_r, struct err *err)
{
    *submitted_r = false;
    if (!s->done && !next)
        return 0;
    const struct outbox_row *row = next ? next->row : NULL;
    int rc = outbox_step(s->db, s->d->worker, s->done, &s->outcome, row, next ? &next->content : NULL,
                         submitted_r, err);
    for (int i = 0; rc < 0 && err->code == ERR_AWAY && i < 10 && !stopping(s->d); i++) {
        /* The answer to the commit was lost: read before acting. */
        sleep((unsigned)i);
        bool there = false;
        if (db_revive(s->db, err) < 0 ||
            (row && outbox_is_submitting(s->db, s->d->worker, row, &there, err) < 0))
            continue;
        if (there) {
            *submitted_r = true;
            rc = 0;
            break;
        }
        rc = outbox_step(s->db, s->d->worker, s->done, &s->outcome, row, next ? &next->content : NULL,
                         submitted_r, err);
    }
    if (rc == 0)
        s->done = NULL;
    return rc;
}

static int flush(struct sender *s, struct err *err)
{
    bool unused;
    return step(s, NULL, &unused, err);
}

/* ---- sessions */

static void session_end(struct sender *s)
{
    if (s->smtp)
        smtp_close(s->smtp);
    s->smtp = NULL;
}

static int session_begin(struct sender *s, struct err *err)
{
    if (s->smtp)
        return 0;
    const struct conf_smtp *a = s->d->o->account;
    static const enum stream_tls tls[] = {STREAM_STARTTLS, STREAM_IMPLICIT, STREAM_PLAIN};
    struct smtp_options options = {
        .stream = {.host = a->host,
                   .port = a->port,
                   .verify_name = a->verify_name,
                   .tls = tls[a->tls],
                   .timeout_s = a->timeout_s},
        .user = a->user,
        .password = s->d->password,
        .mechanism = a->mechanism,
        .helo = a->helo ? a->helo : s->d->o->conf->office.domain,
    };
    if (smtp_open(s->mem, s->d->tls, &options, &s->smtp, err) < 0)
        return err_context(err, "[smtp %s] %s:%s", a->name, a->host, a->port);
    return 0;
}

/* ---- a batch */

/* Makes the letters of the batch; what must not be sent is set aside, with its reason. Returns how many are
 * ready. */
static int prepare(struct sender *s, void *mem, struct outbox_row *rows, int n, struct letter *letter,
                   struct err *err)
{
    int ready = 0;
    for (int i = 0; i < n; i++) {
        struct letter *l = &letter[ready];
        *l = (struct letter){.row = &rows[i]};
        if (!rows[i].set_aside && composer_content(mem, s->composer, s->db, &rows[i], &l->content, err) < 0) {
            if (err->code == ERR_AWAY || err->code == ERR_AGAIN)
                return -1;
            rows[i].set_aside = talloc_strdup(mem, err->text);
            rows[i].hold = true;
        }
        if (rows[i].set_aside) {
            if (outbox_set_aside(s->db, s->d->worker, &rows[i], err) < 0)
                return -1;
            continue;
        }
        l->envelope = (struct smtp_envelope){.from = l->content.envelope_from,
                                             .to = rows[i].email,
                                             .envid = l->content.envid,
                                             .size = l->content.len};
        ready++;
    }
    return ready;
}

static int give_back(struct sender *s, const struct letter *letter, int n, struct err *err)
{
    for (int i = 0; i < n; i++)
        if (outbox_give_back(s->db, s->d->worker, letter[i].row, 1, err) < 0)
            return -1;
    return 0;
}

/* The envelope of a letter failed: nothing of its content was sent. */
static int envelope_failed(struct sender *s, const struct letter *l, const struct smtp_result *r,
                           struct err *err)
{
    char server[300];
    snprintf(server, sizeof server, "%s", smtp_server(s->smtp));
    if (r->session_dead)
        session_end(s);
    if (flush(s, err) < 0 || pause_if_ours(s, l->row, r, err) < 0)
        return -1;
    if (s->leave)
        return give_back(s, l, 1, err);
    if (r->outcome == SMTP_LOST || (r->session_dead && !r->per_recipient)) {
        s->leave = true;
        if (give_back(s, l, 1, err) < 0)
            return -1;
        if (++s->dead_sessions < SESSION_TRIES)
            return 0;
        return err_set(err, ERR_AWAY, "[smtp %s] the server ends the session at %s: %s",
                       s->d->o->account->name, r->stage, r->text);
    }
    struct outbox_outcome o = outcome_of(r, server, l->row->attempt);
    count(s->d, r->outcome);
    return outbox_fail_envelope(s->db, s->d->worker, l->row, &o, err);
}

/* The store does not take this letter, and would not the next time: a person looks at it, the others go on.
 */
static int hold(struct sender *s, const struct letter *l, struct err *err)
{
    struct err why = *err;
    struct outbox_row held = *l->row;
    held.set_aside = why.text;
    held.hold = true;
    smtp_abandon(s->smtp);
    session_end(s);
    log_error("mailing %lld: recipient %lld is held: %s", (long long)held.mailing_id, (long long)held.id,
              why.text);
    return flush(s, err) < 0 || outbox_set_aside(s->db, s->d->worker, &held, err) < 0 ? -1 : 0;
}

/* Sends the content of a letter whose envelope stands, behind it the envelope of the next. */
static int send_content(struct sender *s, const struct letter *l, const struct smtp_envelope *next,
                        struct smtp_result *next_result, struct err *err)
{
    bool submitted;
    if (step(s, l, &submitted, err) < 0)
        return err->code == ERR_CONFLICT || err->code == ERR_INPUT ? hold(s, l, err) : -1;
    if (!submitted) { /* paused, cancelled or decided on by somebody else meanwhile: no byte of content */
        smtp_abandon(s->smtp);
        session_end(s);
        s->leave = true;
        return give_back(s, l, 1, err);
    }
    smtp_content(s->smtp, l->content.raw, l->content.len, &s->result, next, next_result);
    s->dead_sessions = 0;
    s->done = l->row;
    snprintf(s->server, sizeof s->server, "%s", smtp_server(s->smtp));
    s->outcome = outcome_of(&s->result, s->server, l->row->attempt);
    count(s->d, s->result.outcome);
    return pause_if_ours(s, l->row, &s->result, err);
}

/* Walks the letters; *k_r is the first that was not tried. *standing_r: an envelope stands that gets no
 * content. */
static int walk(struct sender *s, struct letter *letter, int n, int *k_r, bool *standing_r, struct err *err)
{
    struct smtp_result envelope = {0};
    bool pipelined = s->d->o->account->per_minute <= 0;
    for (; *k_r < n && !s->leave && !stopping(s->d); ++*k_r) {
        const struct letter *l = &letter[*k_r];
        if (!*standing_r) {
            if (!pipelined && flush(s, err) < 0) /* what is known is not kept in memory while waiting */
                return -1;
            pace_wait(&s->d->pace, stopping, s->d);
            if (stopping(s->d))
                break;
            if (session_begin(s, err) < 0)
                return -1;
            smtp_envelope(s->smtp, &l->envelope, &envelope);
        }
        *standing_r = false;
        if (envelope.outcome != SMTP_OK) {
            if (envelope_failed(s, l, &envelope, err) < 0)
                return -1;
            continue;
        }
        const struct smtp_envelope *next =
            pipelined && *k_r + 1 < n && !stopping(s->d) ? &l[1].envelope : NULL;
        if (send_content(s, l, next, &envelope, err) < 0)
            return -1;
        *standing_r = next && s->smtp;
        if (s->smtp && !next && s->result.session_dead)
            session_end(s);
    }
    return 0;
}

static int send_letters(struct sender *s, struct letter *letter, int n, struct err *err)
{
    int k = 0;
    bool standing = false;
    s->leave = false;
    int rc = walk(s, letter, n, &k, &standing, err);
    if (standing || (rc < 0 && s->smtp)) {
        smtp_abandon(s->smtp);
        session_end(s);
    }
    struct err second;
    if (flush(s, rc < 0 ? &second : err) < 0 || give_back(s, letter + k, n - k, rc < 0 ? &second : err) < 0)
        rc = -1;
    return rc;
}

/* 1 there was work, 0 none, -1 error */
static int send_batch(struct sender *s, struct err *err)
{
    MEM_SCOPE(mem);
    struct outbox_row *rows;
    struct letter letter[BATCH];
    if (db_revive(s->db, err) < 0)
        return -1;
    int n = outbox_claim(mem, s->db, s->d->worker, s->d->o->account->name, BATCH, &rows, err);
    if (n <= 0)
        return n;
    int ready = prepare(s, mem, rows, n, letter, err);
    if (ready < 0)
        return -1;
    return send_letters(s, letter, ready, err) < 0 ? -1 : 1;
}

static void *sender_main(void *arg)
{
    struct deliver *d = arg;
    struct err err = {0};
    struct sender s = {.d = d, .mem = mem_scope_new()};
    s.composer = composer_new(s.mem, d->o->conf, d->o->account, d->o->ring, d->o->signer);
    int rc = db_open(&s.db, d->o->conf->database.conninfo, "adresar_deliver", "adresar deliver", &err);
    while (rc >= 0 && !stopping(d)) {
        rc = send_batch(&s, &err);
        if (rc == 0 && d->o->once)
            break;
        if (rc == 0) {
            session_end(&s); /* an idle session would only time out */
            sleep(1);
        }
    }
    session_end(&s);
    pthread_mutex_lock(&d->lock);
    if (rc < 0 && d->err.code == ERR_NONE)
        d->err = err;
    pthread_mutex_unlock(&d->lock);
    if (rc < 0)
        atomic_store(&d->stop, true);
    db_close(s.db);
    mem_scope_end(&s.mem);
    atomic_fetch_sub(&d->running, 1);
    return NULL;
}

/* ---- the keeper */

/* A lease that ran out: others have the rows by now, or will.  No content is begun any more; what the server
 * still says settles what they have made unknown. */
static void lease_lost(struct deliver *d)
{
    pthread_mutex_lock(&d->lock);
    if (d->err.code == ERR_NONE)
        (void)!err_set(&d->err, ERR_AGAIN, "the lease of worker %lld ran out", (long long)d->worker);
    pthread_mutex_unlock(&d->lock);
    atomic_store(&d->stop, true);
}

static int keep(struct deliver *d, struct db *db, struct err *err)
{
    int rc = outbox_worker_renew(db, d->worker, d->o->account->lease_s, err);
    if (rc == 0)
        lease_lost(d);
    audit_seal_if_possible(db);
    contact_renew_terms(db);
    return rc < 0 || outbox_reap(db, err) < 0 || mailing_finish_all(db, err) < 0 ? -1 : 0;
}

static void keep_until_done(struct deliver *d, struct db *db)
{
    struct timespec last, now;
    clock_gettime(CLOCK_MONOTONIC, &last);
    while (atomic_load(&d->running) > 0) {
        usleep(20000);
        clock_gettime(CLOCK_MONOTONIC, &now);
        long long ms = (now.tv_sec - last.tv_sec) * 1000LL + (now.tv_nsec - last.tv_nsec) / 1000000;
        if (3 * ms < 1000LL * d->o->account->lease_s)
            continue;
        last = now;
        struct err err;
        if (keep(d, db, &err) < 0) {
            log_warning("%s", err.text);
            if (db_revive(db, &err) < 0)
                log_warning("%s", err.text);
        }
    }
}

static int run_senders(struct deliver *d, struct db *db, struct err *err)
{
    int n = d->o->account->connections;
    pthread_t thread[64];
    must(n <= (int)ARRAY_LEN(thread));
    atomic_store(&d->running, n);
    for (int i = 0; i < n; i++)
        must(pthread_create(&thread[i], NULL, sender_main, d) == 0);
    keep_until_done(d, db);
    for (int i = 0; i < n; i++)
        pthread_join(thread[i], NULL);
    /* nothing is on its way any more: what is left in our hands is reaped at once */
    if (outbox_worker_end(db, d->worker, err) < 0 || outbox_reap(db, err) < 0 ||
        mailing_finish_all(db, err) < 0)
        return d->err.code == ERR_NONE ? -1 : (*err = d->err, -1);
    *err = d->err;
    return d->err.code == ERR_NONE ? 0 : -1;
}

int deliver_run(const struct deliver_options *options, struct deliver_sum *sum_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct deliver d = {.o = options, .lock = PTHREAD_MUTEX_INITIALIZER};
    const struct conf_smtp *a = options->account;
    d.pace = (struct pace){.per_minute = a->per_minute, .lock = PTHREAD_MUTEX_INITIALIZER};
    struct db *db;
    char *password = NULL;
    if (stream_context_new(mem, a->ca_file, &d.tls, err) < 0 ||
        (a->password_file && conf_read_secret(mem, a->password_file, &password, err) < 0) ||
        db_open(&db, options->conf->database.conninfo, "adresar_deliver", "adresar deliver", err) < 0)
        return -1;
    d.password = password;
    int rc = outbox_reap(db, err) < 0 || outbox_worker_begin(db, a->name, a->lease_s, &d.worker, err) < 0 ||
                     run_senders(&d, db, err) < 0
                 ? -1
                 : 0;
    audit_seal_if_possible(db);
    db_close(db);
    *sum_r = d.sum;
    return rc;
}
