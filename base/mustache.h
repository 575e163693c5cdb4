/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mustache (https://github.com/mustache/spec): comments, delimiters, interpolation, sections, inverted
 * sections, partials, and of the optional modules inheritance and dynamic names.  Lambdas have no place in a
 * JSON view.
 *
 * A template is parsed once and rendered many times; a parsed template is read-only and may be shared by
 * threads. False are: false, null, the empty list, the empty text, zero, and what is missing.  Errors are
 * ERR_INPUT and say "NAME:LINE: reason".
 *
 * As a page (HTML for a browser or a mail) a template that puts a value where HTML escaping does not protect
 * is refused when it is parsed: in a script, a style, a comment, a tag, an event handler, an attribute
 * without quotes.  In an attribute that holds a URL a value is either the whole URL, then its name ends in
 * "url" and only http, https, mailto, tel, cid and paths are let through, or stands behind a literal
 * beginning, then it is percent-encoded.  A section ends in the place it began in; partials and blocks stand
 * in text; unescaped values are refused but for `raw`.
 */
#ifndef BASE_MUSTACHE_H
#define BASE_MUSTACHE_H

#include <jansson.h>

#include "base/mem.h"

enum {
    MUSTACHE_MAX_SOURCE = 1 << 20,  /* bytes of a template */
    MUSTACHE_MAX_OUTPUT = 16 << 20, /* bytes of what it renders to */
    MUSTACHE_MAX_NEST = 64,         /* sections inside sections in a source */
    MUSTACHE_MAX_DEPTH = 200,       /* sections and partials inside each other when rendered */
};

enum mustache_escape {
    MUSTACHE_HTML, /* & < > " ' */
    MUSTACHE_NONE,
    MUSTACHE_LINE, /* line breaks and control characters become one space: plain text, headers */
};

struct mustache_options {
    enum mustache_escape escape;
    bool strict; /* a missing value, null, or what is no text is an error; sections may be missing */
    bool page;   /* see above */
    const char *const *raw; /* names that {{{name}}} may have in a page, ended by NULL; or NULL */
    int first_line;         /* number of the source's first line; 0 means 1 */
    bool lines_in_names; /* the source was made from another: names end in "@" and their line in that one */
};

struct mustache;

/* The source is copied; `name` stands in error messages. NULL options are the bare specification. */
int mustache_parse(void *mem, const char *name, const char *source, size_t len,
                   const struct mustache_options *options, struct mustache **template_r,
                   struct err *err) MUST_CHECK;

/* Finds a partial: 1 and *partial_r, 0 when there is none, -1. It keeps what it has parsed. */
struct mustache_partials {
    int (*find)(void *ctx, const char *name, const struct mustache **partial_r, struct err *err);
    void *ctx;
};

struct mustache_view {
    json_t *value; /* borrowed */
    json_t *below; /* or NULL; names that `value` does not have are looked up here */
    const struct mustache_partials *partials; /* or NULL */
};

/* Adds to `out`, whose content is undefined behind its former end on -1. */
int mustache_render(const struct mustache *t, const struct mustache_view *view, struct text *out,
                    struct err *err) MUST_CHECK;

/* A source taken apart, for who turns it into another language.  Lines that hold nothing but a tag are gone
 * already: the tag is `standalone`, `indent` what stood in front of it.  Text tokens end with their line. */
enum mustache_kind {
    MUSTACHE_TEXT,
    MUSTACHE_VALUE,    /* {{name}} */
    MUSTACHE_RAW,      /* {{{name}}} {{&name}} */
    MUSTACHE_SECTION,  /* {{#name}} */
    MUSTACHE_INVERTED, /* {{^name}} */
    MUSTACHE_CLOSE,    /* {{/name}} */
    MUSTACHE_PARTIAL,  /* {{>name}} {{>*name}} */
    MUSTACHE_PARENT,   /* {{<name}} */
    MUSTACHE_BLOCK,    /* {{$name}} */
    MUSTACHE_COMMENT,  /* {{! }} */
    MUSTACHE_DELIMITERS,
};

struct slice {
    const char *s;
    size_t len;
};

struct mustache_token {
    enum mustache_kind kind;
    int line;
    struct slice text; /* the text, or the name as written */
    struct slice indent;
    size_t pair;     /* of an opening tag its closing one and the reverse: an index; else 0 */
    bool standalone; /* the tag had its line for itself */
    bool bol, eol;   /* began a source line; a text that ended one */
    bool own_lines;  /* block: its content is whole lines */
    bool chop;       /* block: the line goes on behind it, so what replaces it loses its last line end */
    bool argument;   /* block: directly inside a parent tag */
    bool dynamic;    /* partial: the name is a value's */
};

struct mustache_tokens {
    struct mustache_token *v;
    size_t n;
};

/* Tokens point into `source`; every section is closed. */
int mustache_scan(void *mem, const char *name, struct slice source, int first_line,
                  struct mustache_tokens *tokens_r, struct err *err) MUST_CHECK;

#endif
