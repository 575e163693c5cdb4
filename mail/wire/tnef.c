/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A cursor that cannot leave its bytes: what is cut or claims more than there is ends the reading, and what
 * was found by then is told.
 */
#include "mail/wire/tnef.h"

#include <stdint.h>

#include "mail/wire/charset.h"
#include "mail/wire/rtf.h"

enum {
    SIGNATURE = 0x223e9f78,
    ATT_BODY = 0x800c,
    ATT_ATTACH_DATA = 0x800f,
    ATT_ATTACH_TITLE = 0x8010,
    ATT_ATTACH_REND = 0x9002, /* a new file begins */
    ATT_MAPI = 0x9003,        /* of the message */
    ATT_ATTACHMENT = 0x9005,  /* of the file */
    ATT_CODEPAGE = 0x9007,
    PR_BODY = 0x1000,
    PR_RTF = 0x1009,
    PR_HTML = 0x1013,
    PR_DISPLAY_NAME = 0x3001,
    PR_ATTACH_DATA = 0x3701,
    PR_ATTACH_NAME = 0x3704,
    PR_ATTACH_LONG_NAME = 0x3707,
    PR_ATTACH_TYPE = 0x370e,
    PR_CODEPAGE = 0x3fde,
    PT_OBJECT = 0x0d,
    PT_STRING = 0x1e,
    PT_UNICODE = 0x1f,
    PT_BINARY = 0x102,
    PT_MANY = 0x1000,
    PROPERTIES_MAX = 2000
};

struct cursor {
    const unsigned char *p;
    size_t left;
};

struct reading {
    void *mem;
    struct held_list *held;
    struct held *file; /* the one that is read; NULL before the first */
    const char *long_name;
    char codepage[24], html_codepage[24];
    struct held plain, html, rtf; /* the text of the message as it came */
};

/* ---- bytes */

