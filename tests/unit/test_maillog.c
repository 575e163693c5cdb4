/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "mail/maillog.h"
#include "mail/wire/maillog.h"

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t time;
    } cases[] = {
        {"Nov 30 08:42:17 mail postfix/qmgr[1]: x", 1796028137},
        {"Dec  3 00:00:01 mail postfix/qmgr[1]: x", 1764720001}, /* not a year ahead, but of last year */
        {"2026-11-30T08:42:17+00:00 mail postfix/qmgr[1]: x", 1796028137},
        {"2026-11-30T09:42:17.250001+01:00 mail x", 1796028137},
        {"2026-11-30T08:42:17Z mail x", 1796028137},
        {"2026-11-30 08:42:17 mail", -1},
        {"Nov 31x08:42:17 mail postfix/qmgr[1]: x", -1},
        {"2026-13-30T08:42:17Z mail x", -1},
        {"Nov 30 25:42:17 mail postfix/qmgr[1]: x", -1},
        {"Nov 30 08:42", -1},
        {"", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct maillog_clock clock = {.now = 1796030000};
        char line[200];
        int64_t t = -1;
        snprintf(line, sizeof line, "%s", cases[i].line);
        char *rest = maillog_time(&clock, line, &t);
        if ((cases[i].time < 0) != !rest || (rest && t != cases[i].time))
            fail_msg("%s: %lld", cases[i].line, (long long)t);
    }
}

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *host, *instance, *program, *queue_id, *text;
    } cases[] = {
        {"mail postfix/submission/smtpd[12]: connect from a[1.2.3.4]", "mail", "postfix", "smtpd", NULL,
         "connect from a[1.2.3.4]"},
        {"mail postfix-out/smtp[12]: 4FzQZ5w7Wvz9s: to=<a@b>, status=sent (250 ok)", "mail", "postfix-out",
         "smtp", "4FzQZ5w7Wvz9s", "to=<a@b>, status=sent (250 ok)"},
        {"mail postfix/cleanup[7]: 3D2A120B: message-id=<x@y>", "mail", "postfix", "cleanup", "3D2A120B",
         "message-id=<x@y>"},
        {"mail postfix/smtpd[12]: NOQUEUE: reject: x", "mail", "postfix", "smtpd", NULL,
         "NOQUEUE: reject: x"},
        {"mail postfix/smtpd[12]: warning: x: y", "mail", "postfix", "smtpd", NULL, "warning: x: y"},
        {"mail sshd[12]: hello", NULL, NULL, NULL, NULL, NULL},
        {"mail kernel: [12]", NULL, NULL, NULL, NULL, NULL},
        {"", NULL, NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct maillog_line l;
        char line[200];
        snprintf(line, sizeof line, "%s", cases[i].line);
        bool ok = maillog_parse(line, &l);
        assert_int_equal(ok, cases[i].host != NULL);
        if (!ok)
            continue;
        assert_string_equal(l.host, cases[i].host);
        assert_string_equal(l.instance, cases[i].instance);
        assert_string_equal(l.program, cases[i].program);
        assert_string_equal(l.queue_id ? l.queue_id : "-", cases[i].queue_id ? cases[i].queue_id : "-");
        assert_string_equal(l.text, cases[i].text);
    }
}

/* ---- whole logs: letters a, b, c of ours; a and b were taken, c is asked for.  It was on its way from
 * second 100 to 110. */

static int64_t begin; /* of the log, Unix time */
static void *mem;
static char folder[] = "/tmp/adresar-maillog.XXXXXX";

/* "100 smtpd[1] connect from ..." a line becomes one of a log. */
static const char *write_log(const char *name, const char *const *line, bool compressed)
{
    const char *path = talloc_asprintf(mem, "%s/%s", folder, name);
    gzFile f = gzopen(path, compressed ? "wb" : "wbT");
    assert_non_null(f);
    for (; *line; line++) {
        char *rest, stamp[64];
        time_t t = (time_t)(begin + strtol(*line, &rest, 10));
        struct tm tm;
        strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", localtime_r(&t, &tm));
        const char *says = strchr(rest + 1, ' ') + 1;
        gzprintf(f, "%s mail postfix/%.*s: %s\n", stamp, (int)(says - rest - 2), rest + 1, says);
    }
    gzclose(f);
    return path;
}

