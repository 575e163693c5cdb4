#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Every source says its licence in its first lines.
. tests/lib/tap.sh
without=$(git ls-files '*.c' '*.h' '*.def' '*.sh' '*.sql' '*.awk' '*.mk' 'man/*.[1-8]' Makefile demo/run demo/servers tests/run bench/run .ci/run |
    while read -r f; do head -n 5 "$f" | grep -q 'SPDX-License-Identifier: AGPL-3.0-or-later' || echo "$f"; done)
[ -z "$without" ]
ok $? "SPDX lines" "$without"
done_testing
