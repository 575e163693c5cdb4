/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * libcsv knows no line numbers, so it is fed line by line; what it calls back between two lines belongs to
 * the one just fed.  It runs without its strict mode: a quote inside an unquoted cell is the office's own
 * (Hotel "Morava"), and a quote that never closes leaves its record open at the end.
 */
#include "base/csv.h"

#include "base/csv_lazy.h"

#include "base/catalog.h"

struct reading {
    csv_record_fn *fn;
    void *context;
    struct err *err;
    bool failed, inside; /* inside: a record has begun */
    long line, begin, number;
    struct text cells; /* one behind the other, each with a NUL */
    size_t begins[CSV_MAX_COLUMNS], size[CSV_MAX_COLUMNS];
    const char *cell[CSV_MAX_COLUMNS];
    size_t n, width;
};

static void fail(struct reading *r, const char *what)
{
    if (!r->failed)
        err_set(r->err, ERR_INPUT, "line %ld, record %ld: %s", r->begin, r->number, err_word(what));
    r->failed = true;
}

static void end_cell(void *bytes, size_t len, void *context)
{
    struct reading *r = context;
    if (r->failed)
        return;
    if (r->n >= CSV_MAX_COLUMNS) {
        fail(r, N_("more than 200 cells"));
        return;
    }
    if (len > CSV_MAX_CELL_BYTES) {
        fail(r, N_("a cell of more than 64 KB (perhaps a quote that does not close)"));
        return;
    }
    r->begins[r->n] = r->cells.len;
    r->size[r->n++] = len;
    text_add(&r->cells, bytes ? bytes : "", len);
    text_putc(&r->cells, 0);
}

static void end_record(int terminator, void *context)
{
    (void)terminator;
    struct reading *r = context;
    if (r->failed)
        return;
    if (r->number > CSV_MAX_RECORDS) {
        fail(r, N_("more records than a spreadsheet has rows (1,048,576)"));
        return;
    }
    if (!r->width)
        r->width = r->n;
    for (size_t i = 0; i < r->n; i++)
        r->cell[i] = r->cells.s + r->begins[i];
    struct csv_record record = {r->number, r->begin, r->n, r->width, r->cell, r->size, 0};
    r->failed = r->fn(r->context, &record, r->err) < 0;
    r->inside = false;
    r->n = 0;
    r->cells.len = 0;
}

static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

/* The line at s with its end: LF, CRLF, or a lone CR. */
static size_t line_size(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] == '\n' || (s[i] == '\r' && (i + 1 == len || s[i + 1] != '\n')))
            return i + 1;
    return len;
}

/* A line end closes any record but one whose quote is open. */
static int end_reading(struct reading *r, struct csv_parser *parser)
{
    if (!r->failed && r->inside)
        csv_parse(parser, "\n", 1, end_cell, end_record, r);
    if (!r->failed && r->inside)
        fail(r, N_("a quote that does not close"));
    csv_free(parser);
    return r->failed ? -1 : 0;
}

/* The first line "sep=;" of Excel; its size, 0 if it is another. */
static size_t take_separator_line(const char *text, size_t len, char *delimiter_r)
{
    size_t size = line_size(text, len < 16 ? len : 16);
    if (size < 6 || strncmp(text, "sep=", 4) || !strchr("\r\n", text[5]))
        return 0;
    *delimiter_r = text[4];
    return size;
}

int csv_each(const char *text, size_t len, char delimiter, csv_record_fn *fn, void *context, struct err *err)
{
    MEM_SCOPE(mem);
    struct reading *r = talloc_zero(mem, struct reading);
    *r = (struct reading){.fn = fn, .context = context, .err = err, .cells = text_new(mem)};
    size_t at = take_separator_line(text, len, delimiter ? &(char){0} : &delimiter);
    r->line = at > 0;
    struct csv_parser parser;
    if (csv_init(&parser, 0) != 0)
        bug("csv_init");
    csv_set_blk_size(&parser,
                     CSV_MAX_CELL_BYTES / 4); /* a cell grows by so much; 128 octets make megabytes slow */
    csv_set_space_func(&parser, no_space);
    csv_set_delim(&parser, (unsigned char)(delimiter ? delimiter : csv_find_delimiter(text + at, len - at)));
    while (at < len && !r->failed) {
        size_t size = line_size(text + at, len - at);
        r->line++;
        if (!r->inside && text[at] != '\r' && text[at] != '\n') {
            r->inside = true;
            r->begin = r->line;
            r->number++;
        }
        if (csv_parse(&parser, text + at, size, end_cell, end_record, r) != size && !r->failed)
            bug("csv_parse: %s", csv_strerror(csv_error(&parser)));
        at += size;
    }
    return end_reading(r, &parser);
}

