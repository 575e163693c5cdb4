/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The table of rules (mail/rule.def).
 */
#ifndef MAIL_RULE_H
#define MAIL_RULE_H

#include "base/mem.h"

enum rule_name {
#define RULE(name, id, class, clause) RULE_##name,
#include "mail/rule.def"
#undef RULE
    RULES
};

struct rule {
    const char *id, *class, *clause; /* clause: NULL where no standard says so */
};
extern const struct rule rules[RULES];

#endif
