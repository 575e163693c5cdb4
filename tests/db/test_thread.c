/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What belongs together: the same whatever came first, and nobody gets into a thread by an id that they made
 * up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "mail/message.h"
#include "mail/sent.h"
#include "mail/thread.h"
#include "tests/lib/office.h"

OFFICE_OF_GROUP("thread", "authserv_id = mx.klokot.example\n"
                          "[imap other]\nuser = u\npassword_file = p\naddress = protokoll@klokot.example\n"
                          "authserv_id = mx.klokot.example\n")

/* ---- a correspondence: messages of one letter each, between people of one letter each */

enum { MAILS = 16, LETTER = 'L' };

/* A mail as the tests write it.  refers: the mails that it refers to, the newest last; one that is never
 * written is one that we never had, and 'L' is the letter. */
struct mail {
    char name, from; /* from: 'u' is us, from a mail client of ours */
    const char *to, *refers;
    const char *text;
};

/* One order in which they come, with ids and addresses of its own. */
struct run {
    int number;
    struct office_letter letter;
    int64_t id[128];
};

static int runs;

static const char *rfc_id(const struct run *r, char name)
{
    return name == LETTER ? r->letter.message_id : talloc_asprintf(o, "<%c.%d@ids.example>", name, r->number);
}

static const char *address(const struct run *r, char who)
{
    if (who == 'u')
        return "kabinet@klokot.example";
    return who == 'l' ? r->letter.email : talloc_asprintf(o, "%c.%d@people.example", who, r->number);
}

static char *written(const struct run *r, const struct mail *m)
{
    struct text t = text_new(o);
    text_printf(
        &t,
        "From: %s\r\nDate: Mon, 2 Nov 2026 10:%02d:00 +0100\r\nSubject: Correspondence\r\nMessage-ID: %s\r\n",
        address(r, m->from), m->name % 60, rfc_id(r, m->name));
    for (const char *p = m->to; *p; p++)
        text_printf(&t, "%s %s", p == m->to ? "To:" : ",", address(r, *p));
    for (const char *p = m->refers; *p; p++)
        text_printf(&t, "%s %s", p == m->refers ? "\r\nReferences:" : "", rfc_id(r, *p));
    text_printf(&t, "\r\n\r\n%s\r\n", m->text ? m->text : "Something.");
    return t.s;
}

static int64_t send_by_hand(const char *mail)
{
    DB_TX tx = {0};
    struct letter l;
    struct inbox_sum sum = {0};
    json_t *facts;
    int64_t id;
    MEM_SCOPE(mem);
    DONE(cage_facts(o->inbox.cage, mail, strlen(mail), &facts, err));
    letter_read(mem, facts, &l);
    DONE(db_begin(&tx, o->inbox.db, DB_WRITE, err));
    const struct imap_message m = {.bytes = mail, .size = strlen(mail)};
    DONE(sent_store(&o->inbox, &l, &m, &id, err));
    DONE(db_commit(&tx, err));
    DONE(inbox_judge_new(&o->inbox, &sum, err));
    json_decref(facts);
    return id;
}

static struct run run_begin(bool letter)
{
    struct run r = {.number = ++runs};
    if (letter)
        r.letter = office_write(o, office_add_mailing(o), talloc_asprintf(o, "l.%d@people.example", r.number),
                                "accepted");
    return r;
}

static void arrives(struct run *r, const struct mail *m)
{
    const char *mail = written(r, m);
    r->id[(int)m->name] = m->from == 'u' ? send_by_hand(mail) : office_receive(o, mail, strlen(mail));
}

/* "ABM X:decide": who is in one thread, and what became of each. */
static const char *outcome(const struct run *r, const struct mail *mails, size_t n)
{
    struct text ids = text_new(o);
    for (size_t i = 0; i < n; i++)
        text_printf(&ids, "%s(%lld, '%c')", i ? "," : "", (long long)r->id[(int)mails[i].name],
                    mails[i].name);
    return office_ask(
        o,
        "with m as (select n.name, m.* from (values %s) n (id, name) join message m using (id)), t as "
        "(select "
        "string_agg(name, '' order by name) as together from m group by coalesce(thread_id, -id))"
        " select (select string_agg(together, ' ' order by together) from t) || ' | ' ||"
        " string_agg(name || ':' || state || case when outbox_id is null then '' else '*' end, ' ' order by "
        "name)"
        " from m",
        ids.s);
}

