/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Cards of every version, as programs write them and as they should not; and what is written: each line
 * against the grammar of RFC 6350, and read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>

#include "base/unicode.h"
#include "base/vcard_low.h"

/* ---- a reading as text: "number@line" and a line a value, NAME{what is said of it}=part|part; or !reason */

static void show_item(struct text *t, const char *name, const struct vcard_item *item)
{
    text_printf(t, " %s", name);
    if (item->types)
        text_printf(t, "{%s}", item->types);
    if (item->pref)
        text_printf(t, "#%d", item->pref);
    if (item->language)
        text_printf(t, "@%s", item->language);
    if (item->altid)
        text_printf(t, "~%s", item->altid);
    if (item->sort_as)
        text_printf(t, "<%s>", item->sort_as);
    if (item->label)
        text_printf(t, "\"%s\"", item->label);
    for (size_t i = 0; i < item->parts; i++)
        text_printf(t, "%s%s", i ? "|" : "=", item->part[i]);
}

static void show_items(struct text *t, const struct vcard *card)
{
    for (int i = 0; i < VCARD_PROPERTIES; i++)
        for (size_t k = 0; k < card->of[i].n; k++)
            show_item(t, vcard_kinds[i].name, &card->of[i].item[k]);
}

static int show(void *context, const struct vcard *card, struct err *err)
{
    (void)err;
    struct text *t = context;
    text_printf(t, "%ld@%ld ", card->number, card->line);
    if (card->refused) {
        text_printf(t, "!%s;", card->refused);
        return 0;
    }
    text_puts(t, card->fn);
    show_items(t, card);
    if (card->doubt)
        text_printf(t, " ?%ld %s", card->doubt_line, card->doubt);
    text_putc(t, ';');
    return 0;
}

static const char *read_all(void *mem, const char *text, size_t len)
{
    struct text t = text_new(mem);
    struct err err;
    if (vcard_each(text, len, NULL, show, &t, &err) < 0)
        text_printf(&t, "-1 %s", err.text);
    return t.s;
}

#define B21 "BEGIN:VCARD\r\nVERSION:2.1\r\n"
#define B30 "BEGIN:VCARD\r\nVERSION:3.0\r\n"
#define B40 "BEGIN:VCARD\r\nVERSION:4.0\r\n"
#define END "END:VCARD\r\n"

