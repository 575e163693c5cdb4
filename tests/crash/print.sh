#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Kills `adresar mailing print` at each statement, fsync and rename, and looks at file and ledger: a file that has its
# name is whole and all its letters are marked; where they are marked without a file, nothing is printed silently twice,
# and --again writes the file.
. tests/lib/tap.sh
. tests/lib/office.sh print $((ADRESAR_TEST_PORT + 67)) 0
people=3
for i in $(seq $people); do
    as one contact add --name "Person $i" --language en --street "Street $i" --postcode "6000$i" --city Klokot --department office >/dev/null
done
sql "select id from contact where kind = 'person' order by id" >"$dir/list"

new_letters() {
    id=$(as one --json mailing new --kind notice --name n --template "$dir/template" --to "$dir/list" --from sink --paper |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    as two mailing release "$id" >/dev/null
    rm -f "$dir"/*.pdf*
}
print() { as one mailing print "$id" -o "$dir/letters.pdf" --labels "$dir/labels.pdf" --sheet L7160 "$@"; }
states() { sql "select string_agg(distinct state, ' ') from outbox where mailing_id = $id"; }
names() { pdftotext -layout "$1" - | grep -o 'Dear .*[0-9]' | sort | paste -sd' '; }

new_letters
CRASH_COUNT=$dir/count LD_PRELOAD=$shim print >"$dir/said" 2>&1
ok $? "printed without a crash" "$(cat "$dir/said")"
total=$(cat "$dir/count")
all=$(names "$dir/letters.pdf")
is "$(grep -o Person <<<"$all" | wc -l)" $people "each has a letter"
[ "$total" -ge $((people * 2 + 2 + 4 + 4)) ]
ok $? "there are $total points to be killed at"

marked=0
for ((at = 1; at <= total; at++)); do
    new_letters
    CRASH_AT=$at LD_PRELOAD=$shim print >/dev/null 2>&1
    code=$? wrong="" before=$(states)
    [ $code = 137 ] || wrong="exit $code; "
    case $before in
        held)
            [ ! -e "$dir/letters.pdf" ] && [ ! -e "$dir/labels.pdf" ] || wrong+="a file whose letters are not marked; "
            print >"$dir/said" 2>&1 || wrong+="not printed then; "
            ;;
        printed)
            marked=$((marked + 1))
            if print >"$dir/said" 2>&1; then wrong+="printed twice; "; fi
            grep -q 'were printed by' "$dir/said" || wrong+="not said; "
            print --again >"$dir/said" 2>&1 || wrong+="not again; "
            ;;
        *) wrong+="states $before; " ;;
    esac
    [ "$(names "$dir/letters.pdf")" = "$all" ] || wrong+="the file has $(names "$dir/letters.pdf")"
    [ "$(states)" = printed ] || wrong+="$(states)"
    [ -z "$wrong" ]
    ok $? "killed at point $at of $total ($before): each once" "$wrong"$'\n'"$(cat "$dir/said")"
done 2>/dev/null
[ $marked -ge 3 ]
ok $? "some were killed behind the commit ($marked)"
done_testing
