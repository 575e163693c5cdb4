/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between facts.c (the message), facts_header.c (its fields) and facts_parts.c (its tree).
 */
#ifndef MAIL_WIRE_FACTS_LOW_H
#define MAIL_WIRE_FACTS_LOW_H

#include "mail/wire/gmime_lazy.h" /* before ours: its headers declare what base/glib_lazy.h names anew */

#include <jansson.h>

#include "base/glib_lazy.h"
#include "base/mem.h"

/* ---- facts_header.c */

/* ERR_INPUT beyond the caps of the header block. */
int facts_check_header(const char *mail, size_t len, struct err *err) MUST_CHECK;
/* The mail with the raw 8-bit text of its header block in UTF-8; the mail itself where nothing is to be done.
 */
const char *facts_repair_header(void *mem, const char *mail, size_t *len);
void facts_header(json_t *facts, GMimeMessage *message);
/* {"message_id", "from", "to", "subject"} */
json_t *facts_returned(GMimeMessage *message);
/* The first field of the name, decoded; NULL when there is none. */
char *facts_field(void *mem, GMimeObject *o, const char *name);
void facts_set_text(json_t *object, const char *key, const char *s, size_t max_bytes);
GMimeMessage *facts_message(const char *bytes, size_t len);

/* ---- facts_parts.c */

void facts_parts(json_t *facts, GMimeMessage *message);
/* false when there is none of the path */
bool facts_find_part(void *mem, GMimeMessage *message, const char *path, char **bytes_r, size_t *len_r);

#endif
