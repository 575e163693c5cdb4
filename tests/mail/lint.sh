#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Every text of the demo in every language, alone and with attachments, pictures and another text below it, to people with
# long names in three scripts, as it leaves: strict about lines and headers, and read alike by GMime, Python and mutt.
. tests/lib/tap.sh
. tests/lib/office.sh lint $((ADRESAR_TEST_PORT + 68)) 1
sink
sed -i "s/^name = Office/name = sr-Cyrl: Општина Клокот, Кабинет председника | Komuna e Kllokotit \/ Opština Klokot\nmayor = Radivoje Simijonović\nphone = +383 49 000 711\nemail = kabinet@office.example\nperson = Ана Ђорђевић/;
    s/^from_name = .*/from_name = sr-Cyrl: Општина Клокот, Кабинет председника општине | de: Gemeinde Klokot (Bürgermeisteramt) | Komuna e Kllokotit \"Kabineti\"/" "$dir/adresar.conf"

add() { as one contact add --department office --kind person --name "$1" --email "$2@sink.example" --language "$3" --salutation "$4" >/dev/null; }
add "Prof. Dr. Arbër-Agron Gashi-Krasniqi nga Fshati i Poshtëm i Kllokotit me Rrethinë, Kryetar" sq sq "I nderuar z. Kryetar"
add "Проф. др Драгослав-Александар Стојковић-Недељковић од Горњег и Доњег Клокота, председник" cyr sr-Cyrl "Поштовани господине председниче"
add "Đorđe \"Žika\" Šumenković, (član) <odbora>" lat sr-Latn "Poštovani gospodine Šumenkoviću"
add "Maximiliana Theodora Freifrau von und zu Hohenstaufen-Wittelsbach-Sachsen-Coburg und Gotha-Altenburg" de de "Sehr geehrte Frau Präsidentin"
add "Grzegorz Brzęczyszczykiewicz z Chrząszczyżewoszyc, powiat Łękołody" pl pl "Szanowny Panie Wójcie"
add "J. =?UTF-8?Q?Doe?= O'Neil, Jr." en en "Your Excellency"
people() { printf '%s@sink.example\n' "$@" >"$dir/list"; }
all=(sq cyr lat de pl en)

printf '%%PDF-1.7 %s' "$(head -c 3000 /dev/urandom | base64)" >"$dir/Програм и план рада Конференције донатора општине Клокот за 2027. годину.pdf"
printf '\x89PNG\r\n\x1a\n%s' "$(head -c 3000 /dev/urandom | base64)" >"$dir/logo.png"
printf 'emri;vlera\nëçq;1\n' >"$dir/të dhëna.csv"

number() { sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
n=0
send() { # NAME OPTION...: to all who are in the list; the messages become files NUMBER-NAME.eml
    local id f who what=$1
    shift
    n=$((n + 1))
    id=$(as one --json mailing new --to "$dir/list" --from sink "$@" | number) || return
    rm -f "$dir"/sink/*
    as two mailing release "$id" >/dev/null && adresar deliver --once --account sink >/dev/null
    is "$(states "$id" | cut -d' ' -f2 | uniq -c | tr -s " ")" " ${#all[@]} accepted" "$what"
    for f in "$dir"/sink/m.*; do
        who=$(sed -n 's/^X-Rcpt-Args: <\([a-z]*\)@.*/\1/p' "$f")
        sed -e '1,/^Received:/{/^X-/d;/^Received:/d}' "$f" | sed -e '1{/^[ \t]/d}' -e '2{/^[ \t]/d}' -e 's/$/\r/' >"$dir/$n-$who.eml"
    done
}
event_of() { # SCENARIO: the event of the demo
    local options=() key value
    while IFS=$'\t' read -r key value; do
        [[ $key = \#* || $key = department ]] || options+=("--$key" "$value")
    done <"$1/event"
    as one --json event add --department office "${options[@]}" | number
}
rich() { # FOLDER: a copy of the template with a picture and files
    local f
    mkdir -p "$dir/rich"
    rm -f "$dir"/rich/*
    cp "$dir"/*.pdf "$dir"/*.csv "$dir/logo.png" "$dir/rich/"
    for f in "$1"/*.md; do
        sed -e '2i attach: ["'"$(cd "$dir" && echo Програм*.pdf)"'", të dhëna.csv]' "$f" >"$dir/rich/${f##*/}"
        printf '\n![Grb – Стема](logo.png)\n' >>"$dir/rich/${f##*/}"
    done
}

people "${all[@]}"
for scenario in demo/data/*/event; do
    scenario=${scenario%/event}
    event=$(event_of "$scenario")
    send "${scenario##*/} in all languages" --event "$event" --template "$scenario/invitation" --fallback en
    rich "$scenario/invitation"
    send "with files and pictures" --event "$event" --template "$dir/rich" --fallback en
    send "in two languages" --event "$event" --template "$dir/rich" --bilingual sq,sr-Cyrl
done
subject=$(printf 'Njoftim për të gjithë: Обавештење за све грађане %.0s' 1 2 3 4 5)
printf -- '---\nlang: en\nsubject: "%s"\n---\n\n.\n\nFrom here: %s\n\n    --=_ code \n' "$subject" "$(printf 'x%.0s' {1..1200})" >"$dir/template/notice.en.md"
send "a long subject, hostile lines" --kind notice --template "$dir/template"

files=("$dir"/*-*.eml)
is "${#files[@]}" $((n * ${#all[@]})) "each is there"
lint() { # MUTT_OUTPUT
    /usr/bin/python3 tests/lib/lint_mail.py "$ADRESAR_BIN" "$dir/lint.mbox" "$1" "${files[@]}" >"$dir/lint.out" 2>&1 ||
        echo "the check broke off"
    tail -n 20 "$dir/lint.out"
}
is "$(lint "")" "" "lines, headers, parts, languages are as they should be; GMime and Python read the same"
if command -v mutt >/dev/null && command -v script >/dev/null; then
    cat >"$dir/muttrc" <<'RC'
set wait_key=no
set charset=utf-8
set pipe_decode=yes
set pipe_split=yes
set quit=yes
set auto_tag=yes
set sort=mailbox-order
set mbox_type=mbox
set folder=.
RC
    HOME=$dir TERM=vt100 LC_ALL=C.UTF-8 timeout 60 script -qec "mutt -n -F '$dir/muttrc' -f '$dir/lint.mbox' \
        -e 'push \"<tag-pattern>~A<enter><pipe-message>tee -a $dir/mutt.out<enter><exit>\"'" /dev/null </dev/null >/dev/null 2>&1
    is "$(lint "$dir/mutt.out")" "" "and so does mutt"
else
    skip "mutt is not installed"
fi
done_testing
