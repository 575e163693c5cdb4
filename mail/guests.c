/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The guests of an event, as the letters about it know them.
 */
#include "mail/mailing_low.h"

#include "sql/mailing.h"

json_t *mailing_guest_before(const struct mailing_guest *guest, const json_t *event)
{
    json_t *before = json_object(), *was;
    const char *key;
    json_object_foreach(guest->was, key, was) if (!json_equal(was, json_object_get(event, key)))
        json_object_set(before, key, was);
    return before;
}

static int drop_was(struct mailing_guest *guest)
{
    for (size_t i = 0; i < talloc_array_length(guest); i++)
        json_decref(guest[i].was);
    return 0;
}

int mailing_guests(void *mem, struct db *db, const struct mailing_order *o, struct mailing_guest **guest_r,
                   struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, NULL, err, SQL_MAILING_LOCK_GUESTS, db_int(o->event_id)) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_MAILING_GUESTS, db_int(o->event_id), db_text(o->step),
                   db_text(o->answer), db_bool(o->again));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND,
                       "event %lld: there is nobody whom this letter should go to and who does not have it",
                       (long long)o->event_id);
    struct mailing_guest *guest = talloc_zero_array(mem, struct mailing_guest, (unsigned)n);
    talloc_set_destructor(guest, drop_was);
    for (int i = 0; i < n; i++)
        guest[i] = (struct mailing_guest){
            .contact_id = db_get_int(rows, i, "contact_id"),
            .post_id = db_get_int_or(rows, i, "post_id", 0),
            .address_id = db_get_int_or(rows, i, "address_id", 0),
            .was = json_loads(db_get_str(rows, i, "was"), 0, NULL),
        };
    *guest_r = guest;
    return 0;
}
