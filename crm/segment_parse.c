/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Recursive descent over the bytes of the question; crm/segment.h has the grammar.  Each word keeps where it
 * stood, so that an error, even one that only the store can find, points at it.
 */
#include "crm/segment_tree.h"

#include <ctype.h>
#include <time.h>

#include "base/unicode.h"

struct parser {
    void *mem;
    const char *question, *at;
    int depth, conditions;
    struct segment_spot *spot_r;
    struct err *err;
};

/* ---- errors */

size_t segment_character(const char *question, struct segment_spot spot)
{
    size_t n = 1;
    for (size_t i = 0; i < spot.offset; i++)
        n += ((unsigned char)question[i] & 0xc0) != 0x80;
    return n;
}

int segment_fail(const char *question, struct segment_spot spot, struct segment_spot *spot_r,
                 enum err_code code, struct err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_vset(err, code, fmt, ap);
    va_end(ap);
    *spot_r = spot;
    return err_context(err, "character %zu", segment_character(question, spot));
}

static struct segment_spot spot_of(const struct parser *p, const char *from)
{
    size_t offset = (size_t)(from - p->question), len = (size_t)(p->at - from);
    return (struct segment_spot){offset, len ? len : 1};
}

#define FAIL(p, from, ...)                                                                                   \
    segment_fail((p)->question, spot_of(p, from), (p)->spot_r, ERR_USAGE, (p)->err, __VA_ARGS__)

char *segment_point(void *mem, const char *question, struct segment_spot spot)
{
    size_t len = strlen(question);
    if (!spot.len || spot.offset > len)
        return talloc_strdup(mem, "");
    if (spot.len > len - spot.offset)
        spot.len = len - spot.offset;
    struct text t = text_new(mem);
    for (const char *s = question; *s; s++)
        text_putc(&t, (unsigned char)*s < ' ' ? ' ' : *s);
    text_putc(&t, '\n');
    size_t width = unicode_width(talloc_strndup(t.s, question, spot.offset));
    size_t marks = unicode_width(talloc_strndup(t.s, question + spot.offset, spot.len));
    text_printf(&t, "%*s", (int)width, "");
    for (size_t i = 0; i < (marks ? marks : 1); i++)
        text_putc(&t, '^');
    return t.s;
}

/* ---- words */

static void skip_blanks(struct parser *p)
{
    for (;;) {
        const char *next = p->at;
        uint32_t c = unicode_next(&next);
        if (!c || !unicode_is_blank(c))
            return;
        p->at = next;
    }
}

/* The length of the quotation mark at s, 0 if there is none; *typographic: one of „ “ ”. */
static size_t quote_at(const char *s, bool *typographic)
{
    *typographic = !strncmp(s, "\u201e", 3) || !strncmp(s, "\u201c", 3) || !strncmp(s, "\u201d", 3);
    return *s == '"' ? 1 : *typographic ? 3 : 0;
}

static bool ends_word(const char *s, bool detail)
{
    bool typographic;
    const char *next = s;
    uint32_t c = unicode_next(&next);
    return !c || unicode_is_blank(c) || c == '(' || c == ')' || c == ',' || (detail && c == '=') ||
           quote_at(s, &typographic);
}

static int take_quoted(struct parser *p, char **text_r)
{
    const char *from = p->at;
    bool typographic, other;
    struct text t = text_new(p->mem);
    p->at += quote_at(p->at, &typographic);
    for (;;) {
        size_t quote = quote_at(p->at, &other);
        if (!*p->at) {
            p->at = from + (typographic ? 3 : 1);
            return FAIL(p, from, "the quotation mark is not closed");
        }
        if (quote && other == typographic) {
            p->at += quote;
            *text_r = t.s;
            return 0;
        }
        if (*p->at == '\\' && (p->at[1] == '"' || p->at[1] == '\\'))
            p->at++;
        text_putc(&t, *p->at++);
    }
}

