# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Somebody who has not committed yet: `. tests/lib/hold.sh`.
#
#   hold DATABASE SQL    as the superuser, in a transaction that ends two seconds later
#   after                waits until it has, and prints what went wrong with it

hold() {
    held_said=$ADRESAR_TEST_DIR/held.$$
    psql -qAtX -h "$PGHOST" -U postgres -d "$1" -v ON_ERROR_STOP=1 -c begin -c "$2" -c "select pg_sleep(2)" -c commit 2>"$held_said" >/dev/null &
    held=$!
    local i
    for ((i = 0; i < 100; i++)); do
        [ "$(psql -qAtX -h "$PGHOST" -U postgres -d "$1" -c "select count(*) from pg_stat_activity
            where query = 'select pg_sleep(2)' and datname = current_database()")" = 0 ] || return 0
        sleep 0.05
    done
}
after() {
    wait "$held"
    cat "$held_said"
}
