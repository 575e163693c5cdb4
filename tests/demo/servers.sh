#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# demo/servers: several at once, each in its folder; nothing is left when they are stopped.
. tests/lib/tap.sh
A=$ADRESAR_TEST_DIR/a
B=$ADRESAR_TEST_DIR/closed/b
port=$((ADRESAR_TEST_PORT + 20))

# who_runs_in FOLDER: processes whose command line names it
who_runs_in() { pgrep -af -- "$(realpath -m "$1")" | grep -v "^$$ "; }

exits 0 "PostgreSQL alone starts" demo/servers start "$A" $port --only pg
mkdir -m 700 "$ADRESAR_TEST_DIR/closed"
exits 0 "a second one starts in a folder that others may not see" demo/servers start "$B" $((port + 10)) --fast
exits 0 "status says that what was started runs" demo/servers status "$A"
like "$out" "postfix does not run" "and what does not"

eval "$(demo/servers env "$A")"
is "$(psql -h "$PGHOST" -U postgres -Atc "show listen_addresses" postgres)" "" "no port is open"
psql -q -h "$PGHOST" -U postgres -c "create role anna login" postgres
exits 2 "a role that is not mapped is refused" psql -h "$PGHOST" -U anna -c "select 1" postgres
exits 0 "map takes a role" demo/servers map "$A" anna
exits 0 "which may then log in at once" psql -h "$PGHOST" -U anna -c "select 1" postgres
exits 1 "map refuses what is no role's name" demo/servers map "$A" 'anna postgres'

exits 1 "a port that is taken is named" demo/servers start "$ADRESAR_TEST_DIR/c" $((port + 10)) --only dovecot
like "$out" "port [0-9]+ is taken" "with its number"

as_nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }
if [ "$(id -u)" != 0 ]; then
    skip "who runs the tests is not root"
elif ! as_nobody test -r "$PWD/demo/servers"; then
    skip "the sources are not for everybody to read"
else
    mkdir -m 777 "$ADRESAR_TEST_DIR/nobody"
    exits 0 "without root all but Postfix start" as_nobody demo/servers start "$ADRESAR_TEST_DIR/nobody/d" $((port + 20))
    like "$out" "Postfix needs root" "and it says so"
    exits 1 "Postfix alone does not" as_nobody demo/servers start "$ADRESAR_TEST_DIR/nobody/d" $((port + 20)) --only postfix
    as_nobody demo/servers wipe "$ADRESAR_TEST_DIR/nobody/d"
    is "$(who_runs_in "$ADRESAR_TEST_DIR/nobody/d")" "" "its servers are stopped"
fi

real=$(realpath "$B")
demo/servers wipe "$A"
demo/servers wipe "$B"
is "$(who_runs_in "$A")$(who_runs_in "$real")" "" "wipe stops them all"
[ ! -e "$A" ] && [ ! -e "$B" ] && [ ! -e "$real" ]
ok $? "and leaves no folder"

timeout -s INT 0.8 demo/servers start "$ADRESAR_TEST_DIR/e" $port >/dev/null 2>&1
is "$(who_runs_in "$ADRESAR_TEST_DIR/e")" "" "an interrupted start leaves no process"
demo/servers wipe "$ADRESAR_TEST_DIR/e"
done_testing
