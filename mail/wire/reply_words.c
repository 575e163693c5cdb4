/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/reply_low.h"

#include <pthread.h>
#include <stdint.h>

enum { LABEL_WORDS = 48 };

#define WORDS(list, ...) static const char *const list[] = {__VA_ARGS__, NULL};
#define LABELS(label, ...)
#include "mail/wire/reply_words.def"
#undef WORDS
#undef LABELS

static const char *const *const lists[] = {
    [WORDS_WROTE] = wrote,           [WORDS_OPENER] = opener,
    [WORDS_CITED] = cited,           [WORDS_YOU] = you,
    [WORDS_GADGET] = gadget,         [WORDS_ORIGINAL] = original,
    [WORDS_ABOVE] = above,           [WORDS_ANSWERS] = answers,
    [WORDS_BELOW] = below,           [WORDS_COLOUR] = colour,
    [WORDS_DEVICE] = device,         [WORDS_CLOSING] = closing,
    [WORDS_ALONE] = alone,           [WORDS_LEGAL] = legal,
    [WORDS_SECRET] = secret,         [WORDS_WARNING] = warning,
    [WORDS_OUTSIDE] = outside,       [WORDS_MAIL] = mail,
    [WORDS_POSTSCRIPT] = postscript,
};

/* The entries of a list by their first two letters, in chains; a text begins with few of them. */
enum { CHAINS = 256 };
enum {
    ENTRIES_MAX = 0
#define WORDS(list, ...) +(int)ARRAY_LEN(list)
#define LABELS(label, ...)
#include "mail/wire/reply_words.def"
#undef WORDS
#undef LABELS
};

struct entry {
    const char *words;
    size_t len;
    uint16_t next; /* and 1; 0: none */
};

static struct {
    struct entry entry[ENTRIES_MAX];
    size_t n;
    uint16_t first[ARRAY_LEN(lists)][CHAINS];
} entries;

static unsigned chain_of(const char *s)
{
    unsigned char second = s[1] ? (unsigned char)s[1] : ' '; /* what stands behind a word of one letter */
    return ((unsigned char)s[0] * 27u + second) % CHAINS;
}

static void make_index(void)
{
    for (size_t list = 0; list < ARRAY_LEN(lists); list++)
        for (const char *const *words = lists[list]; *words; words++) {
            uint16_t *first = &entries.first[list][chain_of(*words)];
            entries.entry[entries.n++] = (struct entry){*words, strlen(*words), *first};
            *first = (uint16_t)entries.n;
        }
}

/* As whole words. */
static inline bool begins_with(const char *folded, const char *words)
{
    for (; *words && *words == *folded; words++)
        folded++;
    return !*words && (*folded == ' ' || !*folded);
}

size_t reply_words_begin(enum reply_words list, const char *folded)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    size_t longest = 0;
    if (!*folded)
        return 0;
    pthread_once(&once, make_index);
    for (size_t i = entries.first[list][chain_of(folded)]; i; i = entries.entry[i - 1].next) {
        const struct entry *e = &entries.entry[i - 1];
        if (e->len > longest && begins_with(folded, e->words))
            longest = e->len;
    }
    return longest;
}

bool reply_words_within(enum reply_words list, const char *folded)
{
    for (const char *p = folded; *p; p += strspn(p, " ")) {
        if (reply_words_begin(list, p))
            return true;
        p += strcspn(p, " ");
    }
    return false;
}

/* A row each, ended by NULL. */
static const char *const labels[LABELS_N][LABEL_WORDS] = {
#define WORDS(list, ...)
#define LABELS(label, ...) [label] = {__VA_ARGS__},
#include "mail/wire/reply_words.def"
};

enum reply_label reply_label(const char *folded)
{
    for (enum reply_label label = FROM_LABEL; label < LABELS_N; label++)
        for (const char *const *word = labels[label]; *word; word++)
            if (!strcmp(*word, folded))
                return label;
    return NO_LABEL;
}