/* A value; behind the key's colon it must stand at once. */
static int take_value(struct parser *p, bool detail, struct segment_value *value_r)
{
    const char *from = p->at;
    bool typographic;
    char *text = NULL;
    if (quote_at(p->at, &typographic)) {
        if (take_quoted(p, &text) < 0)
            return -1;
        if (!*unicode_squeeze(p->mem, text))
            return FAIL(p, from, "there is nothing between the quotation marks");
    } else {
        while (!ends_word(p->at, detail))
            unicode_next(&p->at);
        text = talloc_strndup(p->mem, from, (size_t)(p->at - from));
    }
    *value_r = (struct segment_value){.text = text, .spot = spot_of(p, from)};
    return 0;
}

static bool at_word(const struct parser *p, const char *word)
{
    size_t len = strlen(word);
    return !strncasecmp(p->at, word, len) && ends_word(p->at + len, false) && p->at[len] != ',';
}

/* ---- dates */

static void day_after(int year, int month, int day, char iso[11])
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day + 1, .tm_hour = 12};
    timegm(&tm); /* puts the 32nd into the next month */
    strftime(iso, 11, "%Y-%m-%d", &tm);
}

static bool take_date(struct segment_value *v)
{
    int year = 0, month = 0, end = 0;
    size_t len = strlen(v->text);
    if (sscanf(v->text, "%4d-%2d%n", &year, &month, &end) == 2 && len == 7 && end == 7) {
        if (month < 1 || month > 12)
            return false;
        snprintf(v->from, sizeof v->from, "%.7s-01", v->text);
        month == 12 ? day_after(year, 12, 31, v->to) : day_after(year, month + 1, 0, v->to);
    } else if (len == 4 && strspn(v->text, "0123456789") == 4) {
        year = (int)strtol(v->text, NULL, 10);
        snprintf(v->from, sizeof v->from, "%.4s-01-01", v->text);
        day_after(year, 12, 31, v->to);
    } else {
        int day;
        if (!unicode_parse_date(v->text, v->from) || sscanf(v->from, "%d-%d-%d", &year, &month, &day) != 3)
            return false;
        day_after(year, month, day, v->to);
    }
    return year >= 1000 && year < 9999;
}

/* ---- conditions */

static bool in_list(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(*list, word))
            return true;
    return false;
}

static int check_value(struct parser *p, const char *what, const char *const *list, struct segment_value *v)
{
    size_t n = 0;
    char *lower = unicode_lower(p->mem, v->text);
    if (in_list(lower, list)) {
        v->text = lower;
        return 0;
    }
    while (list[n])
        n++;
    return segment_fail(p->question, v->spot, p->spot_r, ERR_USAGE, p->err, "%s is never \"%s\"%s", what,
                        v->text, segment_there_are(p->mem, v->text, list, n));
}

/* v, v, v: blanks may stand behind a comma. */
static int take_values(struct parser *p, const struct segment_key_info *info, const char *const *list,
                       struct segment_value **values_r)
{
    struct segment_value v, *values = NULL;
    bool detail = info->detail && list != info->detail;
    for (size_t n = 0;; n++) {
        const char *from = p->at;
        if (take_value(p, detail, &v) < 0)
            return -1;
        if (!*v.text)
            return FAIL(p, from, "%s wants a word right here, as in %s", info->name, info->example);
        if (n == SEGMENT_MAX_VALUES)
            return FAIL(p, from, "more than %d values", SEGMENT_MAX_VALUES);
        if (list && check_value(p, info->name, list, &v) < 0)
            return -1;
        if (info->date && !take_date(&v))
            return FAIL(p, from, "\"%s\" is no date: write 2026, 2026-03, 2026-03-18 or 18.03.2026", v.text);
        values = talloc_realloc(p->mem, values, struct segment_value, (unsigned)n + 1);
        values[n] = v;
        if (*p->at != ',')
            break;
        p->at++;
        skip_blanks(p);
    }
    *values_r = values;
    return 0;
}

