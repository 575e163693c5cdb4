-- SPDX-License-Identifier: AGPL-3.0-or-later
-- outbox_worker_begin :one
insert into worker (host, pid, account, lease_until)
values ($1, $2, $3, now() + make_interval(secs => $4)) returning id;

-- outbox_worker_renew :none
update worker set lease_until = now() + make_interval(secs => $2) where id = $1 and lease_until > now();

-- outbox_worker_end :none
update worker set lease_until = now() where id = $1;

-- How a session that only walks along keys is planned: once, whatever the tables' size was then.
-- outbox_walk :one
select set_config('plan_cache_mode', 'force_generic_plan', false) || set_config('enable_seqscan', 'off', false) ||
       set_config('enable_hashjoin', 'off', false) || set_config('enable_mergejoin', 'off', false) as walks;

-- Whoever has nothing to do hears of a mailing that is released or goes on (mailing_is_out).
-- outbox_listen :none
listen adresar_outbox;

-- What the ledger commits outlives a crash of PostgreSQL, and what is committed before it does too, even where the server
-- is set not to wait for its disk.
-- outbox_last :one
select set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), false) as lasts;

-- What the keeper commits (its lease, what it reaps) any successor does again, so that it waits for no other server.
-- outbox_keep :one
select set_config('synchronous_commit', 'local', false) as keeps;

-- Sessions of delivering whose commit waits for a standby, for so many seconds at least.
-- outbox_standby_away :one
select count(*) as n, coalesce(extract(epoch from now() - min(query_start))::int, 0) as seconds
  from pg_stat_activity
 where usename = session_user and wait_event = 'SyncRep' and query_start < now() - make_interval(secs => $1);

-- The batches of dead workers, which are reaped in the same transaction.  The keepers wait for nobody: what is locked now,
-- as by the commit of a worker that is late, is reaped the next time.
-- outbox_dead_batches :many
select b.id from outbox_batch b join worker w on w.id = b.worker_id where w.lease_until <= now() for update of b skip locked;

-- What was being submitted is unknown, never queued again.
-- outbox_reap_submitting :many
with lost as (
    update outbox o set state = 'unknown', reply = 'the sending process ended before the server''s answer was recorded',
           state_at = clock_timestamp()
     where o.id in (select d.id from outbox_batch b cross join unnest(b.ids) i
                      join outbox d on d.id = i and d.worker_id = b.worker_id and d.state = 'submitting'
                     where b.id = any ($1::bigint[]) for update of d skip locked)
    returning o.id, o.mailing_id
)
select id, mailing_id from lost;

-- What was claimed waits again.
-- outbox_reap_batches :none
with dead as (
    delete from outbox_batch b
     where b.id = any ($1::bigint[])
       and not exists (select from unnest(b.ids) i join outbox o on o.id = i
                        where o.worker_id = b.worker_id and o.state = 'submitting')
    returning b.ids
)
insert into outbox_queue (outbox_id, mailing_id, next_try_at)
select o.id, o.mailing_id, now()
  from dead cross join unnest(dead.ids) i join outbox o on o.id = i and o.state in ('queued', 'deferred')
on conflict (outbox_id) do nothing;

-- What came back from a worker after its mailing was cancelled.
-- outbox_cancel_late :none
with late as (
    delete from outbox_queue q using mailing m where m.id = q.mailing_id and m.state = 'cancelled' returning q.outbox_id
)
update outbox o set state = 'cancelled', reason = 'mailing cancelled', worker_id = null, state_at = clock_timestamp()
  from late where o.id = late.outbox_id and o.state in ('queued', 'deferred');

-- Those that look at all rows of the mailings that are under way, and (offset 0) at no others.
-- outbox_expire :none
with late as (
    update outbox set state = 'expired', reason = coalesce(nullif(reason, 'to be printed'), 'its time to be sent is over'), state_at = clock_timestamp()
     where id in (select o.id
                    from mailing m
                    cross join lateral (select id from outbox
                                         where mailing_id = m.id and state in ('queued', 'deferred', 'held')
                                           and expires_at <= now() for update skip locked offset 0) o
                   where m.state in ('released', 'paused'))
    returning id
)
delete from outbox_queue q using late where q.outbox_id = late.id;

