/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/letter.h"

#include <ctype.h>
#include <strings.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "mail/wire/reply_text.h"

enum { LIST_MAX = 1000 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s && *s ? s : NULL;
}

static void list_add(void *mem, struct letter_list *list, const char *s)
{
    if (!s || !*s || list->n >= LIST_MAX)
        return;
    list->item = talloc_realloc(mem, list->item, const char *, list->n + 1);
    list->item[list->n++] = s;
}

/* Of [name, address] pairs. */
static const char *pair(const json_t *list, size_t i, size_t which)
{
    const char *s = json_string_value(json_array_get(json_array_get(list, i), which));
    return s && *s ? s : NULL;
}

static void add_pairs(void *mem, struct letter_list *list, const json_t *pairs)
{
    for (size_t i = 0; i < json_array_size(pairs); i++)
        list_add(mem, list, pair(pairs, i, 1));
}

/* ---- ids */

static void read_answers(void *mem, const json_t *facts, struct letter_list *answers)
{
    const json_t *references = json_object_get(facts, "references");
    list_add(mem, answers, text_of(facts, "in_reply_to"));
    for (size_t i = json_array_size(references); i-- > 0;)
        list_add(mem, answers, json_string_value(json_array_get(references, i)));
}

/* Bounces in the old style carry what they return in their text. */
static void add_ids_in_text(void *mem, struct letter_list *list, const char *text)
{
    for (const char *p = text; p && (p = strchr(p, '<')); p++) {
        size_t len = strcspn(p + 1, "<> \t\r\n");
        if (p[1 + len] == '>' && memchr(p, '@', len))
            list_add(mem, list, talloc_strndup(mem, p, len + 2));
    }
}

static void read_report(void *mem, const json_t *facts, struct letter *l)
{
    const json_t *dsn = json_object_get(facts, "dsn"), *arf = json_object_get(facts, "arf");
    const char *envid = text_of(dsn, "envelope_id");
    l->envid = envid ? envid : text_of(arf, "envelope_id");
    list_add(mem, &l->returned, text_of(json_object_get(facts, "returned"), "message_id"));
    list_add(mem, &l->returned, text_of(json_object_get(facts, "attached"), "message_id"));
    list_add(mem, &l->returned, text_of(dsn, "original_message_id"));
    list_add(mem, &l->returned, text_of(arf, "original_message_id"));
    list_add(mem, &l->returned, text_of(json_object_get(facts, "mdn"), "original_message_id"));
    if (!l->returned.n)
        add_ids_in_text(mem, &l->returned, text_of(facts, "body_text"));
}

/* ---- addresses */

static const char *bare(void *mem, const char *s)
{
    s += strspn(s, " \t<");
    return talloc_strndup(mem, s, strcspn(s, "> \t\r\n"));
}

static void read_arrived_at(void *mem, const json_t *facts, struct letter *l)
{
    static const char *const fields[] = {"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"};
    const json_t *headers = json_object_get(facts, "headers");
    for (size_t i = 0; i < json_array_size(headers); i++) {
        const char *name = pair(headers, i, 0), *value = pair(headers, i, 1);
        for (size_t f = 0; name && value && f < ARRAY_LEN(fields); f++)
            if (!strcasecmp(name, fields[f]))
                list_add(mem, &l->arrived_at, bare(mem, value));
    }
    for (size_t i = 0; i < l->to.n; i++)
        list_add(mem, &l->arrived_at, l->to.item[i]);
}

/* ---- calendar */

static const char *first_of(const json_t *list)
{
    const char *s = json_string_value(json_array_get(list, 0));
    return s && *s ? s : NULL;
}