static enum segment_test take_test(struct parser *p)
{
    char sign = *p->at++;
    bool equal = (sign == '<' || sign == '>') && *p->at == '=';
    p->at += equal;
    switch (sign) {
    case '<':
        return equal ? SEGMENT_UNTIL : SEGMENT_BEFORE;
    case '>':
        return equal ? SEGMENT_SINCE : SEGMENT_AFTER;
    default:
        return SEGMENT_IN;
    }
}

static struct segment_node *node_new(struct parser *p, enum segment_op op, const char *from)
{
    struct segment_node *n = talloc_zero(p->mem, struct segment_node);
    n->op = op;
    n->spot = spot_of(p, from);
    return n;
}

static int count_condition(struct parser *p, const char *from)
{
    if (++p->conditions > SEGMENT_MAX_CONDITIONS)
        return FAIL(p, from, "more than %d conditions", SEGMENT_MAX_CONDITIONS);
    return 0;
}

static int unknown_key(struct parser *p, const char *from, const char *word)
{
    const char *name[SEGMENT_KEYS];
    for (size_t i = 0; i < SEGMENT_KEYS; i++)
        name[i] = segment_keys[i].name;
    return FAIL(p, from, "there is no key \"%s\"%s", word,
                segment_there_are(p->mem, word, name, SEGMENT_KEYS));
}

/* The letters before a colon or a comparison are a key. */
static size_t key_length(const char *s)
{
    size_t len = 0;
    while (isalpha((unsigned char)s[len]) || (len && s[len] == '-'))
        len++;
    return len && s[len] && strchr(":<>=", s[len]) ? len : 0;
}

static int take_condition(struct parser *p, size_t len, struct segment_node **node_r)
{
    const char *from = p->at;
    char *word = unicode_lower(p->mem, talloc_strndup(p->mem, from, len));
    size_t key = 0;
    p->at += len;
    while (key < SEGMENT_KEYS && strcmp(segment_keys[key].name, word))
        key++;
    if (key == SEGMENT_KEYS)
        return unknown_key(p, from, word);
    const struct segment_key_info *info = &segment_keys[key];
    if (!info->date && *p->at != ':') {
        from = p->at++;
        return FAIL(p, from, "%s is asked for with a colon, as in %s", info->name, info->example);
    }
    struct segment_node *n = node_new(p, SEGMENT_IS, from);
    n->key = (enum segment_key)key;
    n->test = take_test(p);
    if (take_values(p, info, info->values, &n->value) < 0)
        return -1;
    if (n->test != SEGMENT_IN && talloc_array_length(n->value) > 1)
        return FAIL(p, from, "a comparison takes one date");
    if (info->detail && *p->at == '=') {
        p->at++;
        if (take_values(p, info, info->detail, &n->detail) < 0)
            return -1;
    }
    n->spot = spot_of(p, from);
    *node_r = n;
    return count_condition(p, from);
}

static int take_words(struct parser *p, struct segment_node **node_r)
{
    const char *from = p->at;
    struct segment_node *n = node_new(p, SEGMENT_IS, from);
    n->key = SEGMENT_TEXT;
    n->value = talloc_zero_array(n, struct segment_value, 1);
    if (take_value(p, false, n->value) < 0)
        return -1;
    if (!*n->value->text) {
        p->at += *p->at != 0;
        return FAIL(p, from,
                    *from ? "\"%c\" stands here without a word before it" : "a condition is missing here",
                    *from);
    }
    n->spot = n->value->spot;
    *node_r = n;
    return count_condition(p, from);
}

/* ---- and, or, not */

static int take_or(struct parser *p, struct segment_node **node_r);

static int take_group(struct parser *p, struct segment_node **node_r)
{
    const char *from = p->at++;
    if (take_or(p, node_r) < 0)
        return -1;
    if (*p->at != ')') {
        p->at = from + 1;
        return FAIL(p, from, "the parenthesis is not closed");
    }
    p->at++;
    return 0;
}

