/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The words of a question are looked up: what a category, an event, a city ... is in the store.  A condition
 * comes to a fact, which the one index answers together with other facts, or to a part with bound values.
 *
 * A word that must be there (a category, a user, an event) and is not, is an error.  A word that may come and
 * go (a tag, a city, a post) finds nobody then, and a hint says so.
 */
#include "crm/segment_tree.h"

#include <ctype.h>

#include "base/unicode.h"
#include "base/unicode_locale.h"
#include "crm/language.h"
#include "crm/place.h"
#include "crm/segment_words.h"
#include "sql/segment.h"

#define FAIL(l, v, code, ...) segment_fail((l)->question, (v)->spot, (l)->spot_r, code, (l)->err, __VA_ARGS__)
#define EACH_VALUE(v, n)                                                                                     \
    for (struct segment_value *v = (n)->value; v < (n)->value + talloc_array_length((n)->value); v++)

static struct db_build *part_new(struct segment_lookup *l)
{
    return db_build_new(l->mem, "segment");
}

/* ---- facts: 'c=3' | 'c=5' */

static void add_lexeme(struct text *t, const char *prefix, const char *value, bool begins)
{
    text_printf(t, "%s'%s=", t->len ? " | " : "", prefix);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            text_putc(t, *value);
        text_putc(t, *value);
    }
    text_puts(t, begins ? "':*" : "'");
}

static void add_id(struct text *t, const char *prefix, int64_t id)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)id);
    add_lexeme(t, prefix, digits, false);
}

/* No lexeme at all: a word that no contact has. */
static void set_fact(struct segment_lookup *l, struct segment_node *n, struct text *t)
{
    n->fact = t->len ? talloc_asprintf(l->mem, "(%s)", t->s) : "'nobody'";
}

static int resolve_plain(struct segment_lookup *l, struct segment_node *n, const char *prefix)
{
    struct text t = text_new(l->mem);
    EACH_VALUE(v, n)
    add_lexeme(&t, prefix, v->text, false);
    set_fact(l, n, &t);
    return 0;
}

static int resolve_closed(struct segment_lookup *l, struct segment_node *n, struct segment_words *w,
                          const char *what, const char *prefix)
{
    struct text t = text_new(l->mem);
    EACH_VALUE(v, n)
    {
        int64_t id = segment_words_id(w, v->text);
        if (!id)
            return FAIL(l, v, ERR_NOTFOUND, "there is no %s \"%s\"%s", what, v->text,
                        segment_there_are(l->mem, v->text, w->word, w->n));
        add_id(&t, prefix, id);
    }
    set_fact(l, n, &t);
    return 0;
}

static int resolve_owner(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    EACH_VALUE(v, n)
    {
        if (strcasecmp(v->text, "me"))
            continue;
        DB_ROWS rows = NULL;
        int found = db_run(l->db, &rows, l->err, SQL_SEGMENT_ME);
        if (found <= 0)
            return found < 0 ? -1 : FAIL(l, v, ERR_NOTFOUND, "you are no user of the office");
        v->text = segment_words_of(w, db_get_int(rows, 0, "id"));
    }
    return resolve_closed(l, n, w, "user", "o");
}

static int resolve_tag(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    EACH_VALUE(v, n)
    {
        v->text = unicode_lower(l->mem, v->text);
        if (!segment_words_has(w, v->text))
            text_printf(l->hints, "nobody has the tag \"%s\"%s\n", v->text,
                        segment_there_are(l->mem, v->text, w->word, w->n));
    }
    return resolve_plain(l, n, "t");
}

/* "SR-latn" as "sr-Latn" */
static char *language_tag(void *mem, const char *text)
{
    char *tag = talloc_strdup(mem, text);
    size_t part = 0, at = 0;
    for (char *s = tag; *s; s++, at++) {
        if (*s == '-') {
            part++;
            at = (size_t)-1;
        } else {
            size_t len = strcspn(s, "-") + at;
            bool capital = part && (len == 2 || at == 0);
            *s = (char)(capital ? toupper((unsigned char)*s) : tolower((unsigned char)*s));
        }
    }
    return tag;
}

