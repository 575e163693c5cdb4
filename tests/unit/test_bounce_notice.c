/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Notices in words: a mail for each thing that mail systems say (NOTICE in mail/bounce.def), in the shape in
 * which they say it; and mails that only speak of such things.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/classify.h"
#include "mail/wire/facts.h"

static const struct {
    const char *id;
} notices[] = {
#define BOUNCE(id, codes, words, reason, weight, source)
#define HOLD(reason, letters, days)
#define NOTICE(id, mailer, words, what) {id},
#include "mail/bounce.def"
};

#define DAEMON "Mail Delivery System <MAILER-DAEMON@mx.example>"
#define KEEPER "\"Postmaster\" <postmaster@mx.example>"
/* what the verdict says of each recipient: "address status reason", and "!" where it is hard, "?" where again
 */
static const struct {
    const char *id, *from, *subject, *text, *recipients;
} cases[] = {
    {"notice-delay-exim", DAEMON, "Warning: message 1abc delayed 24 hours",
     "This message was created automatically by mail delivery software.\nA message that you sent has not yet "
     "been delivered "
     "to one or more of its\nrecipients after more than 24 hours.\n\nThe address to which the message has "
     "not yet been delivered "
     "is:\n\n  ana@a.example\n    Delay reason: Connection timed out\n\nNo action is required on your "
     "part.\n",
     "ana@a.example - routing"},
    {"notice-delay-yet", KEEPER, "Delivery delayed",
     "Your message has not been delivered yet.\n\nana@a.example\n", "ana@a.example - other"},
    {"notice-delayed", "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
     "Delivery Status Notification (Delay)",
     "THIS MESSAGE IS A NOTICE.\n\nDelivery to the following recipient has been delayed:\n\n     "
     "ana@a.example\n\nMessage will "
     "be retried for 2 more day(s)\n\n   ----- Message header follows -----\n\nTo: ana@a.example\n",
     "ana@a.example - other"},
    {"notice-delayed-by", KEEPER, "Delayed mail",
     "The delivery of your message is slow and delayed:\n  ana@a.example\n", "ana@a.example - other"},
    {"notice-delay-still", DAEMON, "Warning: could not send message for past 4 hours",
     "    **********************************************\n    **      THIS IS A WARNING ONLY               "
     "**\n\n   ----- The "
     "following is still undelivered -----\n<ana@a.example>\n   ----- Transcript -----\n451 4.4.1 reply: "
     "read error from "
     "mx.a.example.\n",
     "ana@a.example 4.4.1 routing"},
    {"notice-delay-warning", DAEMON, "Delivery Status Notification (Delay)",
     "THIS IS A WARNING MESSAGE ONLY.\n\nana@a.example\n", "ana@a.example - other"},
    {"notice-delay-attempts", KEEPER, "Delivery failure notification",
     "Your message with Subject: Invitation\ncould not be delivered to the following "
     "recipients:\n\nana@a.example\n\nDelivery "
     "attempts will continue to be made for 5 day(s).\n",
     "ana@a.example - other"},
    {"notice-delay-retried", DAEMON, "Delayed Mail",
     "This is the mail system at host mx.example.\n\nIt will be retried until it is 5 days "
     "old.\n\n<ana@a.example>: connect to "
     "mx.a.example[192.0.2.1]:25:\n    Connection refused\n",
     "ana@a.example - routing"},
    {"notice-delay-trying", KEEPER, "NOTICE: mail delivery status.",
     "MESSAGE DELIVERY\n\nThe server will continue trying for up to 21 hours:\n\n<ana@a.example>:\n    "
     "mx.a.example:\n<<< 451 busy\n",
     "ana@a.example - routing"},
    {"notice-delay-transient", DAEMON, "Warning: could not send message",
     "   ----- The following addresses had transient non-fatal errors -----\n<ana@a.example>\n",
     "ana@a.example - other"},
    {"notice-delay-for", DAEMON, "Delayed mail",
     "your message could not be delivered for more than 4 hours.\n\n<ana@a.example>: host mx.a.example said: "
     "452 4.2.2 Mailbox "
     "full\n",
     "ana@a.example 4.2.2 mailbox-full"},
    {"notice-delay-de", "mailer-daemon@gmx.example", "Warnung",
     "Ihre E-Mail wurde noch nicht zugestellt:\n\nana@a.example\n", "ana@a.example - other"},
    {"notice-delay-de-late", KEEPER, "Zustellung verz\xc3\xb6gert",
     "Die Zustellung an folgende Empf\xc3\xa4nger verz\xc3\xb6gert sich:\n\nana@a.example\n",
     "ana@a.example - other"},
    {"notice-delay-pl", "mailer-daemon@poczta.example",
     "Ostrze\xc5\xbc"
     "enie",
     "Wiadomo\xc5\x9b\xc4\x87 nie zosta\xc5\x82"
     "a jeszcze dostarczona do:\n\nana@a.example\n",
     "ana@a.example - other"},
    {"notice-delay-sr", KEEPER, "Isporuka kasni",
     "Poruka jo\xc5\xa1 nije isporu\xc4\x8d"
     "ena:\n\nana@a.example\n",
     "ana@a.example - other"},

    /* qmail, Postfix, and what is made of them; Zimbra is Postfix */
    {"notice-program", "MAILER-DAEMON@mail.example", "failure notice",
     "Hi. This is the qmail-send program at mail.example.\nI'm afraid I wasn't able to deliver your message "
     "to the following "
     "addresses.\nThis is a permanent error; I've given up. Sorry it didn't work "
     "out.\n\n<ana@a.example>:\nSorry, no mailbox here "
     "by that name. (#5.1.1)\n\n<ben@b.example>:\nmailfolder is full (#5.2.2)\n\n--- Below this line is a "
     "copy of the "
     "message.\n\nReturn-Path: <x@y.example>\nTo: zoe@z.example\n",
     "ana@a.example 5.1.1 bad-mailbox!, ben@b.example 5.2.2 mailbox-full"},
    {"notice-program", DAEMON, "Undelivered Mail Returned to Sender",
     "This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could "
     "not\nbe delivered to "
     "one or more recipients. It's attached below.\n\nFor further assistance, please send mail to "
     "<postmaster@mx.example>\n\n                   The mail system\n\n<ana@a.example>: host "
     "mx.a.example[192.0.2.1] said: 550 "
     "5.1.1\n    <ana@a.example>: Recipient address rejected: User unknown (in reply to\n    RCPT TO "
     "command)\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-program", DAEMON, "Undelivered Mail Returned to Sender",
     "This is the mail system at host mx.example.\n\n<ana@gone.example>: Host or domain name not found. Name "
     "service error for\n"
     "    name=gone.example type=AAAA: Host not found\n",
     "ana@gone.example - bad-domain!?"},

    /* Exim: GMX, 1&1, mail.ru, hosters on cPanel, also in Kosovo; ptt */
    {"notice-exim", "Mail Delivery System <Mailer-Daemon@server.hoster.example>",
     "Mail delivery failed: returning message to sender",
     "This message was created automatically by mail delivery software.\n\nA message that you sent could not "
     "be delivered to one or "
     "more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  "
     "ana@a.example\n    No Such User "
     "Here\n  x@new.example\n    (generated from ben@b.example)\n    SMTP error from remote mail server "
     "after RCPT "
     "TO:<x@new.example>:\n    550 5.2.2 Mailbox full\n\n------ This is a copy of the message, including all "
     "the headers. "
     "------\n\nReturn-path: <kabinet@klokot.example>\n",
     "ana@a.example - bad-mailbox!, ben@b.example 5.2.2 mailbox-full"},
    {"notice-exim", "MAILER-DAEMON@mail.gmx.example", "Mail delivery failed: returning message to sender",
     "This message was created automatically by mail delivery software.\n\nA message that you sent could not "
     "be delivered to one or "
     "more of\nits recipients. This is a permanent error. The following "
     "address\nfailed:\n\n\"ana@a.example\":\nSMTP error from remote "
     "server after RCPT command:\nhost: mx.a.example\n5.1.1 <ana@a.example>... User Unknown\n\n--- The "
     "header of the original message "
     "is following. ---\n\nReceived: from x\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-exim", "mailer-daemon@corp.mail.example",
     "\xd0\x92\xd0\xb0\xd1\x88\xd0\xb5 "
     "\xd1\x81\xd0\xbe\xd0\xbe\xd0\xb1\xd1\x89\xd0\xb5\xd0\xbd\xd0\xb8\xd0\xb5. Mail failure.",
     "\xd0\xad\xd1\x82\xd0\xbe \xd0\xbf\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe:\n\n  ana@a.example\n    550 "
     "Message was not "
     "accepted -- invalid mailbox.  Local mailbox\n    ana@a.example is unavailable: user not "
     "found\n\n**********\n\nThis message "
     "was created automatically by mail delivery software.\n\n  ana@a.example\n    550 Message was not "
     "accepted -- invalid mailbox.\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-sendmail", "Mail Delivery Subsystem <MAILER-DAEMON@aol.example>", "Returned mail: User unknown",
     "The original message was received at Mon, 1 Mar 2027 09:00:00 +0100\nfrom mx.klokot.example "
     "[192.0.2.9]\n\n   ----- The "
     "following addresses had permanent fatal errors -----\n<ana@a.example>\n    (reason: 550 5.1.1 MAILBOX "
     "NOT "
     "FOUND)\n<ben@b.example>\n\n   ----- Transcript of session follows -----\n... while talking to "
     "air.aol.example.:\n>>> RCPT "
     "To:<ana@a.example>\n<<< 550 5.1.1 MAILBOX NOT FOUND\n>>> RCPT To:<ben@b.example>\n<<< 552 5.2.2 over "
     "quota\n",
     "ana@a.example 5.1.1 bad-mailbox!, ben@b.example 5.2.2 mailbox-full"},
    {"notice-sendmail-transcript", "Mail Delivery Subsystem <MAILER-DAEMON@old.example>",
     "Returned mail: Cannot send message for 4 days",
     "   ----- Transcript of session follows -----\n421 a.example (smtp)... Deferred: Connection timed out "
     "during user open with "
     "a.example\n\n   ----- Unsent message follows -----\nFrom: kabinet@klokot.example\nTo: ana@a.example\n",
     "ana@a.example - routing"},
    {"notice-exchange", "postmaster@a.example", "Undeliverable: Invitation",
     "Delivery has failed to these recipients or groups:\n\nana@a.example<mailto:ana@a.example>\nThe e-mail "
     "address you entered "
     "couldn't be found. Please check the recipient's e-mail address.\n\n"
     "Diagnostic information for administrators:\nGenerating server: a.example\n\nana@a.example\n#550 5.1.1 "
     "RESOLVER.ADR.RecipNotFound; "
     "not found ##\n\nOriginal message headers:\n\nReceived: from x\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-exchange-reach", "System Administrator <postmaster@a.example>", "Undeliverable: Invitation",
     "Your message\n\n  To:      ben@b.example; zoe@z.example\n  Cc:      joe@j.example\n  Subject: "
     "Invitation\n  Sent:    Mon, 1 Mar "
     "2027 09:00:00 +0100\n\ndid not reach the following recipient(s):\n\nana@a.example on Mon, 1 Mar 2027 "
     "09:00:10 +0100\n    The "
     "recipient name is not recognized\n\tThe MTS-ID of the original message is: c=de;a= ;p=x\n    "
     "MSEXCH:IMS:X:Y:Z 0 (000C05A6) Unknown "
     "Recipient\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-exchange-reach", "mailer-daemon@hmail.example", "Message undeliverable: Invitation",
     "Your message did not reach some or all of the intended recipients.\n\n   Sent: Mon, 1 Mar 2027\n   "
     "Subject: Invitation\n\nThe "
     "following recipient(s) could not be reached:\n\nana@a.example\n   Error Type: SMTP\n   Remote server "
     "(192.0.2.1) issued an "
     "error.\n   hMailServer sent: RCPT TO:<ana@a.example>\n   Remote server replied: 550 5.1.1 "
     "<ana@a.example>... User "
     "unknown\n\nhMailServer\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-reached", KEEPER, "Message Delivery Failure",
     "MailEnable: Message Delivery Failure.\n\nThe following recipient(s) could not be "
     "reached:\n\n\tRecipient: "
     "[SMTP:ana@a.example]\n\tReason: Remote SMTP Server Returned: 550 5.1.1 User unknown\n\nMessage headers "
     "follow:\n\nReceived: x\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-gmail", "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
     "Delivery Status Notification (Failure)",
     "** Address not found **\n\nYour message wasn't delivered to ana@a.example because the address couldn't "
     "be found, or is unable to "
     "receive mail.\n\nThe response from the remote server was:\n550 5.1.1 The email account that you tried "
     "to reach does not exist.\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-domino", "Postmaster@a.example",
     "DELIVERY FAILURE: User ana (ana@a.example) not listed in Domino Directory",
     "Your message\n\n  Subject: Invitation\n\nwas not delivered to:\n\n  ana@a.example\n\nbecause:\n\n  "
     "User ana (ana@a.example) not "
     "listed in Domino Directory\n\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-groupwise", "Mailer-Daemon@gw.a.example", "Message status - undeliverable",
     "The message that you sent was undeliverable to the following:\n\tana (user not found)\n",
     "ana@gw.a.example - bad-mailbox!"},
    {"notice-mdaemon", "MDaemon@md.example", "Permanent Delivery Failure",
     "YOUR MESSAGE WAS KEPT!\nThe following addresses did NOT receive a copy of your message:\n\n> "
     "ana@a.example\n\n--- Session "
     "Transcript ---\n RCPT To:<ana@a.example>\n 550 5.1.1 No such user here\n QUIT\n\n: Message contains "
     "[1] file attachments\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-mdaemon-fatal", "MDaemon@md.example", "Permanent Delivery Failure",
     "The attached message had PERMANENT fatal delivery errors!\n\n> ana@a.example\n",
     "ana@a.example - other"},
    {"notice-mdaemon-user", "MDaemon@md.example", "Warning: ana@a.example - User unknown!",
     "ana@a.example - no such user here.\n\nThere is no user by that name at this server.\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-failed-to", "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
     "Delivery Status Notification (Failure)",
     "Delivery to the following recipient failed permanently:\n\n     ana@a.example\n\nTechnical details of "
     "permanent "
     "failure:\nThe error that the other server returned was:\n552 5.2.2 Mailbox full\n\n----- Original "
     "message -----\n\nTo: x@y.example\n",
     "ana@a.example 5.2.2 mailbox-full"},
    {"notice-failed", "MAILER-DAEMON@cg.example", "Undeliverable mail",
     "Message delivery failed.\n\nFailed to deliver to '<ana@a.example>'\nSMTP module(domain a.example) "
     "reports:\n host mx.a.example "
     "says:\n 550 5.1.1 unknown user\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-failed-list", "mailer-daemon@t-online.example", "Mail failed, returning to sender",
     "|------------------------- Message log follows: -------------------------|\n no valid "
     "addresses\n|------------------------- "
     "Failed addresses follow: ---------------------|\n <ana@a.example> ... unknown "
     "user\n|------------------------- Message text "
     "follows: ------------------------|\nReceived: x\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-failed-list", "Mail Service <E500_SMTP_Mail_Service@a.example>",
     "Returned Mail - Error During Delivery",
     "------ Failed Recipients ------\n<ana@a.example>: Requested action not taken: mailbox unavailable. "
     "[SMTP Error Code 550]\n\n"
     "-------- Returned Mail --------\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-unable", "MAILER-DAEMON@yahoo.example", "Failure Notice",
     "Sorry, we were unable to deliver your message to the following address.\n\n<ana@a.example>:\nRemote "
     "host said: 554 dd "
     "This user doesn't have a yahoo.example account (ana@a.example) [0]\n\n--- Below this line is a copy of "
     "the message.\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-not-deliver", KEEPER, "Undeliverable Mail",
     "We could not and will not deliver it to\n  ana@a.example\n", "ana@a.example - other"},
    {"notice-couldnt", KEEPER, "Non-delivery report",
     "It couldn't be delivered:\n  ana@a.example\n    550 5.1.1 unknown user\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-not-be", KEEPER, "NOTICE: mail delivery status.",
     "Your message to the following could still not be "
     "delivered:\n\n<ana@a.example>:\n    mx.a.example [192.0.2.1]:\n>>> RCPT TO:<ana@a.example>\n<<< 550 "
     "User "
     "unknown.\n\n---------\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-problems", "MAILER-DAEMON@gate.example", "Delivery Status",
     "    --- The following had delivery problems ---\n\n<ana@a.example>   (Unknown user ana@a.example)\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-sent", "<MAILER-DAEMON@gate.example>", "Invitation",
     "Your message will not be sent.\n\nAddressed To: ana@a.example\n550 5.1.1 ana@a.example... No such "
     "user\n",
     "ana@a.example 5.1.1 bad-mailbox!"},
    {"notice-returned", "MAILER-DAEMON@usa.example", "Processing Error",
     "To the box: ana@a.example\n\nThe following mail has been returned because it encountered an "
     "error\nwhile being "
     "processed.\n",
     "ana@a.example - other"},
    {"notice-rejected", "Mail Delivery Subsystem <postmaster@lda.example>", "Rejected: Invitation",
     "Your message to <ana@a.example> was automatically rejected:\nQuota exceeded (mailbox for user is "
     "full)\n",
     "ana@a.example - mailbox-full"},
    {"notice-valid-recipients", "mailer-daemon@smail.example", "Mail not sent",
     "no valid recipients were found for this message\n ana@a.example ... unknown user\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-sun", "postmaster@sun.example", "Notification: Delivery",
     "This report relates to a message you sent with the following header fields:\n\n  Message-id: "
     "<7@klokot.example>\n\n",
     ""},
    {"notice-de", "postmaster@bluewin.example", "Unzustellbar: Einladung",
     "Ihre Nachricht konnte nicht zugestellt werden:\n\n  ana@a.example\n\nGrund: Empf\xc3\xa4nger "
     "unbekannt\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-de-error", "postmaster@a.example", "Unzustellbar: Einladung",
     "Fehler bei der Nachrichtenzustellung an folgende Empf\xc3\xa4nger oder Gruppen:\n\nana@a.example\nDas "
     "Postfach des "
     "Empf\xc3\xa4ngers ist voll.\n",
     "ana@a.example - mailbox-full"},
    {"notice-de-failed", "postmaster@a.example", "Zustellung fehlgeschlagen",
     "Zustellung ist fehlgeschlagen:\n\nana@a.example\n", "ana@a.example - other"},
    {"notice-de-konnte", "postmaster@a.example", "Einladung",
     "Ihre Nachricht konnte an einen oder mehrere Empf\xc3\xa4nger nicht:\n\nana@a.example\n",
     "ana@a.example - other"},
    {"notice-pl", "mailer-daemon@wp.example", "Wiadomo\xc5\x9b\xc4\x87 niedostarczona",
     "Twoja wiadomo\xc5\x9b\xc4\x87 nie zosta\xc5\x82"
     "a dostarczona do:\n\n<ana@o2.example>:\n550 Nie ma takiego u\xc5\xbcytkownika\n",
     "ana@o2.example - bad-mailbox!"},
    {"notice-pl-un", "mailer-daemon@onet.example", "Zwrot",
     "List niedostarczony:\n\nana@onet.example\nSkrzynka jest pe\xc5\x82na\n",
     "ana@onet.example - mailbox-full"},
    {"notice-sr", "postmaster@hoster.example", "Poruka",
     "\xd0\x9f\xd0\xbe\xd1\x80\xd1\x83\xd0\xba\xd0\xb0 \xd0\xbd\xd0\xb8\xd1\x98\xd0\xb5 "
     "\xd0\xb8\xd1\x81\xd0\xbf\xd0\xbe\xd1\x80\xd1\x83"
     "\xd1\x87\xd0\xb5\xd0\xbd\xd0\xb0:\n\nana@a.example\nKorisnik ne postoji\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-sr-failed", "postmaster@a.example",
     "Neisporu\xc4\x8d"
     "ena poruka",
     "Isporuka poruke nije uspela:\n\nana@a.example\n", "ana@a.example - other"},
    {"notice-sr-to", "postmaster@a.example",
     "Neisporu\xc4\x8d"
     "eno: Poziv",
     "Isporuka ovim primaocima ili grupama nije uspela:\n\nana@a.example\nUneta e-adresa nije prona\xc4\x91"
     "ena.\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-mk", "postmaster@a.example", "Poraka",
     "\xd0\x9f\xd0\xbe\xd1\x80\xd0\xb0\xd0\xba\xd0\xb0\xd1\x82\xd0\xb0 \xd0\xbd\xd0\xb5 \xd0\xb5 "
     "\xd0\xb8\xd1\x81\xd0\xbf\xd0\xbe\xd1\x80"
     "\xd0\xb0\xd1\x87\xd0\xb0\xd0\xbd\xd0\xb0:\n\nana@a.example\n",
     "ana@a.example - other"},
    {"notice-sq", "mailer-daemon@ptt.example", "Mesazhi nuk u dor\xc3\xabzua",
     "Mesazhi juaj nuk u dor\xc3\xabzua:\n\n  ana@a.example\n    Adresa nuk ekziston\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-sl", "postmaster@a.example", "Ni dostavljeno",
     "Sporo\xc4\x8dilo ni bilo dostavljeno:\n\nana@a.example\nUporabnik ne obstaja\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-fr", "postmaster@bluewin.example", "Non remis : Invitation",
     "Votre message n'a pas \xc3\xa9t\xc3\xa9 remis :\n\nana@a.example\nBo\xc3\xaete pleine\n",
     "ana@a.example - mailbox-full"},
    {"notice-it", "postmaster@bluewin.example", "Non recapitato",
     "Il messaggio non \xc3\xa8 stato recapitato:\n\nana@a.example\nUtente sconosciuto\n",
     "ana@a.example - bad-mailbox!"},

    /* who is told by sender and list alone: IMail, Lotus of old, IBM */
    {"notice", "\"Postmaster\" <postmaster@imail.example>", "Undeliverable Mail",
     "Unknown user: ana@a.example\n\n\nOriginal message follows.\n\nReceived: x\n",
     "ana@a.example - bad-mailbox!"},
    {"notice", "\"Postmaster\" <postmaster@imail.example>", "Undeliverable Mail",
     "User mailbox exceeds allowed size: ana@a.example\n", "ana@a.example - size"},
    {"notice", "POSTMASTER@smtp-gw.example", "Undeliverable message",
     "------- Failure Reasons  --------\n\nUser  not listed in public Name & Address "
     "Book\nana@a.example\n\n\n------- Returned Message "
     "--------\nReceived: x\n",
     "ana@a.example - bad-mailbox!"},
    {"notice-failed", "MAILER@vm.example (Mailer)", "Mail could not be sent",
     "Mail Delivery Error: 550 <ana@a.example>... Host unknown\n", "ana@a.example - bad-domain!?"},
};

