-- SPDX-License-Identifier: AGPL-3.0-or-later
-- audit_seal :one
select audit_seal() as sealed;

-- audit_sums :one
select entries, unsealed, erased, chain from audit_sums();

-- audit_broken :maybe
select id, at::text as at, actor, action, object, why from audit_broken();

-- audit_note :one
select audit_note($1, $2, $3, $4::bytea) as id;

-- Newest first.
-- audit_list :many
select a.id, to_char(a.at at time zone $5, 'YYYY-MM-DD HH24:MI:SS') as at, a.actor, a.action, a.object, a.rows, a.seq
  from audit a
 where ($1::bigint is null or a.id in (select v.audit_id from audit_value v where v.contact_id = $1::bigint))
   and ($2::name is null or a.actor = $2::name)
   and ($3::date is null or a.at >= $3::date::timestamp at time zone $5)
   and ($4::date is null or a.at < ($4::date + 1)::timestamp at time zone $5)
   and ($6::bigint is null or a.id < $6::bigint)
 order by a.id desc limit $7;
