/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of crm/likeness.c: names taken apart.
 */
#ifndef CRM_LIKENESS_PARTY_H
#define CRM_LIKENESS_PARTY_H

#include "crm/likeness.h"
#include "crm/personname.h"
#include "crm/place.h"
#include "crm/word.h"

enum token_kind {
    TOKEN_OWN, /* a word of its own: what tells one organisation from the others */
    TOKEN_ACRONYM,
    TOKEN_WORD, /* of a general meaning; key of crm/word.def */
    TOKEN_TYPE,
    TOKEN_PLACE, /* key of crm/place.def */
    TOKEN_LAND,
};

struct token {
    const char *key; /* of an own word its near form (base/unicode.h) */
    enum token_kind kind;
    const char *country; /* of places */
    const char *near;    /* as it is written; of places the key */
};

enum { MAX_TOKENS = 16 };

struct org_name {
    const char *text, *fold;
    const char *initials; /* near, of its words that say something: "mapl"; "" below three */
    struct token token[MAX_TOKENS];
    size_t n;
};

struct person_word {
    const char *near;
    bool soft; /* perhaps no part of the name, but a place, post or firm beside it */
};
struct person_name {
    const char *text, *fold;
    struct person_word word[MAX_TOKENS];
    size_t n;
    enum title generation; /* junior, senior; none */
};

struct email {
    const char *text, *local, *domain; /* local without what is behind a plus */
    const char *plain;                 /* local@domain */
    bool own, free, role;              /* role: info@, office@ */
};

struct likeness_party {
    int64_t id;
    bool organisation;
    struct org_name *org; /* own names of an organisation; where a person works */
    size_t norg;
    struct person_name *person; /* own names of a person; the people of an organisation */
    size_t nperson;
    struct email *email;
    size_t nemail;
    struct likeness_value *phone;
    size_t nphone;
    const char **post; /* near */
    size_t npost;
    struct token *place; /* of its postal addresses; behind them the village */
    size_t nplace, nvillage;
    const char *circle;
    const char *registration; /* digits and letters alone */
};

void org_name_parse(void *mem, const char *name, struct org_name *name_r);
/* orgs: where the person works; their words in the name are soft. */
void person_name_parse(void *mem, const char *name, const struct org_name *orgs, size_t norgs,
                       struct person_name *name_r);

/* ---- keys */
/* Kinds that begin with ~ are weak. */
uint64_t likeness_hash(const char *kind, const char *a, const char *b);
/* "mail" or "phone" of a person, or of an organisation: each counts its own kind. */
const char *likeness_reach_kind(const struct likeness_party *party, const char *mail_or_phone);
/* The same for both orders of the two words, and blind to vowels. */
uint64_t likeness_name_key(const char *a, const char *b);

uint64_t org_name_key(const struct org_name *name);

/* ---- names compared */

enum name_match {
    NAME_NONE,     /* nothing in common */
    NAME_FAMILY,   /* a word in common, and another that contradicts */
    NAME_SINGLE,   /* one word in common, and nothing else to compare */
    NAME_INITIAL,  /* D. Stojkovic */
    NAME_PART,     /* all of the shorter one, of two words or more */
    NAME_SHORT,    /* Goca Cvejić */
    NAME_TYPO,     /* a letter apart */
    NAME_SPELLING, /* the same to the neighbours' spelling */
    NAME_EQUAL,
};
/* key_r: of the words in common, for counting (0: none) */
enum name_match person_name_compare(const struct person_name *a, const struct person_name *b,
                                    uint64_t *key_r);

/* Have a word in common as it is: of the people of two organisations the others are not worth comparing. */
bool person_name_touches(const struct person_name *a, const struct person_name *b);

/* Near forms that are a typing error apart. */
bool near_typo(const char *a, const char *b);

#endif
