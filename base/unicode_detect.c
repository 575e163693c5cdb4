/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which encoding of eight bits a text has: each candidate is tried with each language, and the pair wins
 * under which most of the bytes from 128 on are letters that the language has, in places where letters of
 * that size stand. Candidates that give the same text tie, and the first in the table wins.
 */
#include "base/unicode.h"

static const char *const encodings[] = {"windows-1250", "windows-1252", "windows-1251", "iso-8859-2",
                                        "iso-8859-5",   "windows-1254", "windows-1253"};

/* Letters beyond ASCII, both sizes.  The first is Kosovo's ordinary list: Albanian and Serbian side by side.
 */
static const char *const alphabets[] = {
    "ëçčćžšđËÇČĆŽŠĐ",
    "ëçËÇ",
    "čćžšđČĆŽŠĐ",
    "äöüßÄÖÜ",
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "éèêàâîôûùçëïÉÈÀÇ",
    "ăâîşţĂŞŢ",
    "çğıöşüÇĞİÖŞÜ",
    "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ",
    "абвгдђежзијклљмнњопрстћуфхцчџшАБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяѓќѕјљњџАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЃЌЅЈЉЊЏ",
};

static const char signs[] = "„“”‘’‚–—…€§°«»·•©®±×½¼\u00a0";

/* Points for a byte that is a letter of the language, a sign, another character, or nothing at all. */
enum { LETTER = 4, SIGN = 2, OTHER = -4, NOTHING = -1000, MISPLACED = -8 };

static bool holds(const char *set, uint32_t c)
{
    for (uint32_t each; (each = unicode_next(&set));)
        if (each == c)
            return true;
    return false;
}

enum script { LATIN, GREEK, CYRILLIC };

static enum script script_of(uint32_t letter)
{
    return letter >= 0x400 && letter < 0x530 ? CYRILLIC : letter >= 0x370 && letter < 0x400 ? GREEK : LATIN;
}

/* A letter among letters of another script, a capital right behind a small letter, or a sign between
 * letters. */
static bool misplaced(const uint32_t map[128], const char *bytes, size_t len, size_t i, uint32_t c)
{
    if (i == 0 || i + 1 >= len)
        return false;
    unsigned char before = (unsigned char)bytes[i - 1], behind = (unsigned char)bytes[i + 1];
    uint32_t left = before < 128 ? before : map[before - 128],
             right = behind < 128 ? behind : map[behind - 128];
    if (unicode_is_letter(c) && ((unicode_is_letter(left) && script_of(left) != script_of(c)) ||
                                 (unicode_is_letter(right) && script_of(right) != script_of(c))))
        return true;
    if (unicode_is_letter(c))
        return unicode_is_upper(c) && unicode_is_letter(left) && !unicode_is_upper(left);
    return unicode_is_letter(left) && unicode_is_letter(right) && c != 0x2019 && c != 0x2013;
}

static long score(const uint32_t map[128], const char *alphabet, const char *bytes, size_t len)
{
    long points[128];
    bool used[128] = {false}; /* a text has few of them, and to look one up takes long */
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] >= 128)
            used[(unsigned char)bytes[i] - 128] = true;
    for (int i = 0; i < 128; i++)
        points[i] = !used[i]                  ? 0
                    : !map[i]                 ? NOTHING
                    : holds(alphabet, map[i]) ? LETTER
                    : holds(signs, map[i])    ? SIGN
                                              : OTHER;
    long sum = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 128)
            continue;
        sum += points[byte - 128];
        if (map[byte - 128] && misplaced(map, bytes, len, i, map[byte - 128]))
            sum += MISPLACED;
    }
    return sum;
}

const char *unicode_detect(void *mem, const char *bytes, size_t len)
{
    enum { ENOUGH = 1 << 20 };
    const char *best = encodings[0];
    long most = 0;
    for (size_t e = 0; e < ARRAY_LEN(encodings); e++) {
        uint32_t map[128];
        if (unicode_high_half(encodings[e], map) < 0)
            continue;
        for (size_t a = 0; a < ARRAY_LEN(alphabets); a++) {
            long sum = score(map, alphabets[a], bytes, len < ENOUGH ? len : ENOUGH);
            if ((e == 0 && a == 0) || sum > most) {
                most = sum;
                best = encodings[e];
            }
        }
    }
    return talloc_strdup(mem, best);
}

/* ---- iso-8859-16 (Latin-10), which ICU lacks: its characters from 160 on */

static const char latin_10[] = "\u00a0ĄąŁ€„Š§š©Ș«Ź\u00adźŻ°±ČłŽ”¶·žčș»ŒœŸż"
                               "ÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚß"
                               "àáâăäćæçèéêëìíîïđńòóôőöśűùúûüęțÿ";

int unicode_decode_latin_10(void *mem, const char *bytes, size_t len, char **utf8_r, struct err *err)
{
    const char *character[96 + 1], *at = latin_10;
    for (size_t i = 0; i < 96; i++) {
        character[i] = at;
        unicode_next(&at);
    }
    character[96] = at;
    struct text t = text_new(mem);
    long line = 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        line += byte == '\n';
        if (byte == 0 || (byte >= 128 && byte < 160))
            return err_set(err, ERR_INPUT, "line %ld, byte %zu: iso-8859-16 has no such character (0x%02x)",
                           line, i, byte);
        if (byte < 128)
            text_putc(&t, (char)byte);
        else
            text_add(&t, character[byte - 160], (size_t)(character[byte - 159] - character[byte - 160]));
    }
    *utf8_r = t.s;
    return 0;
}
