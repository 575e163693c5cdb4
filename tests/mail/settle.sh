#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Outcomes that are unknown after the process was killed on its way, settled by the log of a real Postfix, and held against
# what lies in the mailbox; and settled in bulk by a person.
. tests/lib/tap.sh
. tests/lib/office.sh settle $((ADRESAR_TEST_PORT + 64)) 4

if [ -z "$SUBMISSION_PORT" ]; then
    skip "Postfix needs root"
    done_testing
fi
log=$SERVERS_DIR/postfix/postfix.log

# the office sends through Postfix, to people who have no mailbox and to one who has
sed -i '/^\[smtp sink\]/,/^$/ { s/^port = .*/port = '"$SUBMISSION_PORT"'/; s/^tls = .*/tls = starttls/; s/^timeout_s = .*/timeout_s = 10/ }' "$dir/adresar.conf"
printf '%s\n' "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" "user = cvetana@people.example" \
    "password_file = $PASSWORD_FILE" "bounce_address = cvetana@people.example" >>"$dir/adresar.conf"
sed -i 's/^from_address = .*/from_address = cvetana@people.example/' "$dir/adresar.conf"
as one contact add --kind person --name Known --email boris@people.example --language en --salutation "Dear known" \
    --department office >/dev/null
echo boris@people.example >>"$dir/list"

mailing() { # KIND
    id=$(as one --json mailing new --kind "$1" --name settle --template "$dir/template" --to "$dir/list" --from sink |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    as two mailing release "$id" >/dev/null
}
how_many() { states "$id" | grep -c " $1\$"; }
settle() { exits "$1" "$2" as two --json mailing settle --maillog "$log" --mailing "$id" "${@:3}"; }
# a line of the log, so much later that it says all of what was before
later() { sleep "$1"; (exec 3<>"/dev/tcp/127.0.0.1/$WORLD_PORT"; read -r -t 2 -u 3; printf 'QUIT\r\n' >&3; read -r -t 2 -u 3); sleep 1; }

# was_taken OUTBOX: whether the queue has it, by its log
was_taken() {
    local message q
    message=$(sql "select rfc_message_id from outbox where id = $1")
    for q in $(sed -n "s/.*cleanup\[[0-9]*\]: \([0-9A-Za-z]*\): message-id=$message\$/\1/p" "$log"); do
        grep -q "qmgr\[[0-9]*\]: $q: from=" "$log" && return
    done
    return 1
}

# killed at one point after the other, until one of the unknown was taken and one was not: the log's word and the queue's
# are the same
ids=()
sleep 6 # what is asked for lies behind the log's begin
cp "$log" "$dir/early.log"
taken=0 left=0
for ((at = 9; at < 25 || (at < 80 && taken * left == 0); at++)); do
    mailing survey
    CRASH_AT=$at LD_PRELOAD=$shim adresar deliver --once >/dev/null 2>&1
    sql "update worker set lease_until = now()"
    adresar deliver --once >/dev/null 2>&1
    ids+=("$id")
    for one in $(sql "select id from outbox where mailing_id = $id and state = 'unknown'"); do
        if was_taken "$one"; then taken=$((taken + 1)); else left=$((left + 1)); fi
    done
done
all=$(IFS=,; echo "${ids[*]}")
unknown=$(sql "select string_agg(id::text, ',') from outbox where mailing_id in ($all) and state = 'unknown'")
[ -n "$unknown" ]
ok $? "some kills left an unknown" "$all"
id=${ids[0]}
later 6
exits 0 "a trial says what would be" as two --json mailing settle --maillog "$log" --dry-run
is "$(sql "select count(*) from outbox where id in ($unknown) and state = 'unknown'")" "$(tr , '\n' <<<"$unknown" | wc -l)" \
    "and changes nothing"
exits 1 "a log that ends too early" as two --json mailing settle --maillog "$dir/early.log" --dry-run
like "$out" "the log ends too early" "proves nothing of what is not in it"
perl -MPOSIX=strftime,mktime -pe 's{^(\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)}{strftime("%b %e %T",
    localtime(8 + mktime($5, $4, $3, $2, index("JanFebMarAprMayJunJulAugSepOctNovDec", $1) / 3, (localtime)[5])))}e' \
    "$log" >"$dir/skewed.log"
exits 1 "a log of another clock" as two --json mailing settle --maillog "$dir/skewed.log" --dry-run
is "$(grep -c '"verdict":"not-taken"' <<<"$out") $(grep -c '"verdict":"unclear","why":"the log'"'s clock and ours differ" <<<"$out")" \
    "0 $(sql "select count(*) from outbox where id in ($unknown)" | awk -v taken="$(grep -c '"verdict":"taken"' <<<"$out")" '{ print $1 - taken }')" \
    "proves of none that it was not taken" "$out"
