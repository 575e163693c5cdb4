/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/thread_number.h"

#include <ctype.h>

#include "base/unicode.h"

enum { KEY_MAX = 60, NUMBERS_MAX = 20 };

char *thread_number_key(void *mem, const char *number)
{
    char *key = unicode_fold(mem, number);
    size_t groups = 0;
    for (const char *p = key; *p; p++)
        groups += isdigit((unsigned char)*p) && (p == key || !isdigit((unsigned char)p[-1]));
    return groups >= 2 && strlen(key) <= KEY_MAX ? key : NULL;
}

struct letter_list thread_numbers(void *mem, const char *subject)
{
    struct letter_list keys = {0};
    char *rest = unicode_squeeze(mem, subject ? subject : ""), *word;
    while ((word = strsep(&rest, " ")) && keys.n < NUMBERS_MAX) {
        char *key = word[strcspn(word, "/-")] || strstr(word, "–") ? thread_number_key(mem, word) : NULL;
        if (!key)
            continue;
        keys.item = talloc_realloc(mem, keys.item, const char *, keys.n + 1);
        keys.item[keys.n++] = key;
    }
    return keys;
}
