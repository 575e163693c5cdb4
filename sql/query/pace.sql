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