/* A language alone has its scripts and countries with it: that is in the facts. */
static int resolve_language(struct segment_lookup *l, struct segment_node *n)
{
    EACH_VALUE(v, n)
    {
        char *tag = language_tag(l->mem, v->text);
        const char *meant = unicode_knows_language(tag) ? tag : language_meant(l->mem, v->text);
        if (!meant)
            return FAIL(l, v, ERR_NOTFOUND, "\"%s\" is no language; write sq, sr-Cyrl, sr-Latn, en, de ...",
                        v->text);
        if (meant != tag)
            return FAIL(l, v, ERR_NOTFOUND, "\"%s\" is no language; did you mean \"%s\"?", v->text, meant);
        v->text = tag;
    }
    return resolve_plain(l, n, "l");
}

/* ISO 3166, or a country's name in one of the languages. */
static int resolve_country(struct segment_lookup *l, struct segment_node *n)
{
    struct place place;
    EACH_VALUE(v, n)
    {
        bool letters =
            isalpha((unsigned char)v->text[0]) && isalpha((unsigned char)v->text[1]) && !v->text[2];
        if (place_find(unicode_fold(l->mem, v->text), &place) && place.land)
            v->text = place.country;
        else if (letters)
            v->text = unicode_upper(l->mem, v->text);
        else
            return FAIL(l, v, ERR_NOTFOUND,
                        "\"%s\" is no country that is known by name: write its two letters, as DE", v->text);
    }
    return resolve_plain(l, n, "n");
}

/* All spellings in which the store has the city. */
static int resolve_city(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    struct text t = text_new(l->mem);
    EACH_VALUE(v, n)
    {
        size_t before = t.len;
        for (size_t i = 0; i < w->n; i++)
            if (segment_same_city(w->word[i], v->text))
                add_lexeme(&t, "p", segment_first_characters(l->mem, w->word[i], 60), false);
        if (t.len == before)
            text_printf(l->hints, "nobody lives in \"%s\"%s\n", v->text,
                        segment_there_are(l->mem, v->text, w->word, w->n));
    }
    set_fact(l, n, &t);
    return 0;
}

/* ---- what may be private: a fact, or what the one who asks sees besides */

static void add_private(struct segment_lookup *l, struct segment_node *n, struct db_build *part)
{
    struct segment_node *fact = talloc_zero(l->mem, struct segment_node), *other;
    other = talloc_zero(l->mem, struct segment_node);
    fact->op = other->op = SEGMENT_IS;
    fact->fact = n->fact;
    fact->next = other;
    other->part = part;
    n->fact = NULL;
    n->first = fact;
    n->op = SEGMENT_OR;
    l->params += db_build_params(part);
}

/* Of active contacts the facts say nothing: that is what most are, and what is mostly asked for. */
#define ACTIVE "!'s=gone'"

static int resolve_state(struct segment_lookup *l, struct segment_node *n)
{
    struct text t = text_new(l->mem);
    const char **state = talloc_array(l->mem, const char *, 2 * talloc_array_length(n->value));
    size_t states = 0;
    EACH_VALUE(v, n)
    {
        bool any = !strcmp(v->text, "any"), contact = segment_is_contact_state(v->text);
        l->names_state = l->names_state || any || contact;
        n->everyone = n->everyone || any;
        if (any || !strcmp(v->text, "active"))
            text_printf(&t, "%s" ACTIVE "%s", t.len ? " | " : "", any ? " | 's=gone'" : "");
        else if (contact)
            add_lexeme(&t, "s", v->text, false);
        else if (strcmp(v->text, "bounced"))
            add_lexeme(&t, "a", state[states++] = v->text, false);
        else
            add_lexeme(&t, "a", state[states++] = "dead", false),
                add_lexeme(&t, "a", state[states++] = "soft", false);
    }
    set_fact(l, n, &t);
    if (states) {
        struct db_build *part = part_new(l);
        db_build_add(part, SQL_SEGMENT_PRIVATE_STATE, db_texts(l->mem, state, states));
        add_private(l, n, part);
    }
    return 0;
}

/* ---- what there is */

