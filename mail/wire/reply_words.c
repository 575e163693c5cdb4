/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/reply_low.h"

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

size_t reply_words_begin(enum reply_words list, const char *folded)
{
    size_t longest = 0;
    for (const char *const *word = lists[list]; *word; word++) {
        if ((*word)[0] != folded[0] || ((*word)[1] && (*word)[1] != folded[1])) /* nearly all end here */
            continue;
        size_t len = strlen(*word);
        if (len > longest && !strncmp(folded, *word, len) && (folded[len] == ' ' || !folded[len]))
            longest = len;
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
