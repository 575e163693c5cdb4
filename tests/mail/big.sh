#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# A newsletter with a large file, to many: what deliver has in memory does not grow with the window, the connections or the
# recipients; nor when all of it was put off, and is tried again as it was kept.
. tests/lib/tap.sh
. tests/lib/office.sh big $((ADRESAR_TEST_PORT + 74)) 2
crowd 150
sed -i "s/^connections = .*/connections = 8/; s/^lease_s = .*/lease_s = 10/; s/^timeout_s = .*/timeout_s = 60/" "$dir/adresar.conf"
{ printf '%%PDF-1.4\n'; head -c 2000000 /dev/urandom; } >"$dir/template/plan.pdf"
sed -i 's/^subject: .*/&\nattach: plan.pdf/' "$dir/template/notice.en.md"

# deliver: to its end; $most is the memory that it took at most, in MB
deliver() {
    local pid a
    "$ADRESAR_BIN" -c "$dir/adresar.conf" deliver --once >"$dir/log" 2>&1 &
    pid=$!
    while a=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$a" ]; do
        most=$((a / 1024))
        rm -f "$dir"/sink/m.*[05af] # what came: some of it is enough
        sleep 0.1
    done
    wait $pid
}
how_many() { states "$id" | grep -c " $1\$"; }
small() {
    if [ "${ADRESAR_BIN#*asan}" = "$ADRESAR_BIN" ]; then
        [ "$most" -le 250 ]
        ok $? "$1: $most MB"
    else
        skip "the sanitizers take memory of their own"
    fi
}

mailing newsletter
sink -r . # after the content: later
deliver
is "$? $(how_many deferred)" "0 150" "all 150 letters of 3 MB are put off" "$(cat "$dir/log")"
small "in a memory that holds a few of them"
rm -f "$dir"/sink/*
sink
as one mailing retry "$id" >/dev/null
deliver
is "$? $(how_many accepted)" "0 150" "and go as they were kept" "$(cat "$dir/log")"
small "a few at a time"
is "$(sql "select sum(attempt) from outbox where mailing_id = $id")" 300 "each was tried twice"
is "$(sql "select count(*) from outbox_queue") $(sql "select count(*) from outbox_batch")" "0 0" "nothing is left in hand"
done_testing
