/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is served over one line: one frame in, one frame out (for a batch of messages: one for a few of them,
 * then one that says whether there is more; for a wait when it ends).  It holds no secret but the mailbox's
 * password, and ends with its line.
 *
 * A batch that breaks the session (libetpan's parser gives up on what some servers send, and cannot find its
 * step again) is tried again on a new connection with half as many messages, down to one: that one is told as
 * unfetchable, with the reason, and the next batches grow again.
 */
#include "mail/wire/imap_worker_low.h"

#include <sys/resource.h>

#include "base/descriptor.h"

#define REQUEST_MAX    65536
#define REQUEST_S      10 /* for one that has begun */
#define BAD_IN_A_ROW   5  /* single messages, after which it is the server that is unwell */
#define MEMORY_AT_REST (512u << 20)
#define TOGETHER_BYTES 65536 /* of messages in one frame */

void worker_tell(struct worker *w, json_t *head, const char *bytes, size_t len)
{
    struct err err = {0};
    if (imap_frame_send(w->line, -1, head, bytes, len, &err) < 0)
        w->parent_gone = true;
}

void worker_tell_error(struct worker *w, const struct err *err)
{
    json_t *head = json_pack("{s:s, s:i}", "error", err->text, "code", (int)err->code);
    /* A server's words need not be UTF-8. */
    worker_tell(w,
                head ? head : json_pack("{s:s, s:i}", "error", "the server refuses", "code", (int)err->code),
                "", 0);
}

/* One without its bytes. */
static void tell_message(struct worker *w, const struct imap_message *m, const char *why)
{
    json_t *words = json_string(why);
    worker_tell(w,
                json_pack("{s:I, s:I, s:o}", "uid", (json_int_t)m->uid, "size", (json_int_t)m->size, "why",
                          words ? words : json_string("the server's answer makes no sense")),
                "", 0);
}

/* Its file's descriptor goes behind it. */
static void tell_spooled(struct worker *w, const struct imap_message *m, const struct spool *spool)
{
    struct err err;
    if (spool_size(spool) == 0) {
        tell_message(w, m, "the server gives no content");
        return;
    }
    worker_tell(w, json_pack("{s:I, s:b}", "uid", (json_int_t)m->uid, "spooled", true), "", 0);
    if (!w->parent_gone && descriptor_send(w->line, spool_fd(spool), &err) < 0)
        w->parent_gone = true;
}

/* ---- the session */

void worker_drop_session(struct worker *w)
{
    imap_session_close(w->session);
    w->session = NULL;
}

/* A session in the folder that was examined last. */
int worker_need_session(struct worker *w, struct err *err)
{
    struct imap_folder folder;
    if (w->session)
        return 0;
    if (imap_session_open(w->mem, w->tls, &w->options, &w->session, err) < 0)
        return -1;
    if (!w->folder)
        return 0;
    if (imap_session_examine(w->session, w->folder, &folder, err) == 0) {
        w->stale = true;
        if (folder.uidvalidity == w->uidvalidity)
            return 0;
        err_set(err, ERR_AGAIN, "UIDVALIDITY has changed");
    }
    worker_drop_session(w);
    return -1;
}

/* ---- a batch */

struct batch {
    struct worker *w;
    struct imap_message known[IMAP_BATCH]; /* what the sizes' fetch told, by place in uids */
    size_t n;
    size_t asked[IMAP_BATCH], nasked; /* places of those whose bodies are fetched together */
    size_t told;                      /* of asked */
    bool out_of_order;
    struct text together; /* what is told with the next ones */
};

static void tell_together(struct batch *b)
{
    if (b->together.len)
        worker_tell(b->w, json_pack("{s:b}", "messages", true), b->together.s, b->together.len);
    b->together.len = 0;
}

static void add_to_frame(struct batch *b, const struct imap_message *m)
{
    const struct imap_told told = {m->uid, (uint32_t)m->size};
    if (b->together.len + m->size > TOGETHER_BYTES)
        tell_together(b);
    text_add(&b->together, (const char *)&told, sizeof told);
    text_add(&b->together, m->bytes, m->size);
    text_putc(&b->together, 0);
}

/* A message on its way into a file. */
struct pouring {
    struct worker *w;
    struct spool *spool;
    size_t told;
};

static int take_piece(void *context, const char *bytes, size_t len, struct err *err)
{
    struct pouring *p = context;
    size_t size = spool_size(p->spool) + len;
    if (size > p->w->options.max_message_bytes)
        return err_set(err, ERR_AWAY, "larger than it was announced");
    if (size / SPOOL_ABOVE > p->told) {
        p->told = size / SPOOL_ABOVE;
        worker_tell(p->w, json_pack("{s:b}", "still_at_it", true), "", 0);
    }
    return spool_add(p->spool, bytes, len, err);
}

