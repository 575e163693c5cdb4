/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Reading: lines become cards.  A card begins with BEGIN:VCARD and ends with END:VCARD; one inside an AGENT
 * of 2.1 is skipped, and any other BEGIN says that the card before it has lost its end.
 */
#include "base/vcard.h"

#include <strings.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "base/vcard_low.h"

/* Lines that say something of other lines. */
enum remark_kind { REMARK_LABEL, REMARK_GROUP_LABEL, REMARK_SORT_AS, REMARK_COMPANY };
static const char *const remark_names[] = {"LABEL", "X-ABLABEL", "SORT-STRING", "X-ABSHOWAS"};
struct remark {
    enum remark_kind kind;
    const char *group, *text;
};

struct reading {
    vcard_fn *fn;
    void *context;
    struct err *err;
    struct vcard_source source;
    void *mem; /* of the card */
    struct vcard card;
    bool inside;
    enum { BEFORE_PICTURE = 1, BEFORE_AGENT } before; /* the line before */
    int nested;
    size_t lines, bytes, kept; /* kept: of text */
    long number, stray;        /* stray: the first line outside of a card, 0: none */
    struct remark *remark;     /* looked at when the card ends */
    size_t remarks;
};

/* ---- the properties of a card */

static void refuse(struct reading *r, const char *why)
{
    if (!r->card.refused)
        r->card.refused = err_word(why);
}

static void doubt(struct reading *r, const struct vcard_line *line)
{
    if (r->card.doubt)
        return;
    r->card.doubt = talloc_strdup(r->mem, err_word(line->flaw));
    r->card.doubt_line = line->line;
}

static void add_item(struct reading *r, enum vcard_property property, const struct vcard_item *item)
{
    r->kept += vcard_item_size(item);
    if (r->kept > VCARD_MAX_TEXT_BYTES)
        refuse(r, N_("it has more than 1 MB of text"));
    else
        vcard_add(r->mem, &r->card, property, item);
}

static void add_list(struct reading *r, enum vcard_property property, struct vcard_item *item,
                     const char *value)
{
    item->parts = 1;
    for (const char *piece; (piece = vcard_next(r->mem, &value, ','));) {
        item->part[0] = vcard_unescape(r->mem, r->card.version, piece);
        if (*item->part[0])
            add_item(r, property, item);
    }
}

/* Empty units and parts at the end go. */
static void add_structure(struct reading *r, enum vcard_property property, struct vcard_item *item,
                          const char *value)
{
    const struct vcard_kind *kind = &vcard_kinds[property];
    size_t n = vcard_split(r->mem, value, ';', item->part, VCARD_MAX_PARTS);
    for (size_t i = 0; i < n; i++) {
        item->part[i] = vcard_join(r->mem, r->card.version, item->part[i], kind->list_words);
        if (*item->part[i])
            item->parts = i + 1;
    }
    if (item->parts || (item->label && property == VCARD_ADR))
        add_item(r, property, item);
}

static void add_value(struct reading *r, enum vcard_property property, struct vcard_item *item,
                      const char *value)
{
    enum vcard_shape shape = vcard_kinds[property].shape;
    if (shape == VCARD_LIST) {
        add_list(r, property, item, value);
    } else if (shape == VCARD_STRUCTURE) {
        add_structure(r, property, item, value);
    } else {
        const char *plain = vcard_unescape(r->mem, shape == VCARD_URI ? 21 : r->card.version, value);
        if (property == VCARD_TEL || property == VCARD_EMAIL)
            plain = vcard_plain_uri(r->mem, plain);
        item->part[0] = plain;
        item->parts = 1;
        if (*plain)
            add_item(r, property, item);
    }
}

/* What other programs call it. */
static const struct {
    const char *name;
    enum vcard_property property;
} other_names[] = {
    {"X-ADDRESSBOOKSERVER-KIND", VCARD_KIND},
    {"X-ADDRESSBOOKSERVER-MEMBER", VCARD_MEMBER},
    {"X-EVOLUTION-ROLE", VCARD_ROLE},
    {"X-GENDER", VCARD_GENDER},
};

static bool find_property(const char *name, enum vcard_property *property_r)
{
    for (int i = 0; i < VCARD_PROPERTIES; i++)
        if (!strcasecmp(vcard_kinds[i].name, name)) {
            *property_r = (enum vcard_property)i;
            return true;
        }
    for (size_t i = 0; i < ARRAY_LEN(other_names); i++)
        if (!strcasecmp(other_names[i].name, name)) {
            *property_r = other_names[i].property;
            return true;
        }
    return false;
}

/* "_$!<Home>!$_" of Apple is "Home". */
static const char *label_word(void *mem, const char *label)
{
    size_t n = strlen(label);
    if (n > 8 && !strncmp(label, "_$!<", 4) && !strcmp(label + n - 4, ">!$_"))
        return talloc_strndup(mem, label + 4, n - 8);
    return label;
}

