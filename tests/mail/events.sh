#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What becomes of an event after people were invited: it moves, letters that are not out yet stop, the update reaches
# whoever had the invitation, reminders and thanks go by answer, and it is cancelled.
. tests/lib/tap.sh
. tests/lib/office.sh events $((ADRESAR_TEST_PORT + 66)) 0
sink

sed -i "s/^name = Office/&\nlanguage = sq\nphone = +383 49 000 711\nperson = Drita Ademi\nmayor = sr-Cyrl: Радивоје Симијоновић | Radivoje Simijonović/
    s/^from_address = .*/&\norganizer_address = mayor@office.example\norganizer_name = sr-Cyrl: Градоначелник | Kryetari/" "$dir/adresar.conf"
letters=demo/data/letters
mkdir "$dir/invitation"
for language in sq sr-Cyrl sr-Latn en de pl; do
    printf -- '---\nlang: %s\nsubject: "I %s: {{event.date}}"\n---\n\n{{salutation}},\n\n**{{event.name}}**, {{event.place}}, {{event.time}}, {{reply_by}}.\n' \
        $language $language >"$dir/invitation/invitation.$language.md"
done
id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
field() { sed -n "s/.*\"$1\":\([0-9][0-9]*\|true\|false\|\"[^\"]*\"\).*/\1/p" <<<"$out" | tr -d '"'; }
add() { as one contact add --department office "$@" >/dev/null; }
add --kind person --name "Ylber Shaqiri" --email sq@sink.example --language sq
add --kind organisation --name "Завичајни клуб" --email cyr@sink.example --language sr-Cyrl
add --kind person --name "Dragan Stojković" --email lat@sink.example --language sr-Latn
add --kind person --name "John Doe" --email en@sink.example --language en
add --kind person --name "Jan Gołąbek" --email pl@sink.example --language pl
add --kind person --name "Eva Muster" --email de@sink.example --language de
add --kind person --name "Late One" --email late1@sink.example --language en
add --kind person --name "Late Two" --email late2@sink.example --language en
add --kind person --name "No Mail" --phone "+383 44 111 222" --language sq
event=$(as one --json event add --start "2027-03-18 10:00" --end "2027-03-18 14:00" --reply-by 2027-01-15 --department office \
    --name-sq "Konferenca e Donatorëve" --place-sq "Kllokot" --name-sr-Cyrl "Конференција донатора" --place-sr-Cyrl "Клокот" \
    --name-en "Donors' Conference" --place-en "Klokot" | id_of)
uid=$(as one --json event show "$event" | sed -n 's/.*"uid":"\([^"]*\)".*/\1/p')

# prepared ARGUMENTS...: a mailing by one, released by two; its number in $id
prepared() {
    out=$(as one --json mailing new --event "$event" --from sink "$@" 2>&1)
    id=$(id_of <<<"$out")
    [ -n "$id" ] || { echo "# $out"; return 1; }
    as two mailing release "$id" >/dev/null
}
send() { rm -f "$dir"/sink/m.*; adresar deliver --once --account sink >/dev/null 2>&1; }
to() { sql "select string_agg(split_part(email, '@', 1), ' ' order by email) from outbox where mailing_id = $1 and state = '$2'"; }
# calendar NAME: what Python's icalendar reads in the newest mail to them; the mail is $mail
calendar() {
    mail=$dir/$1.eml
    sed -e '1,/^Received:/{/^X-/d}' "$(grep -l "^X-Rcpt-Args: <$1@" "$dir"/sink/m.* | tail -n 1)" >"$mail"
    calendar=$(/usr/bin/python3 tests/lib/read_calendar.py "$mail" 2>&1)
    text=$("$ADRESAR_BIN" --json message "$mail")
}
# follows: In-Reply-To and References of $mail
follows() {
    /usr/bin/python3 -c 'import email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print(m["In-Reply-To"], "|", *(m["References"] or "").split())' "$mail"
}
sent_to() { sql "select rfc_message_id from outbox where mailing_id = $1 and email = '$2@sink.example'"; }
has() { grep -qxF -- "$1" <<<"$calendar"; ok $? "$2" "no \"$1\" in"$'\n'"$calendar"; }

