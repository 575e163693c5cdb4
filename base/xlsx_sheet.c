/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The rows of a sheet, many to a frame.  A row is kept until its end, its cells by their columns; rows must
 * ascend, cells may come in any order, but none twice.
 */
#include "base/xlsx_low.h"

enum { FRAME_BYTES = 64 << 10 };

enum { WORKSHEET = 1, DATA, ROW, CELL, VALUE, FORMULA, INLINE, TEXT, RUN };
static const struct xlsx_element grammar[] = {{"v", CELL, VALUE, true},
                                              {"c", ROW, CELL, false},
                                              {"row", DATA, ROW, false},
                                              {"f", CELL, FORMULA, false},
                                              {"is", CELL, INLINE, false},
                                              {"t", INLINE, TEXT, true},
                                              {"r", INLINE, RUN, false},
                                              {"t", RUN, TEXT, true},
                                              {"sheetData", WORKSHEET, DATA, false},
                                              {"worksheet", 0, WORKSHEET, false},
                                              {0}};

struct cell {
    size_t begin, size;
    bool seen;
    const char *link;
};

struct reading {
    const struct xlsx_rows *rows;
    struct text frame;
    /* the row */
    uint32_t number, n; /* n: columns up to the last one with text */
    uint32_t column;    /* of the cell, from 1 */
    uint32_t unsaved;
    bool hidden, numbered; /* numbered: said by the row itself */
    long records;
    struct cell cell[CSV_MAX_COLUMNS];
    struct text texts; /* of its cells, each with a NUL */
    size_t next_link;
    /* the cell */
    char type; /* s shared, n number, t text, b boolean, d date */
    const struct xlsx_format *format;
    bool formula, valued;
    size_t begin; /* in texts */
};

static const struct xlsx_format plain = {XLSX_PLAIN, NULL};

/* ---- a cell */

static int begin_row(struct reading *r, const char **attributes, struct err *err)
{
    const char *number = xlsx_attribute(attributes, "r");
    uint32_t none, row = r->number + 1;
    if (number && (!xlsx_parse_ref(number, &none, &row) || none || !row))
        return err_set(err, ERR_INPUT, "is damaged: there is no row %.40s", number);
    if (row > XLSX_MAX_ROWS)
        return err_set(err, ERR_INPUT, "has more than %d rows", XLSX_MAX_ROWS);
    if (row <= r->number)
        return err_set(err, ERR_INPUT, "is damaged: row %u stands behind row %u", row, r->number);
    memset(r->cell, 0, sizeof *r->cell * (r->n > CSV_MAX_COLUMNS ? CSV_MAX_COLUMNS : r->n));
    r->number = row;
    r->numbered = number;
    r->n = r->column = r->unsaved = 0;
    r->hidden = xlsx_attribute_is_true(attributes, "hidden");
    r->texts.len = 0;
    return 0;
}

static char type_of(const char *type)
{
    static const struct {
        const char *name;
        char type;
    } types[] = {{"s", 's'}, {"n", 'n'}, {"str", 't'}, {"inlineStr", 't'},
                 {"e", 't'}, {"b", 'b'}, {"d", 'd'}};
    for (size_t i = 0; type && i < ARRAY_LEN(types); i++)
        if (!strcmp(types[i].name, type))
            return types[i].type;
    return 'n';
}

/* A row without a number has that of its first cell, if this one has it. */
static int check_row(struct reading *r, uint32_t row, struct err *err)
{
    char name[8];
    if (!r->numbered && row > r->number)
        r->number = row;
    r->numbered = true;
    if (row && row != r->number)
        return err_set(err, ERR_INPUT, "is damaged: cell %s%u stands in row %u",
                       xlsx_column(name, r->column - 1), row, r->number);
    return 0;
}

static int begin_cell(struct reading *r, const char **attributes, struct err *err)
{
    const char *ref = NULL, *style = NULL, *type = NULL;
    uint32_t row = 0;
    for (size_t i = 0; attributes[i]; i += 2) {
        if (!strcmp(attributes[i], "r"))
            ref = attributes[i + 1];
        else if (!strcmp(attributes[i], "s"))
            style = attributes[i + 1];
        else if (!strcmp(attributes[i], "t"))
            type = attributes[i + 1];
    }
    r->column++;
    if (ref && (!(ref = xlsx_parse_ref(ref, &r->column, &row)) || *ref || !r->column))
        return err_set(err, ERR_INPUT, "is damaged: row %u has a cell that is no cell", r->number);
    if (check_row(r, row, err) < 0)
        return -1;
    unsigned long s = style ? strtoul(style, NULL, 10) : 0;
    r->format = s < r->rows->styles->n ? &r->rows->styles->at[s] : &plain;
    r->type = type_of(type);
    r->formula = r->valued = false;
    r->begin = r->texts.len;
    return 0;
}

static int add_value(struct reading *r, const struct text *value, struct err *err)
{
    r->valued |= value->len || r->type == 't';
    if (!value->len)
        return 0;
    if (r->type == 's') {
        char *rest;
        unsigned long i = strtoul(value->s, &rest, 10);
        if (rest == value->s || *rest || i >= r->rows->strings->n)
            return err_set(err, ERR_INPUT, "is damaged: row %u shows a shared text %.20s, which there is not",
                           r->number, value->s);
        const char *s = r->rows->strings->text.s + r->rows->strings->begins[i];
        text_puts(&r->texts, s);
    } else if (r->type == 'n') {
        xlsx_add_number(&r->texts, value->s, r->format, r->rows->from_1904);
    } else if (r->type == 'b') {
        text_puts(&r->texts, !strcmp(value->s, "1") || !strcmp(value->s, "true") ? "TRUE" : "FALSE");
    } else if (r->type == 'd') {
        xlsx_add_iso_date(&r->texts, value->s, r->format);
    } else {
        xlsx_add_text(&r->texts, value->s, value->len);
    }
    return 0;
}

