/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Preparing a mailing: the list is resolved to contacts, each gets the text of their language, each letter is
 * rendered once.  Problems are collected, so that a clerk mends the list in one go; with any of them nothing
 * is written.
 */
#include "mail/prepare_low.h"

#include <ctype.h>
#include <unistd.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "crm/post.h"
#include "mail/template.h"
#include "mail/view.h"
#include "mail/wire/mime.h"
#include "sql/mailing.h"

enum { MAX_LIST_BYTES = 16 << 20 };

static void problem(struct preparation *p, int line, const char *fmt, ...) PRINTF(3, 4);
static void problem(struct preparation *p, int line, const char *fmt, ...)
{
    size_t n = talloc_array_length(p->problem);
    p->problem = talloc_realloc(p->mem, p->problem, const char *, (unsigned)n + 1);
    va_list ap;
    va_start(ap, fmt);
    char *text = talloc_vasprintf(p->problem, fmt, ap);
    va_end(ap);
    p->problem[n] = p->order->list_file
                        ? talloc_asprintf(p->problem, "%s:%d: %s", p->order->list_file, line, text)
                        : text;
}

static void no_text(struct preparation *p, int line, int64_t id, const char *languages)
{
    const char *tag[MAILING_MAX_LANGUAGES];
    size_t n = mailing_languages(p->mem, languages, tag);
    struct text list = text_new(p->mem);
    for (size_t i = 0; i < n; i++)
        text_printf(&list, "%s%s", i ? ", " : "", tag[i]);
    if (n)
        problem(p, line, "the template has no text in %s, the language of contact %lld", list.s,
                (long long)id);
    else
        problem(p, line, "contact %lld has no language, and there is no text in the --fallback or in %s",
                (long long)id, p->conf->office.default_language);
}

static void leave_out(struct preparation *p, int64_t id, const char *reason)
{
    size_t n = talloc_array_length(p->left_out);
    for (size_t i = 0; p->order->list_file && i < n; i++)
        if (p->left_out[i].contact_id == id)
            return; /* in another line of the list */
    p->left_out = talloc_realloc(p->mem, p->left_out, struct left_out, (unsigned)n + 1);
    p->left_out[n] = (struct left_out){id, talloc_strdup(p->mem, reason)};
}

/* The letter is made once, so that what it lacks is known now.  The link to unsubscribe is made when it goes
 * out. */
static void try_letter(struct preparation *p, struct recipient *r, const struct template *text)
{
    MEM_SCOPE(mem);
    struct err why;
    struct template_letter letter;
    json_t *whole = json_copy(r->view);
    struct class_letter sample = {.conf = p->conf, .account = p->accounts[0], .mailing = &p->class};
    const struct enclosing_letter enclosed = {r->email, p->listed, r->language, whole, &letter};
    class_view(mem, &sample, whole);
    if (template_render(mem, text, whole, &letter, &why) < 0 ||
        (*r->email && enclosing_letter(p->mem, &p->enclosing, &enclosed, &r->own, &why) < 0))
        problem(p, r->line, "contact %lld, %s: %s", (long long)r->contact_id, r->name, why.text);
    json_decref(whole);
}

/* Whether there is a way to the contact, who does not stand in the list already; if not, that is said. */
static bool may_take(struct preparation *p, int line, int64_t id, const struct mailing_way *way)
{
    if (!way->email && !way->paper && p->order->paper) {
        leave_out(p, id, "no address");
        return false;
    }
    if (!way->email && !way->paper) {
        problem(p, line, "contact %lld has no e-mail address that can be written to%s%s", (long long)id,
                *way->why ? ": " : "", way->why);
        return false;
    }
    for (size_t i = 0; p->order->list_file && i < talloc_array_length(p->recipient); i++)
        if (p->recipient[i].contact_id == id) {
            problem(p, line, "contact %lld stands in line %d already", (long long)id, p->recipient[i].line);
            return false;
        }
    return true;
}

