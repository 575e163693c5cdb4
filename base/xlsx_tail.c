/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Merged cells and links stand behind the rows that they are about, so that a sheet which has some is read
 * twice; the first time without its rows.
 */
#include "base/xlsx_low.h"

enum {
    MAX_MERGES = 100000,
    MAX_PAINTED = 64 << 20, /* rows of all merged cells */
    MAX_LINKS = 200000,
    MAX_LINK_CELLS = 10000, /* of one link; of a larger area only the first cell leads anywhere */
};

const char *xlsx_parse_ref(const char *ref, uint32_t *column_r, uint32_t *row_r)
{
    uint32_t column = 0, row = 0;
    for (; *ref == '$' || (*ref >= 'A' && *ref <= 'Z') || (*ref >= 'a' && *ref <= 'z'); ref++)
        if (*ref != '$' && (column = column * 26 + (uint32_t)(*ref | 0x20) - 'a' + 1) > XLSX_MAX_COLUMN)
            return NULL;
    for (; *ref >= '0' && *ref <= '9'; ref++)
        if ((row = row * 10 + (uint32_t)(*ref - '0')) > XLSX_MAX_ROWS)
            return NULL;
    *column_r = column;
    *row_r = row;
    return ref;
}

struct area {
    uint32_t left, top, right, bottom;
};

static bool parse_area(const char *ref, struct area *area_r)
{
    struct area a;
    ref = xlsx_parse_ref(ref, &a.left, &a.top);
    if (!ref || !a.left || !a.top)
        return false;
    a.right = a.left;
    a.bottom = a.top;
    if (*ref == ':')
        ref = xlsx_parse_ref(ref + 1, &a.right, &a.bottom);
    *area_r = a;
    return ref && !*ref && a.right >= a.left && a.bottom >= a.top;
}

struct reading {
    void *mem;
    const struct xlsx_relations *relations;
    struct xlsx_tail *tail;
};

static int add_merge(struct reading *r, const struct area *a, struct err *err)
{
    struct xlsx_tail *tail = r->tail;
    uint32_t width = a->right - a->left + 1;
    if (++tail->merges > MAX_MERGES)
        return err_set(err, ERR_INPUT, "has more than %d merged cells", MAX_MERGES);
    tail->painted += a->bottom - a->top + 1;
    if (tail->painted > MAX_PAINTED)
        return err_set(err, ERR_INPUT, "has merged cells on top of each other");
    if (!tail->widest)
        tail->widest = talloc_zero_array(r->mem, uint16_t, XLSX_MAX_ROWS + 1);
    for (uint32_t row = a->top; row <= a->bottom; row++)
        if (tail->widest[row] < width)
            tail->widest[row] = (uint16_t)width;
    return 0;
}

static int add_link(struct reading *r, struct area a, const char *id, struct err *err)
{
    struct xlsx_tail *tail = r->tail;
    const struct xlsx_relation *relation = xlsx_relation_find(r->relations, id);
    if (!relation || !relation->external) /* it leads nowhere, or to another cell */
        return 0;
    if ((uint64_t)(a.right - a.left + 1) * (a.bottom - a.top + 1) > MAX_LINK_CELLS) {
        a.right = a.left;
        a.bottom = a.top;
    }
    for (uint32_t row = a.top; row <= a.bottom; row++)
        for (uint32_t column = a.left; column <= a.right; column++) {
            if (tail->n == MAX_LINKS)
                return err_set(err, ERR_INPUT, "has more than %d links", MAX_LINKS);
            if (!(tail->n & (tail->n - 1)))
                tail->links =
                    talloc_realloc(r->mem, tail->links, struct xlsx_link, tail->n ? 2 * tail->n : 1);
            tail->links[tail->n++] = (struct xlsx_link){row, column, relation->target};
        }
    return 0;
}

/* The rows are here for sheets whose rows cannot be left out. */
enum { WORKSHEET = 1, ROWS, ROW, CELL, VALUE, MERGES, MERGE, LINKS, LINK };
static const struct xlsx_element grammar[] = {{"worksheet", 0, WORKSHEET, false},
                                              {"mergeCells", WORKSHEET, MERGES, false},
                                              {"mergeCell", MERGES, MERGE, false},
                                              {"hyperlinks", WORKSHEET, LINKS, false},
                                              {"hyperlink", LINKS, LINK, false},
                                              {"sheetData", WORKSHEET, ROWS, false},
                                              {"row", ROWS, ROW, false},
                                              {"c", ROW, CELL, false},
                                              {"v", CELL, VALUE, false},
                                              {"is", CELL, VALUE, false},
                                              {0}};

static int start(struct xlsx_xml *xml, int id, const char **attributes, struct err *err)
{
    struct area area;
    if (id == VALUE || id == MERGE || id == LINK)
        xml->found += XLSX_FOUND;
    if (id != MERGE && id != LINK)
        return 0;
    const char *ref = xlsx_attribute(attributes, "ref"), *target = xlsx_attribute(attributes, "id");
    if (!ref || !parse_area(ref, &area))
        return err_set(err, ERR_INPUT, "is damaged: \"%.40s\" is no area of cells", ref ? ref : "");
    if (id == MERGE)
        return add_merge(xml->context, &area, err);
    return target ? add_link(xml->context, area, target, err) : 0;
}

static int compare_links(const void *a, const void *b)
{
    const struct xlsx_link *x = a, *y = b;
    return x->row != y->row ? (x->row > y->row) - (x->row < y->row)
                            : (x->column > y->column) - (x->column < y->column);
}

int xlsx_tail_read(void *mem, struct xlsx_part *part, struct xlsx_hole rows,
                   const struct xlsx_relations *relations, struct xlsx_tail *tail_r, struct err *err)
{
    struct reading r = {mem, relations, tail_r};
    struct xlsx_xml xml = {.grammar = grammar, .start = start, .context = &r, .hole = rows};
    *tail_r = (struct xlsx_tail){0};
    if (xlsx_xml_run(&xml, part, err) < 0)
        return -1;
    if (tail_r->n)
        qsort(tail_r->links, tail_r->n, sizeof *tail_r->links, compare_links);
    return 0;
}
