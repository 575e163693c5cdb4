/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Text as it comes: in the encoding that it says, in another one, or in none that is said; decoded from what
 * carried it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mail/wire/charset.h"
#include "mail/wire/decode.h"
#include "mail/wire/flowed.h"

static const struct {
    const char *charset, *bytes, *text;
    size_t len; /* 0: to the NUL */
} encodings[] = {
    /* as declared */
    {"windows-1250", "\x8a\xe8\xe6\x9e\xf0", "Ščćžđ", 0},
    {"windows-1251", "\xcf\xee\xe7\xe8\xe2", "Позив", 0},
    {"windows-1252",
     "\x80 \x84"
     "a\x93",
     "€ „a“", 0},
    {"iso-8859-2", "\xa9\xe8\xe6\xbe\xf0", "Ščćžđ", 0},
    {"iso-8859-5", "\xbf\xde\xd7\xd8\xd2", "Позив", 0},
    {"iso-8859-16", "\xa6\xb9\xe5", "Ščć", 0},
    {"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", 0},
    {"utf-16",
     "\xff\xfe"
     "a\0\x0d\x01",
     "ač", 6},
    {"utf-16",
     "\xfe\xff"
     "\0a\x01\x0d",
     "ač", 6},
    {"utf-16le", "a\0\x0d\x01", "ač", 4},
    {"utf-16", "P\0o\0z\0i\0v\0 \0\x0d\x01", "Poziv č", 14}, /* without its mark */
    {"utf-16", "\0P\0o\0z\0i\0v\0 \x01\x0d", "Poziv č", 14},
    {"utf-7", "a+AQ0-", "ač", 0},
    {"iso-2022-jp", "\x1b$B8l\x1b(B", "語", 0},
    {"gb2312", "\xd3\xef", "语", 0},
    {"utf-8", "\xef\xbb\xbf\xc4\x8d", "č", 0},
    /* names that are none */
    {"\"windows-1250\"", "\xe8", "č", 0},
    {"cp-1250", "\xe8", "č", 0},
    {"win-1251", "\xcf", "П", 0},
    {"x-cp1250", "\xe8", "č", 0},
    {"iso8859-2", "\xe8", "č", 0},
    {"ISO-8859-8-I", "\xe0", "א", 0},
    {"no-such-charset", "Po\x9atovani \xe8itao\xe8i", "Poštovani čitaoči", 0},
    /* what is declared cannot be */
    {"iso-8859-1", "\x93x\x94 \x80", "“x” €", 0},
    {"iso-8859-1", "\xc3\xa9t\xc3\xa9, Kllokot \xc3\xab", "été, Kllokot ë", 0},
    {"windows-1251", "\xd0\x9f\xd0\xbe\xd0\xb7\xd0\xb8\xd0\xb2", "Позив", 0},
    {"us-ascii", "\xc4\x8d", "č", 0},
    {"us-ascii", "Po\x9atovani \xe8itao\xe8i", "Poštovani čitaoči", 0},
    {"us-ascii", "\xcf\xee\xe7\xe8\xe2 \xed\xe0 \xf1\xeb\xe0\xe2\xf3", "Позив на славу", 0},
    {"utf-8", "Po\x9atovani \xe8itao\xe8i", "Poštovani čitaoči", 0},
    {"iso-8859-2", "Po\x9atovani, \x9eivi \xe8lan", "Poštovani, živi član", 0},
    {"iso-8859-1",
     "Po\x9atovani, do\xe6i \xe6"
     "emo \xe8im bude mogu\xe6"
     "e",
     "Poštovani, doći ćemo čim bude moguće", 0},
    {"iso-8859-1",
     "Urz\xb9"
     "d Gminy, w dniu wczorajszym \xb3\xb9"
     "czna kwota",
     "Urząd Gminy, w dniu wczorajszym łączna kwota", 0},
    {"iso-8859-1",
     "Urz\xb1"
     "d Gminy, \xb3\xb1"
     "czna",
     "Urząd Gminy, łączna", 0},
    {"iso-8859-1", "\xcf\xee\xe7\xe8\xe2 \xed\xe0 \xf1\xeb\xe0\xe2\xf3", "Позив на славу", 0},
    {"iso-8859-1", "\xf0\xd2\xc9\xd7\xc5\xd4 \xd7\xd3\xc5\xcd \xd7 \xc7\xcf\xd2\xcf\xc4\xc5",
     "Привет всем в городе", 0},
    {NULL, "\xf0\xd2\xc9\xd7\xc5\xd4 \xd7\xd3\xc5\xcd \xd7 \xc7\xcf\xd2\xcf\xc4\xc5", "Привет всем в городе",
     0},
    {NULL,
     "only \xa3"
     "97 or \x80 49, \x93yes\x94 \x96 it\x92s \xa9",
     "only £97 or € 49, “yes” – it’s ©", 0},
    /* in two bytes a character, and what looks a little like it; further neighbours */
    {NULL,
     "\xa7\xda\xad\xcc\xb1N\xac\xa3\xa8\xe2\xa6\xec\xa5N\xaa\xed\xb0\xd1\xa5[\xb7|\xc4\xb3\xa1"
     "A\xc1\xc2\xc1\xc2\xb1z\xaa\xba\xc1\xdc\xbd\xd0\xa1"
     "C",
     "我們將派兩位代表參加會議，謝謝您的邀請。", 0},
    {NULL,
     "\xce\xd2\xc3\xc7\xbd\xab\xc5\xc9\xc1\xbd\xce\xbb\xb4\xfa\xb1\xed\xb2\xce\xbc\xd3\xbb\xe1\xd2\xe9\xa3"
     "\xac\xd0\xbb\xd0\xbb\xc4\xfa\xb5\xc4\xd1\xfb\xc7\xeb\xa1\xa3",
     "我们将派两位代表参加会议，谢谢您的邀请。", 0},
    {NULL,
     "\xc3\xca\xb4\xeb\xc7\xd8 \xc1\xd6\xbc\xc5\xbc\xad \xb0\xa8\xbb\xe7\xc7\xd5\xb4\xcf\xb4\xd9. \xb5\xce "
     "\xb8\xed\xc0\xc7 \xb4\xeb\xc7\xa5\xb8\xa6 \xba\xb8\xb3\xbb\xb0\xda\xbd\xc0\xb4\xcf\xb4\xd9.",
     "초대해 주셔서 감사합니다. 두 명의 대표를 보내겠습니다.", 0},
    {NULL,
     "\x82\xb2\x8f\xb5\x91\xd2\x82\xa0\x82\xe8\x82\xaa\x82\xc6\x82\xa4\x82\xb2\x82\xb4\x82\xa2\x82\xdc\x82"
     "\xb7\x81"
     "B\x93\xf1\x96\xbc\x82\xcc\x91\xe3\x95\x5c\x82\xf0\x94h\x8c\xad\x82\xa2\x82\xbd\x82\xb5\x82\xdc\x82\xb7"
     "\x81"
     "B",
     "ご招待ありがとうございます。二名の代表を派遣いたします。", 0},
    {NULL,
     "\xa4\xb4\xbe\xb7\xc2\xd4\xa4\xa2\xa4\xea\xa4\xac\xa4\xc8\xa4\xa6\xa4\xb4\xa4\xb6\xa4\xa4\xa4\xde\xa4"
     "\xb9\xa1\xa3\xc6\xf3\xcc\xbe\xa4\xce\xc2\xe5\xc9\xbd\xa4\xf2\xc7\xc9\xb8\xaf\xa4\xa4\xa4\xbf\xa4\xb7"
     "\xa4\xde\xa4\xb9\xa1\xa3",
     "ご招待ありがとうございます。二名の代表を派遣いたします。", 0},
    {NULL, "\x1b$B$4>7BT$\x22$j$,$H$&$4$6$$$^$9!#\x1b(B", "ご招待ありがとうございます。", 0},
    {NULL,
     "Davetiniz i\xe7in te\xfe"
     "ekk\xfcr ederiz, \xdeule G\xfcne\xfe",
     "Davetiniz için teşekkür ederiz, Şule Güneş", 0},
    {NULL,
     "\xc1\xe3\xe1\xf0\xe7\xf4\xef\xdf \xf3\xf5\xed\xdc\xe4\xe5\xeb\xf6\xef\xe9, \xf3\xe1\xf2 "
     "\xe5\xf5\xf7\xe1\xf1\xe9\xf3\xf4\xef\xfd\xec\xe5.",
     "Αγαπητοί συνάδελφοι, σας ευχαριστούμε.", 0},
    {NULL, "V\xe3 mul\xfeumim pentru invita\xfeie.", "Vă mulţumim pentru invitaţie.", 0},
    {NULL, "\xcd\xce\xc2\xc0 \xc2\xc5\xd1\xd2", "НОВА ВЕСТ", 0},
    {NULL, "\xcd\xee\xe2\xe0 \xe2\xe5\xf1\xf2 \xe8\xe7 \xca\xee\xf1\xee\xe2\xe0", "Нова вест из Косова", 0},
    {NULL, "\xbd\xbe\xb2\xb0 \xb2\xb5\xc1\xc2 \xb8\xb7 \xb3\xc0\xb0\xb4\xb0", "НОВА ВЕСТ ИЗ ГРАДА", 0},
    {NULL,
     "\x91\xaf\xa0\xe1\xa8\xa1\xae \xa7\xa0 \xaf\xe0\xa8\xa3\xab\xa0\xe8\xa5\xad\xa8\xa5, \xac\xeb "
     "\xaf\xe0\xa8\xa4\xf1\xac \xfc 5",
     "Спасибо за приглашение, мы придём № 5", 0},
    {NULL, "\x91\x8f\x80\x91\x88\x81\x8e \x87\x80 \x8f\x90\x88\x83\x8b\x80\x98\x85\x8d\x88\x85",
     "СПАСИБО ЗА ПРИГЛАШЕНИЕ", 0},
    {NULL,
     "\xd4\xdf\xd1\xc7 \xda\xe1\xec \xc7\xe1\xcf\xda\xe6\xc9\xa1 \xd3\xed\xcd\xd6\xd1 \xc7\xcb\xe4\xc7\xe4.",
     "شكرا على الدعوة، سيحضر اثنان.", 0},
    {NULL,
     "\xfa\xe5\xe3\xe4 \xf2\xec \xe4\xe4\xe6\xee\xf0\xe4, \xf9\xf0\xe9 \xf0\xf6\xe9\xe2\xe9\xed "
     "\xe9\xe2\xe9\xf2\xe5 \xe1\xce"
     "5.",
     "תודה על ההזמנה, שני נציגים יגיעו ב־5.", 0},
    {NULL,
     "\xe4\xeb\xff \xed\xe0\xf1 \xfd\xf2\xee \xe2\xe0\xe6\xed\xee, \xe5\xf9\xb8 \xf0\xe0\xe7 "
     "\xf1\xef\xe0\xf1\xe8\xe1\xee",
     "для нас это важно, ещё раз спасибо", 0},
    {"iso-8859-1",
     "\xd4\xdf\xd1\xc7 \xda\xe1\xec \xc7\xe1\xcf\xda\xe6\xc9\xa1 \xd3\xed\xcd\xd6\xd1 \xc7\xcb\xe4\xc7\xe4.",
     "شكرا على الدعوة، سيحضر اثنان.", 0},
    {NULL,
     "\xa9uma, \xbe"
     "ena, \xb9uma, \xbeito",
     "Šuma, žena, šuma, žito", 0},
    {NULL,
     "\xc8"
     "a\xe8inci, \xd0ur\xf0"
     "evac, \x8ei\x9ei\xe6",
     "Čačinci, Đurđevac, Žižić", 0},
    /* what is declared may be: nothing is guessed */
    {"iso-8859-1", "tr\xe8s \xe9lev\xe9, gar\xe7on", "très élevé, garçon", 0},
    {"iso-8859-1",
     "Gr\xfc\xdf"
     "e aus K\xf6ln, 20 m\xb2, 3 m\xb3",
     "Grüße aus Köln, 20 m², 3 m³", 0},
    {"iso-8859-1", "Kllokot \xeb, Gjilan \xe7", "Kllokot ë, Gjilan ç", 0},
    {"iso-8859-1",
     "R\xf8"
     "dgr\xf8"
     "d med fl\xf8"
     "de, \xe6"
     "bler og \xe5l",
     "Rødgrød med fløde, æbler og ål", 0},
    {"iso-8859-1", "you\xbfll feel it", "you¿ll feel it", 0},
    {"iso-8859-1", "\xbfQu\xe9 tal, se\xf1or?", "¿Qué tal, señor?", 0},
    {"iso-8859-1", "1\xaa y 2\xba, 23\xb0", "1ª y 2º, 23°", 0},
    {"iso-8859-1", "\xfeingma\xf0ur \xe1 \xcdslandi", "þingmaður á Íslandi", 0},
    {"windows-1251", "\xd7", "Ч", 0},
    {"gb2312", "\xc4\xa3", "模", 0}, /* which would be UTF-8 as well */
    /* broken bytes */
    {"utf-8", "na\xc4\x8din, \xc4\x8d, \xff.", "način, č, \xef\xbf\xbd.", 0},
    {"gb2312", "\xd3\xef \xff, \xd3\xef", "语 \xef\xbf\xbd, 语", 0},   /* and the other words */
    {"gb2312", "\xd3\xef\n\xff\n\xd3\xef", "语\n\xef\xbf\xbd\n语", 0}, /* the other lines stay readable */
    {NULL, "a\0b\x01\x7f",
     "a\xef\xbf\xbd"
     "b\xef\xbf\xbd\xef\xbf\xbd",
     5},
    {NULL, "a\r\nb\rc\n", "a\nb\nc\n", 0},
};

