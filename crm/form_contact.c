/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/form_contact.h"

#include "base/unicode.h"
#include "crm/contact.h"
#include "crm/language.h"
#include "crm/personname.h"
#include "sql/form.h"

static const char *name_in(void *mem, const struct contact_names *names, const char *language)
{
    return names->n ? contact_name_for(mem, names->v, names->n, language) : NULL;
}

/* The office's country is where an address says no other. */
static bool is_foreign(const struct db_rows *rows, int i, const char *home)
{
    const char *country = db_get_text(rows, i, "country");
    return country && home && strcmp(country, home);
}

static struct form_person person_of(void *mem, const struct db_rows *rows, int i,
                                    const struct contact_names *names, const char *language, const char *home)
{
    const char *gender = db_get_str(rows, i, "gender"), *salutation = db_get_text(rows, i, "salutation");
    const char *named = db_get_text(rows, i, "post_in_language");
    bool is_person = !strcmp(db_get_str(rows, i, "kind"), "person");
    struct form_person p = {.name = is_person ? name_in(mem, names, language) : NULL,
                            .title = db_get_text(rows, i, "title"),
                            .gender = *gender      ? *gender
                                      : salutation ? personname_greeting(salutation)
                                                   : 0,
                            .post = named ? named : db_get_text(rows, i, "post"),
                            .category = db_get_text(rows, i, "category"),
                            .foreign = is_foreign(rows, i, home),
                            .language = language};
    enum form_class class;
    if (form_class_find(db_get_str(rows, i, "class"), &class))
        p.class = class;
    else if (named)
        p.class = form_class_of(db_get_str(rows, i, "post"), p.category, NULL);
    if (!form_formality_find(db_get_str(rows, i, "formality"), &p.formality))
        bug("formality %s", db_get_str(rows, i, "formality"));
    return p;
}

static void add_line(void *mem, const char ***lines, const char *line)
{
    size_t n = talloc_array_length(*lines);
    if (line && *line) {
        *lines = talloc_realloc(mem, *lines, const char *, (unsigned)n + 1);
        (*lines)[n - 1] = talloc_strdup(*lines, line);
        (*lines)[n] = NULL;
    }
}

static const char **envelope_of(void *mem, const struct form_contact *c, const char *name_line,
                                const struct form_wanted *wanted)
{
    const char **lines = talloc_zero_array(mem, const char *, 1);
    add_line(mem, &lines, *name_line ? name_line : c->name);
    add_line(mem, &lines, c->post);
    add_line(mem, &lines, c->organisation);
    const char **line = postal_lines(mem, &c->postal, wanted->home, wanted->country_language);
    while (*line)
        add_line(mem, &lines, *line++);
    return lines;
}

/* From Latin to Cyrillic there is no exact way for names: a person has to say how they are written. */
static const char **latin_of(void *mem, const struct form_contact *c)
{
    const char **names = talloc_zero_array(mem, const char *, 1), *both[] = {c->name, c->organisation};
    for (size_t i = 0; i < ARRAY_LEN(both); i++)
        if (strstr(c->language, "-Cyrl") && both[i] && unicode_script(both[i]) == UNICODE_LATIN)
            add_line(mem, &names, both[i]);
    return names;
}

/* Row i. */
static void make(void *mem, const struct db_rows *rows, int i, const struct contact_names *names,
                 const struct contact_names *organisation, const struct form_wanted *wanted,
                 struct form_contact *c)
{
    const char *language = talloc_strdup(mem, db_get_str(rows, i, "language"));
    struct form_person person = person_of(mem, rows, i, names, language, wanted->home);
    struct form form;
    form_make(mem, &person, &form);
    const char *own =
        form_override(mem, db_get_text(rows, i, "salutation"), db_get_text(rows, i, "salutation_language"),
                      db_get_text(rows, i, "usual"), language, name_in(mem, names, "sr-Cyrl"));
    *c = (struct form_contact){.post_id = db_get_int_or(rows, i, "post_id", 0),
                               .name = name_in(mem, names, language),
                               .organisation = name_in(mem, organisation, language),
                               .post = *form.post ? talloc_strdup(mem, form.post) : NULL,
                               .language = language,
                               .salutation = talloc_strdup(mem, own ? own : form.salutation),
                               .closing = form.closing,
                               .is_person = person.name != NULL,
                               .overridden = own != NULL,
                               .gender = form.gender,
                               .class = form.class};
    c->latin = latin_of(mem, c);
    c->postal = (struct postal_address){.lines = talloc_strdup(mem, db_get_text(rows, i, "lines")),
                                        .postcode = talloc_strdup(mem, db_get_text(rows, i, "postcode")),
                                        .city = talloc_strdup(mem, db_get_text(rows, i, "city")),
                                        .country = talloc_strdup(mem, db_get_text(rows, i, "country"))};
    c->envelope = envelope_of(mem, c, form.name, wanted);
}

