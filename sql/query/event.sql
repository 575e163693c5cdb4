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
           'reply_by', e.reply_by, 'reason', e.cancel_reason,
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
       a.accepted, a.declined, a.other, a.persons
  from event e join department d on d.id = e.department_id
  left join event_text t on t.event_id = e.id and t.language = $1
  left join lateral (select name, place from event_text where event_id = e.id order by id limit 1) f on true
  left join lateral (select count(*) filter (where yes) as accepted, count(*) filter (where no) as declined,
                            count(*) filter (where not yes and not no) as other,
                            coalesce(sum(coalesce(persons, 1)) filter (where yes), 0)::bigint as persons
                       from (select persons, state = 'confirmed' and answer in ('accepted', 'delegated') as yes,
                                    state = 'confirmed' and answer = 'declined' as no
                               from event_answer where event_id = e.id) said) a on true
 order by e.starts_at, e.id;

-- event_exists :maybe
select id from event where id = $1;

-- What each said last: what counts, else what was said before the time changed (open) or to an earlier version (earlier).
-- event_answers :many
select a.contact_id, n.name, o.name as organisation, d.email as address, a.answer, a.state, a.by,
       a.evidence::text as evidence, a.at::text as at, a.decided_by, a.persons, a.instead, a.instead_id, a.sequence,
       a.sequence < e.sequence as earlier, a.open
  from event_last_answer a
  join event e on e.id = a.event_id
  join contact c on c.id = a.contact_id
  join contact_name n on n.contact_id = c.id and n.main
  left join contact_name o on o.contact_id = c.organisation_id and o.main
  left join lateral (select email from address where contact_id = c.id and state not in ('dead', 'replaced')
                      order by position, id limit 1) d on true
 where a.event_id = $1
 order by a.open, array_position(array['accepted', 'delegated', 'tentative', 'question', 'declined'], a.answer), n.fold, c.id;

-- event_department :maybe
select department_id from event where id = $1;

-- event_lock :maybe
select department_id, state, extract(epoch from starts_at)::bigint as starts, extract(epoch from ends_at)::bigint as ends,
       reply_by::text as reply_by
  from event where id = $1 for update;

-- event_texts :many
select language, name, place from event_text where event_id = $1 order by id;

-- $5: the place changes.
-- event_move :one
update event set starts_at = to_timestamp($2::bigint), ends_at = to_timestamp($3::bigint), reply_by = coalesce($4, reply_by),
       sequence = sequence + $5::integer
 where id = $1 returning sequence;

-- event_cancel :one
update event set state = 'cancelled', cancel_reason = $2 where id = $1 returning sequence;

-- event_text_set :none
insert into event_text (event_id, language, name, place) values ($1, $2, $3, $4)
on conflict (event_id, language) do update set name = excluded.name, place = excluded.place;

-- Who has the invitation of an earlier version, and whose letters were stopped by this one.
-- event_after_change :one
select count(distinct l.contact_id) filter (where l.had and l.sequence < e.sequence) as had,
       count(distinct l.contact_id) filter (where l.overtaken and l.state = 'cancelled'
            and not exists (select from event_letters(e.id) h where h.had and h.contact_id = l.contact_id)) as stopped
  from event e join event_letters(e.id) l on true
 where e.id = $1;

-- event_answer_add :none
insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by, sequence, persons, instead, instead_id)
values ($1, $2, $3, 'confirmed', 'person', jsonb_build_array(jsonb_build_object('where', $4::text, 'text', $5::text)), actor(),
        null, $6, coalesce($7, (select name from contact_name where contact_id = $8::bigint and main)), $8::bigint);

-- event_guest :maybe
select l.contact_id from event_letters($1) l where l.mailing_id = $2 and l.id = $3;

-- event_calls :many
select k.contact_id, n.name, o.name as organisation, p.phones, k.language, k.email, k.why, k.detail,
       k.at::text as at, k.mailing_id
  from event_calls($1, (now() at time zone $2::text)::date) k
  join contact c on c.id = k.contact_id
  join contact_name n on n.contact_id = k.contact_id and n.main
  left join contact_name o on o.contact_id = c.organisation_id and o.main
  left join lateral (select string_agg(coalesce(e164, typed), ', ' order by position, id) as phones
                       from phone where contact_id = k.contact_id) p on true
 order by n.fold, k.contact_id;