/* In every order. */
static void permute(const struct mail *mails, size_t n, bool letter, size_t *order, size_t k,
                    const char *want)
{
    if (k == n) {
        struct run r = run_begin(letter);
        char names[MAILS + 1] = {0};
        for (size_t i = 0; i < n; i++) {
            arrives(&r, &mails[order[i]]);
            names[i] = mails[order[i]].name;
        }
        const char *got = outcome(&r, mails, n);
        if (strcmp(got, want))
            fail_msg("in the order %s: %s\nbut should be %s", names, got, want);
        return;
    }
    for (size_t i = k; i < n; i++) {
        size_t was = order[k];
        order[k] = order[i];
        order[i] = was;
        permute(mails, n, letter, order, k + 1, want);
        order[i] = order[k];
        order[k] = was;
    }
}

static void in_any_order(const struct mail *mails, size_t n, bool letter, const char *want)
{
    size_t order[MAILS];
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    permute(mails, n, letter, order, 0, want);
}

/* ---- */

/* M was written by an official; both answer it, b to us alone; c was named by a; x is a stranger with M's id.
 */
static void an_ancestor_that_comes_late(void **state)
{
    (void)state;
    static const struct mail mails[] = {{'M', 'u', "ab", "", NULL},
                                        {'A', 'a', "u", "M", NULL},
                                        {'B', 'b', "u", "M", NULL},
                                        {'X', 'x', "ua", "MA", NULL}};
    static const struct mail named[] = {
        {'M', 'u', "ab", "", NULL}, {'A', 'a', "uc", "M", NULL}, {'C', 'c', "u", "A", NULL}};
    in_any_order(mails, ARRAY_LEN(mails), false, "ABM X | A:decide B:decide M:sent X:decide");
    in_any_order(named, ARRAY_LEN(named), false, "ACM | A:decide C:decide M:sent");
}

/* a wrote twice about what we never had; when it comes, all of it is one. */
static void two_threads_become_one(void **state)
{
    (void)state;
    static const struct mail mails[] = {{'M', 'u', "ab", "", NULL},
                                        {'A', 'a', "u", "M", NULL},
                                        {'D', 'a', "u", "MA", NULL},
                                        {'B', 'b', "u", "M", NULL}};
    in_any_order(mails, ARRAY_LEN(mails), false, "ABDM | A:decide B:decide D:decide M:sent");
    in_any_order(mails + 1, ARRAY_LEN(mails) - 1, false, "AD B | A:decide B:decide D:decide");
}

/* We never get what both answer: they are one thread when both wrote to each other.  f names a, and a does
 * not name f. */
static void an_ancestor_that_never_comes(void **state)
{
    (void)state;
    static const struct mail mails[] = {{'A', 'a', "ub", "M", NULL},
                                        {'B', 'b', "ua", "M", NULL},
                                        {'C', 'c', "u", "M", NULL},
                                        {'F', 'f', "uab", "M", NULL}};
    in_any_order(mails, ARRAY_LEN(mails), false, "AB C F | A:decide B:decide C:decide F:decide");
}

/* A has the letter's id.  C answers A without it; E is an official's answer to A. */
static void around_a_letter(void **state)
{
    (void)state;
    static const struct mail mails[] = {{'A', 'l', "uc", "L", "Thank you."},
                                        {'C', 'c', "u", "A", "I am the assistant."},
                                        {'E', 'u', "lc", "LA", NULL},
                                        {'X', 'x', "ulc", "EA", NULL}};
    in_any_order(mails, ARRAY_LEN(mails), true, "ACE X | A:answered* C:decide* E:sent X:decide");
}

/* An answer that stands in no relation to a letter but by what comes later is proposed as if it had come
 * last. */
static void an_answer_before_its_thread(void **state)
{
    (void)state;
    static const struct mail mails[] = {{'A', 'l', "u", "L", "Thank you."},
                                        {'B', 'l', "u", "A", "I will attend with pleasure."}};
    in_any_order(mails, ARRAY_LEN(mails), true, "AB | A:decide* B:filed*");
    assert_string_equal(
        office_ask(o, "select string_agg(distinct n, ',') from (select count(*)::text as n from answer where "
                      "message_id in (select id from message where reply_text like 'I will attend%%') group "
                      "by message_id) x"),
        "1");
}

/* ---- by hand */

static int64_t thread_of(int64_t message)
{
    return strtoll(office_ask(o, "select thread_id from message where id = %lld", (long long)message), NULL,
                   10);
}

/* What a person takes apart stays apart: answers go where what they answer is, and what is judged again
 * stays. */
