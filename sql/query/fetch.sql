-- SPDX-License-Identifier: AGPL-3.0-or-later
-- fetch_mailbox :one
insert into mailbox (account, folder, uidvalidity) values ($1, $2, $3)
on conflict (account, folder) do update set folder = excluded.folder
returning id;

-- fetch_lock :one
select pg_try_advisory_lock(3464, $1::integer) as locked;

-- fetch_unlock :one
select pg_advisory_unlock(3464, $1::integer) as unlocked;

-- fetch_position :one
select uidvalidity, next_uid from mailbox where id = $1;

-- fetch_start_again :none
update mailbox set uidvalidity = $2, next_uid = 1 where id = $1;

-- fetch_add_place :none
insert into message_place (mailbox_id, uidvalidity, uid, message_id, why) values ($1, $2, $3, $4, $5)
on conflict do nothing;

-- fetch_add_places :none
insert into message_place (mailbox_id, uidvalidity, uid, message_id, why)
select $1, $2, uid, nullif(message_id, 0), why from unnest($3::bigint[], $4::bigint[], $5::text[]) u (uid, message_id, why)
on conflict do nothing;

-- fetch_advance :none
update mailbox set next_uid = greatest(next_uid, $3) where id = $1 and uidvalidity = $2;

-- fetch_succeed :none
update mailbox set read_at = now(), error = null, error_at = null where id = $1;

-- fetch_fail :none
insert into mailbox (account, folder, uidvalidity, error, error_at) values ($1, $2, 0, $3, now())
on conflict (account, folder) do update set error = excluded.error, error_at = excluded.error_at;

-- Is the mail of a personal account the office's business?  Known contacts by address, known threads by id.
-- fetch_is_known :one
select exists (select from address where email_key = any ($1::text[]))
    or exists (select from message where rfc_message_id = any ($2::text[])) as known;

-- What an official wrote from their own mail client: the thread that it answers, the contact when there is one alone.  A
-- letter that nobody has answered yet gets its thread now.
-- fetch_place_sent :one
with answered as (
    select m.id, m.thread_id, m.subject, o.mailing_id
      from unnest($1::text[]) with ordinality r (id, n) join message m on m.rfc_message_id = r.id
      left join outbox o on o.id = m.outbox_id
     where m.thread_id is not null or m.direction = 'out'
     order by m.thread_id is null, r.n, m.id limit 1
), made as (
    insert into thread (subject, mailing_id) select subject, mailing_id from answered where thread_id is null returning id
), threaded as (
    update message m set thread_id = made.id from answered, made where m.id = answered.id
)
select coalesce((select thread_id from answered), (select id from made)) as thread_id,
       (select case when count(distinct contact_id) = 1 then min(contact_id) end
          from address where email_key = any ($2::text[])) as contact_id;

-- What it answers is answered, unless an answer in it still waits to be confirmed.
-- fetch_mark_answered :none
update message m set state = 'answered', why = null
 where m.rfc_message_id = $1 and m.direction = 'in' and m.state in ('filed', 'decide')
   and not exists (select from answer a where a.message_id = m.id and a.state = 'proposed' and a.answer <> 'question');

-- A copy of what was submitted lies in a mailbox (a journal, a Sent folder that the server fills): it left us.  Looked at
-- in each pass, since the copy may be read while its row is not unknown yet.
-- fetch_settle_by_copy :many
with settled as (
    update outbox o
       set state = 'accepted', settled_by = 'copy',
           settled_evidence = jsonb_build_object('message', p.message_id, 'mailbox', p.mailbox_id, 'uid', p.uid)
      from mailing m, message_place p
     where m.id = o.mailing_id and m.state in ('released', 'paused', 'cancelled')
       and o.state = 'unknown' and p.message_id = o.message_id
    returning o.mailing_id
)
select distinct mailing_id from settled;

-- fetch_file_sent :none
update message set class = 'own', rule = 'sent-folder' where id = $1;

-- fetch_status :many
select b.account, b.folder, b.next_uid, b.error,
       to_char(b.read_at at time zone $1, 'YYYY-MM-DD HH24:MI:SS') as read_at,
       extract(epoch from now() - b.read_at)::bigint as lag_s,
       count(p.uid) as places, count(p.message_id) as kept,
       count(*) filter (where m.state = 'parked') as parked,
       count(*) filter (where m.state = 'decide') as decide,
       count(*) filter (where m.state = 'new' and m.class is null) as waiting
  from mailbox b
  left join message_place p on p.mailbox_id = b.id and p.uidvalidity = b.uidvalidity
  left join message m on m.id = p.message_id
 group by b.id
 order by b.account, b.folder;
