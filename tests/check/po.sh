#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Translations: each .po is sound (msgfmt), holds every text of the sources, and says how many are still untranslated.
set -u
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# each msgid of a file on a line
msgids() {
    msgattrib --no-obsolete --no-wrap "$1" | awk '
        /^msgid /    { sub(/^msgid /, ""); id = $0; open = 1; next }
        /^msg/       { if (open) print id; open = 0 }
        open && /^"/ { id = id $0 }' | sed 's/""//g' | LC_ALL=C sort
}
bash po/extract.sh > "$scratch/now.pot" || exit 1
msgids "$scratch/now.pot" > "$scratch/wanted"
bad=0
for po in po/*.po; do
    msgfmt --check --statistics -o "$scratch/x.mo" "$po" 2> "$scratch/said" || bad=1
    echo "# $po: $(tail -n 1 "$scratch/said")"
    grep -E ':[0-9]+:' "$scratch/said" | grep -v 'header field' | sed 's/^/# /'
    msgids "$po" > "$scratch/has"
    if LC_ALL=C comm -13 "$scratch/has" "$scratch/wanted" | grep . > "$scratch/lacks"; then
        echo "# $po lacks texts of the sources (make po adds them):"
        sed 's/^/#   /' "$scratch/lacks"
        bad=1
    fi
    if msgattrib --only-fuzzy "$po" | grep -q '^msgid'; then
        echo "# $po has fuzzy entries, which are not shown"
        bad=1
    fi
done
echo "1..1"
[ $bad = 0 ] && echo "ok 1 - translations" || echo "not ok 1 - translations"
exit $bad
