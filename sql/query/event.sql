-- SPDX-License-Identifier: AGPL-3.0-or-later
-- event_add :one
insert into event (uid, department_id, starts_at, ends_at, reply_by)
values (gen_random_uuid() || '@' || $1, $2, to_timestamp($3::bigint), to_timestamp($4::bigint), $5)
returning id;

-- event_text_add :none
insert into event_text (event_id, language, name, place) values ($1, $2, $3, $4);

-- event_view :maybe
select jsonb_strip_nulls(jsonb_build_object(
           'id', e.id, 'uid', e.uid, 'sequence', e.sequence, 'state', e.state, 'department', d.slug,
           'starts_at', to_char(e.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           'ends_at', to_char(e.ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           'start', extract(epoch from e.starts_at)::bigint, 'end', extract(epoch from e.ends_at)::bigint,
           'reply_by', e.reply_by,
           'texts', (select coalesce(jsonb_agg(jsonb_build_object('language', language, 'name', name,
                                                                  'place', place) order by id), '[]')
                       from event_text where event_id = e.id),
           'mailings', (select coalesce(jsonb_agg(id order by id), '[]') from mailing where event_id = e.id),
           'created', e.created, 'created_by', e.created_by))::text as view
  from event e join department d on d.id = e.department_id
 where e.id = $1;

-- event_list :many
select e.id, extract(epoch from e.starts_at)::bigint as starts, extract(epoch from e.ends_at)::bigint as ends,
       e.state, d.slug as department, e.reply_by::text as reply_by,
       coalesce(t.name, f.name) as name, coalesce(t.place, f.place) as place,
       a.accepted, a.declined, a.other
  from event e join department d on d.id = e.department_id
  left join event_text t on t.event_id = e.id and t.language = $1
  left join lateral (select name, place from event_text where event_id = e.id order by id limit 1) f on true
  left join lateral (select count(*) filter (where answer in ('accepted', 'delegated')) as accepted,
                            count(*) filter (where answer = 'declined') as declined,
                            count(*) filter (where answer in ('tentative', 'question')) as other
                       from event_answer where event_id = e.id) a on true
 order by e.starts_at, e.id;

-- event_exists :maybe
select id from event where id = $1;

-- event_answers :many
select a.contact_id, n.name, o.name as organisation, d.email as address, a.answer, a.state, a.by,
       a.evidence::text as evidence, a.at::text as at, a.decided_by
  from event_answer a join contact c on c.id = a.contact_id
  join contact_name n on n.contact_id = c.id and n.main
  left join contact_name o on o.contact_id = c.organisation_id and o.main
  left join lateral (select email from address where contact_id = c.id and state not in ('dead', 'replaced')
                      order by position, id limit 1) d on true
 where a.event_id = $1
 order by array_position(array['accepted', 'delegated', 'tentative', 'question', 'declined'], a.answer), n.fold, c.id;