/* ---- the delimiter */

/* How many records have how many cells. */
struct count {
    size_t records, of[CSV_MAX_COLUMNS + 1];
};

static int count_record(void *context, const struct csv_record *record, struct err *err)
{
    enum { ENOUGH = 200 };
    struct count *count = context;
    count->of[record->n]++;
    return ++count->records < ENOUGH ? 0 : err_set(err, ERR_INPUT, "enough");
}

static const struct {
    char delimiter;
    const char *name;
} delimiters[] = {{',', N_("comma")}, {';', N_("semicolon")}, {'\t', N_("tab")}, {'|', N_("bar")}};

char csv_find_delimiter(const char *text, size_t len)
{
    char best = ',';
    double most = 0;
    for (size_t i = 0; i < ARRAY_LEN(delimiters); i++) {
        struct count count = {0};
        struct err ignored;
        if (csv_each(text, len, delimiters[i].delimiter, count_record, &count, &ignored) < 0 &&
            !count.records)
            continue;
        size_t width = 2; /* of most records: titles above a list have another */
        for (size_t n = width; n <= CSV_MAX_COLUMNS; n++)
            width = count.of[n] > count.of[width] ? n : width;
        double same = (double)count.of[width] / (double)count.records;
        double points = same * same * (1 + (double)width / CSV_MAX_COLUMNS);
        if (points > most) {
            most = points;
            best = delimiters[i].delimiter;
        }
    }
    return best;
}

const char *csv_delimiter_name(void *mem, char delimiter)
{
    for (size_t i = 0; i < ARRAY_LEN(delimiters); i++)
        if (delimiters[i].delimiter == delimiter)
            return delimiters[i].name;
    return talloc_asprintf(mem, "%c", delimiter);
}

char csv_parse_delimiter(const char *s)
{
    for (size_t i = 0; i < ARRAY_LEN(delimiters); i++)
        if (!strcmp(delimiters[i].name, s))
            return delimiters[i].delimiter;
    if (!strcmp(s, "\\t"))
        return '\t';
    return strlen(s) == 1 && !strchr("\"\r\n", *s) && (unsigned char)*s < 128 ? *s : 0;
}

/* ---- writing */

/* A number may begin with a sign. */
static bool looks_like_formula(const char *s)
{
    if (!*s || !strchr("=+-@\t\r", *s))
        return false;
    return !strchr("+-", *s) || s[strspn(s + 1, "0123456789.,") + 1];
}

/* alone: an empty cell without quotes would make an empty line, which is no record. */
static void add_cell(struct text *t, char delimiter, bool guarded, bool alone, const char *s)
{
    MEM_SCOPE(mem);
    if (guarded && looks_like_formula(s))
        s = talloc_asprintf(mem, "'%s", s);
    size_t len = strlen(s);
    bool special = s[strcspn(s, (char[]){'"', '\r', '\n', delimiter, 0})] || !strncmp(s, "sep=", 4);
    bool quoted = special || *s == ' ' || (len && s[len - 1] == ' ') || (alone && !len);
    if (!quoted) {
        text_add(t, s, len);
        return;
    }
    size_t size = csv_write(NULL, 0, s, len);
    char *whole = talloc_size(mem, size);
    csv_write(whole, size, s, len);
    text_add(t, whole, size);
}

void csv_add_record(struct text *t, char delimiter, bool guarded, const char *const *cell, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            text_putc(t, delimiter);
        add_cell(t, delimiter, guarded, n == 1, cell[i] ? cell[i] : "");
    }
    text_puts(t, "\r\n");
}
