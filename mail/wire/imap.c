/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The parent's side: asks, and believes nothing that comes back without looking at it.  Every answer has its
 * time, and a worker that does not keep it, or that dies, is an error value here.
 */
#include <poll.h>
#include <sys/socket.h>

#include "base/descriptor.h"
#include "mail/wire/imap_low.h"

#define MESSAGE_DEFAULT (50u << 20)
#define SEND_S          30
#define UIDS_AT_ONCE    10000
#define UIDS_BYTES      (32u << 20) /* of a folder that holds more than anybody's */
#define SOON_MS         1

struct imap {
    struct imap_host *host; /* NULL: the line is the caller's */
    int fd;
    bool dead;
    bool owes;    /* the answer to a wait, which nobody asks for any more */
    int answer_s; /* longest time from one frame of the worker to the next */
    size_t max_message_bytes, max_frame_bytes;
};

/* ---- the worker */

static int imap_destroy(struct imap *imap)
{
    if (imap->host)
        mem_fd_end(&imap->fd);
    return 0;
}

static int worker_died(struct imap *imap, struct err *err)
{
    char why[sizeof err->text];
    snprintf(why, sizeof why, "%s", err ? err->text : "");
    imap->dead = true;
    TALLOC_FREE(imap->host);
    return err_set(err, ERR_AGAIN, "IMAP worker died (%.200s)", why);
}

bool imap_is_dead(const struct imap *imap)
{
    return imap->dead;
}

/* ---- questions and answers */

/* What became of a wait is told again by what is asked now. */
static int take_owed(void *mem, struct imap *imap, struct err *err)
{
    struct imap_frame frame;
    if (!imap->owes)
        return 0;
    imap->owes = false;
    if (imap_frame_read(mem, imap->fd, imap->answer_s, 0, &frame, err) < 0)
        return -1;
    json_decref(frame.head);
    return 0;
}

/* Reads a frame; an error that the worker tells becomes ours. */
static int answer(struct imap *imap, void *mem, int timeout_s, struct imap_frame *frame_r, struct err *err)
{
    struct err here = {0};
    if (take_owed(mem, imap, &here) < 0 ||
        imap_frame_read(mem, imap->fd, timeout_s, imap->max_frame_bytes, frame_r, &here) < 0) {
        err_set(err, ERR_AGAIN, "%s", here.text);
        return worker_died(imap, err);
    }
    const char *text = json_string_value(json_object_get(frame_r->head, "error"));
    if (!text)
        return 0;
    json_int_t code = json_integer_value(json_object_get(frame_r->head, "code"));
    err_set(err, code > ERR_NONE && code <= ERR_IO ? (enum err_code)code : ERR_AGAIN, "%s", text);
    json_decref(frame_r->head);
    return -1;
}

static int say_with(struct imap *imap, json_t *head, const void *bytes, size_t len, struct err *err)
{
    must(head);
    struct err here = {0};
    if (imap->dead) {
        json_decref(head);
        return err_set(err, ERR_AGAIN, "IMAP worker died");
    }
    if (imap_frame_send(imap->fd, SEND_S, head, bytes, len, &here) == 0)
        return 0;
    err_set(err, ERR_AGAIN, "%s", here.text);
    return worker_died(imap, err);
}

static int say(struct imap *imap, json_t *head, struct err *err)
{
    return say_with(imap, head, "", 0, err);
}

/* A question whose answer is one frame of numbers. */
static int ask(struct imap *imap, json_t *head, int timeout_s, json_t **numbers_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct imap_frame frame;
    if (say(imap, head, err) < 0 || answer(imap, mem, timeout_s, &frame, err) < 0)
        return -1;
    *numbers_r = frame.head;
    return 0;
}

static uint32_t number(const json_t *head, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(head, key));
    return n < 0 || n > UINT32_MAX ? 0 : (uint32_t)n;
}

