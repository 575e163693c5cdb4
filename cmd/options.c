/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/cmd.h"

#include <errno.h>

static const struct cmd_option *option_named(const struct cmd_option *options, const char *word,
                                             const char **value_r)
{
    const char *eq = strchr(word, '=');
    size_t len = eq ? (size_t)(eq - word) : strlen(word);
    *value_r = eq ? eq + 1 : NULL;
    for (const struct cmd_option *o = options; o->name; o++)
        if (strlen(o->name) == len && !strncmp(o->name, word, len))
            return o;
    return NULL;
}

static int option_set(const struct cmd_option *o, const char *value, struct err *err)
{
    if (o->kind == CMD_TEXT) {
        *(const char **)o->value = value;
        return 0;
    }
    char *end;
    errno = 0;
    long n = strtol(value, &end, 10);
    if (errno || end == value || *end)
        return err_set(err, ERR_USAGE, "--%s wants a number, not \"%s\"", o->name, value);
    *(long *)o->value = n;
    return 0;
}

int cmd_options(const struct cmd_option *options, int *argc, char **argv, struct err *err)
{
    int kept = 0;
    bool ended = false;
    for (int i = 0; i < *argc; i++) {
        const char *word = argv[i], *value;
        if (!strcmp(word, "-o") && !ended)
            word = "--output";
        if (ended || strncmp(word, "--", 2)) {
            argv[kept++] = argv[i];
            continue;
        }
        if (!word[2]) {
            ended = true;
            continue;
        }
        const struct cmd_option *o = option_named(options, word + 2, &value);
        if (!o)
            return err_set(err, ERR_USAGE, "unknown option %s", argv[i]);
        if (o->kind == CMD_FLAG) {
            if (value)
                return err_set(err, ERR_USAGE, "--%s takes no value", o->name);
            *(bool *)o->value = true;
            continue;
        }
        if (!value && ++i >= *argc)
            return err_set(err, ERR_USAGE, "--%s wants a value", o->name);
        if (option_set(o, value ? value : argv[i], err) < 0)
            return -1;
    }
    *argc = kept;
    return 0;
}
