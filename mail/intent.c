/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Patterns (phrase.h) by what they say.  The first kind in the order of `enum saying` that is said wins: who
 * sends somebody else also says that he cannot come, and who comes may well ask something.  To take a no for
 * a yes is the worst error, so an acceptance has to be bare: a question, a negation, a "but" or a word of
 * regret makes nothing of it, and a condition a perhaps.
 */
#include "mail/intent.h"

#include "base/unicode.h"
#include "mail/phrase.h"

/* Part of each rule's name: whoever changes how a match counts raises it, and no rule is trusted for what it
 * was before. */
#define EDITION "1"

enum saying {
    DELEGATE,
    DECLINE,
    ASK_FIRST,
    TENTATIVE,
    ACCEPT,
    SURE,
    AWAY,
    LATER,
    SAYINGS,
    VOID,
    GUARD,
    REGRET
};

static const char *const proposals[SAYINGS] = {"delegate", "decline", "question", "tentative",
                                               "accept",   "accept",  "decline",  "tentative"};

static const struct {
    enum saying saying;
    const char *pattern;
} sayings[] = {
#define SAID(saying, pattern) {saying, pattern},
#include "mail/intent.def"
#include "mail/intent_slavic.def"
#undef SAID
};

static const char negations[] =
    "not|never|nicht|kein*|ne|nece*|necu|nije|nisam|nismo|nema|nuk|mos|nie|non|pas";
static const char *const conditions[] = {
    "if|unless|provided|wenn|falls|sofern|ako|ukoliko|dokolku|nese|jesli|jezeli|gdyby",
    "si mon|notre|je|nous|tout|possible",
    "se riesco|riusciamo|potro|potremo|il|la|gli|tutto|possibile",
    "ce bom|bomo|mi|nam|le",
};
static const char *const whether[] = {"whether|ob|czy|dali", "da li"};
static const char contrary[] =
    "but|however|aber|ali|medjutim|megjutoa|por|ale|jednak|lecz|mais|vendar|tuttavia";

/* ---- sentences */

static size_t sentence_begin(const struct phrase_text *t, size_t word)
{
    while (word > 0 && *t->word[word - 1].folded)
        word--;
    return word;
}

static size_t sentence_end(const struct phrase_text *t, size_t word)
{
    while (word < t->n && *t->word[word].folded)
        word++;
    return word;
}

static bool asks(const struct phrase_text *t, size_t word)
{
    size_t end = sentence_end(t, word);
    return end < t->n && t->word[end].question;
}

static bool stands(const struct phrase_text *t, const char *pattern, size_t from, size_t end)
{
    struct phrase_match m;
    return phrase_find_in(t, pattern, from, end, &m);
}

/* ---- what a match counts for */

struct finding {
    bool said;
    size_t row;
    struct phrase_match match;
};

static struct phrase_table sayings_table = PHRASE_TABLE(sayings, pattern);

struct reading {
    const struct phrase_text *t;
    struct phrase_rows rows; /* that may be said in it */
    unsigned char *mark;     /* of each word: what the tables say of it, or of its sentence */
    bool regret;
    struct finding found[SAYINGS];
};
enum { VOIDED = 1, SURELY = 2, GUARDED = 4, DEPENDS = 8 };

static void mark_words(struct reading *r, const char *pattern, unsigned char mark, bool sentence)
{
    struct phrase_match m;
    for (size_t from = 0; phrase_find(r->t, pattern, from, &m); from = m.first + 1) {
        size_t first = sentence ? sentence_begin(r->t, m.first) : m.first,
               end = sentence ? sentence_end(r->t, m.last) : m.last + 1;
        for (size_t i = first; i < end; i++)
            r->mark[i] |= mark;
    }
}

