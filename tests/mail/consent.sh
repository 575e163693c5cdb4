#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Consent, opt-outs, official mail apart; all that is kept about one person as a file; erasure that keeps what must be kept;
# retention with a report and a second person.
. tests/lib/tap.sh
. tests/lib/hold.sh
. tests/lib/office.sh consent $((ADRESAR_TEST_PORT + 64)) 5
sink

PGUSER=adresar_owner adresar user add "${office}_head" --role head --department office >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" "${office}_head" >/dev/null
contact() { sql "select contact_id from address where email_key = '$1@sink.example'"; }
mailing() { # KIND [OPTIONS...]: prepared by one, released by two; sets $id
    local kind=$1
    shift
    id=$(as one --json mailing new --kind "$kind" --name m --template "$dir/template" --to "$dir/list" --from sink "$@" |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    as two mailing release "$id" >/dev/null
}
reasons() { sql "select split_part(email, '@', 1) || ': ' || reason from outbox where mailing_id = $id and state = 'excluded' order by 1"; }
today=$(sql "select current_date")

# ---- lists and words
exits 0 "lists" as one consent lists
like "$out" 'newsletter +Newsletter +consent' "have their basis"
exits 0 "another list" as one consent list-add petrovdan --name "St. Peter's Day" --purpose "the feast and what leads to it" --basis legitimate-interest
exits 1 "is there once" as one consent list-add petrovdan --name x --purpose x --basis public-task
exits 64 "a basis that the law does not have" as one consent list-add x --name x --purpose x --basis curiosity
exits 64 "an official list does not rest on consent" as one consent list-add x --name x --purpose x --basis consent --official
exits 0 "consent to the newsletter" as one consent record p1@sink.example p2@sink.example --list newsletter --how form --form "leaflet of the feast, 2026-07" --at 2026-07-12
exits 64 "nobody consents to everything" as one consent record p1@sink.example --how form --all
exits 1 "a list that is none" as one consent record p1@sink.example --list nix --how form
exits 64 "a way that is none" as one consent record p1@sink.example --list newsletter --how telepathy
exits 1 "nobody opts out of official notices" as one consent withdraw p1@sink.example --list notice --how mail
exits 1 "one unknown contact, and nothing is recorded" as one consent withdraw p3@sink.example nobody@x.example --all --how phone
is "$(sql "select count(*) from consent where not given")" 0 "for any of them"
exits 0 "opting out of all bulk mail" as one consent withdraw p2@sink.example p3@sink.example --all --how phone --form "rang on Monday"
exits 0 "opting out of one list" as one consent withdraw p4@sink.example --list petrovdan --how mail
exits 0 "consent show" as one --json consent show p2@sink.example
like "$out" '"why":"opted out of all bulk mail on '"$today"'"' "says why not"
like "$out" '"list":"notice","basis":"legal-obligation","purpose":"[^"]*","official":true|"official":true' "official mail is apart"
like "$out" '"by":"consent_one".*"form":"leaflet of the feast, 2026-07"' "and shows the proof: who recorded it, and which form"
exits 0 "for people" as one consent show p2@sink.example
like "$out" 'opts out' "the words are in a table"

# ---- what it does to mailings
mailing newsletter
is "$(reasons)" "$(printf '%s\n' "p2: opted out of all bulk mail on $today" "p3: opted out of all bulk mail on $today" \
    "p4: has not consented to newsletter" "p5: has not consented to newsletter")" "a newsletter goes to those alone who consented"
mailing greeting --list petrovdan
is "$(reasons)" "$(printf '%s\n' "p2: opted out of all bulk mail on $today" "p3: opted out of all bulk mail on $today" \
    "p4: opted out of petrovdan on $today")" "a list that does not need consent goes to all who did not opt out"
as one consent withdraw p5@sink.example --list petrovdan --how in-person >/dev/null
adresar deliver --once
is "$(reasons | tail -1)" "p5: opted out of petrovdan on $today" "an opt-out between release and sending counts"
as one consent record p2@sink.example --list petrovdan --how web >/dev/null
mailing greeting --list petrovdan
is "$(reasons | grep -c p2)" 0 "a later word for a list outdoes an earlier one for all"
mailing notice
is "$(reasons)" "" "an official notice goes to everybody"
adresar deliver --once
is "$(sql "select count(*) from outbox where mailing_id = $id and state = 'accepted'")" 5 "all of them"
notice=$id
exits 1 "a newsletter is not sent as an official list" as one mailing new --kind newsletter --list notice --name m \
    --template "$dir/template" --to "$dir/list" --from sink
exits 1 "nor on a list that is none" as one mailing new --kind notice --list nix --name m --template "$dir/template" --to "$dir/list" --from sink

# ---- all about one
p3=$(contact p3)
as one contact edit "$p3" --note "a secret of his" --phone "+383 44 000 333" >/dev/null
as one meeting add --date 2026-05-04 --subject "The feast" --chair "The mayor" --attendees "Arta Gashi; z. PERSÓN 3 (OJQ)" --minutes "He will sing." >/dev/null
as one meeting add --date 2026-05-05 --subject "The road" --attendees "A Person, 3 others" >/dev/null
exits 0 "contact file" as one contact file "$p3" -o "$dir/p3.zip"
like "$out" ', with 1 message[^s].*1 meeting names somebody' "counts what is in it"
is "$(unzip -Z1 "$dir/p3.zip" | sed 's/[0-9][0-9]*/N/' | sort | tr '\n' ' ')" "dossier.json messages/N.eml " "holds a JSON file and each message"
whole=$(unzip -p "$dir/p3.zip" dossier.json)
for part in '"a secret of his"' '"+38344000333"' '"rang on Monday"' '"Person 3"' '"mailing": "m"' '"attempts"' '"history"' '"p3@sink.example"' '"He will sing."' '"called": "Person 3"'; do
    grep -qF -- "$part" <<<"$whole"
    ok $? "the file has $part"
done
is "$(grep -c The.road <<<"$whole")" 0 "a meeting with others is not in it"
like "$(unzip -p "$dir/p3.zip" 'messages/*.eml')" 'this is the whole notice' "the letter as it went out"
is "$(stat -c %a "$dir/p3.zip")" 600 "is for its owner's eyes"
exits 1 "of nobody there is no file" as one contact file 99999 -o "$dir/none.zip"
[ ! -e "$dir/none.zip" ]
ok $? "nor is one written"
exits 74 "a folder that is not there" as one contact file "$p3" -o "$dir/no/p3.zip"

# ---- erasure
exits 1 "a clerk does not erase" as one contact erase "$p3" --why "asked by letter"
exits 64 "an erasure has a reason" as head contact erase "$p3" --why ""
is "$(sql "select count(*) from contact_name where contact_id = $p3 and name = 'Person 3'")" 1 "so far nothing is erased"
exits 0 "the head does" as head contact erase "$p3" --why "asked by letter of 2026-11-20"
exits 1 "contact show of him" as one contact show "$p3"
is "$out" "adresar: contact $p3 was erased on $today: asked by letter of 2026-11-20" "says when and on what ground, and nothing else"
is "$(pg_dump -h "$PGHOST" -U postgres -d "$name" --data-only --inserts -T message_chunk 2>/dev/null | grep -v "$dir" |
    grep -c "p3@sink.example\|a secret of his\|Person 3\|Dear person 3\|38344000333")" 1 "what remains of him anywhere is the official notice: its row, which is its attempt" \
    "$(pg_dump -h "$PGHOST" -U postgres -d "$name" --data-only --inserts -T message_chunk 2>/dev/null | grep "p3@sink\|secret of his\|Person 3\|Dear person 3\|38344000333" | cut -c1-300)"
