/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * SPF, DMARC and lists of tags, upon tables in place of DNS: cases in the spirit of RFC 7208's own, its
 * examples of macros (7.4), and domains of one house.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <strings.h>

#include "mail/wire/dmarc.h"
#include "mail/wire/spf_low.h"
#include "mail/wire/taglist.h"

/* ---- a DNS of its own */

static const struct record {
    const char *name;
    enum dns_type type;
    const char *value; /* NULL: nobody knows */
} zone[] = {
    {"plain.test", DNS_TXT, "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 -all"},
    {"plain.test", DNS_TXT, "some other text"},
    {"two.test", DNS_TXT, "v=spf1 -all"},
    {"two.test", DNS_TXT, "v=spf1 +all"},
    {"ten.test", DNS_TXT, "v=spf10 -all"},
    {"hosts.test", DNS_TXT, "v=spf1 a a:other.hosts.test/24 mx//64 ~all"},
    {"hosts.test", DNS_A, "192.0.2.1"},
    {"hosts.test", DNS_MX, "mx.hosts.test"},
    {"hosts.test", DNS_AAAA, "2001:db8::1"},
    {"other.hosts.test", DNS_A, "198.51.100.7"},
    {"mx.hosts.test", DNS_A, "192.0.2.25"},
    {"mx.hosts.test", DNS_AAAA, "2001:db8:0:1::25"},
    {"include.test", DNS_TXT, "v=spf1 include:plain.test ?all"},
    {"include-none.test", DNS_TXT, "v=spf1 include:nothing.test -all"},
    {"include-all.test", DNS_TXT, "v=spf1 include:anybody.test -all"},
    {"anybody.test", DNS_TXT, "v=spf1 +all"},
    {"redirect.test", DNS_TXT, "V=SPF1 redirect=plain.test"},
    {"redirect-none.test", DNS_TXT, "v=spf1 redirect=nothing.test"},
    {"redirect-late.test", DNS_TXT, "v=spf1 redirect=plain.test ip4:203.0.113.5"},
    {"loop.test", DNS_TXT, "v=spf1 include:loop.test -all"},
    {"void.test", DNS_TXT, "v=spf1 a:n1.test a:n2.test a:n3.test ip4:192.0.2.1 -all"},
    {"void2.test", DNS_TXT, "v=spf1 a:n1.test a:n2.test ip4:192.0.2.1 -all"},
    {"many.test", DNS_TXT,
     "v=spf1 a:hosts.test a:hosts.test a:hosts.test a:hosts.test a:hosts.test a:hosts.test a:hosts.test "
     "a:hosts.test a:hosts.test a:hosts.test mx:hosts.test -all"},
    {"away.test", DNS_TXT, NULL},
    {"away-a.test", DNS_TXT, "v=spf1 a:away-host.test -all"},
    {"away-host.test", DNS_A, NULL},
    {"macro.test", DNS_TXT, "v=spf1 exists:%{ir}.%{l}._spf.%{d} -all"},
    {"1.2.0.192.office._spf.macro.test", DNS_A, "127.0.0.2"},
    {"ptr.test", DNS_TXT, "v=spf1 ptr -all"},
    {"9.2.0.192.in-addr.arpa", DNS_PTR, "mail.ptr.test"},
    {"mail.ptr.test", DNS_A, "192.0.2.9"},
    {"8.2.0.192.in-addr.arpa", DNS_PTR, "mail.ptr.test"},
    {"open.test", DNS_TXT, "v=spf1"},
    {"typo.test", DNS_TXT, "v=spf1 ipv4:192.0.2.1 -all"},
    {"typo-behind.test", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all ip4:192.0.2.300"},
    {"modifier.test", DNS_TXT, "v=spf1 unknown-mod=a.b ip4:192.0.2.1 exp=why.test -all"},
};

static const struct dns_answer *look(void *mem, const char *name, enum dns_type type)
{
    struct dns_answer *a = talloc_zero(mem, struct dns_answer);
    a->outcome = DNS_NONE;
    a->value = talloc_array(a, const char *, ARRAY_LEN(zone));
    for (size_t i = 0; i < ARRAY_LEN(zone); i++) {
        if (zone[i].type != type || strcasecmp(zone[i].name, name))
            continue;
        a->outcome = zone[i].value ? DNS_FOUND : DNS_UNKNOWN;
        a->why = "the table does not say";
        if (zone[i].value)
            a->value[a->n++] = zone[i].value;
    }
    return a;
}

static struct spf_verdict check(void *mem, const char *domain, const char *ip)
{
    const struct spf_question q = {.domain = domain,
                                   .sender = talloc_asprintf(mem, "office@%s", domain),
                                   .helo = "mail.test",
                                   .ip = ip,
                                   .lookup = look,
                                   .context = mem};
    struct spf_verdict v;
    spf_check(mem, &q, &v);
    return v;
}

static void test_results(void **state)
{
    static const struct {
        const char *domain, *ip;
        enum spf_result result;
        const char *why; /* a part of it */
    } cases[] = {
        {"nothing.test", "192.0.2.1", SPF_NONE, NULL},
        {"ten.test", "192.0.2.1", SPF_NONE, NULL},
        {"plain.test", "192.0.2.15", SPF_PASS, "ip4:192.0.2.0/28"},
        {"plain.test", "192.0.2.16", SPF_FAIL, "-all"},
        {"plain.test", "2001:db8:ffff::1", SPF_PASS, "ip6:"},
        {"plain.test", "2001:db9::1", SPF_FAIL, NULL},
        {"plain.test", "::ffff:192.0.2.1", SPF_PASS, NULL},
        {"two.test", "192.0.2.1", SPF_PERMERROR, "two SPF records"},
        {"hosts.test", "192.0.2.1", SPF_PASS, NULL},
        {"hosts.test", "198.51.100.200", SPF_PASS, "a:other.hosts.test/24"},
        {"hosts.test", "192.0.2.25", SPF_PASS, "mx//64"},
        {"hosts.test", "2001:db8::1", SPF_PASS, "a"},
        {"hosts.test", "2001:db8:0:1:ffff::9", SPF_PASS, "mx//64"},
        {"hosts.test", "2001:db8:0:2::9", SPF_SOFTFAIL, "~all"},
        {"include.test", "192.0.2.1", SPF_PASS, "include:plain.test"},
        {"include.test", "203.0.113.1", SPF_NEUTRAL, "?all"},
        {"include-none.test", "192.0.2.1", SPF_PERMERROR, "nothing.test"},
        {"redirect.test", "192.0.2.1", SPF_PASS, NULL},
        {"redirect.test", "203.0.113.1", SPF_FAIL, NULL},
        {"redirect-none.test", "192.0.2.1", SPF_PERMERROR, "nothing.test"},
        {"redirect-late.test", "203.0.113.5", SPF_PASS, "ip4:203.0.113.5"},
        {"loop.test", "192.0.2.1", SPF_PERMERROR, "more than 10 look-ups"},
        {"many.test", "203.0.113.1", SPF_PERMERROR, "more than 10 look-ups"},
        {"void.test", "192.0.2.1", SPF_PERMERROR, "n3.test"},
        {"void2.test", "192.0.2.1", SPF_PASS, NULL},
        {"away.test", "192.0.2.1", SPF_TEMPERROR, "the table does not say"},
        {"away-a.test", "192.0.2.1", SPF_TEMPERROR, "away-host.test"},
        {"macro.test", "192.0.2.1", SPF_PASS, NULL},
        {"macro.test", "192.0.2.2", SPF_FAIL, NULL},
        {"ptr.test", "192.0.2.9", SPF_PASS, "ptr"},
        {"ptr.test", "192.0.2.8", SPF_FAIL, NULL}, /* the name does not lead back */
        {"open.test", "192.0.2.1", SPF_NEUTRAL, NULL},
        {"typo.test", "192.0.2.1", SPF_PERMERROR, "ipv4:192.0.2.1"},
        {"typo-behind.test", "192.0.2.1", SPF_PERMERROR, "192.0.2.300"},
        {"modifier.test", "192.0.2.1", SPF_PASS, NULL},
        /* of no address that is known, what is broken is found all the same */
        {"plain.test", NULL, SPF_FAIL, NULL},
        {"many.test", NULL, SPF_PERMERROR, "look-ups"},
        {"void.test", NULL, SPF_PERMERROR, "n3.test"},
        {"include-none.test", NULL, SPF_PERMERROR, NULL},
        {"macro.test", NULL, SPF_FAIL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        struct spf_verdict v = check(mem, cases[i].domain, cases[i].ip);
        if (v.result != cases[i].result || (cases[i].why && (!v.why || !strstr(v.why, cases[i].why))))
            fail_msg("%s from %s: %d, %s", cases[i].domain, cases[i].ip ? cases[i].ip : "anywhere", v.result,
                     v.why ? v.why : "-");
    }
}

static void test_anybody(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    assert_true(check(mem, "anybody.test", NULL).anybody);
    assert_true(check(mem, "include-all.test", "192.0.2.1").anybody);
    assert_false(check(mem, "plain.test", "192.0.2.1").anybody);
    assert_int_equal(check(mem, "hosts.test", NULL).lookups, 3);
}

static void test_terms(void **state)
{
    static const char *const wrong[] = {
        "all:x.y",
        "include",
        "include:",
        "ip4",
        "ip4:192.0.2.1/33",
        "ip4:192.0.2.1/08",
        "ip4:2001::1",
        "ip6:1.2.3.4",
        "ip6:::1/129",
        "a/33",
        "a//129",
        "a/",
        "mx:",
        "a:nodot",
        "exists",
        "exists:%{x}.test",
        "exists:%d.test",
        "-redirect=a.b",
        "redirect=",
        "redirect=a.b redirect=c.d",
        "nonsense",
        "1mod=x",
        "+",
        "exp=a.b exp=c.d",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        MEM_SCOPE(mem);
        struct spf_term *terms;
        struct err err;
        if (spf_parse(mem, talloc_asprintf(mem, "v=spf1 %s", wrong[i]), &terms, &err) == 0)
            fail_msg("\"%s\" is taken for a term", wrong[i]);
    }
}

/* RFC 7208 7.4 */
static void test_macros(void **state)
{
    static const struct {
        const char *macro, *text;
    } cases[] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l}", "strong-bad"},
        {"%{l-}", "strong.bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
        {"a%%b%_c%-d", "a%b c%20d"},
    };
    const struct spf_macro macro = {
        .domain = "email.example.com", .sender = "strong-bad@email.example.com", .ip = "192.0.2.3"};
    struct spf_macro six = macro;
    six.ip = "2001:db8::cb01";
    (void)state;
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(spf_expand(mem, cases[i].macro, &macro), cases[i].text);
    assert_string_equal(
        spf_expand(mem, "%{ir}.%{v}._spf.%{d2}", &six),
        "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
    six.ip = NULL;
    assert_null(spf_expand(mem, "%{i}.x", &six));
}

static void test_reverse(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    assert_string_equal(dns_reverse(mem, "192.0.2.1"), "1.2.0.192.in-addr.arpa");
    assert_string_equal(dns_reverse(mem, "2001:db8::567:89ab"),
                        "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    assert_null(dns_reverse(mem, "mail.test"));
    assert_string_equal(dns_address(mem, "2001:0DB8:0::1"), "2001:db8::1");
    assert_null(dns_address(mem, "192.0.2"));
}

static void test_taglist(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    assert_string_equal(taglist_get(mem, " v=DKIM1 ; p = MII\r\n BI ;", "p"), "MIIBI");
    assert_string_equal(taglist_get(mem, "v=DKIM1; p=", "p"), "");
    assert_null(taglist_get(mem, "v=DKIM1; sp=x", "p"));
    assert_true(taglist_valid("v=DMARC1; p=none; rua=mailto:a@b.test;"));
    assert_false(taglist_valid("v=DMARC1; p=none; P=reject"));
    assert_false(taglist_valid("v=DMARC1, p=none quarantine; x"));
    assert_false(taglist_valid("v=DMARC1;; p=none"));
}

static void test_dmarc(void **state)
{
    static const struct {
        const char *txt;
        enum dmarc_policy policy, below;
        bool dkim, spf;
    } good[] = {
        {"v=DMARC1; p=none", DMARC_ACCEPT, DMARC_ACCEPT, false, false},
        {"v=DMARC1;p=reject;sp=none;adkim=s;aspf=r", DMARC_REJECT, DMARC_ACCEPT, true, false},
        {"v = DMARC1 ; p = Quarantine ; aspf = S", DMARC_QUARANTINE, DMARC_QUARANTINE, false, true},
        {"v=DMARC1; rua=mailto:a@b.test", DMARC_ACCEPT, DMARC_ACCEPT, false, false},
    };
    static const char *const bad[] = {"v=DMARC1", "v=DMARC1; p=maybe", "v=DMARC1; p=none; adkim=x",
                                      "v=DMARC1; p=none; sp=all", "v=DMARC1; p=none; garbage"};
    struct dmarc d;
    struct err err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(dmarc_parse(good[i].txt, &d, &err), 0);
        assert_int_equal(d.policy, good[i].policy);
        assert_int_equal(d.subdomain_policy, good[i].below);
        assert_int_equal(d.strict_dkim, good[i].dkim);
        assert_int_equal(d.strict_spf, good[i].spf);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (dmarc_parse(bad[i], &d, &err) == 0)
            fail_msg("\"%s\" is taken for a policy", bad[i]);
    assert_false(dmarc_is_record("v=DMARC2; p=none"));
    assert_false(dmarc_is_record("p=none; v=DMARC1"));
    assert_false(dmarc_is_record("v=dmarc1; p=none"));
}

static void test_alignment(void **state)
{
    static const struct {
        const char *from, *other;
        bool relaxed, strict;
    } cases[] = {
        {"klokot.example", "klokot.example", true, true},
        {"klokot.example", "Mail.Klokot.EXAMPLE", true, false},
        {"news.klokot.example", "mail.klokot.example", true, false},
        {"klokot.example", "other.example", false, false},
        {"a.rks-gov.net", "b.rks-gov.net", true, false},
        {"one.co.uk", "two.co.uk", false, false},
        {"komuna.gov.al", "tjeter.gov.al", false, false},
        {"grad.co.rs", "www.grad.co.rs", true, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (dmarc_aligned(cases[i].from, cases[i].other, false) != cases[i].relaxed ||
            dmarc_aligned(cases[i].from, cases[i].other, true) != cases[i].strict)
            fail_msg("%s and %s", cases[i].from, cases[i].other);
    assert_string_equal(dmarc_organization("a.b.Klokot.example"), "Klokot.example");
    assert_string_equal(dmarc_organization("localhost"), "localhost");
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results), cmocka_unit_test(test_anybody),   cmocka_unit_test(test_terms),
        cmocka_unit_test(test_macros),  cmocka_unit_test(test_reverse),   cmocka_unit_test(test_taglist),
        cmocka_unit_test(test_dmarc),   cmocka_unit_test(test_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