/* Of the cell so far: it may have many runs, or values. */
static int check_size(const struct reading *r, struct err *err)
{
    char name[8];
    if (r->texts.len - r->begin <= CSV_MAX_CELL_BYTES)
        return 0;
    return err_set(err, ERR_INPUT, "cell %s%u has more than 64 KB", xlsx_column(name, r->column - 1),
                   r->number);
}

static int end_cell(struct reading *r, struct err *err)
{
    char name[8];
    size_t size = r->texts.len - r->begin;
    r->unsaved += r->formula && !r->valued;
    if (!size)
        return 0;
    if (r->column > CSV_MAX_COLUMNS)
        return err_set(err, ERR_INPUT, "row %u uses column %s; a list has no more than %d columns", r->number,
                       xlsx_column(name, r->column - 1), CSV_MAX_COLUMNS);
    struct cell *cell = &r->cell[r->column - 1];
    if (cell->seen)
        return err_set(err, ERR_INPUT, "is damaged: it has cell %s%u twice", xlsx_column(name, r->column - 1),
                       r->number);
    *cell = (struct cell){r->begin, size, true, NULL};
    text_putc(&r->texts, 0);
    if (r->column > r->n)
        r->n = r->column;
    return 0;
}

/* ---- a row */

/* mailto:a@b.example?subject=x is seen where a@b.example is. */
static bool shows(const char *text, const char *target)
{
    MEM_SCOPE(mem);
    if (!strncasecmp(target, "mailto:", 7))
        target += 7;
    char *wanted = talloc_strndup(mem, target, strcspn(target, "?"));
    return strcasestr(text, wanted) != NULL;
}

static void set_links(struct reading *r)
{
    const struct xlsx_tail *tail = r->rows->tail;
    while (r->next_link < tail->n && tail->links[r->next_link].row < r->number)
        r->next_link++;
    for (; r->next_link < tail->n && tail->links[r->next_link].row == r->number; r->next_link++) {
        const struct xlsx_link *link = &tail->links[r->next_link];
        if (link->column > r->n || strlen(link->target) >= XLSX_MAX_LINK_BYTES)
            continue;
        struct cell *cell = &r->cell[link->column - 1];
        if (cell->seen && !shows(r->texts.s + cell->begin, link->target))
            cell->link = link->target;
    }
}

static void add_sized(struct text *frame, const char *bytes, size_t size, uint32_t flag)
{
    uint32_t head = (uint32_t)size | flag;
    text_add(frame, (const char *)&head, sizeof head);
    text_add(frame, bytes, size);
    text_putc(frame, 0);
}

static int flush(struct reading *r, struct err *err)
{
    size_t len = r->frame.len;
    r->frame.len = 0;
    return len ? r->rows->put(r->rows->context, XLSX_FRAME_ROWS, r->frame.s, len, err) : 0;
}

static int end_row(struct reading *r, struct err *err)
{
    const uint16_t *widest = r->rows->tail->widest;
    if (!r->n && !r->unsaved)
        return 0;
    if (++r->records > CSV_MAX_RECORDS)
        return err_set(err, ERR_INPUT, "has more than %d rows", CSV_MAX_RECORDS);
    set_links(r);
    uint32_t merged = widest && widest[r->number] ? widest[r->number] : 1;
    struct xlsx_row_head head = {r->number, r->n, merged, r->unsaved, r->hidden};
    text_add(&r->frame, (const char *)&head, sizeof head);
    for (uint32_t i = 0; i < r->n; i++) {
        const struct cell *cell = &r->cell[i];
        const char *text = cell->seen ? r->texts.s + cell->begin : "";
        add_sized(&r->frame, text, cell->size, cell->link ? XLSX_LINKED : 0);
        if (cell->link)
            add_sized(&r->frame, cell->link, strlen(cell->link), 0);
    }
    return r->frame.len >= FRAME_BYTES ? flush(r, err) : 0;
}

/* ---- the walk */

static int start(struct xlsx_xml *xml, int id, const char **attributes, struct err *err)
{
    struct reading *r = xml->context;
    switch (id) {
    case ROW:
        return begin_row(r, attributes, err);
    case CELL:
        return begin_cell(r, attributes, err);
    case FORMULA:
        r->formula = true;
        return 0;
    case INLINE:
        r->valued = true;
        return 0;
    default:
        return 0;
    }
}

static int end(struct xlsx_xml *xml, int id, const struct text *text, struct err *err)
{
    struct reading *r = xml->context;
    switch (id) {
    case VALUE:
        return add_value(r, text, err) < 0 ? -1 : check_size(r, err);
    case TEXT:
        xlsx_add_text(&r->texts, text->s, text->len);
        return check_size(r, err);
    case CELL:
        if (r->texts.len > r->begin)
            xml->found += XLSX_FOUND + r->texts.len - r->begin;
        return end_cell(r, err);
    case ROW:
        return end_row(r, err);
    default:
        return 0;
    }
}

int xlsx_rows_read(const struct xlsx_rows *rows, struct xlsx_part *part, struct err *err)
{
    MEM_SCOPE(mem);
    struct reading *r = talloc_zero(mem, struct reading);
    r->rows = rows;
    r->frame = text_new(r);
    r->texts = text_new(r);
    struct xlsx_xml xml = {
        .grammar = grammar, .start = start, .end = end, .context = r, .hole = rows->behind};
    if (xlsx_xml_run(&xml, part, err) < 0)
        return -1;
    return flush(r, err);
}
