/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The .po files are built in as they are and parsed at catalog_new: a few hundred entries, a millisecond.
 * Entries lie in a table of open addressing by the hash of their msgid, never more than half full.  A broken
 * file is a bug: tests/check/po.sh has msgfmt look at it first.
 */
#include "base/catalog.h"

#include <ctype.h>

#include "base/embedded.h"
#include "base/unicode.h"

enum { FORMS = 3 };

struct entry {
    const char *msgid;
    const char *form[FORMS];
};

struct catalog {
    const char *language;
    int (*plural)(long n);
    size_t count, size; /* size: a power of two */
    struct entry *entry;
};

static int plural_two(long n)
{
    return n != 1;
}

/* Serbian: 1, 21, 31 poziv; 2-4, 22-24 poziva; 0, 5-20 poziva; as the header of po/sr.po says it. */
static int plural_serbian(long n)
{
    long last = labs(n) % 10, two = labs(n) % 100;
    if (last == 1 && two != 11)
        return 0;
    return last >= 2 && last <= 4 && (two < 12 || two > 14) ? 1 : 2;
}

static const struct {
    const char *language, *file;
    int (*plural)(long n);
    bool latin; /* made from the file's Cyrillic */
} languages[] = {
    {"en", NULL, plural_two, false},
    {"sq", "po/sq.po", plural_two, false},
    {"sr-Cyrl", "po/sr.po", plural_serbian, false},
    {"sr-Latn", "po/sr.po", plural_serbian, true},
};

/* ---- the table */

static struct entry *find_slot(const struct catalog *catalog, const char *msgid)
{
    size_t hash = 5381;
    for (const char *s = msgid; *s; s++)
        hash = hash * 33 + (unsigned char)*s;
    for (size_t i = hash & (catalog->size - 1);; i = (i + 1) & (catalog->size - 1))
        if (!catalog->entry[i].msgid || !strcmp(catalog->entry[i].msgid, msgid))
            return &catalog->entry[i];
}

static void grow(struct catalog *catalog)
{
    struct entry *old = catalog->entry;
    size_t size = catalog->size;
    catalog->size = size ? size * 2 : 256;
    catalog->entry = talloc_zero_array(catalog, struct entry, catalog->size);
    for (size_t i = 0; i < size; i++)
        if (old[i].msgid)
            *find_slot(catalog, old[i].msgid) = old[i];
    talloc_free(old);
}

static void add_entry(struct catalog *catalog, const struct entry *entry)
{
    bool translated = entry->msgid && *entry->msgid && entry->form[0] && *entry->form[0];
    if (!translated)
        return;
    if (catalog->count * 2 >= catalog->size)
        grow(catalog);
    struct entry *slot = find_slot(catalog, entry->msgid);
    catalog->count += !slot->msgid;
    *slot = *entry;
}

/* ---- the file */

/* The string between the first and the last quote of a line, its escapes resolved, added to t. */
static void add_quoted(struct text *t, const char *line)
{
    const char *from = strchr(line, '"'), *to = strrchr(line, '"');
    for (const char *s = from ? from + 1 : to; s < to; s++) {
        if (*s != '\\' || s + 1 >= to) {
            text_putc(t, *s);
            continue;
        }
        s++;
        text_putc(t, *s == 'n' ? '\n' : *s == 't' ? '\t' : *s == 'r' ? '\r' : *s);
    }
}

struct parsing {
    struct catalog *catalog;
    struct entry entry;
    bool fuzzy, latin;
    const char *ignored;
    const char **target; /* where the string that is being read goes; NULL: nowhere */
    struct text string;
};

static void end_string(struct parsing *p)
{
    if (!p->target)
        return;
    bool make_latin = p->latin && p->target != &p->entry.msgid;
    *p->target =
        make_latin ? unicode_to_latin(p->catalog, p->string.s) : talloc_strdup(p->catalog, p->string.s);
    p->target = NULL;
}

static void end_entry(struct parsing *p)
{
    end_string(p);
    if (!p->fuzzy)
        add_entry(p->catalog, &p->entry);
    p->entry = (struct entry){0};
    p->fuzzy = false;
}

static void begin_string(struct parsing *p, const char **target, const char *line)
{
    end_string(p);
    p->target = target;
    p->string.len = 0;
    p->string.s[0] = 0;
    add_quoted(&p->string, line);
}

static void parse_line(struct parsing *p, const char *line)
{
    if (!*line || !strncmp(line, "#~", 2))
        end_entry(p);
    else if (line[0] == '#')
        p->fuzzy = p->fuzzy || (line[1] == ',' && strstr(line, "fuzzy"));
    else if (line[0] == '"')
        add_quoted(&p->string, line);
    else if (!strncmp(line, "msgid ", 6))
        begin_string(p, &p->entry.msgid, line);
    else if (!strncmp(line, "msgstr ", 7))
        begin_string(p, &p->entry.form[0], line);
    else if (!strncmp(line, "msgstr[", 7) && line[7] >= '0' && line[7] < '0' + FORMS)
        begin_string(p, &p->entry.form[line[7] - '0'], line);
    else
        begin_string(p, &p->ignored, line);
}

static void parse_po(struct catalog *catalog, const char *bytes, size_t size, bool latin)
{
    MEM_SCOPE(mem);
    struct parsing p = {.catalog = catalog, .latin = latin, .string = text_new(mem)};
    for (const char *at = bytes, *end = at + size; at < end;) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((eol ? eol : end) - at);
        parse_line(&p, talloc_strndup(mem, at, len));
        at += len + 1;
    }
    end_entry(&p);
}

/* ---- the catalogue */

static size_t language_index(const char *language)
{
    if (!strcmp(language, "sr"))
        language = "sr-Latn";
    size_t i = ARRAY_LEN(languages) - 1;
    while (i > 0 && strcmp(languages[i].language, language) != 0)
        i--;
    return i;
}

const struct catalog *catalog_parse(void *mem, const char *language, const char *po, size_t len)
{
    size_t i = language_index(language);
    struct catalog *catalog = talloc_zero(mem, struct catalog);
    catalog->language = languages[i].language;
    catalog->plural = languages[i].plural;
    if (languages[i].file)
        parse_po(catalog, po, len, languages[i].latin);
    return catalog;
}

const struct catalog *catalog_new(void *mem, const char *language)
{
    const char *file = languages[language_index(language)].file;
    for (const struct embedded *e = embedded; e->name && file; e++)
        if (!strcmp(e->name, file))
            return catalog_parse(mem, language, e->bytes, e->len);
    return catalog_parse(mem, "en", "", 0);
}

const char *catalog_language(const struct catalog *catalog)
{
    return catalog->language;
}

static const struct entry *find_entry(const struct catalog *catalog, const char *msgid)
{
    if (!catalog->size)
        return NULL;
    const struct entry *entry = find_slot(catalog, msgid);
    return entry->msgid ? entry : NULL;
}

const char *catalog_text(const struct catalog *catalog, const char *msgid)
{
    const struct entry *entry = find_entry(catalog, msgid);
    return entry ? entry->form[0] : msgid;
}

const char *catalog_plural(const struct catalog *catalog, const char *one, const char *many, long n)
{
    const struct entry *entry = find_entry(catalog, one);
    const char *form = entry ? entry->form[catalog->plural(n)] : NULL;
    if (form && *form)
        return form;
    return n == 1 ? one : many;
}
