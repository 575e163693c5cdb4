/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/inbox_message.h"

#include "mail/message.h"

static int load(struct cmd *c, int64_t id, char **raw_r, size_t *len_r, struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = message_load(c->mem, db, id, raw_r, len_r, err);
    db_close(db);
    return rc;
}

static int take_out(const struct extract *x, json_t *facts, json_t **files_r, struct err *err)
{
    *files_r = json_array();
    if (extract_files(x, facts, *files_r, err) == 0)
        return 0;
    json_decref(*files_r);
    return -1;
}

int inbox_message(struct cmd *c, int64_t id, struct extract *x, json_t **found_r, struct err *err)
{
    char *raw;
    size_t len;
    json_t *facts;
    struct cage *cage;
    if (load(c, id, &raw, &len, err) < 0 || cage_open(c->mem, &cage, err) < 0)
        return -1;
    int rc = cage_facts(cage, raw, len, &facts, err);
    if (rc == 0 && x) {
        x->cage = cage;
        x->mail = raw;
        x->len = len;
        rc = take_out(x, facts, found_r, err);
        json_decref(facts);
    } else if (rc == 0) {
        *found_r = facts;
    }
    cage_close(cage);
    return rc;
}
