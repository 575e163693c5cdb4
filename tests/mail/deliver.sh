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
paused() { like "$(as one --json mailing status "$id")" '"state":"paused"' "$1: the mailing is paused"; }
# a setting of the account for what follows
setting() { sed -i "s/^$1 = .*/$1 = $2/" "$dir/adresar.conf"; }
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
is "$(how_many unknown)" 3 "cut after the final dot: unknown, not deferred, and three in a row are enough"
paused "cut after the final dot"
is "$(how_many queued)" $((people - $(how_many unknown))) "cut after the final dot: who was not tried is queued"
sums "cut after the final dot"
before=$(states "$id" | grep ' unknown$')
sink
exits 0 "the server is back again" adresar deliver --once
is "$(states "$id" | grep ' unknown$')" "$before" "an unknown is not sent again by itself"
one=$(sql "select min(id) from outbox where mailing_id = $id and state = 'unknown'")
exits 1 "a recipient who is not there is named" as two mailing settle 99999999 --as left --why x
like "$out" "there is no recipient 99999999" "as such"
exits 0 "a person settles it" as two mailing settle "$one" --as left --why "called: it did not come"
is "$(sql "select state || settled_by from outbox where id = $one")" leftfaults_two "and the ledger says who"

# what is wrong with all letters is ours
sink -f .
new_mailing
exits 0 "500 at the final dot, again and again" adresar deliver --once
is "$(how_many refused)" 5 "500 at the final dot: five are refused"
is "$(how_many queued)" 1 "500 at the final dot: the others wait"
paused "500 at the final dot"

# by its code it is ours at once (mail/ours.def), and no recipient's
for stage in RCPT .; do
    sink -B "550 5.7.26 This mail is unauthenticated" -f $stage
    new_mailing
    exits 0 "5.7.26 at $stage" adresar deliver --once
    paused "5.7.26 at $stage"
    is "$(($(how_many queued) + $(how_many deferred)))" $people "5.7.26 at $stage: nobody is refused"
    like "$(as one mailing status "$id")" "neither SPF nor DKIM passes .550 5.7.26" "5.7.26 at $stage: and it says why"
done

# cancelled while a process that died had rows
sink
new_mailing
sql_as deliver "with w as (insert into worker (host, pid, account, lease_until) values ('x', 1, 'sink', now()) returning id)
    insert into outbox_batch (worker_id, ids) select w.id, array_agg(o.id) from w, outbox o
     where mailing_id = $id and right(email, 14) <> '1@sink.example' group by w.id;
    delete from outbox_queue where mailing_id = $id and outbox_id in (select unnest(ids) from outbox_batch)"
like "$(as one --json mailing status "$id")" '"claimed":'$((people - 1)) "what a worker has in hand is shown as claimed"
exits 0 "cancelled while rows are claimed" as two mailing cancel "$id"
exits 0 "delivering then" adresar deliver --once
is "$(how_many cancelled)" $people "nobody waits in a cancelled mailing"
is "$(arrived | wc -l)" 0 "and nobody gets a letter"

# a letter that the store does not take is held for a person, and holds nobody else up
sql "alter table message add constraint bad_luck check (outbox_id is null or contact_id <> 2) not valid"
new_mailing
exits 0 "a letter that cannot be kept" adresar deliver --once
is "$(states "$id" | grep held)" "p2 held" "is held"
is "$(how_many accepted)" $((people - 1)) "the others get theirs"
like "$(as one mailing recipients "$id")" "bad_luck" "and it says why"
sql "alter table message drop constraint bad_luck"

# who is held waits for a person's word
sql "update address set state = 'held', evidence = '{}' where contact_id <= 2"
new_mailing
exits 0 "two addresses are held" adresar deliver --once
is "$(states "$id" | grep -c held) $(how_many accepted)" "2 $((people - 2))" "they are held, the others get their letter"
one=$(sql "select min(id) from outbox where mailing_id = $id and state = 'held'")
exits 0 "one is decided on" as two mailing settle "$one" --as queued --why "called: the address is right"
exits 0 "and the other" as two mailing settle $((one + 1)) --as excluded --why "has moved"
exits 1 "once" as two mailing settle $((one + 1)) --as queued --why "again"
exits 0 "then" adresar deliver --once
is "$(states "$id" | head -n 2 | tr '\n' ' ')" "p1 accepted p2 excluded " "each as the person said"
like "$(as one --json mailing status "$id")" '"state":"finished"' "and the mailing is finished"
sql "update address set state = 'good' where contact_id <= 2"

mkdir "$dir/phone"
sed 's/this is/call {{office.phone}}, this is/' "$dir/template/notice.en.md" >"$dir/phone/notice.en.md"
exits 65 "what the office has not configured is missed when the mailing is prepared" as one mailing new --kind notice \
    --name phone --template "$dir/phone" --to "$dir/list" --from sink
like "$out" "office.phone" "and named"
exits 64 "a kind that is none" as one mailing new --kind bogus --template "$dir/template" --to "$dir/list" --from sink
exits 65 "a fall-back that the template does not have" as one mailing new --kind notice --name x \
    --template "$dir/template" --to "$dir/list" --from sink --fallback xx
printf '1\n\0002\n' >"$dir/binary"
exits 65 "a list with a zero byte, which is not cut there" as one mailing new --kind notice --name x \
    --template "$dir/template" --to "$dir/binary" --from sink

# paced: each outcome is written down before the wait, and what begins meanwhile is not sent
echo "messages_a_minute = 30" >>"$dir/adresar.conf"
new_mailing
sql "update outbox set expires_at = now() + interval '3 seconds' where mailing_id = $id"
adresar deliver --once >"$dir/paced" 2>&1 &
sleep 1
is "$(how_many accepted)" 1 "paced: an outcome is written down at once" "$(states "$id")"
wait $!
is "$?" 0 "paced: the lease is kept" "$(cat "$dir/paced")"
is "$(how_many accepted) $(how_many expired)" "2 $((people - 2))" "after the event has begun nothing is sent"
is "$(arrived | wc -l)" 2 "nor arrives"
setting messages_a_minute 1
new_mailing
"$ADRESAR_BIN" -c "$dir/adresar.conf" deliver >"$dir/paced" 2>&1 &
deliver=$!
sleep 1
kill $deliver
began=$SECONDS
wait $deliver
[ $((SECONDS - began)) -le 3 ]
ok $? "paced: it ends when asked, without waiting for its turn"
is "$(how_many accepted) $(how_many queued)" "1 $((people - 1))" "paced: nobody is left behind in its hands"

# a lease that ran out while the process lives: what it knows is still written down
setting messages_a_minute 60
new_mailing
sql "update mailing set state = 'cancelled', pause_reason = null where state = 'paused'; update outbox set state = 'cancelled' where mailing_id <> $id and state in ('queued', 'held')"
adresar deliver --once >"$dir/paced" 2>&1 &
sleep 1.5
sql "update worker set lease_until = now() - interval '1 second' where lease_until > now()"
wait $!
is "$?" 75 "a lease that ran out ends the process" "$(cat "$dir/paced")"
is "$(states "$id" | grep -vc 'accepted\|queued')" 0 "nothing is unknown, nothing in its hands" "$(states "$id")"
setting messages_a_minute 0
adresar deliver --once >/dev/null 2>&1
is "$(how_many accepted)" $people "the next process goes on"

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
