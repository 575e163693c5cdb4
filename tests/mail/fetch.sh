#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Reading mailboxes of a real Dovecot with the installed program: nothing in them changes, each message is kept once, and
# a clerk's hand on what came.
. tests/lib/tap.sh
. tests/lib/office.sh fetch $((ADRESAR_TEST_PORT + 62)) 2

DOVECOT=$SERVERS_DIR/dovecot/dovecot.conf
adm() { local verb=$1; shift; doveadm -c "$DOVECOT" "$verb" -u "$@" 2>&1; }
mail_user=kabinet@klokot.example personal_user=diaspora@klokot.example

account() { # NAME USER LINES...
    local name=$1 user=$2
    shift 2
    printf '%s\n' "[imap $name]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
        "user = $user" "password_file = $PASSWORD_FILE" "address = $user" "$@"
}
{
    account office $mail_user "folders = INBOX"
    account mine $personal_user "kind = personal" "consent = The mayor, 2 November 2026"
} >>"$dir/adresar.conf"

empty_mailboxes $mail_user $personal_user
# put USER FOLDER: a mail from standard input
put() { adm save "$1" -m "$2" >/dev/null; }
letter() { # FROM ID TEXT [HEADER]: a mail
    printf '%s\n' "From: $1" "To: $mail_user" "Subject: A letter" "Message-ID: <$2@test.example>" ${4:+"$4"} "" "$3"
}
# flags and UIDs of all mail, and the highest modification sequence: what a reader could have changed
untouched() {
    adm fetch $mail_user 'mailbox uid flags modseq' ALL
    adm 'mailbox status' $mail_user 'messages unseen recent uidvalidity uidnext highestmodseq' INBOX
}
kept() { sql "select count(*) from message where direction = 'in'"; }

# ---- mail of an office

for i in 1 2 3; do letter "someone$i@far.example" "a$i" "text $i" | put $mail_user INBOX; done
before=$(untouched)
exits 0 "all accounts are fetched" adresar fetch --once
like "$out" "office: 3 messages met, 3 new" "three messages are new"
is "$(untouched)" "$before" "no flag, no UID, no modification sequence has changed"
is "$(kept)" 3 "three are kept"
is "$(sql "select encode(string_agg(c.bytes, '' order by c.n), 'escape') like '%text 2%' from message m
           join message_chunk c on c.message_id = m.id where m.rfc_message_id = '<a2@test.example>'")" t "as they are"
exits 0 "again" adresar fetch --once
like "$out" "office: 0 messages met" "and nothing is met twice"

letter "someone1@far.example" a1 "text 1" | put $mail_user INBOX
exits 0 "a copy" adresar fetch --once
like "$out" "1 message met, 0 new, 1 known" "the same mail at another place is known"
is "$(sql "select count(*) from message_place p join message m on m.id = p.message_id
           where m.rfc_message_id = '<a1@test.example>'")" 2 "it lies at two places"

adm 'mailbox update' $mail_user --uid-validity 4711 INBOX >/dev/null
letter "someone4@far.example" a4 "text 4" | put $mail_user INBOX
exits 0 "another UIDVALIDITY" adresar fetch --once
like "$out" "5 messages met, 1 new, 4 known" "all is read again, and known again"
is "$(kept)" 4 "no message is kept twice"
is "$(sql "select uidvalidity from mailbox where account = 'office' and folder = 'INBOX'")" 4711 "the new one is kept"

# ---- what an official wrote: in the folder that the server says is for it

printf '%s\n' "From: $mail_user" "To: p1@sink.example" "Subject: From Outlook" "Message-ID: <s1@test.example>" "" "Dear" |
    put $mail_user Sent
exits 0 "the sent folder" adresar fetch --once
is "$(sql "select direction, state, class, contact_id is not null from message where rfc_message_id = '<s1@test.example>'")" \
    "out|sent|own|t" "what was sent is outgoing mail to its contact"

printf '%s\n' "From: $mail_user" "To: someone2@far.example" "Subject: Re: A letter" "Message-ID: <s2@test.example>" \
    "In-Reply-To: <a2@test.example>" "" "Dear" | put $mail_user Sent
exits 0 "an answer in it" adresar fetch --once
is "$(sql "select state from message where rfc_message_id = '<a2@test.example>'")" answered "what it answers is answered"

# ---- what has gone, what could not be had, what is older than it may be, and a folder that is not there

adm expunge $mail_user mailbox INBOX header message-id '<a3@test.example>'
exits 0 "after a message was removed" adresar fetch --once
is "$(sql "select p.gone_at is not null from message_place p join message m on m.id = p.message_id join mailbox b on b.id = p.mailbox_id
           where m.rfc_message_id = '<a3@test.example>' and p.uidvalidity = b.uidvalidity")" t "its place is known to be empty"
