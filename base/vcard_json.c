/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A card as JSON and back: {"number", "line", "version", "refused", "doubt", "doubt_line", "fn", and by the
 * names of properties arrays of {"part": [...], "types", "label", "language", "altid", "sort_as", "group",
 * "pref"}}.
 */
#include "base/vcard_low.h"

static const struct {
    const char *name;
    size_t offset;
} texts[] = {
    {"types", offsetof(struct vcard_item, types)},       {"label", offsetof(struct vcard_item, label)},
    {"language", offsetof(struct vcard_item, language)}, {"altid", offsetof(struct vcard_item, altid)},
    {"sort_as", offsetof(struct vcard_item, sort_as)},   {"group", offsetof(struct vcard_item, group)},
};

static const char **text_of(struct vcard_item *item, size_t i)
{
    return (const char **)(void *)((char *)item + texts[i].offset);
}

static void set_text(json_t *object, const char *name, const char *value)
{
    if (value)
        json_object_set_new(object, name, json_string(value));
}

static json_t *item_to_json(const struct vcard_item *item)
{
    struct vcard_item copy = *item;
    json_t *parts = json_array(), *object = json_object();
    for (size_t i = 0; i < item->parts; i++)
        json_array_append_new(parts, json_string(item->part[i]));
    json_object_set_new(object, "part", parts);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        set_text(object, texts[i].name, *text_of(&copy, i));
    if (item->pref)
        json_object_set_new(object, "pref", json_integer(item->pref));
    return object;
}

json_t *vcard_to_json(const struct vcard *card)
{
    json_t *object = json_pack("{s:I, s:I, s:i, s:s}", "number", (json_int_t)card->number, "line",
                               (json_int_t)card->line, "version", card->version, "fn", card->fn);
    must(object);
    set_text(object, "refused", card->refused);
    set_text(object, "doubt", card->doubt);
    if (card->doubt)
        json_object_set_new(object, "doubt_line", json_integer(card->doubt_line));
    for (int i = 0; i < VCARD_PROPERTIES; i++) {
        json_t *list = card->of[i].n ? json_array() : NULL;
        for (size_t k = 0; k < card->of[i].n; k++)
            json_array_append_new(list, item_to_json(&card->of[i].item[k]));
        if (list)
            json_object_set_new(object, vcard_kinds[i].name, list);
    }
    return object;
}

/* ---- and back */

static const char *copy_text(void *mem, const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));
    return s ? talloc_strdup(mem, s) : NULL;
}

static bool item_from_json(void *mem, const json_t *json, struct vcard_item *item)
{
    const json_t *parts = json_object_get(json, "part");
    item->parts = json_array_size(parts);
    if (!item->parts || item->parts > VCARD_MAX_PARTS)
        return false;
    for (size_t i = 0; i < item->parts; i++) {
        const char *s = json_string_value(json_array_get(parts, i));
        if (!s)
            return false;
        item->part[i] = talloc_strdup(mem, s);
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *text_of(item, i) = copy_text(mem, json, texts[i].name);
    item->pref = (int)json_integer_value(json_object_get(json, "pref"));
    return true;
}

static bool items_from_json(void *mem, const json_t *list, struct vcard *card, enum vcard_property property)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct vcard_item item = {0};
        if (!item_from_json(mem, json_array_get(list, i), &item))
            return false;
        vcard_add(mem, card, property, &item);
    }
    return true;
}

int vcard_from_json(void *mem, const json_t *json, struct vcard **card_r, struct err *err)
{
    struct vcard *card = talloc_zero(mem, struct vcard);
    card->number = (long)json_integer_value(json_object_get(json, "number"));
    card->line = (long)json_integer_value(json_object_get(json, "line"));
    card->version = (int)json_integer_value(json_object_get(json, "version"));
    card->refused = copy_text(card, json, "refused");
    card->doubt = copy_text(card, json, "doubt");
    card->doubt_line = (long)json_integer_value(json_object_get(json, "doubt_line"));
    card->fn = copy_text(card, json, "fn");
    bool ok = card->fn;
    for (int i = 0; i < VCARD_PROPERTIES && ok; i++)
        ok = items_from_json(card, json_object_get(json, vcard_kinds[i].name), card, (enum vcard_property)i);
    if (!ok)
        return err_set(err, ERR_INPUT, "the card is broken on its way");
    *card_r = card;
    return 0;
}
