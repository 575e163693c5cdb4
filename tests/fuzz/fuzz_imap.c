/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A whole IMAP session with a server whose bytes are the input: no socket, the stream lies in memory.  The
 * first line says what is asked, a letter each (the switch in `ask`); S: with STARTTLS, B: the server does
 * not wait for a command before it answers.  What comes back is held to what the headers promise, and
 * whatever a server says, we say nothing that would change a mailbox.
 *
 * The stream's functions here take the place of mail/wire/stream.c; lines by hand (stream_line.c), the
 * session and libetpan are the real ones.
 */
#include "mail/wire/imap_session_low.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

/* As the worker's RLIMIT_AS: a literal of 4 GB is refused by malloc. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=600";
}

/* It loses memory on some answers that it gives up on; the session, and in the end the process, go with it.
 */
const char *__lsan_default_suppressions(void)
{
    return "leak:libetpan.so";
}

#define BUFFER_BYTES 8192

/* ---- the server */

struct stream_context {
    const char *bytes;
    size_t len, at, budget;
    bool at_once, broken;
    struct err err; /* the first failure */
    struct text heard;
};

static struct stream_context *server_of(mailstream *stream)
{
    return mailstream_get_low(stream)->data;
}

static int fail(struct stream_context *s, const char *words)
{
    return s->err.code ? -1 : err_set(&s->err, ERR_AWAY, "%s", words);
}

