-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The registers as they are handed out: one row a line of the sheet, columns by the names that
-- reports/register_table.c gives.  Where it is a list of keys that become words, they stand apart by U+001F.
--
-- Languages (text[]) are those in which a name is looked for, best first.  The order is by ICU's rules, and since a
-- collation cannot be a parameter, each language has a line, of which the server drops all but one.  Before that comes the
-- last parameter, the contacts in another order (crm/precedence.h), or null.

-- For this transaction: compiling a statement takes longer than it saves here, and the sorts should stay in memory.
-- register_settings :one
select set_config('jit', 'off', true), set_config('work_mem', '64MB', true);

-- Whom a register is about: of mailing $1, of event $2, or all.
-- register_whom :many
select id from contact where $1::bigint is null and $2::bigint is null
union
select contact_id from outbox where mailing_id = $1::bigint
union
select o.contact_id
  from mailing g join outbox o on o.mailing_id = g.id
 where g.event_id = $2::bigint and g.state <> 'cancelled'
union
select contact_id from event_last_answer where event_id = $2::bigint;

-- register_contacts :many
with shown as (
    select distinct on (contact_id) contact_id, name
      from contact_name
     order by contact_id, array_position($1::text[], language), main desc, id
), held as (
    select t.holder_id, string_agg(p.name, E'\n' order by lower(t.during), p.id) as posts,
           min(p.organisation_id) as organisation_id
      from term t
      join post p on p.id = t.post_id
     where t.during @> (now() at time zone $3::text)::date
     group by t.holder_id
), emails as (
    select contact_id, string_agg(email, E'\n' order by state in ('dead', 'replaced'), position, id) as emails,
           string_agg(state, E'\n' order by state in ('dead', 'replaced'), position, id) as states,
           string_agg(email, E'\n' order by position, id) filter (where state not in ('dead', 'replaced')) as live,
           string_agg(state, E'\n' order by position, id) filter (where state not in ('dead', 'replaced'))
               as live_states
      from address
     group by contact_id
), phones as (
    select contact_id, string_agg(coalesce(e164, typed), E'\n' order by position, id) as phones
      from phone
     group by contact_id
), places as (
    select contact_id, string_agg(lines, E'\n' order by id) as lines, string_agg(city, E'\n' order by id) as city,
           string_agg(country, E'\n' order by id) as country
      from postal_address
     group by contact_id
), categories as (
    select k.contact_id, string_agg(c.name, E'\x1f' order by c.name) as names
      from contact_category k
      join category c on c.id = k.category_id
     group by k.contact_id
), departments as (
    select s.contact_id, string_agg(d.name, E'\n' order by d.name) as names
      from contact_department s
      join contact c on c.id = s.contact_id and c.department_id <> s.department_id
      join department d on d.id = s.department_id
     group by s.contact_id
), notes as (
    select contact_id, string_agg(note, E'\n' order by id) as notes
      from contact_note
     group by contact_id
), tags as (
    select contact_id, string_agg(tag, ', ' order by tag) as tags from contact_tag group by contact_id
), details as (
    select contact_id, max(value) filter (where field = 'registration') as registration,
           max(value) filter (where field = 'form') as form, max(value) filter (where field = 'employees') as employees,
           max(value) filter (where field = 'turnover') as turnover,
           max(value) filter (where field = 'last_contact') as last_contact
      from contact_detail
     group by contact_id
), lists as (
    select r.contact_id, string_agg(i.file_name || ' (' || r.row || ')', E'\n' order by i.id, r.row) as rows
      from import_row r
      join import i on i.id = r.import_id
     where r.contact_id is not null and i.undone_at is null
     group by r.contact_id
)
select c.id, n.name, o.name as organisation, held.posts as position, categories.names as category,
       array_to_string(c.languages, E'\x1f') as languages, c.salutation, emails.emails, emails.states as email_states,
       phones.phones, places.lines as postal, places.city, places.country,
       concat_ws(E'\n', d.name, departments.names) as departments, c.precedence, notes.notes as note, c.state,
       to_char(c.created at time zone $3::text, 'YYYY-MM-DD') as since, lists.rows as list,
       c.kind, c.uid, c.gender, c.title, emails.live as live_emails, emails.live_states, tags.tags, w.login as owner, details.registration, details.form, details.employees,
       details.turnover, details.last_contact
  from contact c
  join department d on d.id = c.department_id
  left join shown n on n.contact_id = c.id
  left join held on held.holder_id = c.id
  left join shown o on o.contact_id = coalesce(c.organisation_id, held.organisation_id)
  left join emails on emails.contact_id = c.id
  left join phones on phones.contact_id = c.id
  left join places on places.contact_id = c.id
  left join categories on categories.contact_id = c.id
  left join departments on departments.contact_id = c.id
  left join notes on notes.contact_id = c.id
  left join tags on tags.contact_id = c.id
  left join details on details.contact_id = c.id
  left join staff w on w.id = c.owner_id
  left join lists on lists.contact_id = c.id
  left join unnest($8::bigint[]) with ordinality place_of (id, place) on place_of.id = c.id
 where ($4::date is null or c.created >= $4::date::timestamp at time zone $3::text)
   and ($5::date is null or c.created < ($5::date + 1)::timestamp at time zone $3::text)
   and ($6::int is null or c.department_id = $6::int or exists (
        select from contact_department s where s.contact_id = c.id and s.department_id = $6::int))
   and ($7::bigint[] is null or c.id = any ($7::bigint[]))
 order by place_of.place,
          case when $2::text = 'sq' then n.name end collate "sq-x-icu",
          case when $2::text = 'sr-Latn' then n.name end collate "sr-Latn-x-icu",
          case when $2::text = 'sr-Cyrl' then n.name end collate "sr-Cyrl-x-icu",
          case when $2::text = 'de' then n.name end collate "de-x-icu",
          case when $2::text = 'pl' then n.name end collate "pl-x-icu",
          case when $2::text not in ('sq', 'sr-Latn', 'sr-Cyrl', 'de', 'pl') then n.name end collate "en-x-icu",
          c.id;

