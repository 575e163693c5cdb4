#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Mails of 50 MB out of a real Dovecot: into the store as they are, and judged, while none of our processes takes more
# than 32 MB, and PostgreSQL's for them not more than 64 MB of its own (its shared buffers left out).
. tests/lib/tap.sh
. tests/lib/office.sh huge $((ADRESAR_TEST_PORT + 86)) 1

mail_user=kabinet@klokot.example personal_user=diaspora@klokot.example
account() { # NAME USER LINES...
    local name=$1 user=$2
    shift 2
    printf '%s\n' "[imap $name]" "host = 127.0.0.1" "port = $IMAPS_PORT" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
        "user = $user" "password_file = $PASSWORD_FILE" "address = $user" "$@"
}
{
    account office $mail_user "sent = Sent"
    account mine $personal_user "kind = personal"
} >>"$dir/adresar.conf"
empty_mailboxes $mail_user $personal_user
put() { doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" save -u "$1" -m "$2" >/dev/null; }

head_of() { # FROM ID TYPE
    printf 'From: %s\r\nTo: %s\r\nDate: Mon, 2 Mar 2026 10:00:00 +0100\r\nSubject: %s\r\nMessage-ID: <%s@test.example>\r\n' \
        "$1" $mail_user "$2" "$2"
    printf 'MIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n' "$3"
}
random() { head -c "$1" /dev/urandom | base64 | sed 's/$/\r/'; }
attached() { # FROM ID: an answer with a file of 37 MB
    head_of "$1" "$2" 'multipart/mixed; boundary=huge'
    printf -- '--huge\r\nContent-Type: text/plain\r\n\r\nI will attend with pleasure.\r\n--huge\r\n'
    printf 'Content-Type: application/zip; name=plans.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    random 37300000
    printf -- '--huge--\r\n'
}
plain() { head_of "$1" "$2" text/plain; random 37300000; }
enclosed() { # a mail with a file, forwarded
    head_of "$1" "$2" message/rfc822
    attached "$1" "$2-inner"
}
attached someone@far.example attached >"$dir/attached.eml"
plain someone@far.example plain >"$dir/plain.eml"
enclosed someone@far.example enclosed >"$dir/enclosed.eml"
attached p1@sink.example known >"$dir/known.eml"
attached $mail_user sent >"$dir/sent.eml"
for i in attached plain enclosed; do put $mail_user INBOX <"$dir/$i.eml"; done
put $mail_user Sent <"$dir/sent.eml"
put $personal_user INBOX <"$dir/known.eml"
sed 's/^From: .*/From: friend@private.example\r/; s/<known@/<private@/' "$dir/known.eml" | put $personal_user INBOX

# ---- the disk is full

kept() { sql "select count(*) from message where direction = 'in'"; }
exits 74 "no room on the disk" env TMPDIR="$dir/nowhere" "$ADRESAR_BIN" -c "$dir/adresar.conf" fetch --once
is "$(kept)|$(sql "select count(*) from message_place")" "0|0" "nothing is kept, and nothing is given up"

# ---- with its processes measured

# all that the program has started, too
family() {
    local pid
    for pid; do echo "$pid"; family $(pgrep -P "$pid"); done
}
# the most that each of ours took, and of PostgreSQL, as far as it was seen, anonymous memory and files, not the shared buffers
watch() { # PID
    local pid a
    while [ ! -e "$dir/watched" ]; do
        for pid in $(family "$1"); do
            a=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) &&
                echo "$pid $a $(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/.* \([a-z-]*\) $/\1/')"
        done >>"$dir/ours" 2>/dev/null
        for pid in $(sql "select pid from pg_stat_activity where usename = 'adresar_fetch'"); do
            a=$(awk '/^Rss(Anon|File)/ { s += $2 } END { print s + 0 }' "/proc/$pid/status" 2>/dev/null) && echo "$a" >>"$dir/store.kb"
        done
    done
}
"$ADRESAR_BIN" -c "$dir/adresar.conf" fetch 2>"$dir/fetch.log" &
daemon=$!
watch $daemon &
watcher=$!
for _ in $(seq 1200); do
    [ "$(sql "select count(*) from message where class is not null or state = 'parked'")" -ge 5 ] && break
    sleep 0.1
done
sleep 0.5
touch "$dir/watched"
wait $watcher
kill $daemon
wait $daemon
awk 'NF == 3 && $2 > most[$1] { most[$1] = $2; name[$1] = $3 } END { for (pid in most) print most[pid], name[pid] }' "$dir/ours" \
    >"$dir/peaks"
sed 's/^/# /' "$dir/fetch.log"
sed 's/^/# KB at most: /' "$dir/peaks"
echo "# PostgreSQL, KB at most: $(sort -n "$dir/store.kb" | tail -n 1) in $(wc -l <"$dir/store.kb") looks"
is "$(cut -d' ' -f2 "$dir/peaks" | sort -u | tr '\n' ' ')" "cage fetch imap-worker " "each kind of process is measured"
if [ "${ADRESAR_BIN#*asan}" = "$ADRESAR_BIN" ]; then
    is "$(awk '$1 > 32 * 1024' "$dir/peaks")" "" "each takes less than 32 MB"
else
    skip "the sanitizers take memory of their own"
fi
is "$(awk '$1 > 64 * 1024' "$dir/store.kb")" "" "and PostgreSQL less than 64 MB for them"

# ---- as they are

is "$(sql "select split_part(rfc_message_id, '@', 1), direction, class, state from message where size > 50e6 order by 1" |
    tr '\n' ' ')" \
    "<attached|in|human|decide <enclosed|in|human|decide <known|in|human|decide <plain|in|human|decide <sent|out|own|sent " \
    "each is judged"
is "$(sql "select reply_text from message where rfc_message_id = '<attached@test.example>'")" "I will attend with pleasure." \
    "by what it says"
sum_of() { # ID: of the pieces put together again
    sql "select coalesce(c.line, 0), encode(coalesce(a.bytes, c.bytes), 'hex')
           from message m join message_chunk c on c.message_id = m.id left join attachment a on a.id = c.attachment_id
          where rfc_message_id = '<$1@test.example>' order by n" |
        /usr/bin/python3 -c 'import base64, hashlib, sys
h = hashlib.sha256()
for row in sys.stdin:
    line, piece = row.strip().split("|")
    line, piece = int(line), bytes.fromhex(piece)
    if line:
        text = base64.b64encode(piece)
        end = b"\r\n" if line > 0 else b"\n"
        piece = b"".join(text[i:i + abs(line)] + end for i in range(0, len(text), abs(line)))
    h.update(piece)
print(h.hexdigest())'
}
for i in attached plain enclosed known sent; do
    is "$(sum_of $i)" "$(sha256sum <"$dir/$i.eml" | cut -d' ' -f1)" "$i: the store has it byte for byte"
done
is "$(sql "select max(length(bytes)) <= 262144 from message_chunk")|$(sql "select max(size) <= 1048576 from attachment")" "t|t" \
    "in pieces"
like "$(sql "select why from message_place where message_id is null")" '^personal: [0-9a-f]{64}$' \
    "what is private is not kept"
exits 0 "again" adresar fetch --once
like "$out" "office: 0 messages met" "nothing is met twice"
put $mail_user Trash <"$dir/attached.eml"
sed -i 's/^sent = Sent/sent = Sent\nfolders = Trash/' "$dir/adresar.conf"
exits 0 "a copy" adresar fetch --once
like "$out" "1 message met, 0 new, 1 known" "is known"
done_testing
