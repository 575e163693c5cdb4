/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What we build: fields folded and encoded as the RFCs want, the same input gives the same bytes, and no
 * value gets out of its field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/wire/encode.h"
#include "mail/wire/header.h"
#include "mail/wire/ical.h"
#include "mail/wire/mime.h"

static struct mime_letter plain_letter(void)
{
    static const struct mime_mailbox to[] = {{"Jürg Müller", "jurg@bücher.example"}};
    return (struct mime_letter){
        .from = {"Komuna e Kllokotit / Opština Klokot", "kabinet@klokot.example"},
        .to = to,
        .nto = 1,
        .subject = "Позив",
        .message_id = "1.abc@klokot.example",
        .date = 1800000000,
        .time_zone = "Europe/Belgrade",
        .language = "sr-Cyrl",
        .text = "Поштовани,\n",
        .html = "<p>Поштовани,</p>\n",
    };
}

static char *build(void *mem, const struct mime_letter *letter, size_t *len_r)
{
    char *message;
    struct err err;
    if (mime_build(mem, letter, &message, len_r, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(strlen(message), *len_r);
    return message;
}

static char *written(void *mem, const char *name, const char *value)
{
    struct text t = text_new(mem);
    struct header h = header_begin(&t, name);
    header_text(&h, value);
    header_end(&h);
    return t.s;
}

/* Each line ends with CRLF, is at most `max` long, and no encoded word is longer than 75 or cuts a character.
 */
static void check_lines(const char *message, size_t max)
{
    for (const char *p = message; *p;) {
        size_t len = strcspn(p, "\r\n");
        assert_memory_equal(p + len, "\r\n", 2);
        if (len > max)
            fail_msg("a line of %zu: %.*s", len, (int)len, p);
        p += len + 2;
    }
    for (const char *p = message; (p = strstr(p, "=?UTF-8?")); p++) {
        const char *end = strstr(p + 10, "?=");
        assert_non_null(end);
        assert_true(end + 2 - p <= 75);
        if (p[8] == 'Q' && !strncmp(p + 10, "=D0", 3) == 0) /* no continuation octet begins a word */
            assert_false(p[10] == '=' && (p[11] == '8' || p[11] == '9' || p[11] == 'A' || p[11] == 'B'));
    }
}

static void test_fields(void **state)
{
    (void)state;
    static const struct {
        const char *value, *field;
    } table[] = {
        {"", "S:\r\n"},
        {"plain words", "S: plain words\r\n"},
        {"  many   blanks  ", "S: many blanks\r\n"},
        {"Opština", "S: =?UTF-8?Q?Op=C5=A1tina?=\r\n"},
        {"č ć d", "S: =?UTF-8?B?xI0gxIc=?= d\r\n"},
        {"Шах", "S: =?UTF-8?B?0KjQsNGF?=\r\n"},
        {"a =?UTF-8?Q?b?= c", "S: a =?UTF-8?B?PT9VVEYtOD9RP2I/PQ==?= c\r\n"},
        {"tab\there", "S: =?UTF-8?Q?tab=09here?=\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        assert_string_equal(written(mem, "S", table[i].value), table[i].field);
    }
}

static void test_long_fields(void **state)
{
    (void)state;
    static const char *const unit[] = {"Клокот", "Клокот ", "č", "č ",      "words ",
                                       "ab č ",  "日本",    "😀", "e\u0301 "};
    for (size_t i = 0; i < ARRAY_LEN(unit); i++)
        for (size_t n = 1; n < 200; n += 7) {
            MEM_SCOPE(mem);
            struct text value = text_new(mem);
            for (size_t k = 0; k < n; k++)
                text_puts(&value, unit[i]);
            check_lines(written(mem, "Subject", value.s), 78);
        }
    MEM_SCOPE(mem);
    char *word = talloc_zero_size(mem, 5001);
    memset(word, 'x', 5000);
    check_lines(written(mem, "Subject", word), 78);
}

static void test_message(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct mime_letter letter = plain_letter();
    size_t len, again;
    char *message = build(mem, &letter, &len);
    check_lines(message, 78);
    assert_string_equal(message, build(mem, &letter, &again));
    assert_non_null(strstr(message, "\r\nDate: Fri, 15 Jan 2027 09:00:00 +0100\r\n"));
    assert_non_null(strstr(message, "<jurg@xn--bcher-kva.example>\r\n"));
    assert_non_null(strstr(message, "\r\nMessage-ID: <1.abc@klokot.example>\r\n"));
    assert_non_null(strstr(message, "\r\nContent-Language: sr-Cyrl\r\nMIME-Version: 1.0\r\n"));
    assert_null(strstr(message, "X-Mailer"));
    letter.message_id = "2.abc@klokot.example";
    assert_string_not_equal(message, build(mem, &letter, &again));
}

static void test_unsubscribe_url_stays_whole(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *url = talloc_asprintf(mem, "<https://klokot.example/u/%0300d>, <mailto:u@klokot.example>", 7);
    struct mime_header extra[] = {{"List-Unsubscribe", url, NULL},
                                  {"List-Id", "Билтен <bilten.klokot.example>", NULL}};
    struct mime_letter letter = plain_letter();
    letter.extra = extra;
    letter.nextra = 2;
    size_t len;
    char *message = build(mem, &letter, &len);
    assert_non_null(
        strstr(message, talloc_asprintf(mem, "<https://klokot.example/u/%0300d>,\r\n <mailto:", 7)));
    assert_non_null(strstr(message, "\r\nList-Id: =?UTF-8?B?0JHQuNC70YLQtdC9?= <bilten.klokot.example>\r\n"));
    check_lines(message, 998);
}

static void test_injection(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\r\nBcc: x@y.example", "a\nb", "a\rb", "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct mime_header extra = {"X-Test", bad[i], NULL}, named = {bad[i], "x", NULL};
        struct mime_mailbox name = {bad[i], "a@b.example"}, address = {NULL, bad[i]};
        struct mime_letter letter[8];
        for (size_t k = 0; k < ARRAY_LEN(letter); k++)
            letter[k] = plain_letter();
        letter[0].subject = letter[1].message_id = letter[2].language = letter[3].in_reply_to = bad[i];
        letter[4].extra = &extra;
        letter[5].extra = &named;
        letter[4].nextra = letter[5].nextra = 1;
        letter[6].to = &name;
        letter[7].from = address;
        for (size_t k = 0; k < ARRAY_LEN(letter); k++) {
            MEM_SCOPE(mem);
            struct err err = {0};
            char *message;
            size_t len;
            assert_int_equal(mime_build(mem, &letter[k], &message, &len, &err), -1);
            assert_int_equal(err.code, ERR_INPUT);
        }
    }
}

static void test_own_field_twice(void **state)
{
    (void)state;
    static const char *const own[] = {"Subject", "from", "CONTENT-TYPE", "Message-Id", "a b", "a:b", ""};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        MEM_SCOPE(mem);
        struct mime_header extra = {own[i], "x", NULL};
        struct mime_letter letter = plain_letter();
        letter.extra = &extra;
        letter.nextra = 1;
        char *message;
        size_t len;
        assert_int_equal(mime_build(mem, &letter, &message, &len, NULL), -1);
    }
}

static void test_foreign_ids(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct mime_letter letter = plain_letter();
    char *huge = talloc_asprintf(mem, "<a@b> garbage <%01000d@b> <c@d> <č@d>", 1);
    letter.references = huge;
    letter.in_reply_to = "no id at all";
    size_t len;
    char *message = build(mem, &letter, &len);
    assert_non_null(strstr(message, "\r\nReferences: <a@b> <c@d>\r\n"));
    assert_null(strstr(message, "In-Reply-To"));
    check_lines(message, 998);
}

static void test_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plain;
        const char *qp;
    } table[] = {
        {"a\nb\n", true, "a\r\nb\r\n"},
        {"a\r\nb", true, "a\r\nb\r\n"},
        {"a\rb", true, "a\r\nb\r\n"},
        {"", true, ""},
        {"blank \n", false, "blank=20\r\n"},
        {"From me\n", false, "=46rom me\r\n"},
        {".\n", true, "=2E\r\n"},
        {"--=_x\n", false, "=2D-=3D_x\r\n"},
        {"č=\t\n", false, "=C4=8D=3D=09\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        const char *canonical = encode_canonical(mem, table[i].text);
        assert_int_equal(encode_fits_7bit(canonical), table[i].plain);
        struct text t = text_new(mem);
        encode_quoted_printable(&t, canonical);
        assert_string_equal(t.s, table[i].qp);
    }
}

