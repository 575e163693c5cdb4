/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One walk over the tree; what it meets first decides, and what lies in an attached message decides nothing.
 */
#include "base/digest.h"
#include "mail/wire/charset.h"
#include "mail/wire/dsn.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_low.h"
#include "mail/wire/html.h"
#include "mail/wire/ical.h"
#include "mail/wire/reply_text.h"
#include "mail/wire/words.h"

enum { PARTS_MAX = 1000, DEPTH_MAX = 50, TEXT_MAX = 1 << 20, TEXTS_MAX = 4 << 20, BODY_MAX = 4 << 20 };

struct walk {
    json_t *facts;
    size_t text_left; /* of all texts together */
    int parts_left;
    struct text plain; /* of the text/plain parts to be read */
    struct text html;  /* of the first text/html */
    json_t *returned;
};

struct place {
    const char *path;
    int depth;
    bool attached; /* inside a message inside the mail */
};

static json_t *object_json(struct walk *w, GMimeObject *o, struct place place);

/* ---- content */

static GByteArray *write_object(GMimeObject *o)
{
    GByteArray *bytes = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner((GMimeStreamMem *)stream, FALSE);
    if (GMIME_IS_PART(o)) {
        GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)o);
        if (content)
            g_mime_data_wrapper_write_to_stream(content, stream);
    } else if (GMIME_IS_MESSAGE_PART(o)) {
        GMimeMessage *message = g_mime_message_part_get_message((GMimeMessagePart *)o);
        if (message)
            g_mime_object_write_to_stream((GMimeObject *)message, NULL, stream);
    }
    g_object_unref(stream);
    return bytes;
}

static char *type_of(void *mem, GMimeObject *o)
{
    GMimeContentType *type = g_mime_object_get_content_type(o);
    char *s = type ? g_mime_content_type_get_mime_type(type) : NULL;
    char *copy = charset_clean(mem, s ? s : "text/plain", s ? strlen(s) : 10, 200);
    for (char *p = copy; *p; p++)
        *p = g_ascii_tolower(*p);
    g_free(s);
    return copy;
}

/* Out of the raw fields, see words.h. */
static char *filename_of(void *mem, GMimeObject *o)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(o);
    GMimeHeader *disposition = g_mime_header_list_get_header(headers, "Content-Disposition");
    GMimeHeader *type = g_mime_header_list_get_header(headers, "Content-Type");
    char *name = NULL;
    if (disposition && g_mime_header_get_raw_value(disposition)) {
        GMimeContentDisposition *d = g_mime_content_disposition_parse(
            NULL, words_normalize(mem, g_mime_header_get_raw_value(disposition)));
        name = talloc_strdup(mem, g_mime_content_disposition_get_parameter(d, "filename"));
        g_object_unref(d);
    }
    if (!name && type && g_mime_header_get_raw_value(type)) {
        GMimeContentType *t =
            g_mime_content_type_parse(NULL, words_normalize(mem, g_mime_header_get_raw_value(type)));
        name = talloc_strdup(mem, g_mime_content_type_get_parameter(t, "name"));
        g_object_unref(t);
    }
    return name;
}

static bool is_attachment(GMimeObject *o)
{
    const char *disposition = g_mime_object_get_disposition(o);
    return disposition && !g_ascii_strcasecmp(disposition, "attachment");
}

/* ---- what the content means */

static void set_once(json_t *facts, const char *key, json_t *value)
{
    if (!value)
        return;
    if (json_object_get(facts, key))
        json_decref(value);
    else
        json_object_set_new(facts, key, value);
}

static json_t *returned_headers(const char *bytes, size_t len)
{
    if (len == 0 || facts_check_header(bytes, len, NULL) < 0)
        return NULL;
    GMimeMessage *message = facts_message(bytes, len);
    json_t *returned = message ? facts_returned(message) : NULL;
    if (message)
        g_object_unref(message);
    return returned;
}

static void set_calendar(json_t *facts, const char *bytes, size_t len, GMimeObject *o)
{
    if (json_object_get(facts, "calendar"))
        return;
    json_t *calendar = ical_parse(bytes, len);
    const char *method = g_mime_object_get_content_type_parameter(o, "method");
    if (calendar && !json_object_get(calendar, "method"))
        facts_set_text(calendar, "method", method, 40);
    set_once(facts, "calendar", calendar);
}

