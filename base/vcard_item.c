/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The values of a card: what a line's parameters say of one, and their lists.
 */
#include <strings.h>

#include "base/unicode.h"
#include "base/vcard_low.h"

static bool is_flag(const char *type)
{
    static const char *const flags[] = {"pref", "internet", "x400"};
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (!strcasecmp(flags[i], type))
            return true;
    return false;
}

static void add_type(void *mem, struct vcard_item *item, struct text *types, const char *list)
{
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, ",");
        char *type = talloc_strndup(mem, s, n);
        if (!strcasecmp(type, "pref") && !item->pref)
            item->pref = 1;
        if (n && !is_flag(type))
            text_printf(types, "%s%s", types->len ? "," : "", unicode_lower(mem, type));
        s += n + (s[n] == ',');
    }
}

/* The values of a parameter that is a list. */
static const char *all_values(void *mem, const struct vcard_line *line, const char *name)
{
    struct text t = text_new(mem);
    for (size_t i = 0; i < line->params; i++)
        if (!strcasecmp(line->param[i].name, name))
            text_printf(&t, "%s%s", t.len ? "," : "", line->param[i].value);
    return t.len ? t.s : NULL;
}

/* A parameter's text as UTF-8. */
static const char *param_text(void *mem, const struct vcard_source *source, const struct vcard_line *line,
                              const char *name)
{
    struct err err;
    char *text;
    const char *used, *value = vcard_param(line, name);
    if (!value || !*value)
        return NULL;
    if (unicode_valid_utf8(value, strlen(value)))
        return talloc_strdup(mem, value);
    return unicode_decode(mem, value, strlen(value), source->encoding, &text, &used, &err) == 0 ? text : NULL;
}

struct vcard_item vcard_about(void *mem, const struct vcard_source *source, const struct vcard_line *line)
{
    struct vcard_item item = {0};
    struct text types = text_new(mem);
    const char *label = param_text(mem, source, line, "LABEL"), *pref = vcard_param(line, "PREF"),
               *sort_as = all_values(mem, line, "SORT-AS");
    item.label = label ? vcard_unescape(mem, 40, label) : NULL;
    item.language = param_text(mem, source, line, "LANGUAGE");
    item.altid = param_text(mem, source, line, "ALTID");
    item.group = line->group ? talloc_strdup(mem, line->group) : NULL;
    item.sort_as = sort_as && unicode_valid_utf8(sort_as, strlen(sort_as)) ? sort_as : NULL;
    item.pref = pref ? (int)strtol(pref, NULL, 10) : 0;
    if (item.pref < 0 || item.pref > 100)
        item.pref = 0;
    for (size_t i = 0; i < line->params; i++)
        if (!strcasecmp(line->param[i].name, "TYPE") &&
            unicode_valid_utf8(line->param[i].value, strlen(line->param[i].value)))
            add_type(mem, &item, &types, line->param[i].value);
    item.types = types.len ? types.s : NULL;
    return item;
}

size_t vcard_item_size(const struct vcard_item *item)
{
    const char *const texts[] = {item->types, item->label,   item->language,
                                 item->altid, item->sort_as, item->group};
    size_t size = 0;
    for (size_t i = 0; i < item->parts; i++)
        size += strlen(item->part[i]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        size += texts[i] ? strlen(texts[i]) : 0;
    return size;
}

/* ---- lists of values */

void vcard_add(void *mem, struct vcard *card, enum vcard_property property, const struct vcard_item *item)
{
    struct vcard_items *items = &card->of[property];
    size_t room = talloc_array_length(items->item);
    if (items->n == room)
        items->item = talloc_realloc(mem, items->item, struct vcard_item, (unsigned)(room ? 2 * room : 4));
    struct vcard_item *new = &items->item[items->n++];
    *new = *item;
    if (new->parts < vcard_kinds[property].parts)
        new->parts = vcard_kinds[property].parts;
    for (size_t i = 0; i < VCARD_MAX_PARTS; i++)
        if (!new->part[i])
            new->part[i] = "";
}

void vcard_add_text(void *mem, struct vcard *card, enum vcard_property property, const char *value)
{
    if (value && *value)
        vcard_add(mem, card, property, &(struct vcard_item){.part = {value}, .parts = 1});
}

/* The preferred first, others in their order. */
void vcard_sort(struct vcard_items *items)
{
    for (size_t i = 1; i < items->n; i++) {
        struct vcard_item item = items->item[i];
        size_t at = i;
        while (at && item.pref && (!items->item[at - 1].pref || items->item[at - 1].pref > item.pref)) {
            items->item[at] = items->item[at - 1];
            at--;
        }
        items->item[at] = item;
    }
}

const char *vcard_first(const struct vcard *card, enum vcard_property property)
{
    return card->of[property].n ? card->of[property].item[0].part[0] : NULL;
}
