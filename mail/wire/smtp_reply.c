/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/smtp_reply.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* class "." subject "." detail, subject and detail of one to three digits; how long it is, or 0. */
static size_t enhanced_length(const char *s)
{
    if ((s[0] != '2' && s[0] != '4' && s[0] != '5') || s[1] != '.')
        return 0;
    size_t i = 2, part = i;
    while (is_digit(s[i]))
        i++;
    if (i == part || i - part > 3 || s[i] != '.')
        return 0;
    part = ++i;
    while (is_digit(s[i]))
        i++;
    return i == part || i - part > 3 || (s[i] && s[i] != ' ') ? 0 : i;
}

static void text_join(struct smtp_reply *reply, const char *s)
{
    size_t len = strlen(reply->text);
    if (len && *s && len + 1 < sizeof reply->text)
        reply->text[len++] = ' ';
    for (; *s && len + 1 < sizeof reply->text; s++)
        reply->text[len++] = *s >= ' ' && *s < 0x7f ? *s : '?';
    reply->text[len] = 0;
}

int smtp_reply_line(struct smtp_reply *reply, const char *line)
{
    if (line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]))
        return -1;
    if (line[3] && line[3] != ' ' && line[3] != '-')
        return -1;
    int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (reply->lines && code != reply->code)
        return -1;
    if (++reply->lines > SMTP_REPLY_LINES_MAX)
        return -1;
    reply->code = code;
    const char *text = line[3] ? line + 4 : "";
    size_t enhanced = enhanced_length(text);
    if (enhanced) {
        if (!reply->enhanced[0])
            memcpy(reply->enhanced, text, enhanced);
        text += enhanced + (text[enhanced] == ' ');
    }
    text_join(reply, text);
    return line[3] == '-';
}