static void understand(struct walk *w, const char *type, const char *bytes, size_t len, GMimeObject *o,
                       bool attached)
{
    enum meaning { DSN, ARF, MDN, HEADERS, CALENDAR };
    static const struct {
        const char *type;
        enum meaning meaning;
    } meanings[] = {
        {"message/delivery-status", DSN},
        {"message/global-delivery-status", DSN},
        {"message/feedback-report", ARF},
        {"message/disposition-notification", MDN},
        {"message/global-disposition-notification", MDN},
        {"text/rfc822-headers", HEADERS},
        {"message/global-headers", HEADERS},
        {"message/rfc822-headers", HEADERS},
        {"text/rfc822", HEADERS},
        {"text/calendar", CALENDAR},
        {"application/ics", CALENDAR},
    };
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        if (strcmp(type, meanings[i].type))
            continue;
        if (meanings[i].meaning == DSN)
            set_once(w->facts, attached ? "attached_dsn" : "dsn", dsn_parse(bytes, len));
        else if (attached)
            return;
        else if (meanings[i].meaning == ARF)
            set_once(w->facts, "arf", dsn_parse_feedback(bytes, len));
        else if (meanings[i].meaning == MDN)
            set_once(w->facts, "mdn", dsn_parse_disposition(bytes, len));
        else if (meanings[i].meaning == CALENDAR)
            set_calendar(w->facts, bytes, len, o);
        else if (!w->returned)
            w->returned = returned_headers(bytes, len);
    }
}

/* Texts to be read: all of plain text one behind the other, or the first HTML. */
static void collect(struct walk *w, const char *type, const char *text)
{
    size_t len = strlen(text);
    if (!strcmp(type, "text/plain") && w->plain.len + len < BODY_MAX) {
        if (w->plain.len)
            text_puts(&w->plain, "\n\n");
        text_add(&w->plain, text, len);
    } else if (!strcmp(type, "text/html") && !w->html.len) {
        text_add(&w->html, text, len < BODY_MAX ? len : 0);
    }
}

/* ---- the tree */

static bool shows_text(const char *type, GMimeObject *o)
{
    static const char *const also[] = {"message/delivery-status", "message/global-delivery-status",
                                       "message/feedback-report", "message/disposition-notification",
                                       "message/global-headers"};
    for (size_t i = 0; i < ARRAY_LEN(also); i++)
        if (!strcmp(type, also[i]))
            return true;
    return !strncmp(type, "text/", 5) && !is_attachment(o);
}

static void set_sum(json_t *part, const void *bytes, size_t len)
{
    unsigned char sum[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];
    digest_sha256(bytes, len, sum);
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    json_object_set_new(part, "sha256", json_string(hex));
}

static void set_text_of(struct walk *w, json_t *part, const char *type, const char *bytes, size_t len,
                        struct place place)
{
    MEM_SCOPE(mem);
    const char *charset = json_string_value(json_object_get(part, "charset"));
    char *text = charset_decode(mem, bytes, len < TEXT_MAX ? len : TEXT_MAX, charset);
    size_t size = strlen(text);
    if (size > w->text_left)
        return;
    w->text_left -= size;
    json_object_set_new(part, "text", json_string(text));
    if (!place.attached && !json_object_get(part, "filename"))
        collect(w, type, text);
}

static void leaf_facts(struct walk *w, json_t *part, GMimeObject *o, const char *type, struct place place)
{
    GByteArray *content = write_object(o);
    const char *bytes = (const char *)content->data;
    size_t len = content->len;
    json_object_set_new(part, "size", json_integer((json_int_t)len));
    if (len)
        understand(w, type, bytes, len, o, place.attached);
    if (len && shows_text(type, o))
        set_text_of(w, part, type, bytes, len, place);
    if (!json_object_get(part, "text"))
        set_sum(part, bytes, len);
    g_byte_array_free(content, TRUE);
}

static void message_facts(struct walk *w, json_t *part, GMimeObject *o, struct place place)
{
    GMimeMessage *message = g_mime_message_part_get_message((GMimeMessagePart *)o);
    if (!message)
        return;
    if (!place.attached) { /* of the inner ones each would be written and summed once a level */
        GByteArray *content = write_object(o);
        json_object_set_new(part, "size", json_integer((json_int_t)content->len));
        set_sum(part, content->data, content->len);
        g_byte_array_free(content, TRUE);
        if (!w->returned)
            w->returned = facts_returned(message);
    }
    MEM_SCOPE(mem);
    facts_set_text(part, "subject", facts_field(mem, (GMimeObject *)message, "Subject"), FACTS_FIELD_MAX);
    json_t *parts = json_array();
    GMimeObject *root = g_mime_message_get_mime_part(message);
    json_t *child =
        root ? object_json(w, root,
                           (struct place){talloc_asprintf(mem, "%s.1", place.path), place.depth + 1, true})
             : NULL;
    if (child)
        json_array_append_new(parts, child);
    json_object_set_new(part, "parts", parts);
}

