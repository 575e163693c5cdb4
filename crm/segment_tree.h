/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A question as a tree, before anything is looked up: text in, nodes out.  No database.
 */
#ifndef CRM_SEGMENT_TREE_H
#define CRM_SEGMENT_TREE_H

#include "base/db_build.h"
#include "crm/segment.h"

/* Values that a whole statement binds. */
enum { SEGMENT_MAX_PARAMS = 400 };

enum segment_key {
    SEGMENT_KIND,
    SEGMENT_CATEGORY,
    SEGMENT_TAG,
    SEGMENT_LANGUAGE,
    SEGMENT_COUNTRY,
    SEGMENT_CITY,
    SEGMENT_DEPARTMENT,
    SEGMENT_OWNER,
    SEGMENT_STATE,
    SEGMENT_HAS,
    SEGMENT_ID,
    SEGMENT_NAME,
    SEGMENT_NEAR_NAME,
    SEGMENT_TEXT,
    SEGMENT_ORGANISATION,
    SEGMENT_POST,
    SEGMENT_ADDRESS,
    SEGMENT_ANSWERED,
    SEGMENT_INVITED,
    SEGMENT_RECEIVED,
    SEGMENT_LAST_CONTACT,
    SEGMENT_CREATED,
    SEGMENT_IMPORTED,
    SEGMENT_SEGMENT,
    SEGMENT_KEYS
};

/* What a key takes.  Lists end with NULL; what is not in them is an error that names them. */
struct segment_key_info {
    const char *name;
    const char *example;       /* of a condition */
    const char *const *values; /* NULL: any text */
    const char *const *detail; /* behind "="; NULL: none */
    bool date;                 /* can be compared */
};
extern const struct segment_key_info segment_keys[SEGMENT_KEYS];
/* The states of contacts, as store and program call them; the others of state: are those of addresses. */
bool segment_is_contact_state(const char *word);

struct segment_value {
    const char *text;
    struct segment_spot spot;
    char from[11], to[11]; /* of a date: the period, yyyy-mm-dd; to is the first day behind it */
};

enum segment_op { SEGMENT_AND, SEGMENT_OR, SEGMENT_NOT, SEGMENT_IS };
enum segment_test { SEGMENT_IN, SEGMENT_BEFORE, SEGMENT_UNTIL, SEGMENT_AFTER, SEGMENT_SINCE };

struct segment_node {
    enum segment_op op;
    struct segment_node *first, *next; /* AND, OR: two children or more; NOT: one */
    enum segment_key key;              /* IS, as all below */
    enum segment_test test;
    struct segment_value *value, *detail; /* talloc arrays; detail NULL: none given */
    struct segment_spot spot;

    /* what it comes to, of IS: words for contact_facts.facts (a tsquery), or any other condition */
    const char *fact;
    struct db_build *part;
    bool everyone; /* a fact that holds for all */
};

/* *tree_r is NULL for a question of blanks. */
int segment_parse(void *mem, const char *question, struct segment_node **tree_r, struct segment_spot *spot_r,
                  struct err *err) MUST_CHECK;
/* Where the spot begins, as people count: from 1, in characters. */
size_t segment_character(const char *question, struct segment_spot spot);
/* Fills spot and err, with "character N: " in front of the text; -1. */
int segment_fail(const char *question, struct segment_spot spot, struct segment_spot *spot_r,
                 enum err_code code, struct err *err, const char *fmt, ...) PRINTF(6, 7);

/* `; did you mean "x"?` or "", and "; there are a, b, c" with at most twenty of them; for errors. */
char *segment_there_are(void *mem, const char *word, const char *const *list, size_t n);

/* ---- looking up */

struct segment_above {
    const char *fold;
    const struct segment_above *above;
    int depth; /* from 1 */
};

struct segment_lookup {
    void *mem;
    struct db *db;
    const char *question;
    const struct segment_above *above; /* the segments that this one is asked for by; NULL: none */
    int conditions, params;            /* so far, those of segments within included */
    bool names_state;                  /* a state of the contact was asked for */
    struct text *words, *hints;
    struct segment_spot *spot_r;
    struct err *err;
};
/* Gives each condition of the tree its fact or part, and a segment within its own tree. */
int segment_resolve(struct segment_lookup *l, struct segment_node *node) MUST_CHECK;
/* Parses and resolves; the tree is limited to active contacts where it names no state. */
int segment_understand(struct segment_lookup *l, struct segment_node **tree_r) MUST_CHECK;

#endif