-- Whoever waits, and neither stands in the queue nor is in anybody's hands, is put there: nobody is lost by what has gone
-- wrong with it.
-- outbox_mend_queue :none
insert into outbox_queue (outbox_id, mailing_id, next_try_at)
select o.id, m.id, o.next_try_at
  from mailing m
  cross join lateral (select id, next_try_at from outbox
                       where mailing_id = m.id and state in ('queued', 'deferred') offset 0) o
 where m.state in ('released', 'paused') and not exists (select from outbox_queue q where q.outbox_id = o.id)
   and o.id not in (select unnest(ids) from outbox_batch)
on conflict (outbox_id) do nothing;

-- What a dead worker was submitting, and is in no batch of it, gets into one, and is reaped with that.
-- outbox_mend_hands :none
insert into outbox_batch (worker_id, ids)
select w.id, array_agg(o.id)
  from mailing m
  cross join lateral (select id, worker_id from outbox
                       where mailing_id = m.id and state = 'submitting' offset 0) o
  join worker w on w.id = o.worker_id
 where m.state in ('released', 'paused', 'cancelled') and w.lease_until <= now()
   and not exists (select from outbox_batch b where b.worker_id = w.id and o.id = any (b.ids))
 group by w.id;

-- Row by row (offset 0): it costs what stands in the queue, not what was ever sent.
-- outbox_mend_stale :none
delete from outbox_queue where outbox_id in (
    select q.outbox_id
      from outbox_queue q cross join lateral (select state from outbox where id = q.outbox_id offset 0) o
     where o.state not in ('queued', 'deferred'));

-- Mailings take turns by chance, so that a large one does not keep the others waiting.
-- A mailing may name several accounts: the next one sends while none delivers for those before it, be it that the server
-- is away or that nobody has started it.
-- outbox_claimable :many
select m.id, m.kind, m.event_id, coalesce(m.list_id, l.id) as list_id
  from mailing m join mail_list l on l.slug = m.kind
 where m.state = 'released' and $1 = any (string_to_array(m.account, ','))
   and not exists (select from unnest((string_to_array(m.account, ','))
                                      [:array_position(string_to_array(m.account, ','), $1) - 1]) before
                     join worker w on w.account = before and w.lease_until > now())
 order by random();

-- The next of a mailing, in the queue's order behind $4 and $5 (where the last claim ended); $6 its list, $7 its event.  A row
-- itself does not change: who claims it has its entry.  `taken` counts the entries, also of rows that do not wait any more; one
-- row without an id: all were such.
-- outbox_claim :many
with due as (
    select q.ctid as place from outbox_queue q
     where q.mailing_id = $2 and q.next_try_at <= now() and (q.next_try_at, q.outbox_id) > ($4::timestamptz, $5::bigint)
     order by q.next_try_at, q.outbox_id
     limit $3 for update skip locked
), taken as (
    delete from outbox_queue where ctid = any (array(select place from due)) returning outbox_id, next_try_at
), claimed as (
    select o.id, o.contact_id, o.post_id, o.address_id, o.attempt + 1 as attempt, o.email, o.name, o.language, o.view,
           o.rfc_message_id, o.message_id, o.expires_at, o.settled_evidence, taken.next_try_at
      from taken join outbox o on o.id = taken.outbox_id and o.state in ('queued', 'deferred')
), batch as (
    insert into outbox_batch (worker_id, ids) select $1, array_agg(id) from claimed having count(*) > 0 returning id
)
select t.taken, o.id, o.contact_id, o.attempt, o.email, o.name, o.language, o.view, o.rfc_message_id, o.message_id,
       o.next_try_at::text as next_try_at, batch.id as batch_id, k.state as contact_state,
       coalesce(a.state, 'replaced') as address_state,
       o.post_id is not null and h.holds is null as holder_changed,
       coalesce(c.why, case when g.step in ('remind', 'thank')
                            then answer_forbids(g.step, g.answer, g.event_id, o.contact_id) end) as forbidden,
       g.step <> 'cancel' and coalesce(e.state = 'cancelled', false) as event_cancelled,
       coalesce(o.settled_evidence ? 'person', false) as decided, coalesce(o.expires_at <= now(), false) as expired
  from (select count(*) as taken from taken) t
  join mailing g on g.id = $2
  left join (claimed o cross join batch join contact k on k.id = o.contact_id) on true
  left join address a on a.id = o.address_id
  left join event e on e.id = $7
  left join lateral consent_word(o.contact_id, $6::integer) c on true
  left join lateral (select true as holds from term -- not "exists", for which all terms would be read into a hash
                      where o.post_id is not null and post_id = o.post_id and holder_id = o.contact_id
                        and during @> current_date limit 1) h on true
 order by o.next_try_at, o.id;

