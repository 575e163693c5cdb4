/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What an edited cell means: one line a column says which edits are none of a list's business, and which
 * function of crm/contact.h makes the others.  Lists in a cell (addresses, phones, tags) become what was
 * added and what was taken away.
 */
#include "crm/address.h"
#include "crm/contact.h"
#include "base/unicode.h"
#include "crm/email.h"
#include "crm/phone.h"
#include "reports/changes_low.h"

/* ---- lists in a cell */

enum { MAX_LIST = 64 };
struct list {
    const char *item[MAX_LIST];
    size_t n;
};

static struct list list_of(void *mem, const char *cell)
{
    struct list list = {.n = 0};
    for (const char *s = cell; *s && list.n < MAX_LIST;) {
        size_t n = strcspn(s, "\n,;"), blanks = strspn(s, " ");
        if (n > blanks)
            list.item[list.n++] = talloc_strndup(mem, s + blanks, n - blanks);
        s += n + (s[n] != 0);
    }
    return list;
}

static bool holds(const struct list *list, const char *item)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->item[i], item))
            return true;
    return false;
}

/* What is in a and not in b. */
static struct list without(const struct list *a, const struct list *b)
{
    struct list rest = {.n = 0};
    for (size_t i = 0; i < a->n; i++)
        if (!holds(b, a->item[i]))
            rest.item[rest.n++] = a->item[i];
    return rest;
}

static bool same_set(const struct list *a, const struct list *b)
{
    return !without(a, b).n && !without(b, a).n;
}

static const char *joined(void *mem, const struct list *list)
{
    struct text t = text_new(mem);
    for (size_t i = 0; i < list->n; i++)
        text_printf(&t, "%s%s", i ? "," : "", list->item[i]);
    return t.s;
}

/* The words of a sheet back to keys; NULL if one is unknown. */
static const struct list *keys_of(void *mem, const struct register_run *run, int column, const char *cell)
{
    struct list words = list_of(mem, cell), *keys = talloc_zero(mem, struct list);
    for (size_t i = 0; i < words.n; i++) {
        const struct register_word *word = run->words[column];
        while (word->key && strcmp(word->text, words.item[i]))
            word++;
        if (!word->key)
            return NULL;
        keys->item[keys->n++] = word->key;
    }
    return keys;
}

/* Phones as the store has them. */
static struct list numbers_of(void *mem, const struct register_run *run, const char *cell)
{
    struct list list = list_of(mem, cell);
    for (size_t i = 0; i < list.n; i++) {
        char e164[PHONE_E164_SIZE];
        if (phone_e164(list.item[i], run->conf->office.country, e164))
            list.item[i] = talloc_strdup(mem, e164);
    }
    return list;
}

/* The store's short name of a category is its English name in small letters, with hyphens. */
static const char *category_slug(void *mem, const char *name)
{
    char *slug = unicode_lower(mem, name);
    for (char *s = slug; *s; s++)
        *s = *s == ' ' ? '-' : *s;
    return slug;
}

/* ---- which edits are not made */

/* NULL: none; "": the edit means nothing, or what it asks for is so already. */
typedef const char *flaw_fn(void *mem, const struct register_run *run, int column, const char *from,
                            const char *to);

static const char *means_nothing(void *mem, const struct register_run *run, int column, const char *from,
                                 const char *to)
{
    (void)mem, (void)run, (void)column, (void)from, (void)to;
    return "";
}

static const char *not_here(void *mem, const struct register_run *run, int column, const char *from,
                            const char *to)
{
    (void)mem, (void)run, (void)column, (void)from, (void)to;
    return N_("this column is not changed by a list");
}

/* The same number, the same day, however they are written by now. */
static const char *other_number(void *mem, const struct register_run *run, int column, const char *from,
                                const char *to)
{
    const char *a = unicode_parse_number(mem, from, run->language->tag),
               *b = unicode_parse_number(mem, to, run->language->tag);
    return a && b && strtod(a, NULL) == strtod(b, NULL) ? "" : not_here(mem, run, column, from, to);
}

