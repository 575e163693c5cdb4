#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What staff read counts in their language: a count in front of a noun has a form for one and one for many (PLURAL,
# catalog_plural, err_plural), but where it is a limit, or is never one.
. tests/lib/tap.sh

nouns='accounts|addresses|bytes|cells|changes|columns|contacts|differences|documents|entries|errors|events|files|formulas|letters|mails|meetings|messages|migrations|names|outcomes|pairs|posts|proposals|recipients|rows|values'
limits='(more than|less than|at most|longer than|larger than|1 to|in|within) %'
many='contacts have the (address|sender)|bytes are too many|of %lld recipients'
found=$(bash po/extract.sh | msgattrib --no-wrap - | awk 'BEGIN { RS = ""; FS = "\n" } !/\nmsgid_plural/ {
        for (i = 1; i <= NF; i++) if ($i ~ /^(msgid )?"/) { sub(/^(msgid )?"/, "", $i); sub(/"$/, "", $i); printf "%s", $i } print "" }' |
    grep -E "%(l|ll|z|j)?[diu] ($nouns)\b" | grep -vE "$limits|$many")
[ -z "$found" ]
ok $? "a count and its noun have a plural" "$found"
done_testing
