/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tree is one of
 *     text/plain
 *     multipart/alternative { text/plain, text/html?, text/calendar? }
 *     multipart/mixed { one of these, application/ics?, attachments }     with a calendar or attachments
 * where text/html with pictures is multipart/related { text/html, pictures }.  It is written in one pass.
 * What may not be changed on the way (relays, mbox files, our DKIM signature) is encoded, so that 7 bits,
 * short lines and no lonely dot leave us.
 */
#include "mail/wire/mime.h"

#include "base/digest.h"
#include "base/glib_lazy.h"
#include "base/unicode.h"
#include "mail/wire/gmime_lazy.h"
#include <pthread.h>

#include "mail/wire/encode.h"
#include "mail/wire/header.h"
#include "mail/wire/mime_part.h"

/* g_mime_init() counts without a lock, and the second thread would go on before the first is through. */
void mime_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, g_mime_init);
}

/* ---- checks */

static int check_line(const char *what, const char *value, struct err *err)
{
    if (!value)
        return 0;
    if (strpbrk(value, "\r\n"))
        return err_set(err, ERR_INPUT, "%s holds a line break", what);
    if (!unicode_valid_utf8(value, strlen(value)))
        return err_set(err, ERR_INPUT, "%s is not UTF-8", what);
    return 0;
}

static int check_mailbox(const char *what, const struct mime_mailbox *m, struct err *err)
{
    if (!m->address)
        return err_set(err, ERR_INPUT, "%s has no address", what);
    return check_line(what, m->name, err);
}

static bool is_own_field(const char *name)
{
    static const char *const own[] = {
        "From",       "To",          "Cc",         "Subject",      "Date",
        "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Language"};
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (!g_ascii_strcasecmp(name, own[i]))
            return true;
    return !g_ascii_strncasecmp(name, "Content-T", 9);
}

static int check_extra(const struct mime_header *h, struct err *err)
{
    size_t len = 0;
    for (; h->name[len]; len++)
        if (h->name[len] <= ' ' || h->name[len] >= 0x7f || h->name[len] == ':')
            return err_set(err, ERR_INPUT, "\"%.60s\" is no header name", h->name);
    if (len == 0 || len > 60 || is_own_field(h->name))
        return err_set(err, ERR_INPUT, "\"%.60s\" cannot be an extra header", h->name);
    if (h->in_brackets && (strlen(h->in_brackets) > HEADER_WORD_MAX || strpbrk(h->in_brackets, "<> \t\r\n") ||
                           !g_str_is_ascii(h->in_brackets)))
        return err_set(err, ERR_INPUT, "header %s: <%.60s>", h->name, h->in_brackets);
    for (const char *p = h->value ? h->value : ""; *p; p += strspn(p, " ")) {
        size_t word = strcspn(p, " ");
        if (word > HEADER_WORD_MAX)
            return err_set(err, ERR_INPUT, "header %s: a word of %zu octets", h->name, word);
        p += word;
    }
    return check_line(h->name, h->value, err);
}

static int check_letter(const struct mime_letter *letter, struct err *err)
{
    const struct {
        const char *what, *value;
    } line[] = {
        {"Subject", letter->subject},           {"Message-ID", letter->message_id},
        {"In-Reply-To", letter->in_reply_to},   {"References", letter->references},
        {"Content-Language", letter->language}, {"calendar method", letter->calendar_method},
    };
    for (size_t i = 0; i < ARRAY_LEN(line); i++)
        if (check_line(line[i].what, line[i].value, err) < 0)
            return -1;
    const char *id = letter->message_id;
    if (!id || !strchr(id, '@') || strpbrk(id, "<> \t") || strlen(id) > HEADER_WORD_MAX ||
        !g_str_is_ascii(id))
        return err_set(err, ERR_INPUT, "\"%.100s\" is no Message-ID", id ? id : "");
    for (size_t i = 0; i < letter->nextra; i++)
        if (check_extra(&letter->extra[i], err) < 0)
            return -1;
    return 0;
}

/* ---- header */

static int put_mailboxes(struct text *out, const char *name, const struct mime_mailbox *list, size_t n,
                         struct err *err)
{
    if (n == 0)
        return 0;
    MEM_SCOPE(mem);
    struct header h = header_begin(out, name);
    for (size_t i = 0; i < n; i++) {
        char *wire;
        if (check_mailbox(name, &list[i], err) < 0 ||
            mime_address_check(mem, list[i].address, &wire, err) < 0)
            return -1;
        header_mailbox(&h, list[i].name, wire, i + 1 == n);
    }
    header_end(&h);
    return 0;
}

