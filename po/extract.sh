#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# extract.sh: the template of translations (adresar.pot) out of the sources, on standard output.  Of errors, the formats of
# those that staff see: crm/, cmd/, mail/ and reports/, and of lists that cannot be read; but not the wire, whose errors are
# for whoever runs the servers.
set -eu
cd "$(dirname "$0")/.."
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
# sources PATHS...
sources() {
    git ls-files --cached --others --exclude-standard -- "$@" 2>/dev/null | grep -vE '^(tests/|crm/(place|word)\.def)' | LC_ALL=C sort
}
extract() {
    xgettext --files-from=- --language=C --from-code=UTF-8 --add-location=file --package-name=adresar \
        --copyright-holder='the Adresar project' --msgid-bugs-address=none -o "$pot" "$@"
}
sources '*.c' '*.h' '*.def' | extract --keyword=_ --keyword=N_ --keyword=catalog_text:2 --keyword=catalog_plural:2,3 --keyword=PLURAL:1,2 --keyword=err_plural:1,2 --keyword=TEXT:2
sources ':(glob)crm/*.c' ':(glob)cmd/*.c' ':(glob)mail/*.c' ':(glob)reports/*.c' ':(glob)base/xlsx*.c' ':(glob)base/vcard*.c' \
    base/cage.c base/csv.c base/unicode.c |
    extract --join-existing --keyword --keyword=err_set:3 --keyword=err_context:2 --keyword=segment_fail:6 \
        --keyword=FAIL:3 --keyword=FAIL:4 --keyword=refuse:2 --keyword=problem:3
sed -e '/^"POT-Creation-Date/d' -e '/^"Report-Msgid/d' -e 's/charset=CHARSET/charset=UTF-8/' "$pot"
