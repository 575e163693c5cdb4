#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Rights by command line: what each role sees, changes, shares and exports of a contact that another department keeps, and
# what the audit log says of it.
. tests/lib/tap.sh

. tests/lib/people.sh rights

user clerk clerk mayor
user reader reader mayor
user head head mayor
user defb clerk defb
user both clerk defb --also-department mayor
user admin admin defb
user auditor auditor defb
exits 64 "a role that is none" env PGUSER=adresar_owner "$ADRESAR_BIN" user add rights_x --role boss --department mayor
exits 1 "a further department that is none" env PGUSER=adresar_owner "$ADRESAR_BIN" user add rights_x --role clerk --department mayor --also-department nix
exits 0 "users" "$ADRESAR_BIN" --json user list
like "$out" '"login":"rights_both","role":"clerk","department":"defb",[^}]*"also":"mayor"' "a user works for several departments"

id=$(as clerk --json contact add --name "Ana Anić" --email ana@x.example --phone "+383 44 000 601" --note "likes figs" | number)
as clerk contact edit "$id" --email hidden@x.example >/dev/null
as clerk contact email "$id" hidden@x.example --private >/dev/null

# ---- seeing
for who in clerk reader head both admin auditor; do
    exits 0 "$who sees the contact" as $who --json contact show "$id"
    like "$out" 'likes figs.*hidden@x.example' "$who: its private address and the notes"
    exits 0 "$who: its history" as $who contact history "$id"
done
exits 0 "another department sees the contact" as defb --json contact show "$id"
like "$out" 'ana@x.example' "the official address"
[[ $out != *hidden@x.example* && $out != *"likes figs"* ]]
ok $? "neither the private one nor the notes" "$out"
exits 0 "finds it" as defb contact find "Анић"
exits 1 "not by what it does not see" as defb contact find "hidden@x.example"
exits 0 "and lists it" as defb contact list
exits 1 "its history is not for them" as defb contact history "$id"
like "$out" "contact $id is kept by mayor; ask with .adresar contact ask $id" "and they are told what to do"

# ---- changing
for who in clerk head both admin; do exits 0 "$who changes it" as $who contact edit "$id" --tag "by-$who"; done
exits 1 "a reader does not" as reader contact edit "$id" --tag no
like "$out" "a reader may not change anything" "and is told"
exits 1 "an auditor does not" as auditor contact edit "$id" --tag no
exits 1 "another department does not" as defb --json contact edit "$id" --tag no
like "$out" '"text":"contact '"$id"' is kept by mayor; ask with .adresar contact ask '"$id"'.*"code":1' "and is told, exit 1"
exits 1 "nor its address" as defb contact email "$id" ana@x.example --state dead --why x
exits 1 "nor adds a contact of another department" as defb contact add --name X --department mayor
like "$out" "that is for department mayor, and you work for defb" "which is said"
exits 0 "who works for both does" as both contact add --name Y --department mayor
exits 1 "a reader adds none" as reader contact add --name X
exits 1 "nor an event" as reader event add --start "2030-01-01 10:00" --end "2030-01-01 11:00" --name-en N --place-en P
exits 1 "nor a meeting" as reader meeting add --date 2030-01-01 --subject S
printf 'Name,E-mail\nAna ANIĆ,hidden@x.example\nNew One,new@x.example\n' >"$dir/list.csv"
exits 1 "nor imports" as reader contact import "$dir/list.csv"
exits 1 "nor does another department for this one" as defb contact import "$dir/list.csv" --department mayor

