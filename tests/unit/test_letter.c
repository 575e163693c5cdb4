/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whom a mail is from is believed on our own server's word alone.
 */
#include "mail/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char good[] = "mx.klokot.example; dmarc=pass (p=reject) header.from=cal.example";

static const struct {
    const char *results[2]; /* the topmost first */
    bool believed;
} cases[] = {
    {{good}, true},
    {{"MX.Klokot.Example 1; spf=none; DMARC=Pass header.from=Cal.Example"}, true},
    {{"mx.klokot.example;\r\n\tdkim=pass header.d=cal.example header.s=a"}, true},
    {{"mx.klokot.example; spf=pass smtp.mailfrom=k@cal.example"}, true},
    {{"mx.klokot.example; dkim=pass header.d=list.example; dkim=pass header.d=cal.example"}, true},
    /* nobody said it, or somebody else did */
    {{NULL}, false},
    {{"mx.klokot.example; none"}, false},
    {{"mx.other.example; dmarc=pass header.from=cal.example"}, false},
    {{"mx.klokot.example.evil.example; dmarc=pass header.from=cal.example"}, false},
    {{"mx.other.example; none", good}, false},
    /* it was said of somebody else, or the other way round */
    {{"mx.klokot.example; dmarc=fail header.from=cal.example"}, false},
    {{"mx.klokot.example; dmarc=pass header.from=evil.example"}, false},
    {{"mx.klokot.example; dmarc=pass header.from=notcal.example"}, false},
    {{"mx.klokot.example; dmarc=passed header.from=cal.example"}, false},
    {{"mx.klokot.example; dkim=fail header.d=cal.example; dkim=pass header.d=evil.example"}, false},
    {{"mx.klokot.example; dkim=pass header.i=@cal.example"}, false},
    /* what the sender chose is not what our server says */
    {{"mx.klokot.example; spf=pass smtp.mailfrom=\"x; dmarc=pass header.from=cal.example\"@evil.example"},
     false},
    {{"mx.klokot.example; spf=pass smtp.mailfrom=\"x\\\"; dmarc=pass header.from=cal.example; "
      "\"@evil.example"},
     false},
    {{"mx.klokot.example; spf=pass (x; dmarc=pass header.from=cal.example) smtp.mailfrom=evil.example"},
     false},
    {{"mx.klokot.example; iprev=pass smtp.helo=dmarc=pass header.from=cal.example"}, false},
    {{"(mx.klokot.example; dmarc=pass header.from=cal.example"}, false},
    {{"mx.klokot.example"}, false},
    {{";;;"}, false},
};

static void authentication(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        const char *why, *item[2] = {cases[i].results[0], cases[i].results[1]};
        struct letter l = {.results = {item, (size_t)(item[0] != NULL) + (item[1] != NULL)}};
        if (letter_is_authenticated(mem, &l, "mx.klokot.example", "k@cal.example", &why) != cases[i].believed)
            fail_msg("%s: %s", item[0] ? item[0] : "nothing", why);
        assert_non_null(why);
        assert_false(letter_is_authenticated(mem, &l, NULL, "k@cal.example", &why));
        assert_false(letter_is_authenticated(mem, &l, "mx.klokot.example", NULL, &why));
    }
}

