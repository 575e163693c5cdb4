/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Text and HTML that people's programs wrote: what of it is new, and what it seems to say.
 */
#include "base/unicode.h"
#include "mail/intent.h"
#include "mail/wire/charset.h"
#include "mail/wire/html.h"
#include "mail/wire/reply_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    char *text = charset_decode(mem, (const char *)data, size, NULL);
    must(unicode_valid_utf8(text, strlen(text)) && !strchr(text, '\r'));
    char *html = html_text(mem, text);
    must(unicode_valid_utf8(html, strlen(html)));
    char *reply = reply_text(mem, text);
    must(unicode_valid_utf8(reply, strlen(reply)) && strlen(reply) <= strlen(text));
    reply_text(mem, html);
    const char *author = reply_original(mem, text);
    must(!author || unicode_valid_utf8(author, strlen(author)));
    struct intent intent = intent_propose(mem, reply);
    must(intent.proposal && unicode_valid_utf8(intent.words, strlen(intent.words)));
    return 0;
}
