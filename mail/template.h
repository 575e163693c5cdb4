/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Templates of letters: a folder with one file a language, NAME.LANG.md.  A file begins with its language and
 * subject,
 *
 *     ---
 *     lang: sr-Cyrl
 *     subject: "Позив: {{event.name}}"
 *     ---
 *
 * (and perhaps "attach: [programme.pdf, map.png]", files of the same folder, in place of which
 * programme.LANG.pdf goes where there is one) and goes on in Markdown with Mustache tags.  A value is text
 * and nothing else: in HTML, in plain text and in the subject it shows the letters it has.  A tag stands in
 * text, or is all of a link's destination if its name ends in "url"; a section begins and ends inside one and
 * the same paragraph, item or other block, or stands with both its tags between blocks.  Partials, unescaped
 * values, raw HTML are refused.
 *
 * The view of a letter: {contact, post, salutation, closing, envelope, organisation, event: {name, date,
 * time, place}, reply_by, office: {name, phone, email, person}, mayor: {name}, unsubscribe_url}, and paper:
 * true in a letter on paper, so that {{^paper}}...{{/paper}} is for e-mail alone.  Every value that a text
 * names must be there (it may be ""); sections may ask for what is missing.  The layout around the text names
 * office.name, office.phone, office.email, and unsubscribe_url in a section.  Its own words
 * ("words", "lang") are here, not in the view.
 */
#ifndef MAIL_TEMPLATE_H
#define MAIL_TEMPLATE_H

#include <jansson.h>

#include "base/mem.h"

struct template_text {
    const char *name;     /* of the file, or what else error messages begin with */
    const char *title;    /* the NAME of NAME.LANG.md; NULL: not from a folder */
    const char *language; /* BCP 47 */
    const char *subject, *body;
    int subject_line, body_line; /* 0: not from a file */
    const char **attach;         /* files of its folder that go with the letter, ended by NULL; NULL: none */
    int attach_line;
};

struct template_set {
    struct template_text *v; /* by name of the file */
    size_t n;
};

/* One template: `path` is its folder, or FOLDER/NAME if the folder has several (of which "invitation" is the
 * one meant when none is named).  ERR_INPUT when there is none, or two texts in one language. */
int template_load_dir(void *mem, const char *path, struct template_set *set_r, struct err *err) MUST_CHECK;
/* All templates of a folder. */
int template_load_all(void *mem, const char *path, struct template_set *set_r, struct err *err) MUST_CHECK;
int template_parse_file(void *mem, const char *name, const char *bytes, size_t len,
                        struct template_text *text_r, struct err *err) MUST_CHECK;

/* The text for who reads these languages, best first.  Each is tried as it is, then with less of its tag
 * (de-AT, de); Serbian in one script before the other: "sr" means sr-Latn, sr-Cyrl and sr-Latn stand in for
 * each other.  NULL when nothing fits: then nothing is sent in a language nobody asked for. */
const struct template_text *template_choose(const struct template_set *set, const char *const *languages,
                                            size_t n);

/* A text compiled for its language; read-only from then on. Errors are ERR_INPUT, "NAME:LINE: reason". */
struct template;
int template_compile(void *mem, const struct template_text *text, struct template **template_r,
                     struct err *err) MUST_CHECK;
/* The names of values and sections it uses, sorted, each once, ended by NULL. */
const char *const *template_values(const struct template *t);

/* The pictures of a text that lie beside it, ended by a NULL file: the HTML shows them as "cid:" and this
 * Content-ID. */
struct template_image {
    const char *file; /* relative to the template's folder, without ".." */
    const char *content_id;
};
const struct template_image *template_images(const struct template *t);

/* Two texts in one letter: the second stands below, rendered with what the view has under "second", which is
 * a view of its own; a view without it makes a letter of the first alone.  It must live as long. */
int template_set_second(struct template *t, const struct template *second, struct err *err) MUST_CHECK;

struct template_letter {
    const char *languages; /* Content-Language */
    const char *subject;   /* one line, UTF-8 */
    const char *html;
    const char *text; /* lines end with \n */
};
int template_render(void *mem, const struct template *t, json_t *view, struct template_letter *letter_r,
                    struct err *err) MUST_CHECK;
/* For paper: the subject and the text as HTML, without the layout of a mail. */
int template_render_paper(void *mem, const struct template *t, json_t *view, const char **subject_r,
                          const char **html_r, struct err *err) MUST_CHECK;

#endif
