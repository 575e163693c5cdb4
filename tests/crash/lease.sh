#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Two senders that know nothing of each other.  One is frozen for longer than its lease, as a virtual machine may be: the
# other one goes on, what the first had begun is unknown, and when it wakes it begins no letter any more, its late knowledge
# settles what is unknown, and what it had not begun is sent.  Two at once, one of them started anew with another
# configuration in the middle; a mailing released twice.
. tests/lib/tap.sh
. tests/lib/office.sh lease $((ADRESAR_TEST_PORT + 70)) 2
crowd 200
bin=${ADRESAR_BIN%/*}/tests/crash
sed -i "s/^connections = .*/connections = 2/; s/^lease_s = .*/lease_s = 2/" "$dir/adresar.conf"
# a mail server that is kind to all
books() { sink_end; "$bin/sink" "$port" "$dir/books" none "$@" & sink_pid=$!; until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.01; done; }
start() { "$ADRESAR_BIN" -c "$dir/$1" deliver $2 >>"$dir/log" 2>&1 & sender=$!; echo $sender >"$dir/pid"; }
twice() { awk '{ print $2 }' "$dir/books" | sort | uniq -d | wc -l; }
how_many() { states "$id" | grep -c " $1\$"; }
until_sent() { # at least so many are accepted, in ten seconds
    local _
    for _ in $(seq 100); do [ "$(how_many accepted)" -lt "$1" ] || return 0; sleep 0.1; done
    return 1
}

for class in newsletter notice; do
    mailing $class
    echo "kill -STOP \$(cat $dir/pid)" >"$dir/freeze"
    books 60 "$dir/freeze"
    start adresar.conf --once
    until grep -qs '^State:.T' "/proc/$sender/status"; do sleep 0.02; done
    sleep 2.3
    exits 0 "$class: the other goes on" adresar deliver --once
    unknown=$(how_many unknown)
    [[ $unknown -gt 0 && $unknown -le $([ $class = newsletter ] && echo 100 || echo 2) ]]
    ok $? "$class: what the frozen one had begun is unknown" "$unknown"
    is "$(how_many accepted)" $((200 - unknown)) "$class: all others have it"
    before=$(wc -l <"$dir/books")
    kill -CONT $sender
    wait $sender
    is $? 75 "$class: the frozen one wakes and ends, its lease is over" "$(tail -n 5 "$dir/log")"
    after=$(wc -l <"$dir/books")
    [ $((after - before)) -le 2 ]
    ok $? "$class: it begins no letter any more" "$((after - before)) came"
    exits 0 "$class: what it had not begun is sent" adresar deliver --once
    is "$(how_many accepted) $(twice) $(wc -l <"$dir/books")" "200 0 200" "$class: what it knew is settled, and all have it once"
done

# ---- two at once; one ends and comes again with another configuration
mailing newsletter
sed "s/^connections = .*/connections = 5/; s/^from_name = .*/from_name = The Office/" "$dir/adresar.conf" >"$dir/other.conf"
books
start adresar.conf
one=$sender
start adresar.conf
two=$sender
sleep 0.3
kill $two
wait $two
is $? 0 "one of two ends by order"
start other.conf
until_sent 200
ok $? "two at once, one of them with another configuration later: all have it" "$(states "$id" | sort -k 2 | uniq -c -f 1; tail -n 5 "$dir/log")"
kill $one $sender
wait $one && wait $sender
is "$? $(how_many unknown) $(twice) $(wc -l <"$dir/books")" "0 0 0 200" "once, and nothing is unknown"

# ---- released twice
exits 1 "it cannot be released again" as two mailing release "$id"
exits 0 "and nothing of it is sent again" adresar deliver --once
is "$(wc -l <"$dir/books")" 200 "not a letter"
as one --json mailing new --kind notice --name twice --template "$dir/template" --to "$dir/everybody" --from sink >"$dir/new"
id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' "$dir/new")
for clerk in two two; do as $clerk mailing release "$id" >"$dir/release.$RANDOM" 2>&1 & releases+=($!); done
good=0
for r in "${releases[@]}"; do wait "$r" && good=$((good + 1)); done
is $good 1 "of two releases at the same moment one is good"
books
adresar deliver --once >/dev/null 2>&1
is "$(twice) $(wc -l <"$dir/books")" "0 200" "all have it once"
is "$(sql "select count(*) from outbox_queue") $(sql "select count(*) from outbox_batch") $(sql "select string_agg(distinct state, ' ') from mailing")" \
    "0 0 finished" "nothing is left in hand"
done_testing
