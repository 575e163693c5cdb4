/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a cage that was taken over might answer: refused, or a value of valid text that goes and comes as it
 * is.
 */
#include "base/jsonbytes.h"
#include "base/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    json_t *value, *again;
    if (jsonbytes_read((const char *)data, size, &value, NULL) < 0)
        return 0;
    struct text t = text_new(mem);
    jsonbytes_write(&t, value);
    must(jsonbytes_read(t.s, t.len, &again, NULL) == 0 && json_equal(value, again));
    char *json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    must(json && unicode_valid_utf8(json, strlen(json)));
    free(json);
    json_decref(again);
    json_decref(value);
    return 0;
}
