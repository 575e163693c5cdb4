/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/cmd.h"

#include <errno.h>

#include "base/nearest.h"
#include "base/unicode.h"

/* The option whose name the word is, or begins with if it is one of CMD_EACH; the first of the table wins. */
static const struct cmd_option *option_named(const struct cmd_option *options, const char *word,
                                             const char **value_r)
{
    const char *eq = strchr(word, '=');
    size_t len = eq ? (size_t)(eq - word) : strlen(word);
    *value_r = eq ? eq + 1 : NULL;
    for (const struct cmd_option *o = options; o->name; o++) {
        size_t own = strlen(o->name);
        if ((o->kind == CMD_EACH ? own < len : own == len) && !strncmp(o->name, word, own))
            return o;
    }
    return NULL;
}

static int pair_add(struct cmd_pairs *pairs, char *word, const struct cmd_option *o, const char *value,
                    struct err *err)
{
    char *key = o->kind == CMD_MANY ? word : word + strlen(o->name);
    if (pairs->n == CMD_MAX_PAIRS)
        return err_set(err, ERR_USAGE, "--%s...: more than %d of them", o->name, CMD_MAX_PAIRS);
    key[strcspn(key, "=")] = 0; /* in argv, which is ours */
    pairs->key[pairs->n] = key;
    pairs->value[pairs->n++] = value;
    return 0;
}

static int option_set(const struct cmd_option *o, char *word, const char *value, struct err *err)
{
    if (!unicode_valid_utf8(value, strlen(value)))
        return err_set(err, ERR_USAGE, "--%s: this is no text in UTF-8", o->name);
    if (o->kind == CMD_EACH || o->kind == CMD_MANY)
        return pair_add(o->value, word, o, value, err);
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

static int unknown(const struct cmd_option *options, const char *word, struct err *err)
{
    const char *name[64], *near;
    MEM_SCOPE(mem);
    size_t n = 0;
    for (const struct cmd_option *o = options; o->name && n < ARRAY_LEN(name); o++)
        if (o->kind != CMD_EACH)
            name[n++] = o->name;
    near = nearest_word(talloc_strndup(mem, word, strcspn(word, "=")), name, n);
    return near ? err_set(err, ERR_USAGE, "unknown option %s; did you mean --%s?", word, near)
                : err_set(err, ERR_USAGE, "unknown option %s", word);
}

int cmd_options(const struct cmd_option *options, int *argc, char **argv, struct err *err)
{
    char output[] = "--output";
    int kept = 0;
    bool ended = false;
    for (int i = 0; i < *argc; i++) {
        const char *value;
        char *word = !ended && !strcmp(argv[i], "-o") ? output : argv[i];
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
            return unknown(options, argv[i], err);
        if (o->kind == CMD_FLAG) {
            if (value)
                return err_set(err, ERR_USAGE, "--%s takes no value", o->name);
            *(bool *)o->value = true;
            continue;
        }
        if (!value && ++i >= *argc)
            return err_set(err, ERR_USAGE, "--%s wants a value", o->name);
        if (option_set(o, word + 2, value ? value : argv[i], err) < 0)
            return -1;
    }
    *argc = kept;
    return 0;
}

int cmd_id(const char *word, int64_t *id_r, struct err *err)
{
    size_t len = strspn(word, "0123456789");
    if (!len || len > 18 || word[len] || strspn(word, "0") == len)
        return err_set(err, ERR_USAGE, "\"%s\" is no number; the lists (`adresar event list` ...) have them",
                       word);
    *id_r = strtoll(word, NULL, 10);
    return 0;
}

int cmd_day(const char *typed, const char *option, char iso[11], const char **day_r, struct err *err)
{
    if (!typed)
        return 0;
    if (!unicode_parse_date(typed, iso))
        return err_set(err, ERR_USAGE, "--%s wants a day as 31.12.2026 or 2026-12-31, not \"%s\"", option,
                       typed);
    *day_r = iso;
    return 0;
}