-- register_meetings :many
select m.held_on::text as held_on, to_char(m.held_at, 'HH24:MI') as held_at, m.place, m.subject, m.chair, m.attendees,
       m.minutes, m.language, d.name as department
  from meeting m
  join department d on d.id = m.department_id
 where ($1::date is null or m.held_on >= $1::date)
   and ($2::date is null or m.held_on <= $2::date)
   and ($3::int is null or m.department_id = $3::int)
 order by m.held_on, m.held_at nulls first, m.id;

-- register_letters :many
with letter as (
    select m.id, 'email' as channel, m.id as message, m.direction, m.from_address, m.from_name, m.subject, m.class, m.state,
           m.why, m.rfc_message_id, coalesce(m.date, m.received_at) as at, coalesce(m.contact_id, o.contact_id) as whose,
           coalesce(o.mailing_id, t.mailing_id) as mailing_id, o.state as fate, o.reason, o.email, o.enhanced, o.reply,
           o.name as named, o.message_id = m.id as newest, array_to_string(m.people, ', ') as people
      from message m
      left join outbox o on o.id = m.outbox_id
      left join thread t on t.id = m.thread_id
     where m.class is distinct from 'own' or m.outbox_id is null
    union all
    select o.id, o.channel, null, 'out', null, null, coalesce(p.letter ->> 'subject', ''), null, null, null, null,
           p.printed_at, o.contact_id, o.mailing_id, o.state, o.reason, o.email, null, null, o.name, true, null
      from paper_letter p
      join outbox o on o.id = p.outbox_id
)
select row_number() over (order by l.at, l.id) as number,
       to_char(l.at at time zone $2::text, 'YYYY-MM-DD HH24:MI:SS') as at, l.direction, l.channel,
       coalesce(n.name, l.named, l.from_name) as correspondent, org.name as organisation,
       case l.direction when 'in' then l.from_address else coalesce(l.email, l.people) end as address, l.subject,
       case when l.direction = 'in' then coalesce(l.class, 'not judged') when g.step <> 'invite' then g.step
            else coalesce(g.kind, 'letter') end as kind,
       g.name as mailing, e.name as event,
       case when l.direction = 'in' then l.state when l.newest then l.fate else 'sent' end as outcome,
       concat_ws(E'\n', l.why, case when l.direction = 'out' and l.newest then
           concat_ws(' ', l.enhanced, coalesce(l.reply, l.reason)) end) as detail,
       a.answer, d.name as department, l.rfc_message_id as message_id
  from letter l
  left join contact c on c.id = l.whose
  left join mailing g on g.id = l.mailing_id
  left join department d on d.id = coalesce(g.department_id, c.department_id)
  left join lateral (select n.name from contact_name n where n.contact_id = l.whose
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) n on true
  left join lateral (select n.name from contact_name n where n.contact_id = c.organisation_id
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) org on true
  left join lateral (select t.name from event_text t where t.event_id = g.event_id
                      order by array_position($1::text[], t.language), t.id limit 1) e on true
  left join lateral (select w.answer from answer w where w.message_id = l.message and w.state <> 'rejected'
                      order by w.id desc limit 1) a on true
 where ($3::date is null or l.at >= $3::date::timestamp at time zone $2::text)
   and ($4::date is null or l.at < ($4::date + 1)::timestamp at time zone $2::text)
   and ($5::int is null or coalesce(g.department_id, c.department_id) = $5::int)
 order by l.at, l.id;

