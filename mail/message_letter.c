/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A letter of the outbox is kept without an identity until something comes in that bears its Message-ID: most
 * letters never see a copy of themselves again, in a journal or a Sent folder, and what they are stands in
 * their bytes. Since a letter is committed before its content leaves us, no copy is older than its row.
 */
#include <ctype.h>
#include <string.h>

#include "mail/message_low.h"
#include "sql/message.h"

/* As mail/token.h makes them; whose it is, the store knows. */
static bool may_be_a_letter(const char *id)
{
    return id && id[0] == '<' && tolower((unsigned char)id[1]) == 'o' && isdigit((unsigned char)id[2]);
}

int message_know_letter(struct db *db, const char *rfc_message_id, const unsigned char identity[DIGEST_BYTES],
                        struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    unsigned char own[DIGEST_BYTES];
    char *raw;
    size_t len;
    if (!may_be_a_letter(rfc_message_id))
        return 0;
    int found = db_run(db, &rows, err, SQL_MESSAGE_FIND_LETTER, db_text(rfc_message_id));
    if (found <= 0)
        return found;
    int64_t id = db_get_int(rows, 0, "id");
    if (message_load(mem, db, id, &raw, &len, err) < 0)
        return -1;
    if (len) /* else its bytes were erased, and do not come back with the first that bears its id */
        message_identity(raw, len, own);
    const void *its = len ? own : identity;
    return db_run(db, NULL, err, SQL_MESSAGE_KNOW_LETTER, db_int(id), db_bytes(its, DIGEST_BYTES)) < 0 ? -1
                                                                                                       : 0;
}
