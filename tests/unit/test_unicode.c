/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "base/unicode.h"

struct same {
    const char *a, *b;
};

static void test_fold(void **state)
{
    (void)state;
    static const struct same table[] = {
        {"Đorđević", "djordjevic"},
        {"Djordjević", "djordjevic"},
        {"Ђорђевић", "djordjevic"},
        {"ЂОРЂЕВИЋ", "djordjevic"},
        {"Стојковић", "stojkovic"},
        {"Stojković", "stojkovic"},
        {"STOJKOVIC", "stojkovic"},
        {"Stojkoviq", "stojkoviq"},
        {"Kllokot/Клокот", "kllokot klokot"},
        {"Përparim Çeliku", "perparim celiku"},
        {"Gołąbek, ŁÓDŹ", "golabek lodz"},
        {"Straße STRASSE Groß", "strasse strasse gross"},
        {"Hotel „Banja e Kllokotit“ «x» “y”", "hotel banja e kllokotit x y"},
        {"  a  -- b\t\n", "a b"},
        {"O'Brien O’Brien d`x", "obrien obrien dx"},
        {"Ǆǅǆ ǈ ǋ ﬁn", "dzdzdz lj nj fin"},
        {"Џеп Ђак Њива Љубав", "dzep djak njiva ljubav"},
        {"Андрей Щербаков объезд", "andrej scerbakov obezd"},
        {"АНДРЕЙ", "andrej"},
        {"Ќирил Ѓорѓи Ѕвезда", "kjiril gjorgji dzvezda"},
        {"Ґудзь Їжак", "gudz izak"},
        {"Æsir Øre İstanbul Aydın", "aesir ore istanbul aydin"},
        {"№5 ½", "no5 1 2"},
        {"cafe\u0301 \u200bx", "cafe x"},
        {"Αθήνας ΑΘΉΝΑΣ", "αθηνασ αθηνασ"},
        {"„“", ""},
        {"", ""},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(unicode_fold(mem, table[i].a), table[i].b);
}

/* The table of letters with an accent says what ICU says. */
static void test_fold_accents(void **state)
{
    (void)state;
    for (uint32_t c = 0xc0; c < 0x250; c++) {
        MEM_SCOPE(mem);
        struct text whole = text_new(mem), apart = text_new(mem);
        uint32_t part[20];
        int n = unicode_decompose(c, part);
        unicode_add(&whole, c);
        for (int i = 0; i < n; i++)
            unicode_add(&apart, part[i]);
        assert_string_equal(unicode_fold(mem, whole.s), unicode_fold(mem, apart.s));
    }
}

/* The table of Cyrillic knows capitals by themselves. */
static void test_fold_cyrillic(void **state)
{
    (void)state;
    for (uint32_t c = 0x400; c < 0x460; c++) {
        MEM_SCOPE(mem);
        struct text one = text_new(mem);
        unicode_add(&one, c);
        assert_string_equal(unicode_fold(mem, one.s), unicode_fold(mem, unicode_lower(mem, one.s)));
    }
}

static void test_near(void **state)
{
    (void)state;
    static const struct same same[] = {
        {"Стојковић", "Stojkoviq"},
        {"Stojković", "STOJKOVIQ"},
        {"Simijonović", "Simijonoviq"},
        {"Snežana Nojkić", "Snezhana Nojkiq"},
        {"Tomislav", "Tomisllav"},
        {"Radosavljević", "Radosavljeviq"},
        {"Klokot", "Kllokot"},
        {"Mogila", "Mogilla"},
        {"Đorđević", "Gjorgjeviq"},
        {"Đorđević", "Xhorxheviq"},
        {"Đorđević", "Dordevic"},
        {"Ђорђевић", "Gjorgjevic"},
        {"Dževdet", "Xhevdet"},
        {"Hodža", "Hoxha"},
        {"Тачи", "Thaçi"},
        {"Müller", "Mueller"},
        {"Ljubiša Nićić", "Lubisha Niqiq"},
        {"Bytyqi", "Bitići"},
        {"Aleksandar", "Alexandar"},
        {"Schneider", "Šnejder"},
        {"Petrowitsch", "Petrović"},
        {"Vladimir", "Vlladimir"},
        {"Cvetković", "Tsvetkoviq"},
    };
    static const struct same other[] = {
        {"Petrović", "Pavlović"}, {"Vërboc", "Mogila"},       {"Marko", "Mirko"},
        {"Jovan", "Jovana"},      {"Stanković", "Stojković"}, {"Slovenia", "Slovakia"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        assert_string_equal(unicode_near(mem, same[i].a), unicode_near(mem, same[i].b));
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        assert_string_not_equal(unicode_near(mem, other[i].a), unicode_near(mem, other[i].b));
    /* a near key may be made of the name or of its fold */
    assert_string_equal(unicode_near(mem, unicode_fold(mem, "Ђорђевић")), unicode_near(mem, "Ђорђевић"));
}

static void test_keys_are_fast(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    clock_t begin = clock();
    for (int i = 0; i < 200000; i++) {
        const char *name = i & 1 ? "Слободан Ђорђевић" : "Snežana Stojković-Łoś";
        talloc_free(unicode_fold(mem, name));
        talloc_free(unicode_near(mem, name));
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    print_message("# 200,000 names: %.2f s\n", seconds);
    assert_true(seconds < 20); /* generous: sanitizers, a busy machine */
}

static void test_serbian(void **state)
{
    (void)state;
    static const struct same latin[] = {
        {"Љубав и Његош, Џеп", "Ljubav i Njegoš, Džep"},
        {"ЉУБАВ КОЊ ЏЕП", "LJUBAV KONJ DŽEP"},
        {"Љ. Петровић", "Lj. Petrović"},
        {"четвртак, 18. март 2027.", "četvrtak, 18. mart 2027."},
        {"АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ", "ABVGDĐEŽZIJKLLJMNNJOPRSTĆUFHCČDŽŠ"},
        {"Latin ostaje, „%s“", "Latin ostaje, „%s“"},
        {"Щука, Юлия", "Ščuka, Julija"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(latin) - 1; i++)
        assert_string_equal(unicode_to_latin(mem, latin[i].a), latin[i].b);
    static const struct same cyrillic[] = {
        {"Ljubav i Njegoš, džep", "Љубав и Његош, џеп"},
        {"LJUBAV KONJ DŽEP Đak", "ЉУБАВ КОЊ ЏЕП Ђак"},
        {"Injekcija, konjugacija; nadživeti", "Инјекција, конјугација; надживети"},
        {"pišite na kabinet@klokot.example odmah", "пишите на kabinet@klokot.example одмах"},
        {"Windows 10", "Windows 10"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cyrillic); i++)
        assert_string_equal(unicode_to_cyrillic(mem, cyrillic[i].a), cyrillic[i].b);
}

/* The tables of keys and of transliteration agree, letter by letter; and a key is its own key. */
static void test_tables_agree(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    for (uint32_t c = 0x400; c < 0x460; c++) {
        bool serbian =
            (c >= 0x410 && c <= 0x448 && c != 0x419 && c != 0x439 && !(c >= 0x429 && c <= 0x42f)) ||
            strchr("\x02\x08\x09\x0a\x0b\x0f\x52\x58\x59\x5a\x5b\x5f", (int)(c - 0x400));
        if (!serbian || c == 0x400)
            continue;
        struct text t = text_new(mem);
        unicode_add(&t, c);
        char *latin = unicode_to_latin(mem, t.s);
        assert_string_equal(unicode_fold(mem, t.s), unicode_fold(mem, latin));
        assert_string_equal(unicode_to_cyrillic(mem, latin), t.s);
        assert_string_equal(unicode_fold(mem, unicode_fold(mem, t.s)), unicode_fold(mem, t.s));
    }
}

static void test_squeeze(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_string_equal(unicode_squeeze(mem, " \ufeffa\r\n b\t\u00a0c\x01 "), "a b c");
    assert_string_equal(unicode_squeeze(mem, "e\u0308x\u200by"), "ëxy");
    assert_string_equal(unicode_squeeze(mem, "\n"), "");
    assert_string_equal(unicode_compose(mem, "Z\u030c"), "Ž");
    assert_string_equal(unicode_lower(mem, "OPŠTINA Klokot"), "opština klokot");
    assert_string_equal(unicode_upper(mem, "općina"), "OPĆINA");
}

static void test_script(void **state)
{
    (void)state;
    assert_int_equal(unicode_script("Klub „Ž“ 12"), UNICODE_LATIN);
    assert_int_equal(unicode_script("Клуб „Ж“ 12"), UNICODE_CYRILLIC);
    assert_int_equal(unicode_script("Клуб Wien"), UNICODE_MIXED);
    assert_int_equal(unicode_script("12 – 13"), UNICODE_NONE);
    assert_int_equal(unicode_script(""), UNICODE_NONE);
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(unicode_valid_utf8("aë", 3));
    assert_true(unicode_valid_utf8("", 0));
    assert_false(unicode_valid_utf8("a\xc3", 2));
    assert_false(unicode_valid_utf8("\xc0\x80", 2));
    assert_false(unicode_valid_utf8("\xed\xa0\x80", 3));
    assert_false(unicode_valid_utf8("\xf5\x80\x80\x80", 4));
    assert_false(unicode_valid_utf8("a\0b", 3));
}

struct coded {
    const char *bytes;
    size_t len;
    const char *encoding, *text, *found;
};
#define CODED(bytes, encoding, text, found)                                                                  \
    {                                                                                                        \
        bytes, sizeof bytes - 1, encoding, text, found                                                       \
    }

static void test_decode(void **state)
{
    (void)state;
    static const struct coded table[] = {
        CODED("plain", NULL, "plain", "UTF-8"),
        CODED("", NULL, "", "UTF-8"),
        CODED("\xef\xbb\xbfNo.", NULL, "No.", "UTF-8"),
        CODED("\xef\xbb\xbfNo.", "utf-8", "No.", "UTF-8"),
        CODED("\xff\xfeK\0\x07\x01", NULL, "Kć", "UTF-16LE"),
        CODED("\xfe\xff\0K\x01\x07", NULL, "Kć", "UTF-16BE"),
        CODED("N\0a\0z\0i\0v\0", NULL, "Naziv", "UTF-16LE"),
        CODED("Djordjevi\xe6 Gradnja; Gr\xe8\x61r; \x84\x42\x61nja\x93; p\xebr", NULL,
              "Djordjević Gradnja; Grčar; „Banja“; për", "windows-1250"),
        CODED("Petrovi\xe6 \x8akolska \x9eivot", NULL, "Petrović Školska život", "windows-1250"),
        CODED("\xb9kola, \xbeivot, Petrovi\xe6, \xa9\x61\x62\x61\x63", NULL, "škola, život, Petrović, Šabac",
              "iso-8859-2"),
        CODED("\xca\xeb\xee\xea\xee\xf2, \xe3\xf0\xe0\xf2, \xd1\xf2\xee\xbc\xea\xee\xe2\xe8\x9e", NULL,
              "Клокот, грат, Стојковић", "windows-1251"),
        CODED("Stra\xdf\x65 M\xfcnchen \x80", NULL, "Straße München €", "windows-1250"),
        CODED("G\xf3ra \xb9\xea\xb3\xf1 Cz\xeastochowska, \x8cl\xb9sk", NULL,
              "Góra ąęłń Częstochowska, Śląsk", "windows-1250"),
        CODED("Gr\xe8\x61r", "windows-1252", "Grèar", "windows-1252"),
        CODED("\xda\xdb", "iso-8859-5", "кл", "iso-8859-5"),
        CODED("\xaa\xba", "iso-8859-16", "Șș", "iso-8859-16"),
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *text;
        const char *found;
        struct err err = {0};
        int rc = unicode_decode(mem, table[i].bytes, table[i].len, table[i].encoding, &text, &found, &err);
        if (rc < 0)
            print_message("# %s\n", err.text);
        assert_int_equal(rc, 0);
        assert_string_equal(text, table[i].text);
        assert_string_equal(found, table[i].found);
    }
}

static void test_decode_refuses(void **state)
{
    (void)state;
    static const struct coded table[] = {
        CODED("a\nb\xc3(", "UTF-8", NULL, "line 2, byte 3: not UTF-8 (0xc3)"),
        CODED("a\r\nb\n\x81", "windows-1250", NULL,
              "line 3, byte 5: windows-1250 has no such character (0x81)"),
        CODED("a\rb\x85", "iso-8859-2", NULL, "line 2, byte 3: iso-8859-2 has no such character (0x85)"),
        CODED("PK\x03\x04\0\0z", NULL, NULL, "not a text: it holds zero bytes"),
        CODED("a", "klingon-1", NULL, "unknown encoding \"klingon-1\""),
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *text;
        const char *found;
        struct err err = {0};
        assert_int_equal(
            unicode_decode(mem, table[i].bytes, table[i].len, table[i].encoding, &text, &found, &err), -1);
        assert_string_equal(err.text, table[i].found);
    }
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *language;
        enum unicode_date style;
        const char *text;
    } table[] = {
        {"sq", UNICODE_LONG, "e enjte, 18 mars 2027"},
        {"sr-Cyrl", UNICODE_LONG, "четвртак, 18. март 2027."},
        {"sr-Latn", UNICODE_LONG, "četvrtak, 18. mart 2027."},
        {"sr", UNICODE_LONG, "četvrtak, 18. mart 2027."},
        {"de", UNICODE_LONG, "Donnerstag, 18. März 2027"},
        {"en", UNICODE_LONG, "Thursday, 18 March 2027"},
        {"pl", UNICODE_LONG, "czwartek, 18 marca 2027"},
        {"tlh", UNICODE_LONG, "Thursday, 18 March 2027"},
        {"sq", UNICODE_DAY, "18 mars 2027"},
        {"sr-Cyrl", UNICODE_DAY, "18. март 2027."},
        {"en", UNICODE_SHORT, "18/03/2027"},
        {"sr-Latn", UNICODE_SHORT, "18.03.2027."},
        {"sq", UNICODE_TIME, "10.00"},
        {"de", UNICODE_TIME, "10:00"},
        {"pl", UNICODE_STAMP, "18.03.2027 10.00"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(
            unicode_format_date(mem, 1805360400, "Europe/Belgrade", table[i].language, table[i].style),
            table[i].text);
    static const char *const december[][2] = {
        {"sq", "e premte, 4 dhjetor 2026"},      {"sr-Cyrl", "петак, 4. децембар 2026."},
        {"sr-Latn", "petak, 4. decembar 2026."}, {"de", "Freitag, 4. Dezember 2026"},
        {"pl", "piątek, 4 grudnia 2026"},        {"en", "Friday, 4 December 2026"}};
    for (size_t i = 0; i < ARRAY_LEN(december); i++)
        assert_string_equal(
            unicode_format_date(mem, 1796374800, "Europe/Belgrade", december[i][0], UNICODE_LONG),
            december[i][1]);
    assert_string_equal(unicode_format_range(mem, 1805360400, 1805374800, "Europe/Belgrade", "sr"),
                        "10.00–14.00");
    assert_string_equal(unicode_format_range(mem, 1805360400, 1805374800, "Europe/Belgrade", "en"),
                        "10:00–14:00");
    assert_string_equal(unicode_format_range(mem, 1805360400, 0, "UTC", "sq"), "9.00");
    struct unicode_clock clock = unicode_clock_of(1805360400, "Europe/Belgrade");
    assert_int_equal(clock.year * 10000 + clock.month * 100 + clock.day, 20270318);
    assert_int_equal(clock.hour, 10);
}

static void test_parse_time(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        int64_t when; /* 0: none */
    } table[] = {
        {"2027-03-18 10:00", 1805360400},
        {"18.03.2027 10:00", 1805360400},
        {"18.03.2027. 10.00", 1805360400},
        {"2027-03-18T10:00:30", 1805360430},
        {"2027-03-18T09:00Z", 1805360400},
        {"18.3.2027", 1805324400},
        {"2027-07-12", 1815343200},
        {"2027-02-29", 0},
        {"31.04.2027", 0},
        {"2027-03-28 02:30", 0}, /* leapt over */
        {"2027-03-18 24:00", 0},
        {"2027-03-18 10:00 x", 0},
        {"ver. 2024", 0},
        {"11.2023", 0},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        int64_t when = 0;
        struct err err = {0};
        int rc = unicode_parse_time(table[i].s, "Europe/Belgrade", &when, &err);
        assert_int_equal(rc, table[i].when ? 0 : -1);
        if (rc == 0)
            assert_int_equal(when, table[i].when);
        else
            assert_int_equal(err.code, ERR_INPUT);
    }
    char iso[11];
    assert_true(unicode_parse_date("12.07.2026.", iso));
    assert_string_equal(iso, "2026-07-12");
    assert_true(unicode_parse_date("28.02.2024", iso));
    assert_true(unicode_parse_date("29.02.2024", iso));
    assert_false(unicode_parse_date("29.02.2023", iso));
    assert_false(unicode_parse_date("2024", iso));
    assert_false(unicode_parse_date("12.07.2026 10:00", iso));
}

static void test_order(void **state)
{
    (void)state;
    static const struct {
        const char *language, *sorted[6];
    } table[] = {
        {"sr-Latn", {"Cvejić", "Čolović", "Ćirić", "Dimić", "Džep", "Đurić"}},
        {"sr-Cyrl", {"Дамјан", "Ђура", "Ева", "Љуба", "Мара", "Шћекић"}},
        {"sq", {"Cena", "Çeku", "Daka", "Dhima", "Gashi", "Gjoka"}},
        {"pl", {"Lis", "Łoś", "Mak", "Sowa", "Śliwa", "Tur"}},
        {"de", {"Ahle", "Ährig", "Böll", "Bonn", "Straße", "Strauß"}},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct unicode_collator *collator = unicode_collator_new(mem, table[i].language);
        for (size_t j = 0; j + 1 < 6; j++) {
            const char *a = unicode_sort_key(mem, collator, table[i].sorted[j]);
            assert_true(strcmp(a, unicode_sort_key(mem, collator, table[i].sorted[j + 1])) < 0);
        }
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *s, *language, *number;
    } table[] = {
        {"412.350,00", "sq", "412350.00"},
        {"1.204.770,30", "sq", "1204770.30"},
        {"412,350.00", "en", "412350.00"},
        {"412,350.00", "sq", "412350.00"},
        {"12.500", "sq", "12500"},
        {"12,500", "en", "12500"},
        {"12.500", "en", "12.500"},
        {"12,5", "sq", "12.5"},
        {"95 000 €", "de", "95000"},
        {"€ 95 000", "de", "95000"},
        {"-3", "sq", "-3"},
        {"0", "sq", "0"},
        {"1'200", "de", "1200"},
        {"12.34.567", "sq", NULL},
        {"rreth 100", "sq", NULL},
        {"", "sq", NULL},
        {"1,2,3", "en", NULL},
        {"12,", "sq", NULL},
        {"5 € 3", "sq", NULL},
        {",5", "sq", NULL},
        {"1.2345,0", "sq", NULL},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *number = unicode_parse_number(mem, table[i].s, table[i].language);
        if (table[i].number)
            assert_string_equal(number ? number : "none", table[i].number);
        else
            assert_null(number);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_string_equal(unicode_case_fold_email(mem, "OFFICE@Stojkovic-Komerc.EXAMPLE"),
                        "office@stojkovic-komerc.example");
    assert_string_equal(unicode_case_fold_email(mem, "PE\u0301RO@x.example"), "péro@x.example");
    char *ascii;
    struct err err = {0};
    assert_int_equal(unicode_domain_to_ascii(mem, "Општина.Срб", &ascii, &err), 0);
    assert_string_equal(ascii, "xn--80appcfs5b.xn--90a3ac");
    assert_int_equal(unicode_domain_to_ascii(mem, "Bad-Name9.EXAMPLE", &ascii, &err), 0);
    assert_string_equal(ascii, "bad-name9.example");
    assert_int_equal(unicode_domain_to_ascii(mem, ascii, &ascii, &err), 0);
    assert_string_equal(ascii, "bad-name9.example");
    const char *const bad[] = {"bad..example",   "",          "-a.example", "a-.example",
                               "ab--cd.example", "ab\u2010.."};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(unicode_domain_to_ascii(mem, bad[i], &ascii, &err), -1);
    assert_int_equal(unicode_width("Çelë\u0301 Ж"), 6);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),           cmocka_unit_test(test_fold_accents),
        cmocka_unit_test(test_near),           cmocka_unit_test(test_keys_are_fast),
        cmocka_unit_test(test_serbian),        cmocka_unit_test(test_tables_agree),
        cmocka_unit_test(test_squeeze),        cmocka_unit_test(test_script),
        cmocka_unit_test(test_valid),          cmocka_unit_test(test_decode),
        cmocka_unit_test(test_decode_refuses), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_parse_time),     cmocka_unit_test(test_order),
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_fold_cyrillic),
    };
    return cmocka_run_group_tests_name("unicode", tests, NULL, NULL);
}
