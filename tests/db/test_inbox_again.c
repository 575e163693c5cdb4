/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Judging once more: what would change is shown and nothing is; applied, what the old verdict alone had done
 * is taken back, and what people decided stays.  What a rule of before said is put into the store by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/inbox_again.h"
#include "tests/lib/office.h"

OFFICE_OF_GROUP("again", "")

/* ---- mails, and what became of them */

static int64_t receive(const struct office_letter *l, const char *header, const char *text)
{
    static int serial;
    char *mail =
        talloc_asprintf(o,
                        "From: %s\r\nTo: kabinet@klokot.example\r\nSubject: x\r\nDate: Mon, 16 Nov 2026 "
                        "10:00:00 +0100\r\nMessage-ID: <a%d@x.example>\r\nIn-Reply-To: %s\r\n%s\r\n%s\r\n",
                        l->email, ++serial, l->message_id, header, text);
    return office_receive(o, mail, strlen(mail));
}

#define message(id, column) office_message(o, id, column)

static const char *state_of(const char *table, int64_t id)
{
    return office_ask(o, "select state from %s where id = %lld", table, (long long)id);
}

static const char *answers(int64_t id)
{
    return office_ask(
        o, "select string_agg(answer || ' ' || state, ',' order by id) from answer where message_id = %lld",
        (long long)id);
}

/* ---- judging */

static struct {
    long n;
    int64_t id;
    char class[40], was[40], why[100];
} seen; /* the last change */

static void see(void *context, const struct inbox_change *change)
{
    (void)context;
    const char *class = json_string_value(json_object_get(change->verdict, "class"));
    seen.n++;
    seen.id = change->id;
    snprintf(seen.class, sizeof seen.class, "%s", class ? class : "");
    snprintf(seen.was, sizeof seen.was, "%s", change->class_was ? change->class_was : "");
    snprintf(seen.why, sizeof seen.why, "%s", change->why ? change->why : "");
}

static struct inbox_again_sum judge(const char *from, const char *to, bool apply)
{
    struct err err;
    struct inbox_again_sum sum;
    struct inbox_again again = {.from = from, .to = to, .apply = apply};
    seen.n = 0;
    if (inbox_judge_again(&o->inbox, &again, see, NULL, &sum, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(seen.n, sum.changed + (*seen.why ? 1 : 0));
    return sum;
}

/* What another rule had said. */
static void was(int64_t id, const char *class, const char *rule)
{
    office_do(o, "update message set class = '%s', rule = '%s', evidence = '[]' where id = %lld", class, rule,
              (long long)id);
}

static void nothing_changes_by_itself(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "same@s.example", "accepted");
    receive(&l, "", "We will attend.");
    receive(&l, "Auto-Submitted: auto-replied\r\n", "Away.");
    assert_int_equal(judge(NULL, NULL, false).changed, 0);
    assert_int_equal(judge(NULL, NULL, true).judged, 2);
}

static void a_person_was_a_machine(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "machine@m.example", "accepted");
    int64_t id = receive(&l, "", "We will attend.");
    assert_string_equal(answers(id), "accepted proposed");
    /* as if a rule of now knew it by its words */
    office_do(
        o,
        "update message_chunk set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'We will attend.', "
        "'I am out of the office until 2 May.'), 'UTF8') where message_id = %lld",
        (long long)id);
    office_do(
        o,
        "update message set size = (select sum(length(bytes)) from message_chunk where message_id = %lld) "
        "where id = %lld",
        (long long)id, (long long)id);
    assert_int_equal(judge(NULL, NULL, false).changed, 1);
    assert_int_equal(seen.id, id);
    assert_string_equal(seen.was, "human");
    assert_string_equal(seen.class, "auto-reply");
    assert_string_equal(message(id, "class"), "human"); /* shown alone */
    assert_string_equal(answers(id), "accepted proposed");
    judge(NULL, NULL, true);
    assert_string_equal(message(id, "class || ' ' || rule"), "auto-reply weak-signs");
    assert_string_equal(answers(id), "accepted rejected");
    assert_string_equal(message(id, "evidence->-1->>'where'"), "judged again");
    assert_string_equal(message(id, "evidence->-1->>'text'"), "human (no-other-rule)");
    assert_int_equal(judge(NULL, NULL, false).changed, 0); /* and it stays so */
}

