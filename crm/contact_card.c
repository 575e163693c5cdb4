/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The statement gives the facts as JSON, contacts by the hundred; here they become properties.
 */
#include "crm/contact_card.h"

#include "base/unicode.h"
#include "crm/personname.h"
#include "crm/postal.h"
#include "sql/contact_card.h"

enum { BATCH = 500 };
#define PRODUCT "-//Adresar//Adresar//EN"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static const char *copy(void *mem, const char *s)
{
    return s ? talloc_strdup(mem, s) : NULL;
}

static bool is_private(const json_t *object)
{
    return json_is_true(json_object_get(object, "private"));
}

/* ---- names */

/* A name of one word, or with words that are no names, is not cut: only FN says it then. */
static bool cut_name(void *mem, const char *name, struct vcard_item *item)
{
    struct personname cut = personname_of(mem, name);
    size_t given = strlen(cut.given), family = strlen(cut.family), suffix = strlen(cut.suffix);
    size_t whole = strlen(cut.name) - suffix - (suffix > 0);
    if (!given || !family || given + family >= whole || name[strcspn(name, ",;/()0123456789")])
        return false;
    if (strncmp(cut.name, cut.given, given) || strncmp(cut.name + whole - family, cut.family, family))
        return false;
    const char *more = unicode_squeeze(mem, talloc_strndup(mem, cut.name + given, whole - given - family));
    item->part[0] = cut.family;
    item->part[1] = cut.given;
    item->part[2] = more;
    item->part[3] = cut.title;
    item->part[4] = cut.suffix;
    item->parts = VCARD_N_PARTS;
    item->sort_as =
        talloc_asprintf(mem, "%s,%s", unicode_fold(mem, cut.family), unicode_fold(mem, cut.given));
    return true;
}

static struct vcard_item named(void *mem, const json_t *name, bool several)
{
    const char *language = text_of(name, "language"), *text = text_of(name, "name");
    return (struct vcard_item){.part = {unicode_squeeze(mem, text ? text : "")},
                               .parts = 1,
                               .language = language ? talloc_strdup(mem, language) : NULL,
                               .altid = several ? "1" : NULL};
}

static void add_names(void *mem, struct vcard *card, const json_t *facts)
{
    const json_t *names = json_object_get(facts, "names");
    bool person = !strcmp(text_of(facts, "kind"), "person");
    const char *title = copy(mem, text_of(facts, "title"));
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct vcard_item item = named(mem, json_array_get(names, i), json_array_size(names) > 1);
        vcard_add(mem, card, VCARD_FN, &item);
        if (!person || !cut_name(mem, item.part[0], &item))
            continue;
        if (title && !*item.part[3])
            item.part[3] = title;
        vcard_add(mem, card, VCARD_N, &item);
    }
    const char *fn = vcard_first(card, VCARD_FN);
    card->fn = fn ? fn : "";
}

/* ---- organisations and posts */

static void add_organisation(void *mem, struct vcard *card, const json_t *organisation, const char *group)
{
    const json_t *names = json_object_get(organisation, "names");
    bool several = json_array_size(names) > 1;
    const char *altid =
        several
            ? talloc_asprintf(mem, "%lld", (long long)json_integer_value(json_object_get(organisation, "id")))
            : NULL;
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct vcard_item item = named(mem, json_array_get(names, i), several);
        item.altid = altid;
        item.group = group;
        vcard_add(mem, card, VCARD_ORG, &item);
    }
}

static void add_posts(void *mem, struct vcard *card, const json_t *facts, json_int_t organisation,
                      const char *group)
{
    size_t i;
    json_t *post;
    bool own = organisation == json_integer_value(json_object_get(facts, "organisation"));
    json_array_foreach(json_object_get(facts, "posts"), i, post)
    {
        if (json_integer_value(json_object_get(post, "organisation")) != organisation)
            continue;
        struct vcard_item item = named(mem, post, false);
        item.group = group;
        vcard_add(mem, card, own ? VCARD_TITLE : VCARD_ROLE, &item);
    }
}

/* Where there are several organisations, a group ties each to its posts. */
static void add_work(void *mem, struct vcard *card, const json_t *facts)
{
    const json_t *organisations = json_object_get(facts, "organisations");
    size_t n = json_array_size(organisations);
    for (size_t i = 0; i < n; i++) {
        const json_t *organisation = json_array_get(organisations, i);
        const char *group = n > 1 ? talloc_asprintf(mem, "org%zu", i + 1) : NULL;
        add_organisation(mem, card, organisation, group);
        add_posts(mem, card, facts, json_integer_value(json_object_get(organisation, "id")), group);
    }
}

/* ---- how to reach it */

static void add_addresses(void *mem, struct vcard *card, const json_t *facts)
{
    size_t i, n = json_array_size(json_object_get(facts, "addresses"));
    json_t *address;
    json_array_foreach(json_object_get(facts, "addresses"), i, address)
        vcard_add(mem, card, VCARD_EMAIL,
                  &(struct vcard_item){.part = {talloc_strdup(mem, text_of(address, "email"))},
                                       .parts = 1,
                                       .types = is_private(address) ? "home" : NULL,
                                       .pref = n > 1 && i < 100 ? (int)i + 1 : 0});
    json_array_foreach(json_object_get(facts, "phones"), i, address)
        vcard_add(mem, card, VCARD_TEL,
                  &(struct vcard_item){.part = {talloc_strdup(mem, text_of(address, "number"))},
                                       .parts = 1,
                                       .types = is_private(address) ? "home" : NULL});
}

