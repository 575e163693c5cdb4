/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A server that follows a script, one connection after the other, in a child process:
 *
 *     "S text"   send            "R" read a line, "R prefix": which must begin so
 *     "C"        read lines up to a lone dot      "B n" read n bytes
 *     "W ms"     wait            "T name" TLS handshake with DIR/name.pem and name.key
 *                                "O name" the same with TLS 1.1
 *     "A"        close, accept another            "X" close, "Z" close by reset
 *
 * All that the client says is kept.  A script that is not followed to its end is a failed test.
 */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

#include <sys/types.h>

#include "base/mem.h"

struct scripted {
    pid_t pid;
    int log_fd;
    char port[8];
};

/* certificates: folder for "T", or NULL. Listens on a port of 127.0.0.1 that the system chooses. */
void scripted_start(struct scripted *server, const char *certificates, const char *const *steps);
/* Waits for the end of it. 0 when the script was followed; what the client said is a talloc child of mem. */
int scripted_end(void *mem, struct scripted *server, char **said_r);

/* Runs a program to its end, output to /dev/null; its exit code. */
int run_program(const char *const *argv);

/* A folder under /tmp with certificates: ca.pem; good (mail.test, 127.0.0.1), name (wrong.test), expired,
 * foreign (of another authority). NULL where openssl is missing. */
char *certificates_make(void *mem);
void folder_remove(const char *path);

#endif
