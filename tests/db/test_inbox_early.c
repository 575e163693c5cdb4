/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mails judged before they are stored or, if they have kin, as soon as they are, and the same ones judged out
 * of the store: their rows say the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unicode.h"
#include "tests/lib/office.h"

#define TEXT    "\r\nDear office,\r\n\r\nplease answer.\r\n\r\nBest regards\r\nArben Krasniqi\r\n"
#define FROM(s) "From: " s "\r\nTo: kabinet@klokot.example\r\n"

/* A name each; all of them come in together, in this order. */
static const struct {
    const char *name, *mail;
    bool early; /* judged before it is stored */
} mails[] = {
    {"unknown", FROM("\"Krasniqi, Arben\" <ak@gmx.example>") "Message-ID: <1@x>\r\nSubject: Road\r\n" TEXT,
     true},
    {"a name",
     FROM("Stranger <s@far.example>") "Message-ID: <2@x>\r\nDate: Thu, 1 Jan 2026 10:00:00 +0100\r\n" TEXT,
     true},
    {"known", FROM("<drita@near.example>") "Message-ID: <3@x>\r\n" TEXT, true},
    {"shared address", FROM("<both@near.example>") "Message-ID: <4@x>\r\n" TEXT, true},
    {"domain", FROM("<other@only.example>") "Message-ID: <5@x>\r\nCc: drita@near.example\r\n\r\nHi\r\n",
     true},
    {"quoted address", FROM("<z@gmx.example>") "Message-ID: <6@x>\r\n\r\nas drita@near.example said\r\n",
     true},
    {"no id, no sender", "Subject: \"quoted\\\\ {} , NULL\r\n\r\nx\r\n", true},
    {"automatic",
     FROM("<a@far.example>") "Message-ID: <7@x>\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n", true},
    {"by words",
     FROM("<b@far.example>") "Message-ID: <8@x>\r\nSubject: Out of office\r\n\r\nI am out of the office.\r\n",
     true},
    {"left",
     FROM("<drita@near.example>") "Message-ID: <9@x>\r\nAuto-Submitted: auto-replied\r\n\r\n"
                                  "I no longer work for the company.\r\n",
     true},
    {"report",
     FROM("MAILER-DAEMON@far.example") "Message-ID: <10@x>\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\n"
                                       "Content-Type: multipart/report; report-type=delivery-status; "
                                       "boundary=b\r\n\r\n--b\r\n\r\nSorry\r\n--b\r\n"
                                       "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; "
                                       "mx\r\n\r\nFinal-Recipient: rfc822; u@v.example"
                                       "\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n",
     true},
    {"denied",
     "Authentication-Results: mx.klokot.example; dmarc=fail header.from=near.example\r\n" FROM(
         "<drita@near.example>") "Message-ID: <11@x>\r\n" TEXT,
     true},
    {"unsubscribes in words",
     FROM("<c@far.example>") "Message-ID: <12@x>\r\nSubject: unsubscribe\r\n\r\nunsubscribe\r\n", true},
    {"refers to what nobody knows",
     FROM("<d@far.example>") "Message-ID: <13@x>\r\nReferences: <never@y> <seen@y>\r\n" TEXT, true},
    {"empty", "", true}, /* it is parked */
    {"kin to the next", FROM("<e@far.example>") "Message-ID: <14@x>\r\n" TEXT, false},
    {"kin to the last", FROM("<f@far.example>") "Message-ID: <15@x>\r\nIn-Reply-To: <14@x>\r\n" TEXT, false},
    {"common kin", FROM("<g@far.example>") "Message-ID: <16@x>\r\nReferences: <root@y>\r\n" TEXT, false},
    {"common kin too", FROM("<h@far.example>") "Message-ID: <17@x>\r\nReferences: <root@y>\r\n" TEXT, false},
    {"twin", FROM("<i@far.example>") "Message-ID: <18@x>\r\n\r\none\r\n", false},
    {"other twin", FROM("<i@far.example>") "Message-ID: <18@x>\r\n\r\nanother\r\n", false},
    {"answers an early one", FROM("<j@far.example>") "Message-ID: <19@x>\r\nIn-Reply-To: <kept@x>\r\n" TEXT,
     false},
    {"answered before it came", FROM("<k@far.example>") "Message-ID: <asked@x>\r\n" TEXT, false},
    {"twin of a kept one", FROM("<l@far.example>") "Message-ID: <kept@x>\r\n\r\nforged\r\n", false},
    {"refers to the same as a kept one", FROM("<m@far.example>") "References: <old@y>\r\n" TEXT, false},
    {"of the house", FROM("<mayor@klokot.example>") "Message-ID: <20@x>\r\n" TEXT, false},
    {"forwards",
     FROM("<n@far.example>") "Message-ID: <21@x>\r\nSubject: Fwd: x\r\n\r\n---------- Forwarded message "
                             "---------\r\n"
                             "From: Drita <drita@near.example>\r\nDate: Mon, 5 Jan 2026\r\nSubject: x\r\nTo: "
                             "<n@far.example>\r\n\r\nText\r\n",
     false},
    {"calendar",
     FROM("<p@far.example>") "Message-ID: <22@x>\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
                             "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:"
                             "20260101T100000Z\r\n"
                             "ATTENDEE;PARTSTAT=ACCEPTED:mailto:p@far.example\r\nEND:VEVENT\r\nEND:"
                             "VCALENDAR\r\n",
     false},
    {"number", FROM("<q@far.example>") "Message-ID: <23@x>\r\nSubject: 061-12/2026\r\n" TEXT, false},
};

