#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# template check and template render.
. tests/lib/tap.sh
scratch=$(mktemp -d "${ADRESAR_TEST_DIR:-/tmp}/template.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

letter() { printf -- '---\nlang: %s\nsubject: "%s"\n---\n%b' "$2" "$3" "$4" > "$scratch/$1/$5.$2.md"; }
mkdir "$scratch/good" "$scratch/bad" "$scratch/partials"

letter good sq 'Ftesë {{event.name}}' '{{salutation}},\n\n**{{event.date}}**\n' invitation
letter good sr-Cyrl 'Позив {{event.name}}' '{{salutation}},\n\n{{event.date}}\n' invitation
exits 0 "two languages in order" "$ADRESAR_BIN" template check "$scratch/good"
like "$out" 'invitation.sr-Cyrl.md: in order \(sr-Cyrl\)' "each file is named"
mkdir "$scratch/files"
printf -- '---\nlang: en\nsubject: s\nattach: plan.pdf\n---\n\n![x](logo.png)\n' >"$scratch/files/letter.en.md"
exits 65 "a file that is not there" "$ADRESAR_BIN" template check "$scratch/files"
like "$out" 'letter.en.md:4: there is no file plan.pdf in ' "is named with its line"
printf '%%PDF-' >"$scratch/files/plan.pdf"
exits 65 "nor is the picture" "$ADRESAR_BIN" template check "$scratch/files"
like "$out" 'there is no file .*/logo.png' "which is named, too"
printf '\x89PNG\r\n\x1a\n' >"$scratch/files/logo.png"
exits 0 "with both it is in order" "$ADRESAR_BIN" template check "$scratch/files"
exits 0 "as JSON" "$ADRESAR_BIN" --json template check "$scratch/good"
like "$out" '"language":"sq","values":\["event.date","event.name","salutation"\],"errors":\[\],"warnings":\[\]' "a line a file"
mkdir "$scratch/full"
letter full de 'Einladung' '{{salutation}},\n\n{{#envelope}}{{.}}, {{/envelope}}\n\n{{closing}}\n' invitation
exits 0 "closing and envelope" "$ADRESAR_BIN" --json template check "$scratch/full"
like "$out" '"warnings":\[\]' "are values of a letter"
letter good en 'Invitation' '{{salutaton}}\n' invitation
exits 1 "a language without a value that others have" "$ADRESAR_BIN" template check "$scratch/good"
like "$out" 'invitation.en.md: \{\{event.date\}\}: is used in another language' "is a warning"
like "$out" 'invitation.en.md: \{\{salutaton\}\}: no letter has such a value' "and so is a misspelt name"

letter bad en 'x' 'a\n\n{{#b}}\n' one
letter bad sq 'x' 'a\n\n<b>c</b>\n' one
exits 65 "texts with errors" "$ADRESAR_BIN" template check "$scratch/bad"
like "$out" 'one.en.md:7: "b" is never closed' "the line is the file's"
like "$out" 'one.sq.md:7: HTML in a letter' "all files are looked at"
exits 65 "a folder without templates" "$ADRESAR_BIN" template check "$scratch/partials"
exits 74 "a folder that is not there" "$ADRESAR_BIN" template check "$scratch/none/x"
exits 64 "no folder" "$ADRESAR_BIN" template check

printf '{{a}} {{{a}}}\n  {{>p}}\n{{missing}}|\n' > "$scratch/t.mustache"
printf 'p {{b.c}}\nq\n' > "$scratch/partials/p.mustache"
printf '{"a": "<", "b": {"c": 1.50}}' > "$scratch/data.json"
exits 0 "the bare engine" "$ADRESAR_BIN" template render "$scratch/t.mustache" --data "$scratch/data.json" --partials "$scratch/partials"
is "$out" $'&lt; <\n  p 1.5\n  q\n|' "is the specification"
exits 0 "without partials" "$ADRESAR_BIN" template render "$scratch/t.mustache" --data "$scratch/data.json"
is "$out" $'&lt; <\n|' "they are empty"
printf 'x\n{{#a}}' > "$scratch/open.mustache"
exits 65 "an open section" "$ADRESAR_BIN" template render "$scratch/open.mustache" --data "$scratch/data.json"
like "$out" 'open.mustache:2: "a" is never closed' "is named with its line"
printf '{{>*a}}' > "$scratch/out.mustache"
printf '{"a": "../data"}' > "$scratch/out.json"
exits 65 "a partial outside its folder" "$ADRESAR_BIN" template render "$scratch/out.mustache" --data "$scratch/out.json" --partials "$scratch/partials"
exits 65 "data that are no JSON" "$ADRESAR_BIN" template render "$scratch/t.mustache" --data "$scratch/t.mustache"
exits 64 "no data" "$ADRESAR_BIN" template render "$scratch/t.mustache"
done_testing