exits 0 "the log settles all of them" as two --json mailing settle --maillog "$log"
said=$out
is "$(sql "select count(*) from outbox where id in ($unknown) and state = 'unknown'")" 0 "none is unknown any more" "$said"
wrong=$(for one in ${unknown//,/ }; do
    state=$(sql "select state from outbox where id = $one")
    taken=no
    ! was_taken "$one" || taken=yes
    case $taken$state in
        yesaccepted | yesbounced | noqueued) ;;
        *) echo "$one: taken $taken, $state" ;;
    esac
done)
is "$wrong" "" "who was taken by the queue is accepted, who was not waits to be sent again"
like "$said" '"verdict":"taken"' "some were taken"
like "$said" '"verdict":"not-taken"' "and some were not"
like "$(sql "select string_agg(settled_by || ' ' || (settled_evidence->'maillog'->>'lines'), ' ') from outbox where id in ($unknown)")" \
    "settle_two.*(disconnect from|message-id=)" "with who settled it, and the lines"
exits 0 "those are sent again" adresar deliver --once
is "$(sql "select count(*) from outbox where mailing_id in ($all) and state not in ('accepted', 'bounced')")" 0 "and all have it"
is "$(doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" search -u boris@people.example ALL | wc -l)" "${#ids[@]}" \
    "once: so many letters lie in the mailbox"

# what the log says of its way on stands with it
lost() { sql "set session_replication_role = replica; update outbox set state = 'unknown' where mailing_id = $id and state in ('accepted', 'bounced');
              update mailing set state = 'released', finished_at = null where id = $id" >/dev/null; }
mailing notice
adresar deliver --once >/dev/null 2>&1
later 2
lost
gzip -c "$log" >"$dir/mail.log.1.gz"
exits 0 "a compressed log" as two --json mailing settle --maillog "$dir/mail.log.1.gz" --mailing "$id"
like "$out" 'boris@people.example","state":"accepted".*"status":"sent"' "it was sent on"
like "$out" 'p1@sink.example","state":"bounced".*"status":"bounced","enhanced":"5' "it came back"
is "$(sql "select count(distinct enhanced) from outbox where mailing_id = $id and state = 'bounced' and enhanced like '5.%'")" 1 \
    "with the code"

# a notice is asked about, whatever the log proves
sql "update mailing set state = 'released', finished_at = null where id = $id" >/dev/null
sql "set session_replication_role = replica; update outbox set state = 'unknown', rfc_message_id = '<never@office.example>',
     submitting_at = clock_timestamp() - interval '1 second', state_at = clock_timestamp() where mailing_id = $id and email like 'p1@%'" >/dev/null
settle 1 "nothing was sent then"
like "$out" '"state":"unknown","verdict":"unclear","why":"the log (ends|shows)' "so it stays unknown"

# by a person, in bulk
lost
exits 64 "no word that is none" as two mailing settle "$id" --all-unknown perhaps --because x
exits 64 "nor one without its reason" as two mailing settle "$id" --all-unknown leave
exits 0 "all at once" as two mailing settle "$id" --all-unknown leave --because "the server burnt"
is "$(how_many left)" 5 "are left"
is "$(sql "select distinct settled_by || ': ' || (settled_evidence->>'person') from outbox where mailing_id = $id")" \
    "settle_two: the server burnt" "with the reason"

# the journal: a second recipient of whom the ledger knows nothing
sed -i 's/^connections = .*/&\njournal = anna@people.example/' "$dir/adresar.conf"
printf '%s\n' "[imap journal]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
    "user = anna@people.example" "password_file = $PASSWORD_FILE" "address = anna@people.example" >>"$dir/adresar.conf"
mailing survey
exits 0 "with a journal" adresar deliver --once
is "$(how_many accepted)" 5 "all recipients are accepted"
wait_for() { for _ in $(seq 50); do [ "$(doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" search -u "$1" ALL | wc -l)" -ge "$2" ] && return; sleep 0.1; done; }
wait_for anna@people.example 5
lost
exits 0 "its mailbox is read" adresar fetch --once
is "$(sql "select state || ' ' || settled_by || ' ' || count(*) from outbox where mailing_id = $id group by state, settled_by")" \
    "accepted copy 5" "and settles what was unknown"
sed -i 's/^journal = .*/journal = policy@people.example/' "$dir/adresar.conf"
mailing survey
exits 0 "a journal that the server refuses" adresar deliver --once
is "$(grep -c "without a copy to policy@people.example: 550" <<<"$out") $(how_many accepted)" "1 5" "is told once, and all are accepted"
# the mailboxes are others' too
for user in anna boris cvetana; do doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" expunge -u $user@people.example ALL; done
done_testing
