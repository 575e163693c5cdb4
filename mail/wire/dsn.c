/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/dsn.h"

#include <ctype.h>

#include "base/unicode.h"
#include "mail/wire/charset.h"
#include "mail/wire/words.h"

enum { GROUPS_MAX = 1000, FIELDS_MAX = 100, VALUE_MAX = 4096, NAME_LEN_MAX = 60 };

struct field {
    const char *name;  /* as it stands */
    const char *value; /* unfolded, trimmed */
};
struct group {
    struct field field[FIELDS_MAX];
    size_t n;
};

/* ---- groups */

static bool is_line_end(const char *p)
{
    return *p == '\n' || !*p;
}

/* One logical line at *p, unfolded and cut at VALUE_MAX; *p moves behind it. */
static char *logical_line(void *mem, const char **p)
{
    struct text t = text_new(mem);
    for (;;) {
        size_t len = strcspn(*p, "\n");
        size_t room = t.len < VALUE_MAX ? VALUE_MAX - t.len : 0;
        text_add(&t, *p, len < room ? len : room);
        *p += len + ((*p)[len] == '\n');
        if (**p != ' ' && **p != '\t')
            return t.s;
        *p += strspn(*p, " \t");
        if (is_line_end(*p))
            return t.s;
        text_putc(&t, ' ');
    }
}

static char *trimmed(void *mem, const char *s)
{
    s += strspn(s, " \t");
    size_t len = strlen(s);
    while (len && strchr(" \t", s[len - 1]))
        len--;
    return talloc_strndup(mem, s, len);
}

static bool add_field(void *mem, struct group *g, const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon || colon == line || colon - line > NAME_LEN_MAX || g->n == FIELDS_MAX)
        return false;
    g->field[g->n++] = (struct field){
        .name = trimmed(mem, talloc_strndup(mem, line, (size_t)(colon - line))),
        .value = trimmed(mem, colon + 1),
    };
    return true;
}

static const char *find(const struct group *g, const char *name)
{
    for (size_t i = 0; i < g->n; i++)
        if (!strcasecmp(g->field[i].name, name))
            return g->field[i].value;
    return NULL;
}

/* A second recipient begins a group of its own, also where the empty line is missing. */
static bool begins_another(const char *line, const struct group *g)
{
    static const char *const names[] = {"Final-Recipient", "Original-Recipient"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]);
        if (!strncasecmp(line, names[i], len) && line[len] == ':' && find(g, names[i]))
            return true;
    }
    return false;
}

/* The next group at *p; false at the end. */
static bool next_group(void *mem, const char **p, struct group *g)
{
    g->n = 0;
    *p += strspn(*p, "\n \t");
    while (**p && !is_line_end(*p) && !begins_another(*p, g))
        add_field(mem, g, logical_line(mem, p));
    return g->n || **p;
}

/* ---- values */

static const char *behind_type(const char *value)
{
    const char *semicolon = strchr(value, ';');
    const char *rest = semicolon ? semicolon + 1 : value;
    return rest + strspn(rest, " \t");
}

/* RFC 6533 3: \x{HEX} in an address of type utf-8. */
static char *embedded_unicode(void *mem, const char *s)
{
    struct text t = text_new(mem);
    while (*s) {
        char *end;
        if (strncmp(s, "\\x{", 3) || !isxdigit((unsigned char)s[3])) {
            text_putc(&t, *s++);
            continue;
        }
        unsigned long c = strtoul(s + 3, &end, 16);
        if (*end != '}' || c < ' ' || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
            text_putc(&t, *s++);
            continue;
        }
        unicode_add(&t, (uint32_t)c);
        s = end + 1;
    }
    return t.s;
}

/* "rfc822; <a@b>" as "a@b"; NULL where nothing is left. */
static char *address_of(void *mem, const char *value)
{
    if (!value)
        return NULL;
    char *s = trimmed(mem, behind_type(value));
    if (!strncasecmp(value, "utf-8", 5))
        s = embedded_unicode(mem, s);
    size_t len = strlen(s);
    char *open = len && s[len - 1] == '>' ? strrchr(s, '<') : NULL; /* perhaps with a name */
    if (open)
        s = talloc_strndup(mem, open + 1, strlen(open) - 2);
    return *s ? s : NULL;
}

