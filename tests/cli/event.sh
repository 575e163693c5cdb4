#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Events on the command line: what is said of a move, a cancellation and an answer, and how they are refused.
. tests/lib/tap.sh
. tests/lib/office.sh eventcli $((ADRESAR_TEST_PORT + 67)) 2

out=$(as one --json event add --start "2027-03-18 10:00" --end "2027-03-18 12:00" --name-en Meeting --place-en Hall)
event=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$out")
for words in "move" "move $event extra" "move $event --sideways x" "cancel" "answer $event" "answer $event 1" "calls"; do
    exits 64 "event $words: usage" as one event $words
done
exits 64 "an answer in no way" as one event answer "$event" p1@sink.example yes --by pigeon
exits 1 "of a contact that there is not" as one event answer "$event" nobody@sink.example yes
exits 1 "to an event that there is not" as one event answer 4711 p1@sink.example yes
exits 1 "which cannot be moved" as one event move 4711 --starts "2027-03-18 11:00"
exits 1 "nor called about" as one event calls 4711
exits 65 "an hour that there is not" as one event move "$event" --starts "2027-03-28 02:30"
exits 64 "an end before the begin" as one event move "$event" --ends "2027-03-18 09:00"
exits 0 "an end of its own" as one --json event move "$event" --starts "2027-03-18 11:00" --ends "2027-03-18 11:30"
is "$out" "{\"id\":$event,\"sequence\":1,\"raised\":true,\"had\":0,\"stopped\":0}" "one JSON value says what came of it"
like "$(as one --json event show "$event")" '"end":1805365800.*"start":1805364000.*"sequence":1' "it is so then"
exits 0 "an answer in person" as one --json event answer "$event" p2@sink.example delegated
like "$out" '^\{"contact":[0-9]+,"answer":"delegated"\}$' "is said back"
like "$(as one --json event answers "$event")" '"where":"person".*"sequence":1,"earlier":false,"open":false' "and stands among the others"

# ---- with whom, by what way, upon which letter
exits 0 "who comes instead" as one --json event answer "$event" p2@sink.example delegated --by letter --persons 2 --instead "Ana Marković"
like "$out" '"persons":2' "with how many"
like "$(as one --json event answers "$event")" '"instead":"Ana Marković"' "by name"
like "$(LC_ALL=C as one event answers "$event")" 'delegated +2 +Ana Marković +confirmed +letter' "for people"
exits 0 "a contact of ours" as one event answer "$event" p2@sink.example delegated --by phone --instead p1@sink.example
like "$(as one --json event answers "$event")" '"instead":"Person 1","instead_contact":1' "is named with its number"
exits 64 "nobody sends and declines" as one event answer "$event" p2@sink.example no --instead X
exits 64 "nor declines with three" as one event answer "$event" p2@sink.example no --persons 3
exits 64 "nor comes with none" as one event answer "$event" p2@sink.example yes --persons -1
exits 1 "instead of whom nobody knows" as one event answer "$event" p2@sink.example delegated --instead nobody@sink.example
echo p1@sink.example >"$dir/list"
mailing=$(as one --json mailing new --event "$event" --to "$dir/list" --template "$dir/template" --from sink | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
number=$mailing/$(sql "select id from outbox where mailing_id = $mailing")
exits 0 "the number of a letter on paper" as one event answer "$event" "$number" yes --by letter --persons 3
is "$(sql "select contact_id, answer, state, persons, evidence -> 0 ->> 'where' from answer order by id desc limit 1")" \
    "1|accepted|confirmed|3|letter" "is whose it is"
exits 1 "a number of no letter" as one event answer "$event" "$mailing/999999" yes
exits 1 "or none" as one event answer "$event" "7/x" yes
like "$(as one --json event list)" "\"accepted\":2,\"declined\":0,\"other\":0,\"persons\":4" "four persons come"
exits 0 "the guest list" as one register event --event "$event" --language en -o "$dir/guests.csv"
like "$(cat "$dir/guests.csv")" 'Answer,Before it moved,Persons,Comes instead,.*letter on paper' "says so"
as one mailing cancel "$mailing" >/dev/null
exits 64 "rules take no words" as one inbox rules x
exits 0 "rules that nobody judged yet" as one inbox rules

exits 0 "for people" env LC_ALL=C PGUSER=${office}_one "$ADRESAR_BIN" -c "$dir/adresar.conf" event show "$event"
like "$out" 'UID .*@office.example, version 1' "the version is shown"
exits 0 "it is cancelled" env LC_ALL=C PGUSER=${office}_one "$ADRESAR_BIN" -c "$dir/adresar.conf" event cancel "$event" --reason "a storm"
is "$out" "event $event is cancelled" "nobody has to be told"
like "$(LC_ALL=C as one event show "$event")" 'cancelled because: a storm' "why is shown"
exits 1 "once" as one event cancel "$event"
for to in --update --cancel --overtaken --missing-answer "--answered yes"; do
    exits 64 "$to goes to guests, not to a list" as one mailing new --event "$event" $to --to "$dir/list" --template "$dir/template" --from sink
    exits 64 "of an event" as one mailing new $to --template "$dir/template" --from sink
done
exits 64 "thanks for what is no answer" as one mailing new --event "$event" --answered question --template "$dir/template" --from sink
done_testing
