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

-- message_find_identity :one
select id from message where identity = $1::bytea;

-- message_add_chunk :none
insert into message_chunk (message_id, n, bytes) values ($1, $2, $3::bytea);

-- message_size :maybe
select size from message where id = $1;

-- message_chunks :many
select bytes from message_chunk where message_id = $1 order by n;
