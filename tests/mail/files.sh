#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Files in mail that comes in, through the installed program: kept once, named and marked, the message whole for whoever
# may see it, and gone with the last message that has them.
. tests/lib/tap.sh
. tests/lib/office.sh files $((ADRESAR_TEST_PORT + 64)) 2

DOVECOT=$SERVERS_DIR/dovecot/dovecot.conf
mail_user=kabinet@klokot.example
printf '%s\n' "[imap office]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
    "user = $mail_user" "password_file = $PASSWORD_FILE" "address = $mail_user" "folders = INBOX" >>"$dir/adresar.conf"
empty_mailboxes $mail_user

head -c 30000 /dev/urandom >"$dir/plan"
mail() { # NAME ID: a mail with the file under that name
    printf '%s\r\n' "From: someone@far.example" "To: $mail_user" "Subject: The plan" "Message-ID: <$2@test.example>" \
        "Content-Type: multipart/mixed; boundary=b" "" "--b" "" "See the file $2." "--b" \
        "Content-Type: application/octet-stream; name=\"$1\"" "Content-Transfer-Encoding: base64" ""
    base64 -w 76 "$dir/plan" | sed 's/$/\r/'
    printf '%s\r\n' "--b--"
}
as one contact add --name Someone --email someone@far.example >/dev/null
for n in 1 2 3; do
    mail "$([ $n = 3 ] && echo plan.exe || echo plan.pdf)" f$n >"$dir/$n.eml"
    doveadm -c "$DOVECOT" save -u $mail_user -m INBOX <"$dir/$n.eml"
done
exits 0 "three mails with one file" adresar fetch --once
like "$out" "3 new" "are fetched"
is "$(sql "select count(*) || ' ' || max(size) from attachment")" "1 30000" "the file is kept once"
is "$(sql "select encode(sha256, 'hex') from attachment")" "$(sha256sum <"$dir/plan" | cut -d' ' -f1)" "by its SHA-256"
is "$(sql "select sum(length(bytes)) < 3000 from message_chunk")" t "and nothing of it lies elsewhere"
id=$(sql "select id from message where rfc_message_id = '<f3@test.example>'")
exits 0 "the third, for a clerk" as one inbox show "$id"
like "$out" 'files +plan.exe 30000 \(dangerous: a program\)' "names the file and what it may do"
like "$(as one --json inbox show "$id")" '"danger":"program".*"sha256":"[0-9a-f]{64}"|"sha256":"[0-9a-f]{64}".*"danger":"program"' "for programs too"
whole="select encode(sha256(convert_to(string_agg(coalesce(replace(encode(a.bytes, 'base64'), e'\n', e'\r\n') || e'\r\n', convert_from(c.bytes, 'UTF8')), '' order by c.n), 'UTF8')), 'hex')
         from message_chunk c left join attachment a on a.id = c.attachment_id where c.message_id = $id"
is "$(sql_as one "$whole")" "$(sha256sum <"$dir/3.eml" | cut -d' ' -f1)" "who may see the message has it whole"

# about whoever sent it
exits 0 "all about the sender" as one --json contact file someone@far.example -o "$dir/sender.zip"
like "$out" '"messages":3,"documents":2,"meetings":0' "has the files beside their messages"
like "$(unzip -Z1 "$dir/sender.zip" | tr '\n' ' ')" '^messages/[0-9]+.eml documents/[0-9]+/plan.pdf messages/[0-9]+.eml documents/[0-9]+/plan.pdf messages/[0-9]+.eml dossier.json $' "but for what may do harm"
unzip -p "$dir/sender.zip" 'documents/*/plan.pdf' | cmp -s - <(cat "$dir/plan" "$dir/plan")
ok $? "they are as they were sent"
like "$(unzip -p "$dir/sender.zip" dossier.json)" '"dangerous": \[[^]]*"plan.exe"' "which is named"

# into a folder, when one says so
plain=$(sql "select id from message where rfc_message_id = '<f1@test.example>'")
exits 0 "a clerk takes the file out of the first" as one inbox show "$plain" --extract "$dir/out"
like "$out" "files +plan.pdf 30000 -> $dir/out/plan.pdf" "and is told where it lies"
cmp -s "$dir/plan" "$dir/out/plan.pdf"
ok $? "it is as it was sent"
exits 1 "what may do harm" as one inbox show "$id" --extract "$dir/out"
like "$out" 'files +plan.exe 30000 \(dangerous: a program\), not extracted: --dangerous takes it out' "is left where it is"
is "$(ls "$dir/out")" plan.pdf "and not written"
exits 0 "but by another word" as one --json inbox show "$id" --extract "$dir/out" --dangerous
like "$out" '"extracted":"[^"]*/out/plan.exe"' "it is"
is "$(find "$dir/out" -type f -perm /111 | wc -l)" 0 "nothing there can be run"
exits 0 "once more" as one inbox show "$plain" --extract "$dir/out"
is "$(ls "$dir/out" | tr '\n' ' ')" "plan-2.pdf plan.exe plan.pdf " "nothing is overwritten"
exits 74 "a folder that cannot be" as one inbox show "$plain" --extract /proc/none
exits 64 "the word alone" as one inbox show "$id" --dangerous
for n in 1 2 3; do
    is "$(sql "select count(*) from attachment")" 1 "with $((n - 1)) of its messages gone the file is there"
    sql "delete from message_chunk where message_id = (select id from message where rfc_message_id = '<f$n@test.example>')"
done
is "$(sql "select count(*) from attachment")" 0 "with the last one it goes"
done_testing