static void set(json_t *object, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    MEM_SCOPE(mem);
    json_object_set_new(object, key, json_string(charset_clean(mem, value, strlen(value), VALUE_MAX)));
}

/* The first word in small letters, without a comment behind it. */
static const char *keyword(void *mem, const char *value)
{
    if (!value)
        return NULL;
    char *word = talloc_strndup(mem, value, strcspn(value, " \t(;/"));
    for (char *p = word; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return word;
}

static bool status_at(const char *p, char status[12])
{
    size_t len = 1;
    if (!strchr("245", *p))
        return false;
    for (int part = 0; part < 2; part++) {
        size_t digits = p[len] == '.' ? strspn(p + len + 1, "0123456789") : 0;
        if (digits < 1 || digits > 3)
            return false;
        len += 1 + digits;
    }
    if (p[len] == '.' && isdigit((unsigned char)p[len + 1])) /* an IP address */
        return false;
    memcpy(status, p, len);
    status[len] = 0;
    return true;
}

/* The first one of the classes. */
static bool find_status(const char *text, const char *classes, char status[12])
{
    for (const char *p = text; *p; p++)
        if (strchr(classes, *p) && (p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '.')) &&
            status_at(p, status))
            return true;
    return false;
}

bool dsn_find_status(const char *text, char status[12])
{
    return find_status(text, "245", status);
}

bool dsn_find_failure(const char *text, char status[12])
{
    return find_status(text, "5", status) || find_status(text, "4", status);
}

