-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A message and its first chunk, unless its identity is known.  No row at all: another transaction has stored it since
-- this statement began, and the next look finds it.
-- message_add :maybe
with added as (
    insert into message (direction, identity, state, rfc_message_id, date, from_address, from_name, subject, size,
                         contact_id, outbox_id, thread_id)
    values ($1, $2::bytea, case $1 when 'out' then 'sent' else 'new' end, $3, to_timestamp($4::bigint), $5, $6,
            coalesce($7, ''), $8, $9, $10, $11)
    on conflict (identity) do nothing
    returning id
), chunk as (
    insert into message_chunk (message_id, n, bytes) select id, 0, $12::bytea from added
)
select id, true as added from added
union all
select id, false from message where identity = $2::bytea;

-- The same for many incoming ones; of two with one identity both get its id.
-- message_add_many :many
with incoming as (
    select *
      from unnest($1::bytea[], $2::text[], $3::bigint[], $4::bytea[]) with ordinality
           as u (identity, rfc_message_id, size, bytes, n)
), added as (
    insert into message (direction, identity, state, rfc_message_id, size)
    select 'in', identity, 'new', rfc_message_id, size from incoming order by n
    on conflict (identity) do nothing
    returning id, identity
), first as (
    select a.id, min(i.n) as n from added a join incoming i using (identity) group by a.id
), chunk as (
    insert into message_chunk (message_id, n, bytes) select f.id, 0, i.bytes from first f join incoming i using (n)
)
select i.n, coalesce(a.id, m.id) as id, f.n is not null as added
  from incoming i
  left join added a using (identity)
  left join message m using (identity)
  left join first f on f.n = i.n
 where coalesce(a.id, m.id) is not null
 order by i.n;

-- message_find_identity :one
select id from message where identity = $1::bytea;

-- message_add_chunk :none
insert into message_chunk (message_id, n, bytes) values ($1, $2, $3::bytea);

-- message_size :maybe
select size from message where id = $1;

-- message_chunks :many
select bytes, base_id is not null as packed from message_chunk where message_id = $1 order by n;

-- message_base :maybe
select b.bytes from message_chunk c join message_base b on b.id = c.base_id where c.message_id = $1 and c.n = 0;
