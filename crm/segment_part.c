/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The conditions that are no facts: words, addresses, events, mailings, dates.
 */
#include "base/unicode.h"
#include "crm/search.h"
#include "crm/segment_words.h"
#include "sql/segment.h"

#define FAIL(l, v, code, ...) segment_fail((l)->question, (v)->spot, (l)->spot_r, code, (l)->err, __VA_ARGS__)
#define EACH_VALUE(v, n)                                                                                     \
    for (struct segment_value *v = (n)->value; v < (n)->value + talloc_array_length((n)->value); v++)

/* ---- words: in the fields of a contact's card (crm/search.h) */

static int resolve_words(struct segment_lookup *l, struct segment_node *n)
{
    static const char *const fields[SEGMENT_KEYS] = {[SEGMENT_NAME] = "n",
                                                     [SEGMENT_NEAR_NAME] = "n",
                                                     [SEGMENT_ORGANISATION] = "o",
                                                     [SEGMENT_POST] = "p",
                                                     [SEGMENT_TEXT] = "nopatcgz"};
    EACH_VALUE(v, n)
    {
        struct search search;
        struct err why;
        if (search_parse(l->mem, v->text, &search, &why) < 0)
            return FAIL(l, v, why.code, "%s", why.text);
        if (!search.n)
            return FAIL(l, v, ERR_USAGE, "\"%s\" has neither letters nor digits", v->text);
        if (v != n->value)
            db_build_add(n->part, SQL_SEGMENT_OR);
        struct db_arg terms = search_terms(l->mem, &search), field = db_text(fields[n->key]);
        if (n->key == SEGMENT_NEAR_NAME)
            db_build_add(n->part, SQL_SEGMENT_NEAR_WORDS, terms, field);
        else
            db_build_add(n->part, SQL_SEGMENT_WORDS, terms, field);
    }
    return 0;
}

/* ---- addresses: a@b.example, or @b.example with what is below it */

static int resolve_address(struct segment_lookup *l, struct segment_node *n)
{
    size_t parts = 0;
    EACH_VALUE(v, n)
    {
        const char *at = strchr(v->text, '@'), *domain = at ? at + 1 : v->text;
        if (!*domain || (!at && !strchr(v->text, '.')) || strchr(domain, '@'))
            return FAIL(
                l, v, ERR_USAGE,
                "\"%s\" is neither an address nor a domain: write name@place.example or @place.example",
                v->text);
        if (parts++)
            db_build_add(n->part, SQL_SEGMENT_OR);
        const char *whole = at && at != v->text ? v->text : talloc_asprintf(l->mem, "x@%s", domain);
        const char *key = unicode_case_fold_email(l->mem, whole);
        if (whole == v->text)
            db_build_add(n->part, SQL_SEGMENT_ADDRESS, db_text(key));
        else
            db_build_add(n->part, SQL_SEGMENT_DOMAIN, db_text(key + 2));
    }
    return 0;
}

/* ---- numbers */

static int resolve_id(struct segment_lookup *l, struct segment_node *n)
{
    size_t count = 0;
    int64_t *ids = talloc_array(l->mem, int64_t, talloc_array_length(n->value));
    EACH_VALUE(v, n)
    {
        size_t len = strspn(v->text, "0123456789");
        if (!len || len > 18 || v->text[len])
            return FAIL(l, v, ERR_USAGE, "\"%s\" is no number of a contact", v->text);
        ids[count++] = strtoll(v->text, NULL, 10);
    }
    db_build_add(n->part, SQL_SEGMENT_ID, db_ints(l->mem, ids, count));
    return 0;
}

static struct db_arg ids_arg(void *mem, const int64_t *ids)
{
    return db_ints(mem, ids, talloc_array_length(ids));
}

/* yes, no, perhaps ... as the store calls answers */
static int resolve_answered(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    static const char *const stored[][2] = {{"yes", "accepted"},
                                            {"no", "declined"},
                                            {"perhaps", "tentative"},
                                            {"delegated", "delegated"},
                                            {"question", "question"}};
    const char *answer[ARRAY_LEN(stored)];
    size_t answers = 0;
    bool none = false;
    int64_t *ids;
    if (segment_words_ids(l, n, w, "event", true, &ids) < 0)
        return -1;
    for (size_t i = 0; i < talloc_array_length(n->detail); i++)
        none = none || !strcmp(n->detail[i].text, "none");
    for (size_t k = 0; k < ARRAY_LEN(stored); k++) {
        bool asked = !n->detail;
        for (size_t i = 0; i < talloc_array_length(n->detail); i++)
            asked = asked || !strcmp(n->detail[i].text, stored[k][0]);
        if (asked)
            answer[answers++] = stored[k][1];
    }
    if (none)
        db_build_add(n->part, SQL_SEGMENT_UNANSWERED, ids_arg(l->mem, ids));
    if (none && answers)
        db_build_add(n->part, SQL_SEGMENT_OR);
    if (answers)
        db_build_add(n->part, SQL_SEGMENT_ANSWERED, ids_arg(l->mem, ids), db_texts(l->mem, answer, answers));
    return 0;
}

