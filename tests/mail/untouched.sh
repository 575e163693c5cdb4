#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Nothing on the server is ever changed: flags (\Recent among them), UIDs, dates, sizes and counts are the same before and
# after a fetch, as another client sees them, from Dovecot, Cyrus and Courier.
. tests/lib/tap.sh
. tests/lib/office.sh untouched $((ADRESAR_TEST_PORT + 92)) 1

started=()
servers_end() {
    local pid
    for pid in "${started[@]}"; do kill -TERM -- "-$pid" 2>/dev/null; done
    wait 2>/dev/null
    sink_end
}
trap servers_end EXIT

python=/usr/bin/python3
at() { # VERB ARGUMENTS...: of the server that is looked at
    "$python" tests/lib/mailbox_state.py "$imap_port" "$imap_user" "$imap_password" "$imap_ca" "$@"
}
letter() { # ID
    printf '%s\n' "From: someone@far.example" "To: kabinet@klokot.example" "Subject: A letter" "Message-ID: <$server-$1@test.example>" \
        "Date: Mon, 2 Mar 2026 10:00:00 +0100" "" "text $1"
}
deliver() { letter "$1" | at put INBOX ""; }

configure() { # LINES...
    sed -i '/^\[imap /,$d' "$dir/adresar.conf"
    printf '%s\n' "[imap $server]" "host = 127.0.0.1" "port = $imap_port" "user = $imap_user" "address = kabinet@klokot.example" \
        "password_file = password" "sent = $sent" "$@" >>"$dir/adresar.conf"
    (umask 077 && echo "$imap_password" >"$dir/password")
}
start() { # NAME: one that lies beside Dovecot; 1: it does not
    local why
    why=$(bash tests/lib/beside.sh is-there "$1") || { skip "$1: $why"; return 1; }
    mkdir -p "$dir/$1"
    chmod 755 "$dir/$1"
    setsid bash tests/lib/beside.sh "$1" "$dir/$1" "$2" >"$dir/$1.log" 2>&1 </dev/null &
    started+=($!)
    imap_port=$2 imap_user=kabinet imap_password=secret imap_ca=-
    for _ in $(seq 100); do
        at state INBOX >/dev/null 2>&1 && return
        sleep 0.1
    done
    ok 1 "$1 starts" "$(tail -n 20 "$dir/$1.log")"
    return 1
}
kept() { sql "select count(*) from message where rfc_message_id like '<$server-%'"; }

look() { # the whole, of one server
    local before control
    letter seen | at put INBOX '\Seen'
    letter all | at put INBOX '\Seen \Answered \Flagged'
    letter draft | at put INBOX '\Draft'
    letter gone | at put INBOX '\Deleted'
    letter word | at put INBOX '\Flagged Important'
    letter sent | sed 's/^From: .*/From: kabinet@klokot.example/' | at put "$sent" '\Seen'
    for i in 1 2 3; do deliver "new$i"; done
    before=$(at state INBOX "$sent")
    is "$(at state INBOX "$sent")" "$before" "$server: looking changes nothing"
    like "$before" 'Recent' "$server: there is something recent in it"
    exits 0 "$server: the mailbox is fetched" adresar fetch --once
    like "$out" "$server: 9 messages met, 9 new" "$server: and all of it read"
    is "$(at state INBOX "$sent")" "$before" "$server: it is as it was"
    exits 0 "$server: again" adresar fetch --once
    is "$(at state INBOX "$sent")" "$before" "$server: it is as it was"

    # by one that waits for mail, and reads what comes
    "$ADRESAR_BIN" -c "$dir/adresar.conf" fetch 2>"$dir/fetch.log" &
    local daemon=$!
    sleep 1
    deliver late
    for _ in $(seq 150); do [ "$(kept)" = 10 ] && break; sleep 0.1; done
    is "$(kept)" 10 "$server: what comes while it waits is read" "$(cat "$dir/fetch.log")"
    sleep 0.3
    like "$(at state INBOX | tail -n 1)" 'Recent' "$server: and is recent still"
    is "$(at state INBOX "$sent" | grep -v "^INBOX" | sed '/^'"$(at state INBOX | tail -n 1 | cut -d' ' -f1)"' /d')" \
        "$(grep -v "^INBOX" <<<"$before")" "$server: as is the rest what it was"
    kill $daemon
    wait $daemon

    control=$(at state INBOX)
    at read INBOX
    [ "$(at state INBOX)" != "$control" ]
    ok $? "$server: of one who does read them it would show"
}

server=dovecot sent=Sent
imap_port=$IMAPS_PORT imap_user=kabinet@klokot.example imap_password=$(cat "$PASSWORD_FILE") imap_ca=$CA_FILE
empty_mailboxes $imap_user
configure "verify_name = $MAIL_HOST" "ca_file = $CA_FILE"
look

server=cyrus
if start cyrus $((ADRESAR_TEST_PORT + 93)); then
    configure "tls = none"
    look
fi

# what is delivered to Courier is delivered to the Maildir, as its own programs do
server=courier sent=INBOX.Sent
if start courier $((ADRESAR_TEST_PORT + 94)); then
    deliver() {
        letter "$1" >"$dir/courier/Maildir/tmp/$1"
        chown nobody "$dir/courier/Maildir/tmp/$1"
        mv "$dir/courier/Maildir/tmp/$1" "$dir/courier/Maildir/new/$(date +%s.%N).$1.test"
    }
    configure "tls = none"
    look
fi
done_testing
