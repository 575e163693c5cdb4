/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Building a message: RFC 5322 headers, RFC 2047 words cut at character boundaries, RFC 2231 parameters,
 * CRLF line ends, lines <= 998 always and <= 78 wanted.  The same input gives the same bytes (boundaries come
 * from the Message-ID), so that a message can be made again and compared.
 */
#ifndef MAIL_WIRE_MIME_H
#define MAIL_WIRE_MIME_H

#include <stdint.h>

#include "base/mem.h"

struct mime_part;
struct mime_mailbox {
    const char *name; /* NULL or UTF-8 */
    const char *address;
};
struct mime_header {
    const char *name, *value; /* value is UTF-8 without line breaks; encoded as needed */
    const char *in_brackets;  /* NULL, or what the value, which may be NULL, is the phrase of: value <...> */
};
struct mime_letter {
    struct mime_mailbox from;
    const struct mime_mailbox *to, *cc;
    size_t nto, ncc;
    const char *subject;
    const char *message_id;               /* without angle brackets */
    const char *in_reply_to, *references; /* NULL, or ids with angle brackets, blank between */
    int64_t date;                         /* Unix time */
    const char *time_zone;                /* IANA name: the offset that Date shows */
    const char *language;                 /* Content-Language: BCP 47, or several, a comma between */
    const char *text, *html;              /* UTF-8; html may be NULL */
    const char *calendar; /* iCalendar with CRLF, or NULL; goes into the alternative as the last part and
                             again as an attachment (invite.ics), as the common clients want it */
    const char *calendar_method;         /* "REQUEST" */
    const struct mime_part *const *part; /* mail/wire/mime_part.h: pictures of the HTML, attachments */
    size_t nparts;
    const struct mime_header *extra;
    size_t nextra;
};

/* Call once before any other. */
void mime_init(void);
/* A CR, LF or NUL in any field is ERR_INPUT (header injection). The message is a talloc child of mem. */
int mime_build(void *mem, const struct mime_letter *letter, char **message_r, size_t *len_r,
               struct err *err) MUST_CHECK;
/* IDN domain as A-labels; ERR_INPUT for what is no addr-spec (RFC 5321 4.1.2) of at most 254 octets. */
int mime_address_check(void *mem, const char *address, char **wire_r, struct err *err) MUST_CHECK;

#endif