static const struct {
    const char *text, *shown;
} readings[] = {
    /* line ends, case of names, blanks */
    {B30 "FN:A B\r\n" END, "1@1 A B FN=A B;"},
    {"BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n", "1@1 A FN=A;"},
    {"BEGIN:VCARD\rVERSION:3.0\rFN:A\rEND:VCARD\r", "1@1 A FN=A;"},
    {"\xef\xbb\xbf"
     "begin:vcard\nversion:3.0\nfn: A \nend:vcard",
     "1@1 A FN=A;"},
    {B30 "FN:A\r\n" END "\r\n\r\n" B40 "FN:B\r\n" END, "1@1 A FN=A;2@7 B FN=B;"},
    /* folds: 3.0 and 4.0 take one blank out, 2.1 none */
    {B40 "FN:A\r\n B\r\n  C\r\n\tD\r\n" END, "1@1 AB CD FN=AB CD;"},
    {B21 "FN:A\r\n B\r\n" END, "1@1 A B FN=A B;"},
    {B40 "FN:\xc4\r\n \x8d\r\n" END, "1@1 č FN=č;"},
    {B40 "EM\r\n AIL;TY\r\n PE=wo\r\n rk:a@x\r\n" END, "1@1 a@x EMAIL{work}=a@x;"},
    /* escapes of each version */
    {B40 "NOTE:a\\nb\\Nc\\,d\\;e\\\\f\\x\r\n" END, "1@1 !it has neither a name nor an address nor a number;"},
    {B40 "FN:F\r\nNOTE:a\\nb\\Nc\\,d\\;e\\\\f\\x,g;h\r\n" END, "1@1 F FN=F NOTE=a\nb\nc,d;e\\f\\x,g;h;"},
    {B21 "FN:C:\\new\\;x\r\n" END, "1@1 C:\\new;x FN=C:\\new;x;"},
    /* structures and lists */
    {B40 "N:Doe;John;Philip,Paul;Dr.;Jr.,M.D.\r\n" END,
     "1@1 Dr. John Philip Paul Doe Jr. M.D. N=Doe|John|Philip Paul|Dr.|Jr. M.D.;"},
    {B21 "N:Doe, Jr.;John\r\n" END, "1@1 John Doe, Jr. N=Doe, Jr.|John|||;"},
    {B30 "N:;otac Sava;;;\r\nN:\r\nORG:;;\r\n" END, "1@1 otac Sava N=|otac Sava|||;"},
    {B30 "ORG:A\\;B;C;D;;\r\n" END, "1@1 A;B ORG=A;B|C|D;"},
    {B30 "ORG:A, B\r\nTITLE:x\\,y\r\nROLE:z\r\n" END, "1@1 A, B ORG=A, B TITLE=x,y ROLE=z;"},
    {B30 "NICKNAME:a,b\\,c,,d\r\nCATEGORIES:x,y\r\n" END,
     "1@1 a NICKNAME=a NICKNAME=b,c NICKNAME=d CATEGORIES=x CATEGORIES=y;"},
    {B40 "FN:F\r\nADR;TYPE=work;LABEL=\"Str. 1^nTown\":;;Str. 1,a;Town;;1000;Kosovo\r\n" END,
     "1@1 F FN=F ADR{work}\"Str. 1\nTown\"=||Str. 1, a|Town||1000|Kosovo;"},
    {B21 "FN:F\r\nADR;WORK:;;Str. 1;Town\r\nLABEL;WORK;ENCODING=QUOTED-PRINTABLE:Str. 1=0D=0ATown\r\n" END,
     "1@1 F FN=F ADR{work}\"Str. 1\nTown\"=||Str. 1|Town|||;"},
    /* parameters: without a name, quoted, several, carets, preference */
    {B21 "TEL;CELL;PREF:1\r\nEMAIL;INTERNET:a@x\r\n" END, "1@1 a@x EMAIL=a@x TEL{cell}#1=1;"},
    {B40 "TEL;VALUE=uri;TYPE=\"voice,cell\";PREF=1:tel:+48-600-000-131\r\n" END,
     "1@1 +48-600-000-131 TEL{voice,cell}#1=+48-600-000-131;"},
    {B40 "TEL;VALUE=uri:tel:+1-418;ext=12\r\nEMAIL:mailto:a%20b@x?subject=y\r\n" END,
     "1@1 a b@x EMAIL=a b@x TEL=+1-418 ext. 12;"},
    {B30 "EMAIL;type=HOME:b@x\r\nEMAIL;type=WORK;type=pref:a@x\r\n" END,
     "1@1 a@x EMAIL{work}#1=a@x EMAIL{home}=b@x;"},
    {B40 "EMAIL:c@x\r\nEMAIL;PREF=20:b@x\r\nEMAIL;PREF=2:a@x\r\nEMAIL;PREF=777:d@x\r\n" END,
     "1@1 a@x EMAIL#2=a@x EMAIL#20=b@x EMAIL=c@x EMAIL=d@x;"},
    {B40 "FN;LANGUAGE=sr-Cyrl;ALTID=1:Ђ\r\nFN;ALTID=1;LANGUAGE=sr-Latn:Đ\r\n" END,
     "1@1 Ђ FN@sr-Cyrl~1=Ђ FN@sr-Latn~1=Đ;"},
    {B40 "N;SORT-AS=\"Harten,Rene\":van der Harten;Rene;;;\r\n" END,
     "1@1 Rene van der Harten N<Harten,Rene>=van der Harten|Rene|||;"},
    {B40 "N;SORT-AS=\"Harten\",Rene;X=\"a:b;c\":H;R\r\n" END, "1@1 R H N<Harten,Rene>=H|R|||;"},
    {B30 "FN:F\r\nN:F;;;;\r\nSORT-STRING:Ef\r\n" END, "1@1 F FN=F N<Ef>=F||||;"},
    {B40 "FN;X=\"never closed:F\r\n" END, "1@1 F FN=F;"},
    /* groups and their labels */
    {B30 "item1.EMAIL;type=INTERNET:a@x\r\nitem1.X-ABLabel:privat\r\nitem2.TEL:1\r\n"
         "item2.X-ABLabel:_$!<HomePage>!$_\r\n" END,
     "1@1 a@x EMAIL\"privat\"=a@x TEL\"HomePage\"=1;"},
    {B30 "ORG:O\r\nX-ABShowAs:COMPANY\r\n" END, "1@1 O KIND=org ORG=O;"},
    {B30 "FN:G\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1\r\n" END,
     "1@1 G KIND=group FN=G MEMBER=urn:uuid:1;"},
    {B40 "FN:F\r\nTEL;VALUE=uri:tel:\x19\x19\r\nTEL;VALUE=uri:tel:%20+1%20\r\nEMAIL:mailto:%20\r\n" END,
     "1@1 F FN=F TEL=+1;"},
    /* quoted-printable, with its soft breaks; base64; charsets */
    {B21 "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C4=8D=\r\n=C4=\r\n=87\r\n" END, "1@1 čć FN=čć;"},
    {B21 "FN;QUOTED-PRINTABLE:a=3Db=\r\n" END, "1@1 a=b= FN=a=b=;"},
    {B40 "FN:F\r\nORG;ALTID=1=QUOTED-PRINTABLE:a=\r\nTITLE;ALTID=\"a;QUOTED-PRINTABLE\":b=\r\nNOTE:n\r\n" END,
     "1@1 F FN=F ORG~1=QUOTED-PRINTABLE=a= TITLE~a;QUOTED-PRINTABLE=b= NOTE=n;"},
    {B21 "FN;ENCODING=QUOTED-PRINTABLE:a=XY=4\r\n" END, "1@1 a=XY=4 FN=a=XY=4;"},
    {B21 "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=A6;=D0=93=3Bx\r\n" END, "1@1 Г x Ц N=Ц|Г|x||;"},
    {B30 "FN;ENCODING=b:xI3Ehw==\r\n" END, "1@1 čć FN=čć;"},
    {B21 "FN;CHARSET=windows-1250;ENCODING=QUOTED-PRINTABLE:=E8=E6\r\n" END, "1@1 čć FN=čć;"},
    {B21 "FN;CHARSET=windows-1251:\xf6\xfb\r\n" END, "1@1 цы FN=цы;"},
    {B21 "FN;CHARSET=ISO-8859-5:\xc6\xeb\r\nTITLE;CHARSET=windows-1250:\x9a\r\n" END,
     "1@1 Цы FN=Цы TITLE=š;"},
    {B21 "FN;CHARSET=klingon;ENCODING=QUOTED-PRINTABLE:=C4=8D\r\n" END, "1@1 č FN=č;"},
    {B30 "FN:Petrovi\xe6 Jovi\x9ai\xe6\r\nORG:\xc4\x8d\r\n" END,
     "1@1 Petrović Jovišić FN=Petrović Jovišić ORG=č;"},
    {B21 "FN;ENCODING=QUOTED-PRINTABLE:a=00=07b\r\n" END, "1@1 a  b FN=a  b;"},
    /* pictures */
    {B30 "FN:F\r\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\r\n BBBB\r\n CC==\r\nTEL:1\r\n" END, "1@1 F FN=F TEL=1;"},
    {B21 "FN:F\r\nPHOTO;JPEG;BASE64:AAAA\r\nBBBB/+\r\nCCC=\r\n\r\nTEL:1\r\n" END, "1@1 F FN=F TEL=1;"},
    {B40 "FN:F\r\nPHOTO:data:image/jpeg;base64,AAAA\r\n" END, "1@1 F FN=F;"},
    /* an agent's card is not one of the file's */
    {B21 "FN:F\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:G\r\nBEGIN:VCARD\r\n" END END "TEL:1\r\n" END,
     "1@1 F FN=F TEL=1;"},
    {B30 "FN:F\r\nAGENT:BEGIN:VCARD\\nFN:G\\nEND:VCARD\\n\r\nTEL:1\r\n" END, "1@1 F FN=F TEL=1;"},
    /* what is broken */
    {B30 "FN:A\r\n" B30 "FN:B\r\n" END, "1@1 !it has no END:VCARD;2@4 B FN=B;"},
    {B30 "FN:A\r\n", "1@1 !it has no END:VCARD;"},
    {B30 "FN:A\r\nnonsense\r\n=?:\r\nTEL:1\r\n" END, "1@1 A FN=A TEL=1 ?4 it has no colon;"},
    {B30 END B30 "FN:B\r\n" END, "1@1 !it has neither a name nor an address nor a number;2@4 B FN=B;"},
    {"FN:A\r\n" END B30 "FN:B\r\n" END, "0@1 !outside of any card;1@3 B FN=B;"},
    {B30 "FN:B\r\n" END "trailing\r\n", "1@1 B FN=B;0@5 !outside of any card;"},
    {"", "-1 there is no vCard in it (no line BEGIN:VCARD)"},
    {"Name,E-mail\na,b\n", "0@1 !outside of any card;-1 there is no vCard in it (no line BEGIN:VCARD)"},
    {B30 "FN;;;=;,;=,:A\r\n" END, "1@1 A FN=A;"},
    {B40 "KIND:group\r\nFN:G\r\nMEMBER:urn:uuid:a\r\nMEMBER:mailto:x@y\r\nGENDER:F;she\r\nBDAY:--"
         "0203\r\nLANG;PREF=1:sq\r\n"
         "URL:https://x.example/a\\,b;c\r\nREV:20260101T000000Z\r\nUID:urn:uuid:1\r\nPRODID:p\r\n" END,
     "1@1 G KIND=group UID=urn:uuid:1 FN=G GENDER=F|she BDAY=--0203 LANG#1=sq URL=https://x.example/a,b;c "
     "MEMBER=urn:uuid:a MEMBER=mailto:x@y PRODID=p REV=20260101T000000Z;"},
};

