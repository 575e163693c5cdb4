/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/rule.h"

const struct rule rules[RULES] = {
#define RULE(name, id, class, clause) {id, class, clause},
#include "mail/rule.def"
#undef RULE
};
