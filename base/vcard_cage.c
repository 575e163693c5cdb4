/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Both sides: what the cage runs, and who asks it.  Cards come as JSON, one a frame.  A file is cut between
 * cards, so that neither memory nor the cage's time depends on how many it has.
 */
#include "base/vcard_cage.h"

#include <strings.h>

#include "base/catalog.h"

enum { CARD = 1, PIECE_BYTES = 4 << 20 };

/* ---- inside */

struct putting {
    cage_frame_fn *put;
    void *context;
};

static int put_card(void *context, const struct vcard *card, struct err *err)
{
    const struct putting *p = context;
    json_t *object = vcard_to_json(card);
    char *json = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    must(json);
    int rc = p->put(p->context, CARD, json, strlen(json), err);
    free(json);
    return rc;
}

static int parse(const char *bytes, size_t len, const char *encoding, cage_frame_fn *put, void *context,
                 struct err *err)
{
    struct putting p = {put, context};
    return vcard_each(bytes, len, *encoding ? encoding : NULL, put_card, &p, err);
}

const struct cage_parser vcard_parser = {"vcard", NULL, parse, NULL};

/* ---- outside */

struct reading {
    vcard_fn *fn;
    void *context;
    long cards, lines; /* before the piece */
    long last;         /* number of the last card */
};

static int take_card(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    (void)kind;
    MEM_SCOPE(mem);
    struct reading *r = context;
    struct vcard *card;
    json_t *json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
    int rc = vcard_from_json(mem, json, &card, err);
    json_decref(json);
    if (rc < 0)
        return -1;
    if (card->number)
        r->last = card->number += r->cards;
    card->line += r->lines;
    card->doubt_line += card->doubt ? r->lines : 0;
    return r->fn(r->context, card, err);
}

/* The line at s is this word (and blanks); its size with its end, 0 if it is another. */
static size_t line_is(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    if (len < n || strncasecmp(s, word, n))
        return 0;
    while (n < len && strchr(" \t\r\n", s[n]))
        n++;
    return n == len || strchr("\r\n", s[n - 1]) ? n : 0;
}

/* The piece's size: up to where, behind PIECE_BYTES, one card ends and the next begins. */
static size_t piece_size(const char *bytes, size_t len)
{
    for (size_t at = PIECE_BYTES; at < len; at++) {
        if ((bytes[at] | 32) != 'e' || (bytes[at - 1] != '\n' && bytes[at - 1] != '\r'))
            continue;
        size_t end = line_is(bytes + at, len - at, "END:VCARD");
        if (end && line_is(bytes + at + end, len - at - end, "BEGIN:VCARD"))
            return at + end;
    }
    return len;
}

static long count_lines(const char *bytes, size_t len)
{
    long n = 0;
    for (size_t i = 0; i < len; i++)
        n += bytes[i] == '\n' || (bytes[i] == '\r' && (i + 1 == len || bytes[i + 1] != '\n'));
    return n;
}

static bool is_wide(const char *bytes, size_t len)
{
    return memchr(bytes, 0, len < 64 ? len : 64);
}

bool vcard_looks_like(const char *bytes, size_t len)
{
    static const char begin[] = "BEGIN:VCARD";
    size_t at = 0, n = 0;
    while (at < len && at < 64 && strchr("\xef\xbb\xbf\xff\xfe \t\r\n", bytes[at]))
        at++;
    for (; at < len && n < strlen(begin); at++) /* the zeros of UTF-16 */
        if (bytes[at] && strncasecmp(&bytes[at], &begin[n++], 1))
            return false;
    return n == strlen(begin);
}

int vcard_caged_each(struct cage *cage, const char *bytes, size_t len, const char *encoding, vcard_fn *fn,
                     void *context, struct err *err)
{
    struct reading r = {.fn = fn, .context = context};
    struct cage_call call = {.parser = vcard_parser.name, .argument = encoding, .noun = N_("list")};
    if (len > VCARD_MAX_BYTES)
        return err_set(err, ERR_INPUT, "the file is larger than %d MB", VCARD_MAX_BYTES >> 20);
    bool wide = is_wide(bytes, len);
    do {
        call.bytes = bytes;
        call.len = call.max_bytes = wide || len <= PIECE_BYTES ? len : piece_size(bytes, len);
        if (cage_run(cage, &call, take_card, &r, err) < 0)
            return -1;
        r.cards = r.last;
        r.lines += count_lines(bytes, call.len);
        bytes += call.len;
        len -= call.len;
    } while (len);
    return r.cards <= VCARD_MAX_CARDS ? 0 : err_set(err, ERR_INPUT, "more than a million cards");
}