static void test_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
        MEM_SCOPE(mem);
        assert_string_equal(read_all(mem, readings[i].text, strlen(readings[i].text)), readings[i].shown);
    }
}

static void test_wide(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char text[] = B30 "FN:A\r\n" END;
    char wide[2 * sizeof text + 2] = "\xff\xfe";
    for (size_t i = 0; i + 1 < sizeof text; i++)
        wide[2 + 2 * i] = text[i];
    assert_string_equal(read_all(mem, wide, 2 * sizeof text), "1@1 A FN=A;");
    assert_string_equal(read_all(mem, wide + 2, 2 * sizeof text - 2), "1@1 A FN=A;");
}

static int stop(void *context, const struct vcard *card, struct err *err)
{
    (*(int *)context)++;
    return card->number < 2 ? 0 : err_set(err, ERR_CONFLICT, "stopped");
}

static void test_stops(void **state)
{
    (void)state;
    static const char text[] = B30 "FN:A\r\n" END B30 "FN:B\r\n" END B30 "FN:C\r\n" END;
    int calls = 0;
    struct err err = {0};
    assert_int_equal(vcard_each(text, strlen(text), NULL, stop, &calls, &err), -1);
    assert_int_equal(calls, 2);
    assert_int_equal(err.code, ERR_CONFLICT);
}

