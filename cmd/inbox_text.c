/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar inbox text: all that a message of the store says, what it quotes and its signature too.
 */
#include "cmd_functions.h"
#include "mail/message.h"
#include "mail/wire/facts_cage.h"

static int load(struct cmd *c, int64_t id, char **raw_r, size_t *len_r, struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = message_load(c->mem, db, id, raw_r, len_r, err);
    db_close(db);
    return rc;
}

static int read_facts(struct cmd *c, const char *raw, size_t len, json_t **facts_r, struct err *err)
{
    struct cage *cage;
    if (cage_open(c->mem, &cage, err) < 0)
        return -1;
    int rc = cage_facts(cage, raw, len, facts_r, err);
    cage_close(cage);
    return rc;
}

int cmd_inbox_text(struct cmd *c, int argc, char **argv)
{
    struct err err;
    int64_t id;
    char *raw;
    size_t len;
    json_t *facts;
    if (argc != 1)
        return cmd_usage(c, "inbox text ID");
    if (cmd_id(argv[0], &id, &err) < 0 || load(c, id, &raw, &len, &err) < 0 ||
        read_facts(c, raw, len, &facts, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(
            json_pack("{s:I, s:O}", "id", (json_int_t)id, "body_text", json_object_get(facts, "body_text")));
    else
        puts(json_string_value(json_object_get(facts, "body_text")));
    json_decref(facts);
    return 0;
}
