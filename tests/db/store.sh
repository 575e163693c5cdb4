#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What the store itself makes impossible: wrong states, forged names, rights that a role does not have.  Every statement
# here goes past the program, as a clerk with psql would.
. tests/lib/tap.sh
people=3
. tests/lib/office.sh store $((ADRESAR_TEST_PORT + 62)) $people

# refused ROLE REGEX NAME SQL: the statement fails, and says so
refused() {
    local got
    got=$(sql_as "$1" "$4") && got="done: $got"
    [[ $got =~ ERROR && $got =~ $2 ]]
    ok $? "$3" "$4"$'\n'"$got"
}
# allowed ROLE NAME SQL
allowed() {
    local got
    got=$(sql_as "$1" "$3")
    ok $? "$2" "$3"$'\n'"$got"
}
draft() {
    as one --json mailing new --kind notice --name "$1" --template "$dir/template" --to "$dir/list" --from sink |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p'
}
denied="permission denied"
copy="mailing_id, contact_id, email, name, language, view, state, reason"

# ---- the ledger
d=$(draft ledger)
r=$(sql "select min(id) from outbox where mailing_id = $d")
refused one "unique" "one contact stands in a mailing once" \
    "insert into outbox ($copy) select $copy from outbox where id = $r"
sql "with o as (insert into contact (kind, department_id) values ('organisation', 1) returning id)
     insert into post (organisation_id, name) select id, 'President' from o"
sql "update outbox set post_id = (select max(id) from post) where id = $r"
refused one "unique" "one post stands in a mailing once" \
    "insert into outbox (post_id, mailing_id, contact_id, email, name, language, view, state, reason)
     select o.post_id, o.mailing_id, (select max(id) from contact), email, name, language, view, state, reason
       from outbox o where id = $r"
refused one "cannot begin" "a recipient does not begin as sent" \
    "insert into outbox ($copy) select mailing_id, (select max(id) from contact), email, name, language, view, 'accepted', reason
       from outbox where id = $r"
refused one "$denied" "nor with the traces of a letter" \
    "insert into outbox ($copy, rfc_message_id, server) select $copy, '<x@y>', 'forged' from outbox where id = $r"
refused one "cannot go|$denied" "a state that does not exist" "update outbox set state = 'sent' where id = $r"
refused one "cannot go" "held is not accepted" "update outbox set state = 'accepted' where id = $r"
refused one "is frozen" "the letter's data are frozen" "update outbox set view = '{}' where id = $r"
refused one "is frozen" "and the address" "update outbox set email = 'x@sink.example' where id = $r"
refused one "$denied" "no recipient is taken away" "delete from outbox where id = $r"
refused one "$denied" "nor all of them" "truncate outbox cascade"
refused two "in one's own name|prepared by" "only who prepares a mailing adds recipients" \
    "insert into outbox ($copy) select mailing_id, (select max(id) from contact), email, name, language, view, state, reason
       from outbox where id = $r"

# ---- four eyes
refused one "four_eyes" "who prepared a mailing does not release it" \
    "update mailing set state = 'released', released_by = session_user, released_at = now() where id = $d"
refused one "own name" "nor in another's name" \
    "update mailing set state = 'released', released_by = 'store_two', released_at = now() where id = $d"
refused one "cannot go|own name" "nor by way of a pause" \
    "update mailing set state = 'paused', pause_reason = 'x', released_by = 'store_two', released_at = now() where id = $d"
refused one "own name|draft" "nor released from birth" \
    "insert into mailing (kind, name, department_id, account, released_by, released_at) values
     ('notice', 'x', 1, 'sink', 'store_two', now())"
refused one "own name" "nobody prepares in another's name" \
    "insert into mailing (kind, name, department_id, account, prepared_by) values ('notice', 'x', 1, 'sink', 'store_two')"
refused one "does not change" "nor gives it away afterwards" "update mailing set prepared_by = 'store_two' where id = $d"
refused two "prepared by" "who releases does not write the text" "update mailing_text set body = 'x' where mailing_id = $d"
refused two "does not change" "nor choose the account" "update mailing set account = 'other' where id = $d"
allowed one "who prepares may" "update mailing_text set subject = 'A notice indeed' where mailing_id = $d"
for role in deliver fetch report; do
    refused $role "$denied|cannot go" "$role does not release" "update mailing set state = 'released' where id = $d"
done
exits 0 "another clerk releases" as two mailing release "$d"

# ---- released means frozen
refused one "is released" "released: no text changes" "update mailing_text set body = 'x' where mailing_id = $d"
refused one "is released" "no text is added" \
    "insert into mailing_text (mailing_id, language, name, line, subject, body) values ($d, 'sq', 'x', 1, 'x', 'x')"