/* ---- limits */

static void repeat(struct text *t, const char *s, size_t n)
{
    while (n--)
        text_puts(t, s);
}

static const char *read_text(void *mem, const struct text *t)
{
    return read_all(mem, t->s, t->len);
}

static void test_limits(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text lines = text_new(mem), params = text_new(mem), value = text_new(mem), card = text_new(mem),
                parts = text_new(mem);
    text_puts(&lines, B30 "FN:A\r\n");
    repeat(&lines, "TEL:1\r\n", 1000);
    text_puts(&lines, END B30 "FN:B\r\n" END);
    assert_string_equal(read_text(mem, &lines), "1@1 !it has more than 1000 lines;2@1005 B FN=B;");
    text_puts(&params, B30 "FN:A\r\nTEL");
    repeat(&params, ";a", 65);
    text_puts(&params, ":1\r\n" END);
    assert_string_equal(read_text(mem, &params), "1@1 A FN=A ?4 more than 64 parameters;");
    text_puts(&value, B30 "FN:A\r\nNOTE:");
    repeat(&value, "x", VCARD_MAX_VALUE_BYTES + 1);
    text_puts(&value, "\r\n" END);
    assert_string_equal(read_text(mem, &value), "1@1 A FN=A ?4 longer than 64 KB;");
    text_puts(&card, B30 "FN:A\r\nPHOTO:");
    repeat(&card, "xxxxxxxxxxxxxxxx\r\n ", VCARD_MAX_CARD_BYTES / 16);
    text_puts(&card, "\r\n" END B30 "FN:B\r\n" END);
    assert_non_null(strstr(read_text(mem, &card), "1@1 !it is larger than 8 MB;2@"));
    text_puts(&parts, B30 "FN:A\r\nORG:");
    repeat(&parts, "u;", 20);
    text_puts(&parts, "\r\n" END);
    assert_string_equal(read_text(mem, &parts), "1@1 A FN=A ORG=u|u|u|u|u|u|u|u;u;u;u;u;u;u;u;u;u;u;u;u;;");
}

