#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# How the installed program logs in to a real Dovecot and a real Postfix: by password, the strongest way that is offered or
# the one that is told; and by an access token that another program renews.
. tests/lib/tap.sh
. tests/lib/token.sh
. tests/lib/office.sh auth $((ADRESAR_TEST_PORT + 88)) 1

user=kabinet@klokot.example
log=$SERVERS_DIR/dovecot/dovecot.log
empty_mailboxes $user
configure() { # LINES...: how both accounts log in
    sed -i '/^\[smtp /,$d' "$dir/adresar.conf"
    local section
    for section in "[smtp office]|port = $SUBMISSION_PORT|from_address = $user" "[imap office]|port = $IMAPS_PORT|address = $user"; do
        tr '|' '\n' <<<"$section"
        printf '%s\n' "host = 127.0.0.1" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" "user = $user" "$@"
    done >>"$dir/adresar.conf"
}
logins() { grep -c "imap-login: Info: Login: user=<$user>, method=$1," "$log"; }
test_mail() { as one --json mail test office --wait 20; }
login_of() { sed -n 's/.*"login":"\([^"]*\)".*/\1/p' <<<"$out"; }

# by METHOD LINES...: both ways in, which the servers call METHOD
by() {
    local method=$1 before
    shift
    configure "$@"
    before=$(logins "$method")
    exits 0 "$method: IMAP" adresar fetch --once
    is "$(logins "$method")" $((before + 1)) "$method: Dovecot says so"
    if [ -z "$SUBMISSION_PORT" ]; then skip "Postfix needs root"; return; fi
    exits 0 "$method: SMTP" test_mail
    is "$(login_of)" "$method" "$method: it is told"
}

# ---- by password
for method in SCRAM-SHA-256 SCRAM-SHA-1 PLAIN; do
    by $method "password_file = $PASSWORD_FILE" "mechanism = $method"
done
configure "password_file = $PASSWORD_FILE" "mechanism = login"
exits 0 "LOGIN: IMAP" adresar fetch --once
[ -z "$SUBMISSION_PORT" ] || exits 0 "LOGIN: SMTP" test_mail
[ -z "$SUBMISSION_PORT" ] || is "$(login_of)" LOGIN "it is told"
by SCRAM-SHA-256 "password_file = $PASSWORD_FILE" # the strongest that is offered

# a password with letters of every kind, longer than a line of old
cat >"$dir/people" <<PEOPLE
$user:{PLAIN}$(printf 'ë"\\č %.0s' $(seq 60)):$(stat -c '%u:%g' "$SERVERS_DIR/dovecot/mail")::$SERVERS_DIR/dovecot/mail/$user::
PEOPLE
printf 'ë"\\č %.0s' $(seq 60) >"$dir/password"
chmod 600 "$dir/password"
cp -p "$SERVERS_DIR/dovecot/people" "$dir/people.before"
# whole at once, and in another second than it was written before: Dovecot goes by that
people_are() {
    cp -p "$dir/people.before" "$SERVERS_DIR/dovecot/people.new"
    cat "$1" >"$SERVERS_DIR/dovecot/people.new"
    sleep 1.1
    touch "$SERVERS_DIR/dovecot/people.new"
    mv "$SERVERS_DIR/dovecot/people.new" "$SERVERS_DIR/dovecot/people"
}
restore() { people_are "$dir/people.before"; sink_end; }
trap restore EXIT
people_are "$dir/people"
for method in SCRAM-SHA-256 PLAIN LOGIN; do
    configure "password_file = password" "mechanism = $method"
    exits 0 "a long password by $method: IMAP" adresar fetch --once
    [ -z "$SUBMISSION_PORT" ] || exits 0 "by $method: SMTP" test_mail
done
echo wrong >"$dir/password"
exits 78 "a wrong password" adresar fetch --once
like "$out" 'login: the server refuses' "is said"
restore

# ---- by token
(umask 077; access_token $user 600 >"$dir/token")
by XOAUTH2 "token_file = token" "mechanism = XOAUTH2"
by OAUTHBEARER "token_file = token"
if [ -n "$SUBMISSION_PORT" ]; then
    sed -i "s/^\[smtp office\]/[smtp sink]/" "$dir/adresar.conf"
    new_mailing
    exits 0 "a mailing is delivered" adresar deliver --once
    is "$(states "$id")" "p1 accepted" "to whom it is for"
    sed -i "s/^\[smtp sink\]/[smtp office]/" "$dir/adresar.conf"
fi

(umask 077; access_token $user -60 >"$dir/token")
for method in XOAUTH2 OAUTHBEARER; do
    configure "token_file = token" "mechanism = $method"
    exits 69 "$method: a token that is over, IMAP" adresar fetch --once
    like "$out" "the access token in $dir/token is not taken" "says what is to be renewed"
    like "$out" 'status (401|invalid_token)' "with the server's words"
    [ -n "$SUBMISSION_PORT" ] || continue
    sed -i "/^\[imap /,\$s|^token_file.*|password_file = $PASSWORD_FILE|; /^\[imap /,\$s|^mechanism.*||" "$dir/adresar.conf"
    exits 69 "$method: a token that is over, SMTP" test_mail
    like "$out" "AUTH: 535 .*the access token in $dir/token is not taken" "says so too"
done
configure "token_file = token"
"$ADRESAR_BIN" -c "$dir/adresar.conf" fetch 2>"$dir/fetch.log" &
daemon=$!
failed() { [ "$(sql "select error is not null from mailbox where folder = 'INBOX'")" = t ]; }
for _ in $(seq 100); do grep -q 'is not taken' "$dir/fetch.log" && break; sleep 0.1; done
failed
ok $? "one that runs with it has an error to show" "$(cat "$dir/fetch.log")"
kill $daemon
wait $daemon

# renewed under a session that waits: the next one begins with the new token
(umask 077; access_token $user 600 >"$dir/token")
"$ADRESAR_BIN" -c "$dir/adresar.conf" fetch 2>>"$dir/fetch.log" &
daemon=$!
for _ in $(seq 100); do failed || break; sleep 0.1; done
sleep 0.5
before=$(logins OAUTHBEARER)
(umask 077; access_token $user 601 >"$dir/token.new" && mv "$dir/token.new" "$dir/token")
doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" kick $user >/dev/null
for _ in $(seq 100); do [ "$(logins OAUTHBEARER)" -gt "$before" ] && break; sleep 0.1; done
is "$(logins OAUTHBEARER)" $((before + 1)) "a session that was lost begins anew with the token that is there"
kill $daemon
wait $daemon
is "$(grep -cF "$(cut -d. -f3 "$dir/token")" "$dir/fetch.log")" 0 "no token is in the log"

# ---- what cannot be meant
chmod 644 "$dir/token"
exits 78 "a token that others can read" adresar fetch --once
like "$out" 'others can read this secret' "is said"
configure "token_file = token" "password_file = $PASSWORD_FILE"
exits 78 "token and password at once" adresar fetch --once
configure "token_file = token" "mechanism = PLAIN"
exits 78 "a token by PLAIN" adresar fetch --once
configure "password_file = $PASSWORD_FILE" "mechanism = CRAM-MD5"
exits 78 "a mechanism that we do not have" adresar fetch --once
like "$out" 'mechanism is SCRAM-SHA-256' "is named, with those that we do"
done_testing
