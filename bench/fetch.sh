# SPDX-License-Identifier: AGPL-3.0-or-later
# The jobs of bench/run that fetch mail, against others.

# fill_mailbox N: the office's INBOX has so many messages of 5 KB
fill_mailbox() {
    local maildir=$SERVERS/dovecot/mail/office@klokot.example/Maildir
    mkdir -p "$maildir"/{cur,new,tmp}
    perl bench/messages "$maildir" "$1"
    chown -R --reference="$SERVERS/dovecot/mail" "$SERVERS/dovecot/mail"
}

bare_fetch() { build/opt/bench/bare_fetch "$IMAPS_PORT" "$MAIL_HOST" "$CA_FILE" office@klokot.example <"$PASSWORD_FILE"; }

job_imap() {
    local ours bare
    fresh_database imap
    fill_mailbox "$IMAP"
    bare_fetch >/dev/null || fail "the bare FETCH failed" # Dovecot's first look at the mailbox is nobody's time
    read -r bare _ < <(bare_fetch)
    seconds as adresar_fetch fetch --once
    ours=$(awk -v n="$IMAP" -v s="$took" 'BEGIN { printf "%.0f", n / s }')
    [ "$(ask -c "select count(*) from message where direction = 'in' and class is not null")" = "$IMAP" ] || fail "not all messages were fetched and judged"
    row "fetch, judge and store $IMAP messages of 5 KB (the bare FETCH over TLS)" "$ours" "$(awk -v n="$IMAP" -v s="$bare" 'BEGIN { printf "%.0f", n / s }')" /s
    mkdir -p "$OUT/node"
    if npm install --silent --no-fund --no-audit --prefix "$OUT/node" imapflow mailparser pg >>"$LOG" 2>&1; then
        cp bench/imapflow.mjs "$OUT/node/"
        took=$(node "$OUT/node/imapflow.mjs" "$IMAPS_PORT" "$MAIL_HOST" "$CA_FILE" office@klokot.example "$PASSWORD_FILE" "$PGHOST" "$DATABASE" 2>>"$LOG") ||
            fail "imapflow failed"
        row "the same (imapflow, mailparser and pg)" "$ours" "$(awk -v n="$IMAP" -v s="$took" 'BEGIN { printf "%.0f", n / s }')" /s
    else
        echo "bench: npm gives no imapflow: left out" >&2
    fi
}
