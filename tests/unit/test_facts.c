/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is read out of a mail: fields, people, parts, texts, and what of a text is new.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/wire/dsn.h"
#include "mail/wire/facts.h"
#include "mail/wire/html.h"
#include "mail/wire/mime.h"
#include "mail/wire/words.h"

static json_t *read_mail(const char *mail, size_t len)
{
    struct err err;
    json_t *facts;
    if (facts_parse(mail, len, &facts, &err) < 0)
        fail_msg("%s", err.text);
    return facts;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static const char *person(const json_t *facts, const char *key, size_t n, size_t which)
{
    const char *s = json_string_value(json_array_get(json_array_get(json_object_get(facts, key), n), which));
    return s ? s : "(none)";
}

/* ---- fields */

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *text;
    } table[] = {
        {" plain ", "plain"},
        {"a\r\n b\r\n\tc", "a b c"},
        {"=?utf-8?Q?a_b=C4=8D?=", "a bč"},
        {"=?UTF-8?B?0J/QvtC3?= =?UTF-8?B?0LjQsg==?=\r\n =?UTF-8?B?IQ==?=", "Позив!"}, /* padding between */
        {"=?utf-8?Q?=C4?= =?utf-8?Q?=8D?=", "č"}, /* cut within a letter */
        {"=?iso-8859-2?Q?=E6?= =?iso-8859-1?Q?=E4?=", "ćä"},
        {"=?windows-1250?Q?=9A=E8=E6?=", "ščć"},
        {"=?windows-1251?B?z+7n6OI=?=", "Позив"},
        {"=?koi8-r?B?8NLJ18XU?=", "Привет"},
        {"=?utf-8*sr?Q?a?=", "a"},
        {"=?no-such-charset?Q?abc?=", "abc"},
        {"=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"},
        {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
        {"=?utf-8?Q?a", "=?utf-8?Q?a"},
        {"=?utf-8?Q?a b?=", "a b"},
        {"=?utf-8?Q?=0D=0ABcc:_x?=", " Bcc: x"},
        {"=?=?=?", "=?=?=?"},
        {"Po\x9atovani \xe8itao\xe8", "Poštovani čitaoč"},                        /* windows-1250 */
        {"\xcf\xee\xe7\xe8\xe2 \xed\xe0 \xf1\xeb\xe0\xe2\xf3", "Позив на славу"}, /* windows-1251 */
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        assert_string_equal(words_decode(mem, table[i].raw), table[i].text);
    }
}

static void test_people(void **state)
{
    (void)state;
    static const char mail[] =
        "From: =?UTF-8?B?0JDQvdGB0LDQvNCx0Lsg0J/QtdGC0YDQvtCy0LTQsNC9INCR0LU=?=\r\n =?UTF-8?B?0Yc=?= "
        "<a@b.example>\r\n"
        "To: \"Doe, John\" <j@d.example>, Team: =?utf-8?Q?=C4=8C,_x?= <c@d.example>, e@f.example;, "
        "g@h.example (Comment)\r\n"
        "Cc: undisclosed-recipients:;\r\nSender: s@t.example\r\nReturn-Path: <>\r\n"
        "Message-ID: <1@\r\n b>\r\nIn-Reply-To: your mail of <2@b> and more\r\nReferences: <3@b><4@b>\r\n "
        "<5@b> junk <6\r\n"
        "Date: Thu, 12 Nov 2026 09:15:48 +0100\r\nAuto-Submitted: (x) Auto-Generated ; a=b\r\n\r\n";
    json_t *f = read_mail(mail, sizeof mail - 1);
    assert_string_equal(person(f, "from", 0, 0), "Ансамбл Петровдан Беч");
    assert_string_equal(person(f, "from", 0, 1), "a@b.example");
    assert_string_equal(person(f, "to", 0, 0), "Doe, John");
    assert_string_equal(person(f, "to", 1, 0), "Č, x");
    assert_string_equal(person(f, "to", 2, 1), "e@f.example");
    assert_string_equal(person(f, "to", 3, 1), "g@h.example");
    assert_null(json_object_get(f, "cc"));
    assert_string_equal(person(f, "sender", 0, 1), "s@t.example");
    assert_true(json_is_string(json_object_get(f, "return_path")));
    assert_string_equal(text_at(f, "return_path"), "");
    assert_string_equal(text_at(f, "message_id"), "<1@b>");
    assert_string_equal(text_at(f, "in_reply_to"), "<2@b>");
    assert_int_equal(json_array_size(json_object_get(f, "references")), 3);
    assert_int_equal(json_integer_value(json_object_get(f, "date")), 1794471348);
    assert_string_equal(text_at(f, "auto_submitted"), "auto-generated");
    json_decref(f);
}

