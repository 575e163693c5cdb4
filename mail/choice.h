/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which of a mailing's texts a recipient gets.  In this order: the recipient's languages, the best first
 * (mail/template.h says what stands in for what); the mailing's fall-back; the office's default language.
 * Nobody is left out for their language without a word: where none of these has a text it is an error, and
 * who gets a text in a language that is not theirs is counted.
 *
 * A bilingual mailing has two texts, and each letter both, that of the recipient's language first; who has
 * neither language has them in the mailing's order.
 */
#ifndef MAIL_CHOICE_H
#define MAIL_CHOICE_H

#include "base/conf.h"
#include "base/db.h"
#include "mail/template.h"

struct choice {
    const char *fallback;         /* or NULL */
    const char *default_language; /* the office's */
    bool bilingual;
};

/* languages as PostgreSQL writes an array, "{sq,en}".  NULL: there is no text.  theirs_r (or NULL): it is in
 * a language of theirs. */
const struct template_text *choice_text(const struct choice *choice, const struct template_set *texts,
                                        const char *languages, bool *theirs_r);
/* The language of the letter's other text, NULL where it has one. */
const char *choice_second(const struct choice *choice, const struct template_set *texts,
                          const struct template_text *first);

/* "sq,sr-Latn": the set has these two then, in this order, each compiled with the other behind it. ERR_INPUT
 */
int choice_take_two(void *mem, const char *languages, struct template_set *texts, struct err *err) MUST_CHECK;

/* Of the caller's own draft. */
int choice_keep(struct db *db, int64_t mailing, const struct choice *choice, struct err *err) MUST_CHECK;
int choice_load(void *mem, struct db *db, const struct conf *conf, int64_t mailing, struct choice *choice_r,
                struct err *err) MUST_CHECK;
/* Of a bilingual mailing, puts the text that goes behind the one in the language. */
int choice_load_second(void *mem, struct db *db, int64_t mailing, const char *language, struct template *text,
                       struct err *err) MUST_CHECK;

#endif
