/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bytes in a file without a name: here, and read by the cage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "mail/message.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_cage.h"

static struct spool *spool_of(void *mem, const char *bytes, size_t len)
{
    struct spool *s;
    struct err err;
    if (spool_new(mem, spool_folder(), &s, &err) < 0 || spool_add(s, bytes, len / 2, &err) < 0 ||
        spool_add(s, bytes + len / 2, len - len / 2, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(spool_size(s), len);
    return s;
}

static void written_and_read(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct spool *s = spool_of(mem, "abcdef", 6), *other;
    struct err err;
    char bytes[8];
    struct stat st;
    assert_int_equal(spool_read(s, 2, bytes, 3, &err), 0);
    assert_memory_equal(bytes, "cde", 3);
    assert_int_equal(spool_read(s, 5, bytes, 2, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(fstat(spool_fd(s), &st), 0);
    assert_int_equal(st.st_nlink, 0);                 /* nobody finds it */
    assert_int_equal(write(spool_fd(s), "x", 1), -1); /* nor writes through what is given away */
    assert_int_equal(spool_take(mem, dup(spool_fd(s)), &other, &err), 0);
    assert_int_equal(spool_size(other), 6);
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(spool_take(mem, pipe_ends[0], &other, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_int_equal(descriptor_take(pipe_ends[1], 0, &(int){0}, &err), -1);
    close(pipe_ends[1]);
    assert_int_equal(spool_new(mem, "/nowhere", &other, &err), -1);
    assert_int_equal(err.code, ERR_IO);
}

/* Line ends of each kind, some of them across the pieces that are read at once (256 KB). */
static struct text odd_mail(void *mem)
{
    static const char *const ends[] = {"\r\n", "\n", "\r", "\r\r\n", "\n\r\n"};
    struct text t = text_new(mem);
    text_puts(&t, "Message-ID: <1@a>\nSubject: Folded\r\n value\nFrom: a@b.example\r\n\r\n");
    for (int i = 0; t.len < 1300000; i++)
        text_printf(&t, "%.*s%s", i % 7, "xxxxxxx", ends[i % 5]);
    return t;
}

static void one_identity(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct text t = odd_mail(mem), crlf = text_new(mem);
    for (size_t cut = 0; cut < 8; cut++) { /* other bytes stand at the edges of the pieces */
        unsigned char in_memory[DIGEST_BYTES], in_file[DIGEST_BYTES];
        const char *mail = talloc_asprintf(mem, "X: %.*s\r\n%s", (int)cut, "yyyyyyyy", t.s);
        message_identity(mail, strlen(mail), in_memory);
        assert_int_equal(message_identity_spool(spool_of(mem, mail, strlen(mail)), in_file, &err), 0);
        assert_memory_equal(in_memory, in_file, DIGEST_BYTES);
    }
    unsigned char odd[DIGEST_BYTES], canonical[DIGEST_BYTES];
    for (const char *p = t.s; *p; p++) {
        if (*p == '\n' && (p == t.s || p[-1] != '\r'))
            text_putc(&crlf, '\r');
        text_putc(&crlf, *p);
    }
    message_identity(t.s, t.len, odd);
    message_identity(crlf.s, crlf.len, canonical);
    assert_memory_equal(odd, canonical, DIGEST_BYTES);
}

/* ---- read in the cage */

static json_t *facts_of(struct cage *cage, const struct spool *s)
{
    json_t *facts;
    struct err err;
    cage_facts_begin_spool(cage, s);
    if (cage_facts_end(cage, &facts, &err) < 0)
        fail_msg("%s", err.text);
    return facts;
}

static void same_facts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    json_t *want;
    struct text t = text_new(mem);
    text_puts(
        &t, "From: a@b.example\r\nSubject: s\r\nContent-Type: multipart/mixed; "
            "boundary=m\r\n\r\n--m\r\n\r\nhello\r\n"
            "--m\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    for (int i = 0; i < 40000; i++)
        text_printf(&t, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5%04d\r\n",
                    i % 10000);
    text_puts(&t, "--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx\r\n--m--\r\n");
    assert_int_equal(cage_open(mem, &cage, &err), 0);
    assert_int_equal(facts_parse(t.s, t.len, &want, &err), 0);
    for (int i = 0; i < 3; i++) { /* one cage reads one after the other */
        json_t *got = facts_of(cage, spool_of(mem, t.s, t.len));
        assert_true(json_equal(got, want));
        json_decref(got);
    }
    const json_t *zip =
        json_array_get(json_object_get(json_array_get(json_object_get(want, "parts"), 0), "parts"), 1);
    assert_int_equal(json_integer_value(json_object_get(zip, "size")), 40000 * 54);
    json_decref(want);
}

/* What is left out of a large part counts in its size and sum, however it is encoded and ends. */
static void measured(void **state)
{
    (void)state;
    static const char *const line[][2] = {
        {"base64", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5%04d\r\n"},
        {"base64",
         "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5z%04d\n"}, /* across lines */
        {"quoted-printable", "soft=20=C3=A7 %04d =\r\nand hard\r\n"},
        {"binary", "as it is %04d\n\r\n"},
    };
    static const char *const end[] = {"\r\n--m--\r\n", "\n--m\nContent-Type: text/plain\n\nx\n--m--\n", "",
                                      "QUI=\r\n--m--\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(line) * ARRAY_LEN(end); i++) {
        MEM_SCOPE(mem);
        struct err err;
        struct cage *cage;
        json_t *want, *got;
        struct text t = text_new(mem);
        text_printf(
            &t,
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: application/zip\r\n"
            "Content-Transfer-Encoding: %s\r\n\r\n",
            line[i / ARRAY_LEN(end)][0]);
        for (int n = 0; t.len < 1500000; n++) {
            const char *format = line[i / ARRAY_LEN(end)][1], *at = strstr(format, "%04d");
            text_printf(&t, "%.*s%04d%s", (int)(at - format), format, n % 10000, at + 4);
        }
        text_puts(&t, end[i % ARRAY_LEN(end)]);
        assert_int_equal(facts_parse(t.s, t.len, &want, &err), 0);
        assert_int_equal(cage_open(mem, &cage, &err), 0);
        got = facts_of(cage, spool_of(mem, t.s, t.len));
        if (!json_equal(got, want))
            fail_msg("%s %zu: %s\n%s", line[i / ARRAY_LEN(end)][0], i % ARRAY_LEN(end), json_dumps(want, 0),
                     json_dumps(got, 0));
        json_decref(got);
        json_decref(want);
    }
}

static void refused(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    json_t *facts;
    assert_int_equal(cage_open(mem, &cage, &err), 0);
    cage_facts_begin_spool(cage, spool_of(mem, "", 0));
    assert_int_equal(cage_facts_end(cage, &facts, &err), -1);
    assert_string_equal(err.text, "the mail is empty");
    json_decref(facts_of(cage, spool_of(mem, "Subject: x\r\n\r\ny", 15)));
}

/* Of a large text the begin is read, and no more than so much in all. */
static void large_texts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    size_t texts = 0, i;
    json_t *part;
    struct text t = text_new(mem);
    text_puts(&t, "Subject: s\r\nContent-Type: multipart/mixed; boundary=m\r\n");
    for (int n = 0; n < 6; n++) {
        text_puts(&t, "\r\n--m\r\nContent-Type: text/plain\r\n\r\n");
        for (size_t end = t.len + (n ? 400000 : 3000000); t.len < end;)
            text_puts(&t, "A line of a text that somebody wrote.\r\n");
    }
    text_puts(&t, "--m--\r\n");
    assert_int_equal(cage_open(mem, &cage, &err), 0);
    json_t *facts = facts_of(cage, spool_of(mem, t.s, t.len));
    json_t *parts = json_object_get(json_array_get(json_object_get(facts, "parts"), 0), "parts");
    assert_int_equal(json_array_size(parts), 6);
    json_array_foreach(parts, i, part)
    {
        texts += json_string_length(json_object_get(part, "text"));
        assert_true(json_integer_value(json_object_get(part, "size")) >= 390000);
    }
    size_t first = json_string_length(json_object_get(json_array_get(parts, 0), "text"));
    assert_true(first > 240 << 10 && first <= 256 << 10);
    assert_true(texts > 900000 && texts <= 1 << 20);
    json_decref(facts);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){&facts_parser, NULL});
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read), cmocka_unit_test(one_identity), cmocka_unit_test(same_facts),
        cmocka_unit_test(measured),         cmocka_unit_test(refused),      cmocka_unit_test(large_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