static int read_contacts(void *mem, struct db *db, const struct form_wanted *wanted, size_t n,
                         struct db_rows **rows_r, struct err *err)
{
    int64_t *contact = talloc_array(mem, int64_t, (unsigned)n),
            *post = talloc_array(mem, int64_t, (unsigned)n);
    const char **language = talloc_array(mem, const char *, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        contact[i] = wanted[i].contact;
        post[i] = wanted[i].post;
        language[i] = wanted[i].language;
    }
    if (db_run(db, rows_r, err, SQL_FORM_CONTACTS, db_ints(mem, contact, n), db_texts(mem, language, n),
               db_ints(mem, post, n)) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (db_is_null(*rows_r, (int)i, "kind"))
            return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)wanted[i].contact);
    return 0;
}

int form_of_contacts(void *mem, struct db *db, const struct form_wanted *wanted, size_t n,
                     struct form_contact *form_r, struct err *err)
{
    MEM_SCOPE(scratch);
    DB_ROWS rows = NULL;
    struct contact_names *names = talloc_array(scratch, struct contact_names, (unsigned)(2 * n));
    int64_t *ids = talloc_array(scratch, int64_t, (unsigned)(2 * n));
    if (read_contacts(scratch, db, wanted, n, &rows, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        ids[2 * i] = wanted[i].contact;
        ids[2 * i + 1] = db_get_int_or(rows, (int)i, "organisation_id", 0);
    }
    if (contact_names(scratch, db, ids, 2 * n, names, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        make(mem, rows, (int)i, &names[2 * i], &names[2 * i + 1], &wanted[i], &form_r[i]);
    return 0;
}

/* ---- changes */

static int check(const struct form_fields *f, struct err *err)
{
    enum form_formality formality;
    enum form_class class;
    char iso[11];
    if (f->formality && !form_formality_find(f->formality, &formality))
        return err_set(err, ERR_USAGE, "formality is formal, neutral or familiar, not \"%s\"", f->formality);
    if (f->post_class && *f->post_class && !form_class_find(f->post_class, &class))
        return err_set(err, ERR_USAGE,
                       "there is no class \"%s\" of posts; there are minister, ambassador, mayor, "
                       "director ... (adresar contact address says which one a post's name tells)",
                       f->post_class);
    if (f->in_office_since && *f->in_office_since && !unicode_parse_date(f->in_office_since, iso))
        return err_set(err, ERR_USAGE, "\"%s\" is no date; write 2023-09-14", f->in_office_since);
    if (f->rank && *f->rank &&
        (strlen(f->rank) > 4 || f->rank[strspn(f->rank, "0123456789")] ||
         strspn(f->rank, "0") == strlen(f->rank)))
        return err_set(err, ERR_USAGE, "a rank is a number from 1 to 9999, not \"%s\"", f->rank);
    if (f->post_language && !f->post_name)
        return err_set(err, ERR_USAGE,
                       "--position-language says the language of --position, which is missing");
    const char *languages[] = {f->salutation_language, f->post_language};
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (languages[i] && *languages[i] && language_check(languages[i], err) < 0)
            return -1;
    return 0;
}

static int change_post(struct db *db, int64_t contact, const struct form_fields *f, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_FORM_POST_OF, db_int(contact));
    if (n == 0)
        return err_set(err, ERR_USAGE, "contact %lld holds no post today that could have a class or a name",
                       (long long)contact);
    if (n < 0)
        return -1;
    const struct db_arg post = db_int(db_get_int(rows, 0, "id"));
    if (f->post_class && db_run(db, NULL, err, SQL_FORM_POST_CLASS, post, db_text(f->post_class)) < 0)
        return -1;
    if (f->post_language &&
        db_run(db, NULL, err, SQL_FORM_POST_NAME, post, db_text(f->post_language), db_text(f->post_name)) < 0)
        return -1;
    return 0;
}

int form_contact_change(struct db *db, int64_t contact, const struct form_fields *f, struct err *err)
{
    char iso[11] = "";
    if (check(f, err) < 0)
        return -1;
    if (f->in_office_since && *f->in_office_since && !unicode_parse_date(f->in_office_since, iso))
        bug("a date that is none");
    if ((f->title || f->formality || f->salutation_language || f->rank || f->in_office_since) &&
        db_run(db, NULL, err, SQL_FORM_CHANGE, db_int(contact), db_text(f->title), db_text(f->formality),
               db_text(f->salutation_language), db_text(f->rank),
               db_text(f->in_office_since ? iso : NULL)) < 0)
        return -1;
    return f->post_class || f->post_language ? change_post(db, contact, f, err) : 0;
}
