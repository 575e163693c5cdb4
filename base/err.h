/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The expected kind of error, as a value: bad input, not found, conflict, server away.
 *
 * A function that can fail so returns int, 0 or -1 (a finder 1, 0 or -1), and takes `struct err *` last.  On
 * -1 the struct is filled; on the way up each level may put a few words in front (err_context).  Only the
 * edge (cmd/, a daemon's loop) logs it or shows it, once.
 *
 * Formats are in English, and translated as they are filled, where the thread speaks to a person
 * (err_language): only there are the values still apart from the words.
 *
 * The other two kinds never come this way: a broken promise between our own functions is bug(), which logs
 * and aborts; out of memory ends the process (talloc's abort function), and its supervisor starts it again.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>

#define MUST_CHECK   __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* What a caller may branch on.  err_exit_code() gives the exit code of the command line (sysexits.h). */
enum err_code {
    ERR_NONE,
    ERR_USAGE,    /* 64: the command line itself is wrong */
    ERR_INPUT,    /* 65: a file or a value from outside is wrong; nothing was written */
    ERR_NOTFOUND, /* 1: what was asked for does not exist */
    ERR_CONFLICT, /* 1: the state of things forbids it (already released, not unique, second person needed) */
    ERR_DENIED,   /* 1: the role may not do this */
    ERR_AWAY,     /* 69: a server cannot be reached or refuses us */
    ERR_AGAIN,    /* 75: temporary, try again (serialization failure, lock, 4yz) */
    ERR_CONFIG,   /* 78: the configuration */
    ERR_IO,       /* 74: a local file cannot be read or written */
};

struct err {
    enum err_code code;
    char sqlstate[6]; /* of PostgreSQL, or "" */
    int reply;        /* SMTP reply code, or 0 */
    char text[1024];  /* one line, UTF-8, for a person: says where and what to do */
};

/* Fills err (which may be NULL) and returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF(3, 4);
int err_vset(struct err *err, enum err_code code, const char *fmt, va_list ap) PRINTF(3, 0);
/* Puts "words: " in front of the text; returns -1. */
int err_context(struct err *err, const char *fmt, ...) PRINTF(2, 3);
int err_exit_code(const struct err *err);
/* The thread's errors are from now on in the language of the catalogue; NULL, as at the begin: in English,
 * which the log is in, and what is kept (mail/reason.h).  Returns the one before. */
struct catalog;
const struct catalog *err_language(const struct catalog *catalog);
const struct catalog *err_catalog(void);
/* A word that stands in an error, in that language. */
const char *err_word(const char *msgid) __attribute__((format_arg(1)));
/* The format of an error that counts something. */
const char *err_plural(const char *one, const char *many, size_t n)
    __attribute__((format_arg(1), format_arg(2)));

/* A promise between our own functions is broken: log file and line, abort. */
noreturn void bug_at(const char *file, int line, const char *fmt, ...) PRINTF(3, 4);
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
#define must(cond)                                                                                           \
    do {                                                                                                     \
        if (!(cond))                                                                                         \
            bug("%s", #cond);                                                                                \
    } while (0)

#endif
