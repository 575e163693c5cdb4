/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A look at a sheet's bytes, many times as fast as parsing them.  Programs write formatted rows down to row
 * 1048576, and merged cells and links behind them: what need not be parsed for the one or for the other is
 * found by the tags.  Bytes that are not understood here (two a character, elements with a prefix, comments,
 * in which anything may stand) are parsed as a whole.
 */
#include "base/xlsx_low.h"

enum {
    CHUNK = 64 << 10,
    AHEAD = 16,            /* a tag is looked at when so many bytes behind its < are there */
    MAX_HEAD = 16 << 20,   /* what stands before sheetData */
    MAX_EMPTY = 192 << 20, /* 1048576 rows of eight cells */
};

struct scanning {
    bool plain;            /* what is said of the tags is so */
    bool inside;           /* of sheetData */
    bool holds;            /* there is something between the last row's begin and here */
    bool tail, shared;     /* as in xlsx_scan */
    uint64_t at;           /* where the bytes in hand begin */
    uint64_t first;        /* tag inside */
    uint64_t last, end;    /* the row from which on all are empty; the end of sheetData */
    uint64_t before;       /* the tag before */
    uint64_t found, empty; /* bytes that hold something, and nothing */
};

static bool is(const char *tag, const char *name)
{
    size_t n = strlen(name);
    return !strncmp(tag, name, n) && strchr(" \t\r\n/>", tag[n]);
}

static void see_inside(struct scanning *s, const char *tag, uint64_t at)
{
    if (!s->first)
        s->first = at;
    if (is(tag, "c") || is(tag, "/c") || is(tag, "/row"))
        return;
    bool end = is(tag, "/sheetData");
    if (end || is(tag, "row")) {
        s->last = s->holds ? at : s->last;
        s->holds = false;
    } else {
        s->holds = true;
        if (is(tag, "/v") || is(tag, "/t"))
            s->found += XLSX_FOUND + at - s->before;
    }
    if (end) {
        s->inside = false;
        s->end = at;
    }
}

static void see_tags(struct scanning *s, const char *bytes, size_t len)
{
    const char *end = bytes + len;
    for (const char *tag = bytes; s->plain && (tag = memchr(tag, '<', (size_t)(end - tag))); tag++) {
        uint64_t at = s->at + (uint64_t)(tag - bytes);
        if (tag[1] == '!' || (tag[1] == '?' && at > 3))
            s->plain = false;
        else if (s->inside)
            see_inside(s, tag + 1, at);
        else if (is(tag + 1, "sheetData"))
            s->inside = s->holds = true;
        s->before = at;
    }
}

/* cells: nothing but what stands in sheetData, where no tail is. */
static void see_words(struct scanning *s, const char *bytes, size_t len, bool cells)
{
    if (!cells)
        s->tail = s->tail || memmem(bytes, len, "mergeCell", 9) || memmem(bytes, len, "hyperlink", 9);
    s->shared = s->shared || memmem(bytes, len, "\"s\"", 3) || memmem(bytes, len, "'s'", 3);
}

static int check(struct scanning *s, const struct xlsx_part *part, uint64_t n, struct err *err)
{
    s->empty += n;
    s->empty -= s->found < s->empty ? s->found : s->empty;
    s->found = 0;
    s->plain = s->plain && (s->first || s->at < MAX_HEAD);
    if (!s->plain || s->empty <= MAX_EMPTY)
        return 0;
    err_set(err, ERR_INPUT, XLSX_EMPTY, MAX_EMPTY >> 20);
    return err_context(err, "%.100s", xlsx_part_name(part));
}

static int scan(struct scanning *s, struct xlsx_part *part, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes = talloc_zero_size(mem, AHEAD + CHUNK + AHEAD);
    size_t kept = 0;
    for (int n = 1; n != 0 && s->plain;) {
        if ((n = xlsx_part_read(part, bytes + kept, CHUNK, err)) < 0)
            return -1;
        size_t len = kept + (size_t)n, seen = n == 0 ? len : len > AHEAD ? len - AHEAD : 0;
        memset(bytes + len, 0, AHEAD);
        if (s->at + kept == 0)
            s->plain = !memchr(bytes, 0, 4); /* else of two bytes a character, or nothing at all */
        bool cells = s->inside;
        uint64_t closed = s->end;
        see_tags(s, bytes, seen);
        see_words(s, bytes, len, cells && s->inside && s->end == closed);
        if (check(s, part, (uint64_t)n, err) < 0)
            return -1;
        s->at += seen;
        kept = len - seen;
        memmove(bytes, bytes + seen, kept);
    }
    return 0;
}

int xlsx_scan(struct xlsx_part *part, struct xlsx_scan *scan_r, struct err *err)
{
    struct scanning s = {.plain = true};
    if (scan(&s, part, err) < 0)
        return -1;
    *scan_r = (struct xlsx_scan){.tail = s.tail || !s.plain, .shared = s.shared || !s.plain};
    if (s.plain && s.end && !s.inside) {
        scan_r->behind_rows = (struct xlsx_hole){s.last, XLSX_TO_END};
        scan_r->before_tail = (struct xlsx_hole){s.first, s.end};
    }
    return 0;
}
