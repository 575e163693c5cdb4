/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/contact.h"
#include "crm/segment.h"

static void add(struct db *db, struct contact_fields fields)
{
    struct err err;
    int64_t id = 0;
    if (contact_add(db, &fields, &id, &err) < 0)
        fail_msg("%s", err.text);
}

/* a Драган, of the Komuna; b Agim, its mayor; c Hans in Vienna; d Petrović, who left; k Komuna; m media */
static void add_contacts(struct db *db)
{
    add(db, (struct contact_fields){.name = "a Драган Стојковић",
                                    .email = "dragan@komerc.example",
                                    .category = "donor",
                                    .language = "sr-Cyrl",
                                    .tag = "vip,it's",
                                    .organisation = "k Komuna e Klokotit",
                                    .phone = "+383 49 000 201"});
    add(db, (struct contact_fields){.name = "b Agim Hoxha",
                                    .email = "agim@tax.gov.example",
                                    .category = "municipality",
                                    .language = "sq",
                                    .organisation = "k Komuna e Klokotit",
                                    .position = "Kryetar i Komunës",
                                    .salutation = "I nderuar z. Hoxha"});
    add(db, (struct contact_fields){.name = "c Hans Müller",
                                    .email = "hans@wien.example",
                                    .category = "donor",
                                    .language = "de-AT,en",
                                    .department = "finance",
                                    .note = "likes wine"});
    add(db, (struct contact_fields){.name = "d Petrović",
                                    .category = "media",
                                    .language = "sr",
                                    .state = "left",
                                    .email = "d@media.example"});
    add(db, (struct contact_fields){
                .name = "m Radio", .kind = "organisation", .category = "media", .precedence = "7"});
}

const char *people_id(struct testdb *t, const char *letter)
{
    return testdb_ask(t, "select contact_id from contact_name where name like '%s %%'", letter);
}

static void add_history(struct testdb *t)
{
    testdb_do(
        t,
        "insert into postal_address (contact_id, city, country) values (%s, 'Klokot', 'XK'), (%s, '60000 "
        "Kllokot/Klokot', 'XK'), (%s, 'Wien', 'AT')",
        people_id(t, "a"), people_id(t, "b"), people_id(t, "c"));
    testdb_do(t, "update address set state = 'dead', evidence = '{}' where email like 'dragan%%'");
    testdb_do(t, "update contact set owner_id = (select id from staff where login = '%s') where id = %s",
              testdb_role(t, "vesna"), people_id(t, "c"));
    testdb_do(t, "insert into event (uid, department_id, starts_at, ends_at) select u, 1, d, d + interval '1 "
                 "h' from (values "
                 "('1', '2026-05-01'::timestamptz), ('2', '2027-05-01'), ('3', '2027-06-01')) x (u, d)");
    testdb_do(
        t,
        "insert into event_text (event_id, language, name, place) values (1, 'en', 'Donor conference', 'K'), "
        "(1, 'sr-Cyrl', 'Донаторска конференција', 'K'), (2, 'en', 'Fair', 'K'), (3, 'en', 'Fair', 'K')");
    testdb_do(
        t,
        "insert into answer (event_id, contact_id, answer, state, by, decided_by, evidence) values "
        "(1, %s, 'accepted', 'confirmed', 'person', session_user, '[]'), (1, %s, 'tentative', 'proposed', "
        "'person', session_user, '[]'), (2, %s, 'declined', 'confirmed', 'person', session_user, '[]')",
        people_id(t, "a"), people_id(t, "c"), people_id(t, "c"));
    testdb_do(t, "insert into mailing (kind, name, event_id, department_id, account, list_id) "
                 "values ('notice', 'Letter 7', 1, 1, 'x', (select id from mail_list limit 1))");
    testdb_do(t,
              "set session_replication_role = replica; insert into outbox (mailing_id, contact_id, channel, "
              "email, name, language, view, state, reason)"
              " select 1, id, case s when 'printed' then 'paper' else 'email' end, '', '', '', '{}', s, 'r' "
              "from (values (%s, 'refused'), "
              "(%s, 'printed'), "
              "(%s, 'excluded')) x (id, s); set session_replication_role = origin",
              people_id(t, "a"), people_id(t, "b"), people_id(t, "c"));
    testdb_do(t,
              "insert into message (direction, identity, contact_id, date, class, size, state) values "
              "('in', 'a1', %s, '2025-03-01', 'human', 1, 'new'), ('out', 'a2', %s, '2026-02-01', null, 1, "
              "'sent'), "
              "('in', 'b1', %s, '2025-12-31 12:00', 'human', 1, 'new'), ('in', 'b2', %s, '2026-06-01', "
              "'bounce', 1, 'new')",
              people_id(t, "a"), people_id(t, "a"), people_id(t, "b"), people_id(t, "b"));
    testdb_do(t, "insert into import (kind, file_name, sha256, department_id, encoding, delimiter) values "
                 "('contacts', "
                 "'NGO list.csv', '', 1, '', '')");
    testdb_do(t, "update contact set import_id = 1, created = '2024-02-29 10:00' where id = %s",
              people_id(t, "m"));
}

void people_add(struct testdb *t, struct db *db)
{
    testdb_do(t, "insert into staff_department (staff_id, department_id) select s.id, f.id"
                 " from staff s join department d on d.id = s.department_id, department f"
                 " where d.slug = 'mayor' and f.slug = 'finance'");
    add_contacts(db);
    add_history(t);
}

static int first_letter(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    text_add(context, db_get_str(rows, 0, "name"), 1);
    return 0;
}

/* The letters of whom the question finds, by name; and the three ways of asking agree. */
const char *people_found(struct testdb *t, struct db *db, const char *question)
{
    struct err err;
    struct segment *s;
    struct segment_spot spot;
    struct segment_page all = {0};
    int64_t n, *ids;
    struct text letters = text_new(t);
    if (segment_open(t, db, question, &s, &spot, &err) < 0 || segment_count(db, s, &n, &err) < 0 ||
        segment_each(db, s, &all, first_letter, &letters, &err) < 0 || segment_ids(t, db, s, &ids, &err) < 0)
        fail_msg("%s: %s", question, err.text);
    assert_int_equal(n, letters.len);
    assert_int_equal(n, talloc_array_length(ids));
    return letters.s;
}
