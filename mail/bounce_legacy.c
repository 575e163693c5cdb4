/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Notices in words.  Their sender must be a mail system (null reverse path, MAILER-DAEMON, postmaster) and
 * their words one of the known openings; then an address stands at the begin of a line, or alone on it, and
 * what follows up to the next one is what the server said.  The copy of our message below is not looked at.
 */
#include "mail/bounce.h"

#include <ctype.h>

#include "base/unicode.h"
#include "mail/wire/dsn.h"

enum { RECIPIENTS_MAX = 100, LOOKED_AT = 16384, SAID_MAX = 1000 };

static const struct {
    const char *words; /* folded */
    bool delayed;
} openings[] = {
    {"this is the qmail send program", false},
    {"this message was created automatically by mail delivery software", false}, /* Exim */
    {"a message that you sent could not be delivered", false},
    {"a message that you sent has not yet been delivered", true},
    {"this is the mail system at host", false},       /* Postfix */
    {"the following addresses had permanent", false}, /* sendmail */
    {"the following addresses had transient", true},
    {"warning message still undelivered", true},
    {"delivery has failed to these recipients", false}, /* Exchange */
    {"your message did not reach some or all of the intended recipients", false},
    {"your message could not be delivered", false},
    {"your message wasnt delivered to", false},
    {"delivery to the following recipient failed permanently", false},
    {"delivery to the following recipient has been delayed", true},
    {"sorry we were unable to deliver your message", false},
    {"im afraid i wasnt able to deliver your message", false},
    {"delivery failure", false}, /* Domino */
    {"could not be delivered to the following recipient", false},
    {"konnte nicht zugestellt werden", false},
    {"fehler bei der nachrichtenzustellung", false},
    {"konnte an einen oder mehrere empfanger nicht", false},
    {"poruka nije isporucena", false},
    {"isporuka ovim primaocima ili grupama nije uspela", false},
    {"isporuka sledecim primaocima", false},
    {"nie zostala dostarczona", false},
    {"nie mogla zostac dostarczona", false},
};

static const char *const copies[] = {
    "--- Below this line is a copy of the message",
    "------ This is a copy of ",
    "----- Original message",
    "------ Original message",
    "Original message headers:",
    "--- The header of the original",
    "----- Unsent message follows",
    "--- Ursprungliche Nachricht",
};

static const char *text_of(const json_t *facts, const char *key)
{
    const char *s = json_string_value(json_object_get(facts, key));
    return s ? s : "";
}

static const char *header_of(const json_t *facts, const char *name)
{
    size_t i;
    const json_t *h;
    json_array_foreach(json_object_get(facts, "headers"), i, h)
    {
        if (!strcasecmp(json_string_value(json_array_get(h, 0)), name))
            return json_string_value(json_array_get(h, 1));
    }
    return NULL;
}

static bool from_mail_system(const json_t *facts, json_t *evidence)
{
    static const char *const names[] = {"mailer-daemon@", "postmaster@", "mail-daemon@", "mailerdaemon@"};
    const char *path = json_string_value(json_object_get(facts, "return_path"));
    if (path && !*path) {
        json_array_append_new(evidence, json_pack("{s:s, s:s}", "where", "header Return-Path", "text", "<>"));
        return true;
    }
    const char *from =
        json_string_value(json_array_get(json_array_get(json_object_get(facts, "from"), 0), 1));
    for (size_t i = 0; from && i < ARRAY_LEN(names); i++)
        if (!strncasecmp(from, names[i], strlen(names[i]))) {
            json_array_append_new(evidence, json_pack("{s:s, s:s}", "where", "header From", "text", from));
            return true;
        }
    return false;
}

/* The notice itself, without the copy of our message. */
static char *notice_of(void *mem, const char *body)
{
    size_t len = strnlen(body, LOOKED_AT);
    for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
        const char *at = strstr(body, copies[i]);
        if (at && (size_t)(at - body) < len)
            len = (size_t)(at - body);
    }
    return talloc_strndup(mem, body, len);
}

static bool is_address_char(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.@", c));
}

/* "<a@b>..." or "a@b" alone or before ":" at the begin of a line; *len_r is 0 where there is none. */
static const char *address_in(const char *line, size_t *len_r)
{
    line += strspn(line, " \t*");
    bool angle = *line == '<';
    line += angle;
    size_t n = 0;
    while (is_address_char(line[n]))
        n++;
    const char *at = memchr(line, '@', n);
    bool ends = angle ? line[n] == '>' : !line[n] || strchr(" \t\n:", line[n]);
    bool alone = angle || line[n + strspn(line + n, " \t")] == '\n' || !line[n] || line[n] == ':';
    *len_r = at && at > line && at + 1 < line + n && ends && alone && n < 255 ? n : 0;
    return line;
}