static bool is_base64(const char *line)
{
    return !line[strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=")];
}

static bool is_harmless(const char *line)
{
    static const char *const verbs[] = {"CAPABILITY", "STARTTLS", "AUTHENTICATE", "LOGIN",
                                        "ENABLE",     "EXAMINE",  "LIST",         "UID SEARCH",
                                        "UID FETCH",  "NOOP",     "IDLE",         "LOGOUT"};
    size_t tag = strcspn(line, " ");
    if (!line[tag])
        return is_base64(line); /* an answer to a challenge, or DONE */
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (begins(line + tag + 1, verbs[i]))
            return !strcasestr(line, "BODY[") && strcspn(line, "\r\n\1") == strlen(line);
    return false;
}

/* What was said ends with a line's end before the server is listened to. */
static void check_heard(struct stream_context *s)
{
    must(strlen(s->heard.s) == s->heard.len);
    for (char *line = s->heard.s, *end; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        must(end);
        *end = 0;
        must(is_harmless(line));
    }
    s->heard.len = 0;
    *s->heard.s = 0;
}

static ssize_t memory_read(mailstream_low *low, void *buffer, size_t size)
{
    struct stream_context *s = low->data;
    const char *from = s->bytes + s->at, *end;
    size_t len = s->len - s->at;
    check_heard(s);
    must(size > 0);
    if (s->broken || s->budget == 0)
        return fail(s, s->broken ? "cancelled" : "the server's answer is too long");
    if (!len)
        return fail(s, "connection closed by the server");
    if (!s->at_once && (end = memchr(from, '\n', len)))
        len = (size_t)(end - from) + 1;
    len = len < size ? len : size;
    len = len < s->budget ? len : s->budget;
    memcpy(buffer, from, len);
    s->at += len;
    s->budget -= len;
    return (ssize_t)len;
}

static ssize_t memory_write(mailstream_low *low, const void *bytes, size_t len)
{
    struct stream_context *s = low->data;
    if (s->broken || s->err.code)
        return fail(s, "cancelled");
    text_add(&s->heard, bytes, len);
    return (ssize_t)len;
}

static int memory_close(mailstream_low *low)
{
    (void)low;
    return 0;
}

static int memory_get_fd(mailstream_low *low)
{
    (void)low;
    return -1;
}

static void memory_free(mailstream_low *low)
{
    free(low);
}

static void memory_cancel(mailstream_low *low)
{
    ((struct stream_context *)low->data)->broken = true;
}

static mailstream_low_driver driver = {memory_read, memory_write,  memory_close, memory_get_fd,
                                       memory_free, memory_cancel, NULL,         NULL,
                                       NULL,        NULL,          NULL};

/* ---- mail/wire/stream.c, in memory */

int stream_open(const struct stream_context *context, const struct stream_options *options,
                mailstream **stream_r, struct err *err)
{
    (void)options, (void)err;
    *stream_r = mailstream_new(mailstream_low_new((void *)(uintptr_t)context, &driver), BUFFER_BYTES);
    return 0;
}

void stream_close(mailstream *stream)
{
    mailstream_close(stream);
}

void stream_limit(mailstream *stream, int wait_s, int whole_s, size_t bytes)
{
    must(wait_s > 0 && whole_s > 0);
    server_of(stream)->budget = bytes;
}

int stream_explain(mailstream *stream, struct err *err)
{
    const struct stream_context *s = server_of(stream);
    return err_set(err, ERR_AWAY, "%s", s->err.code ? s->err.text : "the server's answer makes no sense");
}

int stream_start_tls(mailstream *stream, struct err *err)
{
    if (!stream->read_buffer_len && !stream->write_buffer_len)
        return 0;
    fail(server_of(stream), "the server speaks plain text where TLS begins");
    return stream_explain(stream, err);
}

bool stream_can_read(mailstream *stream)
{
    const struct stream_context *s = server_of(stream);
    return s->broken || stream->read_buffer_len || s->at < s->len;
}

void stream_cancel(mailstream *stream)
{
    memory_cancel(mailstream_get_low(stream));
}

/* ---- what is asked */

struct asking {
    void *mem;
    struct imap_session *session;
    size_t poured;
    bool waits;
};

static void touch(const char *bytes, size_t len)
{
    static volatile char seen;
    for (size_t i = 0; i < len; i++)
        seen = (char)(seen ^ bytes[i]);
}

static void take_message(void *context, const struct imap_message *m)
{
    (void)context;
    must(m->uid);
    if (m->bytes)
        touch(m->bytes, m->size);
}

static int take_piece(void *context, const char *bytes, size_t len, struct err *err)
{
    struct asking *a = context;
    touch(bytes, len);
    a->poured += len;
    return a->poured > 4096 ? err_set(err, ERR_AWAY, "larger than it was announced") : 0;
}

static int search(struct asking *a, const struct imap_query *query, struct err *err)
{
    uint32_t *uids;
    size_t n;
    if (imap_session_search(a->session, a->mem, query, &uids, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        must(uids[i] && uids[i] >= query->first && (i == 0 || uids[i] >= uids[i - 1]));
    return 0;
}

static int vanished(struct asking *a, struct err *err)
{
    uint32_t *ends;
    size_t n;
    if (imap_session_vanished(a->session, a->mem, 17, &ends, &n, err) < 0)
        return -1;
    touch((const char *)ends, n * 2 * sizeof *ends);
    return 0;
}

static int special(struct asking *a, struct err *err)
{
    char *name;
    int rc = imap_session_special(a->session, a->mem, "\\Sent", &name, err);
    must(rc < 0 || (name != NULL) == rc);
    if (rc > 0)
        imap_folder_text(a->mem, name);
    return rc;
}

static int examine(struct asking *a, struct err *err)
{
    struct imap_folder folder;
    int rc = imap_session_examine(a->session, "INBOX", &folder, err);
    must(rc < 0 || folder.uidvalidity);
    return rc;
}

static int wait_step(struct asking *a, char letter, struct err *err)
{
    struct imap_session *s = a->session;
    if (letter == 'o')
        s->due = 0;
    int rc = letter == 'w' ? imap_session_wait_begin(s, err) : imap_session_wait_look(s, err);
    must(rc <= 1);
    must(letter != 'w' || rc < 0 || imap_session_wait_due(s) > 0);
    return rc;
}

static int ask(struct asking *a, char letter, struct err *err)
{
    static const uint32_t uids[] = {1, 2, 3, 7, 4000000000};
    static const char *const addresses[] = {"arta@mail.test", "no\r\nNOOP", "a\"b"};
    const size_t n = ARRAY_LEN(uids);
    switch (letter) {
    case 'e':
        return examine(a, err);
    case 's':
        return search(a, &(struct imap_query){.first = 3}, err);
    case 'd':
        return search(a, &(struct imap_query){1, "2024-02-29", addresses, ARRAY_LEN(addresses)}, err);
    case 'v':
        return vanished(a, err);
    case 'l':
        return special(a, err);
    case 'f':
        return imap_session_fetch(a->session, uids, n, false, n * 1024, take_message, a, err);
    case 'b':
        return imap_session_fetch(a->session, uids, n, true, 4096, take_message, a, err);
    case 'p':
        a->poured = 0;
        return imap_session_pour(a->session, &(struct imap_message){.uid = 7, .size = 4096}, take_piece, a,
                                 err);
    default:
        return 0;
    }
}

/* A letter; a wait ends before anything else is asked, and after its news. */
static int obey(struct asking *a, char letter, struct err *err)
{
    bool look = letter == 'k' || letter == 'o';
    int rc = 0;
    if (letter == 'w' || look ? look != a->waits : a->waits) {
        if (look)
            return 0;
        rc = imap_session_wait_end(a->session, err);
        a->waits = false;
    }
    if (rc < 0)
        return -1;
    if (letter != 'w' && !look)
        return ask(a, letter, err);
    rc = wait_step(a, letter, err);
    a->waits = rc == 0;
    return rc > 0 ? imap_session_wait_end(a->session, err) : rc;
}

static void run_session(void *mem, struct stream_context *server, const char *letters)
{
    struct asking a = {.mem = mem};
    struct imap_options options = {
        .stream = {.host = "mail.test", .port = "143", .tls = STREAM_PLAIN, .timeout_s = 5},
        .user = "arta@mail.test",
        .password = "pass word\\\"",
        .max_message_bytes = 4096};
    struct err err = {0};
    if (strchr(letters, 'S'))
        options.stream.tls = STREAM_STARTTLS;
    int rc = imap_session_open(mem, server, &options, &a.session, &err);
    must(rc == 0 || err.code);
    for (const char *p = letters; rc == 0 && *p; p++) {
        err = (struct err){0};
        rc = obey(&a, *p, &err) < 0;
        must(!rc || (err.code && *err.text));
        if (err.code == ERR_NOTFOUND) /* a plain no */
            rc = 0;
    }
    imap_session_close(a.session);
    check_heard(server);
}

/* ---- what is left out */

static bool is_flag(const char *s)
{
    if (*s == '\\' && *++s == '*')
        return true;
    return *s > ' ' && *s <= '~' && !strchr("(){%*\"\\]", *s);
}

/* Three answers that crash libetpan 1.9.4, for which sessions live in a process of their own (the tests of
 * IMAP send them): [PERMANENTFLAGS ( with neither a flag nor ")" behind it, where it frees a list that it has
 * not, [BADCHARSET ( with a string behind it, which it reads without its parser's context, and [ALERT] or
 * [PARSE] without a text, which it copies all the same. */
static bool crashes_libetpan(const char *answers)
{
    static const char *const told[] = {"ALERT", "PARSE"};
    for (size_t i = 0; i < ARRAY_LEN(told); i++)
        for (const char *s = answers; (s = strcasestr(s, told[i]));) {
            s += strlen(told[i]);
            const char *text = s + strspn(s, " \t]");
            if (text > s && (*text < ' ' || *text > '~'))
                return true;
        }
    for (const char *s = answers; (s = strcasestr(s, "PERMANENTFLAGS"));) {
        s += strlen("PERMANENTFLAGS");
        s += strspn(s, " \t");
        const char *list = *s == '(' ? s + 1 + strspn(s + 1, " \t") : NULL;
        if (list && !is_flag(list) && *list != ')')
            return true;
    }
    const char *charset = strcasestr(answers, "BADCHARSET");
    return charset && strpbrk(charset, "\"{");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    const uint8_t *end = memchr(data, '\n', size);
    size_t first = end ? (size_t)(end - data) : 0;
    if (!end || first > 40)
        return 0;
    const char *letters = talloc_strndup(mem, (const char *)data, first);
    struct stream_context server = {.bytes = (const char *)end + 1,
                                    .len = size - first - 1,
                                    .at_once = strchr(letters, 'B') != NULL,
                                    .heard = text_new(mem)};
    char *text = talloc_zero_size(mem, server.len + 1);
    for (size_t i = 0; i < server.len; i++)
        text[i] = server.bytes[i] ? server.bytes[i] : '\1';
    if (!crashes_libetpan(text))
        run_session(mem, &server, letters);
    return 0;
}
