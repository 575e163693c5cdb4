/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the servers of a mailing's accounts take, as they said in their last sessions.  Any of them may have
 * to send any letter (mail/outbox.h), so each must take all.
 */
#include "mail/preflight_low.h"

#include "sql/preflight.h"

enum { HABIT_BYTES = 10 << 20 }; /* what many servers take, and no more */

static size_t accounts(const struct preflight *p)
{
    return talloc_array_length(p->accounts);
}

/* Addresses that need SMTPUTF8 of a server that did not offer it. */
static int check_addresses(struct preflight *p, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(p->db, &rows, err, SQL_PREFLIGHT_UTF8, db_int(p->mailing->id));
    for (size_t a = 0; a < accounts(p); a++)
        for (int i = 0; i < n; i++) {
            struct err why;
            const char *email = db_get_str(rows, i, "email");
            if (server_check_address(&p->servers[a], email, &why) < 0)
                preflight_name(preflight_find(p, FINDING_utf8, "[smtp %s], %s", p->accounts[a]->name,
                                              p->servers[a].name),
                               db_get_int(rows, i, "id"), db_get_int(rows, i, "contact_id"),
                               db_get_str(rows, i, "name"), email);
        }
    return n < 0 ? -1 : 0;
}

int preflight_servers(struct preflight *p, struct err *err)
{
    p->servers = talloc_zero_array(p->mem, struct server, (unsigned)accounts(p));
    for (size_t a = 0; a < accounts(p); a++) {
        struct err why;
        const struct conf_smtp *account = p->accounts[a];
        if (server_find(p->mem, p->db, account->name, &p->servers[a], err) < 0)
            return -1;
        if (server_check_address(&p->servers[a], account->bounce_address, &why) < 0)
            preflight_find(p, FINDING_utf8, "[smtp %s], bounce_address %s", account->name,
                           account->bounce_address);
    }
    return check_addresses(p, err);
}

void preflight_size(struct preflight *p, size_t bytes, const char *language)
{
    static const double mb = 1024 * 1024;
    bool too_large = false;
    for (size_t a = 0; a < accounts(p); a++)
        if (bytes > server_max_bytes(&p->servers[a], p->accounts[a])) {
            preflight_find(p, FINDING_size_server, "%s: %.1f MB%s", language, (double)bytes / mb,
                           preflight_account(p, p->accounts[a]));
            too_large = true;
        }
    if (!too_large && bytes > HABIT_BYTES)
        preflight_find(p, FINDING_size, "%s: %.1f MB", language, (double)bytes / mb);
}