static json_t *pack_options(const struct imap_options *o, size_t max_message_bytes)
{
    return json_pack("{s:s, s:s, s:s?, s:i, s:i, s:s?, s:s, s:s?, s:s?, s:s?, s:I, s:s}", "host",
                     o->stream.host, "port", o->stream.port, "verify_name", o->stream.verify_name, "tls",
                     (int)o->stream.tls, "timeout_s", o->stream.timeout_s, "ca_file", o->ca_file, "user",
                     o->user, "password", o->password, "token_file", o->token_file, "mechanism", o->mechanism,
                     "max_message_bytes", (json_int_t)max_message_bytes, "spool_folder", spool_folder());
}

static struct imap *imap_new(void *mem, int line, const struct imap_options *o)
{
    struct imap *imap = talloc(mem, struct imap);
    int timeout_s = o->stream.timeout_s > 0 ? o->stream.timeout_s : 60;
    size_t max = o->max_message_bytes ? o->max_message_bytes : MESSAGE_DEFAULT;
    /* A bad answer may cost the worker a new connection before it has something to tell. */
    *imap = (struct imap){.fd = line,
                          .answer_s = 10 * timeout_s + SEND_S,
                          .max_message_bytes = max,
                          .max_frame_bytes = max > UIDS_BYTES ? max : UIDS_BYTES};
    talloc_set_destructor(imap, imap_destroy);
    return imap;
}

int imap_open_on(void *mem, int line, const struct imap_options *options, struct imap **imap_r,
                 struct err *err)
{
    struct imap *imap = imap_new(mem, line, options);
    bool whole = options->user && (options->password || options->token_file);
    json_t *hello, *head = whole ? pack_options(options, imap->max_message_bytes) : NULL;
    if (!head)
        err_set(err, ERR_CONFIG,
                whole ? "user and password for IMAP must be UTF-8"
                      : "IMAP wants a user, and a password or a token");
    if (!head || ask(imap, head, imap->answer_s, &hello, err) < 0) {
        talloc_free(imap);
        return -1;
    }
    json_decref(hello);
    *imap_r = imap;
    return 0;
}

struct imap *imap_resume(void *mem, int line, const struct imap_options *options)
{
    struct imap *imap = imap_new(mem, line, options);
    imap->owes = true;
    return imap;
}

int imap_open(void *mem, const struct imap_options *options, struct imap **imap_r, struct err *err)
{
    struct imap_host *host;
    int line;
    if (imap_host_open(mem, &host, err) < 0)
        return -1;
    if (imap_host_line(host, &line, err) < 0) {
        talloc_free(host);
        return -1;
    }
    if (imap_open_on(mem, line, options, imap_r, err) < 0) {
        mem_fd_end(&line);
        talloc_free(host);
        return -1;
    }
    (*imap_r)->host = talloc_steal(*imap_r, host);
    return 0;
}

void imap_close(struct imap *imap)
{
    if (!imap)
        return;
    if (imap->host) {
        shutdown(imap->fd, SHUT_WR); /* the worker reads the end, logs out and goes */
        imap_host_close(imap->host);
        mem_fd_end(&imap->fd);
        imap->host = NULL;
    }
    talloc_free(imap);
}

int imap_examine(struct imap *imap, const char *folder, struct imap_folder *folder_r, struct err *err)
{
    json_t *numbers, *head = json_pack("{s:s, s:s}", "do", "examine", "folder", folder);
    if (!head)
        return err_set(err, ERR_INPUT, "the folder's name is not UTF-8");
    if (ask(imap, head, imap->answer_s, &numbers, err) < 0)
        return -1;
    *folder_r = (struct imap_folder){number(numbers, "uidvalidity"), number(numbers, "uidnext"),
                                     number(numbers, "exists"),
                                     (uint64_t)json_integer_value(json_object_get(numbers, "modseq"))};
    json_decref(numbers);
    return 0;
}

int imap_special(struct imap *imap, void *mem, const char *use, char **folder_r, struct err *err)
{
    json_t *numbers;
    if (ask(imap, json_pack("{s:s, s:s}", "do", "special", "use", use), imap->answer_s, &numbers, err) < 0)
        return -1;
    const char *name = json_string_value(json_object_get(numbers, "folder"));
    *folder_r = name ? talloc_strdup(mem, name) : NULL;
    json_decref(numbers);
    return *folder_r != NULL;
}

