#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Users, contacts, lists, events and meetings by the installed program: exit codes, what is said to people and to programs.
. tests/lib/tap.sh

dir=$ADRESAR_TEST_DIR/contacts
mkdir -p "$dir"
cat >"$dir/conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=adresar_contacts
[office]
name = Office
domain = office.example
CONF
export ADRESAR_CONF=$dir/conf PGUSER=postgres
owner() { PGUSER=adresar_owner "$ADRESAR_BIN" "$@"; }
clerk() { PGUSER=cli_clerk "$ADRESAR_BIN" "$@"; }

exits 0 "db init" "$ADRESAR_BIN" db init
exits 0 "db init again" "$ADRESAR_BIN" db init
exits 0 "user add" owner user add cli_clerk --role clerk --department mayor --department-name "Mayor's office"
like "$out" "department mayor is new" "user add says that the department is new"
demo/servers map "$ADRESAR_TEST_DIR/servers" cli_clerk >/dev/null
exits 1 "a user is added once" owner user add cli_clerk --role head --department mayor
exits 64 "a role that is none" owner user add cli_other --role boss --department mayor
exits 64 "user add without a department" owner user add cli_other --role clerk
exits 1 "user disable of nobody" owner user disable cli_nobody

exits 0 "contact add" clerk --json contact add --name "Đorđe Đokić" --email dj@x.example --organisation "Klub A" --position President
id=$(sed 's/[^0-9]//g' <<<"$out")
like "$out" '^\{"id":[0-9]+\}$' "contact add says the id"
exits 64 "contact add without a name" clerk contact add --email a@x.example
exits 64 "an address that is none" clerk contact add --name X --email a@@x.example
exits 64 "an option that is none" clerk contact add --name X --nix
exits 1 "a category that is none" clerk contact add --name X --category nix
exits 0 "contact find" clerk --json contact find "ЂОРЂЕ"
is "$out" '{"id":'"$id"',"name":"Đorđe Đokić","organisation":"Klub A","address":"dj@x.example","match":"fold","by":["name"]}' "find in another script"
exits 0 "contact find in a neighbour's spelling" clerk --json contact find Gjorgje
like "$out" '"match":"near"' "which is a near match"
exits 1 "contact find that finds nothing" clerk contact find nobody
exits 0 "contact edit" clerk contact edit DJ@x.example --state left
exits 0 "contact show" clerk contact show "$id"
like "$out" "Klub A" "contact show has the organisation"
exits 1 "contact show of nobody" clerk contact show 999999
exits 64 "contact show of nonsense" clerk contact show nonsense
exits 0 "tags, a note and an owner" clerk contact edit "$id" --tag "VIP, ПЕТРОВДАН" --note "likes raspberries" --owner cli_clerk
exits 0 "another note, and a tag goes" clerk contact edit "$id" --untag vip --note "met in Vitina"
exits 0 "contact show" clerk --json contact show "$id"
like "$out" '"tags":\["петровдан"\].*"notes":\[\{"at":"[^"]*","by":"cli_clerk","note":"likes raspberries"\},.*"met in Vitina"' \
    "notes are several, tags in small letters"
exits 0 "nobody cares for the relationship any more" clerk contact edit "$id" --owner ""
is "$(clerk --json contact show "$id" | grep -c '"owner"')" 0 "which is taken away"
exits 64 "a person is not dissolved" clerk contact edit "$id" --state dissolved
like "$out" 'a person is deceased, not dissolved' "and what they are is said"
exits 1 "an owner who is nobody" clerk contact edit "$id" --owner nobody_at_all
exits 64 "an address is not called dead without a reason" clerk contact email "$id" dj@x.example --state dead
exits 64 "soft is a matter of what comes back" clerk contact email "$id" dj@x.example --state soft --why x
exits 1 "an address that the contact does not have" clerk contact email "$id" other@x.example --first
exits 0 "an address is held" clerk contact email "$id" DJ@x.example --state held --why "he asked for a pause"
exits 0 "and replaced by another" clerk --json contact email "$id" dj@x.example --replaced-by "Djordje@Y.example" --private
like "$out" '^\{"email":"Djordje@y.example".*"state":"unverified"|^\[\{.*"email":"Djordje@y.example"' "the new one stands first"
like "$out" '"private":true,"replaced_by":"Djordje@y.example","state":"replaced"|"replaced_by":"Djordje@y.example"' "the old one says by which"
like "$out" '"state":"unverified"\},\{.*"state":"held","evidence":\{"why":"he asked for a pause","person":"cli_clerk"\}\}\]' \
    "and what it was before, with the evidence"
