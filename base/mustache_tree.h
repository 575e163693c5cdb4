/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A parsed Mustache template as its own files share it; everyone else includes base/mustache.h.
 */
#ifndef BASE_MUSTACHE_TREE_H
#define BASE_MUSTACHE_TREE_H

#include "base/mustache.h"

/* A dotted name: `n` 0 is ".", the top of the context stack. */
struct mustache_path {
    struct slice *part;
    size_t n;
    bool local; /* began with a dot: looked up in the top alone */
};

enum mustache_place {
    MUSTACHE_IN_TEXT,     /* the template's escape */
    MUSTACHE_IN_URL,      /* the whole URL */
    MUSTACHE_IN_URL_PART, /* behind its literal beginning */
};

struct mustache_nodes {
    struct mustache_node *v;
    size_t n;
};

struct mustache_node {
    enum mustache_kind kind;
    enum mustache_place place;
    int line;
    bool bol;                  /* began a line of the source: the indentation of a partial goes in front */
    bool begins;               /* block: nothing stands in front of it on its line */
    bool own_lines, chop;      /* see struct mustache_token */
    bool dynamic;              /* a partial whose name is a value */
    struct slice text, indent; /* indent of a partial, parent or block: for the lines of what replaces it */
    const char *name;          /* the name, NUL-terminated */
    struct mustache_path path;
    struct mustache_nodes inside;
};

struct mustache {
    const char *name;
    struct mustache_options options;
    struct mustache_nodes nodes;
};

/* Follows the HTML through the tree, sets each value's place, refuses what the header says. */
int mustache_check_page(struct mustache *t, struct err *err) MUST_CHECK;

void mustache_escape_value(struct text *out, enum mustache_escape how, bool page, const char *s, size_t len);
/* False when the URL's scheme is none that may stand in a page. */
bool mustache_url_is_safe(const char *s, size_t len);
void mustache_escape_url_part(struct text *out, const char *s, size_t len);

#endif
