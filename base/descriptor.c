/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/descriptor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

union control {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
};

int descriptor_send(int socket, int fd, struct err *err)
{
    union control control = {.head = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec byte = {&(char){0}, 1};
    struct msghdr m = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n;
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    while ((n = sendmsg(socket, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        ;
    return n == 1 ? 0 : err_set(err, ERR_AGAIN, "a descriptor cannot be sent: %s", strerror(errno));
}

int descriptor_take(int socket, int timeout_ms, int *fd_r, struct err *err)
{
    union control control;
    struct iovec byte = {&(char){0}, 1};
    struct msghdr m = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct pollfd p = {socket, POLLIN, 0};
    ssize_t n = timeout_ms < 0 || poll(&p, 1, timeout_ms) > 0 ? 0 : -1;
    while (n == 0 && (n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        n = 0;
    struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
        c->cmsg_len != CMSG_LEN(sizeof *fd_r))
        return err_set(err, ERR_AGAIN, "no descriptor came");
    memcpy(fd_r, CMSG_DATA(c), sizeof *fd_r);
    return 0;
}