static int take_not(struct parser *p, struct segment_node **node_r)
{
    const char *from = p->at;
    bool dash = *p->at == '-', word = at_word(p, "not"), typographic;
    if (!dash && !word) {
        size_t len = key_length(p->at);
        return *p->at == '(' ? take_group(p, node_r)
               : len         ? take_condition(p, len, node_r)
                             : take_words(p, node_r);
    }
    p->at += dash ? 1 : 3;
    if (dash && ends_word(p->at, false) && *p->at != '(' && !quote_at(p->at, &typographic))
        return FAIL(p, from, "\"-\" stands right before what it takes away, as in -tag:vip");
    skip_blanks(p);
    if (!*p->at || *p->at == ')' || at_word(p, "or") || at_word(p, "and"))
        return FAIL(p, from, "there is nothing behind \"not\"");
    struct segment_node *n = node_new(p, SEGMENT_NOT, from);
    if (++p->depth > SEGMENT_MAX_DEPTH)
        return FAIL(p, from, "nested deeper than %d", SEGMENT_MAX_DEPTH);
    if (take_not(p, &n->first) < 0)
        return -1;
    p->depth--;
    *node_r = n;
    return 0;
}

/* One child stays itself, several become a node. */
static struct segment_node *joined(struct parser *p, enum segment_op op, struct segment_node *first)
{
    if (!first->next)
        return first;
    struct segment_node *n = node_new(p, op, p->question + first->spot.offset);
    n->first = first;
    return n;
}

static int take_and(struct parser *p, struct segment_node **node_r)
{
    struct segment_node *first = NULL, **last = &first;
    for (;;) {
        const char *from = p->at;
        bool word = at_word(p, "and");
        if (word) {
            p->at += 3;
            skip_blanks(p);
        }
        bool ended = !*p->at || *p->at == ')' || at_word(p, "or");
        if ((word && (ended || !first)) || (!word && ended && !first)) {
            p->at += !word && *p->at;
            return FAIL(p, from,
                        word    ? "\"and\" stands between two conditions"
                        : *from ? "a condition is missing here"
                                : "a condition is missing at the end");
        }
        if (ended)
            break;
        if (take_not(p, last) < 0)
            return -1;
        last = &(*last)->next;
        skip_blanks(p);
    }
    *node_r = joined(p, SEGMENT_AND, first);
    return 0;
}

static int take_or(struct parser *p, struct segment_node **node_r)
{
    struct segment_node *first = NULL, **last = &first;
    const char *from = p->at;
    if (++p->depth > SEGMENT_MAX_DEPTH)
        return FAIL(p, from, "nested deeper than %d", SEGMENT_MAX_DEPTH);
    for (;;) {
        skip_blanks(p);
        if (take_and(p, last) < 0)
            return -1;
        last = &(*last)->next;
        if (!at_word(p, "or"))
            break;
        p->at += 2;
    }
    p->depth--;
    *node_r = joined(p, SEGMENT_OR, first);
    return 0;
}

int segment_parse(void *mem, const char *question, struct segment_node **tree_r, struct segment_spot *spot_r,
                  struct err *err)
{
    struct parser parser = {.mem = mem, .question = question, .at = question, .spot_r = spot_r, .err = err};
    struct parser *p = &parser;
    size_t len = strlen(question);
    *spot_r = (struct segment_spot){0, 0};
    *tree_r = NULL;
    if (!unicode_valid_utf8(question, len))
        return err_set(err, ERR_USAGE, "the question is no text in UTF-8");
    if (len > SEGMENT_MAX_BYTES)
        return err_set(err, ERR_USAGE, "the question is longer than %d bytes", SEGMENT_MAX_BYTES);
    skip_blanks(p);
    if (!*p->at)
        return 0;
    if (take_or(p, tree_r) < 0)
        return -1;
    const char *from = p->at;
    if (*p->at++)
        return FAIL(p, from, "this parenthesis was not opened");
    return 0;
}
