/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of mailings: what mailing.c, prepare.c and release.c share.
 */
#ifndef MAIL_MAILING_LOW_H
#define MAIL_MAILING_LOW_H

#include "mail/class.h"
#include "mail/mailing.h"
#include "mail/template.h"

enum { MAILING_MAX_LANGUAGES = 16 };
/* "{sr,en}" as PostgreSQL writes an array of tags; how many. */
size_t mailing_languages(void *mem, const char *array, const char *out[MAILING_MAX_LANGUAGES]);

/* How a contact is written to: by e-mail, or on paper where the mailing has that and the contact no e-mail
 * address that can be written to, or the tag "paper". */
struct mailing_way {
    const char *email; /* as it is sent; NULL: none, or not by e-mail */
    bool paper;
    const char *why; /* no e-mail; a talloc child of mem */
};
/* Row i of mailing_recipients_by_id or _by_address. */
struct mailing_way mailing_way(void *mem, const struct db_rows *rows, int i, bool paper);
/* Once the view is made: where the postal address says nothing, it is the e-mail after all; false: there is
 * none. */
bool mailing_way_settle(struct mailing_way *way, json_t *view);

/* Whom a letter to the guests of an event goes to (mailing_order.step); `said` is what their last letter
 * was made of (view_recipient.told), "" where they had none.  A talloc array, by name; ERR_NOTFOUND for an
 * empty one. */
struct mailing_guest {
    int64_t contact_id, post_id, address_id; /* 0: none, or the contact's first */
    const char *said;
};
int mailing_guests(void *mem, struct db *db, const struct mailing_order *order,
                   struct mailing_guest **guest_r, struct err *err) MUST_CHECK;
/* Whom the mailing order.missing_of did not reach; post_id: the letter goes to whoever holds that now. */
int mailing_missed(void *mem, struct db *db, const struct mailing_order *order,
                   struct mailing_guest **missed_r, struct err *err) MUST_CHECK;

/* order.c: what can be said of an order before anybody is looked for; the class that it is of. */
int mailing_order_check(void *mem, const struct mailing_order *order, struct class_mailing *class_r,
                        struct err *err) MUST_CHECK;
/* The mailing's own name: as ordered, else the event's in the office's language, else the folder's. */
int mailing_order_name(void *mem, struct db *db, const struct conf *conf, const struct mailing_order *order,
                       const char **name_r, struct err *err) MUST_CHECK;
/* The list that it is on: the one that is named, else that of its kind. */
int mailing_order_list(void *mem, struct db *db, const struct mailing_order *order,
                       struct class_mailing *class_r, struct err *err) MUST_CHECK;
/* That event and department are there, and the right to write for it. */
int mailing_order_department(struct db *db, const struct mailing_order *order, int64_t *department_r,
                             struct err *err) MUST_CHECK;
/* The accounts that it goes by ("office, bulk"), in the order in which they are used: a talloc array.
 * ERR_CONFIG for one that there is not. */
int mailing_accounts(void *mem, const struct conf *conf, const char *names,
                     const struct conf_smtp ***accounts_r, struct err *err) MUST_CHECK;
/* Of an order, whose letters' keys must be there, too. */
int mailing_order_accounts(void *mem, const struct conf *conf, const struct mailing_order *order,
                           const struct conf_smtp ***accounts_r, struct err *err) MUST_CHECK;
/* "office,bulk", as they are kept. */
char *mailing_account_names(void *mem, const struct conf_smtp *const *accounts);
/* Only where one can opt out is there a link to do it. */
int mailing_order_text(const struct mail_class *class, const struct template_text *text,
                       const struct template *compiled, struct err *err) MUST_CHECK;

/* Nothing changed: the mailing is not there, or its state forbids it; wanted NULL: it is at its end. */
int mailing_not_in_state(struct db *db, int64_t id, const char *wanted, struct err *err) MUST_CHECK;

#endif