static const char *other_day(void *mem, const struct register_run *run, int column, const char *from,
                             const char *to)
{
    char a[11], b[11];
    bool same = unicode_parse_date(from, a) && unicode_parse_date(to, b) && !strcmp(a, b);
    return same ? "" : not_here(mem, run, column, from, to);
}

static const char *state_elsewhere(void *mem, const struct register_run *run, int column, const char *from,
                                   const char *to)
{
    (void)mem, (void)run, (void)column, (void)from, (void)to;
    return N_("contact email says what became of an address");
}

static const char *not_emptied(void *mem, const struct register_run *run, int column, const char *from,
                               const char *to)
{
    (void)mem, (void)run, (void)column, (void)from;
    return *to ? NULL : N_("it cannot be emptied by a list");
}

/* An organisation is found by the fold of its name. */
static const char *other_organisation(void *mem, const struct register_run *run, int column, const char *from,
                                      const char *to)
{
    bool same = !strcmp(unicode_fold(mem, from), unicode_fold(mem, to));
    return same ? "" : not_emptied(mem, run, column, from, to);
}

static const char *one_line(void *mem, const struct register_run *run, int column, const char *from,
                            const char *to)
{
    if (strchr(from, '\n') || strchr(to, '\n'))
        return N_("several posts: post start and post end change them");
    return not_emptied(mem, run, column, from, to);
}

/* An order of preference. */
static const char *known_words(void *mem, const struct register_run *run, int column, const char *from,
                               const char *to)
{
    (void)from;
    return keys_of(mem, run, column, to) ? NULL : N_("a word that this column does not know");
}

static const char *known_set(void *mem, const struct register_run *run, int column, const char *from,
                             const char *to)
{
    struct list old = list_of(mem, from), new = list_of(mem, to);
    return same_set(&old, &new) ? "" : known_words(mem, run, column, from, to);
}

static const char *other_set(void *mem, const struct register_run *run, int column, const char *from,
                             const char *to)
{
    (void)run, (void)column;
    struct list old = list_of(mem, from), new = list_of(mem, to);
    return same_set(&old, &new) ? "" : NULL;
}

static const char *other_phones(void *mem, const struct register_run *run, int column, const char *from,
                                const char *to)
{
    (void)column;
    struct list old = numbers_of(mem, run, from), new = numbers_of(mem, run, to);
    return same_set(&old, &new) ? "" : NULL;
}

static const char *known_word(void *mem, const struct register_run *run, int column, const char *from,
                              const char *to)
{
    (void)from;
    const struct list *keys = keys_of(mem, run, column, to);
    return keys && keys->n == 1 ? NULL : N_("a word that this column does not know");
}

/* A correction is one address in the place of another. */
static const char *sound_emails(void *mem, const struct register_run *run, int column, const char *from,
                                const char *to)
{
    (void)run, (void)column;
    struct list old = list_of(mem, from), new = list_of(mem, to), added = without(&new, &old),
                removed = without(&old, &new);
    for (size_t i = 0; i < added.n; i++)
        if (email_flaw(added.item[i]))
            return email_flaw(added.item[i]);
    if (removed.n > 1 || removed.n > added.n)
        return N_("an address is not taken away: contact email says what became of it");
    return NULL;
}

/* What stands behind what was there. */
static const char *note_added(const char *from, const char *to)
{
    size_t n = strlen(from);
    return strncmp(to, from, n) ? NULL : !n ? to : to[n] == '\n' ? to + n + 1 : NULL;
}

static const char *only_added(void *mem, const struct register_run *run, int column, const char *from,
                              const char *to)
{
    (void)mem, (void)run, (void)column;
    return note_added(from, to) ? NULL : N_("a note is not changed; a new one may stand below it");
}

/* ---- the others */

struct applying {
    void *mem;
    struct register_run *run;
    int column;
    const struct change *change;
};
typedef int apply_fn(struct applying *a, struct err *err);

static int edit(struct applying *a, struct contact_fields fields, struct err *err)
{
    fields.country = a->run->conf->office.country;
    return contact_edit(a->run->db, a->change->contact, &fields, err);
}

