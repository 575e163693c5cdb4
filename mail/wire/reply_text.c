/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each line is judged once, from the top:
 *
 *     "> ..."                              quoted: left out
 *     "On ... wrote:" (1 to 3 lines)       introduces a quotation: left out; all behind it too where the
 * quotation is not marked by ">"
 *     "-----Original Message-----"         all from here on is the quotation
 *     From: / Sent: / To: / Subject:       the same, three of such lines within six, one of them From, in any
 * order
 *     "-- "                                the signature, until a quotation or the end
 *     "Sent from my iPhone"                left out
 *
 * The words stand folded (base/unicode.h: one script, no marks, no punctuation) in tables, a row a language.
 */
#include "mail/wire/reply_text.h"

#include "base/unicode.h"

enum { LINES_MAX = 20000, INTRODUCTION_LINES = 3, INTRODUCTION_MAX = 600, BLOCK_LINES = 8, RULER_MAX = 80 };

enum fate { KEEP, QUOTED, DROP, REST };

struct lines {
    const char **line; /* without trailing blanks */
    size_t n;
};

static const char *const original_words[] = {
    "original message",
    "originalnachricht",
    "original nachricht",
    "ursprungliche nachricht",
    "ursprungliche mail",
    "originalna poruka",
    "izvorna poruka",
    "izvirno sporocilo",
    "mesazhi origjinal",
    "mesazh origjinal",
    "oryginalna wiadomosc",
    "wiadomosc oryginalna",
    "message d origine",
    "messaggio originale",
    "mensaje original",
    "originalmeddelande",
    "ursprungligt meddelande",
    "forwarded message",
    "weitergeleitete nachricht",
    "prosledjena poruka",
    "mesazh i percjelle",
    "oprinnelig melding",
    "oorspronkelijk bericht",
    "originalni vzkaz",
};

static const char *const wrote_words[] = {
    "wrote",      "writes",  "schrieb",    "geschrieben", "napisao",  "napisala",
    "napisao la", "napisal", "napisala a", "pise",        "pisze",    "napisala",
    "napisal a",  "shkroi",  "shkruar",    "shkruajti",   "ecrit",    "scritto",
    "escribio",   "skrev",   "schreef",    "napsal",      "napisali", "wiadomosc napisana",
};

/* Labels of a quoted header: FROM_LABEL must be among them. */
enum label { NO_LABEL, FROM_LABEL, DATE_LABEL, TO_LABEL, CC_LABEL, SUBJECT_LABEL };
static const struct {
    const char *word;
    enum label label;
} labels[] = {
    {"from", FROM_LABEL},       {"von", FROM_LABEL},
    {"od", FROM_LABEL},         {"nga", FROM_LABEL},
    {"fran", FROM_LABEL},       {"fra", FROM_LABEL},
    {"van", FROM_LABEL},        {"de", FROM_LABEL},
    {"da", FROM_LABEL},         {"salje", FROM_LABEL},
    {"posiljalac", FROM_LABEL}, {"derguesi", FROM_LABEL},
    {"nadawca", FROM_LABEL},    {"absender", FROM_LABEL},
    {"sent", DATE_LABEL},       {"date", DATE_LABEL},
    {"gesendet", DATE_LABEL},   {"datum", DATE_LABEL},
    {"poslato", DATE_LABEL},    {"poslano", DATE_LABEL},
    {"derguar", DATE_LABEL},    {"data", DATE_LABEL},
    {"wyslano", DATE_LABEL},    {"skickat", DATE_LABEL},
    {"sendt", DATE_LABEL},      {"envoye", DATE_LABEL},
    {"inviato", DATE_LABEL},    {"verzonden", DATE_LABEL},
    {"to", TO_LABEL},           {"an", TO_LABEL},
    {"za", TO_LABEL},           {"prima", TO_LABEL},
    {"kome", TO_LABEL},         {"per", TO_LABEL},
    {"do", TO_LABEL},           {"till", TO_LABEL},
    {"til", TO_LABEL},          {"a", TO_LABEL},
    {"aan", TO_LABEL},          {"drejtuar", TO_LABEL},
    {"cc", CC_LABEL},           {"kopie", CC_LABEL},
    {"kopija", CC_LABEL},       {"kopje", CC_LABEL},
    {"subject", SUBJECT_LABEL}, {"betreff", SUBJECT_LABEL},
    {"tema", SUBJECT_LABEL},    {"naslov", SUBJECT_LABEL},
    {"predmet", SUBJECT_LABEL}, {"subjekti", SUBJECT_LABEL},
    {"temat", SUBJECT_LABEL},   {"amne", SUBJECT_LABEL},
    {"emne", SUBJECT_LABEL},    {"objet", SUBJECT_LABEL},
    {"oggetto", SUBJECT_LABEL}, {"onderwerp", SUBJECT_LABEL},
    {"titulli", SUBJECT_LABEL}, {"zadeva", SUBJECT_LABEL},
};