static void resolve_one_had(struct segment_lookup *l, struct segment_node *n)
{
    static const struct {
        const char *word, *prefix;
    } facts[] = {{"category", "c"}, {"language", "l"}, {"tag", "t"}};
    const char *word = n->value->text;
    struct text t = text_new(l->mem);
    struct db_build *part = part_new(l);
    if (!strcmp(word, "post"))
        db_build_add(part, SQL_SEGMENT_HAS_POST);
    else if (!strcmp(word, "organisation"))
        db_build_add(part, SQL_SEGMENT_HAS_ORGANISATION);
    else if (!strcmp(word, "precedence"))
        db_build_add(part, SQL_SEGMENT_HAS_PRECEDENCE);
    else if (!strcmp(word, "note"))
        db_build_add(part, SQL_SEGMENT_HAS_NOTE);
    else
        part = NULL;
    n->part = part;
    if (part)
        return;
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (!strcmp(word, facts[i].word))
            add_lexeme(&t, facts[i].prefix, "", true);
    if (!t.len)
        add_lexeme(&t, "h", word, false);
    set_fact(l, n, &t);
    part = part_new(l);
    if (!strcmp(word, "email"))
        db_build_add(part, SQL_SEGMENT_PRIVATE_EMAIL);
    else if (!strcmp(word, "phone"))
        db_build_add(part, SQL_SEGMENT_PRIVATE_PHONE);
    else if (!strcmp(word, "postal"))
        db_build_add(part, SQL_SEGMENT_PRIVATE_POSTAL);
    else
        return;
    add_private(l, n, part);
}

/* has:a,b is (has:a or has:b): one may be a fact, the other not. */
static int resolve_had(struct segment_lookup *l, struct segment_node *n)
{
    struct segment_node **last = &n->first;
    EACH_VALUE(v, n)
    {
        struct segment_node *one = talloc_zero(l->mem, struct segment_node);
        one->op = SEGMENT_IS;
        one->key = SEGMENT_HAS;
        one->value = v;
        resolve_one_had(l, one);
        *last = one;
        last = &one->next;
    }
    n->op = SEGMENT_OR;
    return 0;
}

/* ---- segments within */

/* one → next → one */
static void say_way(struct text *t, const struct segment_above *from, const char *to)
{
    if (strcmp(from->fold, to) != 0)
        say_way(t, from->above, to);
    text_printf(t, "%s → ", from->fold);
}

static int check_way(struct segment_lookup *l, const struct segment_value *v, const char *fold)
{
    for (const struct segment_above *up = l->above; up; up = up->above)
        if (!strcmp(up->fold, fold)) {
            struct text t = text_new(l->mem);
            say_way(&t, l->above, fold);
            return FAIL(l, v, ERR_USAGE, "the segment \"%s\" asks for itself: %s%s", v->text, t.s, fold);
        }
    if (l->above && l->above->depth >= SEGMENT_MAX_DEPTH)
        return FAIL(l, v, ERR_USAGE, "segments in segments, deeper than %d", SEGMENT_MAX_DEPTH);
    return 0;
}

static int understand_within(struct segment_lookup *l, const struct segment_value *v, const char *fold,
                             const char *question, struct segment_node **tree_r)
{
    struct segment_spot inner;
    struct segment_lookup within = *l;
    struct segment_above above = {
        .fold = fold, .above = l->above, .depth = l->above ? l->above->depth + 1 : 1};
    within.above = &above;
    within.question = question;
    within.spot_r = &inner;
    within.names_state = false;
    if (segment_understand(&within, tree_r) < 0) {
        *l->spot_r = v->spot;
        err_context(l->err, "in the segment \"%s\"", v->text);
        return err_context(l->err, "character %zu", segment_character(l->question, v->spot));
    }
    l->conditions = within.conditions;
    l->params = within.params;
    l->names_state = l->names_state || within.names_state;
    return 0;
}

static int resolve_segment_named(struct segment_lookup *l, const struct segment_value *v,
                                 struct segment_node **tree_r)
{
    DB_ROWS rows = NULL;
    const char *fold = unicode_fold(l->mem, v->text);
    if (check_way(l, v, fold) < 0)
        return -1;
    int found = db_run(l->db, &rows, l->err, SQL_SEGMENT_SAVED, db_text(fold));
    if (found < 0)
        return -1;
    if (!found) {
        struct segment_words *w;
        return segment_words_load(l->mem, l->db, SEGMENT_SEGMENT, &w, l->err) < 0
                   ? -1
                   : FAIL(l, v, ERR_NOTFOUND, "there is no segment \"%s\"%s", v->text,
                          segment_there_are(l->mem, v->text, w->word, w->n));
    }
    return understand_within(l, v, fold, talloc_strdup(l->mem, db_get_str(rows, 0, "question")), tree_r);
}

