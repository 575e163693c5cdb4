-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A quarter of an hour, twice as long each time within a day, four hours at most; what is said again while it lasts (many
-- letters were on their way) is one time.
-- pace_slow_down :none
insert into destination (domain, slow_until, why) values (lower($1), now() + interval '15 minutes', $2)
on conflict (domain) do update
   set times = case when destination.said_at > now() - interval '1 day' then destination.times + 1 else 1 end,
       slow_until = now() + least(interval '4 hours', interval '15 minutes' *
           case when destination.said_at > now() - interval '1 day' then 2 ^ least(destination.times, 8) else 1 end),
       said_at = now(), why = excluded.why
 where destination.slow_until <= now();

-- pace_slow :many
select domain, ceil(extract(epoch from slow_until - now()))::integer as wait_s from destination where slow_until > now();

-- What was said, and the domains that the configuration names ($1); whoever rests first.
-- pace_destinations :many
select k.domain, coalesce(d.slow_until > now(), false) as rests, coalesce(w.n, 0) as waiting, d.times, d.why,
       to_char(d.slow_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until,
       to_char(d.said_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as said
  from (select domain from destination union select lower(u) from unnest($1::text[]) u) k
  left join destination d using (domain)
  left join (select lower(substring(o.email from '[^@]*$')) as domain, count(*) as n
               from outbox_queue q join outbox o on o.id = q.outbox_id group by 1) w using (domain)
 order by 2 desc, w.n desc nulls last, d.slow_until desc nulls last, k.domain;

-- pace_waits :many
select d.domain, d.why, to_char(d.slow_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until,
       count(*) as letters
  from destination d
  join outbox_queue q on q.mailing_id = $1
  join outbox o on o.id = q.outbox_id and lower(substring(o.email from '[^@]*$')) = d.domain
 where d.slow_until > now()
 group by d.domain order by letters desc, d.domain;
