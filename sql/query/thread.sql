-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A thread that became a part of another one is that one.
-- thread_find :maybe
select k.id, k.subject, k.mailing_id,
       (select string_agg(x.number, ', ' order by x.id) from thread x where x.id = k.id or x.joined_into = k.id) as number
  from thread t join thread k on k.id = coalesce(t.joined_into, t.id)
 where t.id = $1;

-- Of those that one may see, the ones with something in them; of the contact $1, or all; the last ones first.
-- thread_list :many
select t.id, t.subject, l.messages,
       (select string_agg(x.number, ', ' order by x.id) from thread x where x.id = t.id or x.joined_into = t.id) as number,
       to_char(l.last at time zone $2, 'YYYY-MM-DD HH24:MI') as last, l.waiting,
       (select string_agg(distinct n.name, ', ') from message m
          join contact_name n on n.contact_id = m.contact_id and n.main where m.thread_id = t.id) as contacts
  from thread t
  join lateral (select count(*) as messages, max(coalesce(m.date, m.received_at)) as last,
                       count(*) filter (where m.state = 'decide') as waiting
                  from message m where m.thread_id = t.id having count(*) > 0) l on true
 where $1::bigint is null
    or t.id in (select m.thread_id from message m where m.contact_id = $1
                union select m.thread_id from message_recipient x join message m on m.id = x.message_id where x.contact_id = $1)
 order by l.last desc, t.id desc limit 500;

-- thread_messages :many
select m.id, m.direction, to_char(coalesce(m.date, m.received_at) at time zone $2, 'YYYY-MM-DD HH24:MI') as date,
       m.from_address, m.from_name, m.subject, m.class, m.state, m.why, m.reply_text, m.contact_id, o.mailing_id,
       coalesce(m.rfc_message_id, '') as rfc_message_id, array_to_string(m.refers_to, ' ') as refers_to, m.placed_by, m.believed,
       (select n.name from contact_name n where n.contact_id = m.contact_id and n.main) as contact,
       array_to_string(case when m.direction = 'out' then coalesce(m.people, array[o.email]) end, ', ') as sent_to
  from message m
  left join outbox o on o.id = m.outbox_id
 where m.thread_id = $1
 order by coalesce(m.date, m.received_at), m.id limit 1000;

-- ---- by hand

-- thread_lock_message :maybe
select id, thread_id, subject from message where id = $1 for update;

-- The message and, unless it goes alone ($2), what answers it, and what answers that.
-- thread_branch :many
with recursive branch as (
    select id, thread_id, rfc_message_id from message where id = $1
    union
    select m.id, m.thread_id, m.rfc_message_id
      from branch b join message m on m.thread_id = b.thread_id and m.refers_to @> array[b.rfc_message_id]
     where not $2::boolean
)
select id from branch;

-- thread_rest :one
select count(*) as n from message where thread_id = $1 and id <> all ($2::bigint[]);

-- thread_new :one
insert into thread (subject, mailing_id) select $2, mailing_id from thread where id = $1 returning id;

-- thread_place :none
update message set thread_id = $2, placed_by = actor() where id = any ($1::bigint[]);

-- thread_part :none
insert into thread_apart (a, b) values (least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint)) on conflict do nothing;

-- thread_take :none
update message set thread_id = $2, placed_by = coalesce(placed_by, actor()) where thread_id = $1;

-- thread_becomes :none
select thread_is_part($1, $2);

-- thread_set_number :none
update thread set number = $2, number_key = $3 where id = $1;

-- thread_with_number :maybe
select id from thread where number_key = $1;
