/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What of the new text is signature.  New lines between two quotations are a run; the signature of a run is
 * its end, from the first line on that begins one:
 *
 *     "--"                     and what HTML marks as such, but for sentences: people write there, too; a
 *                              postscript behind it is text again
 *     "This e-mail is ..."     a disclaimer
 *     "Kind regards"           a closing formula, if text stands above it and all behind it is short lines: a
 *                              sentence or a postscript behind it means that it closes nothing
 *     the writer's name        as a line of its own, under the same conditions; any name as the last line
 *     "_____"                  the same, but where another one follows: they part sections of the text
 *
 * "Sent from my iPhone" is one wherever it stands alone.  The banner that a mail gateway puts on top
 * ("External sender: do not open ...") is nobody's text and counts as quoted.
 */
#include "base/unicode.h"
#include "mail/wire/html.h"
#include "mail/wire/reply_low.h"

enum {
    TAIL_LINES = 18,
    DELIMITED_LINES = 25,
    CLOSING_MAX = 120,
    CLOSING_WORDS = 4,
    LONG_FORMULA = 18,
    SENTENCE_WORDS = 14,
    CONJUNCTION_MAX = 3,
    DEVICE_MAX = 160,
    DEVICE_WORDS = 6,
    UNNAMED_WORDS = 3,
    NAME_WORDS = 4,
    TELEPHONE_DIGITS = 6,
    PROSE_WORDS = 8,
    PROSE_WORDS_SURE = 16,
    BANNER_LINES = 8,
};

static size_t words_in(const char *folded)
{
    size_t n = *folded != 0;
    while ((folded = strchr(folded, ' '))) {
        folded++;
        n++;
    }
    return n;
}

static bool paragraph_begins(const struct lines *l, size_t i)
{
    return i == 0 || line_blank(&l->line[i - 1]) || l->line[i - 1].fate != LINE_NEW;
}

/* The folded lines of the paragraph from i on, before `end`. */
static const char *paragraph(void *mem, const struct lines *l, size_t i, size_t end)
{
    struct text t = text_new(mem);
    for (; i < end && !line_blank(&l->line[i]); i++)
        text_printf(&t, "%s ", l->line[i].folded);
    return t.s;
}

static bool is_disclaimer(const struct lines *l, size_t i, size_t end)
{
    if (!reply_words_begin(WORDS_LEGAL, l->line[i].folded))
        return false;
    MEM_SCOPE(mem);
    return reply_words_within(WORDS_SECRET, paragraph(mem, l, i, end));
}

/* ---- what may stand in a signature */

static bool is_prose(const struct line *line)
{
    size_t words = words_in(line->folded);
    char last = line->s[line->len - 1];
    return last == '?' || words >= PROSE_WORDS_SURE || (words >= PROSE_WORDS && (last == '.' || last == '!'));
}

/* Nothing but lines of a signature in [i, end), *n_r of them. */
static bool is_tail(const struct lines *l, size_t i, size_t end, size_t *n_r)
{
    for (*n_r = 0; i < end; i++) {
        const struct line *line = &l->line[i];
        if (line_blank(line))
            continue;
        if (is_disclaimer(l, i, end) || line->mark == HTML_SIGNATURE)
            return true;
        if (++*n_r > TAIL_LINES || is_prose(line) || reply_words_begin(WORDS_POSTSCRIPT, line->folded))
            return false;
    }
    return true;
}

/* ---- what begins one */

static bool is_delimiter(const struct line *line)
{
    return line->len <= 3 &&
           (!strcmp(line->s, "--") || !strcmp(line->s, "\xe2\x80\x94") || !strcmp(line->s, "\xe2\x80\x93"));
}

static bool begins_delimited(const struct lines *l, size_t i, size_t end)
{
    size_t n = 0;
    if (!is_delimiter(&l->line[i]))
        return false;
    for (size_t k = i + 1; k < end && n <= DELIMITED_LINES; k++)
        n += !line_blank(&l->line[k]);
    return n <= DELIMITED_LINES;
}

/* "Danke und ...": what stands behind the thanks, of so many letters, and a word of at most three. */
static const char *behind_thanks(const char *folded, size_t thanks)
{
    const char *rest = folded + thanks + 1;
    size_t word = strcspn(rest, " ");
    return word <= CONJUNCTION_MAX && rest[word] ? rest + word + 1 : rest;
}

/* A long formula ("Je vous prie d'agréer, Madame, ...") is a sentence; behind a short one few words may
 * stand: "Srdačan pozdrav iz Beča". */
