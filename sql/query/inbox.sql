-- SPDX-License-Identifier: AGPL-3.0-or-later
-- ---- judging

-- inbox_new :many
select id from message where direction = 'in' and state = 'new' and class is null and id > $1 order by id limit $2;

-- The account whose server's Authentication-Results count is that of the mailbox where it lies (message_accounts); of several
-- the bytes are one's, and it is not known whose.  What is small comes along.
-- inbox_claim :many
select m.id, m.size, b.accounts, case when length(c.bytes) = m.size and m.size <= 65536 then c.bytes end as bytes
  from message m
  join message_chunk c on c.message_id = m.id and c.n = 0
  cross join message_accounts(m.id) b
 where m.id = any ($1::bigint[]) and m.direction = 'in' and m.state = 'new' and m.class is null
 order by m.id
   for update of m skip locked;

-- The same of what is parsed already.
-- inbox_claim_read :many
select m.id, b.accounts
  from message m
  cross join message_accounts(m.id) b
 where m.id = any ($1::bigint[]) and m.direction = 'in' and m.state = 'new' and m.class is null
 order by m.id
   for update of m skip locked;

-- inbox_park :none
update message set state = 'parked', why = $2 where id = $1 and direction = 'in' and state = 'new';

-- inbox_file :none
update message
   set date = mail_date($2::bigint, received_at), from_address = $3, from_name = $4, subject = $5, class = $6, rule = $7,
       evidence = $8::jsonb, facts = $9::jsonb, reply_text = $10, contact_id = $11, outbox_id = $12, thread_id = $13,
       matched_by = $14, state = $15, why = $16, people = $17::text[], believed = $18, proposal = $19::jsonb,
       direction = case $15 when 'sent' then 'out' else direction end
 where id = $1;

-- ---- whose answer is it

-- inbox_outbox :maybe
select o.id, o.state, o.email, o.contact_id, o.address_id, o.mailing_id, o.message_id, m.event_id, w.thread_id,
       w.subject
  from outbox o
  join mailing m on m.id = o.mailing_id
  left join message w on w.id = o.message_id
 where o.id = $1
   for update of o;

-- What the store has under the Message-ID $1 of the message $2, ours or another's, and a row for each contact that has the
-- sender's address $3.  placed_thread: where a person put it; near_thread: or what it answers.  What refers to it is counted: so its index
-- is always used.
-- inbox_look :many
select s.id as sent_id, s.outbox_id, s.thread_id, s.contact_id, t.id as twin_id, a.contact_id as sender,
       q.placed_thread, case when n.placed_by is not null then n.thread_id end as near_thread,
       q.refers_to is not null or k.n > 0 as related, k.answers > 0 as answered
  from (select refers_to, case when placed_by is not null then thread_id end as placed_thread from message where id = $2) q
  left join lateral (select id, outbox_id, thread_id, contact_id from message
                      where rfc_message_id = $1 and direction = 'out' and id <> $2 order by id limit 1) s on true
  left join lateral (select id from message where rfc_message_id = $1 and id < $2 order by id limit 1) t on true
  cross join (select count(*) as n, count(*) filter (where refers_to[1] = $1 and direction = 'out') as answers
                from message where refers_to @> array[$1::text] and id <> $2) k
  left join lateral (select p.thread_id, p.placed_by from message p
                      where p.rfc_message_id = any (q.refers_to) and p.believed
                      order by array_position(q.refers_to, p.rfc_message_id), p.id limit 1) n on true
  left join lateral (select distinct contact_id from address where email_key = lower($3)) a on true
 order by a.contact_id;

-- ---- threads (sql/migrate/030_thread.sql)

-- Messages that share an id wait for each other: whoever comes second sees what the first one found.  In one order, so that
-- nobody waits for ever.
-- inbox_lock :many
select pg_advisory_xact_lock(3465, k)
  from (select distinct hashtext(rfc_id) as k from message m, unnest(m.refers_to || m.rfc_message_id) rfc_id
         where m.id = any ($1::bigint[]) and rfc_id is not null order by 1) s;

