/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A letter as DIN 5008 (2020) has it, form B: the address in the window of an envelope DL or C5/C6, 20 mm
 * from the left, 45 mm from the top, 85 by 45 mm, the upper 17.7 mm for the sender, the lower 27.3 mm for six
 * lines; date and reference at its right; marks to fold at 105 and 210 mm.
 *
 * The text is set into rows first, lines with the room above them; then pages are cut between rows, so that
 * the number of pages is known before the first is drawn.  No page begins with the last line of a paragraph
 * or ends with its first, no heading stands alone, and the signature has words above it.
 */
#include "reports/paper_letter.h"

#include "reports/paper_html.h"

static const double left = 25, right = 190, /* of the text */
    window_left = 25, window_top = 45, window_width = 80, window_height = 45, address_top = 62.7,
                    info_left = 125, info_top = 50, text_top = 98.5, next_top = 25, bottom = 270,
                    number_y = 280, size = 11, line = 5.1;
enum { MAX_PAGES = 100 };

struct row {
    struct paper_text *text, *marker; /* marker: NULL, or of a list's item */
    size_t line;
    double x, marker_x, above;
    bool keep; /* on one page with the next row */
};

struct setting {
    void *mem;
    struct paper *paper;
    const json_t *letter;
    const char *language;
    struct row *row;
    size_t rows, page[MAX_PAGES + 1]; /* the first row of each page */
    int pages;
};

static const char *text_of(const json_t *letter, const char *key)
{
    const char *s = json_string_value(json_object_get(letter, key));
    return s ? s : "";
}

static struct paper_text *set_text(struct setting *s, const char *text, double width, struct paper_look look)
{
    look.language = s->language;
    return paper_text(s->mem, s->paper, paper_escape(s->mem, text), width, &look);
}

/* ---- rows */

static void add_rows(struct setting *s, struct paper_text *text, double x, double above)
{
    size_t n = paper_lines(text);
    s->row = talloc_realloc(s->mem, s->row, struct row, (unsigned)(s->rows + n));
    for (size_t i = 0; i < n; i++)
        s->row[s->rows++] = (struct row){.text = text,
                                         .line = i,
                                         .x = x,
                                         .above = i ? 0 : above,
                                         .keep = i + 1 < n && (n <= 3 || i == 0 || i == n - 2)};
}

static void keep_last(struct setting *s)
{
    if (s->rows)
        s->row[s->rows - 1].keep = true;
}

static double room_above(const struct paper_block *b, const struct paper_block *before)
{
    if (b->kind == PAPER_HEADING)
        return 4.5;
    return b->close && before && before->depth ? 0.7 : 2.6;
}

static void add_block(struct setting *s, const struct paper_block *b, double above)
{
    const double indent = 6;
    double x = left + indent * b->depth;
    bool heading = b->kind == PAPER_HEADING;
    struct paper_look look = {.size = heading && b->level < 3 ? 13 : size,
                              .line = heading && b->level < 3 ? 0 : line,
                              .bold = heading,
                              .language = s->language};
    const char *markup = b->kind == PAPER_CODE    ? talloc_asprintf(s->mem, "<tt>%s</tt>", b->markup)
                         : b->kind == PAPER_BREAK ? "*     *     *"
                                                  : b->markup;
    size_t first = s->rows;
    add_rows(s, paper_text(s->mem, s->paper, markup, right - x, &look), x, above);
    if (b->marker) {
        s->row[first].marker = set_text(s, b->marker, indent, look);
        s->row[first].marker_x = x - indent + 1;
    }
    for (size_t i = first; heading && i < s->rows; i++)
        s->row[i].keep = true;
}

/* Its words begin with one of the names. */
static bool is_signature(struct setting *s, const struct paper_block *b)
{
    const char *words = b->markup;
    size_t i;
    json_t *name;
    while (*words == '<')
        words += strcspn(words, ">") + 1;
    json_array_foreach(json_object_get(s->letter, "signature"), i, name)
    {
        const char *escaped = paper_escape(s->mem, json_string_value(name));
        if (*escaped && !strncmp(words, escaped, strlen(escaped)))
            return b->kind == PAPER_PARAGRAPH && !b->depth;
    }
    return false;
}

static int set_rows(struct setting *s, struct err *err)
{
    const double room_to_sign = 17;
    struct paper_blocks blocks;
    if (paper_html(s->mem, text_of(s->letter, "body"), &blocks, err) < 0)
        return -1;
    add_rows(s,
             set_text(s, text_of(s->letter, "subject"), right - left,
                      (struct paper_look){.size = 12, .line = 5.6, .bold = true}),
             left, 0);
    for (size_t i = 0; i < s->rows; i++)
        s->row[i].keep = true;
    bool is_signed = blocks.n && is_signature(s, &blocks.v[blocks.n - 1]);
    for (size_t i = 0; i < blocks.n; i++) {
        const struct paper_block *b = &blocks.v[i];
        bool last = is_signed && i + 1 == blocks.n;
        if (is_signed && i + 2 >= blocks.n)
            keep_last(s); /* the closing stands with what it closes, the signature with the closing */
        size_t first = s->rows;
        add_block(s, b, i == 0 ? 8 : last ? room_to_sign : room_above(b, &blocks.v[i - 1]));
        for (size_t k = first; last && k + 1 < s->rows; k++)
            s->row[k].keep = true;
    }
    return 0;
}

