#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# contact read: what a list holds, before any mapping; a file that is no list says why.
. tests/lib/tap.sh
lists=demo/data/lists
scratch=$(mktemp -d "${ADRESAR_TEST_DIR:-/tmp}/read.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

exits 0 "a list of the mayor's office" "$ADRESAR_BIN" contact read $lists/mayor-office.csv
like "$out" 'UTF-8, comma between the cells, 14 columns, 88 rows' "its encoding, delimiter and size are shown"
exits 0 "a list of the department of economy" "$ADRESAR_BIN" contact read $lists/defb-bizneset.csv
like "$out" 'windows-1250, semicolon between the cells, 16 columns, 93 rows' "another encoding is found"
exits 0 "as JSON" "$ADRESAR_BIN" --json contact read $lists/dijaspora-klubovi.csv
is "$(wc -l <<< "$out")" 61 "a line a record"
like "$(sed -n 2p <<< "$out")" '^\{"sheet":null,"row":2,"cells":\{"A":"1","B":"Клуб „Клокот“ Беч",' "with its cells by column"

exits 0 "a spreadsheet" "$ADRESAR_BIN" contact read $lists/donatoret.xlsx
like "$out" 'sheet Donatorët: 16 columns, 40 rows, the header is row 4' "is shown by its sheets"
like "$out" 'sheet Investitorët: 13 columns, 23 rows, the header is row 3' "all of them"
like "$out" 'J  Data e zotimit +2024-05-14 +2023-02-20 +2025-03-03' "each column with its first values"
exits 0 "as JSON" "$ADRESAR_BIN" --json contact read $lists/donatoret.xlsx
is "$(wc -l <<< "$out")" 63 "a line a row that holds something"
like "$(sed -n 3p <<< "$out")" '^\{"sheet":"Donatorët","row":4,"cells":\{"A":"Nr.","B":"Donatori",' "numbered as the sheet counts"
like "$out" '"sheet":"Donatorët","row":9,.*"J":"2026-01-26","K":"18500.5","L":"9250.25","M":"9250.25","N":"0.5","O":"2027-01-31"' \
    "dates are dates, formulas their values"
exits 0 "one sheet" "$ADRESAR_BIN" --json contact read --sheet Investitorët $lists/donatoret.xlsx
is "$(grep -c '"sheet":"Investitorët"' <<< "$out")" "$(wc -l <<< "$out")" "is that sheet alone"
exits 0 "its name without accents and capitals" "$ADRESAR_BIN" --json contact read --sheet investitoret $lists/donatoret.xlsx
exits 65 "a sheet that is not there" "$ADRESAR_BIN" contact read --sheet Klubet $lists/donatoret.xlsx
like "$out" 'donatoret.xlsx: has no sheet "Klubet"; it has "Donatorët", "Investitorët"' "and which there are"
exits 64 "a sheet of a file that has none" "$ADRESAR_BIN" contact read --sheet A $lists/mayor-office.csv
printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Workbook' > "$scratch/old.xls"
exits 65 "an old spreadsheet" "$ADRESAR_BIN" contact read "$scratch/old.xls"
like "$out" 'old.xls: is an old spreadsheet .* save it as .xlsx' "says what to do"

printf 'a;b\n1;2\n' > "$scratch/two.csv"
exits 0 "another delimiter may be said" "$ADRESAR_BIN" --json contact read --delimiter , "$scratch/two.csv"
like "$out" '"A":"a;b"' "and is taken"
printf 'a,b\n"1,2\n' > "$scratch/open.csv"
exits 65 "a quote that does not close" "$ADRESAR_BIN" contact read "$scratch/open.csv"
like "$out" 'open.csv: line 2, record 2: a quote that does not close' "is named with file and line"
printf 'a,b\n\xff\xc3,2\n' > "$scratch/bytes.csv"
exits 65 "bytes that the encoding does not have" "$ADRESAR_BIN" contact read --encoding UTF-8 "$scratch/bytes.csv"
like "$out" 'bytes.csv: line 2, byte 4: not UTF-8 \(0xff\)' "are named with line and offset"
printf 'PK\003\004xx' > "$scratch/list.csv"
exits 65 "what only begins as a spreadsheet" "$ADRESAR_BIN" contact read "$scratch/list.csv"
like "$out" 'list.csv: is damaged or was not copied as a whole' "is said to be damaged"
: > "$scratch/empty.csv"
exits 65 "an empty file" "$ADRESAR_BIN" contact read "$scratch/empty.csv"
exits 64 "an unknown encoding" "$ADRESAR_BIN" contact read --encoding klingon $lists/mayor-office.csv
exits 64 "an unknown delimiter" "$ADRESAR_BIN" contact read --delimiter ab $lists/mayor-office.csv
exits 64 "no file" "$ADRESAR_BIN" contact read
exits 74 "a file that is not there" "$ADRESAR_BIN" contact read "$scratch/none.csv"

cards=tests/data/vcard/telefon.vcf
exits 0 "a file of vCards" "$ADRESAR_BIN" contact read $cards
like "$out" 'Zoran Petković Beč +Klub Klokot Wien +predsednik +klub.klokot.wien@gmx.example; zoran' "is a table of its cards"
like "$out" '41 cards' "and their number"
exits 0 "as JSON" "$ADRESAR_BIN" --json contact read $cards
is "$(wc -l <<< "$out")" 41 "a line a card"
is "$(sed -n 3p <<< "$out")" '{"fn":"Драган Стојковић","n":["Стојковић","Драган","","",""],"emails":["office@stojkovic-komerc.example","dragan.stojkovic.kl@gmail.example"],"tels":["+383 49 000 201","+383 280 000 701"],"org":"Стојковић Комерц","title":"власник","nickname":null}' "with what it says"
cp $cards "$scratch/phone.csv"
printf 'BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n' >> "$scratch/phone.csv"
exits 1 "a card that says nothing, under another name" "$ADRESAR_BIN" --json contact read "$scratch/phone.csv"
is "$(tail -n 1 <<< "$out")" '{"row":42,"line":459,"reason":"it has neither a name nor an address nor a number"}' "is reported with its line"
for charset in windows-1250 windows-1251 ISO-8859-2 ISO-8859-5 ISO-8859-16 KOI8-R UTF-16 Big5 Shift_JIS macintosh; do
    printf 'BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=%s;ENCODING=QUOTED-PRINTABLE:=41=42\nEND:VCARD\n' $charset
done > "$scratch/charsets.vcf"
exits 0 "charsets of all kinds are known in the cage" "$ADRESAR_BIN" --json contact read "$scratch/charsets.vcf"
is "$(wc -l <<< "$out")" 10 "each card is there"
iconv -f UTF-8 -t UTF-16 $cards > "$scratch/wide.vcf"
exits 0 "a file in UTF-16" "$ADRESAR_BIN" --json contact read "$scratch/wide.vcf"
is "$(wc -l <<< "$out")" 41 "is the same"
{ printf 'BEGIN:VCARD\nFN:'; truncate -s 1G /dev/stdout; } > "$scratch/line.vcf"
exits 65 "a line of a gigabyte" timeout 2 "$ADRESAR_BIN" --json contact read "$scratch/line.vcf"
like "$out" 'line.vcf: larger than' "is refused unread"
done_testing
