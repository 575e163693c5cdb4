/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A name is words, which end at a blank or a comma, and behind a dot ("Prof.Dr.", "H.E.").  What stands
 * behind a comma is titles, or the given name; then words that are no names are taken from the front and from
 * the end, and what is left is given and family names.
 */
#include "crm/personname.h"

#include "base/unicode.h"
#include "crm/form_low.h"

enum { MAX_WORDS = 16, MOST_TOGETHER = 3, MALE = 'm', FEMALE = 'f', ANY = 0 };
enum {
    FR = 0,
    SQ = FORM_SQ,
    SR = FORM_SR,
    EN = FORM_EN,
    DE = FORM_DE,
    PL = FORM_PL,
    ALL = SQ | SR | EN | DE | PL
};
enum need { ALWAYS, DOT, SMALL, CAPITAL, LONG, BEHIND, COMMA, GREETING };
enum place { IN_FRONT, AT_END, AT_COMMA, IN_FIELD, IN_GREETING };

static const struct word_row {
    unsigned languages;
    const char *fold;
    enum title title;
    enum form_class class;
    char gender;
    enum need need;
} rows[] = {
#define WORD(languages, fold, title, class, gender, need)                                                    \
    {languages, fold, TITLE_##title, FORM_##class, gender, need},
#include "crm/title.def"
#undef WORD
};

/* ---- words */

struct words {
    const char *at[MAX_WORDS]; /* in the text */
    size_t len[MAX_WORDS];
    size_t n;
};

static struct words words_of(const char *text)
{
    struct words w = {.n = 0};
    while (*text && w.n < MAX_WORDS) {
        text += strspn(text, " ,");
        size_t len = strcspn(text, " ,.");
        len += text[len] == '.';
        if (len) {
            w.at[w.n] = text;
            w.len[w.n++] = len;
        }
        text += len;
    }
    if (w.n == MAX_WORDS) /* the last one is all the rest */
        w.len[MAX_WORDS - 1] = strlen(w.at[MAX_WORDS - 1]);
    return w;
}

static char *join(void *mem, const struct words *w, size_t from, size_t n)
{
    if (!n)
        return talloc_strdup(mem, "");
    const char *end = w->at[from + n - 1] + w->len[from + n - 1];
    return talloc_strndup(mem, w->at[from], (size_t)(end - w->at[from]));
}

static bool starts_upper(const char *s)
{
    return unicode_is_upper(unicode_next(&s));
}

static bool is_initial(const char *word, size_t len)
{
    const char *end = word + len;
    unicode_next(&word);
    return word == end || (word + 1 == end && *word == '.');
}

/* ---- words that are no names */

static bool has_dot(const struct words *w, size_t i)
{
    return w->at[i][w->len[i] - 1] == '.';
}

/* "g. Hoti", "G. Arben Hoti"; "G. Hoti" and "G. A. Hoti" have initials. */
static bool is_dotted(const struct words *w, size_t from, size_t behind, const char *fold)
{
    if (!has_dot(w, from))
        return false;
    return fold[1] || !starts_upper(w->at[from]) ||
           (behind > 1 && !is_initial(w->at[from + 1], w->len[from + 1]));
}

static bool fits_in_front(const struct word_row *row, const struct words *w, size_t from, size_t n,
                          bool cyrillic)
{
    const char *s = w->at[from];
    size_t behind = w->n - from - n;
    switch (row->need) {
    case ALWAYS:
        return true;
    case DOT:
        return is_dotted(w, from, behind, row->fold);
    case SMALL:
        return cyrillic || !starts_upper(s);
    case CAPITAL:
        return starts_upper(s);
    case LONG:
        return behind > 1;
    case BEHIND:
        return row->title < TITLE_JUNIOR;
    default:
        return false;
    }
}

static bool fits(const struct word_row *row, const struct words *w, size_t from, size_t n, enum place place)
{
    MEM_SCOPE(mem);
    bool cyrillic = unicode_script(join(mem, w, from, n)) == UNICODE_CYRILLIC;
    bool other_letter = !row->fold[1] && !cyrillic && *w->at[from] & 0x80; /* Ž is no Z */
    if (other_letter || (cyrillic && !(row->languages & SR)))
        return false;
    bool in_front = fits_in_front(row, w, from, n, cyrillic);
    switch (place) {
    case AT_END: /* "Amartya Sen", "Petrović dipl. ing.": something is left of the name */
        return row->need == BEHIND ? row->title < TITLE_JUNIOR || from > 1
                                   : row->title && in_front && row->need <= DOT && has_dot(w, from + n - 1);
    case AT_COMMA:
        return in_front || row->need == BEHIND || row->need == COMMA;
    case IN_FIELD:
        return row->need == SMALL || row->need == CAPITAL ? in_front : row->need != GREETING;
    case IN_GREETING:
        return in_front || row->need == GREETING;
    default:
        return in_front;
    }
}

static bool is_fold(const struct word_row *row, const char *fold)
{
    return *row->fold == *fold && !strcmp(row->fold, fold);
}

static const struct word_row *find_row(const struct words *w, size_t from, size_t n, enum place place)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, join(mem, w, from, n));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (is_fold(&rows[i], fold) && fits(&rows[i], w, from, n, place))
            return &rows[i];
    return NULL;
}

