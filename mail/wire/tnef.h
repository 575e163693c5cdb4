/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * TNEF (MS-OXTNEF): what Outlook sends as winmail.dat.
 *
 * The readers that there are have had an overflow a year; this one reads what an office needs: the text of
 * the message and the files, their names.
 */
#ifndef MAIL_WIRE_TNEF_H
#define MAIL_WIRE_TNEF_H

#include "mail/wire/held.h"

bool tnef_is(const char *bytes, size_t len);
/* Appends the text, as plain text or HTML, and the files. */
void tnef_read(void *mem, const char *bytes, size_t len, struct held_list *held);

#endif
