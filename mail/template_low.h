/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of templates: what template_compile.c makes and template_render.c reads.
 */
#ifndef MAIL_TEMPLATE_LOW_H
#define MAIL_TEMPLATE_LOW_H

#include "base/mustache.h"
#include "mail/template.h"

struct template
{
    struct mustache *subject, *html, *text;
    const struct mustache *html_layout, *text_layout;
    const char *language;
    const struct template *second;                /* what stands below it in a bilingual letter */
    const struct mustache *html_both, *text_both; /* how they stand */
    json_t *words;                                /* what the layout says in the letter's language */
    const char **values;
    struct template_image *images;
};

/* A layout that is built in; mem: the template. */
int template_layout(void *mem, const char *name, enum mustache_escape escape,
                    const struct mustache **layout_r, struct err *err) MUST_CHECK;

#endif
