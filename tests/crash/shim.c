/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Preloaded into `adresar deliver`, `mailing print` or `mailing release`: kills the process at its Nth point,
 * a point being the begin or the end of a statement that moves the outbox, of a release's commit, of a write
 * to the mail server, of fsync or rename. The program itself knows nothing of it.
 *
 *   CRASH_AT=N      SIGKILL at the Nth point; without it the points are only counted
 *   CUT_AT=N        instead, there or at the next point of a statement: its connection breaks before it is
 *                   sent (begin), or after the server did it and before the program knows (end)
 *   BACKEND_AT=N    instead, likewise: the server's process is killed, and so all of its sessions
 *   SMTP_AT=N       instead, there or at the next write: the connection to the mail server breaks
 *   CRASH_COUNT=F   at the end their number is written to the file F
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;
PGresult *PQexecPrepared(PGconn *conn, const char *name, int n, const char *const *value, const int *length,
                         const int *format, int result);
PGresult *PQexecParams(PGconn *conn, const char *sql, int n, const unsigned *type, const char *const *value,
                       const int *length, const int *format, int result);
int PQsocket(const PGconn *conn);
int PQbackendPID(const PGconn *conn);
PGresult *PQmakeEmptyPGresult(PGconn *conn, int status);
void PQclear(PGresult *res);
enum { PGRES_FATAL_ERROR = 7 };

PGresult *PQexec(PGconn *conn, const char *sql);

static atomic_int points, releasing;

static long wanted(const char *name)
{
    const char *at = getenv(name);
    return at ? strtol(at, NULL, 10) : -1;
}

static int point(void)
{
    int here = atomic_fetch_add(&points, 1) + 1;
    if (here == wanted("CRASH_AT"))
        kill(getpid(), SIGKILL);
    return here;
}

/* Once, at the point wanted or the first behind it that is of the kind asked about. */
static int falls(const char *name, int here)
{
    static atomic_int fallen;
    long at = wanted(name);
    return at > 0 && here >= at && !atomic_exchange(&fallen, 1);
}

/* Whether the connection was cut at this point. */
static int cut(PGconn *conn, int here)
{
    if (PQbackendPID(conn) > 0 && falls("BACKEND_AT", here))
        kill(PQbackendPID(conn), SIGKILL);
    else if (falls("CUT_AT", here))
        return shutdown(PQsocket(conn), SHUT_RDWR), 1;
    return 0;
}

static int moves_outbox(const char *name)
{
    static const char *const statement[] = {"outbox_claim_",     "outbox_commit_",  "outbox_set_aside_",
                                            "outbox_give_back_", "printing_keep_",  "printing_done_",
                                            "outbox_release_",   "mailing_release_"};
    for (size_t i = 0; i < sizeof statement / sizeof *statement; i++)
        if (!strncmp(name, statement[i], strlen(statement[i])))
            return 1;
    return 0;
}

/* What came of it; nothing is known of that when the connection is cut behind it. */
static PGresult *end_of(PGconn *conn, PGresult *res)
{
    if (!cut(conn, point()))
        return res;
    PQclear(res);
    return PQmakeEmptyPGresult(conn, PGRES_FATAL_ERROR);
}

static int begins(PGconn *conn, const char *name)
{
    int counts = moves_outbox(name);
    if (counts)
        cut(conn, point());
    if (!strncmp(name, "mailing_release_", 16))
        atomic_store(&releasing, 1);
    return counts;
}

PGresult *PQexecPrepared(PGconn *conn, const char *name, int n, const char *const *value, const int *length,
                         const int *format, int result)
{
    static PGresult *(*real)(PGconn *, const char *, int, const char *const *, const int *, const int *, int);
    if (!real)
        real =
            (PGresult * (*)(PGconn *, const char *, int, const char *const *, const int *, const int *, int))
                dlsym(RTLD_NEXT, "PQexecPrepared");
    int counts = begins(conn, name);
    PGresult *res = real(conn, name, n, value, length, format, result);
    return counts ? end_of(conn, res) : res;
}

/* A statement at its first use, whose name stands in front of it. */
PGresult *PQexecParams(PGconn *conn, const char *sql, int n, const unsigned *type, const char *const *value,
                       const int *length, const int *format, int result)
{
    static PGresult *(*real)(PGconn *, const char *, int, const unsigned *, const char *const *, const int *,
                             const int *, int);
    char name[64] = "";
    if (!real)
        real = (PGresult * (*)(PGconn *, const char *, int, const unsigned *, const char *const *,
                               const int *, const int *, int)) dlsym(RTLD_NEXT, "PQexecParams");
    if (sscanf(sql, "/* %62s", name) == 1)
        strcat(name, "_"); /* as behind the name of a prepared one */
    int counts = begins(conn, name);
    PGresult *res = real(conn, sql, n, type, value, length, format, result);
    return counts ? end_of(conn, res) : res;
}

PGresult *PQexec(PGconn *conn, const char *sql)
{
    static PGresult *(*real)(PGconn *, const char *);
    if (!real)
        real = (PGresult * (*)(PGconn *, const char *)) dlsym(RTLD_NEXT, "PQexec");
    int counts = atomic_load(&releasing) && !strcmp(sql, "commit");
    if (counts)
        cut(conn, point());
    PGresult *res = real(conn, sql);
    return counts ? end_of(conn, res) : res;
}

static int is_internet(int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && peer.ss_family != AF_UNIX;
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    static ssize_t (*real)(int, const void *, size_t, int);
    if (!real)
        real = (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
    int counts = is_internet(fd);
    if (counts && falls("SMTP_AT", point()))
        shutdown(fd, SHUT_RDWR);
    ssize_t n = real(fd, bytes, len, flags);
    if (counts && falls("SMTP_AT", point()))
        shutdown(fd, SHUT_RDWR);
    return n;
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    point();
    int rc = real(fd);
    point();
    return rc;
}

int rename(const char *from, const char *to)
{
    static int (*real)(const char *, const char *);
    if (!real)
        real = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    point();
    int rc = real(from, to);
    point();
    return rc;
}

__attribute__((destructor)) static void report(void)
{
    const char *path = getenv("CRASH_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (!f)
        return;
    fprintf(f, "%d\n", atomic_load(&points));
    fclose(f);
}
