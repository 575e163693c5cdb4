/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The first byte chooses the options; the rest is the template. It is rendered with a fixed view and is its
 * own partial. What a page lets through must hold no markup that a value brought along.
 */
#include <stdint.h>

#include "base/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int find_itself(void *ctx, const char *name, const struct mustache **partial_r, struct err *err)
{
    (void)err;
    *partial_r = *(struct mustache **)ctx;
    return strcmp(name, "none") != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char view_text[] =
        "{\"a\":{\"b\":1.5,\"url\":\"https://a.example/\"},\"l\":[1,[2,\"x\"],{\"n\":null}],"
        "\"v\":\"<q7w onq7w='q7w'>\\n\\u0001\",\"t\":true,\"p\":\"self\"}";
    if (size < 1 || size > 4096)
        return 0;
    struct mustache_options options = {
        .escape = (enum mustache_escape)(data[0] % 3), .strict = data[0] & 4, .page = data[0] & 8};
    if (options.page)
        options.escape = MUSTACHE_HTML;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct mustache *t;
    if (mustache_parse(mem, "fuzz", (const char *)data + 1, size - 1, &options, &t, &err) < 0) {
        must(err.code == ERR_INPUT);
        return 0;
    }
    struct mustache_partials partials = {find_itself, &t};
    struct mustache_view view = {.value = json_loads(view_text, 0, NULL), .partials = &partials};
    struct text out = text_new(mem);
    if (mustache_render(t, &view, &out, &err) == 0 && options.page && !memmem(data, size, "q7w", 3))
        must(!strstr(out.s, "<q7w"));
    json_decref(view.value);
    return 0;
}