-- outbox_give_back :none
insert into outbox_queue (outbox_id, mailing_id, next_try_at)
select id, mailing_id, now() from outbox where id = any ($1::bigint[]) and state in ('queued', 'deferred')
on conflict (outbox_id) do nothing;

-- outbox_put_off :none
with back as (
    update outbox o set next_try_at = now() + t.ms * interval '1 millisecond'
      from unnest($1::bigint[], $2::bigint[]) t (id, ms)
     where o.id = t.id and o.state in ('queued', 'deferred')
    returning o.id, o.mailing_id, o.next_try_at
)
insert into outbox_queue (outbox_id, mailing_id, next_try_at) select id, mailing_id, next_try_at from back
on conflict (outbox_id) do nothing;

-- outbox_set_aside :none
update outbox o set state = t.state, reason = t.reason, worker_id = null, state_at = clock_timestamp()
  from unnest($1::bigint[], $2::text[], $3::text[]) t (id, state, reason)
 where o.id = t.id and o.state in ('queued', 'deferred');

-- outbox_end_batches :none
delete from outbox_batch where id = any ($1::bigint[]);

-- The commit of promise 1: outcomes of messages ($2..$11), and `submitting` of others ($12..$25, out of the batches $26, of the
-- mailings $27).  A batch that was reaped is not ours, nor is a row whose attempt is another's: they are left alone, and the
-- numbers say how many were.  Batches that are through ($28) go.
-- outbox_commit :one
with outcome as (
    select * from unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[],
                         $10::int[], $11::text[])
           as t (id, attempt, state, server, stage, code, enhanced, reply, again_s, outcome)
), settled as (
    update outbox o
       set state = t.state, worker_id = $1, attempt = t.attempt, server = t.server, code = nullif(t.code, 0), enhanced = t.enhanced, reply = t.reply,
           settled_by = case when t.state <> 'unknown' then 'smtp' else o.settled_by end,
           next_try_at = case when t.state = 'deferred' then now() + make_interval(secs => t.again_s) else o.next_try_at end,
           state_at = clock_timestamp()
      from outcome t
     where o.id = t.id
       and (o.state in ('submitting', 'unknown') and o.worker_id = $1 and o.attempt = t.attempt
            or o.state in ('queued', 'deferred') and o.attempt = t.attempt - 1 and t.stage <> 'content')
    returning o.id, o.attempt, o.mailing_id, o.email, o.state, o.next_try_at, t.stage, t.outcome, t.server, o.code,
              t.enhanced, t.reply, coalesce(o.submitting_at, o.state_at) as started_at
), attempted as (
    insert into outbox_attempt (outbox_id, attempt, worker_id, address, server, stage, code, enhanced, reply, outcome,
                                started_at)
    select id, attempt, $1, email, server, stage, code, enhanced, reply, outcome, started_at from settled
     where state <> 'accepted' -- which the row says itself
    on conflict (outbox_id, attempt) do update
       set server = excluded.server, stage = excluded.stage, code = excluded.code, enhanced = excluded.enhanced,
           reply = excluded.reply, outcome = excluded.outcome, ended_at = excluded.ended_at
), again as (
    insert into outbox_queue (outbox_id, mailing_id, next_try_at)
    select id, mailing_id, next_try_at from settled where state = 'deferred'
    on conflict (outbox_id) do update set next_try_at = excluded.next_try_at
), letter as (
    select * from unnest($12::bigint[], $13::int[], $14::bigint[], $15::text[], $16::text[], $17::bigint[],
                         $18::text[], $19::text[], $20::bigint[], $21::bytea[], $22::bigint[], $23::bytea[], $24::text[],
                         $25::text[], $26::bigint[])
           as t (id, attempt, kept_id, rfc_message_id, subject, date, from_address, from_name, size, bytes, base_id,
                 sha256, envelope_from, refers_to, batch_id)
), submitted as (
    update outbox o
       set state = 'submitting', worker_id = $1, attempt = t.attempt, rfc_message_id = t.rfc_message_id,
           message_id = case when t.kept_id = 0 then nextval('message_id_seq') else t.kept_id end,
           content_sha256 = coalesce(t.sha256, o.content_sha256), envelope_from = t.envelope_from,
           submitting_at = clock_timestamp(), state_at = clock_timestamp()
      from letter t
     where o.id = t.id and o.attempt = t.attempt - 1 and o.state in ('queued', 'deferred')
       and t.batch_id = any (array(select b.id from outbox_batch b where b.id = any ($26::bigint[]) and b.worker_id = $1
                                      for key share))
       and o.mailing_id = any (array(select m.id from mailing m where m.id = any ($27::bigint[]) and m.state = 'released'))
       and (o.expires_at is null or o.expires_at > now())
    returning o.id, o.contact_id, o.message_id as new_id, t.kept_id, t.rfc_message_id, t.subject, t.date,
              t.from_address, t.from_name, t.size, t.bytes, t.base_id, t.refers_to
), stored as (
    insert into message (id, direction, state, rfc_message_id, date, from_address, from_name, subject, size,
                         contact_id, outbox_id, refers_to) overriding system value
    select new_id, 'out', 'sent', rfc_message_id, to_timestamp(date), from_address, from_name, subject, size,
           contact_id, id, string_to_array(refers_to, ' ')
      from submitted where kept_id = 0
), chunked as (
    insert into message_chunk (message_id, n, bytes, base_id)
    select new_id, 0, substring(bytes for 262144), base_id from submitted where kept_id = 0
), chunked_on as (
    insert into message_chunk (message_id, n, bytes, base_id)
    select new_id, n, substring(bytes from n * 262144 + 1 for 262144), base_id
      from submitted cross join generate_series(1, (length(bytes) - 1) / 262144) n
     where kept_id = 0 and length(bytes) > 262144
), through as (
    delete from outbox_batch where id = any ($28::bigint[])
)
select (select count(*) from settled) as settled, (select count(*) from submitted) as submitted;

