#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# `adresar mail test` against a real Postfix and Dovecot that leave letters as they are, and a Postfix that does not.
. tests/lib/tap.sh
. tests/lib/office.sh mailtest $((ADRESAR_TEST_PORT + 74)) 1
if [ -z "$SUBMISSION_PORT" ]; then
    skip "Postfix needs root"
    done_testing
fi

empty_mailboxes kabinet@klokot.example
account() { # imap NAME ADDRESS
    printf '%s\n' "[imap $1]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
        "user = $2" "password_file = $PASSWORD_FILE" "address = $2"
}
configure() { # LINES... of [smtp office]
    sed -i '/^\[smtp /,$d' "$dir/adresar.conf"
    {
        printf '%s\n' "[smtp office]" "host = 127.0.0.1" "port = $SUBMISSION_PORT" "verify_name = $MAIL_HOST" \
            "ca_file = $CA_FILE" "user = kabinet@klokot.example" "password_file = $PASSWORD_FILE" "from_name = Office" \
            "from_address = kabinet@klokot.example" "$@"
        account office kabinet@klokot.example
        cat "$dir/dkim.conf"
    } >>"$dir/adresar.conf"
}
: >"$dir/dkim.conf"
configure
adresar dkim new --domain klokot.example | sed -n '/^\[dkim /,/^$/p' >"$dir/dkim.conf"
etc=$SERVERS_DIR/postfix/etc
cp "$etc/main.cf" "$etc/world" "$dir/"
reconfigure() { # LINES...: Postfix with these lines more
    { cat "$dir/main.cf"; printf '%s\n' "$@"; } >"$etc/main.cf"
    postfix -c "$etc" reload 2>/dev/null
    sleep 0.3
}
trap 'cp "$dir/main.cf" "$dir/world" "$etc/"; postfix -c "$etc" reload 2>/dev/null; sink_end' EXIT
# check COPY CHECK: "true VALUE", a line for each of its kind
check() {
    /usr/bin/python3 -c 'import json, sys
for c in json.loads(sys.argv[1])["copies"]:
    for k in c["checks"]:
        if (c["copy"], k["check"]) == (sys.argv[2], sys.argv[3]): print(json.dumps(k["ok"]), k["value"])' "$out" "$1" "$2"
}
value() { /usr/bin/python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$out" "$1"; }
test_mail() { as one mail test office --wait 20 "$@"; }
test_json() { as one --json mail test office --wait 20 "$@" 2>/dev/null; }

# ---- a server that leaves letters as they are
configure
exits 0 "all is well" test_json --to outside@all.example
for copy in own token; do
    like "$(check $copy accepted)" '^true content: 250 ' "$copy: accepted"
    is "$(check $copy arrived)" "true [imap office]" "$copy: arrived"
    like "$(check $copy return-path)" '^true kabinet\+b\.[0-9]+\.' "$copy: its envelope sender"
    like "$(check $copy message-id)" '^true <o[0-9]+\.1\..*@office\.example>$' "$copy: its Message-ID"
    is "$(check $copy dkim | sort | sed 's/a[0-9]*//')" "$(printf 'true %s: good\n' e r)" "$copy: both signatures"
done
like "$(check token address)" '^true kabinet\+b\.[0-9]+\.' "token: its address"
is "$(check outside arrived)" "null look there" "nobody looks into a mailbox outside"
is "$(value received_from) $(value tls)" "127.0.0.1 TLS1.3" "from where, and by which TLS" "$out"
is "$(sql "select account, ok, received_from, by from mail_probe")" "office|t|127.0.0.1|mailtest_one" "it is kept for later"
exits 0 "for people" test_mail
like "$out" 'own mailbox +accepted +yes.*return-path +yes +kabinet\+b\..*TLS1\.3, SCRAM-SHA-256; received from 127\.0\.0\.1' "in a table"
mail=$(grep -rl "This message shows" "$SERVERS_DIR/dovecot/mail/outside@all.example/Maildir/new" | head -n 1)
is "$(grep -c '^Auto-Submitted: auto-generated' "$mail")" 1 "it says that no person wrote it"
account far anna@people.example >>"$dir/adresar.conf"
exits 0 "an outside mailbox that is configured" test_json --to Anna@people.example
is "$(check outside arrived)" "true [imap far]" "is looked into"
like "$(check outside return-path)" '^true' "as closely"

# ---- servers that change them
configure
reconfigure 'sender_canonical_classes = envelope_sender' 'sender_canonical_maps = regexp:{{/^kabinet[+].*/ kabinet@klokot.example}}'
exits 1 "the envelope sender is rewritten" test_json
is "$(check own return-path)" "false kabinet@klokot.example" "and shown as it came"
is "$(check own dkim | grep -c true)" 2 "while the signatures are good"
is "$(sql "select ok from mail_probe order by id desc limit 1")" f "this is kept, too"
exits 1 "for people" test_mail
like "$out" 'return-path +NO +kabinet@klokot\.example' "it stands out"
reconfigure 'header_checks = regexp:{{/^Message-ID: .*@office/ REPLACE Message-ID: <rewritten@klokot.example>}}'
exits 1 "another Message-ID" test_json
is "$(check own message-id)" "false <rewritten@klokot.example>" "is found"
is "$(check own dkim | cut -d: -f2- | sort -u)" " the header was changed on the way" "and the signatures are broken by it"
like "$(check own return-path)" '^true' "all else is well"
reconfigure 'body_checks = regexp:{{/^Nothing/ REPLACE Buy something}}'
exits 1 "another text" test_json
is "$(check own dkim | cut -d: -f2- | sort -u)" " the text was changed on the way" "is found"
reconfigure 'header_checks = regexp:{{/^DKIM-Signature: / IGNORE}}'
exits 1 "no signature" test_json
is "$(check own dkim | cut -d: -f2- | sort -u)" " the signature is gone" "is found"
reconfigure 'virtual_alias_maps = regexp:{{/^kabinet[+]b[.].*/ anna@people.example}}'
exits 1 "an address with + leads elsewhere" as one --json mail test office --wait 2
is "$(check token arrived)" "false not within 2 seconds" "and is not waited for for ever"
like "$(check own arrived)" '^true' "the other copy came"
reconfigure 'smtpd_sender_restrictions = check_sender_access regexp:{{/[+]b[.]/ 553 5.7.1 not owned by user kabinet}}'
exits 1 "a sender that is refused" as one --json mail test office --wait 2
like "$(check own accepted)" '^false RCPT: 553 .*\[smtp office\] says verp = none' "with what helps"
configure "verp = none"
exits 0 "without a token" test_json
is "$(check own return-path)|$(check token accepted)" "true kabinet@klokot.example|" "the sender is the account's own"
configure "bounce_address = *@bounce.klokot.example"
reconfigure 'virtual_alias_maps = regexp:{{/^[^@]+@bounce[.]klokot[.]example$$/ kabinet@klokot.example}}'
exits 0 "a domain of which all mail is one mailbox" test_json
like "$(check token address)" '^true b\.[0-9]+\.[a-z2-7.]*@bounce\.klokot\.example$' "its addresses arrive"

# ---- what is fetched later
is "$(sql "select count(*) from message")|$(sql "select count(*) from outbox")" "0|0" "nothing of it is in the ledger"
exits 0 "it is fetched" adresar fetch --once
is "$(sql "select distinct class, state from message where rfc_message_id like '<o%@office.example>'")" "own|filed" "what is fetched of it is our own mail"

# ---- what cannot be tested
reconfigure
exits 78 "an account that is none" as one mail test nix
exits 64 "no account" as one mail test
sed -i '/^\[imap /,$d' "$dir/adresar.conf"
exits 78 "no mailbox to look into" test_mail
like "$out" 'no \[imap\] has the address kabinet@klokot.example' "is said"
done_testing
