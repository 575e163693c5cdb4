/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Writing: RFC 6350, one property a line in the order of enum vcard_property, BEGIN and VERSION in front
 * (6.7.9), lists of nicknames and categories on one line.  TEL stays the text that it is by default (6.4.1):
 * programs show a URI as it stands.
 */
#include <ctype.h>
#include <strings.h>

#include "base/unicode.h"
#include "base/vcard_low.h"

/* A text, or a component of a structured one (3.4).  Only there the semicolon means something; elsewhere it
 * may be escaped, and Thunderbird would show the backslash. */
static void add_escaped(struct text *t, const char *s, bool component)
{
    const char *signs = component ? "\\,;" : "\\,";
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n')
            text_puts(t, "\\n");
        else if (c && strchr(signs, c))
            text_printf(t, "\\%c", c);
        else
            text_putc(t, c < ' ' || c == 127 ? ' ' : (char)c);
    }
}

/* A URI stands as it is; what cannot stand in one is percent-coded. */
static void add_uri(struct text *t, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c <= ' ' || c == 127 || (c && strchr("\"<>\\^`{|}", c)))
            text_printf(t, "%%%02X", c);
        else
            text_putc(t, (char)c);
    }
}

/* 3.3: quoted where it must be, with the carets of RFC 6868. */
static void add_param_value(struct text *t, const char *s)
{
    bool quoted = s[strcspn(s, ",;:")];
    text_puts(t, quoted ? "\"" : "");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n' || c == '"' || c == '^')
            text_puts(t, c == '\n' ? "^n" : c == '"' ? "^'" : "^^");
        else
            text_putc(t, c < ' ' || c == 127 ? ' ' : (char)c);
    }
    text_puts(t, quoted ? "\"" : "");
}

static void add_param(struct text *t, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    text_printf(t, ";%s=", name);
    add_param_value(t, value);
}

/* Words that may stand in TYPE: iana-token, x-name; from other cards anything may come. */
static void add_types(struct text *t, const char *types)
{
    const char *sign = ";TYPE=";
    for (const char *s = types; s && *s;) {
        size_t n = strcspn(s, ","), good = 0;
        while (good < n && (isalnum((unsigned char)s[good]) || s[good] == '-'))
            good++;
        if (n && good == n)
            text_printf(t, "%s%.*s", sign, (int)n, s);
        sign = n && good == n ? "," : sign;
        s += n + (s[n] == ',');
    }
}

/* SORT-AS is a list: each of its words is a parameter value of its own (5.9). */
static void add_sort_as(struct text *t, const char *list)
{
    const char *sign = ";SORT-AS=";
    for (const char *s = list; s && *s; s += strspn(s, ",")) {
        MEM_SCOPE(mem);
        size_t n = strcspn(s, ",");
        text_puts(t, sign);
        add_param_value(t, talloc_strndup(mem, s, n));
        sign = ",";
        s += n;
    }
}

/* Lines of 75 octets without their ends, cut between characters (3.2). */
static void add_folded(struct text *t, const struct text *line)
{
    enum { WIDTH = 75 };
    size_t at = 0, room = WIDTH;
    while (line->len - at > room) {
        size_t n = room;
        while ((line->s[at + n] & 0xc0) == 0x80)
            n--;
        text_add(t, line->s + at, n);
        text_puts(t, "\r\n ");
        at += n;
        room = WIDTH - 1;
    }
    text_add(t, line->s + at, line->len - at);
    text_puts(t, "\r\n");
}

static void add_params(struct text *line, enum vcard_property property, const struct vcard_item *item)
{
    if (item->pref)
        text_printf(line, ";PREF=%d", item->pref);
    add_types(line, item->types);
    add_param(line, "LANGUAGE", item->language);
    add_param(line, "ALTID", item->altid);
    if (property == VCARD_N || property == VCARD_ORG)
        add_sort_as(line, item->sort_as);
    if (property == VCARD_ADR)
        add_param(line, "LABEL", item->label);
}

static void add_value(struct text *line, enum vcard_property property, const struct vcard_item *item)
{
    enum vcard_shape shape = vcard_kinds[property].shape;
    if (shape == VCARD_URI)
        add_uri(line, item->part[0]);
    else
        for (size_t i = 0; i < item->parts; i++) {
            text_puts(line, i ? ";" : "");
            add_escaped(line, item->part[i], shape == VCARD_STRUCTURE);
        }
}

static void add_group(struct text *line, const char *group)
{
    size_t n = 0;
    while (group && (isalnum((unsigned char)group[n]) || group[n] == '-'))
        n++;
    if (n && !group[n])
        text_printf(line, "%s.", group);
}

static void write_line(struct text *t, struct text *line, enum vcard_property property,
                       const struct vcard_items *items, size_t from, size_t to)
{
    line->len = 0;
    add_group(line, items->item[from].group);
    text_puts(line, vcard_kinds[property].name);
    add_params(line, property, &items->item[from]);
    for (size_t i = from; i < to; i++) {
        text_putc(line, i == from ? ':' : ',');
        add_value(line, property, &items->item[i]);
    }
    add_folded(t, line);
}

static bool same(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* How many of them stand on one line. */
static size_t run(enum vcard_property property, const struct vcard_items *items, size_t from)
{
    const struct vcard_item *first = &items->item[from];
    size_t to = from + 1;
    if (vcard_kinds[property].shape == VCARD_LIST)
        while (to < items->n && same(first->language, items->item[to].language) &&
               same(first->types, items->item[to].types) && same(first->altid, items->item[to].altid) &&
               same(first->group, items->item[to].group) && first->pref == items->item[to].pref)
            to++;
    return to;
}

void vcard_write(struct text *t, const struct vcard *card)
{
    MEM_SCOPE(mem);
    struct text line = text_new(mem);
    struct vcard_item fn = {.part = {card->fn ? card->fn : ""}, .parts = 1};
    const struct vcard_items named = {&fn, 1};
    text_puts(t, "BEGIN:VCARD\r\nVERSION:4.0\r\n");
    for (int i = 0; i < VCARD_PROPERTIES; i++) {
        enum vcard_property property = (enum vcard_property)i;
        const struct vcard_items *items = &card->of[i];
        if (property == VCARD_FN && !items->n)
            items = &named;
        for (size_t from = 0, to; from < items->n; from = to) {
            to = run(property, items, from);
            write_line(t, &line, property, items, from, to);
        }
    }
    text_puts(t, "END:VCARD\r\n");
}
