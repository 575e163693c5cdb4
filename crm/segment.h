/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Segments: the one question language over contacts, of the command line, the pages and the API.
 *
 *     category:donor language:sr country:DE,AT -state:bounced answered:"Donor conference 2026"=yes
 *     near-name:petrovic last-contact<2026-01-01 (tag:vip or owner:drita) segment:"Donors abroad" "free
 * words"
 *
 *     question  = or ;
 *     or        = and , { "or" , and } ;
 *     and       = not , { [ "and" ] , not } ;
 *     not       = ( "not" | "-" ) , not | primary ;
 *     primary   = "(" , or , ")" | condition | value ;       (* a value alone: free words *)
 *     condition = key , ":" , value , { "," , value } , [ "=" , value , { "," , value } ]
 *               | key , ( "<" | "<=" | ">" | ">=" | "=" | ":" ) , date , { "," , date } ;
 *     value     = word | '"' , { any sign, \" and \\ too } , '"' ;
 *     word      = signs without blanks, quotes, commas and parentheses ;
 *     date      = yyyy | yyyy-mm | yyyy-mm-dd | dd.mm.yyyy ;
 *
 * "-" stands right before what it takes away; „these quotes“ are quotes too; or, and, not and the keys are
 * written in letters of any size.  Values with commas between: any of them.  crm/segment_keys.c is the table
 * of keys, adresar-segment(7) what each means.
 *
 * A question that names no state of the contact asks for active ones; state:any for all.  A segment within a
 * question is a question in parentheses, and says so for itself.
 *
 * An error says at which character, what there is instead and what was perhaps meant: ERR_USAGE for the
 * language, ERR_NOTFOUND for a category, department, user, event, mailing or segment that there is not.
 */
#ifndef CRM_SEGMENT_H
#define CRM_SEGMENT_H

#include "base/db.h"

enum {
    SEGMENT_MAX_BYTES = 4000,
    SEGMENT_MAX_DEPTH = 20,
    SEGMENT_MAX_CONDITIONS = 60,
    SEGMENT_MAX_VALUES = 200
};

/* Where an error stands in the question, in bytes; len 0: nowhere. */
struct segment_spot {
    size_t offset, len;
};
/* The question with a line of ^ under the spot, two lines; "" for a spot that is nowhere. */
char *segment_point(void *mem, const char *question, struct segment_spot spot);

/* A question that is understood: asked as often as one likes, about what there is then. */
struct segment;
/* name_or_question: the name of a saved segment, or a question.  "" asks for all that are active.  After an
 * error *segment_r knows its question alone, so that it can be shown where the spot is. */
int segment_open(void *mem, struct db *db, const char *name_or_question, struct segment **segment_r,
                 struct segment_spot *spot_r, struct err *err) MUST_CHECK;
/* What is asked for, in words; and what deserves a look, a line each: a tag that nobody has ...; "" */
const char *segment_words(const struct segment *segment);
const char *segment_hints(const struct segment *segment);
/* The question: of a saved segment its own, else as it was given. */
const char *segment_question(const struct segment *segment);

int segment_count(struct db *db, const struct segment *segment, int64_t *n_r, struct err *err) MUST_CHECK;

/* By name, then id.  after: the contact behind which to go on (0: from the begin); limit 0: all.  fn sees the
 * columns id, kind, state, name, organisation, address, languages, categories (with blanks between),
 * department. */
struct segment_page {
    int64_t after;
    int limit;
    const char *precedence; /* in the order of protocol, with the alphabet of this language; NULL: by name */
};
int segment_each(struct db *db, const struct segment *segment, const struct segment_page *page, db_row_fn *fn,
                 void *context, struct err *err) MUST_CHECK;
/* The contacts' ids in the order of names, a talloc array; talloc_array_length() says how many. */
int segment_ids(void *mem, struct db *db, const struct segment *segment, int64_t **ids_r,
                struct err *err) MUST_CHECK;

/* ---- saved ones: seen by the whole house, changed by whoever saved them or an admin (ERR_CONFLICT) */

struct segment_new {
    const char *name, *question;
    const char *note; /* NULL: as it was */
    bool replace; /* another question that is saved under the name; else that is ERR_CONFLICT, and shown */
};
/* 1 new, 0 changed. */
int segment_save(struct db *db, const struct segment_new *saved, struct segment_spot *spot_r,
                 struct err *err) MUST_CHECK;
int segment_remove(struct db *db, const char *name, struct err *err) MUST_CHECK;
/* Columns id, name, question, note, owner, created, changed; by name.  name NULL: all. */
int segment_list(struct db *db, const char *name, struct db_rows **rows_r, struct err *err) MUST_CHECK;

#endif