is "$(sql "select email || ' ' || state from outbox where contact_id = $p3 and mailing_id = $notice")" "p3@sink.example accepted" \
    "the ledger of an official notice is kept"
is "$(sql "select count(distinct email) || ' ' || max(email) from outbox where contact_id = $p3 and mailing_id <> $notice")" "1 erased" \
    "of other mail it keeps what became of it"
exits 0 "the audit log still verifies" as one audit verify
is "$(sql "select why from erased where contact_id = $p3")" "asked by letter of 2026-11-20" "that he was erased is known"
id=$(as one --json contact add --name "Somebody New" --email p3@sink.example --language en --salutation "Dear" --department office | sed 's/[^0-9]//g')
echo "$id" >"$dir/list.new"
new=$(as one --json mailing new --kind greeting --name m --template "$dir/template" --to "$dir/list.new" --from sink |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as two mailing release "$new" >/dev/null
is "$(sql "select reason from outbox where mailing_id = $new")" "the address was erased on request" "and his address is not written to again"
printf 'Name,E-mail\nPerson Three,P3@sink.example\nPerson Nine,p9@sink.example\n' >"$dir/later.csv"
exits 0 "a list that comes in later" as one --json contact import "$dir/later.csv" --dry-run
like "$out" '"check":1.*somebody with the address P3@sink.example asked to be forgotten' "wants a look at his row, and at no other"
p2=$(contact p2)
sql "set session_replication_role = replica; update outbox set state = 'unknown' where contact_id = $p2 and mailing_id = $notice"
exits 1 "who has a letter of unknown outcome is not erased" as head contact erase "$p2" --why x
sql "set session_replication_role = replica; update outbox set state = 'accepted' where contact_id = $p2 and mailing_id = $notice"
sql_as one "update outbox set email = 'erased', name = 'erased', view = '{}' where contact_id = $p2" >"$dir/denied"
like "$(cat "$dir/denied")" 'is frozen' "no statement of a person's own can do what an erasure does"

# ---- retention
exits 0 "a rule" as head retention add --kind person --months 24 --why "decision 12/2026 of the mayor"
exits 64 "without a reason is none" as head retention add --months 24 --why ""
exits 1 "a category that is none" as head retention add --category nix --months 2 --why x
exits 0 "nobody is due" as head retention report
like "$out" 'nobody is due' "and it says so"
p4=$(contact p4) p5=$(contact p5)
sql "set session_replication_role = replica;
     update contact set created = '2020-01-01' where id in ($p4, $p5);
     update outbox set state_at = '2021-01-01' where contact_id in ($p4, $p5);
     update message set date = '2021-01-01', received_at = '2021-01-01' where contact_id in ($p4, $p5);
     update consent set at = '2021-01-01', recorded_at = '2021-01-01' where contact_id in ($p4, $p5);
     update audit set at = '2021-01-01' where id in (select audit_id from audit_value where row_id in ($p4, $p5))"
exits 0 "a report" as head --json retention report
like "$out" "\"contact\":$p4,.*\"contact\":$p5,|\"contact\":$p5,.*\"contact\":$p4," "names who is due"
report=$(sed 's/.*"id":\([0-9]*\),"contacts.*/\1/' <<<"$out")
exits 1 "whoever made the report does not carry it out" as head retention erase "$report"
like "$out" 'somebody else' "but somebody else"
PGUSER=adresar_owner adresar user add "${office}_boss" --role head --department office >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" "${office}_boss" >/dev/null
hold "$name" "update contact set languages = '{de}' where id = $p5"
exits 1 "somebody else does, while one of them is being edited" as boss retention erase "$report"
after
like "$out" '1 erased, 1 left' "and leaves whom something happened with since"
is "$(sql "select string_agg(contact_id || ' ' || coalesce(erased::text, '-'), ', ' order by contact_id) from retention_item")" \
    "$(printf '%s\n%s\n' "$p4 true" "$p5 -" | sort -n | paste -sd, | sed 's/,/, /')" "the report remembers whom"
exits 1 "the report is carried out once" as head retention erase "$report"
like "$out" "report $report was carried out at .* by consent_boss" "and it is said by whom"
exits 0 "it can be read afterwards" as head retention report "$report"
like "$out" "decision 12/2026 of the mayor" "with its reasons"
exits 1 "a rule behind a report stays" as head retention remove 1
done_testing
