/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_HTML_ROLE_H
#define MAIL_WIRE_HTML_ROLE_H

#include "base/mem.h"

/* What mail programs use an element for. */
enum html_role {
    ROLE_NONE,
    ROLE_QUOTE,
    ROLE_BLOCKQUOTE, /* of whom, nothing tells */
    ROLE_SIGNATURE,
    ROLE_REST, /* behind its begin all is quoted */
};

/* Of the tag in [tag, end): "<div class=...>". */
enum html_role html_role(const char *tag, const char *end, bool blockquote);

#endif
