#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Wrong clocks: of the machine that reads and sends (by hours and by years, both ways), of the mail server and PostgreSQL,
# and of those who write.  Nothing is lost or kept twice, and no date makes anything true.
. tests/lib/tap.sh
. tests/lib/office.sh clock $((ADRESAR_TEST_PORT + 96)) 4

DOVECOT=$SERVERS_DIR/dovecot/dovecot.conf
adm() { local verb=$1; shift; doveadm -c "$DOVECOT" "$verb" -u "$@" 2>&1; }
mail_user=kabinet@klokot.example
printf '%s\n' "[imap office]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
    "user = $mail_user" "password_file = $PASSWORD_FILE" "address = $mail_user" "folders = INBOX" "sent =" "since = 2020-01-01" \
    >>"$dir/adresar.conf"
sed -i "s/^from_address = .*/from_address = $mail_user/" "$dir/adresar.conf"
empty_mailboxes $mail_user

put() { adm save $mail_user -m INBOX >/dev/null; }
letter() { # FROM ID DATE-LINE [HEADER]: a mail; DATE-LINE may be empty
    printf '%s\n' "From: $1" "To: $mail_user" "Subject: A letter" "Message-ID: <$2@test.example>" ${3:+"$3"} ${4:+"$4"} "" "text"
}
# at OFFSET COMMAND...: the program, with a clock that is wrong by so much
at() { ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-} FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f "$1" "$ADRESAR_BIN" -c "$dir/adresar.conf" "${@:2}"; }
kept() { sql "select count(*) || ' ' || count(distinct rfc_message_id) from message where direction = 'in' and class is not null"; }
of() { sql "select $2 from message where rfc_message_id = '<$1@test.example>'"; }

# ---- who reads has a wrong clock

n=0
for offset in +1h -1h +3y -3y; do
    n=$((n + 1))
    letter "one$n@far.example" "a$n" "Date: $(date -R)" | put
    exits 0 "it is read with a clock wrong by $offset" at $offset fetch --once
    is "$(kept)" "$n $n" "it is kept, once"
done
is "$(sql "select count(*) from message where received_at not between now() - interval '1 hour' and now()")" 0 \
    "when it came in is known all the same"
letter "five@far.example" a5 "Date: $(date -R)" | put
exits 0 "and by forty years" at +40y fetch --once
is "$(kept)" "5 5" "it is kept, once"

# ---- what could not be had while PostgreSQL's clock was years ahead

sql "update message_place set message_id = null, why = 'the server gives no content', seen_at = now() + interval '9 years'
      where message_id = $(of a5 id)" >/dev/null
exits 0 "is tried again" adresar fetch --once
is "$(sql "select count(*) from message_place where message_id is null")" 0 "and had"

# ---- the server's clock had gone back to its begin when it came

box=$SERVERS_DIR/dovecot/mail/$mail_user/Maildir
letter "six@far.example" a6 "Date: $(date -R)" >"$box/new/1700000000.M1P1.test"
touch -d 1970-01-02 "$box/new/1700000000.M1P1.test"
letter "old@far.example" a0 "Date: Mon, 5 May 2008 10:00:00 +0200" >"$box/new/1700000001.M2P1.test"
touch -d 2008-05-05 "$box/new/1700000001.M2P1.test"
chown -R --reference="$box" "$box/new"
exits 0 "a mail that came in 1970, by the server's clock" adresar fetch --once
is "$(kept)" "6 6" "is read, but not what is older than it may be"
is "$(of a0 'count(*)')" 0 "that is left where it is"

# ---- who writes has a wrong clock

dates=("" "Date: Thu, 1 Jan 1970 00:00:00 +0000" "Date: Fri, 31 Dec 9999 23:59:59 -1200" "Date: Tue, 19 Jan 2038 03:14:08 +0000"
    "Date: yesterday" "Date: Mon, 30 Feb 2026 10:00:00 +0000" "Date: Mon, 1 Jan 0000 00:00:00 +0000")