-- The same before they are stored.
-- inbox_lock_ids :many
select pg_advisory_xact_lock(3465, k)
  from (select distinct hashtext(id) as k from unnest($1::text[]) id order by 1) s;

-- Of messages that are not stored yet, by Message-ID, what they refer to and sender: whether the store has kin of theirs, and
-- the contacts that have the sender's address.  Counted as in inbox_look.
-- inbox_look_many :many
select (select count(*) from message m where m.rfc_message_id = u.id)
       + (select count(*) from message m where m.refers_to @> array[u.id])
       + case when r.ids is null then 0
              else (select count(*) from message m where m.rfc_message_id = any (r.ids))
                   + (select count(*) from message m where m.refers_to && r.ids) end > 0 as kin,
       (select string_agg(contact_id::text, ' ' order by contact_id)
          from (select distinct contact_id from address where email_key = lower(u.sender)) a) as senders
  from unnest($1::text[], $2::text[], $3::text[]) with ordinality u (id, refers_to, sender, n)
 cross join lateral (select string_to_array(u.refers_to, ' ') as ids) r
 order by u.n;

-- What its kin must know of a message before it is filed.
-- inbox_place :none
update message set from_address = $2, people = $3::text[], believed = $4, contact_id = $5, thread_id = $6, class = $7 where id = $1;

-- inbox_gather :one
select thread_gather($1::bigint[]) as again;

-- Where it stands now, and of which row of the outbox that thread is: its own author's, else that of the nearest message, else
-- the last letter's.
-- inbox_stands :maybe
select q.thread_id, p.outbox_id
  from message q
  left join lateral (select p.outbox_id
                       from message p join outbox o on o.id = p.outbox_id
                      where p.thread_id = q.thread_id and p.id <> q.id
                      order by lower(o.email) = lower(q.from_address) or o.contact_id = q.contact_id desc,
                               array_position(q.refers_to, p.rfc_message_id), p.direction = 'out' desc, p.id desc
                      limit 1) p on true
 where q.id = $1 and q.thread_id is not null and thread_is_sure(thread_mates(q.id));

-- inbox_thread_of :maybe
select thread_id from message where id = $1 and thread_id is not null;

-- The nearest message that it refers to, or that refers to the same: for a person to say whether it belongs there.
-- inbox_kin :maybe
select k.id, k.thread_id, k.subject, coalesce(k.rfc_message_id, '') as rfc_message_id
  from message q cross join lateral thread_kin(q) k
 where q.id = $1
 order by array_position(q.refers_to, k.rfc_message_id), k.id limit 1;

-- The thread with the register's number; whether the sender takes part in it.
-- inbox_number :maybe
select t.id, n.number, m.mates is not null and thread_admits(m.mates, q) as admits
  from message q
  join thread n on n.number_key = any ($2::text[])
  join thread t on t.id = coalesce(n.joined_into, n.id)
  left join lateral (select array_agg(id) as mates from message where thread_id = t.id) m on true
 where q.id = $1
 order by admits desc nulls last, t.id limit 1;

-- What we sent and is not in its thread yet.
-- inbox_sent_new :many
select id from message where direction = 'out' and class = 'own' and matched_by is null order by id limit $1;

-- inbox_sent_done :none
update message set matched_by = 'sent' where id = any ($1::bigint[]);

-- A mail of ours is the correspondence of all to whom it went.
-- inbox_add_contacts :none
with who as (
    select a.contact_id, min(p.n) as n from unnest($2::text[]) with ordinality p (address, n)
      join address a on a.email_key = p.address join contact c on c.id = a.contact_id and c.merged_into is null
     group by a.contact_id
), first as (
    select contact_id from who order by n, contact_id limit 1
), others as (
    insert into message_recipient (message_id, contact_id)
    select $1, contact_id from who where contact_id <> (select contact_id from first)
    on conflict do nothing
)
update message m set contact_id = first.contact_id from first where m.id = $1;

