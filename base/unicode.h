/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Text of five languages in three scripts: keys for search, encodings, dates, order.  ICU, loaded when it is
 * needed (base/lazy.h), is known to unicode.c, unicode_domain.c, unicode_zone.c and unicode_locale.c alone.
 *
 * Text is UTF-8, checked once at the border (unicode_decode, unicode_valid_utf8); the other functions take
 * valid text, and read a broken byte as U+FFFD.  Results are talloc children of mem.  Languages are BCP 47
 * tags as in base/catalog.h (sq, sr-Cyrl, sr-Latn, en, de, pl; "sr" means sr-Latn); an unknown one is treated
 * as English. Time zones are IANA's names; times are seconds since 1970 (UTC).
 *
 * The two keys.  Both are stored, so that a change of the rules needs a new version and new keys in the
 * database.
 *
 * fold: blind to script, diacritics, case and punctuation; nothing else.  Words of a-z and 0-9 (and letters
 * of other scripts, without marks), one blank between them. marks go            ë→e ç→c š→s č,ć→c ž→z ü→u ń→n
 * å→a letters of Latin    đ→dj ł→l ß→ss ø→o æ→ae œ→oe ð→d þ→th ı→i ħ→h; ligatures and digraphs (ǆ ǉ ǌ ﬁ) as
 * spelt Cyrillic, as its Serbian Latin, without marks: ђ→dj ж→z ј,й→j љ→lj њ→nj ћ→c х→h ц→c ч→c џ→dz ш→s щ→sc
 * ы→i э→e ю→ju я→ja (ъ, ь go) Macedonian ѓ→gj ќ→kj ѕ→dz, Ukrainian є→je і,ї→i ґ→g apostrophes go, any other
 * sign is a blank So Đorđević = Djordjević = Ђорђевић, Стојковић = Stojković = STOJKOVIC.
 *
 * near: made of a fold, for names written in another language's spelling.
 *     c:  c q ć č ç ch ts tz cz kj sch→s tsch,tch→c        s, z:  sh sz→s  zh→z        d:  d dj gj xh dz dzh
 * dh i:  i j y        l, n:  lj→l nj→n        v: v w        t: t th        x→ks        ae oe ue → a o u
 *     double letters are one
 * So Stojkoviq, Xhorxheviq, Gjorgjeviq, Snezhana, Tomisllav, Thaçi/Тачи, Mueller stand with their other
 * spellings.
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdint.h>

#include "base/mem.h"

enum { UNICODE_KEY_VERSION = 1 };
char *unicode_fold(void *mem, const char *s);
void unicode_fold_add(struct text *t, const char *s, size_t len);
char *unicode_near(void *mem, const char *s);

void unicode_load(void); /* ICU, where nothing can be loaded later */
/* The code point at *s (U+FFFD for a broken byte), *s moved behind it; 0 at the end. */
uint32_t unicode_next(const char **s);
void unicode_add(struct text *t, uint32_t c);
/* Strict: no overlong form, no surrogate, no NUL.  The text where it is valid, or the other. */
bool unicode_valid_utf8(const char *s, size_t len);
const char *unicode_or(const char *s, const char *otherwise);
/* The compatibility decomposition (NFKD) of c in small letters; how many, at most 20. */
int unicode_decompose(uint32_t c, uint32_t out[20]);
bool unicode_is_letter(uint32_t c);
bool unicode_is_upper(uint32_t c);
bool unicode_is_mark(uint32_t c);
bool unicode_is_digit(uint32_t c);
bool unicode_is_blank(uint32_t c); /* any white space or control character, also U+00A0, U+200B, U+FEFF */
/* The text composed (NFC); in small letters; in capitals. */
char *unicode_compose(void *mem, const char *s);
char *unicode_lower(void *mem, const char *s);
char *unicode_upper(void *mem, const char *s);
/* Composed, with one blank for each run of blanks, line breaks and control characters, none at the edges. */
char *unicode_squeeze(void *mem, const char *s);
/* How many columns of a terminal or sheet the text takes, one a letter. */
size_t unicode_width(const char *s);