refused one "is released" "no text goes" "delete from mailing_text where mailing_id = $d"
e=$(draft elsewhere)
refused one "is released" "no text is carried away" \
    "update mailing_text set mailing_id = $e, language = 'sq' where mailing_id = $d"
refused one "is released" "nobody is added" \
    "insert into outbox ($copy) select $d, (select max(id) from contact), email, name, language, view, state, reason
       from outbox where id = $r"
refused one "cannot go" "it is no draft again" "update mailing set state = 'draft', released_by = null, released_at = null where id = $d"
refused one "own name" "who released it stays" "update mailing set released_by = 'somebody' where id = $d"
refused one "without an outcome" "a clerk does not declare it finished" "update mailing set state = 'finished', finished_at = now() where id = $d"
refused deliver "without an outcome" "with open recipients nobody does" \
    "update mailing set state = 'finished', finished_at = now() where id = $d"

# ---- who may move a recipient where
q=$(sql "select min(id) from outbox where mailing_id = $d and state = 'queued' and post_id is null")
sql "insert into worker (host, pid, account, lease_until) values ('h', 1, 'sink', now() + interval '1 hour')"
w=$(sql "select max(id) from worker")
refused one "$denied" "a clerk does not claim" "insert into outbox_batch (worker_id, ids) values ($w, '{$q}')"
refused fetch "$denied" "nor does fetch" "insert into outbox_batch (worker_id, ids) values ($w, '{$q}')"
refused deliver "violates check|cannot go" "claimed is a batch, no state of a row" "update outbox set state = 'claimed', worker_id = $w where id = $q"
refused deliver "violates check" "submitting is what is written down" "update outbox set state = 'submitting' where id = $q"
refused deliver "cannot go" "what was never submitted is not accepted" "update outbox set state = 'accepted' where id = $q"
refused deliver "violates check" "submitting is by a worker" "update outbox set state = 'submitting', rfc_message_id = '<a@b>',
    message_id = 1, content_sha256 = '\\x00', envelope_from = 'a@b' where id = $q"
allowed deliver "deliver submits" \
    "with m as (insert into message (direction, state, identity, size) values ('out', 'sent', '\\x99', 1) returning id)
     update outbox set state = 'submitting', worker_id = $w, rfc_message_id = '<a@b>', message_id = m.id, content_sha256 = '\\x00',
            envelope_from = 'a@b' from m where outbox.id = $q"
refused one "cannot go" "a clerk does not take it from the worker" "update outbox set state = 'cancelled' where id = $q"
refused deliver "cannot go" "what may have been sent is never queued by itself" \
    "update outbox set state = 'queued', worker_id = null where id = $q"
refused one "cannot go" "nor settled by a clerk while the worker has it" "update outbox set state = 'accepted' where id = $q"
allowed deliver "its outcome is unknown" "update outbox set state = 'unknown' where id = $q"
refused one "own name" "a clerk settles in their own name" \
    "update outbox set state = 'accepted', settled_by = 'smtp', settled_evidence = '{}' where id = $q"
refused one "own name" "and says who" "update outbox set state = 'left' where id = $q"
allowed one "so" "update outbox set state = 'left', settled_by = session_user, settled_evidence = '{}' where id = $q"
refused one "own name" "and does not change the name later" "update outbox set settled_by = 'smtp' where id = $q"
sql "insert into outbox_attempt (outbox_id, attempt, worker_id, address, outcome, started_at) values ($q, 1, $w, 'a@b', 'lost', now())"
refused deliver "unique" "an attempt is written down once" \
    "insert into outbox_attempt (outbox_id, attempt, worker_id, address, outcome, started_at) values ($q, 1, $w, 'a@b', 'lost', now())"
refused one "$denied" "a clerk changes no attempt" "update outbox_attempt set outcome = 'refused', ended_at = now()"

# ---- events and answers
refused one "null value" "an answer belongs to an event" \
    "insert into answer (contact_id, answer, state, by, evidence, decided_by) values (1, 'accepted', 'confirmed', 'person', '[]', session_user)"
sql "insert into event (uid, department_id, starts_at, ends_at) values ('u@x', 1, now() + interval '1 day', now() + interval '2 days')"
ev=$(sql "select max(id) from event")
refused one "foreign key" "that there is" \
    "insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by) values ($((ev + 1)), 1, 'accepted', 'confirmed', 'person', '[]', session_user)"
refused one "check" "an event ends after it begins" "update event set ends_at = starts_at where id = $ev"
refused one "own name" "a clerk decides in their own name" \
    "insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by) values ($ev, 1, 'accepted', 'confirmed', 'person', '[]', 'store_two')"
