/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A connection to the mail server.  It takes rows in chunks, half an in-doubt window each, makes their
 * letters or has had them made, and goes from turn to turn:
 *
 *     window 1     envelope(1) | commit {submitting 1} | content(1)+envelope(2) | commit {outcome 1,
 *                  submitting 2} | content(2)+...
 *     window 2c    commit {submitting 1..c} | commit {submitting c+1..2c} while 1..c are sent | commit
 *                  {outcomes of 1..c, submitting 2c+1..3c} while c+1..2c are sent | ...
 *
 * so that no more than a window of its rows is `submitting` at any time.  No byte of a letter's content is
 * sent before its `submitting` is durable.  A letter that is submitted, and of whose content nothing was sent
 * after all (the mailing is paused, the process is to end, it was frozen for longer than its lease), is
 * deferred, to be tried again at once.
 */
#include "base/log.h"
#include "mail/deliver_chunk.h"
#include "mail/envelope.h"

enum {
    HANDS = 4,         /* chunks that are through, at most, until they are handed over */
    SESSION_TRIES = 3, /* sessions in a row that die before any content */
    WAIT_MS = 500,     /* for rows */
    IDLE_WAITS = 10,
};

struct sender {
    struct deliver *d;
    void *mem; /* of the thread */
    struct composer_desk *desk;
    struct smtp *smtp;
    long in_session;   /* messages */
    int dead_sessions; /* in a row */
    /* the envelope that was said last, and no content behind it yet */
    const struct letter *standing;
    struct smtp_result envelope;
    int64_t left; /* this mailing is to be paused: no more of it now */
    const char *left_why;
    struct chunk *next, *current, *sent[HANDS], *settling[HANDS];
    size_t nsent, nsettling;
    bool ended; /* the feed */
    struct ledger_step step;
    const struct outbox_outcome *outcome[HANDS * CHUNK_MAX];
    const struct outbox_row *back[HANDS * CHUNK_MAX], *aside[HANDS * CHUNK_MAX];
    struct outbox_letter *submit[CHUNK_MAX];
};

static bool stopping(const struct sender *s)
{
    return deliver_stopping(s->d);
}

static bool paced(const struct sender *s)
{
    return deliver_paced(s->d);
}

/* ---- outcomes */

/* l->result becomes the outcome. */
static void settle(struct sender *s, struct chunk *c, struct letter *l)
{
    l->fate = HAS_OUTCOME;
    l->outcome = deliver_outcome(s->d, &l->row, &l->result);
    if (s->smtp)
        l->outcome.server = talloc_strdup(c->mem, smtp_server(s->smtp));
}

/* Nothing of the letter's content was sent, nor will be now. */
static void give_up(struct letter *l)
{
    if (l->fate != TO_BE_SENT)
        return;
    l->fate = GOES_BACK;
    if (!l->out.submitted)
        return;
    l->fate = HAS_OUTCOME;
    l->outcome = (struct outbox_outcome){.row = &l->row,
                                         .state = "deferred",
                                         .attempt = "lost",
                                         .stage = "connect",
                                         .text = "its turn did not come"};
}

static void leave_if_ours(struct sender *s, struct chunk *c, const struct letter *l,
                          const struct smtp_result *r)
{
    if (!deliver_is_ours(s->d, r))
        return;
    s->left = l->row.mailing_id;
    s->left_why = deliver_why(c->mem, s->d, r);
    log_error("mailing %lld is paused: our own server at %s: %d %s", (long long)s->left, r->stage, r->code,
              s->left_why);
}

/* ---- sessions */

static void session_end(struct sender *s)
{
    if (s->smtp)
        smtp_close(s->smtp);
    s->smtp = NULL;
    s->standing = NULL;
    s->in_session = 0;
}

/* An envelope stands that gets no content: there is no other way than to end the session. */
static void abandon(struct sender *s)
{
    if (s->smtp && s->standing && s->envelope.outcome == SMTP_OK)
        smtp_abandon(s->smtp);
    session_end(s);
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
        .token_file = a->token_file,
        .mechanism = a->mechanism,
        .helo = a->helo ? a->helo : s->d->o->conf->office.domain,
    };
    if (smtp_open(s->mem, s->d->tls, &options, &s->smtp, err) < 0)
        return err_context(err, "[smtp %s] %s:%s", a->name, a->host, a->port);
    deliver_saw_server(s->d, s->smtp);
    return 0;
}

/* ---- chunks */

static struct letter *first_to_be_sent(struct chunk *c, size_t from)
{
    for (size_t i = from; c && i < c->n; i++)
        if (c->letter[i].fate == TO_BE_SENT)
            return &c->letter[i];
    return NULL;
}

