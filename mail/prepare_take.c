/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Who is asked for becomes a recipient.  That goes by hundreds, since each question to the store is asked for
 * all of them: who they are, what their letters say.  Then each is judged by itself, in the order of the
 * list.
 */
#include "mail/prepare_low.h"

#include <search.h>

#include "base/catalog.h"
#include "mail/reason.h"
#include "mail/template.h"
#include "sql/mailing.h"

struct found {
    const struct asked *asked;
    bool is_post;
    int64_t contact, post; /* 0: none; post -1: none that could be looked for */
    const struct db_rows *rows;
    int row, n; /* whom it says: n contacts from this row on */
    struct mailing_way way;
    const struct template_text *text; /* NULL: there is no way to them, or no text */
    bool theirs;                      /* it is in a language of theirs */
    struct view *view;                /* for the text */
};

struct batch {
    struct preparation *p;
    void *mem;
    struct found *found;
    size_t n;
    struct view *views;
    size_t nviews;
    struct recipient *recipient;
    size_t nrecipients;
};

/* ---- what becomes of somebody */

/* In the language of whoever prepares. */
static void problem(struct preparation *p, int line, const char *fmt, ...) PRINTF(3, 4);
static void problem(struct preparation *p, int line, const char *fmt, ...)
{
    size_t n = talloc_array_length(p->problem);
    p->problem = talloc_realloc(p->mem, p->problem, const char *, (unsigned)n + 1);
    va_list ap;
    va_start(ap, fmt);
    char *text = talloc_vasprintf(p->problem, err_word(fmt), ap);
    va_end(ap);
    p->problem[n] = p->order->list_file
                        ? talloc_asprintf(p->problem, "%s:%d: %s", p->order->list_file, line, text)
                        : text;
}

struct met {
    int64_t contact;
    int line;
};

static int by_contact(const void *a, const void *b)
{
    int64_t x = ((const struct met *)a)->contact, y = ((const struct met *)b)->contact;
    return (x > y) - (x < y);
}

/* The line in which the contact stands in the tree; -1: in none until now.  Only a list names somebody twice.
 */
static int meet(struct preparation *p, void **tree, int64_t contact, int line)
{
    if (!p->order->list_file)
        return -1;
    struct met *met = talloc(p->mem, struct met), **node;
    *met = (struct met){contact, line};
    node = tsearch(met, tree, by_contact);
    must(node);
    if (*node == met)
        return -1;
    talloc_free(met);
    return (*node)->line;
}

static void keep(void *met)
{
    (void)met; /* talloc's */
}

void prepare_end(struct preparation *p)
{
    tdestroy(p->taken, keep);
    tdestroy(p->spared, keep);
}

