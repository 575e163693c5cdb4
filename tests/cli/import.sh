#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Lists by the installed program: mappings proposed, given and remembered; what is to be mended as a spreadsheet; files
# that mean harm.
. tests/lib/tap.sh

dir=$ADRESAR_TEST_DIR/import
lists=$PWD/demo/data/lists
mkdir -p "$dir"
cat >"$dir/conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=adresar_import
[office]
name = Office
domain = office.example
CONF
export ADRESAR_CONF=$dir/conf PGUSER=postgres
clerk() { PGUSER=import_clerk "$ADRESAR_BIN" "$@"; }
quietly() { "$@" >/dev/null 2>&1; }
quietly "$ADRESAR_BIN" db init
PGUSER=adresar_owner quietly "$ADRESAR_BIN" user add import_clerk --role clerk --department mayor
demo/servers map "$ADRESAR_TEST_DIR/servers" import_clerk >/dev/null
sums() { psql -h "$PGHOST" -Atc "select count(*) from contact" adresar_import; }

exits 0 "contact mapping" clerk contact mapping "$lists/defb-bizneset.csv"
like "$out" '"Emri i biznesit" = organisation # 95 %: is called so' "says which column is what, how sure it is and why"
like "$out" 'language.serbisht = sr' "and what words mean"
printf '%s\n' "$out" >"$dir/defb.map"
exits 1 "the same as a file" clerk contact import "$lists/defb-bizneset.csv" --map "$dir/defb.map" --dry-run
like "$out" '87 ready' "is the same mapping"
exits 1 "an import tried" clerk --json contact import "$lists/defb-bizneset.csv" --dry-run
like "$out" '^\{"id":null,"ready":87,"known":1,"check":4,"refused":1,' "accounts for every row"
like "$out" '"mapping":"proposed","text":"# defb-bizneset.csv' "and shows the mapping"
is "$(sums)" 0 "and writes nothing"

exits 0 "a spreadsheet" clerk --json contact import "$lists/donatoret.xlsx" --errors "$dir/bad.xlsx"
like "$out" '^\{"id":[0-9]+,"ready":47,"known":0,"check":2,"refused":0,' "comes in with all its sheets"
like "$out" '"row":6,"line":6,"class":"check","reason":"unknown country \\"OKB\\"","sheet":"Donatorët"' "rows are named by sheet"
like "$out" '"skipped":\[\{"sheet":"Donatorët","row":5,"what":"group"\}' "rows of groups and sums are no contacts"
exits 0 "what is to be mended" clerk --json contact read "$dir/bad.xlsx"
like "$out" '"A":"unknown country \\"OKB\\""' "has the reason beside each row"
like "$out" 'blerta.avdyli@undp.example' "and the row's own cells"
exits 0 "and can come back" clerk --json contact import "$dir/bad.xlsx" --dry-run
like "$out" '"ready":0,"known":0,"check":2' "as rows that are known"
exits 0 "one sheet" clerk --json contact import "$lists/donatoret.xlsx" --sheet investitorët --dry-run
like "$out" '"ready":0,"known":20,"check":0,"refused":0' "is known by now"
like "$out" '"same_file_as":[0-9]+,' "and the file, too"
exits 65 "a sheet that is not there" clerk contact import "$lists/donatoret.xlsx" --sheet nix
like "$out" 'has no sheet "nix"; it has "Donatorët", "Investitorët"' "which says those that there are"
exits 65 "a file that is something else" clerk contact import "$lists/telefon.vcf" --format csv
like "$out" 'telefon.vcf: is vcard, not csv' "which is said"
exits 64 "a format that is none" clerk contact import "$lists/telefon.vcf" --format pdf
exits 0 "cards" clerk --json contact import "$lists/telefon.vcf" --dry-run
like "$out" '"ready":37,"known":3,"check":1,"refused":0,' "need no mapping"

printf 'N;E\nAna;ana@x.example\n' >"$dir/two.csv"
printf '[columns]\n"N" = name\n"E" = email\n[defaults]\nlanguage = sq\n' >"$dir/two.map"
exits 0 "a mapping that is given" clerk --json contact import "$dir/two.csv" --map "$dir/two.map"
printf 'N;E\nBora;bora@x.example\n' >"$dir/three.csv"
exits 0 "is remembered" clerk --json contact import "$dir/three.csv" --dry-run
like "$out" '"mapping":"remembered"' "for a list of the same shape"
exits 65 "but not where it is asked for afresh" clerk contact import "$dir/three.csv" --afresh
like "$out" 'three.csv: no column is called like a name or an organisation; a mapping file' "which says what to do"
exits 64 "a policy that is none" clerk contact import "$dir/two.csv" --policy replace
exits 0 "the list wins" clerk contact import "$dir/two.csv" --policy update
like "$out" 'the very same file was imported on' "the same file is recognised"