static json_t *judge(const char *mail)
{
    struct err err;
    json_t *facts;
    if (facts_parse(mail, strlen(mail), &facts, &err) < 0)
        fail_msg("%s", err.text);
    json_t *verdict = classify_mail(facts, NULL);
    json_decref(facts);
    return verdict;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static char *recipients_of(void *mem, const json_t *verdict)
{
    struct text t = text_new(mem);
    size_t i;
    const json_t *r;
    json_array_foreach(json_object_get(verdict, "recipients"), i, r)
    {
        const char *status = text_at(r, "status");
        text_printf(&t, "%s%s %s %s%s%s", i ? ", " : "", text_at(r, "address"), *status ? status : "-",
                    text_at(r, "reason"), json_is_true(json_object_get(r, "hard")) ? "!" : "",
                    json_is_true(json_object_get(r, "again")) ? "?" : "");
    }
    return t.s;
}

static char *mail_of(void *mem, const char *from, const char *subject, const char *text)
{
    return talloc_asprintf(
        mem,
        "From: %s\nTo: kabinet@klokot.example\nSubject: %s\nMIME-Version: 1.0\nContent-Type: text/plain; "
        "charset=utf-8\n\n%s",
        from, subject, text);
}

static void test_notices(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        json_t *v = judge(mail_of(mem, cases[i].from, cases[i].subject, cases[i].text));
        bool delay = !strncmp(cases[i].id, "notice-delay", 12);
        char *got = recipients_of(mem, v);
        if (strcmp(text_at(v, "system"), cases[i].id) ||
            strcmp(text_at(v, "class"), delay ? "delay" : "bounce") || strcmp(got, cases[i].recipients)) {
            print_message("%s: %s by %s: %s\n", cases[i].id, text_at(v, "class"), text_at(v, "system"), got);
            wrong++;
        }
        json_decref(v);
    }
    assert_int_equal(wrong, 0);
}