static void leave_out(struct preparation *p, int64_t id, const char *reason)
{
    size_t n = talloc_array_length(p->left_out);
    if (meet(p, &p->spared, id, 0) >= 0)
        return;
    p->left_out = talloc_realloc(p->mem, p->left_out, struct left_out, (unsigned)n + 1);
    p->left_out[n] = (struct left_out){id, talloc_strdup(p->mem, reason)};
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

/* The letter is made once, so that what it lacks is known now.  The link to unsubscribe is made when it goes
 * out. */
static void try_letter(struct batch *b, struct recipient *r, const struct asked *asked,
                       const struct template *text)
{
    MEM_SCOPE(mem);
    struct preparation *p = b->p;
    struct err why;
    struct template_letter letter;
    json_t *whole = json_copy(r->view);
    struct class_letter sample = {.conf = p->conf, .account = p->accounts[0], .mailing = &p->class};
    const struct enclosing_letter enclosed = {r->email, asked->listed, r->language, whole, &letter};
    class_view(mem, &sample, whole);
    if (template_render(mem, text, whole, &letter, &why) < 0 ||
        (*r->email && enclosing_letter(b->mem, &p->enclosing, &enclosed, &r->own, &why) < 0))
        problem(p, r->line, "contact %lld, %s: %s", (long long)r->contact_id, r->name, why.text);
    json_decref(whole);
}

/* There is a way to them: they have the letter. */
static void take(struct batch *b, const struct found *f, int64_t id)
{
    struct preparation *p = b->p;
    struct recipient *r = &b->recipient[b->nrecipients++];
    int line = f->asked->line;
    *r = (struct recipient){.line = line,
                            .contact_id = id,
                            .address_id = f->way.email ? db_get_int(f->rows, f->row, "address_id") : 0,
                            .post_id = f->view->post_id,
                            .to_post = f->post && !f->asked->guest,
                            .email = f->way.email ? f->way.email : "",
                            .name = f->view->name,
                            .language = f->text->language,
                            .view = f->view->value};
    meet(p, &p->taken, id, line);
    p->recipients++;
    p->on_paper += f->way.paper;
    p->foreign += !f->theirs;
    try_letter(b, r, f->asked, p->compiled[f->text - p->texts.v]);
}

static bool stands_already(struct preparation *p, int64_t id, int line)
{
    const struct met wanted = {.contact = id};
    struct met **met = tfind(&wanted, &p->taken, by_contact);
    if (met)
        problem(p, line, "contact %lld stands in line %d already", (long long)id, (*met)->line);
    return met != NULL;
}

static void judge_contact(struct batch *b, struct found *f)
{
    struct preparation *p = b->p;
    int line = f->asked->line;
    int64_t id = db_get_int(f->rows, f->row, "id");
    bool way = f->way.email || f->way.paper;
    if (!way && p->order->paper)
        leave_out(p, id, "no address");
    else if (!way)
        problem(p, line, "contact %lld has no e-mail address that can be written to%s%s", (long long)id,
                *f->way.why ? ": " : "", reason_in(b->mem, err_catalog(), f->way.why));
    else if (stands_already(p, id, line))
        return;
    else if (!f->text)
        no_text(p, line, id, db_get_str(f->rows, f->row, "languages"));
    else if (!f->view->value)
        problem(p, line, "contact %lld, %s", (long long)id, reason_in(b->mem, err_catalog(), f->view->why));
    else if (!mailing_way_settle(&f->way, f->view->value))
        leave_out(p, id, "no address");
    else
        take(b, f, id);
}

static void judge_line(struct batch *b, struct found *f)
{
    struct preparation *p = b->p;
    const char *word = f->asked->word;
    int line = f->asked->line;
    bool is_id = strspn(word, "0123456789") == strlen(word);
    if (f->n == 1) {
        judge_contact(b, f);
    } else if (f->is_post && f->post < 0) {
        problem(p, line, "a post is written as post:12, with its number");
    } else if (f->is_post) {
        problem(p, line, f->contact < 0 ? N_("there is no post %s") : N_("post %s is vacant"), word + 5);
    } else if (!f->n) {
        problem(p, line, is_id ? N_("there is no contact %s") : N_("no contact has the address %s"), word);
    } else {
        struct text ids = text_new(b->mem);
        for (int i = f->row; i < f->row + f->n; i++)
            text_printf(&ids, "%s%s", i > f->row ? ", " : "", db_get_str(f->rows, i, "id"));
        problem(p, line, "%d contacts have the address %s: write the id of one (%s)", f->n, word, ids.s);
    }
}

/* A list can be mended line by line, a segment's answer or an event's guests cannot: who cannot get the
 * letter is left out, with the reason.  Who is not found is gone since the question was asked. */
static void judge_member(struct batch *b, struct found *f)
{
    struct preparation *p = b->p;
    if (!f->n)
        return;
    int64_t id = f->asked->contact_id;
    const char *state = db_get_str(f->rows, f->row, "state");
    if (strcmp(state, "active"))
        leave_out(p, id, talloc_asprintf(b->mem, "contact is %s", state));
    else if (f->way.email || p->order->paper)
        judge_contact(b, f);
    else if (*f->way.why)
        leave_out(p, id, talloc_asprintf(b->mem, "address cannot be written to: %s", f->way.why));
    else
        leave_out(p, id, db_get_bool(f->rows, f->row, "has_dead") ? "address is dead" : "no e-mail address");
}

/* ---- what is asked for all of them */

/* post:12, whose holder is looked for again at the release */
static int find_holders(struct batch *b, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t *post = talloc_array(b->mem, int64_t, (unsigned)b->n);
    bool any = false;
    for (size_t i = 0; i < b->n; i++) {
        struct found *f = &b->found[i];
        post[i] = -1;
        if (!f->is_post)
            continue;
        const char *number = f->asked->word + 5;
        any = true;
        if (*number && strlen(number) <= 18 && strspn(number, "0123456789") == strlen(number))
            post[i] = strtoll(number, NULL, 10);
        f->post = post[i];
        f->contact = -1;
    }
    int n = any ? db_run(b->p->db, &rows, err, SQL_MAILING_HOLDERS, db_ints(b->mem, post, b->n)) : 0;
    for (int i = 0; i < n; i++)
        b->found[db_get_int(rows, i, "n") - 1].contact = db_get_int_or(rows, i, "holder_id", 0);
    return n < 0 ? -1 : 0;
}

static void take_rows(struct batch *b, const struct db_rows *rows, int n)
{
    for (int i = 0; i < n; i++) {
        struct found *f = &b->found[db_get_int(rows, i, "n") - 1];
        if (!f->n++) {
            f->rows = rows;
            f->row = i;
        }
    }
}

/* The rows live as long as what is found in them. */
static int find_contacts(struct batch *b, struct db_rows **by_id, struct db_rows **by_address,
                         struct err *err)
{
    struct db *db = b->p->db;
    int64_t *id = talloc_zero_array(b->mem, int64_t, (unsigned)b->n),
            *address_id = talloc_zero_array(b->mem, int64_t, (unsigned)b->n);
    const char **address = talloc_zero_array(b->mem, const char *, (unsigned)b->n);
    bool any_id = false, any_address = false;
    for (size_t i = 0; i < b->n; i++) {
        const struct found *f = &b->found[i];
        const char *word = f->asked->word;
        if (word && !f->is_post && strspn(word, "0123456789") != strlen(word))
            address[i] = word;
        else
            id[i] = f->contact;
        address_id[i] = f->asked->guest ? f->asked->guest->address_id : 0;
        any_id |= id[i] > 0;
        any_address |= address[i] != NULL;
    }
    int ids = any_id ? db_run(db, by_id, err, SQL_MAILING_RECIPIENTS_BY_ID, db_ints(b->mem, id, b->n),
                              db_ints(b->mem, address_id, b->n))
                     : 0;
    if (ids < 0)
        return -1;
    take_rows(b, *by_id, ids);
    int addresses = any_address ? db_run(db, by_address, err, SQL_MAILING_RECIPIENTS_BY_ADDRESS,
                                         db_texts(b->mem, address, b->n))
                                : 0;
    take_rows(b, *by_address, addresses);
    return addresses < 0 ? -1 : 0;
}

static int make_views(struct batch *b, struct err *err)
{
    struct preparation *p = b->p;
    struct view_recipient *who = talloc_array(b->mem, struct view_recipient, (unsigned)b->n);
    b->views = talloc_array(b->mem, struct view, (unsigned)b->n);
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        struct found *f = &b->found[i];
        if (f->n != 1)
            continue;
        f->way = mailing_way(b->mem, f->rows, f->row, p->order->paper);
        if (!f->way.email && !f->way.paper)
            continue;
        f->text = choice_text(&p->choice, &p->texts, db_get_str(f->rows, f->row, "languages"), &f->theirs);
        if (!f->text)
            continue;
        f->view = &b->views[n];
        who[n++] = (struct view_recipient){
            .contact_id = db_get_int(f->rows, f->row, "id"),
            .post_id = f->post,
            .language = f->text->language,
            .paper = f->way.paper,
            .second = choice_second(&p->choice, &p->texts, f->text),
            .told = f->asked->guest ? f->asked->guest->said : NULL,
        };
    }
    if (n && view_make(p->maker, b->mem, who, n, b->views, err) < 0)
        return -1;
    b->nviews = n;
    return 0;
}

