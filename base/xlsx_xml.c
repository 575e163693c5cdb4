/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The only file that knows expat.  A document is walked through by its grammar; what is not in the grammar is
 * counted and forgotten.
 *
 * The limits: no DTD, so no entities but the five and characters by number; no deeper than any spreadsheet
 * is; no tag, comment or the like longer than a megabyte, because expat keeps it as a whole; no more names
 * than any format of spreadsheets has, because expat never forgets a name; and, in all parts of a package
 * together, not many bytes that lead to nothing.
 */
#include "base/xlsx_part.h"

#include "base/expat_lazy.h"

enum {
    CHUNK = 64 << 10,
    MAX_DEPTH = 64,
    MAX_TOKEN = 1 << 20,
    MAX_NAMES = 2000,
    NAME_SLOTS = 4096,
    MAX_IDLE = 32 << 20,
    SKIPPED = 255,
};

struct walk {
    struct xlsx_xml *xml;
    XML_Parser parser;
    const struct xlsx_part *part;
    struct err *err;
    bool failed, wanted;
    unsigned char open[MAX_DEPTH + 1]; /* ids from the document (0) on */
    int depth;
    struct text text;
    uint64_t read, fed;         /* fed: without those of the hole */
    uint32_t names[NAME_SLOTS]; /* their hashes, 0: free */
    size_t n_names;
};

static void stop(struct walk *w)
{
    w->failed = true;
    XML_StopParser(w->parser, XML_FALSE);
}

static void PRINTF(2, 3) refuse(struct walk *w, const char *fmt, ...)
{
    va_list ap;
    if (w->failed)
        return;
    va_start(ap, fmt);
    err_vset(w->err, ERR_INPUT, fmt, ap);
    va_end(ap);
    err_context(w->err, "%.100s, line %lu", xlsx_part_name(w->part), XML_GetCurrentLineNumber(w->parser));
    stop(w);
}

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void count_name(struct walk *w, const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    hash += !hash;
    size_t i = hash % NAME_SLOTS;
    while (w->names[i] && w->names[i] != hash)
        i = (i + 1) % NAME_SLOTS;
    if (w->names[i] == hash)
        return;
    w->names[i] = hash;
    if (++w->n_names > MAX_NAMES)
        refuse(w, "more than %d names of elements and attributes", MAX_NAMES);
}

static int id_of(const struct walk *w, const char *name)
{
    int parent = w->open[w->depth];
    if (parent == SKIPPED)
        return SKIPPED;
    name = local_name(name);
    for (const struct xlsx_element *e = w->xml->grammar; e->name; e++)
        if (e->parent == parent && !strcmp(e->name, name))
            return e->id;
    return SKIPPED;
}

static bool wants_text(const struct walk *w, int id)
{
    for (const struct xlsx_element *e = w->xml->grammar; e->name; e++)
        if (e->id == id)
            return e->text;
    return false;
}

static void XMLCALL start_element(void *context, const char *name, const char **attributes)
{
    struct walk *w = context;
    if (w->failed)
        return;
    count_name(w, name);
    for (size_t i = 0; attributes[i] && !w->failed; i += 2)
        count_name(w, attributes[i]);
    int id = id_of(w, name);
    if (w->depth == MAX_DEPTH)
        refuse(w, "more than %d elements inside each other", MAX_DEPTH);
    if (!w->depth && id == SKIPPED)
        refuse(w, "<%.40s> is not what stands there in a spreadsheet", name);
    if (w->failed)
        return;
    w->open[++w->depth] = (unsigned char)id;
    w->text.len = 0;
    *w->text.s = 0;
    w->wanted = id != SKIPPED && wants_text(w, id);
    if (id != SKIPPED && w->xml->start && w->xml->start(w->xml, id, attributes, w->err) < 0)
        stop(w);
}

static void XMLCALL end_element(void *context, const char *name)
{
    (void)name;
    struct walk *w = context;
    if (w->failed)
        return;
    int id = w->open[w->depth--];
    if (id != SKIPPED && w->xml->end && w->xml->end(w->xml, id, &w->text, w->err) < 0)
        stop(w);
    w->text.len = 0;
    *w->text.s = 0;
    w->wanted = false;
}

