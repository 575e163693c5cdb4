/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whom a notice in words names, and what was said of each.
 *
 * Each address in the text is graded by what stands before it in its line: those of the best grade are meant.
 * What follows an address, up to the next one that is meant or to a line of dashes, is what the server said
 * of it; where no code stands in that, it is looked for in the lines that name the address again (a session's
 * transcript).
 */
#include <ctype.h>

#include "base/unicode.h"
#include "mail/bounce_low.h"
#include "mail/phrase.h"
#include "mail/wire/dsn.h"

enum { SPOTS_MAX = 500, RECIPIENTS_MAX = 100, SAID_MAX = 1000, ADDRESS_MAX = 254, BEFORE_MAX = 200 };

enum grade {
    NOBODY, /* not a recipient: a sender, someone to ask */
    HEADER, /* in a header field of the message that came back */
    SAID,   /* in a sentence, or in a dialogue of servers */
    LISTED, /* at the begin of a line, or behind a word for recipients */
};

struct spot {
    const char *line, *start, *end; /* the line; the address */
    enum grade grade;
    bool original; /* "(generated from ...)": what was written to before it was forwarded */
};

struct reading {
    void *mem;
    const struct bounce_text *notice;
    struct spot spot[SPOTS_MAX];
    size_t n;
};

/* ---- addresses */

static bool is_local(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static bool is_domain(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c) || c == '-' || c == '.' || c == '#';
}

/* Signs that stand around an address rather than in it; "SMTP=" is a type. */
static const char *local_start(const char *line, const char *at)
{
    const char *p = at;
    while (p > line && is_local(p[-1]))
        p--;
    while (p < at && strchr("*-.=/'`~{|&?", *p))
        p++;
    if (at - p > 5 && !strncasecmp(p, "smtp=", 5))
        p += 5;
    return p;
}

static const char *domain_end(const char *at)
{
    const char *p = at + 1;
    while (is_domain(*p))
        p++;
    while (p > at + 1 && strchr(".-#", p[-1]))
        p--;
    return p;
}

static bool equals(const struct spot *s, const char *address)
{
    size_t len = (size_t)(s->end - s->start);
    return strlen(address) == len && !strncasecmp(s->start, address, len);
}

static bool same(const struct spot *a, const struct spot *b)
{
    size_t len = (size_t)(a->end - a->start);
    return (size_t)(b->end - b->start) == len && !strncasecmp(a->start, b->start, len);
}

static bool has_local(const struct spot *s, const char *local)
{
    size_t len = strlen(local);
    return !strncasecmp(s->start, local, len) && s->start[len] == '@';
}

static bool in_list(const json_t *list, const struct spot *s)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *address = json_string_value(json_array_get(json_array_get(list, i), 1));
        if (address && equals(s, address))
            return true;
    }
    return false;
}

/* ---- grades: by the folded words before the address in its line */

/* They end in one of these ... */
static const char *const nobody[] = {
    "mail from",       "message from", "reply to", "return path", "envelope from",
    "envelope sender", "sender",       "from",     "message id",  "by",
    "mailto",          "id",           "sorry",    "dear",        "hello"};
static const char *const dialogue[] = {"rcpt to"};
static const char *const listed[] = {
    "rfc822",       "smtp",         "recipient",        "recipients",   "recipient s", "address", "addresses",
    "unknown user", "user unknown", "undeliverable to", "failed",       "attempts",    "adresat", "odbiorca",
    "empfanger",    "primalac",     "marresi",          "destinataire", "destinatario"};
/* ... or have one of these among them: who helps. */
static const char *const asked[] = {"contact",  "questions",  "question", "help",      "assistance", "report",
                                    "complain", "complaints", "support",  "webmaster", "abuse",      "write"};
static const char *const headers[] = {"to", "cc", "bcc", "an", "do", "za", "prima", "a"};

static bool ends_with(const char *folded, const char *words)
{
    size_t all = strlen(folded), len = strlen(words);
    return all >= len && !strcmp(folded + all - len, words) && (all == len || folded[all - len - 1] == ' ');
}

static bool ends_with_any(const char *folded, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ends_with(folded, list[i]))
            return true;
    return false;
}

