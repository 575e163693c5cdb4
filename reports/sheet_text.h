/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a cell can hold, and how much room it takes (ECMA-376 Part 1, 18.4.12 and Excel's limits).
 */
#ifndef REPORTS_SHEET_TEXT_H
#define REPORTS_SHEET_TEXT_H

#include "base/mem.h"

enum { SHEET_MAX_CELL = 32767 }; /* UTF-16 units */

/* Column width of the widest line, in digits of the font; never above cap, where counting stops. */
int sheet_text_width(const char *s, int cap);
/* How many lines it takes in a column of that width, broken at blanks, and inside words that are wider. */
int sheet_text_lines(const char *s, int width);
/* The text as a cell takes it: itself, or a copy (a talloc child of mem) with LF for line ends, "_x0041_"
 * kept from being read as "A", code points that XML has not replaced, and cut where it is too long (*cut_r).
 */
const char *sheet_text_clean(void *mem, const char *s, bool *cut_r);

struct sheet_clock {
    int year, month, day, hour, minute, second;
};
/* Date ("2027-03-18"), time ("10:00[:00]") or both with a blank or T between; false if it is none of them or
 * no day that a sheet knows (1900 to 9999).  What is not there is 0. */
bool sheet_text_clock(const char *s, struct sheet_clock *clock_r);

/* A name for a tab: at most 31 units, without []:*?/\ and apostrophes at its ends; a talloc child of mem. */
char *sheet_text_tab(void *mem, const char *name, int nth);
/* Text in a page's footer: & doubled, at most max_bytes of it; a talloc child of mem. */
char *sheet_text_footer(void *mem, const char *s, size_t max_bytes);
/* The URL behind the text, "mailto:..." or "https://..." (a talloc child of mem), or NULL. */
const char *sheet_text_url(void *mem, const char *s);

#endif
