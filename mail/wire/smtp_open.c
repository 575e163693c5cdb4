/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The beginning of a session: greeting, EHLO, STARTTLS, EHLO again (what was said before TLS counts for
 * nothing), AUTH.  All is said here, since libetpan's EHLO name cannot be set and its commands are cut at 512
 * bytes.
 */
#include "mail/wire/sasl.h"
#include "mail/wire/smtp_low.h"

#include <strings.h>

#define REPLY_BYTES_MAX 65536
#define FIRST_MAX                                                                                            \
    480 /* what is longer does not fit the command's line and waits to be asked for (RFC 4954 4) */

int smtp_read_reply(mailstream *stream, int wait_s, struct smtp_reply *reply, struct text *lines,
                    struct err *err)
{
    char line[SMTP_LINE_MAX];
    stream_limit(stream, wait_s, wait_s, REPLY_BYTES_MAX);
    *reply = (struct smtp_reply){0};
    int more = 1;
    while (more > 0) {
        if (stream_read_line(stream, line, sizeof line, err) < 0)
            return -1;
        more = smtp_reply_line(reply, line);
        if (lines && more >= 0 && line[3]) {
            text_puts(lines, line + 4);
            text_putc(lines, '\n');
        }
    }
    return more < 0 ? err_set(err, ERR_AWAY, "the server sent what is no SMTP reply") : 0;
}

/* An error out of an unwelcome reply: 4yz is temporary, what else may come must be looked at by a person. */
static int reply_error(const struct smtp_reply *reply, const char *stage, struct err *err)
{
    enum err_code code = reply->code / 100 == 4 ? ERR_AWAY : ERR_CONFIG;
    err_set(err, code, "%s: %d %s%s%s", stage, reply->code, reply->enhanced, reply->enhanced[0] ? " " : "",
            reply->text);
    if (err)
        err->reply = reply->code;
    return -1;
}

static int say(struct smtp *smtp, const char *command, int want, struct smtp_reply *reply, struct text *lines,
               struct err *err)
{
    stream_limit(smtp->stream, smtp->timeout_s, smtp->timeout_s, REPLY_BYTES_MAX);
    if (stream_write(smtp->stream, command, strlen(command), NULL, err) < 0 ||
        smtp_read_reply(smtp->stream, smtp->timeout_s, reply, lines, err) < 0)
        return -1;
    if (reply->code == want)
        return 0;
    char stage[16];
    snprintf(stage, sizeof stage, "%.*s", (int)strcspn(command, " \r"), command);
    return reply_error(reply, stage, err);
}

/* ---- EHLO */

static const char *keyword_line(const char *ehlo, const char *keyword)
{
    size_t len = strlen(keyword);
    for (const char *line = ehlo; *line; line += strcspn(line, "\n") + 1)
        if (!strncasecmp(line, keyword, len) && strchr(" \n", line[len]))
            return line + len;
    return NULL;
}

bool smtp_offers(const struct smtp *smtp, const char *ehlo_keyword)
{
    return keyword_line(smtp->ehlo, ehlo_keyword) != NULL;
}

const char *smtp_login(const struct smtp *smtp)
{
    return smtp->login;
}

size_t smtp_max_bytes(const struct smtp *smtp)
{
    return smtp->can.size_max;
}

static int ehlo(struct smtp *smtp, const char *helo, struct err *err)
{
    MEM_SCOPE(mem);
    struct smtp_reply reply;
    struct text lines = text_new(mem);
    if (say(smtp, talloc_asprintf(mem, "EHLO %s\r\n", helo), 250, &reply, &lines, err) < 0)
        return -1;
    talloc_free(smtp->ehlo);
    const char *second = lines.s + strcspn(lines.s, "\n"); /* the first line holds the server's name */
    smtp->ehlo = talloc_strdup(smtp, *second ? second + 1 : second);
    const char *size = keyword_line(smtp->ehlo, "SIZE");
    smtp->can = (struct smtp_capabilities){
        .pipelining = smtp_offers(smtp, "PIPELINING"),
        .dsn = smtp_offers(smtp, "DSN"),
        .utf8 = smtp_offers(smtp, "SMTPUTF8"),
        .mime8 = smtp_offers(smtp, "8BITMIME"),
        .size = size != NULL,
        .size_max = size ? strtoull(size, NULL, 10) : 0,
    };
    return 0;
}

static int start_tls(struct smtp *smtp, struct err *err)
{
    struct smtp_reply reply;
    if (!smtp_offers(smtp, "STARTTLS"))
        return err_set(err, ERR_CONFIG,
                       "STARTTLS is wanted, and the server does not offer it (stripped on the way?)");
    if (say(smtp, "STARTTLS\r\n", 220, &reply, NULL, err) < 0)
        return -1;
    return stream_start_tls(smtp->stream, err);
}

/* ---- AUTH */

static bool offers_mechanism(const void *server, const char *mechanism)
{
    const struct smtp *smtp = server;
    const char *list = keyword_line(smtp->ehlo, "AUTH");
    size_t len = strlen(mechanism);
    while (list && *list == ' ') {
        list += strspn(list, " ");
        size_t word = strcspn(list, " \n");
        if (word == len && !strncasecmp(list, mechanism, len))
            return true;
        list += word;
    }
    return false;
}

