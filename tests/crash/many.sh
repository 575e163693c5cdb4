#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
#   make crash [N=1000] [SEED=1] [ACCIDENTS="kill backend"]
#
# N mailings to 200 people, each with one accident, by turns: the sender killed, a session of PostgreSQL ended by its
# administrator, a process of PostgreSQL killed (it recovers from its log), the sender's connection to PostgreSQL or all its
# connections to the mail server cut, the sender told to stop, the sender frozen for longer than its lease while another one
# goes on.  In a third of them two senders share the work.  It happens at a point of the sender (tests/crash/shim.c) or when
# the mail server got so many letters; the mail server is unkind to some (tests/crash/sink.c).  Then senders are started until
# nobody waits, and the mail server's books are held against ours: nobody is lost; nobody has it twice who was not unknown
# and sent to again by order; no more are unknown than the connections' windows allow and the mail server cut off; nothing is
# left in anybody's hands.
#
# Run number s of SEED... chooses by s alone: a failure named "seed s" comes again with N=1 SEED=s.
. tests/lib/tap.sh
. tests/lib/office.sh crashes $((ADRESAR_TEST_PORT + 66)) 2
crowd 200
N=${N:-14}
SEED=${SEED:-$(date +%s)}
bin=${ADRESAR_BIN%/*}/tests/crash
read -ra accidents <<<"${ACCIDENTS:-kill backend session database smtp stop freeze}"
sed -i "s/^lease_s = .*/lease_s = 5/" "$dir/adresar.conf"
# the tests' server forgets what was committed a moment ago; a sender's sessions see to themselves
sql "alter role crashes_one set synchronous_commit = on; alter role crashes_two set synchronous_commit = on"

# ---- the servers and the sender

books() { # [AT]
    books_end
    "$bin/sink" "$port" "$dir/books" "$seed" "${1:-0}" "$dir/accident" &
    sink_pid=$!
    until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.01; done
}
books_end() { sink_end; }

# After a backend was killed PostgreSQL recovers, which takes as long as its log is.
postgres_up() {
    local begun=$SECONDS
    until pg_isready -q -h "$PGHOST" || [ $((SECONDS - begun)) -gt 90 ]; do sleep 0.1; done
}

# Until nobody waits, and what dead senders had in hand is taken from them; the administrator wakes what is paused or deferred. `unknown` is what is left.
deliver_all() {
    local try left
    for try in 1 2 3 4 5 6 7 8; do
        postgres_up
        adresar deliver --once >>"$dir/log" 2>&1
        left=$(sql "update worker set lease_until = now() where lease_until > now();
                    select count(*) filter (where o.state not in ('accepted', 'refused', 'unknown'))
                           + (select count(*) from outbox_batch) || ' ' || min(m.state)
                      from outbox o join mailing m on m.id = o.mailing_id where mailing_id = $id")
        [ "${left% *}" != 0 ] || return 0
        [[ $left != *paused ]] || as two mailing resume "$id" >>"$dir/log" 2>&1
        as two mailing retry "$id" >>"$dir/log" 2>&1
    done
    echo "after $try senders: $(states "$id" | grep -vE ' (accepted|refused|unknown)$' | head -n 3 | tr '\n' ';')"
}

# ---- what is asked

# p1 state Message-ID
rows() {
    sql "select split_part(email, '@', 1), state, coalesce(rfc_message_id, '-') from outbox where mailing_id = $id" | tr '|' ' '
}

# Prints what is wrong; counts into the table. $dir/ordered: who was unknown and is sent to again.
judge() {
    postgres_up
    rows >"$dir/rows"
    awk -v people="$people" -v most="$most" -v table="$dir/sums" '
        FILENAME ~ /books$/ && $3 == "amid" { next }
        FILENAME ~ /books$/ { split($2, a, "@"); n[a[1]]++; id[a[1], n[a[1]]] = $1; next }
        FILENAME ~ /ordered$/ { ordered[$1]++; next }
        {
            total++; state[$2]++
            here = n[$1] + 0
            may = 1 + ordered[$1]
            for (i = 1; i <= here; i++)
                if (id[$1, i] != $3) print $1 " has another letter: " id[$1, i] ", not " $3
            if ($2 == "accepted" && here == 0) { lost++; print $1 " is accepted and has nothing" }
            else if ($2 == "refused" && here > ordered[$1] + 0) { repeated++; print $1 " is refused and has it" }
            else if ($2 !~ /^(accepted|refused|unknown)$/) { lost++; print $1 " is " $2 " in the end" }
            if (here > may) { repeated++; print $1 " has it " here " times, is " $2 }
            if (here > 1) again++
            if ($2 == "unknown" && here) there++
        }
        END {
            if (total != people) print total " recipients"
            if (state["unknown"] > most) print state["unknown"] " unknown, at most " most
            print total + 0, state["accepted"] + 0, state["refused"] + 0, state["unknown"] + 0, there + 0, lost + 0,
                repeated + 0, again + 0 >table
        }' "$dir/books" "$dir/ordered" "$dir/rows"
    local status
    status=$(as one --json mailing status "$id")
    [[ $status == *'"sum_ok":true'* && $status == *"\"total\":$people"* ]] || echo "sums: $status"
    sql "select 'left in hand: ' || count(*) from outbox where state = 'submitting' having count(*) > 0 union all
         select 'left in the queue: ' || count(*) from outbox_queue having count(*) > 0 union all
         select 'left of batches: ' || count(*) from outbox_batch having count(*) > 0"
}

# ---- accidents: AT letters, or a POINT of the sender

pid_of() { echo "\$(cat $dir/pid)"; }
accident_script() {
    local session="application_name = 'adresar ${sessions[RANDOM % 3]}' and datname = '$name'"
    case $accident in
        kill) echo "kill -9 $(pid_of)" ;;
        stop) echo "kill -TERM $(pid_of)" ;;
        freeze) echo "kill -STOP $(pid_of)" ;;
        smtp) echo "kill -USR1 \$PPID" ;;
        session) echo "psql -qAtX -h $PGHOST -U postgres -d $name -c \"select pg_terminate_backend(pid) from pg_stat_activity where $session\"" ;;
        backend) echo "psql -qAtX -h $PGHOST -U postgres -d $name -c \"select pid from pg_stat_activity where $session\" | xargs -r kill -9" ;;
    esac
}
sessions=(deliver feed ledger)