/* That a domain did not send it is our own server's word alone, too. */
static void denial(void **state)
{
    (void)state;
    static const struct {
        const char *result;
        bool denied;
    } table[] = {
        {"mx.klokot.example; spf=fail smtp.mailfrom=x.example; dmarc=fail (p=none) header.from=cal.example",
         true},
        {"mx.klokot.example; dmarc=fail header.from=other.example", false},
        {"mx.other.example; dmarc=fail header.from=cal.example", false},
        {"mx.klokot.example; dmarc=pass header.from=cal.example", false},
        {"mx.klokot.example; spf=fail smtp.mailfrom=cal.example", false}, /* a forward */
        {"mx.klokot.example; spf=none smtp.mailfrom=\"; dmarc=fail header.from=cal.example\"@x.example",
         false},
        {"mx.klokot.example", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct letter l = {.results = {(const char *[]){table[i].result}, 1}, .from = "k@Cal.example"};
        if (letter_is_denied(mem, &l, "mx.klokot.example") != table[i].denied)
            fail_msg("%s", table[i].result);
        assert_false(letter_is_denied(mem, &l, NULL));
    }
}

/* What is forwarded, and what is only answered. */
static void originals(void **state)
{
    (void)state;
    static const struct {
        const char *subject, *text, *from, *name;
    } table[] = {
        {"Fwd: x", "See.\n\nFrom: Ana A <a@a.example>\nDate: 1 May 2026\nSubject: x\nTo: b@b.example\n\nHi",
         "a@a.example", "Ana A"},
        {"ПР: x", "\nOd: Ана <a@a.example>\nPoslato: danas\nTema: x\n", NULL, NULL},
        {"WG: x", "*Von:* Ana [mailto:a@a.example]\n*Gesendet:* heute\n*An:* B\n*Betreff:* x\n",
         "a@a.example", "Ana"},
        {"Re: x", "Yes.\n\nFrom: Ana A <a@a.example>\nDate: 1 May 2026\nSubject: x\nTo: b@b.example\n", NULL,
         NULL},
        {"Fwd: x", "From: b@b.example\nDate: 1 May 2026\nSubject: x\nTo: c@c.example\n", NULL,
         NULL}, /* their own */
        {"Fwd: x", "nothing", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct letter l;
        json_t *facts = json_pack("{s:s, s:s, s:[[s, s]]}", "subject", table[i].subject, "body_text",
                                  table[i].text, "from", "B", "b@b.example");
        letter_read(mem, facts, &l);
        if (table[i].from ? !l.original.from || strcmp(l.original.from, table[i].from)
                          : l.original.from != NULL)
            fail_msg("%s: %s", table[i].text, l.original.from ? l.original.from : "nothing");
        if (table[i].from && strcmp(l.original.name, table[i].name))
            fail_msg("%s: %s", table[i].text, l.original.name);
        json_decref(facts);
    }
}

static void read_whole(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct letter l;
    json_t *facts =
        json_pack("{s:[[s,s]], s:[[s,s]], s:[[s,s]], s:s, s:[s,s], s:[[s,s],[s,s]], s:{s:s, s:[]}, s:{s:s, "
                  "s:i, s:[{s:s, s:s}]}}",
                  "from", "Ana", "ana@a.example", "to", "", "office@klokot.example", "cc", "", "b@b.example",
                  "in_reply_to", "<3@x>", "references", "<1@x>", "<2@x>", "headers", "Delivered-To",
                  "office+b.1@klokot.example", "X-Original-To", "<o@k>", "dsn", "envelope_id", "o1.a.b",
                  "recipients", "calendar", "method", "REPLY", "sequence", 2, "attendees", "address",
                  "ana@a.example", "partstat", "ACCEPTED");
    assert_non_null(facts);
    letter_read(mem, facts, &l);
    assert_string_equal(l.from, "ana@a.example");
    assert_string_equal(l.from_name, "Ana");
    assert_int_equal(l.answers.n, 3);
    assert_string_equal(l.answers.item[0], "<3@x>");
    assert_string_equal(l.answers.item[1], "<2@x>"); /* the newest first */
    assert_int_equal(l.arrived_at.n, 4);
    assert_string_equal(l.arrived_at.item[1], "o@k");
    assert_string_equal(l.envid, "o1.a.b");
    assert_string_equal(l.calendar.partstat, "ACCEPTED");
    assert_int_equal(l.calendar.sequence, 2);
    json_decref(facts);
    facts = json_object();
    letter_read(mem, facts, &l);
    assert_null(l.from);
    assert_int_equal(l.answers.n + l.to.n + l.returned.n + l.results.n, 0);
    json_decref(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authentication),
        cmocka_unit_test(denial),
        cmocka_unit_test(originals),
        cmocka_unit_test(read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
