#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Kills `adresar mailing release` at each point of a release that goes in several slices, cuts its connection to PostgreSQL
# there, and lets two people release at once: the mailing is released whole, or not at all.  N=1000000 is as many recipients,
# with a kill behind the first slice and one before the commit.
. tests/lib/tap.sh
people=1
. tests/lib/office.sh release $((ADRESAR_TEST_PORT + 60)) $people
N=${N:-20001} # a slice and one recipient (outbox_release in sql/query/outbox.sql)
crowd "$N"

# a draft of the program's own, to which the others are added as it wrote the first
id=$(as one --json mailing new --kind notice --name n --template "$dir/template" --to "$dir/list" --from sink |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
sql "set session_replication_role = replica;
     insert into outbox (mailing_id, contact_id, address_id, email, name, language, view, state, reason)
     select o.mailing_id, a.contact_id, a.id, a.email, o.name, o.language, o.view, o.state, o.reason
       from outbox o, address a where o.mailing_id = $id and a.contact_id <> o.contact_id;
     set session_replication_role = origin" >/dev/null
sql "vacuum analyze outbox, outbox_queue, contact, address" >/dev/null

# what the store holds: the mailing's state, its rows by state, how many of them wait to be sent, and what the log says
whole() {
    sql "select m.state, (select string_agg(s, ' ' order by s) from (select state || ':' || count(*) as s from outbox
                           where mailing_id = m.id group by state) x),
                (select count(*) from outbox_queue where mailing_id = m.id),
                (select count(*) from audit_value v join audit a on a.id = v.audit_id
                  where a.object = 'mailing' and v.row_id = m.id and v.after ->> 'state' = 'released') > 0
           from mailing m where id = $id"
}
none="draft|held:$N|0|f" all="released|queued:$N|$N|t"
# until PostgreSQL has ended what a dead or cut-off clerk had begun
settle() {
    local _
    for _ in $(seq 600); do
        [ "$(sql "select count(*) from pg_stat_activity where usename = '${office}_two'")" != 0 ] || return 0
        sleep 0.1
    done
}
# as it was before the release, past the program
again() {
    sql "set session_replication_role = replica; delete from outbox_queue;
         update outbox set state = 'held', reason = 'release', next_try_at = now(), expires_at = null where state = 'queued';
         update mailing set state = 'draft', released_by = null, released_at = null, findings = null;
         delete from audit_value v using audit a where a.id = v.audit_id and a.object = 'mailing' and v.after ->> 'state' = 'released'" >/dev/null
    sql "vacuum outbox, outbox_queue" >/dev/null
}
is "$(whole)" "$none" "a draft of $N recipients"
began=$(date +%s.%N)
out=$(CRASH_COUNT=$dir/count LD_PRELOAD=$shim as two --json mailing release "$id" 2>&1)
ok $? "is released" "$out"
echo "# $N recipients in $(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }') seconds"
is "$(whole)" "$all" "whole"
like "$(as one --json mailing status "$id")" "\"total\":$N,.*\"sum_ok\":true" "and the sums agree"
points=$(cat "$dir/count")
is "$points" $((2 * ((N + 19999) / 20000 + 4))) "in slices, with points between them"

few=$((N > 100000))
for at in $([ $few = 1 ] && echo 6 $((points - 1)) || seq "$points"); do
    [ "$(whole)" = "$none" ] || again
    CRASH_AT=$at LD_PRELOAD=$shim as two mailing release "$id" >/dev/null 2>&1
    code=$?
    settle
    expected=$none
    [ $at -lt "$points" ] || expected=$all # the commit was done
    is "$code $(whole)" "137 $expected" "killed at point $at of $points"
done 2>/dev/null

for at in $([ $few = 1 ] && echo "$points" || echo 1 6 $((points - 1)) "$points"); do
    [ "$(whole)" = "$none" ] || again
    out=$(CUT_AT=$at LD_PRELOAD=$shim as two mailing release "$id" 2>&1)
    code=$?
    settle
    expected=$none
    [ "$at" -lt "$points" ] || expected=$all
    is "$code $(whole)" "69 $expected" "cut off at point $at of $points"
done
exits 1 "who was not told that it was done asks again" as two mailing release "$id"
like "$out" 'is released, not a draft' "and hears it"

again
as two mailing release "$id" >"$dir/a" 2>&1 &
first=$!
as two mailing release "$id" >"$dir/b" 2>&1
second=$?
wait $first
is "$(($? + second)) $(whole)" "1 $all" "of two who release at once one does, and the other is told"
like "$(cat "$dir/a" "$dir/b")" 'is released, not a draft' "why"
done_testing