frozen() {
    # until the accident came, or the sender ended before
    until grep -qs '^State:.[TZ]' "/proc/$sender/status" || ! kill -0 $sender 2>/dev/null; do sleep 0.02; done
    sql "update worker set lease_until = now()" >/dev/null
    adresar deliver --once >>"$dir/log" 2>&1
    kill -CONT $sender
}

# The sender, and its accident.
with_accident() {
    local at=0 where="" window
    rm -f "$dir/pid" "$dir/came" "$dir/count"
    # by turns at a point and after so many letters
    if [[ $accident = database || ($accident =~ ^(kill|backend|smtp)$ && $((seed / ${#accidents[@]} % 2)) = 0) ]]; then
        point=$((RANDOM % points + 1))
        case $accident in kill) where=CRASH_AT ;; backend) where=BACKEND_AT ;; smtp) where=SMTP_AT ;; database) where=CUT_AT ;; esac
        what="point $point"
        where=$where=$point
    else
        at=$((RANDOM % 190 + 1))
        { echo "touch $dir/came"; accident_script; } >"$dir/accident"
        what="letter $at"
    fi
    books $at
    env ${where:+"$where" CRASH_COUNT="$dir/count" LD_PRELOAD="$shim"} "$ADRESAR_BIN" -c "$dir/adresar.conf" deliver --once >>"$dir/log" 2>&1 &
    sender=$!
    echo $sender >"$dir/pid"
    partner=""
    [ $senders = 1 ] || { adresar deliver --once >>"$dir/log" 2>&1 & partner=$!; }
    [ $accident != freeze ] || frozen
    wait $sender
    code=$?
    [ -z "$partner" ] || wait $partner
    [ ! -f "$dir/count" ] || [ "$(cat "$dir/count")" -lt $point ] || touch "$dir/came"
    [ $code != 137 ] || touch "$dir/came"
    came=0
    [ ! -f "$dir/came" ] || came=1
}

# Some of the unknown are sent to again by order, and may have it twice.
order_again() {
    local row
    sql "select id, split_part(email, '@', 1) from outbox where mailing_id = $id and state = 'unknown' order by id limit 3" |
        while IFS='|' read -r row who; do
            as two mailing settle "$row" --as queued --why "asked by telephone" >>"$dir/log" 2>&1 && echo "$who"
        done >"$dir/ordered"
}

one_run() {
    seed=$1
    RANDOM=$((seed % 32768))
    accident=${accidents[seed % ${#accidents[@]}]}
    connections=$((RANDOM % 4 + 2))
    senders=$((RANDOM % 3 == 0 ? 2 : 1))
    class=newsletter window=50
    [ $((RANDOM % 2)) = 0 ] || class=notice window=1
    points=$([ $class = notice ] && echo 600 || echo 400)
    sed -i "s/^connections = .*/connections = $connections/" "$dir/adresar.conf"
    : >"$dir/log" >"$dir/ordered"
    mailing $class
    with_accident
    wrong=$(deliver_all)
    cuts=$(grep -cE ' (cut|amid)$' "$dir/books")
    most=$((senders * connections * window + cuts))
    wrong+=$(judge)
    if [ $((seed % 3)) = 0 ] && [ -z "$wrong" ]; then
        order_again
        wrong+=$(deliver_all; judge)
    fi
    read -r total accepted refused unknown there lost repeated again <"$dir/sums"
    echo "$accident $came $total $accepted $refused $unknown $there $lost $repeated $again" >>"$dir/all"
    [[ -z $wrong && $code =~ ^(0|69|75|137)$ ]]
    ok $? "seed $seed: $accident at $what, $class, $senders x $connections connections (exit $code, $([ $came = 1 ] && echo came || echo missed)): $unknown unknown, $again again by order" \
        "$wrong"$'\n'"$(tail -n 40 "$dir/log")"
    # a person leaves the others so
    sql "update outbox set state = 'left', settled_by = actor() where mailing_id = $id and state = 'unknown'" >/dev/null
}

: >"$dir/all"
began=$EPOCHREALTIME
for ((i = 0; i < N; i++)); do one_run $((SEED + i)); done 2>/dev/null
took=$(awk -v a="$began" -v b="$EPOCHREALTIME" -v n="$N" 'BEGIN { printf "%.1f s a run", (b - a) / n }')

table() {
    echo "SEED=$SEED N=$N, $took"
    awk 'BEGIN { f = "%-10s %6s %6s %10s %9s %8s %8s %10s %6s %9s %9s\n"
                 printf f, "accident", "runs", "came", "recipients", "accepted", "refused", "unknown", "(arrived)", "lost", "repeated", "by order" }
         function line(k) { printf f, k, s[k, 1], s[k, 2], s[k, 3], s[k, 4], s[k, 5], s[k, 6], s[k, 7], s[k, 8], s[k, 9], s[k, 10] }
         { if (!($1 in known)) { known[$1]; order[++kinds] = $1 }
           for (k = 0; k < 2; k++) { w = k ? "all" : $1; s[w, 1]++; for (i = 2; i <= NF; i++) s[w, i] += $i } }
         END { for (i = 1; i <= kinds; i++) line(order[i]); line("all") }' "$dir/all"
}
table >"${CRASH_TABLE:-$dir/table}"
is "$(awk '{ lost += $8; repeated += $9 } END { print lost + 0, repeated + 0 }' "$dir/all")" "0 0" "nobody lost, nobody twice in silence" \
    "$(cat "${CRASH_TABLE:-$dir/table}")"
books_end
adresar deliver --once >/dev/null 2>&1
is "$(sql "select string_agg(distinct state, ' ') from mailing")" finished "all mailings are finished"
done_testing
