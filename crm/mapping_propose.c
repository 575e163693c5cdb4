/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each column gets points for each field: for its name, and for the share of its cells that look like one.
 * The best pair is settled first, then the best of the rest; what a field takes once goes to one column.
 */
#include "crm/mapping_propose.h"

#include <ctype.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "crm/listword.h"
#include "crm/personname.h"
#include "crm/phone.h"

enum { SAMPLE = 1000, MAX_WORDS = 100, MAX_WORD_BYTES = 80, SETTLED = 40 };

struct column {
    const char *label;
    long filled, seen[FIELD_COUNT], numbers;
    const char *word[MAX_WORDS]; /* the different ones, while they are few */
    size_t words;
    enum field field, head; /* settled; what its name says */
    int points, head_points;
};

struct proposal {
    void *mem;
    const struct list_head *head;
    struct column *column;
    struct list_body body;
    long rows;
    bool enough;
    const char *subject; /* category of the whole list; NULL: none */
};

/* ---- what stands in the columns */

static bool looks_like_phone(const char *s)
{
    char e164[PHONE_E164_SIZE];
    size_t digits = 0;
    for (const char *c = s; *c; c++)
        digits += isdigit((unsigned char)*c) != 0;
    char iso[11];
    return digits >= 8 && !unicode_parse_date(s, iso) && strlen(s) <= 60 && phone_e164(s, "XK", e164) &&
           !strchr(s, ',');
}

/* Two to four words that begin with a capital, nothing else. */
static bool looks_like_person(const char *s)
{
    size_t words = 0;
    while (*s) {
        const char *at = s;
        if (!unicode_is_upper(unicode_next(&at)))
            return false;
        size_t len = strcspn(s, " ");
        for (at = s; at < s + len;) {
            uint32_t c = unicode_next(&at);
            if (!unicode_is_letter(c) && !unicode_is_mark(c) && c != '-' && c != '.' && c != '\'')
                return false;
        }
        words++;
        s += len + strspn(s + len, " ");
    }
    return words >= 2 && words <= 4;
}

/* "8020 Graz", "26-065 Piekoszów" */
static bool has_postcode(const char *s)
{
    size_t len = strspn(s, "0123456789-");
    return len >= 4 && len <= 6 && s[len] == ' ' &&
           unicode_is_letter(unicode_next(&(const char *){s + len + 1}));
}

static bool looks_like(void *mem, enum field field, const char *s)
{
    int points;
    char iso[11];
    switch (field) {
    case FIELD_EMAIL:
        return strchr(s, '@') && strchr(strchr(s, '@'), '.');
    case FIELD_PHONE:
        return looks_like_phone(s);
    case FIELD_LANGUAGE:
        return listword_language(mem, s) != NULL;
    case FIELD_COUNTRY:
        return listword_country(mem, s) != NULL;
    case FIELD_CATEGORY:
        return listword_category(s, &points) && points >= 97;
    case FIELD_FORM:
        return listword_form(s) != NULL;
    case FIELD_HONORIFIC:
        return personname_is_titles(s) || listword_gender(s);
    case FIELD_GENDER:
        return listword_gender(s) != NULL;
    case FIELD_KIND:
        return listword_kind(s) != NULL;
    case FIELD_LAST_CONTACT:
        return unicode_parse_date(s, iso);
    case FIELD_NAME:
        return looks_like_person(s);
    case FIELD_ADDRESS:
        return has_postcode(s);
    default:
        return false;
    }
}

static void note_word(void *mem, struct column *c, const char *s)
{
    for (size_t i = 0; i < c->words; i++)
        if (!strcmp(c->word[i], s))
            return;
    if (c->words < MAX_WORDS && strlen(s) <= MAX_WORD_BYTES)
        c->word[c->words++] = talloc_strdup(mem, s);
}

