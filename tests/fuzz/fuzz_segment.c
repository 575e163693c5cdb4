/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A question: what is understood has its words inside the question, and an error points into it.
 */
#include <stdint.h>

#include "crm/segment_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_spot(struct segment_spot spot, size_t len)
{
    must(spot.offset <= len && spot.len <= len + 1);
}

static int conditions(const struct segment_node *n, size_t len, int depth)
{
    int sum = 0;
    must(depth <= 2 * SEGMENT_MAX_DEPTH);
    check_spot(n->spot, len);
    for (const struct segment_node *child = n->first; child; child = child->next)
        sum += conditions(child, len, depth + 1);
    if (n->op != SEGMENT_IS)
        return sum;
    must(n->key < SEGMENT_KEYS && talloc_array_length(n->value) > 0);
    for (size_t i = 0; i < talloc_array_length(n->value); i++) {
        check_spot(n->value[i].spot, len);
        must(*n->value[i].text);
        must(!segment_keys[n->key].date || strcmp(n->value[i].from, n->value[i].to) < 0);
    }
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    char *question = talloc_strndup(mem, (const char *)data, size);
    struct err err = {0};
    struct segment_spot spot;
    struct segment_node *tree;
    size_t len = strlen(question);
    if (segment_parse(mem, question, &tree, &spot, &err) < 0) {
        must(err.code == ERR_USAGE && *err.text);
        check_spot(spot, len);
        must(spot.len || !*segment_point(mem, question, spot));
        return 0;
    }
    if (tree)
        must(conditions(tree, len, 1) <= SEGMENT_MAX_CONDITIONS);
    return 0;
}
