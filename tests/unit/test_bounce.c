/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a failure means: of an address, of a mailbox, or of ourselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/bounce.h"
#include "mail/ours.h"

struct reason {
    const char *status, *text, *reason;
    bool failed, hard;
};

static void expect_reasons(const struct reason *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct bounce b = bounce_judge(table[i].failed, table[i].status, table[i].text);
        if (strcmp(b.reason, table[i].reason) || b.hard != table[i].hard)
            fail_msg("%s %s: %s %s", table[i].status, table[i].text, b.reason, b.hard ? "hard" : "soft");
    }
}

static void reasons(void **state)
{
    (void)state;
    static const struct reason table[] = {
        {"5.1.1", "x", "bad-mailbox", true, true},
        {"4.1.1", "x", "bad-mailbox", true, false},
        {"5.1.1", "x", "bad-mailbox", false, false},
        {"5.1.2", NULL, "bad-domain", true, true},
        {"5.1.10", "Recipient not found", "bad-mailbox", true, true},
        {"5.1.10", "Domain b.example does not accept mail (nullMX)", "bad-domain", true, true},
        {"5.2.1", NULL, "bad-mailbox", true, true},
        {"5.2.2", "mailbox full", "mailbox-full", true, false},
        {"5.2.3", NULL, "size", true, false},
        {"5.4.1", "Recipient address rejected: Access denied", "bad-mailbox", true, true},
        {"5.4.4", "Host or domain name not found", "bad-domain", true, true},
        {"4.4.4", "Host or domain name not found", "bad-domain", true, false},
        {"5.4.6", "loop", "routing", true, false},
        {"5.4.310", "DNS domain b.example does not exist", "bad-domain", true, true},
        {"5.7.1", "rejected due to policy", "policy", true, false},
        {"5.7.2", "x", "policy", true, false},
        {"5.0.0", "550 No such user here", "bad-mailbox", true, true},
        {"5.0.0", "552 user is over quota", "mailbox-full", true, false},
        {"5.5.0", "mailbox unavailable", "bad-mailbox", true, true},
        {"5.9.9", NULL, "other", true, false},
        {NULL, "550 blocked using zen.spamhaus.org; user unknown", "ours", true, false},
        {NULL, "550 unknown user", "bad-mailbox", true, true},
        {NULL, "message too large", "size", true, false},
        /* given up after temporary refusals: nobody said that the address is dead */
        {NULL, "Remote host said: 450 mailbox unavailable", "bad-mailbox", true, false},
        {"5.0.0", "450 Requested action not taken: mailbox unavailable", "bad-mailbox", true, false},
        {"5.0.0", "host 192.0.2.1 said: 450-greylisted\n550 user unknown", "bad-mailbox", true, true},
        {NULL, "No such person at this address.", "bad-mailbox", true, true},
        {NULL, NULL, "other", true, false},
    };
    expect_reasons(table, ARRAY_LEN(table));
}

static void reasons_that_are_ours(void **state)
{
    (void)state;
    static const struct reason table[] = {
        {"5.7.1", "SPF check failed", "ours", true, false},
        {"5.7.26", "x", "ours", true, false},
        {"5.7.27", "x", "ours", true, false},
        {"5.7.515", "x", "ours", true, false},
        {"4.7.23", "The sending IP address has no PTR record", "ours", true, false},
        {"4.7.31", "x", "ours", true, false},
        {"5.7.20", "x", "ours", true, false},
        {"5.7.30", "x", "ours", true, false},
        {"5.7.509", "x", "ours", true, false},
        {"5.7.610", "x", "ours", true, false},
        {"5.7.708", "x", "ours", true, false},
        {"5.7.750", "x", "ours", true, false},
        {"5.7.9", "554 5.7.9 Message not accepted for policy reasons. See https://x [PH01]", "ours", true,
         false},
        {"5.0.0",
         "554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact "
         "tosa@rx.t-online.de to clarify.)",
         "ours", true, false},
        {NULL, "554-gmx.net (mxgmx101) Nemesis ESMTP Service not available", "ours", true, false},
        {NULL, "554 Transaction failed. Reject due to policy: Bad DNS PTR resource record.", "ours", true,
         false},
        {"5.7.33", "x", "policy", true, false},
        {"5.7.9", "554 5.7.9 Message not accepted for policy reasons", "policy", true, false},
        {"5.1.1", "no such user; see our SPF policy", "bad-mailbox", true, true},
    };
    expect_reasons(table, ARRAY_LEN(table));
}

/* What our own server says, and what is to be done. */
static void ours(void **state)
{
    (void)state;
    static const struct {
        const char *enhanced, *text, *what;
        bool slow;
    } table[] = {
        {"4.7.28", "Gmail has detected an unusual rate", "we send too much at once", true},
        {"5.7.28", "x", "we send too much at once", true},
        {"4.7.0", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", "they get too much",
         true},
        {"5.7.27", "SPF did not pass", "SPF does not pass", false},
        {"5.7.27", "null MX", "null MX", false},
        {"5.7.1", "Client host [192.0.2.1] blocked using zen.spamhaus.org", "blocklist", false},
        {"5.7.1", "Relay access denied", NULL, false},
        {"5.7.1", "<info@spf.example>: Recipient address rejected: no", NULL, false},
        {"2.7.26", "spf", NULL, false},
        {"", "", NULL, false},
        {NULL, NULL, NULL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct ours *o = ours_find(table[i].enhanced, table[i].text);
        if (!o != !table[i].what || (o && (!strstr(o->what, table[i].what) || o->slow != table[i].slow)))
            fail_msg("%s %s: %s", table[i].enhanced, table[i].text, o ? o->what : "not ours");
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons),
        cmocka_unit_test(reasons_that_are_ours),
        cmocka_unit_test(ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
