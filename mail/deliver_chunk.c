/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/deliver_chunk.h"

#include <unistd.h>

#include "base/clock.h"

enum {
    AHEAD = 4, /* chunks that are made and wait, at most */
    MAKERS_MAX = 8,
    WAIT_MS = 500, /* for rows */
};

struct makers {
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t room, more;
    struct chunk *chunk[AHEAD];
    size_t first, n, making; /* making: taken, and not here yet */
    bool closing;
    pthread_t thread[MAKERS_MAX];
    size_t nthreads;
};

/* ---- making */

static void compose(struct deliver *d, struct composer_desk *desk, struct chunk *c, struct letter *l,
                    const struct outbox_row *row)
{
    struct err err;
    *l = (struct letter){.row = *row, .taken = row, .out = {.row = &l->row, .content = &l->content}};
    if (composer_content(c->mem, desk, row, &l->content, &err) < 0) {
        l->fate = SET_ASIDE;
        l->row.aside = "held";
        l->row.reason = talloc_strdup(c->mem, err.text);
        return;
    }
    l->envelope = (struct smtp_envelope){.from = l->content.envelope_from,
                                         .to = l->row.email,
                                         .envid = l->content.envid,
                                         .journal = deliver_journal(d, row),
                                         .size = l->content.len};
}

static struct chunk *make(struct deliver *d, struct composer_desk *desk, size_t most, int wait_ms,
                          bool *ended_r)
{
    const struct outbox_row *row[CHUNK_MAX];
    size_t n = feed_take(d->feed, most, wait_ms, row, ended_r);
    if (!n)
        return NULL;
    void *mem = mem_scope_new();
    struct chunk *c = talloc(mem, struct chunk);
    c->mem = mem;
    c->window = row[0]->window;
    c->n = n;
    for (size_t i = 0; i < n; i++)
        compose(d, desk, c, &c->letter[i], row[i]);
    return c;
}

void chunk_release(struct deliver *d, struct chunk *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->letter[i].out.refused);
        feed_release(d->feed, c->letter[i].taken);
    }
    talloc_free(c->mem);
}

/* ---- ahead */

static bool begin_one(struct deliver *d)
{
    struct makers *m = d->makers;
    pthread_mutex_lock(&m->lock);
    while (m->n + m->making >= AHEAD && !m->closing)
        pthread_cond_wait(&m->room, &m->lock);
    bool closing = m->closing || deliver_stopping(d);
    m->making += !closing;
    pthread_mutex_unlock(&m->lock);
    return !closing;
}

static void end_one(struct makers *m, struct chunk *c)
{
    pthread_mutex_lock(&m->lock);
    m->making--;
    if (c)
        m->chunk[(m->first + m->n++) % AHEAD] = c;
    else
        pthread_cond_signal(&m->room);
    pthread_cond_broadcast(&m->more);
    pthread_mutex_unlock(&m->lock);
}

static void *maker_main(void *arg)
{
    struct deliver *d = arg;
    void *mem = mem_scope_new();
    struct composer_desk *desk = composer_desk_new(mem);
    bool ended = false;
    while (!ended && begin_one(d)) {
        struct chunk *c = make(d, desk, CHUNK_MAX, WAIT_MS, &ended);
        end_one(d->makers, c);
    }
    talloc_free(mem);
    return NULL;
}

void makers_begin(void *mem, struct deliver *d)
{
    struct makers *m = d->makers = talloc_zero(mem, struct makers);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->room, NULL);
    pthread_cond_init(&m->more, NULL);
    if (deliver_paced(d))
        return;
    m->nthreads = processors < 1 ? 1 : processors > MAKERS_MAX ? MAKERS_MAX : (size_t)processors;
    for (size_t i = 0; i < m->nthreads; i++)
        must(pthread_create(&m->thread[i], NULL, maker_main, d) == 0);
}

static int give_back(struct deliver *d, struct chunk *c, struct err *err)
{
    const struct outbox_row *back[CHUNK_MAX];
    struct ledger_step step = {.back = back, .nback = c->n};
    for (size_t i = 0; i < c->n; i++)
        back[i] = &c->letter[i].row;
    ledger_begin(d->ledger, &step);
    return ledger_wait(&step, err);
}

int makers_end(struct deliver *d, struct err *err)
{
    struct makers *m = d->makers;
    int rc = 0;
    pthread_mutex_lock(&m->lock);
    m->closing = true;
    pthread_cond_broadcast(&m->room);
    pthread_mutex_unlock(&m->lock);
    for (size_t i = 0; i < m->nthreads; i++)
        pthread_join(m->thread[i], NULL);
    for (; m->n; m->n--, m->first = (m->first + 1) % AHEAD) {
        struct chunk *c = m->chunk[m->first];
        rc = rc < 0 ? -1 : give_back(d, c, err);
        chunk_release(d, c);
    }
    return rc;
}

/* ---- for the connections */

/* One that is made; waits so long for one. */
static struct chunk *made(struct makers *m, int wait_ms, bool *none_r)
{
    struct chunk *c = NULL;
    pthread_mutex_lock(&m->lock);
    if (!m->n && wait_ms > 0 && !*none_r) {
        struct timespec until = clock_in_ms(wait_ms);
        pthread_cond_timedwait(&m->more, &m->lock, &until);
    }
    if (m->n) {
        c = m->chunk[m->first];
        m->first = (m->first + 1) % AHEAD;
        m->n--;
        pthread_cond_signal(&m->room);
    }
    *none_r = !m->n && !m->making;
    pthread_mutex_unlock(&m->lock);
    return c;
}

struct chunk *chunk_take(struct deliver *d, struct composer_desk *desk, int wait_ms, bool *ended_r)
{
    bool none = false;
    if (deliver_paced(d))
        return make(d, desk, 1, wait_ms, ended_r);
    struct chunk *c = made(d->makers, 0, &none);
    if (c || (c = make(d, desk, CHUNK_MAX, 0, ended_r)))
        return c;
    none = *ended_r;
    c = made(d->makers, wait_ms, &none);
    *ended_r = *ended_r && none && !c;
    return c;
}