/* The row for the words from there on, the longest; how many words it is. */
static const struct word_row *find(const struct words *w, size_t from, enum place place, size_t *n_r)
{
    for (*n_r = MOST_TOGETHER; *n_r > 0; --*n_r) {
        const struct word_row *row = from + *n_r <= w->n ? find_row(w, from, *n_r, place) : NULL;
        if (row)
            return row;
    }
    return NULL;
}

/* The same for the last words, of which one at least is left. */
static const struct word_row *find_last(const struct words *w, size_t *n_r)
{
    for (*n_r = MOST_TOGETHER; *n_r > 0; --*n_r) {
        const struct word_row *row = *n_r < w->n ? find_row(w, w->n - *n_r, *n_r, AT_END) : NULL;
        if (row)
            return row;
    }
    return NULL;
}

static const char *with_word(void *mem, const char *words, const char *word)
{
    return *words ? talloc_asprintf(mem, "%s %s", words, word) : talloc_strdup(mem, word);
}

/* row NULL: a title that nothing is known of */
static void take(void *mem, struct personname *name, const struct word_row *row, const char *typed)
{
    if (row && !name->gender)
        name->gender = row->gender;
    if (row && !name->class)
        name->class = row->class;
    if (row && row->title >= TITLE_JUNIOR) {
        name->suffix = talloc_strdup(mem, typed);
        name->generation = row->title;
    } else if (!row || row->title)
        name->title = with_word(mem, name->title, typed);
}

/* ---- taking apart */

/* From the front; one word at least is left. */
static size_t take_front(void *mem, struct personname *name, const struct words *w)
{
    size_t n, at = 0;
    for (const struct word_row *row; at < w->n && (row = find(w, at, IN_FRONT, &n)) && at + n < w->n; at += n)
        take(mem, name, row, join(mem, w, at, n));
    return at;
}

/* The words from there on, be they known or not; how many. */
static size_t take_one(void *mem, struct personname *name, const struct words *w, size_t at, enum place place)
{
    size_t n;
    const struct word_row *row = find(w, at, place, &n);
    n = row ? n : 1;
    take(mem, name, row, join(mem, w, at, n));
    return n;
}

static void take_all(void *mem, struct personname *name, const char *text, enum place place)
{
    struct words w = words_of(text);
    for (size_t at = 0; at < w.n;)
        at += take_one(mem, name, &w, at, place);
}

static void take_end(void *mem, struct personname *name, struct words *w)
{
    size_t n;
    const struct words all = *w;
    while (find_last(w, &n))
        w->n -= n;
    for (size_t at = w->n; at < all.n;)
        at += take_one(mem, name, &all, at, AT_END);
}