-- inbox_mark_answered :none
update message m set state = 'answered', why = null
 where m.id = $1 and m.state in ('filed', 'decide') and m.class in ('human', 'calendar', 'unsubscribe')
   and not exists (select from answer a where a.message_id = m.id and a.state = 'proposed' and a.answer <> 'question');

-- Who may have written each of some messages (n): contacts whose address stands in the text ($3, $4), who have the author's
-- name ($5, $6 folded, $7 as neighbours spell it), or whose organisation alone has the domain ($8, $9); but not these ($1, $2).
-- inbox_likely :many
with hint as (
    select u.n, a.contact_id, 4 as weight, 'text' as "where", a.email as text
      from unnest($3::bigint[], $4::text[]) u (n, address) join address a on a.email_key = u.address
    union all
    select u.n, c.contact_id, 3, 'name', c.name
      from unnest($5::bigint[], $6::text[]) u (n, fold) join contact_name c on c.fold = u.fold where u.fold <> ''
    union all
    select u.n, c.contact_id, 2, 'name', c.name
      from unnest($5::bigint[], $7::text[]) u (n, near) join contact_name c on c.near = u.near and c.near <> c.fold
     where u.near <> '' and not exists (select from unnest($5::bigint[], $6::text[]) f (n, fold) where f.n = u.n and f.fold = c.fold)
    union all
    select u.n, c.contact_id, 2, 'name', c.name
      from unnest($5::bigint[], $6::text[], $7::text[]) u (n, fold, near) join contact_name c on c.fold = u.near and c.near = c.fold
     where u.near <> '' and u.near <> u.fold
       and not exists (select from unnest($5::bigint[], $6::text[]) f (n, fold) where f.n = u.n and f.fold = c.fold)
    union all
    select u.n, d.contact_id, 2, 'domain', u.domain
      from unnest($8::bigint[], $9::text[]) u (n, domain)
      join (select w.domain, min(a.contact_id) as contact_id
              from (select distinct domain from unnest($9::text[]) w (domain)) w
              join address a on reverse(a.email_key) ~>=~ (reverse(w.domain) || '@')
                            and reverse(a.email_key) ~<~ (reverse(w.domain) || 'A') -- which is next to it
              join contact c on c.id = a.contact_id
             group by w.domain
            having count(distinct coalesce(c.organisation_id, c.id)) = 1) d using (domain)
), best as (
    select h.n, h.contact_id, h."where", max(h.weight) as weight, min(h.text) as text
      from hint h join contact c on c.id = h.contact_id and c.merged_into is null
     where not exists (select from unnest($1::bigint[], $2::bigint[]) x (n, contact_id)
                        where x.n = h.n and x.contact_id = h.contact_id)
     group by h.n, h.contact_id, h."where"
), ranked as (
    select b.n, b.contact_id, sum(b.weight) as weight,
           jsonb_agg(jsonb_build_object('where', b."where", 'text', b.text) order by b.weight desc)::text as evidence,
           row_number() over (partition by b.n order by sum(b.weight) desc, b.contact_id) as place
      from best b
     group by b.n, b.contact_id
)
select n, contact_id, weight, evidence from ranked where place <= 3 order by n, place;

-- inbox_senders :many
select distinct contact_id from address where email_key = lower($1);

-- inbox_last_mailing :maybe
select o.mailing_id from outbox o where o.contact_id = $1 and o.message_id is not null order by o.submitting_at desc limit 1;

-- inbox_event :maybe
select id, sequence, state from event where uid = $1;

-- inbox_invited :many
select o.id from outbox o join mailing m on m.id = o.mailing_id
 where m.event_id = $1 and lower(o.email) = lower($2) and o.message_id is not null
 order by o.id;

-- inbox_add_thread :one
insert into thread (subject, mailing_id) values ($1, $2) returning id;

-- inbox_set_thread :none
update message set thread_id = $2 where id = $1 and thread_id is null;