# ---- asking and sharing
exits 0 "an import of what another department keeps" as defb --json contact import "$dir/list.csv"
like "$out" '"ready":1,"known":1,.*kept by mayor, who are asked to share it' "knows it, also under a private address"
is "$(sql "select count(*) from contact where id <> $id and exists (select from address where contact_id = contact.id and email_key = 'hidden@x.example')")" 0 "makes no second one"
exits 0 "the request is there" as defb --json contact requests
request=$(number <<<"$out")
like "$out" '"keeper":"mayor","department":"defb","asked_by":"rights_defb",.*"import":1,"granted":null,.*"ours":false' "for who asks"
exits 0 "and for who keeps" as clerk --json contact requests
like "$out" '"ours":true' "who may decide"
exits 1 "who asks does not decide" as defb contact request "$request" --grant
exits 1 "nor does a reader" as reader contact request "$request" --grant
exits 64 "one decides somehow" as clerk contact request "$request"
exits 0 "the keeper refuses" as clerk contact request "$request" --refuse
exits 1 "once" as clerk contact request "$request" --grant
exits 1 "so it is not shared" as defb contact edit "$id" --tag no
exits 0 "it is asked for by hand" as defb contact ask "$id"
exits 1 "not by a reader" as reader contact ask "$id"
exits 1 "nor by who keeps it" as clerk contact ask "$id"
request=$(as head --json contact requests | number)
exits 0 "and granted" as head contact request "$request" --grant
exits 0 "so defb changes it" as defb contact edit "$id" --tag shared
exits 0 "and sees its notes" as defb --json contact show "$id"
like "$out" 'likes figs.*hidden@x.example' "and the private address"
exits 1 "who shares it does not share it further" as defb contact share "$id" --with defb
exits 1 "nor hands it over" as defb contact hand-over "$id" --to defb
exits 0 "the keeper ends it" as clerk contact share "$id" --with defb --end
exits 1 "which is the end" as defb contact edit "$id" --tag no
exits 1 "and ends once" as clerk contact share "$id" --with defb --end
exits 0 "the keeper shares it unasked" as clerk contact share "$id" --with defb
exits 0 "and who shares it gives it up" as defb contact share "$id" --with defb --end
exits 1 "a clerk does not hand it over" as clerk contact hand-over "$id" --to defb
exits 0 "a head does" as head contact hand-over "$id" --to defb
is "$(sql "select d.slug from contact c join department d on d.id = c.department_id where c.id = $id")" defb "and now defb keeps it"
exits 0 "the one that did shares it" as clerk contact edit "$id" --tag still
exits 0 "the other way" as admin contact hand-over "$id" --to mayor
as clerk contact share "$id" --with defb --end >/dev/null

# ---- exporting
for who in clerk head admin auditor; do
    exits 0 "$who exports" as $who register contacts -o "$dir/$who.csv"
    grep -q 'hidden@x.example' "$dir/$who.csv" && grep -q 'likes figs' "$dir/$who.csv"
    ok $? "$who: what it sees" "$(cat "$dir/$who.csv")"
done
exits 0 "another department exports" as defb register contacts -o "$dir/defb.csv"
grep -q 'ana@x.example' "$dir/defb.csv" && ! grep -q 'hidden@x.example\|likes figs' "$dir/defb.csv"
ok $? "what it sees" "$(cat "$dir/defb.csv")"
exits 1 "a reader does not export" as reader register contacts -o "$dir/reader.csv"
[ ! -e "$dir/reader.csv" ]
ok $? "and no file is made"
exits 0 "each export is in the log" as auditor --json audit list --actor rights_defb
like "$out" '"actor":"rights_defb","action":"EXPORT","object":"register contacts","rows":3,' "with its rows"
is "$(sql "select encode(digest, 'hex') from audit where action = 'EXPORT' and actor = 'rights_defb'")" \
    "$(sha256sum <"$dir/defb.csv" | cut -d' ' -f1)" "and the digest of the file"

