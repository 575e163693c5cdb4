#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The network between a sender and PostgreSQL swallows what is sent, so that no end of the connection hears of it: the sender
# notices by itself, says so, and goes on when the network is back; nobody is lost or has a letter twice.  In networks of its
# own, where the store is on another host.
. tests/lib/tap.sh
if [ -z "${ADRESAR_TEST_NETWORK:-}" ]; then
    unshare -n true 2>/dev/null || { skip "networks of one's own need root"; done_testing; }
    export ADRESAR_TEST_NETWORK=own
    exec unshare -n bash "$0"
fi
. tests/lib/office.sh silent $((ADRESAR_TEST_PORT + 79)) 0
crowd 400

# the other host has a wire to PostgreSQL's socket
unshare -n /usr/bin/python3 -c '
import socket, sys, threading, time
def copy(a, b):
    try:
        while data := a.recv(65536): b.sendall(data)
    except OSError: pass
    for s in (a, b):
        try: s.shutdown(socket.SHUT_RDWR)
        except OSError: pass
server = socket.socket()
while True:
    try: server.bind(("10.9.9.2", 5432)); break
    except OSError: time.sleep(0.05)
server.listen(20)
while True:
    client, _ = server.accept()
    store = socket.socket(socket.AF_UNIX)
    store.connect(sys.argv[1] + "/.s.PGSQL.5432")
    for pair in ((client, store), (store, client)): threading.Thread(target=copy, args=pair, daemon=True).start()
' "$PGHOST" &
host=$!
trap 'sink_end; kill $host' EXIT
until [ "$(readlink /proc/$host/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link set lo up && ip link add here type veth peer name there && ip link set there netns $host &&
    ip addr add 10.9.9.1/24 dev here && ip link set here up &&
    nsenter -t $host -n sh -c 'ip addr add 10.9.9.2/24 dev there && ip link set there up' ||
    { skip "there are no two networks here"; done_testing; }
swallows() { ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:01 dev here nud permanent; } # nobody has that address
carries() { ip neigh del 10.9.9.2 dev here; }

sed "s/^conninfo = .*/conninfo = host=10.9.9.2 port=5432 dbname=$name tcp_user_timeout=3000 connect_timeout=2/" "$dir/adresar.conf" \
    >"$dir/far.conf"
how_many() { states "$id" | grep -c " $1\$"; }
until_is() { # WANTED SECONDS COMMAND...
    local _
    for _ in $(seq $((10 * $2))); do [ "$("${@:3}")" != "$1" ] || return 0; sleep 0.1; done
    return 1
}
mailing notice
sink
PGUSER=adresar_deliver "$ADRESAR_BIN" -c "$dir/far.conf" deliver >"$dir/log" 2>&1 &
sender=$!
until_is 400 20 how_many accepted
is "$? $(how_many accepted)" "0 400" "letters go out by a store on another host" "$(cat "$dir/log")"
swallows
mailing notice
noticed() { grep -c 'PostgreSQL: .*timed out' "$dir/log"; }
since=$SECONDS
until [ "$(noticed)" -gt 0 ] || [ $((SECONDS - since)) -gt 25 ]; do sleep 0.1; done
[ "$(noticed)" -gt 0 ] && [ $((SECONDS - since)) -le 12 ]
ok $? "a network that swallows everything is noticed, and said, after $((SECONDS - since)) s" "$(cat "$dir/log")"
is "$(how_many accepted)" 0 "nothing is sent meanwhile"
kill -0 $sender
ok $? "the sender stays"
carries
until_is 400 30 how_many accepted
is "$? $(how_many accepted)" "0 400" "and goes on when the network is back" "$(cat "$dir/log")"
kill $sender
wait $sender
is "$? $(arrived | awk '{ n += $2 == 1 } END { print n }')" "0 400" "each has it once"
done_testing
