#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# How each contact came into a mailing or out of it: by which line or question, which rule, when and by whom; also who has
# no letter of it any more.
. tests/lib/tap.sh
. tests/lib/office.sh trail $((ADRESAR_TEST_PORT + 61)) 6
sink

id_of() { sed -n 's/.*"id":\([0-9]*\).*/\1/p' <<<"$1"; }
contact() { sql "select contact_id from address where email_key = '$1@sink.example'"; }
add() { id_of "$(as one --json contact add --department office --language en "$@")"; }
trail() { exits 0 "the trail $1" as two --json mailing trail "$id" "${@:2}"; }
# what happened to the contact, and by whom
steps() {
    perl -CO -MJSON::PP -e '
        my $t = decode_json(join "", <STDIN>);
        for my $r (@{$t->{recipients}}) {
            next if $ARGV[0] && $r->{contact} != $ARGV[0];
            print join(" | ", map { join " ", grep { defined } @$_{qw(what by how)} } @{$r->{steps}}), "\n";
        }' "${1:-0}" <<<"$out"
}

hoti=$(add --name "Arben Hoti" --organisation "Ministarstvo voda" --position Minister --email hoti@sink.example --salutation "Dear Minister")
kelm=$(add --name "Besa Kelmendi" --email kelmendi@sink.example --salutation "Dear Ms Kelmendi")
minister=$(sql "select id from post where name = 'Minister'")
printf '# a list\np1@sink.example\n%s # by number\n\np3@sink.example\np4@sink.example\npost:%s\n' "$(contact p2)" "$minister" >"$dir/list"
for p in 1 2 4; do as one consent record "$(contact p$p)" --list newsletter --how form --form F >/dev/null; done
for c in $hoti $kelm; do as one consent record "$c" --list newsletter --how form --form F >/dev/null; done
id=$(id_of "$(as one --json mailing new --kind newsletter --name News --template "$dir/template" --to "$dir/list" --from sink)")
trail "of a draft"
like "$out" '"name":"News","state":"draft","step":"invite","prepared_by":"trail_one","prepared_at":"20[-0-9: ]*","segment":null,"words":null,"file":"'"$dir/list"'"' \
    "begins with who prepared it of what"
is "$(grep -o '"line":[0-9]*' <<<"$out" | tr '\n' ' ')" '"line":2 "line":3 "line":5 "line":6 "line":7 ' "and knows the line of each"
is "$(steps "$(contact p1)")" "included trail_one" "who was included by whom"
is "$(sql_as one "insert into outbox_line (outbox_id, line) select max(id), 9 from outbox" | grep -c 'duplicate key')" 1 "a line stays"
is "$(sql_as two "insert into outbox_line (outbox_id, line) values (99, 9)" | grep -c 'row-level security')" 1 "nobody else writes one"

as one post start "$minister" "$kelm" >/dev/null
exits 0 "a release" as two mailing release "$id" --despite "for the trail"
as one consent withdraw "$(contact p4)" --list newsletter --how mail >/dev/null
adresar deliver --once >/dev/null 2>&1
trail "of what went out"
like "$out" '"released_by":"trail_two",.*"despite":"for the trail"' "has who released it despite what"
like "$(steps "$(contact p1)")" '^included trail_one \| queued trail_two \| attempt-accepted deliver [^|]*Ok$' "how it was sent"
is "$(steps "$(contact p3)")" "included trail_one | excluded trail_two has not consented to newsletter" "which rule left somebody out"
like "$(steps "$(contact p4)")" '^included trail_one \| queued trail_two \| excluded deliver opted out of newsletter on ' \
    "who opted out before the letter went"
like "$(steps "$kelm")" '^included trail_one \| turned trail_two Arben Hoti → Besa Kelmendi \| queued trail_two' \
    "that the post had another holder"
is "$(sed -n 's/.*"name":"Besa Kelmendi"[^[]*"post":"\([^"]*\)".*/\1/p' <<<"$out")" Minister "of which post"
exits 0 "the one who held it" as two --json mailing trail "$id" --contact "$hoti"
is "$(steps | wc -l)" 1 "is near the mailing"
like "$out" '"contact":'"$kelm" "by the letter that is another's now"
exits 0 "one contact by address" as two --json mailing trail "$id" --contact p3@sink.example
is "$(steps)" "included trail_one | excluded trail_two has not consented to newsletter" "has its own trail"
exits 0 "in words" as two mailing trail "$id"
like "$out" "mailing $id, News: prepared by trail_one" "who prepared it"
like "$out" "despite errors: for the trail" "despite what"
like "$out" "included, trail_one: $dir/list:2" "with the line of the list"
like "$out" "included, trail_one: $dir/list:7, as the holder of Minister" "and the post"
like "$out" "left out, trail_two: has not consented to newsletter" "and the rule"
exits 1 "who is not near" as two mailing trail "$id" --contact p6@sink.example
like "$out" "Person 6, never was in mailing $id, which went to $dir/list, a list; today the contact is active, has not consented to newsletter" \
    "is told with what is known"
exits 1 "a contact that is none" as two mailing trail "$id" --contact 9999
exits 1 "a mailing that is none" as two mailing trail 9999
exits 64 "no mailing" as two mailing trail

# ---- a segment, with one whom no letter reaches
as one contact email "$(contact p5)" p5@sink.example --state dead --why "gone" >/dev/null
as one segment save "All six" name:person >/dev/null
question='segment:\"All six\" -id:'"$(contact p6)"
id=$(id_of "$(as one --json mailing new --kind notice --name Segment --template "$dir/template" --segment "${question//\\/}" --from sink)")
as one segment save "All six" name:nobody --replace >/dev/null
trail "of a segment"
like "$out" '"words":"[^"]*person[^"]*id is 6' "has the question as it was understood then"
like "${out//\\/}" '"segment":"'"${question//\\/}"'"' "and as it was asked"
is "$(steps "$(contact p5)")" "left-out trail_one address is dead" "who was found but left out at once"
is "$(steps "$(contact p2)")" "included trail_one" "beside who was not"
exits 0 "in words" as two mailing trail "$id" --contact "$(contact p5)"
like "$out" "in the segment, but left out, trail_one: address is dead" "it is said"
exits 0 "cancelled" as two mailing cancel "$id"
trail "of it"
is "$(steps "$(contact p2)")" "included trail_one | cancelled trail_two mailing cancelled" "has who cancelled it"

# ---- a merge takes the letters along
exits 0 "a merge" as one contact merge "$(contact p6)" "$kelm"
exits 0 "who was merged into another" as two --json mailing trail 1 --contact "$kelm"
like "$(steps 6)" '^included trail_one .*attempt-accepted deliver .*merged trail_one' "is found where the letters went"
PGUSER=adresar_owner exits 0 "another department" adresar user add trail_three --role clerk --department other --department-name Other
demo/servers map "$ADRESAR_TEST_DIR/servers" trail_three >/dev/null
exits 1 "whose mailing it is not" as three mailing trail 1
# ---- of many, whose steps are asked for in parts
base=$(sql "select max(id) from contact")
people=$base
crowd $((base + 450))
seq $((base + 1)) $((base + 450)) >"$dir/everybody"
mailing notice
exits 0 "of 450 recipients" as two --json mailing trail "$id"
is "$(/usr/bin/python3 -c 'import json, sys
r = json.load(sys.stdin)["recipients"]
print(len(r), len({x["recipient"] for x in r}), {tuple(s["what"] for s in x["steps"]) for x in r})' <<<"$out")" \
    "450 450 {('included', 'queued')}" "each is there once, with its own steps"

done_testing