static int take_record(void *context, const struct csv_record *record, struct err *err)
{
    struct proposal *p = context;
    MEM_SCOPE(mem);
    if (record->number <= p->head->row || listhead_judge(&p->body, record) != LISTHEAD_ROW)
        return 0;
    p->enough = ++p->rows >= SAMPLE;
    for (size_t i = 0; i < record->n && i < p->head->n; i++) {
        struct column *c = &p->column[i];
        const char *clean = unicode_squeeze(mem, record->cell[i]);
        if (!*clean)
            continue;
        c->filled++;
        c->numbers += !clean[strspn(clean, "0123456789.,% -")];
        for (int f = 0; f < FIELD_COUNT; f++)
            c->seen[f] += looks_like(mem, (enum field)f, clean);
        note_word(p->mem, c, clean);
    }
    return p->enough ? err_set(err, ERR_INPUT, "enough") : 0;
}

/* ---- points */

static int share(const struct column *c, enum field field)
{
    return c->filled ? (int)(c->seen[field] * 100 / c->filled) : 0;
}

/* Fields that cells can be known by, and how much a column of nothing else is worth. */
static const struct {
    enum field field;
    int points;
} known_by_cells[] = {
    {FIELD_EMAIL, 98},  {FIELD_PHONE, 90},    {FIELD_LANGUAGE, 75}, {FIELD_FORM, 75}, {FIELD_COUNTRY, 70},
    {FIELD_GENDER, 70}, {FIELD_CATEGORY, 60}, {FIELD_ADDRESS, 60},  {FIELD_KIND, 60}, {FIELD_NAME, 45},
};

static int points_of_cells(const struct column *c, enum field field)
{
    enum { FEW = 3 };
    for (size_t i = 0; i < ARRAY_LEN(known_by_cells); i++)
        if (known_by_cells[i].field == field) {
            int part = share(c, field);
            return part >= 60 && (c->filled >= FEW || field == FIELD_EMAIL || field == FIELD_PHONE)
                       ? known_by_cells[i].points * part / 100
                       : 0;
        }
    return 0;
}

/* A name that its cells deny: "Contact" with addresses in it, "Title" with what is no form of address. */
static bool denied(const struct column *c, enum field field)
{
    if (!c->filled)
        return false;
    if (field != FIELD_EMAIL && share(c, FIELD_EMAIL) >= 60)
        return true;
    return (field == FIELD_EMAIL && share(c, FIELD_EMAIL) < 20) ||
           (field == FIELD_HONORIFIC && share(c, FIELD_HONORIFIC) < 50) ||
           (field == FIELD_PHONE && share(c, FIELD_PHONE) < 20 && share(c, FIELD_NAME) >= 60) ||
           ((field == FIELD_NAME || field == FIELD_ORGANISATION) && c->numbers == c->filled);
}

static int points_for(const struct column *c, enum field field)
{
    int cells = points_of_cells(c, field);
    enum field head = c->head == FIELD_SPEAKER ? FIELD_NAME : c->head;
    if (field == FIELD_POSITION && c->head == FIELD_HONORIFIC && denied(c, FIELD_HONORIFIC))
        return c->head_points * 9 / 10;
    if (head != field || denied(c, field))
        return cells;
    int name = c->head_points * 95 / 100;
    return cells > name ? cells : cells ? name + 4 : name;
}

/* "Emri" beside "Mbiemri" is the given name; "Name" beside "Vorname" the family's. */
static void part_names(struct proposal *p)
{
    bool given = false, family = false;
    for (size_t i = 0; i < p->head->n; i++) {
        given = given || p->column[i].head == FIELD_GIVEN;
        family = family || p->column[i].head == FIELD_FAMILY;
    }
    for (size_t i = 0; i < p->head->n; i++) {
        struct column *c = &p->column[i];
        if (c->head == FIELD_NAME && given != family)
            c->head = given ? FIELD_FAMILY : FIELD_GIVEN;
    }
}

struct pair {
    struct column *column;
    enum field field;
    int points;
};

/* The best of the pairs that are open; no column: none is worth it. */
static struct pair best_pair(struct proposal *p, const bool taken[FIELD_COUNT])
{
    struct pair best = {.points = SETTLED - 1};
    for (size_t i = 0; i < p->head->n; i++) {
        struct column *c = &p->column[i];
        for (int f = FIELD_IGNORE; c->field == FIELD_COUNT && f < FIELD_COUNT; f++) {
            int points = points_for(c, (enum field)f);
            if (f != FIELD_DETAIL && points > best.points &&
                (!taken[f] || mapping_takes_several((enum field)f)))
                best = (struct pair){c, (enum field)f, points};
        }
    }
    return best;
}

