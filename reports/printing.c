/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/printing.h"

#include <errno.h>
#include <limits.h>
#include <strings.h>
#include <unistd.h>

#include "base/spool.h"
#include "base/unicode.h"
#include "crm/audit.h"
#include "mail/attachment.h"
#include "mail/choice.h"
#include "mail/mailing.h"
#include "mail/template.h"
#include "reports/paper_letter.h"
#include "sql/mailing.h"
#include "sql/printing.h"

enum { MAX_TEXTS = 64 };

struct text_of_language {
    const char *language;
    struct template *compiled;
};

struct printing {
    void *mem;
    struct db *db;
    const struct conf *conf;
    const struct printing_order *order;
    int64_t now;
    struct text_of_language text[MAX_TEXTS];
    size_t texts;
    struct paper *letters, *labels;
    const struct paper_sheet *sheet;
    int label, pages;
};

/* ---- a letter */

static int text_in(struct printing *p, const char *language, struct template **compiled_r, struct err *err)
{
    DB_ROWS rows = NULL;
    size_t i = 0;
    while (i < p->texts && strcmp(p->text[i].language, language))
        i++;
    if (i == p->texts) {
        must(p->texts < MAX_TEXTS);
        int n =
            db_run(p->db, &rows, err, SQL_MAILING_TEXT_OF, db_int(p->order->mailing_id), db_text(language));
        if (n <= 0)
            return n < 0 ? -1 : err_set(err, ERR_CONFLICT, "the mailing has no text in %s", language);
        struct template_text source = {.name = db_get_str(rows, 0, "name"),
                                       .language = talloc_strdup(p->mem, language),
                                       .subject = db_get_str(rows, 0, "subject"),
                                       .body = db_get_str(rows, 0, "body"),
                                       .body_line = (int)db_get_int(rows, 0, "line")};
        if (template_compile(p->mem, &source, &p->text[i].compiled, err) < 0 ||
            choice_load_second(p->mem, p->db, p->order->mailing_id, language, p->text[i].compiled, err) < 0)
            return -1;
        p->text[p->texts++].language = source.language;
    }
    *compiled_r = p->text[i].compiled;
    return 0;
}

static const char *member(const json_t *view, const char *object, const char *key)
{
    const char *s = json_string_value(json_object_get(json_object_get(view, object), key));
    return s ? s : "";
}

static const struct words {
    const char *language, *number, *sample, *file;
} words[] = {
    {"sq", "Nr.", "MOSTËR", "Letër"}, {"sr-Cyrl", "Бр.", "УЗОРАК", "Писмо"}, {"sr", "Br.", "UZORAK", "Pismo"},
    {"de", "Nr.", "MUSTER", "Brief"}, {"pl", "Nr", "WZÓR", "Pismo"},         {"", "Ref.", "SAMPLE", "Letter"},
};

static const struct words *words_in(const char *language)
{
    const struct words *w = words;
    while (strncasecmp(language, w->language, strlen(w->language)) != 0)
        w++;
    return w;
}

static const char *join(void *mem, const char *a, const char *between, const char *b)
{
    a = a ? a : "";
    b = b ? b : "";
    return talloc_asprintf(mem, "%s%s%s", a, *a && *b ? between : "", b);
}

static json_t *head(void *mem, const struct printing *p, const char *language, const json_t *view)
{
    const char *address = conf_in_language(mem, p->conf->office.address, language),
               *place = conf_in_language(mem, p->conf->office.place, language),
               *office = member(view, "office", "name"),
               *day = unicode_format_date(mem, p->now, p->conf->office.time_zone, language, UNICODE_DAY);
    json_t *details = json_array();
    if (address)
        json_array_append_new(details, json_string(address));
    json_array_append_new(details, json_string(join(mem, member(view, "office", "phone"), "  ·  ",
                                                    member(view, "office", "email"))));
    return json_pack("{s:s, s:s, s:o, s:s, s:O, s:s, s:[s, s]}", "language", language, "office", office,
                     "details", details, "sender", join(mem, office, " · ", address), "address",
                     json_object_get(view, "envelope"), "date", join(mem, place, ", ", day), "signature",
                     member(view, "mayor", "name"), member(view, "office", "person"));
}