/* Beyond the caps fields are cut or left out, and that is said; no mail is refused for them. */
static void test_caps(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *unit;
        size_t n;
        bool omitted;
    } table[] = {
        {"X: ", "a", 1 << 20, true},
        {"X: y", "\r\nY: zzzzzzzzzzzzzzzzz", 100000, true},
        {"To: ", "a@b.example,\r\n ", 3000, false},
        {"To: ", "g:", 100000, false},
        {"To: ", "g:\r\n ", 100000, true},
        {"References: ", "<a@b.example>\r\n ", 300000, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct text t = text_new(mem);
        text_puts(&t, "Subject: s\r\n");
        text_puts(&t, table[i].begin);
        for (size_t k = 0; k < table[i].n; k++)
            text_puts(&t, table[i].unit);
        text_puts(&t, "\r\n\r\nthe text\r\n");
        json_t *f = read_mail(t.s, t.len);
        assert_string_equal(text_at(f, "subject"), "s");
        assert_string_equal(text_at(f, "body_text"), "the text\n");
        assert_int_equal(json_is_true(json_object_get(f, "header_omitted")), table[i].omitted);
        json_decref(f);
    }
}

/* ---- parts */

static const char tree[] =
    "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
    "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: text/plain; charset=windows-1251\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n"
    "=CF=EE=E7=E8=E2\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--a--\r\n"
    "--m\r\nContent-Type: application/pdf;\r\n name=\"=?UTF-8?B?RnRlc8OrIA==?= =?UTF-8?B?xI3Fvi5wZGY=?=\"\r\n"
    "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nYWJj\r\n"
    "--m\r\nContent-Type: text/csv\r\nContent-Disposition: attachment;\r\n filename*0*=utf-8''%C4%8D;\r\n "
    "filename*1=\"b.csv\"\r\n\r\na,b\r\n"
    "--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?Q?inner?=\r\n\r\ntext\r\n"
    "--m--\r\n";

static const json_t *part(const json_t *parts, const char *path)
{
    size_t i;
    const json_t *p, *found;
    json_array_foreach(parts, i, p)
    {
        if (!strcmp(text_at(p, "path"), path))
            return p;
        found = part(json_object_get(p, "parts"), path);
        if (found)
            return found;
    }
    return NULL;
}

