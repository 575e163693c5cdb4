/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *   contacts N FOLDER [SEED]      a register of N contacts, the same at each run, as rows for psql's \copy
 * (FOLDER/load.sql does it, straight into the tables) and as a list for the import (FOLDER/list.csv);
 * another SEED makes others
 *
 * Albanian, Serbian in both scripts, Polish, German and English: every tenth contact is an organisation, the
 * nine before it are its people, every twentieth is one that was there before, written otherwise.  Family
 * names are made of stems, middles and ends, so that a million contacts have some hundred thousand words, a
 * few of them in thousands of names.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "base/unicode.h"

typedef const char *const words[64];

struct vocabulary {
    const char *language, *country, *dial, *top; /* of its addresses */
    int share;                                   /* of a hundred contacts */
    words given, stem, middle, end, body, form, post, city, street, note;
};

static const struct vocabulary vocabularies[] = {
    {"sq",
     "XK",
     "38344",
     "ks",
     33,
     {"Arben",   "Besnik",  "Agim",     "Fatmir",  "Ilir",  "Driton",  "Valon",    "Shpëtim", "Naser",
      "Xhevdet", "Çerkin",  "Lirije",   "Vjosa",   "Teuta", "Mimoza",  "Arta",     "Blerta",  "Fitore",
      "Agnesa",  "Shqipe",  "Drita",    "Qëndrim", "Ylber", "Gëzim",   "Bujar",    "Ardian",  "Edona",
      "Valbona", "Hajrije", "Nexhmije", "Rexhep",  "Bekim", "Liridon", "Gentiana", "Albulena"},
     {"Gash",    "Krasniq", "Berish",  "Hoxh",     "Shal",  "Morin", "Bytyq", "Thaç",  "Hot",     "Kelmend",
      "Ahmet",   "Mustaf",  "Ibrahim", "Sylejman", "Halil", "Osman", "Rexh",  "Beqir", "Hasan",   "Salih",
      "Avd",     "Zek",     "Jashar",  "Bajram",   "Selim", "Ram",   "Dem",   "Qerim", "Ramadan", "Shaban",
      "Xhemajl", "Gjergj",  "Ndrec",   "Çel",      "Llesh", "Kryez", "Maliq", "Haxh",  "Rrahm",   "Vesel",
      "Zogaj",   "Pllan",   "Sadik",   "Fazl",     "Lush",  "Bll",   "Dërv",  "Kurt",  "Myft",    "Tah"},
     {"",   "",    "",   "an", "ul", "et", "ov", "in",  "ak", "esh", "im",
      "ir", "oll", "em", "ik", "as", "uk", "ëm", "ush", "ar", "eq",  "ash"},
     {"i",     "i",      "aj",  "a",      "u",      "aku", "oli",   "iqi", "ani",
      "uli",   "ishti",  "eri", "ollari", "ajdari", "emi", "ija",   "iu",  "inca",
      "oviqi", "allari", "ëza", "eni",    "ozi",    "ura", "ejmani"},
     {"Agro", "Bleta", "Ndërtimi", "Shoqata e Grave", "Kooperativa", "Drini", "Rinia", "Hotel", "Mulliri",
      "Vreshta", "Transport", "Klubi Kulturor", "Qendra për Arsim", "Dielli", "Fidanishtja", "Uji i Ftohtë"},
     {"SH.P.K.", "N.T.P.", "Sh.A.", "N.T.SH.", "OJQ", ""},
     {"Drejtor", "Drejtoreshë", "Kryetar", "Kryetare", "Sekretar i Përgjithshëm", "Zyrtar për Media",
      "Këshilltare", "Menaxher i Projektit", "Përfaqësues", "Ministër"},
     {"Prishtinë", "Gjilan", "Klokot", "Viti", "Ferizaj", "Prizren", "Pejë", "Gjakovë", "Mitrovicë",
      "Kamenicë", "Vërboc", "Mogillë", "Gërnçar", "Podujevë", "Suharekë"},
     {"Rruga e Dëshmorëve", "Sheshi Nëna Terezë", "Rr. Skënderbeu", "Rr. UÇK", "Rruga Adem Jashari"},
     {"takuar", "në", "panair", "interesohet", "për", "ujë", "tokë", "investim", "kërkon", "leje", "mbështet",
      "festën"}},
    {"sr-Latn",
     "XK",
     "38349",
     "rs",
     30,
     {"Dragan", "Zoran",  "Milica", "Jelena",     "Đorđe",    "Nebojša",  "Ljubiša", "Snežana", "Dušica",
      "Stojan", "Vesna",  "Milan",  "Goran",      "Slađana",  "Živko",    "Ana",     "Marija",  "Nikola",
      "Petar",  "Jovana", "Bojan",  "Aleksandar", "Tomislav", "Vladimir", "Biljana", "Gordana", "Radivoje",
      "Srđan",  "Željko", "Njegoš", "Ljiljana",   "Dragica",  "Miodrag"},
     {"Petr",  "Jovan",  "Nikol", "Stojk",  "Đorđ",    "Mark",   "Mil",  "Stank", "Sim",    "Radoj",
      "Vuk",   "Živk",   "Ilij",  "Bogdan", "Lazar",   "Pavl",   "Stev", "Trajk", "Spas",   "Mitr",
      "Cvetk", "Anđelk", "Božid", "Dim",    "Filip",   "Gavr",   "Jak",  "Kost",  "Ljub",   "Manojl",
      "Ned",   "Obrad",  "Perun", "Rist",   "Sav",     "Tod",    "Uroš", "Velj",  "Zdravk", "Šćep",
      "Ćir",   "Žark",   "Vas",   "Zlat",   "Stamenk", "Ranđel", "Aks",  "Bran",  "Dejan",  "Arsen"},
     {"",   "",   "",   "",   "an", "oj", "en", "im", "in", "ik",
      "os", "iv", "am", "uš", "eš", "ad", "uk", "ar", "ob", "or"},
     {"ović",   "ović", "ević",   "ić",      "ić",   "inić",  "ac",     "anović", "ojević",
      "anin",   "ičić", "kov",    "enković", "ušić", "jević", "aković", "čević",  "ač",
      "ulović", "njak", "ešević", "idžić",   "ljić", "oski",  "unović"},
     {"Agrokop", "Udruženje žena", "Zadruga", "Građenje", "Prevoz", "Kulturno društvo", "Omladinski centar",
      "Mlin", "Vinograd", "Klub dijaspore", "Hotel", "Banja", "Rasadnik", "Izvor", "Narodna kuhinja"},
     {"d.o.o.", "STR", "a.d.", "SZR", "NVO", ""},
     {"direktor", "direktorka", "predsednik", "predsednica", "sekretar", "koordinator", "savetnik", "urednik",
      "rukovodilac projekta", "ministar"},
     {"Klokot", "Vitina", "Gnjilane", "Priština", "Gračanica", "Vrbovac", "Mogila", "Grnčar", "Štrpce",
      "Ranilug", "Parteš", "Novo Brdo", "Kosovska Mitrovica", "Beograd", "Niš"},
     {"Kralja Petra", "Vidovdanska", "Ulica lipa", "Nemanjina", "Svetog Save"},
     {"sreli", "se", "na", "sajmu", "zainteresovan", "za", "vodu", "zemlju", "ulaganje", "traži", "dozvolu",
      "slava"}},
    {"de",
     "DE",
     "49911",
     "de",
     17,
     {"Hans",     "Jürgen",    "Müjde",   "Karl",   "Heike",  "Sabine", "Günther", "Wolfgang",
      "Anna",     "Thomas",    "Michael", "Ute",    "Björn",  "Käthe",  "Lukas",   "Leonie",
      "Matthias", "Sebastian", "Petra",   "Ursula", "Dieter", "Klaus",  "Monika"},
     {"Bau",   "Stein", "Schäf", "Mül",  "Schneid", "Hof",     "Berg",   "Wald", "Groß", "Klein",
      "Kais",  "Vog",   "Zimm",  "Kön",  "Braun",   "Schwarz", "Weiß",   "Läng", "Roth", "Kirch",
      "Fried", "Gott",  "Diet",  "Sieg", "Hart",    "Eber",    "Linden", "Buch", "Eich", "Rosen",
      "Mei",   "Acker", "Brück", "Feld", "Graf",    "Haus",    "Jäg",    "Kram", "Leh",  "Neu"},
     {"", "", "", "en", "er", "el", "in", "ing", "ig", "et", "rich", "hold", "mar", "win", "s", "les", "or"},
     {"mann",   "er",    "er",     "ler",  "bauer", "meier",  "hofer", "berger", "stein",
      "thal",   "rath",  "hardt",  "ner",  "bach",  "feld",   "wald",  "brecht", "schmidt",
      "müller", "huber", "hauser", "kamp", "loh",   "strauß", "dorf"},
     {"Stiftung", "Verein der Freunde", "Maschinenbau", "Hilfswerk", "Kulturverein", "Handelsgesellschaft",
      "Weingut", "Technik", "Verlag", "Beratung", "Diasporaklub"},
     {"GmbH", "e.V.", "AG", "KG", "gGmbH", ""},
     {"Geschäftsführer", "Geschäftsführerin", "Vorsitzender", "Referentin", "Schatzmeister", "Leiter Einkauf",
      "Botschafter"},
     {"Wien", "Nürnberg", "München", "Zürich", "Köln", "Stuttgart", "Graz", "Düsseldorf", "Berlin", "Linz"},
     {"Hauptstraße", "Bahnhofstraße", "Ottakringer Straße", "Schillerplatz", "Gartenweg"},
     {"getroffen", "auf", "der", "Messe", "Interesse", "an", "Wasser", "Land", "sucht", "Partner", "Spende",
      "Besuch"}},
    {"pl",
     "PL",
     "48410",
     "pl",
     10,
     {"Wojciech", "Małgorzata", "Łukasz", "Agnieszka", "Krzysztof", "Józef", "Stanisław", "Zofia", "Grażyna",
      "Paweł", "Bożena", "Michał", "Elżbieta", "Andrzej", "Katarzyna", "Żaneta", "Tadeusz"},
     {"Kowal", "Wiśn",   "Wójc",  "Lewand", "Zieliń", "Szym", "Woźn",   "Dąbr",  "Kozł",   "Jank",
      "Mazur", "Krawcz", "Piotr", "Grab",   "Nowak",  "Pawł", "Michal", "Wróbl", "Jabłoń", "Głow",
      "Źródł", "Sikor",  "Bąk",   "Chmiel", "Urban",  "Kub",  "Sobcz",  "Czerw", "Przyby", "Stęp"},
     {"", "", "", "ań", "ow", "ew", "in", "el", "er", "uch", "osz", "im", "ysł", "od", "ik", "aw"},
     {"ski", "ska", "owski", "ewski", "icki",  "ak",  "czyk", "ewicz", "owicz", "iński",
      "ek",  "uk",  "arz",   "ecki",  "alski", "ara", "ora",  "yk",    "osz",   "ulski"},
     {"Fundacja", "Stowarzyszenie", "Gmina", "Dom Kultury", "Spółdzielnia", "Budownictwo", "Winnica"},
     {"Sp. z o.o.", "S.A.", "sp.j.", ""},
     {"Wójt", "Dyrektor", "Prezes", "Skarbnik", "Kierownik projektu", "Radna"},
     {"Piekoszów", "Kraków", "Łódź", "Warszawa", "Kielce", "Wrocław", "Poznań"},
     {"ul. Częstochowska", "Rynek Główny", "ul. Długa", "al. Zwycięstwa"},
     {"spotkanie", "na", "targach", "woda", "ziemia", "inwestycja", "szuka", "partnera", "wizyta",
      "darowizna"}},
    {"en",
     "GB",
     "44207",
     "org",
     10,
     {"John", "Mary", "Andrew", "Patricia", "Siobhán", "William", "Catherine", "Matthew", "Zoë", "Geoffrey",
      "Heather", "Philip", "Margaret", "Christopher", "Joseph"},
     {"Whit",  "Black", "Hart", "Wind",  "Stan", "Ash",  "Kings", "West", "North", "Mill",
      "Chest", "Har",   "Wal",  "Rich",  "Rob",  "John", "Will",  "Hen",  "Ed",    "Pea",
      "Thorn", "Under", "Wood", "Green", "Brad", "Clif", "Dun",   "Fair"},
     {"", "", "", "er", "ing", "en", "el", "ar", "or", "et", "in", "les", "am", "is"},
     {"son", "ton",  "ley",   "ford", "field", "man",    "worth", "well",   "ham",  "wood",
      "by",  "shaw", "combe", "more", "stone", "bridge", "kins",  "sworth", "gate", "burn"},
     {"Foundation", "Trust", "Embassy Office", "Partners", "Institute", "Development Fund", "Holdings"},
     {"Ltd", "LLC", "Inc.", "plc", ""},
     {"Director", "Programme Officer", "Ambassador", "Chief of Mission", "Head of Office", "Advisor"},
     {"London", "Geneva", "Brussels", "Vienna", "New York", "Dublin"},
     {"Main Street", "Station Road", "High Street", "Church Lane"},
     {"met", "at", "the", "fair", "interested", "in", "water", "land", "investment", "grant", "visit",
      "donor"}},
};

