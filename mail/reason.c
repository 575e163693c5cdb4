/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What was kept is held against the sentences that we write; what stands in the places of one (%s, %d) may be
 * one itself.  A server's words behind ours stand in brackets and stay.
 */
#include "mail/reason.h"

#include "mail/ours.h"

enum { PLACES = 3 };

static const char *const sentences[] = {
    /* of recipients */
    N_("address cannot be written to: %s"),
    N_("address is dead"),
    N_("address is held"),
    N_("address is replaced"),
    N_("contact erased"),
    N_("contact is archived"),
    N_("contact is deceased"),
    N_("contact is dissolved"),
    N_("contact is left"),
    N_("contact is merged"),
    N_("has answered meanwhile"),
    N_("has answered otherwise meanwhile"),
    N_("has not consented to %s"),
    N_("its time to be sent is over"),
    N_("mailing cancelled"),
    N_("merged"),
    N_("no address"),
    N_("no e-mail address"),
    N_("opted out of all bulk mail on %s"), /* before lists: none has such a name */
    N_("opted out of %s on %s"),
    N_("same address as recipient %s"),
    N_("the address was erased on request"),
    N_("the event is cancelled"),
    N_("the post is vacant"),
    N_("the letter has a file for whoever held the post before"),
    N_("the new holder has no address that can be written to"),
    N_("there is no text in a language of the new holder"),
    N_("the post's new holder has the mailing already"),
    N_("the event has moved"),
    N_("the post has another holder"),
    N_("to be printed"),
    N_("written to lately by another mailing"),
    /* why an address cannot be written to, or a letter not go in an envelope */
    N_("\"%.300s\" is no e-mail address"),
    N_("\"%.300s\": the part behind the @ is no domain name"),
    N_("\"%.60s...\" is longer than %d octets"),
    N_("%s: the address has %zu lines, and a window shows %d"),
    N_("%s: there is no country \"%s\""),
    /* of mailings */
    N_("%s of %s recipients do not exist"),
    N_("paused by hand"),
    N_("several servers refuse our mail for our own configuration"),
    N_("several servers refuse our mail for our own configuration: %s"),
    N_("%s (the sender has a token in it (verp = %s): where the server takes no such sender, [smtp %s] says "
       "verp = none)"),
};

struct place {
    const char *s;
    size_t len;
};

/* A sentence's first place, and where it ends; NULL: it has none. */
static const char *place_in(const char *sentence, const char **end_r)
{
    const char *at = strchr(sentence, '%');
    *end_r = at ? at + 1 + strspn(at + 1, ".0123456789z") + 1 : NULL;
    return at;
}

/* What stands in the sentence's places. */
static bool fits(const char *sentence, const char *kept, struct place place[PLACES])
{
    for (size_t n = 0;; n++) {
        const char *end, *hole = place_in(sentence, &end);
        size_t before = hole ? (size_t)(hole - sentence) : strlen(sentence);
        if (strncmp(kept, sentence, before) != 0)
            return false;
        kept += before;
        if (!hole)
            return !*kept;
        must(n < PLACES);
        sentence = end;
        MEM_SCOPE(mem);
        const char *next = place_in(sentence, &end);
        const char *behind =
            talloc_strndup(mem, sentence, next ? (size_t)(next - sentence) : strlen(sentence));
        const char *at = *behind ? strstr(kept, behind) : kept + strlen(kept);
        if (!at || at == kept)
            return false;
        place[n] = (struct place){kept, (size_t)(at - kept)};
        kept = at;
    }
}

static const char *in_words(void *mem, const struct catalog *catalog, const char *kept);

static const char *fill(void *mem, const struct catalog *catalog, const char *words,
                        const struct place place[PLACES])
{
    struct text out = text_new(mem);
    const char *hole, *end;
    for (size_t n = 0; n < PLACES && (hole = place_in(words, &end)); n++, words = end) {
        text_add(&out, words, (size_t)(hole - words));
        text_puts(&out, in_words(mem, catalog, talloc_strndup(mem, place[n].s, place[n].len)));
    }
    text_puts(&out, words);
    return out.s;
}

static const char *in_words(void *mem, const struct catalog *catalog, const char *kept)
{
    for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
        struct place place[PLACES];
        if (fits(sentences[i], kept, place))
            return fill(mem, catalog, catalog_text(catalog, sentences[i]), place);
    }
    if (!strcmp(kept, "release"))
        return catalog_text(catalog, N_("not released yet"));
    for (size_t i = 0; ours_what(i); i++) {
        size_t len = strlen(ours_what(i));
        if (!strncmp(kept, ours_what(i), len) && (!kept[len] || !strncmp(kept + len, " (", 2)))
            return talloc_asprintf(mem, "%s%s", catalog_text(catalog, ours_what(i)), kept + len);
    }
    return kept;
}

/* Why a mail asks for a person has neither names nor numbers in it, and stands in the catalogue itself. */
const char *reason_in(void *mem, const struct catalog *catalog, const char *kept)
{
    if (!catalog)
        return kept;
    const char *said = in_words(mem, catalog, kept);
    return said == kept && *kept ? catalog_text(catalog, kept) : said;
}
