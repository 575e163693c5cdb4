/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Transactions, and what came of them.
 *
 * The promise is in one moment: a server may have taken a message as soon as its final dot may have reached
 * it, so from the first byte of that dot handed to the system until a reply to it is read, the outcome is
 * unknown.  Any reply settles it; a connection that ends before the dot means that the server cannot have
 * taken anything.  That is why content is written past libetpan's buffer: stream_write tells how many bytes
 * the system took.
 *
 * With PIPELINING the envelope is one write, and the next message's envelope travels behind the dot of this
 * one: one round trip a message.  Replies are counted exactly; after a missing or odd one nothing more of the
 * session is believed.
 */
#include "mail/wire/smtp_low.h"

#define ADDRESS_MAX 254
#define LOCAL_MAX   64
#define ENVID_MAX   100   /* RFC 3461 4.4 */
#define CHUNK_BYTES 65536 /* content beyond this goes in several writes */

/* ---- results */

static void result_begin(struct smtp_result *r, const char *stage)
{
    *r = (struct smtp_result){.outcome = SMTP_OK, .stage = stage};
}

static void result_lost(struct smtp_result *r, enum smtp_outcome outcome, const char *stage,
                        const struct err *err)
{
    result_begin(r, stage);
    r->outcome = outcome;
    r->session_dead = true;
    snprintf(r->text, sizeof r->text, "%.*s", (int)sizeof r->text - 1, err->text);
}

PRINTF(4, 5)
static void result_refuse(struct smtp_result *r, const char *stage, const char *enhanced, const char *fmt,
                          ...)
{
    result_begin(r, stage);
    r->outcome = SMTP_REFUSED;
    r->per_recipient = !strcmp(stage, "RCPT");
    snprintf(r->enhanced, sizeof r->enhanced, "%s", enhanced);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->text, sizeof r->text, fmt, ap);
    va_end(ap);
}

/* Takes over a reply; false when its code has no meaning at this stage, which breaks the session. */
static bool result_judge(struct smtp_result *r, const char *stage, int wanted_class,
                         const struct smtp_reply *reply)
{
    int class = reply->code / 100;
    result_begin(r, stage);
    r->code = reply->code;
    memcpy(r->enhanced, reply->enhanced, sizeof r->enhanced);
    memcpy(r->text, reply->text, sizeof r->text);
    r->session_dead = reply->code == 421;
    r->per_recipient = (!strcmp(stage, "RCPT") || !strcmp(stage, "content")) && !r->session_dead;
    r->outcome = class == wanted_class ? SMTP_OK : class == 4 ? SMTP_DEFERRED : SMTP_REFUSED;
    return class == wanted_class || class == 4 || class == 5;
}

/* ---- addresses and the envelope's commands */

static bool is_ascii(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s >= 0x80)
            return false;
    return true;
}

/* No more than what keeps a command a command; whether an address is a good one is decided where it comes in.
 */
bool smtp_address_is_safe(const char *address)
{
    size_t len = strlen(address);
    const char *at = strrchr(address, '@');
    if (!at || at == address || !at[1] || len > ADDRESS_MAX || at - address > LOCAL_MAX)
        return false;
    for (const char *s = address; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '<' || *s == '>')
            return false;
    return true;
}

/* What we do not send: r says why. */
static bool envelope_is_fine(const struct smtp *smtp, const struct smtp_envelope *e, struct smtp_result *r)
{
    if (*e->from && !smtp_address_is_safe(e->from))
        result_refuse(r, "MAIL", "5.1.7", "the sender's address cannot be sent");
    else if (!smtp_address_is_safe(e->to))
        result_refuse(r, "RCPT", "5.1.3", "the address cannot be sent");
    else if (!is_ascii(e->from) && !smtp->can.utf8)
        result_refuse(r, "MAIL", "5.6.7",
                      "the sender's address needs SMTPUTF8, which the server does not offer");
    else if (!is_ascii(e->to) && !smtp->can.utf8)
        result_refuse(r, "RCPT", "5.6.7", "the address needs SMTPUTF8, which the server does not offer");
    else if (smtp->can.size_max && e->size > smtp->can.size_max)
        result_refuse(r, "MAIL", "5.3.4", "%zu bytes, the server takes %zu", e->size, smtp->can.size_max);
    else
        return true;
    return false;
}

/* RFC 3461 4: printable ASCII but for '+' and '=', the rest as +HH. */
static void put_xtext(struct text *out, const char *s, size_t max)
{
    for (; *s && max > 0; s++, max--)
        if (*s > ' ' && *s < 0x7f && *s != '+' && *s != '=')
            text_putc(out, *s);
        else
            text_printf(out, "+%02X", (unsigned char)*s);
}

