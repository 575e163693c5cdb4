/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/ledger.h"

#include <pthread.h>
#include <unistd.h>

#include "base/log.h"
#include "mail/mailing.h"

enum { TRIES = 10, BATCHES_MAX = 1024 };

struct ledger {
    struct ledger_options o;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t work;
    struct ledger_step *waiting;
    int64_t batch[BATCHES_MAX];
    size_t nbatch;
    bool closing;
};

static int ready(struct db *db, struct err *err)
{
    return outbox_walk(db, err) < 0 ? -1 : outbox_last(db, err);
}

/* ---- one transaction, until it is known what became of it */

/* The server is away, or wants it once more; after the last try, and when the process is to end, -1. */
static int again(struct ledger *l, int tries, struct err *err)
{
    if ((err->code != ERR_AWAY && err->code != ERR_AGAIN) || tries == TRIES || l->o.stopping(l->o.arg))
        return -1;
    sleep((unsigned)tries);
    struct err away;
    if (db_revive(l->db, &away) < 0 || ready(l->db, &away) < 0)
        log_warning("%s", away.text);
    return 0;
}

/* Those that are not submitted yet, to the front; how many. */
static size_t leftover(struct outbox_letter **letter, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (!letter[i]->submitted) {
            struct outbox_letter *l = letter[i];
            letter[i] = letter[left];
            letter[left++] = l;
        }
    return left;
}

static int commit_surely(struct ledger *l, const struct outbox_outcome **outcome, size_t noutcome,
                         struct outbox_letter **letter, size_t nletter, const int64_t *batch, size_t nbatch,
                         struct err *err)
{
    bool lost = false;
    for (int tries = 0;; tries++) {
        /* The answer to a commit was lost: what it did is read before it is done again. */
        if (!lost || outbox_submitted(l->db, l->o.worker, letter, nletter, err) == 0) {
            size_t left = leftover(letter, nletter);
            int rc = outbox_commit(l->db, l->o.worker, outcome, noutcome, letter, left, batch, nbatch, err);
            if (rc == 1 ||
                (rc == 0 && (nletter = left, outbox_submitted(l->db, l->o.worker, letter, left, err) == 0)))
                return 0;
        }
        lost = lost || err->code == ERR_AWAY;
        if (again(l, tries, err) < 0)
            return -1;
    }
}

static int give_back(struct ledger *l, const struct outbox_row **row, size_t n, struct err *err)
{
    int rc;
    for (int tries = 0; (rc = outbox_give_back(l->db, row, n, err)) < 0; tries++)
        if (again(l, tries, err) < 0)
            return -1;
    return rc;
}

static int set_aside(struct ledger *l, const struct outbox_row **row, size_t n, struct err *err)
{
    int rc;
    for (int tries = 0; (rc = outbox_set_aside(l->db, row, n, err)) < 0; tries++)
        if (again(l, tries, err) < 0)
            return -1;
    return rc;
}

static int pause_mailing(struct ledger *l, const struct ledger_step *step, struct err *err)
{
    int rc;
    for (int tries = 0; (rc = mailing_pause_for(l->db, step->pause, step->pause_reason, err)) < 0; tries++)
        if (again(l, tries, err) < 0)
            return -1;
    return rc;
}

/* ---- joined, and apart where one row is refused */

static void alone_outcome(const struct outbox_outcome *o, const struct err *why)
{
    log_error("recipient %lld: the outcome \"%s\" cannot be written: %s", (long long)o->row->id, o->state,
              why->text);
}

static int commit_joined(struct ledger *l, const struct outbox_outcome **outcome, size_t noutcome,
                         struct outbox_letter **letter, size_t nletter, const int64_t *batch, size_t nbatch,
                         struct err *err)
{
    if (!noutcome && !nletter)
        return 0;
    if (commit_surely(l, outcome, noutcome, letter, nletter, batch, nbatch, err) == 0)
        return 0;
    if (err->code == ERR_AWAY || err->code == ERR_AGAIN)
        return -1;
    if (noutcome + nletter == 1) {
        if (noutcome)
            alone_outcome(outcome[0], err);
        else
            letter[0]->refused = strdup(err->text);
        return 0;
    }
    if (noutcome && nletter)
        return commit_joined(l, outcome, noutcome, NULL, 0, batch, nbatch, err) < 0
                   ? -1
                   : commit_joined(l, NULL, 0, letter, nletter, NULL, 0, err);
    size_t o = noutcome / 2, t = nletter / 2;
    return commit_joined(l, outcome, o, letter, t, batch, nbatch, err) < 0
               ? -1
               : commit_joined(l, outcome + o, noutcome - o, letter + t, nletter - t, NULL, 0, err);
}

