#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Functions have at most 60 lines, files 500, headers 120; a longer function stands with its reason in long-functions.txt
# (`FILE FUNCTION reason`), and is taken off that list when it got shorter.
. tests/lib/tap.sh

# FILE FUNCTION LINES of all functions: formatted code has the braces of a function, and no others, in column 1
functions=$(find base crm mail reports web cmd tests -name '*.c' 2>/dev/null | sort | xargs -r awk '
    FNR == 1 { open = 0; head = "" }
    /^[A-Za-z_]/ && /\(/ && !/;$/ { head = $0 }
    /^\{/ && head != "" { open = FNR; next }
    /^\}/ && open {
        name = head
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        print FILENAME, name, FNR - open - 1
        open = 0
        head = ""
    }')

long=$(awk '$3 > 60' <<<"$functions")
bad=$(while read -r file name lines; do
    [ -z "$file" ] || grep -q "^$file $name ..*" tests/check/long-functions.txt || echo "$file: $name has $lines lines"
done <<<"$long")
[ -z "$bad" ]
ok $? "no function has more than 60 lines without a reason" "$bad"

bad=$(grep -vE '^(#|$)' tests/check/long-functions.txt | while read -r file name _; do
    grep -q "^$file $name " <<<"$long" || echo "$file $name"
done)
[ -z "$bad" ]
ok $? "the list of long functions names none that is short or gone" "$bad"

bad=$(find base crm mail reports web cmd tests -name '*.c' 2>/dev/null | xargs -r wc -l | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }')
[ -z "$bad" ]
ok $? "no source has more than 500 lines" "$bad"
bad=$(find base crm mail reports web cmd -name '*.h' 2>/dev/null | xargs -r wc -l | awk '$2 != "total" && $1 > 120 { print $2 ": " $1 " lines" }')
[ -z "$bad" ]
ok $? "no header has more than 120 lines" "$bad"
bad=$(find base crm mail reports web cmd \( -name '*util*' -o -name '*common*' -o -name '*helper*' \) 2>/dev/null)
[ -z "$bad" ]
ok $? "no file is called utils, common or helpers" "$bad"

awk '$3 > 0 { print $3 }' <<<"$functions" | sort -n | awk '
    { n[NR] = $1 }
    END { if (NR) print "# " NR " functions, lines: median " n[int((NR + 1) / 2)] ", 95th percentile " n[int(NR * 0.95) ? int(NR * 0.95) : 1] ", longest " n[NR] }'
done_testing
