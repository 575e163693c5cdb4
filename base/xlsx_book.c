/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What leads where: the package's relations to the workbook, the workbook's to its sheets, a sheet's to what
 * its cells link to.  Each step is taken once and none follows what it finds, so there is nothing to go round
 * in.
 */
#include "base/xlsx_low.h"

#include "base/unicode.h"

enum { MAX_SMALL_PART = 32 << 20, MAX_RELATIONS = 200000, MAX_NAME = 500, MAX_SHARED_MB = 1024 };

/* ---- relations */

/* The part that target means, said in a part of the folder; no way leads out of the package. */
static const char *resolve(void *mem, const char *folder, const char *target)
{
    char *path =
        *target == '/' ? talloc_strdup(mem, target + 1) : talloc_asprintf(mem, "%s%s", folder, target);
    struct text t = text_new(mem);
    for (char *word = path; *word;) {
        size_t n = strcspn(word, "/\\");
        if (n == 2 && !strncmp(word, "..", 2)) {
            char *slash = t.len > 1 ? memrchr(t.s, '/', t.len - 1) : NULL;
            t.len = slash ? (size_t)(slash - t.s) + 1 : 0;
        } else if (n && !(n == 1 && *word == '.')) {
            text_add(&t, word, n);
            if (word[n])
                text_putc(&t, '/');
        }
        word += n + (word[n] != 0);
    }
    t.s[t.len] = 0;
    return t.s;
}

static const char *folder_of(void *mem, const char *name)
{
    const char *slash = strrchr(name, '/');
    return talloc_strndup(mem, name, slash ? (size_t)(slash - name) + 1 : 0);
}

struct reading_relations {
    void *mem;
    const char *folder;
    struct xlsx_relations *to;
};

enum { RELATIONS = 1, RELATION };
static const struct xlsx_element relations_grammar[] = {
    {"Relationships", 0, RELATIONS, false}, {"Relationship", RELATIONS, RELATION, false}, {0}};

/* There may be many: a block for both texts, and of the type only which of ours it is. */
static struct xlsx_relation relation_new(void *mem, const char *id, const char *type, const char *target,
                                         bool external)
{
    static const char *const types[] = {"officeDocument", "worksheet", "sharedStrings", "styles",
                                        "hyperlink"};
    size_t id_size = strlen(id) + 1, target_len = strnlen(target, XLSX_MAX_LINK_BYTES);
    struct xlsx_relation relation = {.type = "", .external = external};
    const char *slash = strrchr(type, '/');
    for (size_t i = 0; slash && i < ARRAY_LEN(types); i++)
        if (!strcmp(slash + 1, types[i]))
            relation.type = types[i];
    char *block = talloc_size(mem, id_size + target_len + 1);
    memcpy(block, id, id_size);
    memcpy(block + id_size, target, target_len);
    block[id_size + target_len] = 0;
    relation.id = block;
    relation.target = block + id_size;
    return relation;
}

static int start_relation(struct xlsx_xml *xml, int id, const char **attributes, struct err *err)
{
    MEM_SCOPE(mem);
    struct reading_relations *r = xml->context;
    const char *name = xlsx_attribute(attributes, "Id"), *type = xlsx_attribute(attributes, "Type"),
               *target = xlsx_attribute(attributes, "Target"),
               *mode = xlsx_attribute(attributes, "TargetMode");
    if (id != RELATION || !name || !type || !target)
        return 0;
    if (r->to->n == MAX_RELATIONS)
        return err_set(err, ERR_INPUT, "has more than %d links", MAX_RELATIONS);
    if (!(r->to->n & (r->to->n - 1)))
        r->to->at = talloc_realloc(r->mem, r->to->at, struct xlsx_relation, r->to->n ? r->to->n * 2 : 1);
    bool external = mode && !strcmp(mode, "External");
    xml->found += XLSX_FOUND;
    r->to->at[r->to->n++] =
        relation_new(r->mem, name, type, external ? target : resolve(mem, r->folder, target), external);
    return 0;
}

