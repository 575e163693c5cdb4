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
like "$out" '"hard":true,"rule":"not-found","address":"caroline.mayhew@usaid.example","action":"failed","status":"5.1.10"' "its recipient"
exits 0 "for people" "$ADRESAR_BIN" classify $replies/14-bounce-postfix-delayed-mailbox-full-4.2.2.eml
like "$out" 'delivery is delayed \(dsn-delayed\)' "it says what it is"
: > "$scratch/empty.eml"
exits 1 "an empty file among others" "$ADRESAR_BIN" classify --json "$scratch/empty.eml" $replies/19-unrelated-sr.eml
like "$out" '^\{"file":"[^"]*empty.eml","error":"the mail is empty"\}' "is named with the reason"
like "$out" '"class":"human"' "and does not stop the run"
exits 1 "a file that is not there" "$ADRESAR_BIN" classify "$scratch/none.eml"
exits 0 "a pipe that one names" "$ADRESAR_BIN" classify <(cat $replies/19-unrelated-sr.eml)
exits 64 "no file" "$ADRESAR_BIN" classify
exits 0 "the rules" "$ADRESAR_BIN" classify --rules
like "$out" 'rfc3834-auto-submitted +auto-reply +RFC 3834 5' "with class and clause"
is "$("$ADRESAR_BIN" --json classify --rules | wc -l)" "$(grep -c '^RULE' mail/rule.def)" "are all of the table"

# many, in several folders, some that cannot be read
mkdir "$scratch/lots" "$scratch/more"
for i in {1000..1299}; do printf 'From: a%s@b.example\r\n\r\nx\r\n' "$i" > "$scratch/lots/$i.eml"; done
printf 'From: z@b.example\r\n\r\nx\r\n' > "$scratch/more/z.eml"
: > "$scratch/lots/1100.eml"
rm "$scratch/lots/1200.eml"
ln -s nowhere "$scratch/lots/1200.eml"
mkfifo "$scratch/lots/1250.eml.x" && mv -f "$scratch/lots/1250.eml.x" "$scratch/lots/1250.eml"
rm "$scratch/lots/1260.eml" && mkdir "$scratch/lots/1260.eml"
exits 1 "many files" "$ADRESAR_BIN" classify --json "$scratch/lots" "$scratch/more" "$scratch/lots/1000.eml"
is "$(wc -l <<< "$out")" 302 "a line each"
is "$(grep -c '"error":' <<< "$out")" 4 "those that cannot be read are named"
is "$(grep -o '[0-9z]*\.eml"' <<< "$out" | head -301 | sort -c 2>&1)" "" "in the order of their names"
is "$(sed -n 300,302p <<< "$out" | grep -o '"from":"[a-z0-9]*' | tr '\n' ' ')" '"from":"a1299 "from":"z "from":"a1000 ' \
    "each line is of its file"
mkdir -p "$scratch/Maildir/cur" "$scratch/Maildir/new" "$scratch/nothing"
printf 'From: m@b.example\r\n\r\nx\r\n' > "$scratch/Maildir/cur/1790000060.M1P1.mail,S=28,W=28:2,S"
exits 0 "a folder of a Maildir" "$ADRESAR_BIN" classify --json "$scratch/Maildir/cur/"
like "$out" '"from":"m@b.example"' "has mail under any name"
mkdir "$scratch/capitals"
printf 'From: c@b.example\r\n\r\nx\r\n' > "$scratch/capitals/LETTER.EML"
exits 0 "a name in capitals" "$ADRESAR_BIN" classify --json "$scratch/capitals"
like "$out" '"from":"c@b.example"' "is a mail's, too"
exits 1 "a folder without mail" "$ADRESAR_BIN" classify --json "$scratch/nothing"
like "$out" 'nothing: there is no .eml file in it' "says so"

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
is "$(grep -c dangerous <<< "$out")" 0 "which nothing speaks against"

# what may do harm, what is encrypted, what a text holds
{
    printf 'From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'
    printf -- '--b\r\n\r\nSee\r\nbegin 644 ../uu.txt\r\n#86)C\r\n`\r\nend\r\n'
    attachment "Invoice.pdf.exe" MZ
    printf -- '--b\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nx\r\n--b--\r\n'
} > "$scratch/harm.eml"
exits 0 "files that may do harm" "$ADRESAR_BIN" message --extract "$scratch/harm" "$scratch/harm.eml"
like "$out" '"Invoice.pdf.exe" 2 \(dangerous: a program\)' "are marked"
like "$out" '"smime.p7m" 1 \[smime-encrypted\]' "what is encrypted is named"
like "$out" '1.1.1  application/octet-stream "../uu.txt" 3' "what stands in a text is named"
is "$(cat "$scratch/harm/uu.txt")" abc "and extracted"
is "$(find "$scratch/harm" -type f -perm /111 | wc -l)" 0 "nothing that is extracted can be run"

# a folder
mkdir "$scratch/many" "$scratch/many/folder.eml"
for n in {1..10000}; do
    printf 'From: a%d@b.example\r\nSubject: %d\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n' "$n" "$n" > "$scratch/many/$n.eml"
done
: > "$scratch/many/5000.eml"
ln -s nowhere "$scratch/many/lost.eml"
mkfifo "$scratch/many/pipe.eml"
head -c 60000000 /dev/zero > "$scratch/many/large.eml"
for command in classify message; do
    exits 1 "$command: a folder of 10,000" "$ADRESAR_BIN" "$command" --json "$scratch/many"
    is "$(grep -c '"error"' <<< "$out") $(grep -vc '"error"' <<< "$out")" "5 9999" "the five that cannot be read are named, the rest is done"
    is "$(grep '"error"' <<< "$out" | sed 's,.*/\([a-z0-9]*\.eml\)".*,\1,' | tr '\n' ' ')" \
        "5000.eml folder.eml large.eml lost.eml pipe.eml " "in the order of their names"
done
exits 1 "a folder that is not there, among others" "$ADRESAR_BIN" message --json "$scratch/nothing" "$scratch/harm.eml"
is "$(wc -l <<< "$out")" 2 "stops nothing"

exits 1 "a mail that is none" "$ADRESAR_BIN" message "$scratch/empty.eml"
exits 1 "a file whose name is no UTF-8" "$ADRESAR_BIN" --json classify "$ADRESAR_TEST_DIR/"$'\xff.eml'
like "$out" '/\?.eml","error"' "which is named nevertheless"
done_testing
