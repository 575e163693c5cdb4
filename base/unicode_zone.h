/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * When the clocks of a time zone change (named as in Europe/Belgrade).
 */
#ifndef BASE_UNICODE_ZONE_H
#define BASE_UNICODE_ZONE_H

#include <stdint.h>

#include "base/mem.h"

/* Seconds that the zone's clocks are ahead of UTC. */
int unicode_zone_offset(int64_t when, const char *time_zone);
/* The last change of the zone's clocks not after `when`, or the first one behind it; false if there is none.
 */
struct unicode_change {
    int64_t at;
    int before_s, after_s; /* ahead of UTC */
    bool summer;           /* summer time begins */
};
bool unicode_zone_change(int64_t when, bool behind, const char *time_zone, struct unicode_change *change_r);

#endif
