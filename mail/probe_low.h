/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between probe.c (sending and waiting) and probe_judge.c (what became of a copy).
 */
#ifndef MAIL_PROBE_LOW_H
#define MAIL_PROBE_LOW_H

#include "mail/probe.h"
#include "mail/signing.h"
#include "mail/wire/imap.h"

enum { PROBE_MAX_BOXES = 16, PROBE_MAX_FOLDERS = 16, PROBE_COPIES = 3 };

/* A mailbox that is looked into. */
struct probe_box {
    const struct conf_imap *account;
    struct imap *imap;
    char *folder[PROBE_MAX_FOLDERS];
    uint32_t first[PROBE_MAX_FOLDERS]; /* UID that has not been looked at */
    size_t nfolders;
};

struct probe_copy {
    const char *kind;                                             /* own, token, outside */
    const char *to, *words, *sender, *message_id, *received_from; /* words: what it is found by */
    int64_t id;                                                   /* in place of an outbox row's */
    bool expected; /* it was accepted, and a mailbox that is looked into should get it */
    bool arrived;
    json_t *checks;
};

struct probe {
    void *mem;
    const struct probe_order *o;
    const struct conf_imap *own; /* the account's mailbox */
    struct probe_box box[PROBE_MAX_BOXES];
    size_t nboxes;
    struct probe_copy copy[PROBE_COPIES];
    size_t ncopies;
    struct signing_selector *selector; /* that sign */
    size_t nselectors;
    const char *server, *tls, *login;
};

/* ok: 1, 0, or -1 for what was not checked. */
void probe_check(struct probe_copy *copy, const char *check, int ok, const char *value);
/* What the mailbox has of the copy. */
void probe_judge(struct probe *p, struct probe_copy *copy, const struct conf_imap *box, const char *bytes,
                 size_t len);

#endif
