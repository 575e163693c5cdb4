#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The contacts of the measurements are made by chance, and are the same each time.
. tests/lib/tap.sh
dir=$ADRESAR_TEST_DIR/made_contacts
made=$(dirname "$ADRESAR_BIN")/bench/contacts

# digest NAME N [SEED]: of all rows that are made; of load.sql, where the folder's name stands, without that
digest() {
    mkdir -p "$dir/$1"
    "$made" "$2" "$dir/$1" ${3:+"$3"} || return
    sed -i "s|$dir/$1|FOLDER|g" "$dir/$1/load.sql"
    (cd "$dir/$1" && sha256sum -- *) | sha256sum
}

first=$(digest first 2000)
is "$(wc -l <"$dir/first/contact.rows")" 2000 "as many as were asked for"
is "$(find "$dir/first" -name '*.rows' -size 0 | wc -l)" 0 "no table is left empty"
is "$(digest again 2000)" "$first" "the same bytes again"
is "$(digest zero 2000 0)" "$first" "without a number it is 0"
second=$(digest second 2000 1)
[ "$second" != "$first" ]
ok $? "another number makes others"
is "$(digest second_again 2000 1)" "$second" "the same ones each time, too"
names() { cut -f2 "$dir/$1/contact_name.rows" | sort -u; }
[ "$(comm -12 <(names first) <(names second) | wc -l)" -lt 200 ]
ok $? "by other names"
digest more 3000 >"$dir/digest"
cmp "$dir/first/contact_name.rows" <(head -n "$(wc -l <"$dir/first/contact_name.rows")" "$dir/more/contact_name.rows")
ok $? "a contact is the same however many there are"
done_testing