static void pass_over(struct sender *s, struct letter *l)
{
    if (s->standing == l)
        abandon(s);
    give_up(l);
}

/* The chunk is through, but for the ledger. */
static void put_through(struct sender *s, struct chunk **c)
{
    if (!*c)
        return;
    for (size_t i = 0; i < (*c)->n; i++)
        give_up(&(*c)->letter[i]);
    must(s->nsent < HANDS);
    s->sent[s->nsent++] = *c;
    *c = NULL;
}

/* ---- the ledger */

/* What became of the letters that are through, and which are to be submitted. */
static void hand_over(struct sender *s)
{
    struct ledger_step *step = &s->step;
    *step =
        (struct ledger_step){.outcome = s->outcome, .letter = s->submit, .back = s->back, .aside = s->aside};
    for (size_t k = 0; k < s->nsent; k++)
        for (size_t i = 0; i < s->sent[k]->n; i++) {
            struct letter *l = &s->sent[k]->letter[i];
            if (l->fate == HAS_OUTCOME)
                s->outcome[step->noutcome++] = &l->outcome;
            else if (l->fate == GOES_BACK)
                s->back[step->nback++] = &l->row;
            else
                s->aside[step->naside++] = &l->row;
        }
    for (size_t i = 0; s->next && i < s->next->n; i++) {
        struct letter *l = &s->next->letter[i];
        if (l->fate == TO_BE_SENT && s->left == l->row.mailing_id)
            pass_over(s, l);
        if (l->fate == TO_BE_SENT)
            s->submit[step->nletter++] = &l->out;
    }
    step->pause = s->left;
    step->pause_reason = s->left_why;
    memcpy(s->settling, s->sent, sizeof s->settling);
    s->nsettling = s->nsent;
    s->nsent = 0;
    ledger_begin(s->d->ledger, step);
}

/* The store does not take the letter, and would not the next time: a person looks at it.  Or the mailing is
 * paused or cancelled, or somebody decided on the recipient: not a byte of content. */
static void drop(struct sender *s, struct chunk *c, struct letter *l)
{
    if (s->standing == l)
        abandon(s);
    l->fate = GOES_BACK;
    if (!l->out.refused)
        return;
    l->fate = SET_ASIDE;
    l->row.aside = "held";
    l->row.reason = talloc_strdup(c->mem, l->out.refused);
    log_error("mailing %lld: recipient %lld is held: %s", (long long)l->row.mailing_id, (long long)l->row.id,
              l->out.refused);
}

/* Until what was handed over is durable. */
static int written(struct sender *s, struct err *err)
{
    int rc = ledger_wait(&s->step, err);
    if (rc < 0)
        return -1;
    if (s->step.pause)
        s->left = 0;
    for (size_t k = 0; k < s->nsettling; k++)
        chunk_release(s->d, s->settling[k]);
    s->nsettling = 0;
    for (size_t i = 0; s->current && i < s->current->n; i++) {
        struct letter *l = &s->current->letter[i];
        if (l->fate == TO_BE_SENT && !l->out.submitted)
            drop(s, s->current, l);
    }
    return 0;
}

/* ---- sending */

/* The envelope of a letter failed, so nothing of its content was sent: 1 it is tried again in another
 * session, 0 that was its turn. */
static int envelope_failed(struct sender *s, struct chunk *c, struct letter *l, struct err *err)
{
    const struct smtp_result *r = &s->envelope;
    leave_if_ours(s, c, l, r);
    bool lost = r->outcome == SMTP_LOST || (r->session_dead && !r->per_recipient);
    if (s->left == l->row.mailing_id) {
        give_up(l);
    } else if (!lost) {
        l->result = *r;
        settle(s, c, l);
    } else if (++s->dead_sessions >= SESSION_TRIES) {
        return err_set(err, ERR_AWAY, "[smtp %s] the server ends the session at %s: %s",
                       s->d->o->account->name, r->stage, r->text);
    }
    if (r->session_dead || lost)
        session_end(s);
    return l->fate == TO_BE_SENT;
}

/* 1 the letter's envelope stands, 0 it failed or its turn did not come, -1 no session can be had. */
static int say_envelope(struct sender *s, struct chunk *c, struct letter *l, struct err *err)
{
    for (;;) {
        if (s->standing != l) {
            pace_wait(&s->d->pace, deliver_stopping, s->d);
            if (stopping(s) && !l->out.submitted)
                return give_up(l), 0;
            if (session_begin(s, err) < 0)
                return -1;
            smtp_envelope(s->smtp, &l->envelope, &s->envelope);
        }
        deliver_look_at_journal(s->d, s->smtp);
        s->standing = NULL;
        if (s->envelope.outcome == SMTP_OK) {
            s->standing = l;
            return 1;
        }
        int rc = envelope_failed(s, c, l, err);
        if (rc <= 0)
            return rc;
    }
}

