#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What nobody means to write, and somebody does: it is mended or refused where it is written, before a letter waits.
. tests/lib/tap.sh
. tests/lib/office.sh odd $((ADRESAR_TEST_PORT + 72)) 2
sink

id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
text() { printf -- '---\nlang: en\nsubject: "%s"\n---\n%s\n' "$1" "$2" >"$dir/text/text.en.md"; }
new() { as one --json mailing new --from sink "$@"; }
sub() { head -c 300 <<<"$out"; }
mkdir "$dir/text"

# ---- names

exits 0 "a name pasted in two lines" as one contact add --department office --kind person --name $'Ana\nMarija\t Lopez \n' \
    --organisation $'Firm\r\nLtd' --position $'Head\nof sales' --email ana@sink.example --language en
ana=$(sed 's/[^0-9]//g' <<<"$out")
is "$(sql "select name from contact_name where contact_id = $ana")" "Ana Marija Lopez" "is a name in one"
exits 0 "and so it is changed" as one contact edit 1 --name $'Person\none'
is "$(sql "select name from contact_name where contact_id = 1")" "Person one" "to one in one line"
sql "update contact_name set name = E'Person\ntwo' where contact_id = 2" >/dev/null
printf '%s\n' 1 2 "$ana" >"$dir/three"
out=$(new --kind notice --name odd --template "$dir/template" --to "$dir/three")
id=$(id_of <<<"$out")
as two mailing release "$id" >/dev/null
adresar deliver --once >/dev/null 2>&1
is "$(states "$id" | cut -d' ' -f2 | sort | uniq -c | xargs)" "3 accepted" "all get their letters, also who was in the store before"
is "$(grep -h '^To: ' "$dir"/sink/m.* | sort | xargs -d '\n')" \
    "To: Ana Marija Lopez <ana@sink.example> To: Person one <p1@sink.example> To: Person two <p2@sink.example>" "each name in one line"

# ---- texts

text "A letter" ""
exits 65 "a text that is empty" as one template check "$dir/text"
like "$out" "the letter has no text" "is none"
text "{{#post}}{{post.name}}{{/post}}" "Hello"
exits 65 "a subject that comes out empty" new --kind notice --name odd --template "$dir/text" --to "$dir/three"
like "$out" "three:1: contact 1, Person one: the subject in en is empty" "is named with its recipient" "$(sub)"
text "A letter" "![logo](https://pictures.example/logo.png)"
exits 65 "a picture that is fetched" as one template check "$dir/text"
like "$out" "a picture is a file beside the text" "would tell of the reading"

# ---- events

event() { as one --json event add --department office --name-en Feast --place-en Square --name-sq Festa --place-sq Sheshi "$@"; }
text "Come" "To {{event.name}}, {{event.place}}, please."
exits 64 "answers after it has begun" event --start "2027-03-18 10:00" --end "2027-03-18 12:00" --reply-by 2027-03-19
like "$out" "answers are asked for by 2027-03-19, and the event has begun by then" "are too late"
exits 0 "on its day" event --start "2027-03-18 10:00" --end "2027-03-18 12:00" --reply-by 2027-03-18
event=$(id_of <<<"$out")
exits 64 "nor may it move before that day" as one event move "$event" --starts "2027-03-17 10:00"
exits 64 "or the day behind it" as one event move "$event" --reply-by 2027-03-20
exits 0 "but both may" as one event move "$event" --starts "2027-03-17 10:00" --reply-by 2027-03-10
exits 0 "it moves elsewhere in one language" as one event move "$event" --place-en "Hall"
like "$out" 'the place in sq stays "Sheshi": --place-sq' "and the others' readers would come to the old place"
exits 0 "in both" as one event move "$event" --place-en "School" --place-sq "Shkolla"
[[ $out != *stays* ]]
ok $? "nothing is said" "$out"

out=$(event --start "2020-03-18 10:00" --end "2020-03-18 12:00")
past=$(id_of <<<"$out")
exits 1 "an invitation to what is over" new --event "$past" --template "$dir/text" --to "$dir/three"
like "$out" "event $past has begun: only thanks go out after that" "is refused when it is prepared"
as one event answer "$past" 1 yes --by phone >/dev/null
exits 0 "thanks are not" new --event "$past" --answered yes --template "$dir/text"
exits 0 "one that begins" new --event "$event" --template "$dir/text" --to "$dir/three"
id=$(id_of <<<"$out")
sql "set session_replication_role = replica; update event set starts_at = now() - interval '1 minute', reply_by = now()::date - 1 where id = $event" >/dev/null
exits 0 "before it is released" as two --json mailing check "$id"
like "$out" '"id":"reply-late","severity":"warning"' "asks for answers until yesterday"
exits 1 "is not released" as two mailing release "$id"
like "$out" "mailing $id is not released: its event has begun" "since nothing would go out"
sql "set session_replication_role = replica; update event set starts_at = now() + interval '1 hour', ends_at = now() + interval '2 hours', reply_by = null where id = $event" >/dev/null
as two mailing release "$id" >/dev/null
sql "set session_replication_role = replica; update outbox set expires_at = now() where mailing_id = $id" >/dev/null # an hour goes by
adresar deliver --once >/dev/null 2>&1
is "$(sql "select distinct state || ': ' || reason from outbox where mailing_id = $id")" "expired: its time to be sent is over" \
    "what was too late is said of each"
exits 0 "in the reader's words" as one mailing recipients "$id"
like "$out" "expired.*its time to be sent is over" "in the list"

# ---- in the reader's words

sq() { ADRESAR_LANGUAGE=sq as one "$@"; }
id=$(new --kind notice --name odd --template "$dir/template" --to "$dir/three" | id_of)
as one mailing cancel "$id" >/dev/null
exits 0 "a mailing that is cancelled" sq mailing recipients "$id"
like "$out" "e anuluar .*dërgesa u anulua" "says so of each"
exits 0 "also to whoever asks how it came" sq mailing trail "$id"
like "$out" "e anuluar, odd_one: dërgesa u anulua" "with who did it"
as one register mailing --mailing "$id" -o "$dir/register.csv" --language sq >/dev/null
like "$(cat "$dir/register.csv")" "dërgesa u anulua" "and in the register"
exits 1 "it cannot be cancelled again" sq mailing cancel "$id"
[[ $out != *cancelled* ]]
ok $? "which is said in one language" "$out"

done_testing