-- ---- what follows from it

-- inbox_settle :none
update outbox set state = $2, settled_by = $3, settled_evidence = $4::jsonb where id = $1 and state = any ($5::text[]);

-- inbox_bounce :none
update outbox set state = 'bounced', settled_by = 'dsn', settled_evidence = $2::jsonb, code = $3, enhanced = $4, reply = $5
 where id = $1 and (state in ('accepted', 'deferred', 'unknown', 'delivered', 'left')
                      or state = 'bounced' and settled_evidence ? 'maillog'); -- the report says more than the log

-- inbox_finish_mailing :none
update mailing m set state = 'finished', finished_at = now()
 where m.id = $1 and m.state = 'released'
   and case when exists (select from outbox_queue q where q.mailing_id = m.id) then false
            else not exists (select from outbox o join outbox_state s using (state)
                              where o.mailing_id = m.id and not s.terminal) end;

-- inbox_pause_mailing :none
update mailing set state = 'paused', pause_reason = $2 where id = $1 and state = 'released';

-- inbox_bounced :one
select count(*) filter (where o.state not in ('excluded', 'cancelled', 'printed')) as recipients,
       count(*) filter (where o.state = 'bounced' and o.settled_evidence->>'hard' = 'true') as hard,
       count(*) filter (where o.state = 'bounced' and o.settled_evidence @> '{"reason": "ours", "forwarded": false}') as ours,
       count(distinct split_part(lower(o.email), '@', 2))
           filter (where o.state = 'bounced' and o.settled_evidence @> '{"reason": "ours", "forwarded": false}')
           as ours_domains
  from outbox o where o.mailing_id = $1;

-- inbox_address_dead :none
update address set state = 'dead', since = now(), evidence = $2::jsonb where id = $1 and state not in ('dead', 'replaced');

-- inbox_address_held :none
update address set state = 'held', since = now(), evidence = $2::jsonb
 where id = $1 and state not in ('dead', 'held', 'replaced');

-- Dead when another letter, sent a day before or after the letter $3, failed like it, and none has arrived since.  Two clocks
-- are asked how far apart they are: ours here, and that of the machine which wrote their dates.
-- inbox_address_again :none
update address a set state = 'dead', since = now(), evidence = $2::jsonb
 where a.id = $1 and a.state not in ('dead', 'replaced')
   and exists (select from outbox o left join message m on m.id = o.message_id,
                            outbox t left join message n on n.id = t.message_id
                where t.id = $3 and o.contact_id = t.contact_id and o.address_id = a.id and o.id <> t.id
                  and o.state = 'bounced' and o.state_at >= a.since and o.settled_evidence @> '{"again": true}'
                  and o.submitting_at not between t.submitting_at - interval '1 day' and t.submitting_at + interval '1 day'
                  and coalesce(m.date not between n.date - interval '1 day' and n.date + interval '1 day', true));

-- Held when $4 letters that were sent within no less than $5 days, by either clock, failed for the reason $3, and none has
-- arrived since.
-- inbox_address_soft :none
with failed as (
    select count(*) >= $4 and max(o.submitting_at) - min(o.submitting_at) >= make_interval(days => $5)
           and max(coalesce(m.date, o.submitting_at)) - min(coalesce(m.date, o.submitting_at)) >= make_interval(days => $5) as enough,
           count(*) as letters
      from address a
      join outbox o on o.contact_id = a.contact_id and o.address_id = a.id
      left join message m on m.id = o.message_id
     where a.id = $1 and o.state = 'bounced' and o.state_at >= a.since
       and o.settled_evidence @> jsonb_build_object('reason', $3::text, 'forwarded', false)
)
update address
   set state = case when state not in ('unverified', 'good', 'soft') then state
                    when failed.enough then 'held' else 'soft' end,
       since = case when state in ('unverified', 'good') or state = 'soft' and failed.enough then now() else since end,
       soft_count = soft_count + 1,
       evidence = case when state in ('dead', 'held') then evidence
                       else $2::jsonb || jsonb_build_object('letters', failed.letters) end
  from failed
 where id = $1;

