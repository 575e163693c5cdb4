/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which of a mailing's texts a recipient gets.  In this order: the recipient's languages, the best first
 * (mail/template.h says what stands in for what); the mailing's fall-back; the office's default language.
 * Nobody is left out for their language without a word: where none of these has a text it is an error, and
 * who gets a text in a language that is not theirs is counted.
 *
 * A bilingual mailing has two texts, and each letter both, that of the recipient's language first; who has
 * neither language has them in the mailing's order, or where there is a fall-back has that first: it is one
 * of the two, or a third text, with the first of the two below it.  The set of its texts begins with the two.
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

/* Takes of the texts what the choice, whose fallback stands, can use; all, or of a bilingual mailing
 * ("sq,sr-Latn", else NULL) these two in this order and the fall-back's.  ERR_INPUT for a language without a
 * text. */
int choice_take(void *mem, struct choice *choice, const char *bilingual, struct template_set *texts,
                struct err *err) MUST_CHECK;
/* Puts behind each text the one below it in a letter; compiled stands beside texts->v. */
int choice_set_seconds(const struct choice *choice, const struct template_set *texts,
                       struct template *const *compiled, struct err *err) MUST_CHECK;

/* Of the caller's own draft. */
int choice_keep(struct db *db, int64_t mailing, const struct choice *choice, struct err *err) MUST_CHECK;
int choice_load(void *mem, struct db *db, const struct conf *conf, int64_t mailing, struct choice *choice_r,
                struct err *err) MUST_CHECK;
/* Of a bilingual mailing, puts the text that goes behind the one in the language. */
int choice_load_second(void *mem, struct db *db, int64_t mailing, const char *language, struct template *text,
                       struct err *err) MUST_CHECK;

#endif