static bool asks(const char *before)
{
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        if (phrase_stands(before, asked[i]))
            return true;
    return false;
}

/* "To: a@b, c@d" */
static bool is_header(const char *line)
{
    line += strspn(line, " \t>");
    size_t len = strcspn(line, ": \t\n");
    for (size_t i = 0; line[len] == ':' && i < ARRAY_LEN(headers); i++)
        if (strlen(headers[i]) == len && !strncasecmp(line, headers[i], len))
            return true;
    return false;
}

/* `colon`: stands before it; `last`: nothing behind. */
static enum grade grade_of(const char *before, bool colon, bool last)
{
    if (!*before)
        return LISTED;
    if (ends_with_any(before, nobody, ARRAY_LEN(nobody)))
        return NOBODY;
    if (ends_with_any(before, dialogue, ARRAY_LEN(dialogue)))
        return SAID;
    if (ends_with_any(before, listed, ARRAY_LEN(listed)))
        return colon ? LISTED : SAID;
    return asks(before) ? NOBODY : colon && last ? LISTED : SAID;
}

/* What stands before it in its line, or at the end of the last one that is not empty. */
static char *words_before(void *mem, const struct reading *r, const struct spot *s)
{
    const char *from = s->start - s->line > BEFORE_MAX ? s->start - BEFORE_MAX : s->line;
    char *folded = unicode_fold(mem, talloc_strndup(mem, from, (size_t)(s->start - from)));
    const char *end = s->line;
    while (end > r->notice->text && isspace((unsigned char)end[-1]))
        end--;
    const char *line = end;
    while (line > r->notice->text && line[-1] != '\n' && end - line < BEFORE_MAX)
        line--;
    char *above = unicode_fold(mem, talloc_strndup(mem, line, (size_t)(end - line)));
    return *folded || !(ends_with(above, "by") || ends_with(above, "from")) ? folded : above;
}

/* Exchange adds "##rfc822;a@b" to what was said, where a@b was written to. */
static bool is_written_to(const struct spot *s)
{
    static const char sign[] = "##rfc822;";
    size_t len = sizeof(sign) - 1;
    return (size_t)(s->start - s->line) >= len && !strncasecmp(s->start - len, sign, len);
}

/* Who keeps a mail system is seldom the one who was written to. */
static bool is_keeper(const struct bounce_text *n, const struct spot *s)
{
    return (has_local(s, "postmaster") || has_local(s, "mailer-daemon")) && !in_list(n->copied, s);
}

static void grade_spot(struct reading *r, struct spot *s)
{
    MEM_SCOPE(mem);
    char *before = words_before(mem, r, s);
    const char *p = s->start;
    while (p > s->line && strchr(" \t<\"'([", p[-1]))
        p--;
    bool colon = p > s->line && strchr(":;=", p[-1]);
    const char *behind = s->end + strspn(s->end, ">\"')]. \t\r");
    s->original =
        ends_with(before, "generated from") || ends_with(before, "expanded from") || is_written_to(s);
    s->grade = s->original          ? LISTED
               : is_header(s->line) ? HEADER
                                    : grade_of(before, colon, !*behind || *behind == '\n');
    const struct bounce_text *n = r->notice;
    if (equals(s, n->mailer) || is_keeper(n, s))
        s->grade = NOBODY;
}

static void find_spots(struct reading *r)
{
    const char *line = r->notice->text;
    for (const char *p = line; *p && r->n < SPOTS_MAX; p++) {
        if (*p == '\n')
            line = p + 1;
        if (*p != '@')
            continue;
        struct spot s = {.line = line, .start = local_start(line, p), .end = domain_end(p)};
        if (s.start == p || s.end == p + 1 || s.end - s.start > ADDRESS_MAX)
            continue;
        grade_spot(r, &s);
        r->spot[r->n++] = s;
        p = s.end - 1;
    }
}

/* ---- what was said */

static bool has_code(const char *s)
{
    char status[12];
    return dsn_find_failure(s, status) || dsn_find_reply(s, '5') || dsn_find_reply(s, '4');
}

