-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What is looked at before a mailing is released, and how each recipient came into it.

alter table mailing
    add column list_file     text,  -- whose lines the recipients were; null: a segment's answer, or an event's guests
    add column segment_words text,  -- how the segment's question was understood, with the segments that it named then
    add column findings      jsonb, -- what was found when it was released (mail/preflight.h)
    add column despite       text check (despite <> ''), -- why it was released although there were errors
    add check (despite is null or findings is not null);

create function mailing_findings_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if old.state <> 'draft' or ((new.list_file, new.segment_words) is distinct from (old.list_file, old.segment_words)
                                and old.prepared_by <> actor()) then
        raise exception 'what was found before mailing % was released does not change', old.id using errcode = 'AD001';
    end if;
    return new;
end $$;
create trigger mailing_findings_guard before update on mailing for each row
    when ((new.list_file, new.segment_words, new.findings, new.despite)
          is distinct from (old.list_file, old.segment_words, old.findings, old.despite))
    execute function mailing_findings_guard();

-- The line of the list that a recipient stands in; written with the draft, and never changed.
create table outbox_line (
    outbox_id bigint primary key references outbox,
    line      integer not null check (line > 0)
);
grant select, insert on outbox_line to adresar_office;
grant select on outbox_line to adresar_report;
call rights_on('outbox_line', 'exists (select from outbox o where o.id = outbox_id)',
               'exists (select from outbox o join mailing m on m.id = o.mailing_id
                         where o.id = outbox_id and m.state = ''draft'' and m.prepared_by = (select actor()))');

-- Of the recipients of a mailing, those whom the house wrote to in the last `days` by another one, or `per_month` times
-- and more in the last thirty; 0 of either: that does not count.  All departments' mailings count, whoever asks; who may
-- not see this one gets nothing.  What is official, and what guests are told of their event, is nobody's to hold back.
create function mailing_written_lately(which bigint, days integer, per_month integer)
    returns table (outbox_id bigint, contact_id bigint, recipient text, last_at timestamptz, last_mailing bigint,
                   last_name text, last_department text)
    language sql stable security definer set search_path = public, pg_temp as $$
    select o.id, o.contact_id, o.name, w.at, w.mailing_id, w.name, w.department
      from mailing m
      join mail_list l on l.id = coalesce(m.list_id, (select id from mail_list where slug = m.kind)) and not l.official
      join outbox o on o.mailing_id = m.id and (o.state = 'held' and o.reason = 'release' or o.state = 'queued')
     cross join lateral (
           select coalesce(e.submitting_at, e.state_at) as at, e.mailing_id, em.name, d.name as department,
                  count(*) filter (where coalesce(e.submitting_at, e.state_at) > now() - interval '30 days') over () as n
             from outbox e join mailing em on em.id = e.mailing_id join department d on d.id = em.department_id
            where e.contact_id = o.contact_id and e.mailing_id <> m.id
              and e.state in ('queued', 'submitting', 'deferred', 'accepted', 'delivered', 'unknown', 'left', 'printed')
              and coalesce(e.submitting_at, e.state_at) > now() - make_interval(days => greatest(days, 30))
            order by 1 desc limit 1) w
     where m.id = which and m.step = 'invite' and m.department_id = any (rights_in('see'))
       and (days > 0 and w.at > now() - make_interval(days => days) or per_month > 0 and w.n >= per_month)
     order by o.id
$$;
revoke execute on function mailing_written_lately(bigint, integer, integer) from public;
grant execute on function mailing_written_lately(bigint, integer, integer) to adresar_office;
