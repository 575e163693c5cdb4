#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# extract.sh: the template of translations (adresar.pot) out of the sources, on standard output
set -eu
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard -- '*.c' '*.h' '*.def' 2>/dev/null | grep -vE '^(tests/|crm/(place|word)\.def)' | LC_ALL=C sort |
    xgettext --files-from=- --language=C --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=catalog_text:2 \
        --keyword=catalog_plural:2,3 --keyword=TEXT:2 --add-location=file --package-name=adresar \
        --copyright-holder='the Adresar project' --msgid-bugs-address=none -o - |
    sed -e '/^"POT-Creation-Date/d' -e '/^"Report-Msgid/d' -e 's/charset=CHARSET/charset=UTF-8/'