/* LABEL has the lines of an envelope. */
static void add_postal(void *mem, struct vcard *card, const json_t *facts)
{
    size_t i;
    json_t *postal;
    json_array_foreach(json_object_get(facts, "postal"), i, postal)
    {
        struct postal_address a = {.lines = text_of(postal, "lines"),
                                   .city = text_of(postal, "city"),
                                   .country = text_of(postal, "country")};
        struct text label = text_new(mem);
        for (const char **line = postal_lines(mem, &a, NULL, NULL); *line; line++)
            text_printf(&label, "%s%s", label.len ? "\n" : "", *line);
        vcard_add(mem, card, VCARD_ADR,
                  &(struct vcard_item){.part = {NULL, NULL, copy(mem, a.lines), copy(mem, a.city), NULL, NULL,
                                                copy(mem, a.country)},
                                       .types = is_private(postal) ? "home" : NULL,
                                       .label = label.s});
    }
}

static void add_texts(void *mem, struct vcard *card, enum vcard_property property, const json_t *list,
                      bool ranked)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        vcard_add(
            mem, card, property,
            &(struct vcard_item){.part = {talloc_strdup(mem, json_string_value(json_array_get(list, i)))},
                                 .parts = 1,
                                 .pref = ranked && i < 100 ? (int)i + 1 : 0});
}

static struct vcard *make_card(void *mem, const json_t *facts)
{
    struct vcard *card = talloc_zero(mem, struct vcard);
    const char *gender = text_of(facts, "gender");
    bool person = !strcmp(text_of(facts, "kind"), "person");
    card->version = 40;
    vcard_add_text(card, card, VCARD_KIND, person ? "individual" : "org");
    vcard_add_text(card, card, VCARD_UID, talloc_asprintf(card, "urn:uuid:%s", text_of(facts, "uid")));
    add_names(card, card, facts);
    if (gender)
        vcard_add_text(card, card, VCARD_GENDER, *gender == 'm' ? "M" : "F");
    add_work(card, card, facts);
    add_addresses(card, card, facts);
    add_postal(card, card, facts);
    add_texts(card, card, VCARD_LANG, json_object_get(facts, "languages"), true);
    add_texts(card, card, VCARD_CATEGORY, json_object_get(facts, "categories"), false);
    add_texts(card, card, VCARD_CATEGORY, json_object_get(facts, "tags"), false);
    add_texts(card, card, VCARD_TAG, json_object_get(facts, "tags"), false);
    add_texts(card, card, VCARD_NOTE, json_object_get(facts, "notes"), false);
    vcard_add_text(card, card, VCARD_PRODID, PRODUCT);
    vcard_add_text(card, card, VCARD_REV, talloc_strdup(card, text_of(facts, "revised")));
    return card;
}

/* ---- from the store */

static struct vcard *card_of_row(void *mem, const struct db_rows *rows, int row)
{
    json_t *facts = json_loads(db_get_str(rows, row, "facts"), 0, NULL);
    must(json_is_object(facts));
    struct vcard *card = make_card(mem, facts);
    json_decref(facts);
    return card;
}

int contact_card(void *mem, struct db *db, int64_t id, struct vcard **card_r, struct err *err)
{
    MEM_SCOPE(scratch);
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_CONTACT_CARD_FACTS, db_ints(scratch, &id, 1));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)id);
    *card_r = card_of_row(mem, rows, 0);
    return 0;
}

static int give_batch(struct db *db, struct db_arg ids, vcard_fn *fn, void *context, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_CONTACT_CARD_FACTS, ids);
    for (int i = 0; i < n; i++) {
        MEM_SCOPE(mem);
        if (fn(context, card_of_row(mem, rows, i), err) < 0)
            return -1;
    }
    return n < 0 ? -1 : 0;
}

int contact_cards_each(struct db *db, const int64_t *ids, size_t n, vcard_fn *fn, void *context,
                       struct err *err)
{
    for (size_t at = 0; at < n; at += BATCH) {
        MEM_SCOPE(mem);
        size_t batch = n - at < BATCH ? n - at : BATCH;
        if (give_batch(db, db_ints(mem, ids + at, batch), fn, context, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- groups */

static int give_group(const char *name, const char *uid, const char *members, vcard_fn *fn, void *context,
                      struct err *err)
{
    MEM_SCOPE(mem);
    struct vcard card = {.version = 40, .fn = name};
    vcard_add_text(mem, &card, VCARD_KIND, "group");
    vcard_add_text(mem, &card, VCARD_UID, talloc_asprintf(mem, "urn:uuid:%s", uid));
    vcard_add_text(mem, &card, VCARD_FN, name);
    for (const char *s = members; *s;) {
        size_t len = strcspn(s, " ");
        vcard_add_text(mem, &card, VCARD_MEMBER, talloc_asprintf(mem, "urn:uuid:%.*s", (int)len, s));
        s += len + (s[len] == ' ');
    }
    vcard_add_text(mem, &card, VCARD_PRODID, PRODUCT);
    return fn(context, &card, err);
}

int contact_groups_each(struct db *db, const char *name, const int64_t *ids, size_t n, vcard_fn *fn,
                        void *context, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS all = NULL;
    DB_ROWS rows = NULL;
    struct db_arg list = db_ints(mem, ids, n);
    if (name && *name &&
        (db_run(db, &all, err, SQL_CONTACT_CARD_GROUP, list, db_text(name)) < 0 ||
         give_group(name, db_get_str(all, 0, "uid"), db_get_str(all, 0, "members"), fn, context, err) < 0))
        return -1;
    int groups = db_run(db, &rows, err, SQL_CONTACT_CARD_MEMBERS, list, list);
    for (int i = 0; i < groups; i++)
        if (give_group(db_get_str(rows, i, "name"), db_get_str(rows, i, "group_uid"),
                       db_get_str(rows, i, "members"), fn, context, err) < 0)
            return -1;
    return groups < 0 ? -1 : 0;
}