allowed one "and may" \
    "insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by) values ($ev, 1, 'accepted', 'confirmed', 'person', '[]', session_user)"

# ---- least rights
for t in audit_value contact_detail message_place; do refused deliver "$denied" "deliver does not read $t" "select from $t"; done
refused deliver "$denied" "deliver does not change contacts" "update contact set precedence = 'x'"
refused deliver "$denied" "nor addresses" "update address set state = 'dead'"
refused deliver "$denied" "nor mailboxes' answers" "update answer set state = 'rejected'"
refused deliver "$denied" "deliver adds no recipient" "insert into outbox ($copy) select $copy from outbox where id = $r"
refused deliver "$denied" "nor changes who released" "update mailing set released_by = 'x'"
refused fetch "$denied" "fetch does not read audit_value" "select from audit_value"
refused fetch "$denied" "fetch does not change contacts" "update contact set precedence = 'x'"
refused fetch "$denied" "fetch makes no mailing" "insert into mailing (kind, name, department_id, account) values ('notice', 'x', 1, 'sink')"
refused fetch "$denied" "nor its text" "update mailing_text set body = 'x'"
for t in contact outbox mailing message answer meeting audit; do
    refused report "$denied" "reports do not write $t" "delete from $t"
    refused report "$denied" "nor change it" "update $t set id = default"
done
refused one "$denied" "a clerk makes no table" "create table x (a int)"
refused one "$denied" "nor a role" "create role x"
refused one "$denied" "nor becomes the owner" "set role adresar_owner"
refused one "$denied" "nor changes the states" "insert into outbox_move values ('held', 'accepted')"

# ---- the audit log
refused one "$denied" "a clerk writes no entry" "insert into audit (action, object, rows, digest) values ('UPDATE', 'contact', 1, '')"
refused one "$denied" "nor values" "select audit_values(1, 'contact', array[null]::jsonb[], array['{\"id\": 77}']::jsonb[])"
refused one "$denied" "nor lets a table of theirs write one" \
    "create temp table contact (id bigint); create trigger t after insert on pg_temp.contact referencing new table as new_rows
     for each statement execute function audit_statement()"
refused one "$denied" "nor a batch" "insert into audit_batch values (99, now(), 1, 1, '', '')"
refused one "$denied" "nor moves the chain's end" "update audit_head set n = 0"
refused one "by hand" "nor notes a change that was none" "select audit_note('UPDATE', 'contact', 1, '')"
for statement in "update audit set actor = 'x'" "delete from audit where id = 1" "truncate audit cascade"; do
    got=$(sql "$statement" 2>&1)
    like "$got" "append-only" "even the superuser does not by accident: $statement"
done
allowed one "a contact is changed" "update contact set precedence = 'secret' where id = 1"
is "$(sql "select actor || ' ' || object from audit order by id desc limit 1")" "store_one contact" "the log says who"
is "$(sql "select count(*) from audit a join audit_value v on v.audit_id = a.id where a.object = 'outbox' and v.row_id = $q and a.actor = 'store_one'")" \
    1 "a clerk's hand on the ledger is in it"
exits 0 "the chain verifies" as one audit verify
exits 0 "for a program too" as one --json audit verify
like "$out" '"whole":true' "it says so"

# what a superuser can do all the same is found out
meddle() { # SQL REGEX NAME
    sql "set session_replication_role = replica; $1"
    exits 1 "$3: exit 1" as one audit verify
    like "$out" "$2" "$3: the entry is named"
    sql "set session_replication_role = replica; $4"
    exits 0 "$3: mended" as one audit verify
}
victim=$(sql "select audit_id from audit_value order by audit_id limit 1")
sql "create table kept as select * from audit; create table kept_value as select * from audit_value"
again="delete from audit; insert into audit overriding system value select * from kept;
       delete from audit_value; insert into audit_value select * from kept_value"
meddle "update audit set actor = 'nobody' where id = $victim" "entry $victim " "another actor" "$again"
meddle "update audit_value set after = '{}' where audit_id = $victim" "entry $victim " "other values" "$again"
meddle "delete from audit_value where audit_id = $victim" "entry $victim " "values gone" "$again"
meddle "delete from audit where id = $victim" "missing" "an entry gone" "$again"
meddle "delete from audit where id = (select max(id) from audit)" "missing" "the last entry gone" "$again"
sql "set session_replication_role = replica; update audit_value set before = null, after = null where audit_id = $victim"
exits 0 "an erasure empties the values, and the chain still verifies" as one audit verify
done_testing
