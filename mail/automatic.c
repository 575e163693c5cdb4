/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Points: a field that only machines write counts 2, a subject 1, each kind of phrase (absence, return, "I do
 * not read this", whom to ask instead) 1.  Three make an automatic answer, or two where a field or subject is
 * among them.  Long texts are letters, whatever they say.
 */
#include "mail/automatic.h"

#include "base/unicode.h"
#include "mail/phrase.h"

enum { TEXT_LONG = 1500, ENOUGH = 3, ENOUGH_MARKED = 2 };

static const struct {
    const char *name, *value; /* NULL: any */
    int points;
} fields[] = {
    {"X-Autoreply", NULL, 2},
    {"X-Autorespond", NULL, 2},
    {"X-Autoresponder", NULL, 2},
    {"X-Auto-Reply-From", NULL, 2},
    {"X-FC-Machinegenerated", NULL, 2},
    {"X-Vacation", NULL, 2},
    {"Precedence", "auto_reply", 2},
    {"X-Precedence", "auto_reply", 2},
    {"X-Auto-Response-Suppress", NULL, 1},
    {"Precedence", "bulk", 1},
    {"Precedence", "junk", 1},
};

static const char *const subjects[] = {
    "automatic reply",
    "automatic response",
    "auto reply",
    "autoreply",
    "out of office",
    "out of the office",
    "automatische antwort",
    "abwesenheit*",
    "abwesend",
    "nicht im buro",
    "automatski odgovor",
    "odsut*",
    "odsustv*",
    "nisam u kancelariji",
    "pergjigje automatike",
    "jashte zyres",
    "mungoj",
    "autoodpowiedz",
    "automatyczna odpowiedz",
    "odpowiedz automatyczna",
    "nieobecn*",
    "reponse automatique",
    "na odmoru",
    "godisnji odmor",
    "ne pushim",
};

enum kind { ABSENT, RETURN, UNREAD, INSTEAD, KINDS };

static const struct {
    enum kind kind;
    const char *pattern;
} phrases[] = {
    /* English */
    {ABSENT, "out of office|the"},
    {ABSENT, "i am|im .. on leave|vacation|holiday|holidays"},
    {ABSENT, "away from my|the desk|office"},
    {ABSENT, "office is|was closed"},
    {RETURN, "until|back|return|returning .. "
             "monday|tuesday|wednesday|thursday|friday|january|february|march|april|may|june|"
             "july|august|september|october|november|december"},
    {RETURN, "upon|on|after my return"},
    {UNREAD, "limited|no access to .. e|email|mail|emails"},
    {UNREAD, "not be forwarded|reading|checking"},
    {INSTEAD, "urgent|urgently|immediate .. contact|call"},
    {INSTEAD, "in my absence"},
    /* German */
    {ABSENT, "nicht im buro|haus|dienst"},
    {ABSENT, "im|in urlaub"},
    {ABSENT, "ich bin .. abwesend|nicht erreichbar"},
    {RETURN, "bis einschliesslich|zum|montag|dienstag|mittwoch|donnerstag|freitag"},
    {RETURN, "nach meiner ruckkehr"},
    {RETURN, "ab dem .. wieder"},
    {UNREAD, "nicht weitergeleitet|gelesen"},
    {UNREAD, "keine e mails|emails"},
    {UNREAD, "keine e .. mails"},
    {INSTEAD, "dringenden|dringend .. wenden|kontaktieren|erreichen"},
    {INSTEAD, "in meiner abwesenheit"},
    /* Serbian, folded from either script */
    {ABSENT, "na .. odmoru|bolovanju|odsustvu|putu"},
    {ABSENT, "odsutan|odsutna sam|do|od"},
    {ABSENT, "kancelarija .. zatvorena"},
    {RETURN, "vracam|vraticu|vracamo se"},
    {RETURN, "po|posle|nakon povratk*"},
    {RETURN, "odgovoricu|javicu|javiti .. povratk*"},
    {UNREAD, "necu|ne .. citati|citam|proveravati|proveravam"},
    {INSTEAD, "hitn* .. obrati*|pozov*|kontakt*|javi*"},
    {INSTEAD, "u mom|mojem odsustvu"},
    {INSTEAD, "obratite se"},
    /* Albanian */
    {ABSENT, "ne|me pushim*|pushime"},
    {ABSENT, "jashte zyres"},
    {ABSENT, "zyra .. mbyllur"},
    {ABSENT, "mungoj nga|deri"},
    {RETURN, "kthehem|kthehemi|kthimit"},
    {RETURN, "deri me|ne .. janar|shkurt|mars|prill|maj|qershor|korrik|gusht|shtator|tetor|nentor|dhjetor"},
    {UNREAD, "nuk do t|te .. lexoj|kem qasje"},
    {INSTEAD, "urgjent*|emergjent* .. telefono*|kontakto*|drejto*"},
    {INSTEAD, "ne mungesen time"},
    /* Polish */
    {ABSENT, "na urlopie|zwolnieniu"},
    {ABSENT, "poza biurem"},
    {ABSENT, "jestem|bede nieobecn*"},
    {RETURN, "wracam|wroce"},
    {RETURN, "po powrocie"},
    {UNREAD, "nie bede .. czyta*|odbiera*"},
    {UNREAD, "ograniczony dostep"},
    {INSTEAD, "pilnych .. kontakt*|prosze"},
    {INSTEAD, "podczas mojej nieobecnosci"},
};

static const char *const unsubscribe[] = {
    /* English */
    "unsubscribe",
    "remove|delete|take me|us|my|our .. list|lists|database|off",
    "stop sending|emailing|mailing me|us",
    "do not|never|dont send|email|mail|write me|us .. any more|anymore|again|further",
    "no longer wish|want .. receive",
    /* German */
    "streichen|entfernen|nehmen|loschen|austragen sie .. mich|uns|meine|unsere .. verteiler*|liste|adresse",
    "mich|uns .. verteiler*|liste|newsletter .. streichen|entfernen|nehmen|loschen|austragen",
    "abmelden|abbestellen|abbestelle",
    "keine weiteren|mehr .. mails|emails|einladungen|nachrichten|newsletter",
    "bitte .. keine .. mails|einladungen|nachrichten|newsletter .. mehr",
    /* Serbian, folded from either script */
    "odjavite|odjavi|sklonite|uklonite|izbrisite|obrisite|skinite|ispisite me|nas|nasu|moju|adresu",
    "me|nas odjavi*|odjavlj*|skine*|izbrise*|izbrisi*|uklon*|obrise*|obrisi*|ispise*|sklon*",
    "zelim*|hocu .. odjav*",
    "ne zelim*|zelimo .. primam*|primati|dobijam*|dobijati",
    "ne|nemojte saljite|slati|slati .. vise",
    "nemojte .. vise|vie slati|saljite",
    "ne saljite .. nam|mi|vise",
    "vise ne saljite",
    /* Albanian */
    "hiqni|hiqmeni|largoni|fshini|fshij .. nga lista|listes|regjistri",
    "me|na hiqni|largoni|fshini|cregjistroni",
    "mos me|na dergoni|dergo|shkruani",
    "cregjistr*|ckycni",
    "nuk dua|duam|deshiroj|deshirojme .. marr|marrim|pranoj",
    /* Polish */
    "usuniecie|wykreslenie|wypisanie .. listy|bazy|adresu|nas|mnie",
    "wypisac|usunac|wykreslic .. nas|mnie|listy|adres",
    "wypisz*|usun*|wykresl* .. nas|mnie|moj|nasz .. listy|bazy|adres",
    "nie przysyla*|wysyla*|przesyla* .. wiecej|wiadomosci|mi|nam",
    "rezygnuj* .. otrzymywania|subskrypcji|newslettera",
    "nie chce|chcemy .. otrzymywac|dostawac",
};

static const char *text_at(const json_t *facts, const char *key)
{
    const char *s = json_string_value(json_object_get(facts, key));
    return s ? s : "";
}

static void add_sign(json_t *signs, const char *where, const char *text)
{
    json_array_append_new(signs, json_pack("{s:s, s:s}", "where", where, "text", text));
}

static int field_points(const json_t *facts, json_t *signs)
{
    int points = 0;
    size_t i;
    const json_t *h;
    MEM_SCOPE(mem);
    json_array_foreach(json_object_get(facts, "headers"), i, h)
    {
        const char *name = json_string_value(json_array_get(h, 0)),
                   *value = json_string_value(json_array_get(h, 1));
        for (size_t k = 0; k < ARRAY_LEN(fields); k++)
            if (!strcasecmp(name, fields[k].name) &&
                (!fields[k].value || !strcasecmp(value, fields[k].value))) {
                add_sign(signs, talloc_asprintf(mem, "header %s", name), value);
                points += fields[k].points;
            }
    }
    return points;
}

static int subject_points(const json_t *facts, json_t *signs)
{
    MEM_SCOPE(mem);
    struct phrase_text t = phrase_text(mem, text_at(facts, "subject"));
    struct phrase_match m;
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
        if (phrase_find(&t, subjects[i], 0, &m)) {
            add_sign(signs, "header Subject", phrase_words(mem, &t, m));
            return 1;
        }
    return 0;
}

/* Kinds of phrases said; 0 unless an absence is among them, or two others. */
static int phrase_points(const char *text, json_t *signs)
{
    MEM_SCOPE(mem);
    struct phrase_text t = phrase_text(mem, text);
    struct phrase_match m;
    bool seen[KINDS] = {false};
    int points = 0;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (!seen[phrases[i].kind] && phrase_find(&t, phrases[i].pattern, 0, &m)) {
            seen[phrases[i].kind] = true;
            add_sign(signs, "text", phrase_words(mem, &t, m));
            points++;
        }
    return seen[ABSENT] || points > 1 ? points : 0;
}

bool automatic_by_signs(const json_t *facts, json_t *evidence)
{
    const char *text = text_at(facts, "reply_text");
    json_t *signs = json_array();
    int marked = field_points(facts, signs) + subject_points(facts, signs);
    int said = strlen(text) > TEXT_LONG ? 0 : phrase_points(text, signs);
    bool automatic = said > 0 && marked + said >= (marked ? ENOUGH_MARKED : ENOUGH);
    if (automatic)
        json_array_extend(evidence, signs);
    json_decref(signs);
    return automatic;
}

/* A list tells its readers how to leave it; that is not addressed to us. */
static bool from_list(const json_t *facts)
{
    size_t i;
    const json_t *h;
    json_array_foreach(json_object_get(facts, "headers"), i, h)
    {
        const char *name = json_string_value(json_array_get(h, 0));
        if (!strcasecmp(name, "List-Id") || !strcasecmp(name, "List-Unsubscribe"))
            return true;
    }
    return false;
}

bool automatic_unsubscribe_words(const json_t *facts, json_t *evidence)
{
    static const char *const where[] = {"reply_text", "subject"};
    if (from_list(facts))
        return false;
    for (size_t k = 0; k < ARRAY_LEN(where); k++) {
        MEM_SCOPE(mem);
        const char *text = text_at(facts, where[k]);
        /* a subject counts where nothing else is said */
        if (k == 1 && *text_at(facts, "reply_text"))
            continue;
        struct phrase_text t = phrase_text(mem, text);
        struct phrase_match m;
        for (size_t i = 0; i < ARRAY_LEN(unsubscribe); i++)
            if (phrase_find(&t, unsubscribe[i], 0, &m)) {
                add_sign(evidence, k ? "header Subject" : "text", phrase_words(mem, &t, m));
                return true;
            }
    }
    return false;
}
