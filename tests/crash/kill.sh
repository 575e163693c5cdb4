#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Kills `adresar deliver` at each commit point and each write of a mailing, resumes, and looks into the sink: each
# recipient is there exactly once, or is shown as unknown (there once or not at all); the sums agree; nobody is lost.
. tests/lib/tap.sh
set -u

dir=$ADRESAR_TEST_DIR/crash
port=$((ADRESAR_TEST_PORT + 60))
mkdir -p "$dir/template" "$dir/sink"
chmod 777 "$dir/sink"
name=adresar_crash
people=4

cat >"$dir/adresar.conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=$name
[office]
name = Office
domain = office.example
[keys]
file = keys
[smtp sink]
host = 127.0.0.1
port = $port
tls = none
from_name = Office
from_address = office@office.example
connections = 1
lease_s = 1
CONF
cat >"$dir/template/notice.en.md" <<'TEXT'
---
lang: en
subject: A notice
---

{{salutation}},

this is the whole notice, to its END.
TEXT

adresar() { "$ADRESAR_BIN" -c "$dir/adresar.conf" "$@"; }
sql() { psql -qAtX -h "$PGHOST" -U postgres -d "$name" -c "$1"; }

set -e
psql -qX -h "$PGHOST" -U postgres -d postgres -c "drop database if exists $name" 2>/dev/null
PGUSER=postgres adresar db init >/dev/null
adresar key new >/dev/null
for clerk in crash_one crash_two; do
    adresar user add $clerk --role clerk --department office --department-name Office >/dev/null
    demo/servers map "$ADRESAR_TEST_DIR/servers" $clerk
done
for i in $(seq $people); do
    PGUSER=crash_one adresar contact add --kind person --name "Person $i" --email "p$i@sink.example" --language en \
        --salutation "Dear person $i" --department office >/dev/null
    echo "p$i@sink.example"
done >"$dir/list"
set +e

smtp-sink -u nobody -d "$dir/sink/m." "127.0.0.1:$port" 100 &
sink=$!
trap 'kill $sink' EXIT
for _ in $(seq 50); do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.1; done

new_mailing() {
    id=$(PGUSER=crash_one adresar --json mailing new --kind notice --name crash --template "$dir/template" \
        --to "$dir/list" --from sink | sed 's/.*"id":\([0-9]*\).*/\1/')
    PGUSER=crash_two adresar mailing release "$id" >/dev/null
    rm -f "$dir"/sink/*
}

# How often the whole content for each recipient came to the sink: "p1 1" ...
arrived() {
    local f
    for f in "$dir"/sink/*; do
        [ -f "$f" ] && grep -q 'END' "$f" && sed -n 's/^X-Rcpt-Args: <\(p[0-9]*\)@.*/\1/p' "$f"
    done | sort | uniq -c | awk '{ print $2, $1 }'
}

# Prints what is wrong with the mailing, or nothing.
judge() {
    local states status r state n
    states=$(adresar_state "$1")
    status=$(PGUSER=crash_one adresar --json mailing status "$1")
    [[ $status == *'"sum_ok":true'* && $status == *"\"total\":$people"* ]] || echo "sums: $status"
    while read -r r state; do
        n=$(arrived | awk -v r="$r" '$1 == r { print $2 }')
        case $state:${n:-0} in
            accepted:1 | unknown:0 | unknown:1) ;;
            *) echo "$r is $state and arrived ${n:-0} times" ;;
        esac
    done <<<"$states"
}
adresar_state() { sql "select split_part(email, '@', 1), state from outbox where mailing_id = $1 order by id" | tr '|' ' '; }

new_mailing
CRASH_COUNT=$dir/count LD_PRELOAD=${ADRESAR_BIN%/*}/tests/crash/shim.so adresar deliver --once >/dev/null 2>&1
total=$(cat "$dir/count" 2>/dev/null || echo 0)
is "$(judge "$id")" "" "without a crash each recipient gets the letter once"
[ "$total" -ge $((people * 4)) ]
ok $? "there are $total points to be killed at"

unknown=0
for ((at = 1; at <= total; at++)); do
    new_mailing
    CRASH_AT=$at LD_PRELOAD=${ADRESAR_BIN%/*}/tests/crash/shim.so adresar deliver --once >/dev/null 2>&1
    code=$?
    # the lease runs out at once, but for one time in ten, where it runs out by itself
    if [ $((at % 10)) = 0 ]; then sleep 1.1; else sql "update worker set lease_until = now()"; fi
    adresar deliver --once >"$dir/resumed" 2>&1
    wrong=$(judge "$id")
    n=$(adresar_state "$id" | grep -c unknown)
    unknown=$((unknown + n))
    [ $code = 137 ] || wrong="$wrong not killed: $code"
    [ "$n" -le 1 ] || wrong="$wrong $n unknown"
    [ -z "$wrong" ]
    ok $? "killed at point $at of $total: $n unknown, nobody lost, nobody twice" "$wrong"$'\n'"$(cat "$dir/resumed")"
done
[ $unknown -gt 0 ]
ok $? "some kills left an unknown ($unknown of $total), and it is shown as such"
done_testing
