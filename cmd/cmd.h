/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The command line: one table of commands (main.c), one file a noun, `cmd_NOUN_VERB`.
 *
 * A command gets argv behind its own words.  It parses options by a table (cmd_options), opens what it needs
 * (cmd_conf, cmd_open_db), does its work and returns the exit code; an error goes through cmd_fail, which
 * shows it once (as text on standard error, or as a JSON value {"error": ...} with --json) and gives the exit
 * code.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <jansson.h>

#include "base/catalog.h"
#include "base/conf.h"
#include "base/db.h"

struct cmd {
    void *mem; /* lives as long as the command */
    const char *conf_path;
    bool json; /* one JSON value a line on standard output */
    const struct catalog *catalog;
    struct conf *conf;
};

enum { EXIT_LOOK = 1, EXIT_USAGE = 64, EXIT_INPUT = 65 };

typedef int cmd_fn(struct cmd *c, int argc, char **argv);

/* What CMD_EACH gathers: of --name-sq N with the option "name-", key "sq" and value N; and CMD_MANY, an
 * option that may be given several times: the values, with the option as the key. */
enum { CMD_MAX_PAIRS = 32 };
struct cmd_pairs {
    const char *key[CMD_MAX_PAIRS], *value[CMD_MAX_PAIRS];
    size_t n;
};

struct cmd_option {
    const char *name; /* without the dashes */
    enum { CMD_FLAG, CMD_TEXT, CMD_INT, CMD_EACH, CMD_MANY } kind;
    void *value; /* bool *, const char **, long *, struct cmd_pairs * */
};

/* Takes the options of the table (ending with {0}) out of argv wherever they stand, `--` ends them; leaves
 * the other words in place and tells their number.  -1 ERR_USAGE names the unknown one. */
int cmd_options(const struct cmd_option *options, int *argc, char **argv, struct err *err) MUST_CHECK;

/* The number of an event, a mailing, a message, an import ...: ERR_USAGE when the word is none. */
int cmd_id(const char *word, int64_t *id_r, struct err *err) MUST_CHECK;

/* The day of an option as ISO in iso, and day_r at it; NULL typed leaves day_r as it is. */
int cmd_day(const char *typed, const char *option, char iso[11], const char **day_r,
            struct err *err) MUST_CHECK;

int cmd_fail(struct cmd *c, const struct err *err);
/* "usage: adresar WORDS", exit code 64 */
int cmd_usage(struct cmd *c, const char *words);

/* The configuration, loaded at the first call. */
int cmd_conf(struct cmd *c, struct err *err) MUST_CHECK;
/* Connects as `user` (a role from the configuration) or, with NULL, as whoever runs the command. */
int cmd_open_db(struct cmd *c, const char *user, struct db **db_r, struct err *err) MUST_CHECK;
/* The same for those that call contact_renew_terms() where they need it. */
int cmd_connect_db(struct cmd *c, const char *user, struct db **db_r, struct err *err) MUST_CHECK;

/* Whoever the store knows the command's user as. */
const char *cmd_user_name(struct cmd *c);

/* Prints a JSON value as one line and drops it. */
void cmd_print_json(json_t *value);
/* Shows what a command found, as JSON or by print, and drops it. */
void cmd_show(struct cmd *c, json_t *view, void (*print)(struct cmd *c, const json_t *view));
/* A text from outside, such as a file's name: what is no UTF-8 is shown with ? for its bytes. */
json_t *cmd_json_text(const char *s);
/* Text of the command line in the user's language: printf(_("...")) */
#define _(s) catalog_text(c->catalog, s)
/* The same of a count and its noun. */
#define PLURAL(one, many, n) catalog_plural(c->catalog, one, many, (long)(n))

#endif