void letter_read_calendar(const struct calendar_answer *answer, struct letter_calendar *c)
{
    const json_t *event = answer->event, *attendee = answer->attendee;
    *c = (struct letter_calendar){
        .method = answer->method_name,
        .kind = answer->method,
        .uid = text_of(event, "uid"),
        .comment = text_of(event, "comment"),
        .attendee = text_of(attendee, "address"),
        .name = text_of(attendee, "name"),
        .partstat = text_of(attendee, "partstat"),
        .sent_by = text_of(attendee, "sent_by"),
        .delegated_to = first_of(json_object_get(attendee, "delegated_to")),
        .delegated_from = first_of(json_object_get(attendee, "delegated_from")),
        .alone = answer->alone,
        .sequence = json_integer_value(json_object_get(event, "sequence")),
        .stamp = json_integer_value(json_object_get(event, "stamp")),
        .start = json_object_get(event, "start"),
        .end = json_object_get(event, "end"),
    };
}

/* ---- forwarded */

/* "Fwd: ...", in the languages of those who write to us. */
static bool is_forward(const char *subject)
{
    static const char *const words[] = {
        "fwd",           "fw",    "wg",        "pd",          "prosledjeno", "prosl",
        "proslijedjeno", "percj", "percjelle", "posredovano", "tr",          "vs"};
    MEM_SCOPE(mem);
    const char *colon = subject ? strchr(subject, ':') : NULL;
    const char *word =
        colon ? unicode_fold(mem, talloc_strndup(mem, subject, (size_t)(colon - subject))) : "";
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(word, words[i]))
            return true;
    return false;
}

/* "Ana Petrović <ana@a.example>", "Ana [mailto:ana@a.example]" */
static void read_author(void *mem, const char *author, struct letter_original *o)
{
    static const char ends[] = " \t<>[]()\"':;,*";
    const char *at = strchr(author, '@'), *from = at, *to = at;
    while (at && from > author && !strchr(ends, from[-1]))
        from--;
    to += at ? strcspn(at, ends) : 0;
    if (!at || from == at || to == at + 1)
        return;
    o->from = talloc_strndup(mem, from, (size_t)(to - from));
    author += strspn(author, " *");
    o->name = unicode_squeeze(mem, talloc_strndup(mem, author, strcspn(author, "<[(")));
    if (strchr(o->name, '@'))
        o->name = "";
}

/* A message that is attached, or the head that a mail program puts before what it forwards.  What the writer
 * wrote themselves is no forwarding. */
static void read_original(void *mem, const json_t *facts, struct letter *l)
{
    struct letter_original *o = &l->original;
    const json_t *attached = json_object_get(facts, "attached"), *from = json_object_get(attached, "from");
    const char *text = text_of(facts, "body_text");
    if (attached) {
        o->from = pair(from, 0, 1);
        o->name = pair(from, 0, 0);
        read_answers(mem, attached, &o->answers);
    } else if (text && is_forward(l->subject)) {
        const char *author = reply_original(mem, text);
        if (author)
            read_author(mem, author, o);
    }
    if (o->from && l->from && !strcasecmp(o->from, l->from))
        o->from = NULL;
}

void letter_read(void *mem, const json_t *facts, struct letter *l)
{
    const json_t *from = json_object_get(facts, "from"),
                 *results = json_object_get(facts, "authentication_results");
    *l = (struct letter){.message_id = text_of(facts, "message_id"),
                         .from = pair(from, 0, 1),
                         .from_name = pair(from, 0, 0),
                         .sender = pair(json_object_get(facts, "sender"), 0, 1),
                         .subject = text_of(facts, "subject"),
                         .in_reply_to = text_of(facts, "in_reply_to"),
                         .text = text_of(facts, "reply_text"),
                         .date = json_integer_value(json_object_get(facts, "date"))};
    add_pairs(mem, &l->to, json_object_get(facts, "to"));
    add_pairs(mem, &l->to, json_object_get(facts, "cc"));
    add_pairs(mem, &l->to, json_object_get(facts, "bcc"));
    read_answers(mem, facts, &l->answers);
    read_report(mem, facts, l);
    read_arrived_at(mem, facts, l);
    for (size_t i = 0; i < json_array_size(results); i++)
        list_add(mem, &l->results, json_string_value(json_array_get(results, i)));
    struct calendar_answer answer = calendar_answer(facts, NULL, NULL);
    letter_read_calendar(&answer, &l->calendar);
    read_original(mem, facts, l);
}

