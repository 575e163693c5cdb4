-- SPDX-License-Identifier: AGPL-3.0-or-later
-- outbox_worker_begin :one
insert into worker (host, pid, account, lease_until)
values ($1, $2, $3, now() + make_interval(secs => $4)) returning id;

-- outbox_worker_renew :none
update worker set lease_until = now() + make_interval(secs => $2) where id = $1 and lease_until > now();

-- outbox_worker_end :none
update worker set lease_until = now() where id = $1;

-- A dead lease: what was claimed goes back, what was being submitted is unknown, never queued again.  The keepers wait for
-- nobody: what is locked now is reaped the next time.
-- outbox_reap_claimed :none
update outbox set state = 'queued', worker_id = null
 where id in (select o.id from outbox o join worker w on w.id = o.worker_id
               where o.state = 'claimed' and w.lease_until <= now() for update of o skip locked);

-- outbox_reap_submitting :many
with lost as (
    update outbox o set state = 'unknown', reply = 'the sending process ended before the server''s answer was recorded'
     where o.id in (select d.id from outbox d join worker w on w.id = d.worker_id
                     where d.state = 'submitting' and w.lease_until <= now() for update of d skip locked)
    returning o.id, o.attempt, o.mailing_id
), closed as (
    update outbox_attempt a set outcome = 'unknown', ended_at = clock_timestamp()
      from lost where a.outbox_id = lost.id and a.attempt = lost.attempt and a.outcome = 'open'
)
select id, mailing_id from lost;

-- outbox_expire :none
update outbox set state = 'expired', reason = coalesce(reason, '')
 where id in (select id from outbox where state in ('queued', 'deferred', 'held') and expires_at <= now()
                 for update skip locked);

-- What came back from a worker after its mailing was cancelled.
-- outbox_cancel_late :none
update outbox set state = 'cancelled', reason = 'mailing cancelled', worker_id = null
 where id in (select o.id from outbox o join mailing m on m.id = o.mailing_id
               where o.state in ('queued', 'deferred') and m.state = 'cancelled' for update of o skip locked);

-- Mailings take turns by chance, so that a large one does not keep the others waiting; in each, the index has the order.
-- outbox_claim :many
with mine as (
    select o.id
      from (select id from mailing where state = 'released' and account = $2 order by random()) m
     cross join lateral (
           select w.id from outbox w
            where w.mailing_id = m.id and w.state in ('queued', 'deferred') and w.next_try_at <= now()
              and (w.expires_at is null or w.expires_at > now())
            order by w.next_try_at, w.id
            limit $3
              for update skip locked) o
     limit $3
)
update outbox o set state = 'claimed', worker_id = $1, attempt = o.attempt + 1
  from mine, contact k, mailing m
 where o.id = mine.id and k.id = o.contact_id and m.id = o.mailing_id
returning o.id, o.mailing_id, o.contact_id, m.event_id, o.attempt, o.email, o.name, o.language, o.view,
          o.rfc_message_id, o.message_id, k.state as contact_state,
          coalesce((select a.state from address a where a.id = o.address_id), 'replaced') as address_state,
          (o.post_id is not null and not exists (
              select from term t where t.post_id = o.post_id and t.holder_id = o.contact_id
                 and t.during @> current_date)) as holder_changed,
          coalesce(consent_forbids(o.contact_id, coalesce(m.list_id, (select id from mail_list where slug = m.kind))),
                   answer_forbids(m.step, m.answer, m.event_id, o.contact_id)) as forbidden,
          m.step <> 'cancel'
              and coalesce((select e.state = 'cancelled' from event e where e.id = m.event_id), false) as event_cancelled,
          coalesce(o.settled_evidence ? 'person', false) as decided;

-- outbox_give_back :none
update outbox set state = 'queued', worker_id = null, attempt = attempt - 1
 where worker_id = $1 and state = 'claimed' and id = any ($2::bigint[]);

-- outbox_set_aside :none
update outbox set state = $3, reason = $4, worker_id = null where id = $1 and worker_id = $2 and state = 'claimed';

