/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_HTML_H
#define MAIL_WIRE_HTML_H

#include "base/mem.h"

/* The text of an HTML page as a plain-text mail would have it: a line a paragraph, quotations (blockquote)
 * behind
 * "> ", a rule as a line of underscores, no links, no pictures.  Reads any bytes, never fails. */
char *html_text(void *mem, const char *html);

#endif
