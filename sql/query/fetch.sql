-- SPDX-License-Identifier: AGPL-3.0-or-later
-- fetch_mailbox :one
insert into mailbox (account, folder, uidvalidity) values ($1, $2, $3)
on conflict (account, folder) do update set folder = excluded.folder
returning id;

-- fetch_lock :one
select pg_try_advisory_lock(3464, $1::integer) as locked;

-- fetch_unlock :one
select pg_advisory_unlock(3464, $1::integer) as unlocked;

-- Under these conditions it is read from now on; from its begin where another UIDVALIDITY, an earlier day, or all in place of
-- what is known alone, is new among them.
-- fetch_begin :none
update mailbox
   set next_uid = case when uidvalidity <> $2 or since > $3::date or since is not null and $3 is null or personal and not $4
                       then 1 else next_uid end,
       modseq = case when uidvalidity = $2 then modseq else 0 end,
       uidvalidity = $2, since = $3::date, personal = $4, sent = $5
 where id = $1
   and (uidvalidity, since, personal, sent) is distinct from ($2::bigint, $3::date, $4::boolean, $5::boolean);

-- fetch_position :one
select next_uid, modseq from mailbox where id = $1;

-- Of these UIDs those that have no place yet; in an office's account what was kept apart has none.
-- fetch_unknown :many
select uid from unnest($3::bigint[]) u (uid)
 where not exists (select from message_place p
                    where p.mailbox_id = $1 and p.uidvalidity = $2 and p.uid = u.uid
                      and (p.message_id is not null or $4 or p.why not like 'personal:%'))
 order by uid;

-- What could not be had is tried again, ever later, five times in all; at once what a wrong clock saw in the future.
-- fetch_again :many
update message_place
   set tries = tries + 1, seen_at = now()
 where mailbox_id = $1 and uidvalidity = $2 and message_id is null and why not like 'personal:%'
   and gone_at is null and tries < 5
   and seen_at not between now() - make_interval(mins => (5 * 4 ^ tries)::integer) and now() + interval '1 minute'
returning uid;

-- fetch_gone :none
update message_place p
   set gone_at = now()
  from unnest($3::bigint[], $4::bigint[]) r (first, last)
 where p.mailbox_id = $1 and p.uidvalidity = $2 and p.uid between r.first and r.last and p.gone_at is null;

-- fetch_modseq :none
update mailbox set modseq = $2 where id = $1;

-- Addresses that became known since: a few at a time.
-- fetch_look_for :many
select l.address_id, a.email_key from mailbox_look l join address a on a.id = l.address_id
 where l.mailbox_id = $1 order by l.address_id limit 20;

-- fetch_apart :many
select p.uid from message_place p
 where p.mailbox_id = $1 and p.uidvalidity = $2 and p.uid = any ($3::bigint[])
   and p.message_id is null and p.why like 'personal:%'
 order by p.uid;

-- fetch_looked :none
delete from mailbox_look where mailbox_id = $1 and address_id = any ($2::bigint[]);

-- fetch_add_place :none
insert into message_place as p (mailbox_id, uidvalidity, uid, message_id, why) values ($1, $2, $3, $4, $5)
on conflict (mailbox_id, uidvalidity, uid) do update
   set message_id = excluded.message_id, why = excluded.why, seen_at = now(), gone_at = null
 where p.message_id is null;

-- Of many; the messages, which are stored by now, by their identity: one by one, for a join that is planned while the store
-- is empty reads all of it.
-- fetch_add_places :none
insert into message_place as p (mailbox_id, uidvalidity, uid, message_id, why)
select $1, $2, u.uid, (select m.id from message m where m.identity = u.identity), u.why
  from unnest($3::bigint[], $4::bytea[], $5::text[]) u (uid, identity, why)
on conflict (mailbox_id, uidvalidity, uid) do update
   set message_id = excluded.message_id, why = excluded.why, seen_at = now(), gone_at = null
 where p.message_id is null;

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

-- What it answers is answered, unless an answer in it still waits to be confirmed.
-- fetch_mark_answered :none
update message m set state = 'answered', why = null
 where m.rfc_message_id = (select refers_to[1] from message where id = $1 and direction = 'out')
   and m.direction = 'in' and m.believed and m.state in ('filed', 'decide') and m.class in ('human', 'calendar', 'unsubscribe')
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

-- A letter of the outbox stays what it is; what came in as a blind copy, and nobody has filed, was sent by us.
-- fetch_file_sent :none
update message set direction = 'out', state = 'sent', class = 'own', rule = 'sent-folder', why = null, proposal = null,
       matched_by = null, people = $2::text[], believed = true, reply_text = $3
 where id = $1 and outbox_id is null and rule is distinct from 'sent-folder'
   and (direction = 'out' or state in ('new', 'decide', 'parked') or class = 'own');

-- What is to be decided counts where it lies, and where it was last when it lies nowhere any more.
-- fetch_status :many
select b.account, b.folder, b.sent, b.error,
       to_char(b.read_at at time zone $1, 'YYYY-MM-DD HH24:MI:SS') as read_at,
       to_char(b.error_at at time zone $1, 'YYYY-MM-DD HH24:MI:SS') as error_at,
       case when b.read_at is not null then greatest(extract(epoch from now() - b.read_at), 0) end::bigint as lag_s,
       coalesce(p.places, 0) as places, coalesce(p.kept, 0) as kept, coalesce(p.apart, 0) as apart,
       coalesce(p.missing, 0) as missing, coalesce(m.parked, 0) as parked, coalesce(m.decide, 0) as decide,
       coalesce(m.waiting, 0) as waiting
  from mailbox b
  left join (select p.mailbox_id, count(*) as places, count(p.message_id) as kept,
                    count(*) filter (where p.message_id is null and p.why like 'personal:%') as apart,
                    count(*) filter (where p.message_id is null and p.why not like 'personal:%') as missing
               from message_place p join mailbox b on b.id = p.mailbox_id and b.uidvalidity = p.uidvalidity
              where p.gone_at is null
              group by p.mailbox_id) p on p.mailbox_id = b.id
  left join (select p.mailbox_id, count(distinct m.id) filter (where m.state = 'parked') as parked,
                    count(distinct m.id) filter (where m.state = 'decide') as decide,
                    count(distinct m.id) filter (where m.state = 'new' and m.class is null) as waiting
               from message m join message_place p on p.message_id = m.id
               join mailbox b on b.id = p.mailbox_id
              where (m.state in ('parked', 'decide') or m.state = 'new' and m.class is null)
                and (p.gone_at is null and p.uidvalidity = b.uidvalidity
                     or not exists (select from message_place q join mailbox b on b.id = q.mailbox_id
                                     where q.message_id = m.id
                                       and (q.gone_at is null and q.uidvalidity = b.uidvalidity
                                            or (q.seen_at, q.mailbox_id) > (p.seen_at, p.mailbox_id))))
              group by p.mailbox_id) m on m.mailbox_id = b.id
 order by b.account, b.folder;