static void taken_apart_by_hand(void **state)
{
    (void)state;
    static const struct mail a = {'A', 'l', "u", "L", "Thank you."},
                             b = {'B', 'l', "u", "LA", "Another matter: the road."},
                             c = {'C', 'l', "u", "LAB", "The road again."},
                             d = {'D', 'l', "u", "LA", "As I said."},
                             e = {'E', 'u', "l", "LABC", "The road will be mended."};
    struct run r = run_begin(true);
    arrives(&r, &a);
    arrives(&r, &b);
    int64_t was = thread_of(r.id['B']), made = 0;
    assert_int_equal(was, thread_of(r.id['A']));
    arrives(&r, &e); /* before what it answers */
    DONE(thread_split(o->su, r.id['B'], false, &made, err));
    assert_int_equal(thread_of(r.id['A']), was);
    assert_int_equal(thread_of(r.id['B']), made);
    assert_int_equal(thread_of(r.id['E']), made);
    arrives(&r, &c);
    arrives(&r, &d);
    assert_int_equal(thread_of(r.id['C']), made);
    assert_int_equal(thread_of(r.id['D']), was);
    office_do(
        o,
        "update message set state = 'new', class = null where thread_id in (%lld, %lld) and direction = 'in'",
        (long long)was, (long long)made);
    struct inbox_sum sum = {0};
    DONE(inbox_judge_new(&o->inbox, &sum, err));
    assert_int_equal(sum.judged, 4);
    assert_string_equal(
        office_ask(o,
                   "select string_agg((thread_id = %lld)::text, ' ' order by id) from message where id in "
                   "(%lld, %lld, %lld, %lld)",
                   (long long)made, (long long)r.id['A'], (long long)r.id['B'], (long long)r.id['C'],
                   (long long)r.id['D']),
        "false true true false");
    struct err why = {0};
    assert_int_equal(thread_split(o->su, 999999, false, &made, &why), -1);
    assert_int_equal(why.code, ERR_NOTFOUND);
}

/* What a person joins is one thread from then on, whatever comes; the old number still finds it. */
static void joined_by_hand(void **state)
{
    (void)state;
    static const struct mail a = {'A', 'l', "u", "L", "Thank you."}, c = {'C', 'l', "u", "LA", "And this."};
    struct run r = run_begin(true), other = run_begin(true);
    arrives(&r, &a);
    arrives(&other, &a);
    int64_t one = thread_of(r.id['A']), two = thread_of(other.id['A']);
    DONE(thread_join(o->su, one, two, err));
    arrives(&other, &c);
    assert_int_equal(thread_of(other.id['A']), one);
    assert_int_equal(thread_of(other.id['C']), one);
    struct err why = {0};
    assert_int_equal(thread_join(o->su, two, one, &why), -1); /* they are one */
    json_t *view;
    DONE(thread_view(o->su, o->inbox.cage, two, "UTC", &view, err));
    assert_int_equal(json_integer_value(json_object_get(view, "id")), one);
    json_t *messages = json_object_get(view, "messages");
    assert_int_equal(json_array_size(messages), 5);
    assert_string_equal(json_string_value(json_object_get(json_array_get(messages, 0), "text")), "Dear");
    json_decref(view);
    /* and taken apart again */
    int64_t made;
    DONE(thread_split(o->su, other.id['C'], true, &made, err));
    DONE(thread_join(o->su, made, one, err)); /* a person's last word */
    assert_string_equal(
        office_ask(o, "select count(*) from thread_apart where %lld in (a, b)", (long long)made), "0");
}

/* Ancestors that we never had, and ids that lead in a circle. */
static void the_whole_history(void **state)
{
    (void)state;
    static const struct mail mails[] = {{'A', 'a', "u", "M", "First."},
                                        {'B', 'a', "u", "MA", "Second."},
                                        {'C', 'a', "u", "D", "Third."},
                                        {'D', 'a', "u", "CM", "Fourth."}};
    struct run r = run_begin(false);
    for (size_t i = 0; i < ARRAY_LEN(mails); i++)
        arrives(&r, &mails[i]);
    json_t *view, *m;
    DONE(thread_view(o->su, NULL, thread_of(r.id['A']), "UTC", &view, err));
    const json_t *list = json_object_get(view, "messages");
    assert_int_equal(json_array_size(list), 4);
    struct text shape = text_new(o);
    size_t i;
    json_array_foreach(list, i, m)
    {
        text_printf(&shape, "%s%s%lld", i ? " " : "", json_is_true(json_object_get(m, "missing")) ? "?" : "",
                    (long long)json_integer_value(json_object_get(m, "depth")));
    }
    assert_string_equal(shape.s, "?0 1 ?0 1");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "text")), "Second.");
    json_decref(view);
}

/* ---- two at once */

