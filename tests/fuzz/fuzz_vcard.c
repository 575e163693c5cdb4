/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * vCards from outside: what is read goes through JSON unchanged, and is written so that it reads again, with as
 * many values of each property.
 */
#include "base/unicode.h"
#include "base/vcard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct again {
    void *mem;
    const struct vcard *first;
    int cards;
};

static int read_again(void *context, const struct vcard *card, struct err *err)
{
    (void)err;
    struct again *a = context;
    must(!card->refused && !card->doubt);
    for (int i = 0; i < VCARD_PROPERTIES; i++)
        must(card->of[i].n == a->first->of[i].n || (i == VCARD_FN && !a->first->of[i].n) ||
             i == VCARD_TEL || i == VCARD_EMAIL || i == VCARD_UID || i == VCARD_URL || i == VCARD_MEMBER);
    a->cards++;
    return 0;
}

static void check_texts(const struct vcard *card)
{
    for (int i = 0; i < VCARD_PROPERTIES; i++)
        for (size_t k = 0; k < card->of[i].n; k++)
            for (size_t p = 0; p < card->of[i].item[k].parts; p++)
                must(unicode_valid_utf8(card->of[i].item[k].part[p], strlen(card->of[i].item[k].part[p])));
}

static int read_card(void *context, const struct vcard *card, struct err *err)
{
    MEM_SCOPE(mem);
    (void)context;
    must(card->fn && unicode_valid_utf8(card->fn, strlen(card->fn)));
    check_texts(card);
    struct vcard *copy;
    json_t *json = vcard_to_json(card);
    must(vcard_from_json(mem, json, &copy, err) == 0);
    json_t *same = vcard_to_json(copy);
    must(json_equal(json, same));
    json_decref(json);
    json_decref(same);
    if (card->refused)
        return 0;
    struct text written = text_new(mem);
    vcard_write(&written, copy);
    must(unicode_valid_utf8(written.s, written.len));
    struct again again = {mem, card, 0};
    must(vcard_each(written.s, written.len, NULL, read_again, &again, err) == 0 && again.cards == 1);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    int rc = vcard_each((const char *)data, size, NULL, read_card, NULL, &err);
    return rc < 0 ? 0 : rc;
}