static bool are_titles(const char *text, enum place place)
{
    struct words w = words_of(text);
    size_t n;
    for (size_t at = 0; at < w.n; at += n)
        if (!find(&w, at, place, &n))
            return false;
    return w.n > 0;
}

/* "Hoxha, Arta" as it is spoken; "Arben Hoti, PhD" without what stands behind the comma. */
static const char *at_comma(void *mem, const char *typed, const char **behind_r)
{
    enum { MOST = 3 };
    char *text = unicode_squeeze(mem, typed), *comma = text;
    while ((comma = strchr(comma, ',')) && !are_titles(++comma, AT_COMMA))
        ;
    *behind_r = comma ? comma : "";
    if (comma)
        comma[-1] = 0;
    comma = strchr(text, ',');
    if (!comma || strchr(comma + 1, ',') || strpbrk(text, "()0123456789/"))
        return text;
    struct words left = words_of(talloc_strndup(mem, text, (size_t)(comma - text))),
                 right = words_of(comma + 1);
    struct personname said = {.title = ""};
    size_t titles = take_front(mem, &said, &right);
    if (!left.n || !right.n || left.n > MOST || right.n - titles > MOST)
        return text;
    return talloc_asprintf(mem, "%s %s", join(mem, &right, 0, right.n), join(mem, &left, 0, left.n));
}

/* A word of at least three letters, none of them small. */
static bool is_shouted(const char *word, size_t len)
{
    size_t letters = 0;
    for (const char *s = word; s < word + len;) {
        uint32_t c = unicode_next(&s);
        if (unicode_is_letter(c) && !unicode_is_upper(c))
            return false;
        letters += unicode_is_letter(c);
    }
    return letters > 2;
}

/* Where the family name begins: the last word, with its particles (van den Berg), and a double name's first
 * one (Ana Petrović Marković). */
static size_t family_begin(void *mem, const struct words *w)
{
    size_t at = w->n - 1;
    while (at > 1 && !starts_upper(w->at[at - 1]))
        at--;
    if (at == w->n - 1 && at > 1) {
        const char *fold = unicode_fold(mem, join(mem, w, at - 1, 1));
        if (form_ends_in(fold, "ic") || form_ends_in(fold, "iq"))
            at--;
    }
    return at;
}

static void split(void *mem, struct personname *name, const struct words *w)
{
    name->name = join(mem, w, 0, w->n);
    size_t family = family_begin(mem, w);
    name->given = "";
    name->family = join(mem, w, family, w->n - family);
    if (family && is_shouted(w->at[0], w->len[0]) && !is_shouted(name->family, strlen(name->family))) {
        name->given = name->family; /* HOTI Arben */
        name->family = join(mem, w, 0, family);
    } else if (family && !is_initial(w->at[0], w->len[0]))
        name->given = join(mem, w, 0, 1);
    if (*name->suffix)
        name->name = talloc_asprintf(mem, "%s %s", name->name, name->suffix);
}

static void take_apart(void *mem, struct personname *name, const char *typed)
{
    const char *behind, *text = at_comma(mem, typed, &behind);
    struct words w = words_of(text);
    size_t at = take_front(mem, name, &w);
    w = words_of(w.n ? w.at[at] : "");
    take_end(mem, name, &w);
    take_all(mem, name, behind, AT_COMMA);
    if (w.n)
        split(mem, name, &w);
    else
        name->name = unicode_squeeze(mem, typed); /* of signs alone */
}

struct personname personname_of(void *mem, const char *typed)
{
    struct personname name = {.name = "", .title = "", .given = "", .family = "", .suffix = ""};
    take_apart(mem, &name, typed);
    return name;
}

/* ---- lists */

/* Capitals at the begin of each part: "KRASNIQI-VULA" → "Krasniqi-Vula", "O'BRIEN" → "O'Brien" */
static void add_quietly(void *mem, struct text *t, const char *word, size_t len)
{
    const char *lower = unicode_lower(mem, talloc_strndup(mem, word, len));
    bool begin = true;
    while (*lower) {
        const char *at = lower;
        uint32_t c = unicode_next(&lower);
        char *letter = talloc_strndup(mem, at, (size_t)(lower - at));
        text_puts(t, begin ? unicode_upper(mem, letter) : letter);
        begin = !unicode_is_letter(c) && !unicode_is_mark(c);
    }
}

