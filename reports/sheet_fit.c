/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/sheet_fit.h"

#include "reports/sheet_text.h"

enum {
    FITTING = 95,   /* of a hundred texts stand on one line if there is room */
    BUTTON = 3,     /* room of the filter's button beside a title */
    MARGIN = 1,     /* a column is that much wider than it was wanted */
    NARROWEST = 12, /* nor than half of what it may have is a column of texts made for the budget's sake */
};

static bool is_text(enum sheet_kind kind)
{
    return kind == SHEET_TEXT || kind == SHEET_LINK;
}

static int widest(const struct sheet_column *column)
{
    int max = column->max_width ? column->max_width : 40;
    return max < SHEET_FIT_MAX ? max : SHEET_FIT_MAX;
}

/* The longest of the words, cap at most. */
static int word_width(const char *s, int cap)
{
    int longest = 0;
    while (*s && longest < cap) {
        char word[256];
        size_t len = strcspn(s, " \n");
        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), s);
        int width = sheet_text_width(word, cap);
        longest = width > longest ? width : longest;
        s += len + strspn(s + len, " \n");
    }
    return longest;
}

void sheet_fit_count(struct sheet_fit *fit, const struct sheet_page *page, const char *const *cells)
{
    for (int i = 0; i < page->ncolumns; i++) {
        int cap = widest(&page->columns[i]);
        if (!cells[i] || !*cells[i])
            continue;
        fit->column[i].texts++;
        fit->column[i].of_width[sheet_text_width(cells[i], cap)]++;
    }
}

/* A title's longest word, and half of it all, beside the button. */
static int title_width(const struct sheet_page *page, int i)
{
    const char *title = page->columns[i].title;
    int half = (sheet_text_width(title, SHEET_FIT_MAX) + 1) / 2, word = word_width(title, SHEET_FIT_MAX);
    return (half > word ? half : word) + (page->small ? 1 : BUTTON);
}

static int fixed_width(enum sheet_kind kind)
{
    return kind == SHEET_DATE    ? 11
           : kind == SHEET_TIME  ? 6
           : kind == SHEET_STAMP ? 17
           : kind == SHEET_CODE  ? 18
                                 : 0;
}

static int wanted_width(const struct sheet_fit *fit, const struct sheet_page *page, int i)
{
    const struct sheet_column *column = &page->columns[i];
    if (column->kind == SHEET_HIDDEN)
        return 0;
    int need = title_width(page, i), width = fixed_width(column->kind);
    if (!width && fit->column[i].texts) {
        int64_t fitting = fit->column[i].of_width[0];
        while (width < widest(column) && fitting * 100 < fit->column[i].texts * FITTING)
            fitting += fit->column[i].of_width[++width];
        width++;
    }
    return width > need ? width : need;
}

/* Half of what a column may have at most is its due; what it has beyond that, it can give. */
static int can_give(const struct sheet_page *page, const int *width, int i)
{
    const struct sheet_column *column = &page->columns[i];
    int least = widest(column) / 2 > NARROWEST ? widest(column) / 2 : NARROWEST;
    if (column->kind != SHEET_TEXT || width[i] <= least || width[i] <= title_width(page, i))
        return 0;
    int beyond = 2 * width[i] - widest(column);
    return beyond > 1 ? beyond : 1;
}

/* A digit from the column that can give most; addresses stay, for one that breaks cannot be read at a glance.
 */
static bool shrink(const struct sheet_page *page, int *width)
{
    int best = -1, most = 0;
    for (int i = 0; i < page->ncolumns; i++) {
        int give = can_give(page, width, i);
        if (give > most) {
            most = give;
            best = i;
        }
    }
    if (best < 0)
        return false;
    width[best]--;
    return true;
}

void sheet_fit_widths(const struct sheet_fit *fit, const struct sheet_page *page, int budget,
                      int width_r[SHEET_MAX_COLUMNS])
{
    int sum = 0;
    for (int i = 0; i < page->ncolumns; i++)
        sum += width_r[i] = wanted_width(fit, page, i);
    while (sum > budget && shrink(page, width_r))
        sum--;
}

int sheet_fit_lines(const struct sheet_page *page, const int width[SHEET_MAX_COLUMNS],
                    const char *const *cells)
{
    int most = 1;
    for (int i = 0; i < page->ncolumns; i++) {
        if (!cells[i] || !*cells[i] || !is_text(page->columns[i].kind))
            continue;
        int lines = sheet_text_lines(cells[i], width[i] + MARGIN);
        most = lines > most ? lines : most;
    }
    return most;
}

int sheet_fit_title_lines(const struct sheet_page *page, const int width[SHEET_MAX_COLUMNS])
{
    int most = 1;
    for (int i = 0; i < page->ncolumns; i++) {
        if (page->columns[i].kind == SHEET_HIDDEN)
            continue;
        int lines = sheet_text_lines(page->columns[i].title, width[i] - (page->small ? 0 : BUTTON - 1));
        most = lines > most ? lines : most;
    }
    return most;
}
