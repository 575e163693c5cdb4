/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of the check before a release.
 */
#ifndef MAIL_PREFLIGHT_LOW_H
#define MAIL_PREFLIGHT_LOW_H

#include "mail/mailing_low.h"
#include "mail/preflight.h"
#include "mail/server.h"

enum finding {
#define FINDING(id, ...) FINDING_##id,
#include "mail/preflight.def"
#undef FINDING
    FINDINGS
};

struct preflight {
    void *mem;
    struct db *db;
    const struct conf *conf;
    const struct conf_smtp **accounts; /* that the letters go out by; a talloc array */
    struct server *servers;            /* beside them */
    const struct mailing_info *mailing;
    json_t *findings;
};

/* The finding with that `where`, which is there from then on. */
json_t *preflight_find(struct preflight *p, enum finding finding, const char *fmt, ...) PRINTF(3, 4);
/* One more of those whom it is about; recipient 0: not said. */
void preflight_name(json_t *finding, int64_t recipient, int64_t contact, const char *name,
                    const char *detail);

/* ", [smtp NAME]" where the mailing has several accounts, else "". */
const char *preflight_account(const struct preflight *p, const struct conf_smtp *account);

/* What the servers take; before the letters, whose size is asked about. */
int preflight_servers(struct preflight *p, struct err *err) MUST_CHECK;
void preflight_size(struct preflight *p, size_t bytes, const char *language);
int preflight_sender(struct preflight *p, struct err *err) MUST_CHECK;
int preflight_letters(struct preflight *p, struct err *err) MUST_CHECK;
int preflight_recipients(struct preflight *p, struct err *err) MUST_CHECK;

#endif
