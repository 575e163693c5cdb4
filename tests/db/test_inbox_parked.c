/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mail that cannot be read, kills its parser or hangs it is kept, shown and counted, and stops nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mail/message.h"
#include "mail/wire/facts.h"
#include "tests/lib/office.h"

OFFICE_OF_GROUP("inbox_parked", "")

#define message(id, column) office_message(o, id, column)

static int64_t receive(const char *subject)
{
    const char *mail = talloc_asprintf(
        o, "From: a@b.example\r\nSubject: %s\r\nMessage-ID: <%s@b.example>\r\n\r\nx\r\n", subject, subject);
    return office_receive(o, mail, strlen(mail));
}

/* The one child of this process. */
static pid_t cage_pid(void)
{
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE_SCOPE FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    return (pid_t)strtol(line, NULL, 10);
}

static void is_parked(int64_t id, const char *why)
{
    assert_string_equal(message(id, "state"), "parked");
    if (!strstr(message(id, "why"), why))
        fail_msg("%s", message(id, "why"));
    assert_string_equal(
        office_ask(o, "select count(*) > 0 from message_chunk where message_id = %lld", (long long)id), "t");
    assert_string_not_equal(message(receive(talloc_asprintf(o, "behind-%lld", (long long)id)), "state"),
                            "parked");
}

static void test_empty(void **state)
{
    (void)state;
    is_parked(office_receive(o, "", 0), "empty");
}

static void test_too_large(void **state)
{
    (void)state;
    struct text t = text_new(o);
    text_puts(&t, "Subject: large\r\n\r\n");
    while (t.len <= FACTS_MESSAGE_MAX)
        text_puts(&t, "this is a line of a mail that is larger than any that is read\r\n");
    is_parked(office_receive(o, t.s, t.len), "larger than");
    talloc_free(t.s);
}

static void test_hangs(void **state)
{
    (void)state;
    receive("before");
    kill(cage_pid(), SIGSTOP);
    is_parked(receive("hangs"), "longer than");
}

static void test_dies(void **state)
{
    (void)state;
    receive("alive");
    pid_t cage = cage_pid(), killer;
    kill(cage, SIGSTOP);
    if ((killer = fork()) == 0) {
        usleep(500000);
        kill(cage, SIGKILL);
        _exit(0);
    }
    is_parked(receive("dies"), "killed its parser");
    waitpid(killer, NULL, 0);
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_empty), cmocka_unit_test(test_too_large),
                                       cmocka_unit_test(test_hangs), cmocka_unit_test(test_dies)};
    return cmocka_run_group_tests(tests, begin, end);
}
