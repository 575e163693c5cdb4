# SPDX-License-Identifier: AGPL-3.0-or-later
# The jobs of bench/run that send mail.

# start_sink: Postfix's sink, which forgets
start_sink() {
    local user=()
    [ "$(id -u)" != 0 ] || user=(-u nobody)
    smtp-sink "${user[@]}" -m 100 127.0.0.1:$SINK_PORT 1024 >>"$LOG" 2>&1 &
    started+=($!)
}

# source_rate CONNECTIONS SIZE: messages a second of smtp-source, the median of three
source_rate() {
    local i
    for i in 1 2 3; do
        seconds smtp-source -d -s "$1" -l "$2" -m "$DELIVER" -f office@klokot.example -t someone@place.example 127.0.0.1:$SINK_PORT
        echo "$took"
    done | middle "$DELIVER"
}

# new_mailing KIND LIST: released; sets `id`
new_mailing() {
    as bench_clerk --json mailing new --kind "$1" --name Measurement --template "$OUT/letter" --to "$2" --from sink \
        --fallback en >"$OUT/new"
    id=$(sed 's/.*"id":\([0-9]*\).*/\1/' "$OUT/new")
    as bench_head mailing release "$id" >>"$LOG"
}

# setting KEY VALUE: of the account
setting() { sed -i "/^\[smtp/,/^\[imap/s/^$1 = .*/$1 = $2/" "$OUT/adresar.conf"; }

# deliver_one KIND: a mailing to the list; sets `took`
deliver_one() {
    new_mailing "$1" "$OUT/list"
    ask -q -c "analyze outbox, outbox_queue" -c checkpoint
    seconds as adresar_deliver deliver --once
    [ "$(ask -c "select count(*) from outbox where mailing_id = $id and state = 'accepted'")" = "$(wc -l <"$OUT/list")" ] ||
        fail "not all letters were delivered"
}

# middle N: a second, of the seconds that N letters took each time
middle() { sort -n | awk -v n="$1" '{ s[NR] = $1 } END { printf "%.0f", n / s[int((NR + 1) / 2)] }'; }

# deliver_rate KIND CONNECTIONS: letters a second, the median of three mailings
deliver_rate() {
    local i
    setting connections "$2"
    for i in 1 2 3; do
        deliver_one "$1"
        echo "$took"
    done | middle "$DELIVER"
}

# backends_cpu: seconds of processor time of all sessions that PostgreSQL has ended; deliver's end a moment after deliver
backends_cpu() {
    local pid _
    pid=$(head -n 1 "$SERVERS/pg/postmaster.pid")
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.1
        pgrep -P "$pid" -f '^postgres: adresar_deliver ' >/dev/null || break
    done
    awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.2f", ($14 + $15) / hz }' "/proc/$pid/stat"
}

