#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What goes with a letter: files of the template, pictures, a recipient's own file, two texts in one letter.  What cannot
# work is refused when the mailing is prepared, with recipient and place, and nothing is written.
. tests/lib/tap.sh
. tests/lib/office.sh attach $((ADRESAR_TEST_PORT + 66)) 1
sink
echo 'max_message_mb = 10' >>"$dir/adresar.conf"

add() { as one contact add --department office --kind person "$@" >/dev/null; }
add --name "Arbër Gashi" --email sq@sink.example --language sq --salutation "I nderuar z. Gashi"
add --name "Драган Стојковић" --email sr@sink.example --language sr-Cyrl --salutation "Поштовани господине Стојковићу"
add --name "Jan Kowalski" --email pl@sink.example --language pl --salutation "Szanowny Panie"
id_of() { sql "select contact_id from address where email = '$1@sink.example'"; }

t=$dir/letter
mkdir -p "$t/i" "$dir/own"
picture() { printf '\x89PNG\r\n\x1a\n%s' "$1"; }
picture logo >"$t/i/logo.png"
printf '%%PDF-1.7 the programme' >"$t/programme.pdf"
printf '%%PDF-1.7 programi' >"$t/programme.sq.pdf"
head -c 30000 /dev/zero | tr '\0' 'x' | cat <(printf '%%PDF-1.7 ') - >"$t/Harta e qytetit të Kllokotit.pdf"
text() { # LANG SUBJECT BODY [LINE OF THE HEAD]
    printf -- '---\nlang: %s\nsubject: "%s"\n%s\n---\n\n{{salutation}},\n\n%s\n' "$1" "$2" "${4:-}" "$3" >"$t/letter.$1.md"
}
files="attach: [programme.pdf, Harta e qytetit të Kllokotit.pdf]"
text sq "Ftesë" "një tekst në shqip, ![Stema](i/logo.png)" "$files"
text sr-Cyrl "Позив" "текст на српском, ![Грб](i/logo.png)" "$files"
text en "Invitation" "a text in English" "attach: programme.pdf"

