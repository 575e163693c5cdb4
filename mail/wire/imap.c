/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The parent's side: starts the worker, asks, and believes nothing that comes back without looking at it.
 * Every answer has its time, and a worker that does not keep it, or that dies, is an error value here and a
 * dead process there.
 */
#include "mail/wire/imap_low.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKER_FD       3
#define MESSAGE_DEFAULT (50u << 20)
#define SEND_S          30

struct imap {
    pid_t pid; /* 0: dead and buried */
    int fd;
    int answer_s; /* longest time from one frame of the worker to the next */
    size_t max_bytes;
};

/* ---- the process */

/* Between fork and exec: nothing but system calls. */
static noreturn void become_worker(int fd)
{
    static const char *const argv[] = {"adresar", "imap-worker", NULL};
    static const char *const envp[] = {NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    if (fd == WORKER_FD)
        fcntl(fd, F_SETFD, 0);
    else
        dup2(fd, WORKER_FD);
    if (close_range(WORKER_FD + 1, ~0u, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        execve("/proc/self/exe", (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)envp);
    _exit(127);
}

static int worker_start(struct imap *imap, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(err, ERR_AGAIN, "socketpair: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        become_worker(ends[1]);
    int e = errno;
    close(ends[1]);
    imap->fd = ends[0];
    if (pid < 0)
        return err_set(err, ERR_AGAIN, "fork: %s", strerror(e));
    imap->pid = pid;
    return 0;
}

static void worker_bury(struct imap *imap)
{
    if (imap->pid > 0) {
        kill(imap->pid, SIGKILL);
        while (waitpid(imap->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    imap->pid = 0;
}

static int imap_destroy(struct imap *imap)
{
    worker_bury(imap);
    mem_fd_end(&imap->fd);
    return 0;
}

static int worker_died(struct imap *imap, struct err *err)
{
    char why[sizeof err->text];
    snprintf(why, sizeof why, "%s", err ? err->text : "");
    worker_bury(imap);
    return err_set(err, ERR_AGAIN, "IMAP worker died (%.200s)", why);
}

/* ---- questions and answers */

/* Reads a frame; an error that the worker tells becomes ours. */
static int answer(struct imap *imap, void *mem, int timeout_s, struct imap_frame *frame_r, struct err *err)
{
    struct err here = {0};
    if (imap_frame_read(mem, imap->fd, timeout_s, imap->max_bytes, frame_r, &here) < 0) {
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

static int say(struct imap *imap, json_t *head, struct err *err)
{
    must(head);
    struct err here = {0};
    if (imap->pid == 0) {
        json_decref(head);
        return err_set(err, ERR_AGAIN, "IMAP worker died");
    }
    if (imap_frame_send(imap->fd, SEND_S, head, "", 0, &here) == 0)
        return 0;
    err_set(err, ERR_AGAIN, "%s", here.text);
    return worker_died(imap, err);
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
    return json_pack("{s:s, s:s, s:s?, s:i, s:i, s:s?, s:s, s:s, s:s?, s:I}", "host", o->stream.host, "port",
                     o->stream.port, "verify_name", o->stream.verify_name, "tls", (int)o->stream.tls,
                     "timeout_s", o->stream.timeout_s, "ca_file", o->ca_file, "user", o->user, "password",
                     o->password, "mechanism", o->mechanism, "max_message_bytes",
                     (json_int_t)max_message_bytes);
}

int imap_open(void *mem, const struct imap_options *options, struct imap **imap_r, struct err *err)
{
    size_t max = options->max_message_bytes ? options->max_message_bytes : MESSAGE_DEFAULT;
    if (!options->user || !options->password)
        return err_set(err, ERR_CONFIG, "IMAP wants a user and a password");
    json_t *head = pack_options(options, max);
    if (!head)
        return err_set(err, ERR_CONFIG, "user and password for IMAP must be UTF-8");
    struct imap *imap = talloc(mem, struct imap);
    int timeout_s = options->stream.timeout_s > 0 ? options->stream.timeout_s : 60;
    /* A bad answer may cost the worker a new connection before it has something to tell. */
    *imap = (struct imap){.fd = -1, .answer_s = 10 * timeout_s + SEND_S, .max_bytes = max};
    talloc_set_destructor(imap, imap_destroy);
    json_t *hello;
    if (worker_start(imap, err) < 0) {
        json_decref(head);
    } else if (ask(imap, head, imap->answer_s, &hello, err) == 0) {
        json_decref(hello);
        *imap_r = imap;
        return 0;
    }
    talloc_free(imap);
    return -1;
}

void imap_cancel(struct imap *imap)
{
    shutdown(imap->fd, SHUT_RDWR);
}

void imap_close(struct imap *imap)
{
    if (!imap)
        return;
    if (imap->pid > 0) {
        shutdown(imap->fd, SHUT_WR); /* the worker reads the end, logs out and goes */
        struct pollfd p = {imap->fd, POLLIN, 0};
        poll(&p, 1, 1000);
    }
    talloc_free(imap);
}

int imap_examine(struct imap *imap, const char *folder, struct imap_folder *folder_r, struct err *err)
{
    json_t *numbers, *head = json_pack("{s:s, s:s}", "do", "examine", "folder", folder);
    if (!head)
        return err_set(err, ERR_INPUT, "the folder's name is not UTF-8");
    if (ask(imap, head, imap->answer_s, &numbers, err) < 0)
        return err_context(err, "%s", folder);
    *folder_r = (struct imap_folder){number(numbers, "uidvalidity"), number(numbers, "uidnext"),
                                     number(numbers, "exists")};
    json_decref(numbers);
    return 0;
}

/* ---- messages */

struct pull {
    imap_message_fn *fn;
    void *context;
    uint32_t last; /* UID */
    bool stopped;  /* fn has had enough; the batch is read to its end */
    struct err *err;
};

static int take_message(struct imap *imap, struct pull *p, const struct imap_frame *frame)
{
    json_t *why = json_object_get(frame->head, "why");
    struct imap_message m = {
        .uid = number(frame->head, "uid"),
        .internal_date = json_integer_value(json_object_get(frame->head, "date")),
        .size = why ? (size_t)json_integer_value(json_object_get(frame->head, "size")) : frame->len,
        .bytes = why ? NULL : frame->bytes,
        .why = json_string_value(why),
    };
    if (m.uid <= p->last) {
        err_set(p->err, ERR_AGAIN, "UID %u behind %u", m.uid, p->last);
        return worker_died(imap, p->err);
    }
    p->last = m.uid;
    if (!p->stopped && p->fn(p->context, &m, p->err) < 0)
        p->stopped = true;
    return 0;
}

/* One batch: 1 there is more, 0 that was all, -1. */
static int pull_batch(struct imap *imap, struct pull *p)
{
    if (say(imap, json_pack("{s:s}", "do", "batch"), p->err) < 0)
        return -1;
    for (;;) {
        MEM_SCOPE(mem);
        struct imap_frame frame;
        /* Once fn has failed, its error is the one to keep. */
        if (answer(imap, mem, imap->answer_s, &frame, p->stopped ? NULL : p->err) < 0)
            return -1;
        json_t *more = json_object_get(frame.head, "more");
        int rc = more ? json_is_true(more) : take_message(imap, p, &frame);
        json_decref(frame.head);
        if (more || rc < 0)
            return rc;
    }
}

int imap_fetch_since(struct imap *imap, uint32_t first_uid, imap_message_fn *fn, void *context,
                     struct err *err)
{
    struct pull p = {.fn = fn, .context = context, .last = first_uid ? first_uid - 1 : 0, .err = err};
    json_t *numbers;
    json_t *head = json_pack("{s:s, s:I}", "do", "search", "first", (json_int_t)first_uid);
    if (ask(imap, head, imap->answer_s, &numbers, err) < 0)
        return -1;
    json_decref(numbers);
    int more = 1;
    while (more > 0 && !p.stopped)
        more = pull_batch(imap, &p);
    return p.stopped || more < 0 ? -1 : 0;
}

int imap_wait(struct imap *imap, int timeout_s, struct err *err)
{
    json_t *numbers;
    json_t *head = json_pack("{s:s, s:i}", "do", "wait", "timeout_s", timeout_s);
    if (ask(imap, head, timeout_s + imap->answer_s, &numbers, err) < 0)
        return -1;
    int news = json_is_true(json_object_get(numbers, "news"));
    json_decref(numbers);
    return news;
}
