/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/listhead.h"

#include <ctype.h>

#include "base/digest.h"
#include "base/unicode.h"
#include "crm/listword.h"
#include "crm/phrase.h"

enum { LOOK = 50, SURE = 70 };

static const struct {
    enum field field;
    const char *phrases;
} heads[] = {
#define HEAD(field, phrases) {field, phrases},
#include "crm/listhead.def"
#undef HEAD
};

enum field listhead_field(const char *label, int *points_r)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, label);
    enum field best = FIELD_DETAIL;
    *points_r = 0;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        int points = phrase_match(fold, heads[i].phrases);
        if (points > *points_r) {
            *points_r = points;
            best = heads[i].field;
        }
    }
    return best;
}

/* ---- the header's row */

struct row {
    long number;
    size_t n, filled;
    const char **cell; /* squeezed */
    int points;
};

struct look {
    void *mem;
    const struct mapping *mapping;
    struct row row[LOOK];
    size_t rows;
    bool enough;
};

static bool looks_like_data(const char *cell)
{
    return strchr(cell, '@') != NULL;
}

/* A header is a row of several names that columns have; the more of its cells are, the better. */
static int judge_row(const struct look *look, const struct row *row)
{
    int sum = 0;
    if (look->mapping)
        return mapping_fits(look->mapping, row->cell, row->n) ? 100 : 0;
    for (size_t i = 0; i < row->n; i++) {
        int points;
        if (!*row->cell[i])
            continue;
        if (looks_like_data(row->cell[i]))
            return 0;
        listhead_field(row->cell[i], &points);
        sum += points >= SURE ? points : points / 4;
    }
    return sum;
}

static int take_row(void *context, const struct csv_record *record, struct err *err)
{
    struct look *look = context;
    struct row *row = &look->row[look->rows++];
    *row = (struct row){.number = record->number, .n = record->n};
    row->cell = talloc_array(look->mem, const char *, (unsigned)record->n + 1);
    for (size_t i = 0; i < record->n; i++) {
        row->cell[i] = unicode_squeeze(look->mem, record->cell[i]);
        row->filled += *row->cell[i] != 0;
    }
    row->points = judge_row(look, row);
    look->enough = look->rows == LOOK || (look->mapping && row->points);
    return look->enough ? err_set(err, ERR_INPUT, "enough") : 0;
}

/* Where no cell is called like a column, and there is no other sheet, the first row with more than one cell
 * is the header, unless it is a contact's already. */
static const struct row *best_row(const struct look *look, bool only_sheet)
{
    const struct row *best = NULL;
    for (size_t i = 0; i < look->rows; i++)
        if (look->row[i].points > (best ? best->points : SURE - 1))
            best = &look->row[i];
    for (size_t i = 0; i < look->rows && !best && only_sheet && !look->mapping; i++) {
        const struct row *row = &look->row[i];
        bool data = false;
        for (size_t k = 0; k < row->n; k++)
            data = data || looks_like_data(row->cell[k]);
        if (data)
            return NULL;
        best = row->filled > 1 ? row : NULL;
    }
    return best;
}

static const char *column_letter(void *mem, size_t i)
{
    const char *rest = i >= 26 ? column_letter(mem, i / 26 - 1) : "";
    return talloc_asprintf(mem, "%s%c", rest, (char)('A' + i % 26));
}

static void name_columns(void *mem, const struct row *row, struct list_head *head)
{
    head->label = talloc_array(mem, const char *, (unsigned)row->n + 1);
    for (size_t i = 0; i < row->n; i++) {
        const char *label = mapping_label(mem, row->cell[i]);
        int times = 1;
        for (size_t k = 0; *label && k < i; k++)
            times += !strcmp(mapping_label(mem, row->cell[k]), label);
        head->label[i] = !*label     ? talloc_asprintf(mem, "(%s)", column_letter(mem, i))
                         : times > 1 ? talloc_asprintf(mem, "%s (%d)", label, times)
                                     : label;
    }
}

static const char *shape_of(void *mem, const struct list_head *head)
{
    unsigned char sum[DIGEST_BYTES];
    struct digest *digest = digest_new(mem);
    const char *sheet = unicode_fold(mem, head->sheet_name ? head->sheet_name : "");
    digest_add(digest, sheet, strlen(sheet) + 1);
    for (size_t i = 0; i < head->n; i++) {
        const char *fold = unicode_fold(mem, head->label[i]);
        digest_add(digest, fold, strlen(fold) + 1);
    }
    digest_end(digest, sum);
    struct text hex = text_new(mem);
    for (size_t i = 0; i < sizeof sum; i++)
        text_printf(&hex, "%02x", sum[i]);
    return hex.s;
}

static const char *subject_of(void *mem, const struct listfile *file, const struct look *look,
                              const struct list_head *head)
{
    struct text all = text_new(mem);
    text_printf(&all, "%s %s", listfile_name(file), head->sheet_name ? head->sheet_name : "");
    for (size_t i = 0; i < look->rows && look->row[i].number < head->row; i++)
        for (size_t k = 0; k < look->row[i].n; k++)
            if (*look->row[i].cell[k])
                text_printf(&all, " %s", look->row[i].cell[k]);
    return all.s;
}

