/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_HTML_H
#define MAIL_WIRE_HTML_H

#include "base/mem.h"

/* The text of an HTML page as a plain-text mail would have it: a line a paragraph, quotations (blockquote)
 * behind "> ", a rule as a line of underscores, no links, no pictures; and what the page says of each line of
 * it, a letter a line.  Reads any bytes, never fails. */
enum html_mark {
    HTML_PLAIN = ' ',
    HTML_SIGNATURE = 's',
    HTML_BLOCKQUOTE = 'b',  /* behind "> ", but perhaps the writer's own */
    HTML_QUOTED_REST = 'r', /* from here on all is quoted */
};
struct html_page {
    char *text, *marks;
};
struct html_page html_page(void *mem, const char *html);

#endif
