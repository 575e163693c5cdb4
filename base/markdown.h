/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * CommonMark, by libcmark: to HTML and, out of the same tree, to plain text.  Raw HTML in it stays out, links
 * with unsafe schemes become empty.
 *
 * Plain text is made in two steps, because what is put into it in between (the values of a letter) changes
 * its line breaks: markdown_text gives a paragraph as one line that carries its indentation in marks,
 * markdown_wrap makes the lines.  Marks are the control characters 28 to 31, which no source may hold.
 */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include "base/mem.h"

enum { MARKDOWN_MAX_SOURCE = 1 << 20, MARKDOWN_MAX_DEPTH = 60, MARKDOWN_COLUMNS = 72 };

struct markdown;

/* ERR_INPUT and *line_r, where: not UTF-8, a control character, too long, nested too deeply. */
int markdown_parse(void *mem, const char *source, size_t len, struct markdown **doc_r, int *line_r,
                   struct err *err) MUST_CHECK;

const char *markdown_html(void *mem, const struct markdown *doc);
const char *markdown_text(void *mem, const struct markdown *doc);
/* Lines without marks stay as they are, but of empty ones in a row one is left, and none at the ends. */
const char *markdown_wrap(void *mem, const char *marked, unsigned columns);

/* Where the source's own text ended up, for who put placeholders in. */
enum markdown_place {
    MARKDOWN_IN_TEXT,
    MARKDOWN_IN_URL,       /* a link's destination, all of it */
    MARKDOWN_IN_ATTRIBUTE, /* title, image, name of a code block's language */
    MARKDOWN_IN_HTML,      /* raw, and so left out */
};
struct markdown_spot {
    enum markdown_place place;
    const char *text;
    const void *parent; /* the same for spots that stand directly inside the same element */
    int line;           /* of the source */
};
/* In the order of the document; ends at the first that does not return 0, and returns that. */
int markdown_each_spot(const struct markdown *doc, int (*fn)(void *ctx, const struct markdown_spot *spot),
                       void *ctx);
/* Gives every image the source that fn returns for it; ends with -1 at the first for which that is NULL. */
int markdown_each_image(struct markdown *doc, const char *(*fn)(void *ctx, const char *url, int line),
                        void *ctx);
/* A paragraph whose whole text `is_mark` loses its <p>: it stands between the blocks as it is. */
void markdown_free_marks(struct markdown *doc, bool (*is_mark)(void *ctx, const char *text), void *ctx);

#endif
