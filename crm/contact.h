/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts: persons and organisations that the office corresponds with.
 *
 * A contact has names in several languages and scripts (one of them main), addresses and phones in an order
 * of preference, languages in an order of preference, categories, a department that keeps it and others that
 * share it. A person works at an organisation, and holds posts of it through terms.
 */
#ifndef CRM_CONTACT_H
#define CRM_CONTACT_H

#include <jansson.h>

#include "base/db.h"
#include "crm/form_contact.h"
#include "crm/postal.h"

/* "17", or an address, which must then be one contact's alone.  A contact that was merged into another
 * (crm/merge.h) is that one. */
int contact_resolve(struct db *db, const char *id_or_address, int64_t *id_r, struct err *err) MUST_CHECK;

/* ERR_NOTFOUND says when and on what ground it was erased, if it was: there is nothing to show of it. */
int contact_check_erased(struct db *db, int64_t id, struct err *err) MUST_CHECK;

/* All that is known, as one object (contact.sql, contact_view, says its shape); the caller drops it. */
int contact_view(struct db *db, int64_t id, json_t **view_r, struct err *err) MUST_CHECK;

/* Nobody else changes these until the end of the transaction; behind this what others did before is seen. */
int contact_lock(struct db *db, const int64_t *ids, size_t n, struct err *err) MUST_CHECK;

/* An array of what happened to it, oldest first: {"at", "actor", "action", "object", "before", "after",
 * "changes"}, of a change only what differs; changes: the same as crm/audit.h says it, for people. */
int contact_history(struct db *db, int64_t id, json_t **list_r, struct err *err) MUST_CHECK;

/* Terms that began or ended with the day: the cards of their holders are made anew, once a day.  For the
 * begin of a connection, and for daemons (contact_find sees to it itself); outside a transaction.  What could
 * not be done the next one will.  Whether there were any. */
bool contact_renew_terms(struct db *db);

/* ---- names */
enum { CONTACT_MAX_NAME_BYTES = 1000 };
struct contact_name {
    const char *language; /* NULL: of no language in particular */
    const char *name;
    bool main;
};
/* Of a contact, the main name first. */
struct contact_names {
    const struct contact_name *v;
    size_t n;
};
/* names_r[i] are those of ids[i] (0: none), all read at once. */
int contact_names(void *mem, struct db *db, const int64_t *ids, size_t n, struct contact_names *names_r,
                  struct err *err) MUST_CHECK;
/* How the contact is called in a text of that language: the name of the language; else one in the language's
 * script, the main one before others; for a language in Latin letters the Cyrillic name in Latin letters
 * (never the other way: from Latin to Cyrillic there is no exact way for names); else the main name. */
const char *contact_name_for(void *mem, const struct contact_name *names, size_t n, const char *language);

/* ---- changes */

/* What a person may say of a contact; NULL: nothing said. */
struct contact_fields {
    const char *kind; /* person, organisation; for contact_add alone */
    const char *name;
    const char *name_language; /* NULL: the main name */
    const char *organisation;  /* found by the fold of its name, or made */
    const char *position;      /* the post held there */
    const char *email;         /* becomes the first one */
    const char *phone;
    const char *unphone;  /* taken away, as typed or in E.164 */
    const char *language; /* several: in order of preference, with commas between */
    const char *category;
    const char *uncategory; /* taken away */
    const char
        *department; /* who keeps it (contact_add: NULL is the user's own), or shares it (contact_edit) */
    const char *salutation; /* "" takes the override away */
    const char *gender;     /* m, f */
    const char *precedence;
    const char *state;            /* active, left, deceased, dissolved, archived */
    const char *note;             /* another one */
    const char *tag;              /* one or several, with commas between; added */
    const char *untag;            /* taken away */
    const char *owner;            /* login of who cares for the relationship */
    const char *country;          /* of the office, for phones written without a country code */
    struct postal_address postal; /* the first one */
    struct form_fields form; /* with form.post_language, position names the post held, and changes none */
};
int contact_add(struct db *db, const struct contact_fields *fields, int64_t *id_r,
                struct err *err) MUST_CHECK;
int contact_edit(struct db *db, int64_t id, const struct contact_fields *fields, struct err *err) MUST_CHECK;

/* ---- search */
enum contact_match { CONTACT_EXACT = 1, CONTACT_FOLD, CONTACT_NEAR };

/* Contacts that have every word of the text, in any order, in names, the organisation's name, posts,
 * addresses, phones (the end of the number), postal addresses, tags and notes, private ones only for whom
 * they are: letter for letter (exact), blind to script, diacritics and case, places under their other names
 * (fold), in a neighbour's spelling or with a letter wrong (near); by their begin if it has three letters.
 * With '@' the text is (part of) an address. The rows have the columns id, name, organisation, address, grade
 * (enum contact_match), found_by, best first. */
int contact_find(struct db *db, const char *text, int limit, struct db_rows **rows_r,
                 struct err *err) MUST_CHECK;
const char *contact_match_name(int grade);
/* What a row's found_by stands for: name, organisation, post, address, phone, city, tag, note; how many. */
enum { CONTACT_MATCH_FIELDS = 8 };
size_t contact_match_fields(const char *found_by, const char *names_r[CONTACT_MATCH_FIELDS]);

/* ERR_NOTFOUND names those that there are. */
int contact_category_check(struct db *db, const char *slug, struct err *err) MUST_CHECK;

#endif
