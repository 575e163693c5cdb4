#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What is seen before a release: the sender's domains as a real name server (NSD) has them, one that fails and one that is
# silent; the letters; the recipients.  Errors stop a release, unless a reason is given.
. tests/lib/tap.sh
. tests/lib/office.sh preflight $((ADRESAR_TEST_PORT + 60)) 8
. tests/lib/dns.sh "$dir/dns" $((ADRESAR_TEST_PORT + 70))
trap 'dns_end; sink_end' EXIT

adresar dkim new --domain good.example --selector r1 --algorithm rsa >/dev/null
adresar dkim new --domain good.example --selector e1 --algorithm ed25519 >/dev/null
adresar dkim new --domain old.example --selector r1 --algorithm rsa >/dev/null
adresar dkim new --domain bad.example --selector r1 --algorithm rsa >/dev/null
adresar dkim new --domain bad.example --selector gone --algorithm ed25519 >/dev/null
account() { # NAME FROM [LINES...]
    printf '%s\n' "[smtp $1]" "host = 127.0.0.1" "port = $port" "tls = none" "from_address = $2" "${@:3}" >>"$dir/adresar.conf"
}
account good office@good.example "ips = 192.0.2.10, 2001:DB8::10"
account bad office@bad.example "ips = 198.51.100.66"
account bare office@bare.example
account broken office@broken.example
account old office@old.example "ips = 203.0.113.5" "max_message_mb = 1"
account free office@gmail.com
account seen office@good.example
account other office@good.example "bounce_address = bounces@other.example" "ips = 192.0.2.10"
printf '%s\n' "[dkim good.example]" "sign = r1 e1" "[dkim bad.example]" "sign = r1 gone" "[dkim old.example]" "sign = r1" "[dns]" \
    "server = 127.0.0.1:$dns_port" >>"$dir/adresar.conf"
{
    printf '%s\n' '@ MX 10 mail' '@ TXT "v=spf1 mx -all"' 'mail A 192.0.2.10' 'mail AAAA 2001:db8::10' \
        '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@good.example"'
    adresar dkim dns --domain good.example
} | zone good.example
{
    printf '%s\n' '@ MX 0 .' '@ TXT "v=spf1 ip4:198.51.100.1 " "-all"' '_dmarc TXT "v=DMARC1; p=quarantine"'
    adresar dkim dns --domain good.example | sed 's/good\.example/bad.example/' # another's key
} | grep -v '^e1' | sed '/^; e1/,$d' | zone bad.example
printf '%s\n' '@ MX 10 mail.good.example.' | zone bare.example
printf '%s\n' '@ MX 10 mail.good.example.' '@ TXT "v=spf1 ip4:192.0.2.10 -all"' | zone other.example
printf '%s\n' '@ TXT "v=spf1 +all"' '_dmarc TXT "v=DMARC1; p=none"' '_dmarc TXT "v=DMARC1; p=reject"' \
    'r1._domainkey TXT "v=DKIM1; t=y; p="' | zone old.example
: | zone 113.0.203.in-addr.arpa
zone_missing broken.example
printf '%s\n' '10 PTR mail.good.example.' | zone 2.0.192.in-addr.arpa
printf '%s\n' '66 PTR mail.good.example.' | zone 100.51.198.in-addr.arpa
printf '%s\n' '0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 PTR mail.good.example.' | zone 8.b.d.0.1.0.0.2.ip6.arpa
dns_begin || { echo "Bail out! no name server"; exit 1; }

new() { # ACCOUNT [OPTIONS...]: sets $id
    local from=$1
    shift
    out=$(as one --json mailing new --kind notice --name N --template "$dir/template" --to "$dir/list" --from "$from" "$@" 2>&1)
    id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$out")
}
# the ids of what was found, worst first, and their severities
found() { sed -n 's/^{"id":"\([^"]*\)","severity":"\([^"]*\)".*/\1 \2/p' <<<"$out" | tr '\n' ' '; }
check() { exits "$1" "$2" as two --json mailing check "$id"; }

