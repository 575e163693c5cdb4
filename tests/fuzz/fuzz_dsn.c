/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The three reports, whatever stands in them: values that are text, addresses that are not empty, codes that
 * are codes.
 */
#include "base/unicode.h"
#include "mail/bounce.h"
#include "mail/wire/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void check_recipient(const json_t *r)
{
    char again[12];
    const char *address = text_at(r, "address"), *status = text_at(r, "status"),
               *said = text_at(r, "diagnostic");
    must(!address || *address);
    must(!status || (dsn_find_status(status, again) && !strcmp(status, again)));
    must(!said || !strpbrk(said, "\r\n"));
    struct bounce b = bounce_judge(true, status, said);
    must(b.reason && b.rule && (!b.hard || !status || *status == '5') && (b.hard || !b.again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    size_t i;
    const json_t *r;
    json_t *dsn = dsn_parse(bytes, size);
    json_array_foreach(json_object_get(dsn, "recipients"), i, r) check_recipient(r);
    json_decref(dsn);
    json_t *feedback = dsn_parse_feedback(bytes, size);
    json_array_foreach(json_object_get(feedback, "original_rcpt_to"), i, r) must(*json_string_value(r));
    json_decref(feedback);
    json_decref(dsn_parse_disposition(bytes, size));
    return 0;
}