-- The commit of promise 1: the outcome of one message and `submitting` of the next.  $1..$9 and $21 previous (null: none),
-- $10..$20 next (null: none).  A row that is no longer ours is left alone, and the answer says so.
-- outbox_step :one
with settled as (
    update outbox set state = $3, server = $4, code = $5, enhanced = $6, reply = $7,
           settled_by = case when $3 <> 'unknown' then 'smtp' else settled_by end,
           next_try_at = now() + make_interval(secs => $8)
     where id = $1 and worker_id = $9 and attempt = $2 and state in ('submitting', 'unknown')
    returning id
), settled_attempt as (
    update outbox_attempt set outcome = $21, server = $4, stage = 'content', code = $5, enhanced = $6, reply = $7,
           ended_at = clock_timestamp()
     where outbox_id = $1 and attempt = $2 and worker_id = $9
), mine as (
    select id, mailing_id, contact_id, email from outbox
     where id = $10 and worker_id = $9 and attempt = $11 and state = 'claimed'
       and exists (select from mailing m where m.id = outbox.mailing_id and m.state = 'released')
       and (expires_at is null or expires_at > now())
       for update
), threaded as (
    insert into thread (subject, mailing_id) select $14, mailing_id from mine where $12::bigint is null returning id
), stored as (
    insert into message (direction, state, identity, rfc_message_id, thread_id, date, from_address, from_name, subject,
                         size, contact_id, outbox_id)
    select 'out', 'sent', $15, $13, threaded.id, to_timestamp($16), $17, $18, $14, length($19::bytea), mine.contact_id,
           mine.id
      from mine, threaded
    returning id
), chunked as (
    insert into message_chunk (message_id, n, bytes)
    select stored.id, n, substring($19::bytea from n * 262144 + 1 for 262144)
      from stored, generate_series(0, (length($19::bytea) - 1) / 262144) n
), content as (
    select id from stored union all select $12::bigint where $12::bigint is not null
), submitted as (
    update outbox o set state = 'submitting', rfc_message_id = $13, message_id = content.id,
           content_sha256 = case when $12::bigint is null then sha256($19::bytea) else o.content_sha256 end,
           envelope_from = $20, submitting_at = clock_timestamp()
      from content, mine where o.id = mine.id
    returning o.id
), attempted as (
    insert into outbox_attempt (outbox_id, attempt, worker_id, address)
    select mine.id, $11, $9, mine.email from mine
)
select (select count(*) from settled) as settled, (select count(*) from submitted) as submitted;

-- An envelope that failed: no content was sent.
-- outbox_fail_envelope :one
with failed as (
    update outbox set state = $4, server = $5, code = $7, enhanced = $8, reply = $9, settled_by = 'smtp', worker_id = null,
           next_try_at = now() + make_interval(secs => $10)
     where id = $1 and worker_id = $2 and attempt = $3 and state = 'claimed'
    returning id, email
), attempted as (
    insert into outbox_attempt (outbox_id, attempt, worker_id, address, server, stage, code, enhanced, reply, outcome,
                                ended_at)
    select id, $3, $2, email, $5, $6, $7, $8, $9, $11, clock_timestamp() from failed
)
select count(*) as failed from failed;

-- outbox_get_version :one
select count(distinct m.rfc_message_id) as versions from message m where m.outbox_id = $1 and m.direction = 'out';

-- outbox_by_state :many
select s.state, s.terminal, count(o.id) as n
  from outbox_state s left join outbox o on o.state = s.state and o.mailing_id = $1
 group by s.state, s.terminal order by s.state;

-- outbox_list :many
select o.id, o.contact_id, o.name, o.channel, o.email, o.language, o.state, o.reason, o.attempt, o.enhanced, o.code, o.server,
       case when o.reason = 'no address' then (select coalesce(p.e164, p.typed) from phone p where p.contact_id = o.contact_id
                                               order by p.position, p.id limit 1) end as phone,
       o.reply, o.rfc_message_id, o.envelope_from, o.settled_by, o.next_try_at::text as next_try_at,
       a.answer, a.state as answer_state
  from outbox o
  join mailing m on m.id = o.mailing_id
  left join event_answer a on a.event_id = m.event_id and a.contact_id = o.contact_id
 where o.mailing_id = $1 and o.id > $2
 order by o.id limit $3;

-- outbox_list_missing :many
select o.id, o.contact_id, o.name, o.channel, o.email, o.language, o.state, o.reason, o.attempt, o.enhanced, o.code, o.server,
       case when o.reason = 'no address' then (select coalesce(p.e164, p.typed) from phone p where p.contact_id = o.contact_id
                                               order by p.position, p.id limit 1) end as phone,
       o.reply, o.rfc_message_id, o.envelope_from, o.settled_by, o.next_try_at::text as next_try_at,
       null as answer, null as answer_state
  from outbox o join outbox_state s using (state)
 where o.mailing_id = $1 and (not s.terminal or o.state in ('refused', 'bounced', 'expired', 'left', 'excluded'))
 order by o.state, o.id;

-- Letters to posts that have another holder now, or none (0), than when they were prepared.
-- outbox_posts_moved :many
select o.id, o.post_id, p.name as post, coalesce(t.holder_id, 0) as holder_id,
       exists (select from outbox x where x.mailing_id = o.mailing_id and x.contact_id = t.holder_id) as has_it
  from outbox o join post p on p.id = o.post_id
  left join term t on t.post_id = o.post_id and t.during @> current_date
 where o.mailing_id = $1 and o.to_post and o.state = 'held' and o.reason = 'release'
   and t.holder_id is distinct from o.contact_id
 order by o.id;

-- outbox_resolve_post :none
update outbox set contact_id = $2, address_id = $3, channel = $4, email = $5, name = $6, language = $7, view = $8::jsonb
 where id = $1;

