/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/personname.h"

#include <ctype.h>

#include "base/unicode.h"
#include "crm/listword.h"
#include "crm/phrase.h"

enum { MOST_WORDS = 8 };

/* What stands behind a comma and is no given name. */
static const char degrees[] = "phd|msc|ma|ba|mba|dr*|ing|dipl*|mag|jr|sr|prof*|llm|md";

static size_t count_words(const char *s)
{
    size_t n = 0;
    for (; *s; n++) {
        s += strcspn(s, " ");
        s += strspn(s, " ");
    }
    return n;
}

/* "Hoxha, Arta" → "Arta Hoxha" */
static const char *turn_at_comma(void *mem, const char *name)
{
    enum { WORDS = 3 };
    const char *comma = strchr(name, ',');
    if (!comma || strchr(comma + 1, ',') || strpbrk(name, "()0123456789/"))
        return name;
    const char *left = unicode_squeeze(mem, talloc_strndup(mem, name, (size_t)(comma - name)));
    const char *right = unicode_squeeze(mem, comma + 1);
    if (!*left || !*right || count_words(left) > WORDS || count_words(right) > WORDS)
        return name;
    const char *first = talloc_strndup(mem, right, strcspn(right, " ."));
    if (phrase_match(unicode_fold(mem, first), degrees) >= 97)
        return name;
    return talloc_asprintf(mem, "%s %s", right, left);
}

/* A word of at least three letters, none of them small. */
static bool is_shouted(const char *word, size_t len)
{
    size_t letters = 0;
    for (const char *s = word; s < word + len;) {
        uint32_t c = unicode_next(&s);
        if (unicode_is_letter(c) && !unicode_is_upper(c))
            return false;
        letters += unicode_is_letter(c);
    }
    return letters > 2;
}

/* Capitals at the begin of each part: "KRASNIQI-VULA" → "Krasniqi-Vula", "O'BRIEN" → "O'Brien" */
static void add_quietly(void *mem, struct text *t, const char *word, size_t len)
{
    const char *lower = unicode_lower(mem, talloc_strndup(mem, word, len));
    bool begin = true;
    while (*lower) {
        const char *at = lower;
        uint32_t c = unicode_next(&lower);
        char *letter = talloc_strndup(mem, at, (size_t)(lower - at));
        text_puts(t, begin ? unicode_upper(mem, letter) : letter);
        begin = !unicode_is_letter(c) && !unicode_is_mark(c);
    }
}

/* "STOJKOVIĆ Dragan": the surname, since lists shout surnames, goes behind.  All in capitals, the order
 * stays. */
static char *without_capitals(void *mem, const char *name)
{
    struct text shouted = text_new(mem), rest = text_new(mem);
    size_t n = 0, first = 0;
    bool leading = true;
    struct text all = text_new(mem);
    for (const char *s = name; *s; n++) {
        size_t len = strcspn(s, " ");
        bool loud = is_shouted(s, len);
        struct text word = text_new(mem);
        if (loud)
            add_quietly(mem, &word, s, len);
        else
            text_add(&word, s, len);
        leading = leading && loud;
        first += leading;
        struct text *part = leading ? &shouted : &rest;
        text_printf(part, "%s%s", part->len ? " " : "", word.s);
        text_printf(&all, "%s%s", n ? " " : "", word.s);
        s += len + strspn(s + len, " ");
    }
    bool turn = first > 0 && first < n && n <= MOST_WORDS && !strpbrk(rest.s, ".()");
    return turn ? talloc_asprintf(mem, "%s %s", rest.s, shouted.s) : all.s;
}

char *personname_read(void *mem, const char *typed, const char **gender_r)
{
    MEM_SCOPE(scratch);
    const char *name = listword_cut_honorific(scratch, unicode_squeeze(scratch, typed), gender_r);
    const char *turned = turn_at_comma(scratch, name);
    if (turned != name && !*gender_r) /* "Hoxha, znj. Arta" */
        turned = listword_cut_honorific(scratch, turned, gender_r);
    return talloc_strdup(mem, without_capitals(scratch, turned));
}
