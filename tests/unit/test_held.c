/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a mail holds beside its parts: Outlook's winmail.dat, uuencode, files that may do harm, what is
 * encrypted or signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/wire/danger.h"
#include "mail/wire/encode.h"
#include "mail/wire/facts.h"
#include "mail/wire/held.h"
#include "mail/wire/rtf.h"

/* ---- TNEF, made here */

static void put_number(struct text *t, uint32_t n, int bytes)
{
    for (int i = 0; i < bytes; i++, n >>= 8)
        text_putc(t, (char)n);
}

static void put_attribute(struct text *t, int level, uint32_t id, const char *bytes, size_t len)
{
    uint32_t sum = 0;
    put_number(t, (uint32_t)level, 1);
    put_number(t, id, 4);
    put_number(t, (uint32_t)len, 4);
    text_add(t, bytes, len);
    for (size_t i = 0; i < len; i++)
        sum += (unsigned char)bytes[i];
    put_number(t, sum, 2);
}

static void put_property(struct text *t, uint32_t type, uint32_t id, const char *bytes, size_t len)
{
    put_number(t, type, 2);
    put_number(t, id, 2);
    put_number(t, 1, 4);
    put_number(t, (uint32_t)len, 4);
    text_add(t, bytes, len);
    while (len++ % 4)
        text_putc(t, 0);
}

static const char long_name[] = "\x0d\x01l\0a\0n\0o\0v\0i\0.\0p\0d\0f\0\0\0"; /* in UTF-16 */

static struct text winmail(void *mem, const char *body, size_t len, uint32_t body_type, uint32_t body_id)
{
    struct text t = text_new(mem), message = text_new(mem), file = text_new(mem);
    text_puts(&t, "\x78\x9f\x3e\x22");
    put_number(&t, 1, 2);
    put_attribute(&t, 1, 0x00069007, "\xe2\x04\0\0\0\0\0\0", 8); /* code page 1250 */
    put_number(&message, 2, 4);
    put_number(&message, 3, 2); /* a named property before it */
    put_number(&message, 0x8001, 2);
    text_add(&message, "0123456789abcdef", 16);
    put_number(&message, 1, 4);
    put_number(&message, 6, 4);
    text_add(&message, "a\0b\0\0\0\0\0", 8);
    put_number(&message, 7, 4);
    put_property(&message, body_type, body_id, body, len);
    put_attribute(&t, 1, 0x00069003, message.s, message.len);
    put_attribute(&t, 2, 0x00069002, "0123456789abcd", 14);
    put_attribute(&t, 2, 0x00018010, "LANOV~1.PDF", 12);
    put_attribute(&t, 2, 0x0006800f, "abc", 3);
    put_number(&file, 1, 4);
    put_property(&file, 0x1f, 0x3707, long_name, sizeof long_name - 1);
    put_attribute(&t, 2, 0x00069005, file.s, file.len);
    put_attribute(&t, 2, 0x00069002, "0123456789abcd", 14);
    put_attribute(&t, 2, 0x00018010, "\xe8lan.txt", 9);
    put_attribute(&t, 2, 0x0006800f, "", 0);
    return t;
}

static void check_held(const struct held *held, const char *name, const char *type, const char *bytes)
{
    MEM_SCOPE(mem);
    if (name)
        assert_string_equal(held->name, name);
    else
        assert_null(held->name);
    assert_string_equal(held->type, type);
    assert_string_equal(talloc_strndup(mem, held->bytes, held->len), bytes);
}

static void test_tnef(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct held_list list;
    struct text t = winmail(mem, "Dolazimo, \xe8lanovi.", 18, 0x1e, 0x1000);
    held_read(mem, "application/octet-stream", "winmail.dat", t.s, t.len, &list);
    assert_int_equal(list.n, 3);
    check_held(&list.v[0], NULL, "text/plain", "Dolazimo, članovi.");
    check_held(&list.v[1], "članovi.pdf", "application/octet-stream", "abc");
    check_held(&list.v[2], "član.txt", "application/octet-stream", "");
    t = winmail(mem, "<p>Dolazimo</p>", 15, 0x102, 0x1013);
    held_read(mem, "application/ms-tnef", NULL, t.s, t.len, &list);
    check_held(&list.v[0], NULL, "text/html", "<p>Dolazimo</p>");
    for (size_t len = 0; len <= t.len; len++) { /* cut anywhere */
        held_read(mem, "application/ms-tnef", NULL, t.s, len, &list);
        assert_true(list.n <= 3);
    }
    held_read(mem, "application/ms-tnef", NULL, "no TNEF", 7, &list);
    assert_int_equal(list.n, 0);
}

