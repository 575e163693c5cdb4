/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/unsubscribe.h"

#include <ctype.h>

#include "base/catalog.h"
#include "mail/envelope.h"
#include "sql/unsubscribe.h"

/* ---- what a letter offers */

char *unsubscribe_link(void *mem, const struct conf *conf, const char *token)
{
    const char *url = conf->office.unsubscribe_url;
    if (!url)
        return NULL;
    bool ends = strchr("/=?", url[strlen(url) - 1]);
    return talloc_asprintf(mem, "%s%s%s", url, ends ? "" : "/", token);
}

char *unsubscribe_mailto(void *mem, const struct conf_smtp *account, const char *token)
{
    char *address = envelope_address(mem, account, token);
    return talloc_asprintf(mem, "mailto:%s?subject=unsubscribe%%20%s",
                           address ? address : account->bounce_address, token);
}

/* ---- found again */

static bool is_of_token(char c)
{
    return isalnum((unsigned char)c) || c == '.';
}

static void take(void *mem, const char *token, size_t len, const char *text, const int64_t id[2],
                 struct unsubscribe_request *r)
{
    *r = (struct unsubscribe_request){.contact_id = id[0],
                                      .list_id = id[1],
                                      .token = talloc_strndup(mem, token, len),
                                      .text = talloc_strdup(mem, text),
                                      .how = "mail"};
}

bool unsubscribe_find(void *mem, const struct keyring *ring, const char *text, struct unsubscribe_request *r)
{
    int64_t id[2];
    for (const char *p = text; *p;) {
        size_t len = 0;
        if (*p == '%' && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
            p += 3; /* of a mailto: link */
            continue;
        }
        while (is_of_token(p[len]))
            len++;
        size_t bare = len;
        while (bare > 0 && p[bare - 1] == '.') /* the end of a sentence */
            bare--;
        if (bare && token_parse_unsubscribe(ring, p, bare, id)) {
            take(mem, p, bare, text, id, r);
            return true;
        }
        p += len ? len : 1;
    }
    return false;
}

bool unsubscribe_find_in_letter(void *mem, const struct keyring *ring, const struct conf *conf,
                                const struct letter *l, struct unsubscribe_request *r)
{
    int64_t id[2];
    bool found = false;
    for (size_t i = 0; i < l->arrived_at.n && !found; i++) {
        const char *address = l->arrived_at.item[i];
        found =
            envelope_parse_unsubscribe(ring, conf, address, id) && unsubscribe_find(mem, ring, address, r);
        if (found)
            r->where = "address";
    }
    if (!found && l->subject && unsubscribe_find(mem, ring, l->subject, r)) {
        found = true;
        r->where = "header Subject";
    }
    if (found)
        r->at = l->date;
    return found;
}

/* ---- done */

static const struct {
    const char *name, *words;
} outcomes[] = {
    [UNSUBSCRIBE_DONE] = {"done", N_("off the list")},
    [UNSUBSCRIBE_BEFORE] = {"before", N_("was off the list already")},
    [UNSUBSCRIBE_OUTDATED] = {"outdated", N_("asked for it, and consented again since")},
    [UNSUBSCRIBE_ERASED] = {"erased", N_("was erased: nothing is known of them, and nothing is sent")},
    [UNSUBSCRIBE_OFFICIAL] = {"official", N_("asks to be off an official list, which nobody can opt out of")},
    [UNSUBSCRIBE_NOWHERE] = {"nowhere", N_("the token is good, but there is no such contact or list")},
};

int unsubscribe(void *mem, struct db *db, const struct unsubscribe_request *r, struct unsubscribed *done,
                struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_UNSUBSCRIBE_BY_TOKEN, db_int(r->contact_id), db_int(r->list_id),
               db_text(r->how), db_int_or_null(r->at), db_int_or_null(r->message_id), db_text(r->token)) < 0)
        return -1;
    const char *outcome = db_get_str(rows, 0, "outcome");
    size_t i = 0;
    while (i < ARRAY_LEN(outcomes) && strcmp(outcomes[i].name, outcome))
        i++;
    must(i < ARRAY_LEN(outcomes));
    *done = (struct unsubscribed){.outcome = (enum unsubscribe_outcome)i,
                                  .contact_id = db_get_int_or(rows, 0, "contact_id", 0),
                                  .list = talloc_strdup(mem, db_get_str(rows, 0, "list")),
                                  .name = outcomes[i].name,
                                  .words = outcomes[i].words};
    return 0;
}
