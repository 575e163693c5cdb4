/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/table.h"

#include "base/unicode.h"

enum { MAX_COLUMNS = 16, MAX_WIDTH = 48 };

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

/* At most MAX_WIDTH wide; the whole text is in --json. */
static char *shorten(void *mem, char *s)
{
    if (unicode_width(s) <= MAX_WIDTH)
        return s;
    size_t len = strlen(s);
    while (unicode_width(s) >= MAX_WIDTH) {
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
            s = shorten(table, s);
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

void cmd_table_print(const struct cmd_table *table)
{
    for (size_t row = 0; row < table->rows; row++) {
        size_t owed = 0; /* blanks go out before the next cell only, so that no line ends with them */
        for (size_t i = 0; i < table->columns; i++) {
            const char *s = table->cell[row * table->columns + i];
            if (*s) {
                printf("%*s%s", (int)owed, "", s);
                owed = 0;
            }
            owed += table->width[i] + 2 - unicode_width(s);
        }
        putchar('\n');
    }
}
