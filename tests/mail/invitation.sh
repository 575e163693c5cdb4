#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# An invitation as it leaves: the recipient's language and script, the calendar part, headers that a mail client and a
# server can live with; what is missing is an error when the mailing is prepared.
. tests/lib/tap.sh
. tests/lib/office.sh invite $((ADRESAR_TEST_PORT + 62)) 1
sink

cat >>"$dir/adresar.conf" <<'CONF'
[smtp other]
host = 127.0.0.1
from_name = sr-Cyrl: Општина Клокот | Komuna e Kllokotit
from_address = kabinet@office.example
CONF
sed -i "s/^\[smtp other\]/&\nport = $port\ntls = none/; s/^name = Office/&\nmayor = sr-Cyrl: Радивоје Симијоновић | Radivoje Simijonović\nphone = +383 49 000 711\nlanguage = sq/" "$dir/adresar.conf"
mkdir "$dir/invitation"
text() { # LANG SUBJECT
    printf -- '---\nlang: %s\nsubject: "%s, {{event.date}}"\n---\n\n{{salutation}},\n\n**{{event.name}}**, {{event.place}}, {{event.time}}, {{reply_by}}. {{organisation}}\n\n{{mayor.name}}\n' "$1" "$2" >"$dir/invitation/invitation.$1.md"
}
text sr-Cyrl "Позив на Конференцију донатора, која ће се одржати у општини Клокот са почетком у десет часова"
text sr-Latn "Poziv na Konferenciju"
text pl "Zaproszenie"
text de "Einladung"
echo '{{post.name}} {{closing}} {{#envelope}}{{.}}; {{/envelope}}' >>"$dir/invitation/invitation.de.md"
event=$(as one --json event add --start "2027-03-18 10:00" --end "2027-03-18 14:00" --reply-by 2027-01-15 \
    --department office --name-sr-Cyrl "Конференција донатора" --name-pl "Konferencja Darczyńców" \
    --place-sr-Cyrl "Дом културе" --place-pl "Centrum Kultury" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
add() { as one contact add --department office "$@" >/dev/null; }
add --kind organisation --name "Завичајни клуб „Врбовац“ Штутгарт" --email cyr@sink.example --language sr-Cyrl --salutation "Поштована госпођо"
add --kind person --name "Драган Стојковић" --organisation "Клуб „Клокот“ Беч" --email lat@sink.example --language sr --salutation "Poštovani gospodine Stojkoviću"
add --kind person --name "Andrzej Gołąbek" --organisation "Gmina *Piekoszów* <b>" --email pl@sink.example --language pl --salutation "Szanowny Panie Wójcie"
as one contact edit pl@sink.example --street "1 Main Street" --postcode "IL 60601" --city Chicago --country US >/dev/null
as one contact edit cyr@sink.example --street "Königstraße 1" --postcode 70173 --city Stuttgart --country DE >/dev/null
printf 'cyr@sink.example\nlat@sink.example\npl@sink.example\n' >"$dir/invited"

id=$(as one --json mailing new --event "$event" --template "$dir/invitation" --to "$dir/invited" --from other |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
exits 0 "released" as two mailing release "$id"
exits 0 "delivered" adresar deliver --once --account other

# letter ADDRESS: the mail as the sink got it, in $mail
letter() {
    local f
    f=$(grep -l "^X-Rcpt-Args: <$1@" "$dir"/sink/m.*)
    mail=$dir/$1.eml
    sed -e '1,/^Received:/{/^X-/d}' "$f" >"$mail"
    whole=$("$ADRESAR_BIN" --json message "$mail")
}
letter cyr
like "$whole" '\["Subject","Позив на Конференцију донатора, која ће се одржати у општини Клокот са почетком у десет часова, четвртак, 18\. март 2027' "a long Cyrillic subject arrives whole"
like "$whole" '"from":\[\["Општина Клокот","kabinet@office.example"\]\]' "the sender's name is in the recipient's script"
like "$whole" '"type":"text/calendar"' "there is a calendar part"
like "$whole" 'METHOD:REQUEST' "that asks"
like "$whole" '10\.00–14\.00, ' "the hours are the office's"
like "$whole" 'Радивоје Симијоновић' "the mayor's name is in Cyrillic"
like "$(cat "$mail")" 'boundary=' "it is a multipart"
is "$(awk 'length > 999' "$mail" | wc -l)" 0 "no line is longer than RFC 5322 allows"
is "$(LC_ALL=C grep -c '[^ -~	]' "$mail" | tr -d '\r')" "$(LC_ALL=C grep -c $'\r' "$mail")" "all of it is ASCII on the wire"
like "$(cat "$mail")" 'Message-ID: <o[0-9]+\.1\.[a-z0-9]+\.[a-z2-7]+@office.example>' "the Message-ID is keyed and ours"
like "$(sql "select envelope_from from outbox where email like 'cyr@%'")" '^kabinet\+b\.[0-9]+\.[a-z0-9]+\.[a-z2-7]+@office.example$' "so is the envelope sender"
letter lat
like "$whole" 'Klub „Klokot“ Beč' "a Cyrillic name stands in Latin where the letter does"
like "$whole" 'Radivoje Simijonović' "and the mayor's"
letter pl
like "$whole" 'Gmina( |\\n)\*Piekoszów\* <b>' "a value never becomes Markdown or HTML in the text"
like "$whole" 'Gmina \*Piekoszów\* &lt;b&gt;' "nor in the HTML"
like "$whole" 'czwartek, 18 marca 2027' "the date is Polish"
like "$whole" '10\.00–14\.00 \(czas środkowoeuropejski standardowy, GMT\+1\)' "where the clocks are others the zone stands with the hour"

add --kind person --name "Ylber Shaqiri" --email sq@sink.example --language sq --salutation "I nderuar z. Shaqiri"
add --kind person --name "Ohne Amt" --email none@sink.example --language de
add --kind person --name "mag. Vjosa Zeqiri" --organisation "Ministria" --position "Ministre" --email de@sink.example --language de
exits 65 "who has no text and who lacks a value is refused" as one mailing new --event "$event" \
    --template "$dir/invitation" --to <(printf '# guests\n\nsq@sink.example\nnone@sink.example\n') --from other
like "$out" ':3: the template has no text in sq, ' "the missing language with its line"
like "$out" ':4: .*post' "the missing value with its line"
is "$(sql "select count(*) from mailing where id > $id")" 0 "nothing was written"
exits 0 "with a fall-back it goes" as one mailing new --event "$event" --template "$dir/invitation" \
    --to <(echo sq@sink.example) --from other --fallback pl
id=$(as one --json mailing new --event "$event" --template "$dir/invitation" --to <(echo de@sink.example) --from other |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
letter=$(as one mailing preview "$id" | tr '\n' ' ')
like "$letter" 'Sehr geehrte Frau Ministerin,' "who has no salutation has the grammar's"
like "$letter" 'Ministerin Mit freundlichen Grüßen Frau Mag\. Vjosa Zeqiri; Ministerin; Ministria;' "so have post, closing and envelope"
exits 78 "an account that is not there" as one mailing new --event "$event" --template "$dir/invitation" --to "$dir/invited" --from nobody
done_testing
