/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <ctype.h>

#include "mail/wire/charset.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_low.h"
#include "mail/wire/words.h"

enum { ADDRESSES_MAX = 2000, GROUP_DEPTH_MAX = 10, COLONS_MAX = 1000, IDS_MAX = 500, ID_MAX = 998 };

void facts_set_text(json_t *object, const char *key, const char *s, size_t max_bytes)
{
    if (!s)
        return;
    MEM_SCOPE(mem);
    json_object_set_new(object, key, json_string(charset_clean(mem, s, strlen(s), max_bytes)));
}

/* ---- caps, on bytes */

static size_t line_len(const char *p, size_t left)
{
    const char *end = memchr(p, '\n', left);
    return end ? (size_t)(end - p) + 1 : left;
}

static bool is_empty_line(const char *p, size_t len)
{
    return len == 0 || (len == 1 && *p == '\n') || (len == 2 && *p == '\r' && p[1] == '\n');
}

static bool is_continued(const char *p)
{
    return *p == ' ' || *p == '\t';
}

static size_t colons_in(const char *p, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += p[i] == ':';
    return n;
}

/* Fields in which GMime looks for addresses, and recurses for each group in them. */
static bool is_address_field(const char *p, size_t len)
{
    static const char *const names[] = {
        "from:", "to:", "cc:", "bcc:", "sender:", "reply-to:", "resent-", "from ", "to "};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (len > strlen(names[i]) && !strncasecmp(p, names[i], strlen(names[i])))
            return true;
    return false;
}

int facts_check_header(const char *mail, size_t len, struct err *err)
{
    size_t field = 0, colons = 0;
    bool addresses = false;
    for (size_t at = 0; at < len;) {
        size_t n = line_len(mail + at, len - at);
        if (is_empty_line(mail + at, n))
            return 0;
        if (!is_continued(mail + at)) {
            field = colons = 0;
            addresses = is_address_field(mail + at, n);
        }
        field += n;
        if (addresses)
            colons += colons_in(mail + at, n);
        at += n;
        if (field > FACTS_FIELD_MAX)
            return err_set(err, ERR_INPUT, "a header field is larger than %d KB", FACTS_FIELD_MAX >> 10);
        if (at > FACTS_HEADER_MAX)
            return err_set(err, ERR_INPUT, "the header is larger than %d KB", FACTS_HEADER_MAX >> 10);
        if (colons > COLONS_MAX)
            return err_set(err, ERR_INPUT, "a header field holds more than %d address groups", COLONS_MAX);
    }
    return 0;
}

/* ---- addresses */

static void add_mailbox(json_t *list, InternetAddress *ia)
{
    const char *address = internet_address_mailbox_get_addr((InternetAddressMailbox *)ia);
    const char *name = internet_address_get_name(ia);
    if (!address)
        return;
    MEM_SCOPE(mem);
    char *clean = charset_clean(mem, address, strlen(address), ID_MAX);
    char *clean_name = name ? charset_clean(mem, name, strlen(name), ID_MAX) : NULL;
    json_array_append_new(list, json_pack("[s, s]", clean_name ? clean_name : "", clean));
}

static void add_addresses(json_t *list, InternetAddressList *from, int depth)
{
    int n = from ? internet_address_list_length(from) : 0;
    for (int i = 0; i < n && json_array_size(list) < ADDRESSES_MAX; i++) {
        InternetAddress *ia = internet_address_list_get_address(from, i);
        if (INTERNET_ADDRESS_IS_GROUP(ia) && depth < GROUP_DEPTH_MAX)
            add_addresses(list, internet_address_group_get_members((InternetAddressGroup *)ia), depth + 1);
        else if (INTERNET_ADDRESS_IS_MAILBOX(ia))
            add_mailbox(list, ia);
    }
}

/* All fields of the name; GMime parses what words_normalize() made of them. */
static void set_addresses(json_t *facts, const char *key, GMimeObject *message, const char *name)
{
    json_t *list = json_array();
    GMimeHeaderList *headers = g_mime_object_get_header_list(message);
    int n = g_mime_header_list_get_count(headers);
    for (int i = 0; i < n; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(headers, i);
        if (strcasecmp(g_mime_header_get_name(h), name) || !g_mime_header_get_raw_value(h))
            continue;
        MEM_SCOPE(mem);
        InternetAddressList *parsed =
            internet_address_list_parse(NULL, words_normalize(mem, g_mime_header_get_raw_value(h)));
        add_addresses(list, parsed, 0);
        if (parsed)
            g_object_unref(parsed);
    }
    if (json_array_size(list))
        json_object_set_new(facts, key, list);
    else
        json_decref(list);
}

/* ---- ids */

/* The next "<...>" at *p without the white space that folding left in it. */
static json_t *next_id(const char **p)
{
    for (const char *open; (open = strchr(*p, '<'));) {
        const char *close = open + strcspn(open + 1, "<>") + 1;
        *p = close;
        if (*close != '>' || close - open < 2 || close - open > ID_MAX)
            continue;
        MEM_SCOPE(mem);
        struct text t = text_new(mem);
        for (const char *q = open; q <= close; q++)
            if (!isspace((unsigned char)*q))
                text_putc(&t, *q);
        return json_string(charset_clean(mem, t.s, t.len, 2 * ID_MAX));
    }
    return NULL;
}

