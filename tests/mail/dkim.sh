#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Letters as they leave, and as they lie in a mailbox behind a real Postfix and Dovecot, are checked by verifiers that are
# not ours: dkimpy, OpenDKIM and, for RSA, Mail::DKIM (Debian 12's knows no Ed25519); what DNS would say they have from
# `adresar dkim dns`.
. tests/lib/tap.sh
. tests/lib/office.sh dkim $((ADRESAR_TEST_PORT + 66)) 2

# take_section: into the configuration, in place of the one that is there, goes what `dkim new` prints
take_section() {
    local printed
    printed=$(adresar dkim new "$@" | sed -n '/^\[dkim /,/^$/p')
    sed -i '/^\[dkim /,$d' "$dir/adresar.conf"
    printf '%s\n' "$printed" >>"$dir/adresar.conf"
    publish
}
# publish: into DNS goes what `dkim dns` prints
publish() {
    adresar --json dkim dns >"$dir/records"
    sed 's/.*"name":"\([^"]*\)","value":"\([^"]*\)".*/\1 \2/' "$dir/records" >"$dir/opendkim.keys"
    echo "TestPublicKeys $dir/opendkim.keys" >"$dir/opendkim.conf"
}
by_opendkim() {
    opendkim -x "$dir/opendkim.conf" -vv -t "$1" 2>/dev/null |
        sed -n 's/.*dkim=\([a-z]*\) .*header\.a=\([^ ]*\) header\.s=\([^ ]*\) .*/\3 \2 \1/p'
}
# verdicts MAIL: "SELECTOR ALGORITHM pass|fail" of each signature, as all find who can check it; else who says what
verdicts() {
    local python opendkim perl
    python=$(/usr/bin/python3 tests/lib/dkim_verify.py "$dir/records" "$1" 2>&1)
    opendkim=$(by_opendkim "$1")
    perl=$(perl tests/lib/dkim_verify.pl "$dir/records" "$1" 2>&1 | grep -v ' ed25519-sha256 invalid$')
    if [ "$python" = "$opendkim" ] && [ "$perl" = "$(grep ' rsa-' <<<"$python")" ]; then
        echo "$python"
    else
        printf '%s says\n%s\n' dkimpy "$python" OpenDKIM "$opendkim" Mail::DKIM "$perl"
    fi
}
# letter WHO: what the sink got, without what it wrote above it, in $mail
letter() {
    mail=$dir/$1.eml
    awk '!begun && /^(X-|Received:|[ \t])/ { next } { begun = 1; print }' \
        "$(grep -l "^X-Rcpt-Args: <$1@" "$dir"/sink/m.* | head -n 1)" >"$mail"
}
# kept WHO: the bytes of the letter that the store has
kept() {
    as one contact file "$1@sink.example" -o "$dir/$1.zip" >/dev/null
    unzip -p "$dir/$1.zip" "messages/$(sql "select message_id from outbox where mailing_id = $id and email = '$1@sink.example'").eml"
}
both() { printf '%s rsa-sha256 pass\n%s ed25519-sha256 pass' "$1r" "$1e"; }

cat >"$dir/template/notice.sr-Cyrl.md" <<'TEXT'
---
lang: sr-Cyrl
subject: Обавештење о раду општинске управе у време празника, са распоредом дежурства свих служби
---

{{salutation}},

ово је цело обавештење,  с размацима и знацима = ? . до свог END.

    увучено
TEXT
as one contact add --kind person --name "Драган Стојковић" --email p3@sink.example --language sr-Cyrl \
    --salutation "Поштовани господине" --department office >/dev/null
echo p3@sink.example >>"$dir/list"
month=$(date -u +%Y%m)

# ---- without keys
sink
new_mailing
exits 0 "without [dkim]" adresar deliver --once
letter p1
is "$(grep -ci '^DKIM-Signature' "$mail")" 0 "nothing is signed"
like "$(as one --json mailing preview "$id")" '"dkim":null' "as the preview says"

# ---- signed
take_section
new_mailing
like "$(as one --json mailing preview "$id" 2>&1)" '"dkim":"office.example"' "the preview says who signs"
exits 0 "with keys" adresar deliver --once
for who in p1 p3; do
    letter $who
    is "$(verdicts "$mail")" "$(both "a$month")" "$who: all verifiers find both signatures good"
    is "$(sed -n '/^DKIM-Signature/,/^From:/p' "$mail" | awk 'length > 79' | wc -l)" 0 "$who: folded"
    is "$(tr -d '\r' <"$mail")" "$(kept $who | tr -d '\r')" "$who: what is kept is what went out"
