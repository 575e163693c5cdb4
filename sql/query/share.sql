-- SPDX-License-Identifier: AGPL-3.0-or-later
-- share_add :none
insert into contact_department (contact_id, department_id)
select id, $2::integer from contact where id = $1 and department_id <> $2::integer
on conflict do nothing;

-- share_grant_asked :none
update share_request set granted = true, decided_by = actor(), decided_at = now()
 where contact_id = $1 and department_id = $2 and granted is null;

-- share_end :none
delete from contact_department where contact_id = $1 and department_id = $2;

-- share_exists :one
select c.department_id = $2::integer as keeps,
       exists (select from contact_department where contact_id = c.id and department_id = $2::integer) as shares
  from contact c where c.id = $1;

-- share_ask :none
insert into share_request (contact_id, department_id) values ($1, $2) on conflict do nothing;

-- share_list :many
select r.id, r.contact_id, n.name, k.slug as keeper, d.slug as department, r.asked_by,
       to_char(r.asked_at at time zone $2, 'YYYY-MM-DD HH24:MI') as asked_at, r.import_id, r.granted,
       r.decided_by, to_char(r.decided_at at time zone $2, 'YYYY-MM-DD HH24:MI') as decided_at,
       c.department_id = any ((select rights_in('share'))::integer[]) as ours
  from share_request r join contact c on c.id = r.contact_id
  join contact_name n on n.contact_id = c.id and n.main
  join department k on k.id = c.department_id join department d on d.id = r.department_id
 where $1::boolean or r.granted is null
 order by r.id;

-- share_find :maybe
select r.contact_id, r.department_id, r.granted is not null as decided
  from share_request r where r.id = $1;

-- share_decide :none
update share_request set granted = $2, decided_by = actor(), decided_at = now() where id = $1 and granted is null;

-- The keeper until now goes on sharing it, the new one no longer needs to.
-- share_hand_over :maybe
with before as (
    select id, department_id from contact where id = $1 and department_id <> $2::integer for update
), kept as (
    insert into contact_department (contact_id, department_id) select id, department_id from before
    on conflict do nothing
)
update contact c set department_id = $2::integer from before where c.id = before.id returning c.id;
