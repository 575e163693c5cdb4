/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the server of an account takes, as it said in the last session: so that what it cannot take is refused
 * when a mailing is prepared, not when it is sent.
 */
#ifndef MAIL_SERVER_H
#define MAIL_SERVER_H

#include "base/conf.h"
#include "base/db.h"
#include "mail/wire/smtp.h"

struct server {
    bool known;              /* there was a session */
    bool utf8;               /* SMTPUTF8 (RFC 6531) */
    size_t max_bytes;        /* 0: no limit told */
    const char *name, *seen; /* "host:port" and banner; the day */
};

struct server server_of_session(const struct smtp *smtp);
int server_keep(struct db *db, const char *account, const struct server *server, struct err *err) MUST_CHECK;
int server_find(void *mem, struct db *db, const char *account, struct server *server_r,
                struct err *err) MUST_CHECK;

/* ERR_INPUT when the address, checked by mime_address_check(), cannot stand in a command to a server, or
 * needs what this one does not offer. */
int server_check_address(const struct server *server, const char *wire, struct err *err) MUST_CHECK;
/* What a message to it has at most: as the configuration or the server says, the less of both; else 25 MB. */
size_t server_max_bytes(const struct server *server, const struct conf_smtp *account);

#endif