static int take_batch(struct batch *b, struct err *err)
{
    DB_ROWS by_id = NULL;
    DB_ROWS by_address = NULL;
    if (find_holders(b, err) < 0 || find_contacts(b, &by_id, &by_address, err) < 0 || make_views(b, err) < 0)
        return -1;
    b->recipient = talloc_array(b->mem, struct recipient, (unsigned)b->n);
    for (size_t i = 0; i < b->n; i++)
        if (b->found[i].asked->word)
            judge_line(b, &b->found[i]);
        else
            judge_member(b, &b->found[i]);
    return b->nrecipients && !talloc_array_length(b->p->problem)
               ? prepare_write(b->p, b->recipient, b->nrecipients, err)
               : 0;
}

int prepare_rest(struct preparation *p, struct err *err)
{
    MEM_SCOPE(mem);
    struct batch b = {.p = p, .mem = mem, .n = p->nasked};
    b.found = talloc_zero_array(mem, struct found, (unsigned)b.n);
    for (size_t i = 0; i < b.n; i++) {
        const struct asked *asked = &p->asked[i];
        b.found[i] =
            (struct found){.asked = asked,
                           .is_post = asked->word && !strncmp(asked->word, "post:", 5),
                           .contact = asked->word ? strtoll(asked->word, NULL, 10) : asked->contact_id,
                           .post = asked->post_id};
    }
    int rc = take_batch(&b, err);
    for (size_t i = 0; i < b.nviews; i++)
        json_decref(b.views[i].value);
    p->nasked = 0;
    return rc;
}

int prepare_ask(struct preparation *p, const struct asked *asked, struct err *err)
{
    if (!p->asked)
        p->asked = talloc_array(p->mem, struct asked, PREPARE_AT_ONCE);
    p->asked[p->nasked++] = *asked;
    return p->nasked < PREPARE_AT_ONCE ? 0 : prepare_rest(p, err);
}