done
first=$mail
changed() { # NAME SED
    sed "$2" "$first" >"$dir/changed.eml"
    [ "$(cat "$first")" != "$(cat "$dir/changed.eml")" ] && [ "$(verdicts "$dir/changed.eml" | grep -c ' fail$')" = 2 ]
    ok $? "$1 is found out" "$(verdicts "$dir/changed.eml")"
}
changed "another subject" 's/^Subject: /&x/'
changed "a second subject" 's/^Subject: /Subject: Pay here\r\n&/'
changed "a second sender" 's/^From: /From: Mayor <mayor@office.example>\r\n&/'
changed "a Cc that was not there" 's/^Subject: /Cc: x@y.example\r\n&/'
changed "a Reply-To that was not there" 's/^Subject: /Reply-To: x@y.example\r\n&/'
changed "another type" 's/^Content-Type: multipart/&x/'
changed "a word more" '$s/$/ more/'

# ---- put off, and sent again
sink -r .
new_mailing
adresar deliver --once >/dev/null
letter p3
cp "$mail" "$dir/first.eml"
sleep 1.1
rm -f "$dir"/sink/m.*
sink
as two mailing retry "$id" >/dev/null
exits 0 "put off, and sent again" adresar deliver --once
letter p3
is "$(md5sum <"$mail")" "$(md5sum <"$dir/first.eml")" "it is the same, with its signatures"
is "$(verdicts "$mail")" "$(both "a$month")" "which are good"

# ---- new keys for old
take_section
new_mailing
adresar deliver --once >/dev/null
letter p1
is "$(verdicts "$mail")" "$(both "b$month")" "new keys sign"
is "$(verdicts "$first")" "$(both "a$month")" "what the old ones signed is good still"
sed -i "s/^sign = .*/sign = b${month}e/; s/^idle = .*/idle =/" "$dir/adresar.conf"
publish
is "$(verdicts "$first" | grep -c pass)" 0 "until they leave DNS"
new_mailing
adresar deliver --once >/dev/null
letter p1
is "$(verdicts "$mail")" "b${month}e ed25519-sha256 pass" "one key signs alone"

# ---- the sender's domain
sed -i 's/^from_address = .*/from_address = news@letters.office.example/' "$dir/adresar.conf"
new_mailing
exits 0 "from a domain below" adresar deliver --once
letter p1
is "$(verdicts "$mail")" "b${month}e ed25519-sha256 pass" "the domain above signs"
like "$(cat "$mail")" ' d=office.example; ' "in its own name"
sed -i 's/^from_address = .*/from_address = news@badoffice.example/' "$dir/adresar.conf"
new_mailing
exits 0 "from another domain" as one mailing preview "$id"
like "$out" 'no DKIM signature: no \[dkim\] signs for news@badoffice.example' "the preview warns"
exits 0 "it goes out nevertheless" adresar deliver --once
like "$out" 'without a DKIM signature' "which is logged"
letter p1
is "$(grep -ci '^DKIM-Signature' "$mail")" 0 "without a signature"
sed -i "s/^from_address = .*/from_address = office@office.example/; " "$dir/adresar.conf"
new_mailing
sed -i "s/^sign = .*/sign = lost/" "$dir/adresar.conf"
exits 78 "with a key that is missing none is prepared" as one mailing new --kind notice --template "$dir/template" --to "$dir/list" --from sink
exits 78 "a key that is missing" adresar deliver --once
is "$(states "$id" | grep -c queued)" 3 "holds everything up, and nothing goes out unsigned"

# ---- through real servers
if [ -z "$SUBMISSION_PORT" ]; then
    skip "Postfix needs root"
    done_testing
fi
real_smtp 'sr-Cyrl: Општина Клокот | Komuna e Kllokotit'
adresar dkim new --domain klokot.example | sed -n '/^\[dkim /,/^$/p' >>"$dir/adresar.conf"
publish
for language in en sr-Cyrl; do
    as one contact add --kind person --name "Драган Стојковић" --email "dkim-${language,,}@all.example" --language $language \
        --salutation "Dear Sir" --department office >/dev/null
    echo "dkim-${language,,}@all.example"
done >"$dir/list"
new_mailing
exits 0 "through Postfix" adresar deliver --once
is "$(states "$id" | grep -c accepted)" 2 "both are accepted"
for who in $(cut -d@ -f1 "$dir/list"); do
    for _ in $(seq 100); do
        mail=$(find "$SERVERS_DIR/dovecot/mail/$who@all.example/Maildir" -path '*/new/*' -type f 2>/dev/null | head -n 1)
        [ -z "$mail" ] || break
        sleep 0.1
    done
    cp "$mail" "$dir/$who.eml" # OpenDKIM takes the commas in Dovecot's names for the ends of them
    is "$(verdicts "$dir/$who.eml")" "$(both "a$month")" "$who: both signatures are good in the mailbox"
done
done_testing
