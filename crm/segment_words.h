/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The words that the store knows for a key: its categories, users, events, cities ...; and conditions in
 * words.
 */
#ifndef CRM_SEGMENT_WORDS_H
#define CRM_SEGMENT_WORDS_H

#include "crm/segment_tree.h"

struct segment_words {
    const char **word, **day; /* day: of events and mailings, yyyy-mm-dd */
    int64_t *id;              /* 0: it has none */
    size_t n;                 /* one id may stand several times, an event under the name in each language */
};
/* *words_r is NULL for a key whose words are nobody's list. */
int segment_words_load(void *mem, struct db *db, enum segment_key key, struct segment_words **words_r,
                       struct err *err) MUST_CHECK;
/* The first id whose word has the same fold; 0: none. */
int64_t segment_words_id(const struct segment_words *w, const char *word);
/* The word of an id; "" if there is none. */
const char *segment_words_of(const struct segment_words *w, int64_t id);
bool segment_words_has(const struct segment_words *w, const char *word); /* letter for letter */
/* All ids that the words of the condition name, by number or by name, a talloc array. */
int segment_words_ids(struct segment_lookup *l, const struct segment_node *n, const struct segment_words *w,
                      const char *what, bool one_only, int64_t **ids_r) MUST_CHECK;

/* The same place in whatever language, a postal code aside: "Gnjilane", "60000 Gjilan/Gnjilane". */
bool segment_same_city(const char *stored, const char *asked);
/* At most so many characters, as SQL's left(). */
char *segment_first_characters(void *mem, const char *s, size_t n);
void segment_words_say(struct text *t, const struct segment_node *n);

/* crm/segment_part.c: the keys that are no facts. */
int segment_resolve_part(struct segment_lookup *l, struct segment_node *n,
                         struct segment_words *w) MUST_CHECK;

#endif
