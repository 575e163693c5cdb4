/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is quoted, from the top:
 *
 *     "> ..."                              a quoted line
 *     "On ... wrote:" (1 to 4 lines)       introduces a quotation; where no ">" follows, the quotation is all
 *                                          behind it
 *     "-----Original Message-----"         the quotation is all from here on
 *     From: / Sent: / To: / Subject:       the same: three of such lines close together, one of them From
 *     what HTML marks as such              the same
 *
 * "> ..." above the introduction, of which the quotation below has nothing, is what the writer quotes from
 * elsewhere, and new.
 *
 * Where the writer says that the answers stand in the quotation ("see below in red") and nothing marks its
 * lines, it is kept whole: nothing tells the answers from it.
 */
#include "base/unicode.h"
#include "mail/wire/html.h"
#include "mail/wire/reply_low.h"

enum {
    INTRODUCTION_MAX = 600,
    FOLDED_MAX = 600,
    FOLDED_OF_LONG = 160,
    BLOCK_LINES = 14,
    VALUE_LINES = 4,
    LABEL_MAX = 28,
    RULER_LEAST = 5,
    RULER_MAX = 90,
    UNKNOWN_LABELS = 3,
    WIDTH_LEAST = 70, /* at which mail programs break lines */
    WIDTH_MOST = 90,
    BELOW_MAX = 4000,
    BELOW_WORDS = 6,
    SENTENCE_BLANKS = 3,
    OWN_LEAST = 8,  /* a shorter line is found anywhere */
    OWN_BEGIN = 24, /* so many bytes of a line are looked for */
    OWN_MOST = 100, /* lines */
    SOURCE_MAX = 1 << 18,
};

/* ---- rulers and header blocks */

static size_t dashes(const char *s)
{
    size_t n = 0;
    for (size_t len;
         (len = strspn(s, "-_=*> ")) || !strncmp(s, "\xe2\x80\x93", 3) || !strncmp(s, "\xe2\x80\x94", 3);
         s += len ? len : 3)
        n += len ? len : 1;
    return n;
}

/* "Von: ...", "*From:* ...", "Datum : ...": what stands before the colon. */
static size_t label_length(const struct line *line)
{
    const char *colon = memchr(line->s, ':', line->len <= LABEL_MAX ? line->len : LABEL_MAX + 1);
    return colon ? (size_t)(colon - line->s) : 0;
}

static enum reply_label label_of(const struct line *line)
{
    size_t len = label_length(line);
    if (!len)
        return NO_LABEL;
    MEM_SCOPE(mem);
    return reply_label(unicode_fold(mem, talloc_strndup(mem, line->s, len)));
}

static bool is_original(const struct lines *l, size_t i)
{
    const struct line *line = &l->line[i];
    size_t begin = line->len <= RULER_MAX ? reply_words_begin(WORDS_ORIGINAL, line->folded) : 0;
    if (!begin)
        return false;
    if (dashes(line->s) >= 2)
        return true;
    size_t next = reply_next_text(l, i + 1);
    bool alone = !line->folded[begin];
    return alone && (line->s[line->len - 1] == ':' || (next < l->n && label_of(&l->line[next])));
}

/* The labels of one line, as where HTML has been flattened: "From: A Sent: B To: C Subject: D" */
static bool is_block_in_a_line(const struct line *line)
{
    if (line->len > INTRODUCTION_MAX || !label_of(line))
        return false;
    MEM_SCOPE(mem);
    bool seen[LABELS_N] = {false};
    int kinds = 0;
    for (const char *p = line->s, *colon; (colon = strchr(p, ':')); p = colon + 1) {
        const char *word = colon;
        while (word > p && word[-1] == ' ')
            word--;
        const char *end = word;
        while (word > p && word[-1] != ' ')
            word--;
        enum reply_label label =
            reply_label(unicode_fold(mem, talloc_strndup(mem, word, (size_t)(end - word))));
        kinds += label != NO_LABEL && !seen[label];
        seen[label] = true;
    }
    struct reply_signs signs = reply_signs_of(line->s);
    return seen[FROM_LABEL] && kinds >= 3 && (signs.address || (signs.year && seen[SUBJECT_LABEL]));
}

/* The line that programs draw above what they quote. */
static bool is_below_ruler(const struct lines *l, size_t i)
{
    const struct line *above = i ? &l->line[i - 1] : NULL;
    return above && above->len >= RULER_LEAST && strspn(above->s, "_-=") == above->len;
}

/* Three labels close together make a header only with what a list of the writer's own ("Od: petka, Do:
 * nedelje") has not: an address, a subject and a full date, "Sent" and a full date, or a ruler above it. */