static void put_mail(const struct smtp *smtp, struct text *out, const struct smtp_envelope *e)
{
    text_printf(out, "MAIL FROM:<%s>", e->from);
    if (smtp->can.size && e->size)
        text_printf(out, " SIZE=%zu", e->size);
    if (smtp->can.mime8)
        text_puts(out, " BODY=8BITMIME");
    if (!is_ascii(e->from) || !is_ascii(e->to))
        text_puts(out, " SMTPUTF8");
    if (smtp->can.dsn) {
        text_puts(out, " RET=HDRS");
        if (e->envid && *e->envid) {
            text_puts(out, " ENVID=");
            put_xtext(out, e->envid, ENVID_MAX);
        }
    }
    text_puts(out, "\r\n");
}

static void put_rcpt(const struct smtp *smtp, struct text *out, const struct smtp_envelope *e)
{
    text_printf(out, "RCPT TO:<%s>", e->to);
    if (smtp->can.dsn) {
        text_puts(out, " NOTIFY=FAILURE,DELAY");
        if (is_ascii(e->to)) { /* the utf-8 type of RFC 6533 is known to few */
            text_puts(out, " ORCPT=rfc822;");
            put_xtext(out, e->to, ADDRESS_MAX);
        }
    }
    text_puts(out, "\r\n");
}

/* Whether the journal gets its copy, nobody is told (RFC 3461 4.1). */
static void put_journal(const struct smtp *smtp, struct text *out, const struct smtp_envelope *e)
{
    text_printf(out, "RCPT TO:<%s>%s\r\n", e->journal, smtp->can.dsn ? " NOTIFY=NEVER" : "");
}

static void put_data(const struct smtp *smtp, struct text *out, const struct smtp_envelope *e)
{
    (void)smtp, (void)e;
    text_puts(out, "DATA\r\n");
}

static void put_rset(const struct smtp *smtp, struct text *out, const struct smtp_envelope *e)
{
    (void)smtp, (void)e;
    text_puts(out, "RSET\r\n");
}

static const struct step {
    const char *stage;
    int wanted_class;
    void (*put)(const struct smtp *smtp, struct text *out, const struct smtp_envelope *e);
} steps[] = {
    {"RSET", 2, put_rset}, /* only where a transaction is left over */
    {"MAIL", 2, put_mail}, {"RCPT", 2, put_rcpt}, {"RCPT", 2, put_journal}, /* only where there is one */
    {"DATA", 3, put_data},
};
enum { STEP_RSET, STEP_MAIL, STEP_RCPT, STEP_JOURNAL, STEP_DATA };

static size_t first_step(const struct smtp *smtp)
{
    return smtp->state == SMTP_STALE ? STEP_RSET : STEP_MAIL;
}

static void put_envelope(struct smtp *smtp, size_t first, const struct smtp_envelope *e)
{
    for (size_t i = first; i < ARRAY_LEN(steps); i++)
        if (i != STEP_JOURNAL || e->journal)
            steps[i].put(smtp, &smtp->out, e);
}

static int write_out(struct smtp *smtp, size_t *handed_r, struct err *err)
{
    /* The slowest peer worth waiting for takes 1 KB a second. */
    stream_limit(smtp->stream, smtp->timeout_s, smtp->timeout_s + (int)(smtp->out.len / 1024), 0);
    int rc = stream_write(smtp->stream, smtp->out.s, smtp->out.len, handed_r, err);
    smtp->out.len = 0;
    return rc;
}

/* ---- the envelope */

/* 354 although the sender or the recipient was refused: an empty message to nobody, whatever the server says
 * to it. */
static void end_empty(struct smtp *smtp)
{
    struct smtp_reply reply;
    struct err err = {0};
    text_puts(&smtp->out, ".\r\n");
    if (write_out(smtp, NULL, &err) < 0 ||
        smtp_read_reply(smtp->stream, smtp->final_dot_s, &reply, NULL, &err) < 0 || reply.code == 421)
        smtp_drop(smtp);
}

/* One command's reply (and, without pipelining, the command): false when the session is over. */
static bool step_take(struct smtp *smtp, const struct step *step, const struct smtp_envelope *e, bool said,
                      struct smtp_result *r)
{
    struct smtp_reply reply;
    struct err err = {0};
    if (!said)
        step->put(smtp, &smtp->out, e);
    if ((!said && write_out(smtp, NULL, &err) < 0) ||
        smtp_read_reply(smtp->stream, smtp->timeout_s, &reply, NULL, &err) < 0) {
        result_lost(r, SMTP_LOST, step->stage, &err);
        return false;
    }
    if (!result_judge(r, step->stage, step->wanted_class, &reply) ||
        (r->outcome != SMTP_OK && step == steps)) {
        r->outcome = SMTP_LOST;
        r->session_dead = true;
    }
    return !r->session_dead;
}