static const char *const device_words[] = {
    "sent from my ",     "sent from mail for", "sent from outlook",
    "get outlook for",   "von meinem ",        "gesendet von ",
    "gesendet mit der ", "skaffa outlook",     "outlook fur ",
    "poslato sa ",       "poslato iz ",        "poslano sa ",
    "poslano iz ",       "derguar nga ",       "derguar prej ",
    "wyslane z ",        "wyslano z ",         "pobierz program outlook",
    "preuzmite outlook", "skickat fran ",      "envoye de mon",
    "inviato da ",       "yahoo mail",         "sent with ",
};

static bool has_word(const char *folded, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = folded; (p = strstr(p, word)); p++)
        if ((p == folded || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
            return true;
    return false;
}

static bool is_blank(const char *line)
{
    return !line[strspn(line, " \t")];
}

static bool is_quoted(const char *line)
{
    line += strspn(line, " ");
    return *line == '>';
}

/* ---- rulers and blocks */

/* A line of dashes around words that say "original message", or the same without dashes by Outlook's apps. */
static bool is_original(const char *line)
{
    size_t len = strlen(line);
    line += strspn(line, " \t");
    if (len > RULER_MAX || strncmp(line, "--", 2) || line[len - 1] == ' ')
        return false;
    MEM_SCOPE(mem);
    const char *folded = unicode_fold(mem, line);
    for (size_t i = 0; i < ARRAY_LEN(original_words); i++)
        if (!strncmp(folded, original_words[i], strlen(original_words[i])))
            return true;
    return false;
}

/* "Von: ...", "*From:* ...", "Datum : ..." */
static enum label label_of(const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon || colon - line > 24)
        return NO_LABEL;
    MEM_SCOPE(mem);
    const char *word = unicode_fold(mem, talloc_strndup(mem, line, (size_t)(colon - line)));
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        if (!strcmp(word, labels[i].word))
            return labels[i].label;
    return NO_LABEL;
}

static bool begins_block(const struct lines *l, size_t i)
{
    bool seen[SUBJECT_LABEL + 1] = {false};
    if (label_of(l->line[i]) == NO_LABEL)
        return false;
    int kinds = 0;
    size_t looked = 0;
    bool address = false;
    for (; i < l->n && looked < BLOCK_LINES; i++) {
        if (is_blank(l->line[i]))
            continue;
        looked++;
        enum label label = label_of(l->line[i]);
        address = address || (label != NO_LABEL && strchr(l->line[i], '@'));
        if (label != NO_LABEL && !seen[label]) {
            seen[label] = true;
            kinds++;
        }
    }
    return seen[FROM_LABEL] && kinds >= 3 && (seen[SUBJECT_LABEL] || address);
}

/* ---- "On ... wrote:" */

static bool has_year(const char *s)
{
    for (; *s; s++)
        if ((!strncmp(s, "19", 2) || !strncmp(s, "20", 2)) && strspn(s, "0123456789") == 4)
            return true;
        else
            s += strspn(s, "0123456789") ? strspn(s, "0123456789") - 1 : 0;
    return false;
}

static size_t next_text(const struct lines *l, size_t i)
{
    while (i < l->n && is_blank(l->line[i]))
        i++;
    return i;
}

static bool says_wrote(void *mem, const char *joined)
{
    const char *folded = unicode_fold(mem, joined);
    for (size_t i = 0; i < ARRAY_LEN(wrote_words); i++)
        if (has_word(folded, wrote_words[i]))
            return true;
    return false;
}

/* "On 10 Nov 2026 A B wrote:" */
static bool introduces(const char *joined)
{
    MEM_SCOPE(mem);
    return has_year(joined) && says_wrote(mem, joined);
}

/* How many lines from i on introduce a quotation; 0: none.  *marked_r tells whether ">" lines follow.  Where
 * the later of these lines do so by themselves, line i is no part of it. */