/* One thing said and what comes back: 1 a challenge, 0 we are in, -1. */
static int auth_step(struct smtp *smtp, void *mem, struct sasl *sasl, const char *line, char **challenge_r,
                     struct err *err)
{
    struct smtp_reply reply;
    struct text lines = text_new(mem);
    stream_limit(smtp->stream, smtp->timeout_s, smtp->timeout_s, REPLY_BYTES_MAX);
    if (stream_write(smtp->stream, line, strlen(line), NULL, err) < 0 ||
        smtp_read_reply(smtp->stream, smtp->timeout_s, &reply, &lines, err) < 0)
        return err_context(err, "AUTH %s", sasl_mechanism(sasl));
    lines.s[strcspn(lines.s, "\r\n")] = 0;
    *challenge_r = lines.s;
    if (reply.code == 334)
        return 1;
    if (reply.code == 235)
        return sasl_accepted(sasl, err);
    if (reply.code < 400) {
        err_set(err, ERR_AWAY, "the server's answer makes no sense");
        return err_context(err, "AUTH %s", sasl_mechanism(sasl));
    }
    reply_error(&reply, "AUTH", err);
    return sasl_refused(sasl, err);
}

static int auth_converse(struct smtp *smtp, struct sasl *sasl, struct err *err)
{
    MEM_SCOPE(mem);
    const char *name = sasl_mechanism(sasl), *first = sasl_first(sasl, FIRST_MAX), *answer;
    char *line = talloc_asprintf(mem, "AUTH %s%s%s\r\n", name, first ? " " : "", first ? first : ""),
         *challenge;
    int rc = auth_step(smtp, mem, sasl, line, &challenge, err);
    while (rc > 0) {
        if (sasl_answer(sasl, challenge, &answer, err) < 0)
            return err_context(err, "AUTH %s", name);
        rc = auth_step(smtp, mem, sasl, talloc_asprintf(mem, "%s\r\n", answer), &challenge, err);
    }
    return rc;
}

static int auth(struct smtp *smtp, const struct smtp_options *o, struct err *err)
{
    MEM_SCOPE(mem);
    struct sasl *sasl;
    const struct sasl_login login = {o->user,      o->password,    o->token_file,
                                     o->mechanism, o->stream.host, o->stream.port};
    if (sasl_begin(mem, &login, offers_mechanism, smtp, &sasl, err) < 0)
        return err_context(err, "AUTH");
    if (!sasl)
        return err_set(err, ERR_CONFIG, "AUTH: the server does not offer %s",
                       o->mechanism    ? o->mechanism
                       : o->token_file ? "OAUTHBEARER or XOAUTH2"
                                       : "SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN");
    smtp->login = sasl_mechanism(sasl);
    return auth_converse(smtp, sasl, err);
}

/* ---- the whole */

static int begin(struct smtp *smtp, const struct smtp_options *o, struct err *err)
{
    struct smtp_reply reply;
    if (smtp_read_reply(smtp->stream, smtp->timeout_s, &reply, NULL, err) < 0)
        return -1;
    if (reply.code != 220)
        return reply_error(&reply, "greeting", err);
    smtp->server = talloc_asprintf(smtp, "%s:%s %s", o->stream.host, o->stream.port, reply.text);
    if (ehlo(smtp, o->helo, err) < 0)
        return -1;
    if (o->stream.tls == STREAM_STARTTLS && (start_tls(smtp, err) < 0 || ehlo(smtp, o->helo, err) < 0))
        return -1;
    return o->user ? auth(smtp, o, err) : 0;
}

static int smtp_destroy(struct smtp *smtp)
{
    smtp_drop(smtp);
    return 0;
}

void smtp_drop(struct smtp *smtp)
{
    stream_close(smtp->stream);
    smtp->stream = NULL;
}

static bool helo_is_fine(const char *helo)
{
    size_t len = strlen(helo);
    return len > 0 && len <= 255 &&
           strspn(helo, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") == len;
}

int smtp_open(void *mem, const struct stream_context *tls, const struct smtp_options *options,
              struct smtp **smtp_r, struct err *err)
{
    if (!options->helo || !helo_is_fine(options->helo))
        return err_set(err, ERR_CONFIG, "helo: \"%s\" is no name of a host",
                       options->helo ? options->helo : "");
    mailstream *stream;
    if (stream_open(tls, &options->stream, &stream, err) < 0)
        return -1;
    struct smtp *smtp = talloc_zero(mem, struct smtp);
    talloc_set_destructor(smtp, smtp_destroy);
    smtp->stream = stream;
    smtp->timeout_s = options->stream.timeout_s > 0 ? options->stream.timeout_s : 60;
    smtp->final_dot_s = options->final_dot_s > 0 ? options->final_dot_s : 600;
    smtp->ehlo = talloc_strdup(smtp, "");
    smtp->out = text_new(smtp);
    if (begin(smtp, options, err) < 0) {
        talloc_free(smtp);
        return err_context(err, "%s:%s", options->stream.host, options->stream.port);
    }
    *smtp_r = smtp;
    return 0;
}