static int make_letter(void *mem, struct printing *p, const struct db_rows *rows, json_t **letter_r,
                       struct err *err)
{
    const char *language = db_get_str(rows, 0, "language"), *subject, *html;
    struct template *compiled = NULL;
    json_t *view = json_loads(db_get_str(rows, 0, "view"), 0, NULL);
    json_object_set_new(view, "paper", json_true()); /* in a mail, too, it is paper that is shown */
    int rc = text_in(p, language, &compiled, err);
    if (rc == 0)
        rc = template_render_paper(mem, compiled, view, &subject, &html, err);
    if (rc == 0) {
        json_t *letter = head(mem, p, language, view);
        /* mailing and recipient, for the answer that comes on paper */
        const char *number = talloc_asprintf(mem, "%s %lld/%s", words_in(language)->number,
                                             (long long)p->order->mailing_id, db_get_str(rows, 0, "id"));
        json_object_set_new(letter, "reference", json_string(number));
        if (p->order->what == PRINTING_SAMPLE)
            json_object_set_new(letter, "mark", json_string(words_in(language)->sample));
        json_object_set_new(letter, "subject", json_string(subject));
        json_object_set_new(letter, "body", json_string(html));
        *letter_r = letter;
    }
    json_decref(view);
    return rc;
}

/* Puts it on paper, and how many pages it has. */
static int put(struct printing *p, const json_t *letter, int *pages_r, struct err *err)
{
    paper_outline(p->letters, json_string_value(json_array_get(json_object_get(letter, "address"), 0)));
    if (paper_letter(p->letters, letter, pages_r, err) < 0 ||
        (p->labels && paper_label(p->labels, p->sheet, p->label++, letter, err) < 0))
        return -1;
    if (p->order->two_sided && *pages_r % 2)
        paper_next_page(p->letters);
    p->pages += *pages_r;
    return 0;
}

static int put_new(struct printing *p, const struct db_rows *rows, int n, struct err *err)
{
    MEM_SCOPE(mem);
    json_t *letter = NULL;
    int pages;
    if (make_letter(mem, p, rows, &letter, err) < 0)
        return -1;
    int rc = put(p, letter, &pages, err);
    if (rc == 0 && p->order->what == PRINTING_NEW) {
        char *json = json_dumps(letter, JSON_COMPACT);
        rc = db_run(p->db, NULL, err, SQL_PRINTING_KEEP, db_int(db_get_int(rows, 0, "id")), db_int(n),
                    db_int(pages), db_text(json));
        free(json);
    }
    json_decref(letter);
    return rc < 0 ? -1 : 0;
}

static int put_again(struct printing *p, const struct db_rows *rows, struct err *err)
{
    int pages;
    json_t *letter = json_loads(db_get_str(rows, 0, "letter"), 0, NULL);
    int rc = put(p, letter, &pages, err);
    json_decref(letter);
    return rc;
}

static int put_all(struct printing *p, const struct db_rows *ids, struct err *err)
{
    for (int i = 0; i < db_rows_count(ids); i++) {
        DB_ROWS rows = NULL;
        if (db_run(p->db, &rows, err, SQL_PRINTING_LETTER, db_int(db_get_int(ids, i, "id"))) < 0)
            return -1;
        if ((p->order->what == PRINTING_AGAIN ? put_again(p, rows, err) : put_new(p, rows, i + 1, err)) < 0)
            return err_context(err, "nothing is printed: contact %lld, %s",
                               (long long)db_get_int(rows, 0, "contact_id"), db_get_str(rows, 0, "name"));
    }
    return 0;
}

/* ---- the files */

static int open_files(struct printing *p, const char *title, struct err *err)
{
    const struct printing_order *o = p->order;
    struct paper_about about = {.path = o->path,
                                .title = title,
                                .author =
                                    conf_in_language(p->mem, p->conf->office.name, p->conf->office.language),
                                .made = p->now};
    if (paper_open(p->mem, &p->letters, &about, err) < 0 ||
        (p->conf->office.logo && paper_load_picture(p->letters, p->conf->office.logo, err) < 0))
        return -1;
    about.path = o->labels_path;
    return o->labels_path ? paper_open(p->mem, &p->labels, &about, err) : 0;
}

static int finish_files(struct printing *p, unsigned char sum[DIGEST_BYTES], struct err *err)
{
    unsigned char labels_sum[DIGEST_BYTES];
    if (p->labels && paper_finish(p->labels, labels_sum, err) < 0)
        return -1;
    return paper_finish(p->letters, sum, err);
}

static int keep_files(struct printing *p, struct err *err)
{
    if (paper_keep(p->letters, err) < 0 || (p->labels && paper_keep(p->labels, err) < 0))
        return err_context(err,
                           "the letters are marked as printed; `adresar mailing print %lld --again` "
                           "writes them",
                           (long long)p->order->mailing_id);
    return 0;
}

/* ---- the whole */

