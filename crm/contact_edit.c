/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Changes by hand: one transaction each, one step a field, and a field that is not given is not touched.
 */
#include "base/unicode.h"
#include "crm/contact.h"
#include "crm/department.h"
#include "crm/email.h"
#include "crm/phone.h"
#include "crm/language.h"
#include "crm/personname.h"
#include "crm/post.h"
#include "sql/contact.h"

struct change {
    struct db *db;
    void *mem;
    int64_t id, department_id;
    bool person;
    const struct contact_fields *fields;
};

/* By which it is found, whatever titles stand before it. */
static const char *bare_name(const struct change *c)
{
    return c->person ? personname_of(c->mem, c->fields->name).name : c->fields->name;
}

static int apply_name(struct change *c, struct err *err)
{
    const char *name = c->fields->name, *language = c->fields->name_language;
    if (!name)
        return 0;
    const char *fold = unicode_fold(c->mem, bare_name(c)), *near = unicode_near(c->mem, fold);
    int n = db_run(c->db, NULL, err, SQL_CONTACT_NAME_CHANGE, db_int(c->id), db_text(language), db_text(name),
                   db_text(fold), db_text(near));
    if (n == 0)
        n = db_run(c->db, NULL, err, SQL_CONTACT_NAME_ADD, db_int(c->id), db_text(language), db_text(name),
                   db_text(fold), db_text(near));
    return n < 0 ? -1 : 0;
}

static int organisation_make(struct change *c, const char *name, int64_t *id_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(c->db, &rows, err, SQL_CONTACT_ADD, db_text("organisation"), db_int(c->department_id)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    if (db_run(c->db, NULL, err, SQL_CONTACT_NAME_ADD, db_int(*id_r), db_null(), db_text(name),
               db_text(unicode_fold(c->mem, name)), db_text(unicode_near(c->mem, name))) < 0)
        return -1;
    return 0;
}

/* 0 in *id_r: no organisation is spoken of */
static int organisation_id(struct change *c, int64_t *id_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *id_r = 0;
    const char *name = c->fields->organisation;
    if (!name)
        return 0;
    int n = db_run(c->db, &rows, err, SQL_CONTACT_FIND_ORGANISATION, db_text(unicode_fold(c->mem, name)));
    if (n == 0)
        return organisation_make(c, name, id_r, err);
    if (n == 1)
        *id_r = db_get_int(rows, 0, "id");
    return n < 0 ? -1 : 0;
}

/* Words with commas or blanks between. */
static struct db_arg words_arg(void *mem, const char *list)
{
    size_t n = 0;
    if (!list)
        return db_null();
    const char **v = talloc_array(mem, const char *, (unsigned)(strlen(list) / 2 + 1));
    for (const char *s = list;;) {
        size_t len = strcspn(s, ", ");
        if (len)
            v[n++] = talloc_strndup(mem, s, len);
        s += len;
        if (!*s++)
            break;
    }
    return db_texts(mem, v, n);
}

/* Who dies is a person, what is dissolved an organisation. */
static int check_state(struct change *c, struct err *err)
{
    DB_ROWS rows = NULL;
    const char *state = c->fields->state;
    bool died = state && !strcmp(state, "deceased");
    if (!died && (!state || strcmp(state, "dissolved") != 0))
        return 0;
    if (db_run(c->db, &rows, err, SQL_CONTACT_KIND, db_int(c->id)) < 0)
        return -1;
    if (!strcmp(db_get_str(rows, 0, "kind"), "person") != died)
        return err_set(err, ERR_USAGE,
                       died ? "an organisation is dissolved, not deceased"
                            : "a person is deceased, not dissolved");
    return 0;
}

static int check_owner(struct change *c, struct err *err)
{
    const char *owner = c->fields->owner;
    int n = owner && *owner ? db_run(c->db, NULL, err, SQL_CONTACT_STAFF_FIND, db_text(owner)) : 1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no user \"%s\"", owner);
    return n < 0 ? -1 : 0;
}

