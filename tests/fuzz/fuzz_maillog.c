/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lines of a mail server's log: strangers choose some of their words.
 */
#include "mail/wire/maillog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    struct maillog_clock clock = {.now = 1796030000};
    char *rest = talloc_strndup(mem, (const char *)data, size), *line;
    while ((line = strsep(&rest, "\n"))) {
        int64_t t;
        char value[64];
        struct maillog_line l;
        char *said = maillog_time(&clock, line, &t);
        if (!said || !maillog_parse(said, &l))
            continue;
        must(l.host && l.instance && l.program && l.text);
        must(!l.queue_id || strlen(l.queue_id) <= 32);
        if (maillog_value(l.text, "to=", value, sizeof value) || maillog_client(l.text, value, sizeof value))
            must(strlen(value) < sizeof value);
        must(maillog_words(l.text));
    }
    return 0;
}
