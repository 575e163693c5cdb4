/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What people seem to say, in the languages that they write in; and the words of those who want no more mail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/unicode.h"
#include "mail/intent.h"
#include "mail/phrase.h"
#include "mail/wire/reply_text.h"

static const struct {
    const char *text, *proposal;
} answers[] = {
    /* English */
    {"Thank you, I will attend.", "accept"},
    {"We are pleased to accept your kind invitation.", "accept"},
    {"Unfortunately I can't come on that day.", "decline"},
    {"The Ambassador regrets that he is unable to attend.", "decline"},
    {"I will not be able to attend.", "decline"},
    {"I cannot come, but my deputy Ms Krasniqi will attend on my behalf.", "delegate"},
    {"The ministry will be represented by Mr Hoti.", "delegate"},
    {"Perhaps I can come, I do not know yet.", "tentative"},
    {"Will there be parking?", "question"},
    {"Could I come with my wife?", "question"},
    {"If I will attend depends on the weather.", "tentative"},
    {"Thank you for the information.", "none"},
    /* of the region */
    {"Do të na bëhet nderi të jemi pjesë e ceremonisë.", "accept"},
    {"S'do të mund të jem i pranishëm, ju uroj suksese.", "decline"},
    {"Ministrinë do ta përfaqësojë z. Arben Gashi.", "delegate"},
    {"Bit ću tamo, hvala na pozivu.", "accept"},
    {"Namesto župana bo prišla podžupanja.", "delegate"},
    {"Ende nuk e di a do të mund të vij, ju lajmëroj të hënën.", "tentative"},
    {"Umjesto načelnika dolazi njegova zamjenica Ana Horvat.", "delegate"},
    {"Со задоволство ја прифаќам поканата, ќе дојдам.", "accept"},
    {"За жал, поради други обврски нема да можам да присуствувам.", "decline"},
    {"Наместо градоначалникот ќе дојде неговиот заменик.", "delegate"},
    {"Še ne vem, ali bom lahko prišel.", "tentative"},
    {"Udeležili se bomo trije predstavniki.", "accept"},
    {"Žal se zaradi drugih obveznosti ne bom mogel udeležiti.", "decline"},
    {"Jam dakord me draftin, e kam nënshkruar.", "none"},
    /* German */
    {"Vielen Dank, wir nehmen gerne teil.", "accept"},
    {"Ich sage hiermit gerne zu.", "accept"},
    {"Leider muss ich absagen.", "decline"},
    {"Ich kann leider nicht kommen.", "decline"},
    {"Herr Meier wird mich bei der Konferenz vertreten.", "delegate"},
    {"Vielleicht komme ich, das entscheidet sich noch.", "tentative"},
    {"Gibt es eine Übersetzung?", "question"},
    /* Serbian in both scripts */
    {"Rado prihvatamo poziv i dolazimo.", "accept"},
    {"Радо ћемо доћи.", "accept"},
    {"Potvrđujemo učešće naše delegacije.", "accept"},
    {"Nažalost, ne mogu da dođem.", "decline"},
    {"Нажалост, нећемо моћи да присуствујемо.", "decline"},
    {"Ne dolazim.", "decline"},
    {"Sprečen sam, umesto mene dolazi zamenik Petar Petrović.", "delegate"},
    {"У моје име доћи ће секретар.", "delegate"},
    {"Umesto direktora dolazi Marko Marković.", "delegate"},
    {"Уместо председника доћи ће његов саветник.", "delegate"},
    {"Umesto u 10 dolazim u 11.", "accept"},
    {"Možda ću doći, javiću.", "tentative"},
    {"Da li dolazi i ministar?", "question"},
    {"Ima li prevoza?", "question"},
    /* Albanian */
    {"Me kënaqësi do të marr pjesë.", "accept"},
    {"Konfirmojmë pjesëmarrjen tonë.", "accept"},
    {"Fatkeqësisht nuk mund të vij.", "decline"},
    {"Nuk do të jemi të pranishëm.", "decline"},
    {"Në emrin tim do të vijë z. Hoti.", "delegate"},
    {"Ndoshta do të vijmë.", "tentative"},
    {"A ka vend për autobus?", "question"},
    /* Polish */
    {"Z przyjemnością przyjadę.", "accept"},
    {"Potwierdzamy nasz udział.", "accept"},
    {"Niestety nie będę mógł przyjechać.", "decline"},
    {"Nie możemy wziąć udziału.", "decline"},
    {"W moim imieniu przyjedzie zastępca.", "delegate"},
    {"Czy będzie tłumacz?", "question"},
    {"", "none"},
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        MEM_SCOPE(mem);
        struct intent intent = intent_propose(mem, answers[i].text);
        if (strcmp(intent.proposal, answers[i].proposal))
            fail_msg("\"%s\": %s by \"%s\"", answers[i].text, intent.proposal, intent.words);
        assert_int_equal(*intent.words == 0, !strcmp(intent.proposal, "none"));
        assert_non_null(strstr(answers[i].text, intent.words));
    }
}

/* ---- answers of many hands: tests/data/answers.tsv, a line each "language, what it says (or another of
 * these), persons, text" */

static const char *said(const struct intent *i)
{
    static const char *const table[][2] = {{"accept", "accepted"},
                                           {"decline", "declined"},
                                           {"delegate", "delegated"},
                                           {"tentative", "tentative"}};
    for (size_t k = 0; k < ARRAY_LEN(table); k++)
        if (!strcmp(i->proposal, table[k][0]))
            return table[k][1];
    return "none";
}

static char *unescaped(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (; *s; s++)
        if (s[0] == '\\' && s[1] == 'n')
            text_putc(&t, (s++, '\n'));
        else
            text_putc(&t, *s);
    return t.s;
}