#define HEAD                                                                                                 \
    "10 smtpd[9] connect from x[9.9.9.9]", "11 smtpd[9] disconnect from x[9.9.9.9] ehlo=1 quit=1 commands=2"
#define TAIL            "150 anvil[3] statistics: max cache size 1"
#define CONNECT         "97 smtpd[1] connect from us[1.2.3.4]"
#define TAKEN(id, name) TAKEN_AT("98", id, name)
#define TAKEN_AT(at, id, name)                                                                               \
    at " smtpd[1] " id ": client=us[1.2.3.4], sasl_method=PLAIN, sasl_username=office",                      \
        at " cleanup[2] " id ": message-id=<" name "@office.example>",                                       \
        at " qmgr[3] " id ": from=<o@office.example>, size=900, nrcpt=1 (queue active)"
#define DELIVERED(id, name, status)                                                                          \
    "99 smtp[4] " id ": to=<" name "@far.example>, relay=mx[5.6.7.8]:25, delay=1, delays=0/0/1/0, " status,  \
        "99 qmgr[3] " id ": removed"
#define BEGUN(id) "101 smtpd[1] " id ": client=us[1.2.3.4], sasl_method=PLAIN, sasl_username=office"
#define LOST      "102 smtpd[1] lost connection after DATA (0 bytes) from us[1.2.3.4]"
#define END(data)                                                                                            \
    "102 smtpd[1] disconnect from us[1.2.3.4] ehlo=1 auth=1 mail=3 rcpt=3 data=" data " commands=9"
#define LOG(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool skewed; /* the store says so */
static struct maillog_letter judged(const char *const *files, size_t n, const char *user)
{
    struct err err;
    struct maillog_letter letter = {.rfc_message_id = "<c@office.example>",
                                    .email = "c@far.example",
                                    .user = user,
                                    .begun = begin + 100,
                                    .ended = begin + 110};
    struct maillog *log = maillog_new(mem, &letter, 1, "office.example", begin + 1000);
    if (maillog_read(log, files, n, 0, &err) < 0)
        fail_msg("%s", err.text);
    maillog_judge(log, (const char *const[]){"<a@office.example>"}, 1, skewed);
    return letter;
}

static struct maillog_letter judge_one(const char *const *line)
{
    return judged((const char *const[]){write_log("mail.log", line, false)}, 1, NULL);
}

