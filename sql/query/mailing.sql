-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Of each address ($1; nulls are nobody's) the contacts that have it; n: which one, from 1.
-- mailing_recipients_by_address :many
select w.n, k.id, k.state, k.languages, a.id as address_id, a.email, a.state as address_state,
       exists (select from contact_tag t where t.contact_id = k.id and lower(t.tag) = 'paper') as wants_paper,
       exists (select from postal_address d where d.contact_id in (k.id, k.organisation_id))
       or exists (select from term t join post o on o.id = t.post_id join postal_address d on d.contact_id = o.organisation_id
                   where t.holder_id = k.id and t.during @> current_date) as has_postal
  from unnest($1::text[]) with ordinality as w (address, n)
  join address a on a.email_key = lower(w.address) and a.state <> 'replaced'
  join contact k on k.id = a.contact_id
 order by w.n, k.id;

-- Of each contact ($1; 0 is nobody); $2: the address that is best if it can still be written to, or 0.
-- mailing_recipients_by_id :many
select w.n, k.id, k.state, k.languages, a.id as address_id, a.email, a.state as address_state,
       exists (select from address d where d.contact_id = k.id and d.state = 'dead') as has_dead,
       exists (select from contact_tag t where t.contact_id = k.id and lower(t.tag) = 'paper') as wants_paper,
       exists (select from postal_address d where d.contact_id in (k.id, k.organisation_id))
       or exists (select from term t join post o on o.id = t.post_id join postal_address d on d.contact_id = o.organisation_id
                   where t.holder_id = k.id and t.during @> current_date) as has_postal
  from unnest($1::bigint[], $2::bigint[]) with ordinality as w (contact, address, n)
  join contact k on k.id = w.contact
  left join lateral (select * from address a where a.contact_id = k.id and a.state not in ('replaced', 'dead')
                      order by a.id = w.address desc nulls last, a.state = 'good' desc, a.position, a.id limit 1) a on true
 order by w.n;

-- Of each post ($1; -1 is none) that there is, who holds it.
-- mailing_holders :many
select w.n, t.holder_id
  from unnest($1::bigint[]) with ordinality as w (post, n)
  join post p on p.id = w.post
  left join term t on t.post_id = p.id and t.during @> current_date
 order by w.n;

-- Preparations of letters to the guests of one event wait for each other: each sees whom the others have.
-- mailing_lock_guests :one
select pg_advisory_xact_lock(5546, $1::bigint::integer) is null as unlocked;

-- Whom the letter of step $2 (thanks for the answer $3) about the event $1 goes to: who had the invitation, or answered it,
-- but does not have this letter yet.  $4: who had a reminder gets another one.  `was`: what the last letter said.
-- mailing_guests :many
with e as (
    select sequence, time_sequence from event where id = $1
), letter as (
    select * from event_letters($1)
), had as (
    select distinct on (contact_id) * from letter where had order by contact_id, id desc
), has as (
    select contact_id from letter l, e
     where (l.open or l.state in ('accepted', 'delivered', 'unknown', 'left', 'printed'))
       and case $2::text when 'cancel' then l.step = 'cancel'
                         when 'thank' then l.step = 'thank' and l.answer = $3
                         when 'remind' then l.step = 'remind' and l.sequence >= e.time_sequence and (l.open or not $4::boolean)
                         else l.step <> 'thank' and l.sequence = e.sequence end
), guest as (
    select contact_id, post_id, address_id, said from had
     where $2 in ('update', 'cancel')
        or $2 = 'remind' and not exists (select from event_answer a where a.event_id = $1 and a.contact_id = had.contact_id)
    union all
    select a.contact_id, h.post_id, h.address_id, h.said
      from event_answer a left join had h on h.contact_id = a.contact_id
     where $2 = 'thank' and a.event_id = $1 and a.state = 'confirmed' and a.answer = $3
    union all
    select distinct on (contact_id) contact_id, post_id, address_id, said from letter
     where $2 = 'invite' and overtaken and state = 'cancelled' and contact_id not in (select contact_id from had)
)
select g.contact_id, g.post_id, g.address_id, g.said::text as said
  from guest g join contact_name n on n.contact_id = g.contact_id and n.main
 where g.contact_id not in (select contact_id from has)
 order by n.fold, g.contact_id;

-- What a mailing to those whom that one did not reach takes from it.
-- mailing_missing_order :maybe
select m.kind, m.name, m.event_id, l.slug as list, d.slug as department, m.state, m.step, m.released_at is not null as released,
       coalesce(m.missing_of, m.id) as root
  from mailing m join department d on d.id = m.department_id left join mail_list l on l.id = m.list_id
 where m.id = $1;

-- mailing_lock_missing :one
select pg_advisory_xact_lock(5547, $1::bigint::integer) is null as unlocked;

-- Whom neither that mailing nor one to those whom it missed has reached, or may yet reach.  Who is unknown may have it;
-- who must not be written to is not missing.
-- mailing_missing :many
with letter as (
    select o.id, o.contact_id, case when o.to_post then o.post_id end as post_id, o.name,
           outbox_missed(o) as missing, o.state = 'excluded' as left_out
      from outbox o join mailing m on m.id = o.mailing_id where $1::bigint in (m.id, m.missing_of)
), who as (
    select distinct on (coalesce(-post_id, contact_id)) coalesce(-post_id, contact_id) as key, contact_id, post_id, name
      from letter where missing order by coalesce(-post_id, contact_id), id desc
)
select w.contact_id, w.post_id, h.holder_id
  from who w left join term h on h.post_id = w.post_id and h.during @> current_date
 where not exists (select from letter l where coalesce(-l.post_id, l.contact_id) = w.key and not l.missing)
   and w.contact_id not in (select e.contact_id from event_letters((select event_id from mailing where id = $1)) e
                             where e.open or e.had)
 order by w.name, w.contact_id;

-- Whoever moves it waits for the end of the transaction: all letters say the same.
-- mailing_event :one
select e.id, e.uid, event_sequence(e.id) as sequence, e.department_id, extract(epoch from e.starts_at)::bigint as starts,
       extract(epoch from e.ends_at)::bigint as ends, e.reply_by::text as reply_by, e.state, e.cancel_reason
  from event e where e.id = $1;

-- What the calendar of a mailing's letters says.
-- mailing_invitation :one
select m.step, e.uid, e.sequence, extract(epoch from e.starts_at)::bigint as starts,
       extract(epoch from e.ends_at)::bigint as ends, e.cancel_reason
  from mailing m join event e on e.id = m.event_id where m.id = $1;

-- What the recipient of the row $1 had about the event $2 before, the last one first.
-- mailing_earlier :many
select e.rfc_message_id
  from outbox o join outbox e on e.contact_id = o.contact_id and e.id <> o.id join mailing m on m.id = e.mailing_id
 where o.id = $1 and m.event_id = $2 and m.step <> 'thank' and e.rfc_message_id is not null
   and e.state in ('accepted', 'delivered', 'unknown', 'left')
 order by e.submitting_at desc, e.id desc limit 20;

-- mailing_event_text :maybe
select name, place, language from event_text where event_id = $1
 order by (language = $2) desc, (split_part(language, '-', 1) = split_part($2, '-', 1)) desc, (language = $3) desc, id
 limit 1;

-- Of what a mailing's letters were made of ($1: mailing.event_said), as they say it in the language.
-- mailing_event_said :one
select ($1::jsonb ->> 'starts')::bigint as starts, ($1::jsonb ->> 'ends')::bigint as ends, t.name, t.place
  from (select) one
  left join lateral (select e ->> 'name' as name, e ->> 'place' as place
                       from jsonb_array_elements($1::jsonb -> 'texts') with ordinality x (e, n)
                      order by (e ->> 'language' = $2) desc,
                               (split_part(e ->> 'language', '-', 1) = split_part($2, '-', 1)) desc,
                               (e ->> 'language' = $3) desc, n
                      limit 1) t on true;

-- mailing_add :one
insert into mailing (kind, name, event_id, department_id, account, shared_address, list_id, segment, paper, step, answer,
                     receipt, missing_of)
values ($1, $2, $3, $4, $5, $6, (select id from mail_list where slug = coalesce($7, $1)), $8, $9, $10, $11,
        $12::boolean, $13) returning id;

-- mailing_list_find :maybe
select id, slug, name, official from mail_list where slug = $1;

-- mailing_add_text :none
insert into mailing_text (mailing_id, language, name, line, subject, body) values ($1, $2, $3, $4, $5, $6);

-- Thanks may be said after the event.
-- mailing_get :one
select m.id, m.kind, m.name, m.event_id, m.step, m.overtaken, m.account, m.shared_address, m.paper, m.state,
       m.pause_reason, m.segment, m.prepared_by, m.released_by, m.prepared_at::text as prepared_at, m.released_at::text as released_at,
       case when m.step <> 'thank' then extract(epoch from e.starts_at)::bigint end as event_starts
  from mailing m left join event e on e.id = m.event_id
 where m.id = $1;

-- mailing_department :maybe
select department_id from mailing where id = $1;

-- mailing_list :many
select m.id, m.kind, m.name, m.state, m.prepared_by, m.released_by, count(o.id) as recipients
  from mailing m left join outbox o on o.mailing_id = m.id
 group by m.id order by m.id;

-- A text, and the class of the mailing (mail/class.h).
-- mailing_text_of :maybe
select t.name, t.line, t.subject, t.body, m.kind, m.account, m.receipt, l.id as list_id, l.slug as list, l.name as list_name
  from mailing_text t join mailing m on m.id = t.mailing_id
  left join mail_list l on l.id = coalesce(m.list_id, (select id from mail_list where slug = m.kind))
 where t.mailing_id = $1 and t.language = $2;

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

-- The event before the mailing, as whoever moves the event locks them.
-- mailing_lock_event :maybe
select event_sequence(event_id) as sequence from mailing where id = $1;

-- mailing_release :none
update mailing set state = 'released', released_by = actor(), released_at = now()
 where id = $1 and state = 'draft';

-- mailing_set_paused :none
update mailing set state = 'paused', pause_reason = $2 where id = $1 and state = 'released';

-- mailing_resume :none
update mailing set state = 'released', pause_reason = null where id = $1 and state = 'paused';

-- mailing_cancel :none
update mailing set state = 'cancelled', pause_reason = null where id = $1 and state in ('draft', 'released', 'paused');

-- Who has none waiting may be through; only then all its rows are looked at.
-- mailing_finish :none
update mailing set state = 'finished', finished_at = now()
 where id in (select m.id from mailing m
               where m.state = 'released'
                 and case when exists (select from outbox_queue q where q.mailing_id = m.id) then false
                          else not exists (select from outbox o
                                            where o.mailing_id = m.id and o.state = any (array(
                                                  select state from outbox_state where not terminal))) end
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