static json_t *recipient_new(const char *address, size_t len, bool delayed)
{
    return json_pack("{s:s%, s:s}", "address", address, len, "action", delayed ? "delayed" : "failed");
}

static json_t *find_recipient(json_t *recipients, const char *address, size_t len)
{
    size_t i;
    json_t *r;
    json_array_foreach(recipients, i, r)
    {
        const char *known = text_of(r, "address");
        if (strlen(known) == len && !strncasecmp(known, address, len))
            return r;
    }
    return NULL;
}

/* What the server said, as far as it is known, goes to the recipient. */
static void finish(json_t *recipient, struct text *said)
{
    char status[12];
    if (recipient && said->len) {
        if (!json_object_get(recipient, "diagnostic"))
            json_object_set_new(recipient, "diagnostic", json_string(said->s));
        if (!json_object_get(recipient, "status") && dsn_find_status(said->s, status))
            json_object_set_new(recipient, "status", json_string(status));
    }
    said->len = 0;
    said->s[0] = 0;
}

static void add_said(struct text *said, const char *line, size_t len)
{
    while (len && strchr(" \t", *line)) {
        line++;
        len--;
    }
    if (!len || said->len + len > SAID_MAX)
        return;
    if (said->len)
        text_putc(said, ' ');
    text_add(said, line, len);
}

static json_t *read_recipients(const char *notice, bool delayed)
{
    MEM_SCOPE(mem);
    struct text said = text_new(mem);
    json_t *recipients = json_array(), *current = NULL;
    for (const char *line = notice; *line && json_array_size(recipients) < RECIPIENTS_MAX;) {
        size_t len = strcspn(line, "\n"), n;
        const char *address = address_in(line, &n);
        if (n) {
            finish(current, &said);
            current = find_recipient(recipients, address, n);
            if (!current) {
                current = recipient_new(address, n, delayed);
                json_array_append_new(recipients, current);
            }
            const char *rest = address + n + strspn(address + n, "> :");
            if (rest < line + len)
                add_said(&said, rest, (size_t)(line + len - rest));
        } else if (current) {
            add_said(&said, line, len);
        }
        line += len + (line[len] == '\n');
    }
    finish(current, &said);
    return recipients;
}

/* Exim names them in a field of its own. */
static void add_failed_recipients(json_t *recipients, const char *list)
{
    for (const char *p = list; p && *p && json_array_size(recipients) < RECIPIENTS_MAX;) {
        p += strspn(p, " ,\t");
        size_t n = strcspn(p, " ,\t");
        if (n && memchr(p, '@', n) && !find_recipient(recipients, p, n))
            json_array_append_new(recipients, recipient_new(p, n, false));
        p += n;
    }
}

static const char *opening_of(const char *notice, bool *delayed_r)
{
    MEM_SCOPE(mem);
    const char *folded = unicode_fold(mem, notice);
    for (size_t i = 0; i < ARRAY_LEN(openings); i++)
        if (strstr(folded, openings[i].words)) {
            *delayed_r = openings[i].delayed;
            return openings[i].words;
        }
    return NULL;
}

json_t *bounce_legacy(const json_t *facts, json_t *evidence)
{
    MEM_SCOPE(mem);
    const char *failed = header_of(facts, "X-Failed-Recipients");
    const char *notice = notice_of(mem, text_of(facts, "body_text"));
    bool delayed = false;
    const char *opening = opening_of(notice, &delayed);
    if ((!opening && !failed) || !from_mail_system(facts, evidence))
        return NULL;
    if (failed)
        json_array_append_new(evidence,
                              json_pack("{s:s, s:s}", "where", "header X-Failed-Recipients", "text", failed));
    if (opening)
        json_array_append_new(evidence, json_pack("{s:s, s:s}", "where", "text", "text", opening));
    json_t *recipients = read_recipients(notice, delayed);
    add_failed_recipients(recipients, failed);
    return recipients;
}

char *bounce_returned_id(void *mem, const char *body)
{
    for (const char *line = body; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncasecmp(line, "Message-ID:", 11))
            continue;
        const char *id = line + 11 + strspn(line + 11, " \t");
        return talloc_strndup(mem, id, strcspn(id, " \t\n"));
    }
    return NULL;
}
