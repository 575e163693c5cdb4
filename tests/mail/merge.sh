#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Two contacts become one while a mailing is a draft: its letter goes out once, to the address that there is, also where the
# one that stays had none, and nowhere is it lost without a word.
. tests/lib/tap.sh
. tests/lib/office.sh merge $((ADRESAR_TEST_PORT + 71)) 3
sink

contact() { sql "select contact_id from address where email = '$1@sink.example'"; }
named() { sql "select contact_id from contact_name where name = '$1' and main"; }
letters() { sql "select string_agg(concat_ws(' ', contact_id, state, reason), ', ' order by state, contact_id) from outbox where mailing_id = $id and contact_id in ($1)"; }

as one contact add --kind person --name "No Mail" --language en --salutation Dear --department office >/dev/null
nomail=$(named "No Mail") p1=$(contact p1) p2=$(contact p2) p3=$(contact p3)
sql "update contact set created = '2020-01-01' where id = $nomail" >/dev/null # the older one stays
exits 0 "a draft to all" as one --json mailing new --kind notice --name News --template "$dir/template" --segment "department:office" --from sink
id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$out")
is "$(letters "$nomail, $p1")" "$nomail excluded no e-mail address, $p1 held release" "has one left out, who has no address"
exits 0 "who has one is merged into that one" as one contact merge "$nomail" "$p1"
is "$(sql "select contact_id from address where email = 'p1@sink.example'")" "$nomail" "whose the address is now"
is "$(letters "$nomail, $p1")" "$p1 excluded no e-mail address, $nomail held release" "and the letter"
like "$(as two mailing trail "$id" --contact "$nomail")" "merged" "the trail says so"
exits 0 "taken apart" as one contact unmerge "$p1"
is "$(letters "$nomail, $p1")" "$nomail excluded no e-mail address, $p1 held release" "each has its own again"
exits 0 "merged once more" as one contact merge "$nomail" "$p1"
exits 0 "two who both have one" as one contact merge "$p2" "$p3"
exits 0 "released" as two mailing release "$id"
adresar deliver --once --account sink >/dev/null 2>&1
is "$(sql "select string_agg(split_part(email, '@', 1), ' ' order by email) from outbox where mailing_id = $id and state = 'accepted'")" "p1 p2" "two letters go out"
is "$(ls "$dir"/sink/m.* | wc -l)" 2 "and are there"
is "$(sql "select count(*) from outbox o join contact c on c.id = o.contact_id where o.mailing_id = $id and o.state = 'accepted' and c.merged_into is null")" 2 "to whom is left"
is "$(letters "$p3")" "$p3 excluded merged" "who would have had a second is shown, with the reason"
done_testing