static int resolve_segment(struct segment_lookup *l, struct segment_node *n)
{
    struct segment_node **last = &n->first;
    text_putc(l->words, '(');
    EACH_VALUE(v, n)
    {
        text_puts(l->words, n->first ? " or " : "");
        if (resolve_segment_named(l, v, last) < 0)
            return -1;
        last = &(*last)->next;
    }
    text_putc(l->words, ')');
    n->op = SEGMENT_OR;
    return 0;
}

/* ---- the tree */

static bool is_fact_key(enum segment_key key)
{
    return key <= SEGMENT_HAS;
}

static int resolve_fact(struct segment_lookup *l, struct segment_node *n, struct segment_words *w)
{
    switch (n->key) {
    case SEGMENT_KIND:
        return resolve_plain(l, n, "k");
    case SEGMENT_CATEGORY:
        return resolve_closed(l, n, w, "category", "c");
    case SEGMENT_TAG:
        return resolve_tag(l, n, w);
    case SEGMENT_LANGUAGE:
        return resolve_language(l, n);
    case SEGMENT_COUNTRY:
        return resolve_country(l, n);
    case SEGMENT_CITY:
        return resolve_city(l, n, w);
    case SEGMENT_DEPARTMENT:
        return resolve_closed(l, n, w, "department", "d");
    case SEGMENT_OWNER:
        return resolve_owner(l, n, w);
    case SEGMENT_STATE:
        return resolve_state(l, n);
    default:
        return resolve_had(l, n);
    }
}

static int resolve_condition(struct segment_lookup *l, struct segment_node *n)
{
    struct segment_words *w = NULL;
    if (++l->conditions > SEGMENT_MAX_CONDITIONS)
        return FAIL(l, n, ERR_USAGE, "more than %d conditions, those of segments within included",
                    SEGMENT_MAX_CONDITIONS);
    if (n->key == SEGMENT_SEGMENT)
        return resolve_segment(l, n);
    if (segment_words_load(l->mem, l->db, n->key, &w, l->err) < 0)
        return -1;
    if (is_fact_key(n->key) ? resolve_fact(l, n, w) < 0 : segment_resolve_part(l, n, w) < 0)
        return -1;
    l->params += n->part ? db_build_params(n->part) : 1;
    if (l->params > SEGMENT_MAX_PARAMS)
        return FAIL(l, n, ERR_USAGE, "the question has too many values");
    segment_words_say(l->words, n);
    return 0;
}

int segment_resolve(struct segment_lookup *l, struct segment_node *node)
{
    if (node->op == SEGMENT_IS)
        return resolve_condition(l, node);
    text_puts(l->words, node->op == SEGMENT_NOT ? "not " : "(");
    for (struct segment_node *n = node->first; n; n = n->next) {
        if (n != node->first)
            text_puts(l->words, node->op == SEGMENT_AND ? " and " : " or ");
        if (segment_resolve(l, n) < 0)
            return -1;
    }
    text_puts(l->words, node->op == SEGMENT_NOT ? "" : ")");
    return 0;
}

int segment_understand(struct segment_lookup *l, struct segment_node **tree_r)
{
    struct segment_node *tree, *both, *active;
    if (segment_parse(l->mem, l->question, &tree, l->spot_r, l->err) < 0 ||
        (tree && segment_resolve(l, tree) < 0))
        return -1;
    *tree_r = tree;
    if (l->names_state)
        return 0;
    text_printf(l->words, "%sstate is active", tree ? " and " : "");
    active = talloc_zero(l->mem, struct segment_node);
    active->op = SEGMENT_IS;
    active->key = SEGMENT_STATE;
    active->fact = ACTIVE;
    both = talloc_zero(l->mem, struct segment_node);
    both->op = SEGMENT_AND;
    both->first = active;
    active->next = tree;
    *tree_r = both;
    return 0;
}
