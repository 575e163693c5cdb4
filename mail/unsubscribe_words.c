/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A newsletter tells its readers how to leave it: who asks for themselves is short, says so near the
 * beginning and sets no condition.
 */
#include "mail/unsubscribe_words.h"

#include "mail/automatic.h"
#include "mail/evidence.h"

static const char *const patterns[] = {
#define ASKED(pattern) pattern,
#include "mail/unsubscribe_word.def"
#undef ASKED
};

enum { TEXT_LONG = 2500, NEAR_WORDS = 150, BACK = 10, BARE_WORDS = 8 };

static const char conditions[] =
    "if|to|can|may|when|click|wenn|falls|konnen|klicken|ako|ukoliko|kliknite|mozete|nese|klikoni|"
    "mund|jesli|jezeli|aby|kliknij|mozna|si|pour|cliquez|pouvez|se|per|cliccare|clicca|ce|za";
static const char wishes[] =
    "want|wish|like|please|mochte|mochten|bitte|zelim*|molim*|dua|lutem|chce|prosze|souhaite|vorrei";

static bool counts(const struct phrase_text *t, struct phrase_match m)
{
    return m.first < NEAR_WORDS &&
           (!phrase_preceded(t, m.first, BACK, conditions) || phrase_preceded(t, m.first, BACK, wishes));
}

static bool asked(const struct phrase_text *t, struct phrase_match *m)
{
    MEM_SCOPE(mem);
    static struct phrase_table table = PHRASE_LIST(patterns);
    /* a word alone, as our own letters tell to write it */
    if (t->n <= BARE_WORDS &&
        phrase_find(t, "unsubscribe|abmelden|odjava|odjavi|cregjistrim|cregjistrohu|wypisz", 0, m))
        return true;
    struct phrase_rows rows = phrase_rows(mem, t, &table);
    for (size_t i = 0; i < rows.n; i++)
        for (size_t from = 0; phrase_find(t, patterns[rows.row[i]], from, m); from = m->first + 1)
            if (counts(t, *m))
                return true;
    return false;
}

bool unsubscribe_words(const json_t *facts, const struct phrase_text *text, json_t *evidence)
{
    MEM_SCOPE(mem);
    const char *reply = json_string_value(json_object_get(facts, "reply_text")),
               *subject = json_string_value(json_object_get(facts, "subject")), *where = "text";
    struct phrase_text t = *text;
    struct phrase_match m;
    if (automatic_from_list(facts))
        return false;
    if (!reply || !*reply) {
        t = phrase_text(mem, subject ? subject : "");
        where = "header Subject";
    } else if (strlen(reply) > TEXT_LONG) {
        return false;
    }
    if (!asked(&t, &m))
        return false;
    evidence_add(evidence, where, phrase_words(mem, &t, m));
    return true;
}