static int fetch_large(struct worker *w, const struct imap_message *m, struct err *err)
{
    MEM_SCOPE(mem);
    struct pouring p = {.w = w};
    if (spool_new(mem, w->spool_folder, &p.spool, err) < 0)
        return -1;
    int rc = imap_session_pour(w->session, m, take_piece, &p, err);
    if (rc > 0)
        tell_spooled(w, m, p.spool);
    return rc < 0 ? -1 : 0;
}

static void take_size(void *context, const struct imap_message *m)
{
    struct batch *b = context;
    for (size_t i = 0; i < b->n; i++)
        if (b->w->uids[b->w->at + i] == m->uid && m->size != IMAP_SIZE_UNKNOWN)
            b->known[i] = *m;
}

static void take_body(void *context, const struct imap_message *m)
{
    struct batch *b = context;
    if (m->size == IMAP_SIZE_UNKNOWN || b->out_of_order) /* news of flags */
        return;
    size_t i = b->told;
    while (i < b->nasked && b->known[b->asked[i]].uid != m->uid)
        i++;
    if (i == b->nasked) {
        b->out_of_order = true;
        return;
    }
    b->told = i + 1;
    bool large = m->size > b->w->options.max_message_bytes;
    if (m->bytes && !large) {
        add_to_frame(b, m);
        return;
    }
    tell_together(b);
    tell_message(b->w, m, m->bytes ? "larger than it was announced" : "the server gives no content");
}

/* Fetches what has been gathered in b->asked; on success none of them is left. */
static int fetch_bodies(struct batch *b, size_t bytes, struct err *err)
{
    uint32_t uids[IMAP_BATCH];
    b->told = 0;
    b->out_of_order = false;
    for (size_t i = 0; i < b->nasked; i++)
        uids[i] = b->known[b->asked[i]].uid;
    int rc = imap_session_fetch(b->w->session, uids, b->nasked, true, bytes, take_body, b, err);
    tell_together(b);
    if (rc < 0)
        return -1;
    if (b->out_of_order)
        return err_set(err, ERR_AWAY, "the server tells of messages in no order");
    b->nasked = 0;
    return 0;
}

/* The messages from w->at on, in order: fetched together up to a size, large ones alone, those too large told
 * without their bytes. Ones that are gone meanwhile are left out. *done_r is how many are dealt with, on
 * failure too. */
static int fetch_batch(struct batch *b, size_t *done_r, struct err *err)
{
    struct worker *w = b->w;
    size_t bytes = 0;
    *done_r = 0;
    if (imap_session_fetch(w->session, w->uids + w->at, b->n, false, b->n * 1024, take_size, b, err) < 0)
        return -1;
    for (size_t i = 0; i <= b->n; i++) {
        const struct imap_message *m = i < b->n ? &b->known[i] : NULL;
        bool too_large = m && m->size > w->options.max_message_bytes;
        bool alone = too_large || (m && m->size > SPOOL_ABOVE);
        if (b->nasked && (!m || alone || bytes + m->size > IMAP_BATCH_BYTES)) {
            if (fetch_bodies(b, bytes, err) < 0) {
                *done_r = b->told ? b->asked[b->told - 1] + 1 : b->asked[0];
                return -1;
            }
            *done_r = i;
            bytes = 0;
        }
        if (too_large) {
            tell_message(w, m, "larger than the limit");
            *done_r = i + 1;
        } else if (alone) {
            if (fetch_large(w, m, err) < 0)
                return -1;
            *done_r = i + 1;
        } else if (m && m->uid) {
            b->asked[b->nasked++] = i;
            bytes += m->size;
        }
    }
    *done_r = b->n;
    return 0;
}

/* After a broken batch: how to go on. -1: not at all. */
static int after_failure(struct worker *w, size_t tried, struct err *err)
{
    worker_drop_session(w);
    w->batch = 1;
    if (tried > 1 || !w->again) {
        w->again = tried == 1;
        return 0;
    }
    w->again = false;
    if (++w->bad_in_a_row >= BAD_IN_A_ROW)
        return err_context(err, "%d messages in a row cannot be fetched", w->bad_in_a_row);
    tell_message(w, &(struct imap_message){.uid = w->uids[w->at]}, err->text);
    w->at++;
    return 0;
}

static int do_batch_once(struct worker *w, struct err *err)
{
    MEM_SCOPE(mem);
    struct batch *b = talloc_zero(mem, struct batch);
    b->together = text_for(b, TOGETHER_BYTES);
    size_t done;
    b->w = w;
    b->n = w->nuids - w->at < w->batch ? w->nuids - w->at : w->batch;
    int rc = fetch_batch(b, &done, err);
    w->at += done;
    if (done) {
        w->bad_in_a_row = 0;
        w->again = false;
    }
    if (rc < 0 && err->code == ERR_IO) { /* the disk's failure and no message's */
        worker_drop_session(w);
        return -1;
    }
    if (rc < 0)
        return after_failure(w, b->n - done, err);
    w->batch = w->batch * 2 < IMAP_BATCH ? w->batch * 2 : IMAP_BATCH;
    return 0;
}

