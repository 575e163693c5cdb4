/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From a compiled text and a view to a letter, alone or with another text below it.
 */
#include <strings.h>

#include "base/embedded.h"
#include "base/markdown.h"
#include "mail/template_low.h"

int template_layout(void *mem, const char *name, enum mustache_escape escape,
                    const struct mustache **layout_r, struct err *err)
{
    const struct mustache_options options = {
        .escape = escape, .strict = true, .page = escape == MUSTACHE_HTML};
    const struct embedded *e = embedded;
    struct mustache *parsed;
    while (e->name && strcmp(e->name, name))
        e++;
    if (!e->name)
        bug("%s is not built in", name);
    if (mustache_parse(mem, name, e->bytes, e->len, &options, &parsed, err) < 0)
        return -1;
    *layout_r = parsed;
    return 0;
}

/* ---- two texts in one letter */

/* "The text in Serbian is below.", in the first text's language; of a language without words of its own in
 * English. */
static const char *words_below(void *mem, const char *first, const char *second)
{
    static const char *const order[] = {"sq", "sr", "en", "de", "pl"};
    static const struct {
        const char *language, *sentence, *name[ARRAY_LEN(order)];
    } table[] = {
        {"sq",
         "Teksti në %s gjendet më poshtë.",
         {"shqip", "serbisht", "anglisht", "gjermanisht", "polonisht"}},
        {"sr-Cyrl",
         "Текст на %s налази се испод.",
         {"албанском", "српском", "енглеском", "немачком", "пољском"}},
        {"sr", "Tekst na %s nalazi se ispod.", {"albanskom", "srpskom", "engleskom", "nemačkom", "poljskom"}},
        {"de",
         "Der Text auf %s steht weiter unten.",
         {"Albanisch", "Serbisch", "Englisch", "Deutsch", "Polnisch"}},
        {"pl",
         "Tekst po %s znajduje się poniżej.",
         {"albańsku", "serbsku", "angielsku", "niemiecku", "polsku"}},
        {"en", "The text in %s is below.", {"Albanian", "Serbian", "English", "German", "Polish"}},
    };
    size_t i = 0, k = 0;
    while (i + 1 < ARRAY_LEN(table) && strncasecmp(first, table[i].language, strlen(table[i].language)) != 0)
        i++;
    while (k < ARRAY_LEN(order) && strncasecmp(second, order[k], 2) != 0)
        k++;
    const char *name = k < ARRAY_LEN(order) ? table[i].name[k] : second,
               *at = strstr(table[i].sentence, "%s");
    return talloc_asprintf(mem, "%.*s%s%s", (int)(at - table[i].sentence), table[i].sentence, name, at + 2);
}

int template_set_second(struct template *t, const struct template *second, struct err *err)
{
    MEM_SCOPE(mem);
    if (template_layout(t, "mail/layout/bilingual.html.mustache", MUSTACHE_HTML, &t->html_both, err) < 0 ||
        template_layout(t, "mail/layout/bilingual.txt.mustache", MUSTACHE_LINE, &t->text_both, err) < 0)
        return -1;
    t->second = second;
    json_object_set_new(json_object_get(t->words, "words"), "below",
                        json_string(words_below(mem, t->language, second->language)));
    return 0;
}

/* ---- rendering */

/* What a part of an ordinary letter has room in. */
enum { LETTER_BYTES = 8191 };

/* What the partials of the layouts are. */
struct body {
    const struct mustache *body, *first, *other;
};

static int find_body(void *ctx, const char *name, const struct mustache **partial_r, struct err *err)
{
    const struct body *body = ctx;
    (void)err;
    *partial_r = !strcmp(name, "body")    ? body->body
                 : !strcmp(name, "first") ? body->first
                 : !strcmp(name, "other") ? body->other
                                          : NULL;
    return *partial_r != NULL;
}

static int render_part(void *mem, const struct mustache *part, struct body body, const struct template *t,
                       json_t *view, const char **part_r, struct err *err)
{
    struct mustache_partials partials = {find_body, &body};
    const struct mustache_view whole = {view, t->words, &partials};
    struct text out = text_for(mem, LETTER_BYTES);
    if (mustache_render(part, &whole, &out, err) < 0)
        return -1;
    *part_r = out.s;
    return 0;
}

static int render_line(void *mem, const struct template *t, json_t *view, const char **subject_r,
                       struct err *err)
{
    const struct body none = {0};
    if (render_part(mem, t->subject, none, t, view, subject_r, err) < 0)
        return -1;
    return (*subject_r)[strspn(*subject_r, " ")]
               ? 0
               : err_set(err, ERR_INPUT, "the subject in %s is empty", t->language);
}

/* "Ftesë / Poziv" */
static int render_subject(void *mem, const struct template *t, json_t *view, json_t *below,
                          const char **subject_r, struct err *err)
{
    const char *second;
    if (render_line(mem, t, view, subject_r, err) < 0)
        return -1;
    if (!below)
        return 0;
    if (render_line(mem, t->second, below, &second, err) < 0)
        return -1;
    if (strcmp(*subject_r, second))
        *subject_r = talloc_asprintf(mem, "%s / %s", *subject_r, second);
    return 0;
}

int template_render(void *mem, const struct template *t, json_t *view, struct template_letter *letter_r,
                    struct err *err)
{
    struct template_letter letter;
    const char *marked;
    json_t *below = t->second ? json_object_get(view, "second") : NULL;
    struct body html = {.body = t->html}, text = {.body = t->text};
    if (below) {
        html = (struct body){t->html_both, t->html, t->second->html};
        text = (struct body){t->text_both, t->text, t->second->text};
    }
    if (render_subject(mem, t, view, below, &letter.subject, err) < 0 ||
        render_part(mem, t->html_layout, html, t, view, &letter.html, err) < 0 ||
        render_part(mem, t->text_layout, text, t, view, &marked, err) < 0)
        return -1;
    letter.text = markdown_wrap(mem, marked, MARKDOWN_COLUMNS);
    letter.languages = below ? talloc_asprintf(mem, "%s, %s", t->language, t->second->language)
                             : talloc_strdup(mem, t->language);
    *letter_r = letter;
    return 0;
}

int template_render_paper(void *mem, const struct template *t, json_t *view, const char **subject_r,
                          const char **html_r, struct err *err)
{
    json_t *below = t->second ? json_object_get(view, "second") : NULL;
    struct body both = {0};
    if (below)
        both = (struct body){NULL, t->html, t->second->html};
    return render_subject(mem, t, view, below, subject_r, err) < 0
               ? -1
               : render_part(mem, below ? t->html_both : t->html, both, t, view, html_r, err);
}
