/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/unicode.h"
#include "crm/email.h"
#include "crm/listrow.h"
#include "crm/phone.h"

static void test_phones(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *country, *e164;
    } table[] = {
        {"049/000-201", "XK", "+38349000201"},
        {"+38349000202", NULL, "+38349000202"},
        {"049 000 203", "XK", "+38349000203"},
        {"049-000-205", "XK", "+38349000205"},
        {"044.000.275", "XK", "+38344000275"},
        {"00383 44 000 224", "XK", "+38344000224"},
        {"+383 (0)49 000 288", "XK", "+38349000288"},
        {"038 000 104", "XK", "+38338000104"},
        {"0280/000-124", "XK", "+383280000124"},
        {"+377 44 000 113", "XK", "+38344000113"},
        {"+386 49 000 201", "XK", "+38349000201"},
        {"+386 1 000 04 36", "SI", "+38610000436"},
        {"00431 0000401", "AT", "+4310000401"},
        {"+43 1 000 04 01", "AT", "+4310000401"},
        {"41 000 01 31", "PL", "+48410000131"},
        {"383 49 000 201", "XK", "+38349000201"},
        {"tel. 049 000 201", "XK", "+38349000201"},
        {"049 000 201 ext. 12", "XK", "+38349000201"},
        {"049 000 201", NULL, NULL},
        {"000 201", "XK", NULL},
        {"49 000 130", "XK", NULL},
        {"049", "XK", NULL},
        {"", "XK", NULL},
        {"see above", "XK", NULL},
        {"+383 49 000 201 049 000 201", "XK", NULL},
        {"+++", "XK", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char e164[PHONE_E164_SIZE] = "";
        bool known = phone_e164(table[i].typed, table[i].country, e164);
        assert_string_equal(known ? e164 : "none", table[i].e164 ? table[i].e164 : "none");
    }
}

static void test_phone_cells(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *pieces;
    } table[] = {
        {"+383 38 000 103 / 044 000 603", "+383 38 000 103|044 000 603"},
        {"049/000-201", "049/000-201"},
        {"00383 49/000-201 / +49 30 000412", "00383 49/000-201|+49 30 000412"},
        {"044000603/049000201", "044000603|049000201"},
        {"049 000 201, 044 000 201; 038 000 201", "049 000 201|044 000 201|038 000 201"},
        {" 049 000 201 \n", "049 000 201"},
        {"038 000 104, lok. 12", "038 000 104, lok. 12"},
        {"", ""},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *piece[4];
        size_t n = phone_split(mem, table[i].cell, piece, ARRAY_LEN(piece));
        struct text t = text_new(mem);
        for (size_t j = 0; j < n; j++)
            text_printf(&t, "%s%s", j ? "|" : "", piece[j]);
        assert_string_equal(t.s, table[i].pieces);
    }
    char *piece[2];
    assert_int_equal(phone_split(mem, "049000201;049000202;049000203", piece, 2), 2);
    assert_string_equal(piece[1], "049000202;049000203");
}

static void test_emails(void **state)
{
    (void)state;
    static const struct {
        const char *address, *flaw, *mended;
    } table[] = {
        {"a@b.example", NULL, NULL},
        {"klub.klokot.wien+arhiva@gmx.example", NULL, NULL},
        {"o'brien_x@sub.b-c.example", NULL, NULL},
        {"općina@општина.срб", NULL, NULL},
        {"arben.lluka@rks-gov..example", "two dots in a row", "arben.lluka@rks-gov.example"},
        {"ask.info@ rks-gov.example", "a blank inside", "ask.info@rks-gov.example"},
        {"ardita.zekaj@", "nothing behind the @: cut off?", NULL},
        {"info@@hidromorava.example", "two @", "info@hidromorava.example"},
        {"<ekonomija@novobrdo.example", "an angle bracket without the other", "ekonomija@novobrdo.example"},
        {"embassy.pristina(at)esteri.example", "no @", "embassy.pristina@esteri.example"},
        {"mailto:lmt.gnjilane@kfor.example", "\"mailto:\" is no part of an address",
         "lmt.gnjilane@kfor.example"},
        {"radio.klokot@klokot-radio.example.", "a dot at the edge of the domain",
         "radio.klokot@klokot-radio.example"},
        {"a@b,example", "a comma in place of a dot", "a@b.example"},
        {"@b.example", "nothing before the @", NULL},
        {".a@b.example", "a dot at the edge of the part before the @", "a@b.example"},
        {"a b@c.example", "a blank inside", "ab@c.example"},
        {"a@localhost", "the domain has no dot", NULL},
        {"a@1.2.3.4", "a domain does not end in a number", NULL},
        {"a@b_c.example", "a sign that no domain has", NULL},
        {"a@-b.example", "a hyphen at the edge of a part of the domain", NULL},
        {"a\"b@c.example", "a sign that no address has", NULL},
        {"a@rаdio.example", "Latin and Cyrillic letters in one part of the domain", NULL}, /* Cyrillic а */
        {"nothing", "no @", NULL},
        {"", "no @", NULL},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *flaw = email_flaw(table[i].address);
        assert_string_equal(flaw ? flaw : "none", table[i].flaw ? table[i].flaw : "none");
        if (!flaw)
            continue;
        const char *mended = email_mend(mem, table[i].address);
        assert_string_equal(mended ? mended : "none", table[i].mended ? table[i].mended : "none");
    }
}