/* The letter whose envelope may travel behind this one's content. */
static const struct letter *behind(struct sender *s, size_t i)
{
    const struct letter *next = first_to_be_sent(s->current, i + 1);
    int most = s->d->o->account->per_session;
    if (paced(s) || stopping(s) || (most && s->in_session + 1 >= most))
        return NULL;
    return next ? next : first_to_be_sent(s->next, 0);
}

static void say_content(struct sender *s, size_t i)
{
    struct chunk *c = s->current;
    struct letter *l = &c->letter[i];
    const struct letter *next = behind(s, i);
    smtp_content(s->smtp, l->content.raw, l->content.len, &l->result, next ? &next->envelope : NULL,
                 &s->envelope);
    s->standing = next;
    s->dead_sessions = 0;
    s->in_session++;
    settle(s, c, l);
    leave_if_ours(s, c, l, &l->result);
    int most = s->d->o->account->per_session;
    if (!next && (l->result.session_dead || (most && s->in_session >= most)))
        session_end(s);
}

/* The chunk that is submitted.  What is in hand when the process is to end is sent still; of a window only
 * that. */
static int send_current(struct sender *s, struct err *err)
{
    struct chunk *c = s->current;
    for (size_t i = 0; c && i < c->n; i++) {
        struct letter *l = &c->letter[i];
        if (l->fate != TO_BE_SENT)
            continue;
        if (s->left == l->row.mailing_id || (stopping(s) && c->window > 1)) {
            pass_over(s, l);
            continue;
        }
        int rc = say_envelope(s, c, l, err);
        if (rc < 0)
            return -1;
        if (rc && deliver_lapsed(s->d))
            pass_over(s, l);
        else if (rc)
            say_content(s, i);
    }
    return 0;
}

/* The envelope of the first of the next chunk, before it is submitted: who is refused there never is. */
static int stand_next(struct sender *s, struct err *err)
{
    struct letter *l;
    while ((l = first_to_be_sent(s->next, 0))) {
        int rc = s->left == l->row.mailing_id ? (pass_over(s, l), 0) : say_envelope(s, s->next, l, err);
        if (rc)
            return rc;
    }
    return 0;
}

/* One turn of the wheel. */
static int turn(struct sender *s, struct err *err)
{
    bool ahead =
        s->next && s->next->window > 1 && (!s->current || s->current->window > 1) && !paced(s) && !s->left;
    if (ahead && session_begin(s, err) < 0)
        return -1;
    if (ahead)
        hand_over(s);
    int rc = send_current(s, err);
    put_through(s, &s->current);
    if (!ahead) {
        if (rc < 0 || stand_next(s, err) < 0)
            return -1;
        hand_over(s);
    }
    s->current = s->next;
    s->next =
        rc < 0 || stopping(s) || paced(s) || !s->current ? NULL : chunk_take(s->d, s->desk, 0, &s->ended);
    struct err second;
    return written(s, rc < 0 ? &second : err) < 0 || rc < 0 ? -1 : 0;
}

/* What is in hand goes back or is deferred, and what is known is written down. */
static int put_down(struct sender *s, struct err *err)
{
    abandon(s);
    put_through(s, &s->current);
    put_through(s, &s->next);
    if (!s->nsent)
        return 0;
    hand_over(s);
    return written(s, err);
}

static int send_all(struct sender *s, struct err *err)
{
    for (int idle = 0; !stopping(s) || s->current;) {
        bool empty = !s->current && !s->nsent;
        if (stopping(s))
            put_through(s, &s->next);
        else if (!s->next && (empty || !paced(s)))
            s->next = chunk_take(s->d, s->desk, empty ? WAIT_MS : 0, &s->ended);
        if (s->next || !empty) {
            idle = 0;
            if (turn(s, err) < 0)
                return -1;
        } else if (s->ended) {
            return 0;
        } else if (++idle == IDLE_WAITS) {
            session_end(s); /* it would only time out */
        }
    }
    return 0;
}

void *sender_main(void *arg)
{
    struct deliver *d = arg;
    struct err err = {0}, second = {0};
    struct sender *s = talloc_zero(NULL, struct sender);
    s->d = d;
    s->mem = s;
    s->desk = composer_desk_new(s);
    if (send_all(s, &err) < 0)
        deliver_failed(d, &err);
    if (put_down(s, &second) < 0)
        deliver_failed(d, &second);
    session_end(s);
    talloc_free(s);
    atomic_fetch_sub(&d->running, 1);
    sem_post(&d->ends);
    return NULL;
}
