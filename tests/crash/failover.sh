#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Two PostgreSQL servers, one of which copies the other before a commit returns.  The first is killed in the middle of a
# mailing (its parent process by kill -9, or stopped at once), the second takes over: the sender, who was told of both, goes on
# by itself, and nobody is lost or has it twice.  While the second one does not answer nothing is committed, nothing is
# sent, and the log says why.
. tests/lib/tap.sh
pg=/usr/lib/postgresql/15/bin
base=$((ADRESAR_TEST_PORT + 72))
ports=($((base + 1)) $((base + 2)))
place=$ADRESAR_TEST_DIR/replicas
mkdir -p "$place"
[ "$(id -u)" != 0 ] || chown postgres "$place"
# PGPORT is the server's port, too
mine() (
    unset PGHOST PGPORT PGTARGETSESSIONATTRS
    cd / || exit
    if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else exec "$@"; fi
)
pg() { # SERVER ACTION...
    local n=$1
    shift
    mine $pg/pg_ctl -D "$place/$n" -s -w -l "$place/$n/log" "$@" </dev/null >>"$place/ctl.log" 2>&1
}
servers_end() {
    local n
    for n in 0 1; do
        [ ! -f "$place/$n/postmaster.pid" ] || pg $n -m immediate stop
    done
}
trap servers_end EXIT

# One waits until the other has a commit on its disk, the other until one shows it.
levels=(on remote_apply)
settings() { # SERVER
    cat <<CONF
listen_addresses = '127.0.0.1'
port = ${ports[$1]}
unix_socket_directories = ''
fsync = off
synchronous_commit = ${levels[$1]}
wal_receiver_status_interval = 1s
shared_preload_libraries = 'plpgsql'
hot_standby = on
CONF
}
standby() { # NEW of OLD: copied, and waited for
    rm -rf "${place:?}/$1"
    mine $pg/pg_basebackup -D "$place/$1" -h 127.0.0.1 -p "${ports[$2]}" -U postgres -R -c fast --no-sync &&
        settings "$1" | mine tee "$place/$1/postgresql.conf" >/dev/null &&
        pg "$1" start && ask "$2" "alter system set synchronous_standby_names = '*'" && ask "$2" "select pg_reload_conf()"
}
ask() { psql -qAtX -h 127.0.0.1 -p "${ports[$1]}" -U postgres -d postgres -c "$2" >/dev/null; }

mine $pg/initdb -D "$place/0" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null &&
    settings 0 | mine tee "$place/0/postgresql.conf" >/dev/null && pg 0 start
ok $? "a server" "$(cat "$place/ctl.log")"

export PGHOST=127.0.0.1,127.0.0.1 PGPORT=${ports[0]},${ports[1]} PGTARGETSESSIONATTRS=read-write
[ -f "$place/0/postmaster.pid" ] || { echo "Bail out! there is no server"; exit 1; }
. tests/lib/office.sh failover $((ADRESAR_TEST_PORT + 72)) 2
trap 'sink_end; servers_end' EXIT
crowd 200
sed -i "s/^conninfo = .*/conninfo = host=127.0.0.1,127.0.0.1 port=$PGPORT dbname=$name/; s/^connections = .*/connections = 3/; s/^lease_s = .*/lease_s = 15/" \
    "$dir/adresar.conf"
bin=${ADRESAR_BIN%/*}/tests/crash
books() { sink_end; "$bin/sink" "$port" "$dir/books" none "$@" & sink_pid=$!; until (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.01; done; }
how_many() { states "$id" | grep -c " $1\$"; }
start() { env -u PGHOST -u PGPORT -u PGTARGETSESSIONATTRS "$ADRESAR_BIN" -c "$dir/adresar.conf" deliver "$@" >"$dir/log" 2>&1 & sender=$!; }

# ---- the first is lost, the second takes over; twice, to and fro
first=0 second=1
for how in "kill -9" "stopped at once"; do
    class=newsletter
    [ "$how" = "kill -9" ] || class=notice
    standby $second $first
    ok $? "$how: a second server copies the first" "$(tail -n 5 "$place/ctl.log" "$place"/?/log)"
    mailing $class
    is "$(sql "show synchronous_commit")" "${levels[$first]}" "$how: it waits for the other until that has it (${levels[$first]})"
    postmaster=$(head -n 1 "$place/$first/postmaster.pid")
    if [ "$how" = "kill -9" ]; then echo "kill -9 $postmaster"; else echo "kill -QUIT $postmaster"; fi >"$dir/accident"
    books 80 "$dir/accident"
    start
    until ! kill -0 "$postmaster" 2>/dev/null || ! kill -0 $sender 2>/dev/null; do sleep 0.05; done
    # the one with which it was in step, and waits for nobody itself
    mine sed -i '/synchronous_standby_names/d' "$place/$second/postgresql.auto.conf"
    pg $second promote
    ok $? "$how: the second takes over" "$(tail -n 5 "$place/$second/log")"
    for _ in $(seq 150); do
        [ $(($(how_many accepted) + $(how_many unknown))) -lt 200 ] || break
        sleep 0.1
    done
    kill -0 $sender
    ok $? "$how: the sender goes on by itself" "$(cat "$dir/log")"
    kill $sender
    wait $sender
    is "$? $(how_many accepted) $(how_many unknown)" "0 200 0" "$how: $class, all have it, and nothing is unknown" \
        "$(cat "$dir/log"; states "$id" | sort -k 2 | uniq -c -f 1)"
    is "$(wc -l <"$dir/books") $(awk '{ print $2 }' "$dir/books" | sort -u | wc -l)" "200 200" "$how: once"
    sql "update worker set lease_until = now()"
    adresar deliver --once >>"$dir/log" 2>&1
    is "$(sql "select count(*) from outbox_queue") $(sql "select count(*) from outbox_batch")" "0 0" "$how: nothing is left in hand"
    like "$(as one --json mailing status "$id")" "\"total\":200.*\"sum_ok\":true" "$how: the sums agree"
    rm -f "$place/$first/postmaster.pid"
    first=$second second=$((1 - second))
done

# ---- the second does not answer
standby $second $first
ok $? "a second server again" "$(tail -n 5 "$place/ctl.log" "$place"/?/log)"
sed -i "s/^lease_s = .*/lease_s = 3/" "$dir/adresar.conf"
mailing newsletter
receiver=$(ask_receiver() { pgrep -P "$(head -n 1 "$place/$second/postmaster.pid")" -f walreceiver; }; ask_receiver)
kill -STOP "$receiver"
books
start
for _ in $(seq 80); do ! grep -q standby "$dir/log" || break; sleep 0.1; done
like "$(cat "$dir/log")" "synchronous standby that does not answer" "the log says that a standby is waited for"
is "$(wc -l <"$dir/books")" 0 "and meanwhile nothing is sent"
kill -CONT "$receiver"
for _ in $(seq 100); do [ "$(how_many accepted)" -lt 200 ] || break; sleep 0.1; done
kill $sender
wait $sender
is "$? $(how_many accepted) $(wc -l <"$dir/books")" "0 200 200" "when it answers all have it, once" "$(cat "$dir/log")"
done_testing
