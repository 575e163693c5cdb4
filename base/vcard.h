/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * vCards as phones, mail programs and address books write them: 2.1 (versit 1996), 3.0 (RFC 2426), 4.0
 * (RFC 6350, parameters of RFC 6868) in, 4.0 out.  Bytes in, struct out; vcard_caged_each
 * (base/vcard_cage.h) does the same in the cage.
 *
 * One bad card does not stop the rest: it comes with `refused` said.  A line of a good card that cannot be
 * read is left out, and the first such line is said in `doubt`.
 */
#ifndef BASE_VCARD_H
#define BASE_VCARD_H

#include <jansson.h>

#include "base/mem.h"

enum {
    VCARD_MAX_CARD_BYTES = 8 << 20, /* with its pictures, which are not kept */
    VCARD_MAX_VALUE_BYTES = 64 << 10,
    VCARD_MAX_TEXT_BYTES = 1 << 20, /* all that is kept of a card */
    VCARD_MAX_PROPERTIES = 1000,
    VCARD_MAX_PARAMS = 64,
    VCARD_MAX_CARDS = 1000000
};

/* What is kept of a card; the order is that of writing. */
enum vcard_property {
    VCARD_KIND, /* individual, org, group, location */
    VCARD_UID,
    VCARD_FN,
    VCARD_N, /* family, given, additional names, prefixes, suffixes */
    VCARD_NICKNAME,
    VCARD_GENDER, /* M, F, O, N, U; words */
    VCARD_BDAY,
    VCARD_ORG, /* name, then its units, from the largest on */
    VCARD_TITLE,
    VCARD_ROLE,
    VCARD_EMAIL,
    VCARD_TEL, /* as typed; of a tel: URI the number */
    VCARD_ADR, /* box, extended, street, locality, region, code, country */
    VCARD_LANG,
    VCARD_URL,
    VCARD_CATEGORY, /* with tags among them */
    VCARD_TAG,      /* a property of our own: those of the categories that are tags */
    VCARD_NOTE,
    VCARD_MEMBER, /* UIDs of a group's members */
    VCARD_PRODID,
    VCARD_REV,
    VCARD_PROPERTIES
};
enum { VCARD_N_PARTS = 5, VCARD_ADR_PARTS = 7, VCARD_MAX_PARTS = 8 };

/* One value.  N and ADR have all their parts, others as many as the card has; no part is NULL. */
struct vcard_item {
    const char *part[VCARD_MAX_PARTS];
    size_t parts;
    const char *types;    /* small letters, commas between: "work,voice"; NULL: none; so the others */
    const char *label;    /* of an address its lines as on an envelope; else the user's word for it */
    const char *language; /* BCP 47, as the card has it */
    const char *altid;    /* values of one property with the same: the same thing in several languages */
    const char *sort_as;
    const char *group; /* of 3.0 and 4.0: lines that belong together */
    int pref;          /* 1 (best) to 100; 0: nothing said */
};
struct vcard_items {
    struct vcard_item *item; /* the preferred first */
    size_t n;
};

struct vcard {
    long number, line;   /* of the card in its file, from 1; 0: a text outside of any card */
    int version;         /* 21, 30, 40 */
    const char *refused; /* why the card cannot be taken (English, one line); NULL: it can */
    const char *doubt;   /* of the first line that was left out */
    long doubt_line;
    const char *fn; /* the first FN, else what comes nearest to it */
    struct vcard_items of[VCARD_PROPERTIES];
};

/* The card, and what it points to, lives for the call; -1 with err filled stops the reading. */
typedef int vcard_fn(void *context, const struct vcard *card, struct err *err);

/* encoding NULL: found by itself; it is that of values which are no UTF-8 and name no CHARSET.  A file
 * without any card is ERR_INPUT. */
int vcard_each(const char *bytes, size_t len, const char *encoding, vcard_fn *fn, void *context,
               struct err *err) MUST_CHECK;

/* The first part of the first value, NULL if there is none. */
const char *vcard_first(const struct vcard *card, enum vcard_property property);

/* ---- making cards */

/* Adds a value to a card; NULL parts become "".  What the item points to must live as long as the card; the
 * list is a talloc child of mem. */
void vcard_add(void *mem, struct vcard *card, enum vcard_property property, const struct vcard_item *item);
/* The same for a value of one part; a NULL or empty one adds nothing. */
void vcard_add_text(void *mem, struct vcard *card, enum vcard_property property, const char *value);

/* One card of version 4.0: CRLF, lines of at most 75 octets cut between characters, values escaped.  FN is
 * there always (6.2.1).  Text that is no UTF-8 must not come in; control characters but for line ends become
 * blanks. */
void vcard_write(struct text *t, const struct vcard *card);

/* ---- as one JSON object, for the way through the cage and for tests; the caller drops it */
json_t *vcard_to_json(const struct vcard *card);
/* ERR_INPUT if it is none.  A talloc child of mem. */
int vcard_from_json(void *mem, const json_t *json, struct vcard **card_r, struct err *err) MUST_CHECK;

#endif
