/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar inbox text: all that a message of the store says, what it quotes and its signature too.
 */
#include "cmd/inbox_message.h"
#include "cmd_functions.h"

int cmd_inbox_text(struct cmd *c, int argc, char **argv)
{
    struct err err;
    int64_t id;
    json_t *facts;
    if (argc != 1)
        return cmd_usage(c, "inbox text ID");
    if (cmd_id(argv[0], &id, &err) < 0 || inbox_message(c, id, NULL, &facts, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(
            json_pack("{s:I, s:O}", "id", (json_int_t)id, "body_text", json_object_get(facts, "body_text")));
    else
        puts(json_string_value(json_object_get(facts, "body_text")));
    json_decref(facts);
    return 0;
}
