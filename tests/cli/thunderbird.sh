#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Thunderbird reads what `contact export -o x.vcf` writes: the real program, without a window, imports the file with its own
# importer, and what its address book then says is compared with what went out.  It is driven through Marionette, the
# protocol of its own tests (LENGTH:JSON over TCP).
. tests/lib/tap.sh

if ! command -v thunderbird >/dev/null; then
    skip "thunderbird is not installed (apt-get install thunderbird)"
    done_testing
fi
. tests/lib/people.sh thunderbird

user clerk clerk mayor --department-name Mayor
clerk() { as clerk "$@" >/dev/null; }
clerk contact add --kind organisation --name "Klub Klokot, Beč" --language sr-Latn --category diaspora-club --email club@x.example
clerk contact edit 1 --name "Клуб Клокот, Беч" --name-language sr-Cyrl
clerk contact add --name "dr Đorđe Đokić" --email dj@x.example --phone "049/000-201" --organisation "Klub Klokot, Beč" \
    --position "predsednik; član" --language sr-Latn,de --gender m --note $'Zove se; ujutru, uvek\nпо подне \\ касно'
clerk contact edit 2 --name "Ђорђе Ђокић" --name-language sr-Cyrl --email second@x.example --tag vip
clerk contact edit 2 --email dj@x.example --phone "+49 30 000 412"
clerk contact email 2 second@x.example --private
clerk contact add --name "Shpëtim Kryeziu-Çela" --email shpetim@x.example --phone "lok. 12" --language sq
sql "insert into postal_address (contact_id, lines, city, country) values (3, E'Rruga e Dëshmorëve 7; pas xhamisë\nhyrja 2', '38260 Klokot', 'XK')"
clerk contact add --kind organisation --name "Opština Klokot" # 4
sql "with p as (insert into post (organisation_id, name) values (4, 'savetnik, počasni') returning id)
     insert into term (post_id, holder_id) select id, 2 from p"
sql "update phone set private = true where e164 = '+4930000412'"
clerk contact export -o "$dir/all.vcf"
uid() { sql "select 'urn:uuid:' || uid from contact where id = $1"; }

# ---- the program

port=$((ADRESAR_TEST_PORT + 90))
profile=$dir/profile
mkdir -p "$profile" "$dir/home"
cat >"$profile/user.js" <<JS
user_pref("marionette.port", $port);
user_pref("app.update.enabled", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("network.dns.forceResolve", "127.0.0.1");
JS
cat >"$dir/import.js" <<'JS'
return (async (path, to) => {
    const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
    const { AddrBookFileImporter } = ChromeUtils.importESModule("resource:///modules/AddrBookFileImporter.sys.mjs");
    const book = MailServices.ab.getDirectoryFromId(
        MailServices.ab.newAddressBook("in", "", Ci.nsIAbManager.JS_DIRECTORY_TYPE));
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    await new AddrBookFileImporter("vcard").startImport(file, book);
    const lines = [];
    const plain = value => [value].flat(2).join("|").replaceAll("\n", "¶");
    for (const card of book.childCards) {
        const say = (key, value) => lines.push(`${card.UID} ${key} ${plain(value)}`);
        say("shown", [card.displayName, card.firstName, card.lastName]);
        say("emails", card.emailAddresses);
        for (const entry of card.vCardProperties.entries)
            say([entry.name].concat(entry.params.type ?? []).join(), entry.value);
    }
    await IOUtils.writeUTF8(to, lines.map(line => line + "\n").join(""));
    return lines.length;
})(...arguments);
JS

HOME=$dir/home MOZ_CRASHREPORTER_DISABLE=1 setsid thunderbird --headless --no-remote --marionette \
    -remote-allow-system-access --profile "$profile" >"$dir/log" 2>&1 &
bird=$!
trap 'kill -TERM -- -$bird 2>/dev/null; wait $bird 2>/dev/null' EXIT

for _ in {1..300}; do
    { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null && break
    kill -0 $bird 2>/dev/null || break
    sleep 0.1
done

# message: what comes next, in $message
message() {
    local LC_ALL=C length
    read -r -t 40 -d : length <&3 && read -r -t 40 -N "$length" message <&3
}
# ask NAME PARAMETERS: its answer in $message
asked=0
ask() {
    local LC_ALL=C json="[0,$((++asked)),\"$1\",$2]"
    printf '%s:%s' "${#json}" "$json" >&3
    message
}
quoted() { perl -0777 -pe 's/([\\"])/\\$1/g; s/\n/\\n/g; s/^/"/; s/$/"/' "$@"; }

message
like "$message" '"marionetteProtocol":3' "Thunderbird listens"
ask WebDriver:NewSession '{}'
like "$message" '"browserName":"' "a session"
ask Marionette:SetContext '{"value":"chrome"}'
ask WebDriver:SetTimeouts '{"script":30000}'
ask WebDriver:ExecuteScript \
    "{\"script\":$(quoted "$dir/import.js"),\"args\":[\"$dir/all.vcf\",\"$dir/read\"],\"newSandbox\":true}"
like "$message" '^\[1,[0-9]+,null,' "its importer takes the file"
ask Marionette:Quit '{"flags":["eForceQuit"]}'

# ---- what its address book says, all values of a property in their order; ¶ is a new line, | parts a value

card=""
says() {
    is "$(sed -n "s/^$card $1 //p" "$dir/read" | paste -sd '~' -)" "$2" "$3"
}
card=$(uid 1)
says shown "Klub Klokot, Beč||" "an organisation"
says fn "Klub Klokot, Beč~Клуб Клокот, Беч" "in both scripts"
says kind org "as what it is"
says emails club@x.example "with its address"
says categories "Diaspora club" "and its category"
card=$(uid 2)
says uid "$card" "a person with the UID that it has here"
says shown "dr Đorđe Đokić|Đorđe|Đokić" "by its name"
says fn "dr Đorđe Đokić~Ђорђе Ђокић" "in both scripts"
says n "Đokić|Đorđe||dr|~Ђокић|Ђорђе|||" "and its parts"
says org "Klub Klokot, Beč~Клуб Клокот, Беч~Opština Klokot" "with where it works"
says title "predsednik; član" "as what"
says role "savetnik, počasni" "and what it is elsewhere"
says emails "dj@x.example|second@x.example" "with its addresses, the preferred first"
says email,home second@x.example "the private one at home"
says tel "+38349000201" "with its phone"
says tel,home "+4930000412" "and the private one"
says lang "sr-Latn~de" "with its languages"
says categories vip "with its tag"
says note "Zove se; ujutru, uvek¶по подне \\ касно" "and the note"
card=$(uid 3)
says shown "Shpëtim Kryeziu-Çela|Shpëtim|Kryeziu-Çela" "another by its name"
says tel "lok. 12" "with a phone that is no number"
says adr "||Rruga e Dëshmorëve 7; pas xhamisë¶hyrja 2|38260 Klokot|||XK" "and where letters go"
is "$(cut -d ' ' -f 1 "$dir/read" | sort -u | wc -l)" 4 "no card more, and none less"
done_testing
