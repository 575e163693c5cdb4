#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Contacts out as spreadsheet and as cards, and the list that comes back edited.
. tests/lib/tap.sh
. tests/lib/hold.sh

dir=$ADRESAR_TEST_DIR/exchange
mkdir -p "$dir"
cat >"$dir/conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=adresar_exchange
[office]
name = Office
domain = office.example
CONF
export ADRESAR_CONF=$dir/conf
clerk() { PGUSER=exchange_clerk "$ADRESAR_BIN" "$@"; }
sql() { psql -qAtX -h "$PGHOST" -U postgres -d adresar_exchange -c "$1"; }

PGUSER=postgres "$ADRESAR_BIN" db init >/dev/null
PGUSER=adresar_owner "$ADRESAR_BIN" user add exchange_clerk --role clerk --department mayor --department-name Mayor >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" exchange_clerk >/dev/null

clerk contact add --kind organisation --name "Klub Klokot Beč" --language sr-Latn --category diaspora-club >/dev/null # 1
clerk contact edit 1 --name "Клуб Клокот Беч" --name-language sr-Cyrl >/dev/null
clerk contact add --name "dr Đorđe Đokić" --email dj@x.example --phone "049/000-201" --organisation "Klub Klokot Beč" \
    --position predsednik --language sr-Latn,de --gender m --note "Zove se; ujutru, uvek" >/dev/null # 2
clerk contact edit 2 --name "Ђорђе Ђокић" --name-language sr-Cyrl --email second@x.example --tag vip >/dev/null
clerk contact edit 2 --email dj@x.example >/dev/null
clerk contact add --name "Drita" --email drita@x.example --language sq >/dev/null # 3

