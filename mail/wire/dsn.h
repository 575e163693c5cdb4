/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Groups of fields, as in message/delivery-status (RFC 3464, 6533), message/feedback-report (RFC 5965) and
 * message/disposition-notification (RFC 8098).  Reads any bytes, never fails, takes at most 1,000 groups.
 */
#ifndef MAIL_WIRE_DSN_H
#define MAIL_WIRE_DSN_H

#include <jansson.h>

#include "base/mem.h"

/* {"envelope_id", "reporting_mta", "original_message_id", "recipients": [{"address", "final", "original",
 * "action", "status", "diagnostic", "remote_mta"}]}: a recipient a group; `address` is the original one where
 * there is one; `action` in small letters; `status` "5.1.10", from the diagnostic where the field is missing
 * or broken; absent where unknown. */
json_t *dsn_parse(const char *bytes, size_t len);
/* {"feedback_type", "version", "user_agent", "original_rcpt_to": [address], "original_mail_from",
 * "envelope_id", "reported_domain", "original_message_id"} */
json_t *dsn_parse_feedback(const char *bytes, size_t len);
/* {"disposition": "displayed", "mode": "manual-action", "error" where there was one, "original_message_id",
 * "final", "original"} */
json_t *dsn_parse_disposition(const char *bytes, size_t len);

/* The first enhanced status code (RFC 3463, 1*3DIGIT a part, class 2, 4 or 5) in a text: false when there is
 * none. */
bool dsn_find_status(const char *text, char status[12]);
/* ... of class 5, else of class 4: in what is said of a failure. */
bool dsn_find_failure(const char *text, char status[12]);
/* The first SMTP reply code of the class, '4' or '5', that is a word of its own; 0 when there is none. */
int dsn_find_reply(const char *text, char class);

#endif
