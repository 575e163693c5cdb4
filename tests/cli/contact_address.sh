#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# How contacts are written to, and their order of protocol, from the command line.
. tests/lib/tap.sh
. tests/lib/office.sh address $((ADRESAR_TEST_PORT + 62)) 1

clerk() { as one "$@"; }
id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
id=$(clerk --json contact add --name "Annika Sundqvist" --organisation "Embassy of Sweden" --position Ambassador \
    --email annika@x.example --language en,sr-Cyrl --gender f --precedence "Ambassador – 7 (credentials 05.03.2024)" | id_of)
exits 0 "contact address" clerk contact address "$id"
is "$out" "H.E. Ms Annika Sundqvist
Ambassador
Embassy of Sweden

Your Excellency,
...
Please accept, Excellency, the assurances of my highest consideration" "is what a letter would have"
exits 0 "by address, in another language" clerk --json contact address annika@x.example --language sr-Cyrl
like "$out" '"envelope":\["Њена екселенција г-ђа Annika Sundqvist","амбасадорка","Embassy of Sweden"\],"salutation":"Ваша екселенцијо","own":false' \
    "as JSON"
like "$out" '"class":"ambassador","gender":"f"' "with what it was made of"
like "$out" '"latin":\["Annika Sundqvist","Embassy of Sweden"\]' "and the names that it has only in Latin"

# ---- names in Latin where the letter is in Cyrillic
exits 0 "for people" clerk contact address "$id" --language sr-Cyrl
like "$out" $'name only in Latin: Annika Sundqvist\nname only in Latin: Embassy of Sweden' "a warning each"
mkdir "$dir/cyrillic"
printf -- '---\nlang: sr-Cyrl\nsubject: Обавештење\n---\n\n{{salutation}}, {{contact.name}}\n' >"$dir/cyrillic/notice.sr-Cyrl.md"
notice() { clerk "$@" mailing new --kind notice --name N --template "$dir/cyrillic" --to <(echo "$id") --from sink; }
exits 0 "mailing new" notice
like "$out" "2 names in letters in Cyrillic are there only in Latin" "counts them"
exits 0 "mailing preview" clerk mailing preview 1
like "$out" "name only in Latin: Annika Sundqvist \(contact $id\)" "names them"
exits 0 "for programs" clerk --json mailing preview 1
like "$out" '"latin":\[\{"contact":'"$id"',"name":"Annika Sundqvist"\},\{"contact":'"$id"',"name":"Embassy of Sweden"\}\]' "in the letter"
exits 0 "the name in Cyrillic" clerk contact edit "$id" --name "Аника Сундквист" --name-language sr-Cyrl
exits 0 "contact address" clerk contact address "$id" --language sr-Cyrl
like "$out" "г-ђа Аника Сундквист" "has it then"
[[ $out != *"only in Latin: Annika"* ]]
ok $? "without the warning" "$out"
exits 0 "so has the next mailing" notice --json
like "$out" '"latin":1' "but for the organisation"
exits 0 "and a letter in Latin none" clerk --json contact address "$id" --language sr-Latn
like "$out" '"latin":\[\]' "of course"

exits 0 "less formal" clerk contact edit "$id" --formality neutral
exits 0 "contact show" clerk contact show "$id"
like "$out" 'en, Dear Ambassador; sr-Cyrl, Поштована госпођо амбасадорко' "shows the salutation in each language"
exits 0 "a salutation of one's own" clerk contact edit "$id" --salutation "Dear Annika"
exits 0 "which is taken" clerk --json contact address "$id"
like "$out" '"salutation":"Dear Annika","own":true' "in its language"
exits 0 "and in no other" clerk --json contact address "$id" --language de
like "$out" '"salutation":"Sehr geehrte Frau Botschafterin","own":false' "where the grammar goes on"
exits 0 "the post's name in another language" clerk contact edit "$id" --position "Амбасадорка Шведске" --position-language sr-Cyrl
exits 0 "comes into its letters" clerk contact address "$id" --language sr-Latn
like "$out" 'Ambasadorka Švedske' "in both scripts"
exits 0 "an address" clerk contact edit "$id" --street "Rr. „Andrea Gropa“ 33" --postcode 10000 --city Prishtinë --country XK
clerk contact edit "$id" --city Priština
exits 0 "at home" clerk contact address "$id"
like "$out" $'33\n10000 Priština\n\n' "is in the country's order, without the country"
clerk contact edit "$id" --street "Box 1" --postcode 111-22 --city Stockholm --country SE
exits 0 "abroad" clerk contact address "$id"
like "$out" $'Box 1\n111-22 Stockholm\nSWEDEN\n' "with it"
sed 's/^name = .*/&\ncountry_language = sr-Cyrl/' "$dir/adresar.conf" >"$dir/other.conf"
exits 0 "in an office that writes it in another language" env PGUSER=address_one "$ADRESAR_BIN" -c "$dir/other.conf" contact address "$id"
like "$out" $'Stockholm\nШВЕДСКА\n' "it is in that language"
is "$(sql "select count(*) from postal_address where contact_id = $id")" 1 "it is one address"
exits 64 "a country that is none" clerk contact edit "$id" --country Sverige
exits 64 "a formality that is none" clerk contact edit "$id" --formality cold
exits 64 "a class that is none" clerk contact edit "$id" --class emperor
exits 64 "nobody" clerk contact address
exits 1 "somebody who is not there" clerk contact address 99999

for rank in "Ambassador – 1 (credentials 20.02.2022)" "P2 – Minister" "Mayor"; do
    clerk contact add --name "Guest ${rank%% *}" --precedence "$rank" --category donor >/dev/null
done
clerk contact add --name "Aaron Guest" --category donor >/dev/null
exits 0 "the order of protocol" clerk contact list --category donor --order precedence --order-language sq
is "$(grep -o 'Guest [A-Z][A-Za-z0-9]*\|Aaron' <<<"$out" | tr '\n' ' ')" "Guest P2 Guest Ambassador Guest Mayor Aaron " \
    "is by rank, and whoever has none comes last"
exits 64 "an order that is none" clerk contact list --order height
exits 0 "a register in that order" clerk register contacts -o "$dir/protocol.csv" --order precedence --language sq
is "$(grep -o '[^,]*Guest [A-Z][A-Za-z0-9]*\|Aaron Guest' "$dir/protocol.csv" | tr '\n' ' ')" "Guest P2 Guest Ambassador Guest Mayor Aaron Guest " \
    "is the same"
exits 64 "of meetings there is none" clerk register meetings -o "$dir/meetings.csv" --order precedence
like "$out" 'the register meetings knows no --order' "and it is said"
done_testing
