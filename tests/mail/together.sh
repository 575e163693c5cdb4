#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Two at the same time: who erases, edits or sends has not committed yet when another one releases, cancels, merges or undoes.
# Each of them is done whole, with what the other did, or not at all.
. tests/lib/tap.sh
. tests/lib/hold.sh
. tests/lib/office.sh together $((ADRESAR_TEST_PORT + 68)) 6

draft() { # SELECT: of the contacts
    id=$(as one --json mailing new --kind notice --name n --template "$dir/template" --to <(sql "$1") --from sink | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
}
told() { sql "select string_agg(contact_id || ' ' || state, ', ' order by contact_id) from outbox where mailing_id = $id"; }
# what a sender commits before the first byte of a letter to the contact $1
submits() {
    echo "insert into worker (host, pid, account, lease_until) values ('h', 1, 'sink', now() + interval '1 hour');
        update outbox set state = 'submitting', worker_id = (select max(id) from worker), rfc_message_id = '<a@b>', envelope_from = 'a@b',
               message_id = 1, content_sha256 = '\\x00', attempt = 1, submitting_at = now(), state_at = clock_timestamp()
         where mailing_id = $id and contact_id = $1"
}
sql "update outbox_move set who = who || '{office}' where (from_state, to_state) = ('queued', 'submitting')" # for the superuser

# ---- a release, and a recipient who is erased
draft "select 'p' || n || '@sink.example' from generate_series(1, 3) n"
hold "$name" "update outbox set state = 'cancelled', reason = 'contact erased' where mailing_id = $id and contact_id = 2"
exits 0 "released while one is erased" as two mailing release "$id"
after
is "$(told) $(sql "select count(*) from outbox_queue")" "1 queued, 2 cancelled, 3 queued 2" "who gets nothing, and the others do"

# ---- cancelled, and a letter whose sending begins
hold "$name" "$(submits 1)"
exits 0 "cancelled while one is being sent" as two mailing cancel "$id"
after
is "$(told)" "1 submitting, 2 cancelled, 3 cancelled" "which is not called cancelled"

# ---- merged, and a letter to one of them whose sending begins
draft "select 'p' || n || '@sink.example' from generate_series(4, 5) n"
as two mailing release "$id" >/dev/null
hold "$name" "$(submits 5)"
exits 0 "two are merged while one's letter is being sent" as one contact merge 4 5
after
is "$(told)" "4 excluded, 5 submitting" "the other's does not go as well"

# ---- an import is undone, and somebody edits what it brought
printf 'Name,E-mail\nAgim Gashi,agim@sink.example\nVesa Gashi,vesa@sink.example\n' >"$dir/list.csv"
as one contact import "$dir/list.csv" --department office >/dev/null
import=$(sql "select max(id) from import")
agim=$(sql "select contact_id from address where email = 'agim@sink.example'")
hold "$name" "update contact set languages = '{de}' where id = $agim"
exits 1 "an import is undone while one of it is edited" as one contact import-undo "$import"
after
like "$out" "contact $agim, Agim Gashi: it has changed since" "which it sees"
exits 0 "and keeps" as one contact import-undo "$import" --keep-changed
is "$(sql "select string_agg(email, ' ') from address where email ~ 'agim|vesa'")" agim@sink.example "alone"

# ---- an import fills what somebody is filling
printf 'Name,E-mail,Language\nPerson 6,p6@sink.example,sq\n' >"$dir/list.csv"
sql "update contact set languages = '{}' where id = 6"
hold "$name" "update contact set languages = '{de}' where id = 6"
exits 0 "an import fills what is empty" as one --json contact import "$dir/list.csv" --department office --policy fill
after
is "$(sql "select languages from contact where id = 6") $(sql "select count(*) from import_change where contact_id = 6")" "{de} 0" "and is not any more"
hold "$name" "set local session_replication_role = replica; update contact set merged_into = 4, state = 'archived' where id = 6;
    update address set contact_id = 4 where contact_id = 6; update contact_name set contact_id = 4, main = false where contact_id = 6"
printf 'Name,E-mail,Phone\nPerson 6,p6@sink.example,+383 49 123 456\n' >"$dir/list.csv"
exits 0 "an import knows somebody who is being merged" as one contact import "$dir/list.csv" --department office --policy fill
after
is "$(sql "select string_agg(contact_id || ' ' || e164, ', ') from phone")" "4 +38349123456" "what it brings goes to the other"

# ---- a draft, and a recipient who is removed
gone=$(as one --json contact add --kind person --name "Brief Visit" --email brief@sink.example --language en --salutation "Dear B" --department office | sed 's/[^0-9]//g')
hold "$name" "set local session_replication_role = replica; delete from address where contact_id = $gone; delete from contact where id = $gone"
exits 75 "a draft names somebody who is being removed" as one mailing new --kind notice --name n --template "$dir/template" --to <(echo "$gone") --from sink
after
like "$out" "a recipient was removed at that moment; nothing is prepared, try again" "and says so"

# ---- two searches for duplicates stand in each other's way: one of them begins anew
sql "insert into contact (kind, department_id) select 'person', 1 from generate_series(1, 2);
     insert into contact_name (contact_id, name, main, fold, near) select id, 'Somebody ' || id, true, 'somebody', '' from contact where id > (select max(id) - 2 from contact)"
new=$(sql "select max(id) from contact")
psql -qAtX -h "$PGHOST" -U postgres -d "$name" -c begin -c "insert into duplicate_key (contact_id, keys, compared) values ($new, '{}', true)" \
    -c "select pg_sleep(0.7)" -c "insert into duplicate_key (contact_id, keys, compared) values ($new - 1, '{}', true)" -c commit >"$dir/other" 2>&1 &
other=$!
sleep 0.3
exits 1 "a deadlock is nobody's error" as one --json contact duplicates --all
wait $other
is "$out$(cat "$dir/other")" "" "on either side"
like "$(tail -n 40 "$ADRESAR_TEST_DIR/servers/pg/server.log")" "deadlock detected" "and there was one"
done_testing
