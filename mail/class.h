/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Classes of mail: the one table (mail/class.def) of which rule of consent each follows, and which headers it
 * has.
 *
 * No letter carries anything that tells the sender of its being read but what its reader sends: no picture to
 * be fetched, no rewritten link.
 */
#ifndef MAIL_CLASS_H
#define MAIL_CLASS_H

#include <jansson.h>

#include "base/conf.h"
#include "base/db.h"
#include "base/keyring.h"
#include "mail/wire/mime.h"

enum class_rule { CLASS_BASIS, CLASS_OFFICIAL, CLASS_PERSONAL };
enum { CLASS_LISTED = 1, CLASS_LINK = 2, CLASS_NO_POST = 4, CLASS_RECEIPT = 8, CLASS_AUTOMATIC = 16 };

struct mail_class {
    const char *kind;
    enum class_rule rule;
    unsigned marks;
};
/* NULL: there is none of that kind. */
const struct mail_class *class_find(const char *kind);
/* "invitation, newsletter, ... or greeting": those that a mailing can be. */
char *class_mailing_kinds(void *mem);

/* What the letters of one mailing have in common; no list_id: a letter on no list. */
struct class_mailing {
    const struct mail_class *class;
    int64_t list_id;
    const char *list, *list_name;
    bool receipt; /* asked for */
};
/* Out of a row with kind, list_id, list, list_name, receipt (SQL_MAILING_TEXT_OF); strings are talloc
 * children of mem. */
struct class_mailing class_of_mailing(void *mem, const struct db_rows *rows);

struct class_letter {
    const struct conf *conf;
    const struct conf_smtp *account;
    const struct keyring *ring; /* NULL: a sample, whose link unsubscribes nobody */
    const struct class_mailing *mailing;
    int64_t contact_id;
    const char *language, *envelope_from;
    const char *token; /* for unsubscribing, once it was needed */
};
/* Adds what the class gives to the view: unsubscribe_url, but not on paper. */
void class_view(void *mem, struct class_letter *letter, json_t *view);
/* The headers of the class, as mime->extra. */
void class_headers(void *mem, struct class_letter *letter, struct mime_letter *mime);

#endif
