#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What belongs together, with the installed program and mailboxes of a real Dovecot: what officials send themselves, mail to
# two of our mailboxes, threads as one view, and a clerk's hand on them.
. tests/lib/tap.sh
. tests/lib/office.sh thread $((ADRESAR_TEST_PORT + 58)) 3

DOVECOT=$SERVERS_DIR/dovecot/dovecot.conf
one_user=kabinet@klokot.example two_user=diaspora@klokot.example
account() { # NAME USER LINES...
    local name=$1 user=$2
    shift 2
    printf '%s\n' "[imap $name]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
        "user = $user" "password_file = $PASSWORD_FILE" "address = $user" "authserv_id = mx.klokot.example" "$@"
}
{
    account office $one_user "sent = Sent"
    account clubs $two_user
} >>"$dir/adresar.conf"
empty_mailboxes $one_user $two_user

put() { doveadm -c "$DOVECOT" save -u "$1" -m "$2" >/dev/null 2>&1; }
# mail FROM TO ID TEXT [HEADER...]
mail() {
    local from=$1 to=$2 id=$3 text=$4
    shift 4
    printf '%s\n' "From: $from" "To: $to" "Subject: About the road" "Message-ID: <$id@test.example>" \
        "Date: $(LC_ALL=C date -R)" "$@" "" "$text"
}
fetch() { adresar fetch --once >"$dir/fetch.log" 2>&1 || cat "$dir/fetch.log"; }
id_of() { sql "select id from message where rfc_message_id = '<$1@test.example>'"; }
thread_of() { sql "select thread_id from message where rfc_message_id = '<$1@test.example>'"; }
field() { sed -n "s/.*\"$1\":\(\"[^\"]*\"\|[0-9a-z]*\).*/\1/p" <<<"$out" | tr -d '"'; }

# ---- what officials send from their own mail clients

mail "Office <$one_user>" "Person 1 <p1@sink.example>, p2@sink.example, someone@far.example" s1 "We will mend it." |
    put $one_user Sent
fetch
is "$(sql "select direction, state, class, matched_by from message where rfc_message_id = '<s1@test.example>'")" \
    "out|sent|own|sent" "what lies in the Sent folder went out"
for p in p1 p2; do
    like "$(as one --json contact history $p@sink.example)" '"action":"SENT","object":"message".*About the road' \
        "the history of $p has it"
    like "$(as one --json contact list "last-contact>=$(date -d yesterday +%F)")" "$p@sink.example" "and so has the last contact"
done
is "$(as one --json contact history p3@sink.example | grep -c SENT)" 0 "whoever did not get it has nothing"
like "$(LC_ALL=C as one contact history p1@sink.example)" "message: written to them .*About the road" "in words"
is "$(as one --json inbox list --all)" "" "nothing of it is an answer"

mail "Office <$one_user>" p3@sink.example b1 "A blind copy." \
    "Authentication-Results: mx.klokot.example; dmarc=pass header.from=klokot.example" | put $two_user INBOX
fetch
is "$(sql "select direction, state, class from message where rfc_message_id = '<b1@test.example>'")" "out|sent|own" \
    "a blind copy that our server vouches for went out"
like "$(as one --json contact history p3@sink.example)" '"action":"SENT"' "to its contact"
mail "Office <$one_user>" p3@sink.example b2 "A copy of which nobody knows." >"$dir/copy"
put $two_user INBOX <"$dir/copy"
fetch
is "$(sql "select direction, state from message where rfc_message_id = '<b2@test.example>'")" "in|decide" \
    "one that nobody vouches for waits"
put $one_user Sent <"$dir/copy"
fetch
is "$(sql "select direction, state from message where rfc_message_id = '<b2@test.example>'")" "out|sent" \
    "until it lies in the Sent folder, too"

# ---- an answer that comes before what it answers

mail "Person 1 <p1@sink.example>" $one_user a1 "When?" "In-Reply-To: <s2@test.example>" | put $one_user INBOX
fetch
is "$(thread_of a1)" "" "an answer to what we do not have"
like "$(as one --json inbox list --state decide)" "\"id\":$(id_of a1)," "waits"
mail "Office <$one_user>" p1@sink.example s2 "Soon." | put $one_user Sent
fetch
[ -n "$(thread_of a1)" ] && [ "$(thread_of a1)" = "$(thread_of s2)" ]
ok $? "until that comes"
is "$(sql "select matched_by from message where id = $(id_of a1)")" references "then it is judged again"
mail "Office <$one_user>" p1@sink.example s3 "In spring." "In-Reply-To: <a1@test.example>" \
    "References: <s2@test.example> <a1@test.example>" | put $one_user Sent