/* ---- authentication (RFC 8601 2.2) */

/* The value without its comments and with single blanks, in small letters.  A quoted string stays one word:
 * what is quoted (a local part) may have been chosen by the sender to look like results of their own. */
static char *plain_result(void *mem, const char *value)
{
    struct text t = text_new(mem);
    int depth = 0;
    bool quoted = false;
    for (const char *p = value; *p; p++) {
        bool blank = isspace((unsigned char)*p);
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '"' && depth == 0)
            quoted = !quoted;
        else if (quoted)
            text_putc(&t, blank || strchr(";=()", *p) ? '_' : (char)tolower((unsigned char)*p));
        else if (*p == '(')
            depth++;
        else if (*p == ')')
            depth -= depth > 0;
        else if (depth == 0 && (!blank || (t.len && t.s[t.len - 1] != ' ')))
            text_putc(&t, blank ? ' ' : (char)tolower((unsigned char)*p));
    }
    return t.s;
}

/* The value of `name=` among the words of one result; NULL when it is not there. */
static char *property(void *mem, const char *result, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = result; *p;) {
        p += strspn(p, " ");
        size_t word = strcspn(p, " ");
        if (word > len && !strncmp(p, name, len) && p[len] == '=')
            return talloc_strndup(mem, p + len + 1, word - len - 1);
        p += word;
    }
    return NULL;
}

static bool is_domain(const char *value, const char *domain)
{
    if (!value)
        return false;
    const char *at = strrchr(value, '@');
    return !strcasecmp(at ? at + 1 : value, domain);
}

/* Does the result begin with `begins` and have the domain in the property? */
static bool result_says(void *mem, const char *result, const char *begins, const char *name,
                        const char *domain)
{
    return !strncmp(result, begins, strlen(begins)) && is_domain(property(mem, result, name), domain);
}

static bool result_proves(void *mem, const char *result, const char *domain, const char **what_r)
{
    static const struct {
        const char *method, *property;
    } table[] = {{"dmarc", "header.from"}, {"dkim", "header.d"}, {"spf", "smtp.mailfrom"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (result_says(mem, result, talloc_asprintf(mem, "%s=pass ", table[i].method), table[i].property,
                        domain)) {
            *what_r = talloc_asprintf(mem, "%s=pass %s=%s", table[i].method, table[i].property, domain);
            return true;
        }
    return false;
}

/* The results of our own server, those of the topmost field; NULL: it says nothing. */
static char *own_results(void *mem, const struct letter *l, const char *authserv_id)
{
    if (!l->results.n || !authserv_id)
        return NULL;
    char *value = plain_result(mem, l->results.item[0]);
    size_t id = strcspn(value, " ;");
    bool own = id == strlen(authserv_id) && !strncasecmp(value, authserv_id, id);
    value += strcspn(value, ";");
    return !own ? NULL : *value ? value + 1 : value;
}

bool letter_is_denied(void *mem, const struct letter *l, const char *authserv_id)
{
    const char *at = l->from ? strrchr(l->from, '@') : NULL;
    char *rest = own_results(mem, l, authserv_id), *result;
    while (at && (result = strsep(&rest, ";")))
        if (result_says(mem, result + strspn(result, " "), "dmarc=fail ", "header.from", at + 1))
            return true;
    return false;
}

bool letter_is_authenticated(void *mem, const struct letter *l, const char *authserv_id, const char *address,
                             const char **why_r)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    *why_r = N_("the configuration names no authserv_id");
    if (!authserv_id || !at)
        return false;
    *why_r = N_("our mail server did not say who sent it");
    char *rest = own_results(mem, l, authserv_id), *result;
    if (!rest)
        return false;
    while ((result = strsep(&rest, ";")))
        if (result_proves(mem, result + strspn(result, " "), at + 1, why_r))
            return true;
    *why_r = talloc_asprintf(mem, "our mail server did not find it to come from %s", at + 1);
    return false;
}