static bool is_formula(const char *folded)
{
    size_t len = reply_words_begin(WORDS_CLOSING, folded);
    const char *behind = folded + len + (folded[len] == ' ');
    return len && words_in(behind) <= (len >= LONG_FORMULA ? SENTENCE_WORDS : CLOSING_WORDS);
}

static bool is_closing(const struct line *line, bool *alone_r)
{
    size_t alone = reply_words_begin(WORDS_ALONE, line->folded);
    *alone_r = alone && !line->folded[alone];
    if (*alone_r)
        return true;
    return line->len <= CLOSING_MAX && line->s[line->len - 1] != '?' &&
           (is_formula(line->folded) || (alone && is_formula(behind_thanks(line->folded, alone))));
}

static bool is_name(const struct line *line, const char *writer)
{
    if (*writer != *line->folded) /* most end here */
        return false;
    size_t len = strlen(line->folded);
    return *writer && !strncmp(writer, line->folded, len) && len >= 2 && (!writer[len] || writer[len] == ' ');
}

/* "-Ana", "/Ana Petrović" as a paragraph of its own */
static bool is_dashed_name(const struct lines *l, size_t i, size_t end)
{
    const struct line *line = &l->line[i];
    const char *s = line->s + 1;
    if (!strchr("-/~", *line->s) || words_in(line->folded) > NAME_WORDS ||
        (i + 1 < end && !line_blank(&l->line[i + 1])))
        return false;
    return paragraph_begins(l, i) && unicode_is_upper(unicode_next(&s));
}

/* Words with capitals, and nothing else. */
static bool looks_like_name(const struct line *line)
{
    size_t words = words_in(line->folded), capitals = 0;
    if (words < 2 || words > NAME_WORDS || strpbrk(line->s, "0123456789,:;!?@/()\""))
        return false;
    for (const char *p = line->s; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL) {
        const char *letter = p;
        capitals += unicode_is_upper(unicode_next(&letter));
    }
    return capitals == words && line->s[line->len - 1] != '.';
}

/* An address, a link or a telephone number. */
static bool has_contact(const struct line *line)
{
    size_t digits = 0;
    for (const char *p = line->s; *p; p++)
        digits += *p >= '0' && *p <= '9';
    return digits >= TELEPHONE_DIGITS || strchr(line->s, '@') || strstr(line->s, "www.");
}

/* "Ana Petrović" below a sentence, and behind it nothing, or how to reach her. */
static bool is_typed_name(const struct lines *l, size_t i, size_t end)
{
    size_t above = i;
    while (above && line_blank(&l->line[above - 1]))
        above--;
    if (above == i || !above || l->line[above - 1].fate != LINE_NEW ||
        !reply_ends_sentence(&l->line[above - 1]) || !looks_like_name(&l->line[i]))
        return false;
    bool contact = reply_next_text(l, i + 1) >= end;
    for (size_t k = i + 1; k < end && !contact; k++)
        contact = has_contact(&l->line[k]);
    return contact;
}

/* Another ruler, and text behind it. */
static bool is_heading(const struct lines *l, size_t i, size_t end)
{
    for (i++; i < end; i++)
        if (line_ruler(&l->line[i])) {
            size_t next = reply_next_text(l, i + 1);
            return next < end && !is_disclaimer(l, next, end);
        }
    return false;
}

/* Does the signature begin at line i? */
static bool begins_signature(const struct lines *l, size_t i, size_t end, const char *writer)
{
    const struct line *line = &l->line[i];
    size_t n;
    bool alone = false, ruler = line_ruler(line) && paragraph_begins(l, i) && !is_heading(l, i, end);
    if (!is_closing(line, &alone) && !ruler && !is_name(line, writer) && !is_dashed_name(l, i, end) &&
        !is_typed_name(l, i, end))
        return false;
    return is_tail(l, i + 1, end, &n) && (n || (!alone && !ruler));
}

/* ---- "Sent from my ..." */

/* Words before a link. */
static size_t device_words(const struct line *line)
{
    MEM_SCOPE(mem);
    const char *link = strstr(line->s, "http");
    const char *text = link ? talloc_strndup(mem, line->s, (size_t)(link - line->s)) : line->s;
    return words_in(unicode_fold(mem, text));
}

