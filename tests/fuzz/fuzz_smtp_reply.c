/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lines of a server's reply, and the same bytes as the name of an IMAP folder.
 */
#include <stdint.h>

#include "mail/wire/imap_low.h"
#include "mail/wire/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reply(const struct smtp_reply *reply)
{
    must(reply->code >= 200 && reply->code <= 599);
    must(memchr(reply->text, 0, sizeof reply->text) && memchr(reply->enhanced, 0, sizeof reply->enhanced));
    for (const char *s = reply->text; *s; s++)
        must(*s >= ' ' && *s < 0x7f);
    must(strspn(reply->enhanced, "0123456789.") == strlen(reply->enhanced));
}

static void check_name(const char *name)
{
    for (const char *s = name; s && *s; s++)
        must(*s >= ' ' && *s < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    char *text = talloc_strndup(mem, (const char *)data, size);
    struct smtp_reply reply = {0};
    check_name(imap_folder_name(mem, text));
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (smtp_reply_line(&reply, line) < 0)
            break;
        check_reply(&reply);
    }
    return 0;
}