/* ---- pages */

static int cut_pages(struct setting *s, struct err *err)
{
    double y = text_top;
    size_t begin = 0;
    s->pages = 1;
    for (size_t i = 0; i < s->rows; i++) {
        double height = paper_line_height(s->row[i].text) + (i == begin ? 0 : s->row[i].above);
        if (y + height <= bottom || i == begin) {
            y += height;
            continue;
        }
        if (s->pages == MAX_PAGES)
            return err_set(err, ERR_INPUT, "the letter has more than %d pages", MAX_PAGES);
        size_t cut = i;
        while (cut > begin && s->row[cut - 1].keep)
            cut--;
        begin = cut > begin ? cut : i;
        s->page[s->pages++] = begin;
        y = next_top;
        i = begin - 1;
    }
    s->page[s->pages] = s->rows;
    return 0;
}

static void draw_rows(struct setting *s, int page)
{
    double y = page ? next_top : text_top;
    for (size_t i = s->page[page]; i < s->page[page + 1]; i++) {
        const struct row *r = &s->row[i];
        y += i == s->page[page] ? 0 : r->above;
        paper_draw_line(s->paper, r->text, r->line, r->x, y);
        if (r->marker)
            paper_draw_line(s->paper, r->marker, 0, r->marker_x, y);
        y += paper_line_height(r->text);
    }
}

static void draw_mark(struct setting *s)
{
    struct paper_text *t =
        set_text(s, text_of(s->letter, "mark"), PAPER_WIDTH,
                 (struct paper_look){.size = 90, .sans = true, .bold = true, .pale = true});
    paper_draw(s->paper, t, (PAPER_WIDTH - paper_line_width(t, 0)) / 2, 150);
}

static void draw_number(struct setting *s, int page)
{
    char number[32];
    snprintf(number, sizeof number, "%d/%d", page + 1, s->pages);
    struct paper_text *t =
        set_text(s, number, 30, (struct paper_look){.size = 9, .sans = true, .faint = true});
    paper_draw(s->paper, t, right - paper_line_width(t, 0), number_y);
}

/* ---- the first page's own */

/* The largest size, down to the smallest, at which it all fits; NULL when there is none. */
static struct paper_text *fit(void *mem, struct paper *paper, const char *markup, double width, double height,
                              struct paper_look look, double smallest)
{
    for (; look.size >= smallest; look.size -= 0.5) {
        look.sans = look.sans || look.size < 10; /* small letters are read better so */
        struct paper_text *t = paper_text(mem, paper, markup, width, &look);
        if (paper_height(t) <= height)
            return t;
        talloc_free(t);
    }
    return NULL;
}

static char *markup_of_lines(void *mem, const json_t *lines)
{
    struct text t = text_new(mem);
    size_t i;
    json_t *item;
    json_array_foreach(lines, i, item)
        text_printf(&t, "%s%s", i ? "\n" : "", paper_escape(mem, json_string_value(item)));
    return t.s;
}

/* As much of it as the head of a letter has room for. */
static void draw_head(struct setting *s)
{
    const double top = 11, height = 24, rule_y = 38.5, between = 1.5;
    double width = paper_draw_picture(s->paper, left, top, height), x = left + (width > 0 ? width + 6 : 0);
    struct paper_look small = {.size = 9, .line = 4.2, .sans = true, .faint = true, .language = s->language};
    struct paper_text *details = paper_text(
        s->mem, s->paper, markup_of_lines(s->mem, json_object_get(s->letter, "details")), right - x, &small);
    double room = height - between - paper_height(details);
    struct paper_text *name =
        fit(s->mem, s->paper, paper_escape(s->mem, text_of(s->letter, "office")), right - x, room,
            (struct paper_look){.size = 18, .bold = true, .language = s->language}, 10);
    double y = top + (name ? (room - paper_height(name)) / 2 : 0);
    if (name) {
        paper_draw(s->paper, name, x, y);
        y += paper_height(name) + between;
    }
    paper_draw(s->paper, details, x, y);
    paper_rule(s->paper, left, rule_y, right, rule_y, 0.25);
}

static void draw_marks(struct setting *s)
{
    static const double at[] = {105, 148.5, 210};
    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        paper_rule(s->paper, 5, at[i], i == 1 ? 11 : 9, at[i], 0.15);
}

static void draw_info(struct setting *s)
{
    static const char *const key[] = {"date", "reference"};
    double y = info_top;
    for (size_t i = 0; i < ARRAY_LEN(key); i++) {
        struct paper_text *t =
            set_text(s, text_of(s->letter, key[i]), right - info_left,
                     (struct paper_look){.size = i ? 9 : size, .line = line, .sans = i, .faint = i});
        paper_draw(s->paper, t, info_left, y);
        y += paper_height(t) + 1;
    }
}

