/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mail parsed in the cage (base/cage.h).
 */
#ifndef MAIL_WIRE_FACTS_CAGE_H
#define MAIL_WIRE_FACTS_CAGE_H

#include <jansson.h>

#include "base/cage.h"

/* for cage_main */
extern const struct cage_parser facts_parser, facts_part_parser;

/* The facts of a mail (mail/wire/facts.h says which keys); the caller drops them with json_decref.  ERR_INPUT
 * when the mail cannot be parsed, killed the cage or ran out of time: err->text says which. */
int cage_facts(struct cage *cage, const char *mail, size_t len, json_t **facts_r, struct err *err) MUST_CHECK;
/* The same in two steps, as cage_begin, cage_begin_behind and cage_end. */
void cage_facts_begin(struct cage *cage, const char *mail, size_t len);
void cage_facts_begin_behind(struct cage *cage, const char *mail, size_t len);
void cage_facts_begin_spool(struct cage *cage, const struct spool *mail);
int cage_facts_end(struct cage *cage, json_t **facts_r, struct err *err) MUST_CHECK;
/* The decoded bytes of one part, by its path ("1.2", as facts name it); a talloc child of mem. */
int cage_part(struct cage *cage, void *mem, const char *mail, size_t len, const char *path, char **bytes_r,
              size_t *len_r, struct err *err) MUST_CHECK;

#endif