static bool begins_block(const struct lines *l, size_t i)
{
    bool seen[LABELS_N] = {false}, address = false, dated = false, sent = false, ruler = is_below_ruler(l, i);
    size_t other = 0;
    int kinds = 0;
    if (label_of(&l->line[i]) == NO_LABEL)
        return false;
    for (size_t end = i + BLOCK_LINES; i < l->n && i < end && other <= VALUE_LINES; i++) {
        const struct line *line = &l->line[i];
        enum reply_label label = line_blank(line) ? NO_LABEL : label_of(line);
        bool date = label == DATE_LABEL || label == SENT_LABEL;
        if (label == FROM_LABEL && seen[label])
            return false;
        other += label == NO_LABEL && !line_blank(line);
        address = address || (label != NO_LABEL && strchr(line->s, '@'));
        dated = dated || (date && reply_signs_of(line->s).year);
        sent = sent || label == SENT_LABEL;
        kinds += label != NO_LABEL && !seen[label] && !(date && (seen[DATE_LABEL] || seen[SENT_LABEL]));
        seen[label] = true;
        if (seen[FROM_LABEL] && kinds >= 3 && (address || ruler || (dated && (sent || seen[SUBJECT_LABEL]))))
            return true;
    }
    return false;
}

static bool is_full_date(const struct line *line)
{
    enum reply_label label = label_of(line);
    struct reply_signs signs = reply_signs_of(line->s);
    return (label == DATE_LABEL || label == SENT_LABEL) && signs.year && signs.time;
}

/* "From: A <a@b.example>" and right below it "Sent: Tuesday, 10 November 2026 9:30": two labels, no more. */
static bool begins_short_block(const struct lines *l, size_t i)
{
    if (i + 1 >= l->n || !label_of(&l->line[i]) || !label_of(&l->line[i + 1]))
        return false;
    bool first = is_full_date(&l->line[i]), second = is_full_date(&l->line[i + 1]);
    return first != second && strchr(l->line[first ? i + 1 : i].s, '@');
}

/* Labels of a language that we do not know: lines one behind the other, with an address, a date and a time.
 */
static bool begins_unknown_block(const struct lines *l, size_t i)
{
    struct reply_signs signs = {0};
    size_t n = 0;
    for (; i + n < l->n && n < BLOCK_LINES; n++) {
        const struct line *line = &l->line[i + n];
        size_t label = label_length(line);
        if (!label || strcspn(line->s, "0123456789,;./@<") < label || line->len == label + 1 ||
            !strncmp(line->s + label, "://", 3))
            break;
        struct reply_signs of_line = reply_signs_of(line->s);
        if (n == 0 && !of_line.bracketed)
            return false;
        signs.year = signs.year || (of_line.year && of_line.time);
    }
    return n > UNKNOWN_LABELS && signs.year;
}

/* "##- Please type your reply above this line -##" */
static bool is_above_line(const struct line *line)
{
    return line->len <= RULER_MAX && strchr("#-_=*", *line->s) &&
           reply_words_within(WORDS_ABOVE, line->folded);
}

/* GroupWise: ">>> A <a@b.example> 10.11.2026 09:30 >>>", and the old text behind it without marks. */
static bool is_arrows(const struct line *line)
{
    if (strncmp(line->s, ">>>", 3) || !reply_ends_with(line, ">>>"))
        return false;
    struct reply_signs signs = reply_signs_of(line->s);
    return signs.year && (signs.time || signs.address);
}

static bool begins_rest(const struct lines *l, size_t i)
{
    const struct line *line = &l->line[i];
    return line->mark == HTML_QUOTED_REST || is_original(l, i) || begins_block(l, i) ||
           begins_short_block(l, i) || is_block_in_a_line(line) || begins_unknown_block(l, i) ||
           is_above_line(line) || is_arrows(line);
}

/* ---- "see my answers below" */

/* A word of the one list, and within a few words one of the other. */
static bool near(enum reply_words first, enum reply_words second, const char *folded)
{
    for (const char *p = folded; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL) {
        const char *q = p;
        if (!reply_words_begin(first, p))
            continue;
        for (int n = 0; n < BELOW_WORDS && q; n++) {
            if (reply_words_begin(second, q))
                return true;
            q = strchr(q, ' ') ? strchr(q, ' ') + 1 : NULL;
        }
    }
    return false;
}

static bool points_below(const struct lines *l, size_t end)
{
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    for (size_t i = 0; i < end && t.len < BELOW_MAX; i++)
        if (l->line[i].fate == LINE_NEW && !line_blank(&l->line[i]))
            text_printf(&t, "%s ", l->line[i].folded);
    return reply_words_within(WORDS_COLOUR, t.s) || near(WORDS_ANSWERS, WORDS_BELOW, t.s) ||
           near(WORDS_BELOW, WORDS_ANSWERS, t.s);
}

/* ---- all */

