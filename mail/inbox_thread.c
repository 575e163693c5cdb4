/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What belongs together.  The rules are sql/migrate/030_thread.sql; here a message comes to them.
 *
 * It takes part only when it is believed: not as a second message under a known Message-ID, be it our own,
 * not when our own mail server denies its sender, not as a report of a machine, and not when the UID of an
 * event, which all guests know, is all that it shows.  So nobody takes part in a thread by what they wrote
 * themselves.
 */
#include <strings.h>

#include "base/db_send.h"
#include "base/unicode.h"
#include "mail/inbox_low.h"
#include "mail/thread_number.h"
#include "sql/inbox.h"

enum { PEOPLE_MAX = 200, SENT_BATCH = 50 };

static void add_person(struct judgement *j, const char *address)
{
    if (!address || !strchr(address, '@') || j->people.n == PEOPLE_MAX ||
        inbox_is_own(j->inbox->conf, address))
        return;
    j->people.item = talloc_realloc(j->mem, j->people.item, const char *, j->people.n + 1);
    j->people.item[j->people.n++] = unicode_lower(j->mem, address);
}

void inbox_thread_people(struct judgement *j)
{
    add_person(j, j->letter.from);
    for (size_t i = 0; i < j->letter.to.n; i++)
        add_person(j, j->letter.to.item[i]);
}

/* ---- */

/* What its kin must know of it. */
static int send_place(struct judgement *j, struct err *err)
{
    const struct inbox_match *m = &j->match;
    return db_send(j->inbox->db, NULL, err, SQL_INBOX_PLACE, db_int(j->id), db_text(j->letter.from),
                   db_texts(j->mem, j->people.item, j->people.n), db_bool(j->believed),
                   db_int_or_null(m->contact_id), db_int_or_null(m->thread_id), db_text(j->class));
}

static int place(struct judgement *j, struct err *err)
{
    return send_place(j, err) < 0 ? -1 : db_settle(j->inbox->db, err);
}

static int gather(struct judgement *j, const int64_t *seed, size_t n, struct err *err)
{
    DB_ROWS rows = NULL;
    struct db *db = j->inbox->db;
    if (send_place(j, err) < 0 || db_send(db, &rows, err, SQL_INBOX_GATHER, db_ints(j->mem, seed, n)) < 0 ||
        db_settle(db, err) < 0)
        return -1;
    if (db_get_int(rows, 0, "again"))
        j->inbox->again = true;
    return 0;
}

static int thread_now(struct judgement *j, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_THREAD_OF, db_int(j->id));
    j->match.thread_id = rc > 0 ? db_get_int(rows, 0, "thread_id") : 0;
    return rc < 0 ? -1 : 0;
}

/* In a thread of ours it is about what that is about. */
static int take_thread(struct judgement *j, const char *by, struct err *err)
{
    DB_ROWS rows = NULL;
    struct inbox_match *m = &j->match;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_STANDS, db_int(j->id));
    if (rc <= 0)
        return rc;
    int64_t thread = db_get_int(rows, 0, "thread_id"), outbox = db_get_int_or(rows, 0, "outbox_id", 0);
    if (outbox && inbox_match_row(j->mem, j->inbox, outbox, m, err) < 0)
        return -1;
    m->thread_id = thread;
    m->by = by;
    m->from_other_address = outbox && j->letter.from && strcasecmp(j->letter.from, m->email) != 0 &&
                            !(m->nsenders == 1 && m->senders[0] == m->contact_id);
    if (m->nsenders == 1) /* a third party in the thread writes for itself */
        m->contact_id = m->senders[0];
    return 1;
}

/* The register's number in the subject: from who takes part in the thread that has it. */
static int find_number(struct judgement *j, const struct letter_list *keys, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_NUMBER, db_int(j->id),
                    db_texts(j->mem, keys->item, keys->n));
    if (rc <= 0 || !db_get_bool(rows, 0, "admits"))
        return rc < 0 ? -1 : 0;
    j->match.thread_id = db_get_int(rows, 0, "id");
    return gather(j, &j->id, 1, err) < 0 ? -1 : take_thread(j, "number", err);
}

int inbox_thread_kept(struct judgement *j, struct err *err)
{
    struct inbox_match *m = &j->match;
    struct letter_list keys = thread_numbers(j->mem, j->letter.subject);
    bool kin = j->look.related || j->look.placed_thread;
    if (!j->believed || !j->letter.from || (!kin && !keys.n))
        return 0;
    m->thread_id = j->look.placed_thread;
    m->contact_id = m->nsenders == 1 ? m->senders[0] : 0;
    if (kin ? gather(j, &j->id, 1, err) < 0 : place(j, err) < 0)
        return -1;
    int rc = kin ? take_thread(j, "references", err) : 0;
    if (rc == 0 && keys.n)
        rc = find_number(j, &keys, err);
    return rc ? rc : thread_now(j, err); /* with others that are as lost as it is */
}

int inbox_thread_matched(struct judgement *j, struct err *err)
{
    struct inbox_match *m = &j->match;
    const int64_t seed[] = {j->id, m->sent_message_id};
    if (m->keyed && j->look.near_thread)
        m->thread_id = j->look.near_thread;
    if (j->look.placed_thread)
        m->thread_id = j->look.placed_thread;
    if (inbox_match_thread(j->inbox, m, j->letter.subject, err) < 0)
        return -1;
    if (!j->believed || !strcmp(m->by, "references") || !strcmp(m->by, "number"))
        return 0;
    return gather(j, seed, m->sent_message_id ? 2 : 1, err) < 0 ? -1 : thread_now(j, err);
}

/* ---- what we sent */

static int gather_sent(struct inbox *inbox, const struct db_rows *sent, int n, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    int64_t id[SENT_BATCH];
    for (int i = 0; i < n; i++)
        id[i] = db_get_int(sent, i, "id");
    struct db_arg ids = db_ints(mem, id, (size_t)n);
    if (db_begin(&tx, inbox->db, DB_WRITE, err) < 0 ||
        db_run(inbox->db, NULL, err, SQL_INBOX_LOCK, ids) < 0 ||
        db_run(inbox->db, &rows, err, SQL_INBOX_GATHER, ids) < 0 ||
        db_run(inbox->db, NULL, err, SQL_INBOX_SENT_DONE, ids) < 0)
        return -1;
    return db_commit(&tx, err);
}

int inbox_thread_sent(struct inbox *inbox, struct err *err)
{
    int n;
    do {
        DB_ROWS rows = NULL;
        n = db_run(inbox->db, &rows, err, SQL_INBOX_SENT_NEW, db_int(SENT_BATCH));
        if (n > 0 && gather_sent(inbox, rows, n, err) < 0)
            return -1;
    } while (n == SENT_BATCH);
    return n < 0 ? -1 : 0;
}
