/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Messages are stored in batches, one commit each: what needs no look before it is stored waits in memory, is
 * judged there if it can be, and goes with one statement.  While a batch is on its way, in a few steps, the
 * next one is read; nothing of that is sent before it is known that the first has arrived.  What of it has
 * kin is judged then.
 *
 * When the store refuses a batch, the folder is read again from the last commit, without judging, then with
 * batches of one, and a message that is refused alone gets a place that says why.
 */
#include "base/db_send.h"
#include "base/log.h"
#include "mail/fetch_low.h"
#include "sql/fetch.h"

static struct db *db_of(const struct folder *d)
{
    return d->f->o.inbox->db;
}

bool fetch_is_refusal(const struct err *err)
{
    return err->code == ERR_INPUT || err->code == ERR_CONFLICT;
}

static void drop(struct batch **b)
{
    if (*b)
        db_rows_end(&(*b)->added);
    TALLOC_FREE(*b);
}

void fetch_drop_held(struct folder *d)
{
    drop(&d->batch);
}

/* ---- in hand */

static struct batch *batch_of(struct folder *d)
{
    if (!d->batch)
        d->batch = talloc_zero(d->f, struct batch);
    if (d->judge && !d->known && !d->batch->early)
        d->batch->early = inbox_early_new(d->batch, d->f->o.inbox, d->f->o.account);
    return d->batch;
}

void fetch_hold(struct folder *d, const struct imap_message *m)
{
    struct batch *b = batch_of(d);
    struct held *h = &b->held[b->nheld++];
    h->uid = m->uid;
    if (!m->bytes) {
        h->why = talloc_strdup(b, m->why ? m->why : "it cannot be fetched");
        return;
    }
    b->m[b->n++] = &h->message;
    h->message.raw = talloc_memdup(b, m->bytes, m->size);
    h->message.len = m->size;
    message_new_read(b, &h->message);
    if (b->early)
        inbox_early_add(b->early, &h->message);
}

/* ---- on its way */

int fetch_batch_begin(struct folder *d, struct err *err)
{
    if (d->sent_batch && fetch_settle(d, err) < 0)
        return -1;
    return d->tx->db ? 0 : db_begin(d->tx, db_of(d), DB_WRITE, err);
}

static int send_places(struct folder *d, struct batch *b, struct err *err)
{
    int64_t uid[FETCH_BATCH];
    const void *identity[FETCH_BATCH];
    const char *why[FETCH_BATCH];
    size_t len[FETCH_BATCH];
    for (size_t i = 0; i < b->nheld; i++) {
        const struct held *h = &b->held[i];
        uid[i] = h->uid;
        identity[i] = h->message.raw ? h->message.identity : NULL;
        len[i] = DIGEST_BYTES;
        why[i] = h->why;
    }
    return db_send(db_of(d), NULL, err, SQL_FETCH_ADD_PLACES, db_int(d->mailbox), db_int(d->uidvalidity),
                   db_ints(b, uid, b->nheld), db_bytes_array(b, identity, len, b->nheld),
                   db_texts(b, why, b->nheld));
}

static int send_batch(struct folder *d, struct batch *b, struct err *err)
{
    if (b->early && inbox_early_judge(b->early, err) < 0)
        return -1;
    if ((b->n && message_send_many(db_of(d), b->m, b->n, &b->added, err) < 0) ||
        (b->nheld && send_places(d, b, err) < 0) ||
        db_send(db_of(d), NULL, err, SQL_FETCH_ADVANCE, db_int(d->mailbox), db_int(d->uidvalidity),
                db_int(b->next_uid)) < 0)
        return -1;
    if (b->early)
        inbox_early_sent(b->early);
    return db_send_commit(d->tx, err);
}

static int lose(struct folder *d, const struct err *why)
{
    d->refused = fetch_is_refusal(why);
    d->lost = true;
    return -1;
}

static bool waits(const struct folder *d)
{
    return d->sent_batch && d->sent_batch->stage != BATCH_SENT;
}

static int step(struct folder *d, struct err *err)
{
    struct batch *b = d->sent_batch;
    int rc = !b->early                  ? send_batch(d, b, err)
             : b->stage == BATCH_HELD   ? inbox_early_look(b->early, err)
             : b->stage == BATCH_LOOKED ? inbox_early_ask(b->early, err)
                                        : send_batch(d, b, err);
    b->stage = b->early ? b->stage + 1 : BATCH_SENT;
    if (rc == 0)
        return 0;
    db_tx_end(d->tx); /* and with it what was sent */
    drop(&d->sent_batch);
    return lose(d, err);
}

int fetch_go_on(struct folder *d, struct err *err)
{
    return waits(d) && db_answers(db_of(d)) ? step(d, err) : 0;
}

bool fetch_store_is_free(const struct folder *d)
{
    return !waits(d) && db_answers(db_of(d));
}

int fetch_commit(struct folder *d, struct err *err)
{
    must(!d->lost);
    if (!d->messages)
        return 0;
    if (fetch_batch_begin(d, err) < 0) {
        drop(&d->batch);
        return lose(d, err);
    }
    d->sent_batch = batch_of(d);
    d->sent_batch->next_uid = d->last_uid + 1;
    d->batch = NULL;
    d->messages = 0;
    d->bytes = 0;
    if (step(d, err) < 0)
        return -1;
    return d->batch_max == 1 ? fetch_settle(d, err) : 0;
}

/* ---- there */

static void count(struct folder *d, struct batch *b)
{
    struct fetch_sum *sum = d->sum;
    size_t added = b->added ? (size_t)db_rows_count(b->added) : 0;
    for (size_t row = 0; row < added; row++) {
        struct message_new *m = b->m[db_get_int(b->added, (int)row, "n") - 1];
        bool parked = m->filing && !strcmp(m->filing->state, "parked");
        m->id = db_get_int(b->added, (int)row, "id");
        sum->parked += parked;
        sum->judged += m->filing && !parked;
        if (parked)
            log_warning("message %lld is parked: %s", (long long)m->id, m->filing->why);
    }
    sum->kept += (long)added;
    sum->known += (long)(b->n - added);
    sum->apart += (long)(b->nheld - b->n);
    d->known = added * 2 < b->n;
}

static int judge_kin(struct folder *d, struct batch *b, struct err *err)
{
    struct inbox_sum judged = {0};
    if (!b->early || d->stopped)
        return 0;
    int rc = inbox_early_judge_kin(b->early, &judged, err);
    d->sum->judged += judged.judged;
    return rc;
}

int fetch_settle(struct folder *d, struct err *err)
{
    while (waits(d))
        if (step(d, err) < 0)
            return -1;
    int rc = db_settle(db_of(d), err);
    if (rc == 0 && d->sent_batch) {
        count(d, d->sent_batch);
        rc = judge_kin(d, d->sent_batch, err);
    }
    drop(&d->sent_batch);
    return rc < 0 ? lose(d, err) : 0;
}
