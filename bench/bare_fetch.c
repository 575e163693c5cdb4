/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *     bare_fetch PORT NAME CA_FILE USER < PASSWORD
 *
 * FETCH of all messages of INBOX through our own stream over TLS, with nothing done to the bytes but counting
 * them: the limit of what `adresar fetch` can reach.  Prints the seconds of the FETCH, messages and bytes.
 */
#include <time.h>

#include "mail/wire/stream_low.h"

enum { LINE = 8192, WAIT_S = 60 };

static void check(int rc, const struct err *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bare_fetch: %s\n", err->text);
    exit(1);
}

static void literal(mailstream *stream, size_t n)
{
    char buffer[65536];
    while (n) {
        ssize_t got = mailstream_read(stream, buffer, n < sizeof buffer ? n : sizeof buffer);
        if (got <= 0)
            exit(1);
        n -= (size_t)got;
    }
}

/* Says it and reads to its end; how many messages and bytes of literals came. */
static size_t ask(mailstream *stream, const char *command, size_t *bytes_r)
{
    struct err err = {0};
    char line[LINE];
    size_t n = 0;
    stream_limit(stream, WAIT_S, 10 * WAIT_S, SIZE_MAX);
    check(stream_write(stream, command, strlen(command), NULL, &err), &err);
    for (;;) {
        check(stream_read_line(stream, line, sizeof line, &err), &err);
        size_t len = strlen(line);
        if (!strncmp(line, "x ", 2)) {
            if (strncmp(line, "x OK", 4))
                exit(1);
            return n;
        }
        const char *brace = len && line[len - 1] == '}' ? strrchr(line, '{') : NULL;
        if (!brace)
            continue;
        size_t size = strtoul(brace + 1, NULL, 10);
        literal(stream, size);
        *bytes_r += size;
        n++;
    }
}

int main(int argc, char **argv)
{
    char password[256] = "", command[1024], greeting[LINE];
    struct err err = {0};
    struct stream_context *tls;
    mailstream *stream;
    size_t bytes = 0;
    if (argc != 5 || !fgets(password, sizeof password, stdin))
        return 64;
    mem_init();
    password[strcspn(password, "\n")] = 0;
    const struct stream_options options = {.host = "127.0.0.1",
                                           .port = argv[1],
                                           .verify_name = argv[2],
                                           .tls = STREAM_IMPLICIT,
                                           .timeout_s = WAIT_S};
    check(stream_context_new(NULL, argv[3], &tls, &err), &err);
    check(stream_open(tls, &options, &stream, &err), &err);
    stream_limit(stream, WAIT_S, WAIT_S, SIZE_MAX);
    check(stream_read_line(stream, greeting, sizeof greeting, &err), &err);
    snprintf(command, sizeof command, "x LOGIN \"%s\" \"%s\"\r\n", argv[4], password);
    ask(stream, command, &bytes);
    ask(stream, "x EXAMINE INBOX\r\n", &bytes);
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    size_t n = ask(stream, "x UID FETCH 1:* (UID RFC822.SIZE BODY.PEEK[])\r\n", &bytes);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.3f %zu %zu\n",
           (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec), n, bytes);
    stream_close(stream);
    return 0;
}