/* The name that is shown in the list's language. */
static int apply_name(struct applying *a, struct err *err)
{
    struct contact_names names;
    const char *language = NULL;
    if (contact_names(a->mem, a->run->db, &a->change->contact, 1, &names, err) < 0)
        return -1;
    for (const char *const *wanted = a->run->language->names; *wanted && !language; wanted++)
        for (size_t i = 0; i < names.n && !language; i++)
            if (names.v[i].language && !strcmp(names.v[i].language, *wanted))
                language = names.v[i].language;
    return edit(a, (struct contact_fields){.name = a->change->to, .name_language = language}, err);
}

static int apply_organisation(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.organisation = a->change->to}, err);
}

static int apply_position(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.position = a->change->to}, err);
}

static int apply_salutation(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.salutation = a->change->to}, err);
}

static int apply_gender(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.gender = a->change->to}, err);
}

static int apply_title(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.form.title = a->change->to}, err);
}

static int apply_street(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.postal.lines = a->change->to}, err);
}

static int apply_city(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.postal.city = a->change->to}, err);
}

static int apply_country(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.postal.country = a->change->to}, err);
}

static int apply_precedence(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.precedence = a->change->to}, err);
}

static int apply_owner(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.owner = a->change->to}, err);
}

static int apply_note(struct applying *a, struct err *err)
{
    return edit(a, (struct contact_fields){.note = note_added(a->change->from, a->change->to)}, err);
}

static int apply_state(struct applying *a, struct err *err)
{
    const struct list *keys = keys_of(a->mem, a->run, a->column, a->change->to);
    return edit(a, (struct contact_fields){.state = keys->item[0]}, err);
}

static int apply_languages(struct applying *a, struct err *err)
{
    const struct list *keys = keys_of(a->mem, a->run, a->column, a->change->to);
    return edit(a, (struct contact_fields){.language = joined(a->mem, keys)}, err);
}

static int apply_tags(struct applying *a, struct err *err)
{
    struct list old = list_of(a->mem, a->change->from), new = list_of(a->mem, a->change->to),
                added = without(&new, &old), removed = without(&old, &new);
    return edit(a,
                (struct contact_fields){.tag = added.n ? joined(a->mem, &added) : NULL,
                                        .untag = removed.n ? joined(a->mem, &removed) : NULL},
                err);
}

static int apply_categories(struct applying *a, struct err *err)
{
    const struct list *old = keys_of(a->mem, a->run, a->column, a->change->from),
                      *new = keys_of(a->mem, a->run, a->column, a->change->to);
    struct list none = {.n = 0}, added = without(new, old ? old : &none),
                removed = without(old ? old : &none, new);
    for (size_t i = 0; i < added.n; i++)
        if (edit(a, (struct contact_fields){.category = category_slug(a->mem, added.item[i])}, err) < 0)
            return -1;
    for (size_t i = 0; i < removed.n; i++)
        if (edit(a, (struct contact_fields){.uncategory = category_slug(a->mem, removed.item[i])}, err) < 0)
            return -1;
    return 0;
}

static int apply_phones(struct applying *a, struct err *err)
{
    struct list old = numbers_of(a->mem, a->run, a->change->from), new = list_of(a->mem, a->change->to),
                numbers = numbers_of(a->mem, a->run, a->change->to), added = {.n = 0},
                removed = without(&old, &numbers);
    for (size_t i = 0; i < new.n; i++) /* as typed */
        if (!holds(&old, numbers.item[i]))
            added.item[added.n++] = new.item[i];
    for (size_t i = 0; i < removed.n; i++)
        if (edit(a, (struct contact_fields){.unphone = removed.item[i]}, err) < 0)
            return -1;
    for (size_t i = 0; i < added.n; i++)
        if (edit(a, (struct contact_fields){.phone = added.item[i]}, err) < 0)
            return -1;
    return 0;
}