exits 0 "for people" clerk contact email "$id"
like "$out" 'he asked for a pause' "the evidence is in the table"
like "$out" 'replaced by Djordje@y.example[^{]*cli_clerk' "and who replaced an address"
exits 0 "contact history" clerk contact history "$id"
like "$out" "contact: changed +state: active → left" "contact history has the change"
clerk consent withdraw "$id" --all --how phone >/dev/null
like "$(clerk contact history "$id")" "consent: new .*mailing list: all bulk mail" "and of an opt-out that it is of all bulk mail"
like "$(clerk --json contact history "$id")" '"to":"[*]","from":null,"field":"list_id"' "for programs, too"
exits 0 "contact list" clerk --json contact list

printf 'Name,E-mail\nGood,good@x.example\nBad,bad@@x.example\n' >"$dir/list.csv"
exits 1 "an import with a refused row" clerk --json contact import "$dir/list.csv"
like "$out" '^\{"id":1,"ready":1,"known":0,"check":0,"refused":1,.*"rows":\[\{"row":3,"line":3,"class":"refused","reason":' "and its report"
exits 65 "the same, strict" clerk contact import "$dir/list.csv" --strict
exits 1 "the same, dry" clerk --json contact import "$dir/list.csv" --dry-run
like "$out" '"id":null,"ready":0,"known":1' "which knows what is there"
exits 0 "import-undo" clerk contact import-undo 1
exits 1 "import-undo once" clerk contact import-undo 1
printf 'A,B\n1,2\n' >"$dir/wrong.csv"
exits 65 "a list without names" clerk contact import "$dir/wrong.csv"
like "$out" "wrong.csv" "whose error names the file"
exits 74 "a list that is not there" clerk contact import "$dir/none.csv"
exits 64 "a delimiter that is none" clerk contact import "$dir/list.csv" --delimiter semicolumn

exits 0 "event add" clerk --json event add --start "2027-03-18 10:00" --end "2027-03-18 14:00" --name-sq N --place-sq P --name-sr-Cyrl=Н --place-sr-Cyrl=М
is "$out" '{"id":1}' "event add says the id"
exits 0 "event show" clerk --json event show 1
like "$out" '"uid":"[0-9a-f-]+@office.example"' "event show has the UID"
like "$out" '"starts_at":"2027-03-18T09:00:00Z"' "in the office's time zone"
exits 64 "an event without a place" clerk event add --start "2027-03-18 10:00" --end "2027-03-18 14:00" --name-sq N
exits 65 "a time that is none" clerk event add --start "2027-03-28 02:30" --end "2027-03-28 14:00" --name-sq N --place-sq P
exits 0 "event list" clerk event list
exits 64 "an event's name in a language that is none" clerk event add --start "2027-03-18 10:00" \
    --end "2027-03-18 14:00" --name-klingon N --place-klingon P
