/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The beginning of a session: greeting, EHLO, STARTTLS, EHLO again (what was said before TLS counts for
 * nothing), AUTH.  SASL is libetpan's, which means Cyrus's; everything else is said here, since libetpan's
 * EHLO name cannot be set and its commands are cut at 512 bytes.
 */
#include "mail/wire/smtp_low.h"

#include <strings.h>

#define REPLY_BYTES_MAX 65536
#define SECRET_MAX      110 /* three of it in base64 fit libetpan's command of 512 bytes */

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

static bool offers_mechanism(const struct smtp *smtp, const char *mechanism)
{
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

static const char *choose_mechanism(const struct smtp *smtp, const char *wanted)
{
    static const char *const ours[] = {"SCRAM-SHA-256", "PLAIN", "LOGIN"};
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if ((!wanted || !strcasecmp(wanted, ours[i])) && offers_mechanism(smtp, ours[i]))
            return ours[i];
    return NULL;
}

/* libetpan takes some codes for success which are none; 235 alone is (RFC 4954 6). */
static int sasl(struct smtp *smtp, const struct smtp_options *o, const char *mechanism,
                struct smtp_reply *reply)
{
    mailsmtp *session = mailsmtp_new(0, NULL);
    if (!session)
        bug("out of memory");
    session->stream = smtp->stream;
    /* no authorization identity: the server takes the user's own */
    mailesmtp_auth_sasl(session, mechanism, o->stream.host, NULL, NULL, "", o->user, o->password, NULL);
    *reply = (struct smtp_reply){0};
    if (session->response && session->response_code >= 200 && session->response_code <= 599) {
        char line[SMTP_LINE_MAX];
        snprintf(line, sizeof line, "%d %s", session->response_code, session->response);
        line[strcspn(line, "\r\n")] = 0;
        if (smtp_reply_line(reply, line) < 0)
            reply->code = 0;
    }
    session->stream = NULL; /* else mailsmtp_free closes it */
    mailsmtp_free(session);
    return reply->code == 235 ? 0 : -1;
}

static int auth(struct smtp *smtp, const struct smtp_options *o, struct err *err)
{
    const char *mechanism = choose_mechanism(smtp, o->mechanism);
    if (!o->password || !*o->user || !*o->password || strlen(o->user) > SECRET_MAX ||
        strlen(o->password) > SECRET_MAX)
        return err_set(err, ERR_CONFIG, "AUTH: user and password want 1 to %d bytes each", SECRET_MAX);
    if (!mechanism)
        return err_set(err, ERR_CONFIG, "AUTH: the server does not offer %s",
                       o->mechanism ? o->mechanism : "SCRAM-SHA-256, PLAIN or LOGIN");
    stream_limit(smtp->stream, smtp->timeout_s, 3 * smtp->timeout_s, REPLY_BYTES_MAX);
    struct smtp_reply reply;
    if (sasl(smtp, o, mechanism, &reply) == 0)
        return 0;
    if (reply.code >= 400)
        return reply_error(&reply, "AUTH", err);
    stream_explain(smtp->stream, err);
    return err_context(err, "AUTH %s", mechanism);
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
    pthread_mutex_destroy(&smtp->lock);
    return 0;
}

void smtp_drop(struct smtp *smtp)
{
    pthread_mutex_lock(&smtp->lock);
    stream_close(smtp->stream);
    smtp->stream = NULL;
    pthread_mutex_unlock(&smtp->lock);
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
    pthread_mutex_init(&smtp->lock, NULL);
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
