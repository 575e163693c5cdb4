/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Patterns (phrase.h) by what they say.  The first kind in the order of `enum saying` that is said wins: who
 * sends somebody else also says that he cannot come, and who comes may well ask something.  A sentence that
 * asks or sets a condition neither accepts nor declines; a negation in front turns an acceptance into
 * nothing.
 */
#include "mail/intent.h"

#include "mail/phrase.h"

enum saying { DELEGATE, DECLINE, ASK_FIRST, TENTATIVE, ACCEPT, SAYINGS };

static const char *const proposals[SAYINGS] = {"delegate", "decline", "question", "tentative", "accept"};

static const struct {
    enum saying saying;
    const char *pattern;
} sayings[] = {
    /* English */
    {DELEGATE, "in my|our place|stead"},
    {DELEGATE, "on my|our behalf"},
    {DELEGATE, "represented by"},
    {DELEGATE, "will|shall .. represent me|us|the"},
    {DELEGATE, "instead of me|us"},
    {DELEGATE, "my|our deputy .. will|shall"},
    {DECLINE, "cannot|cant .. attend|come|participate|join"},
    {DECLINE, "can not .. attend|come|participate|join"},
    {DECLINE, "unable to .. attend|come|participate|join|accept"},
    {DECLINE, "not be able to .. attend|come|participate|join"},
    {DECLINE, "will|shall not .. attend|come|participate|join"},
    {DECLINE, "wont .. attend|come|participate|join"},
    {DECLINE, "have to decline"},
    {DECLINE, "must decline"},
    {DECLINE, "regret .. decline|cannot|unable"},
    {ASK_FIRST, "before i|we .. confirm|decide|accept|reply"},
    {TENTATIVE, "perhaps|maybe i|we"},
    {TENTATIVE, "i|we may|might .. attend|come|join"},
    {TENTATIVE, "not sure .. attend|come|join"},
    {TENTATIVE, "will|shall confirm .. later"},
    {TENTATIVE, "tentatively"},
    {ACCEPT, "will|shall .. attend|come|participate|join"},
    {ACCEPT, "will|shall be present"},
    {ACCEPT, "confirm* .. attend*|participation|presence|coming"},
    {ACCEPT, "happy|pleased|delighted|glad|honoured|honored to .. attend|come|accept|join|participate"},
    {ACCEPT, "accept* .. invitation"},
    {ACCEPT, "we|i are|am coming"},
    {ACCEPT, "look* forward to .. attending|participating|joining|coming|meeting"},
    /* German */
    {DELEGATE, "in meiner|unserer vertretung"},
    {DELEGATE, "vertritt mich|uns"},
    {DELEGATE, "wird|werden mich|uns .. vertreten"},
    {DELEGATE, "an meiner|unserer stelle|statt"},
    {DELEGATE, "mein*|unser* stellvertret* .. kommt|kommen|teil*|wird|nimmt"},
    {DELEGATE, "vertreten durch"},
    {DECLINE, "nicht .. teilnehmen|kommen|dabei|beiwohnen"},
    {DECLINE, "leider .. absagen|verhindert"},
    {DECLINE, "muss|mussen .. absagen"},
    {DECLINE, "ist|sind|bin .. verhindert"},
    {DECLINE, "keine teilnahme"},
    {ASK_FIRST, "bevor ich|wir .. zusag*|bestatig*|entscheid*|anmeld*"},
    {TENTATIVE, "vielleicht|eventuell|moglicherweise .. komm*|nehm*|teil*"},
    {TENTATIVE, "komm*|nehm* .. vielleicht|eventuell|moglicherweise"},
    {TENTATIVE, "unter vorbehalt"},
    {TENTATIVE, "noch nicht sicher|sagen"},
    {ACCEPT, "komm*|kame*|nehm* .. gern*|teil"},
    {ACCEPT, "ich|wir komme|kommen"},
    {ACCEPT, "gern* .. komm*|teilnehmen|teil"},
    {ACCEPT, "sage|sagen .. zu"},
    {ACCEPT, "bestatig* .. teilnahme|kommen|anwesenheit"},
    {ACCEPT, "nehm*|nimmt .. einladung .. an"},
    {ACCEPT, "wird|werde|werden .. teilnehmen|anwesend|kommen"},
    /* Serbian, folded from either script */
    {DELEGATE, "u moje|nase ime"},
    {DELEGATE, "umesto|namesto mene|nas|njega|nje"},
    {DELEGATE, "umesto|namesto .. dolazi|dolaze|doci|prisustvova*|ucestvova*"},
    {DELEGATE, "moj*|nas* zamenik*|zamenica"},
    {DELEGATE, "zastupa*|predstavlja* mene|me|nas|ministarstvo|opstinu"},
    {DELEGATE, "ce|cu me|nas|ga|je .. zastupati|predstavljati|zameniti|menjati"},
    {DELEGATE, "ovlascujem|ovlastio|ovlastila|delegiram|delegirao"},
    {DECLINE, "ne mogu|mozemo|moze .. doci|dodjem|dodjemo|dodje|prisustv*|ucestv*|prihvat*"},
    {DECLINE, "necu|necemo|nece moci|doci|prisustv*|ucestv*"},
    {DECLINE, "nisam|nismo|nije u mogucnosti"},
    {DECLINE, "sprecen*"},
    {DECLINE, "moram*|primoran* .. otkaz*|odbij*"},
    {DECLINE, "ne dolazim*|dolazi"},
    {ASK_FIRST, "pre nego .. potvrd*|odluc*|odgovor*|prijav*"},
    {TENTATIVE, "mozda .. dodj*|doci|dolaz*|prisustv*"},
    {TENTATIVE, "verovatno .. dodj*|doci|dolaz*|prisustv*"},
    {TENTATIVE, "jos ne znam*"},
    {TENTATIVE, "jos nije sigurno"},
    {ACCEPT, "dolazim*|dolaze|dolazi"},
    {ACCEPT, "dolazak .. potvrdj*"},
    {ACCEPT, "docicu|docicemo|stizem*|prijavljuj*"},
    {ACCEPT, "doci cu|cemo|ce"},
    {ACCEPT, "cu|cemo|ce .. doci|prisustv*|ucestv*"},
    {ACCEPT, "prisustvova*|ucestvova*"},
    {ACCEPT, "potvrdj*|potvrdi* .. dolaz*|ucesc*|prisustv*"},
    {ACCEPT, "rado|zadovoljstvom .. prihvat*|dolaz*|doci"},
    {ACCEPT, "prihvat* .. poziv"},
    /* Albanian */
    {DELEGATE, "ne vendin tim|tone|tij|saj"},
    {DELEGATE, "ne vend timin|tonin"},
    {DELEGATE, "ne emrin tim|tone"},
    {DELEGATE, "do te .. perfaqeso*"},
    {DELEGATE, "zevendesi im|yne"},
    {DECLINE, "nuk mund te .. marr*|vij*|jem*|jete|vije|merr*"},
    {DECLINE, "nuk do te .. vij*|vije|marr*|jem*|merr*"},
    {DECLINE, "nuk kam*|kemi mundesi*"},
    {DECLINE, "pamundesi*"},
    {ASK_FIRST, "para se te .. vendos*|konfirmo*|pergjig*"},
    {ASK_FIRST, "perpara se te .. vendos*|konfirmo*"},
    {TENTATIVE, "ndoshta|mbase .. vij*|marr*"},
    {TENTATIVE, "ende|akoma nuk .. di*|vendos*"},
    {ACCEPT, "do te .. vij*|vije|marr*|merr*|jem*|jete"},
    {ACCEPT, "vijme|marrim|marr .. pjese"},
    {ACCEPT, "vijme|vij me"},
    {ACCEPT, "konfirmo* .. pjesemarrj*|ardhj*|pranin*"},
    {ACCEPT, "pranojm*|pranoj .. ftesen"},
    {ACCEPT, "me kenaqesi .. marr*|vij*|pranoj*"},
    /* Polish */
    {DELEGATE, "w moim|naszym zastepstwie|imieniu"},
    {DELEGATE, "moj|nasz zastepca"},
    {DELEGATE, "moja|nasza zastepczyni"},
    {DELEGATE, "zamiast mnie|nas"},
    {DELEGATE, "bedzie|beda mnie|nas .. reprezentow*"},
    {DELEGATE, "reprezentowac mnie|nas|gmine"},
    {DECLINE, "nie bede|bedzie|bedziemy .. mogl*|obecn*"},
    {DECLINE, "nie bede|bedzie|bedziemy w stanie"},
    {DECLINE, "nie moge|mozemy|moze .. przy*|wzi*|uczestnicz*|skorzyst*"},
    {DECLINE, "nie wezme|wezmiemy|przyjade|przyjedziemy|przybede"},
    {DECLINE, "nie mogl* .. przy*|wzi*"},
    {ASK_FIRST, "zanim .. potwierdz*|zdecyduj*|odpowie*"},
    {ASK_FIRST, "przed potwierdzeniem"},
    {TENTATIVE, "byc moze .. przy*|wez*"},
    {TENTATIVE, "moze przyjad*|przyjedz*"},
    {TENTATIVE, "jeszcze nie wie*|jestem"},
    {ACCEPT, "potwierdza* .. udzial|przybycie|obecnosc|przyjazd|uczestnictwo"},
    {ACCEPT, "wezme|wezmiemy|wezmie .. udzial"},
    {ACCEPT, "przyjade|przyjedziemy|przybede|przybedziemy|przyjedzie"},
    {ACCEPT, "chetnie|przyjemnoscia .. przy*|wezm*|wystap*|skorzyst*|uczestnicz*"},
    {ACCEPT, "przyjm* .. zaproszenie"},
    {ACCEPT, "bede|bedziemy obecn*"},
};