is "$(kept)" 4 "and it is kept"
like "$(as one --json inbox show "$(sql "select id from message where rfc_message_id = '<a3@test.example>'")")" '"places":\[\]' \
    "it is said to lie nowhere"

sql "update message_place p set message_id = null, why = 'the server gives no content', seen_at = now() - interval '1 hour'
      from message m, mailbox b where m.id = p.message_id and b.id = p.mailbox_id and b.uidvalidity = p.uidvalidity
       and m.rfc_message_id = '<a2@test.example>'" >/dev/null
like "$(as one --json fetch --status | grep INBOX)" '"missing":1' "what could not be had is missing"
exits 0 "later" adresar fetch --once
is "$(sql "select count(*) from message_place where message_id is null")" 0 "it is had"
is "$(kept)" 4 "and kept once"

mail_folder=$SERVERS_DIR/dovecot/mail/$mail_user/Maildir
adm 'mailbox create' $mail_user Archive >/dev/null
for i in 0 1; do
    letter "someone$i@far.example" "old$i" "old text $i" >"$mail_folder/.Archive/new/$((1700000000 + i)).M${i}P1.test"
    touch -d 202$i-05-05 "$mail_folder/.Archive/new/$((1700000000 + i)).M${i}P1.test"
done
chown -R --reference="$mail_folder" "$mail_folder/.Archive/new"
account archive $mail_user "folders = Nowhere, Archive" "sent =" "since = 2021-01-01" >>"$dir/adresar.conf"
exits 1 "an account with a folder that is not there" adresar fetch --once
like "$out" "archive: 1 message met, 1 new" "the other folder is read, but for what came before the day"
status=$(as one --json fetch --status)
like "$status" '"kind":"office","since":"2021-01-01","consent":null,"folder":"Nowhere","read_at":null,"lag_s":-1,"error":"EXAMINE: the server refuses' \
    "the state says which folder it is"
sed -i 's/^folders = Nowhere, Archive/folders = Archive/; s/^since = 2021-01-01/since = 2020-01-01/' "$dir/adresar.conf"
exits 0 "the day is set back" adresar fetch --once
like "$out" "archive: 1 message met, 1 new" "and the rest is read"
is "$(as one --json fetch --status | grep -c Nowhere)" 0 "a folder that was taken out is not spoken of"
sed -i '/^\[imap archive\]/,$d' "$dir/adresar.conf"

# ---- two at once

for i in $(seq 20); do letter "many$i@far.example" "m$i" "text $i" | put $mail_user INBOX; done
adresar fetch --once >/dev/null 2>"$dir/second.log" &
exits 0 "two processes fetch" adresar fetch --once
wait $!
is $? 0 "and neither disturbs the other" "$(cat "$dir/second.log")"
is "$(sql "select count(*), count(class) from message where rfc_message_id like '<m%@test.example>'")" "20|20" \
    "each message is kept once, and judged"

# ---- a personal mailbox

letter "Person 1 <p1@sink.example>" b1 "known" | put $personal_user INBOX
letter "friend@private.example" b2 "PRIVATE" | put $personal_user INBOX
letter "friend2@private.example" b3 "in a thread" "In-Reply-To: <s1@test.example>" | put $personal_user INBOX
exits 0 "a personal mailbox" adresar fetch --once
like "$out" "mine: 3 messages met, 2 new, 0 known, 1 not kept" "only mail with known contacts or in known threads is kept"
is "$(sql "select count(*) from message_chunk where position('PRIVATE'::bytea in bytes) > 0")" 0 "nothing of the rest"
like "$(sql "select why from message_place where message_id is null")" '^personal: [0-9a-f]{64}$' "but a hash"
like "$(as one --json fetch --status | grep '"mine".*"folder":"INBOX"')" \
    '"kind":"personal","since":null,"consent":"The mayor, 2 November 2026".*"apart":1' "the state says so, and who agreed"
like "$(as one fetch --status)" "diaspora@klokot.example +mail with known contacts and in known threads +always +The mayor" "to a person too"

cp "$dir/adresar.conf" "$dir/with-consent.conf"
sed -i '/^consent = /d' "$dir/adresar.conf"
like "$(LC_ALL=C as one fetch --status)" "always +nobody's is written down" "where nobody agreed, that is said"
mv "$dir/with-consent.conf" "$dir/adresar.conf"