static int resolve_received(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    static const char *const arrived[] = {"accepted", "delivered", "printed"};
    int64_t *ids;
    if (segment_words_ids(l, n, w, "mailing", false, &ids) < 0)
        return -1;
    size_t count = talloc_array_length(n->detail);
    const char **state = talloc_array(l->mem, const char *, (unsigned)(count + ARRAY_LEN(arrived)));
    for (size_t i = 0; i < count; i++)
        state[i] = n->detail[i].text;
    for (; !n->detail && count < ARRAY_LEN(arrived); count++)
        state[count] = arrived[count];
    db_build_add(n->part, SQL_SEGMENT_RECEIVED, ids_arg(l->mem, ids), db_texts(l->mem, state, count));
    return 0;
}

static int resolve_numbered(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    int64_t *ids;
    bool event = n->key == SEGMENT_INVITED;
    if (segment_words_ids(l, n, w, event ? "event" : "import of a file", event, &ids) < 0)
        return -1;
    if (event)
        db_build_add(n->part, SQL_SEGMENT_INVITED, ids_arg(l->mem, ids));
    else
        db_build_add(n->part, SQL_SEGMENT_IMPORTED, ids_arg(l->mem, ids));
    return 0;
}

/* ---- dates: not before `since`, and before `until` */

static void add_since(struct segment_node *n, const char *day)
{
    if (n->key == SEGMENT_CREATED) {
        db_build_add(n->part, SQL_SEGMENT_CREATED_SINCE, db_text(day));
        return;
    }
    db_build_add(n->part, SQL_SEGMENT_WRITTEN);
    db_build_add(n->part, SQL_SEGMENT_WRITTEN_SINCE, db_text(day));
}

static void add_until(struct segment_node *n, const char *day)
{
    if (n->key == SEGMENT_CREATED) {
        db_build_add(n->part, SQL_SEGMENT_CREATED_BEFORE, db_text(day));
        return;
    }
    db_build_add(n->part, SQL_SEGMENT_WRITTEN);
    db_build_add(n->part, SQL_SEGMENT_WRITTEN_BEFORE, db_text(day));
}

static void resolve_date(struct segment_node *n)
{
    EACH_VALUE(v, n)
    {
        if (v != n->value)
            db_build_add(n->part, SQL_SEGMENT_OR);
        switch (n->test) {
        case SEGMENT_BEFORE:
            add_until(n, v->from);
            break;
        case SEGMENT_UNTIL:
            add_until(n, v->to);
            break;
        case SEGMENT_AFTER:
            add_since(n, v->to);
            break;
        case SEGMENT_SINCE:
            add_since(n, v->from);
            break;
        case SEGMENT_IN:
            add_since(n, v->from);
            db_build_add(n->part, SQL_SEGMENT_AND);
            add_until(n, v->to);
        }
    }
}

static int resolve(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    switch (n->key) {
    case SEGMENT_ID:
        return resolve_id(l, n);
    case SEGMENT_ADDRESS:
        return resolve_address(l, n);
    case SEGMENT_ANSWERED:
        return resolve_answered(l, n, w);
    case SEGMENT_RECEIVED:
        return resolve_received(l, n, w);
    case SEGMENT_INVITED:
    case SEGMENT_IMPORTED:
        return resolve_numbered(l, n, w);
    case SEGMENT_LAST_CONTACT:
    case SEGMENT_CREATED:
        resolve_date(n);
        return 0;
    default:
        return resolve_words(l, n);
    }
}

int segment_resolve_part(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    const char *first = n->value->text;
    if (n->key == SEGMENT_TEXT && strchr(first, '@') && !strchr(first, ' '))
        n->key = SEGMENT_ADDRESS;
    n->part = db_build_new(l->mem, "segment");
    bool several = n->detail || talloc_array_length(n->value) > 1 || n->test == SEGMENT_IN;
    if (several)
        db_build_add(n->part, SQL_SEGMENT_OPEN_GROUP);
    if (resolve(l, n, w) < 0)
        return -1;
    if (several)
        db_build_add(n->part, SQL_SEGMENT_CLOSE_GROUP);
    return 0;
}
