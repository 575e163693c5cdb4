/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One letter on paper, and one label, out of a value that holds all that stands on them:
 *
 *     {"language", "office", "details": [line ...], "sender", "address": [line ...], "date", "reference",
 *      "subject", "body": "<p>...", "signature": [name ...], "mark"}
 *
 * details stand below the office's name in the head of the letter, sender in small letters above the address.
 * Above the last paragraph of the body there is room to sign when it begins with one of the names.  The mark,
 * a word such as SAMPLE, stands large and pale on each page.  Values may be missing; all but body are text.
 */
#ifndef REPORTS_PAPER_LETTER_H
#define REPORTS_PAPER_LETTER_H

#include <jansson.h>

#include "reports/paper.h"

/* Begins on the page that the paper is at, and leaves it at a new one.  ERR_INPUT: the address is not seen in
 * the window of an envelope. */
int paper_letter(struct paper *paper, const json_t *letter, int *pages_r, struct err *err) MUST_CHECK;

/* Sheets of labels, centred on A4 (reports/paper_sheet.def). */
struct paper_sheet;
/* ERR_USAGE names those that there are. */
int paper_sheet_find(const char *name, const struct paper_sheet **sheet_r, struct err *err) MUST_CHECK;
/* ERR_USAGE: the sheet has no such label. */
int paper_sheet_check(const struct paper_sheet *sheet, int label, struct err *err) MUST_CHECK;
/* On which of the sheets the label is, from 0. */
int paper_sheet_of(const struct paper_sheet *sheet, int label);
/* The letter's address on the label-th label, counted from 0 over all sheets; they come in this order.
 * ERR_INPUT: it does not fit. */
int paper_label(struct paper *paper, const struct paper_sheet *sheet, int label, const json_t *letter,
                struct err *err) MUST_CHECK;

#endif
