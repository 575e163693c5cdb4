#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Letters on paper: who gets one, what is printed, in which order, once; who is to be called; what is kept of it.
. tests/lib/tap.sh
. tests/lib/office.sh paper $((ADRESAR_TEST_PORT + 66)) 2
sed -i '/^\[office\]/a address = sr-Cyrl: Трг б.б., 61000 Клокот | Sheshi p.n., 61000 Kllokot\nplace = sr-Cyrl: Клокот | Kllokot\nphone = +383 49 000 711\nmayor = Radivoje Simijonović' "$dir/adresar.conf"
cat >"$dir/template/notice.sr-Cyrl.md" <<'TEXT'
---
lang: sr-Cyrl
subject: Обавештење за {{contact.name}}
---

{{salutation}},

јавите се {{^paper}}одговором на ову поруку{{/paper}}{{#paper}}писмом{{/paper}} до *краја*.

- једно & друго
- [страница](https://klokot.example/a?b=1&c=2)

{{closing}}

{{mayor.name}}  
председник
TEXT

id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$1"; }
add() { id_of "$(as one --json contact add --department office --language sr-Cyrl "$@")"; }
frankfurt=$(add --name "Живко Прекић" --street "Zeil 5" --postcode 60311 --city Frankfurt --country DE)
far=$(add --name "Ђорђе Љубић" --street "Улица 8" --postcode 62000 --city Пасјане)
near=$(add --name "Ана Њежић" --street "Улица 9, 60000 Гњилане")
nearer=$(add --name "Бисерка Њежић" --street "Улица 9, 60000 Гњилане")
wish=$(add --name "Воли Папир" --email papir@sink.example --tag paper --street "Пут 1" --postcode 61000 --city Клокот)
call=$(add --name "Без Адресе" --phone "+383 44 111 222")
lost=$(add --name "Преко Мора" --street "Marunouchi 1" --city Nigde --country ZZ)
printf '%s\n' p1@sink.example "$frankfurt" "$far" "$near" "$nearer" "$wish" "$call" >"$dir/mixed"
new() { as one --json mailing new --kind notice --name n --template "$dir/template" --from sink "$@"; }
rows() { sql "select coalesce(nullif(split_part(email, '@', 1), ''), split_part(name, ' ', 1)) || ' ' || channel || ' ' || state || coalesce(' ' || reason, '') from outbox where mailing_id = $id and ($1) order by id"; }
text_of() { pdftotext -layout "$1" - | tr '\f' '\n'; }

# ---- who gets one
exits 65 "without --paper" new --to "$dir/mixed"
like "$out" "contact $far has no e-mail address" "nobody is left without a word"
exits 65 "a country that is not known" new --paper --to <(echo "$lost")
like "$out" ":1: contact $lost, Преко Мора: Nigde: there is no country ..ZZ" "is named with recipient and place"
exits 0 "with --paper" new --paper --to "$dir/mixed"
id=$(id_of "$out")
like "$out" '"recipients":6,"excluded":1,.*"paper":5' "the letters are prepared"
is "$(rows "channel = 'paper'" | wc -l)" 5 "five are on paper, one of them by their wish"
exits 0 "recipients" as one --json mailing recipients "$id"
like "$out" '"name":"Без Адресе","channel":"email","address":"","phone":"\+38344111222",[^}]*"state":"excluded"[^}]*"reason":"no address"' \
    "who has neither address is to be called"
like "$out" '"name":"Воли Папир","channel":"paper","address":""' "who wants paper gets it"
sql "update contact set languages = '{}' where id = $call; update contact set state = 'archived' where id = $lost"
exits 0 "to a segment" new --paper --segment "state:active"
like "$out" '"recipients":7,"excluded":1,.*"paper":5' "it is the same, and who has no language need not have one"
as one mailing cancel "$(id_of "$out")" >/dev/null
exits 1 "a draft" as one mailing print "$id" -o "$dir/letters.pdf"
like "$out" "is draft, not released" "is not printed"
like "$(sql_as one "update outbox set channel = 'email' where mailing_id = $id and channel = 'paper'")" 'is frozen' "the channel is frozen"
exits 0 "samples of a draft" as two --json mailing print "$id" -o "$dir/sample.pdf" --sample
like "$out" '"letters":1,' "one a language"
like "$(text_of "$dir/sample.pdf")" 'УЗОРАК' "are marked"
is "$(rows "channel = 'paper' and reason = 'release'" | wc -l)" 5 "and change nothing"
rm "$dir/sample.pdf"
exits 0 "released" as two mailing release "$id"
like "$out" '1 letter waits to be sent, 5 on paper' "it says so"
is "$(rows "channel = 'paper'" | sort | uniq -c | awk '{ print $3, $4, $5 }' | sort -u)" "paper held to" "they wait for a person"
like "$(sql_as one "update outbox set state = 'printed' where mailing_id = $id and channel = 'paper'")" 'must be kept' \
    "nothing is marked that was not kept"
like "$(sql_as one "update outbox set state = 'queued' where mailing_id = $id and channel = 'paper'")" 'check constraint' \
    "nor sent by mail"

# ---- looked at again, and all or nothing
as one contact edit "$nearer" --state deceased >/dev/null
sql "set session_replication_role = replica; update outbox set language = 'de' where mailing_id = $id and contact_id = $wish"
exits 1 "where one letter cannot be made" as one mailing print "$id" -o "$dir/letters.pdf"
like "$out" "nothing is printed: contact $wish, Воли Папир: the mailing has no text in de" "it is named"
is "$(ls "$dir" | grep -c pdf)" 0 "there is no file"
is "$(rows "state = 'printed'")" "" "and nobody is printed"
sql "set session_replication_role = replica; update outbox set language = 'sr-Cyrl' where mailing_id = $id and contact_id = $wish"
exits 64 "labels without a sheet" as one mailing print "$id" -o "$dir/letters.pdf" --labels "$dir/labels.pdf"
exits 64 "a sheet that is none" as one mailing print "$id" -o "$dir/letters.pdf" --labels "$dir/labels.pdf" --sheet L1
like "$out" "3475" "is told which there are"
exits 64 "a label that the sheet has not" as one mailing print "$id" -o "$dir/letters.pdf" --labels "$dir/labels.pdf" --sheet L7160 --start 22
exits 74 "a folder that is not there" as one mailing print "$id" -o "$dir/none/letters.pdf"

# ---- printed
exits 0 "printed" as one --json mailing print "$id" -o "$dir/letters.pdf" --labels "$dir/labels.pdf" --sheet L7160 --start 20
like "$out" '"letters":4,"pages":4,.*"label_sheets":2' "says how many"
is "$(sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p' <<<"$out")" "$(sha256sum "$dir/letters.pdf" | cut -d ' ' -f 1)" "and the file's digest"
text_of "$dir/letters.pdf" >"$dir/text"
is "$(grep -o 'Обавештење за .*' "$dir/text" | awk '{ print $3 }' | paste -sd' ')" "Ана Воли Ђорђе Живко" \
    "by country, postcode and name; who died gets none"
is "$(rows "name = 'Бисерка Њежић'")" "Бисерка paper excluded contact is deceased" "with the reason"
like "$(cat "$dir/text")" 'Клокот, [0-9]+\. [^ ]+ 20[0-9][0-9]\.' "place and date in the language"
like "$(cat "$dir/text")" "Бр\. $id/[0-9]+" "a reference to answer to"
like "$(cat "$dir/text")" 'јавите се писмом до краја' "what is for paper alone"
like "$(cat "$dir/text")" 'страница \(https://klokot.example/a\?b=1&c=2\)' "a link with its destination"
like "$(cat "$dir/text")" 'GERMANY' "abroad, the country"
like "$(text_of "$dir/labels.pdf")" 'Ана Њежић' "labels"
is "$(pdfinfo "$dir/labels.pdf" | awk '/^Pages/ { print $2 }')" 2 "from label 20 of the first sheet on"
is "$(rows "state = 'printed'" | wc -l)" 4 "all four are printed"
like "$(sql "select object || ' ' || rows || ' ' || encode(digest, 'hex') from audit where action = 'EXPORT' order by id desc limit 1")" \
    "letters on paper of mailing $id 4 $(sha256sum "$dir/letters.pdf" | cut -d ' ' -f 1)" "the audit log has the file's digest"
cp "$dir/letters.pdf" "$dir/first.pdf"
exits 1 "once more" as one mailing print "$id" -o "$dir/letters.pdf"
like "$out" 'has nothing to print: .* 4, were printed by paper_one, .*; --again' "nobody is printed twice silently"
sed -i 's/^place = .*/place = Elsewhere/' "$dir/adresar.conf"
exits 0 "again" as one --json mailing print "$id" -o "$dir/letters.pdf" --again
cmp "$dir/first.pdf" "$dir/letters.pdf"
ok $? "is the same to the byte"
like "$(sql "select object from audit where action = 'EXPORT' order by id desc limit 1")" 'again' "and is in the audit log"
like "$(sql_as one "update paper_letter set letter = '{}'")" 'permission denied' "what was printed does not change"
like "$(sql_as one "insert into paper_letter (outbox_id, n, pages, letter, printed_by) values (1, 1, 1, '{}', 'x')")" 'permission denied' \
    "and bears the name of who printed it"

# ---- registers, dossier, erasure
exits 0 "register of the mailing" as one register mailing --mailing "$id" -o "$dir/mailing.csv" --language en
like "$(grep 'Љубић\|Ljubić' "$dir/mailing.csv")" 'Paper,.*printed on paper.*,20[0-9][0-9]-' "has channel and date"
exits 0 "register of letters" as one register letters -o "$dir/letters.csv" --language en
like "$(grep 'Обавештење за Ђорђе' "$dir/letters.csv")" 'Out,Paper,.*printed on paper' "has the letter"
exits 0 "a contact's file" as one contact file "$far" -o "$dir/file.zip"
like "$(unzip -p "$dir/file.zip" dossier.json)" 'Обавештење за Ђорђе Љубић' "has what was printed"
like "$(unzip -Z1 "$dir/file.zip" | tr '\n' ' ')" '^dossier.json letters/[0-9]+.pdf $' "and the paper itself"
unzip -p "$dir/file.zip" 'letters/*' >"$dir/again.pdf"
like "$(pdftotext "$dir/again.pdf" - | tr '\n' ' ')" 'Љубић' "as it was"
letter=$(as one --json mailing new --kind greeting --name g --template "$dir/template" --from sink --paper --to <(echo "$far") | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as two mailing release "$letter" >/dev/null
exits 0 "a greeting" as one mailing print "$letter" -o "$dir/greeting.pdf" --two-sided
is "$(pdfinfo "$dir/greeting.pdf" | awk '/^Pages/ { print $2 }')" 2 "on a sheet of its own"
is "$(sql "select state from mailing where id = $letter")" finished "a mailing on paper alone is finished"
PGUSER=adresar_owner adresar user add "${office}_head" --role head --department office >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" "${office}_head" >/dev/null
exits 0 "erased" as head contact erase "$far" --why asked
is "$(sql "select letter from paper_letter p join outbox o on o.id = p.outbox_id where o.mailing_id = $letter")" '{}' "its letter is empty"
exits 1 "and again" as one mailing print "$letter" -o "$dir/greeting.pdf" --again
is "$(sql "select count(*) from paper_letter where letter::text like '%Љубић%'")" 1 "the official one is kept"

# ---- a person decides; the post's holder
released() { id=$(id_of "$(new "$@")") && as two mailing release "$id" >/dev/null; }
minister=$(add --name "Арбен Хоти" --organisation "Министарство" --position Министар --street "Трг 1" --postcode 10000 --city Приштина)
next=$(add --name "Беса Кељменди" --email besa@sink.example)
post=$(sql "select id from post where name = 'Министар'")
id=$(id_of "$(new --paper --to <(echo "post:$post"))")
as one post start "$post" "$next" >/dev/null
as two mailing release "$id" >/dev/null
is "$(rows true)" "besa email queued" "a letter to a post turns to the holder, and to how they are reached"
released --paper --to <(echo "$frankfurt")
row=$(sql "select id from outbox where mailing_id = $id")
exits 0 "a person says no" as one mailing settle "$row" --as excluded --why "by hand"
exits 1 "nothing is left" as one mailing print "$id" -o "$dir/x.pdf"
like "$out" 'has no letters on paper' "to print"
add --name "Горан Секулић" --organisation "Министарство" --position Секретар --street "Трг 1" --postcode 10000 --city Приштина >/dev/null
post=$(sql "select id from post where name = 'Секретар'")
released --paper --to <(echo "post:$post")
as one post start "$post" "$next" --keep-active >/dev/null
exits 1 "another holder between release and printing" as one mailing print "$id" -o "$dir/x.pdf"
is "$(rows true)" "Горан paper held the post has another holder" "holds the letter"
exits 0 "a person says yes" as one mailing settle "$(sql "select id from outbox where mailing_id = $id")" --as queued --why "he waits for it"
exits 0 "and it is printed" as one mailing print "$id" -o "$dir/x.pdf"
is "$(rows true)" "Горан paper printed" "to him"
released --paper --to <(echo "$near")
as one consent withdraw "$near" --all --how phone >/dev/null
exits 0 "an official notice" as one mailing print "$id" -o "$dir/x.pdf"
id=$(as one --json mailing new --kind greeting --name g --template "$dir/template" --from sink --paper --to <(echo "$frankfurt") | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as two mailing release "$id" >/dev/null
as one consent withdraw "$frankfurt" --all --how phone >/dev/null
exits 1 "who opts out after the release" as one mailing print "$id" -o "$dir/x.pdf"
like "$(rows true)" 'excluded opted out' "gets no letter on paper either"
done_testing
