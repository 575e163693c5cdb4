/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The guests of an event, as the letters about it know them; and those whom a mailing did not reach.
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

/* All those mailings go back to the first one. */
int mailing_missing(void *mem, struct db *db, struct mailing_order *o, struct err *err)
{
    DB_ROWS rows = NULL;
    long long id = o->missing_of;
    int n = db_run(db, &rows, err, SQL_MAILING_MISSING_ORDER, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : err_set(err, ERR_NOTFOUND, "there is no mailing %lld", id);
    if (!db_get_bool(rows, 0, "released"))
        return err_set(err, ERR_CONFLICT, "mailing %lld is not released", id);
    if (strcmp(db_get_str(rows, 0, "step"), "invite"))
        return err_set(
            err, ERR_USAGE,
            "mailing %lld went to an event's guests: the option that it was made by finds them again", id);
    const struct {
        const char **to, *column;
    } words[] = {{&o->kind, "kind"}, {&o->name, "name"}, {&o->list, "list"}, {&o->department, "department"}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!*words[i].to && !db_is_null(rows, 0, words[i].column))
            *words[i].to = talloc_strdup(mem, db_get_str(rows, 0, words[i].column));
    o->event_id = db_get_int_or(rows, 0, "event_id", 0);
    o->missing_of = db_get_int(rows, 0, "root");
    return 0;
}

int mailing_missed(void *mem, struct db *db, const struct mailing_order *o, struct mailing_guest **missed_r,
                   struct err *err)
{
    DB_ROWS rows = NULL;
    if (mailing_check(db, RIGHT_see, o->missing_of, err) < 0 ||
        db_run(db, NULL, err, SQL_MAILING_LOCK_MISSING, db_int(o->missing_of)) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_MAILING_MISSING, db_int(o->missing_of));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "mailing %lld: there is nobody whom it did not reach, or will not",
                       (long long)o->missing_of);
    struct mailing_guest *missed = talloc_zero_array(mem, struct mailing_guest, (unsigned)n);
    for (int i = 0; i < n; i++) {
        int64_t post = db_get_int_or(rows, i, "post_id", 0);
        missed[i].contact_id = db_get_int_or(rows, i, post ? "holder_id" : "contact_id", 0);
        missed[i].post_id = post;
    }
    *missed_r = missed;
    return 0;
}