/* The two columns that this program puts in front of a list which comes back (reports/exchange.h). */
static void settle_own(struct proposal *p)
{
    static const char uid[] = "uid";
    struct column *mark = NULL;
    for (size_t i = 0; i < p->head->n && !mark; i++) {
        int end = 0;
        sscanf(p->column[i].label, "adresar %*d %*15[A-Za-z-] %*d%n", &end);
        if (end && !p->column[i].label[end])
            mark = &p->column[i];
    }
    if (!mark)
        return;
    mark->field = FIELD_IGNORE;
    for (size_t i = 0; i < p->head->n; i++)
        if (!strcmp(p->column[i].label, uid))
            p->column[i].field = p->column[i].head = FIELD_UID;
}

static void settle(struct proposal *p)
{
    bool taken[FIELD_COUNT] = {false};
    part_names(p);
    settle_own(p);
    for (;;) {
        struct pair pair = best_pair(p, taken);
        if (!pair.column)
            break;
        pair.column->field = pair.field;
        pair.column->points = pair.points > 100 ? 100 : pair.points;
        taken[pair.field] = true;
        if (pair.field == FIELD_GIVEN || pair.field == FIELD_FAMILY)
            taken[FIELD_NAME] = true;
    }
    for (size_t i = 0; i < p->head->n; i++)
        if (p->column[i].field == FIELD_COUNT)
            p->column[i].field = p->column[i].filled ? FIELD_DETAIL : FIELD_IGNORE;
}

/* ---- what the list is about */

static const char *subject_in(void *mem, const char *text)
{
    static const char subjects[] = " donor investor business diaspora-club media farmer village-council ";
    char *fold = unicode_fold(mem, text);
    for (char *next, *word = fold; word; word = next) {
        int points;
        next = strchr(word, ' ');
        if (next)
            *next++ = 0;
        const char *slug = *word ? listword_category(word, &points) : NULL;
        if (slug && points >= 97 && !listword_is_circle(word) &&
            strstr(subjects, talloc_asprintf(mem, " %s ", slug)))
            return slug;
    }
    return NULL;
}

/* Whether a row is an organisation's: no person is named, or only who speaks for it. */
static bool is_about_organisations(const struct proposal *p)
{
    bool speaker = false, name = false, organisation = false;
    for (size_t i = 0; i < p->head->n; i++) {
        const struct column *c = &p->column[i];
        name = name || c->field == FIELD_NAME || c->field == FIELD_GIVEN || c->field == FIELD_FAMILY;
        speaker = speaker || (c->field == FIELD_NAME && c->head == FIELD_SPEAKER);
        organisation = organisation || c->field == FIELD_ORGANISATION;
    }
    return organisation && (speaker || !name);
}

/* The name of the sheet says it best, then those of the file and the titles; then, where the organisations
 * are what the list is about, how it calls them. */
static const char *find_subject(void *mem, const struct proposal *p)
{
    const char *subject = p->head->sheet_name ? subject_in(mem, p->head->sheet_name) : NULL;
    if (!subject)
        subject = subject_in(mem, p->head->subject);
    for (size_t i = 0; i < p->head->n && !subject && is_about_organisations(p); i++)
        if (p->column[i].field == FIELD_ORGANISATION)
            subject = subject_in(mem, p->column[i].label);
    return subject;
}

/* ---- the text */