-- inbox_address_good :none
update address
   set state = 'good', since = case state when 'good' then since else now() end, soft_count = 0, evidence = $2::jsonb
 where id = $1 and state in ('unverified', 'soft', 'good');

-- Addresses that this mailing's bounces marked dead wait for a person instead.
-- inbox_revive_addresses :none
update address a set state = 'held', since = now()
  from outbox o
 where o.mailing_id = $1 and o.state = 'bounced' and a.id = o.address_id and a.state = 'dead'
   and a.evidence->>'message' = o.settled_evidence->>'message';

-- The answer that others are older than.  One that is only proposed does not outdo one that is proved ($3), nor any other
-- by a version of the event that we never sent.
-- inbox_last_calendar_answer :maybe
select a.sequence, extract(epoch from a.stamp)::bigint as stamp,
       extract(epoch from coalesce(m.date, m.received_at))::bigint as date
  from answer a join event e on e.id = a.event_id join message m on m.id = a.message_id
 where a.event_id = $1 and a.contact_id = $2 and a.by = 'calendar'
   and (a.state = 'confirmed' or (a.state = 'proposed' and not $3::boolean and a.sequence <= e.sequence))
 order by a.sequence desc, a.stamp desc nulls last, a.id desc limit 1;

-- inbox_confirmed_answer :maybe
select answer from event_answer where event_id = $1 and contact_id = $2 and state = 'confirmed';

-- A time that had not come yet when the answer came is the time when it came.
-- inbox_add_answer :none
insert into answer (event_id, contact_id, answer, state, by, message_id, evidence, sequence, stamp, persons, instead, rule)
values ($1, $2, $3, $4, $5, $6, $7::jsonb,
        coalesce($8::integer, (select g.sequence from outbox o join mailing g on g.id = o.mailing_id
                                where o.id = $10 and g.event_id = $1)), (select least(to_timestamp($9::bigint), received_at) from message where id = $6 and $9 is not null), $11,
        $12, $13)
on conflict (message_id, contact_id) do update -- of a verdict that was taken back
   set answer = excluded.answer, state = excluded.state, by = excluded.by, evidence = excluded.evidence,
       sequence = excluded.sequence, stamp = excluded.stamp, persons = excluded.persons, instead = excluded.instead,
       rule = excluded.rule
 where answer.state = 'rejected' and answer.decided_by is null and answer.evidence @> '[{"where": "judged again"}]';

-- ---- once more

-- What no person judged, by the day of the mail: messages with a verdict, and those that could not be parsed.
-- inbox_again_ids :many
select m.id from message m
 where m.direction = 'in' and m.id > $4 and (m.class is not null or m.state = 'parked')
   and m.class is distinct from 'own' and m.rule is distinct from 'person'
   and ($1::date is null or coalesce(m.date, m.received_at) >= $1::date::timestamp at time zone $3)
   and ($2::date is null or coalesce(m.date, m.received_at) < ($2::date + 1)::timestamp at time zone $3)
 order by m.id limit $5;

-- inbox_again :many
select m.id, m.class, m.rule, m.evidence::text as evidence, m.reply_text, m.state, m.matched_by, m.from_address, m.subject,
       to_char(coalesce(m.date, m.received_at) at time zone $2, 'YYYY-MM-DD HH24:MI') as date,
       m.size, b.accounts, case when length(c.bytes) = m.size and m.size <= 65536 then c.bytes end as bytes
  from message m
  join message_chunk c on c.message_id = m.id and c.n = 0
  cross join message_accounts(m.id) b
 where m.id = any ($1::bigint[])
 order by m.id;

-- inbox_again_lock :maybe
select id from message
 where id = $1 and class is not distinct from $2 and rule is not distinct from $3 and state = $4 for update;

