/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A line of Postfix's log, as syslog or postlogd writes it: with the classic time, which has neither year nor
 * zone, or with RFC 3339's.
 */
#ifndef MAIL_WIRE_MAILLOG_H
#define MAIL_WIRE_MAILLOG_H

#include <stdint.h>

#include "base/mem.h"

/* The classic time is this machine's local one, and of the last twelve months before `now`. */
struct maillog_clock {
    int64_t now;
    char hour[10]; /* "Nov 30 08" was last computed: */
    int64_t hour_begins;
};
/* Behind the time and its blank, or NULL: the line has none. */
char *maillog_time(struct maillog_clock *clock, char *line, int64_t *time_r);

struct maillog_line {
    const char *host;     /* "" where it has none */
    const char *instance; /* Postfix's syslog_name, "postfix" of "postfix/submission/smtpd" */
    const char *program;  /* "smtpd" */
    long pid;
    const char *queue_id; /* NULL: of no letter */
    char *text;           /* what it says */
};
/* What stands behind the time, which is cut into pieces; false: not Postfix's. */
bool maillog_parse(char *rest, struct maillog_line *line_r);
/* "dsn=2.0.0" of "to=<a@b>, relay=x, dsn=2.0.0, status=sent (250 ok)" by "dsn=": up to the comma, or the end
 * of the angle brackets; false: there is none. */
bool maillog_value(const char *text, const char *key, char *value, size_t size);
/* The client's address of "connect from name[1.2.3.4]", "client=name[1.2.3.4]:99, ...". */
bool maillog_client(const char *text, char *address, size_t size);
/* The words in brackets behind the status; "" where it has none. */
const char *maillog_words(const char *text);

#endif