-- Which of the letters are submitted: after a commit whose answer was lost, or that did not take all of them.
-- outbox_submitted :many
select o.id from unnest($2::bigint[], $3::int[]) t (id, attempt) join outbox o on o.id = t.id
 where o.worker_id = $1 and o.attempt = t.attempt and o.state = 'submitting';

-- Which outcomes were not taken, and what the row says instead.
-- outbox_overtaken :many
select o.id, o.state from unnest($2::bigint[], $3::int[], $4::text[]) t (id, attempt, state) join outbox o on o.id = t.id
 where o.worker_id is distinct from $1 or o.attempt <> t.attempt or o.state <> t.state;

-- outbox_add_base :one
insert into message_base (bytes) values ($1::bytea) returning id;

-- outbox_by_state :many
select s.state, s.terminal, count(o.id) as n
  from outbox_state s
  left join (select id, case when state in ('queued', 'deferred') and id in (select unnest(ids) from outbox_batch)
                             then 'claimed' else state end as state
               from outbox where mailing_id = $1) o using (state)
 group by s.state, s.terminal order by s.state;

-- outbox_list :many
select o.id, o.contact_id, o.name, o.channel, o.email, o.language,
       case when o.state in ('queued', 'deferred') and o.id in (select unnest(ids) from outbox_batch)
            then 'claimed' else o.state end as state, o.reason, o.attempt, o.enhanced, o.code, o.server,
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
update outbox set reason = $2, expires_at = least(now() + make_interval(days => $4),
                                                  case when $3::bigint > 0 then to_timestamp($3::bigint) end)
 where id = $1 and state = 'held';

-- outbox_exclude_one :none
update outbox set state = 'excluded', reason = $2 where id = $1 and state = 'held';

