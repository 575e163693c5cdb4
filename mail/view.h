/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The view of a letter, the JSON value that a text is rendered with:
 *
 *     {language, contact: {id, name, kind}, post: {name}, salutation, closing, envelope: [line ...],
 * organisation, event: {name, date, time, place}, before: {what of it was otherwise}, reason, reply_by,
 *      office: {name, phone, email, person}, mayor: {name}}
 *
 * `before` is what the recipient's last letter said of the event and is no more so, in letters to an event's
 * guests; `reason` why it is cancelled.
 *
 * and on paper, where there is a postal address, paper: true, postal: {country, postcode}.
 *
 * Salutation (no comma at its end), closing and the lines of the envelope are the grammar's
 * (crm/form_contact.h), the salutation the contact's own where there is one of the text's language; so they
 * are always there. Words, names and dates are in the recipient's language and script.  What is not known is
 * not there, so that a text that asks for it is refused when the mailing is prepared.
 */
#ifndef MAIL_VIEW_H
#define MAIL_VIEW_H

#include <jansson.h>

#include "base/conf.h"
#include "base/db.h"

struct view_recipient {
    int64_t contact_id;
    int64_t post_id;      /* of several posts the one that is written to; 0: the first */
    const char *language; /* of the text that was chosen */
    bool paper;
    const char *second; /* of the text below it, or NULL: its view is then under "second" */
    const char *told;   /* of a guest: what their last letter said of the event (mailing.event_said), "" none;
                           else NULL */
};

/* Makes the views of a mailing's letters.  What does not change by recipient is asked for once; event_id 0:
 * none. */
struct view_maker;
struct view_maker *view_maker_new(void *mem, struct db *db, const struct conf *conf, int64_t event_id);

struct view {
    json_t *value;   /* the caller drops it; NULL: the letter would not arrive on paper, or its address not be
                        seen in the window of an envelope */
    const char *why; /* then: a sentence */
    const char *name; /* whom the letter goes to, and by which post (0: none) */
    int64_t post_id;
};
/* Of n recipients, with as many statements as of one.  Texts are talloc children of mem; on -1 there is no
 * value to drop. */
int view_make(struct view_maker *maker, void *mem, const struct view_recipient *recipient, size_t n,
              struct view *view_r, struct err *err) MUST_CHECK;

#endif
