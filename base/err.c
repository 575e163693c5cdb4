/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/catalog.h"

static _Thread_local const struct catalog *language;

const struct catalog *err_language(const struct catalog *catalog)
{
    const struct catalog *before = language;
    language = catalog;
    return before;
}

const struct catalog *err_catalog(void)
{
    return language;
}

const char *err_word(const char *msgid)
{
    return language ? catalog_text(language, msgid) : msgid;
}

const char *err_plural(const char *one, const char *many, size_t n)
{
    return language ? catalog_plural(language, one, many, (long)n) : n == 1 ? one : many;
}

int err_vset(struct err *err, enum err_code code, const char *fmt, va_list ap)
{
    must(code != ERR_NONE);
    if (err) {
        *err = (struct err){.code = code};
        vsnprintf(err->text, sizeof err->text, err_word(fmt), ap);
    }
    return -1;
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_vset(err, code, fmt, ap);
    va_end(ap);
    return -1;
}

int err_context(struct err *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    char words[sizeof err->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(words, sizeof words, err_word(fmt), ap);
    va_end(ap);
    char whole[2 * sizeof err->text + 2];
    snprintf(whole, sizeof whole, "%s: %s", words, err->text);
    whole[sizeof err->text - 1] = 0;
    memcpy(err->text, whole, strlen(whole) + 1);
    return -1;
}

int err_exit_code(const struct err *err)
{
    static const int exit_code[] = {
        [ERR_NONE] = 0,   [ERR_USAGE] = 64, [ERR_INPUT] = 65, [ERR_NOTFOUND] = 1, [ERR_CONFLICT] = 1,
        [ERR_DENIED] = 1, [ERR_AWAY] = 69,  [ERR_AGAIN] = 75, [ERR_CONFIG] = 78,  [ERR_IO] = 74,
    };
    return exit_code[err->code];
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
    fprintf(stderr, "adresar: bug at %s:%d: ", file, line);
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}
