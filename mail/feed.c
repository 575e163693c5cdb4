/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/feed.h"

#include <pthread.h>
#include <search.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "mail/compose.h"
#include "mail/mailing.h"

enum {
    CLAIM = 400,    /* rows at once */
    ENOUGH = 400,   /* rows in the queue: no more are claimed */
    QUEUE = 1024,   /* at most CLAIM + ENOUGH */
    PACED_S = 10,   /* a paced account claims what it sends in so many seconds */
    IDLE_MS = 1000, /* until the store is looked at again */
    HAND_MS = 50    /* until a row that was in our hands is claimed again */
};
/* Of letters with large files, together, that are claimed and not through; of a chunk. */
static const size_t MOST_BYTES = 32 << 20, CHUNK_BYTES = 2 << 20;

/* What was claimed at once; its memory goes with the last of its rows. */
struct feed_batch {
    void *mem;
    int64_t id;
    int left;
    bool in_hand; /* some could not be given back: whoever reaps finds them by it */
};

/* How far a mailing's queue was read. */
struct reading {
    int64_t mailing;
    struct outbox_place place;
    struct reading *next;
};

struct feed {
    struct feed_options o;
    struct db *db;
    struct composer *composer;
    struct reading *readings;
    int claim, claim_now; /* rows at once; fewer, where letters are large */
    bool met_hand;        /* the last claim brought some that we had already */
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t rows, room;
    const struct outbox_row *queue[QUEUE];
    size_t first, n, out; /* out: taken, and without an outcome yet */
    size_t bytes;         /* of those in the queue and those that are out */
    void *hand;           /* these (tsearch): a row is in our hands once */
    bool ended;
};

static void wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int ms)
{
    struct timespec until = clock_in_ms(ms);
    pthread_cond_timedwait(cond, lock, &until);
}