static void test_each_has_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(notices); i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(cases) && strcmp(cases[k].id, notices[i].id))
            k++;
        if (k == ARRAY_LEN(cases))
            fail_msg("%s has no test", notices[i].id);
    }
}

/* What only speaks of it. */
static void test_letters(void **state)
{
    (void)state;
    static const struct {
        const char *from, *subject, *text;
    } letters[] = {
        {"Ana <ana@a.example>", "Fw: Undelivered Mail Returned to Sender",
         "Look what I got.\n\n-------- Forwarded Message --------\nFrom: MAILER-DAEMON@mx.example\n\nThis is "
         "the mail system at host "
         "mx.example.\n\n<ben@b.example>: host mx.b.example said: 550 5.1.1 User unknown\n"},
        {"Ana <ana@a.example>", "Delivery failed",
         "My server says that your message could not be delivered to the following "
         "recipients:\n\nben@b.example\n550 5.1.1 User unknown\n"},
        {"shop@firma.example", "Your parcel could not be delivered",
         "We were unable to deliver your parcel. Write to\n\nhelp@firma.example\n"},
        {"postmaster.mueller@stiftung.example", "Nicht zugestellt",
         "Die Einladung konnte nicht zugestellt werden:\n\nben@b.example\n"},
        {"daemon.smith@uni.example", "Mail problem",
         "My mailbox is full.\n\n--\nDaemon Smith\ndaemon.smith@uni.example\n"},
        {"Ana <ana@a.example>",
         "Poruka nije ispor\xc4\x8d"
         "ena",
         "Va\xc5\xa1"
         "a poruka nije isporu\xc4\x8d"
         "ena, adresa ne postoji:\n\nben@b.example\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        MEM_SCOPE(mem);
        json_t *v = judge(mail_of(mem, letters[i].from, letters[i].subject, letters[i].text));
        if (strcmp(text_at(v, "class"), "human"))
            fail_msg("%s: %s", letters[i].subject, text_at(v, "class"));
        json_decref(v);
    }
}

/* A long notice that names nobody's reason may name all that there could be. */
static void test_loose(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    text_puts(&t, "Your message was not delivered. The mailbox may not be there any more: perhaps the user "
                  "is unknown.");
    while (t.len < 500)
        text_puts(&t, " Please ask those who know, by telephone or by letter, and try it again then.");
    text_puts(&t, "\n\nana@a.example\n");
    json_t *v = judge(mail_of(mem, "MAILER-DAEMON@mx.example", "Undelivered", t.s));
    assert_string_equal(recipients_of(mem, v), "ana@a.example - bad-mailbox");
    json_decref(v);
}

/* A keeper is a person, too: errors of what he writes go to him. */
static void test_keeper(void **state)
{
    (void)state;
    json_t *v = judge("Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\nSubject: Re: "
                      "Delivery failure\nIn-Reply-To: "
                      "<7@klokot.example>\n\nYour letter could not be delivered to\n\nben@b.example\n\nbut "
                      "now it could.\n");
    assert_string_equal(text_at(v, "class"), "human");
    json_decref(v);
    v = judge("Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\nSubject: Delivery "
              "failure\n\nYour letter could not be "
              "delivered to\n\nben@b.example\n");
    assert_string_equal(text_at(v, "class"), "bounce");
    json_decref(v);
}

int main(void)
{
    mem_init();
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notices), cmocka_unit_test(test_each_has_one), cmocka_unit_test(test_letters),
        cmocka_unit_test(test_keeper),  cmocka_unit_test(test_loose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
