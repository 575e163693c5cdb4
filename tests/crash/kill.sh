#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Kills `adresar deliver` at each commit point and each write of a mailing, resumes, and looks into the sink: each
# recipient is there exactly once, or is shown as unknown (there once or not at all); the sums agree; nobody is lost.
# Then the same with the connection to PostgreSQL cut at each statement, before it or behind the server's commit: the
# process reads again and goes on, and nothing is unknown.
. tests/lib/tap.sh
people=4
. tests/lib/office.sh crash $((ADRESAR_TEST_PORT + 60)) $people
sink

# Prints what is wrong with the mailing, or nothing.
judge() {
    local status r state n
    status=$(as one --json mailing status "$1")
    [[ $status == *'"sum_ok":true'* && $status == *"\"total\":$people"* ]] || echo "sums: $status"
    while read -r r state; do
        n=$(arrived | awk -v r="$r" '$1 == r { print $2 }')
        case $state:${n:-0} in
            accepted:1 | unknown:0 | unknown:1) ;;
            *) echo "$r is $state and arrived ${n:-0} times" ;;
        esac
    done < <(states "$1")
}

new_mailing
CRASH_COUNT=$dir/count LD_PRELOAD=$shim adresar deliver --once >"$dir/whole" 2>&1
total=$(cat "$dir/count" 2>/dev/null || echo 0)
is "$(judge "$id")" "" "without a crash each recipient gets the letter once"
is "$(states "$id" | grep -c accepted)" $people "and is shown so"
[ "$total" -ge $((people * 4)) ]
ok $? "there are $total points to be killed at" "$(cat "$dir/whole")"

unknown=0
for ((at = 1; at <= total; at++)); do
    new_mailing
    CRASH_AT=$at LD_PRELOAD=$shim adresar deliver --once >/dev/null 2>&1
    code=$?
    # the lease is made to run out; one time in ten it runs out by itself
    if [ $((at % 10)) = 0 ]; then sleep 1.1; else sql "update worker set lease_until = now()"; fi
    adresar deliver --once >"$dir/resumed" 2>&1
    wrong=$(judge "$id")
    n=$(states "$id" | grep -c unknown)
    unknown=$((unknown + n))
    [ $code = 137 ] || wrong="$wrong not killed: $code"
    [ "$n" -le 1 ] || wrong="$wrong $n unknown"
    [ -z "$wrong" ]
    ok $? "killed at point $at of $total: $n unknown, nobody lost, nobody twice" "$wrong"$'\n'"$(cat "$dir/resumed")"
done 2>/dev/null
[ $unknown -gt 0 ]
ok $? "some kills left an unknown ($unknown of $total), and it is shown as such"

for ((at = 1; at <= total; at++)); do
    new_mailing
    CUT_AT=$at LD_PRELOAD=$shim adresar deliver --once >"$dir/cut" 2>&1
    code=$?
    n=$(states "$id" | grep -c unknown)
    wrong=""
    [ "$n" = 0 ] || wrong="$n unknown; "
    # where there is nothing to settle the process may end instead, to be started again by its supervisor
    [ $code = 0 ] || { [ $code = 69 ] && adresar deliver --once >>"$dir/cut" 2>&1; } || wrong+="exit $code; "
    wrong+=$(judge "$id")
    [[ -z $wrong && $(states "$id" | grep -c accepted) = "$people" ]]
    ok $? "PostgreSQL's connection cut at point $at of $total: all have their letter" "$wrong"$'\n'"$(cat "$dir/cut")"
done
done_testing
