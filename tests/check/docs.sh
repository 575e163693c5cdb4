#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The manual pages name each command and each key of the configuration, and no others; mandoc finds nothing wrong.
. tests/lib/tap.sh

# differences NAME FILE1 FILE2
differences() {
    local d
    d=$(diff "$2" "$3" | grep '^[<>]')
    [ -z "$d" ]
    ok $? "$1" "$d"
}

if [ -f man/adresar.1 ]; then
    differences "adresar(1) has a .It for each command (<: not in the manual, >: not in the program)" \
        <(sed -n '/, NULL)$/!s/^COMMAND("\([^"]*\)".*/\1/p' cmd/commands.h | sort -u) \
        <(sed -n 's/^\.It Ic \([a-z][a-z -]*[a-z]\).*/\1/p' man/adresar.1 | sort -u)
else
    skip "man/adresar.1 is not there"
fi

if [ -f man/adresar.conf.5 ]; then
    differences "adresar.conf(5) has a .It for each key (<: not in the manual, >: not in the program)" \
        <(sed -n 's/^ *{\([A-Z]*\), "\([a-z_]*\)", .*/\L\1.\2/p' base/conf.c | sort -u) \
        <(awk '/^\.Ss \[/ { section = $2; gsub(/[][]/, "", section) } /^\.It Cm / { print section "." $3 }' man/adresar.conf.5 | sort -u)
else
    skip "man/adresar.conf.5 is not there"
fi

if [ -f man/adresar-segment.7 ]; then
    differences "adresar-segment(7) has a .It for each key of the questions (<: not in the manual, >: not in the program)" \
        <(sed -n 's/^ *\[SEGMENT_[A-Z_]*\] *= *{"\([a-z-]*\)".*/\1/p' crm/segment_keys.c | sort -u) \
        <(sed -n 's/^\.It Cm \([a-z-]*\) .*/\1/p' man/adresar-segment.7 | sort -u)
else
    skip "man/adresar-segment.7 is not there"
fi

for page in man/*.[1-8]; do
    [ -f "$page" ] || continue
    message=$(mandoc -T lint -W warning "$page" 2>&1)
    ok $? "mandoc likes $page" "$message"
done
done_testing
