#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# A draft to many: how often the store is asked does not grow with the recipients; who stands far apart
# in a list is seen together; with a problem anywhere nothing is written.  And who delivers is told of all of them at once.
. tests/lib/tap.sh
. tests/lib/office.sh many $((ADRESAR_TEST_PORT + 78)) 2
crowd 1300
sql "update contact set languages = case id % 3 when 0 then '{sq}' when 1 then '{sr-Cyrl}' else '{en}' end::text[] where id > 2;
     insert into postal_address (contact_id, lines, city, postcode, country)
     select id, 'Rruga ' || id, 'Klokot', '61000', case id % 5 when 0 then 'GB' else 'XK' end from contact where id % 2 = 0;
     insert into contact_tag (contact_id, tag) select id, 'paper' from contact where id > 1200" >/dev/null
sed -i "s/^connections = .*/connections = 8/; s/^lease_s = .*/lease_s = 10/" "$dir/adresar.conf"
mkdir "$dir/invitation"
for l in sq sr-Cyrl en; do
    printf -- '---\nlang: %s\nsubject: A notice\n---\n\n{{salutation}}.\n' $l >"$dir/template/notice.$l.md"
    printf -- '---\nlang: %s\nsubject: "{{event.date}}"\n---\n\n{{salutation}}, {{event.name}}, {{event.time}}.\n' $l \
        >"$dir/invitation/invitation.$l.md"
