/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between facts.c (the message), facts_header.c (its fields), facts_parts.c (its tree) and facts_files.c
 * (what its files are).
 */
#ifndef MAIL_WIRE_FACTS_LOW_H
#define MAIL_WIRE_FACTS_LOW_H

#include <jansson.h>

#include "mail/wire/entity.h"
#include "mail/wire/thin.h"

/* ---- facts_header.c */

void facts_header(json_t *facts, const struct entity *message);
/* {"message_id", "from", "to", "subject"} */
json_t *facts_returned(const struct entity *message);
void facts_set_text(json_t *object, const char *key, const char *s, size_t max_bytes);

/* ---- facts_parts.c */

/* thin: what the message was read from; NULL: it is whole. */
void facts_parts(json_t *facts, const struct entity *message, const struct thin *thin);
/* NULL when there is none of the path; bytes of the mail or of mem */
const char *facts_find_part(void *mem, const struct entity *message, const char *path, size_t *len_r);

/* ---- facts_files.c */

/* "sha256", and of a file "danger" */
void facts_set_sum(json_t *part, const char *bytes, size_t len);
void facts_set_digest(json_t *part, const unsigned char sum[DIGEST_BYTES]);
/* "protection", of a multipart (bytes NULL) too */
void facts_set_protection(json_t *part, const struct entity *e, const char *bytes, size_t len);
/* "holds": what a part holds that MIME does not know of.  Gives the text of the message that is among it, a
 * talloc child of mem, or NULL; html_r: it is HTML. */
char *facts_set_holds(void *mem, json_t *part, const char *bytes, size_t len, bool *html_r);
/* Appends the files of the tree, without what lies in attached messages, and the first protection met. */
void facts_list_files(json_t *facts, const json_t *parts);

#endif
