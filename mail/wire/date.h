/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_DATE_H
#define MAIL_WIRE_DATE_H

#include <stdint.h>

#include "base/mem.h"

/* The Unix time of a Date field (RFC 5322 3.3, 4.3), and of what programs write in its place: asctime(3), ISO
 * 8601, no day of the week, no zone (UTC), zones by name; false when no day can be made of it. */
bool date_read(const char *value, int64_t *when_r);

#endif
