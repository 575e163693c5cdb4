/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From the tree to one statement.  What is a fact on one level becomes one question to the index of facts;
 * the rest stands beside it as it is.  A "not" is carried down to the conditions, where the planner makes an
 * anti-join of it.
 */
#include "crm/segment_tree.h"

#include "base/unicode.h"
#include "crm/precedence.h"
#include "crm/segment_words.h"
#include "sql/segment.h"

struct segment {
    const char *question;
    struct db_build *condition;
    struct text words, hints;
    bool rare; /* is_rare() */
};

/* ---- facts */

static bool is_fact(const struct segment_node *n)
{
    if (n->op == SEGMENT_IS)
        return n->fact != NULL;
    for (const struct segment_node *child = n->first; child; child = child->next)
        if (!is_fact(child))
            return false;
    return true;
}

static void add_fact(struct text *t, const struct segment_node *n)
{
    if (n->op == SEGMENT_IS) {
        text_puts(t, n->fact);
        return;
    }
    text_puts(t, n->op == SEGMENT_NOT ? "!(" : "(");
    for (const struct segment_node *child = n->first; child; child = child->next) {
        if (child != n->first)
            text_puts(t, n->op == SEGMENT_AND ? " & " : " | ");
        add_fact(t, child);
    }
    text_putc(t, ')');
}

/* ---- the condition */

static void build(struct db_build *b, const struct segment_node *n, bool negated);

/* Joined by "and" or "or"; in the first, who is everyone says nothing. */
static void build_joined(struct db_build *b, const struct segment_node *n, bool negated)
{
    MEM_SCOPE(mem);
    bool both = (n->op == SEGMENT_AND) != negated;
    struct text facts = text_new(mem);
    size_t parts = 0;
    for (const struct segment_node *child = n->first; child; child = child->next) {
        if (!is_fact(child) || (both && !negated && child->everyone))
            continue;
        text_puts(&facts, !facts.len ? "" : both ? " & " : " | ");
        text_puts(&facts, negated ? "!" : "");
        add_fact(&facts, child);
    }
    db_build_add(b, SQL_SEGMENT_OPEN_GROUP);
    if (facts.len && ++parts)
        db_build_add(b, SQL_SEGMENT_FACTS, db_text(facts.s));
    for (const struct segment_node *child = n->first; child; child = child->next) {
        if (is_fact(child))
            continue;
        if (parts++ && both)
            db_build_add(b, SQL_SEGMENT_AND);
        else if (parts > 1)
            db_build_add(b, SQL_SEGMENT_OR);
        build(b, child, negated);
    }
    if (!parts)
        db_build_add(b, SQL_SEGMENT_EVERYONE);
    db_build_add(b, SQL_SEGMENT_CLOSE_GROUP);
}

static void build(struct db_build *b, const struct segment_node *n, bool negated)
{
    if (n->op == SEGMENT_NOT) {
        build(b, n->first, !negated);
    } else if (n->op != SEGMENT_IS) {
        build_joined(b, n, negated);
    } else {
        if (negated)
            db_build_add(b, SQL_SEGMENT_NOT);
        if (n->part)
            db_build_append(b, n->part);
        else if (n->everyone)
            db_build_add(b, SQL_SEGMENT_EVERYONE);
        else
            db_build_add(b, SQL_SEGMENT_FACTS, db_text(n->fact));
    }
}

/* Few can answer, and whoever is looked for by number or address is one: no walk through the names meets
 * them. */
static bool is_rare(const struct segment_node *n)
{
    bool all = n->op == SEGMENT_OR;
    if (n->op == SEGMENT_IS)
        return n->key == SEGMENT_ID || n->key == SEGMENT_ADDRESS || n->key == SEGMENT_ANSWERED;
    if (n->op == SEGMENT_NOT)
        return false;
    for (const struct segment_node *child = n->first; child; child = child->next)
        if (is_rare(child) != all)
            return !all;
    return all;
}

/* ---- opening */

/* So that no name is taken for a question, nor the other way round. */
static const char not_in_names[] = ":<>=\"";

static int find_saved(void *mem, struct db *db, const char *text, const char **question_r,
                      const char **fold_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *question_r = text;
    *fold_r = NULL;
    if (!unicode_valid_utf8(text, strlen(text)))
        return err_set(err, ERR_USAGE, "the question is no text in UTF-8");
    if (strpbrk(text, not_in_names))
        return 0;
    const char *fold = unicode_fold(mem, text);
    int n = db_run(db, &rows, err, SQL_SEGMENT_SAVED, db_text(fold));
    if (n <= 0)
        return n;
    *question_r = talloc_strdup(mem, db_get_str(rows, 0, "question"));
    *fold_r = fold;
    return 1;
}

static int understand(struct db *db, struct segment *s, const char *fold, struct segment_spot *spot_r,
                      struct err *err)
{
    MEM_SCOPE(mem);
    struct segment_node *tree;
    struct segment_lookup l = {.mem = mem,
                               .db = db,
                               .question = s->question,
                               .words = &s->words,
                               .hints = &s->hints,
                               .spot_r = spot_r,
                               .err = err};
    struct segment_above itself = {.fold = fold, .depth = 1};
    l.above = fold ? &itself : NULL;
    if (segment_understand(&l, &tree) < 0)
        return -1;
    s->rare = tree && is_rare(tree);
    if (tree)
        build(s->condition, tree, false);
    else
        db_build_add(s->condition, SQL_SEGMENT_EVERYONE);
    return 0;
}

