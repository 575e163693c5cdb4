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

static size_t lines_of(const char *s)
{
    size_t n = *s != 0;
    while ((s = strchr(s, '\n'))) {
        s++;
        n++;
    }
    return n;
}

/* Nothing is made up, and the shorter text is a part of the longer. */
static char *check(void *mem, const char *text, const char *marks)
{
    struct reply reply = reply_read(mem, text, marks, "A B");
    must(unicode_valid_utf8(reply.text, strlen(reply.text)));
    must(unicode_valid_utf8(reply.text_with_signature, strlen(reply.text_with_signature)));
    must(strlen(reply.text) <= strlen(reply.text_with_signature));
    must(strlen(reply.text_with_signature) <= strlen(text));
    return reply.text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    char *text = charset_decode(mem, (const char *)data, size, NULL);
    must(unicode_valid_utf8(text, strlen(text)) && !strchr(text, '\r'));
    struct html_page page = html_page(mem, text);
    must(unicode_valid_utf8(page.text, strlen(page.text)));
    must(strlen(page.marks) == lines_of(page.text));
    check(mem, page.text, page.marks);
    reply_original(mem, text);
    char *reply = check(mem, text, NULL);
    struct intent intent = intent_propose(mem, reply);
    must(intent.proposal && unicode_valid_utf8(intent.words, strlen(intent.words)));
    must(intent.start + intent.length <= strlen(reply) && !*intent.words == !intent.length);
    must(intent.persons >= 0 && intent.persons <= 100 && !*intent.persons_words == !intent.persons);
    return 0;
}
