/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Waiting for new mail, a step at a time, so that one poll() waits for many sessions.  IDLE is by hand:
 * libetpan's hangs when a server speaks before its "+".  Without IDLE there is a NOOP each minute.
 */
#include "mail/wire/imap_session_low.h"

#define IDLE_MAX_S   (25 * 60) /* RFC 2177: servers may give up after 30 minutes */
#define NOOP_EVERY_S 60

/* 1 the line tells of new mail, 0 it does not, -1 the server hangs up, or says what ends an IDLE. */
static int idle_line(const char *line, struct err *err)
{
    if (!begins(line, "* "))
        return err_set(err, ERR_AWAY, "IDLE: %.200s", line);
    if (begins(line, "* BYE"))
        return err_set(err, ERR_AWAY, "the server says %.200s", line + 2);
    const char *word = line + 2 + strspn(line + 2, "0123456789");
    return word > line + 2 && !strcasecmp(word, " EXISTS");
}

/* Reads lines until one that begins so; *news_r is set when one of them tells of new mail. */
static int idle_until(struct imap_session *s, const char *prefix, bool *news_r, struct err *err)
{
    char line[LINE_MAX_BYTES];
    for (int i = 0; i < LINES_MAX; i++) {
        if (read_line(s, line, err) < 0)
            return -1;
        if (begins(line, prefix))
            return 0;
        int news = idle_line(line, err);
        if (news < 0)
            return -1;
        *news_r = *news_r || news;
    }
    return err_set(err, ERR_AWAY, "IDLE: the server does not come to an end");
}

static int idle_begin(struct imap_session *s, struct err *err)
{
    bool news = false;
    limit(s, COMMAND_BYTES);
    if (write_line(s, "i IDLE\r\n", err) < 0 || idle_until(s, "+", &news, err) < 0)
        return -1;
    s->idling = true;
    s->due = now_s() + IDLE_MAX_S;
    return news;
}

static int idle_end(struct imap_session *s, struct err *err)
{
    bool news = false;
    s->idling = false;
    limit(s, COMMAND_BYTES);
    if (write_line(s, "DONE\r\n", err) < 0 || idle_until(s, "i OK", &news, err) < 0)
        return -1;
    return news;
}

/* What came while other commands ran is told once, by them. */
static int has_grown(const struct imap_session *s)
{
    return s->imap->imap_selection_info && s->imap->imap_selection_info->sel_exists != s->exists;
}

static int noop(struct imap_session *s, struct err *err)
{
    s->due = now_s() + NOOP_EVERY_S;
    limit(s, COMMAND_BYTES);
    int r = mailimap_noop(s->imap);
    return r == MAILIMAP_NO_ERROR ? has_grown(s) : etpan_error(s, r, ERR_AWAY, "NOOP", err);
}

int imap_session_wait_begin(struct imap_session *s, struct err *err)
{
    s->due = now_s() + NOOP_EVERY_S;
    return has_grown(s) ? 1 : can(s, "IDLE") ? idle_begin(s, err) : 0;
}

/* Lines that tell of nothing new ("still here") do not end it. */
static int read_news(struct imap_session *s, struct err *err)
{
    char line[LINE_MAX_BYTES];
    for (int i = 0; i < LINES_MAX; i++) {
        if (!stream_can_read(s->stream))
            return 0;
        if (!s->idling)
            return noop(s, err);
        limit(s, COMMAND_BYTES);
        int news = read_line(s, line, err) < 0 ? -1 : idle_line(line, err);
        if (news != 0)
            return news;
    }
    return 0;
}

int imap_session_wait_look(struct imap_session *s, struct err *err)
{
    int news = read_news(s, err);
    if (news != 0 || now_s() < s->due)
        return news;
    if (!s->idling)
        return noop(s, err);
    news = idle_end(s, err);
    return news != 0 ? news : idle_begin(s, err);
}

int imap_session_wait_end(struct imap_session *s, struct err *err)
{
    return s->idling ? idle_end(s, err) : 0;
}

int imap_session_wait_fd(const struct imap_session *s)
{
    return mailstream_low_get_fd(mailstream_get_low(s->stream));
}

int64_t imap_session_wait_due(const struct imap_session *s)
{
    return s->due;
}
