#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# A person corrects a verdict: it holds, what the wrong one had done is taken back, and the mail becomes a test.  What is
# kept is judged once more over a period.
. tests/lib/tap.sh
. tests/lib/office.sh again $((ADRESAR_TEST_PORT + 65)) 3

mail_user=kabinet@klokot.example
real_imap
empty_mailboxes $mail_user
put() { doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" save -u $mail_user -m INBOX; }
answer() { # NUMBER HEADER TEXT: of person NUMBER to the notice
    printf '%s\r\n' "From: p$1@sink.example" "To: $mail_user" "Subject: Re: A notice" "Message-ID: <a$1@test.example>" \
        "Date: Mon, 16 Nov 2026 10:00:00 +0100" "In-Reply-To: $(sql "select rfc_message_id from outbox where email = 'p$1@sink.example'")" \
        ${2:+"$2"} "" "$3"
}
message() { sql "select $2 from message where rfc_message_id = '<a$1@test.example>'"; }

sink
new_mailing
exits 0 "a notice goes out" adresar deliver --once
answer 1 "" "This is an automatic reply of nobody, do not reply to this." >"$dir/a1.eml"
put <"$dir/a1.eml"
answer 2 "Auto-Submitted: auto-replied" "I am away." | put
exits 0 "answers come in" adresar fetch --once
is "$(message 1 class) $(message 2 class)" "auto-reply auto-reply" "and are judged"
exits 0 "nothing would change" adresar classify --again
like "$out" "2 judged again, 0 would change" "and that is said"

# ---- a person is right

# as a wrong verdict leaves it
sql "set session_replication_role = replica;
     update message set class = 'bounce', rule = 'legacy-bounce' where rfc_message_id = '<a1@test.example>';
     update outbox set state = 'bounced', settled_by = 'dsn', settled_evidence = jsonb_build_object('message', $(message 1 id))
      where email = 'p1@sink.example';
     update address set state = 'dead', evidence = jsonb_build_object('message', $(message 1 id)) where email = 'p1@sink.example'"
exits 0 "a clerk corrects it" as one inbox correct "$(message 1 id)" --class human
is "$(message 1 "class || ' ' || rule")" "human person" "in their own name"
is "$(sql "select o.state || ' ' || a.state from outbox o join address a on a.id = o.address_id where o.email = 'p1@sink.example'")" \
    "accepted unverified" "what the bounce had done is taken back"
is "$(sql "select class_was, rule_was, class, by from correction")" "bounce|legacy-bounce|human|again_one" "both are kept"
exits 0 "corrected again" as two inbox correct "$(message 1 id)" --class complaint
is "$(sql "select class_was, class, by from correction")" "bounce|complaint|again_two" "the last word counts, the first verdict stays"
as two inbox correct "$(message 1 id)" --class human >/dev/null
exits 0 "judged once more" adresar classify --again --apply
is "$(message 1 class)" human "a person's word stays"
like "$(as one audit list)" "corrected verdict" "and is in the audit log"

exits 0 "what was corrected" as one inbox candidates -o "$dir/candidates"
like "$out" "1 corrected" "is written into a folder"
is "$(stat -c %a "$dir/candidates")" 700 "of its owner alone"
cmp -s "$dir/candidates/$(message 1 id).eml" "$dir/a1.eml"
ok $? "the mail as it was on the wire"
is "$(tr -d ' \n' <"$dir/candidates/$(message 1 id).json" | grep -o '"class":"human","was":{"class":"bounce","rule":"legacy-bounce"')" \
    '"class":"human","was":{"class":"bounce","rule":"legacy-bounce"' "with what is right and what was wrong"
exits 0 "as a test" adresar --json classify "$dir/candidates"
like "$out" '"class":"auto-reply"' "it fails until a rule is better"
exits 64 "no folder" as one inbox candidates
exits 0 "another correction" as one inbox correct "$(message 2 id)" --class human
exits 0 "the same folder again" as one --json inbox candidates -o "$dir/candidates"
is "$(wc -l <<<"$out")" 2 "has all of them"

# ---- a rule changes

answer 3 "" "We will attend." | put
adresar fetch --once >/dev/null
sql "set session_replication_role = replica;
     update message set class = 'auto-reply', rule = 'weak-signs' where rfc_message_id = '<a3@test.example>'"
exits 1 "what would change" adresar --json classify --again --from 16.11.2026 --to 2026-11-16
like "$out" '"was":\{"class":"auto-reply","rule":"weak-signs"\},"now":\{"class":"human"' "is shown"
like "$out" '"judged":1,"changed":1,"unreadable":0,"waiting":0,"applied":false' "and counted"
is "$(message 3 class)" auto-reply "and nothing is done"
exits 0 "another period" adresar classify --again --from 2026-11-17
like "$out" "0 judged again" "has none"
exits 0 "it is applied" adresar classify --again --apply
is "$(message 3 "class || ' ' || rule")" "human no-other-rule" "and holds"
exits 64 "a day that is none" adresar classify --again --from yesterday
exits 64 "a period of files" adresar classify --from 2026-11-17 "$dir/a1.eml"
sink_end
done_testing
