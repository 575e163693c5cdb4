/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The files of a mail, as its facts (mail/wire/facts.h) have them.
 */
#ifndef MAIL_DOCUMENT_H
#define MAIL_DOCUMENT_H

#include <jansson.h>

#include "base/mem.h"

/* A part of the facts; -1 with err filled stops. */
typedef int document_fn(void *context, json_t *part, struct err *err);
/* An attached message is one file, not also its pieces; what Outlook wraps comes both ways. */
int document_each(json_t *facts, document_fn *fn, void *context, struct err *err) MUST_CHECK;
/* What a file of the part may be called anywhere, without a folder; the second of the name is "a-2.pdf".  A
 * talloc child of mem. */
char *document_name(void *mem, const json_t *part, int nth);

#endif
