/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The rows of a language are tried from above; one whose words are not all known does not fit.
 */
#include "crm/form.h"

#include "base/unicode.h"
#include "crm/form_low.h"

struct making {
    void *mem;
    const struct form_language *language;
    bool cyrillic;
    const struct form_person *person;
    struct personname name;
    enum form_class class, post_class; /* by post or title; by the post alone */
    char gender;
    bool excellency;
};

/* Serbian words in the letter's script. */
static const char *in_script(const struct making *m, const char *words)
{
    return m->language->bit == FORM_SR && !m->cyrillic ? unicode_to_latin(m->mem, words) : words;
}

/* A name in the letter's script. */
static const char *in_letters(const struct making *m, const char *typed)
{
    return m->cyrillic ? typed : unicode_to_latin(m->mem, typed);
}

/* ---- what is known */

static bool is_officer(enum form_class class)
{
    return class >= FORM_GENERAL && class <= FORM_LIEUTENANT;
}

static bool is_clergy(enum form_class class)
{
    return class == FORM_PRIEST || class == FORM_HODJA || class == FORM_BISHOP ||
           form_class_parent(class) == FORM_PRIEST;
}

/* A priest's or an officer's title counts before the post, another one where there is no post with a form. */
static enum form_class class_of(enum form_class post, enum form_class title)
{
    if (is_clergy(title) || (is_officer(title) && form_class_rank(post) >= form_class_rank(FORM_GENERAL)))
        return title;
    return post == FORM_NONE || (post == FORM_STAFF && title != FORM_NONE) ? title : post;
}

static char first_of(char a, char b)
{
    return a ? a : b;
}

static void learn(struct making *m)
{
    const struct form_person *p = m->person;
    char by_post = 0;
    m->name = personname_of(m->mem, in_letters(m, p->name ? p->name : ""));
    if (*m->name.name && !*m->name.title && p->title) /* one that both have is one */
        personname_add_titles(m->mem, &m->name, in_letters(m, p->title));
    enum form_class told = p->post ? form_class_of(p->post, p->category, &by_post) : FORM_NONE;
    m->post_class = p->class ? p->class : told;
    m->class = class_of(m->post_class, m->name.class);
    m->gender = first_of(first_of(p->gender, m->name.gender), first_of(by_post, personname_gender(&m->name)));
    char excellency = form_class_excellency(m->class);
    m->excellency = excellency == 'A' || (excellency == 'F' && p->foreign);
}

/* ---- words in braces; NULL: not known */

/* Where a man and a woman are addressed alike, the gender need not be known. */
static const char *post_word(const struct making *m)
{
    const struct form_row *row = form_post_of(m->language, m->class);
    if (!row)
        return NULL;
    const char *to_man = row->text[2], *to_woman = row->text[3];
    bool alike = to_man && to_woman && !strcmp(to_man, to_woman);
    const char *word = m->gender == 'f' ? to_woman : m->gender == 'm' || alike ? to_man : NULL;
    return word ? in_script(m, word) : NULL;
}

static const char *title_word(const struct making *m)
{
    const char *rest = m->name.title;
    for (struct personname_title title; personname_next_title(m->mem, &rest, &title);) {
        const struct form_row *row = form_title_of(m->language, title.title);
        if (row && row->text[0])
            return in_script(m, row->text[0]);
    }
    return NULL;
}

/* As typed where the language has no word for it, or writes the very same. */
static const char *on_envelope(const struct making *m, const struct personname_title *title)
{
    const struct form_row *row = form_title_of(m->language, title->title);
    if (row && !(title->special && title->languages & m->language->bit))
        return in_script(m, row->text[1]);
    return m->cyrillic && title->languages & FORM_SR ? unicode_to_cyrillic(m->mem, title->typed)
                                                     : title->typed;
}

/* The titles as the language writes them, each with a blank behind. */
static const char *all_titles(const struct making *m)
{
    struct text t = text_new(m->mem);
    const char *rest = m->name.title;
    for (struct personname_title title; personname_next_title(m->mem, &rest, &title);)
        text_printf(&t, "%s ", on_envelope(m, &title));
    return t.s;
}

