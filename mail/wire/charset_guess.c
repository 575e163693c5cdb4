/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/charset_guess.h"

#include <ctype.h>

#include "base/unicode.h"

struct count {
    size_t of[256], ascii_letters,
        high_letters; /* high: from 0xc0 on, where the letters of all encodings are */
};

static struct count count(const char *bytes, size_t len)
{
    struct count c = {.ascii_letters = 0};
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        c.of[byte]++;
        c.ascii_letters += isalpha(byte) != 0 && byte < 0x80;
        c.high_letters += byte >= 0xc0;
    }
    return c;
}

/* KOI8-R has small letters where windows-1251 has capitals.  A text in capitals tells the two apart by its
 * commonest vowels, which stand elsewhere. */
static bool is_koi8(const struct count *c)
{
    size_t low = 0, high = 0;
    for (int i = 0xc0; i < 0xe0; i++)
        low += c->of[i];
    for (int i = 0xe0; i < 0x100; i++)
        high += c->of[i];
    size_t koi8 = c->of[0xcf] + c->of[0xc1] + c->of[0xc9], windows = c->of[0xce] + c->of[0xc0] + c->of[0xc8];
    return low > 2 * high && koi8 > windows;
}

/* Signs that Windows' Western encodings have in the same places. */
static bool is_sign(unsigned char byte)
{
    return byte >= 0x80 && byte < 0xa0
               ? strchr("\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99\x80", byte) != NULL
               : byte == 0xa0 || byte == 0xa7 || byte == 0xab || byte == 0xbb || byte == 0xb0;
}

/* Nothing but signs as an English text has them: quotation marks, dashes, the pound before a number; the
 * pound and two others are letters elsewhere. */
static bool is_signs(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool alone = i + 1 == len || isdigit((unsigned char)bytes[i + 1]) || bytes[i + 1] == ' ';
        if (byte >= 0x80 && !(alone && strchr("\xa3\xa9\xae", byte)) && !is_sign(byte))
            return false;
    }
    return true;
}

/* ---- two bytes a character

   All bytes from 0x80 on pair up, in rows that common characters have, and no pair leans on an ASCII letter
   as the letters of Latin texts do.  Cyrillic in an encoding of its own stands in rows of rarer characters,
   and words of odd lengths leave a byte over. */

struct pairs {
    size_t n, leaning, hangul, kana, hanzi, big5, kana_sjis, low, high;
    bool strict; /* both bytes from 0xa1 on: GB 2312, EUC-KR, EUC-JP */
    bool odd;    /* something is left over */
};

static bool in(unsigned char byte, int first, int last)
{
    return byte >= first && byte <= last;
}

static void take_pair(struct pairs *p, unsigned char lead, unsigned char trail, bool leans)
{
    p->n++;
    p->leaning += leans;
    p->strict = p->strict && lead >= 0xa1 && in(trail, 0xa1, 0xfe);
    p->hangul += in(lead, 0xb0, 0xc8) || lead <= 0xa3;
    p->kana += in(lead, 0xa4, 0xa5);
    p->hanzi += in(lead, 0xb0, 0xd7) || lead <= 0xa3;
    p->big5 += in(lead, 0xa4, 0xc6) || (lead == 0xa1 && in(trail, 0x40, 0x5f));
    p->kana_sjis += in(lead, 0x82, 0x83) || (lead == 0x81 && in(trail, 0x40, 0x76));
    p->low += in(lead, 0xa1, 0xbf) + in(trail, 0xa1, 0xbf);
    p->high += in(lead, 0xd0, 0xff) + in(trail, 0xd0, 0xff);
}

/* `single`: Shift_JIS has a syllable in one byte, too. */
static struct pairs pairs_of(const char *bytes, size_t len, bool single)
{
    struct pairs p = {.strict = true};
    size_t behind = 0; /* the last pair, whose second byte may be a letter */
    for (size_t i = 0; i < len; i++) {
        unsigned char lead = (unsigned char)bytes[i];
        unsigned char trail = i + 1 < len ? (unsigned char)bytes[i + 1] : 0;
        if (lead < 0x80 || (single && in(lead, 0xa1, 0xdf)))
            continue;
        if (trail < 0x40 || trail == 0x7f || trail == 0xff || lead == 0x80 || lead == 0xff) {
            p.odd = true;
            return p;
        }
        take_pair(&p, lead, trail, i > behind && isalpha((unsigned char)bytes[i - 1]));
        behind = ++i + 1;
    }
    return p;
}

