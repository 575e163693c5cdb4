/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Notices about an address are a task for a person and change nothing; receipts prove that a letter arrived,
 * by the id that they name or by the address that they come to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/office.h"

OFFICE_OF_GROUP("notice", "")

#define receive(...) office_receive_text(o, __VA_ARGS__)

#define message(id, column) office_message(o, id, column)

static const char *state_of(const char *table, int64_t id)
{
    return office_ask(o, "select state from %s where id = %lld", table, (long long)id);
}

/* ---- notices */

static const struct {
    const char *email, *header, *text, *class, *why, *proposed; /* proposed: NULL for none */
} notices[] = {
    {"gone1@g.example", "Auto-Submitted: auto-replied\r\n",
     "Ana Kos no longer works here. Please write to Tom Ward, tom@g.example.", "auto-reply",
     "no longer there", "Tom Ward tom@g.example"},
    {"gone2@g.example", "", "Ana više ne radi ovde, pišite na pisarnica@g.example.", "human",
     "no longer there", "pisarnica@g.example"},
    {"moved@g.example", "Auto-Submitted: auto-generated\r\n", "My new address is ana@new.example.",
     "auto-reply", "is another now", "ana@new.example"},
    {"click@g.example", "", "Your message is held. Click on the link to confirm that you are human.",
     "auto-reply", "a click", NULL},
};

static void a_notice_is_a_task(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(notices); i++) {
        struct office_letter l = office_write(o, office_add_mailing(o), notices[i].email, "unknown");
        int64_t id = receive("From: <%s>\r\nTo: kabinet@klokot.example\r\nMessage-ID: <n%zu@g.example>\r\n"
                             "In-Reply-To: %s\r\nContent-Type: text/plain; charset=utf-8\r\n%s\r\n%s\r\n",
                             l.email, i, l.message_id, notices[i].header, notices[i].text);
        assert_string_equal(message(id, "class || ' ' || state"),
                            talloc_asprintf(o, "%s decide", notices[i].class));
        assert_non_null(strstr(message(id, "why"), notices[i].why));
        assert_string_equal(
            message(id, "(select string_agg(e->>'text', ' ') from jsonb_array_elements(evidence) e "
                        "where e->>'where' like 'proposed %%')"),
            notices[i].proposed ? notices[i].proposed : "");
        assert_string_equal(state_of("outbox", l.outbox), "delivered"); /* somebody has it */
        assert_string_not_equal(state_of("address", l.address), "dead");
        assert_string_equal(
            office_ask(o, "select count(*) from address where contact_id = %lld", (long long)l.contact), "1");
    }
}

/* ---- by words alone */

static void words_alone_are_asked_about(void **state)
{
    (void)state;
    static const struct {
        const char *header, *state;
    } cases[] = {
        {"", "decide"}, {"X-Autoreply: yes\r\n", "filed"}, {"Auto-Submitted: auto-replied\r\n", "filed"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct office_letter l =
            office_write(o, office_add_mailing(o), talloc_asprintf(o, "away%zu@w.example", i), "unknown");
        int64_t id = receive("From: <%s>\r\nTo: kabinet@klokot.example\r\nMessage-ID: <w%zu@w.example>\r\n"
                             "In-Reply-To: %s\r\n%s\r\nI am out of the office until Monday.\r\n",
                             l.email, i, l.message_id, cases[i].header);
        assert_string_equal(message(id, "class || ' ' || state"),
                            talloc_asprintf(o, "auto-reply %s", cases[i].state));
        assert_string_equal(state_of("outbox", l.outbox), "delivered");
    }
}

/* ---- receipts */

static int64_t receipt(const char *to, const char *original, const char *disposition)
{
    static int serial;
    return receive("Return-Path: <>\r\nFrom: <reader@r.example>\r\nTo: %s\r\nMessage-ID: <m%d@r.example>\r\n"
                   "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n"
                   "--b\r\n\r\nIt was read.\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
                   "Final-Recipient: rfc822; reader@r.example\r\n%sDisposition: %s\r\n\r\n--b--\r\n",
                   to, ++serial, original, disposition);
}

static void a_receipt_by_the_id_that_it_names(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "reader@r.example", "unknown");
    int64_t id =
        receipt("kabinet@klokot.example", talloc_asprintf(o, "Original-Message-ID: %s\r\n", l.message_id),
                "manual-action/MDN-sent-manually; displayed");
    assert_string_equal(message(id, "class || ' ' || rule || ' ' || state"),
                        "disposition mdn-displayed filed");
    assert_string_equal(state_of("outbox", l.outbox), "delivered");
}

/* Sent to the envelope sender, with no id of ours in it. */
static void a_receipt_by_the_address_that_it_comes_to(void **state)
{
    (void)state;
    static const char *const dispositions[][2] = {
        {"manual-action/MDN-sent-manually; displayed", "mdn-displayed"},
        {"manual-action/MDN-sent-manually; deleted", "mdn-deleted"},
        {"automatic-action/MDN-sent-automatically; denied", "mdn-denied"},
        {"automatic-action/MDN-sent-automatically; failed", "mdn-failed"}};
    for (size_t i = 0; i < ARRAY_LEN(dispositions); i++) {
        struct office_letter l =
            office_write(o, office_add_mailing(o), talloc_asprintf(o, "verp%zu@r.example", i), "unknown");
        int64_t id = receipt(l.envelope, "", dispositions[i][0]);
        assert_string_equal(message(id, "class || ' ' || rule"),
                            talloc_asprintf(o, "disposition %s", dispositions[i][1]));
        assert_int_equal(strtoll(message(id, "outbox_id"), NULL, 10), l.outbox);
        assert_string_equal(state_of("outbox", l.outbox), "delivered"); /* whatever was done with it */
        assert_string_not_equal(state_of("address", l.address), "dead");
    }
}

static void a_forged_receipt_changes_nothing(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "forged@r.example", "unknown");
    int64_t id = receipt("kabinet@klokot.example", "Original-Message-ID: <made-up@klokot.example>\r\n",
                         "manual-action/MDN-sent-manually; displayed");
    assert_string_equal(message(id, "class || ' ' || state"), "disposition decide");
    assert_string_equal(state_of("outbox", l.outbox), "unknown");
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_is_a_task),
        cmocka_unit_test(words_alone_are_asked_about),
        cmocka_unit_test(a_receipt_by_the_id_that_it_names),
        cmocka_unit_test(a_receipt_by_the_address_that_it_comes_to),
        cmocka_unit_test(a_forged_receipt_changes_nothing),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
