#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Reading mailboxes while something breaks: the server is killed, the connection is cut, PostgreSQL goes away, the folder gets
# new numbers, the parser is crashed.  In the end each message is kept, once.
. tests/lib/tap.sh
. tests/lib/office.sh breaks $((ADRESAR_TEST_PORT + 63)) 1

DOVECOT=$SERVERS_DIR/dovecot/dovecot.conf
adm() { local verb=$1; shift; doveadm -c "$DOVECOT" "$verb" -u "$@" 2>&1; }
user=kabinet@klokot.example
folder=$SERVERS_DIR/dovecot/mail/$user/Maildir
cut_port=$((ADRESAR_TEST_PORT + 64)) killer_port=$((ADRESAR_TEST_PORT + 65))
helper=""
helper() { # ARGUMENTS...: until helper_end
    python3 tests/lib/imap_faults.py "$@" 2>"$dir/helper.log" &
    helper=$!
    for _ in $(seq 100); do
        grep -q "$(printf ':%04X 00000000:0000 0A' "$2")" /proc/net/tcp && return
        sleep 0.05
    done
}
helper_end() {
    [ -z "$helper" ] || { kill "$helper" && wait "$helper"; } 2>/dev/null
    helper=""
}
trap 'helper_end; sink_end' EXIT

account() { # NAME PORT LINES...
    printf '%s\n' "[imap $1]" "host = 127.0.0.1" "port = $2" "user = $user" "password_file = $PASSWORD_FILE" "address = $user" \
        "sent =" "${@:3}"
}
tls=("verify_name = $MAIL_HOST" "ca_file = $CA_FILE")
cp "$dir/adresar.conf" "$dir/adresar.conf.bare"
accounts() { { cat "$dir/adresar.conf.bare"; cat; } >"$dir/adresar.conf"; }

forget() { # all that was read
    sql "set session_replication_role = replica; delete from message_place; delete from mailbox_look; delete from mailbox;
         delete from message_chunk; delete from message"
}
# fill N: a mailbox of so many messages, and nothing is known of it
filled=0
fill() {
    filled=$((filled + 1))
    adm expunge "$user" mailbox INBOX all >/dev/null
    awk -v n="$1" -v folder="$folder/new" -v filled=$filled 'BEGIN {
        for (i = 1; i <= n; i++) {
            file = folder "/" 1700000000 + i ".M" i "P" filled ".test"
            printf "From: someone%d@far.example\nSubject: %d\nMessage-ID: <f%d@test.example>\n\n", i, i, i >file
            for (k = 0; k < 200; k++) print "a line of the text of message " i >file
            close(file)
        } }'
    chown -R --reference="$folder" "$folder/new"
    adm force-resync "$user" INBOX >/dev/null
    forget
}
kept() { sql "select count(*) from message"; }
# What there is in the end: so many messages, each whole, once, and judged
whole() {
    sql "select count(*) || ' ' || count(distinct rfc_message_id) || ' ' || count(class) || ' ' ||
                count(*) filter (where size = (select sum(length(bytes)) from message_chunk c where c.message_id = m.id)) from message m"
}
until_kept() { # N: by the background process, which ends early if it has nothing to do
    for _ in $(seq 400); do
        [ "$(kept)" -ge "$1" ] && return
        sleep 0.02
    done
    return 1
}
settle() { # as a supervisor does
    for _ in 1 2 3 4 5 6; do
        adresar fetch --once >"$dir/settle.log" 2>&1 && return
        sleep 0.5
    done
    cat "$dir/settle.log"
    return 1
}

N=1500
account office "$IMAPS_PORT" "${tls[@]}" | accounts

# ---- the server

fill $N
adresar fetch --once >"$dir/log" 2>&1 &
until_kept 50
for pid in $(pgrep -x -P "$(cat "$SERVERS_DIR"/run/dovecot/master.pid)" imap); do kill -9 "$pid"; done
wait $!
at=$(kept)
settle
ok $? "the server is killed in mid-fetch"
is "$(whole)" "$N $N $N $N" "each message is kept, whole, once" "$at were kept by the first run"

# ---- PostgreSQL

fill $N
adresar fetch --once >"$dir/log" 2>&1 &
until_kept 50
kill -9 "$(sql "select pid from pg_stat_activity where usename = 'adresar_fetch' limit 1")"
wait $!
code=$?
for _ in $(seq 100); do [ "$(sql "select 1" 2>/dev/null)" = 1 ] && break || sleep 0.1; done
[ $code = 69 ] || [ $code = 75 ]
ok $? "PostgreSQL restarts in mid-fetch, and the run ends with a server away" "exit $code: $(cat "$dir/log")"
at=$(kept)
[ "$at" -lt $N ]
ok $? "in its middle" "$at kept"
settle
ok $? "the next goes on"
is "$(whole)" "$N $N $N $N" "each message is kept, whole, once"

# ---- new numbers

fill $N
adresar fetch --once >"$dir/log" 2>&1 &
until_kept 50
adm 'mailbox update' $user --uid-validity 777 INBOX >/dev/null
wait $!
settle
ok $? "the folder gets another UIDVALIDITY in mid-fetch"
is "$(whole)" "$N $N $N $N" "each message is kept, whole, once"
is "$(sql "select count(*) from message_place p join mailbox b on b.id = p.mailbox_id and b.uidvalidity = p.uidvalidity
           where b.uidvalidity = 777")" $N "and has its place in the folder as it is now"

# ---- the connection, at places all over a session

account office $cut_port "${tls[@]}" | accounts
fill 30
bad=""
for count in $(seq 1000 3001 46000); do
    helper cut $cut_port "$IMAPS_PORT" "$count"
    forget
    settle || bad+=" $count: no end;"
    [ "$(whole)" = "30 30 30 30" ] || bad+=" $count: $(whole);"
    helper_end
done
is "$bad" "" "a connection is cut in 16 places, TLS and all: each message is kept, whole, once"

# ---- the parser, and accounts beside

fill 3
helper killer $killer_port
{ account bad $killer_port "tls = none"; account office "$IMAPS_PORT" "${tls[@]}"; } | accounts
"$ADRESAR_BIN" -c "$dir/adresar.conf" fetch 2>"$dir/fetch.log" &
daemon=$!
status() { as one --json fetch --status | grep "\"account\":\"$1\""; }
for _ in $(seq 300); do [[ $(status bad) =~ 'not read any more' ]] && break || sleep 0.1; done
like "$(status bad)" '"error":"its answers have killed the IMAP worker three times' "an account that kills its worker is read no more" \
    "$(cat "$dir/fetch.log")"
is "$(grep -c 'an IMAP worker with .* was killed by signal 11' "$dir/fetch.log")" 3 "after it did so three times"
like "$(cat "$dir/fetch.log")" 'imap bad\] was being read; it gets a worker of its own' "the last of them in a worker of its own"
is "$(kept)" 3 "the account beside it is read"
printf '%s\n' "From: x@far.example" "Message-ID: <late@test.example>" "" "late" | adm save $user -m INBOX >/dev/null
for _ in $(seq 100); do [ "$(kept)" = 4 ] && break || sleep 0.1; done
is "$(kept)" 4 "and goes on being read"
kill $daemon
wait $daemon
is $? 0 "it ends when it is told to"
helper_end
done_testing