/* ---- writing */

/* RFC 6350 3.3: [group "."] name *(";" param) ":" value, unfolded. */
static void check_line(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '-' || (s[n] == '.' && !memchr(s, '.', n)))
        n++;
    assert_true(n && s[n - 1] != '.');
    while (s[n] == ';') {
        size_t name = ++n;
        while (isalnum((unsigned char)s[n]) || s[n] == '-')
            n++;
        assert_true(n > name && s[n] == '=');
        do {
            n++;
            if (s[n] == '"') {
                n += strcspn(s + n + 1, "\"\n\r") + 1;
                assert_int_equal(s[n++], '"');
            } else {
                n += strcspn(s + n, ",;:\"");
            }
        } while (s[n] == ',');
    }
    assert_int_equal(s[n], ':');
    for (n++; s[n]; n++)
        assert_true((unsigned char)s[n] >= ' ' && s[n] != 127);
}

static void check_card(void *mem, const struct text *written)
{
    struct text line = text_new(mem);
    const char *s = written->s;
    assert_true(unicode_valid_utf8(s, written->len));
    assert_int_equal(strncmp(s, B40, strlen(B40)), 0);
    assert_string_equal(s + written->len - strlen(END), END);
    while (*s) {
        size_t n = strcspn(s, "\r\n");
        assert_true(n <= 75 && s[n] == '\r' && s[n + 1] == '\n');
        assert_true(unicode_valid_utf8(s, n)); /* not cut inside of a character */
        text_add(&line, s + (*s == ' '), n - (*s == ' '));
        s += n + 2;
        if (*s == ' ')
            continue;
        check_line(line.s);
        line.len = 0;
        line.s[0] = 0;
    }
}

struct rewriting {
    void *mem;
    struct text written;
    struct text before, after;
    int cards;
};

static int show_again(void *context, const struct vcard *card, struct err *err)
{
    (void)err;
    show_items(context, card);
    return 0;
}

/* The user's words for addresses and numbers are not written. */
static void drop_labels(struct vcard *card)
{
    for (int i = 0; i < VCARD_PROPERTIES; i++)
        for (size_t k = 0; k < card->of[i].n && i != VCARD_ADR; k++)
            card->of[i].item[k].label = NULL;
}

/* What is read is written, checked, and reads as it was; and goes through JSON. */
static int rewrite(void *context, const struct vcard *card, struct err *err)
{
    struct rewriting *r = context;
    if (card->refused)
        return 0;
    json_t *json = vcard_to_json(card);
    struct vcard *copy;
    assert_int_equal(vcard_from_json(r->mem, json, &copy, err), 0);
    json_t *again = vcard_to_json(copy);
    assert_true(json_equal(json, again));
    json_decref(json);
    json_decref(again);
    drop_labels(copy);
    r->written.len = r->before.len = r->after.len = 0;
    vcard_write(&r->written, copy);
    check_card(r->mem, &r->written);
    show_items(&r->before, copy);
    assert_int_equal(vcard_each(r->written.s, r->written.len, NULL, show_again, &r->after, err), 0);
    if (card->of[VCARD_FN].n)
        assert_string_equal(r->after.s, r->before.s);
    r->cards++;
    return 0;
}

static struct rewriting rewriting(void *mem)
{
    return (struct rewriting){mem, text_new(mem), text_new(mem), text_new(mem), 0};
}

