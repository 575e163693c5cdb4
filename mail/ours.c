/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/ours.h"

#include "base/catalog.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "mail/phrase.h"

enum effect { PAUSE, SLOW };

static const struct {
    struct ours ours;
    int subject, first, last; /* of the enhanced code; subject 0: words alone */
    const char *words;
} table[] = {
#define OURS(id, provider, subject, first, last, words, effect, what, source)                                \
    {{id, provider, what, source, (effect) == SLOW}, subject, first, last, words},
#include "mail/ours.def"
#undef OURS
};

/* Without the addresses, whose words are nobody's: <info@spf.example>. */
static char *fold_words(void *mem, const char *text)
{
    struct text out = text_new(mem);
    for (const char *p = text; *p;) {
        const char *end = *p == '<' ? strchr(p, '>') : NULL;
        if (end && memchr(p, '@', (size_t)(end - p)))
            p = end;
        text_putc(&out, *p++);
    }
    return unicode_fold(mem, out.s);
}

/* Microsoft's codes for whom a group or a mailbox takes mail from: "the sender was not authenticated" is its
 * rule. */
static bool is_restriction(int subject, int detail)
{
    return subject == 7 && detail >= 100 && detail < 200;
}

const struct ours *ours_find(const char *enhanced, const char *text)
{
    MEM_SCOPE(mem);
    int subject = 0, detail = 0;
    bool coded = enhanced && sscanf(enhanced, "%*1[0-9].%3d.%3d", &subject, &detail) == 2;
    if (coded && *enhanced == '2')
        return NULL;
    const char *folded = text && *text ? fold_words(mem, text) : "";
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        bool by_code =
            coded && table[i].subject == subject && detail >= table[i].first && detail <= table[i].last;
        bool by_words =
            !table[i].subject && (!coded || subject == 7 || detail == 0) && !is_restriction(subject, detail);
        if ((by_code || by_words) && (!table[i].words || phrase_stands(folded, table[i].words)))
            return &table[i].ours;
    }
    return NULL;
}

const char *ours_what(size_t i)
{
    return i < ARRAY_LEN(table) ? table[i].ours.what : NULL;
}