static const char *if_any(const char *s)
{
    return s && *s ? s : NULL;
}

static const char *vocative(const struct making *m, const char *name, enum form_name_part part)
{
    return *name ? form_vocative_of(m->mem, m->language, name, m->gender, part) : NULL;
}

static const char *word_of(const struct making *m, const char *brace)
{
    static const char *const words[] = {"{name}", "{given}", "{family}", "{given!}", "{family!}",
                                        "{post}", "{title}", "{titles}", "{titles!}"};
    size_t i = 0;
    while (i < ARRAY_LEN(words) && strncmp(brace, words[i], strlen(words[i])))
        i++;
    switch (i) {
    case 0:
        return if_any(m->name.name);
    case 1:
        return if_any(m->name.given);
    case 2:
        return if_any(m->name.family);
    case 3:
        return vocative(m, m->name.given, FORM_GIVEN);
    case 4:
        return vocative(m, m->name.family, FORM_FAMILY);
    case 5:
        return post_word(m);
    case 6:
        return title_word(m);
    case 7:
        return all_titles(m);
    case 8:
        return if_any(all_titles(m));
    default:
        bug("the tables have no word %s", brace);
    }
}

/* NULL if a word is not known. */
static const char *fill(const struct making *m, const char *pattern)
{
    struct text t = text_new(m->mem);
    while (*pattern) {
        size_t len = strcspn(pattern, "{");
        text_puts(&t, in_script(m, talloc_strndup(m->mem, pattern, len)));
        pattern += len;
        if (!*pattern)
            break;
        const char *word = word_of(m, pattern);
        if (!word)
            return NULL;
        text_puts(&t, word);
        pattern += strcspn(pattern, "}") + 1;
    }
    return t.s;
}

/* ---- rows */

static bool is_meant(const struct making *m, int who)
{
    switch (who) {
    case FORM_ANY:
        return true;
    case FORM_PERSON:
        return *m->name.name;
    case FORM_CLERGY:
        return is_clergy(m->class);
    case FORM_EXCELLENCY:
        return m->excellency;
    default:
        return who == (int)m->class || who == (int)form_class_parent(m->class);
    }
}

static const struct form_row *first_row(const struct making *m, enum form_row_kind kind,
                                        const char **filled_r)
{
    for (size_t i = 0; i < m->language->n; i++) {
        const struct form_row *row = &m->language->rows[i];
        if (row->kind != kind || !is_meant(m, row->who) || (row->gender && row->gender != m->gender) ||
            (row->how >= 0 && row->how != (int)m->person->formality))
            continue;
        *filled_r = fill(m, row->text[0]);
        if (*filled_r)
            return row;
    }
    return NULL;
}

/* The post's own name; the class's word for it where it says no more than that in another language, or misses
 * its accents. */
static const char *post_name(const struct making *m)
{
    const char *post = m->person->post;
    const struct form_row *row = form_post_of(m->language, m->post_class);
    const char *word = row ? in_script(m, row->text[m->gender == 'f' && row->text[1] ? 1 : 0]) : NULL;
    if (!post)
        return word ? word : "";
    bool ours = form_post_languages(post) & m->language->bit;
    if (word && form_post_is_bare(post) &&
        (!ours || !strcmp(unicode_fold(m->mem, word), unicode_fold(m->mem, post))))
        return word;
    return m->cyrillic ? post : unicode_to_latin(m->mem, post);
}

void form_make(void *mem, const struct form_person *person, struct form *form_r)
{
    struct making m = {.mem = mem,
                       .language = form_language_find(person->language),
                       .cyrillic = !strcmp(person->language, "sr-Cyrl"),
                       .person = person};
    learn(&m);
    *form_r = (struct form){.name = "", .gender = m.gender, .class = m.class};
    const struct form_row *row = first_row(&m, FORM_ROW_FORM, &form_r->salutation);
    must(row); /* each table ends with one for anybody */
    form_r->closing = in_script(&m, row->text[1]);
    if (*m.name.name && !first_row(&m, FORM_ROW_ENVELOPE, &form_r->name))
        bug("no line of the envelope for %s", person->language);
    form_r->post = post_name(&m);
}
