#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Letters to posts: whoever holds the post on the day of the release gets the letter; a change after it holds the letter;
# a succession is all or nothing and says what still points to those who held the posts.
. tests/lib/tap.sh
. tests/lib/office.sh post $((ADRESAR_TEST_PORT + 63)) 1
sink

id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$1"; }
add() { id_of "$(as one --json contact add --department office --language en "$@")"; }
hoti=$(add --name "Arben Hoti" --organisation "Ministarstvo voda" --position Minister --email hoti@sink.example --salutation "Dear Minister")
deputy=$(add --name "Ana Ilić" --organisation "Ministarstvo voda" --position "Deputy Minister" --email ilic@sink.example --salutation "Dear Ms Ilić")
kelm=$(add --name "Besa Kelmendi" --email kelmendi@sink.example --salutation "Dear Ms Kelmendi")
mute=$(add --name "Nobody Reachable" --salutation "Dear Nobody")
exits 0 "post list" as one --json post list --organisation "МИНИСТАРСТВО"
minister=$(sed -n 's/.*"id":\([0-9]*\),"post":"Minister".*/\1/p' <<<"$out")
second=$(sed -n 's/.*"id":\([0-9]*\),"post":"Deputy Minister".*/\1/p' <<<"$out")
like "$out" '"holder":"Arben Hoti"' "says who holds a post, whatever script the question is in"
exits 1 "no post is at an organisation that is none" as one post list --organisation nix

# ---- whom a list means
printf 'post:%s # the minister\n%s\n' "$minister" "$deputy" >"$dir/posts"
exits 0 "a mailing to a post" as one --json mailing new --kind notice --name n --template "$dir/template" --to "$dir/posts" --from sink
mailing=$(id_of "$out")
is "$(sql "select contact_id from outbox where mailing_id = $mailing and to_post")" "$hoti" "is prepared for its holder"
printf 'post:0\npost:x\npost:99999\n' >"$dir/none"
exits 65 "posts that are none" as one mailing new --kind notice --name n --template "$dir/template" --to "$dir/none" --from sink
like "$out" ':2: a post is written as post:12' "are said with their line"
like "$out" ':3: there is no post 99999' "each of them"

# ---- succession
exits 1 "who is no contact holds no post" as one post start "$minister" 99999
exits 64 "a date that is none" as one post start "$minister" "$kelm" --from 31.12.2026
exits 64 "a post without a holder" as one post start "$minister"
exits 1 "a post named twice" as one post start "$minister" "$kelm" "$minister" "$deputy"
exits 1 "one wrong post" as one post start "$minister" "$kelm" 99999 "$deputy"
is "$(sql "select holder_id from term where post_id = $minister")" "$hoti" "changes none of them"
event=$(as one --json event add --start 2030-03-18T10:00 --end 2030-03-18T14:00 --name-en Conference --place-en Klokot \
    --department office | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as one event answer "$event" "$hoti" yes --by phone >/dev/null
exits 0 "a successor" as one --json post start "$minister" kelmendi@sink.example
like "$out" '"before":"Arben Hoti".*"after":"Besa Kelmendi","after_id":'"$kelm"',"left":true' "takes over, and the predecessor has left"
like "$out" '"kind":"draft","id":'"$mailing"'[^}]*"holder":"Arben Hoti"' "and the draft that points to him is listed"
like "$out" '"kind":"answer","id":'"$event"'[^}]*"holder":"Arben Hoti"' "and his answer to what is to come"
is "$(sql "select state from contact where id = $hoti")" left "who holds no other post has left"
is "$(sql "select string_agg(during::text, ' ' order by during) from term where post_id = $minister")" \
    "(,$(sql 'select current_date')) [$(sql 'select current_date'),)" "one term ends on the day on which the other begins"
exits 1 "on the same day again" as one post start "$minister" "$deputy"
like "$out" 'the term of Besa Kelmendi began on' "is a conflict that says with whom"

exits 0 "release" as two mailing release "$mailing"
is "$(sql "select contact_id || ' ' || email || ' ' || state || ' ' || (view->>'salutation') from outbox where mailing_id = $mailing and to_post")" \
    "$kelm kelmendi@sink.example queued Dear Ms Kelmendi" "the letter goes to the holder of the day of the release"
exits 0 "deliver" adresar deliver --once
is "$(sql "select string_agg(email, ' ' order by email) from outbox where mailing_id = $mailing and state = 'accepted'")" \
    "ilic@sink.example kelmendi@sink.example" "and is sent"

# ---- after the release
released=$(id_of "$(as one --json mailing new --kind notice --name m --template "$dir/template" --to "$dir/posts" --from sink)")
as two mailing release "$released" >/dev/null
sql "update term set during = daterange(null, '2026-01-01') where holder_id = $hoti;
     update term set during = daterange('2026-01-01', null) where upper_inf(during)"
exits 0 "a change between release and sending" as one --json post start "$second" "$kelm" "$minister" -
like "$out" '"kind":"mailing","id":'"$released" "lists the mailing"
exits 0 "deliver after it" adresar deliver --once
is "$(sql "select count(*) || ' ' || max(reason) from outbox where mailing_id = $released and state = 'held'")" \
    "2 the post has another holder" "and holds the letters"

# ---- posts without a holder who can be written to
sql "update term set during = daterange(lower(during), '2026-02-01') where holder_id <> $kelm and upper(during) = current_date;
     update term set during = daterange('2026-02-01', '2026-03-01') where holder_id = $kelm and post_id = $minister;
     update term set during = daterange('2026-02-01', null) where holder_id = $kelm and post_id = $second"
third=$(id_of "$(as one --json mailing new --kind notice --name v --template "$dir/template" --to <(echo "post:$second") --from sink)")
exits 0 "a post becomes vacant" as one post end "$second" --keep-active
like "$out" 'Besa Kelmendi → vacant' "and says so"
is "$(sql "select state from contact where id = $kelm")" active "with --keep-active nobody has left"
exits 0 "release of a letter to a vacant post" as two mailing release "$third"
is "$(sql "select state || ' ' || reason from outbox where mailing_id = $third")" "held the post is vacant" "holds it"
exits 65 "a vacant post is nobody to write to" as one mailing new --kind notice --name v --template "$dir/template" --to <(echo "post:$second") --from sink
exits 0 "vacant posts" as one post list --vacant
like "$out" 'Deputy Minister' "are listed"

# ---- a list after an election
cat >"$dir/election.csv" <<LIST
post,organisation,holder
$minister,,"Ilić, Dr. Ana"
deputy minister,Ministarstvo voda,$mute
Chief,Ministarstvo voda,$mute
$second,,Nobody Known
LIST
exits 65 "a list with mistakes changes nothing" as one post start --list "$dir/election.csv" --from 2027-02-01
like "$out" 'election.csv:4: none of the posts is called "Chief, Ministarstvo voda"' "says the line"
like "$out" 'election.csv:5: none of the contacts is called "Nobody Known"' "of each"
sed -i '/^Chief/d; /Known/d' "$dir/election.csv"
exits 0 "a list of changes" as one --json post start --list "$dir/election.csv" --from 2027-02-01
is "$(sql "select string_agg(post_id || ':' || holder_id, ' ' order by post_id) from term where lower(during) = '2027-02-01'")" \
    "$(printf '%s\n%s\n' "$minister:$deputy" "$second:$mute" | sort -t: -n | paste -sd' ')" "begins the terms on its day"
is "$(sql "select count(*) from contact where state = 'left'")" 1 "and nobody has left before that day"
done_testing