static void test_email_cells(void **state)
{
    (void)state;
    static const struct {
        const char *cell, *pieces;
    } table[] = {
        {"a@x.example; b@y.example", "a@x.example|b@y.example"},
        {"a@x.example / b@y.example", "a@x.example|b@y.example"},
        {"a@x.example;b@y.example", "a@x.example|b@y.example"},
        {"a@x.example b@y.example\n", "a@x.example|b@y.example"},
        {"a@x.example, b@y.example,", "a@x.example|b@y.example"},
        {"handikos.viti@handikos.example\n", "handikos.viti@handikos.example"},
        {"\ufeff a@x.example\u00a0", "a@x.example"},
        {"<a@x.example>", "a@x.example"},
        {"Ana Arsić <a@x.example>; Blerim <b@y.example>", "a@x.example|b@y.example"},
        {"ask.info@ rks-gov.example", "ask.info@ rks-gov.example"},
        {"a@b,example", "a@b,example"},
        {"<a@x.example", "<a@x.example"},
        {"a@x.example;", "a@x.example"},
        {" ", ""},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *piece[4];
        size_t n = email_split(mem, table[i].cell, piece, ARRAY_LEN(piece));
        struct text t = text_new(mem);
        for (size_t j = 0; j < n; j++)
            text_printf(&t, "%s%s", j ? "|" : "", piece[j]);
        assert_string_equal(t.s, table[i].pieces);
    }
}

/* ---- mapping files */

