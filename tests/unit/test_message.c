/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What makes two mails one message, and what does not.
 */
#include "mail/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char base[] = "Received: by a\r\nMessage-ID: <1@a>\r\nDate: Mon, 1 Jan 2026 10:00:00 +0100\r\n"
                           "From: a@a.example\r\nTo: b@b.example\r\nSubject: One two\r\n\r\nText\r\nmore\r\n";

static const struct {
    const char *what;
    const char *mail;
    bool same;
} cases[] = {
    {"itself", base, true},
    {"other transport headers, other order",
     "Return-Path: <x>\r\nSubject: One two\r\nTo: b@b.example\r\nFrom: a@a.example\r\nMessage-ID: <1@a>\r\n"
     "Date: Mon, 1 Jan 2026 10:00:00 +0100\r\n\r\nText\r\nmore\r\n",
     true},
    {"bare line feeds, folded, blanks around, names in capitals",
     "MESSAGE-ID:<1@a>\nDate: Mon, 1 Jan 2026 10:00:00 +0100\nFrom: a@a.example  \nTo:\tb@b.example\n"
     "Subject: One\n two\n\nText\nmore\n",
     true},
    {"no line end at the end",
     "Message-ID: <1@a>\r\nDate: Mon, 1 Jan 2026 10:00:00 +0100\r\nFrom: a@a.example\r\nTo: b@b.example\r\n"
     "Subject: One two\r\n\r\nText\r\nmore",
     true},
    {"other body under the same Message-ID",
     "Message-ID: <1@a>\r\nDate: Mon, 1 Jan 2026 10:00:00 +0100\r\nFrom: a@a.example\r\nTo: b@b.example\r\n"
     "Subject: One two\r\n\r\nText\r\nmore!\r\n",
     false},
    {"other author",
     "Message-ID: <1@a>\r\nDate: Mon, 1 Jan 2026 10:00:00 +0100\r\nFrom: c@a.example\r\nTo: b@b.example\r\n"
     "Subject: One two\r\n\r\nText\r\nmore\r\n",
     false},
    {"a value that moved to another field",
     "Message-ID: <1@a>\r\nDate: Mon, 1 Jan 2026 10:00:00 +0100\r\nFrom: a@a.example\r\nTo: b@b.exampleOne "
     "two\r\n\r\nText\r\nmore\r\n",
     false},
    {"no header at all", "\r\nText\r\nmore\r\n", false},
    {"nothing", "", false},
};

static void test_identity(void **state)
{
    (void)state;
    unsigned char want[DIGEST_BYTES], got[DIGEST_BYTES];
    message_identity(base, strlen(base), want);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        message_identity(cases[i].mail, strlen(cases[i].mail), got);
        if (!memcmp(want, got, sizeof got) != cases[i].same)
            fail_msg("%s", cases[i].what);
    }
}

/* What is no mail at all is not the next one that is none, either. */
static void test_identity_of_nothing(void **state)
{
    (void)state;
    static const char *const nothing[] = {"", "\r\n", "scanned page 1\r\nof 2\r\n", "X-Note: 1\r\n\r\n",
                                          "X-Note: 2\r\n\r\n"};
    unsigned char identity[ARRAY_LEN(nothing)][DIGEST_BYTES], same[DIGEST_BYTES];
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
        message_identity(nothing[i], strlen(nothing[i]), identity[i]);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(identity[i], identity[k], DIGEST_BYTES);
    }
    message_identity("scanned page 1\nof 2", 19, same);
    assert_memory_equal(identity[2], same, DIGEST_BYTES);
}

static void test_header(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char mail[] =
        "From: a\r\nSubject: Folded\r\n\tvalue \r\nSubject : second\r\nX:\r\n\r\nTo: body";
    size_t len = sizeof mail - 1;
    assert_string_equal(message_header(mem, mail, len, "subject"), "Folded\tvalue");
    assert_string_equal(message_header(mem, mail, len, "X"), "");
    assert_null(message_header(mem, mail, len, "To"));
    assert_null(message_header(mem, mail, len, "Sub"));
    assert_null(message_header(mem, "", 0, "To"));
    assert_string_equal(message_header(mem, "To: x", 5, "To"), "x");
}

/* The newest first, each once; what is no id that could be looked up again is left out. */
static void test_refers_to(void **state)
{
    (void)state;
    static const struct {
        const char *header, *ids;
    } table[] = {
        {"In-Reply-To: <c@x>\r\nReferences: <a@x> <b@x>\r\n\t<c@x>\r\n", "<c@x> <b@x> <a@x>"},
        {"References: <a@x><b@x>\r\n", "<b@x> <a@x>"},
        {"In-Reply-To: Your message of Monday <a@x> (A. B. <ab@x.example>)\r\n", "<ab@x.example> <a@x>"},
        {"In-Reply-To: <a x@y> <>\r\nReferences: <\xc4\x8d@x> > < <b@x\r\n", NULL},
        {"Subject: <a@x>\r\n\r\nReferences: <a@x>", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        const char *ids = message_refers_to(mem, table[i].header, strlen(table[i].header));
        if (table[i].ids ? !ids || strcmp(ids, table[i].ids) : ids != NULL)
            fail_msg("%s: %s", table[i].header, ids ? ids : "nothing");
    }
    MEM_SCOPE(mem); /* of very many the newest, and the oldest */
    char *many = talloc_strdup(mem, "References:");
    for (int i = 0; i < 300; i++)
        many = talloc_asprintf_append(many, " <%d@x>\r\n", i);
    const char *ids = message_refers_to(mem, many, strlen(many));
    assert_int_equal(strncmp(ids, "<299@x> <298@x> ", 16), 0);
    assert_string_equal(strrchr(ids, ' '), " <0@x>");
    assert_true(strlen(ids) < 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_identity_of_nothing),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_refers_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