static void test_long_lines(void **state)
{
    (void)state;
    for (size_t n = 70; n < 3000; n += 13) {
        MEM_SCOPE(mem);
        char *line = talloc_zero_size(mem, n + 1);
        memset(line, n % 2 ? '.' : 'x', n);
        struct text t = text_new(mem);
        encode_quoted_printable(&t, encode_canonical(mem, line));
        check_lines(t.s, 76);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *address, *wire;
    } table[] = {
        {"a@b.example", "a@b.example"},
        {"a.b+c/d=e@b-c.example", "a.b+c/d=e@b-c.example"},
        {"\"a b\"@c.example", "\"a b\"@c.example"},
        {"\"a\\\"b\"@c.example", "\"a\\\"b\"@c.example"},
        {"a@bücher.example", "a@xn--bcher-kva.example"},
        {"info@општина.срб", "info@xn--80appcfs5b.xn--90a3ac"},
        {"зоран@општина.срб", "зоран@xn--80appcfs5b.xn--90a3ac"},
        {"a@[192.0.2.1]", "a@[192.0.2.1]"},
        {"a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"},
        {"root@localhost", "root@localhost"},
        {"", NULL},
        {"a", NULL},
        {"@b.example", NULL},
        {"a@", NULL},
        {"a@b", NULL},
        {"a@b..example", NULL},
        {"a@.example", NULL},
        {"a@b.example.", NULL},
        {"a@-b.example", NULL},
        {"a@b-.example", NULL},
        {"a@b_c.example", NULL},
        {"a@1.2.3.4", NULL},
        {"a@[1.2.3]", NULL},
        {".a@b.example", NULL},
        {"a.@b.example", NULL},
        {"a..b@c.example", NULL},
        {"a b@c.example", NULL},
        {"a@b@c.example", NULL},
        {"a,b@c.example", NULL},
        {"<a@b.example>", NULL},
        {"a@b.example\r\nRCPT TO:<x@y.example>", NULL},
        {"\"a\"b\"@c.example", NULL},
        {"\"a\\\"@c.example", NULL},
        {"a\u00a0@b.example", NULL},
        {"a\xff@b.example", NULL},
        {"a@b.exa mple", NULL},
        {"12345678901234567890123456789012345678901234567890123456789012345@b.example", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        char *wire = NULL;
        struct err err = {0};
        int rc = mime_address_check(mem, table[i].address, &wire, &err);
        if (rc != (table[i].wire ? 0 : -1))
            fail_msg("%s: %d %s", table[i].address, rc, err.text);
        if (table[i].wire)
            assert_string_equal(wire, table[i].wire);
        else
            assert_int_equal(err.code, ERR_INPUT);
    }
}

static void test_address_length(void **state)
{
    (void)state;
    for (int n = 180; n < 270; n++) {
        MEM_SCOPE(mem);
        struct text t = text_new(mem);
        text_puts(&t, "a@");
        while ((int)t.len < n - 8)
            text_puts(&t, (int)t.len + 9 < n - 7 ? "bbbbbbb." : "b");
        text_puts(&t, ".example");
        char *wire;
        assert_int_equal(mime_address_check(mem, t.s, &wire, NULL), t.len <= 254 ? 0 : -1);
    }
}

static struct ical_invitation conference(void)
{
    return (struct ical_invitation){
        .uid = "42@klokot.example",
        .sequence = 2,
        .stamp = 1790000000,
        .start = 1800000000,
        .end = 1800014400,
        .time_zone = "Europe/Belgrade",
        .summary = "Конференција донатора општине Клокот, са веома дугачким насловом",
        .location = "Klokot; sala, 1",
        .description = "Prvi red\nDrugi \"red\"\\",
        .organizer_name = "Opština \"Klokot\"",
        .organizer = "kabinet@klokot.example",
        .attendee_name = "Doe; John, x",
        .attendee = "guest@x.example",
    };
}

static void test_invitation(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct ical_invitation request = conference();
    char *calendar = ical_format_invitation(mem, &request);
    check_lines(calendar, 75);
    assert_non_null(strstr(calendar, "\r\nMETHOD:REQUEST\r\n"));
    assert_non_null(strstr(calendar, "\r\nDTSTART;TZID=Europe/Belgrade:20270115T090000\r\n"));
    assert_non_null(strstr(calendar, "\r\nLOCATION:Klokot\\; sala\\, 1\r\n"));
    json_t *back = ical_parse(calendar);
    assert_non_null(back);
    const char *method, *uid, *summary, *address, *partstat, *name;
    int sequence, stamp;
    assert_int_equal(json_unpack(back, "{s:s, s:s, s:s, s:i, s:i, s:[{s:s, s:s, s:s}]}", "method", &method,
                                 "uid", &uid, "summary", &summary, "sequence", &sequence, "stamp", &stamp,
                                 "attendees", "address", &address, "partstat", &partstat, "name", &name),
                     0);
    assert_string_equal(method, "REQUEST");
    assert_string_equal(uid, request.uid);
    assert_string_equal(summary, request.summary);
    assert_int_equal(sequence, 2);
    assert_int_equal(stamp, 1790000000);
    assert_string_equal(address, "guest@x.example");
    assert_string_equal(name, "Doe; John, x");
    assert_string_equal(partstat, "NEEDS-ACTION");
    json_decref(back);

    struct mime_letter letter = plain_letter();
    letter.calendar = calendar;
    size_t len;
    char *message = build(mem, &letter, &len);
    check_lines(message, 78);
    assert_non_null(strstr(message, "\r\nContent-Type: text/calendar; method=REQUEST; charset=UTF-8\r\n"));
    assert_non_null(strstr(message, "filename=\"invite.ics\""));
}

int main(void)
{
    mem_init();
    mime_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),         cmocka_unit_test(test_long_fields),
        cmocka_unit_test(test_message),        cmocka_unit_test(test_unsubscribe_url_stays_whole),
        cmocka_unit_test(test_injection),      cmocka_unit_test(test_own_field_twice),
        cmocka_unit_test(test_foreign_ids),    cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_long_lines),     cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_address_length), cmocka_unit_test(test_invitation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