static const char kept[] = FROM("<r@far.example>") "Message-ID: <kept@x>\r\nReferences: <old@y>\r\n" TEXT;
static const char answer[] =
    FROM("<r@far.example>") "Message-ID: <answer@x>\r\nIn-Reply-To: <asked@x>\r\n" TEXT;

static void add_contact(struct office *o, const char *name, const char *email)
{
    const char *id =
        office_ask(o, "insert into contact (kind, department_id) values ('person', 1) returning id");
    const char *fold = unicode_fold(o, name);
    office_do(
        o,
        "insert into contact_name (contact_id, name, main, fold, near) values (%s, '%s', true, '%s', '%s');"
        "insert into address (contact_id, email, email_key) values (%s, '%s', '%s')",
        id, name, fold, unicode_near(o, fold), id, email, email);
}

static struct office *begin(const char *database)
{
    struct office *o = office_open(database, "authserv_id = mx.klokot.example\n");
    add_contact(o, "Arben Krasniqi", "arben@near.example");
    add_contact(o, "Drita Ademi", "drita@near.example");
    add_contact(o, "One", "both@near.example");
    add_contact(o, "Two", "both@near.example");
    add_contact(o, "Only", "only@only.example");
    office_receive(o, kept, strlen(kept));
    office_receive(o, answer, strlen(answer));
    return o;
}

static void judge_rest(struct office *o)
{
    struct inbox_sum sum = {0};
    office_do(o, "insert into message_place (mailbox_id, uidvalidity, uid, message_id)"
                 " select 1, 1, 1000 + id, id from message m where not exists (select from message_place "
                 "where message_id = m.id)");
    DONE(inbox_judge_new(&o->inbox, &sum, err));
}

static char *hex_of(void *mem, size_t i)
{
    unsigned char identity[DIGEST_BYTES];
    char *hex = talloc_strdup(mem, "");
    message_identity(mails[i].mail, strlen(mails[i].mail), identity);
    for (size_t k = 0; k < sizeof identity; k++)
        hex = talloc_asprintf_append(hex, "%02x", identity[k]);
    return talloc_asprintf(mem, "decode('%s', 'hex')", hex);
}

/* All but ids of messages and threads. */
static const char *row_of(struct office *o, size_t i)
{
    return office_ask(
        o,
        "select (to_jsonb(m) - 'id' - 'received_at' - 'thread_id' - 'proposal' || jsonb_build_object("
        " 'proposal', m.proposal - 'message' - 'thread', 'alone', m.thread_id is null,"
        " 'why', regexp_replace(m.why, '[0-9]+', 'N'),"
        " 'bytes', (select string_agg(c.bytes, '' order by c.n) from message_chunk c where c.message_id = "
        "m.id)))"
        "::text from message m where m.identity = %s",
        hex_of(o, i));
}

static void store_all(struct office *o)
{
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        DB_TX tx = {0};
        int64_t id;
        DONE(db_begin(&tx, o->inbox.db, DB_WRITE, err));
        DONE(message_store(o->inbox.db, MESSAGE_IN, mails[i].mail, strlen(mails[i].mail), NULL, &id, err));
        DONE(db_commit(&tx, err));
    }
}

static void arrive(struct office *o, bool kin)
{
    struct message_new m[ARRAY_LEN(mails)] = {0};
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        m[i].raw = mails[i].mail;
        m[i].len = strlen(mails[i].mail);
    }
    office_arrive(o, m, ARRAY_LEN(m), kin);
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        const char *state = office_ask(o, "select state from message where identity = %s", hex_of(o, i));
        if ((strcmp(state, "new") != 0) != (mails[i].early || kin))
            fail_msg("%s: it is %s", mails[i].name, state);
    }
}

static void compare(struct office *one, struct office *other)
{
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        const char *a = row_of(one, i), *b = row_of(other, i);
        if (!*a || strcmp(a, b))
            fail_msg("%s:\n%s\n%s", mails[i].name, a, b);
    }
}

static void test_same(void **state)
{
    (void)state;
    struct office *late = begin("late"), *early = begin("early"), *together = begin("together");
    store_all(late);
    judge_rest(late);
    arrive(early, false);
    judge_rest(early);
    compare(early, late);
    arrive(together, true);
    judge_rest(together);
    compare(together, late);
    office_close(late);
    office_close(early);
    office_close(together);
}

/* One that is known already stays what it is; of two that are the same one is kept. */
static void test_known(void **state)
{
    (void)state;
    struct office *o = begin("again");
    struct message_new m[] = {{.raw = mails[6].mail, .len = strlen(mails[6].mail)},
                              {.raw = mails[6].mail, .len = strlen(mails[6].mail)},
                              {.raw = kept, .len = strlen(kept)}};
    office_do(o, "update message set state = 'ignored' where rfc_message_id = '<kept@x>'");
    office_arrive(o, m, ARRAY_LEN(m), true);
    office_arrive(o, m, 1, true);
    assert_string_equal(
        office_ask(o, "select count(*) || ' ' || string_agg(state, ' ' order by id) from message"),
        "3 ignored decide decide");
    office_close(o);
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