static const char negations[] = "not|never|nicht|kein*|ne|nece*|necu|nije|nisam|nismo|nuk|mos|nie";
static const char conditions[] = "if|whether|wenn|falls|sofern|ob|ako|ukoliko|nese|jesli|jezeli|czy|gdyby";
static const char condition_of_two[] = "da li";

static bool asks(const struct phrase_text *t, size_t word)
{
    while (word < t->n && *t->word[word].folded)
        word++;
    return word < t->n && t->word[word].question;
}

/* Whether a word of the pattern stands in the sentence before the word, at most `back` words away. */
static bool preceded(const struct phrase_text *t, size_t word, size_t back, const char *pattern)
{
    struct phrase_match m;
    size_t first = word;
    while (first > 0 && back-- > 0 && *t->word[first - 1].folded)
        first--;
    return phrase_find(t, pattern, first, &m) && m.last < word;
}

static bool counts(const struct phrase_text *t, enum saying saying, struct phrase_match m)
{
    if (saying == ASK_FIRST)
        return true;
    if (asks(t, m.last) || preceded(t, m.first, 12, conditions) || preceded(t, m.first, 12, condition_of_two))
        return false;
    if (saying != ACCEPT)
        return true;
    struct phrase_match inside;
    if (phrase_find(t, negations, m.first, &inside) && inside.first <= m.last)
        return false;
    return !preceded(t, m.first, 3, negations);
}