static bool find_remark(const char *name, enum remark_kind *kind_r)
{
    for (size_t i = 0; i < ARRAY_LEN(remark_names); i++)
        if (!strcasecmp(remark_names[i], name)) {
            *kind_r = (enum remark_kind)i;
            return true;
        }
    return false;
}

static void add_remark(struct reading *r, enum remark_kind kind, const struct vcard_line *line,
                       const char *value)
{
    r->remark = talloc_realloc(r->mem, r->remark, struct remark, (unsigned)r->remarks + 1);
    r->remark[r->remarks++] = (struct remark){kind, line->group ? talloc_strdup(r->mem, line->group) : NULL,
                                              vcard_unescape(r->mem, r->card.version, value)};
}

static void label_group(struct vcard *card, const struct remark *remark, const char *word)
{
    for (int property = 0; property < VCARD_PROPERTIES; property++)
        for (size_t i = 0; i < card->of[property].n; i++) {
            struct vcard_item *item = &card->of[property].item[i];
            if (remark->group && item->group && !item->label && !strcasecmp(item->group, remark->group))
                item->label = word;
        }
}

static void label_address(struct vcard *card, const char *lines)
{
    for (size_t i = 0; i < card->of[VCARD_ADR].n; i++)
        if (!card->of[VCARD_ADR].item[i].label) {
            card->of[VCARD_ADR].item[i].label = lines;
            return;
        }
}

static void apply_remark(struct reading *r, const struct remark *remark)
{
    struct vcard_items *names = &r->card.of[VCARD_N];
    switch (remark->kind) {
    case REMARK_LABEL:
        label_address(&r->card, remark->text);
        break;
    case REMARK_GROUP_LABEL:
        label_group(&r->card, remark, label_word(r->mem, remark->text));
        break;
    case REMARK_SORT_AS:
        if (names->n && !names->item[0].sort_as)
            names->item[0].sort_as = remark->text;
        break;
    case REMARK_COMPANY:
        if (!r->card.of[VCARD_KIND].n && !strcasecmp(remark->text, "COMPANY"))
            vcard_add_text(r->mem, &r->card, VCARD_KIND, "org");
    }
}

/* ---- a card */

static void begin_card(struct reading *r, const struct vcard_line *line)
{
    r->inside = true;
    r->before = 0;
    r->nested = 0;
    r->lines = r->bytes = r->kept = r->remarks = 0;
    r->mem = talloc_new(NULL);
    r->remark = NULL;
    r->card = (struct vcard){.number = ++r->number, .line = line->line, .version = 30};
}

/* "Dr. Zoran Petković" out of N; NULL if all of it is empty. */
static const char *name_of_parts(void *mem, const struct vcard *card)
{
    static const int order[VCARD_N_PARTS] = {3, 1, 2, 0, 4};
    struct text t = text_new(mem);
    for (int i = 0; i < VCARD_N_PARTS && card->of[VCARD_N].n; i++) {
        const char *part = card->of[VCARD_N].item[0].part[order[i]];
        if (*part)
            text_printf(&t, "%s%s", t.len ? " " : "", part);
    }
    return t.len ? t.s : NULL;
}

static const char *best_name(void *mem, const struct vcard *card)
{
    static const enum vcard_property order[] = {VCARD_ORG, VCARD_NICKNAME, VCARD_EMAIL, VCARD_TEL};
    const char *name = vcard_first(card, VCARD_FN);
    if (!name)
        name = name_of_parts(mem, card);
    for (size_t i = 0; i < ARRAY_LEN(order) && !(name && *name); i++)
        name = vcard_first(card, order[i]);
    return name && *name ? name : NULL;
}

/* Gives the card to the caller; why: what is wrong with its end. */
static int end_card(struct reading *r, const char *why)
{
    r->inside = false;
    r->lines = 0;
    if (why)
        refuse(r, why);
    for (size_t i = 0; i < r->remarks && !r->card.refused; i++)
        apply_remark(r, &r->remark[i]);
    for (int i = 0; i < VCARD_PROPERTIES; i++)
        vcard_sort(&r->card.of[i]);
    r->card.fn = best_name(r->mem, &r->card);
    if (!r->card.fn)
        refuse(r, N_("it has neither a name nor an address nor a number"));
    if (!r->card.fn)
        r->card.fn = "";
    int rc = r->fn(r->context, &r->card, r->err);
    talloc_free(r->mem);
    r->mem = NULL;
    return rc;
}

static int version_of(const char *value)
{
    return value[0] == '2' ? 21 : value[0] == '4' ? 40 : 30;
}

static bool is(const struct vcard_line *line, const char *name)
{
    return line->name && !strcasecmp(line->name, name);
}