exits 64 "a name that is no UTF-8" clerk contact add --name $'\xff'
exits 64 "a language that is none" clerk contact add --name "Test" --language klingon
exits 64 "a language that only looks like one" clerk contact edit "$id" --language sq,xx
is "$out" 'adresar: "xx" is no language; write sq, sr-Cyrl, sr-Latn, en, de ...' "is said"
exits 64 "a country's code for its language" clerk contact edit "$id" --language al
is "$out" 'adresar: "al" is no language; did you mean "sq"?' "is perhaps that"
exits 64 "in the language of a name" clerk contact edit "$id" --name X --name-language sr-cyrl
like "$out" 'did you mean "sr-Cyrl"' "letters count"
exits 64 "contact address in none" clerk contact address "$id" --language xx
exits 64 "minutes in none" clerk meeting add --date 18.03.2026 --subject X --language al
exits 64 "an order by the letters of none" clerk contact list --order precedence --order-language xx
exits 1 "contact list in none" clerk contact list --language al
like "$out" '"al" is no language; did you mean "sq"\?' "says so"
printf 'Name,E-mail,Language\nXx,xx@x.example,xx\nAl,al@x.example,al\n' >"$dir/languages.csv"
exits 0 "an import with languages that are none" clerk --json contact import "$dir/languages.csv" --dry-run
like "$out" '"row":2,[^}]*unknown language \\"xx\\".*"row":3,[^}]*unknown language \\"al\\"; did you mean \\"sq\\"' "says it in the row"
exits 1 "the list of a category that is none" clerk contact list --category nonsense
exits 0 "--json behind the command" clerk contact find dokic --json
like "$out" '"name":"Đorđe Đokić"' "which is JSON then"
exits 0 "contact add of a namesake" clerk contact add --name "Đorđe Đokić-Đorđević" --note "prijatelj iz Beča"
exits 0 "contact find --limit" clerk contact find đokić --limit 1
like "$out" "there are more than these 1" "says that there are more"
exits 0 "contact find in a note, a place by its other name" clerk --json contact find wien
like "$out" '"match":"fold","by":\["note"\]' "says by what"
exits 0 "contact find with a letter wrong" clerk --json contact find djorjdevic
like "$out" '"match":"near","by":\["name"\]' "says that it is near"
exits 64 "contact find --limit 0" clerk contact find x --limit 0
exits 0 "--help behind a command" clerk contact find --help
like "$out" "usage: adresar contact find TEXT \[--limit N\]" "which shows how it is called"
exits 64 "a verb that is none" clerk contact nonsense
like "$out" 'no command "contact nonsense"' "which is named"

exits 64 "a verb with a letter missing" clerk contact fnd x
is "$out" 'adresar: there is no command "contact fnd"; did you mean `contact find`?' "is perhaps another"
exits 64 "a noun with a letter missing" clerk contct import-undo 1
is "$out" 'adresar: there is no command "contct"; did you mean `contact import-undo`?' "with its verb"
exits 64 "both wrong" clerk conatct shwo 1
like "$out" 'did you mean `contact show`\?' "are found together"
exits 64 "a command of one word" clerk regster contacts
like "$out" 'no command "regster"; did you mean `register`\?' "is found, too"
exits 64 "nothing near" clerk qqqqqq
like "$out" '`adresar --help` lists them' "is sent to the help"
exits 64 "a noun alone" clerk segment
like "$out" 'adresar segment list' "shows its verbs"
exits 64 "an option with letters swapped" clerk contact edit "$id" --langauge=sq
is "$out" 'adresar: unknown option --langauge=sq; did you mean --language?' "is perhaps another"
exits 64 "an option that nothing is near" clerk contact edit "$id" --qqqqqqq sq
is "$out" 'adresar: unknown option --qqqqqqq' "is not guessed"

exits 0 "event answers" clerk event answers 1
exits 1 "answers of no event" clerk event answers 9

exits 0 "meeting import" clerk meeting import demo/data/lists/meetings.csv
exits 0 "meeting add" clerk meeting add --date 18.03.2026 --time 9.30 --subject Budget
exits 64 "meeting add without a date" clerk meeting add --subject Budget
exits 0 "meeting list" clerk meeting list
like "$out" "Budget" "which has it"

exits 0 "user disable" owner user disable cli_clerk
exits 78 "who cannot log in any more" clerk contact list
exits 0 "the tables are what the audit log says" env PGUSER=postgres "$ADRESAR_BIN" audit verify --deep
like "$out" "the tables are what it says" "all of them"
done_testing
