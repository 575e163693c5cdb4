/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The command table, and what all commands share.
 */
#include "cmd/cmd.h"
#include "cmd_functions.h"
#define ADRESAR_VERSION "0.1.0"

#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include "base/db_script.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/unicode.h"
#include "crm/audit.h"
#include "crm/contact.h"

struct command {
    const char *words; /* one or two */
    cmd_fn *run;
    const char *arguments; /* NULL: not shown in the help (processes that only we start) */
};

static const struct command commands[] = {
#define COMMAND(words, run, arguments) {words, run, arguments},
#include "cmd/commands.h"
#undef COMMAND
    {0},
};

json_t *cmd_json_text(const char *s)
{
    MEM_SCOPE(mem);
    char *ascii = talloc_strdup(mem, s);
    for (char *at = ascii; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return json_string(unicode_or(s, ascii));
}

int cmd_fail(struct cmd *c, const struct err *err)
{
    if (c->json)
        cmd_print_json(json_pack("{s:{s:o, s:i}}", "error", "text", cmd_json_text(err->text), "code",
                                 err_exit_code(err)));
    else
        fprintf(stderr, "adresar: %s\n", err->text);
    return err_exit_code(err);
}

int cmd_usage(struct cmd *c, const char *words)
{
    fprintf(stderr, _("usage: adresar %s\n"), words);
    return EXIT_USAGE;
}

void cmd_print_json(json_t *value)
{
    must(value);
    json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    putchar('\n');
    json_decref(value);
}

void cmd_show(struct cmd *c, json_t *view, void (*print)(struct cmd *c, const json_t *view))
{
    if (c->json) {
        cmd_print_json(view);
        return;
    }
    print(c, view);
    json_decref(view);
}

int cmd_conf(struct cmd *c, struct err *err)
{
    return c->conf ? 0 : conf_load(c->mem, c->conf_path, &c->conf, err);
}

int cmd_connect_db(struct cmd *c, const char *user, struct db **db_r, struct err *err)
{
    if (cmd_conf(c, err) < 0 || db_open(db_r, c->conf->database.conninfo, user, "adresar", err) < 0)
        return -1;
    db_at_close(*db_r, audit_seal_if_possible);
    return 0;
}

int cmd_open_db(struct cmd *c, const char *user, struct db **db_r, struct err *err)
{
    if (cmd_connect_db(c, user, db_r, err) < 0)
        return -1;
    contact_renew_terms(*db_r);
    return 0;
}

const char *cmd_user_name(struct cmd *c)
{
    const char *role = getenv("PGUSER");
    if (role && *role)
        return role;
    const struct passwd *user = getpwuid(getuid());
    return user ? talloc_strdup(c->mem, user->pw_name) : "?";
}

static int help(struct cmd *c)
{
    puts(_("usage: adresar [-c FILE] [--json] COMMAND\n"));
    for (const struct command *k = commands; k->words; k++)
        if (k->arguments)
            printf("    adresar %s%s%s\n", k->words, *k->arguments ? " " : "", k->arguments);
    puts(_("\nSee adresar(1), and adresar.conf(5) for the configuration."));
    return 0;
}

/* How many words of argv the command's name takes; 0 when it is another command. */
static int matches(const struct command *k, int argc, char **argv)
{
    const char *space = strchr(k->words, ' ');
    size_t first = space ? (size_t)(space - k->words) : strlen(k->words);
    if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], k->words, first))
        return 0;
    if (!space)
        return 1;
    return argc > 1 && !strcmp(argv[1], space + 1) ? 2 : 0;
}

/* The commands whose name begins with the word, a line each. */
static void print_commands(FILE *out, const char *noun)
{
    size_t len = strlen(noun);
    for (const struct command *k = commands; k->words; k++)
        if (k->arguments && !strncmp(k->words, noun, len) && (k->words[len] == ' ' || !k->words[len]))
            fprintf(out, "    adresar %s%s%s\n", k->words, *k->arguments ? " " : "", k->arguments);
}

static bool is_noun(const char *word)
{
    size_t len = strlen(word);
    for (const struct command *k = commands; k->words; k++)
        if (!strncmp(k->words, word, len) && k->words[len] == ' ')
            return true;
    return false;
}

