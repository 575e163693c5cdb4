-- SPDX-License-Identifier: AGPL-3.0-or-later
-- mailing_recipients_by_address :many
select k.id, k.state, k.languages, a.id as address_id, a.email, a.state as address_state,
       exists (select from contact_tag t where t.contact_id = k.id and lower(t.tag) = 'paper') as wants_paper,
       exists (select from postal_address d
                where d.contact_id in (k.id, k.organisation_id) or d.contact_id in (
                      select o.organisation_id from term t join post o on o.id = t.post_id
                       where t.holder_id = k.id and t.during @> current_date)) as has_postal
  from address a join contact k on k.id = a.contact_id
 where a.email_key = lower($1) and a.state <> 'replaced'
 order by k.id;

-- mailing_recipients_by_id :many
select k.id, k.state, k.languages, a.id as address_id, a.email, a.state as address_state,
       exists (select from address d where d.contact_id = k.id and d.state = 'dead') as has_dead,
       exists (select from contact_tag t where t.contact_id = k.id and lower(t.tag) = 'paper') as wants_paper,
       exists (select from postal_address d
                where d.contact_id in (k.id, k.organisation_id) or d.contact_id in (
                      select o.organisation_id from term t join post o on o.id = t.post_id
                       where t.holder_id = k.id and t.during @> current_date)) as has_postal
  from contact k
  left join lateral (select * from address a where a.contact_id = k.id and a.state not in ('replaced', 'dead')
                      order by a.state = 'good' desc, a.position, a.id limit 1) a on true
 where k.id = $1;

-- mailing_event :one
select e.id, e.uid, e.sequence, e.department_id, extract(epoch from e.starts_at)::bigint as starts,
       extract(epoch from e.ends_at)::bigint as ends, e.reply_by::text as reply_by, e.state
  from event e where e.id = $1;

-- mailing_event_text :maybe
select name, place, language from event_text where event_id = $1
 order by (language = $2) desc, (split_part(language, '-', 1) = split_part($2, '-', 1)) desc, (language = $3) desc, id
 limit 1;

-- mailing_add :one
insert into mailing (kind, name, event_id, department_id, account, shared_address, list_id, segment, paper)
values ($1, $2, $3, $4, $5, $6, (select id from mail_list where slug = coalesce($7, $1)), $8, $9) returning id;

-- mailing_list_exists :maybe
select id from mail_list where slug = $1;

-- mailing_add_text :none
insert into mailing_text (mailing_id, language, name, line, subject, body) values ($1, $2, $3, $4, $5, $6);

-- mailing_get :one
select m.id, m.kind, m.name, m.event_id, m.account, m.shared_address, m.paper, m.state, m.pause_reason, m.segment,
       m.prepared_by, m.released_by, m.prepared_at::text as prepared_at, m.released_at::text as released_at,
       extract(epoch from e.starts_at)::bigint as event_starts
  from mailing m left join event e on e.id = m.event_id
 where m.id = $1;

-- mailing_department :maybe
select department_id from mailing where id = $1;

-- mailing_list :many
select m.id, m.kind, m.name, m.state, m.prepared_by, m.released_by, count(o.id) as recipients
  from mailing m left join outbox o on o.mailing_id = m.id
 group by m.id order by m.id;

-- mailing_text_of :maybe
select name, line, subject, body from mailing_text where mailing_id = $1 and language = $2;

-- mailing_text_languages :many
select language from mailing_text where mailing_id = $1 order by id;

-- mailing_samples :many
select distinct on (language) id, name, email, language, view from outbox
 where mailing_id = $1 and view <> '{}' and ($2::text is null or language = $2) order by language, id;

-- Whose letter in Cyrillic has a name in Latin letters alone.
-- mailing_latin :many
select o.contact_id, o.language, n.name
  from outbox o, lateral (values (o.view -> 'contact' ->> 'name'), (o.view ->> 'organisation')) n (name)
 where o.mailing_id = $1 and o.language like '%-Cyrl' and n.name ~ '[A-Za-z]' and n.name !~ '[Ѐ-ӿ]'
 group by o.id, o.contact_id, o.language, n.name
 order by o.id, n.name;

-- mailing_count_shared :one
select count(*) - count(distinct lower(email)) as shared
  from outbox where mailing_id = $1 and state = 'held' and channel = 'email';

-- mailing_release :none
update mailing set state = 'released', released_by = actor(), released_at = now()
 where id = $1 and state = 'draft';

-- mailing_set_paused :none
update mailing set state = 'paused', pause_reason = $2 where id = $1 and state = 'released';

-- mailing_resume :none
update mailing set state = 'released', pause_reason = null where id = $1 and state = 'paused';

-- mailing_cancel :none
update mailing set state = 'cancelled', pause_reason = null where id = $1 and state in ('draft', 'released', 'paused');

-- mailing_finish :none
update mailing set state = 'finished', finished_at = now()
 where id in (select m.id from mailing m where m.state = 'released' and not exists (
                     select from outbox o join outbox_state s using (state) where o.mailing_id = m.id and not s.terminal)
                 for update of m skip locked);

-- mailing_of_outbox :maybe
select mailing_id from outbox where id = $1;

-- mailing_count_recipients :one
select count(*) as n from outbox where mailing_id = $1;

-- What still points to those who held the posts: $1 posts, $2 their holders until now.
-- mailing_pointing_to :many
with old as (
    select post_id, holder_id from unnest($1::bigint[], $2::bigint[]) as u (post_id, holder_id)
)
select case m.state when 'draft' then 'draft' else 'mailing' end as kind, m.id, m.name, o.id as recipient, o.state,
       o.contact_id, n.name as holder
  from old join outbox o on o.contact_id = old.holder_id and o.post_id = old.post_id
  join outbox_state s on s.state = o.state and not s.terminal
  join mailing m on m.id = o.mailing_id
  join contact_name n on n.contact_id = o.contact_id and n.main
union all
select 'answer', e.id, coalesce((select name from event_text t where t.event_id = e.id order by t.id limit 1), ''),
       a.id, a.answer, a.contact_id, n.name
  from (select distinct holder_id from old) h
  join event_answer a on a.contact_id = h.holder_id
  join event e on e.id = a.event_id and e.starts_at > now() and e.state = 'planned'
  join contact_name n on n.contact_id = a.contact_id and n.main
 order by 1, 2, 4;
