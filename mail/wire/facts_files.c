/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files are named and summed, never opened: what may do harm is marked, what is encrypted or signed is left
 * whole and named, so that whoever has the key reads it elsewhere.
 */
#include "base/digest.h"
#include "base/json_text.h"
#include "base/jsonbytes.h"
#include "mail/wire/charset.h"
#include "mail/wire/danger.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_low.h"
#include "mail/wire/held.h"

enum { HELD_TEXT_MAX = 1 << 20 };

void facts_set_digest(json_t *part, const unsigned char sum[DIGEST_BYTES])
{
    char hex[2 * DIGEST_BYTES + 1];
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    json_object_set_new(part, "sha256", json_string(hex));
}

void facts_set_sum(json_t *part, const char *bytes, size_t len)
{
    unsigned char sum[DIGEST_BYTES];
    digest_sha256(bytes, len, sum);
    facts_set_digest(part, sum);
    const char *danger = danger_of(json_text_or_null(part, "filename"), bytes, len);
    if (danger)
        json_object_set_new(part, "danger", json_string(danger));
}

/* ---- protection */

/* RFC 8551 3.2.2; the parameter may be missing, the first identifier of the CMS says the same. */
static const char *smime(const struct entity *e, const char *bytes, size_t len)
{
    static const struct {
        const char *type;
        char last; /* of 1.2.840.113549.1.7, or of the two for compressed and authenticated data */
        const char *protection;
    } table[] = {
        {"enveloped-data", 3, "smime-encrypted"}, {"authenveloped-data", 23, "smime-encrypted"},
        {"signed-data", 2, "smime-signed"},       {"compressed-data", 9, "smime-compressed"},
        {"certs-only", 2, "smime-signed"},
    };
    const char *type = params_get(&e->content_type, "smime-type");
    for (size_t i = 0; type && i < ARRAY_LEN(table); i++)
        if (!strcasecmp(type, table[i].type))
            return table[i].protection;
    const char *oid =
        bytes ? memmem(bytes, len < 64 ? len : 64, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", 10) : NULL;
    for (size_t i = 0; oid && oid + 10 < bytes + len && i < ARRAY_LEN(table); i++)
        if (oid[10] == table[i].last)
            return table[i].protection;
    return "smime-encrypted";
}

static bool protocol_is(const struct entity *e, const char *what)
{
    const char *protocol = params_get(&e->content_type, "protocol");
    return protocol && strcasestr(protocol, what);
}

static bool begins_line(const char *bytes, size_t len, const char *line)
{
    const char *found = memmem(bytes, len, line, strlen(line));
    return found && (found == bytes || found[-1] == '\n');
}

static bool ends(const char *name, const char *ending)
{
    size_t n = name ? strlen(name) : 0, len = strlen(ending);
    return n >= len && !strcasecmp(name + n - len, ending);
}

void facts_set_protection(json_t *part, const struct entity *e, const char *bytes, size_t len)
{
    const char *protection = NULL, *name = json_text_or_null(part, "filename");
    if (!strcmp(e->type, "multipart/encrypted"))
        protection = protocol_is(e, "pgp") ? "pgp-encrypted" : "encrypted";
    else if (!strcmp(e->type, "multipart/signed"))
        protection = protocol_is(e, "pgp")     ? "pgp-signed"
                     : protocol_is(e, "pkcs7") ? "smime-signed"
                                               : "signed";
    else if (!strcmp(e->type, "application/pkcs7-mime") || !strcmp(e->type, "application/x-pkcs7-mime") ||
             ends(name, ".p7m"))
        protection = smime(e, bytes, len);
    else if (bytes && begins_line(bytes, len, "-----BEGIN PGP MESSAGE-----"))
        protection = "pgp-encrypted";
    else if (bytes && begins_line(bytes, len, "-----BEGIN PGP SIGNED MESSAGE-----"))
        protection = "pgp-signed";
    if (protection)
        json_object_set_new(part, "protection", json_string(protection));
}

/* ---- what a part holds */

static char *add_held(void *mem, json_t *holds, const char *path, const struct held *held)
{
    MEM_SCOPE(scratch);
    size_t n = json_array_size(holds) + 1;
    json_t *one = json_pack("{s:s, s:s, s:I}", "path", talloc_asprintf(scratch, "%s.%zu", path, n), "type",
                            held->type, "size", (json_int_t)held->len);
    char *text = NULL;
    if (held->name) {
        facts_set_text(one, "filename", *held->name ? held->name : NULL, 1000);
        facts_set_sum(one, held->bytes, held->len);
    } else {
        text = charset_decode(mem, held->bytes, held->len < HELD_TEXT_MAX ? held->len : HELD_TEXT_MAX,
                              held->charset);
        json_object_set_new(one, "text", jsonbytes_text(text, strlen(text)));
    }
    json_array_append_new(holds, one);
    return text;
}

char *facts_set_holds(void *mem, json_t *part, const char *bytes, size_t len, bool *html_r)
{
    MEM_SCOPE(scratch);
    struct held_list list;
    char *text = NULL;
    held_read(scratch, json_text_or_null(part, "type"), json_text_or_null(part, "filename"), bytes, len,
              &list);
    if (!list.n)
        return NULL;
    json_t *holds = json_array();
    for (size_t i = 0; i < list.n; i++) {
        char *one = add_held(mem, holds, json_text_or_null(part, "path"), &list.v[i]);
        if (one) {
            text = one;
            *html_r = !strcmp(list.v[i].type, "text/html");
        }
    }
    json_object_set_new(part, "holds", holds);
    return text;
}

/* ---- the files of a mail */

static bool is_file(const json_t *part)
{
    return json_text_or_null(part, "sha256") ||
           (json_text_or_null(part, "filename") && json_object_get(part, "size"));
}

static void add_file(json_t *files, const json_t *part)
{
    static const char *const keys[] = {"path", "type", "filename", "size", "sha256", "danger", "protection"};
    json_t *file = json_object();
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        json_object_set(file, keys[i], json_object_get(part, keys[i]));
    json_array_append_new(files, file);
}

static void walk(json_t *facts, json_t *files, const json_t *parts)
{
    size_t i;
    const json_t *part;
    json_array_foreach(parts, i, part)
    {
        json_t *protection = json_object_get(part, "protection");
        if (protection && !json_object_get(facts, "protection"))
            json_object_set(facts, "protection", protection);
        if (is_file(part))
            add_file(files, part);
        if (!json_text_or_null(part, "sha256")) /* an attached message is a file as a whole */
            walk(facts, files, json_object_get(part, "parts"));
        walk(facts, files, json_object_get(part, "holds"));
    }
}

void facts_list_files(json_t *facts, const json_t *parts)
{
    json_t *files = json_array();
    walk(facts, files, parts);
    if (json_array_size(files))
        json_object_set(facts, "attachments", files);
    json_decref(files);
}