static void test_mapping_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } table[] = {
        {"[columns]\n\"A\" = nme\n",
         "m:2: there is no field \"nme\"; there are organisation, name, position"},
        {"[columns]\n\"A\" = name\n\"B\" = name\n",
         "m:3: a second column for name (\"A\" in line 2 is the first)"},
        {"[columns]\n\"A\" = name\n\"A\" = note\n", "m:3: the column \"A\" is named twice (also in line 2)"},
        {"[colums]\n", "m:1: there is no section [colums]; there are [sheet NAME], [columns], [values], "
                       "[defaults], [always]"},
        {"\"A\" = name\n", "m:1: a line before the first [section]"},
        {"[columns]\n\"A\"\n", "m:2: neither a [section] nor \"key = value\""},
        {"[columns]\n\"A\" = name\n[values]\nlanguage = sq\n",
         "m:4: a value is written \"field.word = meaning\""},
        {"[columns]\n\"A\" = name\n[values]\nlang.x = sq\n", "m:4: there is no field \"lang\""},
        {"[columns]\n\"A\" = name\n[defaults]\nkin = x\n", "m:4: there is no field \"kin\""},
        {"# nothing\n", "m: names no column"},
        {"[columns]\n\"\xff\" = name\n", "m: is not UTF-8"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct mapping *m;
        struct err err = {0};
        assert_int_equal(mapping_parse(mem, "m", table[i].text, &m, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (strncmp(err.text, table[i].words, strlen(table[i].words)))
            fail_msg("%s", err.text);
    }
}

static void test_mapping_binds(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct mapping *m;
    struct err err = {0};
    static const char text[] =
        "\ufeff; comment\r\n[columns]\r\n\"E-mail (=1)\" = email\r\n\"E-mail 2\" = email2\r\n"
        "Name = name\r\n[values]\r\nlanguage.Српски = sr\r\nlanguage.x =\r\n"
        "[defaults]\r\ncountry = XK\r\ncity =\r\n";
    assert_int_equal(mapping_parse(mem, "m", text, &m, &err), 0);
    const char *header[] = {" Name\n", "E-mail 2", "other", "E-mail (=1)"};
    assert_int_equal(mapping_bind(m, header, 4, &err), 0);
    assert_int_equal(mapping_field(m, 0), FIELD_NAME);
    assert_int_equal(mapping_field(m, 1), FIELD_EMAIL);
    assert_int_equal(mapping_field(m, 2), FIELD_IGNORE);
    assert_false(mapping_names_column(m, 2));
    assert_int_equal(mapping_field(m, 3), FIELD_EMAIL);
    assert_string_equal(mapping_value(m, FIELD_LANGUAGE, "СРПСКИ"), "sr");
    assert_string_equal(mapping_value(m, FIELD_LANGUAGE, "srpski"), "sr");
    assert_string_equal(mapping_value(m, FIELD_LANGUAGE, "x"), "");
    assert_string_equal(mapping_value(m, FIELD_LANGUAGE, "de"), "de");
    assert_string_equal(mapping_default(m, FIELD_COUNTRY), "XK");
    assert_null(mapping_default(m, FIELD_CITY));
    const char *lacks[] = {"Name", "E-mail 2"};
    assert_int_equal(mapping_bind(m, lacks, 2, &err), -1);
    assert_string_equal(err.text,
                        "m:3: the list has no column \"E-mail (=1)\"; it has \"Name\", \"E-mail 2\"");
    const char *twice[] = {"Name", "E-mail 2", "E-mail (=1)", "Name"};
    assert_int_equal(mapping_bind(m, twice, 4, &err), -1);
    assert_string_equal(err.text, "m:5: the list has two columns \"Name\"");
}

/* ---- rows */

static const char plain_mapping[] =
    "[columns]\n\"o\"=organisation\n\"n\"=name\n\"e\"=email\n\"p\"=phone\n\"s\"=salutation\n\"l\"=language\n"
    "\"c\"=country\n\"t\"=turnover\n\"d\"=last_contact\n\"r\"=registration\n[values]\nlanguage.srpski=sr\n"
    "language.oba = sq,sr-Latn\n";

static struct list_row row_of(void *mem, const char *line)
{
    const char *header[] = {"o", "n", "e", "p", "s", "l", "c", "t", "d", "r"};
    const char *cell[16];
    size_t size[16], n = 0;
    for (char *at = talloc_strdup(mem, line), *next; at; at = next) {
        next = strchr(at, '|');
        if (next)
            *next++ = 0;
        cell[n] = at;
        size[n++] = strlen(at);
    }
    struct mapping *m;
    struct err err = {0};
    assert_int_equal(mapping_parse(mem, "m", plain_mapping, &m, &err), 0);
    assert_int_equal(mapping_bind(m, header, ARRAY_LEN(header), &err), 0);
    struct listrow_options options = {.mapping = m, .country = "XK", .catalog = catalog_new(mem, "en")};
    struct csv_record record = {7, 9, n, ARRAY_LEN(header), cell, size, 0};
    struct list_row row;
    listrow_read(mem, &options, &record, &row);
    return row;
}

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum listrow_class class;
        const char *reason;
    } table[] = {
        {"Org|Ana|a@x.example|049 000 201|Poštovana|sq|DE|1,5|1.2.2026|1", LISTROW_READY, ""},
        {"|Ana||||sq||||", LISTROW_READY, ""},
        {"|||||||||", LISTROW_EMPTY, ""},
        {" |\n||||\u00a0||||", LISTROW_EMPTY, ""},
        {"||a@x.example|||sq||||", LISTROW_REFUSED, "neither a name nor an organisation"},
        {"Org|Ana|", LISTROW_REFUSED, "3 cells where the header has 10"},
        {"Org|||||sq|||||", LISTROW_READY, ""}, /* an empty cell too many */
        {"Org|||||sq|||||x", LISTROW_REFUSED, "11 cells where the header has 10"},
        {"Org||a@@x.example|||sq||||", LISTROW_REFUSED,
         "broken address \"a@@x.example\": two @; perhaps a@x.example"},
        {"Org||a@x.example; a@y.example|||sq||||", LISTROW_CHECK, "2 addresses in a cell"},
        {"Org||a@x.example; b@|||sq||||", LISTROW_REFUSED, "broken address \"a@x.example; b@\": two @"},
        {"Org|||12||sq||||", LISTROW_CHECK, "phone \"12\" cannot be read"},
        {"Org||||||||", LISTROW_REFUSED, "9 cells where the header has 10"},
        {"Org|||||||||", LISTROW_CHECK, "no language"},
        {"Org|||||Klingon||||", LISTROW_CHECK, "unknown language \"Klingon\""},
        {"Org|||||xx||||", LISTROW_CHECK, "unknown language \"xx\""},
        {"Org|||||al||||", LISTROW_CHECK, "unknown language \"al\"; did you mean \"sq\"?"},
        {"Org|||||sq|Atlantis|||", LISTROW_CHECK, "unknown country \"Atlantis\""},
        {"Org|||||sq||viel||", LISTROW_CHECK, "\"viel\" is no number (turnover)"},
        {"Org||||H.E. / Dear Sir|sq||||", LISTROW_CHECK,
         "two forms of address, the first is taken: \"H.E.\", not \"Dear Sir\""},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct list_row row = row_of(mem, table[i].line);
        assert_string_equal(row.reason, table[i].reason);
        assert_int_equal(row.class, table[i].class);
        assert_int_equal(row.number * 100 + row.line, 709);
    }
}

