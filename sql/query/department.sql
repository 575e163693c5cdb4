-- SPDX-License-Identifier: AGPL-3.0-or-later
-- department_find :maybe
select id, slug, name from department where slug = $1;

-- department_of_user :maybe
select d.id, d.slug, d.name
  from staff s join department d on d.id = s.department_id
 where s.id = staff_acting();

-- department_list :many
select id, slug, name from department order by slug;

-- department_add :one
insert into department (slug, name) values ($1, $2) returning id, slug, name;
