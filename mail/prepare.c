/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Preparing a mailing: the list is resolved to contacts, each gets the text of their language, each letter is
 * rendered once.  Problems are collected, so that a clerk mends the list in one go; with any of them nothing
 * is written.
 */
#include "mail/prepare_low.h"

#include "base/catalog.h"
#include "base/unicode.h"
#include "mail/template.h"
#include "mail/wire/mime.h"
#include "sql/mailing.h"

enum { MAX_LIST_BYTES = 16 << 20 };

static int nobody_to_write_to(struct preparation *p, const char *where, struct err *err)
{
    return err_set(err, ERR_INPUT, "nobody in %s can get the letter: of the first, contact %lld: %s", where,
                   (long long)p->left_out->contact_id, err_word(p->left_out->reason));
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
    if (!p->recipients && talloc_array_length(p->left_out))
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
        if (prepare_ask(p, &(struct asked){.contact_id = ids[i]}, err) < 0)
            return -1;
    if (prepare_rest(p, err) < 0)
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
        const struct asked asked = {
            .contact_id = guest[i].contact_id, .post_id = guest[i].post_id, .guest = &guest[i]};
        if (prepare_ask(p, &asked, err) < 0)
            return -1;
    }
    if (prepare_rest(p, err) < 0)
        return -1;
    return check_members(p, N_("event's guests"), N_("the guest list"), err);
}

/* Of a post that is vacant there is nobody. */
static int read_missed(struct preparation *p, struct err *err)
{
    struct mailing_guest *missed;
    if (mailing_missed(p->mem, p->db, p->order, &missed, err) < 0)
        return -1;
    for (size_t i = 0; i < talloc_array_length(missed); i++) {
        const struct asked asked = {.contact_id = missed[i].contact_id, .post_id = missed[i].post_id};
        if (missed[i].contact_id && prepare_ask(p, &asked, err) < 0)
            return -1;
    }
    if (prepare_rest(p, err) < 0)
        return -1;
    if (!p->recipients && !talloc_array_length(p->problem))
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
        const char *listed = p->order->own.folder ? attachment_listed(line) : NULL, *word = first_word(line);
        const struct asked asked = {.line = number, .word = word, .listed = listed};
        if (*word && prepare_ask(p, &asked, err) < 0)
            return -1;
    }
    if (prepare_rest(p, err) < 0)
        return -1;
    if (talloc_array_length(p->problem))
        return err_set(err, ERR_INPUT,
                       err_plural("%zu of the list's lines is in the way: nothing was prepared",
                                  "%zu of the list's lines are in the way: nothing was prepared",
                                  talloc_array_length(p->problem)),
                       talloc_array_length(p->problem));
    if (!p->recipients && talloc_array_length(p->left_out))
        return nobody_to_write_to(p, p->order->list_file, err);
    if (!p->recipients)
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

static int prepare(struct preparation *p, int *latin_r, struct err *err)
{
    const struct mailing_order *o = p->order;
    DB_TX tx = {0};
    if (mailing_order_accounts(p->mem, p->conf, o, &p->accounts, err) < 0 ||
        mailing_order_check(p->mem, o, &p->class, err) < 0 || load_texts(p, err) < 0 ||
        db_begin(&tx, p->db, DB_WRITE, err) < 0 || mailing_order_list(p->mem, p->db, o, &p->class, err) < 0 ||
        mailing_order_department(p->db, o, &p->department, err) < 0 ||
        mailing_order_name(p->mem, p->db, p->conf, o, &p->name, err) < 0 ||
        (o->step         ? read_guests(p, err)
         : o->missing_of ? read_missed(p, err)
         : o->segment    ? read_segment(p, err)
                         : read_list(p, err)) < 0 ||
        prepare_finish(p, err) < 0 ||
        (*latin_r = db_run(p->db, NULL, err, SQL_MAILING_LATIN, db_int(p->mailing))) < 0)
        return -1;
    return db_commit(&tx, err);
}

int mailing_prepare(void *mem, struct db *db, const struct conf *conf, const struct mailing_order *order,
                    struct mailing_prepared *prepared_r, const char ***problems_r, struct err *err)
{
    MEM_SCOPE(scratch);
    mime_init();
    struct preparation p = {.mem = scratch, .db = db, .conf = conf, .order = order};
    p.maker = view_maker_new(scratch, db, conf, order->event_id);
    p.left_out = talloc_array(scratch, struct left_out, 0);
    p.problem = talloc_array(scratch, const char *, 0);
    int rc = prepare(&p, &prepared_r->latin, err);
    prepared_r->id = p.mailing;
    prepared_r->recipients = p.recipients;
    prepared_r->foreign = p.foreign;
    prepared_r->left_out = (int)talloc_array_length(p.left_out);
    prepared_r->paper = p.on_paper;
    *problems_r = talloc_steal(mem, p.problem);
    prepare_end(&p);
    return rc;
}