# ---- the sender
new good
check 0 "a sender as it should be"
is "$(found)" "" "nothing is found"
exits 0 "in words" as two mailing check "$id"
is "$out" "nothing stands in the way of mailing $id" "it is said"

new bad
check 1 "a sender whom nobody believes"
is "$(found)" "null-mx error spf-fail error dkim-wrong error dkim-missing error unauthenticated error dmarc-fails error ptr-wrong warning " \
    "each reason is found" "$out"
like "$out" '"id":"spf-fail"[^}]*"where":"bad.example: 198.51.100.66, -all"' "SPF with the term that decided"
like "$out" '"id":"dkim-wrong"[^}]*"where":"r1._domainkey.bad.example"' "the selector whose key is another's"
like "$out" '"id":"dkim-missing"[^}]*"where":"gone._domainkey.bad.example"' "the one that is not there"

new bare
check 1 "a domain that says nothing"
is "$(found)" "unauthenticated error spf-none warning dkim-off warning dmarc-none warning dmarc-unaligned warning ips-unknown note " \
    "is told what it lacks" "$out"

new seen
seen() { # COPY ADDRESS: as `mail test` keeps it
    sql "insert into mail_probe (account, ok, received_from, report)
         values ('seen', true, '$2', '{\"copies\": [{\"copy\": \"$1\", \"received_from\": \"$2\"}]}')" >/dev/null
}
seen own 192.0.2.99
seen outside 10.1.1.1
check 0 "a server whose addresses nobody knows"
is "$(found)" "ips-unknown note " "is not checkable: what its own mailbox saw is our address, not its" "$out"
seen outside 192.0.2.99
seen own 192.0.2.10
check 1 "one that was seen from outside"
is "$(found)" "spf-fail error ptr-none warning " "is looked at as it was seen" "$out"
like "$out" '"id":"spf-fail"[^}]*"where":"good.example: 192.0.2.99, -all"' "by that address"
seen outside 192.0.2.10
check 0 "and seen again"
is "$(found)" "" "elsewhere, is well" "$out"

# ---- keys that cannot sign
mv "$dir/dkim/r1.good.example.pem" "$dir/moved.pem"
is "$(as one mailing new --kind notice --template "$dir/template" --to "$dir/list" --from bare,good 2>&1 | grep -c 'r1.good.example.pem: No such file')" 1 \
    "a key that is not there is said when a mailing is prepared"
mv "$dir/moved.pem" "$dir/dkim/r1.good.example.pem"

new good,bad
check 1 "a mailing of two accounts"
is "$(found)" "null-mx error spf-fail error dkim-wrong error dkim-missing error unauthenticated error dmarc-fails error ptr-wrong warning " \
    "is looked at for the second, too" "$out"
like "$out" '"id":"unauthenticated"[^}]*"where":"bad.example, \[smtp bad\]"' "which is named"
new good,other
check 0 "of one domain"
is "$(found)" "dmarc-spf note " "each way is looked at" "$out"
like "$out" '"where":"good.example, other.example, \[smtp other\]"' "and what is of one alone says of which"

new other
check 0 "bounces to another house"
is "$(found)" "dmarc-spf note " "DMARC stands on DKIM alone" "$out"

new old
check 1 "a domain that was forgotten"
is "$(found)" "dkim-revoked error no-mx warning spf-anybody warning dmarc-broken warning ptr-none warning dkim-testing note " \
    "each thing is found" "$out"
like "$out" '_dmarc.old.example: 2 records' "two policies are none"

new broken
check 0 "a name server that fails"
like "$(found)" '^dns-unknown warning dns-unknown warning' "is taken for neither good nor bad"
like "$out" 'MX broken.example: the name server failed \(SERVFAIL\)' "and named"
is "$(grep -c '"severity":"error"' <<<"$out")" 0 "there is no error"

new free
check 1 "a free mail service"
like "$(found)" '^freemail error ' "is nobody's to write from"
like "$out" 'gmail.com: the name server refuses' "and what cannot be asked is said"

# a server that never answers
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Proto => "udp") or die; sleep 60' \
    $((dns_port + 1)) &