static size_t introduction(const struct lines *l, size_t i, bool *marked_r)
{
    MEM_SCOPE(mem);
    struct text joined = text_new(mem);
    size_t second = 0;
    for (size_t n = 1; n <= INTRODUCTION_LINES && i + n <= l->n; n++) {
        const char *line = l->line[i + n - 1];
        if (is_blank(line) || is_quoted(line) || joined.len + strlen(line) > INTRODUCTION_MAX)
            return 0;
        text_puts(&joined, line);
        text_putc(&joined, ' ');
        if (n == 1)
            second = joined.len;
        if (line[strlen(line) - 1] != ':')
            continue;
        size_t next = next_text(l, i + n);
        *marked_r = next < l->n && is_quoted(l->line[next]);
        bool follows = *marked_r || strchr(joined.s, '@');
        return follows && introduces(joined.s) && !introduces(joined.s + second) ? n : 0;
    }
    return 0;
}

/* ---- signatures */

static bool is_device(const char *line)
{
    if (strlen(line) > RULER_MAX || is_blank(line))
        return false;
    MEM_SCOPE(mem);
    const char *folded = unicode_fold(mem, line);
    for (size_t i = 0; i < ARRAY_LEN(device_words); i++)
        if (!strncmp(folded, device_words[i], strlen(device_words[i])))
            return true;
    return false;
}

/* ---- all */

static struct lines split(void *mem, const char *text)
{
    struct lines l = {.line = talloc_array(mem, const char *, LINES_MAX)};
    char *copy = talloc_strdup(mem, text);
    for (char *p = copy; *p && l.n < LINES_MAX;) {
        char *end = p + strcspn(p, "\n");
        bool more = *end;
        *end = 0;
        for (char *q = end; q > p && (q[-1] == ' ' || q[-1] == '\t');)
            *--q = 0;
        l.line[l.n++] = p;
        p = end + more;
    }
    return l;
}

/* The fate of line i, and how many lines share it. */
static enum fate judge(const struct lines *l, size_t i, size_t *n_r)
{
    bool marked;
    *n_r = 1;
    const char *line = l->line[i];
    if (is_quoted(line))
        return QUOTED;
    if (is_blank(line))
        return KEEP;
    if (is_original(line) || begins_block(l, i))
        return REST;
    size_t n = introduction(l, i, &marked);
    if (n) {
        *n_r = n;
        return marked ? QUOTED : REST;
    }
    return is_device(line) ? DROP : KEEP;
}

static bool is_ruler(const char *line)
{
    size_t len = strlen(line);
    return len >= 5 && (strspn(line, "_") == len || strspn(line, "-") == len);
}

/* Without empty lines at either end and rulers at the end, and no two empty lines in a row. */
static char *join(void *mem, const char **kept, size_t n)
{
    while (n && (is_blank(kept[n - 1]) || is_ruler(kept[n - 1])))
        n--;
    struct text out = text_new(mem);
    for (size_t i = 0; i < n; i++) {
        if (is_blank(kept[i]) && (!out.len || is_blank(kept[i - 1])))
            continue;
        text_puts(&out, kept[i]);
        if (i + 1 < n)
            text_putc(&out, '\n');
    }
    return out.s;
}

char *reply_text(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    struct lines l = split(scratch, text);
    const char **kept = talloc_array(scratch, const char *, l.n + 1);
    size_t nkept = 0;
    bool signature = false;
    for (size_t i = 0, n = 1; i < l.n; i += n) {
        enum fate fate = judge(&l, i, &n);
        if (fate == REST)
            break;
        if (fate == QUOTED)
            signature = false;
        else if (!strcmp(l.line[i], "--"))
            signature = true;
        kept[nkept] = fate == KEEP && !signature ? l.line[i] : "";
        nkept++;
    }
    return join(mem, kept, nkept);
}

char *reply_original(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    struct lines l = split(scratch, text);
    for (size_t i = 0; i < l.n; i++)
        while (is_quoted(l.line[i]))
            l.line[i] += strspn(l.line[i], " ") + 1;
    for (size_t i = 0; i < l.n; i++) {
        if (!begins_block(&l, i))
            continue;
        for (; i < l.n; i++)
            if (label_of(l.line[i]) == FROM_LABEL)
                return talloc_strdup(mem, strchr(l.line[i], ':') + 1);
    }
    return NULL;
}