static void set_quoted(struct lines *l, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        l->line[i].fate = LINE_QUOTED;
}

/* The end of a long quoted line that a mail program broke and did not mark: right between quoted lines, small
 * letters, and its first word had no room in the line above. */
static bool is_wrapped(const struct lines *l, size_t i)
{
    const struct line *line = &l->line[i], *above = &l->line[i - 1];
    const char *s = line->s;
    if (line->fate != LINE_NEW || line_blank(line) || !above->quoted || !reply_quoted_at(l, i + 1))
        return false;
    uint32_t c = unicode_next(&s);
    size_t wanted = above->len + 1 + strcspn(line->s, " ");
    return unicode_is_letter(c) && !unicode_is_upper(c) && !reply_ends_sentence(above) &&
           !reply_ends_with(above, ":") && wanted > WIDTH_LEAST && above->len <= WIDTH_MOST &&
           line->len <= WIDTH_MOST;
}

static void find_wrapped(struct lines *l)
{
    for (size_t i = 1; i + 1 < l->n; i++)
        if (is_wrapped(l, i))
            l->line[i].fate = LINE_QUOTED;
}

/* The ruler above a quoted header, in whatever language: "---- ... ----" */
static size_t with_ruler(const struct lines *l, size_t i)
{
    size_t above = i;
    while (above && line_blank(&l->line[above - 1]))
        above--;
    if (!above || l->line[above - 1].fate != LINE_NEW)
        return i;
    const struct line *line = &l->line[above - 1];
    bool ruler = dashes(line->s) >= 3 && line->len >= 6 && strchr("-_=*", line->s[line->len - 1]);
    return ruler && line->len <= RULER_MAX ? above - 1 : i;
}

static void cut(struct line *line, size_t len)
{
    while (len && strchr(" -", line->s[len - 1]))
        len--;
    line->len = len;
    line->fate = LINE_NEW;
}

/* "... and that is all. Ana Petrović <a@b.example>": where the sentence ends; 0: there is none. */
static size_t sentence_before_name(const struct line *line)
{
    size_t blanks = 0, end = 0, name = strcspn(line->s, "<");
    if (line->s[name] != '<' || strcspn(line->s, "0123456789") < name) /* "10. Nov." ends none */
        return 0;
    for (size_t i = 1; i < name; i++) {
        blanks += line->s[i] == ' ';
        if (line->s[i] == ' ' && strchr(".!?", line->s[i - 1]) && blanks >= SENTENCE_BLANKS)
            end = i;
    }
    return end;
}

/* Text that stands on the line of the introduction itself, before "On ...", is the writer's. */
static void keep_text_before(struct line *line)
{
    MEM_SCOPE(mem);
    if (reply_opens(line))
        return;
    for (const char *p = line->s; (p = strchr(p, ' ')); p++) {
        const char *rest = p + 1;
        bool capital = unicode_is_upper(unicode_next(&rest));
        struct line part = {.s = p + 1, .len = strlen(p + 1), .folded = unicode_fold(mem, p + 1)};
        if (!capital || !reply_opens(&part) || !reply_introduces_surely(reply_signs_of(part.s)))
            continue;
        cut(line, (size_t)(p - line->s));
        return;
    }
    if (sentence_before_name(line))
        cut(line, sentence_before_name(line));
}

/* Behind the ruler and the header that begin at line i, where quoted lines follow; 0: none do. */
static size_t behind_header(const struct lines *l, size_t i)
{
    size_t looked = 0;
    for (i++; i < l->n && looked < BLOCK_LINES; i++) {
        if (l->line[i].quoted)
            return i;
        looked += !line_blank(&l->line[i]);
        if (!line_blank(&l->line[i]) && !label_length(&l->line[i]))
            return 0;
    }
    return 0;
}

/* Folds the lines that are looked at when line i is judged.  A paragraph on a line of its own is long; how it
 * begins is enough. */
static void fold_lines(struct lines *l, size_t i)
{
    for (; l->nfolded < l->n && l->nfolded < i + INTRODUCTION_LINES; l->nfolded++) {
        struct line *line = &l->line[l->nfolded];
        if (line_blank(line) || line->quoted)
            continue;
        const char *s = line->len <= FOLDED_MAX ? line->s : talloc_strndup(l->mem, line->s, FOLDED_OF_LONG);
        line->folded = unicode_fold(l->mem, s);
        const char *last = strrchr(line->folded, ' ');
        line->ends_verb = last && reply_words_begin(WORDS_WROTE, last + 1);
    }
}

static void unquote(struct line *line)
{
    while (line->len && (*line->s == '>' || *line->s == ' ')) {
        line->s++;
        line->len--;
    }
}