/* A question whose answer is an array of UIDs. */
static int ask_uids(struct imap *imap, void *mem, json_t *head, uint32_t **uids_r, size_t *n_r,
                    struct err *err)
{
    struct imap_frame frame;
    if (say(imap, head, err) < 0 || answer(imap, mem, imap->answer_s, &frame, err) < 0)
        return -1;
    json_decref(frame.head);
    *uids_r = (uint32_t *)(void *)frame.bytes;
    *n_r = frame.len / sizeof **uids_r;
    return 0;
}

int imap_search(struct imap *imap, void *mem, const struct imap_query *query, uint32_t **uids_r, size_t *n_r,
                struct err *err)
{
    json_t *head = json_pack("{s:s, s:I, s:s*, s:[]}", "do", "search", "first", (json_int_t)query->first,
                             "since", query->since, "addresses");
    for (size_t i = 0; i < query->naddresses; i++)
        json_array_append_new(json_object_get(head, "addresses"), json_string(query->address[i]));
    return ask_uids(imap, mem, head, uids_r, n_r, err);
}

int imap_vanished(struct imap *imap, void *mem, uint64_t modseq, uint32_t **ends_r, size_t *n_r,
                  struct err *err)
{
    json_t *head = json_pack("{s:s, s:I}", "do", "vanished", "modseq", (json_int_t)modseq);
    if (ask_uids(imap, mem, head, ends_r, n_r, err) < 0)
        return -1;
    *n_r /= 2;
    return 0;
}

/* ---- messages */

struct pull {
    imap_message_fn *fn;
    imap_idle_fn *idle;
    void *context;
    uint32_t last; /* UID */
    bool stopped;  /* fn or idle has had enough; the batch is read to its end */
    struct err *err;
};

/* The descriptor of a message that lies in a file comes behind its frame.  What is in it may be too much. */
static int take_spool(struct imap *imap, void *mem, struct imap_message *m, struct err *err)
{
    int fd;
    struct spool *spool;
    struct err here = {0};
    if (descriptor_take(imap->fd, SEND_S * 1000, &fd, &here) < 0 || spool_take(mem, fd, &spool, &here) < 0) {
        err_set(err, ERR_AGAIN, "%s", here.text);
        return worker_died(imap, err);
    }
    m->size = spool_size(spool);
    if (m->size > imap->max_message_bytes)
        m->why = "larger than it was announced";
    else
        m->spool = spool;
    m->bytes = NULL;
    return 0;
}

static int in_order(struct imap *imap, struct pull *p, uint32_t uid)
{
    if (uid <= p->last) {
        err_set(p->err, ERR_AGAIN, "UID %u behind %u", uid, p->last);
        return worker_died(imap, p->err);
    }
    p->last = uid;
    return 0;
}

static void give(struct pull *p, const struct imap_message *m)
{
    if (!p->stopped && p->fn(p->context, m, p->err) < 0)
        p->stopped = true;
}

/* One without its bytes, or in a file. */
static int take_message(struct imap *imap, struct pull *p, const json_t *head)
{
    MEM_SCOPE(mem);
    struct imap_message m = {
        .uid = number(head, "uid"),
        .size = (size_t)json_integer_value(json_object_get(head, "size")),
        .why = json_string_value(json_object_get(head, "why")),
    };
    if (in_order(imap, p, m.uid) < 0 ||
        (json_is_true(json_object_get(head, "spooled")) && take_spool(imap, mem, &m, p->err) < 0))
        return -1;
    give(p, &m);
    return 0;
}

static int take_messages(struct imap *imap, struct pull *p, const struct imap_frame *frame)
{
    struct imap_told told;
    for (size_t at = 0, left; at < frame->len; at += sizeof told + told.size + 1) {
        left = frame->len - at;
        if (left > sizeof told)
            memcpy(&told, frame->bytes + at, sizeof told);
        if (left <= sizeof told || told.size >= left - sizeof told ||
            frame->bytes[at + sizeof told + told.size]) {
            err_set(p->err, ERR_AGAIN, "sent what is no message");
            return worker_died(imap, p->err);
        }
        if (in_order(imap, p, told.uid) < 0)
            return -1;
        give(p, &(struct imap_message){.uid = told.uid,
                                       .size = told.size,
                                       .bytes = frame->bytes + at + sizeof told});
    }
    return 0;
}