static int apply_facts(struct change *c, int64_t organisation, struct err *err)
{
    const struct contact_fields *f = c->fields;
    if (!f->state && !f->salutation && !f->gender && !f->precedence && !f->language && !f->owner &&
        !organisation)
        return 0;
    if (check_state(c, err) < 0 || check_owner(c, err) < 0 ||
        db_run(c->db, NULL, err, SQL_CONTACT_CHANGE, db_int(c->id), db_text(f->state), db_text(f->salutation),
               db_text(f->gender), db_text(f->precedence), words_arg(c->mem, f->language),
               db_int_or_null(organisation), db_text(f->owner)) < 0)
        return -1;
    return 0;
}

/* Tags are in small letters, composed, so that one word is one tag. */
static int apply_tags_and_note(struct change *c, struct err *err)
{
    const struct contact_fields *f = c->fields;
    const char *tag = f->tag ? unicode_lower(c->mem, unicode_squeeze(c->mem, f->tag)) : NULL;
    const char *untag = f->untag ? unicode_lower(c->mem, unicode_squeeze(c->mem, f->untag)) : NULL;
    if (tag && db_run(c->db, NULL, err, SQL_CONTACT_TAG_ADD, db_int(c->id), words_arg(c->mem, tag)) < 0)
        return err_context(err, "tag \"%s\"", f->tag);
    if (untag &&
        db_run(c->db, NULL, err, SQL_CONTACT_TAG_REMOVE, db_int(c->id), words_arg(c->mem, untag)) < 0)
        return -1;
    if (f->note && *f->note &&
        db_run(c->db, NULL, err, SQL_CONTACT_NOTE_ADD, db_int(c->id), db_text(f->note)) < 0)
        return -1;
    return 0;
}

static int apply_position(struct change *c, int64_t organisation, struct err *err)
{
    DB_ROWS rows = NULL;
    if (!c->fields->position || c->fields->form.post_language)
        return 0;
    int n = organisation ? 0 : db_run(c->db, &rows, err, SQL_CONTACT_ORGANISATION_OF, db_int(c->id));
    if (n < 0)
        return -1;
    if (n == 0 && !organisation)
        return err_set(err, ERR_USAGE, "a position is held at an organisation: --organisation is missing");
    if (n)
        organisation = db_get_int(rows, 0, "organisation_id");
    return post_take(c->db, organisation, c->fields->position, c->id, err);
}

/* Another override is of the language that its own words tell. */
static int apply_form(struct change *c, struct err *err)
{
    struct form_fields f = c->fields->form;
    if (f.post_language)
        f.post_name = c->fields->position;
    if (c->fields->salutation && !f.salutation_language)
        f.salutation_language = "";
    return form_contact_change(c->db, c->id, &f, err);
}

static int apply_address(struct change *c, struct err *err)
{
    const char *email = c->fields->email;
    if (!email)
        return 0;
    const char *flaw = email_flaw(email);
    if (flaw)
        return err_set(err, ERR_USAGE, "address \"%s\": %s", email, flaw);
    int rc = db_run(c->db, NULL, err, SQL_CONTACT_ADDRESS_PUT_FIRST, db_int(c->id),
                    db_text(email_normal(c->mem, email)), db_text(unicode_case_fold_email(c->mem, email)));
    return rc < 0 ? err_context(err, "address \"%s\"", email) : 0;
}

static int apply_phone(struct change *c, struct err *err)
{
    const char *typed = c->fields->phone;
    if (!typed)
        return 0;
    char e164[PHONE_E164_SIZE];
    const char *known = phone_e164(typed, c->fields->country, e164) ? e164 : NULL;
    int rc = db_run(c->db, NULL, err, SQL_CONTACT_PHONE_ADD, db_int(c->id), db_text(known), db_text(typed));
    return rc < 0 ? -1 : 0;
}