decide=$(as one --json fetch --status | grep -o '"decide":[0-9]*' | tr -dc '0-9\n' | awk '{ n += $1 } END { print n }')
adm 'mailbox create' $mail_user Moved >/dev/null
account moved $mail_user "folders = Moved" "sent =" >>"$dir/adresar.conf"
letter "someone9@far.example" mv1 "a letter that a person moves" | put $mail_user INBOX
exits 0 "a letter" adresar fetch --once
adm move $mail_user Moved mailbox INBOX header message-id '<mv1@test.example>'
exits 0 "is moved" adresar fetch --once
is "$(as one --json fetch --status | grep -o '"decide":[0-9]*' | tr -dc '0-9\n' | awk '{ n += $1 } END { print n }')" $((decide + 1)) \
    "it is to be decided once, where it lies"
like "$(as one --json fetch --status | grep Moved)" '"decide":1' "there"
adm expunge $mail_user mailbox Moved all
exits 0 "and is removed" adresar fetch --once
is "$(as one --json fetch --status | grep -o '"decide":[0-9]*' | tr -dc '0-9\n' | awk '{ n += $1 } END { print n }')" $((decide + 1)) \
    "what lies nowhere counts where it was last"
sed -i '/^\[imap moved\]/,$d' "$dir/adresar.conf"

as one contact add --kind person --name "A Friend" --email FRIEND@private.example --language en --department office >/dev/null
is "$(sql "select count(*) from mailbox_look")" 2 "a contact is added: each personal folder is to be looked through again"
exits 0 "so it is" adresar fetch --once
like "$out" "mine: 1 message met, 1 new" "what was kept apart is read"
is "$(sql "select count(*) from message_chunk where position('PRIVATE'::bytea in bytes) > 0")" 1 "and kept, being known now"
is "$(sql "select count(*) from mailbox_look") $(sql "select count(*) from message_place where message_id is null")" "0 0" "once"

# ---- a mail beyond the caps, and a server that is away

printf 'Subject: x\n%s\n\nhello\n' "$(head -c 300000 /dev/zero | tr '\0' x | fold -w 70 | sed 's/^/X-Long: /')" | put $mail_user INBOX
letter "someone5@far.example" a5 "text 5" | put $mail_user INBOX
exits 0 "a mail beyond the caps" adresar fetch --once
like "$out" "2 judged" "stops nothing"
is "$(sql "select count(*) from message where state = 'parked'")" 0 "and is read as far as it goes"
exits 0 "the state of the mailboxes" as one fetch --status
like "$out" "office +INBOX" "is a table"

sed -i "s/^port = $IMAPS_PORT/port = 1/" "$dir/adresar.conf"
exits 69 "a server that is away" adresar fetch --once
exits 1 "shows in the state" as one --json fetch --status
like "$out" '"error":"[^"]' "with the error"
sed -i "s/^port = 1$/port = $IMAPS_PORT/" "$dir/adresar.conf"
exits 0 "it is back" adresar fetch --once
exits 0 "and the error is gone" as one fetch --status

# ---- a clerk

