/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/unicode.h"

enum { MAX_COLUMNS = 16, MAX_WIDTH = 48, MIN_WIDTH = 10 };

struct cmd_table {
    size_t columns, rows, size;
    size_t width[MAX_COLUMNS];
    char **cell; /* row after row, the titles first */
};

static char *one_line(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (; *s; s++)
        text_putc(&t, (unsigned char)*s < ' ' ? ' ' : *s);
    return t.s;
}

/* At most `width` wide; the whole text is in --json. */
static char *shorten(void *mem, char *s, size_t width)
{
    if (unicode_width(s) <= width)
        return s;
    size_t len = strlen(s);
    while (unicode_width(s) >= width) {
        do
            len--;
        while (((unsigned char)s[len] & 0xc0) == 0x80);
        s[len] = 0;
    }
    return talloc_asprintf(mem, "%s…", s);
}

void cmd_table_add(struct cmd_table *table, const char *const *cell)
{
    if ((table->rows + 1) * table->columns > table->size) {
        table->size = table->size ? 2 * table->size : 64 * table->columns;
        table->cell = talloc_realloc(table, table->cell, char *, (unsigned)table->size);
    }
    for (size_t i = 0; i < table->columns; i++) {
        char *s = one_line(table, cell[i] ? cell[i] : "");
        if (i + 1 < table->columns)
            s = shorten(table, s, MAX_WIDTH);
        size_t width = unicode_width(s);
        if (width > table->width[i])
            table->width[i] = width;
        table->cell[table->rows * table->columns + i] = s;
    }
    table->rows++;
}

struct cmd_table *cmd_table_new(void *mem, const char *const *titles)
{
    struct cmd_table *table = talloc_zero(mem, struct cmd_table);
    while (titles[table->columns])
        table->columns++;
    must(table->columns <= MAX_COLUMNS);
    cmd_table_add(table, titles);
    return table;
}

/* How wide a line may be: as the terminal; 0 when the table goes to a file or a program. */
static size_t line_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Takes from the widest columns what the line is too wide by. */
static void fit(struct cmd_table *table, size_t line)
{
    size_t sum = 2 * (table->columns - 1);
    for (size_t i = 0; i < table->columns; i++)
        sum += table->width[i];
    for (; sum > line; sum--) {
        size_t widest = 0;
        for (size_t i = 1; i < table->columns; i++)
            if (table->width[i] > table->width[widest])
                widest = i;
        if (table->width[widest] <= MIN_WIDTH)
            return;
        table->width[widest]--;
    }
}

void cmd_table_print(struct cmd_table *table)
{
    size_t line = table->columns > 2 ? line_width() : 0; /* of two columns the second is a text to read */
    if (line)
        fit(table, line);
    for (size_t row = 0; row < table->rows; row++) {
        size_t owed = 0; /* blanks go out before the next cell only, so that no line ends with them */
        for (size_t i = 0; i < table->columns; i++) {
            char *s = table->cell[row * table->columns + i];
            if (line)
                s = shorten(table, s, table->width[i]);
            if (*s) {
                printf("%*s%s", (int)owed, "", s);
                owed = 0;
            }
            owed += table->width[i] + 2 - unicode_width(s);
        }
        putchar('\n');
    }
}

const char *cmd_stamp(struct cmd *c, const char *utc)
{
    int64_t when;
    struct err err;
    if (!utc)
        return "";
    if (unicode_parse_time(utc, "UTC", &when, &err) < 0)
        return utc;
    return unicode_format_date(c->mem, when, c->conf->office.time_zone, catalog_language(c->catalog),
                               UNICODE_STAMP);
}
