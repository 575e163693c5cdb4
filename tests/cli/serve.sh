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

# ---- the configuration is read again, in the middle of a mailing

# as new_mailing, but nothing of it is out yet when the sink is emptied
waiting_mailing() {
    id=$(as one --json mailing new --kind notice --name serve --template "$dir/template" --to "$dir/list" --from sink |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    rm -f "$dir"/sink/*
    as two mailing release "$id" >/dev/null
}
cp "$dir/adresar.conf" "$dir/good.conf"
sink -W .:1 # a second behind the final dot
waiting_mailing
within 10 eval '[ "$(states "$id" | grep -c " submitting\$")" -ge 1 ]'
old=$(pid_of deliver)
echo "[smtp" >>"$dir/adresar.conf"
kill -HUP $serve
within 5 grep -q "the configuration that was read before holds on" "$dir/serve.log"
ok $? "one with an error is said" "$(tail -n 5 "$dir/serve.log")"
is "$(pid_of deliver)" "$old" "and changes nothing"
sed 's/^from_name = .*/from_name = The New Office/' "$dir/good.conf" >"$dir/adresar.conf"
printf '%s\n' '[smtp second]' 'host = 127.0.0.1' "port = $port" 'tls = none' 'from_address = office@office.example' >>"$dir/adresar.conf"
kill -HUP $serve
within 10 another deliver "$old"
ok $? "by a good one deliver begins anew" "$(tail -n 5 "$dir/serve.log")"
within 15 sent
ok $? "the mailing that was under way goes on" "$(states "$id")"
is "$(arrived | awk '$2 == 1' | wc -l) $(states "$id" | grep -c unknown)" "$people 0" "once to each, and nothing is unknown"
within 5 eval '[ -n "$(pid_of "deliver --account second")" ]'
ok $? "a new account has its process" "$(pgrep -s $serve -a)"
waiting_mailing
within 10 sent
is "$(cat "$dir"/sink/m.* | grep -c '^From: The New Office')" $people "what it says is in the letters from then on"
cp "$dir/good.conf" "$dir/adresar.conf"
kill -HUP $serve
within 10 eval '[ -z "$(pid_of "deliver --account second")" ]'
ok $? "an account that is gone has none" "$(pgrep -s $serve -a)"
within 10 eval '[ -n "$(pid_of deliver)" ]' # which began anew with the file
old=$(pid_of deliver)
kill -HUP "$old"
within 5 another deliver "$old"
ok $? "SIGHUP to deliver itself ends it in order"
is "$(grep -c "deliver ended with exit code 0" "$dir/serve.log") $(grep -c 'killed by signal 1;' "$dir/serve.log")" "1 0" "as the log says"

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
