/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A calendar from outside: its lines made whole hold what libical reads, its facts are text, and one of its
 * events and people is what is answered.
 */
#include <strings.h>

#include "base/unicode.h"
#include "mail/calendar.h"
#include "mail/wire/charset.h"
#include "mail/wire/ical.h"
#include "mail/wire/ical_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_ours(const char *uid, void *arg)
{
    (void)arg;
    return *uid & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    char *text = charset_clean(mem, (const char *)data, size, 3 * size + 4);
    char *lines = ical_lines(mem, text);
    must(!lines || !strncasecmp(lines, "BEGIN:VCALENDAR", 15));
    char *again = lines ? ical_lines(mem, lines) : NULL;
    must(!lines || again);
    json_t *calendar = ical_parse(text);
    must(!calendar || lines);
    if (!calendar)
        return 0;
    json_t *facts = json_pack("{s:O, s:[[s,s]]}", "calendar", calendar, "from", "", "x@y.example");
    char *json = json_dumps(facts, JSON_COMPACT);
    must(json && unicode_valid_utf8(json, strlen(json)));
    free(json);
    struct calendar_answer answer = calendar_answer(facts, is_ours, NULL);
    must(answer.event && (!answer.ours || answer.method));
    json_decref(facts);
    json_decref(calendar);
    return 0;
}
