/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/language.h"

#include "base/nearest.h"
#include "base/unicode_locale.h"
#include "crm/listword.h"

const char *language_meant(void *mem, const char *word)
{
    static const char *const usual[] = {"sr-Cyrl", "sr-Latn"};
    const char *tag = unicode_language_meant(mem, word);
    if (!tag)
        tag = listword_language(mem, word);
    if (!tag && strlen(word) > 3) /* a letter wrong in a short one is another language */
        tag = nearest_word(word, usual, ARRAY_LEN(usual));
    return tag;
}

int language_check(const char *tag, struct err *err)
{
    MEM_SCOPE(mem);
    if (unicode_knows_language(tag))
        return 0;
    const char *meant = language_meant(mem, tag);
    return meant ? err_set(err, ERR_USAGE, "\"%s\" is no language; did you mean \"%s\"?", tag, meant)
                 : err_set(err, ERR_USAGE, "\"%s\" is no language; write sq, sr-Cyrl, sr-Latn, en, de ...",
                           tag);
}
