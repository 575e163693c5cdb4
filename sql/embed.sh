#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# embed.sh NAME FILE...: a C table of the files' bytes, `const struct embedded NAME[]`, ended by a NULL name.
set -eu
table=$1
shift
printf '#include "base/embedded.h"\n'
i=0
for f; do
    printf 'static const unsigned char file_%d[] = {\n' "$i"
    od -An -v -tx1 "$f" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
    printf '0};\n'
    i=$((i + 1))
done
printf 'const struct embedded %s[] = {\n' "$table"
i=0
for f; do
    printf '    {"%s", (const char *)file_%d, sizeof file_%d - 1},\n' "$f" "$i" "$i"
    i=$((i + 1))
done
printf '    {0}};\n'