/* The first words of the commands, or with a noun the second words of its commands; a talloc array. */
static const char **words_of(void *mem, const char *noun)
{
    const char **list = talloc_array(mem, const char *, 0);
    for (const struct command *k = commands; k->words; k++) {
        size_t n = talloc_array_length(list), len = strcspn(k->words, " ");
        if (!k->arguments ||
            (noun && (strlen(noun) != len || strncmp(noun, k->words, len) || !k->words[len])))
            continue;
        list = talloc_realloc(mem, list, const char *, (unsigned)n + 1);
        list[n] = noun ? k->words + len + 1 : talloc_strndup(list, k->words, len);
    }
    return list;
}

static const char *nearest_of(const char *word, const char **list)
{
    return nearest_word(word, list, talloc_array_length(list));
}

/* What the words were perhaps meant to be, "contact find"; NULL if no command is near. */
static const char *meant(void *mem, const char *typed, const char *verb)
{
    const char *noun = is_noun(typed) ? typed : nearest_of(typed, words_of(mem, NULL));
    const char *near = noun && verb ? nearest_of(verb, words_of(mem, noun)) : NULL;
    if (near)
        return talloc_asprintf(mem, "%s %s", noun, near);
    return noun == typed ? NULL : noun;
}

static int no_command(struct cmd *c, int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : NULL, *guess = meant(c->mem, argv[0], verb);
    bool both = verb && is_noun(argv[0]);
    if (guess)
        fprintf(stderr, _("adresar: there is no command \"%s%s%s\"; did you mean `%s`?\n"), argv[0],
                both ? " " : "", both ? verb : "", guess);
    else if (both)
        fprintf(stderr, _("adresar: there is no command \"%s %s\"; there are\n"), argv[0], verb);
    else if (!is_noun(argv[0]))
        fprintf(stderr, _("adresar: there is no command \"%s\"; `adresar --help` lists them\n"), argv[0]);
    if (!guess)
        print_commands(stderr, argv[0]);
    return EXIT_USAGE;
}

static int run(struct cmd *c, int argc, char **argv, bool helped)
{
    for (const struct command *k = commands; k->words; k++) {
        int words = matches(k, argc, argv);
        if (words && helped)
            return printf(_("usage: adresar %s\n"),
                          talloc_asprintf(c->mem, "%s %s", k->words, k->arguments ? k->arguments : "")) < 0;
        if (words)
            return k->run(c, argc - words, argv + words);
    }
    if (!helped || !is_noun(argv[0]))
        return no_command(c, argc, argv);
    print_commands(stdout, argv[0]);
    return 0;
}

/* Takes --json and --help out of the words of a command, wherever they stand before `--`. */
static int take_common(struct cmd *c, int argc, char **argv, bool *helped)
{
    int kept = 0;
    bool ended = false;
    for (int i = 0; i < argc; i++) {
        ended = ended || !strcmp(argv[i], "--");
        if (!ended && !strcmp(argv[i], "--json"))
            c->json = true;
        else if (!ended && !strcmp(argv[i], "--help"))
            *helped = true;
        else
            argv[kept++] = argv[i];
    }
    return kept;
}

int main(int argc, char **argv)
{
    mem_init();
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    log_init("adresar", getenv("ADRESAR_DEBUG") ? LOG_DEBUG_ : LOG_INFO_);
    MEM_SCOPE(mem);
    const char *language = getenv("ADRESAR_LANGUAGE");
    struct cmd c = {.mem = mem, .catalog = catalog_new(mem, language ? language : "en")};
    err_language(c.catalog);
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "--json"))
            c.json = true;
        else if (!strcmp(argv[i], "-c") && i + 1 < argc)
            c.conf_path = argv[++i];
        else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return help(&c);
        else if (!strcmp(argv[i], "--version"))
            return puts("adresar " ADRESAR_VERSION) < 0;
        else
            return cmd_usage(&c, "[-c FILE] [--json] COMMAND");
    }
    if (i == argc) {
        help(&c);
        return EXIT_USAGE;
    }
    bool helped = false;
    int words = take_common(&c, argc - i, argv + i, &helped);
    int rc = run(&c, words, argv + i, helped);
    if (fflush(stdout) != 0 && rc == 0)
        rc = 74;
    return rc;
}
