-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Opt-out, erasure, term and the event are looked at again before a letter is printed, as before one is sent
-- (outbox_claim).
-- printing_look_again :none
update outbox o set state = case when f.moved then 'held' else 'excluded' end, reason = f.why
  from (select w.id, w.moved,
               case when w.moved then 'the post has another holder'
                    when k.state <> 'active' then 'contact is ' || k.state
                    else coalesce(consent_forbids(w.contact_id, coalesce(m.list_id, l.id)),
                                  case when e.state = 'cancelled' then 'the event is cancelled' end) end as why
          from (select *, post_id is not null and not coalesce(settled_evidence ? 'person', false) and not exists (
                              select from term t where t.post_id = outbox.post_id and t.holder_id = outbox.contact_id
                                 and t.during @> current_date) as moved
                  from outbox where mailing_id = $1 and channel = 'paper' and state = 'held'
                                and reason = 'to be printed') w
          join mailing m on m.id = w.mailing_id
          join mail_list l on l.slug = m.kind
          join contact k on k.id = w.contact_id
          left join event e on e.id = m.event_id) f
 where o.id = f.id and f.why is not null and o.state = 'held';

-- printing_waiting :many
select id
  from outbox
 where mailing_id = $1 and channel = 'paper' and state = 'held' and reason = 'to be printed'
   and (expires_at is null or expires_at > now())
 order by view #>> '{postal,country}' <> $2, view #>> '{postal,country}', view #>> '{postal,postcode}',
          name collate "und-x-icu", id
   for update;

-- printing_samples :many
select distinct on (language) id from outbox
 where mailing_id = $1 and channel = 'paper' and view <> '{}' order by language, id;

-- printing_printed :many
select o.id
  from outbox o join paper_letter p on p.outbox_id = o.id
 where o.mailing_id = $1 and p.letter <> '{}'
 order by p.printed_at, p.n;

-- The time that stands in the file.
-- printing_now :one
select extract(epoch from coalesce(case when $2::boolean then max(p.printed_at) end, now()))::bigint as now
  from outbox o join paper_letter p on p.outbox_id = o.id
 where o.mailing_id = $1;

-- printing_letter :one
select o.id, o.contact_id, o.name, o.language, o.view, p.letter
  from outbox o left join paper_letter p on p.outbox_id = o.id
 where o.id = $1;

-- printing_of_contact :many
select p.outbox_id as id, o.contact_id, o.name, o.language, p.letter, extract(epoch from p.printed_at)::bigint as now
  from paper_letter p join outbox o on o.id = p.outbox_id
 where o.contact_id = $1 and p.letter <> '{}' order by p.outbox_id;

-- printing_keep :none
insert into paper_letter (outbox_id, n, pages, letter) values ($1, $2, $3, $4::jsonb);

-- printing_done :none
update outbox o set state = 'printed', reason = null, expires_at = null
  from paper_letter p
 where o.mailing_id = $1 and o.state = 'held' and p.outbox_id = o.id;

-- printing_so_far :one
select count(*) as letters, coalesce(string_agg(distinct p.printed_by::text, ', '), '') as by,
       coalesce(to_char(max(p.printed_at) at time zone $2::text, 'YYYY-MM-DD HH24:MI'), '') as at
  from outbox o join paper_letter p on p.outbox_id = o.id
 where o.mailing_id = $1;

-- The letters of a draft that go by mail.
-- printing_by_mail :many
select id, contact_id, name, language from outbox
 where mailing_id = $1 and channel = 'email' and state = 'held' order by id;
