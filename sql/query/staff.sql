-- SPDX-License-Identifier: AGPL-3.0-or-later
-- staff_find :maybe
select s.id, s.login, s.role, d.slug as department, s.disabled_at is not null as disabled
  from staff s join department d on d.id = s.department_id
 where s.login = $1;

-- staff_find_role :maybe
select exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid
                where m.member = r.oid and g.rolname = 'adresar_office') as office
  from pg_roles r
 where r.rolname = $1;

-- staff_add :one
insert into staff (login, role, department_id) values ($1, $2, $3)
on conflict (login) do update
   set role = excluded.role, department_id = excluded.department_id, disabled_at = null
returning id;

-- staff_leave_departments :none
delete from staff_department where staff_id = $1;

-- staff_join_department :none
insert into staff_department (staff_id, department_id)
select id, $2::integer from staff where id = $1 and department_id <> $2::integer
on conflict do nothing;

-- staff_list :many
select s.login, s.role, d.slug as department, d.name as department_name, s.disabled_at::text as disabled_at,
       (select string_agg(o.slug, ',' order by o.slug)
          from staff_department sd join department o on o.id = sd.department_id where sd.staff_id = s.id) as also
  from staff s join department d on d.id = s.department_id
 order by s.login;

-- staff_disable :maybe
update staff set disabled_at = coalesce(disabled_at, now()) where login = $1 returning id;