/* BEGIN:VCARD, END:VCARD, perhaps with blanks behind */
static bool is_mark(const struct vcard_line *line, const char *name)
{
    return is(line, name) && !strncasecmp(line->value + strspn(line->value, " \t"), "VCARD", 5);
}

static void take_line(struct reading *r, struct vcard_line *line)
{
    enum vcard_property property = VCARD_NOTE;
    enum remark_kind kind = REMARK_LABEL;
    bool picture = r->before == BEFORE_PICTURE;
    if (line->flaw && picture) /* of base64 that is not indented */
        return;
    r->before = is(line, "AGENT")                           ? BEFORE_AGENT
                : line->name && vcard_is_binary(line->name) ? BEFORE_PICTURE
                                                            : 0;
    if (r->before)
        return;
    if (is(line, "VERSION") && !line->flaw)
        r->card.version = version_of(line->value);
    bool known = line->name && find_property(line->name, &property);
    if (!line->flaw && !known && !find_remark(line->name, &kind))
        return;
    const char *value = line->flaw ? NULL : vcard_decode(r->mem, &r->source, line);
    if (!value) {
        doubt(r, line);
    } else if (known) {
        struct vcard_item item = vcard_about(r->mem, &r->source, line);
        add_value(r, property, &item, value);
    } else {
        add_remark(r, kind, line, value);
    }
}

/* ---- a file */

static int end_stray(struct reading *r)
{
    struct vcard card = {.line = r->stray, .refused = err_word(N_("outside of any card")), .fn = ""};
    bool any = r->stray;
    r->stray = 0;
    return any ? r->fn(r->context, &card, r->err) : 0;
}

static int take_outside(struct reading *r, const struct vcard_line *line)
{
    if (!is_mark(line, "BEGIN")) {
        r->stray = r->stray ? r->stray : line->line;
        return ++r->lines <= VCARD_MAX_PROPERTIES
                   ? 0
                   : err_set(r->err, ERR_INPUT, "line %ld: more than 1000 lines outside of any card",
                             r->stray);
    }
    if (r->number == VCARD_MAX_CARDS)
        return err_set(r->err, ERR_INPUT, "line %ld: more than a million cards", line->line);
    if (end_stray(r) < 0)
        return -1;
    begin_card(r, line);
    return 0;
}

static int take_inside(struct reading *r, struct vcard_line *line)
{
    bool begin = is_mark(line, "BEGIN"), end = is_mark(line, "END");
    if (r->nested || (begin && r->before == BEFORE_AGENT)) {
        r->nested += begin - end;
        return 0;
    }
    if (end)
        return end_card(r, NULL);
    if (begin)
        return end_card(r, N_("it has no END:VCARD")) < 0 ? -1 : take_outside(r, line);
    r->bytes += line->size;
    if (++r->lines > VCARD_MAX_PROPERTIES)
        refuse(r, N_("it has more than 1000 lines"));
    if (r->bytes > VCARD_MAX_CARD_BYTES)
        refuse(r, N_("it is larger than 8 MB"));
    if (!r->card.refused)
        take_line(r, line);
    return 0;
}

static int read_cards(struct reading *r)
{
    MEM_SCOPE(mem);
    struct text raw = text_new(mem);
    struct vcard_line line;
    while (vcard_next_line(&r->source, r->inside ? r->card.version : 30, &raw, &line))
        if ((r->inside ? take_inside(r, &line) : take_outside(r, &line)) < 0)
            return -1;
    if (r->inside && end_card(r, N_("it has no END:VCARD")) < 0)
        return -1;
    if (end_stray(r) < 0)
        return -1;
    return r->number ? 0 : err_set(r->err, ERR_INPUT, "there is no vCard in it (no line BEGIN:VCARD)");
}

/* Cards are cut by their bytes; only a text of two bytes a letter must be decoded before. */
static bool is_wide(const char *bytes, size_t len)
{
    return memchr(bytes, 0, len < 64 ? len : 64) ||
           (len >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)));
}

int vcard_each(const char *bytes, size_t len, const char *encoding, vcard_fn *fn, void *context,
               struct err *err)
{
    MEM_SCOPE(mem);
    struct reading r = {.fn = fn, .context = context, .err = err, .mem = NULL};
    const char *used;
    char *text;
    if (is_wide(bytes, len)) {
        if (unicode_decode(mem, bytes, len, encoding, &text, &used, err) < 0)
            return -1;
        bytes = text;
        len = strlen(text);
    } else if (!encoding) {
        encoding = unicode_valid_utf8(bytes, len) ? "UTF-8" : unicode_detect(mem, bytes, len);
    }
    size_t mark = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    r.source = (struct vcard_source){
        .bytes = bytes + mark, .len = len - mark, .encoding = encoding ? encoding : "UTF-8"};
    int rc = read_cards(&r);
    talloc_free(r.mem);
    return rc;
}
