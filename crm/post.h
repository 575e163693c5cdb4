/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Posts and terms.  A post is an office of an organisation ("Minister", "President of the club"); letters go
 * to the post, and its holder is found through the term that holds today. One post has one holder at a time;
 * where several people do the same work there are several posts of one name.
 *
 * A succession ends terms and begins new ones on one day, all of them or none: after an election, a
 * reshuffle.
 */
#ifndef CRM_POST_H
#define CRM_POST_H

#include <jansson.h>

#include "base/db.h"

/* The contact takes a post of that name at the organisation: one that is free, or another of the name. The
 * terms that the contact holds there in posts of other names end today.  Within the caller's transaction. */
int post_take(struct db *db, int64_t organisation, const char *name, int64_t holder,
              struct err *err) MUST_CHECK;

struct post_filter {
    const char *organisation; /* NULL, or a part of a name of it, in any script */
    bool vacant;              /* only posts that nobody holds today */
};
/* The rows have the columns id, post, organisation_id, organisation, holder_id, holder, since, until (of
 * today's term; null where there is none), in the order of organisation and post. */
int post_list(struct db *db, const struct post_filter *filter, struct db_rows **rows_r,
              struct err *err) MUST_CHECK;

/* Who holds the post today: 1, or 0 when it is vacant; ERR_NOTFOUND when there is no such post. */
int post_find_holder(struct db *db, int64_t post, int64_t *holder_r, struct err *err) MUST_CHECK;

struct post_change {
    int64_t post;
    int64_t holder; /* 0: the post becomes vacant */
};
/* From `on` (yyyy-mm-dd, NULL: today) each post has the holder that is named for it.  ERR_CONFLICT when a
 * post is named twice, or its term began on that day or later. A holder who stays is left alone. Whoever
 * holds no other post then has left, if keep_active does not say otherwise and the day has come. *done_r is
 * an array, an object a change: {"post", "name", "organisation", "before", "before_id", "after", "after_id",
 * "left"}; the caller drops it. */
int post_succeed(struct db *db, const struct post_change *changes, size_t n, const char *on, bool keep_active,
                 json_t **done_r, struct err *err) MUST_CHECK;

/* A list of changes as a file (CSV): the columns post (number) or organisation and post (name), and holder (a
 * contact's number, address or name; empty: vacant).  All that is wrong is said line by line: problems_r is a
 * talloc array of texts, and with any the result is ERR_INPUT. */
int post_read_changes(void *mem, struct db *db, const char *path, struct post_change **changes_r,
                      const char ***problems_r, struct err *err) MUST_CHECK;

#endif
