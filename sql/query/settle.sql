-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Outcomes that are unknown, of the mailing $1 or of all (0) that whoever asks may settle; locked until the end.
-- settle_unknown :many
select o.id, o.mailing_id, o.name, o.email, o.rfc_message_id, m.kind, coalesce(w.account, m.account) as account,
       extract(epoch from o.submitting_at)::bigint as begun, extract(epoch from o.state_at)::bigint as ended
  from mailing m join outbox o on o.mailing_id = m.id left join worker w on w.id = o.worker_id
 where m.state in ('released', 'paused', 'cancelled') and o.state = 'unknown' and ($1::bigint = 0 or m.id = $1)
 order by o.id
   for update of o;

-- settle_now :one
select extract(epoch from now())::bigint as now;

-- Which of the Message-IDs are of letters that we sent; skewed: at no time near that at which a log has it ($2).
-- settle_sent :many
select l.rfc_message_id,
       bool_or(m.outbox_id is not null
               and exists (select from attempt a where a.outbox_id = m.outbox_id)
               and not exists (select from attempt a
                                where a.outbox_id = m.outbox_id
                                  and to_timestamp(l.at) between a.started_at - make_interval(secs => $3::int)
                                                             and a.ended_at + make_interval(secs => $3::int))) as skewed
  from unnest($1::text[], $2::bigint[]) l (rfc_message_id, at)
  join message m on m.rfc_message_id = l.rfc_message_id and m.direction = 'out'
 group by l.rfc_message_id;

-- Row by row: the state ($2), the evidence ($3), and of a bounce what the server said ($4, $5).
-- settle_rows :one
with settled as (
    update outbox o
       set state = t.state, settled_by = actor(), settled_evidence = t.evidence, worker_id = null, next_try_at = now(),
           enhanced = coalesce(t.enhanced, o.enhanced), reply = coalesce(t.reply, o.reply)
      from unnest($1::bigint[], $2::text[], $3::jsonb[], $4::text[], $5::text[]) t (id, state, evidence, enhanced, reply)
     where o.id = t.id and o.state = 'unknown'
    returning o.id, o.mailing_id, o.next_try_at, o.state
), again as (
    insert into outbox_queue (outbox_id, mailing_id, next_try_at)
    select id, mailing_id, next_try_at from settled where state = 'queued'
    on conflict (outbox_id) do update set next_try_at = excluded.next_try_at
)
select count(*) as settled from settled;
