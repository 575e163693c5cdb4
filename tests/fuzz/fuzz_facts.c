/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mail from outside: its facts, each of its parts, the verdict on it; and a field's value decoded is one
 * line of text.
 */
#include "base/unicode.h"
#include "mail/classify.h"
#include "mail/wire/facts.h"
#include "mail/wire/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void read_parts(const char *mail, size_t len, const json_t *parts)
{
    size_t i;
    const json_t *part;
    json_array_foreach(parts, i, part)
    {
        MEM_SCOPE(mem);
        char *bytes;
        size_t n;
        const char *path = json_string_value(json_object_get(part, "path"));
        bool whole = json_object_get(part, "size");
        must((facts_part(mem, mail, len, path, &bytes, &n, NULL) == 0) >= whole);
        must(!whole || (json_int_t)n == json_integer_value(json_object_get(part, "size")));
        read_parts(mail, len, json_object_get(part, "parts"));
        read_parts(mail, len, json_object_get(part, "holds"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    if (!ready)
        facts_init();
    ready = true;
    MEM_SCOPE(mem);
    json_t *facts;
    char *copy = talloc_strndup(mem, (const char *)data, size);
    char *value = words_decode(mem, copy);
    must(unicode_valid_utf8(value, strlen(value)) && !strpbrk(value, "\r\n"));
    value = words_decode(mem, words_normalize(mem, (const char *)data, size, NULL));
    must(unicode_valid_utf8(value, strlen(value)) && !strpbrk(value, "\r\n"));
    if (facts_parse((const char *)data, size, &facts, NULL) < 0)
        return 0;
    read_parts((const char *)data, size, json_object_get(facts, "parts"));
    char *json = json_dumps(facts, JSON_COMPACT);
    must(json && unicode_valid_utf8(json, strlen(json)));
    free(json);
    json_t *verdict = classify_mail(facts, NULL);
    must(json_is_string(json_object_get(verdict, "class")));
    json_decref(verdict);
    json_decref(facts);
    return 0;
}
