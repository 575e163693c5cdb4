/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A test for each rule of mail/bounce.def and mail/ours.def: what servers say, and which row decides on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/bounce.h"
#include "mail/wire/facts.h"

enum weight { LIVE, DEAD, AGAIN };

static const struct {
    const char *id, *reason;
    enum weight weight;
} rules[] = {
#define BOUNCE(id, codes, words, reason, weight, source) {id, reason, weight},
#define NOTICE(id, mailer, words, what)
#define HOLD(reason, letters, days)
#include "mail/bounce.def"
#undef BOUNCE
#define BOUNCE(id, codes, words, reason, weight, source)
#undef NOTICE
#undef HOLD
#define OURS(id, provider, subject, first, last, words, effect, what, source) {id, "ours", LIVE},
#include "mail/ours.def"
};

static const struct {
    const char *rule, *status, *text;
} said[] = {
    {"policy-quota", NULL, "554 exceeds your daily sending quota"},
    {"full-over-quota", "5.2.2", "552 5.2.2 <ana@a.example>: user is over quota"},
    {"full-over-quota", "5.1.1", "550 5.1.1 <ana@a.example>: Recipient address rejected: over their quota"},
    {"full-over-quota", NULL, "552 the recipient has exceeded his mailbox quota"},
    {"full-quota", NULL, "554 Quota exceeded (mailbox for user is full)"},
    {"full-overquota", NULL, "550 mailfolder is overquota"},
    {"full-mailbox", NULL, "552 Mailbox full"},
    {"full-is", NULL, "550 The mailbox of the recipient is already full."},
    {"full-storage", "4.2.2", "452 4.2.2 The email account that you tried to reach is out of storage."},
    {"full-allocation", NULL, "552 Requested mail action aborted: exceeded storage allocation"},
    {"full-size", NULL, "552 mailbox max size exceeded"},
    {"full-is", NULL, "child status 100: the user's mailfolder is full."},
    {"full-exceeds", NULL, "Messages in the recipient's mailbox exceeded the limit"},
    {"full-limit", NULL, "552 mailbox size limit reached"},
    {"full-space", NULL, "550 there is not enough space for it"},
    {"full-space-not", NULL, "ErrMsg=mail box space not enough"},
    {"full-de", NULL, "552 Das Postfach des Empf\xc3\xa4ngers ist voll"},
    {"full-pl", NULL, "552 Skrzynka odbiorcy jest przepe\xc5\x82niona"},
    {"full-sr", NULL,
     "552 \xd0\xa1\xd0\xb0\xd0\xbd\xd0\xb4\xd1\x83\xd1\x87\xd0\xb5 \xd1\x98\xd0\xb5 "
     "\xd0\xbf\xd1\x83\xd0\xbd\xd0\xbe"},
    {"full-sq", NULL, "552 Kutia postare \xc3\xabsht\xc3\xab plot"},
    {"full-mk", NULL, "552 Сандачето е полно"},
    {"full-sl", NULL, "552 Poštni predal je poln"},
    {"full-fr", NULL, "552 Bo\xc3\xaete aux lettres pleine"},
    {"full-it", NULL, "552 Casella di posta piena"},
    {"rate", "5.2.1",
     "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents it"},
    {"rate-too", "4.2.1", "450 4.2.1 The user receives mail too quickly right now"},
    {"rate-many", NULL, "421 Too many concurrent SMTP connections"},
    {"rate-limit", NULL, "451 Rate limits of your host, come back in an hour"},
    {"greylisted", NULL, "450 Greylisted, see http://a.example"},
    {"temporarily", NULL, "550 account temporarily disabled"},
    {"suspended", NULL, "550 [SUSPEND] Mailbox of the customer suspended"},
    {"spam-as", NULL, "554 Your letter was classified as spam"},
    {"spam-is", NULL, "550 This message looks very spammy"},
    {"spam-what", NULL, "550 Spam score too high (14.2)"},
    {"spam-anti", NULL, "550 rejected, listed in URIBL"},
    {"content-virus", NULL, "550 it holds a virus"},
    {"content-refused", "5.6.0", "550 5.6.0 Content rejected"},
    {"content-attachment", NULL, "552 attachments are not accepted here"},
    {"content-with", NULL, "they are not accepting mail with attachments"},
    {"policy-relay", "5.7.1", "550 5.7.1 Relaying denied"},
    {"policy-no-relay", "5.7.1", "550 5.7.1 Unable to relay for ana@a.example"},
    {"policy-rcpthosts", NULL, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"},
    {"policy-sender", "5.1.0", "550 5.1.0 Sender address rejected by the recipient"},
    {"policy-sender-domain", NULL, "553 Domain of sender is not here"},
    {"policy-not-authorized", "5.7.134", "550 5.7.134 your group isn't permitted to it"},
    {"policy-preferences", "5.1.1", "550 5.1.1 Refused due to recipient preferences"},
    {"policy-authentication", "5.7.0", "530 5.7.0 Authentication is required"},
    {"policy-must", NULL, "530 You must first issue a login"},
    {"policy-reputation", NULL, "554 Refused for its reputation"},
    {"policy-administrative", NULL, "550 Administratively prohibited"},
    {"policy-reasons", NULL, "554 Message not taken for policy reasons"},
    {"policy-due", NULL, "550 Not taken due to the local policy"},
    {"policy-blocked", "5.1.1", "550 5.1.1 this correspondent has been blocked"},
    {"policy-block", NULL, "550 access: block by rule 7"},
    {"size-message", NULL, "552 Message too large"},
    {"size-limit", NULL, "552 it exceeds the fixed maximum"},
    {"size-exceeds", NULL, "552 Its size will exceed it"},
    {"size-is", NULL, "552 Our size limit is 10 MB"},
    {"status-2.2", "5.2.2", "552 no"},
    {"status-2.3", "5.2.3", NULL},
    {"status-3.4", "5.3.4", NULL},
    {"status-3.1", "4.3.1", NULL},
    {"status-1.9", "5.1.9", NULL},
    {"status-7", "5.7.33", "550 5.7.33 unknown user"},
    {"policy-authentication", "5.7.1",
     "550 5.7.133 authentication required; the sender was not authenticated"},
    {"dead-dbeb", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [x.protection.outlook.com]"},
    {"domain-null-mx", "5.1.10", "556 5.1.10 the domain has a null MX"},
    {"domain-nullmx", "5.1.10", "550 5.1.10 b.example takes no mail (nullMX)"},
    {"domain-no-mail", NULL, "556 Domain b.example does not accept mail"},
    {"domain-no-mail-code", "5.1.10", "556 5.1.10 It does not accept mail"},
    {"domain-host", NULL, "550 Host not found"},
    {"domain-name", "5.4.4", "Host or domain name not found. Name service error for name=b.example"},
    {"domain-not-found", NULL, "554 domain b.example cannot resolve"},
    {"domain-unknown", NULL, "550 unknown host b.example"},
    {"domain-is-unknown", NULL, "550 5.0.0 Host unknown"},
    {"domain-unrouteable", NULL, "all relevant MX records are away: unrouteable mail domain \"b.example\""},
    {"domain-no-such", NULL, "553 No such domain here"},
    {"domain-doesnt-exist", NULL, "Domain b.example doesn't exist"},
    {"domain-any-host", NULL, "Sorry, I couldn't find any host named b.example. (#5.1.2)"},
    {"domain-no-mx", NULL, "No MX for it"},
    {"domain-no-exchanger", NULL, "the domain has no mail exchanger"},
    {"domain-nxdomain", NULL, "DNS says NXDOMAIN"},
    {"user-unknown", "5.1.1",
     "550 5.1.1 <ana@a.example>: Recipient address rejected: User unknown in local table"},
    {"user-is-unknown", NULL, "550 The recipient is unknown"},
    {"unknown-user", NULL, "550 Unknown user: ana@a.example"},
    {"unknown-or", NULL, "550 unknown or illegal alias: ana@a.example"},
    {"no-such", "5.7.1", "550 5.7.1 No such user c18si236514"},
    {"no-by-name", NULL, "Sorry, no mailbox here by that name. (#5.1.1)"},
    {"no-here", NULL, "550 No mailbox found"},
    {"no-mail-box", NULL, "550 No mail box for her"},
    {"not-found", NULL, "The address couldn't be found"},
    {"recipient-not-found", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"},
    {"not-valid", NULL, "550 ana is not a known user"},
    {"is-not-known", NULL, "The recipient name is not recognized"},
    {"not-listed", NULL, "User ana (ana@a.example) not listed in Domino Directory"},
    {"closed", NULL, "554 This account has been disabled or discontinued"},
    {"closed-reach", "5.2.1", "550 5.2.1 The email account that you tried to reach is disabled"},
    {"closed-is", NULL, "550 this address was removed"},
    {"no-longer", NULL, "550 she is no longer with us"},
    {"has-no-account", NULL, "554 delivery error: This user doesn't have a b.example account"},
    {"no-delivery-point", NULL, "Does not have a final email delivery point"},
    {"not-our-customer", NULL, "551 not our customer"},
    {"does-not-exist", NULL, "550 what you tried to reach does not exist"},
    {"doesnt-exist", NULL, "550 <ana@a.example> doesn't exist"},
    {"unavailable", "5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable"},
    {"is-unavailable", NULL, "550 the mailbox is not available"},
    {"dead-de", NULL, "550 Empf\xc3\xa4nger unbekannt"},
    {"dead-de-first", NULL, "550 Unbekannter Empf\xc3\xa4nger"},
    {"dead-pl", NULL, "550 Taka skrzynka nie istnieje"},
    {"dead-pl-no", NULL, "550 Nie ma takiego"},
    {"dead-pl-first", NULL, "550 Nieznany adresat"},
    {"dead-sr", NULL,
     "550 \xd0\x9a\xd0\xbe\xd1\x80\xd0\xb8\xd1\x81\xd0\xbd\xd0\xb8\xd0\xba \xd0\xbd\xd0\xb5 "
     "\xd0\xbf\xd0\xbe\xd1\x81\xd1\x82\xd0\xbe\xd1\x98\xd0\xb8"},
    {"dead-mk", NULL, "550 Корисникот не постои"},
    {"dead-sq", NULL, "550 Adresa nuk ekziston"},
    {"dead-sl", NULL, "550 Uporabnik ne obstaja"},
    {"dead-fr", NULL, "550 Utilisateur inconnu"},
    {"dead-fr", NULL, "550 L'adresse est inconnue"},
    {"dead-fr-exist", NULL, "550 Cette adresse n'existe plus"},
    {"dead-it", NULL, "550 Utente sconosciuto"},
    {"dead-it", NULL, "550 L'utente è sconosciuto"},
    {"dead-es", NULL, "550 Usuario desconocido"},
    {"dead-sv", NULL, "550 Mottagaren finns inte"},
    {"unrouteable", NULL, "Unrouteable address"},
    {"status-1.1", "5.1.1", "550 5.1.1 no; see our SPF policy"},
    {"status-1.2", "5.1.2", NULL},
    {"status-1.3", "5.1.3", NULL},
    {"status-1.6", "5.1.6", NULL},
    {"status-1.10", "5.1.10", NULL},
    {"status-2.1", "5.2.1", NULL},
    {"status-4.4", "5.4.4", NULL},
    {"status-4.310", "5.4.310", NULL},
    {"trouble-timed", NULL, "Operation timed out"},
    {"trouble-timeout", NULL, "SMTP timeout with the host"},
    {"trouble-connection", "4.4.1", "connect to mx.b.example[192.0.2.1]:25: Connection refused"},
    {"trouble-unreachable", NULL, "the network is unreachable"},
    {"trouble-loop", "5.4.6", "554 5.4.6 Too many hops"},
    {"trouble-loops", NULL, "mail for b.example loops: mail loop"},
    {"trouble-disk", NULL, "452 Insufficient system storage"},
    {"weak-spam", NULL, "550 We fight spam"},
    {"weak-policy", NULL, "550 Our policies: http://a.example"},
    {"weak-denied", NULL, "550 You are not welcome"},
    {"weak-access", "5.7.1", "554 5.7.1 <ana@a.example>: Recipient address rejected: Access denied"},
    {"status-1", "5.1.4", NULL},
    {"status-2.0", "5.2.0", NULL},
    {"status-2", "5.2.4", NULL},
    {"status-3", "5.3.0", NULL},
    {"status-4", "4.4.7", NULL},
    {"status-5", "5.5.2", NULL},
    {"status-6", "5.6.1", NULL},
    {"status-7.1", "5.7.1", NULL},
    {"reply-552", NULL, "552 sorry"},
    {"reply-452", NULL, "452 sorry"},
    {"reply-550", NULL, "550 sorry"},
    {"reply-551", NULL, "551 sorry"},
    {"reply-553", NULL, "553 sorry"},
    {"reply-421", NULL, "421 sorry"},
    {"nothing", NULL, NULL},
    {"ours-1.7", "5.1.7", NULL},
    {"ours-1.8", "5.1.8", "553 5.1.8 Domain of sender address does not exist"},
    {"ours-7.28", "4.7.28", NULL},
    {"ours-7.27-spf", "5.7.27", "550 5.7.27 SPF did not pass"},
    {"ours-7.29-tls", "4.7.29", "421 4.7.29 TLS is required"},
    {"ours-7.30-dkim", "5.7.30", "550 5.7.30 DKIM did not pass"},
    {"ours-7.31", "5.7.32", NULL},
    {"ours-7.20", "5.7.21", NULL},
    {"ours-7.23-ptr", "4.7.23", "421 4.7.23 no PTR record"},
    {"ours-7.23", "5.7.24", NULL},
    {"ours-7.25", "5.7.25", NULL},
    {"ours-7.26", "5.7.26", NULL},
    {"ours-7.27", "5.7.27", NULL},
    {"ours-7.29", "5.7.29", NULL},
    {"ours-7.30", "5.7.30", NULL},
    {"ours-7.508", "5.7.508", NULL},
    {"ours-7.509", "5.7.509", NULL},
    {"ours-7.511", "5.7.511", NULL},
    {"ours-7.515", "5.7.515", NULL},
    {"ours-7.606", "5.7.612", NULL},
    {"ours-7.708", "5.7.708", NULL},
    {"ours-7.750", "5.7.750", NULL},
    {"ours-tss04", "4.7.0", "421 4.7.0 [TSS04] Messages temporarily deferred"},
    {"ours-ph01", "5.7.9", "554 5.7.9 Message not accepted [PH01]"},
    {"ours-tosa-rx-t-online-de", NULL, "554 IP=192.0.2.1 - Ask tosa@rx.t-online.de"},
    {"ours-nemesis-esmtp-service-not-available", NULL,
     "554-gmx.net (mxgmx101) Nemesis ESMTP Service not available"},
    {"ours-bad-dns-ptr-resource-record", NULL, "554 Bad DNS PTR resource record."},
    {"ours-invalid-dns-mx", NULL,
     "550 Requested action not taken: mailbox unavailable; invalid DNS MX or A/AAAA resource record"},
    {"ours-spf", "5.7.1", "550 5.7.1 SPF check failed"},
    {"ours-dkim", NULL, "550 DKIM signature is wrong"},
    {"ours-dmarc", "5.7.1", "550 5.7.1 DMARC says reject"},
    {"ours-reverse-dns", NULL, "550 your host has no reverse DNS"},
    {"ours-ptr-record", NULL, "450 no PTR record"},
    {"ours-unauthenticated", "5.7.1", "550 5.7.1 Unauthenticated email from k.example is not accepted"},
    {"ours-not-authenticated", NULL, "550 This mail is not authenticated"},
    {"ours-spamhaus", NULL, "550 see Spamhaus; user unknown"},
    {"ours-blocked-using", "5.7.1", "554 5.7.1 Client host [192.0.2.1] blocked using bl.example"},
    {"ours-blacklist", NULL, "554 on our blacklist"},
    {"ours-blacklisted", NULL, "554 blacklisted"},
    {"ours-black-listed", NULL, "554 black listed"},
    {"ours-blocklist", NULL, "554 on a blocklist"},
    {"ours-block-list", NULL, "554 on a block list"},
    {"ours-7.26", "5.7.1", "550-5.7.26 This mail has been blocked"},
    {"unverified", "5.1.1", "550 5.1.1 Recipient address rejected: unverified address: Connection timed out"},
    {"policy-recipients-blocked", "5.1.1",
     "550 permanent failure for one or more recipients (a@b.example:blocked)"},
    {"ours-poor-reputation", NULL, "554 poor reputation of your host"},
};

static void test_said(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        struct bounce b = bounce_judge(true, said[i].status, said[i].text);
        if (strcmp(b.rule, said[i].rule)) {
            print_message("%s \"%s\": decided by %s\n", said[i].rule, said[i].text, b.rule);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* No row without a test; and the verdict is what the row says. */
static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        size_t k = 0, n = 0;
        for (; k < ARRAY_LEN(said); k++) {
            if (strcmp(said[k].rule, rules[i].id))
                continue;
            struct bounce b = bounce_judge(true, said[k].status, said[k].text);
            bool permanent =
                (!said[k].status || *said[k].status == '5') && (!said[k].text || *said[k].text != '4');
            assert_string_equal(b.reason, rules[i].reason);
            assert_int_equal(b.hard, permanent && rules[i].weight != LIVE);
            assert_int_equal(b.again, permanent && rules[i].weight == AGAIN);
            b = bounce_judge(false, said[k].status, said[k].text);
            assert_false(b.hard || b.again);
            n++;
        }
        if (!n)
            fail_msg("%s has no test", rules[i].id);
        for (k = 0; k < i; k++)
            if (!strcmp(rules[k].id, rules[i].id))
                fail_msg("%s stands twice", rules[i].id);
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_said), cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
