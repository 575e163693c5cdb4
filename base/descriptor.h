/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A descriptor given to another process over a socket of the machine's, with one byte that carries it.
 */
#ifndef BASE_DESCRIPTOR_H
#define BASE_DESCRIPTOR_H

#include "base/err.h"

/* The sender keeps its own. */
int descriptor_send(int socket, int fd, struct err *err) MUST_CHECK;
/* The next byte's descriptor, closed on exec.  Waits so long for it; -1: until it is there or the peer is
 * gone. */
int descriptor_take(int socket, int timeout_ms, int *fd_r, struct err *err) MUST_CHECK;

#endif
