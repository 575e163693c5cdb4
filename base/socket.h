/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bytes over a socket to a process of ours, until a deadline of the monotonic clock in ms (INT64_MAX: none).
 */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <stdint.h>
#include <sys/uio.h>

enum socket_done { SOCKET_DONE = 1, SOCKET_GONE = 0 /* errno: 0 it was closed */, SOCKET_LATE = -1 };

/* Room for as much as may wait in it, so that who writes need not wait for who reads; gives how many bytes,
 * of which the system has its own share. */
size_t socket_widen(int fd);
/* All parts, which are used up. */
enum socket_done socket_send(int fd, struct iovec *part, size_t n, int64_t deadline);
/* What there is, up to size and at least a byte; and exactly as much. */
enum socket_done socket_take_some(int fd, void *to, size_t size, size_t *n_r, int64_t deadline);
enum socket_done socket_take(int fd, void *to, size_t len, int64_t deadline);

#endif
