/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Off a list by a token: what a letter offers (RFC 2369, 8058), where such a token is found again, and what
 * it does.
 *
 * A token says who and which list, and has no end.  Whoever shows it is believed: it was in their letter.
 * What it does is done at once and told nobody; twice changes nothing.  Of a contact that was merged it
 * speaks of the one that is left.
 */
#ifndef MAIL_UNSUBSCRIBE_H
#define MAIL_UNSUBSCRIBE_H

#include "base/conf.h"
#include "base/db.h"
#include "base/keyring.h"
#include "mail/letter.h"
#include "mail/token.h"

/* [office] unsubscribe_url with the token behind it; NULL where there is none. */
char *unsubscribe_link(void *mem, const struct conf *conf, const char *token);
/* To an address with the token in it where the account has such (mail/envelope.h), and in the subject. */
char *unsubscribe_mailto(void *mem, const struct conf_smtp *account, const char *token);

struct unsubscribe_request {
    int64_t contact_id, list_id;
    const char *token;  /* as it was found */
    const char *where;  /* "address", "header Subject"; NULL: brought by hand */
    const char *text;   /* the whole address or subject */
    const char *how;    /* mail, web ... (crm/consent.h) */
    int64_t at;         /* when it was sent, Unix time; 0: now */
    int64_t message_id; /* the mail; 0: none */
};
/* A token anywhere in a text, a link, an address or alone. Strings are talloc children of mem. */
bool unsubscribe_find(void *mem, const struct keyring *ring, const char *text,
                      struct unsubscribe_request *request_r);
/* In an address of ours that the letter came to, else in its subject. */
bool unsubscribe_find_in_letter(void *mem, const struct keyring *ring, const struct conf *conf,
                                const struct letter *letter, struct unsubscribe_request *request_r);

enum unsubscribe_outcome {
    UNSUBSCRIBE_DONE,
    UNSUBSCRIBE_BEFORE,   /* was off the list already */
    UNSUBSCRIBE_OUTDATED, /* kept, but they consented again after it was sent */
    UNSUBSCRIBE_ERASED,   /* nothing is known of the contact any more */
    UNSUBSCRIBE_OFFICIAL, /* a list that nobody opts out of */
    UNSUBSCRIBE_NOWHERE,  /* no such contact or list: the store was put back to an earlier state */
};
struct unsubscribed {
    enum unsubscribe_outcome outcome;
    int64_t contact_id; /* who is left */
    const char *list;
    const char *name;  /* of the outcome: done, before, outdated, erased, official, nowhere */
    const char *words; /* the same for people, in the catalogue */
};
/* As a user who may write, as adresar_fetch or as adresar_web. */
int unsubscribe(void *mem, struct db *db, const struct unsubscribe_request *request,
                struct unsubscribed *done_r, struct err *err) MUST_CHECK;

#endif