static void do_take(struct worker *w, const struct imap_frame *request)
{
    talloc_free(w->uids);
    w->nuids = request->len / sizeof *w->uids;
    w->uids = talloc_memdup(w->mem, request->bytes, request->len + 1);
    w->at = 0;
    worker_tell(w, json_object(), "", 0);
}

static void do_batch(struct worker *w, const struct imap_frame *request)
{
    struct err err = {0};
    /* asked for before the parent knew that the last one failed: no server is tried twice for one question */
    bool in_vain = w->failed && json_is_true(json_object_get(request->head, "ahead"));
    if (in_vain)
        err_set(&err, ERR_AGAIN, "the batch before this one failed");
    w->failed =
        in_vain || (w->at < w->nuids && (worker_need_session(w, &err) < 0 || do_batch_once(w, &err) < 0));
    if (w->failed) {
        worker_tell_error(w, &err);
        return;
    }
    worker_tell(w, json_pack("{s:b}", "more", w->at < w->nuids), "", 0);
}

/* ---- the whole */

/* A server that makes libetpan ask for too much memory ends this process and no other. */
static void limit_memory(size_t max_message_bytes)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(FUZZING)
    rlim_t wanted = MEMORY_AT_REST + 4 * max_message_bytes;
    struct rlimit l;
    getrlimit(RLIMIT_AS, &l);
    if (l.rlim_cur == RLIM_INFINITY || l.rlim_cur < wanted)
        setrlimit(RLIMIT_AS, &(struct rlimit){wanted, l.rlim_max});
#else
    (void)max_message_bytes;
#endif
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* it would hold the password */
}

static char *text_option(void *mem, json_t *head, const char *key)
{
    const char *s = json_string_value(json_object_get(head, key));
    return s ? talloc_strdup(mem, s) : NULL;
}

static int read_options(struct worker *w, json_t *head, struct err *err)
{
    w->options = (struct imap_options){
        .stream = {.host = text_option(w->mem, head, "host"),
                   .port = text_option(w->mem, head, "port"),
                   .verify_name = text_option(w->mem, head, "verify_name"),
                   .tls = (enum stream_tls)json_integer_value(json_object_get(head, "tls")),
                   .timeout_s = (int)json_integer_value(json_object_get(head, "timeout_s"))},
        .ca_file = text_option(w->mem, head, "ca_file"),
        .user = text_option(w->mem, head, "user"),
        .password = text_option(w->mem, head, "password"),
        .token_file = text_option(w->mem, head, "token_file"),
        .mechanism = text_option(w->mem, head, "mechanism"),
        .max_message_bytes = (size_t)json_integer_value(json_object_get(head, "max_message_bytes")),
    };
    w->spool_folder = text_option(w->mem, head, "spool_folder");
    w->batch = IMAP_BATCH;
    limit_memory(w->options.max_message_bytes);
    w->tls = imap_trust(w->options.ca_file, err);
    return w->tls ? 0 : -1;
}

static void obey(struct worker *w, const struct imap_frame *request)
{
    static const struct {
        const char *word;
        void (*run)(struct worker *w, const struct imap_frame *request);
    } commands[] = {{"examine", worker_examine},   {"special", worker_special}, {"search", worker_search},
                    {"vanished", worker_vanished}, {"take", do_take},           {"wait", worker_wait}};
    const char *word = json_string_value(json_object_get(request->head, "do"));
    for (size_t i = 0; word && i < ARRAY_LEN(commands); i++)
        if (!strcmp(commands[i].word, word)) {
            commands[i].run(w, request);
            return;
        }
    do_batch(w, request);
}

/* The first thing that is said over a line. */
static void open_line(struct worker *w, const struct imap_frame *request)
{
    struct err err = {0};
    if (read_options(w, request->head, &err) == 0 && worker_need_session(w, &err) == 0) {
        worker_tell(w, json_object(), "", 0);
        return;
    }
    worker_tell_error(w, &err);
    w->parent_gone = true; /* what it opens next is another line */
}

struct worker *worker_new(int line)
{
    struct worker *w = talloc_zero(NULL, struct worker);
    w->mem = w;
    w->line = line;
    return w;
}

void worker_free(struct worker *w)
{
    imap_session_close(w->session);
    mem_fd_end(&w->line);
    talloc_free(w);
}

bool worker_turn(struct worker *w)
{
    struct imap_frame request;
    struct err err = {0};
    if (w->waiting) {
        worker_look(w);
        return !w->parent_gone;
    }
    if (imap_frame_read(w, w->line, REQUEST_S, REQUEST_MAX, &request, &err) < 0)
        return false;
    if (w->tls)
        obey(w, &request);
    else
        open_line(w, &request);
    json_decref(request.head);
    talloc_free(request.bytes);
    return !w->parent_gone;
}

void worker_waits_for(const struct worker *w, int *line_r, int *server_r, int64_t *due_r)
{
    *line_r = w->line;
    *server_r = w->waiting ? imap_session_wait_fd(w->session) : -1;
    int64_t due = w->waiting ? imap_session_wait_due(w->session) : 0;
    *due_r = w->waiting && w->until < due ? w->until : due;
}