static void test_parts(void **state)
{
    (void)state;
    json_t *f = read_mail(tree, sizeof tree - 1), *parts = json_object_get(f, "parts");
    assert_string_equal(text_at(part(parts, "1"), "type"), "multipart/mixed");
    assert_string_equal(text_at(part(parts, "1.1.1"), "text"), "Позив");
    assert_string_equal(text_at(part(parts, "1.1.1"), "charset"), "windows-1251");
    assert_int_equal(json_integer_value(json_object_get(part(parts, "1.1.1"), "size")), 5);
    assert_string_equal(text_at(part(parts, "1.2"), "filename"), "Ftesë čž.pdf");
    assert_string_equal(text_at(part(parts, "1.2"), "sha256"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(text_at(part(parts, "1.3"), "filename"), "čb.csv");
    assert_string_equal(text_at(part(parts, "1.3"), "disposition"), "attachment");
    assert_string_equal(text_at(part(parts, "1.4"), "subject"), "inner");
    assert_string_equal(text_at(part(parts, "1.4.1"), "text"), "text");
    assert_string_equal(text_at(f, "body_text"), "Позив");
    json_decref(f);
}

static void test_part_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *path, *bytes;
    } table[] = {{"1.2", "abc"},    {"1.3", "a,b"}, {"1.1.1", "\xcf\xee\xe7\xe8\xe2"},
                 {"1.4.1", "text"}, {"1", NULL},    {"1.1", NULL},
                 {"1.9", NULL},     {"2", NULL},    {"", NULL},
                 {"1.2.1", NULL},   {"1.2x", NULL}, {"1.-1", NULL}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct err err = {0};
        char *bytes;
        size_t len;
        int rc = facts_part(mem, tree, sizeof tree - 1, table[i].path, &bytes, &len, &err);
        assert_int_equal(rc, table[i].bytes ? 0 : -1);
        if (rc == 0) {
            assert_int_equal(len, strlen(table[i].bytes));
            assert_memory_equal(bytes, table[i].bytes, len);
        } else {
            assert_int_equal(err.code, ERR_NOTFOUND);
        }
    }
}

/* What we build is read back as it was, by a parser that is not ours. */
static void test_round_trip(void **state)
{
    (void)state;
    static const char *const subjects[] = {
        "Позив на Конференцију донатора општине Клокот, четвртак, 18. март 2027. године, у Дому културе у "
        "Клокоту",
        "Ftesë për Konferencën e Donatorëve të Komunës së Kllokotit, e enjte, 18 mars 2027, në Qendrën "
        "Kulturore",
        "=?UTF-8?Q?no_word?= of ours",
        "Zażółć gęślą jaźń 日本語 😀",
    };
    static const struct mime_mailbox to[] = {
        {"Удружење грађана повратника у општину Клокот „Повратак и останак“, Клокот и околина",
         "a@b.example"},
        {"Doe, \"John\" (x) \\", "c@d.example"},
        {NULL, "e@f.example"},
    };
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        MEM_SCOPE(mem);
        struct err err;
        struct mime_letter letter = {
            .from = {"Komuna e Kllokotit / Opština Klokot", "kabinet@klokot.example"},
            .to = to,
            .nto = 3,
            .subject = subjects[i],
            .message_id = "1@klokot.example",
            .date = 1800000000,
            .time_zone = "Europe/Belgrade",
            .text = "Поштовани,\n\nFrom here: ć.\n.\n--=_1\n",
            .html = "<p>č</p>\n",
            .language = "sr-Cyrl"};
        char *mail;
        size_t len;
        assert_int_equal(mime_build(mem, &letter, &mail, &len, &err), 0);
        json_t *f = read_mail(mail, len), *parts = json_object_get(f, "parts");
        assert_string_equal(text_at(f, "subject"), subjects[i]);
        for (size_t k = 0; k < 3; k++) {
            assert_string_equal(person(f, "to", k, 0), to[k].name ? to[k].name : "");
            assert_string_equal(person(f, "to", k, 1), to[k].address);
        }
        assert_int_equal(json_integer_value(json_object_get(f, "date")), 1800000000);
        assert_string_equal(text_at(f, "message_id"), "<1@klokot.example>");
        assert_string_equal(text_at(part(parts, "1.1"), "text"), letter.text);
        assert_string_equal(text_at(part(parts, "1.2"), "text"), letter.html);
        json_decref(f);
    }
}

/* ---- texts */

