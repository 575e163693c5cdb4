/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/dossier.h"

#include "crm/address.h"
#include "crm/audit.h"
#include "crm/consent.h"
#include "crm/contact.h"
#include "crm/rights.h"
#include "mail/message.h"
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

static int add_messages(struct db *db, const json_t *dossier, struct archive *archive, int *n_r,
                        struct err *err)
{
    size_t i;
    json_t *message;
    json_array_foreach(json_object_get(dossier, "messages"), i, message)
    {
        MEM_SCOPE(mem);
        char *raw;
        size_t len;
        const char *file = json_string_value(json_object_get(message, "file"));
        if (!file)
            continue;
        if (message_load(mem, db, json_integer_value(json_object_get(message, "id")), &raw, &len, err) < 0 ||
            archive_add(archive, file, raw, len, err) < 0)
            return -1;
        ++*n_r;
    }
    return 0;
}

int dossier_write(struct db *db, int64_t contact, const char *path, dossier_more_fn *more,
                  const void *context, int *messages_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct archive *archive;
    json_t *dossier;
    *messages_r = 0;
    if (rights_check_contact(db, RIGHT_export, contact, err) < 0 || db_begin(&tx, db, DB_READ, err) < 0 ||
        dossier_read(db, contact, &dossier, err) < 0)
        return -1;
    char *json = json_dumps(dossier, JSON_INDENT(2) | JSON_SORT_KEYS);
    int rc = archive_new(mem, path, &archive, err);
    if (rc == 0)
        rc = archive_add(archive, "dossier.json", json, strlen(json), err);
    if (rc == 0)
        rc = add_messages(db, dossier, archive, messages_r, err);
    free(json);
    json_decref(dossier);
    if (rc == 0 && more)
        rc = more(context, db, contact, archive, err);
    if (rc < 0 || archive_commit(archive, err) < 0 || db_commit(&tx, err) < 0)
        return -1;
    char *object = talloc_asprintf(mem, "file of contact %lld", (long long)contact);
    return audit_export(db, object, 1, path, err);
}