static void put_words(struct text *out, const char *name, const char *value)
{
    struct header h = header_begin(out, name);
    header_words(&h, value);
    header_end(&h);
}

static void put_text(struct text *out, const char *name, const char *value)
{
    struct header h = header_begin(out, name);
    header_text(&h, value);
    header_end(&h);
}

/* Ids that others made: what is none, or could not be folded, is left out. */
static void put_ids(struct text *out, const char *name, const char *ids)
{
    if (!ids)
        return;
    MEM_SCOPE(mem);
    struct text good = text_new(mem);
    for (const char *p = ids; *p; p += strspn(p, " \t")) {
        size_t len = strcspn(p, " \t");
        bool ok = len > 2 && len <= HEADER_WORD_MAX && p[0] == '<' && p[len - 1] == '>';
        for (size_t i = 0; i < len; i++)
            ok = ok && p[i] > ' ' && p[i] < 0x7f;
        if (ok) {
            text_putc(&good, ' ');
            text_add(&good, p, len);
        }
        p += len;
    }
    if (good.len)
        put_words(out, name, good.s);
}

/* GLib reads a zone's file anew (150 us) unless somebody holds the zone; so one reference stays with it. */
static GTimeZone *zone_new(const char *name)
{
    GTimeZone *tz = g_time_zone_new_identifier(name ? name : "UTC");
    if (tz && !g_dataset_get_data(tz, "held"))
        g_dataset_set_data(tz, "held", g_time_zone_ref(tz));
    return tz;
}

static int put_date(struct text *out, int64_t date, const char *zone, struct err *err)
{
    GTimeZone *tz = zone_new(zone);
    if (!tz)
        return err_set(err, ERR_INPUT, "there is no time zone \"%s\"", zone);
    GDateTime *utc = g_date_time_new_from_unix_utc(date);
    GDateTime *local = utc ? g_date_time_to_timezone(utc, tz) : NULL;
    char *s = local ? g_mime_utils_header_format_date(local) : NULL;
    if (s)
        put_words(out, "Date", s);
    g_free(s);
    g_clear_pointer(&local, g_date_time_unref);
    g_clear_pointer(&utc, g_date_time_unref);
    g_time_zone_unref(tz);
    return s ? 0 : err_set(err, ERR_INPUT, "the date is out of range");
}

static void put_extra(struct text *out, const struct mime_header *extra)
{
    struct header h = header_begin(out, extra->name);
    if (extra->in_brackets)
        header_mailbox(&h, extra->value, extra->in_brackets, true);
    else
        header_text(&h, extra->value);
    header_end(&h);
}

static int put_header(struct text *out, const struct mime_letter *letter, struct err *err)
{
    if (put_mailboxes(out, "From", &letter->from, 1, err) < 0 ||
        put_mailboxes(out, "To", letter->to, letter->nto, err) < 0 ||
        put_mailboxes(out, "Cc", letter->cc, letter->ncc, err) < 0)
        return -1;
    put_text(out, "Subject", letter->subject ? letter->subject : "");
    if (put_date(out, letter->date, letter->time_zone, err) < 0)
        return -1;
    text_printf(out, "Message-ID: <%s>\r\n", letter->message_id);
    put_ids(out, "In-Reply-To", letter->in_reply_to);
    put_ids(out, "References", letter->references);
    for (size_t i = 0; i < letter->nextra; i++)
        put_extra(out, &letter->extra[i]);
    if (letter->language && *letter->language)
        put_words(out, "Content-Language", letter->language);
    text_puts(out, "MIME-Version: 1.0\r\n");
    return 0;
}

/* ---- body */

static void put_text_part(struct text *out, const char *type, const char *text)
{
    MEM_SCOPE(mem);
    const char *canonical = encode_canonical(mem, text);
    bool plain = encode_fits_7bit(canonical);
    text_printf(out, "Content-Type: %s; charset=UTF-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", type,
                plain ? "7bit" : "quoted-printable");
    if (plain)
        text_puts(out, canonical);
    else
        encode_quoted_printable(out, canonical);
}

/* "=_" can stand neither in quoted-printable nor in base64, and encode_fits_7bit() keeps it from what goes as
 * it is. */
static char *boundary_new(void *mem, const char *message_id, int n)
{
    enum { OCTETS = 15 };
    static const char digit[] = "0123456789abcdef";
    unsigned char digest[DIGEST_BYTES];
    char hex[2 * OCTETS + 1] = "";
    digest_sha256(message_id, strlen(message_id), digest);
    for (size_t i = 0; i < OCTETS; i++) {
        hex[2 * i] = digit[digest[i] >> 4];
        hex[2 * i + 1] = digit[digest[i] & 15];
    }
    return talloc_asprintf(mem, "=_%d%s", n, hex);
}