-- outbox_hold_at_release :none
update outbox set reason = $2, expires_at = least(now() + interval '5 days',
                                                  case when $3::bigint > 0 then to_timestamp($3::bigint) end)
 where id = $1 and state = 'held';

-- outbox_exclude_one :none
update outbox set state = 'excluded', reason = $2 where id = $1 and state = 'held';

-- outbox_release :none
update outbox set state = 'queued', reason = null, next_try_at = now(),
       expires_at = least(now() + interval '5 days', case when $2::bigint > 0 then to_timestamp($2::bigint) end)
 where mailing_id = $1 and state = 'held' and reason = 'release' and channel = 'email';

-- On paper it waits for a person to print it, as long as it makes sense.
-- outbox_release_paper :none
update outbox set reason = 'to be printed', expires_at = case when $2::bigint > 0 then to_timestamp($2::bigint) end
 where mailing_id = $1 and state = 'held' and reason = 'release' and channel = 'paper';

-- outbox_exclude_at_release :none
update outbox o set state = 'excluded', reason = 'address is dead'
  from address a
 where o.mailing_id = $1 and o.state = 'held' and o.reason = 'release' and a.id = o.address_id and a.state = 'dead';

-- outbox_exclude_consent :none
update outbox o set state = 'excluded', reason = f.why
  from (select w.id, coalesce(consent_forbids(w.contact_id, coalesce(m.list_id, l.id)),
                              case when address_is_erased(lower(w.email)) then 'the address was erased on request' end) as why
          from outbox w join mailing m on m.id = w.mailing_id join mail_list l on l.slug = m.kind
         where w.mailing_id = $1 and w.state = 'held' and w.reason = 'release') f
 where o.id = f.id and f.why is not null;

-- outbox_exclude_answered :none
update outbox o set state = 'excluded', reason = f.why
  from (select w.id, answer_forbids(m.step, m.answer, m.event_id, w.contact_id) as why
          from mailing m join outbox w on w.mailing_id = m.id
         where m.id = $1 and m.step in ('remind', 'thank') and w.state = 'held' and w.reason = 'release') f
 where o.id = f.id and f.why is not null;

-- outbox_exclude_contacts :none
update outbox o set state = 'excluded', reason = 'contact is ' || k.state
  from contact k
 where o.mailing_id = $1 and o.state = 'held' and o.reason = 'release' and k.id = o.contact_id and k.state <> 'active';

-- outbox_exclude_shared :none
update outbox o set state = 'excluded', reason = 'same address as recipient ' || first.id
  from (select min(id) as id, lower(email) as email
          from outbox where mailing_id = $1 and state = 'held' and channel = 'email' group by 2) first
 where o.mailing_id = $1 and o.state = 'held' and lower(o.email) = first.email and o.id > first.id;

-- outbox_cancel :none
update outbox set state = 'cancelled', reason = 'mailing cancelled', worker_id = null
 where mailing_id = $1 and state in ('held', 'queued', 'deferred');

-- outbox_retry :none
update outbox set next_try_at = now() where mailing_id = $1 and state = 'deferred';

-- outbox_settle :none
update outbox set state = $2, settled_by = actor(), settled_evidence = jsonb_build_object('person', $3::text),
       worker_id = null, next_try_at = now()
 where id = $1 and state = 'unknown';

-- Who is held after the release is sent to (or printed) all the same, or excluded.
-- outbox_decide :none
update outbox set state = case when channel = 'paper' and $2 = 'queued' then 'held' else $2 end,
       reason = case when channel = 'paper' and $2 = 'queued' then 'to be printed' else $3 end, settled_by = actor(),
       settled_evidence = jsonb_build_object('person', $3::text), next_try_at = now()
 where id = $1 and state = 'held' and reason <> 'release';

-- outbox_add :none
insert into outbox (mailing_id, contact_id, post_id, channel, address_id, email, name, language, view, to_post, state, reason)
select $1, contact_id, nullif(post_id, 0), case when email = '' then 'paper' else 'email' end, nullif(address_id, 0), email,
       name, language, view, to_post, 'held', 'release'
  from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::boolean[])
       with ordinality as r (contact_id, post_id, address_id, email, name, language, view, to_post, n)
 order by n;

-- Who was in the segment when the draft was made, but gets no letter.
-- outbox_add_excluded :none
insert into outbox (mailing_id, contact_id, email, name, language, view, state, reason)
select $1, r.contact_id,
       coalesce((select email from address where contact_id = r.contact_id order by state = 'replaced', position, id limit 1), ''),
       coalesce((select name from contact_name where contact_id = r.contact_id and main), ''),
       coalesce(c.languages[1], ''), '{}', 'excluded', r.reason
  from unnest($2::bigint[], $3::text[]) with ordinality as r (contact_id, reason, n) join contact c on c.id = r.contact_id
 order by r.n;

-- outbox_is_submitting :one
select count(*) = 1 as submitting from outbox
 where id = $1 and worker_id = $2 and attempt = $3 and state = 'submitting';