/* All that the steps hand over, column by column. */
struct joined {
    const struct outbox_outcome *outcome[OUTBOX_COMMIT_MAX];
    struct outbox_letter *letter[OUTBOX_COMMIT_MAX];
    const struct outbox_row *back[OUTBOX_COMMIT_MAX], *aside[OUTBOX_COMMIT_MAX];
    size_t noutcome, nletter, nback, naside;
};

#define JOIN(to, from, what)                                                                                 \
    do {                                                                                                     \
        if ((from)->n##what)                                                                                 \
            memcpy((to)->what + (to)->n##what, (from)->what, (from)->n##what * sizeof *(to)->what);          \
        (to)->n##what += (from)->n##what;                                                                    \
    } while (0)

static bool has_room(const struct joined *j, const struct ledger_step *s)
{
    return j->noutcome + s->noutcome <= OUTBOX_COMMIT_MAX && j->nletter + s->nletter <= OUTBOX_COMMIT_MAX &&
           j->nback + s->nback <= OUTBOX_COMMIT_MAX && j->naside + s->naside <= OUTBOX_COMMIT_MAX;
}

static int write_down(struct ledger *l, struct ledger_step *steps, struct joined *j, const int64_t *batch,
                      size_t nbatch, struct err *err)
{
    for (const struct ledger_step *s = steps; s; s = s->next)
        if (s->pause && pause_mailing(l, s, err) < 0)
            return -1;
    if (commit_joined(l, j->outcome, j->noutcome, j->letter, j->nletter, batch, nbatch, err) < 0)
        return -1;
    return set_aside(l, j->aside, j->naside, err) < 0 || give_back(l, j->back, j->nback, err) < 0 ? -1 : 0;
}

/* ---- the thread */

static struct ledger_step *take_steps(struct ledger *l, struct joined *j, int64_t *batch, size_t *nbatch_r)
{
    struct ledger_step *first = NULL, **end = &first;
    pthread_mutex_lock(&l->lock);
    while (!l->waiting && !l->closing)
        pthread_cond_wait(&l->work, &l->lock);
    while (l->waiting && has_room(j, l->waiting)) {
        struct ledger_step *s = l->waiting;
        l->waiting = s->next;
        s->next = NULL;
        *end = s;
        end = &s->next;
        JOIN(j, s, outcome);
        JOIN(j, s, letter);
        JOIN(j, s, back);
        JOIN(j, s, aside);
    }
    memcpy(batch, l->batch, l->nbatch * sizeof *batch);
    *nbatch_r = l->nbatch;
    l->nbatch = 0;
    pthread_mutex_unlock(&l->lock);
    return first;
}

static void *ledger_main(void *arg)
{
    struct ledger *l = arg;
    int64_t batch[BATCHES_MAX];
    size_t nbatch;
    struct joined *j = talloc_zero(NULL, struct joined);
    struct ledger_step *steps;
    while ((steps = take_steps(l, j, batch, &nbatch))) {
        struct err err = {0};
        int rc = write_down(l, steps, j, batch, nbatch, &err);
        for (struct ledger_step *s = steps, *next; s; s = next) {
            next = s->next; /* once it is written, it is its owner's again */
            s->rc = rc;
            if (rc < 0)
                s->err = err;
            sem_post(&s->written);
        }
        j->noutcome = j->nletter = j->nback = j->naside = 0;
    }
    talloc_free(j);
    return NULL;
}

int ledger_open(void *mem, const struct ledger_options *options, struct ledger **ledger_r, struct err *err)
{
    struct ledger *l = talloc_zero(mem, struct ledger);
    l->o = *options;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->work, NULL);
    if (db_open(&l->db, options->conninfo, "adresar_deliver", "adresar ledger", err) < 0 ||
        ready(l->db, err) < 0) {
        db_close(l->db);
        return -1;
    }
    must(pthread_create(&l->thread, NULL, ledger_main, l) == 0);
    *ledger_r = l;
    return 0;
}

void ledger_close(struct ledger *l)
{
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    db_close(l->db);
    l->db = NULL;
}

/* ---- for the connections */

void ledger_begin(struct ledger *l, struct ledger_step *step)
{
    struct ledger_step **end = &l->waiting;
    step->next = NULL;
    sem_init(&step->written, 0, 0);
    pthread_mutex_lock(&l->lock);
    while (*end)
        end = &(*end)->next;
    *end = step;
    pthread_cond_signal(&l->work);
    pthread_mutex_unlock(&l->lock);
}

int ledger_wait(struct ledger_step *step, struct err *err)
{
    while (sem_wait(&step->written) < 0)
        ; /* a signal came */
    sem_destroy(&step->written);
    if (step->rc < 0)
        *err = step->err;
    return step->rc;
}

void ledger_end_batch(struct ledger *l, int64_t batch)
{
    pthread_mutex_lock(&l->lock);
    if (l->nbatch < BATCHES_MAX) /* what does not fit is forgotten with the worker */
        l->batch[l->nbatch++] = batch;
    pthread_mutex_unlock(&l->lock);
}