static uint32_t number(struct cursor *c, size_t size)
{
    uint32_t n = 0;
    if (c->left < size) {
        c->left = 0;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        n |= (uint32_t)c->p[i] << (8 * i);
    c->p += size;
    c->left -= size;
    return n;
}

static struct cursor take(struct cursor *c, size_t len)
{
    struct cursor part = {c->p, len < c->left ? len : c->left};
    c->p += part.left;
    c->left -= part.left;
    return part;
}

static size_t padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

/* ---- texts */

static const char *text_of(struct reading *r, uint32_t type, struct cursor value)
{
    const char *bytes = (const char *)value.p;
    size_t len = value.left;
    if (!len)
        return "";
    if (type == PT_UNICODE) {
        len &= ~(size_t)1;
        while (len >= 2 && !bytes[len - 1] && !bytes[len - 2])
            len -= 2;
        return charset_convert(r->mem, bytes, len, "UTF-16LE");
    }
    while (len && !bytes[len - 1])
        len--;
    return charset_decode(r->mem, bytes, len, *r->codepage ? r->codepage : NULL);
}

static void set_codepage(char codepage[24], uint32_t number)
{
    if (number == 65001)
        snprintf(codepage, 24, "utf-8");
    else if (number == 20866)
        snprintf(codepage, 24, "koi8-r");
    else if (number >= 28591 && number <= 28606)
        snprintf(codepage, 24, "iso-8859-%u", (unsigned)(number - 28590));
    else if (number >= 1250 && number <= 1258)
        snprintf(codepage, 24, "windows-%u", (unsigned)number);
    else if (number)
        snprintf(codepage, 24, "cp%u", (unsigned)number);
}

static const char *one_line(void *mem, const char *name)
{
    char *s = talloc_strdup(mem, name);
    for (char *p = s; *p; p++)
        if (*p == '\n' || *p == '\t' || *p == '\f')
            *p = ' ';
    return s;
}

/* ---- properties */

static size_t fixed_size(uint32_t type)
{
    switch (type) {
    case 0x05: /* double, currency, times, 64 bits */
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48: /* GUID */
        return 16;
    default:
        return 4;
    }
}

static void skip_name(struct cursor *c)
{
    take(c, 16);
    if (number(c, 4) == 0)
        take(c, 4);
    else
        take(c, padded(number(c, 4)));
}

/* One property; of several values the first counts. */
static struct cursor next_property(struct cursor *c, uint32_t *id_r, uint32_t *type_r)
{
    struct cursor value = {NULL, 0};
    uint32_t type = number(c, 2), plain = type & ~(uint32_t)PT_MANY;
    *id_r = number(c, 2);
    *type_r = plain;
    if (*id_r >= 0x8000)
        skip_name(c);
    bool variable = plain == PT_STRING || plain == PT_UNICODE || plain == PT_BINARY || plain == PT_OBJECT;
    uint32_t n = variable || (type & PT_MANY) ? number(c, 4) : 1;
    for (uint32_t i = 0; i < n && c->left; i++) {
        size_t len = variable ? number(c, 4) : fixed_size(plain);
        struct cursor one = take(c, len);
        take(c, padded(len) - len);
        if (i == 0)
            value = one;
    }
    return value;
}

static struct held as_held(struct cursor value)
{
    return (struct held){.bytes = (const char *)value.p, .len = value.left};
}

static void message_property(struct reading *r, uint32_t id, uint32_t type, struct cursor value)
{
    if (id == PR_BODY) {
        const char *text = text_of(r, type, value);
        r->plain = (struct held){.bytes = text, .len = strlen(text)};
    } else if (id == PR_HTML && type == PT_BINARY) {
        r->html = as_held(value);
    } else if (id == PR_HTML) {
        const char *text = text_of(r, type, value);
        r->html = (struct held){.bytes = text, .len = strlen(text), .charset = "utf-8"};
    } else if (id == PR_RTF) {
        r->rtf = as_held(value);
    } else if (id == PR_CODEPAGE) {
        set_codepage(r->html_codepage, number(&value, 4));
    }
}

static void file_property(struct reading *r, uint32_t id, uint32_t type, struct cursor value)
{
    struct held *file = r->file;
    if (id == PR_ATTACH_DATA) {
        if (type == PT_OBJECT)
            take(&value, 16); /* which interface it is */
        file->bytes = (const char *)value.p;
        file->len = value.left;
    } else if (id == PR_ATTACH_LONG_NAME) {
        file->name = r->long_name = one_line(r->mem, text_of(r, type, value));
    } else if ((id == PR_ATTACH_NAME || (id == PR_DISPLAY_NAME && !*file->name)) && !r->long_name) {
        file->name = one_line(r->mem, text_of(r, type, value));
    } else if (id == PR_ATTACH_TYPE) {
        const char *s = text_of(r, type, value);
        if (strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.+-") == strlen(s) &&
            strchr(s, '/'))
            file->type = s;
    }
}

static void read_properties(struct reading *r, struct cursor c,
                            void (*fn)(struct reading *r, uint32_t id, uint32_t type, struct cursor value))
{
    uint32_t n = number(&c, 4);
    for (uint32_t i = 0; i < n && i < PROPERTIES_MAX && c.left; i++) {
        uint32_t id, type;
        struct cursor value = next_property(&c, &id, &type);
        fn(r, id, type, value);
    }
}

/* ---- attributes */

static void begin_file(struct reading *r)
{
    r->long_name = NULL;
    r->file = NULL;
    if (r->held->n == HELD_MAX)
        return;
    r->file = &r->held->v[r->held->n++];
    *r->file = (struct held){.name = "", .type = "application/octet-stream", .bytes = ""};
}

static void file_attribute(struct reading *r, uint32_t id, struct cursor value)
{
    if (id == ATT_ATTACH_REND || !r->file)
        begin_file(r);
    if (!r->file)
        return;
    if (id == ATT_ATTACH_TITLE && !r->long_name)
        r->file->name = one_line(r->mem, text_of(r, PT_STRING, value));
    else if (id == ATT_ATTACH_DATA)
        r->file->bytes = (const char *)value.p, r->file->len = value.left;
    else if (id == ATT_ATTACHMENT)
        read_properties(r, value, file_property);
}

static void attribute(struct reading *r, uint32_t level, uint32_t id, struct cursor value)
{
    if (level == 2) {
        file_attribute(r, id, value);
    } else if (id == ATT_CODEPAGE) {
        set_codepage(r->codepage, number(&value, 4));
    } else if (id == ATT_BODY && !r->plain.len) {
        const char *text = text_of(r, PT_STRING, value);
        r->plain = (struct held){.bytes = text, .len = strlen(text)};
    } else if (id == ATT_MAPI) {
        read_properties(r, value, message_property);
    }
}

/* The text stands first: HTML where there is some, else plain text, else what the RTF says. */
static void add_text(struct reading *r)
{
    struct held text = r->html;
    size_t len;
    bool html = true;
    if (text.len) {
        text.charset = text.charset        ? text.charset
                       : *r->html_codepage ? talloc_strdup(r->mem, r->html_codepage)
                                           : NULL;
    } else if (r->plain.len) {
        text = r->plain;
        text.charset = "utf-8";
        html = false;
    } else {
        char *rtf = rtf_decompress(r->mem, r->rtf.bytes, r->rtf.len, &len);
        text.bytes = rtf ? rtf_text(r->mem, rtf, len, &html) : "";
        text.len = strlen(text.bytes);
        text.charset = "utf-8";
    }
    if (!text.len || r->held->n == HELD_MAX)
        return;
    text.type = html ? "text/html" : "text/plain";
    memmove(r->held->v + 1, r->held->v, r->held->n++ * sizeof text);
    r->held->v[0] = text;
}

bool tnef_is(const char *bytes, size_t len)
{
    struct cursor c = {(const unsigned char *)bytes, len};
    return number(&c, 4) == SIGNATURE && len > 6;
}

void tnef_read(void *mem, const char *bytes, size_t len, struct held_list *held)
{
    struct reading r = {.mem = mem, .held = held};
    struct cursor c = {(const unsigned char *)bytes, len};
    take(&c, 6); /* signature, key */
    while (c.left > 9) {
        uint32_t level = number(&c, 1), id = number(&c, 4) & 0xffff, size = number(&c, 4);
        struct cursor value = take(&c, size);
        take(&c, 2); /* sum */
        attribute(&r, level, id, value);
    }
    add_text(&r);
}