static struct paper_text *fit_address(void *mem, struct paper *paper, const json_t *letter, double width,
                                      double height, double largest, double smallest)
{
    struct paper_look look = {.size = largest, .language = text_of(letter, "language")};
    return fit(mem, paper, markup_of_lines(mem, json_object_get(letter, "address")), width, height, look,
               smallest);
}

/* The sender stands right above the address; an address of many lines begins higher. */
static int draw_window(struct setting *s, struct err *err)
{
    const double largest = 11, smallest = 8;
    struct paper_text *sender = set_text(s, text_of(s->letter, "sender"), window_width,
                                         (struct paper_look){.size = 7, .sans = true, .faint = true});
    double above = paper_height(sender) + 1.5, y = address_top, end = window_top + window_height;
    struct paper_text *address = fit_address(s->mem, s->paper, s->letter, window_width, end - y, largest, 9);
    if (!address) {
        address =
            fit_address(s->mem, s->paper, s->letter, window_width, window_height - above - 1, 9, smallest);
        if (!address)
            return err_set(err, ERR_INPUT, "the address does not fit into the window of an envelope");
        y = end - paper_height(address);
    }
    paper_draw(s->paper, sender, window_left, y - above);
    if (*text_of(s->letter, "sender"))
        paper_rule(s->paper, window_left, y - 1.1, window_left + paper_line_width(sender, 0), y - 1.1, 0.1);
    paper_draw(s->paper, address, window_left, y);
    return 0;
}

/* Fonts that lack a letter would leave a box in its place. */
static int check_glyphs(struct paper *paper, struct err *err)
{
    return paper_missing_glyphs(paper) ? err_set(err, ERR_INPUT, "it has letters that no installed font has")
                                       : 0;
}

int paper_letter(struct paper *paper, const json_t *letter, int *pages_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct setting s = {
        .mem = mem, .paper = paper, .letter = letter, .language = text_of(letter, "language")};
    if (set_rows(&s, err) < 0 || cut_pages(&s, err) < 0 || draw_window(&s, err) < 0)
        return -1;
    draw_head(&s);
    draw_marks(&s);
    draw_info(&s);
    for (int page = 0; page < s.pages; page++) {
        draw_mark(&s);
        draw_rows(&s, page);
        if (page)
            draw_number(&s, page);
        paper_next_page(paper);
    }
    *pages_r = s.pages;
    return check_glyphs(paper, err);
}

/* ---- labels */

struct paper_sheet {
    const char *name;
    int across, down;
    double width, height, between;
};
static const struct paper_sheet sheets[] = {
#define SHEET(name, across, down, width, height, between) {name, across, down, width, height, between},
#include "reports/paper_sheet.def"
#undef SHEET
};

int paper_sheet_find(const char *name, const struct paper_sheet **sheet_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct text names = text_new(mem);
    for (size_t i = 0; i < ARRAY_LEN(sheets); i++) {
        if (!strcmp(sheets[i].name, name)) {
            *sheet_r = &sheets[i];
            return 0;
        }
        text_printf(&names, "%s%s", i ? ", " : "", sheets[i].name);
    }
    return err_set(err, ERR_USAGE, "there is no sheet of labels \"%s\"; there are %s", name, names.s);
}

int paper_sheet_check(const struct paper_sheet *sheet, int label, struct err *err)
{
    int n = sheet->across * sheet->down;
    return label >= 0 && label < n
               ? 0
               : err_set(err, ERR_USAGE, "a sheet %s has labels 1 to %d, not %d", sheet->name, n, label + 1);
}

int paper_sheet_of(const struct paper_sheet *sheet, int label)
{
    return label / (sheet->across * sheet->down);
}

int paper_label(struct paper *paper, const struct paper_sheet *sheet, int label, const json_t *letter,
                struct err *err)
{
    const double padding = 4, largest = 11, smallest = 7;
    MEM_SCOPE(mem);
    int at = label % (sheet->across * sheet->down), column = at % sheet->across, row = at / sheet->across;
    double whole = sheet->across * sheet->width + (sheet->across - 1) * sheet->between,
           x = (PAPER_WIDTH - whole) / 2 + column * (sheet->width + sheet->between),
           y = (PAPER_HEIGHT - sheet->down * sheet->height) / 2 + row * sheet->height;
    struct paper_text *t = fit_address(mem, paper, letter, sheet->width - 2 * padding,
                                       sheet->height - padding, largest, smallest);
    if (!t)
        return err_set(err, ERR_INPUT, "the address does not fit on a label %s", sheet->name);
    if (label && at == 0)
        paper_next_page(paper);
    paper_draw(paper, t, x + padding, y + (sheet->height - paper_height(t)) / 2);
    return check_glyphs(paper, err);
}
