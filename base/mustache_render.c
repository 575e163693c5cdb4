/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Rendering walks the tree with a stack of contexts.  What it costs is bounded: output, depth, and the number
 * of nodes visited, since nested sections over long lists can take for ever without writing a byte.
 *
 * Blocks: every parent tag puts its arguments into a frame; a block takes the outermost frame that has it,
 * and what it finds there is rendered with the frames outside that one, for it belongs to the template that
 * gave it.
 */
#include "base/mustache_tree.h"

enum { MAX_VISITS = 5000000, MAX_CONTEXTS = 2 * MUSTACHE_MAX_DEPTH + 2 };

struct frame {
    const struct mustache_node *parent;
    const struct mustache *owner;
    const struct frame *outer;
};

struct run {
    const struct mustache *t; /* whose nodes are being rendered */
    const struct mustache_partials *partials;
    const struct frame *frames;
    struct slice indent; /* in front of each line of the source */
    struct text *out;
    size_t out_from;
    unsigned depth, visits;
    size_t contexts;
    json_t *context[MAX_CONTEXTS];
    struct err *err;
};

static int render_nodes(struct run *r, struct mustache_nodes nodes);

static int fail(struct run *r, const struct mustache_node *node, const char *what)
{
    if (node->kind == MUSTACHE_TEXT)
        return err_set(r->err, ERR_INPUT, "%s:%d: %s", r->t->name, node->line, what);
    return err_set(r->err, ERR_INPUT, "%s:%d: %s: %s", r->t->name, node->line, node->name, what);
}

/* The first part is looked up through the contexts, the others only in what came out; NULL when missing. */
static json_t *look_up(const struct run *r, const struct mustache_path *path)
{
    json_t *value = r->context[r->contexts - 1];
    if (path->n == 0)
        return value;
    size_t lowest = path->local ? r->contexts - 1 : 0;
    value = NULL;
    for (size_t i = r->contexts; !value && i > lowest; i--)
        value = json_object_getn(r->context[i - 1], path->part[0].s, path->part[0].len);
    for (size_t i = 1; value && i < path->n; i++)
        value = json_object_getn(value, path->part[i].s, path->part[i].len);
    return value;
}

static bool is_true(const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_INTEGER:
        return json_integer_value(value) != 0;
    case JSON_REAL:
        return json_real_value(value) != 0;
    default:
        return true;
    }
}

/* The shortest decimal that reads back as the same number. */
static void number_format(const json_t *value, char *s, size_t size)
{
    if (json_is_integer(value)) {
        snprintf(s, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(s, size, "%.*g", digits, json_real_value(value));
        if (strtod(s, NULL) == json_real_value(value)) /* the same bits are wanted */
            return;
    }
}

static int put_text(struct run *r, const struct mustache_node *node, const char *s, size_t len)
{
    const struct mustache_options *options = &r->t->options;
    if (node->kind == MUSTACHE_RAW)
        text_add(r->out, s, len);
    else if (node->place == MUSTACHE_IN_URL && !mustache_url_is_safe(s, len))
        return fail(r, node, "is no URL that may stand in a link");
    else if (node->place == MUSTACHE_IN_URL_PART)
        mustache_escape_url_part(r->out, s, len);
    else
        mustache_escape_value(r->out, options->escape, options->page, s, len);
    return 0;
}

static int render_value(struct run *r, const struct mustache_node *node)
{
    json_t *value = look_up(r, &node->path);
    bool strict = r->t->options.strict;
    char number[40];
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        return put_text(r, node, json_string_value(value), json_string_length(value));
    case JSON_INTEGER:
    case JSON_REAL:
        number_format(value, number, sizeof number);
        return put_text(r, node, number, strlen(number));
    case JSON_TRUE:
        return put_text(r, node, "true", 4);
    case JSON_FALSE:
        return put_text(r, node, "false", 5);
    case JSON_NULL:
        return strict ? fail(r, node, value ? "the value is null" : "there is no such value") : 0;
    default:
        break;
    }
    if (strict)
        return fail(r, node, "the value is no text");
    char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    int rc = dump ? put_text(r, node, dump, strlen(dump)) : 0;
    free(dump);
    return rc;
}

static int render_with(struct run *r, const struct mustache_node *node, json_t *context)
{
    if (r->contexts == MAX_CONTEXTS)
        return fail(r, node, "nested too deeply");
    r->context[r->contexts++] = context;
    int rc = render_nodes(r, node->inside);
    r->contexts--;
    return rc;
}

static int render_section(struct run *r, const struct mustache_node *node)
{
    json_t *value = look_up(r, &node->path);
    if (node->kind == MUSTACHE_INVERTED)
        return is_true(value) ? 0 : render_nodes(r, node->inside);
    if (!is_true(value))
        return 0;
    if (!json_is_array(value))
        return render_with(r, node, value);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (render_with(r, node, json_array_get(value, i)) < 0)
            return -1;
    return 0;
}

/* What is in force outside and inside of a partial, or of what fills a block. */
struct place {
    const struct mustache *t;
    const struct frame *frames;
    struct slice indent;
};

