/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/dossier.h"

#include "base/json_text.h"
#include "crm/address.h"
#include "crm/audit.h"
#include "crm/consent.h"
#include "crm/contact.h"
#include "crm/rights.h"
#include "mail/document.h"
#include "mail/message.h"
#include "mail/wire/facts_cage.h"
#include "sql/dossier.h"

/* What the parts of the house know, each under its name. */
static int collect(struct db *db, int64_t contact, json_t *dossier, struct err *err)
{
    static const struct {
        const char *name;
        int (*read)(struct db *db, int64_t contact, json_t **part_r, struct err *err);
    } parts[] = {{"contact", contact_view},
                 {"addresses", address_list},
                 {"history", contact_history},
                 {"consent", consent_show}};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        json_t *part;
        if (parts[i].read(db, contact, &part, err) < 0)
            return -1;
        json_object_set_new(dossier, parts[i].name, part);
    }
    return 0;
}

int dossier_read(struct db *db, int64_t contact, json_t **dossier_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_DOSSIER_READ, db_int(contact)) < 0)
        return -1;
    json_t *dossier = json_loads(db_get_str(rows, 0, "dossier"), 0, NULL);
    must(dossier);
    if (collect(db, contact, dossier, err) < 0) {
        json_decref(dossier);
        return -1;
    }
    *dossier_r = dossier;
    return 0;
}

/* ---- the messages and their files */

struct filing {
    struct cage *cage;
    struct archive *archive;
    struct dossier_sums *sums;
    json_t *message; /* of the dossier */
    const char *raw;
    size_t len;
};

static json_t *list_of(json_t *object, const char *key)
{
    if (!json_object_get(object, key))
        json_object_set_new(object, key, json_array());
    return json_object_get(object, key);
}

static bool holds(const json_t *list, const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (!strcmp(json_string_value(item), text)) return true;
    return false;
}

static int add_document(void *context, json_t *part, struct err *err)
{
    MEM_SCOPE(mem);
    struct filing *f = context;
    char *bytes, *name;
    size_t len;
    int nth = 0;
    long long id = json_integer_value(json_object_get(f->message, "id"));
    if (json_text_or_null(part, "danger")) {
        json_array_append_new(list_of(f->message, "dangerous"), json_string(document_name(mem, part, 1)));
        return 0;
    }
    json_t *documents = list_of(f->message, "documents");
    do
        name = talloc_asprintf(mem, "documents/%lld/%s", id, document_name(mem, part, ++nth));
    while (holds(documents, name));
    if (cage_part(f->cage, mem, f->raw, f->len, json_text(part, "path"), &bytes, &len, err) < 0 ||
        archive_add(f->archive, name, bytes, len, err) < 0)
        return -1;
    json_array_append_new(documents, json_string(name));
    f->sums->documents++;
    return 0;
}

/* A mail that cannot be parsed is there as it was. */
static int add_documents(struct filing *f, struct err *err)
{
    json_t *facts;
    struct err why;
    if (cage_facts(f->cage, f->raw, f->len, &facts, &why) < 0) {
        json_object_set_new(f->message, "unread", json_string(why.text));
        return 0;
    }
    int rc = document_each(facts, add_document, f, err);
    json_decref(facts);
    return rc;
}

static int add_messages(struct db *db, const json_t *dossier, struct archive *archive,
                        struct dossier_sums *sums, struct err *err)
{
    MEM_SCOPE(outer);
    struct filing f = {.archive = archive, .sums = sums};
    size_t i;
    if (cage_open(outer, &f.cage, err) < 0)
        return -1;
    json_array_foreach(json_object_get(dossier, "messages"), i, f.message)
    {
        MEM_SCOPE(mem);
        char *raw;
        const char *file = json_text_or_null(f.message, "file");
        if (!file)
            continue;
        if (message_load(mem, db, json_integer_value(json_object_get(f.message, "id")), &raw, &f.len, err) <
                0 ||
            archive_add(archive, file, raw, f.len, err) < 0)
            return -1;
        f.raw = raw;
        sums->messages++;
        if (add_documents(&f, err) < 0)
            return -1;
    }
    return 0;
}

static int fill(struct db *db, json_t *dossier, struct archive *archive, struct dossier_sums *sums,
                struct err *err)
{
    if (add_messages(db, dossier, archive, sums, err) < 0)
        return -1;
    sums->meetings = (int)json_array_size(json_object_get(dossier, "meetings"));
    char *json = json_dumps(dossier, JSON_INDENT(2) | JSON_SORT_KEYS);
    int rc = archive_add(archive, "dossier.json", json, strlen(json), err);
    free(json);
    return rc;
}

int dossier_write(struct db *db, int64_t contact, const char *path, dossier_more_fn *more,
                  const void *context, struct dossier_sums *sums_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct archive *archive;
    json_t *dossier;
    *sums_r = (struct dossier_sums){0};
    if (rights_check_contact(db, RIGHT_export, contact, err) < 0 || db_begin(&tx, db, DB_READ, err) < 0 ||
        dossier_read(db, contact, &dossier, err) < 0)
        return -1;
    int rc = archive_new(mem, path, &archive, err);
    if (rc == 0)
        rc = fill(db, dossier, archive, sums_r, err);
    json_decref(dossier);
    if (rc == 0 && more)
        rc = more(context, db, contact, archive, err);
    if (rc < 0 || archive_commit(archive, err) < 0 || db_commit(&tx, err) < 0)
        return -1;
    char *object = talloc_asprintf(mem, "file of contact %lld", (long long)contact);
    return audit_export(db, object, 1, path, err);
}
