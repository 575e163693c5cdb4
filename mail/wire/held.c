/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/held.h"

#include <strings.h>

#include "mail/wire/charset.h"
#include "mail/wire/decode.h"
#include "mail/wire/tnef.h"

static void add_uu(void *mem, const char *text, size_t len, struct held_list *held)
{
    struct decode_uu uu;
    for (size_t at = 0; held->n < HELD_MAX && decode_uu_next(mem, text, len, &at, &uu);)
        held->v[held->n++] = (struct held){.name = charset_decode(mem, uu.name, strlen(uu.name), NULL),
                                           .type = "application/octet-stream",
                                           .bytes = uu.bytes,
                                           .len = uu.len};
}

static bool is_tnef(const char *type, const char *name, const char *bytes, size_t len)
{
    bool named = !strcmp(type, "application/ms-tnef") || !strcmp(type, "application/vnd.ms-tnef") ||
                 (name && !strcasecmp(name, "winmail.dat"));
    return named && tnef_is(bytes, len);
}

void held_read(void *mem, const char *type, const char *name, const char *bytes, size_t len,
               struct held_list *held_r)
{
    *held_r = (struct held_list){0};
    bool tnef = is_tnef(type, name, bytes, len),
         text = !strcmp(type, "text/plain") && memmem(bytes, len, "begin ", 6);
    if (!tnef && !text)
        return;
    held_r->v = talloc_zero_array(mem, struct held, HELD_MAX);
    if (tnef)
        tnef_read(mem, bytes, len, held_r);
    else
        add_uu(mem, bytes, len, held_r);
}

char *held_text(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    struct text out = text_new(mem);
    struct decode_uu uu;
    size_t len = strlen(text), from = 0;
    for (size_t at = 0; decode_uu_next(scratch, text, len, &at, &uu); from = uu.end)
        text_add(&out, text + from, uu.begin - from);
    text_add(&out, text + from, len - from);
    return out.s;
}