static void put_multipart(struct text *out, const char *subtype, const char *boundary)
{
    text_printf(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", subtype, boundary);
}

/* The parts that are pictures, or those that are not, behind what stands before them. */
static void put_parts(struct text *out, const struct mime_letter *letter, bool pictures, const char *boundary)
{
    for (size_t i = 0; i < letter->nparts; i++)
        if (letter->part[i]->is_inline == pictures) {
            text_printf(out, "\r\n--%s\r\n", boundary);
            text_add(out, letter->part[i]->bytes, letter->part[i]->len);
        }
}

static bool has_parts(const struct mime_letter *letter, bool pictures)
{
    size_t n = 0;
    for (size_t i = 0; i < letter->nparts; i++)
        n += letter->part[i]->is_inline == pictures;
    return n > 0;
}

static void put_html(struct text *out, const struct mime_letter *letter)
{
    if (!has_parts(letter, true)) {
        put_text_part(out, "text/html", letter->html);
        return;
    }
    MEM_SCOPE(mem);
    const char *boundary = boundary_new(mem, letter->message_id, 3);
    put_multipart(out, "related; type=\"text/html\"", boundary);
    text_printf(out, "--%s\r\n", boundary);
    put_text_part(out, "text/html", letter->html);
    put_parts(out, letter, true, boundary);
    text_printf(out, "\r\n--%s--\r\n", boundary);
}

static void put_alternative(struct text *out, const struct mime_letter *letter)
{
    if (!letter->html && !letter->calendar) {
        put_text_part(out, "text/plain", letter->text);
        return;
    }
    MEM_SCOPE(mem);
    const char *boundary = boundary_new(mem, letter->message_id, 1);
    put_multipart(out, "alternative", boundary);
    text_printf(out, "--%s\r\n", boundary);
    put_text_part(out, "text/plain", letter->text);
    if (letter->html) {
        text_printf(out, "\r\n--%s\r\n", boundary);
        put_html(out, letter);
    }
    if (letter->calendar) {
        text_printf(out, "\r\n--%s\r\n", boundary);
        const char *method = letter->calendar_method ? letter->calendar_method : "REQUEST";
        put_text_part(out, talloc_asprintf(mem, "text/calendar; method=%s", method), letter->calendar);
    }
    text_printf(out, "\r\n--%s--\r\n", boundary);
}

static void put_body(struct text *out, const struct mime_letter *letter)
{
    if (!letter->calendar && !has_parts(letter, false)) {
        put_alternative(out, letter);
        return;
    }
    MEM_SCOPE(mem);
    const char *boundary = boundary_new(mem, letter->message_id, 2);
    put_multipart(out, "mixed", boundary);
    text_printf(out, "--%s\r\n", boundary);
    put_alternative(out, letter);
    if (letter->calendar) {
        text_printf(out,
                    "\r\n--%s\r\nContent-Type: application/ics; name=\"invite.ics\"\r\n"
                    "Content-Disposition: attachment; filename=\"invite.ics\"\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\n",
                    boundary);
        encode_base64(out, letter->calendar, strlen(letter->calendar));
    }
    put_parts(out, letter, false, boundary);
    text_printf(out, "\r\n--%s--\r\n", boundary);
}

static int check_bodies(const struct mime_letter *letter, struct err *err)
{
    const char *const body[] = {letter->text, letter->html, letter->calendar};
    for (size_t i = 0; i < ARRAY_LEN(body); i++)
        if (body[i] && !unicode_valid_utf8(body[i], strlen(body[i])))
            return err_set(err, ERR_INPUT, "the text of the message is not UTF-8");
    return letter->text ? 0 : err_set(err, ERR_INPUT, "the message has no plain text");
}

int mime_build(void *mem, const struct mime_letter *letter, char **message_r, size_t *len_r, struct err *err)
{
    if (check_letter(letter, err) < 0 || check_bodies(letter, err) < 0)
        return -1;
    struct text out = text_for(mem, 2048 + 3 * strlen(letter->text) / 2 +
                                        (letter->html ? 3 * strlen(letter->html) / 2 : 0));
    if (put_header(&out, letter, err) < 0) {
        talloc_free(out.s);
        return -1;
    }
    put_body(&out, letter);
    *message_r = out.s;
    *len_r = out.len;
    return 0;
}