static int by_id(const void *a, const void *b)
{
    const struct outbox_row *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* ---- claiming */

static struct outbox_place *place_of(struct feed *f, int64_t mailing)
{
    for (struct reading *r = f->readings; r; r = r->next)
        if (r->mailing == mailing)
            return &r->place;
    struct reading *r = talloc_zero(f, struct reading);
    r->mailing = mailing;
    r->next = f->readings;
    f->readings = r;
    return &r->place;
}

static const char put_off[] = "put off";

static int set_aside(struct feed *f, struct outbox_row *rows, int n, struct err *err)
{
    const struct outbox_row *aside[CLAIM];
    size_t naside = 0;
    for (int i = 0; i < n; i++)
        if (rows[i].aside && rows[i].aside != put_off)
            aside[naside++] = &rows[i];
    return outbox_set_aside(f->db, aside, naside, err);
}

/* Whoever reaps a dead sender's batch puts rows back that others have claimed since.  The ledger knows whose
 * a row is, not which of two that one worker has. */
static bool in_hand(struct feed *f, const struct outbox_row *row)
{
    pthread_mutex_lock(&f->lock);
    bool found = tfind(row, &f->hand, by_id);
    pthread_mutex_unlock(&f->lock);
    return found;
}

/* They go back as they were: they wait for nothing but our hands. */
static int give_again(struct feed *f, struct outbox_row *rows, int n, struct err *err)
{
    const struct outbox_row *again[CLAIM];
    size_t nagain = 0;
    for (int i = 0; i < n; i++)
        if (!rows[i].aside && in_hand(f, &rows[i])) {
            rows[i].aside = put_off;
            again[nagain++] = &rows[i];
        }
    f->met_hand = nagain > 0;
    return outbox_give_back(f->db, again, nagain, err);
}

/* Those whose destination is to have no more now go back into the queue, and their time with them. */
static int put_off_some(struct feed *f, struct outbox_row *rows, int n, struct err *err)
{
    const struct outbox_row *off[CLAIM];
    int64_t ms[CLAIM];
    size_t noff = 0;
    int64_t now = clock_now_ms();
    for (int i = 0; i < n; i++) {
        int64_t wait = rows[i].aside ? 0 : pace_to_wait_ms(f->o.pace_to, rows[i].email, now);
        if (!wait)
            continue;
        rows[i].aside = put_off;
        ms[noff] = wait;
        off[noff++] = &rows[i];
    }
    return outbox_put_off(f->db, off, ms, noff, err);
}

static bool all_aside(const struct outbox_row *rows, int n)
{
    for (int i = 0; i < n; i++)
        if (!rows[i].aside)
            return false;
    return true;
}

/* Rows that are to be sent go into the queue, and the batch lives as long as they do. */
static void enqueue(struct feed *f, struct feed_batch *batch, struct outbox_row *rows, int n)
{
    pthread_mutex_lock(&f->lock);
    for (int i = 0; i < n; i++) {
        if (rows[i].aside)
            continue;
        must(f->n < QUEUE);
        rows[i].batch = batch;
        batch->left++;
        f->bytes += rows[i].bytes;
        must(tsearch(&rows[i], &f->hand, by_id));
        f->queue[(f->first + f->n++) % QUEUE] = &rows[i];
    }
    bool empty = batch->left == 0;
    pthread_cond_broadcast(&f->rows);
    pthread_mutex_unlock(&f->lock);
    if (empty)
        talloc_free(batch->mem);
}

/* What their letters need; who is too much for now goes back. */
static int prepare(struct feed *f, void *mem, struct outbox_row *rows, int n, struct err *err)
{
    const struct outbox_row *back[CLAIM];
    size_t nback = 0;
    int done = composer_prepare(mem, f->composer, f->db, rows, n, MOST_BYTES, err);
    if (done < 0)
        return -1;
    f->claim_now = done < n ? done : 2 * f->claim_now < f->claim ? 2 * f->claim_now : f->claim;
    for (int i = done; i < n; i++) {
        if (rows[i].aside)
            continue;
        rows[i].aside = put_off;
        back[nback++] = &rows[i];
    }
    return outbox_give_back(f->db, back, nback, err);
}

static int claim_from(struct feed *f, const struct outbox_mailing *mailing, struct err *err)
{
    void *mem = mem_scope_new();
    struct feed_batch *batch = talloc_zero(mem, struct feed_batch);
    struct outbox_row *rows;
    batch->mem = mem;
    int n =
        outbox_claim(mem, f->db, f->o.worker, mailing, f->claim_now, place_of(f, mailing->id), &rows, err);
    batch->id = n > 0 ? rows[0].batch_id : 0;
    if (n <= 0 || give_again(f, rows, n, err) < 0 || put_off_some(f, rows, n, err) < 0 ||
        prepare(f, mem, rows, n, err) < 0 || set_aside(f, rows, n, err) < 0 ||
        (all_aside(rows, n) && outbox_end_batches(f->db, &batch->id, 1, err) < 0)) {
        talloc_free(mem);
        return n <= 0 ? n : -1;
    }
    enqueue(f, batch, rows, n);
    return n;
}

/* How many rows were claimed, of the first mailing that has some. */
static int claim(struct feed *f, struct err *err)
{
    MEM_SCOPE(mem);
    struct outbox_mailing *mailings;
    if (db_revive(f->db, err) < 0 || outbox_walk(f->db, err) < 0 ||
        pace_to_look(f->o.pace_to, f->db, err) < 0)
        return -1;
    int n = outbox_claimable(mem, f->db, f->o.account->name, &mailings, err);
    for (int i = 0; i < n; i++) {
        int claimed = claim_from(f, &mailings[i], err);
        if (claimed)
            return claimed;
    }
    return n < 0 ? -1 : 0;
}

/* ---- the thread */

/* Waits until there is room; whether nothing was in anybody's hands then. */
static bool wait_for_room(struct feed *f)
{
    pthread_mutex_lock(&f->lock);
    while ((f->n >= (f->claim < ENOUGH ? (size_t)f->claim : ENOUGH) || f->bytes >= MOST_BYTES) &&
           !f->o.stopping(f->o.arg))
        wait_ms(&f->room, &f->lock, 200);
    bool idle = f->n == 0 && f->out == 0;
    pthread_mutex_unlock(&f->lock);
    return idle;
}

/* There is nothing to be claimed now: until what is out has come back, a mailing is released, or for a while.
 */
static void wait_for_work(struct feed *f)
{
    enum { STEP_MS = 100 };
    struct err lost; /* the next claim opens the connection again */
    bool heard = outbox_listen(f->db, &lost) < 0;
    for (int ms = 0; ms < IDLE_MS && !heard && !f->o.stopping(f->o.arg); ms += STEP_MS) {
        pthread_mutex_lock(&f->lock);
        bool busy = f->n + f->out > 0;
        if (busy)
            wait_ms(&f->room, &f->lock, STEP_MS);
        heard = busy && f->n + f->out == 0;
        pthread_mutex_unlock(&f->lock);
        heard = heard || (!busy && db_wait(f->db, STEP_MS, &lost) != 0);
    }
}

/* Whoever was lost by what went wrong before us; of finished mailings nobody is. */
static int mend(struct feed *f, struct err *err)
{
    return mailing_finish_all(f->db, err) < 0 || outbox_sweep(f->db, err) < 0 || outbox_reap(f->db, err) < 0
               ? -1
               : 0;
}

static int feed_all(struct feed *f, struct err *err)
{
    bool mended = false;
    while (!f->o.stopping(f->o.arg)) {
        bool idle = wait_for_room(f);
        int n = claim(f, err);
        if (n < 0)
            return -1;
        bool over = n == 0 && idle && f->o.once;
        if (over && mended)
            return 0;
        if (over && mend(f, err) < 0)
            return -1;
        mended = over;
        if (n == 0 && !over)
            wait_for_work(f);
        else if (f->met_hand)
            usleep(HAND_MS * 1000);
        f->met_hand = false;
    }
    return 0;
}

static void release(struct feed *f, const struct outbox_row *row, bool settled)
{
    struct feed_batch *batch = row->batch;
    pthread_mutex_lock(&f->lock);
    f->out--;
    bool room = f->bytes >= MOST_BYTES && f->bytes - row->bytes < MOST_BYTES;
    f->bytes -= row->bytes;
    tdelete(row, &f->hand, by_id);
    batch->in_hand = batch->in_hand || !settled;
    bool through = --batch->left == 0;
    if (room || f->n + f->out == 0)
        pthread_cond_signal(&f->room);
    pthread_mutex_unlock(&f->lock);
    if (!through)
        return;
    if (!batch->in_hand)
        ledger_end_batch(f->o.ledger, batch->id);
    talloc_free(batch->mem);
}

/* What nobody took goes back. */
static int give_back(struct feed *f, struct err *err)
{
    const struct outbox_row *left[QUEUE];
    pthread_mutex_lock(&f->lock);
    size_t n = f->n;
    for (size_t i = 0; i < n; i++)
        left[i] = f->queue[(f->first + i) % QUEUE];
    f->n = 0;
    f->out += n;
    f->ended = true;
    pthread_cond_broadcast(&f->rows);
    pthread_mutex_unlock(&f->lock);
    bool lost = n && (db_revive(f->db, err) < 0 || outbox_give_back(f->db, left, n, err) < 0);
    for (size_t i = 0; i < n; i++)
        release(f, left[i], !lost);
    return lost ? -1 : 0;
}

static void *feed_main(void *arg)
{
    struct feed *f = arg;
    struct err err = {0}, second = {0};
    if (feed_all(f, &err) < 0)
        f->o.failed(f->o.arg, &err);
    if (give_back(f, &second) < 0)
        f->o.failed(f->o.arg, &second);
    return NULL;
}

int feed_open(void *mem, const struct feed_options *options, struct feed **feed_r, struct err *err)
{
    struct feed *f = talloc_zero(mem, struct feed);
    long paced = options->account->per_minute * (long)PACED_S / 60;
    f->o = *options;
    f->claim_now = f->claim = options->account->per_minute <= 0 || paced > CLAIM ? CLAIM
                              : paced < 1                                        ? 1
                                                                                 : (int)paced;
    f->composer = composer_new(f, options->conf, options->account, options->ring, options->signer);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->rows, NULL);
    pthread_cond_init(&f->room, NULL);
    if (db_open(&f->db, options->conf->database.conninfo, "adresar_deliver", "adresar feed", err) < 0)
        return -1;
    must(pthread_create(&f->thread, NULL, feed_main, f) == 0);
    *feed_r = f;
    return 0;
}

void feed_close(struct feed *f)
{
    pthread_join(f->thread, NULL);
    db_close(f->db);
    f->db = NULL;
}

/* ---- for the connections */

size_t feed_take(struct feed *f, size_t most, int ms, const struct outbox_row **rows_r, bool *ended_r)
{
    size_t n = 0, bytes = 0;
    pthread_mutex_lock(&f->lock);
    if (f->n == 0 && ms > 0 && !f->ended)
        wait_ms(&f->rows, &f->lock, ms);
    while (n < most && f->n > 0) {
        const struct outbox_row *row = f->queue[f->first];
        size_t chunk = row->window > 1 ? (size_t)row->window / 2 : 1;
        bytes += row->bytes;
        if (n >= chunk || (n && (row->window != rows_r[0]->window || bytes > CHUNK_BYTES)))
            break;
        rows_r[n++] = row;
        f->first = (f->first + 1) % QUEUE;
        f->n--;
        f->out++;
    }
    *ended_r = f->ended && f->n == 0;
    if (n && f->n < ENOUGH)
        pthread_cond_signal(&f->room);
    pthread_mutex_unlock(&f->lock);
    return n;
}

void feed_release(struct feed *f, const struct outbox_row *row)
{
    release(f, row, true);
}