static char *squeeze(void *mem, const char *from, const char *to)
{
    struct text t = text_new(mem);
    for (const char *p = from; p < to && (t.len < SAID_MAX || (*p & 0xc0) == 0x80); p++) {
        bool blank = isspace((unsigned char)*p);
        if (!blank)
            text_putc(&t, *p);
        else if (t.len && t.s[t.len - 1] != ' ')
            text_putc(&t, ' ');
    }
    while (t.len && t.s[t.len - 1] == ' ')
        t.s[--t.len] = 0;
    return t.s;
}

const char *bounce_behind_line(const char *p)
{
    p += strcspn(p, "\n");
    return p + (*p == '\n');
}

/* From behind the address to the next one that is meant, or to a line of dashes. */
static char *said_behind(struct reading *r, size_t i, enum grade best)
{
    const struct spot *s = &r->spot[i];
    const char *end = s->end + strlen(s->end);
    for (size_t k = i + 1; k < r->n && end == s->end + strlen(s->end); k++)
        if (r->spot[k].grade == best && !r->spot[k].original && !same(&r->spot[k], s) &&
            r->spot[k].line != s->line)
            end = r->spot[k].line;
    for (const char *line = bounce_behind_line(s->end); *line && line < end; line = bounce_behind_line(line))
        if (!strncmp(line + strspn(line, " \t"), "---", 3) || !strncmp(line + strspn(line, " \t"), "===", 3))
            end = line;
    const char *start = s->end + strspn(s->end, ">\"')]:,;. \t");
    return squeeze(r->mem, start < end ? start : end, end);
}

/* The lines that name it again, with the two behind: ">>> RCPT TO:<a@b>", "<<< 550 ...". */
static char *said_elsewhere(struct reading *r, size_t i)
{
    for (size_t k = 0; k < r->n; k++) {
        if (k == i || !same(&r->spot[k], &r->spot[i]))
            continue;
        const char *line = r->spot[k].line;
        char *one = squeeze(r->mem, line, bounce_behind_line(line));
        char *three = squeeze(r->mem, line, bounce_behind_line(bounce_behind_line(bounce_behind_line(line))));
        if (has_code(one) || has_code(three))
            return has_code(one) ? one : three;
    }
    return NULL;
}

/* From the first line with a code on. */
static char *said_anywhere(struct reading *r)
{
    for (const char *line = r->notice->text; *line; line = bounce_behind_line(line)) {
        MEM_SCOPE(mem);
        if (has_code(talloc_strndup(mem, line, strcspn(line, "\n"))))
            return squeeze(r->mem, line, bounce_behind_line(bounce_behind_line(bounce_behind_line(line))));
    }
    return NULL;
}

/* All of the notice; where that is long it may well name what could be the reason, rather than what was. */
static char *whole(struct reading *r, json_t *recipient)
{
    const char *text = r->notice->text;
    if (strlen(text) > NOTICE_LONG)
        json_object_set_new(recipient, "loose", json_true());
    return squeeze(r->mem, text, text + strlen(text));
}

static void set_said(struct reading *r, json_t *recipient, size_t i, enum grade best, bool alone)
{
    char status[12];
    char *said = said_behind(r, i, best);
    if (!has_code(said)) {
        char *other = said_elsewhere(r, i);
        if (!other && alone)
            other = said_anywhere(r);
        if (other)
            said = *said ? talloc_asprintf(r->mem, "%s %s", said, other) : other;
        else if (!*said && alone)
            said = whole(r, recipient);
    }
    if (*said)
        json_object_set_new(recipient, "diagnostic", json_string(said));
    const char *again = dsn_find_failure(said, status) ? said : said_elsewhere(r, i);
    if (again && dsn_find_failure(again, status))
        json_object_set_new(recipient, "status", json_string(status));
}

/* ---- who is meant */

static json_t *recipient_new(const struct bounce_text *n, const char *address, size_t len)
{
    return json_pack("{s:s%, s:s}", "address", address, len, "action", n->delayed ? "delayed" : "failed");
}

static bool is_meant(struct reading *r, size_t i, enum grade best, bool own)
{
    const struct spot *s = &r->spot[i];
    if (s->original)
        return true;
    if (s->grade != best || (!own && in_list(r->notice->to, s)))
        return false;
    for (size_t k = 0; k < i; k++)
        if (r->spot[k].grade == best && same(&r->spot[k], s))
            return false;
    return true;
}