int listhead_find(void *mem, const struct listfile *file, size_t sheet, const struct mapping *mapping,
                  struct list_head *head_r, struct err *err)
{
    MEM_SCOPE(scratch);
    struct look *look = talloc_zero(scratch, struct look);
    look->mem = scratch;
    look->mapping = mapping;
    if (listfile_each(file, sheet, take_row, look, err) < 0 && !look->enough)
        return -1;
    const struct row *row = best_row(look, file->nsheets == 1);
    if (!row)
        return 0;
    struct list_head head = {.sheet = sheet, .row = row->number, .n = row->n};
    head.sheet_name = file->sheet[sheet].name;
    while (head.n > 0 && !*row->cell[head.n - 1])
        head.n--;
    name_columns(mem, row, &head);
    head.subject = subject_of(mem, file, look, &head);
    head.shape = talloc_strdup(mem, shape_of(scratch, &head));
    *head_r = head;
    return 1;
}

/* ---- the rows below */

static bool is_number(const char *s)
{
    return *s && !s[strspn(s, "0123456789.,% -+")];
}

static bool is_empty(const char *cell)
{
    for (uint32_t c; (c = unicode_next(&cell));)
        if (!unicode_is_blank(c))
            return false;
    return true;
}

/* "A. Embassies", "III) Embassies", "1. Embassies" → Embassies */
static const char *without_number(const char *s)
{
    size_t len = strspn(s, "0123456789IVXABCDEFGHabcdefghiv");
    if (len > 0 && len <= 4 && (s[len] == '.' || s[len] == ')'))
        return s + len + 1;
    return s;
}

/* The row's only cells: what its text is, and how many say anything else. */
struct few {
    const char *text;
    size_t filled, numbers, column;
    bool reachable; /* an address, or something that may be a phone */
};

/* "044.000.275", but not 0.667 */
static bool may_be_phone(const char *s)
{
    enum { SHORTEST = 8 };
    const char *dot = strchr(s, '.');
    bool decimal = dot && !strchr(dot + 1, '.') && !strpbrk(s, " +-");
    return strchr("+0", *s) && is_number(s) && strlen(s) >= SHORTEST && !decimal;
}

static struct few look_at(void *mem, const struct csv_record *record)
{
    struct few few = {0};
    for (size_t i = 0; i < record->n; i++) {
        if (is_empty(record->cell[i]))
            continue;
        const char *s = unicode_squeeze(mem, record->cell[i]);
        few.filled++;
        few.numbers += is_number(s);
        few.reachable = few.reachable || strchr(s, '@') || may_be_phone(s);
        if (!few.text && !is_number(s)) {
            few.text = s;
            few.column = i;
        }
    }
    return few;
}

/* One text alone in its row, across several columns, where no name belongs, or that names a category. */
static bool is_group(const struct list_body *body, const struct few *few, size_t merged,
                     const char **category_r)
{
    enum { NARROW = 3, WHOLE = 97 };
    int points;
    if (few->filled != 1 || !few->text || few->reachable || body->head->n < NARROW)
        return false;
    *category_r = listword_category(without_number(few->text), &points);
    if (!body->mapping)
        return true;
    enum field field = mapping_field(body->mapping, few->column);
    bool name =
        field == FIELD_NAME || field == FIELD_ORGANISATION || field == FIELD_GIVEN || field == FIELD_FAMILY;
    return !name || merged > 1 || (*category_r && points >= WHOLE);
}

/* Sums, and below them what else was counted. */
static bool is_total(struct list_body *body, const struct few *few)
{
    enum { FOOTER = 3 };
    if (few->reachable || !few->text)
        return body->summing && !few->reachable && few->filled <= FOOTER;
    if (few->filled - few->numbers == 1 && listword_is_total(few->text))
        return body->summing = true;
    body->summing =
        body->summing && few->filled <= FOOTER && few->column > 0 && few->filled - few->numbers == 1;
    return body->summing;
}

enum listhead_kind listhead_judge(struct list_body *body, const struct csv_record *record)
{
    enum { FEW = 4 };
    size_t filled = 0, texts = 0;
    for (size_t i = 0; i < record->n; i++)
        if (!is_empty(record->cell[i])) {
            filled++;
            texts += !is_number(record->cell[i]);
        }
    if (!filled)
        return LISTHEAD_EMPTY;
    if (filled >= FEW && texts > 1) { /* most rows; the rest is not worth its time on them */
        body->summing = false;
        return LISTHEAD_ROW;
    }
    MEM_SCOPE(mem);
    struct few few = look_at(mem, record);
    const char *category;
    if (is_total(body, &few))
        return LISTHEAD_TOTAL;
    if (is_group(body, &few, record->merged, &category)) {
        body->category = category;
        body->summing = false;
        return LISTHEAD_GROUP;
    }
    return LISTHEAD_ROW;
}
