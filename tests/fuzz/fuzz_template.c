/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The body of a letter, compiled and rendered with values that try to be markup; a subject of the same bytes
 * too.
 */
#include <stdint.h>

#include "mail/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render(void *mem, const struct template_text *text)
{
    static const char view_text[] = "{\"a\":\"<q7w "
                                    "x='y'>\\n**b**\",\"b\":{\"url\":\"https://a.example/"
                                    "?<q7w>\"},\"l\":[\"x\",{\"a\":\"\\u0001a\\u001e\"}],"
                                    "\"office\":{\"name\":\"O\",\"phone\":\"\",\"email\":\"<q7w>\"},"
                                    "\"unsubscribe_url\":\"https://a.example/\"}";
    struct err err = {0};
    struct template *t;
    struct template_letter letter;
    if (template_compile(mem, text, &t, &err) < 0) {
        must(err.code == ERR_INPUT);
        return;
    }
    json_t *view = json_loads(view_text, 0, NULL);
    if (template_render(mem, t, view, &letter, &err) == 0) {
        must(!strpbrk(letter.subject, "\r\n"));
        must(!strstr(letter.html, "<q7w"));
        must(!strpbrk(letter.html, "\x01\x02\x1c\x1d\x1e\x1f") &&
             !strpbrk(letter.text, "\x01\x02\x1c\x1d\x1e\x1f"));
    }
    json_decref(view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 4096)
        return 0;
    MEM_SCOPE(mem);
    const char *bytes = talloc_strndup(mem, (const char *)data, size);
    struct err err = {0};
    struct template_text parsed;
    render(mem, &(struct template_text){.name = "fuzz", .language = "sq", .subject = "s", .body = bytes});
    render(mem, &(struct template_text){.name = "fuzz", .language = "sq", .subject = bytes, .body = "b"});
    if (template_parse_file(mem, "fuzz", bytes, strlen(bytes), &parsed, &err) == 0)
        render(mem, &parsed);
    return 0;
}
