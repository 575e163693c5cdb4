#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Many connections and one ledger: killed at any moment no more is unknown than the kind's window allows; one row that the
# store refuses spoils nobody else's commit, nor does an answer that got lost; whoever falls out of the queue or a worker's
# hands is found; and what was sent is kept byte for byte.
. tests/lib/tap.sh
connections=4
. tests/lib/office.sh ledger $((ADRESAR_TEST_PORT + 64)) 2
sed -i "s/^connections = .*/connections = $connections/; s/^lease_s = .*/lease_s = 5/" "$dir/adresar.conf"

crowd 160

how_many() { states "$id" | grep -c " $1\$"; }
sums() { like "$(as one --json mailing status "$id")" "\"total\":$people.*\"sum_ok\":true" "$1: the sums agree"; }
# each who is shown to have it has it once, who waits has nothing, who is unknown once at most
judge() {
    join -a 1 -e 0 -o '0,1.2,2.2' <(states "$id" | sort) <(arrived | sort) | awk '
        !($2 == "accepted" && $3 == 1 || $2 == "unknown" && $3 <= 1 || $2 ~ /^(queued|deferred)$/ && $3 == 0) { print }'
}

# ---- in the ordinary way
sink
mailing newsletter
hot() { sql "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'outbox'"; }
before=$(hot)
exits 0 "a newsletter" adresar deliver --once
after=$(hot)
[ $((${after#*|} - ${before#*|})) -ge $((people * 16 / 10)) ]
ok $? "of two moves of a recipient few touch an index" "updates and HOT ones: $before, then $after"
is "$(how_many accepted)" $people "all have it"
is "$(judge)" "" "once"
is "$(sql "select count(*) from attempt a join outbox o on o.id = a.outbox_id and a.attempt = o.attempt
            where o.mailing_id = $id and a.outcome = 'accepted' and a.reply is not null")" $people "each attempt is written down"
is "$(sql "select count(*) from outbox_attempt")" 0 "and once: the row says it"
attempts() { sql "select md5(string_agg(a::text, ';' order by outbox_id, attempt)) from attempt a"; }
before=$(attempts)
sql_as fetch "update outbox set state = 'bounced', settled_by = 'dsn', settled_evidence = '{}', code = 550, enhanced = '5.1.1', reply = 'gone'
    where mailing_id = $id and email ~ '^p.@'"
is "$(sql "select count(*) from outbox_attempt") $(sql "select count(*) from outbox where state = 'bounced'") $(attempts)" "9 9 $before" \
    "what was said first stays when the row moves on"
sql_as fetch "update outbox set state = 'accepted' where mailing_id = $id and state = 'bounced'"
is "$(attempts)" "$before" "and stands there once when it comes back"
is "$(sql "select count(*) from outbox_queue") $(sql "select count(*) from outbox_batch")" "0 0" "nobody waits, nothing is in hand"
is "$(sql "select count(*) from thread")" 0 "a letter has a thread when somebody answers it"

# ---- kept as it was on the wire
is "$(sql "select count(distinct base_id) || ' ' || bool_and(base_id > 0) from message_chunk")" "1 true" "letters are kept upon what they have in common"
like "$(sql "select (avg(length(c.bytes)) * 3 < avg(m.size))::text from message m join message_chunk c on c.message_id = m.id")" true "and take little room"
is "$(sql "select count(*) from message_base where position('Person' in encode(bytes, 'escape')) > 0 or position('sink.example' in encode(bytes, 'escape')) > 0")" 0 \
    "which names nobody"
as one contact file p7@sink.example -o "$dir/p7.zip" >/dev/null
is "$(unzip -p "$dir/p7.zip" 'messages/*.eml' | sha256sum | cut -d ' ' -f 1)" \
    "$(sql "select encode(content_sha256, 'hex') from outbox where mailing_id = $id and email = 'p7@sink.example'")" \
    "a letter is read back byte for byte"
sql "update message_base set bytes = bytes || 'x'" >/dev/null
exits 1 "upon another base it is not taken for the letter" as one contact file p7@sink.example -o "$dir/p7.zip"
like "$out" "damaged" "and that is said"

# ---- killed, wherever it is
unknown=0
for at in 9 17 26 38 55 $((RANDOM % 100 + 60)) $((RANDOM % 100 + 120)); do
    for kind in newsletter:50 notice:1; do
        window=${kind#*:}
        mailing "${kind%:*}"
        CRASH_AT=$at LD_PRELOAD=$shim adresar deliver --once >/dev/null 2>&1
        code=$?
        most=$(sql "select count(*) from outbox where mailing_id = $id and state = 'submitting'")
        sql "update worker set lease_until = now()"
        adresar deliver --once >"$dir/resumed" 2>&1
        n=$(how_many unknown)
        unknown=$((unknown + n))
        wrong=$(judge)
        [[ -z $wrong && $code = 137 && $n = "$most" && $n -le $((connections * window)) &&
            $((n + $(how_many accepted))) = "$people" ]]
        ok $? "killed at point $at: ${kind%:*}, $n unknown, at most $((connections * window)), the others have it once" \
            "exit $code, $most were submitting"$'\n'"$wrong"$'\n'"$(cat "$dir/resumed")"
    done
done 2>/dev/null
[ $unknown -gt 0 ]
ok $? "some kills left an unknown ($unknown)"
is "$(sql "select count(*) from attempt where outcome = 'unknown'")" "$unknown" "each of which is written down as an attempt"
is "$(sql "select count(*) from outbox_batch")" 0 "and nothing of a dead worker is left"

# ---- one row that the store refuses
sql "alter table message add constraint bad_luck check (outbox_id is null or contact_id not in (5, 77)) not valid"
for kind in newsletter notice; do
    mailing $kind
    exits 0 "$kind: two letters that cannot be kept" adresar deliver --once
    is "$(states "$id" | grep -v accepted | tr '\n' ' ')" "p5 held p77 held " "$kind: are held, all others have theirs"
    is "$(arrived | awk '$2 == 1' | wc -l)" $((people - 2)) "$kind: once"
    like "$(sql "select string_agg(reason, ' ') from outbox where mailing_id = $id and state = 'held'")" "bad_luck.*bad_luck" "$kind: and it says why"
done
sql "alter table message drop constraint bad_luck"

# ---- the answer to a commit is lost, with several connections waiting for it
for at in 4 5 6 7 10 13 20; do
    mailing newsletter
    CUT_AT=$at LD_PRELOAD=$shim adresar deliver --once >"$dir/cut" 2>&1
    code=$?
    [ $code = 0 ] || adresar deliver --once >>"$dir/cut" 2>&1
    wrong=$(judge)
    [[ -z $wrong && ($code = 0 || $code = 69) && $(how_many accepted) = "$people" ]]
    ok $? "PostgreSQL's connection cut at point $at: all have their letter, once" "$code $wrong"$'\n'"$(cat "$dir/cut")"
done

# ---- paused while letters wait to be sent: nothing is lost, nothing goes twice
mailing newsletter
sink -w 1
"$ADRESAR_BIN" -c "$dir/adresar.conf" deliver >/dev/null 2>&1 &
deliver=$!
sleep 1.5
as two mailing pause "$id" --why "wait" >/dev/null
sleep 1
kill $deliver
wait $deliver
is "$(how_many submitting) $(how_many claimed) $(how_many unknown)" "0 0 0" "paused and stopped: nothing is in hand" "$(states "$id" | sort -k 2 | uniq -c -f 1)"
sums "paused and stopped"
sink
as two mailing resume "$id" >/dev/null
exits 0 "resumed" adresar deliver --once
is "$(how_many accepted)" $people "resumed: all have it"
is "$(sql "select count(*) from attempt a join outbox o on o.id = a.outbox_id where o.mailing_id = $id and a.outcome = 'accepted'")" $people "resumed: once"

# ---- found again
mailing notice
sql_as deliver "delete from outbox_queue where mailing_id = $id and outbox_id % 2 = 0;
     with w as (insert into worker (host, pid, account, lease_until) values ('x', 1, 'sink', now()) returning id), t as (
     delete from outbox_queue where mailing_id = $id and outbox_id % 3 = 0 returning outbox_id)
     insert into outbox_batch (worker_id, ids) select w.id, array_agg(t.outbox_id) from w, t group by w.id"
exits 0 "some stand in no queue, some in dead hands" adresar deliver --once
is "$(how_many accepted)" $people "all have it"
is "$(judge)" "" "once"
like "$(as one --json mailing status "$id")" '"state":"finished"' "and the mailing is finished"
mailing notice
sql "update outbox set state = 'cancelled' where mailing_id = $id and contact_id = 9"
exits 0 "one stands in the queue who does not wait" adresar deliver --once
is "$(how_many accepted) $(how_many cancelled) $(arrived | wc -l)" "$((people - 1)) 1 $((people - 1))" "and gets nothing"

# ---- as when somebody puts back what a dead sender had: whoever is in a sender's hands stands in the queue as well
mailing notice
sql "update outbox set state = 'cancelled' where mailing_id = $id and id not in (select id from outbox where mailing_id = $id order by id limit 2)"
kill -STOP $sink_pid
"$ADRESAR_BIN" -c "$dir/adresar.conf" deliver --once >"$dir/twice" 2>&1 &
deliver=$!
for ((i = 0; i < 100; i++)); do [ "$(sql "select count(*) from outbox_batch")" = 0 ] || break; sleep 0.1; done
sql "insert into outbox_queue (outbox_id, mailing_id, next_try_at) select id, mailing_id, '2026-01-01' from outbox where mailing_id = $id and state = 'queued'"
sleep 2
is "$(sql "select count(*) from outbox_queue where next_try_at > now() - interval '1 minute'")" 2 "the sender puts off whom it has already"
kill -CONT $sink_pid
wait $deliver
ok $? "and sends them" "$(cat "$dir/twice")"
is "$(how_many accepted) $(arrived | awk '{ print $2 }' | sort | uniq -c | xargs)" "2 2 1" "once"
is "$(sql "select count(*) from outbox_queue") $(sql "select count(*) from outbox_batch")" "0 0" "and nothing stays behind"
done_testing