static bool is_device(const struct lines *l, size_t i, size_t end)
{
    const struct line *line = &l->line[i];
    size_t begin = line->len <= DEVICE_MAX ? reply_words_begin(WORDS_DEVICE, line->folded) : 0;
    if (!begin)
        return false;
    MEM_SCOPE(mem);
    const char *entry = talloc_strndup(mem, line->folded, begin);
    bool last = i + 1 >= end || line_blank(&l->line[i + 1]) || strchr(l->line[i + 1].s, '/') ||
                reply_words_begin(WORDS_DEVICE, l->line[i + 1].folded);
    bool named = strstr(line->s, "http") || reply_words_within(WORDS_GADGET, line->folded);
    size_t more = named ? DEVICE_WORDS : line->s[line->len - 1] == '.' ? 0 : UNNAMED_WORDS;
    return last && device_words(line) <= words_in(entry) + more;
}

/* ---- all */

/* Delimiters and rulers are nobody's text. */
static void set_signature(struct lines *l, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        l->line[i].fate = is_delimiter(&l->line[i]) || line_ruler(&l->line[i]) ? LINE_QUOTED : LINE_SIGNATURE;
}

/* Of what begins at line i, where a postscript begins, or the end. */
static size_t postscript(const struct lines *l, size_t i, size_t end)
{
    while (++i < end)
        if (!line_blank(&l->line[i]) && paragraph_begins(l, i) &&
            reply_words_begin(WORDS_POSTSCRIPT, l->line[i].folded))
            return i;
    return end;
}

/* The run [from, end); text: whether new text stands before it. */
static void sign_run(struct lines *l, size_t from, size_t end, bool text, const char *writer)
{
    for (size_t i = from; i < end; i++) {
        struct line *line = &l->line[i];
        if (line_blank(line))
            continue;
        bool marked = line->mark == HTML_SIGNATURE && !is_prose(line), device = is_device(l, i, end);
        if (marked || device) {
            set_signature(l, i, i + 1);
        } else if (begins_delimited(l, i, end)) {
            size_t behind = postscript(l, i, end);
            set_signature(l, i, behind);
            i = behind - 1;
        } else if ((paragraph_begins(l, i) && is_disclaimer(l, i, end)) ||
                   (text && begins_signature(l, i, end, writer))) {
            set_signature(l, i, end);
            return;
        }
        text = text || !(marked || device);
    }
}

static bool is_banner(const struct lines *l, size_t i)
{
    MEM_SCOPE(mem);
    if (l->line[i].fate != LINE_NEW || !reply_words_begin(WORDS_WARNING, l->line[i].folded))
        return false;
    const char *text = paragraph(mem, l, i, l->n);
    return reply_words_within(WORDS_OUTSIDE, text) && reply_words_within(WORDS_MAIL, text);
}

static void drop_banner(struct lines *l)
{
    size_t i = reply_next_text(l, 0);
    if (i < l->n && is_banner(l, i))
        for (size_t end = i; end < l->n && end < i + BANNER_LINES && !line_blank(&l->line[end]); end++)
            l->line[end].fate = LINE_QUOTED;
}

static size_t find_line(const struct lines *l, size_t i, const char *text)
{
    while (i < l->n && strcmp(l->line[i].s, text))
        i++;
    return i;
}

static void leave_out(struct lines *l, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        l->line[i].fate = LINE_QUOTED;
}

/* RFC 4880 7: what stands around a text that is signed in it. */
static void drop_armour(struct lines *l)
{
    size_t head = find_line(l, 0, "-----BEGIN PGP SIGNED MESSAGE-----"), text = head;
    size_t tail = find_line(l, head, "-----BEGIN PGP SIGNATURE-----"),
           end = find_line(l, tail, "-----END PGP SIGNATURE-----");
    while (text < l->n && !line_blank(&l->line[text]))
        text++;
    if (end == l->n || text > tail)
        return;
    leave_out(l, head, text);
    leave_out(l, tail, end + 1);
}

void reply_find_signatures(struct lines *l, const char *writer_folded)
{
    bool text = false;
    drop_armour(l);
    drop_banner(l);
    for (size_t from = 0, end; from < l->n; from = end) {
        bool fresh = l->line[from].fate == LINE_NEW;
        for (end = from; end < l->n && (l->line[end].fate == LINE_NEW) == fresh; end++)
            ;
        if (fresh)
            sign_run(l, from, end, text, writer_folded);
        for (size_t i = from; i < end; i++)
            text = text || (l->line[i].fate == LINE_NEW && !line_blank(&l->line[i]));
    }
}