done
event=$(as one --json event add --start "2027-03-18 10:00" --end "2027-03-18 14:00" --department office --name-sq Konferenca \
    --place-sq Kllokot --name-en Conference --place-en Klokot | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
log=$SERVERS_DIR/pg/server.log

# first N [FORM]: a list of so many
first() { seq -f "${2:-%.0f}" "$1" >"$dir/first"; }
# counted COMMAND...: what it says in $out, its statements in $statements
counted() {
    local from
    from=$(wc -c <"$log")
    sql "alter database $name set log_statement = 'all'" >/dev/null
    out=$("$@" 2>&1)
    sql "alter database $name reset log_statement" >/dev/null
    statements=$(tail -c +$((from + 1)) "$log" | grep -c 'LOG:  \(execute\|statement\)')
}
# asked NAME N ARGUMENTS...: a draft for N
asked() {
    counted as one --json mailing new --from sink "${@:3}"
    id=$(sed -n 's/.*"id":\([0-9]*\),"recipients":'"$2,.*/\1/p" <<<"$out")
    [ -n "$id" ]
    ok $? "$1: $2 of them" "$out"
}
# grows NAME FEW MANY STATEMENTS-MORE-AT-MOST
grows() { [ "$2" -gt 5 ] && [ $(($3 - $2)) -le "$4" ]; ok $? "$1: is asked $2 times, then $3"; }

first 40
asked "a list" 40 --kind notice --name N --template "$dir/template" --to "$dir/first"
few=$statements small=$id
first 440
asked "a list" 440 --kind notice --name N --template "$dir/template" --to "$dir/first"
grows "a list" $few $statements 0
first 1300
asked "a list" 1300 --kind notice --name N --template "$dir/template" --to "$dir/first"
grows "a list by hundreds" $few $statements 16
# So it is on the whole way: looked at, released, asked about.
before=""
for step in "check $small" "check $id" "release $small --despite test" "release $id --despite test" "trail $small" "trail $id"; do
    [ "${step%% *}" = "${before%% *}" ] || few=0
    counted as two mailing $step
    [ "$few" = 0 ] || grows "mailing ${step%% *}" "$few" "$statements" 16
    few=$statements before=$step
done
is "$(sql "select count(*), min(line), max(line) from outbox_line l join outbox o on o.id = l.outbox_id
    where mailing_id = $id and o.contact_id = l.line")" "1300|1|1300" "the line of each is kept"
first 40 p%.0f@sink.example
asked "addresses" 40 --kind notice --name N --template "$dir/template" --to "$dir/first"
few=$statements
first 440 p%.0f@sink.example
asked "addresses" 440 --kind notice --name N --template "$dir/template" --to "$dir/first"
grows "addresses" $few $statements 0
asked "a question" 2 --event "$event" --template "$dir/invitation" --segment "address:p1@sink.example or address:p2@sink.example" \
    --paper --bilingual sq,en
few=$statements
asked "a question" 1300 --event "$event" --template "$dir/invitation" --segment kind:person --paper --bilingual sq,en
grows "a question by hundreds, in two languages, on paper" $few $statements 16
is "$(sql "select count(*) filter (where channel = 'paper'), count(distinct view -> 'event' ->> 'time'),
    count(*) filter (where view ? 'second' and view -> 'event' ->> 'name' <> view -> 'second' -> 'event' ->> 'name')
    from outbox where mailing_id = $id")" "50|4|1300" "with the hours of each country, and on paper"

# ---- who delivers is told once a mailing, by its release
coproc listener { psql -qAtX -h "$PGHOST" -U postgres -d "$name"; }
told() { # how often, since it was asked before
    local line n=0
    echo "select pg_sleep(0.2); select 'end';" >&"${listener[1]}"
    while read -r line <&"${listener[0]}" && [ "$line" != end ]; do
        [ "${line#Asynchronous}" = "$line" ] || n=$((n + 1))
    done
    echo $n
}
echo "listen adresar_outbox;" >&"${listener[1]}"
told >/dev/null
sink
as two mailing release "$id" --despite test >/dev/null
is "$(told)" 1 "the release of 1300 is told once"
as two mailing pause "$id" >/dev/null
is "$(told)" 0 "that it pauses is not"
as two mailing resume "$id" >/dev/null
is "$(told)" 1 "that it goes on is, once"

# ---- to guests, who were told otherwise
adresar deliver --once >"$dir/log" 2>&1
is "$(states "$id" | grep -c ' accepted$')" 1250 "all of them are invited who have no letter on paper" "$(tail -n 3 "$dir/log")"
is "$(told)" 0 "and not one of the letters told anybody"
as one event move "$event" --starts "2027-03-18 11:00" >/dev/null
asked "an update" 1250 --event "$event" --template "$dir/invitation" --update
grows "an update by hundreds" $few $statements 16
is "$(sql "select count(distinct view -> 'before' ->> 'time') filter (where language = 'en'),
    count(*) filter (where view -> 'before' ->> 'time' <> view -> 'event' ->> 'time' and not view -> 'before' ? 'name')
    from outbox where mailing_id = $id")" "2|1250" "says to each what they were told before"

# ---- what stands far apart
{ seq 700; echo; echo 5; echo 99999; seq 701 1290; echo nobody@sink.example; } >"$dir/first"
before=$(sql "select count(*) from mailing")
exits 65 "a list with faults" as one mailing new --from sink --kind notice --name N --template "$dir/template" --to "$dir/first"
is "$(head -n 3 <<<"$out" | sed "s|$dir/||")" "first:702: contact 5 stands in line 5 already
first:703: there is no contact 99999
first:1294: no contact has the address nobody@sink.example" "names all of them, in their order"
exits 65 "the same to a clerk who reads Albanian" env ADRESAR_LANGUAGE=sq PGUSER="${office}_one" "$ADRESAR_BIN" -c "$dir/adresar.conf" \
    mailing new --from sink --kind notice --name N --template "$dir/template" --to "$dir/first"
like "$out" "first:1294: asnjë kontakt nuk ka adresën nobody@sink.example" "is in their language"
is "$(sql "select count(*) from mailing")" "$before" "and nothing is written"

# ---- it is broken off
first 1300
for s in 0.05 0.1 0.2 0.3 0.4 0.5; do
    PGUSER=${office}_one timeout -s KILL $s "$ADRESAR_BIN" -c "$dir/adresar.conf" mailing new --from sink --kind notice --name broken \
        --template "$dir/template" --to "$dir/first" >/dev/null 2>&1
done
until [ "$(sql "select count(*) from pg_stat_activity where usename = '${office}_one'")" = 0 ]; do sleep 0.05; done
is "$(sql "select distinct n from mailing m, lateral (select count(*) as n from outbox where mailing_id = m.id) x
    where m.name = 'broken' and n <> 1300")" "" "a draft is whole, or is not there"
done_testing