static void mark_all(struct reading *r)
{
    struct phrase_match m;
    for (size_t i = 0; i < r->rows.n; i++) {
        size_t row = r->rows.row[i];
        const char *pattern = sayings[row].pattern;
        if (sayings[row].saying == VOID || sayings[row].saying == SURE)
            mark_words(r, pattern, sayings[row].saying == VOID ? VOIDED : SURELY, false);
        else if (sayings[row].saying == GUARD)
            mark_words(r, pattern, GUARDED, true);
        else if (sayings[row].saying == REGRET && phrase_find(r->t, pattern, 0, &m))
            r->regret = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
        mark_words(r, conditions[i], DEPENDS, true);
}

static bool is_marked(const struct reading *r, struct phrase_match m, unsigned char mark)
{
    unsigned char marks = 0;
    for (size_t i = m.first; i <= m.last; i++)
        marks |= r->mark[i];
    return marks & mark;
}

static bool is_negated(const struct phrase_text *t, struct phrase_match m)
{
    return stands(t, negations, m.first, m.last + 1) || phrase_preceded(t, m.first, 3, negations) ||
           stands(t, "nicht|pas|kein*", m.last + 1, sentence_end(t, m.last));
}

/* No "unfortunately", "nobody will come", "I would have come", "we will come, but". */
static bool is_bare(const struct reading *r, struct phrase_match m)
{
    return !r->regret && !is_marked(r, m, GUARDED) && !is_negated(r->t, m) &&
           !stands(r->t, contrary, m.last + 1, sentence_end(r->t, m.last));
}

/* SAYINGS: it counts for nothing.  "I cannot wait to come" is no refusal, "to attend to this" no acceptance.
 */
static enum saying counts_for(const struct reading *r, enum saying saying, struct phrase_match m)
{
    if (saying == ASK_FIRST)
        return saying;
    if (asks(r->t, m.last) || is_marked(r, m, VOIDED))
        return SAYINGS;
    if (saying == TENTATIVE || saying == LATER)
        return saying;
    size_t begin = sentence_begin(r->t, m.first);
    for (size_t i = 0; i < ARRAY_LEN(whether); i++)
        if (stands(r->t, whether[i], begin, m.first))
            return SAYINGS;
    bool depends = is_marked(r, m, DEPENDS);
    if (saying == DECLINE || saying == DELEGATE || saying == AWAY)
        return depends || (saying == DECLINE && is_marked(r, m, SURELY)) ? SAYINGS : saying;
    if (saying == ACCEPT && !is_bare(r, m))
        return SAYINGS;
    return depends ? TENTATIVE : saying;
}

static void look_for(struct reading *r, size_t row)
{
    struct phrase_match m;
    enum saying kind = sayings[row].saying;
    for (size_t from = 0;
         kind < SAYINGS && !r->found[kind].said && phrase_find(r->t, sayings[row].pattern, from, &m);
         from = m.first + 1) {
        enum saying saying = counts_for(r, kind, m);
        if (saying != SAYINGS && !r->found[saying].said)
            r->found[saying] = (struct finding){true, row, m};
    }
}

/* The sentence that ends with the first question mark. */
static bool first_question(const struct phrase_text *t, struct phrase_match *m)
{
    for (size_t i = 1; i < t->n; i++) {
        if (!t->word[i].question || !*t->word[i - 1].folded)
            continue;
        *m = (struct phrase_match){sentence_begin(t, i - 1), i - 1};
        return true;
    }
    return false;
}

/* ---- how many */

static const struct {
    const char *pattern;
    int number; /* in all; 0: as many as the pattern's # says, and `more` */
    int more;
} numbers[] = {
    {"with|mit|sa|me|avec|con # "
     "others|colleagues|kolleg*|koleg*|kolege*|saradni*|suradni*|autres|collegues|colleghi",
     0, 1},
    {"z # osobami|pracownikami|wspolpracownikami", 0, 1},
    {"# "
     "persons|people|guests|persona|persone|personen|personnes|veta|vete|osob*|lica|ljudi|gostiju|gosta|clan*"
     "|leute|ospiti|invites|lugje|oseb*|gosci|pjesemarres*|pjesmarres*|delegate*|delegates|participants|"
     "representatives|members|perfaqesues*|anetar*|predstavni*|przedstawiciel*|vertreter*|osoby",
     0, 0},
    {"# of us", 0, 0},
    {"party|group|delegation of #", 0, 0},
    {"zu zweit|dritt|viert|funft|fuenft|sechst", 0, 0},
    {"u|nas|nas dvoje|troje|cetvoro|cetvero|petoro|petero|sestoro|sestero|sedmoro|osmoro", 0, 0},
    {"delegacija|delegacije|grupa|ekipa|delegacion|delegacioni od|prej|me|von|de|di #", 0, 0},
    {"delegation de|von|mit|of #", 0, 0},
    {"the # of us", 0, 0},
    {"nas je|ce|dolazi dvoje|troje|cetvoro|cetvero|petoro|petero|sestoro|sestero", 0, 0},
    {"doagjame|dojdeme|nas .. dvajca|trojca|cetvorica|petmina|sestmina", 0, 0},
    {"jemi|vijme|vijm #", 0, 0},
    {"w dwojke|trojke|czworke|piatke|szostke", 0, 0},
    {"serons|sommes #", 0, 0},
    {"viendrons a #", 0, 0},
    {"saremo|siamo #", 0, 0},
    {"veniamo|verremo|saremo in #", 0, 0},
    {"pridemo|bomo #", 0, 0},
    {"prideva|bova|midva", 2, 0},
    {"with my wife|husband|spouse|partner", 2, 0},
    {"my wife|husband|spouse|partner and i|me", 2, 0},
    {"plus one", 2, 0},
    {"meine|mein frau|mann|gattin|partner* und ich", 2, 0},
    {"mit meiner|meinem frau|mann|gattin|gatten|partner*|ehefrau|ehemann", 2, 0},
    {"me bashkeshort*|gruan|burrin", 2, 0},
    {"sa|s suprugom|suprugu|zenom|muzem", 2, 0},
    {"sa|s mojom|mojim|svojom|svojim suprugom|zenom|muzem", 2, 0},
    {"suprug|supruga i ja", 2, 0},
    {"so soprug*", 2, 0},
    {"z zona|malzonka|malzonkiem|mezem|partner*", 2, 0},
    {"avec mon|ma epouse|femme|mari|conjoint*", 2, 0},
    {"con mia|mio moglie|marito|consorte", 2, 0},
};

static int number_in(const struct phrase_text *t, struct phrase_match m)
{
    int n = 0;
    for (size_t i = m.first; i <= m.last && !n; i++)
        n = phrase_number(t->word[i].folded);
    return n;
}

static int count_persons(const struct phrase_text *t, struct phrase_match *m)
{
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        for (size_t from = 0; phrase_find(t, numbers[i].pattern, from, m); from = m->first + 1)
            if (!asks(t, m->last))
                return numbers[i].number ? numbers[i].number : number_in(t, *m) + numbers[i].more;
    return 0;
}

/* ---- the proposal */

static size_t characters(const char *from, const char *to)
{
    size_t n = 0;
    while (from < to) {
        unicode_next(&from);
        n++;
    }
    return n;
}

static void mark(void *mem, struct intent *intent, const struct phrase_text *t, const char *text,
                 struct phrase_match m)
{
    const char *start = t->word[m.first].start, *end = t->word[m.last].start + t->word[m.last].len;
    intent->words = phrase_words(mem, t, m);
    intent->start = characters(text, start);
    intent->length = characters(start, end);
}

/* How many different things are said; the first of them. */
static size_t proposals_of(const struct reading *r, size_t *best_r)
{
    size_t n = 0;
    *best_r = SAYINGS;
    for (size_t i = SAYINGS; i-- > 0;)
        if (r->found[i].said) {
            n += *best_r == SAYINGS || strcmp(proposals[i], proposals[*best_r]) != 0;
            *best_r = i;
        }
    return n;
}

struct intent intent_propose(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    struct phrase_text t = phrase_text(scratch, text);
    struct reading r = {.t = &t,
                        .rows = phrase_rows(scratch, &t, &sayings_table),
                        .mark = talloc_zero_array(scratch, unsigned char, (unsigned)t.n + 1)};
    struct phrase_match m, question;
    struct intent intent = {.proposal = "none", .words = "", .rule = "", .persons_words = ""};
    mark_all(&r);
    for (size_t i = 0; i < r.rows.n; i++)
        look_for(&r, r.rows.row[i]);
    size_t best, kinds = proposals_of(&r, &best);
    bool asked = first_question(&t, &question);
    if (best < SAYINGS) {
        const struct finding *f = &r.found[best];
        intent.proposal = proposals[best];
        intent.rule = talloc_asprintf(mem, "%s: %s /" EDITION, proposals[best], sayings[f->row].pattern);
        intent.plain = kinds == 1 && !asked && !is_marked(&r, (struct phrase_match){0, t.n}, DEPENDS);
        mark(mem, &intent, &t, text, f->match);
        intent.persons = strcmp(intent.proposal, "decline") ? count_persons(&t, &m) : 0;
        if (intent.persons)
            intent.persons_words = phrase_words(mem, &t, m);
    } else if (asked) {
        intent.proposal = "question";
        mark(mem, &intent, &t, text, question);
    }
    return intent;
}

const char *intent_answer(const char *proposal)
{
    static const char *const table[][2] = {{"accept", "accepted"},
                                           {"decline", "declined"},
                                           {"tentative", "tentative"},
                                           {"delegate", "delegated"},
                                           {"question", "question"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (proposal && !strcmp(proposal, table[i][0]))
            return table[i][1];
    return NULL;
}