/* One id; where none stands in angle brackets, the first word. */
static void set_id(json_t *facts, const char *key, const char *value)
{
    if (!value)
        return;
    const char *p = value;
    json_t *id = next_id(&p);
    if (id) {
        json_object_set_new(facts, key, id);
        return;
    }
    MEM_SCOPE(mem);
    value += strspn(value, " \t\r\n");
    char *word = talloc_strndup(mem, value, strcspn(value, " \t\r\n"));
    if (*word)
        facts_set_text(facts, key, word, ID_MAX);
}

/* The newest ids are the last ones; of too many the oldest are left out. */
static void set_ids(json_t *facts, const char *key, const char *value)
{
    if (!value)
        return;
    json_t *list = json_array(), *id;
    for (const char *p = value; (id = next_id(&p));) {
        if (json_array_size(list) == IDS_MAX)
            json_array_remove(list, 0);
        json_array_append_new(list, id);
    }
    if (json_array_size(list))
        json_object_set_new(facts, key, list);
    else
        json_decref(list);
}

/* ---- fields */

char *facts_field(void *mem, GMimeObject *o, const char *name)
{
    GMimeHeader *h = g_mime_header_list_get_header(g_mime_object_get_header_list(o), name);
    const char *raw = h ? g_mime_header_get_raw_value(h) : NULL;
    return raw ? words_decode(mem, raw) : NULL;
}

static void set_headers(json_t *facts, GMimeHeaderList *headers)
{
    json_t *list = json_array(), *authentication = json_array();
    int n = g_mime_header_list_get_count(headers);
    for (int i = 0; i < n; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(headers, i);
        MEM_SCOPE(mem);
        const char *name = g_mime_header_get_name(h), *raw = g_mime_header_get_raw_value(h);
        const char *value = raw ? words_decode(mem, raw) : "";
        json_array_append_new(list, json_pack("[s, s]", charset_clean(mem, name, strlen(name), 1000), value));
        if (!strcasecmp(name, "Authentication-Results"))
            json_array_append_new(authentication, json_string(value));
    }
    json_object_set_new(facts, "headers", list);
    if (json_array_size(authentication))
        json_object_set_new(facts, "authentication_results", authentication);
    else
        json_decref(authentication);
}

/* "(a comment) auto-replied; owner-email=..." */
static void set_auto_submitted(json_t *facts, const char *value)
{
    if (!value)
        return;
    int depth = 0;
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    for (const char *p = value; *p && !(depth == 0 && *p == ';'); p++) {
        depth += *p == '(';
        if (depth == 0 && !isspace((unsigned char)*p))
            text_putc(&t, (char)tolower((unsigned char)*p));
        depth -= *p == ')' && depth > 0;
    }
    facts_set_text(facts, "auto_submitted", t.s, 100);
}

static void set_return_path(json_t *facts, const char *value)
{
    if (!value)
        return;
    MEM_SCOPE(mem);
    value += strspn(value, " \t<");
    facts_set_text(facts, "return_path", talloc_strndup(mem, value, strcspn(value, "> \t\r\n")), ID_MAX);
}

static void set_date(json_t *facts, const char *value)
{
    GDateTime *date = value ? g_mime_utils_header_decode_date(value) : NULL;
    if (!date)
        return;
    json_object_set_new(facts, "date", json_integer(g_date_time_to_unix(date)));
    g_date_time_unref(date);
}

void facts_header(json_t *facts, GMimeMessage *message)
{
    MEM_SCOPE(mem);
    GMimeObject *o = (GMimeObject *)message;
    set_headers(facts, g_mime_object_get_header_list(o));
    set_addresses(facts, "from", o, "From");
    set_addresses(facts, "to", o, "To");
    set_addresses(facts, "cc", o, "Cc");
    set_addresses(facts, "sender", o, "Sender");
    set_addresses(facts, "reply_to", o, "Reply-To");
    facts_set_text(facts, "subject", facts_field(mem, o, "Subject"), FACTS_FIELD_MAX);
    set_id(facts, "message_id", facts_field(mem, o, "Message-ID"));
    set_id(facts, "in_reply_to", facts_field(mem, o, "In-Reply-To"));
    set_ids(facts, "references", facts_field(mem, o, "References"));
    set_date(facts, facts_field(mem, o, "Date"));
    set_return_path(facts, facts_field(mem, o, "Return-Path"));
    set_auto_submitted(facts, facts_field(mem, o, "Auto-Submitted"));
}

json_t *facts_returned(GMimeMessage *message)
{
    MEM_SCOPE(mem);
    GMimeObject *o = (GMimeObject *)message;
    json_t *r = json_object();
    set_id(r, "message_id", facts_field(mem, o, "Message-ID"));
    set_addresses(r, "from", o, "From");
    set_addresses(r, "to", o, "To");
    facts_set_text(r, "subject", facts_field(mem, o, "Subject"), FACTS_FIELD_MAX);
    return r;
}
