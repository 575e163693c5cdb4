#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Duplicates by the installed program: proposals, merge, unmerge, distinct.
. tests/lib/tap.sh
. tests/lib/hold.sh

dir=$ADRESAR_TEST_DIR/duplicates
mkdir -p "$dir"
cat >"$dir/conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=adresar_duplicates
[office]
name = Office
domain = office.example
CONF
export ADRESAR_CONF=$dir/conf PGUSER=postgres
clerk() { PGUSER=dup_clerk "$ADRESAR_BIN" "$@"; }
owner() { PGUSER=adresar_owner "$ADRESAR_BIN" "$@"; }
add() { clerk --json contact add "$@" | sed 's/[^0-9]//g'; }

"$ADRESAR_BIN" db init >/dev/null
owner user add dup_clerk --role clerk --department mayor --department-name "Mayor's office" >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" dup_clerk >/dev/null

exits 1 "nothing is proposed at first" clerk contact duplicates
a=$(add --name "Драган Стојковић" --phone 049/000-201 --organisation "Stojković-Komerc d.o.o." --email dragan@komerc.example --salutation "Dear A")
b=$(add --name "Dragan Stojkoviq" --phone "+383 49 000 201" --organisation "STOJKOVIQ KOMERC SH.P.K." --gender m --salutation "Dear B")
c=$(add --name "Dragan Stojković" --organisation "Klub Sveti Petar Linz" --email linz@petar.example)
exits 0 "all are compared" clerk --json contact duplicates --all
like "$out" '\{"a":'"$a"',"b":'"$b"',"name_a":"Драган Стојковић","name_b":"Dragan Stojkoviq","kind":"person","probability":0\.[0-9]+,"evidence":\[\{"what":"name","weight":[0-9.]+,"text":"Драган Стојковић · Dragan Stojkoviq"\}' "two spellings of a man, with the evidence"
like "$out" '"kind":"organisation"' "and of his firm"
[[ $out != *'"b":'"$c"* ]]
ok $? "his namesake in Linz is no proposal" "$out"
exits 0 "a table for people" clerk contact duplicates "$a"
like "$out" 'phone: \+38349000201' "says what is the same"
exits 1 "none is as good as sure" clerk contact duplicates --min 1
exits 64 "a probability that is none" clerk contact duplicates --min 1.5
exits 64 "all, and one" clerk contact duplicates --all 1
exits 1 "of nobody" clerk contact duplicates 999999

exits 64 "--take of what is no field" clerk contact merge "$a" "$b" --take nonsense=a
exits 64 "--take of neither" clerk contact merge "$a" "$b" --take gender=c
exits 0 "contact merge" clerk --json contact merge "$b" "$a" --take salutation=a
is "$out" '{"id":'"$a"',"merged":'"$b"',"conflicts":[{"field":"organisation","kept":"Stojković-Komerc d.o.o.","dropped":"STOJKOVIQ KOMERC SH.P.K."},{"field":"salutation","kept":"Dear B","dropped":"Dear A"}]}' "the older one stays, and the conflict is told"
exits 0 "the other's number leads to it" clerk --json contact show "$b"
like "$out" '"id":'"$a"',.*"gender":"m"|"gender":"m".*"id":'"$a" "with what it did not have"
exits 0 "it is found once" clerk --json contact find "dragan stojkovic"
[ "$(grep -c '"id":'"$b"',' <<<"$out")" = 0 ]
ok $? "and not as the other" "$out"
exits 0 "the list" clerk --json contact list
[ "$(grep -c '"id":'"$b"',' <<<"$out")" = 0 ]
ok $? "does not have the other" "$out"
exits 64 "merged with itself" clerk contact merge "$a" "$b"
exits 0 "contact unmerge" clerk --json contact unmerge "$b"
is "$out" '{"id":'"$a"',"unmerged":'"$b"',"stays":{}}' "two again"
exits 1 "once" clerk contact unmerge "$b"
exits 0 "contact show of the other" clerk --json contact show "$b"
like "$out" '"id":'"$b"',|"id": ?'"$b"'[,}]' "is the other"

exits 0 "contact distinct" clerk --json contact distinct "$b" "$a"
is "$out" '{"a":'"$b"',"b":'"$a"',"state":"distinct"}' "is remembered"
exits 1 "and they are not merged" clerk contact merge "$a" "$b"
like "$out" "not the same" "which says why"
exits 0 "nor proposed" clerk --json contact duplicates --all
[[ $out != *'"a":'"$a"',"b":'"$b"* ]]
ok $? "again" "$out"
exits 0 "--decided shows it" clerk --json contact duplicates "$a" --decided --min 0
like "$out" '"state":"distinct"' "as distinct"
exits 0 "--merge-certain" clerk contact duplicates --merge-certain
like "$out" "0 contacts merged" "merges nothing that is not certain"
exits 64 "merge of one" clerk contact merge "$a"
exits 64 "unmerge of nonsense" clerk contact unmerge x

# ---- beside others
as_super() { psql -qAtX -h "$PGHOST" -d adresar_duplicates "$@"; }
as_super -c "alter role dup_clerk set lock_timeout = 100"
hold adresar_duplicates "select keys from duplicate_key for update"
exits 0 "what has not changed is not waited for" clerk --json contact duplicates --all
after
as_super -c "alter role dup_clerk reset lock_timeout"
gone=$(as_super -c "insert into contact (kind, department_id) select 'person', department_id from contact where id = $a returning id" \
    -c "insert into contact_name (contact_id, name, main, fold, near) select max(id), 'Dragan Stojković', true, 'dragan stojkovic', '' from contact" | head -n 1)
hold adresar_duplicates "delete from contact_name where contact_id = $gone; delete from contact where id = $gone"
exits 0 "whoever is removed in the middle of a search is left out" clerk --json contact duplicates --all
[[ $out != *":$gone,"* ]]
ok $? "of it" "$out"
after
exits 0 "the tables are what the audit log says" clerk audit verify --deep
like "$out" "the tables are what it says" "all of them"
done_testing