static int check_order(struct printing *p, const struct mailing_info *info, struct err *err)
{
    const struct printing_order *o = p->order;
    if (!o->labels_path != !o->sheet)
        return err_set(err, ERR_USAGE, "--labels FILE and --sheet NAME go together");
    if (o->sheet && (paper_sheet_find(o->sheet, &p->sheet, err) < 0 ||
                     paper_sheet_check(p->sheet, o->first_label - 1, err) < 0))
        return -1;
    if (o->labels_path && !strcmp(o->labels_path, o->path))
        return err_set(err, ERR_USAGE, "letters and labels are two files");
    p->label = o->sheet ? o->first_label - 1 : 0;
    if (o->what == PRINTING_NEW && strcmp(info->state, "released") && strcmp(info->state, "finished"))
        return err_set(err, ERR_CONFLICT, "mailing %lld is %s, not released", (long long)info->id,
                       info->state);
    return 0;
}

static int nothing_to_print(struct printing *p, struct err *err)
{
    DB_ROWS rows = NULL;
    long long id = p->order->mailing_id;
    if (db_run(p->db, &rows, err, SQL_PRINTING_SO_FAR, db_int(id), db_text(p->conf->office.time_zone)) < 0)
        return -1;
    int64_t n = db_get_int(rows, 0, "letters");
    if (!n)
        return err_set(err, ERR_NOTFOUND, "mailing %lld has no letters on paper", id);
    return err_set(
        err, ERR_NOTFOUND,
        "mailing %lld has nothing to print: its letters on paper, %lld, were printed by %s, %s; --again "
        "prints them again",
        id, (long long)n, db_get_str(rows, 0, "by"), db_get_str(rows, 0, "at"));
}

static int mark(struct printing *p, int letters, const unsigned char sum[DIGEST_BYTES], struct err *err)
{
    long long id = p->order->mailing_id;
    bool is_new = p->order->what == PRINTING_NEW;
    const char *object =
        talloc_asprintf(p->mem, "letters on paper of mailing %lld%s", id, is_new ? "" : ", again");
    if (p->order->what == PRINTING_SAMPLE)
        return 0;
    if (is_new) {
        int n = db_run(p->db, NULL, err, SQL_PRINTING_DONE, db_int(id));
        if (n != letters)
            return n < 0 ? -1
                         : err_set(err, ERR_AGAIN, "mailing %lld changed meanwhile: nothing is printed", id);
    }
    if (audit_note(p->db, "EXPORT", object, letters, sum, err) < 0)
        return -1;
    return mailing_finish_all(p->db, err);
}

static int choose(struct printing *p, struct db_rows **ids_r, struct err *err)
{
    struct db_arg id = db_int(p->order->mailing_id);
    switch (p->order->what) {
    case PRINTING_SAMPLE:
        return db_run(p->db, ids_r, err, SQL_PRINTING_SAMPLES, id);
    case PRINTING_AGAIN:
        return db_run(p->db, ids_r, err, SQL_PRINTING_PRINTED, id);
    default:
        return db_run(p->db, NULL, err, SQL_PRINTING_LOOK_AGAIN, id) < 0
                   ? -1
                   : db_run(p->db, ids_r, err, SQL_PRINTING_WAITING, id, db_text(p->conf->office.country));
    }
}

static int print_all(struct printing *p, const struct mailing_info *info, const struct db_rows *ids,
                     struct db_tx *tx, struct printing_result *r, struct err *err)
{
    unsigned char sum[DIGEST_BYTES];
    int n = db_rows_count(ids);
    if (open_files(p, info->name, err) < 0 || put_all(p, ids, err) < 0 || finish_files(p, sum, err) < 0 ||
        mark(p, n, sum, err) < 0 || db_commit(tx, err) < 0 || keep_files(p, err) < 0)
        return -1;
    *r = (struct printing_result){.letters = n, .pages = p->pages};
    if (p->labels)
        r->label_sheets = paper_sheet_of(p->sheet, p->label - 1) + 1;
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(r->sha256 + 2 * i, 3, "%02x", sum[i]);
    return 0;
}

int printing_run(struct db *db, const struct conf *conf, const struct printing_order *order,
                 struct printing_result *result_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    DB_ROWS ids = NULL;
    DB_ROWS now = NULL;
    struct mailing_info info;
    struct printing p = {.mem = mem, .db = db, .conf = conf, .order = order};
    enum right right = order->what == PRINTING_SAMPLE ? RIGHT_see : RIGHT_write;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || mailing_get(mem, db, order->mailing_id, &info, err) < 0 ||
        mailing_check(db, right, order->mailing_id, err) < 0 || check_order(&p, &info, err) < 0)
        return -1;
    int n = choose(&p, &ids, err);
    if (n < 0 || db_run(db, &now, err, SQL_PRINTING_NOW, db_int(order->mailing_id),
                        db_bool(order->what == PRINTING_AGAIN)) < 0)
        return -1;
    if (n == 0) /* what was excluded stays so */
        return db_commit(&tx, err) < 0 ? -1 : nothing_to_print(&p, err);
    p.now = db_get_int(now, 0, "now");
    return print_all(&p, &info, ids, &tx, result_r, err);
}

