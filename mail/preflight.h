/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What an office sees before a mailing is released: whether the world will believe the letters (SPF, DKIM,
 * DMARC, PTR of the sender's domain), what is wrong with them (size, links), and who among the recipients
 * wants a look (left out and why, language, form of address, written to lately by somebody else).
 *
 * A finding is {"id", "severity": "error|warning|note", "what", "where", "count", "recipients":
 * [{"recipient", "contact", "name", "detail"}], "do"}, errors first; recipients are the first few of `count`
 * (0: it is about nobody). What could not be looked up is a finding of its own and never taken for good or
 * bad.  "what" and "do" are msgids.
 */
#ifndef MAIL_PREFLIGHT_H
#define MAIL_PREFLIGHT_H

#include <jansson.h>

#include "base/conf.h"
#include "base/db.h"

/* Looks, for at most ten seconds at DNS, and changes nothing: outside a transaction, since DNS may take its
 * time. The array is the caller's to drop. */
int preflight_check(struct db *db, const struct conf *conf, int64_t mailing, json_t **findings_r,
                    struct err *err) MUST_CHECK;
int preflight_errors(const json_t *findings);

/* For the transaction of the release: keeps what was found, without names, with the mailing.  ERR_CONFLICT
 * when there are errors and no reason to release despite them. */
int preflight_sign(struct db *db, int64_t mailing, const json_t *findings, const char *despite,
                   struct err *err) MUST_CHECK;

/* ---- the contact governor: [office] days_between and per_month */

/* Recipients whom another mailing wrote to lately. */
int governor_count(struct db *db, const struct conf *conf, int64_t mailing, int *n_r,
                   struct err *err) MUST_CHECK;
/* The same, in the transaction of the release and behind it: they are held for a person, with the reason. */
int governor_hold(struct db *db, const struct conf *conf, int64_t mailing, int *n_r,
                  struct err *err) MUST_CHECK;

#endif