static int remove_phone(struct change *c, struct err *err)
{
    const char *typed = c->fields->unphone;
    char e164[PHONE_E164_SIZE];
    if (!typed)
        return 0;
    const char *known = phone_e164(typed, c->fields->country, e164) ? e164 : NULL;
    int n = db_run(c->db, NULL, err, SQL_CONTACT_PHONE_REMOVE, db_int(c->id), db_text(typed), db_text(known));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld has no phone %s", (long long)c->id, typed);
    return n < 0 ? -1 : 0;
}

static int remove_category(struct change *c, struct err *err)
{
    const char *category = c->fields->uncategory;
    if (!category)
        return 0;
    int n = db_run(c->db, NULL, err, SQL_CONTACT_CATEGORY_REMOVE, db_int(c->id), db_text(category));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld is of no category \"%s\"", (long long)c->id,
                       category);
    return n < 0 ? -1 : 0;
}

static int apply_category(struct change *c, struct err *err)
{
    if (!c->fields->category)
        return 0;
    int n = db_run(c->db, NULL, err, SQL_CONTACT_CATEGORY_ADD, db_int(c->id), db_text(c->fields->category));
    if (n == 0)
        return contact_category_check(c->db, c->fields->category, err);
    return n < 0 ? -1 : 0;
}

static int apply(struct change *c, struct err *err)
{
    int64_t organisation;
    if (apply_name(c, err) < 0 || organisation_id(c, &organisation, err) < 0 ||
        apply_facts(c, organisation, err) < 0 || apply_position(c, organisation, err) < 0 ||
        apply_form(c, err) < 0 || postal_change(c->db, c->id, &c->fields->postal, err) < 0 ||
        apply_address(c, err) < 0 || apply_phone(c, err) < 0 || remove_phone(c, err) < 0 ||
        apply_category(c, err) < 0 || remove_category(c, err) < 0 || apply_tags_and_note(c, err) < 0)
        return -1;
    return 0;
}

static int check_one_of(const char *what, const char *value, const char *const *words, struct err *err)
{
    if (!value)
        return 0;
    for (size_t i = 0; words[i]; i++)
        if (!strcmp(words[i], value))
            return 0;
    MEM_SCOPE(mem);
    struct text all = text_new(mem);
    for (size_t i = 0; words[i]; i++)
        text_printf(&all, "%s%s", i ? ", " : "", words[i]);
    return err_set(err, ERR_USAGE, "%s cannot be \"%s\"; it is one of %s", what, value, all.s);
}

/* Language tags with commas or blanks between; NULL is none and allowed. */
static int check_languages(const char *list, struct err *err)
{
    MEM_SCOPE(mem);
    for (const char *at = list; at && *at;) {
        at += strspn(at, ", ");
        size_t len = strcspn(at, ", ");
        const char *tag = talloc_strndup(mem, at, len);
        if (len && language_check(tag, err) < 0)
            return -1;
        at += len;
    }
    return 0;
}

static int check_fields(const struct contact_fields *f, struct err *err)
{
    if (check_one_of("kind", f->kind, (const char *[]){"person", "organisation", NULL}, err) < 0 ||
        check_one_of("state", f->state,
                     (const char *[]){"active", "left", "deceased", "dissolved", "archived", NULL},
                     err) < 0 ||
        check_one_of("gender", f->gender, (const char *[]){"m", "f", NULL}, err) < 0 ||
        check_languages(f->language, err) < 0 || check_languages(f->name_language, err) < 0)
        return -1;
    if ((f->name && !*f->name) || (f->organisation && !*f->organisation))
        return err_set(err, ERR_USAGE, "a name is not empty");
    if ((f->name && strlen(f->name) > CONTACT_MAX_NAME_BYTES) ||
        (f->organisation && strlen(f->organisation) > CONTACT_MAX_NAME_BYTES))
        return err_set(err, ERR_USAGE, "a name of more than %d bytes", CONTACT_MAX_NAME_BYTES);
    return 0;
}

