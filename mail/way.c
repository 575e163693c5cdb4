/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/mailing_low.h"
#include "mail/wire/mime.h"

struct mailing_way mailing_way(void *mem, const struct db_rows *rows, int i, bool paper)
{
    struct mailing_way way = {.why = ""};
    const char *email = db_get_text(rows, i, "email");
    char *wire;
    struct err why;
    const struct catalog *reader = err_language(NULL); /* it may be kept */
    if (email && mime_address_check(mem, email, &wire, &why) == 0)
        way.email = wire;
    else if (email)
        way.why = talloc_strdup(mem, why.text);
    err_language(reader);
    way.paper =
        paper && db_get_bool(rows, i, "has_postal") && (!way.email || db_get_bool(rows, i, "wants_paper"));
    return way;
}

bool mailing_way_settle(struct mailing_way *way, json_t *view)
{
    way->paper = json_is_true(json_object_get(view, "paper"));
    if (way->paper)
        way->email = NULL;
    return way->paper || way->email;
}
