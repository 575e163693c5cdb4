/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * PDF files of A4 pages, a page at a time in constant memory: text, pictures and lines where the caller puts
 * them.  paper.c is the only file that knows Pango and cairo.
 *
 * Lengths are millimetres from the upper left corner of the page, sizes of letters are points.  Text is a
 * line of Pango's markup (<b>, <i>, <tt>, &amp; ...) and becomes lines of a width, all of one height, drawn
 * one by one, so that a page may end between any two.
 *
 * The file is written beside its name.  paper_finish makes sure that all of it is on the disk, paper_keep
 * gives it its name; what was not kept is removed.
 */
#ifndef REPORTS_PAPER_H
#define REPORTS_PAPER_H

#include <stdint.h>

#include "base/digest.h"
#include "base/mem.h"

#define PAPER_WIDTH  210.0
#define PAPER_HEIGHT 297.0
#define PAPER_POINT  (25.4 / 72)

struct paper_about {
    const char *path, *title, *author;
    int64_t made; /* stands in the file, so that the same pages make the same bytes */
};

struct paper;
#define PAPER CLEANUP(paper_drop) struct paper *

int paper_open(void *mem, struct paper **paper_r, const struct paper_about *about,
               struct err *err) MUST_CHECK;
/* The page is done; what is drawn next stands on another. */
void paper_next_page(struct paper *paper);
/* An entry in the table of contents that a viewer shows, for the page that is being drawn. */
void paper_outline(struct paper *paper, const char *title);
int paper_finish(struct paper *paper, unsigned char sum[DIGEST_BYTES], struct err *err) MUST_CHECK;
int paper_keep(struct paper *paper, struct err *err) MUST_CHECK;
void paper_drop(struct paper **paper);

struct paper_look {
    double size, line; /* line: the height of one, in millimetres; 0: what suits the size */
    bool sans, bold, faint, pale;
    const char *language; /* BCP 47: Serbian has letters of its own in Cyrillic italics */
};
struct paper_text; /* a talloc child of mem, to be drawn on any page */
struct paper_text *paper_text(void *mem, struct paper *paper, const char *markup, double width,
                              const struct paper_look *look);
/* Some text, since it was last asked, has letters that no font has. */
bool paper_missing_glyphs(struct paper *paper);
/* What stands in text as it is, as markup. */
char *paper_escape(void *mem, const char *s);
size_t paper_lines(const struct paper_text *text);
double paper_line_height(const struct paper_text *text);
double paper_height(const struct paper_text *text); /* of all lines */
double paper_line_width(const struct paper_text *text, size_t line);
/* y: of the line's upper edge. */
void paper_draw_line(struct paper *paper, const struct paper_text *text, size_t line, double x, double y);
/* All lines, below each other. */
void paper_draw(struct paper *paper, const struct paper_text *text, double x, double y);
void paper_rule(struct paper *paper, double x1, double y1, double x2, double y2, double width);

/* A PNG, drawn as high as said; its bytes stand in the file once. */
int paper_load_picture(struct paper *paper, const char *path, struct err *err) MUST_CHECK;
/* How wide it is then; 0 when none was loaded. */
double paper_draw_picture(struct paper *paper, double x, double y, double height);

#endif