static void test_sample(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct rewriting r = rewriting(mem);
    struct err err;
    char *bytes;
    size_t len;
    assert_int_equal(mem_read_file(mem, "tests/data/vcard/telefon.vcf", 1 << 20, &bytes, &len, &err), 0);
    assert_int_equal(vcard_each(bytes, len, NULL, rewrite, &r, &err), 0);
    assert_int_equal(r.cards, 41);
    const char *shown = read_all(mem, bytes, len);
    assert_null(strchr(shown, '!'));
    assert_null(strstr(shown, " ?"));
    assert_non_null(
        strstr(shown, "1@1 Новица Станковић МЗ Клокот FN=Новица Станковић МЗ Клокот N=Станковић|Новица||| "
                      "ORG=Месна заједница Клокот TITLE=председник МЗ "
                      "EMAIL=Novica.Stankovic@klokot-fshatrat.example TEL{cell}#1=049000175;"));
    assert_non_null(strstr(shown, "EMAIL\"privat\"=dragan.stojkovic.kl@gmail.example"));
    assert_non_null(strstr(shown, "ADR{work}#1\"Beqir Berisha 10\nPristina 10000 Kosovo\"=||Beqir Berisha 10|"
                                  "Pristina||10000|Kosovo "));
}

static void test_writes(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct rewriting r = rewriting(mem);
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(readings); i++)
        if (strchr(readings[i].shown, '=') && !strstr(readings[i].text, "ext=") &&
            !strstr(readings[i].text, "C:\\new"))
            assert_int_equal(vcard_each(readings[i].text, strlen(readings[i].text), NULL, rewrite, &r, &err),
                             0);
    struct vcard card = {.fn = "A"};
    vcard_add_text(mem, &card, VCARD_TEL, "+38349000201");
    vcard_add_text(mem, &card, VCARD_TEL, "049/000-201");
    vcard_add_text(mem, &card, VCARD_NOTE, "a\nb;c,d\\e");
    vcard_add_text(mem, &card, VCARD_NOTE, "");
    vcard_add(mem, &card, VCARD_ADR,
              &(struct vcard_item){
                  .part = {NULL, NULL, "S", "T"}, .parts = 4, .types = "work,b*d", .label = "S\n\"T\"^:"});
    vcard_add_text(mem, &card, VCARD_CATEGORY, "x,y");
    vcard_add_text(mem, &card, VCARD_CATEGORY, "z");
    r.written.len = 0;
    vcard_write(&r.written, &card);
    check_card(mem, &r.written);
    assert_string_equal(r.written.s,
                        B40 "FN:A\r\nTEL:+38349000201\r\nTEL:049/000-201\r\n"
                            "ADR;TYPE=work;LABEL=\"S^n^'T^'^^:\":;;S;T;;;\r\nCATEGORIES:x\\,y,z\r\n"
                            "NOTE:a\\nb;c\\,d\\\\e\r\n" END);
}

static int count_categories(void *context, const struct vcard *card, struct err *err)
{
    (void)err;
    const struct vcard_items *all = &card->of[VCARD_CATEGORY];
    assert_string_equal(all->item[all->n - 1].part[0], "last");
    *(size_t *)context = all->n;
    return 0;
}

/* As many words as there are on one line are as many in the end. */
static void test_long_list(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct text t = text_new(mem);
    size_t n = 0;
    text_puts(&t, B30 "FN:F\r\nCATEGORIES:");
    for (int i = 1; i < 300; i++)
        text_printf(&t, "word %d,", i);
    text_puts(&t, "last\r\n" END);
    assert_int_equal(vcard_each(t.s, t.len, NULL, count_categories, &n, &err), 0);
    assert_int_equal(n, 300);
}

/* A value of each length around the fold, of characters of one to four bytes. */
static void test_folds(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char *const letters[] = {"a", "č", "€", "😀"};
    struct rewriting r = rewriting(mem);
    struct err err;
    for (size_t l = 0; l < ARRAY_LEN(letters); l++)
        for (size_t n = 1; n < 160; n++) {
            struct text value = text_new(mem);
            repeat(&value, letters[l], n);
            struct vcard card = {.number = 1, .line = 1, .version = 40, .fn = value.s};
            vcard_add_text(mem, &card, VCARD_FN, value.s);
            vcard_add_text(mem, &card, VCARD_NOTE, value.s);
            assert_int_equal(rewrite(&r, &card, &err), 0);
        }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),     cmocka_unit_test(test_wide),   cmocka_unit_test(test_stops),
        cmocka_unit_test(test_limits),    cmocka_unit_test(test_sample), cmocka_unit_test(test_writes),
        cmocka_unit_test(test_long_list), cmocka_unit_test(test_folds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