int segment_open(void *mem, struct db *db, const char *name_or_question, struct segment **segment_r,
                 struct segment_spot *spot_r, struct err *err)
{
    const char *question, *fold;
    struct segment *s = *segment_r = talloc_zero(mem, struct segment);
    *spot_r = (struct segment_spot){0, 0};
    s->question = name_or_question;
    if (find_saved(s, db, name_or_question, &question, &fold, err) < 0)
        return -1;
    s->question = talloc_strdup(s, question);
    s->condition = db_build_new(s, "segment");
    s->words = text_new(s);
    s->hints = text_new(s);
    if (!fold && *question && !strpbrk(question, ": \t\"()<>="))
        text_printf(&s->hints, "no segment is called \"%s\": who has this word is looked for\n", question);
    if (understand(db, s, fold, spot_r, err) < 0)
        return fold ? err_context(err, "the segment \"%s\"", name_or_question) : -1;
    return 0;
}

const char *segment_words(const struct segment *segment)
{
    return segment->words.s;
}

const char *segment_hints(const struct segment *segment)
{
    return segment->hints.s;
}

const char *segment_question(const struct segment *segment)
{
    return segment->question;
}

/* ---- asking */

int segment_count(struct db *db, const struct segment *segment, int64_t *n_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    struct db_build *b = db_build_new(mem, "segment_count");
    db_build_add(b, SQL_SEGMENT_COUNT);
    db_build_append(b, segment->condition);
    if (db_build_run(db, &rows, err, b) < 0)
        return -1;
    *n_r = db_get_int(rows, 0, "n");
    return 0;
}

/* Which of two ways to a page is the quick one depends on how many there are, and no estimate is good enough:
 * who walks through the names for somebody rare sees a million of them, who collects half of a million sorts
 * them.  So, but for who is rare by the question itself, it walks a few steps; whoever is too rare there for
 * a page in a longer walk is quickly collected.
 */
enum { FIRST_STEPS = 1000, STEPS = 25000 };

static int walk(struct db *db, const struct segment *segment, const struct segment_page *page, int steps,
                struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct db_build *b = db_build_new(mem, "segment_walk");
    db_build_add(b, SQL_SEGMENT_WALK);
    if (page->after)
        db_build_add(b, SQL_SEGMENT_AFTER, db_int(page->after));
    db_build_add(b, SQL_SEGMENT_WALK_END, db_int(steps));
    db_build_append(b, segment->condition);
    db_build_add(b, SQL_SEGMENT_WALK_LIMIT, db_int(page->limit));
    return db_build_run(db, rows_r, err, b);
}

static int collect(struct db *db, const struct segment *segment, const struct segment_page *page,
                   struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct db_build *b = db_build_new(mem, "segment_collect");
    db_build_add(b, SQL_SEGMENT_COLLECT);
    db_build_append(b, segment->condition);
    if (page->after)
        db_build_add(b, SQL_SEGMENT_AFTER, db_int(page->after));
    if (page->limit)
        db_build_add(b, SQL_SEGMENT_COLLECT_LIMIT, db_int(page->limit));
    else
        db_build_add(b, SQL_SEGMENT_COLLECT_ALL);
    return db_build_run(db, rows_r, err, b);
}

static int page_keys(struct db *db, const struct segment *segment, const struct segment_page *page,
                     struct db_rows **rows_r, struct err *err)
{
    int n = segment->rare || !page->limit ? 0 : walk(db, segment, page, FIRST_STEPS, rows_r, err);
    if (n > 0 && n < page->limit && n * STEPS >= page->limit * FIRST_STEPS)
        n = walk(db, segment, page, STEPS, rows_r, err);
    return n < 0 || (n && n == page->limit) ? n : collect(db, segment, page, rows_r, err);
}

static int ids_by_name(void *mem, struct db *db, const struct segment *segment,
                       const struct segment_page *page, int64_t **ids_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = page_keys(db, segment, page, &rows, err);
    if (n < 0)
        return -1;
    *ids_r = talloc_array(mem, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++)
        (*ids_r)[i] = db_get_int(rows, i, "id");
    return 0;
}

int segment_ids(void *mem, struct db *db, const struct segment *segment, int64_t **ids_r, struct err *err)
{
    return ids_by_name(mem, db, segment, &(struct segment_page){.limit = 0}, ids_r, err);
}

/* Protocol knows no index: all are sorted, and then the page is cut. */
static int ids_by_precedence(void *mem, struct db *db, const struct segment *segment,
                             const struct segment_page *page, struct db_arg *ids_r, struct err *err)
{
    int64_t *ids;
    if (segment_ids(mem, db, segment, &ids, err) < 0)
        return -1;
    size_t n = talloc_array_length(ids), from = 0;
    if (precedence_sort(db, ids, &n, page->precedence, err) < 0)
        return -1;
    while (page->after && from < n && ids[from++] != page->after)
        ;
    n -= from;
    *ids_r = db_ints(mem, ids + from, page->limit && n > (size_t)page->limit ? (size_t)page->limit : n);
    return 0;
}

