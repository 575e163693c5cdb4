#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What a login of the office gets from the store's own functions by psql, with arguments that the program never sends.
. tests/lib/tap.sh

dir=$ADRESAR_TEST_DIR/walls
mkdir -p "$dir"
chmod 777 "$dir"
cat >"$dir/conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=adresar_walls
[office]
name = Office
domain = office.example
CONF
export ADRESAR_CONF=$dir/conf PGUSER=postgres

as() {
    local who=w_$1
    shift
    PGUSER=$who "$ADRESAR_BIN" "$@"
}
user() {
    PGUSER=adresar_owner "$ADRESAR_BIN" user add "w_$1" --role "$2" --department "$3" "${@:4}" >/dev/null
    demo/servers map "$ADRESAR_TEST_DIR/servers" "w_$1" >/dev/null
}
sql() { psql -qAtX -h "$PGHOST" -d adresar_walls -c "$1"; }
psql_as() { PGUSER=w_$1 psql -qAtX -h "$PGHOST" -d adresar_walls -c "$2" 2>&1; }
number() { sed -n 's/.*"id":\([0-9]*\).*/\1/p' | head -n 1; }
add() {
    local who=$1
    shift
    as "$who" --json contact add "$@" | number
}

"$ADRESAR_BIN" db init >/dev/null
user clerk clerk mayor
user head head mayor
user defb clerk defb
user admin admin defb

# ---- searching
id=$(add clerk --name "Ana Anić" --email ana@x.example --note "likes figs")
is "$(psql_as clerk "select count(*) from contact_search('{figs}', 50, 'z')")" 1 "who keeps a contact finds it by its note"
is "$(psql_as defb "select count(*) from contact_search('{figs}', 50, 'z')")" 0 "another department does not"
is "$(psql_as defb "select count(*) from contact_search('{figs}', 50, 'Z')")" 0 "not with a capital for the field either"
is "$(psql_as defb "select count(*) from contact_words('{figs}', 'Z')")" 0 "nor in a segment's question"
quoted="array['ana''&''Zfigs']"
is "$(psql_as defb "select count(*) from contact_search($quoted, 50, 'n') where contact_id = $id")" 0 "nor with a field inside the word"
is "$(psql_as defb "select count(*) from contact_words($quoted, 'n') where contact_words = $id")" 0 "nor there"
is "$(psql_as defb "select count(*) from contact_search('{anic}')")" 1 "by its name everybody does"

done_testing