silent=$!
cp "$dir/adresar.conf" "$dir/loud.conf"
sed -i "s/^server = .*/server = 127.0.0.1:$((dns_port + 1))/" "$dir/adresar.conf"
new good
began=$SECONDS
check 0 "a name server that is silent"
[ $((SECONDS - began)) -le 10 ]
ok $? "is waited for no longer than ten seconds" "$((SECONDS - began)) seconds"
like "$out" '"where":"MX good.example: no name server answered in time"' "and what it did not say is said"
is "$(grep -c '"severity":"error"' <<<"$out")" 0 "nothing is guessed"
kill $silent 2>/dev/null
sed -i "s/^server = .*/server = nowhere/" "$dir/adresar.conf"
exits 78 "a server that is none" as two mailing check "$id"
sed -i "/^\[dns\]/,\$d" "$dir/adresar.conf"
check 0 "without a server of its own, a name for examples"
is "$(found)" "dns-example note " "is not asked about"
cp "$dir/loud.conf" "$dir/adresar.conf"

# ---- errors stop a release
new bare
exits 1 "a release with errors" as two mailing release "$id"
like "$out" 'neither SPF nor DKIM vouches' "shows them"
like "$out" '--despite WHY' "and says how"
is "$(sql "select state, released_by is null from mailing where id = $id")" "draft|t" "it stays a draft"
exits 1 "for programs, too" as two --json mailing release "$id"
like "$out" '"id":"unauthenticated".*"error":\{' "with all that was found"
exits 64 "no reason is none" as two mailing release "$id" --despite ""
exits 1 "a reason does not replace the second person" as one mailing release "$id" --despite "it is urgent"
like "$out" 'somebody else releases it' "who is needed"
exits 0 "with a reason" as two mailing release "$id" --despite "our server signs by itself"
is "$(sql "select despite, released_by, jsonb_array_length(findings) > 3, findings::text like '%Person%' from mailing where id = $id")" \
    "our server signs by itself|preflight_two|t|f" "reason and findings stay with the mailing, without names"
is "$(sql "select count(*) from audit a join audit_value v on v.audit_id = a.id where a.object = 'mailing' and v.row_id = $id
           and a.actor = 'preflight_two' and v.after ->> 'despite' = 'our server signs by itself'")" 2 "and in the audit log"
is "$(sql_as two "update mailing set despite = 'x' where id = $id" | grep -c 'does not change')" 1 "they do not change"
exits 1 "once it is released" as two mailing check "$id"
like "$out" "is released, not a draft" "there is nothing to check"

# ---- the letters
mkdir "$dir/links"
cat >"$dir/links/notice.en.md" <<'TEXT'
---
lang: en
subject: Links
---

