/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/filetype.h"

#include <strings.h>

#include "base/catalog.h"
#include "base/unicode.h"

/* SVG is left out: it may hold scripts.  So are the documents of before 2007, for their macros. */
static const struct filetype {
    const char *ending, *type;
    const char *begin; /* NULL: a text in UTF-8 */
    size_t at;         /* where that stands */
    bool picture;
} table[] = {
    {"pdf", "application/pdf", "%PDF-", 0, false},
    {"png", "image/png", "\x89PNG\r\n\x1a\n", 0, true},
    {"jpg", "image/jpeg", "\xff\xd8\xff", 0, true},
    {"jpeg", "image/jpeg", "\xff\xd8\xff", 0, true},
    {"gif", "image/gif", "GIF8", 0, true},
    {"webp", "image/webp", "WEBP", 8, false},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04", 0,
     false},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK\x03\x04", 0, false},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PK\x03\x04", 0,
     false},
    {"odt", "application/vnd.oasis.opendocument.text", "PK\x03\x04", 0, false},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet", "PK\x03\x04", 0, false},
    {"odp", "application/vnd.oasis.opendocument.presentation", "PK\x03\x04", 0, false},
    {"rtf", "application/rtf", "{\\rtf", 0, false},
    {"mp3", "audio/mpeg", "ID3", 0, false},
    {"mp4", "video/mp4", "ftyp", 4, false},
    {"ics", "text/calendar", "BEGIN:VCALENDAR", 0, false},
    {"vcf", "text/vcard", "BEGIN:VCARD", 0, false},
    {"csv", "text/csv", NULL, 0, false},
    {"txt", "text/plain", NULL, 0, false},
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
        *type_r = t->type;
        return 0;
    }
    return unknown(name, picture, err);
}