static int apply_emails(struct applying *a, struct err *err)
{
    struct db *db = a->run->db;
    struct list old = list_of(a->mem, a->change->from), new = list_of(a->mem, a->change->to),
                added = without(&new, &old), removed = without(&old, &new);
    size_t replaced = 0;
    if (removed.n && address_change(db, a->change->contact, removed.item[0],
                                    &(struct address_change){.replaced_by = added.item[replaced++]}, err) < 0)
        return -1;
    for (size_t i = replaced; i < added.n; i++)
        if (edit(a, (struct contact_fields){.email = added.item[i]}, err) < 0)
            return -1;
    if (!new.n)
        return 0;
    return address_change(db, a->change->contact, new.item[0], &(struct address_change){.first = true}, err);
}

/* ---- the table */

static const struct field {
    const char *name;
    flaw_fn *flaw; /* NULL: every edit is made */
    apply_fn *apply;
} fields[] = {
    {"id", means_nothing, NULL},
    {"kind", not_here, NULL},
    {"name", not_emptied, apply_name},
    {"organisation", other_organisation, apply_organisation},
    {"position", one_line, apply_position},
    {"category", known_set, apply_categories},
    {"languages", known_words, apply_languages},
    {"salutation", NULL, apply_salutation},
    {"gender", not_emptied, apply_gender},
    {"title", NULL, apply_title},
    {"live_emails", sound_emails, apply_emails},
    {"live_states", state_elsewhere, NULL},
    {"phones", other_phones, apply_phones},
    {"postal", NULL, apply_street},
    {"city", NULL, apply_city},
    {"country", NULL, apply_country},
    {"departments", not_here, NULL},
    {"precedence", NULL, apply_precedence},
    {"tags", other_set, apply_tags},
    {"owner", not_emptied, apply_owner},
    {"note", only_added, apply_note},
    {"state", known_word, apply_state},
    {"registration", not_here, NULL},
    {"form", not_here, NULL},
    {"employees", other_number, NULL},
    {"turnover", other_number, NULL},
    {"last_contact", other_day, NULL},
    {"since", other_day, NULL},
};

static const struct field *field_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!strcmp(fields[i].name, name))
            return &fields[i];
    bug("nobody has said what an edit of %s means", name);
}

const char *changes_flaw(void *mem, const struct register_run *run, int column, const char *from,
                         const char *to)
{
    const struct field *field = field_named(run->table->columns[column].field);
    return field->flaw ? field->flaw(mem, run, column, from, to) : NULL;
}

/* ---- approval */

static int apply_change(struct register_run *run, const struct change *change, struct err *err)
{
    MEM_SCOPE(mem);
    struct applying a = {.mem = mem, .run = run, .change = change};
    while (strcmp(run->table->columns[a.column].field, change->field))
        a.column++;
    if (field_named(change->field)->apply(&a, err) < 0)
        return err_context(err, "row %ld, %s", change->row, change->title);
    return 0;
}

static bool is_wanted(const struct change *change, const long *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i] == change->row)
            return true;
    return !n;
}

static int check_rows(const struct changes *changes, const long *rows, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < changes->n && !found; k++)
            found = changes->change[k].row == rows[i] && changes->change[k].class == CHANGE_READY;
        if (!found)
            return err_set(err, ERR_NOTFOUND, "row %ld has nothing to approve", rows[i]);
    }
    return 0;
}

int changes_approve(struct db *db, const struct conf *conf, const struct changes *changes, const long *rows,
                    size_t nrows, size_t *applied_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct register_query query = {0};
    struct register_run *run = talloc_zero(mem, struct register_run);
    *run = (struct register_run){.mem = mem, .db = db, .conf = conf, .query = &query};
    *applied_r = 0;
    if (exchange_begin(run, changes->language, err) < 0 || check_rows(changes, rows, nrows, err) < 0 ||
        db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    for (size_t i = 0; i < changes->n; i++) {
        const struct change *change = &changes->change[i];
        if (change->class != CHANGE_READY || !is_wanted(change, rows, nrows))
            continue;
        if (apply_change(run, change, err) < 0)
            return -1;
        ++*applied_r;
    }
    return db_commit(&tx, err);
}
