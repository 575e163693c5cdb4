/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/outbox_state.h"

#include "sql/outbox_state.h"

static const struct {
    const char *name;
    bool terminal, first;
} states[] = {
#define STATE(name, terminal, first) {#name, terminal, first},
#define MOVE(from, to, who)
#include "mail/outbox_state.def"
#undef STATE
#undef MOVE
};

static const struct {
    const char *from, *to, *who;
} moves[] = {
#define STATE(name, terminal, first)
#define MOVE(from, to, who) {#from, #to, who},
#include "mail/outbox_state.def"
#undef STATE
#undef MOVE
};

int outbox_state_sync(struct db *db, struct err *err)
{
    if (db_run(db, NULL, err, SQL_OUTBOX_STATE_FORGET_MOVES) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (db_run(db, NULL, err, SQL_OUTBOX_STATE_SET, db_text(states[i].name), db_bool(states[i].terminal),
                   db_bool(states[i].first)) < 0)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(moves); i++)
        if (db_run(db, NULL, err, SQL_OUTBOX_STATE_ADD_MOVE, db_text(moves[i].from), db_text(moves[i].to),
                   db_text(moves[i].who)) < 0)
            return -1;
    return db_run(db, NULL, err, SQL_OUTBOX_STATE_KNOW_MOVES) < 0 ? -1 : 0;
}
