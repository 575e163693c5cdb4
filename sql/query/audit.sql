-- SPDX-License-Identifier: AGPL-3.0-or-later
-- audit_seal :one
select audit_seal() as sealed;

-- audit_sums :one
select entries, unsealed, erased, chain from audit_sums();

-- audit_broken :maybe
select id, at::text as at, actor, action, object, why from audit_broken();

-- audit_note :one
select audit_note($1, $2, $3, $4::bytea) as id;

-- Where the tables are not what the log says; a heavy question.
-- audit_differs :many
select id, at::text as at, actor, action, object, first_id, last_id, why from audit_differs();

-- Newest first.  The contact is the one of whom all of it is; of several rows the first one's changes.
-- audit_list :many
with entry as materialized (
    select a.id, to_char(a.at at time zone $5, 'YYYY-MM-DD HH24:MI:SS') as at, a.actor, a.action, a.object, a.rows, a.seq
      from audit a
     where ($1::bigint is null or a.id in (select v.audit_id from audit_value v where v.contact_id = $1::bigint))
       and ($2::name is null or a.actor = $2::name)
       and ($3::date is null or a.at >= $3::date::timestamp at time zone $5)
       and ($4::date is null or a.at < ($4::date + 1)::timestamp at time zone $5)
       and ($6::bigint is null or a.id < $6::bigint)
     order by a.id desc limit $7
)
select e.*, c.id as contact_id, n.name as contact, audit_changes(v.before, coalesce(v.after, m.row))::text as changes
  from entry e
  left join lateral (select before, after from audit_value where audit_id = e.id order by row_id limit 1) v on true
  left join lateral (select case when min(contact_id) = max(contact_id) then min(contact_id) end as contact_id
                       from audit_value where audit_id = e.id) o on true
  -- a new row: as it was before its first change, or is
  left join lateral (select coalesce((select w.before from audit_value w join audit a on a.id = w.audit_id
                                       where w.row_id = lower(i.ids) and w.audit_id > e.id and a.object = e.object
                                       order by w.audit_id limit 1),
                                     audit_row(e.object, lower(i.ids))) as row
                       from audit_insert i where i.audit_id = e.id and e.action = 'INSERT' and e.rows = 1) m on true
 cross join lateral (select coalesce(o.contact_id, audit_row_contact(e.object, m.row)) as id) c
  left join contact_name n on n.contact_id = c.id and n.main
 order by e.id desc;
