/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <ctype.h>

#include "base/jsonbytes.h"
#include "mail/wire/charset.h"
#include "mail/wire/date.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_low.h"
#include "mail/wire/mailbox.h"
#include "mail/wire/words.h"

enum { ADDRESSES_MAX = 5000, IDS_MAX = 500, ID_MAX = 998 };

void facts_set_text(json_t *object, const char *key, const char *s, size_t max_bytes)
{
    if (!s)
        return;
    MEM_SCOPE(mem);
    const char *clean = charset_clean(mem, s, strlen(s), max_bytes);
    json_object_set_new(object, key, jsonbytes_text(clean, strlen(clean)));
}

/* All fields of the name. */
static void set_addresses(json_t *facts, const char *key, const struct entity *e, const char *name)
{
    json_t *list = json_array();
    for (size_t i = 0; i < e->fields.n; i++) {
        const struct field *f = &e->fields.v[i];
        if (field_is(f, name))
            mailbox_read(list, f->value, f->value_len, e->charset, ADDRESSES_MAX);
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

/* Of very many and very long ones the last are left out. */
static void set_headers(json_t *facts, const struct entity *e)
{
    json_t *list = json_array(), *authentication = json_array();
    size_t left = FACTS_HEADER_MAX;
    for (size_t i = 0; i < e->fields.n; i++) {
        MEM_SCOPE(mem);
        const struct field *f = &e->fields.v[i];
        size_t len = f->value_len < FACTS_FIELD_MAX ? f->value_len : FACTS_FIELD_MAX;
        if (len > left)
            break;
        left -= len;
        const char *name = talloc_strndup(mem, f->name, f->name_len);
        const char *decoded = words_decode_range(mem, f->value, len, e->charset);
        json_t *value = jsonbytes_text(decoded, strlen(decoded));
        json_t *pair = json_array();
        json_array_append_new(pair, jsonbytes_text(name, f->name_len));
        json_array_append(pair, value);
        json_array_append_new(list, pair);
        if (field_is(f, "Authentication-Results"))
            json_array_append(authentication, value);
        json_decref(value);
    }
    json_object_set_new(facts, "headers", list);
    if (e->fields.omitted || json_array_size(list) < e->fields.n)
        json_object_set_new(facts, "header_omitted", json_true());
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
    int64_t when;
    if (value && date_read(value, &when))
        json_object_set_new(facts, "date", json_integer(when));
}

void facts_header(json_t *facts, const struct entity *o)
{
    MEM_SCOPE(mem);
    set_headers(facts, o);
    set_addresses(facts, "from", o, "From");
    set_addresses(facts, "to", o, "To");
    set_addresses(facts, "cc", o, "Cc");
    set_addresses(facts, "bcc", o, "Bcc");
    set_addresses(facts, "sender", o, "Sender");
    set_addresses(facts, "reply_to", o, "Reply-To");
    facts_set_text(facts, "subject", entity_field(mem, o, "Subject"), FACTS_FIELD_MAX);
    set_id(facts, "message_id", entity_field(mem, o, "Message-ID"));
    set_id(facts, "in_reply_to", entity_field(mem, o, "In-Reply-To"));
    set_ids(facts, "references", entity_field(mem, o, "References"));
    set_date(facts, entity_field(mem, o, "Date"));
    set_return_path(facts, entity_field(mem, o, "Return-Path"));
    set_auto_submitted(facts, entity_field(mem, o, "Auto-Submitted"));
}

json_t *facts_returned(const struct entity *o)
{
    MEM_SCOPE(mem);
    json_t *r = json_object();
    set_id(r, "message_id", entity_field(mem, o, "Message-ID"));
    set_id(r, "in_reply_to", entity_field(mem, o, "In-Reply-To"));
    set_ids(r, "references", entity_field(mem, o, "References"));
    set_addresses(r, "from", o, "From");
    set_addresses(r, "to", o, "To");
    facts_set_text(r, "subject", entity_field(mem, o, "Subject"), FACTS_FIELD_MAX);
    return r;
}