printf 'Name,E-mail\nBad,bad@@x.example\nGood,good@x.example\n' >"$dir/bad.csv"
exits 1 "rows to be mended" clerk contact import "$dir/bad.csv" --errors "$dir/mend.csv" --dry-run
like "$out" 'mend.csv: 1 row to look at' "go into a file"
like "$(cat "$dir/mend.csv")" 'broken address ""bad@@x.example"": .*,2,Bad,bad@@x.example' "with the reason in front"
exits 64 "of a name that says what it is" clerk contact import "$dir/bad.csv" --errors "$dir/mend.txt" --dry-run
sed -i 's/^name = .*/name = sq: Komuna | sr-Cyrl: Општина | Office/' "$dir/conf"
exits 1 "in the language of who imports" env ADRESAR_LANGUAGE=sr-Cyrl PGUSER=import_clerk "$ADRESAR_BIN" contact import "$dir/bad.csv" --errors "$dir/mend.xlsx" --dry-run
titles=$(unzip -p "$dir/mend.xlsx" xl/worksheets/sheet1.xml | grep -o '<t[^>]*>[^<]*' | sed 's/^[^>]*>//')
is "$(sed -n 1p <<<"$titles")" "bad.csv: редови за проверу" "is the title"
like "$(sed -n 2p <<<"$titles")" '^Општина · [0-9]' "and the office, with the time"

# many that are known and stay as they are are not told one by one, those that change are
{ echo 'Name,E-mail,Phone'; for i in $(seq 30); do echo "Known $i,k$i@k.example,"; done; } >"$dir/known.csv"
quietly clerk contact import "$dir/known.csv"
sed -i 's/^Known 29,k29@k.example,/&044 111 222/' "$dir/known.csv"
exits 0 "a list that is known" clerk contact import "$dir/known.csv" --dry-run
is "$(grep -c 'has this address' <<<"$out")" 21 "is shown in part"
like "$out" 'row 30, line 30: contact [0-9]+ has this address.        phone: 044 111 222, which was missing' "with all that changes"
like "$out" 'and 9 more rows that change nothing' "and how many do not"

# a line of a gigabyte, a million columns, a cell without end, zeros, encodings mixed: refused, with where and what
refused() { # NAME FILE WORDS
    exits 65 "$1" timeout 20 env PGUSER=import_clerk "$ADRESAR_BIN" contact import "$2"
    like "$out" "$3" "which says so"
}
{ printf 'Name,E-mail\n'; truncate -s 1G /dev/stdout; } >"$dir/giga.csv"
refused "a gigabyte" "$dir/giga.csv" 'giga.csv: larger than 255 MB'
rm -f "$dir/giga.csv"
{ printf 'Name'; printf ',x%.0s' {1..100000}; echo; } >"$dir/wide.csv"
refused "100,000 columns" "$dir/wide.csv" 'wide.csv: line 1, record 1: more than 200 cells'
{ printf 'Name,Note\nA,"'; head -c 2000000 /dev/zero | tr '\0' x; printf '"\n'; } >"$dir/cell.csv"
refused "a cell of two megabytes" "$dir/cell.csv" 'cell.csv: line 2, record 2: a cell of more than 64 KB'
printf 'Name,E-mail\nA\0B,a@x.example\n' >"$dir/zero.csv"
refused "a zero byte" "$dir/zero.csv" 'zero.csv: '
{ printf 'Name,E-mail\nĐorđe,dj@x.example\nŽivko,z@x.example\nČedo,c@x.example\nĆira,ci@x.example\n'
    printf 'Qum\xebshtorja,q@x.example\n'; } >"$dir/mixed.csv"
refused "two encodings in one file" "$dir/mixed.csv" 'mixed.csv: line 6 is not UTF-8, as the list is otherwise'
printf 'Name,E-mail\nA,a@x.example,b,c\nB,b@x.example\n' >"$dir/ragged.csv"
exits 1 "a row with more cells than the header" clerk contact import "$dir/ragged.csv" --dry-run
like "$out" '4 cells where the header has 2' "is left out"
exits 0 "the tables are what the audit log says" env PGUSER=postgres "$ADRESAR_BIN" audit verify --deep
done_testing
