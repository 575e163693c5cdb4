-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A message and its first chunk, unless its identity is known.  No row at all: another transaction has stored it since
-- this statement began, and the next look finds it.
-- message_add :maybe
with added as (
    insert into message (direction, identity, state, rfc_message_id, date, from_address, from_name, subject, size,
                         contact_id, outbox_id, thread_id, refers_to)
    values ($1, $2::bytea, case $1 when 'out' then 'sent' else 'new' end, $3, to_timestamp($4::bigint), $5, $6,
            coalesce($7, ''), $8, $9, $10, $11, string_to_array($13::text, ' '))
    on conflict (identity) where identity is not null do nothing
    returning id
), chunk as (
    insert into message_chunk (message_id, n, bytes) select id, 0, $12::bytea from added
)
select id, true as added from added
union all
select id, false from message where identity = $2::bytea;

-- The same for many incoming ones, some of which were judged already: those that were not known; of two with one identity the
-- first.
-- message_add_many :many
with added as (
    insert into message (direction, identity, rfc_message_id, refers_to, size, state, date, from_address, from_name, subject,
                         class, rule, evidence, facts, reply_text, why, people, believed, contact_id, proposal)
    select 'in', identity, rfc_message_id, string_to_array(refers_to, ' '), size, state, mail_date(nullif(date, 0), now()),
           from_address, from_name, coalesce(subject, ''), class, rule, evidence::jsonb, facts::jsonb, reply_text, why,
           people::text[], coalesce(believed::boolean, true), nullif(contact_id, 0), proposal::jsonb
      from unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $6::text[], $7::bigint[], $8::text[], $9::text[],
                  $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
                  $18::text[], $19::bigint[], $20::text[])
           as u (identity, rfc_message_id, refers_to, size, state, date, from_address, from_name,
                 subject, class, rule, evidence, facts, reply_text, why, people,
                 believed, contact_id, proposal)
    on conflict (identity) where identity is not null do nothing
    returning id, identity
), first as (
    select a.id, min(i.n) as n from added a join unnest($1::bytea[]) with ordinality i (identity, n) using (identity) group by a.id
), chunk as (
    insert into message_chunk (message_id, n, bytes)
    select f.id, 0, b.bytes from first f join unnest($5::bytea[]) with ordinality b (bytes, n) using (n)
)
select n, id from first order by n;

-- message_find_letter :maybe
select id from message where rfc_message_id = $1 and direction = 'out' and identity is null;

-- message_know_letter :none
update message set identity = $2::bytea where id = $1 and identity is null;

-- message_find_identity :one
select id from message where identity = $1::bytea;

-- message_add_chunk :none
insert into message_chunk (message_id, n, bytes) values ($1, $2, $3::bytea);

-- A file of the message: the one that is known, or a new one.
-- message_add_file :none
with known as (
    select id from attachment where sha256 = sha256($3::bytea)
), added as (
    insert into attachment (sha256, size, bytes)
    select sha256($3::bytea), length($3::bytea), $3::bytea where not exists (select from known)
    on conflict (sha256) do update set sha256 = excluded.sha256
    returning id
)
insert into message_chunk (message_id, n, bytes, attachment_id, line)
select $1, $2, '', id, $4 from (select id from known union all select id from added) f;

-- message_size :maybe
select size from message where id = $1;

-- message_chunks :many
select coalesce(a.bytes, c.bytes) as bytes, c.base_id is not null as packed, c.line
  from message_chunk c left join attachment a on a.id = c.attachment_id where c.message_id = $1 order by c.n;

-- message_base :maybe
select b.bytes from message_chunk c join message_base b on b.id = c.base_id where c.message_id = $1 and c.n = 0;
