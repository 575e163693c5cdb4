/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A segment is answered by indexes: its question is asked of ten thousand contacts as the measurements have
 * them (bench/contacts, bench/segment.sql), and no table that grows is read from its begin to its end
 * meanwhile.  Which tables and indexes a statement used, PostgreSQL counts for the transaction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "crm/segment.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *clerk;

static void shell(const char *command)
{
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while (fgetc(f) != EOF)
        ;
    if (pclose(f) != 0)
        fail_msg("%s", command);
}

static int begin(void **state)
{
    (void)state;
    t = testdb_open("segment_index");
    clerk = testdb_user(t, "vesna", "clerk", "mayor");
    const char *dir = talloc_asprintf(t->mem, "%s/segment_index", getenv("ADRESAR_TEST_DIR"));
    shell(talloc_asprintf(
        t->mem,
        "mkdir -p '%1$s' && \"$(dirname \"$ADRESAR_BIN\")/bench/contacts\" 10000 '%1$s' && "
        "psql -X -q -v ON_ERROR_STOP=1 -d '%2$s user=postgres' -f '%1$s/load.sql' -f bench/segment.sql",
        dir, t->conninfo));
    testdb_do(t, "set session_replication_role = replica");
    testdb_do(
        t, "insert into mailing (name, kind, event_id, department_id, account, state, released_by,"
           " released_at, finished_at) select n, k, e, 1, 'office', 'finished', 'other', now(), now()"
           " from (values ('Invitations', 'invitation', 1), ('Newsletter 7', 'notice', null)) m (n, k, e)");
    testdb_do(t, "insert into outbox (mailing_id, contact_id, channel, email, name, language, view, state)"
                 " select m.id, c.id, 'paper', '', 'x', 'en', '{}', 'printed' from contact c"
                 " join mailing m on c.id %% 3 = m.id %% 3");
    testdb_do(t, "insert into message_recipient (message_id, contact_id)"
                 " select m.id, c.id from message m join contact c on c.id %% 1000 = m.id %% 1000");
    testdb_do(t, "insert into event (id, uid, department_id, starts_at, ends_at) overriding system value"
                 " values (2, 'other@klokot.example', 1, now(), now() + interval '2 hours')");
    testdb_do(t, "insert into answer (event_id, contact_id, answer, state, by, decided_by, evidence)"
                 " select 2, id, 'declined', 'confirmed', 'person', 'x', '[]' from contact");
    testdb_do(t, "analyze");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(clerk);
    testdb_close(t);
    return 0;
}

static const struct {
    const char *question, *index; /* that must have been asked */
} table[] = {
    {"category:donor language:sr country:DE,AT", "contact_facts_words"},
    {"category:ngo -state:bounced has:phone", "contact_facts_words"},
    {"(tag:vip or category:donor) language:en", "contact_facts_words"},
    {"name:petrov tag:vip", "search_card_words"},
    {"near-name:petrovich", "search_word_near_idx"},
    {"near-name:petrovich tag:vip", "search_card_words"},
    {"id:17,18", "contact_facts_pkey"},
    {"address:@nobody.example tag:vip", "address_reversed"},
    {"address:nobody@nobody.example", "address_email_key_idx"},
    {"address:@nobody.example", "address_reversed"},
    {"answered:\"Donor conference 2026\"=yes tag:vip", "answer_event_id_contact_id_idx"},
    {"invited:\"Donor conference 2026\" tag:vip country:DE", "outbox_contact_id_mailing_id_key"},
    {"received:\"Newsletter 7\"=printed tag:vip country:DE", "outbox_contact_id_mailing_id_key"},
    {"last-contact<2026-01-01 tag:vip category:donor", "message_contact"},
    {"created>=2999", "contact_created_idx"},
};

/* What grows and was read whole in this transaction (what is small is read so because it is small), and what
 * is said of the index when it was not asked. */
static const char seen[] =
    "select concat_ws(' ', (select string_agg(relname, ' ' order by relname) from pg_stat_xact_user_tables "
    "where seq_scan > 0"
    " and relname in ('contact', 'contact_name', 'contact_facts', 'contact_category', 'address', 'phone',"
    " 'postal_address', 'search_card', 'search_word', 'message', 'message_recipient', 'outbox', 'answer')),"
    " case when pg_stat_get_xact_numscans(to_regclass($1)) > 0 then null else 'without ' || $1 end)";

static int nothing(void *context, struct db_rows *rows, struct err *err)
{
    (void)context, (void)rows, (void)err;
    return 0;
}

/* Counts, or shows the first page; says what was seen. */
static const char *ask(size_t i, bool page)
{
    static const struct db_stmt stmt = {"seen", seen, DB_ROWS_one, 1, false};
    const struct segment_page first = {.limit = 50};
    struct err err;
    struct segment *s;
    struct segment_spot spot;
    int64_t n;
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    if (db_begin(&tx, clerk, DB_READ, &err) < 0 ||
        segment_open(t->mem, clerk, table[i].question, &s, &spot, &err) < 0 ||
        (page ? segment_each(clerk, s, &first, nothing, NULL, &err) : segment_count(clerk, s, &n, &err)) <
            0 ||
        db_run_args(clerk, &rows, &err, &stmt, DB_ARGS(db_text(table[i].index))) < 0)
        fail_msg("%s: %s", table[i].question, err.text);
    return talloc_strdup(t->mem, db_cell(rows, 0, 0));
}

static void test_indexes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *count = ask(i, false);
        if (*count)
            fail_msg("%s is counted: %s", table[i].question, count);
        const char *page = ask(i, true);
        if (*page && !strstr(page, "without"))
            fail_msg("%s is shown: %s", table[i].question, page);
    }
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_indexes)};
    return cmocka_run_group_tests_name("segment_index", tests, begin, end);
}