static void test_encodings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
        MEM_SCOPE(mem);
        size_t len = encodings[i].len ? encodings[i].len : strlen(encodings[i].bytes);
        assert_string_equal(charset_decode(mem, encodings[i].bytes, len, encodings[i].charset),
                            encodings[i].text);
    }
}

static void test_transfer(void **state)
{
    (void)state;
    static const struct {
        const char *encoding, *bytes, *decoded;
    } table[] = {
        {NULL, "a=41", "a=41"},
        {"7bit", "a=41", "a=41"},
        {"base64", "YWJj", "abc"},
        {"BASE64", "YW\r\nJj\r\n", "abc"},
        {"base64", "YW Jj", "abc"},
        {"base64", "Y*W-J.j", "abc"},
        {"base64", "YWI=", "ab"},
        {"base64", "YWI", "ab"}, /* not padded */
        {"base64", "YQ", "a"},
        {"base64", "YWJjZ", "abc"},
        {"base64", "YQ==\nYg==\n", "ab"}, /* ended and begun anew */
        {"base64", "YQ==YmM=", "abc"},
        {"base64", "YWI=\n_____\nA list at https://x.example/\n", "ab"},
        {"base64", "YWJj\n_____________________________\nA list at https://x.example/\n", "abc"},
        {"base64", "this is text, not base64\n", "this is text, not base64\n"},
        {"base64", "YWI=\n=zH6Q\n", "ab"}, /* the sum of a PGP armour */
        {"base64", "=", ""},
        {"base64", "", ""},
        {"quoted-printable", "a=3Db=\r\nc \r\nd", "a=bc\r\nd"},
        {"quoted-printable", "a=c4=8d", "a\xc4\x8d"},
        {"quoted-printable", "a= \r\nb", "ab"},
        {"quoted-printable", "a=ZZ=4", "a=ZZ=4"},
        {"quoted-printable", "a=", "a"},
        {"quoted-printable", "=", ""},
        {"quoted-printable", "a\t\nb", "a\nb"},
        {"x-uuencode", "begin 644 x\n#86)C\n`\nend\n", "abc"},
        {"x-uuencode", "begin 644 x\n#86)C\n", "abc"},
        {"uuencode", "none", "none"},
        {"nonsense", "a=41", "a=41"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        size_t len;
        const char *bytes =
            decode_transfer(mem, table[i].encoding, table[i].bytes, strlen(table[i].bytes), &len);
        assert_string_equal(talloc_strndup(mem, bytes, len), table[i].decoded);
    }
}

static void test_uuencode(void **state)
{
    (void)state;
    static const char text[] = "Hello,\n\nbegin now or never\nbegin 644 a b.txt\n#86)C\n`\nend\nbetween\n"
                               "begin 755 \"c.bin\"\n!80\n`\nend\nbegin 644 cut\n&86)C9&5F\nBye\n";
    MEM_SCOPE(mem);
    struct decode_uu uu;
    size_t at = 0;
    assert_true(decode_uu_next(mem, text, strlen(text), &at, &uu));
    assert_string_equal(uu.name, "a b.txt");
    assert_int_equal(uu.len, 3);
    assert_memory_equal(uu.bytes, "abc", 3);
    assert_memory_equal(text + uu.begin, "begin 644 a", 11);
    assert_memory_equal(text + uu.end, "between", 7);
    assert_true(decode_uu_next(mem, text, strlen(text), &at, &uu));
    assert_string_equal(uu.name, "c.bin");
    assert_true(decode_uu_next(mem, text, strlen(text), &at, &uu));
    assert_memory_equal(uu.bytes, "abcdef", 6);
    assert_memory_equal(text + uu.end, "Bye", 3);
    assert_false(decode_uu_next(mem, text, strlen(text), &at, &uu));
}

static void test_flowed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *flowed;
        bool delsp;
    } table[] = {
        {"one \ntwo\nthree\n", "one two\nthree\n", false},
        {"one \ntwo\n", "onetwo\n", true},
        {"> one \n> two\nthree\n", "> one two\nthree\n", false},
        {">> one \n>> two\n> three\n", ">> one two\n> three\n", false},
        {"> one \ntwo\n", "> one \ntwo\n", false}, /* the depth ends a paragraph */
        {" > no quotation\n From x\n", "> no quotation\nFrom x\n", false},
        {"text \n-- \nName\n", "text \n-- \nName\n", false},
        {"text\n-- \nName\n", "text\n-- \nName\n", false},
        {"\n\n", "\n\n", false},
        {"one ", "one ", true},
        {"", "", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        assert_string_equal(flowed_text(mem, table[i].text, table[i].delsp), table[i].flowed);
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_encodings), cmocka_unit_test(test_transfer),
                                       cmocka_unit_test(test_uuencode), cmocka_unit_test(test_flowed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
