/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a mailing's letters carry, while it is prepared: everything that could fail when they are sent, a file
 * that is missing, a letter too large, an address that the server cannot take, is found here.
 */
#ifndef MAIL_ENCLOSING_H
#define MAIL_ENCLOSING_H

#include "base/conf.h"
#include "base/db.h"
#include "mail/attachment.h"
#include "mail/server.h"
#include "mail/template.h"

struct enclosing {
    const struct attachment_own *own;
    struct attachment_set set;
    struct server *servers; /* of each account: any of them may have to send any letter; a talloc array */
    size_t max_bytes;       /* what the smallest of them takes */
};

/* What stands in the texts; accounts: a talloc array.  ERR_INPUT names file and line. */
int enclosing_begin(void *mem, struct db *db, const struct conf_smtp *const *accounts,
                    const struct attachment_own *own, const struct template_set *texts,
                    struct template *const *compiled, const struct choice *choice,
                    struct enclosing *enclosing_r, struct err *err) MUST_CHECK;

/* One recipient's letter; ERR_INPUT when it cannot be sent as it is.  own_r: the path of their own file,
 * NULL: none.  listed: its name beside the recipient in the list, or NULL. */
struct enclosing_letter {
    const char *address, *listed, *language;
    json_t *view;
    const struct template_letter *letter;
};
int enclosing_letter(void *mem, const struct enclosing *enclosing, const struct enclosing_letter *letter,
                     const char **own_r, struct err *err) MUST_CHECK;
int enclosing_write_own(struct db *db, int64_t mailing, int64_t contact, const char *path,
                        struct err *err) MUST_CHECK;

#endif
