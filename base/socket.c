/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { WIDE_BYTES = 256 << 10 /* less will do; the system gives twice as much, for what it needs beside */ };

size_t socket_widen(int fd)
{
    int size = WIDE_BYTES;
    socklen_t len = sizeof size;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, len);
    return getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len) < 0 ? 0 : (size_t)size;
}

/* After a call that could not go on: done when it may be tried again. */
static enum socket_done wait_for(int fd, short events, int64_t deadline)
{
    if (errno == EINTR)
        return SOCKET_DONE;
    if (errno != EAGAIN)
        return SOCKET_GONE;
    int64_t left = deadline == INT64_MAX ? -1 : deadline - clock_now_ms();
    if (deadline != INT64_MAX && left <= 0)
        return SOCKET_LATE;
    poll(&(struct pollfd){.fd = fd, .events = events}, 1, left > 1 << 30 ? 1 << 30 : (int)left);
    return SOCKET_DONE;
}

enum socket_done socket_send(int fd, struct iovec *part, size_t n, int64_t deadline)
{
    while (n) {
        struct msghdr m = {.msg_iov = part, .msg_iovlen = n};
        ssize_t sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            enum socket_done done = wait_for(fd, POLLOUT, deadline);
            if (done != SOCKET_DONE)
                return done;
            continue;
        }
        size_t left = (size_t)sent;
        for (; n && left >= part->iov_len; n--, part++)
            left -= part->iov_len;
        if (n)
            *part = (struct iovec){(char *)part->iov_base + left, part->iov_len - left};
    }
    return SOCKET_DONE;
}

enum socket_done socket_take_some(int fd, void *to, size_t size, size_t *n_r, int64_t deadline)
{
    for (;;) {
        ssize_t n = recv(fd, to, size, MSG_DONTWAIT);
        if (n > 0) {
            *n_r = (size_t)n;
            return SOCKET_DONE;
        }
        if (n == 0)
            errno = 0;
        enum socket_done done = wait_for(fd, POLLIN, deadline);
        if (done != SOCKET_DONE)
            return done;
    }
}

enum socket_done socket_take(int fd, void *to, size_t len, int64_t deadline)
{
    enum socket_done done = SOCKET_DONE;
    for (size_t n = 0; len && done == SOCKET_DONE; len -= n)
        if ((done = socket_take_some(fd, to, len, &n, deadline)) == SOCKET_DONE)
            to = (char *)to + n;
    return done;
}