static void a_bounce_was_none(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "alive@a.example", "accepted");
    int64_t id = receive(&l, "", "Thank you, we will attend.");
    was(id, "bounce", "legacy-bounce");
    office_do(
        o,
        "delete from answer where message_id = %lld;"
        "update address set state = 'dead', evidence = '{\"message\": %lld}' where id = %lld;"
        "update outbox set state = 'bounced', settled_by = 'dsn', settled_evidence = '{\"message\": %lld}' "
        "where id = %lld",
        (long long)id, (long long)id, (long long)l.address, (long long)id, (long long)l.outbox);
    judge(NULL, NULL, true);
    assert_string_equal(message(id, "class"), "human");
    assert_string_equal(state_of("outbox", l.outbox), "accepted");
    assert_string_not_equal(state_of("address", l.address), "dead");
    assert_string_equal(answers(id), "accepted proposed");
}

/* Another mail said that the address is dead. */
static void what_others_said_stays(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "dead@d.example", "accepted");
    int64_t id = receive(&l, "Auto-Submitted: auto-replied\r\n", "Away.");
    was(id, "bounce", "legacy-bounce");
    office_do(o, "update address set state = 'dead', evidence = '{\"message\": 0}' where id = %lld",
              (long long)l.address);
    judge(NULL, NULL, true);
    assert_string_equal(message(id, "class"), "auto-reply");
    assert_string_equal(state_of("address", l.address), "dead");
}

static void what_people_decided_stays(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "hand@h.example", "accepted");
    int64_t corrected = receive(&l, "", "We will attend."), ignored = receive(&l, "", "We cannot attend."),
            confirmed = receive(&l, "", "We will attend with two.");
    was(corrected, "complaint", "person");
    was(ignored, "auto-reply", "weak-signs");
    was(confirmed, "auto-reply", "weak-signs");
    office_do(o, "update message set state = 'ignored' where id = %lld", (long long)ignored);
    office_do(o, "update answer set state = 'confirmed', decided_by = 'x' where message_id = %lld",
              (long long)confirmed);
    assert_int_equal(judge(NULL, NULL, true).changed, 2);
    assert_string_equal(message(corrected, "class"), "complaint");
    assert_string_equal(message(ignored, "class || ' ' || state"), "human ignored");
    assert_string_equal(answers(ignored), "declined proposed");
    assert_string_equal(answers(confirmed), "accepted confirmed");
}

static void a_period(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "when@w.example", "accepted");
    int64_t id = receive(&l, "", "We will attend.");
    was(id, "auto-reply", "weak-signs");
    assert_int_equal(judge("2026-11-17", NULL, false).changed, 0);
    assert_int_equal(judge(NULL, "2026-11-15", false).changed, 0);
    assert_int_equal(judge("2026-11-16", "2026-11-16", false).changed, 1);
    judge(NULL, NULL, true);
}

static void what_was_parked_is_tried_again(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "parked@p.example", "unknown");
    int64_t id = receive(&l, "", "We will attend.");
    office_do(
        o,
        "delete from answer where message_id = %lld;"
        "update message set class = null, rule = null, evidence = null, outbox_id = null, contact_id = null, "
        "state = 'parked', why = 'x' where id = %lld",
        (long long)id, (long long)id);
    int64_t broken = office_receive(o, "", 0);
    struct inbox_again_sum sum = judge(NULL, NULL, true);
    assert_int_equal(sum.unreadable, 1);
    assert_string_equal(message(id, "class || ' ' || state"), "human filed");
    assert_string_equal(answers(id), "accepted proposed");
    assert_string_equal(message(broken, "state"), "parked");
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changes_by_itself),
        cmocka_unit_test(a_person_was_a_machine),
        cmocka_unit_test(a_bounce_was_none),
        cmocka_unit_test(what_others_said_stays),
        cmocka_unit_test(what_people_decided_stays),
        cmocka_unit_test(a_period),
        cmocka_unit_test(what_was_parked_is_tried_again),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
