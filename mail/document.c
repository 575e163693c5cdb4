/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/document.h"

#include "base/json_text.h"
#include "base/unicode.h"

enum { NAME_MAX_BYTES = 120 };

/* Signs that file systems, shells or people's eyes (right-to-left overrides) are misled by. */
static bool is_unsafe(uint32_t c)
{
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0xfeff || c == 0xfffd ||
           (c < 0x80 && strchr("/\\:*?\"<>|", (int)c)) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The last part of the path that the sender gave; dots in front hide a file, a dash makes an option of it. */
static char *safe_name(void *mem, const json_t *part)
{
    const char *given = json_text_or_null(part, "filename"), *p = given ? given : "";
    for (const char *q = p; *q; q++)
        if (*q == '/' || *q == '\\')
            p = q + 1;
    p += strspn(p, ". -");
    struct text t = text_new(mem);
    while (*p && t.len < NAME_MAX_BYTES) {
        uint32_t c = unicode_next(&p);
        unicode_add(&t, is_unsafe(c) ? '_' : c);
    }
    if (t.len)
        return t.s;
    bool message = !strncmp(json_text_or_null(part, "type"), "message/", 8);
    return talloc_asprintf(mem, "part-%s.%s", json_text_or_null(part, "path"), message ? "eml" : "bin");
}

char *document_name(void *mem, const json_t *part, int nth)
{
    char *name = safe_name(mem, part);
    const char *dot = strrchr(name, '.');
    int stem = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    return nth == 1 ? name : talloc_asprintf(mem, "%.*s-%d%s", stem, name, nth, name + stem);
}

static bool is_attachment(const json_t *part)
{
    const char *type = json_text_or_null(part, "type");
    if (!strncmp(type, "multipart/", 10) || !json_object_get(part, "size"))
        return false;
    return json_text_or_null(part, "filename") || !json_text_or_null(part, "text");
}

static int each(json_t *parts, document_fn *fn, void *context, struct err *err)
{
    size_t i;
    json_t *part;
    json_array_foreach(parts, i, part)
    {
        int rc = is_attachment(part) ? fn(context, part, err)
                                     : each(json_object_get(part, "parts"), fn, context, err);
        if (rc < 0 || each(json_object_get(part, "holds"), fn, context, err) < 0)
            return -1;
    }
    return 0;
}

int document_each(json_t *facts, document_fn *fn, void *context, struct err *err)
{
    return each(json_object_get(facts, "parts"), fn, context, err);
}
