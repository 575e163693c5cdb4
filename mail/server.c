/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/server.h"

#include "sql/server.h"

enum { BYTES_UNTOLD = 25 << 20 };

struct server server_of_session(const struct smtp *smtp)
{
    return (struct server){.known = true,
                           .utf8 = smtp_offers(smtp, "SMTPUTF8"),
                           .max_bytes = smtp_max_bytes(smtp),
                           .name = smtp_server(smtp)};
}

int server_keep(struct db *db, const char *account, const struct server *s, struct err *err)
{
    return db_run(db, NULL, err, SQL_SERVER_KEEP, db_text(account), db_text(s->name), db_bool(s->utf8),
                  db_int_or_null((int64_t)s->max_bytes)) < 0
               ? -1
               : 0;
}

int server_find(void *mem, struct db *db, const char *account, struct server *server_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(db, &rows, err, SQL_SERVER_FIND, db_text(account));
    *server_r = (struct server){.known = rc == 1};
    if (rc == 1)
        *server_r = (struct server){.known = true,
                                    .utf8 = db_get_bool(rows, 0, "smtputf8"),
                                    .max_bytes = (size_t)db_get_int_or(rows, 0, "max_size", 0),
                                    .name = talloc_strdup(mem, db_get_str(rows, 0, "server")),
                                    .seen = talloc_strdup(mem, db_get_str(rows, 0, "seen"))};
    return rc < 0 ? -1 : 0;
}

int server_check_address(const struct server *s, const char *wire, struct err *err)
{
    const char *p = wire;
    if (!smtp_address_is_safe(wire))
        return err_set(err, ERR_INPUT, "%s has blanks or angle brackets, which servers misread", wire);
    while (*p && !(*p & 0x80))
        p++;
    if (!*p || !s->known || s->utf8)
        return 0;
    return err_set(err, ERR_INPUT, "%s needs SMTPUTF8, which the server %s did not offer on %s", wire,
                   s->name, s->seen);
}

size_t server_max_bytes(const struct server *s, const struct conf_smtp *account)
{
    size_t said = (size_t)account->max_message_bytes;
    if (!said || (s->max_bytes && s->max_bytes < said))
        said = s->max_bytes;
    return said ? said : BYTES_UNTOLD;
}
