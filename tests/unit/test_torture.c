/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mails made to hurt whoever reads them: each is read in the cage within ten seconds and with less than 512
 * MB, and none of them harms it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "mail/wire/encode.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_cage.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { SECONDS_MAX = 10, MEMORY_MAX_KB = 512 << 10 };

struct mail {
    const char *what;
    const char *begin, *unit, *end; /* begin, unit as often as said, end */
    size_t times;                   /* 0: until the mail is as large as a mail may be */
};

#define MIXED  "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define BASE64 "Content-Transfer-Encoding: base64\r\n\r\n"

static const struct mail mails[] = {
    /* what broke other parsers */
    {"a boundary of a quotation mark",
     "Content-Type: multipart/mixed; boundary=\"\\\"\r\n\r\n--\"\r\n\r\nx\r\n", "", "", 1},
    {"an empty Resent-Bcc", "Resent-Bcc:\r\n\r\nx\r\n", "", "", 1},
    {"multiparts in each other", "", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", "", 100000},
    {"multiparts, one boundary, to the end", "", MIXED "--b\r\n", "", 0},
    {"messages in each other", "", "Content-Type: message/rfc822\r\n\r\n", "x", 0},
    {"1,000,000 addresses", "To: ", "a@b.example, ", "\r\n\r\nx\r\n", 1000000},
    {"100,000 groups in each other", "To: ", "g:", "\r\n\r\nx\r\n", 100000},
    {"groups in an attached message", "Content-Type: message/rfc822\r\n\r\nTo: ", "g:", "\r\n\r\nx\r\n", 0},
    {"1,000,000 fields", "", "X-A: b\r\n", "\r\nx\r\n", 1000000},
    {"fields to the end", "", "X: y\r\n", "", 0},
    {"fields in an attached message", "Content-Type: message/rfc822\r\n\r\n", "X: y\r\n", "", 0},
    {"a field of 10 MB", "X: ", "aaaaaaaaaa", "\r\n\r\nx\r\n", 1 << 20},
    {"folds to the end", "X: y", "\r\n ", "", 0},
    {"lines of blanks", "X: y\r\n", " \r\n", "", 0},
    {"200,000 parts", MIXED, "--b\r\n\r\nx\r\n", "--b--\r\n", 200000},
    {"empty parts to the end", MIXED, "--b\n", "", 0},
    {"what is nearly a delimiter", MIXED "--b\r\n\r\n", "--bb\r\n", "--b--\r\n", 0},
    {"no boundary, but dashes", "Content-Type: multipart/mixed\r\n\r\n", "--x\r\n", "", 0},
    {"300,000 parameters", "Content-Type: text/plain", "; a=b", "\r\n\r\nx\r\n", 300000},
    {"continuations", "Content-Disposition: attachment", "; filename*1*=%41", "\r\n\r\nx\r\n", 100000},
    {"300,000 references", "References: ", "<a@b.example>\r\n ", "\r\n\r\nx\r\n", 300000},
    {"zeros", "Subject: x\r\n\r\n", "\0", "", 0},
    {"no line at all", "", "x", "", 0},
    {"empty lines", "", "\n", "", 0},
    {"lines ended by CR", "", "X: y\r", "", 0},
    /* what each reader would count to no end */
    {"words that do not end", "Subject: ", "=?a?q?", "\r\n\r\nx\r\n", 100000},
    {"words of each a charset", "Subject: ", "=?koi8-r?q?=C1?= =?utf-8?q?a?= ", "\r\n\r\nx\r\n", 100000},
    {"quotation marks", "To: ", "\"", "\r\n\r\nx\r\n", 250000},
    {"parentheses", "To: ", "(", "\r\n\r\nx\r\n", 250000},
    {"angles", "To: ", "<", "\r\n\r\nx\r\n", 250000},
    {"words behind an address", "To: <a@b>", "xx ", "\r\n\r\nx\r\n", 80000},
    {"commas", "From: ", ",a", "\r\n\r\nx\r\n", 250000},
    {"parentheses in a type", "Content-Type: ", "(", "\r\n\r\nx\r\n", 60000},
    {"quotation marks in a name", "Content-Type: text/plain; name=", "\"a\"b", "\r\n\r\nx\r\n", 15000},
    {"uuencode that begins and begins", "\r\n", "begin 644 x\r\n#86)C\r\n", "", 0},
    {"uuencode of nothing", "\r\n", "begin 644 x\r\n", "", 0},
    {"HTML of nothing but openings", "Content-Type: text/html\r\n\r\n", "<b <!-- <p ", "", 0},
    {"quotations", "\r\n", ">", "", 0},
    {"a flowed text that never ends", "Content-Type: text/plain; format=flowed\r\n\r\n", "a \r\n", "", 0},
    {"base64 to the end", "Content-Type: application/pdf\r\n" BASE64,
     "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\r\n", "", 0},
    {"quoted-printable to the end", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=41=\r\n", "", 0},
    {"UTF-16 of nothing", "Content-Type: text/plain; charset=utf-16\r\n\r\n", "\xd8\x00", "", 0},
    {"a report of groups", "Content-Type: message/delivery-status\r\n\r\n",
     "Final-Recipient: rfc822; a\r\n\r\n", "", 0},
    {"a report of one field", "Content-Type: message/delivery-status\r\n\r\nX: ", "a\r\n ", "", 0},
    {"a calendar of openings", "Content-Type: text/calendar\r\n\r\n", "BEGIN:VEVENT\r\n", "", 100000},
    {"a calendar of guests",
     "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u\r\n",
     "ATTENDEE:mailto:a@b.example\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n", 100000},
    {"an archive of names", "Content-Type: application/zip\r\n\r\nPK\3\4",
     "PK\1\2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 0},
    {"a PGP message that never ends", "\r\n-----BEGIN PGP MESSAGE-----\r\n", "-----BEGIN PGP \r\n", "", 0},
};

/* A unit of one zero byte is a string of none. */
static void fill(struct text *t, const struct mail *m)
{
    size_t len = *m->unit || !strcmp(m->what, "an empty Resent-Bcc") ? strlen(m->unit) : 1;
    size_t room = FACTS_MESSAGE_MAX - strlen(m->begin) - strlen(m->end) - 16;
    size_t times = m->times ? m->times : room / len;
    if (!strcmp(m->what, "UTF-16 of nothing"))
        len = 2, times = room / 2;
    text_puts(t, m->begin);
    for (size_t i = 0; i < times; i++)
        text_add(t, m->unit, len);
    text_puts(t, m->end);
}

/* The most memory that the one child of this process had. */
static long memory_kb(void)
{
    char path[64], line[256];
    long pid = 0, kb = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE_SCOPE FILE *children = fopen(path, "r");
    if (children && fgets(line, sizeof line, children))
        pid = strtol(line, NULL, 10);
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE_SCOPE FILE *status = fopen(path, "r");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "VmHWM:", 6))
            kb = strtol(line + 6, NULL, 10);
    return kb;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void try(struct cage *cage, const char *what, const struct text *mail)
{
    struct err err;
    json_t *facts;
    double since = now();
    if (cage_facts(cage, mail->s, mail->len, &facts, &err) < 0)
        fail_msg("%s: %s", what, err.text);
    double took = now() - since;
    long kb = memory_kb();
    if (!SANITIZED && (took > SECONDS_MAX || kb > MEMORY_MAX_KB || kb == 0))
        fail_msg("%s: %.1f s, %ld MB", what, took, kb >> 10);
    print_message("%-40s %4.1f s %4ld MB\n", what, took, kb >> 10);
    assert_non_null(json_object_get(facts, "parts"));
    json_decref(facts);
}

static void test_mails(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        MEM_SCOPE(mem);
        struct err err;
        struct cage *cage; /* each its own, for the memory */
        struct text t = text_new(mem);
        fill(&t, &mails[i]);
        if (SANITIZED && t.len > 1 << 19) /* which looks at all that memmem() may look at, each time */
            t.len = 1 << 19;
        assert_int_equal(cage_open(mem, &cage, &err), 0);
        try(cage, mails[i].what, &t);
    }
}

/* Each a message in base64 within the next: what is decoded at all is capped. */
static void test_encoded(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    struct text mail = text_new(mem);
    while (mail.len < (SANITIZED ? 1 << 16 : 4 << 20))
        text_puts(&mail, "0123456789012345678901234567890123456789\r\n");
    for (int i = 0; i < 60; i++) {
        struct text outer = text_new(mem);
        text_puts(&outer, "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        encode_base64(&outer, mail.s, mail.len);
        if (outer.len > (SANITIZED ? 1 << 20 : FACTS_MESSAGE_MAX))
            break;
        talloc_free(mail.s);
        mail = outer;
    }
    assert_int_equal(cage_open(mem, &cage, &err), 0);
    try(cage, "messages in base64 in each other", &mail);
}

/* Each level would look through all that is behind it. */
static void test_deep(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    struct text mail = text_new(mem);
    for (int i = 0; i < 200; i++)
        text_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    while (mail.len < (SANITIZED ? 1 << 19 : FACTS_MESSAGE_MAX - 100))
        text_puts(&mail, "\r\n--c\r\n");
    assert_int_equal(cage_open(mem, &cage, &err), 0);
    try(cage, "boundaries of their own in each other", &mail);
}

/* Bytes by chance, the same each time, behind headers that make each reader look at them. */
static void test_chance(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x02",
        "Content-Type: text/html; charset=iso-2022-jp\r\n\r\n",
        "Content-Type: text/calendar; charset=gb18030\r\n\r\n",
        "Content-Type: message/delivery-status\r\n\r\n",
        "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n",
        "Content-Type: application/pkcs7-mime\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n",
        "",
    };
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    uint64_t chance = 88172645463325252u;
    assert_int_equal(cage_open(mem, &cage, &err), 0);
    for (size_t i = 0; i < 200 * ARRAY_LEN(headers); i++) {
        MEM_SCOPE(scratch);
        struct text t = text_new(scratch);
        json_t *facts;
        text_puts(&t, headers[i % ARRAY_LEN(headers)]);
        for (int k = 0; k < 3000; k++) {
            chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
            text_putc(&t, (char)(chance >> (i % 2 ? 32 : 58))); /* all bytes, or few and small ones */
        }
        if (cage_facts(cage, t.s, t.len, &facts, &err) < 0)
            fail_msg("%s", err.text);
        json_decref(facts);
    }
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){&facts_parser, &facts_part_parser, NULL});
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mails), cmocka_unit_test(test_encoded),
                                       cmocka_unit_test(test_deep), cmocka_unit_test(test_chance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