static int render_elsewhere(struct run *r, struct place place, struct mustache_nodes nodes)
{
    struct place here = {r->t, r->frames, r->indent};
    r->t = place.t;
    r->frames = place.frames;
    r->indent = place.indent;
    int rc = render_nodes(r, nodes);
    r->t = here.t;
    r->frames = here.frames;
    r->indent = here.indent;
    return rc;
}

static struct slice indent_deeper(void *mem, struct slice outer, struct slice inner)
{
    if (!outer.len || !inner.len)
        return outer.len ? outer : inner;
    return (struct slice){talloc_asprintf(mem, "%s%s", outer.s, inner.s), outer.len + inner.len};
}

static int render_partial(struct run *r, const struct mustache_node *node)
{
    MEM_SCOPE(mem);
    const char *name = node->name;
    if (node->dynamic) {
        name = json_string_value(look_up(r, &node->path));
        if (!name)
            return r->t->options.strict ? fail(r, node, "names no partial") : 0;
    }
    const struct mustache *partial = NULL;
    int found = r->partials ? r->partials->find(r->partials->ctx, name, &partial, r->err) : 0;
    if (found < 0)
        return err_context(r->err, "%s:%d", r->t->name, node->line);
    if (found == 0)
        return r->t->options.strict ? fail(r, node, "there is no such partial") : 0;
    struct frame frame = {node, r->t, r->frames};
    struct place place = {partial, node->kind == MUSTACHE_PARENT ? &frame : r->frames, {"", 0}};
    if (node->own_lines)
        place.indent = indent_deeper(mem, r->indent, node->indent);
    return render_elsewhere(r, place, partial->nodes);
}

static const struct mustache_node *argument_named(const struct mustache_node *parent, struct slice name)
{
    for (size_t i = 0; i < parent->inside.n; i++) {
        const struct mustache_node *a = &parent->inside.v[i];
        if (a->text.len == name.len && !memcmp(a->text.s, name.s, name.len))
            return a;
    }
    return NULL;
}

static int render_block(struct run *r, const struct mustache_node *node)
{
    MEM_SCOPE(mem);
    const struct mustache_node *filling = NULL;
    const struct frame *from = NULL;
    for (const struct frame *f = r->frames; f; f = f->outer) {
        const struct mustache_node *a = argument_named(f->parent, node->text);
        filling = a ? a : filling;
        from = a ? f : from;
    }
    struct slice indent = indent_deeper(mem, r->indent, node->indent);
    if (!filling) {
        if (node->bol)
            text_add(r->out, indent.s, indent.len);
        return render_nodes(r, node->inside);
    }
    struct place place = {from->owner, from->outer, node->begins ? indent : (struct slice){"", 0}};
    size_t before = r->out->len;
    if (node->begins && !filling->own_lines)
        text_add(r->out, indent.s, indent.len);
    if (render_elsewhere(r, place, filling->inside) < 0)
        return -1;
    bool ended = r->out->len > before && r->out->s[r->out->len - 1] == '\n';
    if (node->chop && ended)
        r->out->s[--r->out->len] = 0;
    if (node->own_lines && !ended && r->out->len > before)
        text_putc(r->out, '\n');
    return 0;
}

static int render_node(struct run *r, const struct mustache_node *node)
{
    switch (node->kind) {
    case MUSTACHE_TEXT:
        text_add(r->out, node->text.s, node->text.len);
        return 0;
    case MUSTACHE_VALUE:
    case MUSTACHE_RAW:
        return render_value(r, node);
    case MUSTACHE_SECTION:
    case MUSTACHE_INVERTED:
        return render_section(r, node);
    case MUSTACHE_PARTIAL:
    case MUSTACHE_PARENT:
        return render_partial(r, node);
    case MUSTACHE_BLOCK:
        return render_block(r, node);
    default:
        bug("a node of kind %d", node->kind);
    }
}

static int render_nodes(struct run *r, struct mustache_nodes nodes)
{
    if (nodes.n && ++r->depth > MUSTACHE_MAX_DEPTH)
        return fail(r, &nodes.v[0], "sections and partials are nested too deeply");
    for (size_t i = 0; i < nodes.n; i++) {
        const struct mustache_node *node = &nodes.v[i];
        if (++r->visits > MAX_VISITS)
            return fail(r, node, "the template takes too long");
        if (r->out->len - r->out_from > MUSTACHE_MAX_OUTPUT)
            return fail(r, node, "the result is too large");
        if (node->bol && node->kind != MUSTACHE_BLOCK)
            text_add(r->out, r->indent.s, r->indent.len);
        if (render_node(r, node) < 0)
            return -1;
    }
    r->depth -= nodes.n > 0;
    return 0;
}

int mustache_render(const struct mustache *t, const struct mustache_view *view, struct text *out,
                    struct err *err)
{
    struct run r = {.t = t, .partials = view->partials, .indent = {"", 0}, .out = out, .err = err};
    r.out_from = out->len;
    if (view->below)
        r.context[r.contexts++] = view->below;
    r.context[r.contexts++] = view->value;
    return render_nodes(&r, t->nodes);
}