-- inbox_again_verdict :none
update message set class = $2, rule = $3, evidence = $4::jsonb, facts = $5::jsonb, reply_text = $6 where id = $1;

-- inbox_again_evidence :none
update message set evidence = coalesce(evidence, '[]') || $2::jsonb where id = $1;

-- What a verdict alone had done: answers that nobody confirmed, the state of an address, and a letter's.
-- inbox_back_answers :none
update answer set state = 'rejected', decided_by = case acting_as() when 'office' then actor() end,
       evidence = evidence || '[{"where": "judged again", "text": ""}]'
 where message_id = $1 and decided_by is null and state <> 'rejected';

-- inbox_back_address :none
update address a
   set state = case when a.state = 'soft' and a.soft_count > 1 then 'soft' else 'unverified' end, since = now(),
       soft_count = greatest(a.soft_count - (a.state = 'soft')::integer, 0),
       evidence = jsonb_build_object('message', m.id, 'class', $2::text, 'by', 'judged again')
  from message m join outbox o on o.id = m.outbox_id
 where m.id = $1 and a.id = o.address_id and a.evidence->>'message' = m.id::text and a.state in ('dead', 'held', 'soft');

-- inbox_back_letter :none
update outbox o
   set state = 'accepted', settled_by = case acting_as() when 'office' then actor() end,
       settled_evidence = case acting_as() when 'office' then jsonb_build_object('message', m.id, 'by', 'person') end
  from message m
 where m.id = $1 and o.id = m.outbox_id and o.state = 'bounced' and o.settled_by = 'dsn'
   and o.settled_evidence->>'message' = m.id::text;

-- ---- a person's hand

-- inbox_list :many
select m.id, to_char(coalesce(m.date, m.received_at) at time zone $2, 'YYYY-MM-DD HH24:MI') as date, m.from_address,
       m.from_name, m.subject, m.class, m.state, m.why, m.contact_id, o.mailing_id,
       (select n.name from contact_name n where n.contact_id = m.contact_id and n.main) as contact,
       a.answer, a.state as answer_state, m.thread_id, m.proposal::text as proposal,
       (select n.name from contact_name n where n.contact_id = (m.proposal->>'contact')::bigint and n.main) as proposed
  from message m
  left join outbox o on o.id = m.outbox_id
  left join answer a on a.message_id = m.id
 where m.direction = 'in'
   and ($1::boolean
        or case when $5::text is not null then m.state = $5
                else m.state in ('new', 'decide', 'parked')
                     or m.state = 'filed' and a.state = 'proposed'
                        and not exists (select from event_answer e
                                         where e.event_id = a.event_id and e.contact_id = a.contact_id
                                           and e.state = 'confirmed' and e.answer = a.answer) end)
   and m.id > $3
 order by m.id limit $4;

-- inbox_show :maybe
select m.id, m.direction, to_char(coalesce(m.date, m.received_at) at time zone $2, 'YYYY-MM-DD HH24:MI') as date,
       m.from_address, m.from_name, m.subject, m.size, m.class, m.rule, m.evidence::text as evidence, m.state, m.why,
       m.reply_text, m.matched_by, m.rfc_message_id, m.contact_id, m.thread_id, m.placed_by, m.outbox_id, o.mailing_id,
       m.facts->'attachments' as attachments, m.facts->>'protection' as protection,
       m.proposal::text as proposal,
       (select string_agg(t.id::text, ', ' order by t.id) from message t
         where t.rfc_message_id = m.rfc_message_id and t.id <> m.id) as same_id,
       (select n.name from contact_name n where n.contact_id = (m.proposal->>'contact')::bigint and n.main) as proposed,
       (select n.name from contact_name n where n.contact_id = m.contact_id and n.main) as contact
  from message m
  left join outbox o on o.id = m.outbox_id
 where m.id = $1;

-- inbox_thread :many
select m.id, m.direction, to_char(coalesce(m.date, m.received_at) at time zone $2, 'YYYY-MM-DD HH24:MI') as date,
       m.from_address, m.subject, m.class
  from message m where m.thread_id = $1 order by coalesce(m.date, m.received_at), m.id limit 200;