/* post: the one that the line names, 0: none */
static int take_contact(struct preparation *p, int line, const struct db_rows *rows, int64_t post,
                        struct err *err)
{
    const char *languages = db_get_str(rows, 0, "languages");
    int64_t id = db_get_int(rows, 0, "id");
    struct mailing_way way = mailing_way(p->mem, rows, p->order->paper);
    struct err why;
    if (!may_take(p, line, id, &way))
        return 0;
    bool theirs;
    const struct template_text *source = choice_text(&p->choice, &p->texts, languages, &theirs);
    if (!source) {
        no_text(p, line, id, languages);
        return 0;
    }
    struct recipient r = {
        .line = line, .contact_id = id, .language = source->language, .to_post = post && !p->guest};
    struct view_recipient who = {
        .contact_id = id,
        .post_id = post,
        .language = source->language,
        .paper = way.paper,
        .second = choice_second(&p->choice, &p->texts, source),
        .told = p->guest ? p->guest->said : NULL,
    };
    if (view_make(p->mem, p->db, p->conf, &who, p->order->event_id, &r.view, &r.name, &r.post_id, &why) < 0) {
        *err = why;
        if (why.code != ERR_INPUT)
            return -1;
        problem(p, line, "contact %lld, %s", (long long)id, why.text);
        return 0;
    }
    if (!mailing_way_settle(&way, r.view)) {
        json_decref(r.view);
        leave_out(p, id, "no address");
        return 0;
    }
    r.email = way.email ? way.email : "";
    r.address_id = way.email ? db_get_int(rows, 0, "address_id") : 0;
    p->on_paper += way.paper;
    size_t n = talloc_array_length(p->recipient);
    p->recipient = talloc_realloc(p->mem, p->recipient, struct recipient, (unsigned)n + 1);
    p->recipient[n] = r;
    p->foreign += !theirs;
    try_letter(p, &p->recipient[n], p->compiled[source - p->texts.v]);
    return 0;
}

/* post:12, whose holder is looked for again at the release */
static int take_post(struct preparation *p, int line, const char *number, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t holder = 0;
    struct err why;
    if (!*number || strlen(number) > 18 || strspn(number, "0123456789") != strlen(number)) {
        problem(p, line, "a post is written as post:12, with its number");
        return 0;
    }
    int64_t post = strtoll(number, NULL, 10);
    int n = post_find_holder(p->db, post, &holder, &why);
    if (n < 0 && why.code != ERR_NOTFOUND) {
        *err = why;
        return -1;
    }
    if (n <= 0) {
        problem(p, line, n ? "there is no post %s" : "post %s is vacant", number);
        return 0;
    }
    if (db_run(p->db, &rows, err, SQL_MAILING_RECIPIENTS_BY_ID, db_int(holder), db_null()) < 0)
        return -1;
    return take_contact(p, line, rows, post, err);
}

static int take_line(struct preparation *p, int line, const char *word, struct err *err)
{
    DB_ROWS rows = NULL;
    int n;
    if (!strncmp(word, "post:", 5))
        return take_post(p, line, word + 5, err);
    bool is_id = strspn(word, "0123456789") == strlen(word);
    if (is_id)
        n = db_run(p->db, &rows, err, SQL_MAILING_RECIPIENTS_BY_ID, db_int(strtoll(word, NULL, 10)),
                   db_null());
    else
        n = db_run(p->db, &rows, err, SQL_MAILING_RECIPIENTS_BY_ADDRESS, db_text(word));
    if (n < 0)
        return -1;
    if (n == 1)
        return take_contact(p, line, rows, 0, err);
    if (n == 0) {
        problem(p, line, is_id ? "there is no contact %s" : "no contact has the address %s", word);
        return 0;
    }
    struct text ids = text_new(p->mem);
    for (int i = 0; i < n; i++)
        text_printf(&ids, "%s%s", i ? ", " : "", db_get_str(rows, i, "id"));
    problem(p, line, "%d contacts have the address %s: write the id of one (%s)", n, word, ids.s);
    return 0;
}

/* A list can be mended line by line, a segment's answer or an event's guests cannot: who cannot get the
 * letter is left out, with the reason. */