static void XMLCALL characters(void *context, const char *s, int len)
{
    struct walk *w = context;
    if (!w->wanted || w->failed)
        return;
    if (w->text.len + (size_t)len > CSV_MAX_CELL_BYTES)
        refuse(w, "a text of more than 64 KB");
    else
        text_add(&w->text, s, (size_t)len);
}

static void XMLCALL start_doctype(void *context, const char *name, const char *system_id,
                                  const char *public_id, int has_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    refuse(context, "a document type definition, which no spreadsheet has");
}

static void check_progress(struct walk *w, struct xlsx_part *part, size_t n)
{
    w->fed += n;
    XML_Index index = XML_GetCurrentByteIndex(w->parser);
    uint64_t done = index < 0 ? 0 : (uint64_t)index, *idle = xlsx_part_idle(part);
    if (w->fed > done && w->fed - done > MAX_TOKEN + CHUNK)
        refuse(w, "a tag or comment of more than 1 MB");
    uint64_t found = w->xml->found;
    w->xml->found = 0;
    *idle += n;
    *idle -= found < *idle ? found : *idle;
    if (*idle > MAX_IDLE)
        refuse(w, XLSX_EMPTY, MAX_IDLE >> 20);
}

/* Takes those bytes out that lie in the hole; how many are left. */
static size_t close_hole(struct walk *w, char *bytes, size_t n)
{
    const struct xlsx_hole *hole = &w->xml->hole;
    uint64_t at = w->read;
    w->read += n;
    if (w->read <= hole->from || at >= hole->to)
        return n;
    size_t from = hole->from > at ? (size_t)(hole->from - at) : 0;
    size_t to = hole->to < w->read ? (size_t)(hole->to - at) : n;
    memmove(bytes + from, bytes + to, n - to);
    return from + n - to;
}

static int feed(struct walk *w, struct xlsx_part *part)
{
    bool end = false;
    while (!end && !w->failed) {
        char *buffer = XML_GetBuffer(w->parser, CHUNK);
        must(buffer);
        int n = xlsx_part_read(part, buffer, CHUNK, w->err);
        if (n < 0)
            return -1;
        size_t len = close_hole(w, buffer, (size_t)n);
        end = n == 0 || (w->xml->hole.to == XLSX_TO_END && w->read >= w->xml->hole.from);
        if (XML_ParseBuffer(w->parser, (int)len, n == 0) == XML_STATUS_ERROR)
            refuse(w, "%s", XML_ErrorString(XML_GetErrorCode(w->parser)));
        else
            check_progress(w, part, len);
    }
    return w->failed ? -1 : 0;
}

void xlsx_xml_init(void)
{
    lazy_need(&expat_lazy);
}

int xlsx_xml_run(struct xlsx_xml *xml, struct xlsx_part *part, struct err *err)
{
    MEM_SCOPE(mem);
    struct walk *w = talloc_zero(mem, struct walk);
    w->xml = xml;
    w->part = part;
    w->err = err;
    w->text = text_new(w);
    w->parser = XML_ParserCreate(NULL);
    must(w->parser);
    XML_SetUserData(w->parser, w);
    XML_SetElementHandler(w->parser, start_element, end_element);
    XML_SetCharacterDataHandler(w->parser, characters);
    XML_SetStartDoctypeDeclHandler(w->parser, start_doctype);
    int rc = feed(w, part);
    XML_ParserFree(w->parser);
    return rc;
}

const char *xlsx_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i]; i += 2)
        if (!strcmp(local_name(attributes[i]), name) && strncmp(attributes[i], "xmlns", 5))
            return attributes[i + 1];
    return NULL;
}

bool xlsx_attribute_is_true(const char **attributes, const char *name)
{
    const char *value = xlsx_attribute(attributes, name);
    return value && (!strcmp(value, "1") || !strcmp(value, "true") || !strcmp(value, "on"));
}
