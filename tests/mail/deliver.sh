#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What a server's faults make of a mailing: each recipient in one state, the sums agree, nobody gets a letter twice.
. tests/lib/tap.sh
people=6
. tests/lib/office.sh faults $((ADRESAR_TEST_PORT + 61)) $people

# how_many STATE: recipients of the mailing in it
how_many() { states "$id" | grep -c " $1\$"; }
sums() { like "$(as one --json mailing status "$id")" '"sum_ok":true' "$1: the sums agree"; }

new_mailing
exits 1 "who prepared a mailing cannot release it" as one mailing release \
    "$(as one --json mailing new --kind notice --name own --template "$dir/template" --to "$dir/list" --from sink |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')"
like "$out" "somebody else" "and is told why"
exits 1 "a release is done once" as two mailing release "$id"

exits 69 "no server: nothing is lost" adresar deliver --once
is "$(how_many queued)" $people "no server: all are queued still"
sums "no server"

sink
exits 0 "the server is back" adresar deliver --once
is "$(how_many accepted)" $people "all are accepted"
is "$(arrived | awk '$2 == 1' | wc -l)" $people "each arrived once"
like "$(as one --json mailing status "$id")" '"state":"finished"' "the mailing is finished"
exits 0 "delivering again" adresar deliver --once
is "$(arrived | awk '$2 == 1' | wc -l)" $people "sends nothing again"

fault() { # FLAGS EXIT STATE WHAT
    local flags=$1 code=$2 state=$3 what=$4
    # shellcheck disable=SC2086
    sink $flags
    new_mailing
    exits "$code" "$what: exit $code" adresar deliver --once
    is "$(how_many "$state")" $people "$what: all are $state"
    # at the final dot the sink has the content already, and keeps what it then refuses
    [ "$flags" = "-r ." ] || is "$(arrived | wc -l)" 0 "$what: nothing arrived"
    sums "$what"
}
fault "-f RCPT" 0 refused "500 at RCPT"
fault "-r RCPT" 0 deferred "450 at RCPT"
fault "-r ." 0 deferred "450 at the final dot"
like "$(as two mailing missing "$id")" "put off by the server" "who has no letter is listed"

sink
as two mailing retry "$id" >/dev/null
exits 0 "after a retry" adresar deliver --once
is "$(how_many accepted)" $people "all are accepted"
is "$(sql "select count(distinct rfc_message_id) = $people and bool_and(attempt = 2) from outbox where mailing_id = $id")" t \
    "with the second attempt, and the Message-ID of the first"
is "$(sql "select count(*) from message where outbox_id in (select id from outbox where mailing_id = $id)")" $people \
    "the same content again is kept once"

# the connection goes after the content: nobody knows, and nobody gets it again
sink -q .
new_mailing
adresar deliver --once >/dev/null 2>&1
[ "$(how_many unknown)" -ge 1 ]
ok $? "cut after the final dot: unknown, not deferred" "$(states "$id")"
is "$(how_many queued)" $((people - $(how_many unknown))) "cut after the final dot: who was not tried is queued"
sums "cut after the final dot"
before=$(states "$id" | grep ' unknown$')
sink
exits 0 "the server is back again" adresar deliver --once
is "$(states "$id" | grep ' unknown$')" "$before" "an unknown is not sent again by itself"
one=$(sql "select min(id) from outbox where mailing_id = $id and state = 'unknown'")
exits 0 "a person settles it" as two mailing settle "$one" --as left --why "called: it did not come"
is "$(sql "select state || settled_by from outbox where id = $one")" leftfaults_two "and the ledger says who"

# our own server refuses the sender: that is ours, the mailing waits
sink -f MAIL
new_mailing
adresar deliver --once >/dev/null 2>&1
is "$(how_many queued)" $people "the sender is refused: all are queued still"
like "$(as one --json mailing status "$id")" '"state":"paused"' "the sender is refused: the mailing is paused"
as two mailing resume "$id" >/dev/null
sink
adresar deliver --once >/dev/null 2>&1
is "$(how_many accepted)" $people "after resume all are accepted"

# two processes share the work, nobody gets it twice
sed -i 's/^connections = 1/connections = 3/' "$dir/adresar.conf"
new_mailing
adresar deliver --once >"$dir/a" 2>&1 &
adresar deliver --once >"$dir/b" 2>&1
wait $!
is "$(how_many accepted)" $people "two processes at once: all are accepted"
is "$(arrived | awk '$2 == 1' | wc -l)" $people "each arrived once"

exits 65 "a list with strangers and a line twice is refused" as one mailing new --kind notice --name bad \
    --template "$dir/template" --to <(printf 'p1@sink.example\nnobody@sink.example\nP1@sink.example\n') --from sink
like "$out" ":2: no contact has the address nobody@sink.example" "and the line is named"
like "$out" ":3: contact [0-9]+ stands in line 1 already" "each of them"
done_testing
