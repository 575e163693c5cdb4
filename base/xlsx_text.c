/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The shared strings: runs of rich text joined, what only says how it is pronounced (rPh) left out.
 */
#include "base/xlsx_low.h"

#include "base/unicode.h"

enum { MAX_STRINGS = 4000000, MAX_STRINGS_BYTES = 63 << 20 };

/* ---- _xHHHH_, a UTF-16 unit (ECMA-376 22.9.2.19) */

static bool read_unit(const char *s, const char *end, uint32_t *unit_r)
{
    uint32_t unit = 0;
    if (end - s < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_')
        return false;
    for (int i = 2; i < 6; i++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, s[i] | (s[i] >= 'A' ? 0x20 : 0));
        if (!digit || !*digit)
            return false;
        unit = unit << 4 | (uint32_t)(digit - digits);
    }
    *unit_r = unit;
    return true;
}

/* The characters before U+0020 but for tab and line breaks are no text. */
static void add_unit(struct text *t, uint32_t c)
{
    if (c >= 0x20 || c == '\t' || c == '\n')
        unicode_add(t, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
}

void xlsx_add_text(struct text *t, const char *s, size_t len)
{
    const char *end = s + len, *from = s;
    uint32_t c, low;
    while ((s = memchr(s, '_', (size_t)(end - s)))) {
        if (!read_unit(s, end, &c)) {
            s++;
            continue;
        }
        text_add(t, from, (size_t)(s - from));
        s += 7;
        if (c >= 0xd800 && c < 0xdc00 && read_unit(s, end, &low) && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            s += 7;
        }
        add_unit(t, c);
        from = s;
    }
    text_add(t, from, (size_t)(end - from));
}

/* ---- the table */

enum { TABLE = 1, STRING, RUN, TEXT };
static const struct xlsx_element grammar[] = {{"sst", 0, TABLE, false},  {"si", TABLE, STRING, false},
                                              {"t", STRING, TEXT, true}, {"r", STRING, RUN, false},
                                              {"t", RUN, TEXT, true},    {0}};

struct reading {
    void *mem;
    struct xlsx_strings *to;
};

static int begin_string(struct reading *r, struct err *err)
{
    struct xlsx_strings *to = r->to;
    if (to->n == MAX_STRINGS)
        return err_set(err, ERR_INPUT, "has more than %d texts", MAX_STRINGS);
    if (to->n == to->room) {
        to->room = to->room ? to->room * 2 : 1024;
        to->begins = talloc_realloc(r->mem, to->begins, uint32_t, to->room);
    }
    to->begins[to->n++] = (uint32_t)to->text.len;
    return 0;
}

static int start(struct xlsx_xml *xml, int id, const char **attributes, struct err *err)
{
    (void)attributes;
    return id == STRING ? begin_string(xml->context, err) : 0;
}

static int end(struct xlsx_xml *xml, int id, const struct text *text, struct err *err)
{
    struct reading *r = xml->context;
    struct xlsx_strings *to = r->to;
    if (id == TEXT)
        xlsx_add_text(&to->text, text->s, text->len);
    if (id != TEXT && id != STRING)
        return 0;
    if (to->text.len - to->begins[to->n - 1] > CSV_MAX_CELL_BYTES)
        return err_set(err, ERR_INPUT, "the shared text %zu has more than 64 KB", to->n);
    if (to->text.len > MAX_STRINGS_BYTES)
        return err_set(err, ERR_INPUT, "has more than %d MB of texts", MAX_STRINGS_BYTES >> 20);
    if (id == TEXT)
        return 0;
    xml->found += XLSX_FOUND + to->text.len - to->begins[to->n - 1];
    text_putc(&to->text, 0);
    return 0;
}

int xlsx_strings_read(void *mem, struct xlsx_part *part, struct xlsx_strings *strings_r, struct err *err)
{
    *strings_r = (struct xlsx_strings){.text = text_new(mem)};
    struct reading r = {mem, strings_r};
    struct xlsx_xml xml = {.grammar = grammar, .start = start, .end = end, .context = &r};
    return xlsx_xml_run(&xml, part, err);
}