/* ---- a letter as a file of its own */

struct folder {
    char path[PATH_MAX];
};

static void folder_end(struct folder *f)
{
    if (*f->path)
        rmdir(f->path);
}

static int folder_make(struct folder *f, struct err *err)
{
    int n = snprintf(f->path, sizeof f->path, "%s/adresar-letters.XXXXXX", spool_folder());
    if (n < (int)sizeof f->path && mkdtemp(f->path))
        return 0;
    *f->path = 0;
    return err_set(err, ERR_IO, "%s: %s", spool_folder(), strerror(errno));
}

static int letter_file(void *mem, struct printing *p, const char *folder, const json_t *letter,
                       const char *language, struct mime_file *file_r, struct err *err)
{
    unsigned char sum[DIGEST_BYTES];
    const char *path = talloc_asprintf(mem, "%s/%s.pdf", folder, words_in(language)->file);
    struct printing_order order = *p->order;
    order.path = path;
    struct printing one = *p;
    one.order = &order;
    int pages;
    int rc = open_files(&one, json_string_value(json_object_get(letter, "subject")), err) < 0 ||
                     put(&one, letter, &pages, err) < 0 || finish_files(&one, sum, err) < 0 ||
                     paper_keep(one.letters, err) < 0
                 ? -1
                 : attachment_read(mem, path, NULL, file_r, err);
    paper_drop(&one.letters);
    unlink(path);
    return rc;
}

static int enclose_one(struct printing *p, const char *folder, const struct db_rows *ids, int i,
                       struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    json_t *letter = NULL;
    struct mime_file file;
    if (db_run(p->db, &rows, err, SQL_PRINTING_LETTER, db_int(db_get_int(ids, i, "id"))) < 0 ||
        make_letter(mem, p, rows, &letter, err) < 0)
        return -1;
    int rc = letter_file(mem, p, folder, letter, db_get_str(ids, i, "language"), &file, err);
    json_decref(letter);
    return rc < 0 ? -1
                  : attachment_add_own(p->db, p->order->mailing_id, db_get_int(ids, i, "contact_id"), &file,
                                       err);
}

int printing_enclose(struct db *db, const struct conf *conf, int64_t mailing, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS ids = NULL;
    DB_ROWS now = NULL;
    CLEANUP(folder_end) struct folder folder = {""};
    if (folder_make(&folder, err) < 0)
        return -1;
    struct printing_order order = {.mailing_id = mailing};
    struct printing p = {.mem = mem, .db = db, .conf = conf, .order = &order};
    int n = db_run(db, &ids, err, SQL_PRINTING_BY_MAIL, db_int(mailing));
    if (n < 0 || db_run(db, &now, err, SQL_PRINTING_NOW, db_int(mailing), db_bool(false)) < 0)
        return -1;
    p.now = db_get_int(now, 0, "now");
    for (int i = 0; i < n; i++)
        if (enclose_one(&p, folder.path, ids, i, err) < 0)
            return err_context(err, "contact %lld, %s", (long long)db_get_int(ids, i, "contact_id"),
                               db_get_str(ids, i, "name"));
    return 0;
}

static int add_letter(struct printing *p, const char *folder, const struct db_rows *rows, int i,
                      struct archive *archive, struct err *err)
{
    MEM_SCOPE(mem);
    struct mime_file file;
    json_t *letter = json_loads(db_get_str(rows, i, "letter"), 0, NULL);
    p->now = db_get_int(rows, i, "now");
    int rc = letter_file(mem, p, folder, letter, db_get_str(rows, i, "language"), &file, err);
    json_decref(letter);
    const char *name = talloc_asprintf(mem, "letters/%lld.pdf", (long long)db_get_int(rows, i, "id"));
    return rc < 0 ? -1 : archive_add(archive, name, file.bytes, file.len, err);
}

int printing_add_letters(const void *conf, struct db *db, int64_t contact, struct archive *archive,
                         struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    CLEANUP(folder_end) struct folder folder = {""};
    int n = db_run(db, &rows, err, SQL_PRINTING_OF_CONTACT, db_int(contact));
    if (n <= 0)
        return n;
    if (folder_make(&folder, err) < 0)
        return -1;
    struct printing p = {.mem = mem, .db = db, .conf = conf, .order = &(struct printing_order){0}};
    for (int i = 0; i < n; i++)
        if (add_letter(&p, folder.path, rows, i, archive, err) < 0)
            return -1;
    return 0;
}