/* 550, but neither a port nor a part of an address or of an enhanced code. */
static int reply_at(const char *text, const char *p)
{
    if (p[1] < '0' || p[1] > '5' || !isdigit((unsigned char)p[2]))
        return 0;
    if (p != text && (isalnum((unsigned char)p[-1]) || strchr(".-+@:", p[-1])))
        return 0;
    return !p[3] || strchr(" -\t\n", p[3]) ? (*p - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0' : 0;
}

int dsn_find_reply(const char *text, char class)
{
    for (const char *p = text; *p; p++)
        if (*p == class && reply_at(text, p))
            return reply_at(text, p);
    return 0;
}

/* ---- delivery status */

static const char *status_of(const struct group *g, char status[12])
{
    const char *value = find(g, "Status");
    if (value && dsn_find_status(value, status))
        return status;
    value = find(g, "Diagnostic-Code");
    return value && (dsn_find_failure(value, status) || dsn_find_status(value, status)) ? status : NULL;
}

static const char *action_of(void *mem, const struct group *g, const char *status)
{
    static const char *const known[] = {"failed", "delayed", "delivered", "relayed", "expanded"};
    const char *word = keyword(mem, find(g, "Action"));
    for (size_t i = 0; word && i < ARRAY_LEN(known); i++)
        if (!strcmp(word, known[i]))
            return known[i];
    return !status ? NULL : *status == '2' ? "delivered" : *status == '4' ? "delayed" : "failed";
}

/* Some name a mailbox alone as the final recipient, and the address in a field of their own. */
static const char *final_of(void *mem, const struct group *g)
{
    const char *final = address_of(mem, find(g, "Final-Recipient"));
    const char *actual = address_of(mem, find(g, "X-Actual-Recipient"));
    return actual && strchr(actual, '@') && (!final || !strchr(final, '@')) ? actual : final;
}

/* Without an address in it it tells no more than the final one. */
static const char *original_of(void *mem, const struct group *g, const char *final)
{
    const char *original = address_of(mem, find(g, "Original-Recipient"));
    return original && final && strchr(final, '@') && !strchr(original, '@') ? NULL : original;
}

static json_t *recipient_json(const struct group *g)
{
    MEM_SCOPE(mem);
    const char *final = final_of(mem, g), *original = original_of(mem, g, final);
    const char *diagnostic = find(g, "Diagnostic-Code"), *mta = find(g, "Remote-MTA");
    char buffer[12];
    const char *status = status_of(g, buffer);
    json_t *r = json_object();
    set(r, "address", original ? original : final);
    set(r, "final", final);
    set(r, "original", original);
    set(r, "action", action_of(mem, g, status));
    set(r, "status", status);
    set(r, "diagnostic", diagnostic ? words_decode(mem, behind_type(diagnostic)) : NULL);
    set(r, "remote_mta", mta ? behind_type(mta) : NULL);
    return r;
}

/* Our copy of the bytes: text lines end with "\n", NUL cannot stand in it. */
static const char *as_text(void *mem, const char *bytes, size_t len)
{
    return charset_decode(mem, bytes, len, NULL);
}

json_t *dsn_parse(const char *bytes, size_t len)
{
    MEM_SCOPE(mem);
    const char *p = as_text(mem, bytes, len);
    json_t *dsn = json_object(), *recipients = json_array();
    struct group *g = talloc(mem, struct group);
    while (json_array_size(recipients) < GROUPS_MAX && next_group(mem, &p, g)) {
        if (find(g, "Final-Recipient") ||
            find(g, "Original-Recipient")) /* perhaps with those of the message */
            json_array_append_new(recipients, recipient_json(g));
        const char *mta = find(g, "Reporting-MTA");
        set(dsn, "envelope_id", find(g, "Original-Envelope-Id"));
        set(dsn, "reporting_mta", mta ? behind_type(mta) : NULL);
        set(dsn, "original_message_id", find(g, "X-Original-Message-ID"));
    }
    json_object_set_new(dsn, "recipients", recipients);
    return dsn;
}

/* ---- the two other reports */

json_t *dsn_parse_feedback(const char *bytes, size_t len)
{
    MEM_SCOPE(mem);
    const char *p = as_text(mem, bytes, len);
    struct group *g = talloc(mem, struct group);
    next_group(mem, &p, g);
    json_t *f = json_object(), *to = json_array();
    set(f, "feedback_type", keyword(mem, find(g, "Feedback-Type")));
    set(f, "version", find(g, "Version"));
    set(f, "user_agent", find(g, "User-Agent"));
    set(f, "original_mail_from", address_of(mem, find(g, "Original-Mail-From")));
    set(f, "envelope_id", find(g, "Original-Envelope-Id"));
    set(f, "reported_domain", find(g, "Reported-Domain"));
    set(f, "original_message_id", find(g, "Original-Message-ID"));
    for (size_t i = 0; i < g->n; i++) {
        const char *address =
            !strcasecmp(g->field[i].name, "Original-Rcpt-To") ? address_of(mem, g->field[i].value) : NULL;
        if (address)
            json_array_append_new(to, json_string(address));
    }
    json_object_set_new(f, "original_rcpt_to", to);
    return f;
}

json_t *dsn_parse_disposition(const char *bytes, size_t len)
{
    MEM_SCOPE(mem);
    const char *p = as_text(mem, bytes, len);
    struct group *g = talloc(mem, struct group);
    next_group(mem, &p, g);
    json_t *m = json_object();
    const char *disposition = find(g, "Disposition"); /* manual-action/MDN-sent-manually; displayed/error */
    const char *error = find(g, "Error");
    if (disposition) {
        const char *done = behind_type(disposition), *modifier = strchr(done, '/');
        set(m, "mode", keyword(mem, disposition));
        set(m, "disposition", keyword(mem, done));
        if (modifier && !strncasecmp(modifier + 1, "error", 5))
            set(m, "error", error ? error : "error");
    }
    set(m, "original_message_id", find(g, "Original-Message-ID"));
    set(m, "final", address_of(mem, find(g, "Final-Recipient")));
    set(m, "original", address_of(mem, find(g, "Original-Recipient")));
    return m;
}
