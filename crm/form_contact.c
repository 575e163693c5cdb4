/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/form_contact.h"

#include "base/unicode.h"
#include "crm/contact.h"
#include "crm/language.h"
#include "crm/personname.h"
#include "sql/form.h"

struct names {
    struct contact_name *v;
    size_t n;
};

static int read_names(void *mem, struct db *db, int64_t contact, struct names *names_r, struct err *err)
{
    *names_r = (struct names){0};
    return contact ? contact_names(mem, db, contact, &names_r->v, &names_r->n, err) : 0;
}

static const char *name_in(void *mem, const struct names *names, const char *language)
{
    return names->n ? contact_name_for(mem, names->v, names->n, language) : NULL;
}

/* The office's country is where an address says no other. */
static bool is_foreign(const struct db_rows *rows, const char *home)
{
    const char *country = db_get_text(rows, 0, "country");
    return country && home && strcmp(country, home);
}

static struct form_person person_of(void *mem, const struct db_rows *rows, const struct names *names,
                                    const char *language, const char *home)
{
    const char *gender = db_get_str(rows, 0, "gender"), *salutation = db_get_text(rows, 0, "salutation");
    const char *named = db_get_text(rows, 0, "post_in_language");
    bool is_person = !strcmp(db_get_str(rows, 0, "kind"), "person");
    struct form_person p = {.name = is_person ? name_in(mem, names, language) : NULL,
                            .title = db_get_text(rows, 0, "title"),
                            .gender = *gender      ? *gender
                                      : salutation ? personname_greeting(salutation)
                                                   : 0,
                            .post = named ? named : db_get_text(rows, 0, "post"),
                            .category = db_get_text(rows, 0, "category"),
                            .foreign = is_foreign(rows, home),
                            .language = language};
    enum form_class class;
    if (form_class_find(db_get_str(rows, 0, "class"), &class))
        p.class = class;
    else if (named)
        p.class = form_class_of(db_get_str(rows, 0, "post"), p.category, NULL);
    if (!form_formality_find(db_get_str(rows, 0, "formality"), &p.formality))
        bug("formality %s", db_get_str(rows, 0, "formality"));
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

int form_of_contact(void *mem, struct db *db, const struct form_wanted *wanted, struct form_contact *c,
                    struct err *err)
{
    DB_ROWS rows = NULL;
    struct names names, organisation;
    int n = db_run(db, &rows, err, SQL_FORM_CONTACT, db_int(wanted->contact), db_text(wanted->language),
                   db_int(wanted->post));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)wanted->contact);
    if (n < 0 || read_names(mem, db, wanted->contact, &names, err) < 0 ||
        read_names(mem, db, db_get_int_or(rows, 0, "organisation_id", 0), &organisation, err) < 0)
        return -1;
    const char *language = talloc_strdup(mem, db_get_str(rows, 0, "language"));
    struct form_person person = person_of(mem, rows, &names, language, wanted->home);
    struct form form;
    form_make(mem, &person, &form);
    const char *own =
        form_override(mem, db_get_text(rows, 0, "salutation"), db_get_text(rows, 0, "salutation_language"),
                      db_get_text(rows, 0, "usual"), language, name_in(mem, &names, "sr-Cyrl"));
    *c = (struct form_contact){.post_id = db_get_int_or(rows, 0, "post_id", 0),
                               .name = name_in(mem, &names, language),
                               .organisation = name_in(mem, &organisation, language),
                               .post = *form.post ? talloc_strdup(mem, form.post) : NULL,
                               .language = language,
                               .salutation = talloc_strdup(mem, own ? own : form.salutation),
                               .closing = form.closing,
                               .is_person = person.name != NULL,
                               .overridden = own != NULL,
                               .gender = form.gender,
                               .class = form.class};
    c->latin = latin_of(mem, c);
    c->postal = (struct postal_address){.lines = talloc_strdup(mem, db_get_text(rows, 0, "lines")),
                                        .postcode = talloc_strdup(mem, db_get_text(rows, 0, "postcode")),
                                        .city = talloc_strdup(mem, db_get_text(rows, 0, "city")),
                                        .country = talloc_strdup(mem, db_get_text(rows, 0, "country"))};
    c->envelope = envelope_of(mem, c, form.name, wanted);
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