/* ---- chance: a contact's is its own, whatever N is */

static uint64_t seed;

struct chance {
    uint64_t state;
};

static uint64_t next(struct chance *c) /* splitmix64 */
{
    uint64_t z = (c->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(struct chance *c, size_t n)
{
    return (size_t)(next(c) % n);
}

/* the first ones much more often than the last */
static const char *skewed(struct chance *c, const words list)
{
    size_t n = 0;
    while (n < ARRAY_LEN((words){0}) && list[n])
        n++;
    double u = (double)(next(c) >> 11) / 9007199254740992.0;
    return list[(size_t)((double)n * u * sqrt(u))];
}

/* ---- a contact */

struct contact {
    int64_t id, organisation;
    const struct vocabulary *in;
    bool person;
    const char *name, *second, *second_language, *email, *number, *post, *city, *street, *note;
};

static const struct vocabulary *vocabulary_of(int64_t organisation)
{
    struct chance c = {seed ^ (uint64_t)organisation * 7919};
    int at = (int)below(&c, 100);
    size_t i = 0;
    while ((at -= vocabularies[i].share) >= 0)
        i++;
    return &vocabularies[i];
}

static char *family_name(void *mem, struct chance *c, const struct vocabulary *in)
{
    return talloc_asprintf(mem, "%s%s%s%s", skewed(c, in->stem), skewed(c, in->middle),
                           below(c, 6) ? "" : skewed(c, in->middle), skewed(c, in->end));
}

static char *organisation_name(void *mem, int64_t id)
{
    struct chance c = {seed ^ (uint64_t)id};
    const struct vocabulary *in = vocabulary_of(id);
    const char *form = skewed(&c, in->form);
    return talloc_asprintf(mem, "%s %s%s%s%s", skewed(&c, in->body), family_name(mem, &c, in),
                           below(&c, 3) ? "" : talloc_asprintf(mem, " %s", skewed(&c, in->city)),
                           *form ? " " : "", form);
}

static char *address_of(void *mem, const char *name, int64_t id, const char *top)
{
    char *local = unicode_fold(mem, name);
    for (char *at = local; *at; at++)
        *at = *at == ' ' ? '.' : *at;
    return talloc_asprintf(mem, "%s%d@%s%d.example", local, (int)(id % 1000), top, (int)(id % 97));
}

/* one in two Serbian names is in Cyrillic, and one in three of these in Latin too */
static void put_script(void *mem, struct chance *c, struct contact *k)
{
    if (strcmp(k->in->language, "sr-Latn") != 0 || below(c, 2))
        return;
    if (below(c, 3) == 0) {
        k->second = k->name;
        k->second_language = "sr-Latn";
    }
    k->name = unicode_to_cyrillic(mem, k->name);
}

static void make(void *mem, int64_t id, struct contact *k)
{
    /* who was there before: the same draws as then, written without marks or in the other script */
    bool again = id % 20 == 7;
    struct chance c = {seed ^ (uint64_t)(again ? id - 3 : id) * 104729};
    *k = (struct contact){.id = id, .person = id % 10 != 0, .organisation = (id + 9) / 10 * 10};
    k->in = vocabulary_of(k->organisation);
    k->name = k->person ? talloc_asprintf(mem, "%s %s", skewed(&c, k->in->given), family_name(mem, &c, k->in))
                        : organisation_name(mem, id);
    k->email = address_of(mem, k->name, again && below(&c, 2) ? id - 3 : id, k->in->top);
    k->number = talloc_asprintf(mem, "+%s%06d", k->in->dial, (int)below(&c, 1000000));
    k->post = k->person && below(&c, 5) < 2 ? skewed(&c, k->in->post) : NULL;
    k->city = skewed(&c, k->in->city);
    k->street = talloc_asprintf(mem, "%s %d", skewed(&c, k->in->street), (int)below(&c, 200) + 1);
    if (id % 7 == 0) {
        struct text t = text_new(mem);
        for (int i = 0; i < 9; i++)
            text_printf(&t, "%s ", i == 5 ? family_name(mem, &c, k->in) : skewed(&c, k->in->note));
        text_printf(&t, "%d", 1990 + (int)(id % 37));
        k->note = t.s;
    }
    if (again && id % 40 == 7)
        k->name = talloc_asprintf(mem, "%c%s", toupper(unicode_fold(mem, k->name)[0]),
                                  unicode_fold(mem, k->name) + 1);
    else
        put_script(mem, &c, k);
}

/* ---- out */

enum { CONTACT, NAME, ADDRESS, PHONE, POSTAL, POST, TERM, NOTE, TAG, CATEGORY, ROW, LIST, FILES };
static const struct {
    const char *table, *columns;
} files[FILES] = {
    [CONTACT] = {"contact", "id, kind, organisation_id, languages, salutation, department_id, import_id"},
    [NAME] = {"contact_name", "contact_id, language, name, main, fold, near"},
    [ADDRESS] = {"address", "contact_id, email, email_key"},
    [PHONE] = {"phone", "contact_id, e164, typed"},
    [POSTAL] = {"postal_address", "contact_id, lines, city, country"},
    [POST] = {"post", "id, organisation_id, name, language"},
    [TERM] = {"term", "post_id, holder_id"},
    [NOTE] = {"contact_note", "contact_id, note"},
    [TAG] = {"contact_tag", "contact_id, tag"},
    [CATEGORY] = {"contact_category", "contact_id, category_id"},
    [ROW] = {"import_row", "import_id, row, line, class, contact_id"},
    [LIST] = {"list", NULL},
};

static FILE *create(const char *folder, const char *name)
{
    MEM_SCOPE(mem);
    char *path = talloc_asprintf(mem, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        fprintf(stderr, "contacts: %s: %s\n", path, strerror(errno));
        exit(74);
    }
    return f;
}

static void write_name(void *mem, FILE *f, const struct contact *k, const char *name, const char *language,
                       bool main)
{
    char *fold = unicode_fold(mem, name);
    fprintf(f, "%ld\t%s\t%s\t%c\t%s\t%s\n", (long)k->id, language, name, main ? 't' : 'f', fold,
            unicode_near(mem, fold));
}

static void write_contact(void *mem, FILE **f, const struct contact *k)
{
    long id = (long)k->id;
    bool cyrillic = unicode_script(k->name) == UNICODE_CYRILLIC;
    const char *language = cyrillic ? "sr-Cyrl" : k->in->language;
    fprintf(f[CONTACT], "%ld\t%s\t%s\t{%s%s}\tDear Nr. %ld\t1\t1\n", id,
            k->person ? "person" : "organisation",
            k->person ? talloc_asprintf(mem, "%ld", (long)k->organisation) : "\\N", language,
            cyrillic ? ",sr-Latn" : "", id);
    write_name(mem, f[NAME], k, k->name, language, true);
    if (k->second)
        write_name(mem, f[NAME], k, k->second, k->second_language, false);
    fprintf(f[ADDRESS], "%ld\t%s\t%s\n", id, k->email, k->email);
    if (id % 2)
        fprintf(f[PHONE], "%ld\t%s\t%s\n", id, k->number, k->number);
    if (id % 2 == 0)
        fprintf(f[POSTAL], "%ld\t%s\t%s\t%s\n", id, k->street, k->city, k->in->country);
    if (k->post) {
        fprintf(f[POST], "%ld\t%ld\t%s\t%s\n", id, (long)k->organisation, k->post, k->in->language);
        fprintf(f[TERM], "%ld\t%ld\n", id, id);
    }
    if (k->note)
        fprintf(f[NOTE], "%ld\t%s\n", id, k->note);
    if (id % 31 == 0)
        fprintf(f[TAG], "%ld\ttag-%ld\n", id, id % 13);
    fprintf(f[CATEGORY], "%ld\t%ld\n", id, id % 20 + 1);
    fprintf(f[ROW], "1\t%ld\t%ld\tready\t%ld\n", id + 1, id + 1, id);
    if (k->person)
        fprintf(f[LIST], "\"%s\",\"%s\",%s,%s,%s,%s,%s\n", k->name, organisation_name(mem, k->organisation),
                k->post ? k->post : "", language, k->email, k->number, k->city);
}

static void write_load(const char *folder, int64_t n)
{
    FILE *f = create(folder, "load.sql");
    fputs("set session_replication_role = replica; -- made at once, not by a person: no audit, and cards at "
          "the end\n"
          "insert into department (id, slug, name) overriding system value\n"
          "values (1, 'bench', 'Department of measurements') on conflict do nothing;\n"
          "insert into import (id, kind, file_name, sha256, department_id, encoding, delimiter) overriding "
          "system "
          "value\nvalues (1, 'contacts', 'bench.csv', '\\x00', 1, 'UTF-8', ',') on conflict do nothing;\n",
          f);
    for (int i = 0; i < LIST; i++)
        fprintf(f, "\\copy %s (%s) from '%s/%s.rows'\n", files[i].table, files[i].columns, folder,
                files[i].table);
    fprintf(f,
            "select setval('contact_id_seq', %ld), setval('post_id_seq', %ld);\nanalyze;\n"
            "select contact_renew(array_agg(id order by id)) from contact;\nvacuum analyze;\n",
            (long)n, (long)n);
    fclose(f);
}

int main(int argc, char **argv)
{
    FILE *f[FILES];
    int64_t n = argc == 3 || argc == 4 ? strtoll(argv[1], NULL, 10) : 0;
    if (n < 10) {
        fprintf(stderr, "usage: contacts N FOLDER [SEED]\n");
        return 64;
    }
    seed = argc == 4 ? strtoull(argv[3], NULL, 10) << 40 : 0; /* above all ids */
    n = (n + 9) / 10 * 10;                                    /* the last one's organisation is there too */
    mem_init();
    for (int i = 0; i < FILES; i++) {
        MEM_SCOPE(mem);
        f[i] = create(argv[2], talloc_asprintf(mem, "%s.%s", files[i].table, i == LIST ? "csv" : "rows"));
    }
    fputs("Name,Organisation,Position,Language,E-mail,Phone,City\n", f[LIST]);
    for (int64_t id = 1; id <= n; id++) {
        MEM_SCOPE(mem);
        struct contact k;
        make(mem, id, &k);
        write_contact(mem, f, &k);
    }
    for (int i = 0; i < FILES; i++) {
        if (fclose(f[i]) != 0) {
            fprintf(stderr, "contacts: %s: %s\n", argv[2], strerror(errno));
            return 74;
        }
    }
    write_load(argv[2], n);
    return 0;
}
