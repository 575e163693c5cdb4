# SPDX-License-Identifier: AGPL-3.0-or-later
#
# An office for scripts that test delivering: a database of its own, two clerks, a few contacts, a template, and an SMTP
# server that the script starts.  `. tests/lib/office.sh NAME PORT PEOPLE` after tap.sh.
#
#   adresar ...    the program with the office's configuration      sql TEXT    as the superuser
#   as one|two ... the program as a clerk                           new_mailing sets $id: prepared by one, released by two
#   states ID      "p1 accepted" a line                             sink FLAGS...   smtp-sink on the office's port
#   real_smtp FROM_NAME  the office sends through the real Postfix, as kabinet@klokot.example, in place of the sink
#   real_imap        and reads that one's mailbox (after the sections for sending)
#   empty_mailboxes USER...  of the real Dovecot: other tests may have sent there
#   sql_as ROLE TEXT  as a clerk (one, two) or as deliver, fetch, report; an error is printed

empty_mailboxes() {
    local user
    for user; do doveadm -c "$SERVERS_DIR/dovecot/dovecot.conf" expunge -u "$user" mailbox '*' all >/dev/null 2>&1; done
}

# at_server KIND NAME PORT LINE...: an account of kabinet's at the real servers
at_server() {
    printf '%s\n' "[$1 $2]" 'host = 127.0.0.1' "port = $3" "verify_name = $MAIL_HOST" "ca_file = $CA_FILE" \
        'user = kabinet@klokot.example' "password_file = $PASSWORD_FILE" "${@:4}" >>"$dir/adresar.conf"
}

real_imap() { at_server imap office "$IMAPS_PORT" 'address = kabinet@klokot.example'; }

real_smtp() {
    sed -i '/^\[smtp /,$d' "$dir/adresar.conf"
    at_server smtp sink "$SUBMISSION_PORT" "from_name = $1" 'from_address = kabinet@klokot.example'
}

office=$1 port=$2 people=$3
name=adresar_$office
dir=$ADRESAR_TEST_DIR/$office
mkdir -p "$dir/template" "$dir/sink"
chmod 755 "$dir"
chmod 777 "$dir/sink"

cat >"$dir/adresar.conf" <<CONF
[database]
conninfo = host=$PGHOST dbname=$name
[office]
name = Office
domain = office.example
[keys]
file = keys
[smtp sink]
host = 127.0.0.1
port = $port
tls = none
from_name = Office
from_address = office@office.example
connections = 1
lease_s = 1
timeout_s = 3
CONF
cat >"$dir/template/notice.en.md" <<'TEXT'
---
lang: en
subject: A notice
---

{{salutation}},

this is the whole notice, to its END.
TEXT

# what LD_PRELOAD puts into the program (tests/crash/shim.c), behind the sanitizer's runtime where there is one
shim=$(ldd "$ADRESAR_BIN" | awk '/libasan/ { printf "%s:", $3 }')${ADRESAR_BIN%/*}/tests/crash/shim.so
adresar() { "$ADRESAR_BIN" -c "$dir/adresar.conf" "$@"; }
as() {
    local clerk=${office}_$1
    shift
    PGUSER=$clerk adresar "$@"
}
sql() { psql -qAtX -h "$PGHOST" -U postgres -d "$name" -c "$1"; }
sql_as() {
    local role=adresar_$1
    [[ $1 = one || $1 = two ]] && role=${office}_$1
    psql -qAtX -h "$PGHOST" -U "$role" -d "$name" -v ON_ERROR_STOP=1 -c "$2" 2>&1
}
states() { sql "select split_part(email, '@', 1), state from outbox where mailing_id = $1 order by id" | tr '|' ' '; }

office_begin() {
    local i
    PGUSER=postgres adresar db init >/dev/null || return
    adresar key new >/dev/null || return
    for i in one two; do
        PGUSER=adresar_owner adresar user add "${office}_$i" --role clerk --department office --department-name Office \
            >/dev/null || return
        demo/servers map "$ADRESAR_TEST_DIR/servers" "${office}_$i" >/dev/null || return
    done
    for i in $(seq "$people"); do
        as one contact add --kind person --name "Person $i" --email "p$i@sink.example" --language en \
            --salutation "Dear person $i" --department office >/dev/null || return
        echo "p$i@sink.example"
    done >"$dir/list"
}

# More people, p3 to pN, past the program: for what does not depend on how they came; all in $dir/everybody.
crowd() {
    sql "set session_replication_role = replica;
         insert into contact (kind, department_id, languages) select 'person', 1, '{en}' from generate_series($people + 1, $1);
         insert into contact_name (contact_id, name, main, fold, near)
         select id, 'Person ' || id, true, '', '' from contact where id > $people;
         insert into address (contact_id, email, email_key)
         select id, e, e from contact, lateral (select 'p' || id || '@sink.example' e) x where id > $people;
         insert into consent (contact_id, list_id, given, how) select c.id, l.id, true, 'form' from contact c, mail_list l
          where l.slug = 'newsletter'" >/dev/null
    people=$1
    seq "$people" >"$dir/everybody"
}

# mailing KIND: to everybody, released; sets $id
mailing() {
    id=$(as one --json mailing new --kind "$1" --name "$1" --template "$dir/template" --to "$dir/everybody" --from sink |
        sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    as two mailing release "$id" >/dev/null || return
    rm -f "$dir"/sink/*
}

new_mailing() {
    id=$(as one --json mailing new --kind notice --name "$office" --template "$dir/template" --to "$dir/list" \
        --from sink | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    as two mailing release "$id" >/dev/null || return
    rm -f "$dir"/sink/*
}

sink_pid=""
sink() {
    sink_end
    (cd "$dir/sink" && exec smtp-sink $([ "$(id -u)" != 0 ] || echo -u nobody) -d m. "$@" "127.0.0.1:$port" 100) 2>"$dir/sink.log" &
    sink_pid=$!
    local _
    for _ in $(seq 100); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
        sleep 0.05
    done
    cat "$dir/sink.log" >&2
    return 1
}
sink_end() {
    [ -z "$sink_pid" ] || { kill "$sink_pid" && wait "$sink_pid"; } 2>/dev/null
    sink_pid=""
}
trap sink_end EXIT

# How often the whole content for each recipient came to the sink: "p1 1" a line
arrived() {
    local f
    for f in "$dir"/sink/m.*; do
        [ -f "$f" ] && grep -q 'to its END' "$f" && sed -n 's/^X-Rcpt-Args: <\(p[0-9]*\)@.*/\1/p' "$f"
    done | sort | uniq -c | awk '{ print $2, $1 }'
}

office_begin || { echo "Bail out! the office could not be made"; exit 1; }