static int take_member(struct preparation *p, int64_t id, int64_t post, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(p->db, &rows, err, SQL_MAILING_RECIPIENTS_BY_ID, db_int(id),
               db_int_or_null(p->guest ? p->guest->address_id : 0)) < 0)
        return -1;
    if (!db_rows_count(rows))
        return 0; /* gone since the question was asked */
    const char *state = db_get_str(rows, 0, "state");
    struct mailing_way way = mailing_way(p->mem, rows, p->order->paper);
    if (strcmp(state, "active"))
        leave_out(p, id, talloc_asprintf(p->mem, "contact is %s", state));
    else if (way.email || p->order->paper)
        return take_contact(p, 0, rows, post, err);
    else if (*way.why)
        leave_out(p, id, talloc_asprintf(p->mem, "address cannot be written to: %s", way.why));
    else
        leave_out(p, id, db_get_bool(rows, 0, "has_dead") ? "address is dead" : "no e-mail address");
    return 0;
}

static int nobody_to_write_to(struct preparation *p, const char *where, struct err *err)
{
    return err_set(err, ERR_INPUT, "nobody in %s can get the letter: of the first, contact %lld: %s", where,
                   (long long)p->left_out->contact_id, p->left_out->reason);
}

/* whose, where: words that are marked for the catalogue */
static int check_members(struct preparation *p, const char *whose, const char *where, struct err *err)
{
    size_t problems = talloc_array_length(p->problem);
    if (problems)
        return err_set(err, ERR_INPUT,
                       err_plural("%zu of the %s is in the way: nothing was prepared",
                                  "%zu of the %s are in the way: nothing was prepared", problems),
                       problems, err_word(whose));
    if (!talloc_array_length(p->recipient) && talloc_array_length(p->left_out))
        return nobody_to_write_to(p, err_word(where), err);
    return 0;
}

static int read_segment(struct preparation *p, struct err *err)
{
    int64_t *ids;
    if (segment_ids(p->mem, p->db, p->order->segment, &ids, err) < 0)
        return -1;
    size_t n = talloc_array_length(ids);
    for (size_t i = 0; i < n; i++)
        if (take_member(p, ids[i], 0, err) < 0)
            return -1;
    return n ? check_members(p, N_("segment's contacts"), N_("the segment"), err)
             : err_set(err, ERR_INPUT, "nobody is in the segment");
}

static int read_guests(struct preparation *p, struct err *err)
{
    struct mailing_guest *guest;
    if (mailing_guests(p->mem, p->db, p->order, &guest, err) < 0)
        return -1;
    for (size_t i = 0; i < talloc_array_length(guest); i++) {
        p->guest = &guest[i];
        if (take_member(p, guest[i].contact_id, guest[i].post_id, err) < 0)
            return -1;
    }
    return check_members(p, N_("event's guests"), N_("the guest list"), err);
}

/* Of a post that is vacant there is nobody. */
static int read_missed(struct preparation *p, struct err *err)
{
    struct mailing_guest *missed;
    if (mailing_missed(p->mem, p->db, p->order, &missed, err) < 0)
        return -1;
    for (size_t i = 0; i < talloc_array_length(missed); i++)
        if (missed[i].contact_id && take_member(p, missed[i].contact_id, missed[i].post_id, err) < 0)
            return -1;
    if (!talloc_array_length(p->recipient) && !talloc_array_length(p->problem))
        return err_set(err, ERR_NOTFOUND, "nobody whom mailing %lld did not reach can be reached today",
                       (long long)p->order->missing_of);
    return check_members(p, N_("recipients"), N_("the mailing"), err);
}

static char *first_word(char *line)
{
    line += strspn(line, " \t\r\xef\xbb\xbf");
    line[strcspn(line, " \t\r\n#")] = 0;
    return line;
}

