#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Each header compiles alone, has an SPDX line and a guard named after it.
. tests/lib/tap.sh
B=build/${V:-dev}
flags=$(pkg-config --cflags-only-I talloc jansson glib-2.0 gmime-3.0 gnutls libical libpq 2>/dev/null)

for header in $(find base crm mail reports web cmd -name '*.h' 2>/dev/null | sort); do
    grep -qE '^#ifndef |^#pragma once' "$header" || continue # a table that is included many times
    message=$(echo "#include \"$header\"" |
        gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I. "-I$B/gen" $flags -x c - 2>&1)
    ok $? "$header compiles alone" "$message"
    guard=$(tr 'a-z/.' 'A-Z__' <<<"$header")
    grep -q "^#ifndef $guard\$" "$header"
    ok $? "$header is guarded by $guard"
done

bad=$(find base crm mail reports web cmd tests demo bench sql \( -name '*.[ch]' -o -name '*.sh' \) 2>/dev/null |
    xargs grep -L 'SPDX-License-Identifier: AGPL-3.0-or-later')
[ -z "$bad" ]
ok $? "every source names its licence" "$bad"
done_testing
