/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/danger.h"

#include <strings.h>

/* ---- by name */

static const struct {
    const char *danger, *endings; /* each between blanks */
} table[] = {
#define SENT(ending, type, begin, at, picture)
#define HARMS(danger, endings) {danger, endings},
#define BEGINS(danger, bytes)
#include "mail/wire/filetype.def"
#undef HARMS
#undef BEGINS
};

/* Signs that show a name otherwise than it is. */
static bool is_disguised(const char *name)
{
    static const char *const signs[] = {"\xe2\x80\xae", "\xe2\x80\xad", "\xe2\x80\xaa", "\xe2\x80\xab",
                                        "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8"};
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strstr(name, signs[i]))
            return true;
    return strstr(name, "        ") != NULL;
}

/* Blanks and dots at the end are dropped by some systems, so they do not count. */
static const char *by_name(const char *name, size_t len)
{
    char ending[32];
    size_t n = 0;
    while (len && strchr(" .", name[len - 1]))
        len--;
    const char *dot = memrchr(name, '.', len);
    if (!dot || (size_t)(name + len - dot) > sizeof ending - 2)
        return NULL;
    ending[n++] = ' ';
    for (const char *p = dot + 1; p < name + len; p++)
        ending[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    ending[n++] = ' ';
    ending[n] = 0;
    for (size_t i = 0; i < ARRAY_LEN(table) && n > 2; i++)
        if (strstr(table[i].endings, ending))
            return table[i].danger;
    return NULL;
}

/* ---- by content */

static bool begins(const char *bytes, size_t len, const char *with, size_t n)
{
    return len >= n && !memcmp(bytes, with, n);
}

static const char *by_bytes(const char *bytes, size_t len)
{
    static const struct {
        const char *danger, *begin;
        size_t len;
    } signs[] = {
#define HARMS(danger, endings)
#define BEGINS(danger, bytes) {danger, bytes, sizeof(bytes) - 1},
#include "mail/wire/filetype.def"
#undef HARMS
#undef BEGINS
    };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (begins(bytes, len, signs[i].begin, signs[i].len))
            return signs[i].danger;
    return NULL;
}

/* A document of before 2007 names the storage of its macros in UTF-16. */
static bool has_macros(const char *bytes, size_t len)
{
    static const char vba[] = "_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T";
    return begins(bytes, len, "\xd0\xcf\x11\xe0", 4) && memmem(bytes, len, vba, sizeof vba);
}

static size_t number(const char *p, size_t n)
{
    size_t value = 0;
    for (size_t i = 0; i < n; i++)
        value |= (size_t)(unsigned char)p[i] << (8 * i);
    return value;
}

/* The names in a zip archive's directory; "locked" where one is encrypted. */
static const char *in_zip(const char *bytes, size_t len)
{
    enum { ENTRY = 46, FILES_MAX = 10000 };
    const char *end = bytes + len, *found = NULL;
    if (!begins(bytes, len, "PK\3\4", 4))
        return NULL;
    const char *p = memmem(bytes, len, "PK\1\2", 4);
    for (int i = 0; p && end - p >= ENTRY && !memcmp(p, "PK\1\2", 4) && i < FILES_MAX; i++) {
        size_t name = number(p + 28, 2), more = number(p + 30, 2) + number(p + 32, 2);
        if ((size_t)(end - p) - ENTRY < name)
            break;
        const char *danger = by_name(p + ENTRY, name);
        if (name >= 14 && !memcmp(p + ENTRY + name - 14, "vbaProject.bin", 14))
            return "macros";
        if (danger && strcmp(danger, "page"))
            found = "archive";
        else if (!found && number(p + 8, 2) & 1)
            found = "locked";
        if ((size_t)(end - p) - ENTRY - name < more)
            break;
        p += ENTRY + name + more;
    }
    return found;
}

const char *danger_of(const char *name, const char *bytes, size_t len)
{
    const char *danger = by_bytes(bytes, len);
    if (!danger && name)
        danger = by_name(name, strlen(name));
    if (!danger && name && is_disguised(name))
        danger = "disguised";
    if (!danger && has_macros(bytes, len))
        danger = "macros";
    return danger ? danger : in_zip(bytes, len);
}