static int compare_relations(const void *a, const void *b)
{
    return strcmp(((const struct xlsx_relation *)a)->id, ((const struct xlsx_relation *)b)->id);
}

int xlsx_relations_read(void *mem, struct xlsx_package *package, const char *name,
                        struct xlsx_relations *relations_r, struct err *err)
{
    struct xlsx_part *part;
    struct reading_relations r = {mem, folder_of(mem, name), relations_r};
    char *path = talloc_asprintf(mem, "%s_rels/%s.rels", r.folder, name + strlen(r.folder));
    *relations_r = (struct xlsx_relations){0};
    if (!xlsx_package_has(package, path))
        return 0;
    if (xlsx_part_open(mem, package, path, MAX_SMALL_PART, &part, err) < 0)
        return -1;
    struct xlsx_xml xml = {.grammar = relations_grammar, .start = start_relation, .context = &r};
    if (xlsx_xml_run(&xml, part, err) < 0)
        return -1;
    if (relations_r->n)
        qsort(relations_r->at, relations_r->n, sizeof *relations_r->at, compare_relations);
    return 0;
}

const struct xlsx_relation *xlsx_relation_find(const struct xlsx_relations *relations, const char *id)
{
    struct xlsx_relation key = {.id = id};
    if (!relations->n)
        return NULL;
    return bsearch(&key, relations->at, relations->n, sizeof key, compare_relations);
}

static const char *part_of_type(const struct xlsx_relations *relations, const char *type)
{
    for (size_t i = 0; i < relations->n; i++)
        if (!relations->at[i].external && !strcmp(relations->at[i].type, type))
            return relations->at[i].target;
    return NULL;
}

/* ---- the workbook */

struct reading_book {
    void *mem;
    struct xlsx_book *book;
    struct xlsx_relations relations;
};

enum { WORKBOOK = 1, PROPERTIES, SHEETS, SHEET };
static const struct xlsx_element book_grammar[] = {{"workbook", 0, WORKBOOK, false},
                                                   {"workbookPr", WORKBOOK, PROPERTIES, false},
                                                   {"sheets", WORKBOOK, SHEETS, false},
                                                   {"sheet", SHEETS, SHEET, false},
                                                   {0}};

static int add_sheet(struct reading_book *r, const char **attributes, struct err *err)
{
    struct xlsx_book *book = r->book;
    const char *name = xlsx_attribute(attributes, "name"), *id = xlsx_attribute(attributes, "id"),
               *state = xlsx_attribute(attributes, "state");
    const struct xlsx_relation *relation = id ? xlsx_relation_find(&r->relations, id) : NULL;
    if (!name || !relation || relation->external)
        return err_set(err, ERR_INPUT, "is damaged: its sheet %.100s is missing",
                       name ? name : "without a name");
    if (strcmp(relation->type, "worksheet") != 0)
        return 0;
    if (strlen(name) > MAX_NAME)
        return err_set(err, ERR_INPUT, "has a sheet whose name is longer than %d bytes", MAX_NAME);
    if (book->n == XLSX_MAX_SHEETS)
        return err_set(err, ERR_INPUT, "has more than %d sheets", XLSX_MAX_SHEETS);
    for (size_t i = 0; i < book->n; i++)
        if (!strcasecmp(book->sheets[i].part, relation->target))
            return err_set(err, ERR_INPUT, "is damaged: its sheets %.100s and %.100s are one",
                           book->sheets[i].sheet.name, name);
    size_t i = book->n++;
    book->sheets[i].part = relation->target;
    book->sheets[i].sheet.name = talloc_strdup(r->mem, name);
    book->sheets[i].sheet.hidden = state && strcmp(state, "visible") != 0;
    return 0;
}

static int start_book(struct xlsx_xml *xml, int id, const char **attributes, struct err *err)
{
    struct reading_book *r = xml->context;
    if (id == PROPERTIES)
        r->book->from_1904 = xlsx_attribute_is_true(attributes, "date1904");
    return id == SHEET ? add_sheet(r, attributes, err) : 0;
}

