/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between the files of the session: its inside, and the ways to speak by hand.
 */
#ifndef MAIL_WIRE_IMAP_SESSION_LOW_H
#define MAIL_WIRE_IMAP_SESSION_LOW_H

#include <strings.h>
#include <time.h>

#include "mail/wire/imap_low.h"

#define LINE_MAX_BYTES 8192
#define LINES_MAX      200
#define COMMAND_BYTES  (1 << 20)

struct imap_session {
    mailimap *imap;
    mailstream *stream;
    int timeout_s;
    char *capabilities; /* " IMAP4REV1 IDLE ... " in capitals */
    bool qresync;       /* enabled: what has gone can be asked for */
    uint32_t exists;    /* messages in the folder when we last looked at what is new */
    bool idling;
    int64_t due; /* while it waits: when something must be said again, monotonic seconds */
};

/* libetpan's verdict as an error: a NO of the server, or the end of the session. */
int etpan_error(struct imap_session *s, int code, enum err_code refused, const char *what,
                struct err *err) MUST_CHECK;
/* After the login: what the server keeps of what has gone. */
int imap_session_enable(struct imap_session *s, struct err *err) MUST_CHECK;

static inline bool can(const struct imap_session *s, const char *capability)
{
    char word[64];
    snprintf(word, sizeof word, " %s ", capability);
    return s->capabilities && strcasestr(s->capabilities, word);
}

static inline void limit(struct imap_session *s, size_t bytes)
{
    /* The slowest peer worth waiting for gives 1 KB a second. */
    stream_limit(s->stream, s->timeout_s, 3 * s->timeout_s + (int)(bytes / 8 / 1024), bytes);
}

static inline int read_line(struct imap_session *s, char *line, struct err *err)
{
    return stream_read_line(s->stream, line, LINE_MAX_BYTES, err);
}

static inline int write_line(struct imap_session *s, const char *line, struct err *err)
{
    return stream_write(s->stream, line, strlen(line), NULL, err);
}

static inline bool begins(const char *line, const char *prefix)
{
    return !strncasecmp(line, prefix, strlen(prefix));
}

static inline int64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

#endif