static bool said(const struct phrase_text *t, size_t row, struct phrase_match *m)
{
    for (size_t from = 0; phrase_find(t, sayings[row].pattern, from, m); from = m->first + 1)
        if (counts(t, sayings[row].saying, *m))
            return true;
    return false;
}

/* The sentence that ends with the first question mark. */
static bool first_question(const struct phrase_text *t, struct phrase_match *m)
{
    for (size_t i = 1; i < t->n; i++) {
        if (!t->word[i].question || !*t->word[i - 1].folded)
            continue;
        m->last = m->first = i - 1;
        while (m->first > 0 && *t->word[m->first - 1].folded)
            m->first--;
        return true;
    }
    return false;
}

struct intent intent_propose(void *mem, const char *reply_text)
{
    MEM_SCOPE(scratch);
    struct phrase_text t = phrase_text(scratch, reply_text);
    struct phrase_match m;
    for (int saying = 0; saying < SAYINGS; saying++)
        for (size_t row = 0; row < ARRAY_LEN(sayings); row++)
            if ((int)sayings[row].saying == saying && said(&t, row, &m))
                return (struct intent){proposals[saying], phrase_words(mem, &t, m)};
    if (first_question(&t, &m))
        return (struct intent){"question", phrase_words(mem, &t, m)};
    return (struct intent){"none", ""};
}