static void add_reason(struct text *t, const struct column *c)
{
    long seen = c->seen[c->field];
    if (c->field == FIELD_DETAIL)
        text_puts(t, err_word(N_("kept under its name")));
    else if (c->field == FIELD_IGNORE)
        text_puts(t, err_word(!c->filled                ? N_("empty")
                              : c->numbers == c->filled ? N_("counts the rows")
                                                        : N_("says nothing of the contact")));
    else if (c->field == FIELD_UID)
        text_puts(t, err_word(N_("of a list that came from here")));
    else if (c->head != c->field && !(c->head == FIELD_SPEAKER && c->field == FIELD_NAME))
        text_printf(t, err_word(N_("%d %%: what stands in it (%ld of %ld) looks so")), c->points, seen,
                    c->filled);
    else if (seen)
        text_printf(t, err_word(N_("%d %%: is called so, and what stands in it (%ld of %ld) looks so")),
                    c->points, seen, c->filled);
    else
        text_printf(t, err_word(N_("%d %%: is called so")), c->points);
}

static void add_column(struct text *t, const struct column *c, int times[FIELD_COUNT])
{
    text_printf(t, "\"%s\" = %s # ", c->label, mapping_column_name(c->field, ++times[c->field]));
    add_reason(t, c);
    text_putc(t, '\n');
}

static void add_words(void *mem, struct text *t, const struct proposal *p, const struct column *c)
{
    static const bool has_words[FIELD_COUNT] = {[FIELD_LANGUAGE] = true,
                                                [FIELD_COUNTRY] = true,
                                                [FIELD_CATEGORY] = true,
                                                [FIELD_GENDER] = true,
                                                [FIELD_FORM] = true};
    const char *field = mapping_field_name(c->field);
    for (size_t i = 0; has_words[c->field] && i < c->words; i++) {
        const char *meaning = mapping_dictionary(mem, c->field, c->word[i]);
        bool circle = c->field == FIELD_CATEGORY && p->subject && listword_is_circle(c->word[i]);
        if (c->field == FIELD_CATEGORY && !meaning && listword_kind(c->word[i]))
            continue;
        if (strpbrk(c->word[i], "\"=") || (meaning && !strcmp(meaning, c->word[i])))
            continue;
        if (circle)
            text_printf(t, "%s.%s =\n", field, c->word[i]);
        else if (meaning)
            text_printf(t, "%s.%s = %s\n", field, c->word[i], meaning);
        else if (c->field != FIELD_FORM)
            text_printf(t, "# %s.%s = (%s)\n", field, c->word[i], err_word(N_("not known")));
    }
}

static char *write_text(void *mem, const struct listfile *file, const struct proposal *p)
{
    int times[FIELD_COUNT] = {0};
    struct text t = text_new(mem), words = text_new(mem);
    text_puts(&t, "# ");
    text_printf(&t, err_word(N_("%s, header in row %ld; shape %.8s")), listfile_name(file), p->head->row,
                p->head->shape);
    text_putc(&t, '\n');
    if (p->head->sheet_name)
        text_printf(&t, "[sheet %s]\n", mapping_label(mem, p->head->sheet_name));
    text_puts(&t, "[columns]\n");
    for (size_t i = 0; i < p->head->n; i++) {
        const struct column *c = &p->column[i];
        add_column(&t, c, times);
        add_words(mem, &words, p, c);
    }
    if (words.len)
        text_printf(&t, "\n[values]\n%s", words.s);
    if (is_about_organisations(p))
        text_puts(&t, "\n[defaults]\nkind = organisation\n");
    if (p->subject)
        text_printf(&t, "\n[always]\ncategory = %s\n", p->subject);
    return t.s;
}

int mapping_propose(void *mem, const struct listfile *file, const struct list_head *head, char **text_r,
                    struct err *err)
{
    MEM_SCOPE(scratch);
    struct proposal p = {.mem = scratch, .head = head, .body = {.head = head}};
    p.column = talloc_zero_array(scratch, struct column, (unsigned)head->n + 1);
    for (size_t i = 0; i < head->n; i++) {
        struct column *c = &p.column[i];
        c->label = head->label[i];
        c->field = FIELD_COUNT;
        c->head = listhead_field(c->label, &c->head_points);
    }
    if (listfile_each(file, head->sheet, take_record, &p, err) < 0 && !p.enough)
        return -1;
    settle(&p);
    p.subject = find_subject(scratch, &p);
    *text_r = write_text(mem, file, &p);
    return 0;
}