event=$(as one --json event add --start 2027-03-18T10:00 --end 2027-03-18T14:00 --name-en Conference --place-en Klokot \
    --department office | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
sink
id=$(as one --json mailing new --event "$event" --template "$dir/template" --to "$dir/list" --from sink |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as two mailing release "$id" >/dev/null
exits 0 "an invitation goes out" adresar deliver --once
message_id=$(sql "select rfc_message_id from outbox where mailing_id = $id and email = 'p1@sink.example'")
sql "set session_replication_role = replica; update outbox set state = 'unknown' where id in
     (select id from outbox where mailing_id = $id and state = 'accepted' order by id limit 2);
     update mailing set state = 'released', finished_at = null where id = $id" >/dev/null
exits 0 "what was lost after the final dot" adresar fetch --once
is "$(sql "select count(*) from outbox where mailing_id = $id and state = 'unknown'")" 2 "is unknown: no copy proves nothing"
as one contact file p1@sink.example -o "$dir/p1.zip" >/dev/null
unzip -p "$dir/p1.zip" "messages/$(sql "select message_id from outbox where mailing_id = $id and email = 'p1@sink.example'").eml" |
    put $mail_user INBOX
exits 0 "a copy in a mailbox" adresar fetch --once
is "$(sql "select count(*) from outbox where mailing_id = $id and state = 'accepted' and settled_by = 'copy'")" 1 \
    "proves that the letter left"
is "$(sql "select count(*) from outbox where mailing_id = $id and state = 'unknown'")" 1 "and of the other nothing"
printf '%s\n' "From: $mail_user" "To: p1@sink.example" "Subject: Re: Invitation" "Message-ID: <s3@test.example>" \
    "In-Reply-To: $message_id" "" "The hall has changed." | put $mail_user Sent
exits 0 "an official writes after it" adresar fetch --once
is "$(sql "select count(distinct thread_id) || ' ' || count(thread_id) from message where rfc_message_id in ('<s3@test.example>', '$message_id')")" \
    "1 2" "in a thread with the letter"
letter "Person 1 <p1@sink.example>" c1 $'I will attend with pleasure.\n\nOn 10/11/2026 09:30, Klokot wrote:\n> Do you come?' \
    "In-Reply-To: $message_id" | put $mail_user INBOX
letter "Person 2 <p2@sink.example>" c2 "I cannot come." | put $mail_user INBOX
exits 0 "answers come back" adresar fetch --once
one=$(sql "select id from message where rfc_message_id = '<c1@test.example>'")
two=$(sql "select id from message where rfc_message_id = '<c2@test.example>'")
like "$(as one --json inbox show "$one")" '"answers":\[\{"answer":"accepted","state":"proposed","by":"words"' "one is proposed"
like "$(as one --json inbox list)" "\"id\":$two,.*\"state\":\"decide\"" "one waits for a decision"
exits 0 "a clerk confirms" as one inbox correct "$one" --answer accepted
is "$(sql "select answer, state, by, decided_by from answer where message_id = $one")" "accepted|confirmed|words|fetch_one" \
    "in their own name"
exits 1 "an answer to nothing" as one inbox correct "$two" --answer declined
like "$out" "inbox file $two" "is told what to do first"
exits 0 "so it is filed" as one inbox file "$two" --mailing "$id"
is "$(sql "select count(distinct m.thread_id) || ' ' || count(m.thread_id) from outbox o join message m on m.id in (o.message_id, $two)
            where o.mailing_id = $id and o.email = 'p2@sink.example'")" "1 2" "in one thread with the letter"
exits 0 "and answered" as one inbox correct "$two" --answer declined
is "$(sql "select a.answer, a.state, a.by, m.state from answer a join message m on m.id = a.message_id where m.id = $two")" \
    "declined|confirmed|person|filed" "by a person"
exits 0 "another is ignored" as one inbox ignore "$(sql "select min(id) from message where state = 'decide'")"
exits 64 "an answer that is none" as one inbox correct "$two" --answer perhaps
exits 1 "a message that is none" as one inbox show 999999
[[ "$(as one inbox show "$one")" != *"Do you come"* ]]
ok $? "what is shown is what the answer says"
like "$(as one inbox text "$one")" "> Do you come" "its whole text has what it quotes"
exits 1 "what is not there has no text either" as one inbox text 999999
as one --json inbox list --all | grep -q "\"id\":$two,.*\"answer\":\"declined\""
ok $? "the list of all shows the answer"

# ---- for ever

"$ADRESAR_BIN" -c "$dir/adresar.conf" fetch 2>"$dir/fetch.log" &
daemon=$!
processes() { pgrep -f "^$ADRESAR_BIN -c $dir/adresar.conf fetch" | wc -l; }
arrives() { # ID: within ten seconds
    for _ in $(seq 100); do
        [ "$(sql "select count(*) from message where rfc_message_id = '<$1@test.example>' and class is not null")" = 1 ] && return
        sleep 0.1
    done
    return 1
}
letter "someone6@far.example" d1 "before it waits" | put $mail_user INBOX
arrives d1
ok $? "it reads what is there"
sleep 0.5
letter "someone7@far.example" d2 "while it waits" | put $mail_user INBOX
arrives d2
ok $? "it is woken by new mail" "$(cat "$dir/fetch.log")"
for _ in $(seq 50); do [ "$(processes)" = 1 ] && break || sleep 0.1; done
is "$(processes)" 1 "one process waits for all accounts"
is "$(pgrep -c -P $daemon)" 1 "with one IMAP worker"
worker=$(pgrep -P $daemon)
exits 0 "there is a new key" adresar key new
id=$(as one --json mailing new --event "$event" --template "$dir/template" --to "$dir/list" --from sink |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as two mailing release "$id" >/dev/null
exits 0 "which signs an invitation" adresar deliver --once
message_id=$(sql "select rfc_message_id from outbox where mailing_id = $id and email = 'p1@sink.example'")
letter "Person 1 <p1@sink.example>" d3 "I will attend with pleasure." "In-Reply-To: $message_id" | put $mail_user INBOX
arrives d3
is "$(sql "select matched_by from message where rfc_message_id = '<d3@test.example>'")" keyed-id \
    "and who reads knows it without a new start"
kill $daemon
wait $daemon
is $? 0 "it ends when it is told to"
is "$(processes)" 0 "and leaves no process behind"
sleep 0.2
[ ! -e "/proc/$worker" ]
ok $? "nor its worker"
done_testing
