#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# khard, an address book of the command line, reads the cards that `contact export -o x.vcf` writes.
. tests/lib/tap.sh
. tests/lib/people.sh khard

user clerk clerk mayor --department-name Mayor
clerk() { as clerk "$@" >/dev/null; }
clerk contact add --kind organisation --name "Klub Klokot, Beč" --language sr-Latn --email club@x.example
clerk contact add --name "dr Đorđe Đokić" --email dj@x.example --phone "049/000-201" --organisation "Klub Klokot, Beč" \
    --position "predsednik; član" --language sr-Latn --note $'Zove se; ujutru\nпо подне'
clerk contact edit 2 --name "Ђорђе Ђокић" --name-language sr-Cyrl
clerk contact add --name "Shpëtim Kryeziu-Çela" --email shpetim@x.example --language sq
clerk contact export -o "$dir/all.vcf"

# a file a card, as khard and CardDAV servers keep them
mkdir -p "$dir/cards" "$dir/home"
csplit -s -z -f "$dir/cards/" -b '%02d.vcf' "$dir/all.vcf" '/^BEGIN:VCARD/' '{*}'
is "$(find "$dir/cards" -type f | wc -l)" 3 "three cards"
cat >"$dir/khard.conf" <<END
[addressbooks]
[[office]]
path = $dir/cards
[general]
default_action = list
[contact table]
display = formatted_name
preferred_email_address_type = pref, work, home
END
khard() { HOME=$dir/home /usr/bin/khard -c "$dir/khard.conf" "$@" 2>&1; }

is "$(khard email --parsable --remove-first-line | cut -f 1,2 | sort)" \
    "$(printf '%s\t%s\n' club@x.example "Klub Klokot, Beč" dj@x.example "dr Đorđe Đokić" shpetim@x.example "Shpëtim Kryeziu-Çela")" \
    "khard knows all names and addresses"
shown=$(khard show "Đokić")
like "$shown" 'Klub Klokot, Beč' "the organisation"
like "$shown" 'predsednik; član' "the position, with its semicolon"
like "$shown" '\+383 ?49 ?000 ?201|\+38349000201' "the phone"
like "$shown" 'Zove se; ujutru' "the note"
like "$shown" 'по подне' "and its second line"
done_testing