static int ask_batch(struct imap *imap, bool ahead, struct err *err)
{
    return say(imap, json_pack("{s:s, s:b}", "do", "batch", "ahead", ahead), err);
}

static void use_the_time(struct imap *imap, struct pull *p)
{
    struct pollfd line = {.fd = imap->fd, .events = POLLIN};
    int more = p->idle && !p->stopped;
    for (int ms = 0; more > 0 && poll(&line, 1, ms) == 0; ms = SOON_MS)
        more = p->idle(p->context, p->err);
    if (more < 0)
        p->stopped = true;
}

/* The batch that was asked for first: 1 there is more, 0 that was all, -1. */
static int read_batch(struct imap *imap, struct pull *p)
{
    for (;;) {
        MEM_SCOPE(mem);
        struct imap_frame frame;
        use_the_time(imap, p);
        /* Once fn has failed, its error is the one to keep. */
        if (answer(imap, mem, imap->answer_s, &frame, p->stopped ? NULL : p->err) < 0)
            return -1;
        json_t *more = json_object_get(frame.head, "more");
        int rc = more                                         ? json_is_true(more)
                 : json_object_get(frame.head, "messages")    ? take_messages(imap, p, &frame)
                 : json_object_get(frame.head, "still_at_it") ? 0
                                                              : take_message(imap, p, frame.head);
        json_decref(frame.head);
        if (more || rc < 0)
            return rc;
    }
}

/* A batch is asked for while the one before it is read, so that nobody waits for the server twice; the one
 * that is on its way in the end is nobody's. */
static int read_batches(struct imap *imap, struct pull *p)
{
    int more = ask_batch(imap, false, p->err) < 0 ? -1 : 1;
    while (more > 0 && !p->stopped)
        more = ask_batch(imap, true, p->err) < 0 ? -1 : read_batch(imap, p);
    struct err ignored;
    struct pull rest = {.context = p->context, .last = p->last, .stopped = true, .err = &ignored};
    if (!imap->dead)
        read_batch(imap, &rest);
    return more;
}

static int pull(struct imap *imap, const uint32_t *uids, size_t n, struct pull *p)
{
    MEM_SCOPE(mem);
    struct imap_frame frame;
    p->last = uids[0] - 1;
    if (say_with(imap, json_pack("{s:s}", "do", "take"), uids, n * sizeof *uids, p->err) < 0 ||
        answer(imap, mem, imap->answer_s, &frame, p->err) < 0)
        return -1;
    json_decref(frame.head);
    int more = read_batches(imap, p);
    return p->stopped || more < 0 ? -1 : 0;
}

int imap_fetch(struct imap *imap, const uint32_t *uids, size_t n, imap_message_fn *fn, imap_idle_fn *idle,
               void *context, struct err *err)
{
    struct pull p = {.fn = fn, .idle = idle, .context = context, .err = err};
    for (size_t at = 0; at < n; at += UIDS_AT_ONCE)
        if (pull(imap, uids + at, n - at < UIDS_AT_ONCE ? n - at : UIDS_AT_ONCE, &p) < 0)
            return -1;
    return 0;
}

int imap_fetch_since(struct imap *imap, uint32_t first_uid, imap_message_fn *fn, void *context,
                     struct err *err)
{
    MEM_SCOPE(mem);
    uint32_t *uids;
    size_t n;
    const struct imap_query query = {.first = first_uid};
    return imap_search(imap, mem, &query, &uids, &n, err) < 0
               ? -1
               : imap_fetch(imap, uids, n, fn, NULL, context, err);
}

int imap_wait_begin(struct imap *imap, int timeout_s, struct err *err)
{
    if (say(imap, json_pack("{s:s, s:i}", "do", "wait", "timeout_s", timeout_s), err) < 0)
        return -1;
    imap->owes = true;
    return 0;
}
