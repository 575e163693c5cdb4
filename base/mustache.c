/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From tokens to the tree that is rendered.  Names are split and terminated here, once, so that rendering
 * neither allocates nor searches the source.
 */
#include "base/mustache_tree.h"

/* With a NUL behind it; there may be others inside. */
static struct slice copy(void *mem, struct slice x)
{
    char *s = talloc_size(mem, x.len + 1);
    if (x.len)
        memcpy(s, x.s, x.len);
    s[x.len] = 0;
    return (struct slice){s, x.len};
}

static struct mustache_path path_split(void *mem, struct slice name)
{
    struct mustache_path path = {0};
    if (name.len == 1 && name.s[0] == '.')
        return path;
    path.local = name.len && name.s[0] == '.';
    if (path.local)
        name = (struct slice){name.s + 1, name.len - 1};
    size_t parts = 1;
    for (size_t i = 0; i < name.len; i++)
        parts += name.s[i] == '.';
    path.part = talloc_array(mem, struct slice, (unsigned)parts);
    const char *s = name.s, *end = name.s + name.len;
    while (path.n < parts) {
        const char *dot = memchr(s, '.', (size_t)(end - s));
        path.part[path.n++] = (struct slice){s, (size_t)((dot ? dot : end) - s)};
        s = dot ? dot + 1 : end;
    }
    return path;
}

static void node_name(void *mem, struct mustache_node *node, const struct mustache_token *k,
                      bool lines_in_names)
{
    struct slice name = copy(mem, k->text);
    char *at = lines_in_names ? memrchr(name.s, '@', name.len) : NULL;
    if (at) {
        node->line = (int)strtol(at + 1, NULL, 10);
        *at = 0;
        name.len = (size_t)(at - name.s);
    }
    node->dynamic = k->dynamic || (k->kind == MUSTACHE_PARENT && name.s[0] == '*');
    if (node->dynamic && !k->dynamic)
        name = (struct slice){name.s + 1, name.len - 1};
    node->text = name;
    node->name = name.s;
    if (k->kind != MUSTACHE_BLOCK)
        node->path = path_split(mem, name);
}

static bool is_node(const struct mustache_token *k, bool in_parent)
{
    if (in_parent)
        return k->kind == MUSTACHE_BLOCK;
    if (k->kind == MUSTACHE_TEXT)
        return k->text.len > 0;
    return k->kind != MUSTACHE_COMMENT && k->kind != MUSTACHE_DELIMITERS && k->kind != MUSTACHE_CLOSE;
}

/* The token behind this one and all that it opens. */
static size_t behind(struct mustache_tokens t, size_t i)
{
    size_t end = t.v[i].kind == MUSTACHE_CLOSE ? 0 : t.v[i].pair;
    return (end ? end : i) + 1;
}

static struct mustache_nodes build(struct mustache *owner, struct mustache_tokens t, size_t from, size_t to,
                                   bool in_parent)
{
    struct mustache_nodes nodes = {0};
    for (size_t i = from; i < to; i = behind(t, i))
        nodes.n += is_node(&t.v[i], in_parent);
    nodes.v = talloc_zero_array(owner, struct mustache_node, (unsigned)nodes.n);
    size_t n = 0;
    for (size_t i = from; i < to; i = behind(t, i)) {
        const struct mustache_token *k = &t.v[i];
        if (!is_node(k, in_parent))
            continue;
        struct mustache_node *node = &nodes.v[n++];
        *node = (struct mustache_node){.kind = k->kind, .line = k->line, .bol = k->bol && !k->standalone};
        node->own_lines = k->own_lines || (k->standalone && k->kind != MUSTACHE_BLOCK);
        node->begins = k->bol || k->standalone;
        node->chop = k->chop;
        node->indent = copy(owner, k->indent);
        if (k->kind == MUSTACHE_TEXT)
            node->text = copy(owner, k->text);
        else
            node_name(owner, node, k, owner->options.lines_in_names);
        if (k->pair)
            node->inside = build(owner, t, i + 1, k->pair, k->kind == MUSTACHE_PARENT);
    }
    return nodes;
}

int mustache_parse(void *mem, const char *name, const char *source, size_t len,
                   const struct mustache_options *options, struct mustache **template_r, struct err *err)
{
    static const struct mustache_options bare;
    MEM_SCOPE(scratch);
    struct mustache_tokens tokens;
    if (!options)
        options = &bare;
    if (mustache_scan(scratch, name, (struct slice){source, len}, options->first_line, &tokens, err) < 0)
        return -1;
    struct mustache *t = talloc_zero(mem, struct mustache);
    t->name = talloc_strdup(t, name);
    t->options = *options;
    t->nodes = build(t, tokens, 0, tokens.n, false);
    if (options->page && mustache_check_page(t, err) < 0) {
        talloc_free(t);
        return -1;
    }
    *template_r = t;
    return 0;
}