static void test_row_fields(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct list_row row =
        row_of(mem, " „Morava\n Šped“ , |Žarko  Ćirić;|OFFICE@Morava.EXAMPLE|049/000-201 / +49 30 000 0412|"
                    "Poštovani,|oba||412.350,00|12.07.2026.|810 000 127");
    assert_string_equal(row.text[FIELD_ORGANISATION], "Morava Šped");
    assert_string_equal(row.text[FIELD_NAME], "Žarko Ćirić");
    assert_string_equal(row.email[0].email, "OFFICE@morava.example");
    assert_string_equal(row.email[0].key, "office@morava.example");
    assert_int_equal(row.phones, 2);
    assert_string_equal(row.phone[0].typed, "049/000-201");
    assert_string_equal(row.phone[0].e164, "+38349000201");
    assert_string_equal(row.phone[1].e164, "+49300000412");
    assert_string_equal(row.text[FIELD_SALUTATION], "Poštovani");
    assert_int_equal(row.languages, 2);
    assert_string_equal(row.language[1], "sr-Latn");
    assert_string_equal(row.text[FIELD_TURNOVER], "412350.00");
    assert_string_equal(row.last_contact, "2026-07-12");
    assert_string_equal(row.text[FIELD_REGISTRATION], "810000127");
    assert_string_equal(row.text[FIELD_KIND], "person");
    row = row_of(mem, "|Жарко|||| srpski |||2024|");
    assert_string_equal(row.language[0], "sr-Cyrl");
    assert_null(row.last_contact);
    assert_string_equal(row.text[FIELD_LAST_CONTACT], "2024");
    assert_string_equal(row.text[FIELD_KIND], "person");
    assert_null(row.text[FIELD_COUNTRY]);
}

