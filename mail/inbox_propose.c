/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a message may belong to, with what speaks for it, when a person has to say it: the thread of an id or
 * a number that is no proof, the contact of a sender whom nobody has written to under that address, the
 * author of what a colleague forwards.  Nothing of it is believed by itself.
 */
#include <ctype.h>

#include "base/catalog.h"
#include "base/db_send.h"
#include "base/unicode.h"
#include "mail/evidence.h"
#include "mail/freemail.h"
#include "mail/inbox_low.h"
#include "mail/thread_number.h"
#include "sql/inbox.h"

enum { WORDS_MAX = 4, NAMES_MAX = 60, LINES_MAX = 12, ADDRESSES_MAX = 40, WEIGHT_MIN = 2 };

static void evidence(struct judgement *j, const char *where, const char *text)
{
    evidence_add(json_object_get(j->proposal, "evidence"), where, text ? text : "");
}

static void propose(struct judgement *j, const char *what, int64_t id)
{
    if (!json_object_get(j->proposal, what))
        json_object_set_new(j->proposal, what, json_integer(id));
}

/* ---- threads */

static int propose_kin(struct judgement *j, struct err *err)
{
    DB_ROWS rows = NULL;
    if (!j->look.related)
        return 0;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_KIN, db_int(j->id));
    if (rc <= 0)
        return rc;
    if (db_is_null(rows, 0, "thread_id"))
        propose(j, "message", db_get_int(rows, 0, "id"));
    else
        propose(j, "thread", db_get_int(rows, 0, "thread_id"));
    evidence(j, "References", db_get_str(rows, 0, "rfc_message_id"));
    return 0;
}

static int propose_number(struct judgement *j, struct err *err)
{
    DB_ROWS rows = NULL;
    struct letter_list keys = thread_numbers(j->mem, j->letter.subject);
    int rc = keys.n ? db_run(j->inbox->db, &rows, err, SQL_INBOX_NUMBER, db_int(j->id),
                             db_texts(j->mem, keys.item, keys.n))
                    : 0;
    if (rc <= 0)
        return rc;
    propose(j, "thread", db_get_int(rows, 0, "id"));
    evidence(j, "Subject", db_get_str(rows, 0, "number"));
    return 0;
}

/* ---- who may have written it */

static void add(void *mem, struct letter_list *list, const char *s, size_t max)
{
    if (!s || !*s || list->n == max)
        return;
    list->item = talloc_realloc(mem, list->item, const char *, list->n + 1);
    list->item[list->n++] = s;
}

/* Most lines are no names, and folding takes its time: what has letters between blanks stays a word. */
static bool has_few_words(const char *text, size_t len)
{
    size_t n = 0;
    bool word = false;
    for (size_t i = 0; i < len; i++) {
        bool blank = text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n';
        if (!word && isalnum((unsigned char)text[i]) && ++n > WORDS_MAX)
            return false;
        word = !blank && (word || isalnum((unsigned char)text[i]));
    }
    return true;
}

/* "Petković Zoran" may be "Zoran Petković": the name begins with any of its words. */
static void add_name(void *mem, struct letter_list *names, const char *text, size_t len)
{
    if (!len || !has_few_words(text, len))
        return;
    char *words[WORDS_MAX], *rest = unicode_fold(mem, talloc_strndup(mem, text, len)), *word;
    size_t n = 0;
    while ((word = strsep(&rest, " "))) {
        if (!*word)
            continue;
        if (n == WORDS_MAX)
            return;
        words[n++] = word;
    }
    for (size_t first = 0; n > 1 && first < n; first++) {
        struct text name = text_for(mem, len);
        for (size_t i = 0; i < n; i++) {
            text_puts(&name, i ? " " : "");
            text_puts(&name, words[(first + i) % n]);
        }
        add(mem, names, name.s, NAMES_MAX);
    }
}

/* How the author is called: by the display name, the address, or under the text. */
static struct letter_list names_of(struct judgement *j, const char *from_name, const char *from)
{
    struct letter_list names = {0};
    const json_t *value = json_object_get(j->facts, "reply_text_with_signature");
    const char *text = json_string_value(value), *end = text + json_string_length(value);
    add_name(j->mem, &names, from_name, from_name ? strlen(from_name) : 0);
    add_name(j->mem, &names, from, from ? strcspn(from, "@+") : 0);
    for (int i = 0; end && i < LINES_MAX; i++) {
        const char *lf = memrchr(text, '\n', (size_t)(end - text)), *line = lf ? lf + 1 : text;
        add_name(j->mem, &names, line, (size_t)(end - line));
        end = lf;
    }
    return names;
}

