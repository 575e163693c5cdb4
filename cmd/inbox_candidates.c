/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar inbox candidates: what people corrected, as tests: ID.eml as it was on the wire and ID.json with
 * the verdict that is right and the one that was wrong.  Only the owner of the folder can read them.
 */
#include <errno.h>
#include <sys/stat.h>

#include "cmd_functions.h"
#include "mail/inbox_hand.h"
#include "mail/message.h"

enum { PAGE = 100 };

static json_t *verdict_json(void *mem, const struct db_rows *rows, int i)
{
    return json_pack("{s:s, s:s, s:s*, s:{s:s?, s:s?, s:s?}, s:s, s:s}", "file",
                     talloc_asprintf(mem, "%s.eml", db_get_str(rows, i, "id")), "class",
                     db_get_str(rows, i, "class"), "answer", db_get_text(rows, i, "answer"), "was", "class",
                     db_get_text(rows, i, "class_was"), "rule", db_get_text(rows, i, "rule_was"), "answer",
                     db_get_text(rows, i, "answer_was"), "by", db_get_str(rows, i, "by"), "at",
                     db_get_str(rows, i, "at"));
}

static int write_one(struct cmd *c, struct db *db, const char *folder, const struct db_rows *rows, int i,
                     struct err *err)
{
    MEM_SCOPE(mem);
    char *raw;
    size_t len;
    const char *path = talloc_asprintf(mem, "%s/%s", folder, db_get_str(rows, i, "id"));
    if (message_load(mem, db, db_get_int(rows, i, "id"), &raw, &len, err) < 0 ||
        mem_write_file(talloc_asprintf(mem, "%s.eml", path), raw, len, err) < 0)
        return -1;
    json_t *verdict = verdict_json(mem, rows, i);
    char *text = json_dumps(verdict, JSON_INDENT(2));
    must(text);
    const char *line = talloc_asprintf(mem, "%s\n", text);
    free(text);
    int rc = mem_write_file(talloc_asprintf(mem, "%s.json", path), line, strlen(line), err);
    if (c->json && rc == 0)
        cmd_print_json(json_incref(verdict));
    json_decref(verdict);
    return rc;
}

static int write_all(struct cmd *c, struct db *db, const char *folder, long *n_r, struct err *err)
{
    *n_r = 0;
    for (int64_t last = 0;;) {
        DB_ROWS rows = NULL;
        int n = inbox_candidates(db, c->conf->office.time_zone, last, PAGE, &rows, err);
        if (n <= 0)
            return n;
        for (int i = 0; i < n; i++)
            if (write_one(c, db, folder, rows, i, err) < 0)
                return -1;
        *n_r += n;
        last = db_get_int(rows, n - 1, "id");
    }
}

int cmd_inbox_candidates(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    const char *folder = NULL;
    long n;
    const struct cmd_option options[] = {{"output", CMD_TEXT, &folder}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !folder)
        return cmd_usage(c, "inbox candidates -o DIR");
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        err_set(&err, ERR_IO, "%s: %s", folder, strerror(errno));
        return cmd_fail(c, &err);
    }
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = write_all(c, db, folder, &n, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (!c->json)
        printf(PLURAL("%ld corrected mail is in %s\n", "%ld corrected mails are in %s\n", n), n, folder);
    return 0;
}
