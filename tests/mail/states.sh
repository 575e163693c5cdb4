#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Who has left, died, was dissolved or put away enters no mailing unasked: neither by a list, nor by a segment, nor when it
# happens between the release and the sending.
. tests/lib/tap.sh
. tests/lib/office.sh states $((ADRESAR_TEST_PORT + 64)) 5
sink

as one contact add --kind organisation --name "Klub 6" --email p6@sink.example --language en >/dev/null
contact() { sql "select contact_id from address where email_key = '$1@sink.example'"; }
state() { as one contact edit "$(contact "$1")" --state "$2" >/dev/null; }
printf '%s@sink.example\n' p1 p2 p3 p4 p5 p6 >"$dir/all"
new() { id=$(as one --json mailing new --kind notice --name m --template "$dir/template" --from sink "$@" 2>/dev/null | sed -n 's/.*"id":\([0-9]*\).*/\1/p'); }
left_out() { sql "select split_part(email, '@', 1) || ': ' || reason from outbox where mailing_id = $id and state = 'excluded' order by 1"; }
wanted=$(printf '%s\n' "p2: contact is left" "p3: contact is deceased" "p4: contact is archived" "p6: contact is dissolved")

new --to "$dir/all"
before=$id
as two mailing release "$id" >/dev/null
state p2 left
state p3 deceased
state p4 archived
state p6 dissolved
exits 0 "what happens after the release" adresar deliver --once
is "$(left_out)" "$wanted" "keeps the letter, with its reason"
is "$(sql "select string_agg(split_part(email, '@', 1), ' ' order by email) from outbox where mailing_id = $before and state = 'accepted'")" "p1 p5" \
    "the others have theirs"

new --to "$dir/all"
as two mailing release "$id" >/dev/null
adresar deliver --once >/dev/null
is "$(sql "select string_agg(split_part(email, '@', 1), ' ' order by email) from outbox where mailing_id = $id and state = 'accepted'")" "p1 p5" \
    "a list of all reaches those alone who are there"
new --segment language:en
is "$(sql "select string_agg(split_part(email, '@', 1), ' ' order by email) from outbox where mailing_id = $id and state <> 'excluded'")" "p1 p5" \
    "a segment, too"
done_testing
