-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Destinations that want less at once, by what their servers said: nothing is sent to them for a while, a longer one each
-- time that they say it again within a day.  All delivering processes look at it.

create table destination (
    domain     text primary key check (domain = lower(domain)),
    slow_until timestamptz not null,
    times      integer not null default 1,
    said_at    timestamptz not null default now(),
    why        text not null -- nobody's address: no word of the server
);
call rights_on('destination', '(select in_house())', 'false');
grant select on destination to adresar_office, adresar_report;
grant select, insert, update on destination to adresar_deliver, adresar_fetch;
