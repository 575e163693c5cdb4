/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A message that came back, whose signature is checked: nothing of it but what was signed is ever good.
 */
#include <stdint.h>

#include "mail/wire/dkim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* RFC 8463 A.1 */
static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                          "-----END PRIVATE KEY-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dkim_key *key;
    struct err err;
    if (!key)
        must(dkim_key_parse(NULL, pem, &key, &err) == 0);
    MEM_SCOPE(mem);
    const char *message = talloc_memdup(mem, data, size); /* no NUL behind it */
    enum dkim_verdict v = dkim_verify("football.example.com", "brisbane", key, message, size);
    must(v != DKIM_GOOD || memmem(data, size, "Is dinner ready?", 16));
    return 0;
}
