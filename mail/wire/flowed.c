/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/flowed.h"

/* A line taken apart: its ">"s counted, the blank behind them that was stuffed in (4.4) gone. */
struct line {
    const char *text;
    size_t len;
    int depth;
    bool flows; /* on into the next (4.2); the line before a signature does not (4.3) */
};

static const char *read_line(const char *p, struct line *line_r)
{
    size_t whole = strcspn(p, "\n"), depth = strspn(p, ">");
    const char *text = p + depth;
    text += *text == ' ';
    size_t len = (size_t)(p + whole - text);
    if (text > p + whole)
        text = p + whole, len = 0;
    bool signature = len == 3 && !memcmp(text, "-- ", 3);
    *line_r = (struct line){text, len, (int)depth, len && text[len - 1] == ' ' && !signature};
    return p + whole + (p[whole] == '\n');
}

static void begin_line(struct text *out, int depth)
{
    for (int i = 0; i < depth; i++)
        text_putc(out, '>');
    if (depth)
        text_putc(out, ' ');
}

char *flowed_text(void *mem, const char *text, bool delsp)
{
    struct text out = text_for(mem, strlen(text) + 16);
    struct line before = {.flows = false}, line;
    for (const char *p = text; *p; before = line) {
        p = read_line(p, &line);
        bool joined =
            before.flows && before.depth == line.depth && !(line.len == 3 && !memcmp(line.text, "-- ", 3));
        if (before.text && !joined)
            text_putc(&out, '\n');
        if (!joined)
            begin_line(&out, line.depth);
        bool drop = line.flows && delsp && *p;
        text_add(&out, line.text, line.len - drop);
    }
    size_t len = strlen(text);
    if (len && text[len - 1] == '\n')
        text_putc(&out, '\n');
    return out.s;
}