for i in "${!dates[@]}"; do letter "d$i@far.example" "d$i" "${dates[i]}" | put; done
exits 0 "mails of impossible dates" adresar fetch --once
is "$(kept)" "13 13" "are all kept, once"
is "$(sql "select count(*) from message where coalesce(date, received_at) > now() + interval '1 day' or date < '1990-01-01'")" 0 \
    "no date is believed that cannot be"
is "$(as one --json inbox list --all | grep -c '"date":"'"$(date +%Y)")" 13 "they stand where they came"
exits 0 "a period is judged again" adresar classify --again --from "$(date -d -1day +%F)" --to "$(date -d +1day +%F)"
like "$out" "13 judged again" "with all of them"

# ---- who sends has a wrong clock

sink
again() { new_mailing; exits 0 "a mailing with a clock wrong by $1" at "$1" deliver --once; }
for offset in +3h -3h +2y; do
    again $offset
    is "$(arrived | grep -c ' 1$') $(states "$id" | grep -c accepted)" "4 4" "each has it, once"
    is "$(sql "select count(*) from outbox where mailing_id = $id and submitting_at not between now() - interval '1 minute' and now()")" \
        0 "when is known by another clock"
done

# ---- reports and answers whose dates are wrong

report() { # MESSAGE-ID ADDRESS DATE STATUS TEXT
    printf '%s\n' "Return-Path: <>" "From: MAILER-DAEMON@mx.example" "To: $mail_user" "Subject: Undelivered" "$3" \
        "Message-ID: <r$RANDOM$RANDOM@test.example>" "MIME-Version: 1.0" \
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b" "" --b "Content-Type: text/plain" "" x --b \
        "Content-Type: message/delivery-status" "" "Reporting-MTA: dns; mx.example" "" "Final-Recipient: rfc822; $2" \
        "Action: failed" "Status: $4" "Diagnostic-Code: smtp; $5" "" --b "Content-Type: text/rfc822-headers" "" \
        "Message-ID: $1" "" --b--
}
id_of() { sql "select rfc_message_id from outbox where mailing_id = $1 and email = '$2@sink.example'"; }
address() { sql "select state from address where email = '$1@sink.example'"; }
new_mailing
adresar deliver --once >/dev/null
first=$id
report "$(id_of "$first" p1)" p1@sink.example "Date: Thu, 1 Jan 1970 00:00:00 +0000" 5.4.4 "domain not found" | put
exits 0 "a report that is older than its letter" at +2h fetch --once
is "$(states "$first" | grep p1)" "p1 bounced" "is believed for the token in it"
new_mailing
at +3d deliver --once >/dev/null
second=$id
report "$(id_of "$second" p1)" p1@sink.example "Date: $(date -R -d +3days)" 5.4.4 "domain not found" | put
exits 0 "one that is dated three days later" at +3d fetch --once
is "$(states "$second" | grep p1)" "p1 bounced" "settles its letter"
is "$(address p1)" soft "but a letter a minute later is no letter a day later"

shifted() { sql "set session_replication_role = replica; update $1 set $2 = $2 + interval '3 days' where $3" >/dev/null; }
report "$(id_of "$first" p2)" p2@sink.example "Date: $(date -R)" 5.4.4 "domain not found" | put
new_mailing
adresar deliver --once >/dev/null
report "$(id_of "$id" p2)" p2@sink.example "Date: $(date -R)" 5.4.4 "domain not found" | put
shifted outbox submitting_at "mailing_id = $id"
exits 0 "PostgreSQL's clock was three days ahead" adresar fetch --once
is "$(address p2)" soft "it alone does not make days of minutes"
shifted message date "id in (select message_id from outbox where mailing_id = $id)"
new_mailing
adresar deliver --once >/dev/null
report "$(id_of "$id" p2)" p2@sink.example "Date: $(date -R)" 5.4.4 "domain not found" | put
exits 0 "by both clocks a letter went days later" adresar fetch --once
is "$(address p2)" dead "then the address is dead"
sink_end
done_testing