# queue_cost N: delivers for some seconds out of a queue of so many, and prints the processor's time a letter, of the program
# and PostgreSQL together, in microseconds, and the program's greatest memory in MB
queue_cost() {
    local pid before used peak sent
    echo 1 >"$OUT/list"
    new_mailing newsletter "$OUT/list"
    # the others as the first was prepared and released, past the program
    ask -q -c "set session_replication_role = replica" -c "with o as (insert into outbox (mailing_id, contact_id, address_id, email,
        name, language, view, state, expires_at) select o.mailing_id, a.contact_id, a.id, a.email, o.name, o.language, o.view, 'queued',
        o.expires_at from outbox o, lateral (select distinct on (contact_id) * from address where contact_id between 2 and $1
        order by contact_id, id) a where o.mailing_id = $id returning id, mailing_id, next_try_at)
        insert into outbox_queue select * from o"
    ask -q -c "vacuum analyze outbox, outbox_queue" -c checkpoint
    before=$(backends_cpu)
    PGUSER=adresar_deliver "$PROGRAM" -c "$OUT/adresar.conf" deliver >>"$LOG" 2>&1 &
    pid=$!
    started+=($pid)
    sleep 4
    used=$(awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.2f", ($12 + $13) / hz }' /proc/$pid/stat)
    peak=$(awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' /proc/$pid/status)
    kill $pid && wait $pid
    used=$(awk -v a="$before" -v b="$(backends_cpu)" -v c="$used" 'BEGIN { print b - a + c }')
    sent=$(ask -c "select count(*) from outbox where mailing_id = $id and state = 'accepted'")
    ask -q -c "set session_replication_role = replica; delete from outbox_queue; update mailing set state = 'cancelled'
        where id = $id and state = 'released'"
    awk -v used="$used" -v sent="$sent" -v peak="$peak" 'BEGIN { printf "%.1f %d", 1000000 * used / sent, peak }'
}

# prepare_to_send N: contacts who have agreed to newsletters, a template, and the sink
prepare_to_send() {
    fill "$1"
    ask -q -c "set session_replication_role = replica; insert into consent (contact_id, list_id, given, how)
               select c.id, l.id, true, 'form' from contact c join mail_list l on l.slug = 'newsletter'"
    mkdir -p "$OUT/letter"
    cp bench/letter.md "$OUT/letter/letter.en.md"
    start_sink
}

job_deliver() {
    local id kind size connections ours limit queue first cost peak
    fresh_database deliver
    prepare_to_send "$(printf '%s\n' "$DELIVER" $DELIVER_QUEUES | sort -n | tail -n 1)"
    for connections in 16 1; do
        for kind in newsletter notice; do
            seq 1 "$DELIVER" >"$OUT/list"
            ours=$(deliver_rate $kind $connections)
            size=$(ask -c "select avg(size)::int from message")
            limit=$(source_rate $connections "$size")
            row "deliver: ${kind}s of $size bytes, $connections connections (smtp-source)" "$ours" "$limit" /s
        done
    done
    setting connections 16
    for queue in $DELIVER_QUEUES; do
        read -r cost peak < <(queue_cost "$queue"; echo)
        row "deliver: processor's time a letter, queue of $queue, $peak MB (the first)" "$cost" "${first:=$cost}" us
    done
}

# ---- others

# nodemailer_rate: letters a second of a pool with as many connections, which remembers nothing; the median of three
nodemailer_rate() {
    local i
    mkdir -p "$OUT/node"
    npm install --silent --no-fund --no-audit --prefix "$OUT/node" nodemailer >>"$LOG" 2>&1 || return 1
    cp bench/nodemailer.mjs "$OUT/node/"
    for i in 1 2 3; do
        node "$OUT/node/nodemailer.mjs" "$SINK_PORT" 16 "$DELIVER" 2>>"$LOG" || return 1
    done | middle "$DELIVER"
}

# A Postfix that takes mail for everybody on PORT + 9, syncs each, and throws it away behind the queue.
start_postfix() {
    local etc=$SERVERS/postfix/etc
    demo/servers start "$SERVERS" "$PORT" --only mail >>"$LOG" 2>&1 || fail "Postfix does not start"
    postconf -c "$etc" -e default_transport=discard virtual_mailbox_domains= in_flow_delay=0
    cat >>"$etc/master.cf" <<END
127.0.0.1:$((PORT + 9)) inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_mynetworks,reject -o mynetworks=127.0.0.0/8 -o smtpd_recipient_restrictions=permit
discard unix - - n - - discard
END
    postfix -c "$etc" reload >>"$LOG" 2>&1
    sleep 1
}

postfix_is_empty() {
    local i
    for ((i = 0; i < 600; i++)); do
        [ -n "$(find "$SERVERS/postfix/spool/incoming" "$SERVERS/postfix/spool/active" -type f -print -quit)" ] || return 0
        sleep 0.2
    done
    fail "Postfix does not get rid of its queue"
}

# postfix_rates SIZE: two files of seconds, taken in turns
postfix_rates() {
    local i
    : >"$OUT/ours" >"$OUT/limit"
    for i in 1 2 3 4 5 6 7; do
        deliver_one newsletter
        echo "$took" >>"$OUT/ours"
        postfix_is_empty
        seconds smtp-source -N -d -s 16 -l "$1" -m "$WIRE" -f office@klokot.example -t someone@place.example "127.0.0.1:$((PORT + 9))"
        echo "$took" >>"$OUT/limit"
        postfix_is_empty
    done
}

# dkim_key ALGORITHM: the section that signs with a new key of it, in place of the one there was
dkim_key() {
    sed -i '/^\[dkim /,$d' "$OUT/adresar.conf"
    as adresar_deliver dkim new --domain klokot.example --algorithm "$1" | sed -n '/^\[dkim /,/^$/p' >"$OUT/section"
    cat "$OUT/section" >>"$OUT/adresar.conf"
}

job_wire() {
    local id took ours bare limit size DELIVER=$WIRE
    fresh_database wire
    prepare_to_send "$WIRE"
    seq 1 "$WIRE" >"$OUT/list"
    ours=$(deliver_rate newsletter 16)
    size=$(ask -c "select avg(size)::int from message")
    if limit=$(nodemailer_rate); then
        row "wire: newsletters of $size bytes, 16 connections (nodemailer's pool)" "$ours" "$limit" /s
    else
        echo "bench: npm gives no nodemailer: left out" >&2
    fi
    setting port $((PORT + 6))
    python3 bench/delay.py $((PORT + 6)) "$SINK_PORT" 0.01 2>>"$LOG" &
    started+=($!)
    sleep 1
    row "wire: the same through a line of 20 ms there and back (600)" "$(deliver_rate newsletter 16)" 600 /s
    setting port "$SINK_PORT"
    dkim_key ed25519
    row "wire: the same signed with Ed25519 (unsigned)" "$(deliver_rate newsletter 16)" "$ours" /s
    dkim_key rsa
    bare=$(build/opt/bench/sign 3 | awk '/^RSA.* 2 threads/ { print $9 }')
    row "wire: the same signed with RSA, 2048 bits (two cores' bare signatures)" "$(deliver_rate newsletter 16)" "$bare" /s
    sed -i '/^\[dkim /,$d' "$OUT/adresar.conf"
    start_postfix
    setting port $((PORT + 9))
    postfix_rates "$size"
    row "wire: the same into Postfix (smtp-source -N into the same)" "$(middle "$WIRE" <"$OUT/ours")" "$(middle "$WIRE" <"$OUT/limit")" /s
}