/* A village is where they live, unless the list says a city, or calls it where they come from or build. */
static void test_villages(void **state)
{
    (void)state;
    static const struct {
        const char *mapping, *city;
    } table[] = {
        {"\"Fshati\"=village\n", "Mogillë"},
        {"\"Fshati\"=village\n[defaults]\ncountry=XK\n", "Mogillë"},
        {"\"Fshati\"=village\n\"c\"=city\n", "Graz"},
        {"\"Fshati\"=village\n\"c\"=postcode\n", "Graz Mogillë"},
        {"\"Завичај\"=village\n", NULL},
        {"\"Lokacioni\"=village\n", NULL},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct mapping *m;
        struct err err = {0};
        struct list_row row;
        const char *cell[] = {"Org", "Mogillë", "Graz"};
        size_t size[] = {3, 8, 4};
        const char *text = talloc_asprintf(mem, "[columns]\n\"o\"=organisation\n%s", table[i].mapping);
        const char *label[] = {"o", i < 4 ? "Fshati" : i == 4 ? "Завичај" : "Lokacioni", "c"};
        assert_int_equal(mapping_parse(mem, "m", text, &m, &err), 0);
        assert_int_equal(mapping_bind(m, label, 3, &err), 0);
        struct listrow_options options = {
            .mapping = m, .label = label, .country = "XK", .catalog = catalog_new(mem, "en")};
        struct csv_record record = {2, 2, 3, 3, cell, size, 0};
        listrow_read(mem, &options, &record, &row);
        assert_string_equal(row.text[FIELD_CITY] ? row.text[FIELD_CITY] : "none",
                            table[i].city ? table[i].city : "none");
        assert_string_equal(row.text[FIELD_VILLAGE], "Mogillë");
    }
}

/* ---- the lists of the demo */

struct list {
    void *mem;
    struct mapping *mapping;
    struct listrow_options options;
    long rows, count[LISTROW_EMPTY + 1];
    struct text refused, check;
    const char *find; /* a row to keep */
};

static int take_record(void *context, const struct csv_record *record, struct err *err)
{
    struct list *list = context;
    if (record->number == 1)
        return mapping_bind(list->mapping, record->cell, record->n, err);
    struct list_row row;
    listrow_read(list->mem, &list->options, record, &row);
    list->rows++;
    list->count[row.class]++;
    if (row.class == LISTROW_REFUSED)
        text_printf(&list->refused, "%ld ", row.number);
    if (row.class == LISTROW_CHECK)
        text_printf(&list->check, "%ld ", row.number);
    if (row.class != LISTROW_READY)
        print_message("# %ld (line %ld) %s: %s\n", row.number, row.line, listrow_class_name(row.class),
                      row.reason);
    return 0;
}

static struct list read_list(void *mem, const char *name, const char *encoding)
{
    struct list list = {.mem = mem, .refused = text_new(mem), .check = text_new(mem)};
    char *bytes, *text;
    size_t len;
    const char *found;
    struct err err = {0};
    char *path = talloc_asprintf(mem, "demo/data/lists/%s", name);
    int rc = mapping_load(mem, talloc_asprintf(mem, "tests/data/lists/%s.map", name), &list.mapping, &err);
    rc = rc < 0 ? rc : mem_read_file(mem, talloc_asprintf(mem, "%s.csv", path), 1 << 20, &bytes, &len, &err);
    rc = rc < 0 ? rc : unicode_decode(mem, bytes, len, NULL, &text, &found, &err);
    list.options = (struct listrow_options){
        .mapping = list.mapping, .country = "XK", .number_language = "sq", .catalog = catalog_new(mem, "en")};
    rc = rc < 0 ? rc : csv_each(text, strlen(text), 0, take_record, &list, &err);
    if (rc < 0)
        fail_msg("%s", err.text);
    assert_string_equal(found, encoding);
    return list;
}

static void test_lists(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct list mayor = read_list(mem, "mayor-office", "UTF-8");
    assert_int_equal(mayor.rows, 88);
    assert_string_equal(mayor.refused.s, "16 20 24 25 31 49 67 71 ");
    struct list defb = read_list(mem, "defb-bizneset", "windows-1250");
    assert_int_equal(defb.rows, 93);
    assert_string_equal(defb.refused.s, "93 ");
    struct list clubs = read_list(mem, "dijaspora-klubovi", "UTF-8");
    assert_int_equal(clubs.rows, 60);
    assert_string_equal(clubs.refused.s, "58 ");
    assert_int_equal(mayor.count[LISTROW_EMPTY] + defb.count[LISTROW_EMPTY] + clubs.count[LISTROW_EMPTY], 0);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_phone_cells),
        cmocka_unit_test(test_emails),
        cmocka_unit_test(test_email_cells),
        cmocka_unit_test(test_mapping_refuses),
        cmocka_unit_test(test_mapping_binds),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_row_fields),
        cmocka_unit_test(test_villages),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests_name("listrow", tests, NULL, NULL);
}
