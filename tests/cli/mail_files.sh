#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# classify and message: verdicts and parts of mail in files, without a database; names of attachments are harmless.
. tests/lib/tap.sh
replies=demo/data/donors-conference/replies
scratch=$(mktemp -d "${ADRESAR_TEST_DIR:-/tmp}/mail.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

exits 0 "a folder" "$ADRESAR_BIN" classify --json $replies
is "$(wc -l <<< "$out")" 19 "a line a mail"
exits 0 "one bounce" "$ADRESAR_BIN" classify --json $replies/15-bounce-exchange-online-5.1.10.eml
like "$out" '"class":"bounce","rule":"dsn-failed"' "its class and the rule"
like "$out" '"hard":true,"address":"caroline.mayhew@usaid.example","action":"failed","status":"5.1.10"' "its recipient"
exits 0 "for people" "$ADRESAR_BIN" classify $replies/14-bounce-postfix-delayed-mailbox-full-4.2.2.eml
like "$out" 'delivery is delayed \(dsn-delayed\)' "it says what it is"
: > "$scratch/empty.eml"
exits 1 "an empty file among others" "$ADRESAR_BIN" classify --json "$scratch/empty.eml" $replies/19-unrelated-sr.eml
like "$out" '^\{"file":"[^"]*empty.eml","error":"the mail is empty"\}' "is named with the reason"
like "$out" '"class":"human"' "and does not stop the run"
exits 1 "a file that is not there" "$ADRESAR_BIN" classify "$scratch/none.eml"
exits 64 "no file" "$ADRESAR_BIN" classify

attachment() {
    printf -- '--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%s\r\n\r\n%s\r\n' "$1" "$2"
}
{
    printf 'From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
    attachment '"../../../../tmp/evil"' one
    attachment '"C:\\\\x\\\\.profile"' two
    attachment "same.txt" three
    attachment "same.txt" four
    attachment "utf-8''a%E2%80%AEfdp.exe" five | sed 's/filename=/filename*=/'
    attachment '""' six
    printf -- '--b--\r\n'
} > "$scratch/names.eml"
exits 0 "attachments with hostile names" "$ADRESAR_BIN" message --json --extract "$scratch/out" "$scratch/names.eml"
is "$(cd "$scratch/out" && for f in *; do printf '%s=%s ' "$f" "$(cat "$f")"; done)" \
    "a_fdp.exe=five evil=one part-1.6.bin=six profile=two same-2.txt=four same.txt=three " \
    "lie in the folder under harmless names"
is "$(grep -o '"sha256":"[0-9a-f]*"' <<< "$out" | head -1)" "\"sha256\":\"$(printf one | sha256sum | cut -d' ' -f1)\"" \
    "the sums are of the decoded bytes"
like "$out" '"extracted":"[^"]*/out/same-2.txt"' "and the places are told"
exits 0 "extracted once more" "$ADRESAR_BIN" message --extract "$scratch/out" "$scratch/names.eml"
is "$(cat "$scratch/out/evil")$(cat "$scratch/out/evil-2")" "oneone" "nothing is overwritten"
exits 0 "a mail for people" "$ADRESAR_BIN" message $replies/03-accept-scanned-pdf-outlook-sr.eml
like "$out" 'From      Kabinet ministra – MZP <kabinet.mzp@rks-gov.example>' "its sender"
like "$out" '1.2  application/pdf "Scan_20261112_0931.pdf" 6034' "its attachment"
exits 1 "a mail that is none" "$ADRESAR_BIN" message "$scratch/empty.eml"
exits 1 "a file whose name is no UTF-8" "$ADRESAR_BIN" --json classify "$ADRESAR_TEST_DIR/"$'\xff.eml'
like "$out" '/\?.eml","error"' "which is named nevertheless"
done_testing
