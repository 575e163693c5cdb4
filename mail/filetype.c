/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/filetype.h"

#include <strings.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "mail/wire/danger.h"

static const struct filetype {
    const char *ending, *type;
    const char *begin; /* NULL: a text in UTF-8 */
    size_t at;         /* where that stands */
    bool picture;
} table[] = {
#define SENT(ending, type, begin, at, picture) {ending, type, begin, at, picture},
#define HARMS(danger, endings)
#define BEGINS(danger, bytes)
#include "mail/wire/filetype.def"
};

static int unknown(const char *name, bool picture, struct err *err)
{
    struct text known = text_new(NULL);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!picture || table[i].picture)
            text_printf(&known, "%s%s", known.len ? ", " : "", table[i].ending);
    err_set(err, ERR_INPUT, picture ? N_("%s: pictures are %s") : N_("%s: attachments are %s"), name,
            known.s);
    talloc_free(known.s);
    return -1;
}

int filetype_of(const char *name, const char *bytes, size_t len, bool picture, const char **type_r,
                struct err *err)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < ARRAY_LEN(table); i++) {
        const struct filetype *t = &table[i];
        if (strcasecmp(dot + 1, t->ending) != 0 || (picture && !t->picture))
            continue;
        size_t n = t->begin ? strlen(t->begin) : 0;
        bool is_one = t->begin ? len >= t->at + n && !memcmp(bytes + t->at, t->begin, n)
                               : unicode_valid_utf8(bytes, len);
        if (!is_one)
            return err_set(err, ERR_INPUT, "%s: the file is no %s", name, t->ending);
        const char *danger = danger_of(name, bytes, len);
        if (danger)
            return err_set(err, ERR_INPUT, "%s: a file that may do harm (%s)", name, danger);
        *type_r = t->type;
        return 0;
    }
    return unknown(name, picture, err);
}
