/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The guests of an event, as the letters about it know them.
 */
#include "mail/mailing_low.h"

#include "sql/mailing.h"

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
    for (int i = 0; i < n; i++)
        guest[i] = (struct mailing_guest){
            .contact_id = db_get_int(rows, i, "contact_id"),
            .post_id = db_get_int_or(rows, i, "post_id", 0),
            .address_id = db_get_int_or(rows, i, "address_id", 0),
            .said = talloc_strdup(guest, db_get_str(rows, i, "said")),
        };
    *guest_r = guest;
    return 0;
}
