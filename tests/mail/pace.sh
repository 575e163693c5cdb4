#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The pace by destination, servers that want less, and mailings of several accounts.
. tests/lib/tap.sh
people=5
. tests/lib/office.sh pace $((ADRESAR_TEST_PORT + 65)) $people

as one contact add --kind person --name Other --email other@far.example --language en --salutation "Dear other" \
    --department office >/dev/null
echo other@far.example >>"$dir/list"
how_many() { states "$id" | grep -c " $1\$"; }
setting() { sed -i "/^$1 = /d; s/^connections = .*/&\n$1 = $2/" "$dir/adresar.conf"; }

# ---- so many a minute to one domain
setting messages_a_minute_to "sink.example six"
new_mailing
exits 78 "a pace that is none" adresar deliver --once
like "$out" "messages_a_minute_to is .DOMAIN NUMBER" "is named"
exits 78 "nor can it be shown" as one mail destinations
like "$out" "smtp sink.: messages_a_minute_to is" "with its account"
setting messages_a_minute_to "sink.example 30"
sink
exits 0 "thirty a minute" adresar deliver --once
is "$(states "$id" | grep -c '^p.* accepted')" 1 "one goes at once"
is "$(states "$id" | grep '^other')" "other accepted" "who is elsewhere does not wait"
is "$(how_many queued)" $((people - 1)) "the others wait"
is "$(sql "select string_agg(round(extract(epoch from q.next_try_at - first.at))::text, ' ' order by q.next_try_at)
    from outbox_queue q, (select min(next_try_at) as at from outbox_queue where mailing_id = $id) first where mailing_id = $id")" \
    "0 2 4 6" "one behind the other"
is "$(as one --json mail destinations)" \
    '{"domain":"sink.example","a_minute":{"sink":30},"rests":false,"waiting":'$((people - 1))'}' "mail destinations has the pace and who waits"
like "$(as one mail destinations)" "sink.example +30 a minute \(sink\) +$((people - 1))" "also to read"
"$ADRESAR_BIN" -c "$dir/adresar.conf" deliver >/dev/null 2>&1 &
deliver=$!
for _ in $(seq 150); do [ "$(how_many accepted)" = $((people + 1)) ] && break; sleep 0.1; done
kill $deliver
wait $deliver
is "$(how_many accepted)" $((people + 1)) "all have it then"
is "$(sql "select bool_and(attempt = 1) from outbox where mailing_id = $id")" t "and waiting was no attempt"
is "$(sql "select round(extract(epoch from max(submitting_at) - min(submitting_at))) >= 7 from outbox where mailing_id = $id and email like '%@sink.example'")" \
    t "in their time"
is "$(arrived | awk '$2 != 1' | wc -l)" 0 "each once"

# ---- a server that wants less
sed -i '/^messages_a_minute_to/d' "$dir/adresar.conf"
sink -b "450 4.7.28 an unusual rate of mail" -r RCPT
sed -i '$d' "$dir/list"
new_mailing
exits 0 "4.7.28" adresar deliver --once
is "$(how_many deferred)" $people "puts them off"
is "$(sql "select count(*), count(distinct next_try_at) > 2 from outbox where mailing_id = $id and next_try_at - state_at between interval '30 minutes' and interval '36 minutes'")" \
    "$people|t" "for half an hour and some chance"
sink
echo other@far.example >>"$dir/list"
new_mailing
exits 0 "with the next mailing" adresar deliver --once
is "$(sql "select domain, why, round(extract(epoch from slow_until - said_at) / 60) from destination")" \
    "sink.example|we send too much at once|15" "the destination has a rest"
is "$(how_many queued) $(states "$id" | grep '^other')" "$people other accepted" "and the others have not"
like "$(as one --json mail destinations)" \
    '^\{"domain":"sink.example","a_minute":\{\},"rests":true,"waiting":10,"until":"20[0-9T:Z-]+","said":"20[0-9T:Z-]+","times":1,"why":"we send too much at once"\}$' \
    "mail destinations has it, and why"
like "$(as one mail destinations)" "sink.example .*we send too much at once" "also to read"
like "$(as one --json mailing status "$id")" '"waits":\[\{"domain":"sink.example","until":"20[^"]+","why":"we send too much at once","letters":5\}\]' \
    "and the mailing's status, that its letters wait"
like "$(as one mailing status "$id")" "5 wait for sink.example until [0-9./]+ [0-9:.]+: we send too much at once" "in words"
sql "update destination set slow_until = now() - interval '1 second'; update outbox_queue set next_try_at = now()" >/dev/null
exits 0 "after it" adresar deliver --once
is "$(how_many accepted)" $((people + 1)) "all have it"
like "$(as one --json mail destinations)" '"rests":false,"waiting":0,"until":' "what was said stays to be seen"
like "$(as one --json mailing status "$id")" '"waits":\[\]' "and holds nobody up"
sql_as deliver "insert into destination (domain, slow_until, why) values ('SINK.example', now(), '')" >"$dir/out"
like "$(cat "$dir/out")" "violates check" "domains are kept in lower case"

# ---- several accounts
sed -n '/^\[smtp sink\]/,$p' "$dir/adresar.conf" | sed 's/^\[smtp sink\]/[smtp away]/; s/^port = .*/port = 1/' >>"$dir/adresar.conf"
exits 78 "an account that there is not" as one mailing new --kind notice --template "$dir/template" --to "$dir/list" --from away,none
id=$(as one --json mailing new --kind notice --name two --template "$dir/template" --to "$dir/list" --from "away, sink" |
    sed -n 's/.*"id":\([0-9]*\).*/\1/p')
as two mailing release "$id" >/dev/null
sql "insert into worker (host, pid, account, lease_until) values ('x', 1, 'away', now() + interval '1 hour')" >/dev/null
exits 0 "while somebody delivers for the first account" adresar deliver --once --account sink
is "$(how_many queued)" $((people + 1)) "the second has nothing to do"
sql "update worker set lease_until = now() where account = 'away'" >/dev/null
exits 69 "the first server is away" adresar deliver --once --account away
is "$(how_many queued)" $((people + 1)) "nobody is lost"
exits 0 "then" adresar deliver --once --account sink
is "$(how_many accepted)" $((people + 1)) "the second sends"
is "$(sql "select min(expires_at) - min(released_at) <= interval '5 days' and min(expires_at) - min(released_at) > interval '4 days 23 hours'
    from outbox o join mailing m on m.id = o.mailing_id where m.id = $id")" t "a notice is tried for five days"
done_testing