-- register_mailing :many
select n.name, o.name as named, org.name as organisation, o.channel, o.email, o.language, o.state, o.reason,
       o.enhanced, o.server, o.reply,
       to_char(coalesce(o.submitting_at, case o.state when 'printed' then o.state_at end) at time zone $3::text,
               'YYYY-MM-DD HH24:MI:SS') as sent_at,
       a.answer, a.state as answer_state,
       case when a.by = 'person' and a.evidence -> 0 ->> 'where' in ('phone', 'letter') then a.evidence -> 0 ->> 'where'
            else a.by end as answer_by,
       to_char(coalesce(a.stamp, a.at) at time zone $3::text, 'YYYY-MM-DD HH24:MI:SS') as answer_at,
       regexp_replace(regexp_replace(coalesce(nullif(r.reply_text, ''), case a.by when 'words' then a.evidence -> 0 ->> 'text' end),
                                     '\s+', ' ', 'g'), '^(.{250}).+$', '\1 …') as words,
       o.rfc_message_id as message_id
  from outbox o
  join mailing g on g.id = o.mailing_id
  join contact c on c.id = o.contact_id
  left join post p on p.id = o.post_id
  left join event_answer a on a.event_id = g.event_id and a.contact_id = o.contact_id
  left join message r on r.id = a.message_id
  left join lateral (select n.name from contact_name n where n.contact_id = o.contact_id
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) n on true
  left join lateral (select n.name from contact_name n
                      where n.contact_id = coalesce(p.organisation_id, c.organisation_id)
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) org on true
  left join unnest($5::bigint[]) with ordinality place_of (id, place) on place_of.id = o.contact_id
 where o.mailing_id = $4::bigint
 order by place_of.place,
          case when $2::text = 'sq' then n.name end collate "sq-x-icu",
          case when $2::text = 'sr-Latn' then n.name end collate "sr-Latn-x-icu",
          case when $2::text = 'sr-Cyrl' then n.name end collate "sr-Cyrl-x-icu",
          case when $2::text = 'de' then n.name end collate "de-x-icu",
          case when $2::text = 'pl' then n.name end collate "pl-x-icu",
          case when $2::text not in ('sq', 'sr-Latn', 'sr-Cyrl', 'de', 'pl') then n.name end collate "en-x-icu",
          o.id;

-- register_mailing_sums :many
select case when grouping(o.state) = 0 then 'state' else 'answer' end as part,
       coalesce(o.state, said.answer, 'none') as word, count(*) as number
  from outbox o
  join mailing g on g.id = o.mailing_id
  left join event_answer a on a.event_id = g.event_id and a.contact_id = o.contact_id
  left join lateral (select case a.state when 'proposed' then 'proposed' else a.answer end as answer) said on true
 where o.mailing_id = $1
 group by grouping sets ((o.state), (said.answer))
 order by part desc, number desc, word;

-- register_mailing_about :maybe
select g.name, g.event_id, e.name as event, e.place,
       to_char(v.starts_at at time zone $2::text, 'YYYY-MM-DD HH24:MI') as starts_at
  from mailing g
  left join event v on v.id = g.event_id
  left join lateral (select t.name, t.place from event_text t where t.event_id = v.id
                      order by array_position($1::text[], t.language), t.id limit 1) e on true
 where g.id = $3;

