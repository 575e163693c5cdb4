/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * E-mail addresses as lists have them: whether one can be an address at all (RFC 5321 4.1.2 without quoted
 * local parts, RFC 6531 letters of any script), and what is wrong with it in words that help to mend it.
 */
#ifndef CRM_EMAIL_H
#define CRM_EMAIL_H

#include "base/mem.h"

/* What is wrong, as a text of the catalogue; NULL: nothing.  No blanks around it. */
const char *email_flaw(const char *address);
/* What was perhaps meant by a broken address: info@@x.example → info@x.example; NULL if nobody can tell. */
char *email_mend(void *mem, const char *address);
/* Cuts a cell into its addresses, at ; , / | or blanks, if each piece looks like one; else it is one piece
 * whatever it is.  <a@x.example> and Name <a@x.example> give what is between.  How many, at most max. */
size_t email_split(void *mem, const char *cell, char **piece, size_t max);
/* The domain in small letters, composed; the local part as it is. */
char *email_normal(void *mem, const char *address);

#endif
