#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What a phone book says of somebody's home is private: in, shown, and out again; and a number is one phone, however it is
# written.
. tests/lib/tap.sh
. tests/lib/people.sh cards

user clerk clerk mayor --department-name Mayor
user police clerk police --department-name Police

cat >"$dir/book.vcf" <<'VCF'
BEGIN:VCARD
VERSION:3.0
N:Simić;Mira;;;
FN:Mira Simić
EMAIL;TYPE=INTERNET,HOME:mira@home.example
EMAIL;TYPE=INTERNET,WORK:mira@work.example
EMAIL;TYPE=HOME,WORK:both@work.example
TEL;TYPE=HOME,VOICE:+381 64 000 301
TEL;TYPE=HOMEPAGE:+381 64 000 302
TEL;TYPE=HOME:+381 64 000303
TEL;TYPE=CELL:+381 64 000 303
ADR;TYPE=HOME:;;Kućna 1;Vrbovac;;38262;XK
ADR;TYPE=WORK:;;Glavna 1;Klokot;;38260;XK
END:VCARD
BEGIN:VCARD
VERSION:2.1
N:Kryeziu;Arben
TEL;HOME;VOICE:+383 49 000 201
ADR;HOME:;;Rruga e Shkollës 4;Klokot;;38260;XK
END:VCARD
BEGIN:VCARD
VERSION:4.0
KIND:org
FN:Klub Most
EMAIL;TYPE=home:club@home.example
ADR;TYPE=home:;;Glavna 2;Klokot;;38260;XK
END:VCARD
VCF
exits 0 "a phone book" as clerk --json contact import "$dir/book.vcf" --department mayor
mira=$(sql "select contact_id from contact_name where name = 'Mira Simić'")
arben=$(sql "select contact_id from contact_name where name like '%Kryeziu%'")
club=$(sql "select contact_id from contact_name where name = 'Klub Most'")
is "$(sql "select string_agg(email, ' ' order by position) from address where private")" mira@home.example \
    "of addresses the one at home is private, not one that is for work too, nor an organisation's"
is "$(sql "select string_agg(e164, ' ' order by e164) from phone where private")" "+38164000301 +38349000201" \
    "of phones those at home, in each version of cards"
is "$(sql "select count(*) from phone where contact_id = $mira")" 3 "a number that is said twice is one phone, and public"
is "$(sql "select string_agg(lines || '=' || private, ' ' order by contact_id) from postal_address")" \
    "Glavna 1=false Rruga e Shkollës 4=true Glavna 2=false" "letters go to the office, where the card knows one"
exits 0 "the contact" as clerk contact show "$mira"
like "$out" 'mira@home.example, not tried yet, private; mira@work.example, not tried yet; both' "says which address is private"
like "$out" '\+38164000301 \(\+381 64 000 301\), private; ' "and which phone"
exits 0 "another" as clerk contact show "$arben"
like "$out" 'Rruga e Shkollës 4[^|]*, private' "and where it lives"
exits 0 "another department" as police contact show "$arben"
[[ $out != *Shkoll* && $out != *383* ]]
ok $? "sees none of it" "$out"

exits 0 "out again" as clerk contact export -o "$dir/out.vcf"
cards=$(tr -d '\r' <"$dir/out.vcf" | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n //g')
is "$(grep -c 'TYPE=home' <<<"$cards")" 4 "what is private is of the type home" "$cards"
like "$cards" 'EMAIL;PREF=1;TYPE=home:mira@home.example' "an address"
like "$cards" 'TEL;TYPE=home:\+38349000201' "a phone"
like "$cards" 'ADR;TYPE=home;LABEL=[^'$'\n'']*Rruga e Shkoll' "where somebody lives"
before=$(sql "select count(*) from address union all select count(*) from phone union all select count(*) from postal_address")
exits 0 "and in again" as clerk contact import "$dir/out.vcf" --department mayor
is "$(sql "select count(*) from address union all select count(*) from phone union all select count(*) from postal_address")" \
    "$before" "brings nothing that is not known"

# ---- lists say it with columns of their own
printf 'Name,Mail,Phone,Home\nNina Nikić,nina@x.example,044 000 777,049 000 888\n' >"$dir/list.csv"
printf '[columns]\nName = name\nMail = private_email\nPhone = phone\nHome = private_phone\n' >"$dir/list.map"
exits 0 "a list" as clerk contact import "$dir/list.csv" --map "$dir/list.map" --department mayor
is "$(sql "select string_agg(typed || '=' || private, ' ' order by position) from phone
            where contact_id = (select contact_id from address where email = 'nina@x.example' and private)")" \
    "044 000 777=false 049 000 888=true" "names what is private"

# ---- two spellings
printf 'Name,Phone\nArben Kryeziu,00383 49/000-201\nNina Nikić,+383 (0)44 000777\n' >"$dir/again.csv"
exits 0 "another list" as clerk contact import "$dir/again.csv" --department mayor
is "$(sql "select count(*) from phone where e164 in ('+38349000201', '+38344000777')")" 2 "spells phones otherwise"
as clerk contact edit "$arben" --phone 049000201 >/dev/null
is "$(sql "select typed from phone where contact_id = $arben")" "+383 49 000 201" "what was typed first is kept"
other=$(as clerk --json contact add --name "Arben Kryeziu" --phone "049 000-201" | number)
exits 0 "two contacts with two spellings" as clerk contact merge "$arben" "$other"
exits 0 "are one" as clerk contact show "$arben"
is "$(grep -o 38349000201 <<<"$out" | wc -l)" 1 "with one phone" "$out"
exits 0 "and can be two again" as clerk contact unmerge "$arben"
is "$(sql "select typed from phone where contact_id = $other")" "049 000-201" "each with what was typed"
done_testing