# ---- the log
exits 0 "everybody verifies" as reader --json audit verify
like "$out" '"whole":true,.*"unsealed":0' "and it is whole, and sealed"
exits 0 "the import is one entry" as auditor --json audit list --actor rights_defb
is "$(grep -c '"action":"IMPORT"' <<<"$out")" 1 "of its own"
exits 0 "of a contact" as auditor --json audit list --contact "$id" --from "$(sql "select current_date")" --to "$(sql "select current_date")"
like "$out" '"object":"contact_department"|"object":"address"' "its changes"
exits 0 "who keeps it, too" as clerk --json audit list --contact "$id"
like "$out" '"actor":"rights_admin"' "whoever made them"
exits 1 "others do not" as defb audit list --contact "$id"
exits 0 "but their own deeds" as defb --json audit list
! grep -q '"actor":"rights_clerk"' <<<"$out"
ok $? "and nobody else's"
exits 64 "a day that is none" as auditor audit list --from yesterday
exits 0 "for people" as auditor audit list
like "$out" 'import 1: came in \([0-9]+\)' "a file that came in"
like "$out" 'register contacts: handed out \(3\)' "a list that went out"
like "$out" "sharing: new +$id Ana Anić +department: defb" "what is new, of whom"
exits 0 "who keeps it, in words" as clerk audit list --contact "$id"
like "$out" "rights_clerk +e-mail address: changed +$id Ana Anić +private: no → yes" "by whom, what, of whom, from what to what"
like "$out" "rights_head +contact: changed +$id Ana Anić +department: mayor → defb" "keys of the store as what they stand for"
! grep -q 'contact_\|department_id\|UPDATE' <<<"$out"
ok $? "and no word of the store's" "$out"
exits 0 "in JSON" as clerk --json audit list --contact "$id"
like "$out" "\"contact\":$id,\"name\":\"Ana Anić\",\"changes\":\[\{\"to\":\"true\",\"from\":\"false\",\"field\":\"private\"\}\]" "the same"

# ---- the tables beside the log
exits 0 "everybody compares the tables" as reader audit verify --deep
like "$out" "the tables are what it says" "and they are what the log says"
sql "set session_replication_role = replica; update contact_note set note = 'hates figs' where contact_id = $id"
exits 1 "a change past the log" as auditor audit verify --deep
like "$out" "rights_clerk +note +[0-9]+ +is not what was written" "is found"
exits 1 "in JSON" as auditor --json audit verify --deep
like "$out" '"whole":true,.*"differs":\[\{"entry":[0-9]+,.*"object":"contact_note",.*"why":"changed"\}\]' "with the entry"
exits 0 "not without being asked for" as auditor audit verify
sql "set session_replication_role = replica; update contact_note set note = 'likes figs' where contact_id = $id"
exits 0 "and nothing, when it is as it was" as auditor audit verify --deep

# ---- a duplicate of what another department keeps
exits 0 "a twin" as defb --json contact add --name "Anna Anić" --email ana@x.example --phone "+383 44 000 601"
twin=$(number <<<"$out")
exits 0 "a duplicate" as defb --json contact duplicates "$twin"
like "$out" "\"a\":$id,\"b\":$twin,.*\"ask\":$id,\"kept_by\":\"mayor\"" "is known, kept by another department"
exits 0 "in a table" as defb contact duplicates "$twin"
like "$out" "kept by mayor: .adresar contact ask $id." "which is to be asked"
is "$(sql "select count(*) from audit where seq is null")" 0 "every command has sealed what it wrote"

# ---- retention, and who was erased
exits 1 "a clerk makes no retention report" as clerk retention report
is "$out" "adresar: a clerk may not make a report of who is due: that is for a head or an admin" "and is told who does"
exits 0 "a head does" as head retention report
exits 0 "a rule" as head retention add --months 1 --why "decision 12"
sql "set session_replication_role = replica; update contact set created = '2020-01-01'; update audit set at = '2020-01-01'"
report=$(as head --json retention report | number)
exits 0 "a clerk reads it" as clerk --json retention report "$report"
like "$out" '"id":'"$report"',"contacts":\[\{"contact":' "who is on it"
exits 1 "and does not carry it out" as clerk retention erase "$report"
like "$out" "a clerk may not erase a person's data: that is for a head or an admin" "as is said"
gone=$(as clerk --json contact add --name "Iva Ivić" --email iva@x.example | number)
exits 0 "a head erases" as head contact erase "$gone" --why "asked by letter"
for verb in show address; do
    exits 1 "contact $verb of who was erased" as clerk contact $verb "$gone"
    is "$out" "adresar: contact $gone was erased on $(sql "select current_date"): asked by letter" "says when, on what ground, and nothing else"
done
exits 1 "for programs" as clerk --json contact show "$gone"
like "$out" '^\{"error":\{"text":"contact [0-9]+ was erased on [^"]*","code":1\}\}$' "it is an error"
done_testing
