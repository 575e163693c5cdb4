/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/sent.h"

#include "mail/inbox_low.h"
#include "mail/message.h"
#include "sql/fetch.h"
#include "sql/inbox.h"

int sent_store(struct inbox *inbox, const struct letter *l, const struct imap_message *m, int64_t *id_r,
               struct err *err)
{
    MEM_SCOPE(mem);
    struct judgement j = {.mem = mem, .inbox = inbox, .letter = *l};
    struct message_meta meta = {
        .date = l->date, .from_address = l->from, .from_name = l->from_name, .subject = l->subject};
    int added = m->spool ? message_store_spool(inbox->db, MESSAGE_OUT, m->spool, &meta, id_r, err)
                         : message_store(inbox->db, MESSAGE_OUT, m->bytes, m->size, &meta, id_r, err);
    if (added < 0)
        return -1;
    inbox_thread_people(&j);
    struct db_arg id = db_int(*id_r), people = db_texts(mem, j.people.item, j.people.n);
    int filed = db_run(inbox->db, NULL, err, SQL_FETCH_FILE_SENT, id, people, db_text(l->text));
    if (filed < 0 || (filed && db_run(inbox->db, NULL, err, SQL_INBOX_ADD_CONTACTS, id, people) < 0) ||
        db_run(inbox->db, NULL, err, SQL_FETCH_MARK_ANSWERED, id) < 0)
        return -1;
    return added;
}