# ---- cards
exits 0 "contact export as cards" clerk --json contact export -o "$dir/all.vcf"
is "$out" '{"export":1,"file":"'"$dir"'/all.vcf","contacts":3,"cut":0}' "says what went out"
card=$(tr -d '\r' <"$dir/all.vcf" | sed -n '/^KIND:individual/,/^END/p' | sed -n '1,/^END/p' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n //g')
uid=$(sql "select uid from contact where id = 2")
has() { grep -qxF -- "$1" <<<"$card"; ok $? "the card has $1" "$card"; }
has "UID:urn:uuid:$uid"
has "FN;ALTID=1:dr Đorđe Đokić"
has "FN;LANGUAGE=sr-Cyrl;ALTID=1:Ђорђе Ђокић"
has "N;ALTID=1;SORT-AS=djokic,djordje:Đokić;Đorđe;;dr;"
has "GENDER:M"
has "ORG;ALTID=1:Klub Klokot Beč"
has "ORG;LANGUAGE=sr-Cyrl;ALTID=1:Клуб Клокот Беч"
has "TITLE:predsednik"
has "EMAIL;PREF=1:dj@x.example"
has "EMAIL;PREF=2:second@x.example"
has "TEL:+38349000201"
has "LANG;PREF=2:de"
has "CATEGORIES:vip"
has "X-ADRESAR-TAGS:vip"
has "NOTE:Zove se; ujutru\\, uvek"
exits 0 "the cards are read again" "$ADRESAR_BIN" --json contact read "$dir/all.vcf"
is "$(wc -l <<<"$out")" 3 "each is there"
rev=$(grep '^REV' <<<"$card")
clerk contact edit 3 --note x >/dev/null
sleep 1
clerk contact edit 1 --name "Klub Klokot Wien" >/dev/null
clerk contact export -o "$dir/again.vcf" >/dev/null
is "$(grep -c "^UID:urn:uuid:$uid" "$dir/again.vcf")" 1 "a UID stays"
[ "$(tr -d '\r' <"$dir/again.vcf" | grep -A99 "$uid" | grep -m1 ^REV)" != "$rev" ]
ok $? "a new name of the organisation is a new revision of its people's cards"
exits 0 "with groups" clerk contact export -o "$dir/groups.vcf" --groups
like "$(tr -d '\r' <"$dir/groups.vcf")" "KIND:group.*FN:Klub Klokot Wien.MEMBER:urn:uuid:$uid" "an organisation's people are a group"
exits 0 "a part of them" clerk --json contact export -o "$dir/clubs.vcf" --category diaspora-club
like "$out" '"contacts":1,' "is asked for as contact list does"
exits 1 "a category that is none" clerk contact export -o "$dir/none.vcf" --category nonsense
clerk segment save "Clubs" "category:diaspora-club" >/dev/null
exits 0 "a segment" clerk --json contact export Clubs -o "$dir/clubs.vcf" --groups
like "$out" '"contacts":1,' "by its name"
like "$(tr -d '\r' <"$dir/clubs.vcf")" 'FN:Clubs.MEMBER:urn:uuid' "is a group of its own"
exits 0 "a question" clerk --json contact export language:sq -o "$dir/sq.vcf"
like "$out" '"contacts":1,' "is asked"
exits 64 "a question that is none" clerk contact export 'category:(' -o "$dir/none.vcf"
PGUSER=adresar_owner "$ADRESAR_BIN" user add exchange_reader --role reader --department mayor >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" exchange_reader >/dev/null
exits 1 "whoever may not export" env PGUSER=exchange_reader "$ADRESAR_BIN" contact export -o "$dir/reader.vcf"
[ ! -e "$dir/reader.vcf" ]
ok $? "has no file"
exits 64 "another ending" clerk contact export -o "$dir/all.txt"
exits 74 "a folder that is not there" clerk contact export -o "$dir/none/all.vcf"
is "$(sql "select form, contacts, by from contact_export order by id limit 1")" "vcf|{2,3,1}|exchange_clerk" "who has taken which contacts out is kept"

# ---- spreadsheets
exits 0 "contact export as csv" clerk --json contact export -o "$dir/list.csv" --sheet-language en
like "$(head -n 1 "$dir/list.csv")" 'uid,adresar 1 en [0-9]+,' "its first columns are for the way back"
exits 0 "contact export as xlsx" clerk --json contact export -o "$dir/list.xlsx"

# ---- the way back
exits 0 "a list that nobody edited" clerk contact changes "$dir/list.csv"
like "$out" "3 rows, 0 differences" "has no differences"
exits 0 "nor has a workbook" clerk contact changes "$dir/list.xlsx"
like "$out" "3 rows, 0 differences" "whose hidden columns are read"

edit() { sed -e "$1" "$dir/list.csv" >"$dir/edited.csv"; }
classes() { sed -n 's/.*"class":"\([a-z]*\)","row":\([0-9a-z]*\),"id":\([0-9a-z]*\),.*"field":\("[a-z_]*"\|null\),.*/\1 \2 \3 \4/p' <<<"$out"; }
edit 's/dr Đorđe Đokić/Đorđe Đokić Jr/; s/predsednik/sekretar/; s/dj@x.example/novi@x.example/; s/+38349000201/049 000 202/; s/,vip,/,"vip, klub",/'
exits 1 "an edited list" clerk --json contact changes "$dir/edited.csv"
is "$(classes | sort | tr '\n' ';')" 'ready 2 2 "live_emails";ready 2 2 "name";ready 2 2 "phones";ready 2 2 "position";ready 2 2 "tags";' "is shown cell by cell" "$out"
like "$out" '"from":"predsednik","to":"sekretar"' "with what is there and what comes"
is "$(sql "select count(*) from post where name = 'sekretar'")" 0 "and nothing is changed by that"
exits 0 "contact changes --approve" clerk contact changes "$dir/edited.csv" --approve
like "$out" "5 changes made" "makes them"
exits 0 "contact show" clerk --json contact show 2
like "$out" '"name":"Đorđe Đokić Jr"' "has the name"
like "$out" '"name":"Ђорђе Ђокић","language":"sr-Cyrl"|"language":"sr-Cyrl","name":"Ђорђе Ђокић"' "and the other script's as it was"
like "$out" 'replaced_by":"novi@x.example"|"replaced_by": *"novi@x.example"' "an address in the place of another has replaced it"
like "$out" '\+38349000202' "the number"
is "$(sql "select count(*) from phone")" 1 "in place of the other"
is "$(sql "select string_agg(tag, ' ' order by tag) from contact_tag")" "klub vip" "a tag more"
like "$(clerk contact history 2)" 'exchange_clerk' "and it is in the history"
exits 0 "the same list again" clerk contact changes "$dir/edited.csv"
like "$out" ", 0 differences" "changes nothing"

clerk contact edit 2 --salutation "Dear Đorđe" >/dev/null
clerk contact export -o "$dir/list.csv" >/dev/null
edit 's/Dear Đorđe/Dear Mr Đokić/; s/,Drita,/,Drita Krasniqi,/'
clerk contact edit 2 --salutation "Dear President" >/dev/null
exits 1 "what changed in the store since" clerk --json contact changes "$dir/edited.csv"
is "$(classes | sort | tr '\n' ';')" 'conflict 2 2 "salutation";ready 3 3 "name";' "is a conflict" "$out"
exits 1 "and is not approved with the others" clerk --json contact changes "$dir/edited.csv" --approve
like "$out" '"applied":1,"left":1' "which are"
is "$(sql "select salutation from contact where id = 2")" "Dear President" "the store's value stays"
exits 1 "row by row" clerk contact changes "$dir/edited.csv" --approve 2
like "$out" "row 2 has nothing to approve" "a row without anything to approve is said"

clerk contact export -o "$dir/list.csv" >/dev/null
edit 's/Dear President/Dear Sir/'
hold adresar_exchange "update contact set salutation = 'Dear friend' where id = 2"
exits 1 "what is being changed in the store" clerk --json contact changes "$dir/edited.csv" --approve
after
is "$(sql "select salutation from contact where id = 2")" "Dear friend" "is waited for, and is a conflict"
clerk contact edit 2 --salutation "Dear President" >/dev/null
clerk contact export -o "$dir/list.csv" >/dev/null
edit '/Drita/d; s/Dear President/Dear all/'
printf ',,,Person,Nova Osoba\r\n' >>"$dir/edited.csv"
exits 1 "rows removed and new ones" clerk --json contact changes "$dir/edited.csv"
is "$(classes | sort | tr '\n' ';')" 'new 4 null null;ready 2 2 "salutation";removed null 3 null;' "are said" "$out"
exits 1 "are not made" clerk contact changes "$dir/edited.csv" --approve 2
is "$(sql "select count(*) from contact where id = 3")" 1 "nobody is deleted"

edit 's/novi@x.example//; s/Mayor/Police/; s/,active/,alive/'
exits 1 "what a list does not change" clerk --json contact changes "$dir/edited.csv"
is "$(classes | grep -v '^fixed' | tr '\n' ';')" '' "is told from what it does" "$out"
like "$out" 'contact email says what became of it' "with the command that does"
edit 's/Dear President/x/; s/,sq,/,klingon,/'
edit 's/uid,/id,/'
exits 65 "a list that has lost its hidden columns" clerk contact changes "$dir/edited.csv"
exits 65 "a list from elsewhere" clerk contact changes demo/data/lists/mayor-office.csv
like "$out" "contact import takes any list" "is for contact import"
exits 74 "a list that is not there" clerk contact changes "$dir/none.csv"
exits 64 "no list" clerk contact changes
exits 64 "rows that are none" clerk contact changes "$dir/list.csv" --approve x

# ---- what came from here goes in again
edit '/Drita/d'
commas=$(head -n 1 "$dir/list.csv" | tr -cd ,)
printf ',,,Organisation,Klub Novi%s\r\n' "${commas:4}" >>"$dir/edited.csv"
exits 0 "the new row of a list" clerk --json contact import "$dir/edited.csv" --policy update
like "$out" '"known":2,"check":1,"refused":0.*"row":4,"line":6,"class":"check","reason":"no language"' "is for contact import, which leaves the others"
is "$(sql "select count(*) from contact_detail")|$(sql "select kind from contact join contact_name n on n.contact_id = contact.id where n.name = 'Klub Novi'")" \
    "0|organisation" "and takes it as what it is"
clerk contact edit 2 --note "second note" --tag media,dijaspora >/dev/null # categories' words
clerk contact edit 2 --category media >/dev/null
clerk contact edit 3 --tag ngo >/dev/null
clerk contact export -o "$dir/again.vcf" --groups >/dev/null
exits 0 "cards" clerk --json contact import "$dir/again.vcf" --policy update
like "$out" '"ready":0,"known":[0-9]+,"check":0,"refused":0.*"what":"group"' "are all known, and a group is no contact"
[[ $out != *'"field"'* ]]
ok $? "and change nothing" "$out"

# ---- words of ours: tags, and who cares for a contact
words() { sql "select string_agg(k.slug, ' ' order by slug) || '/' || (select string_agg(tag, ' ' order by tag) from contact_tag where contact_id = $1)
                 from contact_category c join category k on k.id = c.category_id where c.contact_id = $1"; }
row() { # row COLUMN VALUE...: a list of ours whose one row nobody has seen yet
    python3 - "$dir/list.csv" "$dir/edited.csv" "$@" <<'PY'
import csv, sys
head = next(csv.reader(open(sys.argv[1], encoding="utf-8-sig")))
said = dict(zip(sys.argv[3::2], sys.argv[4::2]))
assert set(said) <= set(head), head
csv.writer(open(sys.argv[2], "w")).writerows([head, [said.get(column, "") for column in head]])
PY
}
row Kind Person Name "Besa Krasniqi" E-mail besa@x.example Language Albanian Tags "VIP, gala 2026;media" "Cared for by" EXCHANGE_clerk
exits 0 "a new row with tags and who cares for the contact" clerk contact import "$dir/edited.csv"
besa=$(sql "select contact_id from contact_name where name = 'Besa Krasniqi'")
is "$(sql "select string_agg(tag, ' ' order by tag) from contact_tag where contact_id = $besa")" "2026 gala media vip" "its tags are tags"
is "$(sql "select login from contact c join staff s on s.id = c.owner_id where c.id = $besa")" exchange_clerk "and that one cares for it"
is "$(sql "select count(*) from contact_detail where contact_id = $besa")" 0 "nothing of it is a detail"
row Kind Person Name "Arta Gashi" E-mail arta@x.example Language Albanian Tags "board(2026)" "Cared for by" nobody
exits 0 "a new row with words that are none" clerk --json contact import "$dir/edited.csv"
like "$out" '"check":1.*board\(2026\).* cannot be a tag.*there is no user ..nobody' "is to check, and says why"
row Kind Person Name "Drita Krasniqi" E-mail drita@x.example Language Albanian Tags "gala" "Cared for by" exchange_clerk
exits 0 "a row about somebody who is known" clerk --json contact import "$dir/edited.csv"
like "$out" '"field":"owner","old":null,"new":"exchange_clerk".*"field":"tag","old":null,"new":"gala"' "says what it adds"
import=$(grep -oE '"id":[0-9]+' <<<"$out" | head -n 1)
clerk contact import-undo "${import#*:}" >/dev/null
is "$(sql "select coalesce(owner_id, 0) || (select string_agg(tag, ' ') from contact_tag where contact_id = 3) from contact where id = 3")" "0ngo" "and undone it is gone"

clerk contact edit "$besa" --category ngo >/dev/null
clerk contact edit "$besa" --category donor >/dev/null
clerk contact edit "$besa" --tag donor,klub >/dev/null
before=$(words "$besa")
clerk contact export -o "$dir/again.vcf" >/dev/null
sql "update contact_name set name = 'X Y', fold = 'x y', near = 'x y' where contact_id = $besa;
     update address set email = 'gone@x.example', email_key = 'gone@x.example' where contact_id = $besa" >/dev/null
exits 0 "cards of somebody who is not known any more" clerk --json contact import "$dir/again.vcf"
like "$out" '"check":0,"refused":0' "no word of theirs is unknown"
again=$(sql "select contact_id from contact_name where name = 'Besa Krasniqi'")
is "$(words "$again")" "$before" "a tag that is called like a category comes back as a tag, a category as a category"
is "$before" "donor ngo/2026 donor gala klub media vip" "which were these"
done_testing