# ---- the invitation

printf '%s@sink.example\n' sq cyr lat en pl de >"$dir/first"
prepared --template "$dir/invitation" --to "$dir/first" && first=$id
send
is "$(to "$first" accepted)" "cyr de en lat pl sq" "six are invited"
calendar cyr
is "$(follows)" "None |" "an invitation follows nothing"
has "method=REQUEST" "the calendar asks"
has "content-method=REQUEST" "and so says its part"
has "uid=$uid" "by the UID of the event"
has "sequence=0" "in its first version"
has "tzid=Europe/Belgrade" "in the office's zone"
has "dtstart=2027-03-18T10:00:00+01:00" "which in winter is an hour ahead"
has "dtend=2027-03-18T14:00:00+01:00" "until the end"
has "summary=Конференција донатора" "in the recipient's language"
has "summary-language=sr-Cyrl" "which it says"
like "$calendar" 'description=.*Конференција донатора.*10\.00–14\.00' "the letter describes it"
has "organizer=mailto:mayor@office.example" "in the name of the mailbox that answers come to"
has "organizer-cn=Градоначелник" "with its name in the recipient's script"
has "organizer-sent-by=mailto:office@office.example" "sent by the one that writes"
has "attendees=mailto:cyr@sink.example" "nobody sees whom else we invited"
has "attendee-cutype=GROUP" "an organisation is a group"
has "attendee-rsvp=TRUE" "that is to answer"
has "attendee-partstat=NEEDS-ACTION" "and has not yet"
calendar pl
has "summary-language=en" "where the event has no name in a language, the calendar says which one it is"
has "description-language=pl" "the letter's is its own"
has "attendee-cutype=INDIVIDUAL" "a person is one"

# ---- it moves

exits 0 "somebody telephones" as one event answer "$event" en@sink.example yes --by phone --note "with two others"
exits 64 "an answer that there is not" as one event answer "$event" en@sink.example maybe
printf '%s@sink.example\n' late1 late2 >"$dir/second"
prepared --template "$dir/invitation" --to "$dir/second" && second=$id
out=$(as one --json mailing new --event "$event" --from sink --template "$dir/invitation" --to <(echo late1@sink.example))
draft=$(id_of <<<"$out")
sql_as deliver "with w as (insert into worker (host, pid, account, lease_until) values ('gone', 1, 'sink', now()) returning id)
    insert into outbox_batch (worker_id, ids) select w.id, array[o.id] from w, outbox o where o.email = 'late2@sink.example'" >/dev/null
