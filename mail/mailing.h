/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mailing: one release of a template to a frozen list.
 *
 *     draft ──release (a second person)──▶ released ◀──▶ paused          released ──▶ finished
 *       └───────────────────────────── cancel ──▶ cancelled
 *
 * mailing_prepare makes the draft: every recipient's letter is rendered once, so that a missing value,
 * language or contact is an error then, with the line of the list, and nothing is written.  Its recipients
 * are `held` until the release.  Finished means that each recipient is in a terminal state.
 */
#ifndef MAIL_MAILING_H
#define MAIL_MAILING_H

#include <jansson.h>

#include "base/conf.h"
#include "base/db.h"
#include "crm/rights.h"
#include "crm/segment.h"
#include "mail/attachment.h"

struct mailing_order {
    int64_t event_id; /* 0: none */
    const char *template_dir, *account;
    const char *list_file;         /* or */
    const struct segment *segment; /* whoever it finds now; the list is kept, and frozen by the release; or */
    /* or the guests of the event: update, cancel (to whoever had an invitation), remind (and has not
     * answered), thank (whoever answered), invite (whose letter was not out yet when the event moved); nobody
     * gets the same one twice */
    const char *step;
    const char *answer;         /* that is thanked for: accepted, declined, tentative */
    int64_t missing_of;         /* or whom that mailing did not reach */
    bool again;                 /* another reminder to those who had one */
    const char *kind;           /* NULL: invitation */
    const char *list;           /* what it is about (crm/consent.h); NULL: the list of its kind */
    bool receipt;               /* its letters ask for one (mail/class.def) */
    const char *name;           /* NULL: the event's name, else the template's folder */
    const char *fallback;       /* language for those whose own the template does not have, or NULL */
    const char *bilingual;      /* "sq,sr-Latn": each letter has both texts (mail/choice.h); NULL: its own */
    struct attachment_own own;  /* the files of single recipients */
    const char *shared_address; /* each (NULL), one */
    const char *department;     /* NULL: the event's, else the one of whoever prepares */
    bool paper;                 /* letters on paper to those who have no e-mail address, or the tag "paper" */
};
struct mailing_prepared {
    int64_t id;
    int recipients; /* letters */
    int paper;      /* of them on paper */
    int left_out;   /* without a letter: recipients in the state `excluded`, with the reason */
    int foreign;    /* letters in a language that their recipients do not have */
    int latin;      /* names in them that are in Latin letters alone where the letter is in Cyrillic */
};
/* A list has one recipient a line, an e-mail address, a contact's id, or post:ID for whoever holds the post
 * at the release; behind a tab the name of the recipient's own file, where the order has a folder of such; #
 * begins a comment.  All that is wrong with it is collected: problems_r is a talloc array
 * of lines "FILE:LINE: ...", its length talloc_array_length(); if there is any, the result is -1 ERR_INPUT
 * and nothing is written. */
int mailing_prepare(void *mem, struct db *db, const struct conf *conf, const struct mailing_order *order,
                    struct mailing_prepared *prepared_r, const char ***problems_r,
                    struct err *err) MUST_CHECK;

/* One letter a language, rendered: [{language, name, address, subject, text, html, attachments, latin}].
 * language NULL: all.  latin: the names of all recipients of the language that are in Latin letters alone
 * though the letter is in Cyrillic, [{contact, name}]. */
int mailing_preview(struct db *db, const struct conf *conf, int64_t id, const char *language,
                    json_t **letters_r, struct err *err) MUST_CHECK;

struct mailing_info {
    int64_t id, event_id;
    const char *kind, *step, *name, *account, *shared_address, *state, *pause_reason, *prepared_by,
        *released_by, *segment;
    bool paper;
    bool overtaken;       /* it ended because its event changed */
    int64_t event_starts; /* from then on its letters are of no use; 0: never */
};
int mailing_get(void *mem, struct db *db, int64_t id, struct mailing_info *info_r,
                struct err *err) MUST_CHECK;
/* ERR_DENIED when the acting user has not the right in the mailing's department. */
int mailing_check(struct db *db, enum right right, int64_t id, struct err *err) MUST_CHECK;
/* Fills an order with missing_of from that mailing, where it does not say otherwise. */
int mailing_missing(void *mem, struct db *db, struct mailing_order *order, struct err *err) MUST_CHECK;
/* {"id", "state", "total", "by_state": {...}, "sum_ok", ...} */
int mailing_status(struct db *db, int64_t id, json_t **status_r, struct err *err) MUST_CHECK;

/* How many messages of a mailing of that kind a connection may have in doubt (mail/mailing_class.def). */
int mailing_window(const char *kind);
/* What becomes of a letter of it that was proved not to have been taken: "ask", "resend", "leave". */
const char *mailing_not_taken(const char *kind);
/* How long its letters are tried, at most. */
int mailing_days(const char *kind);

/* In the name of whoever is connected; ERR_CONFLICT when it is not a draft, or when they prepared it
 * themselves.  A letter to a post goes to its holder of this day; where there is none, or none that can be
 * written to, it is held.  paper_r: letters that wait to be printed (reports/printing.h). */
int mailing_release(struct db *db, const struct conf *conf, int64_t id, int *queued_r, int *paper_r,
                    struct err *err) MUST_CHECK;
int mailing_pause(struct db *db, int64_t id, const char *reason, struct err *err) MUST_CHECK;
int mailing_resume(struct db *db, int64_t id, struct err *err) MUST_CHECK;
int mailing_cancel(struct db *db, int64_t id, struct err *err) MUST_CHECK;
/* Deferred recipients are tried at once. */
int mailing_retry(struct db *db, int64_t id, int *n_r, struct err *err) MUST_CHECK;
/* An `unknown` is decided by a person: state is accepted, left, or queued (again, knowing that it may arrive
 * twice). */
int mailing_settle(struct db *db, int64_t outbox, const char *state, const char *why,
                   struct err *err) MUST_CHECK;

/* What still points to whoever held a post until now (done is post_succeed's, crm/post.h): letters of drafts
 * and mailings that are not out yet, and answers to events that are still to come. An array of {"kind":
 * "draft|mailing|answer", "id", "name", "recipient", "state", "contact", "holder"}; id is the mailing's or
 * the event's. */
int mailing_pointing_to(struct db *db, const json_t *done, json_t **list_r, struct err *err) MUST_CHECK;

/* For deliver and fetch: the failure is ours, so the mailing waits for a person; no error if it is not
 * released. */
int mailing_pause_for(struct db *db, int64_t id, const char *reason, struct err *err) MUST_CHECK;
/* Closes what has an outcome for each recipient, opens again what has one no more. */
int mailing_finish_all(struct db *db, struct err *err) MUST_CHECK;

#endif