int segment_each(struct db *db, const struct segment *segment, const struct segment_page *page, db_row_fn *fn,
                 void *context, struct err *err)
{
    MEM_SCOPE(mem);
    struct db_arg shown;
    int64_t *ids;
    if (page->precedence) {
        if (ids_by_precedence(mem, db, segment, page, &shown, err) < 0)
            return -1;
    } else {
        if (ids_by_name(mem, db, segment, page, &ids, err) < 0)
            return -1;
        shown = db_ints(mem, ids, talloc_array_length(ids));
    }
    return db_each(db, fn, context, err, SQL_SEGMENT_ROWS, shown);
}

/* ---- saved ones */

static int check_name(void *mem, const char *name, const char **name_r, const char **fold_r, struct err *err)
{
    enum { MAX_NAME = 200 };
    if (!unicode_valid_utf8(name, strlen(name)))
        return err_set(err, ERR_USAGE, "the name is no text in UTF-8");
    *name_r = unicode_squeeze(mem, name);
    *fold_r = unicode_fold(mem, *name_r);
    if (!**fold_r || strlen(*name_r) > MAX_NAME || strpbrk(*name_r, not_in_names))
        return err_set(err, ERR_USAGE,
                       "a segment's name has letters or digits, none of %s and at most %d bytes",
                       not_in_names, MAX_NAME);
    return 0;
}

static int not_saved(struct db *db, const char *name, struct err *err)
{
    MEM_SCOPE(mem);
    struct segment_words *w;
    if (segment_words_load(mem, db, SEGMENT_SEGMENT, &w, err) < 0)
        return -1;
    return err_set(err, ERR_NOTFOUND, "there is no segment \"%s\"%s", name,
                   segment_there_are(mem, name, w->word, w->n));
}

static int is_taken(struct db *db, const char *fold, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_SEGMENT_TAKEN, db_text(fold));
    if (n <= 0)
        return n < 0 ? -1 : err_set(err, ERR_AGAIN, "the segment was removed meanwhile");
    const char *name = db_get_str(rows, 0, "name"), *question = db_get_str(rows, 0, "question");
    if (db_get_bool(rows, 0, "mine"))
        return err_set(
            err, ERR_CONFLICT,
            "there is a segment \"%s\" already: %s -- with --replace the new question takes its place", name,
            question);
    return err_set(err, ERR_CONFLICT, "there is a segment \"%s\" of %s already: %s", name,
                   db_get_str(rows, 0, "owner"), question);
}

/* In words; a trigger holds to it. */
static int check_owner(struct db *db, const char *fold, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_SEGMENT_TAKEN, db_text(fold));
    if (n <= 0 || db_get_bool(rows, 0, "mine"))
        return n < 0 ? -1 : 0;
    return err_set(err, ERR_CONFLICT, "the segment \"%s\" is %s's: its owner or an admin changes it",
                   db_get_str(rows, 0, "name"), db_get_str(rows, 0, "owner"));
}

int segment_save(struct db *db, const struct segment_new *saved, struct segment_spot *spot_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    const char *name, *fold;
    struct segment *s = talloc_zero(mem, struct segment);
    *spot_r = (struct segment_spot){0, 0};
    if (check_name(mem, saved->name, &name, &fold, err) < 0)
        return -1;
    s->question = saved->question;
    s->condition = db_build_new(s, "segment");
    s->words = text_new(s);
    s->hints = text_new(s);
    if (!s->question[strspn(s->question, " \t\n")])
        return err_set(err, ERR_USAGE, "there is no question to save");
    if (understand(db, s, fold, spot_r, err) < 0 || (saved->replace && check_owner(db, fold, err) < 0))
        return -1;
    int n = db_run(db, &rows, err, SQL_SEGMENT_SAVE, db_text(name), db_text(fold), db_text(s->question),
                   db_text(saved->note), db_bool(saved->replace));
    return n < 0 ? -1 : n ? db_get_bool(rows, 0, "made") : is_taken(db, fold, err);
}

int segment_remove(struct db *db, const char *name, struct err *err)
{
    MEM_SCOPE(mem);
    const char *fold;
    if (check_name(mem, name, &name, &fold, err) < 0 || check_owner(db, fold, err) < 0)
        return -1;
    int n = db_run(db, NULL, err, SQL_SEGMENT_REMOVE, db_text(fold));
    return n < 0 ? -1 : n ? 0 : not_saved(db, name, err);
}

int segment_list(struct db *db, const char *name, struct db_rows **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    const char *fold = NULL;
    if (name && check_name(mem, name, &name, &fold, err) < 0)
        return -1;
    int n = db_run(db, rows_r, err, SQL_SEGMENT_SAVED_ALL, db_text(fold));
    return n == 0 && name ? not_saved(db, name, err) : n;
}
