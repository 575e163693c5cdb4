/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/contact_cards.h"

#include <sys/stat.h>

#include "base/vcard_cage.h"
#include "cmd/table.h"

struct showing {
    struct cmd *c;
    struct cmd_table *table;
    long cards, refused;
};

static json_t *values(const struct vcard *card, enum vcard_property property)
{
    json_t *list = json_array();
    for (size_t i = 0; i < card->of[property].n; i++)
        json_array_append_new(list, json_string(card->of[property].item[i].part[0]));
    return list;
}

static json_t *name_parts(const struct vcard *card)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < VCARD_N_PARTS; i++)
        json_array_append_new(parts,
                              json_string(card->of[VCARD_N].n ? card->of[VCARD_N].item[0].part[i] : ""));
    return parts;
}

static void print_card(const struct vcard *card)
{
    if (card->refused)
        cmd_print_json(json_pack("{s:o, s:I, s:s}", "row",
                                 card->number ? json_integer(card->number) : json_null(), "line",
                                 (json_int_t)card->line, "reason", card->refused));
    else
        cmd_print_json(json_pack(
            "{s:s, s:o, s:o, s:o, s:s?, s:s?, s:s?}", "fn", card->fn, "n", name_parts(card), "emails",
            values(card, VCARD_EMAIL), "tels", values(card, VCARD_TEL), "org", vcard_first(card, VCARD_ORG),
            "title", vcard_first(card, VCARD_TITLE), "nickname", vcard_first(card, VCARD_NICKNAME)));
}

static const char *joined(void *mem, const struct vcard *card, enum vcard_property property)
{
    struct text t = text_new(mem);
    for (size_t i = 0; i < card->of[property].n; i++)
        text_printf(&t, "%s%s", i ? "; " : "", card->of[property].item[i].part[0]);
    return t.s;
}

static int show_card(void *context, const struct vcard *card, struct err *err)
{
    (void)err;
    MEM_SCOPE(mem);
    struct showing *s = context;
    struct cmd *c = s->c;
    s->cards += card->number > 0;
    s->refused += card->refused != NULL;
    if (c->json)
        print_card(card);
    else if (card->refused)
        fprintf(stderr, _("card %ld, line %ld: %s\n"), card->number, card->line, card->refused);
    else
        cmd_table_add(s->table,
                      (const char *[]){talloc_asprintf(mem, "%ld", card->number), card->fn,
                                       vcard_first(card, VCARD_ORG), vcard_first(card, VCARD_TITLE),
                                       joined(mem, card, VCARD_EMAIL), joined(mem, card, VCARD_TEL)});
    if (card->doubt && !c->json)
        fprintf(stderr, _("card %ld, line %ld is left out: %s\n"), card->number, card->doubt_line,
                card->doubt);
    return 0;
}

bool contact_cards_is(const char *path)
{
    char head[256];
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) /* the first bytes of a pipe would be lost */
        return false;
    FILE_SCOPE FILE *f = fopen(path, "rb");
    return f && vcard_looks_like(head, fread(head, 1, sizeof head, f));
}

static int read_cards(struct showing *s, const char *path, const char *encoding, struct err *err)
{
    char *bytes;
    size_t len;
    struct cage *cage;
    if (mem_read_file(s->c->mem, path, VCARD_MAX_BYTES, &bytes, &len, err) < 0 ||
        cage_open(s->c->mem, &cage, err) < 0)
        return -1;
    int rc = vcard_caged_each(cage, bytes, len, encoding, show_card, s, err);
    cage_close(cage);
    return rc < 0 ? err_context(err, "%s", path) : 0;
}

int contact_cards_read(struct cmd *c, const char *path, const char *encoding)
{
    struct err err;
    struct showing s = {
        c,
        cmd_table_new(c->mem, (const char *[]){"", _("name"), _("organisation"), _("position"), _("address"),
                                               _("phone"), NULL}),
        0, 0};
    if (read_cards(&s, path, encoding, &err) < 0)
        return cmd_fail(c, &err);
    if (!c->json) {
        cmd_table_print(s.table);
        printf(catalog_plural(c->catalog, "%ld card", "%ld cards", s.cards), s.cards);
        putchar('\n');
    }
    return s.refused ? EXIT_LOOK : 0;
}