static const char *in_pairs(const char *bytes, size_t len)
{
    enum { FEW = 4 };
    struct pairs p = pairs_of(bytes, len, true);
    if (!p.odd && p.n >= FEW && 3 * p.kana_sjis >= p.n)
        return "shift_jis";
    p = pairs_of(bytes, len, false);
    if (p.odd || p.n < FEW || 10 * p.leaning > p.n || 10 * p.low < 2 * p.n || !p.high)
        return NULL;
    if (p.strict && 4 * p.kana >= p.n)
        return "euc-jp";
    if (p.strict && 10 * p.hangul >= 9 * p.n)
        return "euc-kr";
    if (p.strict && 10 * p.hanzi >= 8 * p.n)
        return "gb18030";
    return !p.strict && 10 * p.big5 >= 6 * p.n ? "big5" : NULL;
}

const char *charset_guess_escapes(const char *bytes, size_t len)
{
    static const struct {
        const char *escape, *charset;
    } table[] = {{"\x1b$B", "iso-2022-jp"}, {"\x1b$@", "iso-2022-jp"}, {"\x1b$)C", "iso-2022-kr"}};
    for (size_t i = 0; memchr(bytes, '\x1b', len) && i < ARRAY_LEN(table); i++)
        if (memmem(bytes, len, table[i].escape, strlen(table[i].escape)))
            return table[i].charset;
    return NULL;
}

/* ---- scripts whose letters lie where others have theirs

   Told by how often their commonest letters come, and by letters that stand at the end of words alone. */

static const struct script {
    const char *encoding;
    unsigned char letters[5][2]; /* from, to */
    const char *common;          /* so many of 100 letters at least are among them */
    int percent;
    const char *last;  /* with no letter behind them */
    const char *signs; /* beside those that all have */
} scripts[] = {
    /* Cyrillic of DOS: а е и о */
    {"ibm866", {{0x80, 0xaf}, {0xe0, 0xf1}}, "\x80\x85\x88\x8e\xa0\xa5\xa8\xae", 25, "", "\xfc\xff"},
    /* Arabic: ا ل; ة; what stands for vowels is a sign */
    {"windows-1256",
     {{0xc1, 0xd6}, {0xd8, 0xdf}, {0xe1, 0xe1}, {0xe3, 0xe6}, {0xec, 0xed}},
     "\xc7\xe1",
     15,
     "\xc9",
     "\xa1\xba\xbf\xf0\xf1\xf2\xf3\xf5\xf6\xf8\xfa\xfd\xfe"},
    /* Hebrew: י ר ש ת; ך ם ן ף ץ */
    {"windows-1255",
     {{0xe0, 0xfa}},
     "\xe9\xf8\xf9\xfa",
     10,
     "\xea\xed\xef\xf3\xf5",
     "\xa4\xce\xd7\xd8\xfd\xfe"},
};

static bool is_letter(const struct script *script, unsigned char byte)
{
    for (size_t i = 0; i < ARRAY_LEN(script->letters) && byte >= 0x80; i++)
        if (in(byte, script->letters[i][0], script->letters[i][1]))
            return true;
    return false;
}

static bool is_in_script(const struct script *script, const char *bytes, size_t len)
{
    enum { FEW = 8 };
    size_t letters = 0, common = 0, odd = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        unsigned char behind = i + 1 < len ? (unsigned char)bytes[i + 1] : ' ';
        if (byte < 0x80) {
            odd += isalpha(byte) && is_letter(script, behind);
        } else if (!is_letter(script, byte)) {
            odd += !is_sign(byte) && !strchr(script->signs, byte);
        } else {
            letters++;
            common += strchr(script->common, byte) != NULL;
            odd += strchr(script->last, byte) ? is_letter(script, behind) : behind < 0x80 && isalpha(behind);
        }
    }
    return letters >= FEW && 100 * common >= (size_t)script->percent * letters && 30 * odd <= letters;
}