/* ---- RTF */

static void test_rtf(void **state)
{
    (void)state;
    static const struct {
        const char *rtf, *text;
        bool html;
    } table[] = {
        {"{\\rtf1\\ansi\\ansicpg1250{\\fonttbl{\\f0 Arial;}}\\f0 Po\\'9atovani,\\par dolazimo.\\par}",
         "Poštovani,\ndolazimo.\n", false},
        {"{\\rtf1\\uc1 \\u269?lan \\u8222?x\\u8220?}", "član „x“", false},
        {"{\\rtf1 a{\\*\\unknown hidden}b\\tab c\\~d\\{\\}}", "ab\tc d{}", false},
        {"{\\rtf1 {\\info{\\title x}}{\\pict 00ff}a\r\nb}", "ab", false},
        {"{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Dolazimo "
         "\\'e6\\htmlrtf\\par}\\htmlrtf0 {\\*\\htmltag72 </p>}}",
         "<p>Dolazimo æ</p>", true},
        {"{\\rtf1 {{{{a", "a", false},
        {"}}}}a\\", "a", false},
        {"", "", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        bool html;
        assert_string_equal(rtf_text(mem, table[i].rtf, strlen(table[i].rtf), &html), table[i].text);
        assert_int_equal(html, table[i].html);
    }
}

/* The example of MS-OXRTFCP 3.1.1, and one of its own that refers to what it writes. */
static void test_compressed_rtf(void **state)
{
    (void)state;
    static const char example[] = "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 "
                                  "hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
    static const char stored[] = "\x0f\0\0\0\x03\0\0\0MELA\0\0\0\0abc";
    MEM_SCOPE(mem);
    size_t len;
    char *rtf = rtf_decompress(mem, example, sizeof example - 1, &len);
    assert_non_null(rtf);
    assert_string_equal(rtf, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    assert_string_equal(rtf_decompress(mem, stored, sizeof stored - 1, &len), "abc");
    assert_null(rtf_decompress(mem, example, 15, &len));
    assert_null(rtf_decompress(mem, "\0\0\0\0\0\0\0\0nono\0\0\0\0x", 17, &len));
}

/* ---- danger */

static void test_danger(void **state)
{
    (void)state;
    static const char zip[] =
        "PK\3\4....PK\1\2\x14\0\x14\0\0\0\0\0................\x05\0\0\0\0\0............a.exe";
    static const char office[] = "PK\3\4....PK\1\2\x14\0\x14\0\0\0\0\0................\x13\0\0\0\0\0....."
                                 ".......word/vbaProject.bin";
    static const char locked[] =
        "PK\3\4....PK\1\2\x14\0\x14\0\1\0\0\0................\x05\0\0\0\0\0............a.pdf";
    static const char old[] = "\xd0\xcf\x11\xe0....\x5f\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0";
    static const struct {
        const char *name, *bytes, *danger;
        size_t len;
    } table[] = {
        {"a.pdf", "%PDF-1.4", NULL, 8},
        {"a.docx", "PK\3\4", NULL, 4},
        {NULL, "text", NULL, 4},
        {"report.exe", "x", "program", 1},
        {"report.pdf.EXE ", "x", "program", 1},
        {"report.pdf", "MZ\x90", "program", 3},
        {NULL,
         "\x7f"
         "ELF",
         "program", 4},
        {"a.js", "x", "script", 1},
        {"a", "#!/bin/sh", "script", 9},
        {"a.docm", "x", "macros", 1},
        {"a.doc", old, "macros", sizeof old - 1},
        {"a.docx", office, "macros", sizeof office - 1},
        {"a.lnk", "x", "link", 1},
        {"a.html", "<p>", "page", 3},
        {"a.iso", "x", "disk", 1},
        {"a\xe2\x80\xae"
         "fdp.txt",
         "x", "disguised", 1},
        {"a.zip", zip, "archive", sizeof zip - 1},
        {"a.zip", locked, "locked", sizeof locked - 1},
        {"a.", "x", NULL, 1},
        {".exe", "x", "program", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *danger = danger_of(table[i].name, table[i].bytes, table[i].len);
        assert_string_equal(danger ? danger : "(none)", table[i].danger ? table[i].danger : "(none)");
    }
}

/* ---- in a mail */

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static json_t *read_mail(const char *mail, size_t len)
{
    struct err err;
    json_t *facts;
    if (facts_parse(mail, len, &facts, &err) < 0)
        fail_msg("%s", err.text);
    return facts;
}

static void test_winmail(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text mail = text_new(mem), t = winmail(mem, "Dolazimo, \xe8lanovi.", 18, 0x1e, 0x1000);
    text_puts(&mail, "From: a@b.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
                     "Content-Transfer-Encoding: base64\r\n\r\n");
    encode_base64(&mail, t.s, t.len);
    json_t *f = read_mail(mail.s, mail.len), *files = json_object_get(f, "attachments");
    assert_string_equal(text_at(f, "body_text"), "Dolazimo, članovi.");
    assert_int_equal(json_array_size(files), 3);
    assert_string_equal(text_at(json_array_get(files, 0), "filename"), "winmail.dat");
    assert_string_equal(text_at(json_array_get(files, 1), "path"), "1.2");
    char *bytes;
    size_t len;
    struct err err;
    assert_int_equal(facts_part(mem, mail.s, mail.len, "1.2", &bytes, &len, &err), 0);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(facts_part(mem, mail.s, mail.len, "1.4", &bytes, &len, &err), -1);
    json_decref(f);
}

static void test_uuencoded(void **state)
{
    (void)state;
    static const char mail[] =
        "From: a@b.example\r\n\r\nSee the file.\r\nbegin 644 a.exe\r\n#86)C\r\n`\r\nend\r\nBye\r\n";
    json_t *f = read_mail(mail, sizeof mail - 1),
           *file = json_array_get(json_object_get(f, "attachments"), 0);
    assert_string_equal(text_at(f, "body_text"), "See the file.\nBye\n");
    assert_non_null(strstr(text_at(json_array_get(json_object_get(f, "parts"), 0), "text"), "begin 644"));
    assert_string_equal(text_at(file, "filename"), "a.exe");
    assert_string_equal(text_at(file, "danger"), "program");
    assert_string_equal(text_at(file, "sha256"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    json_decref(f);
}

static void test_protection(void **state)
{
    (void)state;
    static const struct {
        const char *mail, *protection;
    } table[] = {
        {"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx\n",
         "smime-encrypted"},
        {"Content-Type: application/x-pkcs7-mime; smime-type=signed-data\n\nx\n", "smime-signed"},
        {"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHAqCA\n",
         "smime-signed"},
        {"Content-Type: application/octet-stream; name=smime.p7m\nContent-Transfer-Encoding: "
         "base64\n\nMIAGCSqGSIb3DQEHA6CA\n",
         "smime-encrypted"},
        {"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
         "boundary=b\n\n--b\n\nx\n--b--\n",
         "smime-signed"},
        {"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "
         "boundary=b\n\n--b\n\nx\n--b--\n",
         "pgp-signed"},
        {"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
         "boundary=b\n\n--b\n\nx\n--b--\n",
         "pgp-encrypted"},
        {"A: b\n\nHello\n-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----\n", "pgp-encrypted"},
        {"A: b\n\n-----BEGIN PGP SIGNED MESSAGE-----\nx\n", "pgp-signed"},
        {"A: b\n\n> -----BEGIN PGP MESSAGE-----\n", ""},
        {"A: b\n\nx\n", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        json_t *f = read_mail(table[i].mail, strlen(table[i].mail));
        assert_string_equal(text_at(f, "protection"), table[i].protection);
        json_decref(f);
    }
}

int main(void)
{
    mem_init();
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tnef),           cmocka_unit_test(test_rtf),
        cmocka_unit_test(test_compressed_rtf), cmocka_unit_test(test_danger),
        cmocka_unit_test(test_winmail),        cmocka_unit_test(test_uuencoded),
        cmocka_unit_test(test_protection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
