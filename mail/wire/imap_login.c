/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * AUTHENTICATE (RFC 3501 6.2.2, 4959), or LOGIN where the server has nothing else; by hand, as all that comes
 * before the login.
 */
#include <strings.h>

#include "mail/wire/imap_low.h"
#include "mail/wire/sasl.h"

#define LINE_MAX_BYTES 8192
#define LINES_MAX      200
#define ANSWER_BYTES   (1 << 16)

enum { CAPABILITY_BYTES = 64 };

struct login {
    mailstream *stream;
    const char *capabilities;
    int timeout_s;
    char line[LINE_MAX_BYTES]; /* the last one read */
};

static bool can(const struct login *l, const char *capability)
{
    char word[CAPABILITY_BYTES + 2];
    snprintf(word, sizeof word, " %s ", capability);
    return strcasestr(l->capabilities, word) != NULL;
}

static bool offers(const void *server, const char *mechanism)
{
    char capability[CAPABILITY_BYTES];
    snprintf(capability, sizeof capability, "AUTH=%s", mechanism);
    return can(server, capability);
}

static bool begins(const char *line, const char *prefix)
{
    return !strncasecmp(line, prefix, strlen(prefix));
}

/* NO or BAD. */
static int refused(const struct login *l, struct err *err)
{
    const char *words = l->line + strlen("1 ");
    return err_set(err, begins(words, "NO [UNAVAILABLE]") ? ERR_AWAY : ERR_CONFIG,
                   "login: the server refuses: %s",
                   words + strcspn(words, " ") + (strchr(words, ' ') != NULL));
}

/* Says a line and reads what comes back: 1 a challenge, 0 OK, -1; after a refusal, `no_r` is set. */
static int step(struct login *l, const char *line, bool *no_r, struct err *err)
{
    stream_limit(l->stream, l->timeout_s, l->timeout_s, ANSWER_BYTES);
    if (stream_write(l->stream, line, strlen(line), NULL, err) < 0)
        return err_context(err, "login");
    for (int i = 0; i < LINES_MAX; i++) {
        if (stream_read_line(l->stream, l->line, sizeof l->line, err) < 0)
            return err_context(err, "login");
        if (l->line[0] == '+')
            return 1;
        if (begins(l->line, "1 OK"))
            return 0;
        *no_r = begins(l->line, "1 NO") || begins(l->line, "1 BAD");
        if (*no_r)
            return refused(l, err);
        if (!begins(l->line, "* ") || begins(l->line, "* BYE"))
            break;
    }
    return err_set(err, ERR_AWAY, "login: the server's answer makes no sense: %.200s", l->line);
}

static int authenticate(struct login *l, void *mem, struct sasl *sasl, struct err *err)
{
    const char *first = sasl_first(sasl, can(l, "SASL-IR") ? SIZE_MAX : 0), *answer;
    const char *line = talloc_asprintf(mem, "1 AUTHENTICATE %s%s%s\r\n", sasl_mechanism(sasl),
                                       first ? " " : "", first ? first : "");
    bool no = false;
    int rc = step(l, line, &no, err);
    while (rc > 0) {
        if (sasl_answer(sasl, l->line + 1 + (l->line[1] == ' '), &answer, err) < 0)
            return err_context(err, "login by %s", sasl_mechanism(sasl));
        rc = step(l, talloc_asprintf(mem, "%s\r\n", answer), &no, err);
    }
    if (rc == 0)
        return sasl_accepted(sasl, err);
    return no ? sasl_refused(sasl, err) : -1;
}

static void put_quoted(struct text *out, const char *s)
{
    text_puts(out, " \"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            text_putc(out, '\\');
        text_putc(out, *s);
    }
    text_putc(out, '"');
}

static int login_command(struct login *l, void *mem, const struct imap_options *o, struct err *err)
{
    struct text line = text_new(mem);
    bool no;
    text_puts(&line, "1 LOGIN");
    put_quoted(&line, o->user);
    put_quoted(&line, o->password);
    text_puts(&line, "\r\n");
    int rc = step(l, line.s, &no, err);
    return rc > 0 ? err_set(err, ERR_AWAY, "login: the server's answer makes no sense") : rc;
}

int imap_login(mailstream *stream, const char *capabilities, const struct imap_options *o, struct err *err)
{
    MEM_SCOPE(mem);
    struct login *l = talloc(mem, struct login);
    struct sasl *sasl;
    *l = (struct login){.stream = stream,
                        .capabilities = capabilities,
                        .timeout_s = o->stream.timeout_s > 0 ? o->stream.timeout_s : 60};
    const struct sasl_login how = {o->user,      o->password,    o->token_file,
                                   o->mechanism, o->stream.host, o->stream.port};
    if (sasl_begin(mem, &how, offers, l, &sasl, err) < 0)
        return err_context(err, "login");
    bool by_command = !o->token_file && !can(l, "LOGINDISABLED") &&
                      (o->mechanism ? !strcasecmp(o->mechanism, "LOGIN") : !sasl);
    if (by_command)
        return login_command(l, mem, o, err);
    if (sasl)
        return authenticate(l, mem, sasl, err);
    return err_set(err, ERR_CONFIG, "login: the server does not offer %s",
                   o->mechanism    ? o->mechanism
                   : o->token_file ? "OAUTHBEARER or XOAUTH2"
                                   : "SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN");
}
