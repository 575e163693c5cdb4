# SPDX-License-Identifier: AGPL-3.0-or-later
#
# A store of its own and its people, for scripts about who may what: `. tests/lib/people.sh NAME` after tap.sh.
#
#   user LOGIN ROLE DEPARTMENT [OPTIONS...]   a user; LOGIN goes without the NAME_ that its role in PostgreSQL has
#   as LOGIN ...        the program as that user          psql_as LOGIN TEXT   SQL as that user; an error is printed
#   sql TEXT            SQL as the superuser              number               the id in what the program printed as JSON

people=$1
dir=$ADRESAR_TEST_DIR/$people
mkdir -p "$dir"
chmod 777 "$dir"
cat >"$dir/conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=adresar_$people
[office]
name = Office
domain = office.example
CONF
export ADRESAR_CONF=$dir/conf PGUSER=postgres

as() {
    local who=${people}_$1
    shift
    PGUSER=$who "$ADRESAR_BIN" "$@"
}
user() {
    PGUSER=adresar_owner "$ADRESAR_BIN" user add "${people}_$1" --role "$2" --department "$3" "${@:4}" >/dev/null
    demo/servers map "$ADRESAR_TEST_DIR/servers" "${people}_$1" >/dev/null
}
sql() { psql -qAtX -h "$PGHOST" -d "adresar_$people" -c "$1"; }
psql_as() { PGUSER=${people}_$1 psql -qAtX -h "$PGHOST" -d "adresar_$people" -c "$2" 2>&1; }
number() { sed -n 's/.*"id":\([0-9]*\).*/\1/p' | head -n 1; }

"$ADRESAR_BIN" db init >/dev/null
