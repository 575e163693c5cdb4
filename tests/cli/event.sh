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