/* What stands in one line of a letter or of its header is kept as one. */
static struct contact_fields in_one_line(void *mem, const struct contact_fields *fields)
{
    struct contact_fields f = *fields;
    const char **line[] = {&f.name, &f.organisation, &f.position, &f.salutation};
    for (size_t i = 0; i < ARRAY_LEN(line); i++)
        if (*line[i])
            *line[i] = unicode_squeeze(mem, *line[i]);
    return f;
}

/* The same person or organisation with the same address, added again. */
static int check_new(struct change *c, struct err *err)
{
    DB_ROWS rows = NULL;
    if (!c->fields->email)
        return 0;
    int n = db_run(c->db, &rows, err, SQL_CONTACT_FIND_SAME,
                   db_text(unicode_case_fold_email(c->mem, c->fields->email)),
                   db_text(unicode_fold(c->mem, bare_name(c))));
    if (n == 1)
        return err_set(err, ERR_CONFLICT, "%s with the address %s is there already: contact %lld",
                       c->fields->name, c->fields->email, (long long)db_get_int(rows, 0, "id"));
    return n < 0 ? -1 : 0;
}

static int make(struct change *c, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(c->db, &rows, err, SQL_CONTACT_ADD, db_text(c->fields->kind), db_int(c->department_id)) < 0)
        return -1;
    c->id = db_get_int(rows, 0, "id");
    return 0;
}

int contact_add(struct db *db, const struct contact_fields *fields, int64_t *id_r, struct err *err)
{
    DB_TX tx = {0};
    MEM_SCOPE(mem);
    struct department department;
    struct contact_fields f = in_one_line(mem, fields);
    if (!f.kind)
        f.kind = f.name ? "person" : "organisation";
    if (!f.name && !strcmp(f.kind, "organisation")) {
        f.name = f.organisation;
        f.organisation = NULL;
    }
    if (!f.name)
        return err_set(err, ERR_USAGE, "a contact has a name: --name is missing");
    struct change c = {.db = db, .mem = mem, .person = !strcmp(f.kind, "person"), .fields = &f};
    if (check_fields(&f, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        department_get_for(mem, db, RIGHT_write, f.department, &department, err) < 0 ||
        check_new(&c, err) < 0)
        return -1;
    c.department_id = department.id;
    if (make(&c, err) < 0 || apply(&c, err) < 0)
        return -1;
    *id_r = c.id;
    return db_commit(&tx, err);
}

/* Whoever was merged into another since the caller looked is that one. */
static int lock_contact(struct db *db, int64_t *id, struct db_rows **rows_r, struct err *err)
{
    for (;;) {
        if (rights_check_contact(db, RIGHT_write, *id, err) < 0 ||
            db_run(db, rows_r, err, SQL_CONTACT_DEPARTMENT_OF, db_int(*id)) < 0)
            return -1;
        if (db_is_null(*rows_r, 0, "merged_into"))
            return 0;
        *id = db_get_int(*rows_r, 0, "merged_into");
        db_rows_end(rows_r);
        *rows_r = NULL;
    }
}

int contact_edit(struct db *db, int64_t id, const struct contact_fields *fields, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct department department;
    const struct contact_fields f = in_one_line(mem, fields);
    struct change c = {.db = db, .mem = mem, .fields = &f};
    if (check_fields(&f, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        lock_contact(db, &id, &rows, err) < 0)
        return -1;
    c.id = id;
    c.department_id = db_get_int(rows, 0, "department_id");
    c.person = !strcmp(db_get_str(rows, 0, "kind"), "person");
    if (fields->department &&
        (department_get(mem, db, fields->department, &department, err) < 0 ||
         rights_check_keeper(db, RIGHT_share, id, err) < 0 ||
         db_run(db, NULL, err, SQL_CONTACT_SHARE, db_int(id), db_int(department.id)) < 0))
        return -1;
    if (apply(&c, err) < 0)
        return -1;
    return db_commit(&tx, err);
}