fetch
like "$(as one --json inbox list --state answered)" "\"id\":$(id_of a1)," "and what an official answers is answered"

# ---- two of our mailboxes

mail "Person 2 <p2@sink.example>" "$one_user, $two_user" t1 "To both of you." >"$dir/both"
put $one_user INBOX <"$dir/both"
{ echo "Received: by another way"; cat "$dir/both"; } | put $two_user INBOX
adresar fetch --once >/dev/null 2>&1 &
fetch
wait $!
is "$(sql "select count(distinct m.id), count(*) from message m join message_place p on p.message_id = m.id
           where m.rfc_message_id = '<t1@test.example>'")" "1|2" "is one message at two places"
like "$(as one --json inbox show "$(id_of t1)")" '"places":\[\{[^]]*"clubs"[^]]*"office"' "and shows both"

# ---- one view

thread=$(thread_of a1)
out=$(as one --json thread show "$thread")
is "$(grep -o '"depth":[0-9]' <<<"$out" | tr -dc '0-9')" 012 "a thread is a tree"
like "$out" '"text":"Soon\.".*"text":"When\?".*"text":"In spring\."' "with what was written"
out=$(LC_ALL=C as one thread show "$thread")
like "$out" "→ $(id_of s2).*← $(id_of a1).*When\?.*→ $(id_of s3)" "to read"
like "$(as one --json thread list --contact p1@sink.example)" "\"id\":$thread,.*\"messages\":3" "the contact's threads are a list"
is "$(as one --json thread list --contact p3@sink.example | grep -c "\"id\":$thread,")" 0 "without others'"
exits 1 "a thread that is none" as one thread show 99999

# ---- by hand

exits 0 "a clerk takes an answer out" as one --json thread split "$(id_of a1)"
made=$(field thread)
is "$(thread_of a1) $(thread_of s3) $(thread_of s2)" "$made $made $thread" "with what answers it"
mail "Person 1 <p1@sink.example>" $one_user a2 "Good." "In-Reply-To: <s3@test.example>" \
    "References: <s2@test.example> <a1@test.example> <s3@test.example>" | put $one_user INBOX
fetch
is "$(thread_of a2)" "$made" "and with what answers that later"
exits 1 "nothing else is left there" as one thread split "$(id_of s2)"
exits 0 "and joins them again" as one thread join "$thread" "$made"
is "$(sql "select count(distinct thread_id) from message where rfc_message_id ~ '<(a1|a2|s2|s3)@'")" 1 "to one"
is "$(as one --json thread show "$made" | sed -n 's/^{"id":\([0-9]*\),.*/\1/p')" "$thread" "which the old number finds"
exits 1 "only once" as one thread join "$thread" "$made"

exits 0 "it has a number in the register" as one thread number "$thread" 05-123/2026
mail "Person 1 <p1@sink.example>" $one_user n1 "Any news?" | sed 's|^Subject: .*|Subject: 05-123/2026, the road|' | put $one_user INBOX
mail "stranger@far.example" $one_user n2 "Any news?" | sed 's|^Subject: .*|Subject: 05-123/2026, the road|' | put $one_user INBOX
fetch
is "$(thread_of n1)" "$thread" "by which a correspondent's letter finds it"
is "$(thread_of n2)" "" "and a stranger's does not"
out=$(as one --json inbox show "$(id_of n2)")
like "$out" "\"proposal\":\{.*\"thread\":$thread" "but it is proposed"
like "$(LC_ALL=C as one inbox list)" "thread $thread" "in the list, too"
exits 0 "and filed so when a clerk says so" as one inbox file "$(id_of n2)" --as-proposed
is "$(thread_of n2) $(sql "select state, matched_by, placed_by from message where id = $(id_of n2)")" \
    "$thread filed|person|thread_one" "in their name"
exits 1 "where nothing is proposed" as one inbox file "$(id_of n1)" --as-proposed
exits 64 "two ways at once" as one inbox file "$(id_of n1)" --as-proposed --thread "$thread"
exits 64 "a state that is none" as one inbox list --state lost
exits 64 "a number that is none" as one thread number "$thread" twelve
exits 0 "none" as one thread number "$thread" --none
like "$(LC_ALL=C as one audit list 2>&1; sql "select object from audit where object in ('thread', 'thread_apart') limit 1")" "thread" \
    "the log has it"

# what belongs together is found by indexes, however much is kept
is "$(sql_as fetch "begin; do \$\$ begin perform thread_gather(array(select max(id) from message where thread_id is not null)); end \$\$;
                    select seq_scan from pg_stat_xact_user_tables where relname = 'message'; commit")" 0 "no table is read from end to end"
done_testing
