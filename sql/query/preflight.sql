-- SPDX-License-Identifier: AGPL-3.0-or-later
-- preflight_waiting :one
select count(*) filter (where state = 'held' and reason = 'release') as waiting from outbox where mailing_id = $1;

-- The longest letter of each language: what the others are not.
-- preflight_longest :many
select distinct on (language) id, contact_id, name, email, language, view
  from outbox where mailing_id = $1 and state = 'held' and email <> ''
 order by language, length(view::text) desc, id;

-- Whose address is not of ASCII alone.
-- preflight_utf8 :many
select id, contact_id, name, email from outbox
 where mailing_id = $1 and state = 'held' and octet_length(email) <> char_length(email) order by id;

-- Letters that ask for an answer.
-- preflight_reply_by :maybe
select e.reply_by::text as reply_by
  from mailing m join event e on e.id = m.event_id
 where m.id = $1 and m.step not in ('thank', 'cancel') and e.reply_by < (now() at time zone $2)::date;

-- Who gets no letter already, and why.
-- preflight_excluded :many
select id, contact_id, name, reason from outbox where mailing_id = $1 and state = 'excluded' order by reason, id;

-- Whom the release will leave out or hold, as outbox_exclude_... and outbox_posts_moved do.
-- preflight_leaving :many
select o.id, o.contact_id, o.name,
       case when k.state <> 'active' then 'contact is ' || k.state
            when consent.why is not null then consent.why
            when e.key is not null then 'the address was erased on request'
            when a.state = 'dead' then 'address is dead'
            else answered.why end as why,
       k.state = 'active' and consent.why is not null as consent,
       o.to_post and t.holder_id is distinct from o.contact_id as moved, t.holder_id is null as vacant, p.name as post,
       exists (select from mailing_attachment where outbox_id = o.id) as personal
  from outbox o
  join mailing m on m.id = o.mailing_id
  join mail_list l on l.slug = m.kind
  join contact k on k.id = o.contact_id
  left join address a on a.id = o.address_id
  left join post p on p.id = o.post_id
  left join term t on t.post_id = o.post_id and t.during @> current_date
  left join lateral consent_word(o.contact_id, coalesce(m.list_id, l.id)) consent on true
  left join addresses_erased(array(select distinct lower(r.email) from outbox r
                                    where r.mailing_id = $1 and r.state = 'held')) e (key) on e.key = lower(o.email)
 cross join lateral (select case when m.step in ('remind', 'thank')
                                 then answer_forbids(m.step, m.answer, m.event_id, o.contact_id) end as why) answered
 where o.mailing_id = $1 and o.state = 'held' and o.reason = 'release'
   and (k.state <> 'active' or consent.why is not null or e.key is not null or a.state = 'dead'
        or answered.why is not null or o.to_post and t.holder_id is distinct from o.contact_id)
 order by o.id;

-- Several contacts behind one address.
-- preflight_shared :many
select id, contact_id, name, email
  from (select id, contact_id, name, lower(email) as email, row_number() over (partition by lower(email) order by id) as n
          from outbox where mailing_id = $1 and state = 'held' and reason = 'release' and email <> '') o
 where n > 1
 order by id;

-- Addresses that are in doubt, but written to.
-- preflight_doubtful :many
select o.id, o.contact_id, o.name, a.state from outbox o join address a on a.id = o.address_id
 where o.mailing_id = $1 and o.state = 'held' and a.state in ('held', 'soft') order by a.state, o.id;

-- Whose letter is in a language that they have not.
-- preflight_foreign :many
select o.id, o.contact_id, o.name, o.language, array_to_string(k.languages, ', ') as languages
  from outbox o join contact k on k.id = o.contact_id
 where o.mailing_id = $1 and o.state = 'held'
   and not exists (select from unnest(k.languages) l where split_part(l, '-', 1) = split_part(o.language, '-', 1))
 order by o.id;

-- People whose form of address may have had to do without their gender, or without the salutation that they have.
-- preflight_unaddressed :many
select o.id, o.contact_id, o.name, o.language, o.view ->> 'salutation' as salutation, k.salutation as own,
       k.salutation_language, k.languages[1] as usual
  from outbox o join contact k on k.id = o.contact_id
 where o.mailing_id = $1 and o.state = 'held' and k.kind = 'person'
   and case when k.salutation is null then k.gender is null and not o.view ? 'post'
            else k.salutation <> o.view ->> 'salutation' end
 order by o.id;

-- preflight_lately :many
select outbox_id, contact_id, recipient, last_at::date::text as last_day, last_mailing, last_name, last_department
  from mailing_written_lately($1, $2, $3);

-- Within the release, whose letters nobody has claimed yet.
-- preflight_hold :none
update outbox set state = 'held', reason = $2 where id = any ($1::bigint[]) and state = 'queued';

-- preflight_sign :none
update mailing set findings = $2::jsonb, despite = $3 where id = $1 and state = 'draft';

-- preflight_keep_source :none
update mailing set list_file = $2, segment_words = $3 where id = $1;

-- preflight_keep_lines :none
insert into outbox_line (outbox_id, line)
select o.id, u.line from unnest($2::bigint[], $3::bigint[]) as u (contact_id, line)
  join outbox o on o.mailing_id = $1 and o.contact_id = u.contact_id;
