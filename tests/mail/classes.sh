#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Classes of mail and what their headers say; off a list by a token, as it stands in a letter that went through real servers;
# envelope senders that say which letter they are of, and servers that take none such.
. tests/lib/tap.sh
. tests/lib/office.sh classes $((ADRESAR_TEST_PORT + 72)) 6
sink

contact() { sql "select contact_id from address where email_key = '$1@sink.example'"; }
mailing() { # KIND [OPTIONS...]: prepared by one, released by two, sent; sets $id
    local kind=$1
    shift
    id=$(as one --json mailing new --kind "$kind" --name m --template "$dir/template" --to "$dir/list" --from sink "$@" |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    as two mailing release "$id" >/dev/null
    rm -f "$dir"/sink/*
    adresar deliver --once >/dev/null
}
# letter WHO: what the sink got, its header unfolded, in $mail
letter() {
    mail=$(sed -e 's/\r$//' "$(grep -l "^X-Rcpt-Args: <$1@" "$dir"/sink/m.* | head -n 1)" |
        awk '!body && /^[ \t]/ { sub(/^[ \t]+/, " "); line = line $0; next }
             { if (NR > 1) print line; line = $0 } /^$/ { body = 1 } END { print line }')
}
field() { sed -n "s/^$1: //p" <<<"$mail"; }
words() { sql "select count(*) from consent where not given"; }

# ---- the table
kinds=$(sed -n 's/^CLASS("\([^"]*\)", \(BASIS\|OFFICIAL\),.*/\1/p' mail/class.def | sort | tr '\n' ' ')
is "$(sql "select string_agg(k[1], ' ' order by k[1]) || ' ' from pg_constraint c,
           regexp_matches(pg_get_constraintdef(c.oid), '''([a-z-]+)''', 'g') k where c.conname = 'mailing_kind_check'")" "$kinds" \
    "the store knows the same kinds of mailings"
is "$(sql "select string_agg(slug, ' ' order by slug) || ' ' from mail_list where official")" \
    "$(sed -n 's/^CLASS("\([^"]*\)", OFFICIAL,.*/\1/p' mail/class.def | sort | tr '\n' ' ')" "official lists are of official classes"
exits 64 "a class that is no mailing" as one mailing new --kind letter --template "$dir/template" --to "$dir/list" --from sink
like "$out" "newsletter, press-release, notice, survey or greeting" "is answered with those that are"

# ---- headers
sed -i 's|^domain = .*|&\nunsubscribe_url = https://office.example/u|' "$dir/adresar.conf"
as one consent record p{1..5}@sink.example --list newsletter --how form >/dev/null
mailing notice
letter p1
is "$(grep -ciE '^(List-|Auto-Submitted|Disposition-|Precedence|Return-Receipt)' <<<"$mail")" 0 "an official notice has none"
is "$(grep -ci unsubscribe <<<"$mail")" 0 "nor a word of it"
is "$(grep -ciE '<img|href=|url\(' <<<"$mail")" 0 "no picture is fetched, and no link is rewritten" "$mail"
exits 64 "nor does it ask for a receipt" as one mailing new --kind notice --receipt --name m --template "$dir/template" --to "$dir/list" --from sink
mailing newsletter --receipt
letter p2
p2=$(contact p2)
list=$(sql "select id from mail_list where slug = 'newsletter'")
token=$(grep -o "u$p2\.$list\.[a-z2-7.]*" <<<"$(field List-Unsubscribe)" | head -n 1)
is "$(field List-Unsubscribe)" "<https://office.example/u/$token>, <mailto:office+$token@office.example?subject=unsubscribe%20$token>" \
    "a newsletter: one https link and one address"
is "$(field List-Unsubscribe-Post)" "List-Unsubscribe=One-Click" "with one click"
is "$(field List-Id)" "Newsletter <newsletter.office.example>" "the list has an id"
is "$(field List-Post)" "NO" "nobody writes to it"
is "$(field List-Help)" "<mailto:office@office.example>" "there is help"
like "$(field Disposition-Notification-To)" '^Office <office\+b\.[0-9]+\.[a-z2-7]{4}\.[a-z2-7]{16}@office\.example>$' "and a receipt goes to the envelope's sender"
is "$(grep -o '<office+b[^>]*>' <<<"$(field X-Mail-Args)")" "$(grep -o '<.*>' <<<"$(field Disposition-Notification-To)")" "which it is"
is "$(field Auto-Submitted)$(field Precedence)" "" "it is no automatic mail"
like "$(tr -d '\n' <<<"$mail" | sed 's/=3D/=/g')" "https://office\.example/u/$token" "the link stands in the letter too"
as one mailing preview "$id" >"$dir/preview"
like "$(cat "$dir/preview")" 'https://office.example/u/sample' "the preview has a sample of it"
mailing survey
letter p1
is "$(grep -c '^List-' <<<"$mail")" 4 "a survey can be left, too"
mkdir "$dir/link"
sed 's/^this is/[off]({{unsubscribe_url}}) &/' "$dir/template/notice.en.md" >"$dir/link/news.en.md"
exits 65 "a link to unsubscribe in a notice" as one mailing new --kind notice --name m --template "$dir/link" --to "$dir/list" --from sink
like "$out" 'news.en.md: the kind notice has no unsubscribe_url' "is refused when it is prepared"
exits 0 "in a newsletter" as one mailing new --kind newsletter --name m --template "$dir/link" --to "$dir/list" --from sink
as one consent list-add own --name Own --purpose x --basis public-task >/dev/null
exits 1 "a notice on a list that people can leave" as one mailing new --kind notice --list own --name m --template "$dir/template" --to "$dir/list" --from sink
sql_as one "update mailing set receipt = false where id = $id and false or receipt" >"$dir/denied"
like "$(cat "$dir/denied")" 'does not change' "what was asked for stays"

# ---- by hand
before=$(words)
exits 65 "a token that was changed" as one consent unsubscribe "u$(contact p1).${token#*.}"
exits 65 "none at all" as one consent unsubscribe hello
is "$(words)" "$before" "nobody is off a list by them"
exits 0 "consent unsubscribe" as one --json consent unsubscribe "$token"
like "$out" "\"contact\":$p2,\"list\":\"newsletter\",\"outcome\":\"done\"" "is done"
is "$(sql "select given, how, form, recorded_by from consent where contact_id = $p2 order by id desc limit 1")" \
    "f|mail|token $token|classes_one" "with the proof"
exits 0 "twice" as one consent unsubscribe "https://office.example/u/${token^^}"
like "$out" 'was off the list already' "changes nothing"
is "$(words)" $((before + 1)) "one word was said"
mailing newsletter
is "$(sql "select reason from outbox where mailing_id = $id and contact_id = $p2")" "opted out of newsletter on $(sql "select current_date")" \
    "no more newsletters come"
as one consent record p2@sink.example --list newsletter --how web >/dev/null
exits 0 "whoever consents again, and leaves again" as one --json consent unsubscribe "$token"
like "$out" '"outcome":"done"' "can do so by the same token"
PGUSER=adresar_owner adresar user add classes_reader --role reader --department office >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" classes_reader >/dev/null
exits 1 "a reader changes nothing" as reader consent unsubscribe "$token"
sql_as reader "select 1" >/dev/null
like "$(psql -qAtX -h "$PGHOST" -U classes_reader -d "$name" -c "select consent_unsubscribe($p2, $list, 'mail', null, null, 'x')" 2>&1)" \
    'permission denied' "by no statement either"
mailing newsletter
letter p3
three=$(grep -o 'u[0-9]*\.[0-9]*\.[a-z2-7]*\.[a-z2-7]*' <<<"$(field List-Unsubscribe)" | head -n 1)
letter p5
five=$(grep -o 'u[0-9]*\.[0-9]*\.[a-z2-7]*\.[a-z2-7]*' <<<"$(field List-Unsubscribe)" | head -n 1)
letter p4
four=$(grep -o 'u[0-9]*\.[0-9]*\.[a-z2-7]*\.[a-z2-7]*' <<<"$(field List-Unsubscribe)" | head -n 1)
p3=$(contact p3) p4=$(contact p4) p5=$(contact p5)
adresar key new >/dev/null # which signs from now on
as one contact merge "$p3" "$p5" >/dev/null
gone=$three left=$p5
[ "$(sql "select merged_into from contact where id = $p5")" != "$p3" ] || gone=$five left=$p3
exits 0 "a token of a contact that was merged, older than the key that signs" as one --json consent unsubscribe "$gone"
like "$out" "\"contact\":$left,.*\"outcome\":\"done\"" "works for the one that is left"
PGUSER=adresar_owner adresar user add classes_head --role head --department office >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" classes_head >/dev/null
as head contact erase "$p4" --why "asked" >/dev/null
before=$(words)
exits 1 "of one that was erased" as one consent unsubscribe "$four"
like "$out" 'was erased' "it says so"
is "$(words)" "$before" "and writes nothing"

# ---- through real servers
if [ -z "$SUBMISSION_PORT" ]; then
    skip "Postfix needs root"
    done_testing
fi
real_smtp Office
echo "connections = 1" >>"$dir/adresar.conf"
real_imap
adresar dkim new --domain klokot.example | sed -n '/^\[dkim /,/^$/p' >>"$dir/adresar.conf"
adresar --json dkim dns >"$dir/records"
etc=$SERVERS_DIR/postfix/etc
cp "$etc/main.cf" "$etc/world" "$dir/"
reconfigure() { # LINES...: Postfix with these lines more
    { cat "$dir/main.cf"; printf '%s\n' "$@"; } >"$etc/main.cf"
    postfix -c "$etc" reload 2>/dev/null
    sleep 0.3
}
trap 'cp "$dir/main.cf" "$dir/world" "$etc/"; postfix -c "$etc" reload 2>/dev/null; sink_end' EXIT
# mailbox WHO WHAT: the newest mail with the words in it, when it is there, in $mail
mailbox() {
    local file
    for _ in $(seq 100); do
        file=$(grep -rlE -- "$2" "$SERVERS_DIR/dovecot/mail/$1/Maildir/new" 2>/dev/null | xargs -r ls -t | head -n 1)
        [ -z "$file" ] || break
        sleep 0.1
    done
    cp "$file" "$dir/mail.eml"
    mail=$(sed -e 's/\r$//' "$file" | awk '!body && /^[ \t]/ { sub(/^[ \t]+/, " "); line = line $0; next }
             { if (NR > 1) print line; line = $0 } /^$/ { body = 1 } END { print line }')
}
# from_world TO SUBJECT ID [TEXT [FIELD]]: a mail of a stranger comes in, and is in the mailbox
from_world() {
    printf '%s\n' "From: Somebody <somebody@far.example>" "To: $1" "Subject: $2" "Message-ID: <$3@far.example>" ${5:+"$5"} "" "${4:-}" |
        python3 -c 'import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1])); s.sendmail("somebody@far.example", [sys.argv[2]], sys.stdin.read()); s.quit()' \
            "$WORLD_PORT" "$1" &&
        mailbox kabinet@klokot.example "<$3@far.example>"
}
judged() { sql "select class, rule, state, matched_by, coalesce(why, '') from message where rfc_message_id = '<$1@far.example>'"; }
for i in 7 8 9; do
    as one contact add --kind person --name "Person $i" --email "class$i@all.example" --language en --salutation "Dear" \
        --department office >/dev/null
    echo "class$i@all.example"
done >"$dir/list"
as one consent record class{7,8,9}@all.example --list newsletter --how form >/dev/null
mailing newsletter
is "$(states "$id" | grep -c accepted)" 3 "a newsletter goes out"
tokens=()
for i in 7 8 9; do
    mailbox "class$i@all.example" "List-Unsubscribe:"
    tokens[i]=$(grep -o 'u[0-9]*\.[0-9]*\.[a-z2-7]*\.[a-z2-7]*' <<<"$(field List-Unsubscribe)" | head -n 1)
done
like "$(field DKIM-Signature | head -n 1)" 'List-Unsubscribe: .*List-Unsubscribe-Post: ' "both headers are under the signature"
is "$(/usr/bin/python3 tests/lib/dkim_verify.py "$dir/records" "$dir/mail.eml" | grep -c pass)" 2 "which is good"
before=$(words)
from_world "kabinet+${tokens[7]}@klokot.example" "unsubscribe" seven
from_world "kabinet@klokot.example" "Unsubscribe ${tokens[8]^^}" eight
from_world "kabinet+u1.2.aaaa.bbbbbbbbbbbbbbbb@klokot.example" "Hello" forged "A letter"
exits 0 "mails to the addresses come in" adresar fetch --once
is "$(judged seven)" "unsubscribe|unsubscribe-token|filed|token|" "by its address"
is "$(judged eight)" "unsubscribe|unsubscribe-token|filed|token|" "by its subject"
is "$(judged forged | cut -d'|' -f1,2)" "human|no-other-rule" "a forged token is none"
is "$(words)" $((before + 2)) "two are off the list"
is "$(sql "select a.email_key, c.how, c.form = 'token ' || '${tokens[7]}', c.recorded_by, c.message_id = m.id
           from message m join consent c on c.message_id = m.id join address a on a.contact_id = c.contact_id
           where m.rfc_message_id = '<seven@far.example>'")" "class7@all.example|mail|t|adresar_fetch|t" "with the mail as the evidence"
is "$(sql "select evidence->0->>'where' from message where rfc_message_id = '<eight@far.example>'")" "header Subject" "whose words are shown"
like "$out" 'contact [0-9]+, list newsletter: off the list' "it is in the log"
from_world "kabinet+${tokens[7]}@klokot.example" "unsubscribe" again
sent=$(sql "select count(*) from message where direction = 'out'")
adresar fetch --once >/dev/null 2>&1
is "$(words)" $((before + 2)) "a second mail changes nothing"
is "$(judged again)" "unsubscribe|unsubscribe-token|filed|token|" "and is filed"
is "$(sql "select count(*) from message where direction = 'out'")" "$sent" "nobody is written to"
as one consent record class9@all.example --list newsletter --how form >/dev/null
from_world "kabinet+${tokens[9]}@klokot.example" "unsubscribe" late "" "Date: $(date -R -d '2 days ago')"
adresar fetch --once >/dev/null 2>&1
is "$(judged late)" "unsubscribe|unsubscribe-token|decide|token|asked for it, and consented again since" \
    "what is older than a consent, or of a clock that is wrong, a person decides"
mailing newsletter
is "$(sql "select string_agg(split_part(email, '@', 1), ' ') from outbox where mailing_id = $id and state = 'accepted'")" class9 \
    "the next newsletter goes to the one who stayed"

# ---- envelope senders
verp() { # LINES...: of [smtp sink]
    sed -i '/^verp =/d; /^bounce_address =/d' "$dir/adresar.conf"
    local line
    for line in "$@"; do sed -i "0,/^from_name/s/^from_name/$line\n&/" "$dir/adresar.conf"; done
}
sender() { sql "select envelope_from from outbox where mailing_id = $id order by id limit 1"; }
echo class9@all.example >"$dir/list"
verp 'bounce_address = *@bounce.klokot.example'
mailing notice
like "$(sender)" '^b\.[0-9]+\.[a-z2-7]{4}\.[a-z2-7]{16}@bounce\.klokot\.example$' "a whole domain for what comes back"
mailbox class9@all.example "Return-Path: <$(sender | sed 's/[.]/[.]/g')>"
is "$(sed -n 's/^Return-Path: <\(.*\)>/\1/p' <<<"$mail")" "$(sender)" "the sender arrives"
outbox=$(sql "select id from outbox where mailing_id = $id")
echo '/@bounce\.klokot\.example$/ OK' | cat - demo/server/world >"$etc/world"
reconfigure 'virtual_alias_maps = regexp:{{/^[^@]+@bounce[.]klokot[.]example$$/ kabinet@klokot.example}}'
printf '%s\n' "Return-Path: <>" "From: MAILER-DAEMON@far.example" "To: $(sender | tr a-z A-Z)" "Subject: Undelivered Mail Returned to Sender" \
    "Message-ID: <back@far.example>" "" "Hi. This is the qmail-send program at far.example." \
    "I'm afraid I wasn't able to deliver your message to the following addresses." "" "<class9@all.example>:" \
    "Sorry, no mailbox here by that name. (#5.1.1)" >"$dir/back"
python3 -c 'import smtplib, sys
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1])); s.sendmail("", [sys.argv[2]], sys.stdin.read()); s.quit()' "$WORLD_PORT" "$(sender)" <"$dir/back"
mailbox kabinet@klokot.example '<back@far.example>'
exits 0 "a bounce comes back to it" adresar fetch --once
is "$(sql "select class, matched_by, outbox_id from message where rfc_message_id = '<back@far.example>'")" "bounce|envelope|$outbox" \
    "and by the address it is known what it is about"
is "$(sql "select state from outbox where id = $outbox")" bounced "the recipient is settled"
reconfigure 'smtpd_sender_restrictions = check_sender_access regexp:{{/[+]b[.]/ 553 5.7.1 not owned by user kabinet}}'
verp
echo class8@all.example >"$dir/list"
mailing notice
is "$(sql "select state from mailing where id = $id")|$(states "$id" | cut -d' ' -f2)" "paused|queued" "a server that takes no such sender pauses the mailing"
like "$(sql "select pause_reason from mailing where id = $id")" '\[smtp sink\] says verp = none' "and it is said what helps"
reconfigure 'smtpd_delay_reject = no' 'smtpd_sender_restrictions = check_sender_access regexp:{{/[+]b[.]/ 550 5.1.8 Bad sender}}'
as two mailing resume "$id" >/dev/null
adresar deliver --once >/dev/null 2>&1
like "$(sql "select pause_reason from mailing where id = $id")" 'Bad sender.*verp = none' "at once or with the recipient"
verp 'verp = none'
as two mailing resume "$id" >/dev/null
exits 0 "without a token" adresar deliver --once
is "$(sender)|$(states "$id" | cut -d' ' -f2)" "kabinet@klokot.example|accepted" "it goes out"
echo nobody@people.example >"$dir/list"
as one contact add --kind person --name "Nobody" --email nobody@people.example --language en --salutation "Dear" --department office >/dev/null
mailing notice
mailbox kabinet@klokot.example "<nobody@people.example>.*5[0-9][0-9]|Final-Recipient: rfc822; *nobody@people.example"
exits 0 "what comes back" adresar fetch --once
is "$(sql "select state, settled_by from outbox where mailing_id = $id")" "bounced|dsn" "is known by ENVID and Message-ID alone"
today=$(sql "select current_date") # the store's, which is not this shell's around midnight
exits 0 "contact email" as one contact email nobody@people.example
like "$out" "nobody@people.example +dead .*last failure +$today +550.*\(bad-mailbox\)" "shows what was said of it, and when"
exits 0 "contact show" as one contact show nobody@people.example
like "$out" "nobody@people.example, dead, 550 .*, $today" "does, too"
done_testing
