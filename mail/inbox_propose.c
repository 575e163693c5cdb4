/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a message may belong to, with what speaks for it, when a person has to say it: the thread of an id or
 * a number that is no proof, the contact of a sender whom nobody has written to under that address, the
 * author of what a colleague forwards.  Nothing of it is believed by itself.
 */
#include <ctype.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "mail/freemail.h"
#include "mail/inbox_low.h"
#include "mail/thread_number.h"
#include "sql/inbox.h"

enum { WORDS_MAX = 4, NAMES_MAX = 60, LINES_MAX = 12, ADDRESSES_MAX = 40, WEIGHT_MIN = 2 };

static void evidence(struct judgement *j, const char *where, const char *text)
{
    json_t *list = json_object_get(j->proposal, "evidence");
    json_array_append_new(list, json_pack("{s:s, s:s}", "where", where, "text", text ? text : ""));
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

/* "Petković Zoran" may be "Zoran Petković": the name begins with any of its words. */
static void add_name(void *mem, struct letter_list *names, const char *text)
{
    char *words[WORDS_MAX], *rest = unicode_fold(mem, text ? text : ""), *word;
    size_t n = 0;
    while ((word = strsep(&rest, " "))) {
        if (!*word)
            continue;
        if (n == WORDS_MAX)
            return;
        words[n++] = word;
    }
    for (size_t first = 0; n > 1 && first < n; first++) {
        char *name = talloc_strdup(mem, words[first]);
        for (size_t i = 1; i < n; i++)
            name = talloc_asprintf_append(name, " %s", words[(first + i) % n]);
        add(mem, names, name, NAMES_MAX);
    }
}

/* How the author is called: by the display name, the address, or under the text. */
static struct letter_list names_of(struct judgement *j, const char *from_name, const char *from)
{
    struct letter_list names = {0};
    add_name(j->mem, &names, from_name);
    if (from)
        add_name(j->mem, &names, talloc_strndup(j->mem, from, strcspn(from, "@+")));
    const char *text = json_string_value(json_object_get(j->facts, "reply_text_with_signature"));
    char *copy = talloc_strdup(j->mem, text ? text : "");
    for (int i = 0; i < LINES_MAX; i++) {
        char *line = strrchr(copy, '\n');
        add_name(j->mem, &names, line ? line + 1 : copy);
        if (!line)
            break;
        *line = 0;
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

/* The one that most speaks for; two that are as likely are none.  The contact that the letter went to stands
 * out by that. */
static int propose_author(struct judgement *j, const char *from_name, const char *from, struct err *err)
{
    DB_ROWS rows = NULL;
    struct letter_list names = names_of(j, from_name, from), text = addresses_in(j);
    const char **near = talloc_array(j->mem, const char *, (unsigned)names.n + 1);
    for (size_t i = 0; i < names.n; i++)
        near[i] = unicode_near(j->mem, names.item[i]);
    const char *domain = domain_of(from);
    int n = db_run(j->inbox->db, &rows, err, SQL_INBOX_LIKELY,
                   db_ints(j->mem, j->match.senders, j->match.nsenders), db_texts(j->mem, text.item, text.n),
                   db_texts(j->mem, names.item, names.n), db_texts(j->mem, near, names.n),
                   db_text(domain ? unicode_lower(j->mem, domain) : NULL));
    if (n <= 0)
        return n;
    int best = 0;
    int64_t weight = db_get_int(rows, 0, "weight");
    bool tie = n > 1 && db_get_int(rows, 1, "weight") == weight;
    for (int i = 0; i < n; i++)
        if (db_get_int(rows, i, "contact_id") == j->match.contact_id &&
            db_get_int(rows, i, "weight") == weight)
            best = i, tie = false;
    if (tie || weight < WEIGHT_MIN)
        return 0;
    propose(j, "contact", db_get_int(rows, best, "contact_id"));
    add_all(json_object_get(j->proposal, "evidence"),
            json_loads(db_get_str(rows, best, "evidence"), 0, NULL));
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

int inbox_propose(struct judgement *j, struct err *err)
{
    const struct inbox_match *m = &j->match;
    const struct letter_original *o = &j->letter.original;
    bool other = m->by && m->from_other_address;
    if (strcmp(j->state, "decide") || (m->by && !other && !o->from))
        return 0;
    j->proposal = json_pack("{s:[]}", "evidence");
    if (!m->by && (propose_kin(j, err) < 0 || propose_number(j, err) < 0))
        return -1;
    if (o->from && propose_original(j, o, err) < 0)
        return -1;
    if (!o->from && (other || !m->nsenders) &&
        propose_author(j, j->letter.from_name, j->letter.from, err) < 0)
        return -1;
    if (!o->from && !m->by && m->nsenders == 1)
        propose(j, "contact", m->senders[0]);
    if (json_object_size(j->proposal) == 1) {
        json_decref(j->proposal);
        j->proposal = NULL;
    }
    return 0;
}