static enum grade best_grade(struct reading *r, bool own)
{
    enum grade best = NOBODY;
    for (size_t i = 0; i < r->n; i++)
        if (r->spot[i].grade > best && (own || !in_list(r->notice->to, &r->spot[i])))
            best = r->spot[i].grade;
    return best;
}

/* "x@y (generated from a@b)": a@b was written to, x@y failed. */
static void set_original(json_t *list, const struct spot *s, const struct bounce_text *n)
{
    size_t len = (size_t)(s->end - s->start);
    json_t *last = json_array_get(list, json_array_size(list) - 1);
    if (!last) {
        json_array_append_new(list, recipient_new(n, s->start, len));
        return;
    }
    json_object_set(last, "final", json_object_get(last, "address"));
    json_object_set_new(last, "address", json_stringn(s->start, len));
}

static json_t *gather(struct reading *r, enum grade best, bool own)
{
    json_t *list = json_array();
    size_t meant = 0;
    for (size_t i = 0; i < r->n; i++)
        meant += !r->spot[i].original && is_meant(r, i, best, own);
    for (size_t i = 0; i < r->n && json_array_size(list) < RECIPIENTS_MAX; i++) {
        const struct spot *s = &r->spot[i];
        if (!is_meant(r, i, best, own))
            continue;
        if (s->original) {
            set_original(list, s, r->notice);
            continue;
        }
        json_t *recipient = recipient_new(r->notice, s->start, (size_t)(s->end - s->start));
        set_said(r, recipient, i, best, meant == 1);
        json_array_append_new(list, recipient);
    }
    return list;
}

/* ---- names without a domain, of the system that sends the notice */

static bool announces(const char *line, size_t len)
{
    MEM_SCOPE(mem);
    const char *folded = unicode_fold(mem, talloc_strndup(mem, line, len));
    return strstr(folded, "recipient") || strstr(folded, "address") || strstr(folded, "following");
}

static const char *with_domain(struct reading *r, const char *name, size_t len)
{
    for (size_t i = 0; i < json_array_size(r->notice->copied); i++) {
        const char *address = json_string_value(json_array_get(json_array_get(r->notice->copied, i), 1));
        if (address && !strncasecmp(address, name, len) && address[len] == '@')
            return address;
    }
    const char *at = strchr(r->notice->mailer, '@');
    return at ? talloc_asprintf(r->mem, "%.*s%s", (int)len, name, at) : NULL;
}

static json_t *gather_names(struct reading *r)
{
    json_t *list = json_array();
    bool open = false;
    for (const char *line = r->notice->text; *line; line = bounce_behind_line(line)) {
        size_t len = strcspn(line, "\n"), blank = strspn(line, " \t");
        size_t n = strspn(line + blank, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
        const char *rest = line + blank + n + strspn(line + blank + n, " \t");
        if (blank == len)
            continue;
        if (open && n > 1 && (rest >= line + len || strchr("(\"", *rest))) {
            const char *address = with_domain(r, line + blank, n);
            json_t *recipient = address ? recipient_new(r->notice, address, strlen(address)) : NULL;
            if (recipient && rest < line + len)
                json_object_set_new(recipient, "diagnostic", json_string(squeeze(r->mem, rest, line + len)));
            if (recipient)
                json_array_append_new(list, recipient);
            continue;
        }
        while (len && strchr(" \t\r", line[len - 1]))
            len--;
        open = len && line[len - 1] == ':' && announces(line, len);
    }
    return list;
}

json_t *bounce_recipients(const struct bounce_text *notice, bool *listed_r)
{
    MEM_SCOPE(mem);
    struct reading *r = talloc_zero(mem, struct reading);
    r->mem = mem;
    r->notice = notice;
    find_spots(r);
    enum grade best = best_grade(r, false);
    bool own = best == NOBODY;
    if (own)
        best = best_grade(r, true);
    *listed_r = best == LISTED;
    json_t *list = best > HEADER ? gather(r, best, own) : gather_names(r);
    if (!json_array_size(list) && best == HEADER) {
        json_decref(list);
        list = gather(r, best, own);
    }
    return list;
}