{{salutation}}, [a](http://plain.example/x?a=1&b=2), [b](https://bit.ly/x), [c](ftp://old.example/), [d](mailto:a@b.example),
[e](tel:+38344123456), [f](https://click.news.example/1), [g](https://good.example/), [h](javascript:alert), [i](page.html)
TEXT
new good --template "$dir/links"
check 1 "links"
is "$(found)" "link-scheme error link-empty error link-scheme error link-http warning link-tracker warning link-tracker warning " \
    "are looked at" "$out"
like "$out" 'en: http://plain.example/x\?a=1&b=2"' "and shown as they are"
like "$out" 'en: ftp://old.example/' "those that nobody can follow"
like "$out" 'en: page.html' "and those of no page"

mkdir "$dir/long"
{ cat "$dir/template/notice.en.md" && for i in $(seq 700); do printf '%*s\n\n' 999 "$i" | tr ' ' x; done; } >"$dir/long/notice.en.md"
sed -i 's/^max_message_mb = 1$/max_message_mb = 2/' "$dir/adresar.conf"
new old --template "$dir/long"
sed -i 's/^max_message_mb = 2$/max_message_mb = 1/' "$dir/adresar.conf" # as the server says since
check 1 "a letter of more than a megabyte"
like "$out" '"id":"size-server","severity":"error",[^}]*"where":"en: 1.[0-9] MB"' "is more than the server takes"

new good,old --template "$dir/long"
is "$id" "" "what one of two accounts cannot send is not prepared"
like "$out" 'a message has at most 1.0 MB' "with the reason" "$out"
new good,bare --template "$dir/long"
sql "insert into smtp_server (account, server, smtputf8, max_size) values ('good', 'mx.good.example', true, 2000000), ('bare', 'mx.bare.example', true, 900000)" >/dev/null
check 1 "what both servers say"
like "$out" '"id":"size-server"[^}]*"where":"en: 1.[0-9] MB, \[smtp bare\]"' "is looked at" "$out"
is "$(grep -c smtp.good <<<"$out")" 0 "each for itself"
sql "update smtp_server set max_size = null" >/dev/null
as one contact add --kind person --name Žana --email "žana@sink.example" --salutation "Dear Žana" --language en --department office >/dev/null
echo "žana@sink.example" >"$dir/utf8.list"
new good,other --to "$dir/utf8.list"
sql "insert into smtp_server (account, server, smtputf8) values ('other', 'mx.other.example', false)" >/dev/null
check 1 "an address that one server cannot take"
like "$out" '"id":"utf8","severity":"error"[^}]*"where":"\[smtp other\], mx.other.example","count":1,"recipients":\[\{[^}]*"name":"Žana","detail":"žana@sink.example"' \
    "is found before the release" "$out"
new good,other --to "$dir/utf8.list"
like "$out" 'žana@sink.example needs SMTPUTF8, which the server mx.other.example did not offer' "and is not prepared again"
sql "delete from smtp_server" >/dev/null

# ---- the recipients
id_of() { sql "select contact_id from address where email_key = '$1@sink.example'"; }
as one contact edit "$(id_of p4)" --language sq >/dev/null
as one contact email "$(id_of p5)" p5@sink.example --state held --why "came back twice" >/dev/null
as one contact edit "$(id_of p6)" --salutation "" >/dev/null
sql "update contact set gender = null, salutation = null where id = $(id_of p6)" >/dev/null
printf 'p%d@sink.example\n' 1 2 3 5 6 >"$dir/list"
echo "$(id_of p4) # by number" >>"$dir/list"
exits 0 "with a fall-back" as one --json mailing new --kind newsletter --name News --template "$dir/template" --to "$dir/list" \
    --from good --fallback en
id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$out")
like "$out" '"lately":6' "those of the released mailing are counted at once"
for p in 1 2 4 5 6; do as one consent record "$(id_of p$p)" --list newsletter --how form --form F >/dev/null; done
sql "update contact set state = 'left' where id = $(id_of p2)" >/dev/null
check 0 "recipients"
is "$(found)" "leaving warning consent warning language warning lately warning doubtful note salutation note " "are looked at" "$out"
like "$out" '"id":"consent"[^}]*"count":1,"recipients":\[\{[^}]*"name":"Person 3","detail":"has not consented to newsletter"' \
    "who did not consent"
like "$out" '"id":"leaving"[^}]*"where":"contact is left","count":1' "who will be left out, and why"
like "$out" '"id":"language"[^}]*"where":"en","count":1,[^}]*"name":"Person 4","detail":"sq"' "who gets another language"
like "$out" '"id":"salutation"[^}]*"count":1,[^}]*"name":"Person 6"' "who is addressed by name alone"
like "$out" '"id":"doubtful"[^}]*"where":"held"[^}]*"Person 5"' "whose address is in doubt"
like "$out" '"id":"lately"[^}]*"count":6,[^}]*"detail":"[-0-9]*: [0-9]*, N \(Office\)"' "who was written to, by which mailing of whom"
exits 0 "in words" as two mailing check "$id"
like "$out" 'warning: 6 recipients: written to a few days ago.*and 1 more.*→ `adresar mailing release ID --respect-governor`' \
    "with the first few, and what to do"

# ---- names, salutations, addresses, posts
id_in() { sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$1"; }
add() { id_in "$(as one --json contact add --department office "$@")"; }
ana=$(add --name "Ana Ilić" --language sr-Cyrl --email ilic@sink.example --salutation "Dear Ms Ilić")
twin=$(add --name "Бранко Илић" --language sr-Cyrl --email ilic@sink.example)
old=$(add --name "Стари Министар" --language sr-Cyrl --email old@sink.example --organisation "Ministarstvo voda" --position Minister)
new=$(add --name "Нови Министар" --language sr-Cyrl --email new@sink.example)
minister=$(sql "select id from post where name = 'Minister'")
mkdir "$dir/cyrillic"
sed 's/^lang: en/lang: sr-Cyrl/' "$dir/template/notice.en.md" >"$dir/cyrillic/notice.sr-Cyrl.md"
printf '%s\n' "$ana" "$twin" "post:$minister" >"$dir/cyrillic.list"
newsletter=$id
id=$(id_in "$(as one --json mailing new --kind notice --name C --template "$dir/cyrillic" --to "$dir/cyrillic.list" --from good)")
as one post start "$minister" "$new" >/dev/null
check 0 "letters in Cyrillic"
is "$(found)" "latin warning post-moved note shared-each note own-salutation note " "are looked at" "$out"
like "$out" '"id":"latin"[^}]*"name":"Ana Ilić"' "whose name is in Latin"
like "$out" '"id":"shared-each"[^}]*"count":1,[^}]*"contact":'"$twin"',[^}]*"detail":"ilic@sink.example"' "who shares an address"
like "$out" '"id":"post-moved"[^}]*"contact":'"$old"',[^}]*"detail":"Minister"' "whose post has another holder"
like "$out" '"id":"own-salutation"[^}]*"detail":"Dear Ms Ilić"' "whose own salutation is of another language"
sql "delete from term where post_id = $minister" >/dev/null
check 0 "a vacant post"
like "$(found)" 'post-vacant warning' "is said"
id=$newsletter

# ---- the contact governor
sed -i 's/^name = Office/name = Office\ndays_between = 0\nper_month = 2/' "$dir/adresar.conf"
check 0 "by the month"
is "$(grep -c '"id":"lately"' <<<"$out")" 0 "one mailing is not too many"
sed -i 's/^per_month = 2/per_month = 1/' "$dir/adresar.conf"
check 0 "one a month"
is "$(grep -c '"id":"lately".*"count":6' <<<"$out")" 1 "was had already"
sql "update outbox set state_at = now() - interval '8 days' where mailing_id <> $id and contact_id = $(id_of p1)" >/dev/null
sed -i 's/^per_month = 1/per_month = 0/; s/^days_between = 0/days_between = 7/' "$dir/adresar.conf"
exits 0 "a release that respects it" as two mailing release "$id" --respect-governor
is "$(sql "select split_part(email, '@', 1), state, reason from outbox where mailing_id = $id order by id" | tr '|' ' ')" \
    "p1 queued 
p2 excluded contact is left
p3 excluded has not consented to newsletter
p5 held written to lately by another mailing
p6 held written to lately by another mailing
p4 held written to lately by another mailing" "holds them"
held=$(sql "select id from outbox where mailing_id = $id and email like 'p5@%'")
exits 0 "a person decides" as two mailing settle "$held" --as queued --why "asked for it by phone"
echo "p1@sink.example" >"$dir/list"
new bare
check 1 "an official notice"
is "$(grep -c '"id":"lately"' <<<"$out")" 0 "is not counted by it"

# ---- whose mailings: the house's, and who asks must see the one that is asked about
PGUSER=adresar_owner exits 0 "another department" adresar user add preflight_three --role clerk --department other --department-name Other
demo/servers map "$ADRESAR_TEST_DIR/servers" preflight_three >/dev/null
exits 0 "its newsletter" as three --json mailing new --kind newsletter --name Theirs --template "$dir/template" --to "$dir/list" --from good
id=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$out")
like "$out" '"lately":1' "is told of whom the first one wrote to"
is "$(PGUSER=preflight_three psql -qAtX -h "$PGHOST" -d "$name" -c "select recipient, last_name, last_department from mailing_written_lately($id, 7, 0)")" \
    "Person 1|News|Office" "and by what"
is "$(sql_as two "select count(*) from mailing_written_lately($id, 7, 0)")" 0 "the first one is not told of its recipients"
done_testing
