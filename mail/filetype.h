/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What an attachment is, by the ending of its name and by its first bytes, which must agree.
 */
#ifndef MAIL_FILETYPE_H
#define MAIL_FILETYPE_H

#include "base/mem.h"

/* The media type.  ERR_INPUT for what is not on the table (programs, scripts, documents with macros,
 * archives, which mail servers and the recipients' programs throw away), for a file that is not what its
 * name says, and for one that may do harm (mail/wire/danger.h: macros within). picture: only what a mail
 * program shows in a text. */
int filetype_of(const char *name, const char *bytes, size_t len, bool picture, const char **type_r,
                struct err *err) MUST_CHECK;

#endif