static const char *by_script(const char *bytes, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (is_in_script(&scripts[i], bytes, len))
            return scripts[i].encoding;
    return NULL;
}

const char *charset_guess(void *mem, const char *bytes, size_t len)
{
    if (is_signs(bytes, len))
        return "windows-1252";
    const char *told = by_script(bytes, len);
    if (!told)
        told = in_pairs(bytes, len);
    if (told)
        return told;
    const char *best = unicode_detect(mem, bytes, len);
    struct count c = count(bytes, len);
    return !strcmp(best, "windows-1251") && is_koi8(&c) ? "koi8-r" : best;
}

/* ---- what is called Latin 1 */

/* The letters of a language in an encoding, and those of them that no text in Latin 1 has among the others.
 */
static const struct language {
    const char *encoding, *letters, *sure;
    int distinct; /* so many different ones, one of them sure */
} languages[] = {
    /* č ć ž š đ: as Latin 1 è æ ž š ð, of which no language has two together */
    {"windows-1250", "\xe8\xe6\x9e\x9a\xf0\xc8\xc6\x8e\x8a\xd0", "\xe6\xf0\xc6\xd0\x9e\x8e", 2},
    {"iso-8859-2", "\xe8\xe6\xbe\xb9\xf0\xc8\xc6\xae\xa9\xd0", "\xbe\xb9\xae\xa9", 2},
    /* ą ć ę ł ń ó ś ź ż: as Latin 1 signs within words */
    {"windows-1250", "\xb9\xe6\xea\xb3\xf1\xf3\x9c\x9f\xbf\xa5\xc6\xca\xa3\xd1\xd3\x8c\x8f\xaf",
     "\xb9\xb3\xbf", 2},
    {"iso-8859-2", "\xb1\xe6\xea\xb3\xf1\xf3\xb6\xbc\xbf\xa1\xc6\xca\xa3\xd1\xd3\xa6\xac\xaf",
     "\xb1\xb3\xb6\xbc\xbf", 2},
};

static bool between_letters(const char *bytes, size_t len, size_t i)
{
    return i > 0 && i + 1 < len && isalpha((unsigned char)bytes[i - 1]) &&
           isalpha((unsigned char)bytes[i + 1]);
}

/* All letters beyond ASCII are of the language; a sure one that is a sign in Latin 1 stands within a word. */
static bool is_in(const struct language *language, const struct count *c, const char *bytes, size_t len)
{
    int distinct = 0;
    bool sure = false;
    for (int i = 0x80; i < 0x100; i++) {
        if (!c->of[i] || is_sign((unsigned char)i))
            continue;
        if (!strchr(language->letters, i))
            return false;
        distinct++;
    }
    for (size_t i = 0; i < len && !sure; i++)
        sure = bytes[i] & 0x80 && strchr(language->sure, bytes[i]) &&
               ((unsigned char)bytes[i] >= 0xc0 || (unsigned char)bytes[i] < 0xa0 ||
                between_letters(bytes, len, i));
    return sure && distinct >= language->distinct;
}

const char *charset_guess_not_latin1(void *mem, const char *bytes, size_t len)
{
    enum { FEW = 4 };
    struct count c = count(bytes, len);
    if (c.high_letters > FEW && c.high_letters > c.ascii_letters) {
        const char *best = charset_guess(mem, bytes, len);
        return strcmp(best, "windows-1252") && strcmp(best, "windows-1250") && strcmp(best, "iso-8859-2")
                   ? best
                   : NULL;
    }
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (is_in(&languages[i], &c, bytes, len))
            return languages[i].encoding;
    return NULL;
}

/* Letters of one script share their high byte, so there are fewer different ones on that side. */
const char *charset_guess_utf16(const char *bytes, size_t len)
{
    bool seen[2][256] = {{false}};
    int distinct[2] = {0, 0};
    for (size_t i = 0; i < len; i++) {
        bool *b = &seen[i % 2][(unsigned char)bytes[i]];
        distinct[i % 2] += !*b;
        *b = true;
    }
    return distinct[1] < distinct[0] ? "UTF-16LE" : "UTF-16BE";
}