-- As many as are well audited at once, behind $3: how many, and the last.
-- outbox_release :one
with released as (
    update outbox set state = 'queued', reason = null, next_try_at = now(),
           expires_at = least(now() + make_interval(days => $4), case when $2::bigint > 0 then to_timestamp($2::bigint) end)
     where id in (select id from outbox where mailing_id = $1 and state = 'held' and reason = 'release' and channel = 'email'
                     and id > $3
                   order by id limit 20000)
       and state = 'held' -- still, where somebody was erased meanwhile
    returning id, mailing_id, next_try_at
), queued as (
    insert into outbox_queue (outbox_id, mailing_id, next_try_at) select id, mailing_id, next_try_at from released order by id
)
select count(*) as n, max(id) as last from released;

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
  from (select w.id, coalesce(c.why, case when e.key is not null then 'the address was erased on request' end) as why
          from outbox w join mailing m on m.id = w.mailing_id join mail_list l on l.slug = m.kind
          left join lateral consent_word(w.contact_id, coalesce(m.list_id, l.id)) c on true
          left join addresses_erased(array(select distinct lower(r.email) from outbox r
                                            where r.mailing_id = $1 and r.state = 'held')) e (key) on e.key = lower(w.email)
         where w.mailing_id = $1 and w.state = 'held' and w.reason = 'release') f
 where o.id = f.id and f.why is not null and o.state = 'held';

-- outbox_exclude_answered :none
update outbox o set state = 'excluded', reason = f.why
  from (select w.id, answer_forbids(m.step, m.answer, m.event_id, w.contact_id) as why
          from mailing m join outbox w on w.mailing_id = m.id
         where m.id = $1 and m.step in ('remind', 'thank') and w.state = 'held' and w.reason = 'release') f
 where o.id = f.id and f.why is not null and o.state = 'held';

-- outbox_exclude_contacts :none
update outbox o set state = 'excluded', reason = 'contact is ' || k.state
  from contact k
 where o.mailing_id = $1 and o.state = 'held' and o.reason = 'release' and k.id = o.contact_id and k.state <> 'active';

-- outbox_exclude_shared :none
update outbox o set state = 'excluded', reason = 'same address as recipient ' || first.id
  from (select min(id) as id, lower(email) as email
          from outbox where mailing_id = $1 and state = 'held' and channel = 'email' group by 2) first
 where o.mailing_id = $1 and o.state = 'held' and lower(o.email) = first.email and o.id > first.id;

-- outbox_cancel_queue :none
delete from outbox_queue where mailing_id = $1;

-- outbox_cancel :one
with cancelled as (
    update outbox set state = 'cancelled', reason = 'mailing cancelled', worker_id = null
     where id in (select id from outbox where mailing_id = $1 and state in ('held', 'queued', 'deferred') and id > $2
                   order by id limit 20000)
       and state in ('held', 'queued', 'deferred') -- still, beside a sender
    returning id
)
select count(*) as n, max(id) as last from cancelled;

-- outbox_retry :none
with again as (
    update outbox set next_try_at = now() where mailing_id = $1 and state = 'deferred' returning id, mailing_id, next_try_at
)
insert into outbox_queue (outbox_id, mailing_id, next_try_at) select id, mailing_id, next_try_at from again
on conflict (outbox_id) do update set next_try_at = excluded.next_try_at;

-- outbox_settle :one
with settled as (
    update outbox set state = $2, settled_by = actor(), settled_evidence = jsonb_build_object('person', $3::text),
           worker_id = null, next_try_at = now()
     where id = $1 and state = 'unknown'
    returning id, mailing_id, next_try_at, state
), again as (
    insert into outbox_queue (outbox_id, mailing_id, next_try_at)
    select id, mailing_id, next_try_at from settled where state = 'queued'
    on conflict (outbox_id) do update set next_try_at = excluded.next_try_at
)
select count(*) as settled from settled;

-- Who is held after the release is sent to (or printed) all the same, or excluded.
-- outbox_decide :one
with decided as (
    update outbox set state = case when channel = 'paper' and $2 = 'queued' then 'held' else $2 end,
           reason = case when channel = 'paper' and $2 = 'queued' then 'to be printed' else $3 end, settled_by = actor(),
           settled_evidence = jsonb_build_object('person', $3::text), next_try_at = now()
     where id = $1 and state = 'held' and reason <> 'release'
    returning id, mailing_id, next_try_at, state
), again as (
    insert into outbox_queue (outbox_id, mailing_id, next_try_at)
    select id, mailing_id, next_try_at from decided where state = 'queued'
    on conflict (outbox_id) do update set next_try_at = excluded.next_try_at
)
select count(*) as settled from decided;

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
