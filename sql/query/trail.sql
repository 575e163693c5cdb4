-- SPDX-License-Identifier: AGPL-3.0-or-later
-- trail_mailing :one
select m.name, m.prepared_by, to_char(m.prepared_at at time zone $2, 'YYYY-MM-DD HH24:MI') as prepared_at, m.segment, m.segment_words, m.missing_of, m.list_file, m.step,
       m.released_by, to_char(m.released_at at time zone $2, 'YYYY-MM-DD HH24:MI') as released_at, m.despite, m.state
  from mailing m where m.id = $1;

-- $2: those near this contact alone: its row, the one of the contact that it was merged into, and one that was its own
-- until the post had another holder.
-- trail_recipients :many
select o.id, o.contact_id, o.name, o.email, o.language, o.state, l.line, case when o.to_post then p.name end as post
  from outbox o
  left join outbox_line l on l.outbox_id = o.id
  left join post p on p.id = o.post_id
 where o.mailing_id = $1
   and ($2::bigint is null or o.contact_id = $2 or o.contact_id = (select merged_into from contact where id = $2)
        or exists (select from audit_value v join audit a on a.id = v.audit_id
                    where v.row_id = o.id and a.object = 'outbox' and v.before ->> 'contact_id' = $2::text))
 order by o.id;

-- What happened to them, in order.  People's changes are in the audit log, of which each sees what they may; what the
-- daemons do stands in the rows: where one sees the audit log of a row, what is not there is theirs.
-- trail_steps :many
with r as (
    select o.*, m.prepared_at, m.prepared_by from outbox o join mailing m on m.id = o.mailing_id
     where o.mailing_id = $1 and o.id = any ($2::bigint[])
), changed as (
    select r.id, a.at, a.actor::text as by, v.before, v.after,
           v.after ->> 'state' as state, v.before ->> 'state' is distinct from v.after ->> 'state' as moved
      from r join audit_value v on v.row_id = r.id join audit a on a.id = v.audit_id and a.object = 'outbox' and a.action = 'UPDATE'
), step as (
    select id, 0 as n, prepared_at as at, prepared_by::text as by,
           case when state = 'excluded' and view = '{}' then 'left-out' else 'included' end as what,
           case when state = 'excluded' and view = '{}' then reason end as how
      from r
    union all
    select id, 1, at, by, case when (before ->> 'to_post')::boolean and before ->> 'state' = 'held' then 'turned' else 'merged' end,
           case when before ->> 'name' = after ->> 'name' then (before ->> 'contact_id') || ' → ' || (after ->> 'contact_id')
                else (before ->> 'name') || ' → ' || (after ->> 'name') end
      from changed where before ->> 'contact_id' <> after ->> 'contact_id'
    union all
    select id, 2, at, by, state, coalesce(after -> 'settled_evidence' ->> 'person', after ->> 'reason')
      from changed where moved or state = 'held' and before ->> 'reason' is distinct from after ->> 'reason'
    union all
    select t.outbox_id, 3, coalesce(t.ended_at, t.started_at), 'deliver', 'attempt-' || t.outcome,
           concat_ws(' ', nullif(t.server, ''), t.enhanced, t.reply)
      from r cross join lateral (select * from attempt where outbox_id = r.id offset 0) t
    union all
    select id, 4, state_at, coalesce(settled_by, case when exists (select from changed c where c.id = r.id) then 'deliver' end),
           state, coalesce(reason, reply)
      from r left join lateral (select true as by_attempt from attempt t
                                 where t.outbox_id = r.id and t.attempt = r.attempt and t.outcome = r.state limit 1) told on true
     where told.by_attempt is null and not (state = 'held' and reason = 'release') and not (state = 'excluded' and view = '{}')
       and not exists (select from changed c where c.id = r.id and c.moved and c.state = r.state)
       and not exists (select from changed c where c.id = r.id and r.state = 'held' and c.state = 'held')
)
select id, to_char(at at time zone $3, 'YYYY-MM-DD HH24:MI:SS') as at, by, what, how from step order by id, step.at, n;

-- trail_contact :maybe
select n.name, k.state, consent_forbids(k.id, coalesce(m.list_id, (select id from mail_list where slug = m.kind))) as forbids,
       exists (select from address a where a.contact_id = k.id and a.state not in ('dead', 'replaced')) as reachable
  from contact k join contact_name n on n.contact_id = k.id and n.main, mailing m
 where k.id = $2 and m.id = $1;