/* The journal's reply decides on nothing, unless the session ends with it. */
static void judge_journal(struct smtp *smtp, bool alive, enum smtp_outcome so_far, struct smtp_result *r)
{
    smtp->journal_taken = alive && r->outcome == SMTP_OK;
    if (!alive)
        r->outcome = SMTP_LOST;
    else if (r->outcome != SMTP_OK && so_far == SMTP_OK)
        snprintf(smtp->journal_words, sizeof smtp->journal_words, "%d %s", r->code, r->text);
    if (alive)
        r->outcome = SMTP_OK;
}

/* The replies to DATA and to what was before it are read: what follows. now: the last of them. */
static void stand(struct smtp *smtp, const struct smtp_result *now, struct smtp_result *r)
{
    if (smtp->stream && r->outcome == SMTP_OK) {
        smtp->state = SMTP_CONTENT;
    } else if (smtp->stream && now->outcome == SMTP_OK) { /* a 354 that we cannot use */
        smtp->state = SMTP_READY;
        if (smtp->journal_taken)
            smtp_drop(smtp); /* it would get an empty letter */
        else
            end_empty(smtp);
    }
    r->session_dead = !smtp->stream;
}

/* Reads the envelope's replies; the first that is not welcome is the result. said: the commands have been
 * written; else they are to be, one by one. */
static void take_envelope(struct smtp *smtp, size_t first, const struct smtp_envelope *e, bool said,
                          struct smtp_result *r)
{
    struct smtp_result now;
    result_begin(r, steps[first].stage);
    smtp->journal_taken = false;
    for (size_t i = first; i < ARRAY_LEN(steps); i++) {
        if (i == STEP_JOURNAL && !e->journal)
            continue;
        bool alive = step_take(smtp, &steps[i], e, said, &now);
        if (i == STEP_JOURNAL)
            judge_journal(smtp, alive, r->outcome, &now);
        if (r->outcome == SMTP_OK)
            *r = now;
        if (!alive) {
            smtp_drop(smtp);
            break;
        }
        smtp->state = SMTP_STALE;
        if (!said && r->outcome != SMTP_OK)
            return;
    }
    stand(smtp, &now, r);
}

static bool is_over(struct smtp *smtp, struct smtp_result *r)
{
    if (smtp->stream)
        return false;
    result_lost(r, SMTP_LOST, "connect", &(struct err){.text = "the session is over"});
    return true;
}

void smtp_envelope(struct smtp *smtp, const struct smtp_envelope *envelope, struct smtp_result *result_r)
{
    must(smtp->state != SMTP_CONTENT);
    if (is_over(smtp, result_r) || !envelope_is_fine(smtp, envelope, result_r))
        return;
    size_t first = first_step(smtp);
    if (!smtp->can.pipelining) {
        take_envelope(smtp, first, envelope, false, result_r);
        return;
    }
    struct err err = {0};
    put_envelope(smtp, first, envelope);
    if (write_out(smtp, NULL, &err) < 0) {
        result_lost(result_r, SMTP_LOST, steps[first].stage, &err);
        smtp_drop(smtp);
        return;
    }
    take_envelope(smtp, first, envelope, true, result_r);
}

/* ---- content */

/* CRLF and nothing else ends lines: a lone CR or LF is what message smuggling is made of. */
static bool is_canonical(const char *content, size_t len)
{
    const char *end = content + len, *cr = content, *lf = content;
    for (;;) {
        cr = memchr(cr, '\r', (size_t)(end - cr));
        lf = memchr(lf, '\n', (size_t)(end - lf));
        if (!cr && !lf)
            return true;
        if (!cr || lf != cr + 1)
            return false;
        cr = lf = lf + 1;
    }
}

/* The first dot of [p, end) that begins a line; end: none. */
static const char *line_dot(const char *content, const char *p, const char *end)
{
    for (; (p = memchr(p, '.', (size_t)(end - p))); p++)
        if (p == content || p[-1] == '\n')
            return p;
    return end;
}

/* Appends content from *at on, dot-stuffed, until `max` bytes of output or the end of it. */
static void put_stuffed(struct text *out, const char *content, size_t len, size_t *at, size_t max)
{
    while (*at < len && out->len < max) {
        const char *here = content + *at;
        size_t left = len - *at < CHUNK_BYTES ? len - *at : CHUNK_BYTES;
        size_t take = (size_t)(line_dot(content, here + 1, here + left) - here);
        if (line_dot(content, here, here + 1) == here)
            text_putc(out, '.');
        text_add(out, here, take);
        *at += take;
    }
}