static void test_html(void **state)
{
    (void)state;
    static const struct {
        const char *html, *text;
    } table[] = {
        {"<p>a<p>b", "a\n\nb"},
        {"a<br>b<br/><br>c", "a\nb\n\nc"},
        {"<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
        {"a  \n b&nbsp;c &lt;d&gt; &#269;&#x10D; &amp;amp; & &nope;", "a b c <d> čč &amp; & &nope;"},
        {"<head><style>p {x}</style><title>t</title></head>b<script>alert('<p>')</script>c", "bc"},
        {"a<blockquote>q<br>r</blockquote>b", "a\n> q\n> r\nb"},
        {"<blockquote>q<blockquote>r</blockquote></blockquote>", "> q\n> > r"},
        {"a<hr>b", "a\n________________________________\nb"},
        {"<!-- <p>x --><a href=\"x>y\">l</a>", "l"},
        {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
        {"<pre>a\n  b</pre>", "a\nb"},
        {"&#0;&#13;&#55296;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"1 < 2 <", "1 < 2 <"},
        {"<style>x", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        assert_string_equal(html_page(mem, table[i].html).text, table[i].text);
    }
}

/* The text of a reply that has HTML only. */
static void test_html_only(void **state)
{
    (void)state;
    static const char mail[] = "From: a@b.example\r\nContent-Type: text/html\r\n\r\n<div>Da, "
                               "dolazimo.</div><div class=gmail_quote><div>On Tue, "
                               "10 Nov 2026 at 09:30 A &lt;a@b.example&gt; "
                               "wrote:<br></div><blockquote>x<br>y</blockquote></div>\r\n";
    json_t *f = read_mail(mail, sizeof mail - 1);
    assert_string_equal(text_at(f, "reply_text"), "Da, dolazimo.");
    json_decref(f);
}

/* The plain text is read, unless the HTML alone knows of a quotation. */
static void test_html_beside(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *html, *reply;
    } table[] = {
        {"Da.\r\n\r\nDragi\r\n", "<p>Da.</p><blockquote type=cite>Dragi</blockquote>", "Da."},
        {"Da.\r\n\r\n> Dragi\r\n", "<p>Ne.</p><blockquote type=cite>Dragi</blockquote>", "Da."},
        {"Da.\r\n", "<p>Ne.</p>", "Da."},
        {" \r\n", "<p>Da.</p>", "Da."},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        const char *mail =
            talloc_asprintf(mem,
                            "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; "
                            "boundary=b\r\n\r\n"
                            "--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n--b\r\nContent-Type: "
                            "text/html\r\n\r\n%s\r\n--b--\r\n",
                            table[i].plain, table[i].html);
        json_t *f = read_mail(mail, strlen(mail));
        assert_string_equal(text_at(f, "reply_text"), table[i].reply);
        json_decref(f);
    }
}

/* ---- reports */

static void test_status(void **state)
{
    (void)state;
    static const struct {
        const char *text, *status;
    } table[] = {
        {"5.1.1", "5.1.1"},
        {"550 5.1.10 no", "5.1.10"},
        {"550-5.7.26 no", "5.7.26"},
        {"(#5.1.1)", "5.1.1"},
        {"5.7.515", "5.7.515"},
        {"4.2.2 (full)", "4.2.2"},
        {"5.1.1234", NULL},
        {"3.1.1", NULL},
        {"192.5.1.1", NULL},
        {"host 5.1.1.4 said 5.2.1", "5.2.1"},
        {"15.1.1", NULL},
        {"5.1", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char status[12];
        bool found = dsn_find_status(table[i].text, status);
        assert_int_equal(found, table[i].status != NULL);
        if (found)
            assert_string_equal(status, table[i].status);
    }
}

/* What is said of a failure holds codes of success, too; ports and parts of addresses are none. */
static void test_failure(void **state)
{
    (void)state;
    static const struct {
        const char *text, *status;
        int reply; /* of class 5 */
    } table[] = {
        {"250 2.1.5 ok, then 550 5.1.1 no", "5.1.1", 550},
        {"451 4.4.1 busy; 550-5.7.26 no", "5.7.26", 550},
        {"452 4.2.2 full", "4.2.2", 0},
        {"2.0.0 ok", NULL, 0},
        {"host mx.example[192.0.2.1]:587 said: 554\tno", NULL, 554},
        {"192.0.550.1 and x550", NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char status[12];
        assert_int_equal(dsn_find_failure(table[i].text, status), table[i].status != NULL);
        if (table[i].status)
            assert_string_equal(status, table[i].status);
        assert_int_equal(dsn_find_reply(table[i].text, '5'), table[i].reply);
    }
}

/* A mailbox's name alone is no address; the fields of the message may stand with its first recipient. */
static void test_dsn_recipients(void **state)
{
    (void)state;
    static const char report[] =
        "Reporting-MTA: dns; mx.example\nOriginal-Envelope-Id: Env\nFinal-Recipient: LOCAL; ana\n"
        "X-Actual-Recipient: rfc822; ana@b.example\nOriginal-Recipient: rfc822; unknown\nAction: "
        "failed\nFinal-Recipient: rfc822; \"Ben\" <ben@b.example>\nAction: relayed\n";
    json_t *d = dsn_parse(report, sizeof report - 1), *r = json_object_get(d, "recipients");
    assert_string_equal(text_at(d, "envelope_id"), "Env");
    assert_int_equal(json_array_size(r), 2);
    assert_string_equal(text_at(json_array_get(r, 0), "address"), "ana@b.example");
    assert_string_equal(text_at(json_array_get(r, 1), "address"), "ben@b.example");
    assert_string_equal(text_at(json_array_get(r, 1), "action"), "relayed");
    json_decref(d);
}

static void test_dsn(void **state)
{
    (void)state;
    static const char report[] =
        "Reporting-MTA: dns; mx.example\r\nORIGINAL-ENVELOPE-ID: AbC\r\n\r\n\r\n"
        "Original-Recipient: rfc822;<a@b.example>\r\nFinal-Recipient: RFC822; x@y.example\r\nAction: "
        "Failed\r\n"
        "Status: 5.1.1 (no)\r\nDiagnostic-Code: smtp; 550 =?utf-8?q?5=2E1=2E1?=\r\n  folded\r\n\r\n"
        "Final-Recipient: utf-8; \\x{437}@b.example\r\nDiagnostic-Code: smtp; 550 5.2.1 disabled\r\n\r\n"
        "no field at all\r\n\r\nFinal-Recipient: rfc822;\r\nAction: nonsense\r\n";
    json_t *d = dsn_parse(report, sizeof report - 1), *r = json_object_get(d, "recipients");
    assert_string_equal(text_at(d, "envelope_id"), "AbC");
    assert_int_equal(json_array_size(r), 3);
    assert_string_equal(text_at(json_array_get(r, 0), "address"), "a@b.example");
    assert_string_equal(text_at(json_array_get(r, 0), "final"), "x@y.example");
    assert_string_equal(text_at(json_array_get(r, 0), "diagnostic"), "550 5.1.1 folded");
    assert_string_equal(text_at(json_array_get(r, 1), "address"), "з@b.example");
    assert_string_equal(text_at(json_array_get(r, 1), "status"), "5.2.1");
    assert_string_equal(text_at(json_array_get(r, 1), "action"), "failed");
    assert_null(json_object_get(json_array_get(r, 2), "action"));
    json_decref(d);
}

int main(void)
{
    mem_init();
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),       cmocka_unit_test(test_people),
        cmocka_unit_test(test_caps),        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_part_bytes),  cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_html),        cmocka_unit_test(test_html_only),
        cmocka_unit_test(test_html_beside), cmocka_unit_test(test_status),
        cmocka_unit_test(test_failure),     cmocka_unit_test(test_dsn_recipients),
        cmocka_unit_test(test_dsn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