static bool in_address(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

/* Of the whole text: a signature, or the quoted head of our letter. */
static struct letter_list addresses_in(struct judgement *j)
{
    struct letter_list list = {0};
    const char *text = json_string_value(json_object_get(j->facts, "body_text"));
    for (const char *at = text ? strchr(text, '@') : NULL; at; at = strchr(at + 1, '@')) {
        const char *from = at, *to = at + 1;
        while (from > text && in_address(from[-1]))
            from--;
        while (in_address(*to) && *to != '/')
            to++;
        while (to > at + 1 && to[-1] == '.')
            to--;
        if (from == at || to == at + 1)
            continue;
        char *address = unicode_lower(j->mem, talloc_strndup(j->mem, from, (size_t)(to - from)));
        if (!inbox_is_own(j->inbox->conf, address))
            add(j->mem, &list, address, ADDRESSES_MAX);
    }
    return list;
}

static const char *domain_of(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    return at && !freemail_is(at + 1) ? at + 1 : NULL;
}

static void add_all(json_t *to, json_t *from)
{
    json_array_extend(to, from);
    json_decref(from);
}

/* What is asked about the authors of some messages, by their numbers. */
struct keys {
    int64_t *n;
    const char **key;
    size_t len;
};
struct question {
    struct keys text, name, domain;
    int64_t *but_n, *but; /* who it is not */
    size_t nbut;
};

static void add_keys(void *mem, struct keys *k, int64_t n, const struct letter_list *list)
{
    unsigned len = (unsigned)(k->len + list->n);
    k->n = talloc_realloc(mem, k->n, int64_t, len);
    k->key = talloc_realloc(mem, k->key, const char *, len);
    for (size_t i = 0; i < list->n; i++) {
        k->n[k->len] = n;
        k->key[k->len++] = list->item[i];
    }
}

static void ask(void *mem, struct question *q, struct judgement *j, int64_t n, const char *from_name,
                const char *from)
{
    const struct inbox_match *m = &j->match;
    const char *domain = domain_of(from);
    struct letter_list names = names_of(j, from_name, from), text = addresses_in(j), domains = {&domain, 1};
    add_keys(mem, &q->text, n, &text);
    add_keys(mem, &q->name, n, &names);
    if (domain) {
        domain = unicode_lower(j->mem, domain);
        add_keys(mem, &q->domain, n, &domains);
    }
    q->but_n = talloc_realloc(mem, q->but_n, int64_t, (unsigned)(q->nbut + m->nsenders));
    q->but = talloc_realloc(mem, q->but, int64_t, (unsigned)(q->nbut + m->nsenders));
    for (size_t i = 0; i < m->nsenders; i++, q->nbut++) {
        q->but_n[q->nbut] = n;
        q->but[q->nbut] = m->senders[i];
    }
}

/* What it gives is there when the database has settled. */
static int send_likely(void *mem, struct db *db, const struct question *q, struct db_rows **rows_r,
                       struct err *err)
{
    const struct keys *text = &q->text, *name = &q->name, *domain = &q->domain;
    const char **near = talloc_array(mem, const char *, (unsigned)name->len + 1);
    for (size_t i = 0; i < name->len; i++)
        near[i] = unicode_near(mem, name->key[i]);
    return db_send(db, rows_r, err, SQL_INBOX_LIKELY, db_ints(mem, q->but_n, q->nbut),
                   db_ints(mem, q->but, q->nbut), db_ints(mem, text->n, text->len),
                   db_long_texts(mem, text->key, text->len), db_ints(mem, name->n, name->len),
                   db_long_texts(mem, name->key, name->len), db_long_texts(mem, near, name->len),
                   db_ints(mem, domain->n, domain->len), db_long_texts(mem, domain->key, domain->len));
}

/* The one that most speaks for; two that are as likely are none.  The contact that the letter went to stands
 * out by that.  Of the n rows from `first` on. */
static void take_likely(struct judgement *j, const struct db_rows *rows, int first, int n)
{
    int best = first;
    int64_t weight = db_get_int(rows, first, "weight");
    bool tie = n > 1 && db_get_int(rows, first + 1, "weight") == weight;
    for (int i = first; i < first + n; i++)
        if (db_get_int(rows, i, "contact_id") == j->match.contact_id &&
            db_get_int(rows, i, "weight") == weight)
            best = i, tie = false;
    if (tie || weight < WEIGHT_MIN)
        return;
    propose(j, "contact", db_get_int(rows, best, "contact_id"));
    add_all(json_object_get(j->proposal, "evidence"),
            json_loads(db_get_str(rows, best, "evidence"), 0, NULL));
}

static int propose_author(struct judgement *j, const char *from_name, const char *from, struct err *err)
{
    DB_ROWS rows = NULL;
    struct question q = {0};
    ask(j->mem, &q, j, 0, from_name, from);
    if (send_likely(j->mem, j->inbox->db, &q, &rows, err) < 0 || db_settle(j->inbox->db, err) < 0)
        return -1;
    if (db_rows_count(rows) > 0)
        take_likely(j, rows, 0, db_rows_count(rows));
    return 0;
}

/* ---- what is forwarded */

static int propose_original(struct judgement *j, const struct letter_original *o, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t outbox;
    evidence(j, "forwarded",
             o->name && *o->name ? talloc_asprintf(j->mem, "%s <%s>", o->name, o->from) : o->from);
    int n = db_run(j->inbox->db, &rows, err, SQL_INBOX_SENDERS, db_text(o->from));
    if (n < 0)
        return -1;
    if (n == 1)
        propose(j, "contact", db_get_int(rows, 0, "contact_id"));
    if (inbox_token_in_ids(j->inbox, &o->answers, &outbox)) {
        DB_ROWS row = NULL;
        int rc = db_run(j->inbox->db, &row, err, SQL_INBOX_OUTBOX, db_int(outbox));
        if (rc < 0)
            return -1;
        if (rc == 1) {
            propose(j, "mailing", db_get_int(row, 0, "mailing_id"));
            propose(j, "contact", db_get_int(row, 0, "contact_id"));
        }
    }
    return n == 1 ? 0 : propose_author(j, o->name, o->from, err);
}

static void begin_proposal(struct judgement *j)
{
    j->proposal = json_pack("{s:[]}", "evidence");
}

/* One that says nothing is none. */
static void end_proposal(struct judgement *j)
{
    if (json_object_size(j->proposal) > 1)
        return;
    json_decref(j->proposal);
    j->proposal = NULL;
}

int inbox_propose(struct judgement *j, struct err *err)
{
    const struct inbox_match *m = &j->match;
    const struct letter_original *o = &j->letter.original;
    bool other = m->by && m->from_other_address;
    if (strcmp(j->state, "decide") || (m->by && !other && !o->from))
        return 0;
    begin_proposal(j);
    if (!m->by && (propose_kin(j, err) < 0 || propose_number(j, err) < 0))
        return -1;
    if (o->from && propose_original(j, o, err) < 0)
        return -1;
    if (!o->from && (other || !m->nsenders) &&
        propose_author(j, j->letter.from_name, j->letter.from, err) < 0)
        return -1;
    if (!o->from && !m->by && m->nsenders == 1)
        propose(j, "contact", m->senders[0]);
    end_proposal(j);
    return 0;
}

int inbox_propose_send(void *mem, struct judgement *const *j, size_t n, struct db_rows **rows_r,
                       struct err *err)
{
    struct question q = {0};
    for (size_t i = 0; i < n; i++) {
        begin_proposal(j[i]);
        if (!j[i]->match.nsenders)
            ask(mem, &q, j[i], (int64_t)i, j[i]->letter.from_name, j[i]->letter.from);
        else if (j[i]->match.nsenders == 1)
            propose(j[i], "contact", j[i]->match.senders[0]);
    }
    return send_likely(mem, j[0]->inbox->db, &q, rows_r, err);
}

void inbox_propose_take(struct judgement *const *j, size_t n, const struct db_rows *rows)
{
    int found = db_rows_count(rows);
    for (int row = 0, end; row < found; row = end) {
        int64_t i = db_get_int(rows, row, "n");
        for (end = row; end < found && db_get_int(rows, end, "n") == i; end++)
            ;
        take_likely(j[i], rows, row, end - row);
    }
    for (size_t i = 0; i < n; i++)
        end_proposal(j[i]);
}
