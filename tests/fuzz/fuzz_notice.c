/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A notice in words: From, Return-Path ("-": none) and Subject on a line each, then what it says.  Whatever
 * that is, its recipients have addresses, codes are codes, and what a report leaves out is completed with the
 * same.
 */
#include <stdint.h>

#include "mail/bounce.h"
#include "mail/wire/charset.h"
#include "mail/wire/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* The next line of the text, which moves behind it. */
static char *take_line(void *mem, const char **text)
{
    size_t len = strcspn(*text, "\n");
    char *line = talloc_strndup(mem, *text, len);
    *text += len + ((*text)[len] == '\n');
    return line;
}

static json_t *facts_of(void *mem, const char *text)
{
    char *from = take_line(mem, &text), *path = take_line(mem, &text), *subject = take_line(mem, &text);
    json_t *facts =
        json_pack("{s:[[s, s]], s:[[s, s]], s:[[s, s]], s:s, s:s}", "headers", "From", from, "from", "", from,
                  "to", "", "kabinet@klokot.example", "subject", subject, "body_text", text);
    must(facts);
    if (strcmp(path, "-"))
        json_object_set_new(facts, "return_path", json_string(path));
    if (*path == 'r')
        json_object_set_new(facts, "report_type", json_string("delivery-status"));
    return facts;
}

static void check(const json_t *recipients)
{
    size_t i;
    const json_t *r;
    char again[12];
    json_array_foreach(recipients, i, r)
    {
        const char *address = text_at(r, "address"), *status = text_at(r, "status"),
                   *said = text_at(r, "diagnostic");
        must(address && *address);
        must(!status || (dsn_find_failure(status, again) && !strcmp(status, again)));
        struct bounce b = bounce_judge(true, status, said);
        must(b.reason && b.rule && (!b.hard || !status || *status == '5') && (b.hard || !b.again));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    json_t *facts = facts_of(mem, charset_clean(mem, (const char *)data, size, size));
    json_t *notice = bounce_legacy(facts);
    json_t *left_out =
        json_pack("[{s:s}, {s:s, s:s}]", "action", "failed", "address", "a@b.example", "status", "5.0.0");
    bounce_complete(left_out, facts);
    must(json_array_size(left_out) == 2);
    if (notice) {
        must(text_at(notice, "system") && json_array_size(json_object_get(notice, "evidence")) > 0);
        check(json_object_get(notice, "recipients"));
    }
    json_decref(left_out);
    json_decref(notice);
    json_decref(facts);
    return 0;
}