static void it_was_taken(void **state)
{
    (void)state;
    static const struct {
        const char *says, *status, *enhanced, *words;
    } cases[] = {
        {"dsn=2.0.0, status=sent (250 2.0.0 Ok)", "sent", "2.0.0", "(250 2.0.0 Ok)"},
        {"dsn=5.1.1, status=bounced (host mx said: 550 no, such, user)", "bounced", "5.1.1",
         "(host mx said: 550 no, such, user)"},
        {"dsn=4.2.2, status=deferred (full)", "deferred", "4.2.2", "(full)"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *says = talloc_asprintf(
            mem, "96 smtp[4] A2A2A2A2: to=<C@Far.example>, relay=mx[5.6.7.8]:25, delay=1, %s", cases[i].says);
        struct maillog_letter l =
            judge_one(LOG(HEAD, CONNECT, TAKEN("A2A2A2A2", "c"), says,
                          "97 smtp[4] A2A2A2A2: to=<journal@office.example>, dsn=5.0.0, status=bounced (x)"));
        assert_int_equal(l.verdict, MAILLOG_TAKEN);
        assert_string_equal(l.status, cases[i].status);
        assert_string_equal(l.enhanced, cases[i].enhanced);
        assert_string_equal(l.words, cases[i].words);
        assert_int_equal(talloc_array_length(l.lines), 5);
        assert_non_null(strstr(l.lines[0], "client=us"));
    }
    struct maillog_letter l =
        judge_one(LOG(TAKEN("A2A2A2A2", "c"),
                      "99 qmgr[3] A2A2A2A2: from=<o@office.example>, status=expired, returned to sender"));
    assert_string_equal(l.status, "expired");
    assert_int_equal(l.verdict, MAILLOG_TAKEN);
}

/* A filter takes it out of the queue and hands it back: what the second queue says counts. */
static void through_a_filter(void **state)
{
    (void)state;
    struct maillog_letter l = judge_one(LOG(
        TAKEN("A1A1A1A1", "c"), "96 cleanup[2] A2A2A2A2: message-id=<c@office.example>",
        "96 qmgr[3] A2A2A2A2: from=<o@office.example>, size=1, nrcpt=1 (queue active)",
        DELIVERED("A1A1A1A1", "c", "dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 Ok: queued as A2A2A2A2)"),
        DELIVERED("A2A2A2A2", "c", "dsn=5.1.1, status=bounced (no)")));
    assert_string_equal(l.status, "bounced");
    assert_string_equal(l.enhanced, "5.1.1");
}

#define OTHERS                                                                                               \
    TAKEN("A1A1A1A1", "a"), DELIVERED("A1A1A1A1", "a", "dsn=2.0.0, status=sent (250 ok)"),                   \
        TAKEN("A2A2A2A2", "b")
#define UNTAKEN CONNECT, OTHERS, BEGUN("A3A3A3A3"), LOST

static void it_was_not_taken(void **state)
{
    (void)state;
    struct maillog_letter l = judge_one(LOG(HEAD, UNTAKEN, END("2/3"), TAIL));
    if (l.verdict != MAILLOG_NOT_TAKEN)
        fail_msg("%s", l.why);
    assert_int_equal(talloc_array_length(l.lines), 3);
    assert_non_null(strstr(l.lines[1], "lost connection"));
    /* its header had come when the connection went: the id alone proves nothing */
    l = judge_one(
        LOG(HEAD, UNTAKEN, "102 cleanup[2] A3A3A3A3: message-id=<c@office.example>", END("2/3"), TAIL));
    assert_int_equal(l.verdict, MAILLOG_NOT_TAKEN);
}

/* Nothing is proved by a log that may not say all. */
static void it_is_unclear(void **state)
{
    (void)state;
    static const struct {
        const char *why, *log[32];
    } cases[] = {
        {"begins too late", {BEGUN("A3A3A3A3"), LOST, END("0/1"), TAIL}},
        {"begins too late", {NULL}},
        {"ends too early", {HEAD, UNTAKEN, END("2/3")}},
        {"has no end", {HEAD, UNTAKEN, TAIL}},
        {"has no end", {HEAD, UNTAKEN, "104 smtpd[1] connect from us[1.2.3.4]", TAIL}},
        {"does not show", {HEAD, UNTAKEN, END("3"), TAIL}},
        {"does not show",
         {HEAD, CONNECT, OTHERS, BEGUN("A3A3A3A3"),
          "102 smtpd[1] lost connection after END-OF-MESSAGE from us[1.2.3.4]", END("2/3"), TAIL}},
        {"does not count", {HEAD, UNTAKEN, "102 smtpd[1] disconnect from us[1.2.3.4]", TAIL}},
        {"lost lines",
         {HEAD, UNTAKEN, END("2/3"), "105 x[1] imuxsock: begin to drop messages from pid 1", TAIL}},
        {"goes back", {HEAD, UNTAKEN, END("2/3"), "125 x[1] later", "105 x[1] before", TAIL}},
        {"no session of ours", {HEAD, TAIL}},
        {"no session of ours",
         {HEAD, "97 smtpd[5] connect from them[2.2.2.2]",
          "103 smtpd[5] disconnect from them[2.2.2.2] ehlo=1 commands=1", TAIL}},
        {"has no end", {HEAD, UNTAKEN, END("2/3"), "102 smtpd[5] connect from them[2.2.2.2]", TAIL}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct maillog_letter l = judge_one(cases[i].log);
        if (l.verdict != MAILLOG_UNCLEAR || !l.why || !strstr(l.why, cases[i].why))
            fail_msg("case %zu: verdict %d, %s; wanted %s", i, l.verdict, l.why, cases[i].why);
    }
}

/* The first letter of a session: it is ours by the login, or by what came from there at another time. */
static void whose_session(void **state)
{
    (void)state;
    const char *file =
        write_log("mail.log", LOG(HEAD, CONNECT, BEGUN("A3A3A3A3"), LOST, END("0/1"), TAIL), false);
    assert_int_equal(judged(&file, 1, NULL).verdict, MAILLOG_UNCLEAR);
    assert_int_equal(judged(&file, 1, "other").verdict, MAILLOG_UNCLEAR);
    assert_int_equal(judged(&file, 1, "office").verdict, MAILLOG_NOT_TAKEN);
    file = write_log("mail.log",
                     LOG("1 smtpd[1] connect from us[1.2.3.4]", TAKEN_AT("2", "A1A1A1A1", "a"),
                         "3 smtpd[1] disconnect from us[1.2.3.4] data=1 commands=3", HEAD, CONNECT,
                         BEGUN("A3A3A3A3"), LOST, END("0/1"), TAIL),
                     false);
    assert_int_equal(judged(&file, 1, NULL).verdict, MAILLOG_NOT_TAKEN);
}

static void files_adjoin(void **state)
{
    (void)state;
    const char *const first[] = {HEAD, NULL}, *const second[] = {UNTAKEN, END("2/3"), TAIL, NULL};
    const char *files[2] = {write_log("mail.log", second, false), write_log("mail.log.1.gz", first, true)};
    struct maillog_letter l = judged(files, 2, NULL);
    if (l.verdict != MAILLOG_NOT_TAKEN)
        fail_msg("%s", l.why);
    files[1] = write_log("mail.log.2.gz", first, true);
    l = judged(files, 2, NULL);
    assert_int_equal(l.verdict, MAILLOG_UNCLEAR);
    assert_non_null(strstr(l.why, "between two files"));
}

static void another_clock(void **state)
{
    (void)state;
    const char *const untaken[] = {HEAD, UNTAKEN, END("2/3"), TAIL, NULL};
    skewed = true;
    struct maillog_letter l = judge_one(untaken);
    assert_int_equal(l.verdict, MAILLOG_UNCLEAR);
    assert_non_null(strstr(l.why, "clock"));
    const char *const taken[] = {HEAD, CONNECT, TAKEN("A3A3A3A3", "c"), END("1/1"), TAIL, NULL};
    l = judge_one(taken);
    skewed = false;
    assert_int_equal(l.verdict, MAILLOG_TAKEN);
}

static void damaged(void **state)
{
    (void)state;
    struct err err;
    const char *line[] = {HEAD, NULL}, *path = write_log("cut.gz", line, true);
    assert_int_equal(truncate(path, 60), 0);
    struct maillog *log = maillog_new(mem, NULL, 0, "office.example", begin);
    assert_int_equal(maillog_read(log, &path, 1, 0, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    path = "/nowhere/mail.log";
    assert_int_equal(maillog_read(log, &path, 1, 0, &err), -1);
    assert_int_equal(err.code, ERR_IO);
}

int main(void)
{
    mem_init();
    mem = talloc_new(NULL);
    begin = time(NULL) - 1000;
    if (!mkdtemp(folder))
        return 1;
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(lines),
        cmocka_unit_test(it_was_taken),
        cmocka_unit_test(through_a_filter),
        cmocka_unit_test(it_was_not_taken),
        cmocka_unit_test(it_is_unclear),
        cmocka_unit_test(whose_session),
        cmocka_unit_test(files_adjoin),
        cmocka_unit_test(another_clock),
        cmocka_unit_test(damaged),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const names[] = {"mail.log", "mail.log.1.gz", "mail.log.2.gz", "cut.gz"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        unlink(talloc_asprintf(mem, "%s/%s", folder, names[i]));
    rmdir(folder);
    talloc_free(mem);
    return failed;
}
