#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The supervisor: what is killed comes back and goes on, and when it ends nothing is left.
. tests/lib/tap.sh
people=3
. tests/lib/office.sh serve $((ADRESAR_TEST_PORT + 64)) $people
real_imap

serve=""
begin() {
    setsid "$ADRESAR_BIN" -c "$dir/adresar.conf" serve >>"$dir/serve.log" 2>&1 &
    serve=$!
}
# pid_of WORD: the supervisor's child that does it
pid_of() { pgrep -P $serve -f "adresar.conf $1" | head -n 1; }
# everybody in the supervisor's session
all() { pgrep -s "$serve" | tr '\n' ' '; }
# within SECONDS COMMAND: until it succeeds
within() {
    local i limit=$(($1 * 10))
    shift
    for ((i = 0; i < limit; i++)); do "$@" && return 0; sleep 0.1; done
    return 1
}
both_run() { [ -n "$(pid_of deliver)" ] && [ -n "$(pid_of fetch)" ]; }
sent() { [ "$(states "$id" | grep -c ' accepted$')" = $people ]; }
another() { local now; now=$(pid_of "$1"); [ -n "$now" ] && [ "$now" != "$2" ]; }
nobody() { [ -z "$(all)" ]; }
trap 'sink_end; [ -z "$serve" ] || { pkill -9 -s "$serve"; } 2>/dev/null' EXIT

sink
begin
within 5 both_run
ok $? "deliver and fetch are started" "$(cat "$dir/serve.log")"
new_mailing
within 10 sent
ok $? "a released mailing goes out" "$(states "$id")"
is "$(arrived | awk '$2 == 1' | wc -l)" $people "to each once"

old=$(pid_of deliver)
kill -9 "$old"
within 5 another deliver "$old"
ok $? "deliver, killed, is started again" "$(cat "$dir/serve.log")"
like "$(cat "$dir/serve.log")" "deliver.* was killed by signal 9" "and the log says so"
new_mailing
within 10 sent
ok $? "and goes on" "$(states "$id")"
old=$(pid_of fetch)
kill -9 "$old"
within 5 another fetch "$old"
ok $? "fetch, killed, is started again" "$(cat "$dir/serve.log")"
within 10 eval '[ "$(sql "select count(*) from mailbox where read_at > now() - interval '"'5 minutes'"'")" -ge 1 ]'
ok $? "and reads" "$(cat "$dir/serve.log")"

kill -TERM $serve
within 10 nobody
ok $? "SIGTERM ends it and all that it started" "$(pgrep -s $serve -a)"
wait $serve
is "$?" 0 "exit 0"

begin
within 5 both_run
kill -9 $serve
wait $serve 2>/dev/null
within 10 nobody
ok $? "killed itself, it leaves no process behind" "$(pgrep -s $serve -a)"

begin
within 5 both_run
kill -STOP "$(pid_of deliver)"
kill -INT $serve
within 28 nobody
ok $? "who does not end when asked is killed" "$(pgrep -s $serve -a)"
wait $serve
is "$?" 0 "exit 0 then too"
done_testing
