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

/* event_id 0: none.  ERR_INPUT: on paper, and the letter would not arrive, or its address not be seen in the
 * window of an envelope.  name_r and post_r (0: none) say whom the letter goes to; name is a talloc child of
 * mem.
 */
int view_make(void *mem, struct db *db, const struct conf *conf, const struct view_recipient *recipient,
              int64_t event_id, json_t **view_r, const char **name_r, int64_t *post_r,
              struct err *err) MUST_CHECK;

#endif
