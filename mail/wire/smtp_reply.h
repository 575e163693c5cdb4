/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A reply of an SMTP server (RFC 5321 4.2), of one line or many, with its enhanced status (RFC 2034, 3463).
 */
#ifndef MAIL_WIRE_SMTP_REPLY_H
#define MAIL_WIRE_SMTP_REPLY_H

#include "base/mem.h"

enum { SMTP_LINE_MAX = 2048, SMTP_REPLY_LINES_MAX = 256 };

struct smtp_reply {
    int code;          /* 200..599 */
    char enhanced[16]; /* "5.1.1", or "" */
    char text[512]; /* one line: lines joined by a blank, without codes; what is not printable ASCII is '?' */
    int lines;
};

/* Takes one line: 1 more lines belong to the reply, 0 it is whole, -1 this is no SMTP reply. Begin with {0}.
 */
int smtp_reply_line(struct smtp_reply *reply, const char *line) MUST_CHECK;

#endif
