/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/receipt.h"

#include "base/json_text.h"
#include "mail/phrase.h"

enum { TEXT_LONG = 1000 };

/* Folded words with which the subject begins. */
static const char *const subjects[] = {
    "read|gelesen|lu|letto|przeczytano|procitano|prebrano|lexuar|procitana",
    "not read|deleted",
    "ungelesen|nicht gelesen|geloscht",
    "non lu|letto",
    "nieprzeczytane|usuniete",
    "return|read receipt",
    "lesebestatigung|empfangsbestatigung",
};

static const struct {
    bool deleted;
    const char *pattern;
} texts[] = {
    {true, "was|been deleted .. without .. read"},
    {true, "ohne .. gelesen .. geloscht|zu"},
    {true, "geloscht .. ohne .. gelesen"},
    {true, "usunieto|usunieta .. bez przeczytania"},
    {true, "supprime .. sans .. lu"},
    {true, "eliminat* .. senza .. lett*"},
    {true, "obrisan*|izbrisan* .. bez|nije .. citanja|procitan*"},
    {false, "message|mail|document|email .. was|has .. read|displayed|opened"},
    {false, "was read on"},
    {false, "was received by"},
    {false, "nachricht|mail .. wurde .. gelesen|geoffnet|angezeigt"},
    {false, "wurde .. am .. gelesen"},
    {false, "wiadomosc .. przeczytano|przeczytana|wyswietlon*"},
    {false, "message .. ete lu"},
    {false, "messaggio .. stato letto"},
    {false, "poruka .. procitana|prikazana|otvorena"},
    {false, "sporocilo .. prebrano"},
    {false, "mesazhi .. lexua|lexuar|hapur"},
};

bool receipt_find(void *mem, const json_t *facts, struct receipt *receipt_r)
{
    MEM_SCOPE(scratch);
    struct phrase_match subject, words;
    const char *text = json_text(facts, "body_text");
    struct phrase_text s = phrase_text(scratch, json_text(facts, "subject"));
    size_t i = 0;
    while (i < ARRAY_LEN(subjects) && !(phrase_find(&s, subjects[i], 0, &subject) && subject.first == 0))
        i++;
    if (i == ARRAY_LEN(subjects) || strlen(text) > TEXT_LONG)
        return false;
    struct phrase_text t = phrase_text(scratch, text);
    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (phrase_find(&t, texts[i].pattern, 0, &words)) {
            *receipt_r = (struct receipt){texts[i].deleted, phrase_words(mem, &s, subject),
                                          phrase_words(mem, &t, words)};
            return true;
        }
    return false;
}