/* Writes content, dot and the next envelope. 1 when (some of) the dot was handed over, whether the rest was
 * or not; 0 when it was not, with err. */
static int write_content(struct smtp *smtp, const char *content, size_t len, const struct smtp_envelope *next,
                         struct err *err)
{
    size_t at = 0, handed;
    for (;;) {
        put_stuffed(&smtp->out, content, len, &at, CHUNK_BYTES);
        if (at == len)
            break;
        if (write_out(smtp, NULL, err) < 0)
            return 0;
    }
    if (len && content[len - 1] != '\n')
        text_puts(&smtp->out, "\r\n");
    size_t dot = smtp->out.len;
    text_puts(&smtp->out, ".\r\n");
    if (next)
        put_envelope(smtp, STEP_MAIL, next);
    return write_out(smtp, &handed, err) == 0 || handed > dot;
}

/* The reply to content. dotted: the dot was handed over, so only a reply can tell what happened. */
static void take_content(struct smtp *smtp, bool dotted, const struct err *why, struct smtp_result *r)
{
    struct smtp_reply reply;
    struct err err = {0};
    /* Who closes before the dot may have said why. */
    int rc = smtp_read_reply(smtp->stream, dotted ? smtp->final_dot_s : 1, &reply, NULL, &err);
    bool settled = rc == 0 && result_judge(r, "content", 2, &reply) && (dotted || r->outcome != SMTP_OK);
    if (!settled) {
        if (rc == 0)
            err_set(&err, ERR_AWAY, "the server's answer to content makes no sense: %d %s", reply.code,
                    reply.text);
        result_lost(r, dotted ? SMTP_UNKNOWN : SMTP_LOST, "content", dotted ? &err : why);
    }
    smtp->state = SMTP_READY;
    if (!dotted || r->session_dead)
        smtp_drop(smtp);
    r->session_dead = !smtp->stream;
}

static bool content_can_go(struct smtp *smtp, const char *content, size_t len, struct smtp_result *r)
{
    if (is_over(smtp, r))
        return false;
    must(smtp->state == SMTP_CONTENT);
    if (!is_canonical(content, len)) {
        result_refuse(r, "content", "5.6.0", "content with a line end that is not CRLF");
    } else if (stream_can_read(smtp->stream)) {
        result_lost(r, SMTP_LOST, "content", &(struct err){.text = "the server answers what was not asked"});
    } else {
        return true;
    }
    smtp_abandon(smtp);
    r->session_dead = true;
    return false;
}

void smtp_content(struct smtp *smtp, const char *content, size_t len, struct smtp_result *result_r,
                  const struct smtp_envelope *next, struct smtp_result *next_r)
{
    bool next_fine = next && smtp->stream && envelope_is_fine(smtp, next, next_r);
    bool together = next_fine && smtp->can.pipelining;
    if (content_can_go(smtp, content, len, result_r)) {
        struct err err = {0};
        bool dotted = write_content(smtp, content, len, together ? next : NULL, &err);
        take_content(smtp, dotted, &err, result_r);
    }
    if (next && is_over(smtp, next_r))
        return;
    if (together)
        take_envelope(smtp, STEP_MAIL, next, true, next_r);
    else if (next_fine)
        smtp_envelope(smtp, next, next_r);
}

/* ---- the end */

void smtp_abandon(struct smtp *smtp)
{
    smtp_drop(smtp);
    smtp->state = SMTP_READY;
}

void smtp_close(struct smtp *smtp)
{
    if (!smtp)
        return;
    if (smtp->stream && smtp->state != SMTP_CONTENT) { /* there QUIT would be content */
        struct smtp_reply reply;
        struct err ignored = {0};
        stream_limit(smtp->stream, 1, 1, 0);
        if (stream_write(smtp->stream, "QUIT\r\n", 6, NULL, &ignored) == 0)
            (void)!smtp_read_reply(smtp->stream, 1, &reply, NULL, &ignored);
    }
    talloc_free(smtp);
}

const char *smtp_journal_refused(const struct smtp *smtp)
{
    return *smtp->journal_words ? smtp->journal_words : NULL;
}

const char *smtp_server(const struct smtp *smtp)
{
    return smtp->server;
}

const char *smtp_tls(const struct smtp *smtp)
{
    return smtp->stream ? stream_tls_version(smtp->stream) : NULL;
}