/* "STOJKOVIĆ Dragan": the surname, since lists shout surnames, goes behind.  All in capitals, the order
 * stays. */
static char *without_capitals(void *mem, const char *name)
{
    enum { MOST = 8 };
    struct text shouted = text_new(mem), rest = text_new(mem);
    size_t n = 0, first = 0;
    bool leading = true;
    struct text all = text_new(mem);
    for (const char *s = name; *s; n++) {
        size_t len = strcspn(s, " ");
        bool loud = is_shouted(s, len);
        struct text word = text_new(mem);
        if (loud)
            add_quietly(mem, &word, s, len);
        else
            text_add(&word, s, len);
        leading = leading && loud;
        first += leading;
        struct text *part = leading ? &shouted : &rest;
        text_printf(part, "%s%s", part->len ? " " : "", word.s);
        text_printf(&all, "%s%s", n ? " " : "", word.s);
        s += len + strspn(s + len, " ");
    }
    bool turn = first > 0 && first < n && n <= MOST && !strpbrk(rest.s, ".()");
    return turn ? talloc_asprintf(mem, "%s %s", rest.s, shouted.s) : all.s;
}

struct personname personname_of_list(void *mem, const char *typed)
{
    struct personname name = personname_of(mem, typed);
    name.suffix = "";                                         /* it is in the name */
    take_apart(mem, &name, without_capitals(mem, name.name)); /* "STOJKOVIĆ dr Dragan" */
    return name;
}

/* ---- what stands for itself */

void personname_add_titles(void *mem, struct personname *name, const char *titles)
{
    take_all(mem, name, titles, IN_FIELD);
}

bool personname_next_title(void *mem, const char **titles, struct personname_title *title_r)
{
    struct words w = words_of(*titles);
    size_t n;
    if (!w.n)
        return false;
    const struct word_row *row = find(&w, 0, IN_FIELD, &n);
    n = row ? n : 1;
    *title_r = (struct personname_title){.title = row && row->title ? row->title : TITLE_OTHER,
                                         .typed = join(mem, &w, 0, n),
                                         .languages = row ? row->languages : 0,
                                         .special = n > 1};
    *titles = w.at[n - 1] + w.len[n - 1];
    return true;
}

bool personname_is_titles(const char *text)
{
    return are_titles(text, IN_FIELD);
}

char personname_honorific(const char *text)
{
    struct words w = words_of(text);
    size_t n;
    const struct word_row *row = w.n ? find(&w, 0, IN_FIELD, &n) : NULL;
    return row && n == w.n && !row->title ? row->gender : 0;
}

char personname_greeting(const char *text)
{
    MEM_SCOPE(mem);
    char *plain = unicode_squeeze(mem, text), found = 0;
    for (char *s = plain; (s = strpbrk(s, "/;:"));) /* "I/E nderuar" */
        *s = ' ';
    struct words w = words_of(plain);
    size_t n;
    for (size_t i = 0; i < w.n; i++) {
        const struct word_row *row = find(&w, i, IN_GREETING, &n);
        if (!row || row->title || (!row->gender && row->need != GREETING))
            continue;
        if (!row->gender || (found && found != row->gender))
            return 0;
        found = row->gender;
    }
    return found;
}

enum personname_word personname_word(const char *fold, enum title *title_r)
{
    if (!fold[0] || !fold[1]) /* an initial */
        return PERSONNAME_OWN;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].need != COMMA && rows[i].need != GREETING && is_fold(&rows[i], fold)) {
            *title_r = rows[i].title;
            return rows[i].need == DOT || rows[i].need == LONG ? PERSONNAME_PERHAPS : PERSONNAME_TITLE;
        }
    return form_post_is_word(fold) ? PERSONNAME_PERHAPS : PERSONNAME_OWN;
}
