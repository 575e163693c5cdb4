/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whatever stands in the values of a letter: it is refused, or a message comes of it that has exactly the
 * fields that were meant, with these values, whoever reads it.  The values are put together by chance, the
 * same each time, of pieces that have broken mail programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gmime/gmime.h>

#include "base/unicode.h"
#include "mail/wire/mime.h"
#include "mail/wire/mime_part.h"

enum { ROUNDS = 20000, PIECES = 6 };

static const char *const piece[] = {
    "a",
    "b c",
    " ",
    "  ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "\r\nBcc: x@y.example\r\n",
    "\n.\n",
    "\x01",
    "\x1b[2J",
    "\x7f",
    "\"",
    "\\",
    "\\\"",
    "<",
    ">",
    "<x@y.example>",
    ",",
    ";",
    ":",
    "@",
    "(",
    ")",
    "[",
    "]",
    "'",
    "%0d%0a",
    "=0D=0A",
    "=?UTF-8?Q?x?=",
    "=?UTF-8?Q?=0D=0ABcc:_x?=",
    "=?",
    "?=",
    "=",
    "_",
    "--=_1",
    "--",
    ".",
    "From ",
    "group: a, b;",
    "\xc3\xab",
    "\xd0\x96\xd0\xb8",
    "\xe2\x80\xa8",
    "\xc2\x85",
    "\xe2\x80\xae",

    "\xf0\x9f\x98\x80",
    "\xef\xbb\xbf", "e\xcc\x81",
    "\xff",
    "\xc3",
    "\xed\xa0\x80",
    "\xc0\x8a",
    "Content-Type: text/html",
    "wordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwordwor"
    "d",
    "\xd0\xba\xd0\xbb\xd0\xbe\xd0\xba\xd0\xbe\xd1\x82\xd0\xba\xd0\xbb\xd0\xbe\xd0\xba\xd0\xbe\xd1\x82\xd0\xba"
    "\xd0\xbb",
};

static uint32_t chance(void)
{
    static uint64_t state = 88172645463325252u; /* xorshift */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static const char *value(void *mem)
{
    struct text t = text_new(mem);
    for (uint32_t n = chance() % PIECES + 1; n; n--)
        text_puts(&t, piece[chance() % ARRAY_LEN(piece)]);
    return t.s;
}

static bool line_is_bad(const char *s)
{
    return strpbrk(s, "\r\n") || !unicode_valid_utf8(s, strlen(s));
}

/* What a field promises to keep: words between single blanks. */
static const char *words(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (; *s; s++)
        if (*s != ' ' || (t.len && t.s[t.len - 1] != ' '))
            text_putc(&t, *s);
    if (t.len && t.s[t.len - 1] == ' ')
        t.s[--t.len] = 0;
    return t.s;
}

static void check_bytes(const char *bytes, size_t len)
{
    assert_int_equal(strlen(bytes), len);
    for (const char *p = bytes; *p;) {
        size_t line = strcspn(p, "\r\n");
        assert_memory_equal(p + line, "\r\n", 2);
        assert_true(line <= 998);
        for (size_t i = 0; i < line; i++)
            assert_true(p[i] == '\t' || (p[i] >= ' ' && p[i] < 0x7f));
        p += line + 2;
    }
}

static GMimeMessage *parsed(const char *bytes, size_t len)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    g_object_unref(stream);
    assert_non_null(m);
    return m;
}

static void check_fields(GMimeMessage *m, const char *bytes)
{
    static const char want[] =
        "From To Subject Date Message-ID X-Extra Content-Language MIME-Version Content-Type ";
    MEM_SCOPE(mem);
    struct text got = text_new(mem);
    for (const char *p = bytes; *p != '\r'; p += strcspn(p, "\n") + 1)
        if (*p != ' ' && *p != '\t') {
            text_add(&got, p, strcspn(p, ":"));
            text_putc(&got, ' ');
        }
    assert_string_equal(got.s, want);
    assert_int_equal(internet_address_list_length(g_mime_message_get_all_recipients(m)), 1);
}

static void check_name(const char *want, InternetAddressList *list, const char *address)
{
    MEM_SCOPE(mem);
    InternetAddress *a = internet_address_list_get_address(list, 0);
    const char *name = internet_address_get_name(a);
    assert_int_equal(internet_address_list_length(list), 1);
    assert_string_equal(unicode_squeeze(mem, name ? name : ""),
                        unicode_squeeze(mem, want)); /* its readers trim it */
    assert_string_equal(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a)), address);
}

