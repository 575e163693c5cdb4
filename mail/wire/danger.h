/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files from outside that may do harm when they are opened, by the ending of the name and by the first bytes.
 */
#ifndef MAIL_WIRE_DANGER_H
#define MAIL_WIRE_DANGER_H

#include "base/mem.h"

/* "program", "script", "macros", "link" (runs or fetches what it points to), "page" (HTML, SVG: may hold
 * scripts or ask for a password), "disk" (an image that is mounted), "disguised" (the name hides its ending),
 * "archive" (with one of these in it), "locked" (an archive that no scanner can look into); NULL: nothing of
 * that.  name may be NULL. */
const char *danger_of(const char *name, const char *bytes, size_t len);

#endif
