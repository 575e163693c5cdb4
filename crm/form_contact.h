/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The form of address of a contact in the store (crm/form.h): name, organisation, post and override as they
 * are kept.
 */
#ifndef CRM_FORM_CONTACT_H
#define CRM_FORM_CONTACT_H

#include "base/db.h"
#include "crm/form.h"
#include "crm/postal.h"

struct form_wanted {
    int64_t contact;
    int64_t post; /* the one that is written to, of those that the contact holds today; 0: the first */
    const char *language;         /* NULL: the contact's first, else English */
    const char *home;             /* the office's country (ISO 3166), or NULL */
    const char *country_language; /* of another country's name on the envelope; NULL: English */
};
struct form_contact {
    int64_t post_id;                 /* 0: none */
    const char *name, *organisation; /* in the language; organisation (the post's, else where the contact
                                        works) NULL: there is none, or the contact is one */
    const char *post;                /* in the language; NULL: none */
    const char *language;            /* that was made for */
    const char *salutation, *closing;
    bool is_person;
    bool overridden;       /* the salutation is the contact's own */
    const char **envelope; /* lines, ended by NULL: honorific and name, post, organisation, postal lines */
    struct postal_address postal; /* the contact's, else where they work; members NULL: there is none */
    const char *
        *latin;  /* in Cyrillic: which of name and organisation are in Latin letters alone, ended by NULL */
    char gender; /* m, f, 0 */
    enum form_class class;
};
/* n of them, with as many statements as one takes.  ERR_NOTFOUND if there is no such contact.  Everything is
 * a talloc child of mem. */
int form_of_contacts(void *mem, struct db *db, const struct form_wanted *wanted, size_t n,
                     struct form_contact *form_r, struct err *err) MUST_CHECK;

/* What a person may say of it; NULL: nothing said; "" takes away what is there. */
struct form_fields {
    const char *title;
    const char *formality;           /* formal, neutral, familiar */
    const char *salutation_language; /* of the override */
    const char *rank;                /* a number, instead of the class's */
    const char *in_office_since;     /* a date, instead of the term's begin */
    const char *post_class;          /* of the (first) post held today: instead of what its name tells */
    const char *post_name, *post_language; /* how that post is called in the language; both or none */
};
/* Within the caller's transaction. */
int form_contact_change(struct db *db, int64_t contact, const struct form_fields *fields,
                        struct err *err) MUST_CHECK;

#endif
