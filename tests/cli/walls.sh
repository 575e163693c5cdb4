#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What a login of the office gets from the store's own functions by psql, with arguments that the program never sends.
. tests/lib/tap.sh

. tests/lib/people.sh walls
add() {
    local who=$1
    shift
    as "$who" --json contact add "$@" | number
}

user clerk clerk mayor
user head head mayor
user defb clerk defb
user admin admin defb

# ---- searching
id=$(add clerk --name "Ana Anić" --email ana@x.example --note "likes figs")
is "$(psql_as clerk "select count(*) from contact_search('{figs}', '{}', 50, 'z')")" 1 "who keeps a contact finds it by its note"
is "$(psql_as defb "select count(*) from contact_search('{figs}', '{}', 50, 'z')")" 0 "another department does not"
is "$(psql_as defb "select count(*) from contact_search('{figs}', '{}', 50, 'Z')")" 0 "not with a capital for the field either"
is "$(psql_as defb "select count(*) from contact_words('{figs}', 'Z')")" 0 "nor in a segment's question"
quoted="array['ana''&''Zfigs']"
is "$(psql_as defb "select count(*) from contact_search($quoted, '{}', 50, 'n') where contact_id = $id")" 0 "nor with a field inside the word"
is "$(psql_as defb "select count(*) from contact_words($quoted, 'n') where contact_words = $id")" 0 "nor there"
is "$(psql_as defb "select count(*) from contact_search('{anic}')")" 1 "by its name everybody does"

# ---- merging
other=$(add clerk --name "Ana Anic" --email ana2@x.example)
third=$(add clerk --name "A. Anic" --email ana3@x.example)
like "$(psql_as defb "update contact set merged_into = $id where id = $other; select merged_into from contact where id = $other")" \
    '^$' "another department merges nothing by hand"
like "$(psql_as clerk "update contact set merged_into = $id where id = $other")" 'is merged by' "nor does who keeps both"
merge=$(psql_as clerk "select contact_merge($id, $other, '{}')")
exits 0 "a merge" test "$merge" -gt 0
psql_as clerk "select contact_merge($third, $id, '{}')" >/dev/null
like "$(psql_as clerk "select contact_unmerge($merge)")" "contact $id is itself merged" "a merge below another stays"
as clerk contact unmerge "$id" >/dev/null
psql_as clerk "select contact_unmerge($merge)" >/dev/null
is "$(sql "select count(*) from contact where merged_into is not null")" 0 "taken apart, the last first"
sql "update contact set state = 'deceased' where id = $other"
like "$(psql_as clerk "select contact_unmerge($merge)")" "is undone already" "and once"
is "$(sql "select state from contact where id = $other")" deceased "what came after it stays"

sql "insert into contact (id, kind, department_id, organisation_id) overriding system value
     select 901, 'organisation', id, null from department where slug = 'mayor'
     union all select 902, 'organisation', id, 901 from department where slug = 'mayor'
     union all select 903, 'organisation', id, 902 from department where slug = 'mayor';
     insert into contact_name (contact_id, name, main, fold, near)
     select id, 'O' || id, true, 'o' || id, 'o' || id from unnest('{901,902,903}'::bigint[]) id"
parts() { sql "select string_agg(concat(id, '<', organisation_id), ' ' order by id) from contact where id between 901 and 903"; }
psql_as clerk "select contact_merge(901, 903, '{}')" >/dev/null
is "$(parts)" "901< 902<901 903<" "no organisation is a part of what is a part of it"
as clerk contact unmerge 901 >/dev/null
is "$(parts)" "901< 902<901 903<902" "and it is as it was"
psql_as clerk "select contact_merge(903, 901, '{}')" >/dev/null
is "$(parts)" "901< 902<903 903<" "the other way round neither"
as clerk contact unmerge 903 >/dev/null
is "$(parts)" "901< 902<901 903<902" "which is undone, too"
psql_as clerk "select contact_merge(902, 901, '{}')" >/dev/null
as clerk contact unmerge 902 >/dev/null
is "$(parts)" "901< 902<901 903<902" "nor a part that becomes the whole"