static void multipart_facts(struct walk *w, json_t *part, GMimeObject *o, struct place place)
{
    json_t *parts = json_array();
    int n = g_mime_multipart_get_count((GMimeMultipart *)o);
    for (int i = 0; i < n && w->parts_left > 0; i++) {
        MEM_SCOPE(mem);
        struct place at = {talloc_asprintf(mem, "%s.%d", place.path, i + 1), place.depth + 1, place.attached};
        json_t *child = object_json(w, g_mime_multipart_get_part((GMimeMultipart *)o, i), at);
        if (child)
            json_array_append_new(parts, child);
    }
    json_object_set_new(part, "parts", parts);
}

static json_t *object_json(struct walk *w, GMimeObject *o, struct place place)
{
    if (w->parts_left-- <= 0 || place.depth > DEPTH_MAX) {
        json_object_set_new(w->facts, "parts_omitted", json_true());
        return NULL;
    }
    MEM_SCOPE(mem);
    const char *type = type_of(mem, o);
    json_t *part = json_pack("{s:s, s:s}", "path", place.path, "type", type);
    facts_set_text(part, "charset", g_mime_object_get_content_type_parameter(o, "charset"), 100);
    facts_set_text(part, "filename", filename_of(mem, o), 1000);
    facts_set_text(part, "disposition", g_mime_object_get_disposition(o), 100);
    facts_set_text(part, "content_id", g_mime_object_get_content_id(o), 1000);
    if (GMIME_IS_MULTIPART(o) && !place.attached && !json_object_get(w->facts, "report_type"))
        facts_set_text(w->facts, "report_type", g_mime_object_get_content_type_parameter(o, "report-type"),
                       100);
    if (GMIME_IS_MULTIPART(o))
        multipart_facts(w, part, o, place);
    else if (GMIME_IS_MESSAGE_PART(o))
        message_facts(w, part, o, place);
    else
        leaf_facts(w, part, o, type, place);
    return part;
}

static void set_body(struct walk *w)
{
    MEM_SCOPE(mem);
    bool plain = w->plain.s[strspn(w->plain.s, " \t\n")];
    const char *body = plain ? w->plain.s : html_text(mem, w->html.s);
    json_object_set_new(w->facts, "body_text", json_string(body));
    json_object_set_new(w->facts, "reply_text", json_string(reply_text(mem, body)));
}

void facts_parts(json_t *facts, GMimeMessage *message)
{
    MEM_SCOPE(mem);
    struct walk w = {.facts = facts,
                     .text_left = TEXTS_MAX,
                     .parts_left = PARTS_MAX,
                     .plain = text_new(mem),
                     .html = text_new(mem)};
    json_t *parts = json_array();
    GMimeObject *root = g_mime_message_get_mime_part(message);
    json_t *child = root ? object_json(&w, root, (struct place){"1", 0, false}) : NULL;
    if (child)
        json_array_append_new(parts, child);
    json_object_set_new(facts, "parts", parts);
    bool report = json_object_get(facts, "report_type") || json_object_get(facts, "dsn") ||
                  json_object_get(facts, "arf");
    if (w.returned)
        json_object_set(facts, report ? "returned" : "attached", w.returned);
    json_decref(w.returned);
    set_body(&w);
}

/* ---- one part */

static GMimeObject *child_at(GMimeObject *o, long n)
{
    if (GMIME_IS_MULTIPART(o))
        return n <= g_mime_multipart_get_count((GMimeMultipart *)o)
                   ? g_mime_multipart_get_part((GMimeMultipart *)o, (int)n - 1)
                   : NULL;
    if (!GMIME_IS_MESSAGE_PART(o) || n != 1)
        return NULL;
    GMimeMessage *message = g_mime_message_part_get_message((GMimeMessagePart *)o);
    return message ? g_mime_message_get_mime_part(message) : NULL;
}

bool facts_find_part(void *mem, GMimeMessage *message, const char *path, char **bytes_r, size_t *len_r)
{
    GMimeObject *o = g_mime_message_get_mime_part(message);
    char *end;
    if (strtol(path, &end, 10) != 1)
        return false;
    while (o && *end == '.') {
        long n = strtol(end + 1, &end, 10);
        o = n > 0 && n <= PARTS_MAX ? child_at(o, n) : NULL;
    }
    if (!o || *end || GMIME_IS_MULTIPART(o))
        return false;
    GByteArray *content = write_object(o);
    *bytes_r =
        talloc_memdup(mem, content->len ? (const void *)content->data : "", content->len + !content->len);
    *len_r = content->len;
    g_byte_array_free(content, TRUE);
    return true;
}