-- inbox_places :many
select b.account, b.folder, p.uid from message_place p join mailbox b on b.id = p.mailbox_id and b.uidvalidity = p.uidvalidity
 where p.message_id = $1 and p.gone_at is null
 order by b.account, b.folder, p.uid;

-- inbox_answers :many
select a.answer, a.state, a.by, a.evidence::text as evidence, a.decided_by, a.persons, a.instead, a.rule
  from answer a where a.message_id = $1;

-- inbox_by_hand :maybe
select m.id, m.direction, m.contact_id, m.thread_id, m.outbox_id, m.subject, m.class, g.event_id,
       m.proposal::text as proposal,
       (select e.id from event e where e.uid = m.facts->'calendar'->>'uid') as calendar_event_id
  from message m
  left join outbox o on o.id = m.outbox_id
  left join mailing g on g.id = o.mailing_id
 where m.id = $1
   for update of m;

-- inbox_set_filed :none
update message set contact_id = coalesce($2, contact_id), thread_id = coalesce($3, thread_id),
       outbox_id = coalesce($4, outbox_id), class = coalesce(class, 'human'), matched_by = 'person', state = 'filed',
       why = null, proposal = null,
       placed_by = case when $3 is not null and thread_id is distinct from $3 then actor() else placed_by end
 where id = $1;

-- inbox_join :one
select thread_join($1, $2) as id;

-- inbox_set_ignored :none
update message set state = 'ignored', why = null where id = $1 and direction = 'in';

-- inbox_set_class :none
update message set class = $2, rule = 'person', state = 'filed', why = null,
       evidence = coalesce(evidence, '[]') || jsonb_build_object('where', 'person', 'text', actor())
 where id = $1;

-- The verdict that was wrong is the first; what is right is the last that was said.
-- inbox_add_correction :none
insert into correction (message_id, class_was, rule_was, answer_was, class, answer)
select m.id, m.class, m.rule, (select a.answer from answer a where a.message_id = m.id and a.by <> 'person' limit 1), $2, $3
  from message m where m.id = $1
on conflict (message_id) do update
   set class = coalesce(excluded.class, correction.class), answer = coalesce(excluded.answer, correction.answer),
       by = actor(), at = now();

-- inbox_candidates :many
select k.message_id as id, m.subject, m.from_address, k.class_was, k.rule_was, k.answer_was, coalesce(k.class, m.class) as class,
       k.answer, k.by, to_char(k.at at time zone $1, 'YYYY-MM-DD HH24:MI') as at
  from correction k join message m on m.id = k.message_id
 where k.message_id > $2 and exists (select from message_chunk c where c.message_id = m.id)
 order by k.message_id limit $3;

-- inbox_set_decided :none
update message set state = case when class is null then 'new' else 'filed' end, why = null
 where id = $1 and state in ('new', 'decide', 'parked', 'filed');

-- inbox_recipient :maybe
select o.id, o.message_id, w.thread_id from outbox o left join message w on w.id = o.message_id
 where o.mailing_id = $1 and o.contact_id = $2;

-- inbox_thread_exists :maybe
select id from thread where id = $1;

-- inbox_contact_exists :maybe
select id from contact where id = $1;

-- inbox_confirm :none
update answer set state = 'confirmed', decided_by = actor()
 where message_id = $1 and contact_id = $2 and answer = $3;

-- inbox_answer_by_hand :none
insert into answer (event_id, contact_id, answer, state, by, message_id, evidence, decided_by, sequence)
values ($1, $2, $3, 'confirmed', 'person', $4, jsonb_build_array(jsonb_build_object('where', 'person', 'text', actor())),
        actor(), null)
on conflict (message_id, contact_id) do update
   set answer = excluded.answer, state = 'confirmed', by = 'person', decided_by = actor(),
       evidence = answer.evidence || excluded.evidence;