/* Serbian.  To Latin is exact (Љ→Lj, in a word of capitals LJ); other Cyrillic letters go along as a Serbian
 * writes them.  To Cyrillic knows the words in which nj, dž, lj are two letters (injekcija, nadživeti),
 * leaves words with q, w, x, y, a digit or @ as they are, and is for running text, never for names. */
char *unicode_to_latin(void *mem, const char *s);
char *unicode_to_cyrillic(void *mem, const char *s);
enum unicode_script { UNICODE_NONE, UNICODE_LATIN, UNICODE_CYRILLIC, UNICODE_MIXED };
enum unicode_script unicode_script(const char *s);

/* ---- encodings
 * encoding: any name that ICU knows, iso-8859-16, or NULL to find it: a byte order mark, UTF-16 by its zero
 * bytes, UTF-8 if it is valid, else the best of windows-1250, windows-1252, windows-1251, iso-8859-2,
 * iso-8859-5 by the letters of Albanian, Serbian, Polish and German.  A mark of order does not come into the
 * text.  Bytes that the encoding does not have: ERR_INPUT with offset and line. */
int unicode_decode(void *mem, const char *bytes, size_t len, const char *encoding, char **utf8_r,
                   const char **encoding_r, struct err *err) MUST_CHECK;
const char *unicode_detect(void *mem, const char *bytes, size_t len); /* of eight bits, what fits best */
int unicode_decode_latin_10(void *mem, const char *bytes, size_t len, char **utf8_r,
                            struct err *err) MUST_CHECK;
/* What each byte from 128 on is in the encoding (0: nothing); -1 if it is unknown. */
int unicode_high_half(const char *encoding, uint32_t map[128]) MUST_CHECK;

/* ---- addresses: the whole in small letters, composed; the domain as A-labels (RFC 5891), ERR_INPUT if it
 * has none */
char *unicode_case_fold_email(void *mem, const char *address);
int unicode_domain_to_ascii(void *mem, const char *domain, char **ascii_r, struct err *err) MUST_CHECK;

/* ---- dates, as a letter has them
 *     LONG   e enjte, 18 mars 2027 · четвртак, 18. март 2027. · Donnerstag, 18. März 2027 · Thursday, 18
 * March 2027 DAY    the same without the day of the week        SHORT  18.03.2027 (sr 18.03.2027.; en
 * 18/03/2027) TIME   10.00 (sq, sr, pl), 10:00 (en, de)          STAMP  short date and time */
enum unicode_date { UNICODE_LONG, UNICODE_DAY, UNICODE_SHORT, UNICODE_TIME, UNICODE_STAMP };
char *unicode_format_date(void *mem, int64_t when, const char *time_zone, const char *language,
                          enum unicode_date style);
/* "10.00–14.00"; with to 0 the begin alone. */
char *unicode_format_range(void *mem, int64_t from, int64_t to, const char *time_zone, const char *language);
struct unicode_clock {
    int year, month, day, hour, minute, second; /* months and days from 1 */
};
struct unicode_clock unicode_clock_of(int64_t when, const char *time_zone);
/* false when the clock of that zone never shows it (the change to summer time) */
bool unicode_time_of(const struct unicode_clock *clock, const char *time_zone, int64_t *when_r);
/* "dd.mm.yyyy" (a dot may follow), "yyyy-mm-dd", each with " HH:MM" or "THH:MM[:SS]" or without (midnight),
 * and with "Z" in place of the zone.  A day or hour that does not exist is ERR_INPUT. */
int unicode_parse_time(const char *s, const char *time_zone, int64_t *when_r, struct err *err) MUST_CHECK;
/* The date alone as "yyyy-mm-dd"; false if it is none. */
bool unicode_parse_date(const char *s, char iso[11]);

struct unicode_collator; /* an order */
struct unicode_collator *unicode_collator_new(void *mem, const char *language);
/* Sorts as the collator does, byte by byte: hexadecimal. */
char *unicode_sort_key(void *mem, const struct unicode_collator *collator, const char *s);
/* "412.350,00", "1 204,5 €" as "412350.00", "1204.5"; NULL if it is no number.  The language says what a
 * lonely dot or comma before three digits means (English: thousands are marked by a comma). */
char *unicode_parse_number(void *mem, const char *s, const char *language);

#endif
