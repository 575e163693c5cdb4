#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# The demo as people run it, whole, in a folder and at ports of its own.
. tests/lib/tap.sh
if [ -z "${SUBMISSION_PORT:-}" ]; then
    skip "the demo needs Postfix, and that needs root"
    done_testing
fi
export DEMO_DIR=$ADRESAR_TEST_DIR/demo PORT=$((ADRESAR_TEST_PORT + 60))
unset PGHOST PGUSER ADRESAR_CONF

bash demo/run >"$ADRESAR_TEST_DIR/page" 2>&1
ok $? "the demo runs to its end" "$(tail -n 20 "$ADRESAR_TEST_DIR/page")"
for name in contacts meetings letters mailing event; do
    unzip -tq "$DEMO_DIR/out/$name.xlsx" >/dev/null 2>&1
    ok $? "$name.xlsx is there"
done
[[ $(pdftotext "$DEMO_DIR/out/letters-on-paper.pdf" - 2>/dev/null) == *"Позив на Петровдан"* ]]
ok $? "the letters on paper are there"
is "$(pgrep -af -- "$DEMO_DIR")" "" "it leaves no process"

exits 0 "demo-up starts the servers again" bash demo/run up
eval "$(demo/servers env "$DEMO_DIR/servers")"
ask() { psql -h "$PGHOST" -U postgres -Atc "$1" adresar; }
is "$(ask "select count(*) from mailing")" 5 "three mailings, the update of one, and a newsletter"
like "$(cat "$ADRESAR_TEST_DIR/page")" 'klub.morava.ma@gmx.example:.*List-Id: Newsletter <newsletter.klokot.example>.*List-Unsubscribe: <mailto:kabinet\+u[^?]*@klokot.example\?subject' \
    "whose letters say how one leaves the list"
is "$(ask "select count(*) filter (where o.state = 'accepted'), count(*) filter (where o.reason like '%consented%') > 0
           from outbox o join mailing m on m.id = o.mailing_id where m.kind = 'newsletter'")" "5|t" "it went to who asked for it, and has an address that lives"
is "$(ask "select a.email, c.given, c.how from consent c join address a using (contact_id) where not c.given and c.list_id is not null")" \
    "klub.morava.ma@gmx.example|f|mail" "and a mail to that address is enough"
is "$(ask "select consent_forbids(contact_id, (select id from mail_list where slug = 'newsletter')) is not null from address where email = 'klub.morava.ma@gmx.example'")" \
    t "so that it gets no more of them"
like "$(cat "$ADRESAR_TEST_DIR/page")" 'wojt@piekoszow.example:.*SEQUENCE:1.*DTSTART;TZID=Europe/Belgrade:[0-9]+T110000' \
    "a guest has the new hour in the mailbox"
is "$(ask "select count(*) from outbox where state in ('held', 'queued', 'submitting', 'deferred', 'unknown')")" 0 \
    "each recipient's fate is known"
is "$(ask "select email from outbox where state = 'refused'")" info@kabllo-net.example "one is refused by policy"
is "$(ask "select state from mailing where state not in ('released', 'finished')")" "" "which pauses no mailing"
is "$(ask "select count(*) from message where direction = 'in' and state = 'new'")" 0 "all that came in is filed or waits for a person"
exits 0 "adresar answers by hand" "$DEMO_DIR/adresar" contact find Stojković
exits 0 "demo-down stops them" bash demo/run down
is "$(pgrep -af -- "$DEMO_DIR")" "" "it leaves no process"
demo/servers wipe "$DEMO_DIR/servers"

# a program whose `user list` finds something to look at, where nothing is to be expected
cat >"$ADRESAR_TEST_DIR/failing" <<END
#!/bin/sh
[ "\$1 \$2" = "user list" ] && exit 1
exec $ADRESAR_BIN "\$@"
END
chmod 755 "$ADRESAR_TEST_DIR/failing"
exits 1 "a command that fails ends the demo" env ADRESAR_BIN="$ADRESAR_TEST_DIR/failing" bash demo/run
like "$out" 'that ended with exit code 1' "which says so"
is "$(pgrep -af -- "$DEMO_DIR")" "" "and leaves no process"
[ ! -e "$DEMO_DIR/servers" ] || demo/servers wipe "$DEMO_DIR/servers"
done_testing