-- register_event :many
with invited as (
    select distinct on (o.contact_id) o.contact_id, o.post_id, o.email, o.language, o.state, g.name as mailing
      from mailing g
      join outbox o on o.mailing_id = g.id
     where g.event_id = $4::bigint and o.state <> 'cancelled'
     order by o.contact_id, o.id desc
), guest as (
    select contact_id from invited
    union
    select contact_id from event_last_answer where event_id = $4::bigint
)
select n.name, org.name as organisation, p.name as position, i.email, i.language, i.mailing, i.state,
       a.answer, before.answer as answer_before, a.persons, a.instead, a.state as answer_state,
       case when a.by = 'person' and a.evidence -> 0 ->> 'where' in ('phone', 'letter') then a.evidence -> 0 ->> 'where'
            else a.by end as answer_by,
       to_char(coalesce(a.stamp, a.at) at time zone $3::text, 'YYYY-MM-DD HH24:MI:SS') as answer_at,
       regexp_replace(regexp_replace(coalesce(nullif(r.reply_text, ''), case a.by when 'words' then a.evidence -> 0 ->> 'text' end),
                                     '\s+', ' ', 'g'), '^(.{250}).+$', '\1 …') as words
  from guest u
  join contact c on c.id = u.contact_id
  left join invited i on i.contact_id = u.contact_id
  left join event_answer a on a.event_id = $4::bigint and a.contact_id = u.contact_id
  left join event_last_answer before on before.open and before.event_id = $4::bigint and before.contact_id = u.contact_id
  left join message r on r.id = a.message_id
  left join lateral (select p.name, p.organisation_id from post p left join term t on t.post_id = p.id
                      where p.id = i.post_id
                         or i.post_id is null and t.holder_id = u.contact_id
                            and t.during @> (now() at time zone $3::text)::date
                      order by p.id limit 1) p on true
  left join lateral (select n.name from contact_name n where n.contact_id = u.contact_id
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) n on true
  left join lateral (select n.name from contact_name n
                      where n.contact_id = coalesce(p.organisation_id, c.organisation_id)
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) org on true
  left join unnest($5::bigint[]) with ordinality place_of (id, place) on place_of.id = u.contact_id
 order by place_of.place,
          case when $2::text = 'sq' then n.name end collate "sq-x-icu",
          case when $2::text = 'sr-Latn' then n.name end collate "sr-Latn-x-icu",
          case when $2::text = 'sr-Cyrl' then n.name end collate "sr-Cyrl-x-icu",
          case when $2::text = 'de' then n.name end collate "de-x-icu",
          case when $2::text = 'pl' then n.name end collate "pl-x-icu",
          case when $2::text not in ('sq', 'sr-Latn', 'sr-Cyrl', 'de', 'pl') then n.name end collate "en-x-icu",
          u.contact_id;

-- register_event_sums :many
with guest as (
    select o.contact_id
      from mailing g
      join outbox o on o.mailing_id = g.id
     where g.event_id = $1::bigint and o.state <> 'cancelled'
    union
    select contact_id from event_last_answer where event_id = $1::bigint
)
select 'answer' as part, coalesce(case a.state when 'proposed' then 'proposed' else a.answer end, 'none') as word,
       count(*) as number
  from guest u
  left join event_answer a on a.event_id = $1::bigint and a.contact_id = u.contact_id
 group by word
 order by number desc, word;

-- register_event_about :maybe
select e.name as event, e.place, to_char(v.starts_at at time zone $2::text, 'YYYY-MM-DD HH24:MI') as starts_at
  from event v
  left join lateral (select t.name, t.place from event_text t where t.event_id = v.id
                      order by array_position($1::text[], t.language), t.id limit 1) e on true
 where v.id = $3;

-- register_calls :many
select k.contact_id, n.name, org.name as organisation, p.phones, k.language, k.why,
       regexp_replace(regexp_replace(k.detail, '\s+', ' ', 'g'), '^(.{250}).+$', '\1 …') as detail, null as result
  from event_calls($3, (now() at time zone $2::text)::date) k
  join contact c on c.id = k.contact_id
  left join lateral (select n.name from contact_name n where n.contact_id = k.contact_id
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) n on true
  left join post q on q.id = k.post_id
  left join lateral (select n.name from contact_name n where n.contact_id = coalesce(q.organisation_id, c.organisation_id)
                      order by array_position($1::text[], n.language), n.main desc, n.id limit 1) org on true
  left join lateral (select string_agg(coalesce(e164, typed), ', ' order by position, id) as phones
                       from phone where contact_id = k.contact_id) p on true
 order by n.name, k.contact_id;
