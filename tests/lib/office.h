/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A small office for the tests of what comes in: a database of its own, keys, a mailing with recipients that
 * were written to, and mail that arrives.  What fails fails the test.
 *
 * A program that uses it begins its main() with office_child(argc, argv): the cage and the IMAP worker are
 * processes of the same program.
 */
#ifndef TESTS_LIB_OFFICE_H
#define TESTS_LIB_OFFICE_H

#include "mail/inbox_early.h"
#include "tests/lib/done.h"

struct office {
    void *mem;
    struct db *su;      /* superuser: sees and sets everything */
    struct inbox inbox; /* as adresar_fetch */
    char *dir;          /* configuration and keys */
    char *conninfo;
    int uid; /* of the last mail in the account "office" */
};

/* Ends the process where it is started as a cage or an IMAP worker. */
void office_child(int argc, char **argv);
/* Its account for IMAP is kabinet@klokot.example; `more`: further lines of that section, and further
 * sections. */
struct office *office_open(const char *database, const char *more);
void office_close(struct office *o);

/* The office `o` of a whole program: begin() and end() of the group. */
#define OFFICE_OF_GROUP(database, more)                                                                      \
    static struct office *o;                                                                                 \
    static int begin(void **state)                                                                           \
    {                                                                                                        \
        (void)state;                                                                                         \
        o = office_open(database, more);                                                                     \
        return 0;                                                                                            \
    }                                                                                                        \
    static int end(void **state)                                                                             \
    {                                                                                                        \
        (void)state;                                                                                         \
        office_close(o);                                                                                     \
        return 0;                                                                                            \
    }

/* SQL as superuser, past the guards; and the first cell of an answer, "" for null or no row (a child of
 * o->mem). */
void office_do(struct office *o, const char *fmt, ...) PRINTF(2, 3);
const char *office_ask(struct office *o, const char *fmt, ...) PRINTF(2, 3);

/* An event and its released mailing; their ids are the same. */
int64_t office_add_mailing(struct office *o);

struct office_letter { /* to a contact of its own */
    int64_t outbox, contact, address;
    const char *email, *message_id, *envelope, *envid;
};
struct office_letter office_write(struct office *o, int64_t mailing, const char *email, const char *state);
/* One more to the same contact. */
struct office_letter office_write_again(struct office *o, int64_t mailing, const struct office_letter *to,
                                        const char *state);

/* Mails (raw and len) come in together, as in `fetch`: those that can be are judged before they are stored.
 */
void office_arrive(struct office *o, struct message_new *m, size_t n, bool kin);
/* One comes in, and what has kin is judged in the store; its id. */
int64_t office_receive(struct office *o, const char *mail, size_t len);
int64_t office_receive_text(struct office *o, const char *fmt, ...) PRINTF(2, 3);
/* What its row says. */
const char *office_message(struct office *o, int64_t id, const char *column);

/* A mail system's report of one recipient; what is NULL does not stand in it, `action` is "failed", `to` the
 * office. */
struct office_report {
    const char *to, *envid, *returned, *final, *original, *status, *text, *action;
};
int64_t office_report(struct office *o, const struct office_report *r);

#endif