exits 64 "a move to where it is" as one event move "$event" --starts "2027-03-18 10:00"
exits 1 "words alone wait until no letters go out" as one event move "$event" --name-en "Conference"
exits 0 "it moves by an hour" as one --json event move "$event" --starts "2027-03-18 11:00"
is "$(field sequence) $(field raised) $(field had) $(field stopped)" "1 true 6 2" "a new version, for six; two letters stop"
is "$(as one --json event show "$event" | grep -o '"ends_at":"[^"]*"')" '"ends_at":"2027-03-18T14:00:00Z"' "it lasts as long"
send
is "$(to "$second" cancelled)" "late1 late2" "what was not out does not go out, nor what a worker had in hand"
is "$(ls "$dir/sink" | wc -l)" 0 "with the old hour"
like "$(as one --json mailing status "$second")" '"state":"cancelled".*"overtaken":true.*"sum_ok":true' "its mailing says why"
exits 1 "nor does a draft" as two mailing release "$draft"
like "$(as one --json event answers "$event")" '"answer":"accepted".*"sequence":0,"earlier":true,"open":true' "the yes was to the earlier hour"
like "$(LC_ALL=C as one event answers "$event")" 'open again' "which is shown"
like "$(as one --json event list)" '"accepted":0' "and counts no more"
exits 0 "nor in the guest list" as one register event --event "$event" --language en -o "$dir/before.csv"
like "$(cat "$dir/before.csv")" ',Answer,Before it moved,.*,,comes,' "which says that it was there"
exits 0 "the invited are open again" as one --json segment count "answered:$event=none"
is "$out" "$(sed -n 's/.*/&/p' <<<"$out")" "as a segment says"
like "$out" '6' "all six"

prepared --update --template "$letters/update" && update=$id
is "$(to "$update" queued)" "cyr de en lat pl sq" "the update goes to whoever had the invitation"
send
calendar sq
has "uid=$uid" "the same event"
has "method=REQUEST" "is asked for anew"
has "sequence=1" "in a new version"
has "dtstart=2027-03-18T11:00:00+01:00" "at the new hour"
like "$text" '11\.00–15\.00 \(më parë: 10\.00–14\.00\)' "the letter says both"
is "$(follows)" "$(sent_to "$first" sq) | $(sent_to "$first" sq)" "and follows the invitation that they had"
exits 1 "nobody gets it twice" as one mailing new --event "$event" --update --template "$letters/update" --from sink
prepared --overtaken --template "$dir/invitation" && again=$id
is "$(to "$again" queued)" "late1 late2" "who had none is invited"
send
calendar late1
has "sequence=1" "to the new hour"
exits 1 "once" as one mailing new --event "$event" --overtaken --template "$dir/invitation" --from sink

# ---- another place: a new version, but an answer stays an answer

as one event answer "$event" en@sink.example yes --by phone >/dev/null
as one event answer "$event" de@sink.example no --by letter >/dev/null
exits 0 "the place changes" as one --json event move "$event" --place-sq "Hoteli" --place-sr-Cyrl "Хотел" --place-en "Hotel"
is "$(field sequence)" 2 "which is a version, too"
like "$(as one --json event answers "$event")" '"earlier":true,"open":false' "an answer to the earlier one is shown as such, and counts"
exits 0 "a name alone is none" as one --json event move "$event" --name-en "Conference of Donors"
is "$(field sequence) $(field raised)" "2 false" "when nothing goes out"
prepared --update --template "$letters/update" && update=$id
is "$(to "$update" queued)" "cyr de en lat late1 late2 pl sq" "all eight are told"
send
calendar en
has "sequence=2" "again"
has "location=Hotel" "the place"
has "summary=Conference of Donors" "and the name"
like "$text" 'Hotel \(before: Klokot\)' "with what it was"
is "$(follows)" "$(sent_to $((update - 2)) en) | $(sent_to "$first" en) $(sent_to $((update - 2)) en)" "it follows the last one"
is "$(sql "select m.refers_to[1] from outbox o join message m on m.id = o.message_id where o.mailing_id = $update and o.email = 'en@sink.example'")" \
    "$(sent_to $((update - 2)) en)" "as the store knows"

# ---- reminders, thanks

out=$(as one --json mailing new --event "$event" --missing-answer --template "$letters/reminder" --from sink)
reminder=$(id_of <<<"$out")
is "$(to "$reminder" held)" "cyr lat late1 late2 pl sq" "a reminder is for who has not answered"
as one event answer "$event" late1@sink.example perhaps >/dev/null
as two mailing release "$reminder" >/dev/null
is "$(to "$reminder" excluded)" "late1" "and not for who answers before it is released"
as one event answer "$event" cyr@sink.example perhaps >/dev/null
send
is "$(to "$reminder" excluded)" "cyr late1" "or before it is sent"
calendar lat
has "sequence=2" "it has the calendar again"
exits 1 "one is enough" as one mailing new --event "$event" --missing-answer --template "$letters/reminder" --from sink
exits 0 "unless one says so" as one --json mailing new --event "$event" --missing-answer --again --template "$letters/reminder" --from sink
is "$(to "$(id_of <<<"$out")" held)" "lat late2 pl sq" "to the same"
exits 64 "of reminders alone" as one mailing new --event "$event" --update --again --template "$letters/update" --from sink
exits 64 "one thing at a time" as one mailing new --event "$event" --update --cancel --template "$letters/update" --from sink
prepared --answered yes --template "$letters/thanks" && thanks=$id
is "$(to "$thanks" queued)" "en" "thanks to who comes"
prepared --answered no --template "$letters/sorry" && sorry=$id
is "$(to "$sorry" queued)" "de" "regrets to who does not"
send
is "$(grep -l 'text/calendar' "$dir"/sink/m.* | wc -l)" 0 "without a calendar"
exits 0 "the register of letters" as one register letters -o "$dir/letters.csv" --language en
like "$(cat "$dir/letters.csv")" 'Change of the event.*Reminder.*Thanks for the answer' "says what each was"
exits 1 "nobody is thanked twice" as one mailing new --event "$event" --answered yes --template "$letters/thanks" --from sink

# ---- the telephone

as one --json mailing new --event "$event" --segment 'name:"No Mail" or name:"Late Two"' --template "$dir/invitation" --from sink >/dev/null
sql_as fetch "update outbox set state = 'bounced', settled_by = 'dsn', enhanced = '5.1.1', reply = 'no such user' where mailing_id = $reminder and email like 'sq@%'" >/dev/null
exits 0 "there is a call list" as one --json event calls "$event"
is "$(grep -c . <<<"$out")" 2 "of two, before the date of the answers" "$out"
like "$out" '"name":"No Mail","organisation":null,"phones":"\+38344111222".*"why":"no-address"' "who has no e-mail, with the phone"
like "$out" '"name":"Ylber Shaqiri".*"why":"bounced","detail":"5.1.1 no such user"' "whose letter came back"
as one event move "$event" --reply-by 2020-01-01 >/dev/null
exits 0 "when the date has passed" as one --json event calls "$event"
is "$(grep -c '"why":"silent"' <<<"$out")" 3 "also who has not answered" "$out"
as one event answer "$event" sq@sink.example yes --by phone --note "knows of the hotel" >/dev/null
is "$(as one --json event calls "$event" | grep -c Ylber)" 0 "who was reached is done"
like "$(LC_ALL=C as one event calls "$event")" 'no answer yet' "people see words"
as one register event --event "$event" --language en -o "$dir/before.csv"
is "$(grep -c 'comes,comes' "$dir/before.csv")" 0 "whoever answered since has said it once"
exits 0 "the guest list as a spreadsheet" as one register event --event "$event" -o "$dir/event.xlsx"
like "$(unzip -p "$dir/event.xlsx" xl/workbook.xml)" 'name="[^"]*"[^>]*sheetId="3"' "has the calls as its third sheet"
like "$(unzip -p "$dir/event.xlsx" xl/worksheets/sheet3.xml)" '\+38344111222' "with the phones"

# ---- it is off

exits 1 "while it is on" as one mailing new --event "$event" --cancel --template "$letters/cancel" --from sink
exits 0 "it is cancelled" as one --json event cancel "$event" --reason "sr-Cyrl: поплава | floods"
is "$(field sequence)" 3 "in a last version"
exits 1 "for good" as one event move "$event" --starts "2027-03-19 11:00"
exits 1 "no more invitations" as one mailing new --event "$event" --template "$dir/invitation" --to "$dir/first" --from sink
prepared --cancel --template "$letters/cancel" && cancel=$id
is "$(to "$cancel" queued)" "cyr de en lat late1 late2 pl sq" "whoever had an invitation hears it"
send
is "$(to "$cancel" accepted)" "cyr de en lat late1 late2 pl sq" "though the event is cancelled"
calendar cyr
has "method=CANCEL" "their calendars strike it out"
has "content-method=CANCEL" "and so says the part"
has "status=CANCELLED" "as cancelled"
has "sequence=3" "in the last version"
has "uid=$uid" "that event"
has "comment=поплава" "with the reason in their language"
has "attendee-rsvp=" "nobody is to answer"
like "$text" 'Разлог: поплава' "as in the letter"
calendar en
has "comment=floods" "or in the other one"
is "$(follows | wc -w)" 5 "it follows the three letters before it" "$(follows)"
exits 1 "once" as one mailing new --event "$event" --cancel --template "$letters/cancel" --from sink
is "$(as one --json event calls "$event")" "" "nobody needs a call"
sql_as fetch "update outbox set state = 'bounced', settled_by = 'dsn', enhanced = '5.1.1', reply = 'gone' where mailing_id = $cancel and email like 'en@%'" >/dev/null
like "$(as one --json event calls "$event")" '"name":"John Doe".*"why":"bounced"' "but who did not hear of it, though they had said yes"

# ---- two languages in one letter, as it moves and ends

event=$(as one --json event add --start "2027-06-10 10:00" --end "2027-06-10 12:00" --reply-by 2027-06-01 --department office \
    --name-sq Takimi --place-sq Kllokot --name-sr-Cyrl Састанак --place-sr-Cyrl Клокот | id_of)
printf '%s@sink.example\n' sq cyr en de >"$dir/both"
prepared --template "$dir/invitation" --to "$dir/both" # each in their own, English where the event has no name in it
send
exits 0 "it moves, and elsewhere" as one event move "$event" --starts "2027-06-10 11:00" --place-sr-Cyrl Врбовац --place-sq Vërboc
prepared --update --template "$letters/update" --bilingual sq,sr-Cyrl --fallback en && update=$id
is "$(to "$update" queued)" "cyr de en sq" "an update in two languages"
send
calendar cyr
has "sequence=1" "has the new calendar"
has "summary=Састанак" "in the recipient's language"
like "$text" 'Време: 11\.00–13\.00 \(раније: 10\.00–12\.00\).*Место: Врбовац \(раније: Клокот\).*Ora: 11\.00–13\.00 \(më parë: 10\.00–12\.00\).*Vendi: Vërboc \(më parë: Kllokot\)' \
    "and says in both what was before, though the first letter had one"
is "$(grep -c 'Датум: [^\\]* (раније' <<<"$text")" 0 "and not of what stays"
calendar de
like "$text" 'Time: 11:00–13:00 \(before: 10:00–12:00\).*Ora: 11\.00–13\.00 \(më parë' "who has neither has the fall-back, and the first below"
is "$(grep -c 'Date: [^\\]* (before' <<<"$text")" 0 "in which the day is the same, though the first letter wrote it in German"
like "$(sql_as one "update mailing set event_said = '{}' where id = $update")" 'does not change' "what was said of it stays"
exits 0 "it is off" as one event cancel "$event" --reason "sr-Cyrl: поплава | sq: vërshime"
prepared --cancel --template "$letters/cancel" --bilingual sq,sr-Cyrl
send
calendar sq
has "method=CANCEL" "a cancellation in two languages"
like "$text" 'vërshime.*поплава' "with the reason in each"

# ---- on paper

event=$(as one --json event add --start "2027-05-20 10:00" --end "2027-05-20 12:00" --department office --name-sq Takim --place-sq Kllokot | id_of)
add --kind person --name "Fshatar Pa Postë" --language sq --street "Rruga 1" --postcode 61000 --city Kllokot
sed -i '/{{reply_by}}/s/, {{reply_by}}//' "$dir"/invitation/*.md
sed -i '/^\[office\]/a address = Sheshi p.n., 61000 Kllokot\nplace = Kllokot' "$dir/adresar.conf"
prepared --paper --template "$dir/invitation" --segment 'name:"Fshatar"' && paper=$id
exits 0 "an invitation is printed" as one mailing print "$paper" -o "$dir/paper.pdf"
as one event move "$event" --place-sq Vërboc >/dev/null
exits 65 "an update by e-mail cannot reach them" as one mailing new --event "$event" --update --template "$letters/update" --from sink
prepared --paper --update --template "$letters/update"
is "$(sql "select channel || ' ' || reason from outbox where mailing_id = $id")" "paper to be printed" "but one on paper"
like "$(sql "select view->'before' from outbox where mailing_id = $id")" '\{"place": "Kllokot"\}' "that says what is new"
as one event move "$event" --place-sq Mogillë >/dev/null
exits 1 "which is not printed when it moves again" as one mailing print "$id" -o "$dir/late.pdf"
done_testing
