/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * --name-LANGUAGE N and --place-LANGUAGE P as the texts of an event.
 */
#ifndef CMD_EVENT_TEXTS_H
#define CMD_EVENT_TEXTS_H

#include "cmd/cmd.h"
#include "crm/event.h"

enum { EVENT_MAX_TEXTS = 2 * CMD_MAX_PAIRS };
/* How many; texts is all zero before. */
size_t event_texts_of(const struct cmd_pairs *names, const struct cmd_pairs *places,
                      struct event_text texts[EVENT_MAX_TEXTS]);

#endif