# ---- erasing
secret=$(add clerk --name "Zana Tajna" --email zana@secret.example)
twin=$(add clerk --name "Zana T." --email zt@x.example)
as clerk contact merge "$twin" "$secret" --into "$twin" >/dev/null 2>&1 || psql_as clerk "select contact_merge($twin, $secret, '{}')" >/dev/null
psql_as clerk "update address set position = 7 where email_key = 'zana@secret.example'" >/dev/null
as clerk contact unmerge "$twin" >/dev/null
is "$(sql "select merged_into is null from contact where id = $secret")" t "merged and taken apart"
printf 'Name,E-mail,Salutation\nZana Tajna,zana@secret.example,Zeka tajna\n' >"$dir/list.csv"
as clerk contact import "$dir/list.csv" --policy update >"$dir/import" 2>&1
exits 0 "erased" as head contact erase "$secret" --why asked
is "$(sql "select count(*) from audit_value where before::text ~* 'secret.example' or after::text ~* 'secret.example'")" 0 \
    "its address is not in the log of the one that it was merged with"
is "$(sql "select count(*) from import_change where contact_id = $secret")" 0 "nor what an import changed"
exits 0 "the log is whole" as clerk audit verify

# a contact of one department that was merged into another's
mine=$(add clerk --name "Beni Beni" --email beni@x.example)
theirs=$(add admin --name "Beni B" --email beni2@x.example --department defb)
as admin --json contact merge "$mine" "$theirs" --into "$mine" >/dev/null 2>&1 || psql_as admin "select contact_merge($mine, $theirs, '{}')" >/dev/null
is "$(sql "select merged_into from contact where id = $theirs")" "$mine" "merged over departments"
exits 0 "the head of the one that keeps it erases both" as head contact erase "$mine" --why asked
is "$(sql "select count(*) from contact_name where contact_id in ($mine, $theirs) and name !~ '^Erased'")" 0 "names and all"

# ---- erased, and in a list again
printf 'Name,E-mail\nZana Tajna,zana@secret.example\n' >"$dir/again.csv"
out=$(as clerk --json contact import "$dir/again.csv" 2>&1)
like "$out" 'asked to be forgotten' "an erased address that comes back in a list is said"

# ---- who opted out is not forgotten with the list that brought them
printf 'Name,E-mail\nOlga Out,olga@out.example\nPeter In,peter@out.example\n' >"$dir/out.csv"
import=$(as clerk --json contact import "$dir/out.csv" | number)
exits 0 "an opt-out" as clerk consent withdraw olga@out.example --all --how phone
exits 1 "the import is not undone" as clerk contact import-undo "$import"
like "$out" "row [0-9]+: contact [0-9]+, .*: it " "which says of whom and why"
exits 0 "but the rest of it is" as clerk contact import-undo "$import" --keep-changed
is "$(sql "select string_agg(email_key, ',') from address where email_key ~ '@out.example'")" olga@out.example "who opted out stays"
like "$(psql_as clerk "delete from contact where id = (select contact_id from address where email_key = 'olga@out.example')")" \
    'consent' "also when a hand deletes"

# ---- what was learnt of an address outlives a merge
dead=$(add clerk --name "Dora Dead" --email dora@x.example)
live=$(add clerk --name "Dora D." --email dora2@x.example)
as clerk contact edit "$live" --email dora@x.example >/dev/null 2>&1
sql "insert into address (contact_id, email, email_key) values ($live, 'dora@x.example', 'dora@x.example') on conflict do nothing"
as clerk contact email "$dead" dora@x.example --state dead --why "user unknown" >/dev/null
psql_as clerk "select contact_merge($live, $dead, '{}')" >/dev/null
is "$(sql "select state from address where email_key = 'dora@x.example' and contact_id = $live")" dead "a dead address stays dead"
exits 0 "and the merge is taken apart" as clerk contact unmerge "$live"

# ---- retention takes two, in their own names
psql_as head "insert into retention_report default values" >/dev/null
like "$(psql_as head "update retention_report set done_at = now(), done_by = 'walls_admin'")" 'row-level security' \
    "a report is carried out in one's own name"


# ---- other people's names, and official lists
like "$(psql_as clerk "insert into contact_note (contact_id, note, created_by) values ($id, 'x', 'walls_head')")" \
    'row-level security' "nobody notes in another's name"
official="insert into mail_list (slug, name, purpose, basis, official) values ('duty', 'd', 'p', 'public-task', true)"
like "$(psql_as clerk "$official")" 'row-level security' "a clerk makes no list that nobody opts out of"
is "$(psql_as head "$official returning slug")" duty "a head does"

done_testing
