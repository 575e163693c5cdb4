#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Whom a mailing did not reach is written to once more, by a mailing of its own: each at most once, however often one asks.
. tests/lib/tap.sh
. tests/lib/office.sh missing $((ADRESAR_TEST_PORT + 68)) 5
sink

id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
contact() { sql "select contact_id from address where email = '$1@sink.example'"; }
send() { rm -f "$dir"/sink/m.*; adresar deliver --once --account sink >/dev/null 2>&1; }
to() { sql "select string_agg(split_part(email, '@', 1), ' ' order by email) from outbox where mailing_id = $1 and state = '$2'"; }
became() { # MAILING WHO STATE: as a report says
    sql_as fetch "update outbox set state = '$3', settled_by = 'dsn', enhanced = '5.1.1', reply = 'no such user'
        where mailing_id = $1 and email = '$2@sink.example'" >/dev/null
}
again() { as one --json mailing new --missing "$1" --template "$dir/template" --from sink; }

as one consent record p{1..5}@sink.example --list newsletter --how form >/dev/null
as one contact add --kind person --name "No Mail" --language en --salutation Dear --department office >/dev/null
first=$(as one --json mailing new --kind newsletter --name News --template "$dir/template" --segment "department:office" --from sink | id_of)
exits 1 "of a draft nobody is missing" again "$first"
like "$out" 'is not released' "which is said"
as two mailing release "$first" >/dev/null
exits 1 "nor of what is still going out" again "$first"
send
is "$(to "$first" accepted)" "p1 p2 p3 p4 p5" "a newsletter goes to five"
exits 1 "who have it" again "$first"
like "$out" 'nobody' "and who has no address is not to be reached yet"
became "$first" p1 bounced
became "$first" p2 bounced
exits 0 "the failed" again "$first"
second=$(id_of <<<"$out")
is "$(to "$second" held)" "p1 p2" "are prepared for, by the addresses that they have now"
is "$(sql "select kind, name, missing_of from mailing where id = $second")" "newsletter|News|$first" "in the same kind, under the same name"
exits 1 "while that is a draft" again "$first"
as one contact edit "$(contact p2)" --email new2@sink.example >/dev/null
as one contact email "$(contact p2)" p2@sink.example --replaced-by new2@sink.example >/dev/null
exits 0 "it is given up" as one mailing cancel "$second"
exits 0 "and they are missing again" again "$first"
second=$(id_of <<<"$out")
is "$(to "$second" held)" "new2 p1" "one at the new address"
exits 1 "four eyes" as one mailing release "$second"
as two mailing release "$second" >/dev/null
send
is "$(to "$second" accepted)" "new2 p1" "they get it"
is "$(ls "$dir"/sink/m.* | wc -l)" 2 "nobody else does"
exits 1 "nobody is missing" again "$first"
became "$second" p1 bounced
for of in "$first" "$second"; do
    exits 0 "who was not reached the second time" again "$of"
    third=$(id_of <<<"$out")
    is "$(to "$third" held)" "p1" "is found from either mailing"
    as one mailing cancel "$third" >/dev/null
done
as one contact edit "$(sql "select contact_id from contact_name where name = 'No Mail'")" --email nomail@sink.example >/dev/null
exits 0 "who has an address since" again "$first"
is "$(to "$(id_of <<<"$out")" held)" "nomail p1" "is found, too"
like "$(as two mailing trail "$(id_of <<<"$out")")" "without a letter of mailing $first" "the trail says why they are in it"
exits 1 "who is in none of it" as two mailing trail "$(id_of <<<"$out")" --contact "$(contact p3)"
like "$out" "went to those without a letter of mailing $first" "is told of whom it was for"
# ---- an invitation
event=$(as one --json event add --start "2027-03-18 10:00" --end "2027-03-18 14:00" --department office --name-en Fair --place-en Klokot | id_of)
mkdir "$dir/invitation"
printf -- '---\nlang: en\nsubject: Fair\n---\n\n{{salutation}}, {{event.date}}\n' >"$dir/invitation/invitation.en.md"
invite() { as one --json mailing new --event "$event" --template "$dir/invitation" --to <(printf '%s\n' "$@") --from sink | id_of; }
invited=$(invite p3@sink.example p4@sink.example p5@sink.example)
as two mailing release "$invited" >/dev/null
send
became "$invited" p3 bounced
became "$invited" p4 bounced
as two mailing release "$(invite p4@sink.example)" >/dev/null
again() { as one --json mailing new --missing "$1" --template "$dir/invitation" --from sink; }
exits 0 "that came back" again "$invited"
is "$(sql "select m.kind, m.event_id, string_agg(o.email, ' ') from mailing m join outbox o on o.mailing_id = m.id
           where m.id = $(id_of <<<"$out") group by 1, 2")" "invitation|$event|p3@sink.example" \
    "goes out again for the same event, but to nobody who got it by another mailing"

exits 64 "one question at a time" as one mailing new --missing "$first" --to "$dir/list" --template "$dir/template" --from sink
exits 1 "a mailing that there is not" again 4711
done_testing
