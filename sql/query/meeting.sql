-- SPDX-License-Identifier: AGPL-3.0-or-later
-- meeting_add :one
insert into meeting (department_id, held_on, held_at, place, subject, chair, attendees, minutes, language, import_id)
values ($1, $2, $3, coalesce($4, ''), $5, coalesce($6, ''), coalesce($7, ''), coalesce($8, ''), $9, $10)
returning id;

-- meeting_find_same :maybe
select min(id) as id
  from meeting
 where held_on = $1 and held_at is not distinct from $2::time and lower(subject) = lower($3)
having count(*) > 0;

-- meeting_list :many
select m.id, m.held_on::text as held_on, to_char(m.held_at, 'HH24:MI') as held_at, m.place, m.subject, m.chair,
       m.attendees, m.minutes, m.language, d.slug as department
  from meeting m join department d on d.id = m.department_id
 where $1::integer is null or m.department_id = $1
 order by m.held_on, m.held_at nulls first, m.id;

-- meeting_import_add :one
insert into import (kind, file_name, sha256, department_id, encoding, delimiter)
values ('meetings', $1, sha256($2::bytea), $3, $4, $5)
returning id;

-- meeting_import_row :none
insert into import_row (import_id, row, line, class, reason) values ($1, $2, $3, $4, $5);

-- meeting_import_sums :none
update import set ready = $2, known = $3, to_check = $4, refused = $5 where id = $1;