static void check_text(GMimeMessage *m, const char *want)
{
    GMimeObject *text = g_mime_message_get_mime_part(m);
    while (GMIME_IS_MULTIPART(text))
        text = g_mime_multipart_get_part(GMIME_MULTIPART(text), 0);
    char *got = g_mime_text_part_get_text(GMIME_TEXT_PART(text));
    MEM_SCOPE(mem);
    struct text lines = text_new(mem);
    for (const char *p = want; *p; p++)
        if (*p == '\r' || *p == '\n') {
            p += *p == '\r' && p[1] == '\n';
            text_putc(&lines, '\n');
        } else {
            text_putc(&lines, *p);
        }
    if (lines.len && lines.s[lines.len - 1] != '\n')
        text_putc(&lines, '\n');
    struct text plain = text_new(mem);
    for (const char *p = got; *p; p++)
        if (*p != '\r')
            text_putc(&plain, *p);
    assert_string_equal(plain.s, lines.s);
    g_free(got);
}

static bool try(void *mem)
{
    const char *from = value(mem), *to = value(mem), *subject = value(mem), *more = value(mem),
               *text = value(mem), *file_name = value(mem);
    const struct mime_file file = {file_name, "application/pdf", NULL, "%PDF-", 5};
    const struct mime_part *part = NULL;
    struct err err = {0};
    bool attached = mime_part_make(mem, &file, &part, &err) == 0;
    if (!attached)
        assert_int_equal(err.code, ERR_INPUT);
    const struct mime_header extra = {.name = "X-Extra", .value = more};
    const struct mime_letter letter = {.from = {from, "office@klokot.example"},
                                       .to = &(struct mime_mailbox){to, "guest@x.example"},
                                       .nto = 1,
                                       .subject = subject,
                                       .message_id = "1.abc@klokot.example",
                                       .date = 1800000000,
                                       .language = "sq, sr-Latn",
                                       .text = text,
                                       .html = "<p>x</p>",
                                       .part = &part,
                                       .nparts = attached,
                                       .extra = &extra,
                                       .nextra = 1};
    char *bytes;
    size_t len;
    bool bad = line_is_bad(from) || line_is_bad(to) || line_is_bad(subject) || line_is_bad(more) ||
               !unicode_valid_utf8(text, strlen(text));
    if (mime_build(mem, &letter, &bytes, &len, &err) < 0) {
        assert_true(bad);
        assert_int_equal(err.code, ERR_INPUT);
        return false;
    }
    assert_false(bad);
    check_bytes(bytes, len);
    GMimeMessage *m = parsed(bytes, len);
    check_fields(m, bytes);
    const char *got = g_mime_message_get_subject(m);
    assert_string_equal(got ? got : "", words(mem, subject));
    check_name(from, g_mime_message_get_from(m), "office@klokot.example");
    check_name(to, g_mime_message_get_to(m), "guest@x.example");
    check_text(m, text);
    if (attached) {
        GMimeObject *object = g_mime_multipart_get_part(GMIME_MULTIPART(g_mime_message_get_mime_part(m)), 1);
        assert_string_equal(g_mime_object_get_content_disposition_parameter(object, "filename"), file_name);
    }
    g_object_unref(m);
    return true;
}

static void test_values(void **state)
{
    (void)state;
    int built = 0;
    for (int i = 0; i < ROUNDS; i++) {
        MEM_SCOPE(mem);
        built += try(mem);
    }
    assert_true(built > ROUNDS / 20 && built < ROUNDS); /* both happened, often enough */
}

/* An address is refused, or stands in the header and in the envelope as one address and no more. */
static void test_addresses(void **state)
{
    (void)state;
    int good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        MEM_SCOPE(mem);
        const char *address =
            talloc_asprintf(mem, "%s@%s", value(mem), chance() % 2 ? "x.example" : value(mem));
        char *wire, *bytes;
        size_t len;
        struct err err = {0};
        struct mime_letter letter = {.from = {"Office", "office@klokot.example"},
                                     .to = &(struct mime_mailbox){"Guest", address},
                                     .nto = 1,
                                     .message_id = "1.abc@klokot.example",
                                     .text = "x"};
        int rc = mime_address_check(mem, address, &wire, &err);
        assert_int_equal(mime_build(mem, &letter, &bytes, &len, &err), rc);
        if (rc < 0) {
            assert_int_equal(err.code, ERR_INPUT);
            continue;
        }
        good++;
        assert_null(strpbrk(wire, "\r\n"));
        GMimeMessage *m = parsed(bytes, len);
        InternetAddressList *list = g_mime_message_get_all_recipients(m);
        assert_int_equal(internet_address_list_length(list), 1);
        g_object_unref(list);
        g_object_unref(m);
    }
    assert_true(good > 100);
}

int main(void)
{
    mem_init();
    mime_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
