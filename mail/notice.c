/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Near the beginning of a short text.  That an address is another now counts where the text names one that is
 * neither the sender's nor one that it was sent to.  The name proposed is what is written with capitals
 * before the address.
 */
#include "mail/notice.h"

#include <ctype.h>

#include "base/unicode.h"
#include "mail/automatic.h"

enum { TEXT_LONG = 3500, NEAR_WORDS = 120, ADDRESS_MAX = 254, NAME_WORDS = 3, BETWEEN_WORDS = 4 };

enum said { LEFT, MOVED, CLICK, HELD, PURPOSE, SAYINGS };

static const struct {
    enum said said;
    const char *pattern;
} patterns[] = {
#define NOTICE(said, pattern) {said, pattern},
#include "mail/notice.def"
#undef NOTICE
};

const char *notice_word(enum notice_kind kind)
{
    static const char *const words[] = {
        [NOTICE_LEFT] = "left", [NOTICE_MOVED] = "moved", [NOTICE_CHALLENGE] = "challenge"};
    return words[kind];
}

/* ---- the address that is proposed */

static bool is_address_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("._%+-", c));
}

/* The address around the "@" at `at`: its beginning and length; 0: none. */
static size_t address_around(const char *text, const char *at, const char **start_r)
{
    const char *start = at, *end = at + 1;
    while (start > text && is_address_char(start[-1]))
        start--;
    while (*end && is_address_char(*end))
        end++;
    while (end > at + 1 && strchr(".-", end[-1]))
        end--;
    bool whole = start < at && memchr(at, '.', (size_t)(end - at)) && end - start <= ADDRESS_MAX;
    *start_r = start;
    return whole ? (size_t)(end - start) : 0;
}

static bool is_among(const json_t *people, const char *address)
{
    size_t i;
    const json_t *p;
    json_array_foreach(people, i, p)
    {
        const char *known = json_string_value(json_array_get(p, 1));
        if (known && !strcasecmp(known, address))
            return true;
    }
    return false;
}

static bool is_known(const json_t *facts, const char *address)
{
    static const char *const keys[] = {"from", "sender", "to", "cc"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (is_among(json_object_get(facts, keys[i]), address))
            return true;
    return false;
}

/* The first address from `from` on that is another than those in the header; NULL: none. */
static char *other_address(void *mem, const json_t *facts, const char *text, const char *from,
                           const char **start_r)
{
    for (const char *at = from; (at = strchr(at, '@')); at++) {
        size_t len = address_around(text, at, start_r);
        char *address = len ? talloc_strndup(mem, *start_r, len) : NULL;
        if (address && !is_known(facts, address))
            return address;
    }
    return NULL;
}

/* ---- the name before it */

static bool is_name_part(const struct phrase_word *w)
{
    const char *p = w->start;
    return *w->folded && unicode_is_upper(unicode_next(&p));
}

/* The last words with capitals before the address, at most a few small words away. */
static char *name_before(void *mem, const struct phrase_text *t, const char *address)
{
    size_t end = 0, between = 0;
    while (end < t->n && t->word[end].start < address)
        end++;
    while (end > 0 && between < BETWEEN_WORDS && !is_name_part(&t->word[end - 1])) {
        end--;
        between++;
    }
    size_t first = end;
    while (first > 0 && end - first < NAME_WORDS && is_name_part(&t->word[first - 1]))
        first--;
    if (end - first < 2)
        return NULL;
    return phrase_words(mem, t, (struct phrase_match){first, end - 1});
}

/* ---- all */

struct reading {
    const struct phrase_text *t;
    struct phrase_rows rows; /* that may be said in it */
};

static bool says(const struct reading *r, enum said said, struct phrase_match *m)
{
    for (size_t i = 0; i < r->rows.n; i++) {
        size_t row = r->rows.row[i];
        if (patterns[row].said == said && phrase_find(r->t, patterns[row].pattern, 0, m) &&
            m->first < NEAR_WORDS)
            return true;
    }
    return false;
}

static bool find_kind(const struct phrase_text *t, bool proposes, enum notice_kind *kind_r,
                      struct phrase_match *m)
{
    MEM_SCOPE(mem);
    static struct phrase_table table = PHRASE_TABLE(patterns, pattern);
    struct reading r = {t, phrase_rows(mem, t, &table)};
    struct phrase_match other;
    *kind_r = NOTICE_LEFT;
    if (says(&r, LEFT, m))
        return true;
    *kind_r = NOTICE_MOVED;
    if (proposes && says(&r, MOVED, m))
        return true;
    *kind_r = NOTICE_CHALLENGE;
    return says(&r, CLICK, m) && says(&r, HELD, &other) && says(&r, PURPOSE, &other);
}

bool notice_find(void *mem, const json_t *facts, const struct phrase_text *t, struct notice *notice_r)
{
    MEM_SCOPE(scratch);
    const char *text = json_string_value(json_object_get(facts, "reply_text")), *start = NULL;
    if (!text || strlen(text) > TEXT_LONG || automatic_from_list(facts))
        return false;
    struct phrase_match m;
    struct notice n = {0};
    bool proposes = other_address(scratch, facts, text, text, &start) != NULL;
    if (!find_kind(t, proposes, &n.kind, &m))
        return false;
    n.words = phrase_words(mem, t, m);
    if (n.kind != NOTICE_CHALLENGE) {
        n.address = other_address(mem, facts, text, t->word[m.last].start, &start);
        if (!n.address)
            n.address = other_address(mem, facts, text, text, &start);
        if (n.address && n.kind == NOTICE_LEFT)
            n.name = name_before(mem, t, start);
    }
    *notice_r = n;
    return true;
}
