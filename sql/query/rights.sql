-- SPDX-License-Identifier: AGPL-3.0-or-later
-- rights_forget :none
delete from staff_right;

-- rights_add :none
insert into staff_right (name, role, scope) values ($1, $2, $3);

-- Whom row-level security does not bind (the owner, a superuser), no check of ours does.
-- rights_may :one
select not row_security_active('public.contact') or rights_in($1) <> '{}' as may, s.role, d.slug as department,
       $2::integer is null or not row_security_active('public.contact') or $2::integer = any (rights_in($1)) as there,
       (select slug from department where id = $2::integer) as asked
  from (select) one
  left join staff s on s.id = staff_acting()
  left join department d on d.id = s.department_id;

-- rights_contact :maybe
select d.slug as keeper,
       not row_security_active('public.contact') or c.department_id = any (rights_in($2))
       or not $3::boolean and exists (select from contact_department s
                                       where s.contact_id = c.id and s.department_id = any (rights_in($2))) as may
  from contact c join department d on d.id = c.department_id
 where c.id = $1;
