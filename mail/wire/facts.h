/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a mail says, as plain facts.  Runs in the cage (facts_cage.h); called directly by tests and fuzzing
 * only.
 *
 * Ids have their angle brackets, addresses are [name, address] with "" for no name, absent means the mail has
 * none.
 */
/* clang-format off
 *
 * headers                [[name, decoded value]] in their order; header_omitted: true when some were left out
 * from, to, cc, bcc, sender, reply_to     [[name, address]]
 * return_path            address, "" for the null reverse path
 * message_id, in_reply_to, references [id], subject, date (Unix time)
 * auto_submitted         keyword in small letters, without parameters and comments (RFC 3834 5)
 * authentication_results [value]
 * parts                  [the root]: {"path": "1.2", "type", "charset", "filename", "disposition", "content_id",
 *                        "size", "text" or "sha256", "danger" (danger.h), "protection", "subject" of an attached
 *                        message, "parts", "holds"}; sizes and hashes are of decoded bytes; "parts" stands where it
 *                        is a multipart or a message, "holds" where it is TNEF or a text with uuencode: parts too
 * parts_omitted          true when there were more than 1,000, or more than 100 levels
 * attachments            [{"path", "type", "filename", "size", "sha256", "danger", "protection"}]
 * protection             (smime|pgp)-(encrypted|signed|compressed), of the first part that is so
 * report_type            of multipart/report
 * dsn, arf, mdn          see dsn.h           calendar      see ical.h
 * returned               the message that a report carries: {"message_id", "in_reply_to", "references", "from", "to",
 *                        "subject"}
 * attached               like returned, of the first message that any other mail carries; attached_dsn: its report
 * body_text              what is to be read, quotations and all
 * reply_text             what of it is new; reply_text_with_signature (reply_text.h)
 *
 * Only parts outside attached messages count for attachments, dsn, arf, mdn, calendar and body_text.
 * clang-format on */
#ifndef MAIL_WIRE_FACTS_H
#define MAIL_WIRE_FACTS_H

#include <jansson.h>

#include "base/mem.h"

enum {
    FACTS_MESSAGE_MAX = 50 << 20,
    FACTS_HEADER_MAX = 1 << 20, /* of all fields together, as far as they are shown */
    FACTS_FIELD_MAX = 64 << 10, /* of one */
};

/* Call once before the others; after it no file is opened any more. */
void facts_init(void);
/* ERR_INPUT when the mail is empty or larger than FACTS_MESSAGE_MAX.  The caller drops the facts with
 * json_decref. */
int facts_parse(const char *mail, size_t len, json_t **facts_r, struct err *err) MUST_CHECK;
/* The same of a mail in a file: what is large in it stays there. */
int facts_parse_file(int fd, size_t len, json_t **facts_r, struct err *err) MUST_CHECK;
/* The decoded bytes of one part; ERR_NOTFOUND. */
int facts_part(void *mem, const char *mail, size_t len, const char *path, char **bytes_r, size_t *len_r,
               struct err *err) MUST_CHECK;

/* Name (0) or address (1) of the first sender; "". */
const char *facts_from(const json_t *facts, size_t part);

#endif
