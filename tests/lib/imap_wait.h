/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A wait to its end over a line of the caller's, which but a test nobody sits out: 1 something new, 0 time is
 * over, -1.
 */
#ifndef TESTS_IMAP_WAIT_H
#define TESTS_IMAP_WAIT_H

#include "mail/wire/imap_low.h"

static inline int imap_wait(int line, int timeout_s, struct err *err)
{
    MEM_SCOPE(mem);
    struct imap_frame answer;
    json_t *wait = json_pack("{s:s, s:i}", "do", "wait", "timeout_s", timeout_s);
    if (imap_frame_send(line, 10, wait, "", 0, err) < 0 ||
        imap_frame_read(mem, line, timeout_s + 30, 0, &answer, err) < 0)
        return -1;
    const char *text = json_string_value(json_object_get(answer.head, "error"));
    json_int_t code = json_integer_value(json_object_get(answer.head, "code"));
    int rc = text ? err_set(err, (enum err_code)code, "%s", text)
                  : json_is_true(json_object_get(answer.head, "news"));
    json_decref(answer.head);
    return rc;
}

#endif