/* There is a package, but no workbook in it. */
static int refuse_package(struct xlsx_package *package, struct err *err)
{
    static const struct {
        const char *part, *what;
    } others[] = {
        {"content.xml", N_("is a file of LibreOffice (.ods?); save it as .xlsx")},
        {"xl/workbook.bin", N_("is a binary spreadsheet (.xlsb); save it as .xlsx")},
        {"word/document.xml", N_("is a text (.docx), no spreadsheet")},
        {"ppt/presentation.xml", N_("is a presentation (.pptx), no spreadsheet")},
        {"Index/Document.iwa", N_("is a file of Numbers; export it as .xlsx")},
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (xlsx_package_has(package, others[i].part))
            return err_set(err, ERR_INPUT, "%s", err_word(others[i].what));
    return err_set(err, ERR_INPUT, "is an archive, no spreadsheet (.xlsx)");
}

static int find_workbook(void *mem, struct xlsx_package *package, const char **name_r, struct err *err)
{
    struct xlsx_relations relations;
    if (xlsx_relations_read(mem, package, "", &relations, err) < 0)
        return -1;
    *name_r = part_of_type(&relations, "officeDocument");
    if (!*name_r)
        *name_r = "xl/workbook.xml";
    size_t n = strlen(*name_r);
    bool xml = n > 4 && !strcasecmp(*name_r + n - 4, ".xml");
    if (!xml || !strncasecmp(*name_r, "word/", 5) || !strncasecmp(*name_r, "ppt/", 4) ||
        !xlsx_package_has(package, *name_r))
        return refuse_package(package, err);
    return 0;
}

/* It is read again for each sheet. */
static int check_shared(const struct xlsx_book *book, struct err *err)
{
    uint64_t texts = book->strings ? xlsx_package_size(book->package, book->strings) : 0;
    uint64_t styles = book->styles ? xlsx_package_size(book->package, book->styles) : 0;
    if ((texts + styles) >> 20 <= MAX_SHARED_MB / book->n)
        return 0;
    return err_set(
        err, ERR_INPUT,
        "has %zu sheets that share %d MB of texts and styles; save the sheet that is wanted as CSV", book->n,
        (int)((texts + styles) >> 20));
}

int xlsx_book_open(void *mem, const char *bytes, size_t len, struct xlsx_book *book_r, struct err *err)
{
    const char *name;
    struct xlsx_part *part;
    struct reading_book r = {.mem = mem, .book = book_r};
    *book_r = (struct xlsx_book){0};
    book_r->sheets = talloc_zero_size(mem, XLSX_MAX_SHEETS * sizeof *book_r->sheets);
    if (xlsx_package_open(mem, bytes, len, &book_r->package, err) < 0 ||
        find_workbook(mem, book_r->package, &name, err) < 0 ||
        xlsx_relations_read(mem, book_r->package, name, &r.relations, err) < 0 ||
        xlsx_part_open(mem, book_r->package, name, MAX_SMALL_PART, &part, err) < 0)
        return -1;
    struct xlsx_xml xml = {.grammar = book_grammar, .start = start_book, .context = &r};
    if (xlsx_xml_run(&xml, part, err) < 0)
        return -1;
    book_r->strings = part_of_type(&r.relations, "sharedStrings");
    book_r->styles = part_of_type(&r.relations, "styles");
    return book_r->n ? check_shared(book_r, err) : err_set(err, ERR_INPUT, "has no sheet with cells");
}

/* ---- what the cage is asked for: "" the sheets, "0" the rows of the first */

enum { MAX_STRINGS_PART = 512 << 20, MAX_SHEET_PART = 1 << 30 };

static int put_sheets(const struct xlsx_book *book, cage_frame_fn *put, void *context, struct err *err)
{
    for (size_t i = 0; i < book->n; i++) {
        MEM_SCOPE(mem);
        const struct xlsx_sheet *sheet = &book->sheets[i].sheet;
        char *bytes = talloc_asprintf(mem, "%c%s", sheet->hidden ? 'h' : 'v', sheet->name);
        if (put(context, XLSX_FRAME_SHEET, bytes, strlen(bytes), err) < 0)
            return -1;
    }
    return 0;
}

static int scan_sheet(void *mem, struct xlsx_package *package, const char *name, struct xlsx_scan *scan,
                      struct err *err)
{
    struct xlsx_part *part;
    int rc = xlsx_part_open(mem, package, name, MAX_SHEET_PART, &part, err);
    return rc < 0 ? -1 : xlsx_scan(part, scan, err);
}

static int read_styles(void *mem, const struct xlsx_book *book, struct xlsx_styles *styles, struct err *err)
{
    struct xlsx_part *part;
    if (!book->styles)
        return 0;
    if (xlsx_part_open(mem, book->package, book->styles, MAX_SMALL_PART, &part, err) < 0)
        return -1;
    return xlsx_styles_read(mem, part, styles, err);
}

static int read_tail(void *mem, const struct xlsx_book *book, const char *name, const struct xlsx_scan *scan,
                     struct xlsx_tail *tail, struct err *err)
{
    struct xlsx_part *part;
    struct xlsx_relations relations;
    if (!scan->tail)
        return 0;
    if (xlsx_relations_read(mem, book->package, name, &relations, err) < 0 ||
        xlsx_part_open(mem, book->package, name, MAX_SHEET_PART, &part, err) < 0)
        return -1;
    return xlsx_tail_read(mem, part, scan->before_tail, &relations, tail, err);
}

static int read_strings(void *mem, const struct xlsx_book *book, const struct xlsx_scan *scan,
                        struct xlsx_strings *strings, struct err *err)
{
    struct xlsx_part *part;
    if (!book->strings || !scan->shared)
        return 0;
    if (xlsx_part_open(mem, book->package, book->strings, MAX_STRINGS_PART, &part, err) < 0)
        return -1;
    return xlsx_strings_read(mem, part, strings, err);
}

static int put_rows(void *mem, const struct xlsx_book *book, size_t sheet, cage_frame_fn *put, void *context,
                    struct err *err)
{
    struct xlsx_strings strings = {0};
    struct xlsx_styles styles = {0};
    struct xlsx_tail tail = {0};
    struct xlsx_scan scan;
    struct xlsx_part *part;
    const char *name = book->sheets[sheet].part;
    if (scan_sheet(mem, book->package, name, &scan, err) < 0 || read_styles(mem, book, &styles, err) < 0 ||
        read_tail(mem, book, name, &scan, &tail, err) < 0 ||
        read_strings(mem, book, &scan, &strings, err) < 0 ||
        xlsx_part_open(mem, book->package, name, MAX_SHEET_PART, &part, err) < 0)
        return -1;
    const struct xlsx_rows rows = {.strings = &strings,
                                   .styles = &styles,
                                   .tail = &tail,
                                   .behind = scan.behind_rows,
                                   .from_1904 = book->from_1904,
                                   .put = put,
                                   .context = context};
    return xlsx_rows_read(&rows, part, err);
}

static int parse(const char *bytes, size_t len, const char *argument, cage_frame_fn *put, void *context,
                 struct err *err)
{
    MEM_SCOPE(mem);
    struct xlsx_book book;
    if (xlsx_book_open(mem, bytes, len, &book, err) < 0)
        return -1;
    if (!*argument)
        return put_sheets(&book, put, context, err);
    size_t sheet = strtoul(argument, NULL, 10);
    if (sheet >= book.n)
        return err_set(err, ERR_NOTFOUND, "has no sheet %zu", sheet + 1);
    return put_rows(mem, &book, sheet, put, context, err);
}

static void warm_up(void)
{
    xlsx_package_init();
    xlsx_xml_init();
}

const struct cage_parser xlsx_parser = {"xlsx", warm_up, parse, NULL};