static int read_list(struct preparation *p, struct err *err)
{
    char *text;
    size_t len;
    if (mem_read_file(p->mem, p->order->list_file, MAX_LIST_BYTES, &text, &len, err) < 0)
        return -1;
    if (strlen(text) != len || !unicode_valid_utf8(text, len))
        return err_set(err, ERR_INPUT, "%s: not a text in UTF-8", p->order->list_file);
    int number = 0;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        number++;
        p->listed = p->order->own.folder ? attachment_listed(line) : NULL;
        const char *word = first_word(line);
        if (*word && take_line(p, number, word, err) < 0)
            return -1;
    }
    if (talloc_array_length(p->problem))
        return err_set(err, ERR_INPUT,
                       err_plural("%zu of the list's lines is in the way: nothing was prepared",
                                  "%zu of the list's lines are in the way: nothing was prepared",
                                  talloc_array_length(p->problem)),
                       talloc_array_length(p->problem));
    if (!talloc_array_length(p->recipient) && talloc_array_length(p->left_out))
        return nobody_to_write_to(p, p->order->list_file, err);
    if (!talloc_array_length(p->recipient))
        return err_set(err, ERR_INPUT, "%s: nobody stands in it", p->order->list_file);
    return 0;
}

static int load_texts(struct preparation *p, struct err *err)
{
    const struct mailing_order *o = p->order;
    p->choice = (struct choice){o->fallback, p->conf->office.default_language, false};
    if (template_load_dir(p->mem, o->template_dir, &p->texts, err) < 0)
        return -1;
    if (choice_take(p->mem, &p->choice, o->bilingual, &p->texts, err) < 0)
        return err_context(err, "%s", o->template_dir);
    p->compiled = talloc_zero_array(p->mem, struct template *, (unsigned)p->texts.n);
    for (size_t i = 0; i < p->texts.n; i++)
        if (template_compile(p->mem, &p->texts.v[i], &p->compiled[i], err) < 0 ||
            mailing_order_text(p->class.class, &p->texts.v[i], p->compiled[i], err) < 0)
            return -1;
    if (choice_set_seconds(&p->choice, &p->texts, p->compiled, err) < 0)
        return -1;
    return enclosing_begin(p->mem, p->db, p->accounts, &o->own, &p->texts, p->compiled, &p->choice,
                           &p->enclosing, err);
}

static int prepare(struct preparation *p, int64_t *id_r, int *latin_r, struct err *err)
{
    DB_TX tx = {0};
    int64_t department = 0;
    const char *name;
    if (mailing_order_accounts(p->mem, p->conf, p->order, &p->accounts, err) < 0 ||
        mailing_order_check(p->mem, p->order, &p->class, err) < 0 || load_texts(p, err) < 0 ||
        db_begin(&tx, p->db, DB_WRITE, err) < 0 ||
        mailing_order_list(p->mem, p->db, p->order, &p->class, err) < 0 ||
        mailing_order_department(p->db, p->order, &department, err) < 0 ||
        (p->order->step         ? read_guests(p, err)
         : p->order->missing_of ? read_missed(p, err)
         : p->order->segment    ? read_segment(p, err)
                                : read_list(p, err)) < 0 ||
        mailing_order_name(p->mem, p->db, p->conf, p->order, &name, err) < 0 ||
        prepare_write(p, department, name, id_r, err) < 0 ||
        (*latin_r = db_run(p->db, NULL, err, SQL_MAILING_LATIN, db_int(*id_r))) < 0)
        return -1;
    return db_commit(&tx, err);
}

int mailing_prepare(void *mem, struct db *db, const struct conf *conf, const struct mailing_order *order,
                    struct mailing_prepared *prepared_r, const char ***problems_r, struct err *err)
{
    MEM_SCOPE(scratch);
    mime_init();
    struct preparation p = {.mem = scratch, .db = db, .conf = conf, .order = order};
    p.recipient = talloc_array(scratch, struct recipient, 0);
    p.left_out = talloc_array(scratch, struct left_out, 0);
    p.problem = talloc_array(scratch, const char *, 0);
    int rc = prepare(&p, &prepared_r->id, &prepared_r->latin, err);
    prepared_r->recipients = (int)talloc_array_length(p.recipient);
    prepared_r->foreign = p.foreign;
    prepared_r->left_out = (int)talloc_array_length(p.left_out);
    prepared_r->paper = p.on_paper;
    *problems_r = talloc_steal(mem, p.problem);
    for (size_t i = 0; i < talloc_array_length(p.recipient); i++)
        json_decref(p.recipient[i].view);
    return rc;
}
