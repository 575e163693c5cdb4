#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Segments by the program: what is listed, counted, saved and said of a question that is wrong; a mailing to a segment.
. tests/lib/tap.sh
. tests/lib/office.sh segment $((ADRESAR_TEST_PORT + 80)) 4

as one contact edit p2@sink.example --tag vip --category donor >/dev/null
as one contact edit p3@sink.example --tag vip --state left >/dev/null
as one contact add --name "Person 5" --tag vip --language en --salutation "Dear person 5" --department office >/dev/null
sql "update address set state = 'dead', evidence = '{}' where email = 'p4@sink.example'"
as one contact edit p4@sink.example --tag vip >/dev/null

exits 0 "a list of all" as one --json contact list
is "$(grep -c '"id"' <<<"$out")" 5 "has everybody, who left too"
exits 0 "a list by a question" as one --json contact list 'tag:vip -category:donor'
is "$(sed 's/.*"name":"\([^"]*\)".*/\1/' <<<"$out" | paste -sd,)" "Person 4,Person 5" "has whom the question finds, by name"
exits 0 "words apart are one question" as one --json contact list tag:vip state:left
like "$out" '"name":"Person 3".*"state"|"state":"left".*"name":"Person 3"' "with who left, when asked"
exits 0 "the first page" as one --json contact list tag:vip --limit 1
like "$out" '"name":"Person 2"' "begins with the first name"
id=$(sed 's/.*"id":\([0-9]*\).*/\1/' <<<"$out")
exits 0 "the next page" as one --json contact list tag:vip --limit 1 --after "$id"
like "$out" '"name":"Person 4"' "goes on behind it"
exits 0 "an option is a condition" as one --json contact list --category donor --language en
is "$(grep -c '"id"' <<<"$out")" 1 "of the question"
exits 64 "a question beside options" as one contact list tag:vip --category donor

exits 1 "a category that is none" as one segment count 'tag:vip category:doner'
is "$out" 'adresar: character 18: there is no category "doner"; did you mean "donor"?
tag:vip category:doner
                 ^^^^^' "is pointed at"
exits 64 "a key that is none" as one --json segment count 'ћ catgory:x'
is "$out" '{"error":{"text":"character 3: there is no key \"catgory\"; did you mean \"category\"?","code":64,"question":"ћ catgory:x","offset":2,"length":7}}' "in JSON too, in characters"
exits 64 "an open parenthesis" as one contact list 'tag:vip (a'
exits 64 "no question" as one segment count
exits 0 "a tag that nobody has" as one segment count tag:vpi
is "$out" 'nobody has the tag "vpi"; did you mean "vip"?
0 contacts' "is no error, and said"

exits 0 "count" as one segment count --explain 'tag:vip -category:donor'
is "$out" '(tag is vip and not category is donor) and state is active
2 contacts' "says how the question was understood"
exits 0 "count in JSON" as one --json segment count tag:vpi
is "$out" '{"count":0,"question":"tag:vpi","words":"tag is vpi and state is active","hints":["nobody has the tag \"vpi\"; did you mean \"vip\"?"]}' \
    "has words and hints"

exits 0 "save" as one segment save "Very important" tag:vip --note "for the feast"
exits 1 "save what is wrong" as one segment save Wrong category:doner
exits 0 "show" as two --json segment show "VERY important"
like "$out" '"name":"Very important","question":"tag:vip","note":"for the feast","owner":"segment_one",.*"count":3' "by anybody, in any script"
exits 0 "count by name" as two segment count "very important"
is "$out" "3 contacts" "counts its answer now"
exits 0 "one in another" as two segment count 'segment:"Very important" -category:donor'
is "$out" "2 contacts" "is a condition"
exits 1 "another question under the name" as one segment save "very Important" tag:other
is "$out" 'adresar: there is a segment "Very important" already: tag:vip -- with --replace the new question takes its place' \
    "shows the one that is there"
is "$(as one --json segment count "very important")" \
    '{"count":3,"question":"tag:vip","words":"tag is vip and state is active","hints":[]}' "and leaves it"
exits 0 "with --replace" as one segment save "Very important" tag:other --replace
exits 0 "it is replaced" as one --json segment save "Very important" tag:vip --replace
like "$out" '"new":false' "by the other one"
exits 0 "the same question again" as one segment save "Very important" tag:vip --note "for the feast"
exits 1 "change what is somebody else's" as two segment save "Very important" tag:other
like "$out" 'segment "Very important" of segment_one already: tag:vip' "says whose it is"
exits 1 "whatever is said" as two segment save "Very important" tag:other --replace
like "$out" 'is segment_one.s: its owner or an admin changes it$' "and who may change it"
exits 1 "remove what is somebody else's" as two segment remove "Very important"
exits 1 "show what is not there" as one segment show "Very importnt"
like "$out" 'did you mean "Very important"' "says what there is"
exits 0 "segment list" as two segment list
like "$out" "Very important +segment_one +for the feast +tag:vip" "shows it"
exits 0 "a segment of itself is refused" as one segment save Other 'segment:"very important"'
exits 64 "however long the way" as one segment save "Very important" 'segment:other'
like "$out" "very important → other → very important" "and the way is shown"

new() { as one --json mailing new --kind notice --name N --template "$dir/template" --from sink "$@"; }
exits 0 "a mailing to a segment" new --segment 'tag:vip state:any'
is "$out" '{"id":1,"recipients":1,"excluded":3,"foreign":0,"latin":0,"paper":0,"lately":0}' "has a letter for whom it can reach"
exits 1 "mailing missing" as one mailing missing 1
is "$(as one --json mailing missing 1 | sed -n 's/.*"name":"\([^"]*\)".*"state":"excluded".*"reason":"\([^"]*\)".*/\1: \2/p')" \
    "Person 3: contact is left
Person 4: address is dead
Person 5: no e-mail address" "says why each of the others has none"
exits 0 "its preview" as one mailing preview 1
like "$out" "Person 2" "shows the letter"
exits 0 "another tag" as one contact edit p1@sink.example --tag vip
exits 0 "release" as two mailing release 1
like "$out" "1 letter " "sends to whom the draft had: it does not change with the answer"
like "$(as one --json mailing status 1)" '"segment":"tag:vip state:any"' "and the mailing knows its question"
exits 0 "a mailing to a saved segment" new --segment "very important"
like "$out" '"recipients":2,"excluded":2' "is one to its answer now"
exits 65 "a mailing to nobody" new --segment tag:nobody
exits 65 "a mailing to a segment of which nobody can be written to" new --segment 'tag:vip state:left'
exits 1 "a mailing to a wrong question" new --segment category:doner
exits 64 "a list and a segment" new --segment tag:vip --to "$dir/list"
exits 0 "remove" as one segment remove other
exits 1 "remove again" as one segment remove other
done_testing
