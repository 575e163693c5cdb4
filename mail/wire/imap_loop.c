/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The worker process: one poll() for all lines and for the servers of those that wait; whoever has something
 * to do does it in a thread of its own, and belongs to that thread until it is joined.
 */
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "mail/wire/imap_low.h"

#define SOCKET_FD   3
#define STACK_BYTES (1 << 20)

struct seat {
    struct worker *worker; /* NULL: free */
    pthread_t thread;
    bool busy;
    bool alive; /* told by its last turn */
    atomic_bool done;
    int line, server; /* places among what is polled; -1 */
};

static struct seat seat[IMAP_HOST_LINES];
static int wake_fd;

const struct stream_context *imap_trust(const char *ca_file, struct err *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct known {
        struct stream_context *context;
        const char *ca_file;
    } known[IMAP_HOST_LINES];
    static size_t n;
    const char *name = ca_file ? ca_file : "";
    struct stream_context *context = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < n && !context; i++)
        if (!strcmp(known[i].ca_file, name))
            context = known[i].context;
    if (!context && n < ARRAY_LEN(known) && stream_context_new(NULL, ca_file, &context, err) == 0)
        known[n++] = (struct known){context, talloc_strdup(context, name)};
    pthread_mutex_unlock(&lock);
    return context;
}

static void *turn(void *context)
{
    struct seat *s = context;
    s->alive = worker_turn(s->worker);
    atomic_store(&s->done, true);
    ssize_t ignored = write(wake_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)ignored;
    return NULL;
}

static void start(struct seat *s)
{
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    atomic_store(&s->done, false);
    s->busy = pthread_create(&s->thread, &attr, turn, s) == 0;
    if (!s->busy) /* its parent sees a line that ends, and tries again */
        s->alive = false;
    pthread_attr_destroy(&attr);
}

/* Takes those back whose turn is over. */
static void collect(void)
{
    uint64_t ignored;
    ssize_t n = read(wake_fd, &ignored, sizeof ignored);
    (void)n;
    for (struct seat *s = seat; s < seat + IMAP_HOST_LINES; s++)
        if (s->busy && atomic_load(&s->done)) {
            pthread_join(s->thread, NULL);
            s->busy = false;
            malloc_trim(0);
        }
}

static bool clear_seats(void)
{
    bool any = false;
    for (struct seat *s = seat; s < seat + IMAP_HOST_LINES; s++) {
        if (s->worker && !s->busy && !s->alive) {
            worker_free(s->worker);
            s->worker = NULL;
        }
        any = any || s->worker;
    }
    return any;
}

static int64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* A new line; false: there will be no more. */
static bool take_line(void)
{
    int line;
    if (descriptor_take(SOCKET_FD, -1, &line, NULL) < 0)
        return false;
    for (struct seat *s = seat; s < seat + IMAP_HOST_LINES; s++)
        if (!s->worker) {
            s->worker = worker_new(line);
            s->alive = true;
            return true;
        }
    close(line);
    return true;
}

/* What is polled: the socket, the threads' bell, then each line and each server that somebody waits for. */
static nfds_t prepare(struct pollfd *p, bool open, int *timeout_ms_r)
{
    nfds_t n = 2;
    int64_t first = INT64_MAX, due;
    p[0] = (struct pollfd){open ? SOCKET_FD : -1, POLLIN, 0};
    p[1] = (struct pollfd){wake_fd, POLLIN, 0};
    for (struct seat *s = seat; s < seat + IMAP_HOST_LINES; s++) {
        s->line = s->server = -1;
        if (!s->worker || s->busy)
            continue;
        int line, server;
        worker_waits_for(s->worker, &line, &server, &due);
        s->line = (int)n;
        p[n++] = (struct pollfd){line, POLLIN, 0};
        if (server >= 0)
            s->server = (int)n;
        if (server >= 0)
            p[n++] = (struct pollfd){server, POLLIN, 0};
        if (due && due < first)
            first = due;
    }
    int64_t left = first == INT64_MAX ? -1 : first - now_s();
    *timeout_ms_r = first == INT64_MAX ? -1 : left <= 0 ? 0 : (int)left * 1000;
    return n;
}

static bool has_to_do(const struct seat *s, const struct pollfd *p)
{
    int line, server;
    int64_t due;
    if (s->line < 0)
        return false;
    worker_waits_for(s->worker, &line, &server, &due);
    return p[s->line].revents || (s->server >= 0 && p[s->server].revents) || (due && due <= now_s());
}

int imap_worker_main(void)
{
    bool open = true;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    mallopt(M_ARENA_MAX, 2); /* threads are many and short */
    while (clear_seats() || open) {
        struct pollfd p[2 + 2 * IMAP_HOST_LINES];
        int timeout_ms;
        nfds_t n = prepare(p, open, &timeout_ms);
        if (poll(p, n, timeout_ms) < 0)
            continue;
        collect();
        for (struct seat *s = seat; s < seat + IMAP_HOST_LINES; s++)
            if (has_to_do(s, p))
                start(s);
        if (open && p[0].revents)
            open = take_line();
    }
    return 0;
}
