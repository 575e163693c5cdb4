/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files in the mail that comes in: each is kept once, the messages are as they were, and a file is forgotten
 * with the last message that has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/digest.h"
#include "mail/message.h"
#include "mail/wire/encode.h"
#include "tests/lib/office.h"

enum { SMALL = 20000, LARGE = 9500000 };

OFFICE_OF_GROUP("message_file", "")

static char *some_file(size_t len)
{
    char *file = talloc_size(o, len);
    uint64_t chance = 88172645463325252u;
    for (size_t i = 0; i < len; i++) {
        chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
        file[i] = (char)(chance >> 32);
    }
    return file;
}

/* A mail with the file, which is received and read again. */
static int64_t receive(const char *subject, const char *file, size_t len)
{
    struct text t = text_new(o);
    char *raw;
    size_t raw_len;
    struct err err;
    text_printf(
        &t,
        "From: a@b.example\r\nTo: kabinet@klokot.example\r\nSubject: %s\r\nMessage-ID: <%s@b.example>\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n"
        "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        subject, subject);
    encode_base64(&t, file, len);
    text_puts(&t, "--b--\r\n");
    int64_t id = office_receive(o, t.s, t.len);
    if (message_load(o, o->inbox.db, id, &raw, &raw_len, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(raw_len, t.len);
    assert_memory_equal(raw, t.s, t.len);
    return id;
}

static long ask(const char *sql)
{
    return strtol(office_ask(o, "%s", sql), NULL, 10);
}

static void test_once(void **state)
{
    (void)state;
    const char *file = some_file(SMALL);
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(file, SMALL, sum);
    int64_t first = receive("one", file, SMALL), second = receive("two", file, SMALL);
    receive("three", file, SMALL - 1);
    assert_int_equal(ask("select count(*) from attachment"), 2);
    const char *hex = office_ask(o, "select encode(sha256, 'hex') from attachment order by id limit 1");
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        assert_int_equal(strtol((const char[]){hex[2 * i], hex[2 * i + 1], 0}, NULL, 16), sum[i]);
    assert_string_equal(office_ask(o, "select sum(length(bytes)) < 6000 from message_chunk"), "t");
    assert_string_equal(office_ask(o,
                                   "select facts->'attachments'->0->>'sha256' from message where id = %lld",
                                   (long long)second),
                        hex);
    office_do(o, "set session_replication_role = origin"); /* with the triggers */
    office_do(o, "delete from message_chunk where message_id = %lld", (long long)first);
    assert_int_equal(ask("select count(*) from attachment"), 2);
    office_do(o, "delete from message_chunk where message_id = %lld", (long long)second);
    assert_int_equal(ask("select count(*) from attachment"), 1);
    office_do(o, "set session_replication_role = replica");
}

/* In pieces, so that no statement is larger. */
static void test_large(void **state)
{
    (void)state;
    receive("large", some_file(LARGE), LARGE);
    assert_string_equal(
        office_ask(o, "select count(*) = 10 and max(size) <= 1 << 20 from attachment a"
                      " where exists (select from message_chunk c join message m on m.id = c.message_id"
                      " where c.attachment_id = a.id and m.subject = 'large')"),
        "t");
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_once), cmocka_unit_test(test_large)};
    return cmocka_run_group_tests(tests, begin, end);
}
