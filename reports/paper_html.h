/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The text of a letter, HTML as libcmark makes it of Markdown, as blocks to be set on paper.
 *
 * A link's destination stands behind its words, (https://...), for nobody can follow one on paper; of a
 * picture its words stand in brackets.
 */
#ifndef REPORTS_PAPER_HTML_H
#define REPORTS_PAPER_HTML_H

#include "base/mem.h"

enum paper_block_kind { PAPER_PARAGRAPH, PAPER_HEADING, PAPER_CODE, PAPER_BREAK };
struct paper_block {
    enum paper_block_kind kind;
    int level;          /* of a heading: 1 to 6 */
    int depth;          /* how often it is indented, by lists and quotations */
    const char *marker; /* of a list's item, at its first block: "•", "2."; NULL */
    bool close;         /* follows the block above closely: an item of a list without blank lines */
    const char *markup; /* of Pango */
};
struct paper_blocks {
    struct paper_block *v;
    size_t n;
};

/* ERR_INPUT when it is no HTML of ours.  Everything is a talloc child of mem. */
int paper_html(void *mem, const char *html, struct paper_blocks *blocks_r, struct err *err) MUST_CHECK;

#endif