new() { as one --json mailing new --kind notice --name Letter --template "$t" --from sink "$@"; }
number() { sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
list() { printf '%s\n' "$@" >"$dir/list"; }
send() { # ID: released, sent; letter NAME then has $whole and $mail
    rm -f "$dir"/sink/*
    as two mailing release "$1" >/dev/null && adresar deliver --once --account sink >/dev/null
}
letter() {
    mail=$dir/$1.eml
    sed -e '1,/^Received:/{/^X-/d}' "$(grep -l "^X-Rcpt-Args: <$1@" "$dir"/sink/m.*)" >"$mail"
    whole=$("$ADRESAR_BIN" --json message "$mail")
}
sum() { sha256sum "$1" | cut -d' ' -f1; }

# ---- files of the template
list sq@sink.example sr@sink.example
id=$(new --to "$dir/list" | number)
is "$(sql "select count(*) from attachment")" 4 "each file is kept once: two programmes, the map, the picture"
like "$(as two mailing preview "$id" --language sq)" 'attached: programme.sq.pdf, 17 bytes' "the preview names the files"
exits 0 "sent" send "$id"
letter sq
like "$whole" '"type":"multipart/mixed".*"type":"multipart/alternative".*"type":"text/plain".*"type":"multipart/related".*"type":"text/html".*"type":"image/png".*"filename":"programme.sq.pdf".*"filename":"Harta e qytetit të Kllokotit.pdf"' "text, picture, files stand in their places"
like "$whole" "$(sum "$t/programme.sq.pdf")" "the file in the letter's language went"
like "$whole" "$(sum "$t/Harta e qytetit të Kllokotit.pdf")" "the map arrives whole"
cid=$(sed -n 's/^Content-ID: <\(.*\)>/\1/p' "$mail")
like "$(tr -d '\n' <"$mail")" "cid:$cid" "the HTML shows the picture by its id"
is "$(awk 'length > 78' "$mail" | wc -l)" 0 "no line is longer than 78"
letter sr
like "$whole" "$(sum "$t/programme.pdf")" "without one in the language it is the one for all"

exits 0 "all about one" as one --json contact file sq@sink.example -o "$dir/sq.zip"
like "$out" '"messages":1,"documents":3,"meetings":0' "has the files of the letter as documents"
documents=documents/$(sql "select max(message_id) from outbox where email = 'sq@sink.example'")
is "$(unzip -p "$dir/sq.zip" "$documents/programme.sq.pdf" | sha256sum | cut -d' ' -f1)" "$(sum "$t/programme.sq.pdf")" "as they went out"
is "$(unzip -p "$dir/sq.zip" "$documents/Harta*" | wc -c)" "$(wc -c <"$t/Harta e qytetit të Kllokotit.pdf")" "under their names"

# ---- what is kept of a letter
cat <(printf '%%PDF-1.7 ') <(head -c 400000 /dev/urandom) >"$t/programme.pdf"
id=$(new --to "$dir/list" | number)
exits 0 "large files" send "$id"
letter sr
like "$whole" "$(sum "$t/programme.pdf")" "arrive whole"
kept=$(sql "select sum(length(c.bytes)) from message_chunk c join outbox o using (message_id) where o.mailing_id = $id")
[ "$kept" -lt 20000 ]
ok $? "are not kept again with each letter" "$kept bytes"
is "$(sql "select count(*) from outbox where mailing_id = $id and content_sha256 is not null")" 2 "both are kept"

# ---- two texts in one letter
list sq@sink.example sr@sink.example pl@sink.example
id=$(new --to "$dir/list" --bilingual sr,sq | number)
exits 0 "bilingual letters" send "$id"
letter sq
like "$whole" '"Subject","Ftesë / Позив"' "the recipient's language is first in the subject"
like "$(cat "$mail")" 'Content-Language: sq, sr-Cyrl' "and in Content-Language"
like "$whole" 'Teksti në serbisht gjendet më poshtë.*I nderuar z. Gashi,.*një tekst në shqip.*\* \* \*.*Поштовани господине Gashi,.*текст на српском' "the plain text"
like "$whole" '<html lang=\\"sq\\".*<div lang=\\"sr-Cyrl\\">' "the HTML says which language stands where"
is "$(grep -c '^Content-ID' "$mail")" 1 "the picture of both is there once"
is "$(grep -c 'filename="programme' "$mail")" 2 "the files of both are there"
letter sr
like "$whole" '"Subject","Позив / Ftesë"' "for the other one it is the other way round"
letter pl
like "$whole" '"Subject","Позив / Ftesë"' "who has neither has the order of the mailing"
like "$(as one mailing new --kind notice --template "$t" --from sink --to "$dir/list" --bilingual sr,sq)" '1 letter is in a language that its recipient does not have' "which is said"
exits 64 "one language is not two" new --to "$dir/list" --bilingual sq
exits 65 "a language without a text" new --to "$dir/list" --bilingual sq,de
like "$out" 'no text in de' "is named"
like "$(sql_as one "update mailing set bilingual = false where id = $id")" 'is released' "released: it does not change"
list sq@sink.example pl@sink.example
id=$(new --to "$dir/list" --bilingual sr,sq --fallback en | number)
exits 0 "two texts, and a fall-back" send "$id"
letter sq
like "$whole" '"Subject","Ftesë / Позив"' "is not for those who have one of the two"
is "$(grep -c 'filename="programme' "$mail")" 2 "whose letters have the files of their two texts"
letter pl
like "$whole" '"Subject","Invitation / Позив"' "it is first for those who have neither, with the mailing's first below"
like "$(cat "$mail")" 'Content-Language: en, sr-Cyrl' "and Content-Language says so"
is "$(grep -c 'filename="programme.pdf"' "$mail") $(grep -c 'programme.sq.pdf' "$mail")" "1 0" "and has the files of these"
like "$(as one mailing preview "$id" --language en)" 'Invitation / Позив' "the preview has it"
id=$(new --to "$dir/list" --bilingual sr,sq --fallback sq | number)
like "$(as one mailing preview "$id")" 'Ftesë / Позив' "one of the two as the fall-back is first then"
is "$(sql "select string_agg(language, ' ') from outbox where mailing_id = $id")" "sq sq" "for those who have neither"
exits 65 "a fall-back without a text" new --to "$dir/list" --bilingual sq,sr --fallback de
like "$out" 'no text in de, the fallback' "is named"

# ---- a file for each
list sq@sink.example sr@sink.example
for who in sq sr; do printf '%%PDF-1.7 for %s' "$who" >"$dir/own/$(id_of $who).pdf"; done
id=$(new --to "$dir/list" --attach-from "$dir/own" --attach-name '{{contact.id}}.pdf' | number)
exits 0 "with a file for each" send "$id"
letter sq
like "$whole" "\"filename\":\"$(id_of sq).pdf\",.*$(sum "$dir/own/$(id_of sq).pdf")" "each has their own"
is "$(grep -c "$(id_of sr).pdf" "$mail")" 0 "and not another's"
mv "$dir/own/$(id_of sr).pdf" "$dir/own/Уговор.pdf"
before=$(sql "select count(*) from mailing")
exits 65 "a missing file" new --to "$dir/list" --attach-from "$dir/own" --attach-name '{{contact.id}}.pdf'
like "$out" ":2: contact $(id_of sr), Драган Стојковић: there is no file $dir/own/$(id_of sr).pdf" "names line, recipient and place"
printf 'sq@sink.example\t%s.pdf\t# a comment\nsr@sink.example\tУговор.pdf\n' "$(id_of sq)" >"$dir/list"
id=$(new --to "$dir/list" --attach-from "$dir/own" | number)
exits 0 "the list says whose is which" send "$id"
letter sr
like "$whole" '"filename":"Уговор.pdf"' "in any script"
like "$(cat "$mail")" 'name="Ugovor.pdf"' "with a name for old programs"
list sq@sink.example
exits 65 "neither name nor column" new --to "$dir/list" --attach-from "$dir/own"
like "$out" ':1: contact .*the list names no file' "is said"
exits 65 "a name that leads out" new --to "$dir/list" --attach-from "$dir/own" --attach-name '../{{contact.id}}.pdf'
exits 64 "a name without a folder" new --to "$dir/list" --attach-name x.pdf

# ---- the letter itself, as on paper
list sq@sink.example sr@sink.example
id=$(new --to "$dir/list" --attach-letter --bilingual sq,sr | number)
exits 0 "with the letter as PDF" send "$id"
letter sq
like "$whole" '"filename":"Letër.pdf"' "named in the recipient's language"
"$ADRESAR_BIN" message "$mail" --extract "$dir/out" >/dev/null
like "$(pdftotext -layout "$dir/out"/*Let*.pdf - | tr '\n' ' ')" 'Arbër Gashi.*Ftesë / Позив.*gjendet më poshtë.*I nderuar z\. Gashi,.*një tekst në shqip.*текст на српском' "it is the recipient's letter, in both languages"
letter sr
like "$whole" '"filename":"Писмо.pdf"' "each has their own"
add --name $'Ime \U0010fffd' --email bad@sink.example --language en
list bad@sink.example
exits 65 "a letter that cannot be printed" new --to "$dir/list" --attach-letter
like "$out" "contact $(id_of bad), Ime " "names the recipient"

# ---- a post whose holder changes: nobody gets a file that was another's
add --name "Arben Hoti" --email old@sink.example --language en --salutation "Dear Mr Hoti" --organisation "Ministry of Waters" --position Minister
add --name "Besa Kelmendi" --email new@sink.example --language en --salutation "Dear Ms Kelmendi"
minister=$(sql "select id from post where name = 'Minister'")
printf '%%PDF-1.7 for Hoti' >"$dir/own/$(id_of old).pdf"
list "post:$minister" sq@sink.example
from_folder=$(new --to "$dir/list" --attach-from "$dir/own" --attach-name '{{contact.id}}.pdf' | number)
as_letter=$(new --to "$dir/list" --attach-letter | number)
released=$(new --to "$dir/list" --attach-letter | number)
as two mailing release "$released" >/dev/null
exits 0 "a post changes" as one post start "$minister" "$(id_of new)"
held() { sql "select state || ' ' || coalesce(reason, '') || ' ' || email from outbox where mailing_id = $1 and to_post"; }
for id in "$from_folder" "$as_letter"; do
    like "$(as one --json mailing check "$id")" '"id":"post-held","severity":"warning"[^}]*"where":"","count":1,[^}]*"name":"Arben Hoti","detail":"Minister"' "the check says that the letter will be held"
    exits 0 "between preparing and release" send "$id"
    is "$(held "$id")" "held the letter has a file for whoever held the post before old@sink.example" "the letter is held, with the reason"
    is "$(sql "select state from outbox where mailing_id = $id and not to_post")" accepted "the others go"
    is "$(grep -l 'old@\|new@' "$dir"/sink/m.* | wc -l)" 0 "and neither holder gets it"
done
is "$(held "$released")" "held the post has another holder old@sink.example" "between release and sending it is held, too"
recipient=$(sql "select id from outbox where mailing_id = $as_letter and to_post")
exits 0 "a person decides" as one mailing settle "$recipient" --as excluded --why "a new letter goes to her"
adresar deliver --once --account sink >/dev/null
like "$(as one --json mailing status "$as_letter")" '"state":"finished".*"sum_ok":true' "and the mailing is done"

# ---- what cannot work
refused() { # WHAT REGEX
    exits 65 "$1" new --to "$dir/list"
    like "$out" "$2" "... says why"
}
before=$(sql "select count(*) from mailing")
text de "X" "x" "attach: [programme.pdf, plan.pdf]"
refused "a file that is not there" 'letter.de.md:4: there is no file plan.pdf in '
printf 'MZ program' >"$t/plan.pdf"
refused "a program under another name" 'letter.de.md:4: .*plan.pdf: the file is no pdf'
text de "X" "x" "attach: plan.exe"
cp "$t/plan.pdf" "$t/plan.exe"
refused "a program" 'plan.exe: attachments are pdf, png'
text de "X" "![x](i/drawing.svg)"
echo '<svg/>' >"$t/i/drawing.svg"
refused "a picture with scripts" 'drawing.svg: pictures are png'
text de "X" "![x](i/none.png)"
refused "a picture that is not there" 'letter.de.md: there is no file .*i/none.png'
text de "X" "x" "attach: big.pdf"
head -c 9000000 /dev/zero | cat <(printf '%%PDF-1.7 ') - >"$t/big.pdf"
refused "a letter too large" 'the letter in de has 11.[0-9] MB with its attachments, a message has at most 10.0 MB; the largest is .*big.pdf'
rm "$t/letter.de.md"
sql "update smtp_server set max_size = 20000" >/dev/null
refused "too large for the server" 'at most 0.0 MB'
sql "update smtp_server set max_size = null" >/dev/null
is "$(sql "select count(*) from mailing")" "$before" "nothing was written of all that"

# ---- addresses with letters beyond ASCII
add --name "Žana" --email "žana@sink.example" --language en
add --name "Büro" --email "buero@bücher.example" --language en
list žana@sink.example buero@bücher.example
is "$(sql "select smtputf8 from smtp_server")" f "the last session showed no SMTPUTF8"
exits 65 "an address that needs it" new --to "$dir/list"
like "$out" ':1: contact .*Žana: žana@sink.example needs SMTPUTF8, which the server .* did not offer' "is refused, with the reason"
is "$(grep -c ':2:' <<<"$out")" 0 "a domain does not need it"
sql "delete from smtp_server" >/dev/null
add --name "Two words" --email two@sink.example --language en
id_of two >"$dir/list"
sql "update address set email = '\"two<words\"@sink.example' where email = 'two@sink.example'" >/dev/null
exits 65 "an address that servers misread" new --to "$dir/list"
like "$out" 'has blanks or angle brackets' "is refused, too"
list žana@sink.example
exits 0 "of a server that nobody has seen it is not known" new --to "$dir/list"

# ---- erasure, and who sees the files
like "$(sql_as deliver "update attachment set bytes = ''")" 'permission denied' "nobody changes a file"
like "$(sql_as two "select mailing_attach($id, null, '{sq}', 'x.pdf', 'application/pdf', null, 'x')")" 'is released' "nor adds one to what is released"
sql "delete from mailing_attachment where outbox_id is not null and name <> '$(id_of sq).pdf'" >/dev/null
is "$(sql "select count(*) from attachment where bytes like '%for s%'")" 1 "a file that no letter has any more is gone"
PGUSER=adresar_owner adresar user add attach_head --role head --department office >/dev/null
demo/servers map "$ADRESAR_TEST_DIR/servers" attach_head >/dev/null
sql "update mailing set state = 'cancelled' where state = 'draft'; update outbox set state = 'cancelled' where state = 'held'" >/dev/null
sql "update mail_list set official = false where slug = 'notice'" >/dev/null # what is official stays
exits 0 "a contact is erased" as head contact erase "$(id_of sq)" --why asked
is "$(sql "select count(*) from attachment where bytes like '%for s%'")" 0 "and its file with it"

done_testing