static void check_answer(char *line)
{
    MEM_SCOPE(mem);
    char *rest = line, *language = strsep(&rest, "\t"), *wanted = strsep(&rest, "\t"),
         *persons = strsep(&rest, "\t");
    assert_non_null(rest);
    const char *text = reply_read(mem, unescaped(mem, rest), NULL, NULL).text;
    struct intent i = intent_propose(mem, text);
    if (!strstr(talloc_asprintf(mem, "|%s|", wanted), talloc_asprintf(mem, "|%s|", said(&i))))
        fail_msg("%s: \"%s\": %s by %s, wanted %s", language, text, said(&i), i.rule, wanted);
    if (*persons != '-' && i.persons != strtol(persons, NULL, 10))
        fail_msg("%s: \"%s\": %d persons by \"%s\", wanted %s", language, text, i.persons, i.persons_words,
                 persons);
    if (*persons == '-' && i.persons)
        fail_msg("%s: \"%s\": %d persons by \"%s\"", language, text, i.persons, i.persons_words);
    if (*i.words) { /* stand where they are said to */
        const char *at = text;
        for (size_t n = 0; n < i.start; n++)
            unicode_next(&at);
        assert_memory_equal(at, i.words, strcspn(i.words, " "));
    }
}

static void test_many(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    char *file, *line;
    size_t len, n = 0;
    if (mem_read_file(mem, "tests/data/answers.tsv", 1 << 20, &file, &len, &err) < 0)
        fail_msg("%s", err.text);
    while ((line = strsep(&file, "\n")))
        if (*line && *line != '#') {
            check_answer(line);
            n++;
        }
    assert_true(n > 300);
}

/* A rule's name says what it reads; only an answer that says one thing is plain. */
static void test_rules(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rule;
        bool plain;
    } table[] = {
        {"Dolazim.", "accept: dolazim*|dolaze|dolazi", true},
        {"Dolazim. Ima li prevoza?", "accept: dolazim*|dolaze|dolazi", false},
        {"Možda dolazim.", "tentative: mozda .. dodj*|doci|dolaz*|prisustv*|cu|cemo", false},
        {"Ne dolazim.", "decline: ne dolazim*|", true},
        {"Dolazim ako stignem.", "tentative: dolazim*|dolaze|dolazi", false},
        {"Ima li prevoza?", "", false},
        {"", "", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct intent intent = intent_propose(mem, table[i].text);
        if (strncmp(intent.rule, table[i].rule, strlen(table[i].rule)) || intent.plain != table[i].plain)
            fail_msg("\"%s\": %s, %d", table[i].text, intent.rule, intent.plain);
    }
}

static const struct {
    const char *text, *pattern, *words;
} phrases[] = {
    {"Ће доћи сутра.", "ce doci", "Ће доћи"},
    {"one two three", "two", "two"},
    {"one two three", "one .. three", "one two three"},
    {"one a b c d three", "one .. three", "one a b c d three"},
    {"one a b c d e three", "one .. three", NULL},
    {"One. Three", "one .. three", NULL},
    {"one\n\nthree", "one .. three", NULL},
    {"one\nthree", "one three", "one three"},
    {"18. mart", "18 mart", "18. mart"},
    {"Potvrđujemo", "potvrdj*|x", "Potvrđujemo"},
    {"t'ju", "tju", "t'ju"},
    {"we are four of us", "# of us", "four of us"},
    {"12 persons, 100 guests", "# guests", NULL},
    {"Yes. It is so.", "^ yes $", "Yes"},
    {"Yes it is", "^ yes $", NULL},
    {"And yes.", "^ yes", NULL},
    {"until 18. mart", "until %|monday", "until 18"},
    {"by the 3rd of May", "the % .. may", "the 3rd of May"},
    {"one two, one three", "one three", "one three"},
    {"a two", "x|t*", "two"},
    {"until mart", "until %", NULL},
    {"", "a", NULL},
    {"one three one two", "one|on* two", "one two"},
    {"L’état, c'est žut", "letat cest zut", "L’état, c'est žut"},
};

static void test_phrases(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        MEM_SCOPE(mem);
        struct phrase_text t = phrase_text(mem, phrases[i].text);
        struct phrase_match m;
        bool found = phrase_find(&t, phrases[i].pattern, 0, &m);
        if (found != (phrases[i].words != NULL))
            fail_msg("%s in \"%s\"", phrases[i].pattern, phrases[i].text);
        if (found)
            assert_string_equal(phrase_words(mem, &t, m), phrases[i].words);
    }
}

/* Whatever pattern stands in a text is among its rows, which are in order and fewer than all. */
static void test_phrase_rows(void **state)
{
    static struct phrase_table table = PHRASE_TABLE(phrases, pattern);
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        MEM_SCOPE(mem);
        struct phrase_text t = phrase_text(mem, phrases[i].text);
        struct phrase_rows rows = phrase_rows(mem, &t, &table);
        struct phrase_match m;
        for (size_t row = 0, next = 0; row < ARRAY_LEN(phrases); row++) {
            bool among = next < rows.n && rows.row[next] == row;
            next += among;
            assert_true(row + 1 < ARRAY_LEN(phrases) || next == rows.n);
            if (phrase_find(&t, phrases[row].pattern, 0, &m) && !among)
                fail_msg("%s in \"%s\"", phrases[row].pattern, phrases[i].text);
        }
        n += rows.n;
    }
    assert_true(n < ARRAY_LEN(phrases) * ARRAY_LEN(phrases) / 3);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_many),        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_phrases), cmocka_unit_test(test_phrase_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