/* Another process fetches them, each in a commit of its own, and judges. */
static void fetch_elsewhere(const struct run *r, const struct mail *mails, size_t n, bool backwards)
{
    struct inbox_sum sum = {0};
    struct inbox inbox = o->inbox;
    DONE(db_open(&inbox.db, o->conninfo, "adresar_fetch", "test", err));
    DONE(cage_open(NULL, &inbox.cage, err));
    for (size_t i = 0; i < n; i++) {
        DB_TX tx = {0};
        int64_t id;
        const char *mail = written(r, &mails[backwards ? n - 1 - i : i]);
        DONE(db_begin(&tx, inbox.db, DB_WRITE, err));
        DONE(message_store(inbox.db, MESSAGE_IN, mail, strlen(mail), NULL, &id, err));
        DONE(db_commit(&tx, err));
        DONE(inbox_judge_new(&inbox, &sum, err));
    }
    DONE(inbox_judge_new(&inbox, &sum, err)); /* whoever waited is tried again */
    _exit(0);
}

/* Two processes fetch the same at the same moment, from two ends. */
static void two_at_once(void **state)
{
    (void)state;
    enum { ROUNDS = 12 };
    static const struct mail mails[] = {{'A', 'a', "ub", "M", NULL},
                                        {'B', 'b', "ua", "M", NULL},
                                        {'C', 'a', "ub", "B", NULL},
                                        {'D', 'b', "ua", "CM", NULL}};
    for (int round = 0; round < ROUNDS; round++) {
        struct run r = run_begin(false);
        pid_t child[2];
        for (int i = 0; i < 2; i++)
            if ((child[i] = fork()) == 0)
                fetch_elsewhere(&r, mails, ARRAY_LEN(mails), i);
        for (int i = 0; i < 2; i++) {
            int status;
            waitpid(child[i], &status, 0);
            assert_int_equal(status, 0);
        }
        for (size_t i = 0; i < ARRAY_LEN(mails); i++)
            r.id[(int)mails[i].name] = strtoll(
                office_ask(o, "select max(id) from message where rfc_message_id = '%s' having count(*) = 1",
                           rfc_id(&r, mails[i].name)),
                NULL, 10);
        assert_string_equal(outcome(&r, mails, ARRAY_LEN(mails)),
                            "ABCD | A:decide B:decide C:decide D:decide");
    }
}

/* ---- by chance */

static unsigned seed;

static unsigned chance(unsigned n)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % n;
}

static void make(struct mail *mails, size_t n)
{
    static const char people[] = "abcdl";
    for (size_t i = 0; i < n; i++) {
        struct text to = text_new(o), refers = text_new(o);
        mails[i] = (struct mail){.name = (char)('A' + i), .from = chance(5) ? people[chance(5)] : 'u'};
        text_puts(&to, mails[i].from == 'u' ? "" : "u");
        for (const char *p = people; *p; p++)
            if (*p != mails[i].from && (chance(4) == 0 || (mails[i].from == 'u' && to.len == 0)))
                text_putc(&to, *p);
        for (unsigned k = chance(3); k > 0; k--) /* also of what comes later, and of what never comes */
            text_putc(&refers, chance(12) ? (char)('A' + chance((unsigned)n + 2)) : LETTER);
        mails[i].to = to.s;
        mails[i].refers = refers.s;
    }
}

static void any_correspondence(void **state)
{
    (void)state;
    enum { SETS = 8, ORDERS = 3, N = 8 };
    for (unsigned set = 1; set <= SETS; set++) {
        struct mail mails[N];
        const char *first = NULL;
        seed = set;
        make(mails, N);
        for (int order = 0; order < ORDERS; order++) {
            struct run r = run_begin(true);
            struct mail shuffled[N];
            memcpy(shuffled, mails, sizeof mails);
            for (unsigned i = N - 1; i > 0; i--) {
                unsigned k = chance(i + 1);
                struct mail was = shuffled[i];
                shuffled[i] = shuffled[k];
                shuffled[k] = was;
            }
            for (size_t i = 0; i < N; i++)
                arrives(&r, &shuffled[i]);
            const char *got = outcome(&r, mails, N);
            if (first && strcmp(first, got)) {
                for (size_t i = 0; i < N; i++)
                    print_message("%c from %c to %s refers %s\n", shuffled[i].name, shuffled[i].from,
                                  shuffled[i].to, shuffled[i].refers);
                fail_msg("set %u: %s\nbut in another order %s", set, got, first);
            }
            first = got;
        }
    }
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ancestor_that_comes_late),
        cmocka_unit_test(two_threads_become_one),
        cmocka_unit_test(an_ancestor_that_never_comes),
        cmocka_unit_test(around_a_letter),
        cmocka_unit_test(an_answer_before_its_thread),
        cmocka_unit_test(taken_apart_by_hand),
        cmocka_unit_test(joined_by_hand),
        cmocka_unit_test(the_whole_history),
        cmocka_unit_test(two_at_once),
        cmocka_unit_test(any_correspondence),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