/* Does the blockquote begin with the header of a mail? */
static bool quotes_mail(const struct lines *l, size_t i)
{
    MEM_SCOPE(mem);
    struct lines quoted = {.mem = mem, .line = talloc_zero_array(mem, struct line, BLOCK_LINES)};
    for (; i < l->n && quoted.n < BLOCK_LINES && l->line[i].mark == HTML_BLOCKQUOTE; i++) {
        struct line line = {.s = l->line[i].s, .len = l->line[i].len, .folded = ""};
        unquote(&line);
        if (line_blank(&line))
            continue;
        line.folded = line.len <= FOLDED_MAX ? unicode_fold(mem, line.s) : "";
        quoted.line[quoted.n++] = line;
    }
    return quoted.n && (is_original(&quoted, 0) || begins_block(&quoted, 0));
}

/* A blockquote that no program made for an answer, and nothing introduces: what the writer quotes from
 * elsewhere. */
static bool is_own_quotation(const struct lines *l, size_t i)
{
    size_t above = i;
    if (l->line[i].mark != HTML_BLOCKQUOTE)
        return false;
    while (above && line_blank(&l->line[above - 1]))
        above--;
    return (!above || l->line[above - 1].fate == LINE_NEW) && !quotes_mail(l, i);
}

/* Words with one blank between them, without quote marks. */
static void put_words(struct text *t, const char *s)
{
    for (s += strspn(s, "> \t"); *s; s += strspn(s, " \t")) {
        size_t len = strcspn(s, " \t");
        text_add(t, s, len);
        text_puts(t, " ");
        s += len;
    }
}

static char *words_of(void *mem, const struct lines *l, size_t from, size_t to)
{
    struct text t = text_new(mem);
    for (; from < to && t.len < SOURCE_MAX; from++)
        put_words(&t, l->line[from].s);
    return t.s;
}

/* Where the quoted lines from i on end. */
static size_t quoted_end(const struct lines *l, size_t i)
{
    while (i < l->n && l->line[i].fate == LINE_QUOTED)
        i++;
    return i;
}

static bool found_in(const struct lines *l, size_t from, size_t to, const char *source)
{
    MEM_SCOPE(mem);
    for (; from < to; from++) {
        char *words = words_of(mem, l, from, from + 1);
        size_t len = strlen(words);
        if (len < OWN_LEAST)
            continue;
        words[len - 1 < OWN_BEGIN ? len - 1 : OWN_BEGIN] = 0;
        if (strstr(source, words))
            return true;
    }
    return false;
}

/* Quoted lines above the first introduction that the quotation below it does not have. */
static void keep_own_quotations(struct lines *l, size_t introduction)
{
    MEM_SCOPE(mem);
    const char *source = NULL;
    size_t looked = 0;
    for (size_t i = 0, end; i<introduction; i = end> i ? end : i + 1) {
        end = quoted_end(l, i);
        if (end == i || l->line[i].mark)
            continue;
        looked += end - i;
        if (looked > OWN_MOST)
            return;
        source = source ? source : words_of(mem, l, introduction, l->n);
        if (found_in(l, i, end, source))
            continue;
        for (size_t own = i; own < end; own++)
            l->line[own].fate = LINE_NEW;
    }
}

void reply_find_quotations(struct lines *l)
{
    bool marked = false, below = false; /* once it is said, it stays */
    size_t first = l->n;
    for (size_t i = 0, n; i < l->n; i += n) {
        n = 1;
        fold_lines(l, i);
        if (line_blank(&l->line[i]))
            continue;
        if (l->line[i].quoted && !is_arrows(&l->line[i])) {
            if (!is_own_quotation(l, i))
                set_quoted(l, i, i + 1);
            continue;
        }
        bool rest = begins_rest(l, i);
        size_t introducing = rest ? 0 : reply_introduction(l, i, &marked),
               behind = rest ? behind_header(l, i) : 0;
        if (behind) {
            introducing = behind - i;
            rest = false;
        }
        rest = rest || (introducing && !behind && !marked);
        first = first == l->n && (rest || introducing) ? i : first;
        below = below || (rest && points_below(l, i));
        if (rest && !below) {
            set_quoted(l, with_ruler(l, i), l->n);
            if (introducing)
                keep_text_before(&l->line[i]);
            break;
        }
        if (introducing) {
            set_quoted(l, i, i + introducing);
            keep_text_before(&l->line[i]);
            n = introducing;
        }
    }
    find_wrapped(l);
    if (first < l->n)
        keep_own_quotations(l, first);
}

const char *reply_find_author(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        unquote(&l->line[i]);
    for (size_t i = 0; i < l->n; i++)
        if (begins_block(l, i)) {
            while (label_of(&l->line[i]) != FROM_LABEL)
                i++;
            const char *author = strchr(l->line[i].s, ':') + 1;
            return author + strspn(author, "* ");
        }
    return NULL;
}
