/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of the check before a release.
 */
#ifndef MAIL_PREFLIGHT_LOW_H
#define MAIL_PREFLIGHT_LOW_H

#include "mail/mailing_low.h"
#include "mail/preflight.h"

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
    const struct conf_smtp *account; /* NULL: not in the configuration of who checks */
    const struct mailing_info *mailing;
    json_t *findings;
};

/* The finding with that `where`, which is there from then on. */
json_t *preflight_find(struct preflight *p, enum finding finding, const char *fmt, ...) PRINTF(3, 4);
/* One more of those whom it is about; recipient 0: not said. */
void preflight_name(json_t *finding, int64_t recipient, int64_t contact, const char *name,
                    const char *detail);

int preflight_sender(struct preflight *p, struct err *err) MUST_CHECK;
int preflight_letters(struct preflight *p, struct err *err) MUST_CHECK;
int preflight_recipients(struct preflight *p, struct err *err) MUST_CHECK;

/* The links of a letter's HTML, as they are; for the tests. */
void preflight_links(struct preflight *p, const char *html, const char *language);

#endif
