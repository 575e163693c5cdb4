-- SPDX-License-Identifier: AGPL-3.0-or-later
-- merge_contacts :one
select contact_merge($1, $2, $3::text[]) as id;

-- Where both said something, and not the same.
-- merge_conflicts :many
select case f.field when 'organisation_id' then 'organisation' else f.field end as field,
       coalesce(nk.name, k.value) as kept, coalesce(nd.name, d.value) as dropped
  from contact_merge m cross join contact_merge_fields() f (field)
  cross join lateral (select nullif(m.survivor->f.field, 'null') as value) s
  cross join lateral (select nullif(m.loser->f.field, 'null') as value) l
  cross join lateral (select coalesce(m.taken->>f.field, s.value #>> '{}') as value) k
  cross join lateral (select case when m.taken ? f.field then s.value #>> '{}' else l.value #>> '{}' end as value) d
  left join contact_name nk on f.field = 'organisation_id' and nk.contact_id::text = k.value and nk.main
  left join contact_name nd on f.field = 'organisation_id' and nd.contact_id::text = d.value and nd.main
 where m.id = $1 and s.value <> l.value and jsonb_typeof(s.value) <> 'array'
union all
select r.value->>'field', d.value, r.value->>'value'
  from contact_merge m
  join contact_merge_row r on r.merge_id = m.id and r.object = 'contact_detail' and r.what = 'removed'
  join contact_detail d on d.contact_id = m.survivor_id and d.field = r.value->>'field' and d.value <> r.value->>'value'
 where m.id = $1;

-- merge_moved :many
select object, count(*) filter (where what = 'moved') as moved, count(*) filter (where what = 'left') as stays
  from contact_merge_row
 where merge_id = $1 and what in ('moved', 'left')
 group by object
 order by object;

-- merge_fields :many
select contact_merge_fields() as field union all select 'name' union all select 'organisation';

-- merge_older :one
select (select id from contact where id in ($1, $2) order by created, id limit 1) as id;

-- The last merge of a contact that is not undone: as the one given up, else as the one that stayed.
-- merge_find :maybe
select id, survivor_id, loser_id
  from contact_merge
 where undone_at is null and $1::bigint in (loser_id, survivor_id)
 order by loser_id = $1 desc, id desc
 limit 1;

-- merge_find_later :maybe
select id from contact_merge where undone_at is null and id > $1 and loser_id = $2 limit 1;

-- merge_undo :many
select object, back as moved, stays from contact_unmerge($1);

-- merge_both_open :maybe
select a.id from contact a, contact b where a.id = $1 and b.id = $2 and coalesce(a.merged_into, b.merged_into) is null;
