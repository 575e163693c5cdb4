-- SPDX-License-Identifier: AGPL-3.0-or-later
-- An event that changes after people were written to: its version (SEQUENCE), the letters that it stops, its guests.

create function event_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
declare
    moved boolean := (new.starts_at, new.ends_at) is distinct from (old.starts_at, old.ends_at);
begin
    if new.uid <> old.uid or new.sequence not in (old.sequence, old.sequence + 1) then
        raise exception 'event % keeps its UID, and its SEQUENCE is raised by one', old.id using errcode = 'AD001';
    end if;
    if old.state = 'cancelled' and (moved or new.state <> old.state or new.sequence <> old.sequence) then
        raise exception 'event % is cancelled: it does not change any more', old.id using errcode = 'AD001';
    end if;
    if moved or new.state <> old.state then
        new.sequence := old.sequence + 1;
    end if;
    new.time_sequence := case when moved then new.sequence else old.time_sequence end;
    return new;
end $$;
create trigger event_guard before update on event for each row execute function event_guard();

-- What is not out yet must not go out with what the event was: its open mailings end, of whatever department.  A letter
-- that is being sent right now counts as had, and gets the update.
create function event_overtakes() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    why text := case new.state when 'cancelled' then 'the event is cancelled' else 'the event has moved' end;
    stopped bigint[];
begin
    stopped := array(select id from mailing where event_id = new.id and state in ('draft', 'released', 'paused'));
    update outbox set state = 'cancelled', reason = why, worker_id = null -- first, as the inbox locks them
     where mailing_id = any (stopped) and state in ('held', 'queued', 'deferred');
    update mailing set state = 'cancelled', pause_reason = null, overtaken = true
     where id = any (stopped) and state in ('draft', 'released', 'paused');
    return null;
end $$;
create trigger event_overtakes after update on event
    for each row when (new.sequence <> old.sequence) execute function event_overtakes();

-- Every letter about an event but those of drafts that were given up, whichever department wrote it: the guests are of the
-- department whose event it is.  `open`: it may still go out; `had`: its recipient has the invitation, or may have.
create function event_letters(event bigint)
    returns table (id bigint, mailing_id bigint, contact_id bigint, post_id bigint, address_id bigint, email text,
                   language text, state text, reason text, enhanced text, reply text, state_at timestamptz, said jsonb,
                   step text, answer text, sequence integer, overtaken boolean, open boolean, had boolean)
    language sql stable security definer set search_path = public, pg_temp as $$
    select o.id, o.mailing_id, o.contact_id, o.post_id, o.address_id, o.email, o.language, o.state, o.reason, o.enhanced,
           o.reply, o.state_at, m.event_said, m.step, m.answer, m.sequence, m.overtaken,
           o.state in ('held', 'queued', 'submitting', 'deferred'),
           m.step <> 'thank' and o.state in ('submitting', 'accepted', 'delivered', 'unknown', 'left', 'printed')
      from mailing m join outbox o on o.mailing_id = m.id
     where m.event_id = $1 and (m.state <> 'cancelled' or m.released_at is not null)
       and exists (select from event e where e.id = $1
                      and (e.department_id = any (rights_in('see')) or session_user = 'adresar_report'))
$$;
grant execute on function event_letters(bigint) to adresar_office, adresar_report;

-- Whom somebody has to telephone on that day, and why: who got no letter, or an answer that is missing after its date.
-- Whoever has answered the version that the letter was about is done.
create function event_calls(event bigint, day date)
    returns table (contact_id bigint, post_id bigint, mailing_id bigint, language text, email text, why text, detail text,
                   at timestamptz)
    language sql stable set search_path = public, pg_temp as $$
    with last as (
        select distinct on (l.contact_id) l.*
          from event_letters($1) l
         where l.step <> 'thank' and (l.state <> 'cancelled' or l.overtaken)
           and not (l.state = 'held' and l.reason = 'release')
         order by l.contact_id, l.id desc
    ), judged as (
        select l.*, e.state as event_state,
               case when l.state = 'excluded' and l.reason ~ '^(no e-mail address|no address|address )' then 'no-address'
                    when l.state in ('bounced', 'refused', 'expired') then l.state
                    when l.state = 'cancelled' then 'overtaken'
                    when l.had and e.reply_by < day and e.state = 'planned' then 'silent' end as why,
               a.sequence as answered
          from last l join event e on e.id = $1
          left join event_answer a on a.event_id = $1 and a.contact_id = l.contact_id
    )
    select j.contact_id, j.post_id, j.mailing_id, j.language, coalesce(j.email, ''), j.why,
           case when j.why not in ('bounced', 'refused') then coalesce(j.reason, '')
                when position(j.enhanced in j.reply) > 0 then j.reply
                else concat_ws(' ', j.enhanced, j.reply) end,
           j.state_at
      from judged j join contact c on c.id = j.contact_id and c.state = 'active'
     where j.why is not null and (j.event_state = 'cancelled') = (j.step = 'cancel')
       and (j.answered is null or j.why <> 'silent' and j.answered < j.sequence)
$$;
grant execute on function event_calls(bigint, date) to adresar_office, adresar_report;

-- Who has answered since a reminder was prepared, or something else than what is thanked for: asked at the release, and
-- again when the letter is claimed.
create function answer_forbids(step text, wanted text, event bigint, contact bigint)
    returns text language plpgsql stable set search_path = public, pg_temp as $$
begin
    if step = 'remind' and exists (select from event_answer a where a.event_id = event and a.contact_id = contact) then
        return 'has answered meanwhile';
    end if;
    if step = 'thank' and not exists (select from event_answer a where a.event_id = event and a.contact_id = contact
                                         and a.state = 'confirmed' and a.answer = wanted) then
        return 'has answered otherwise meanwhile';
    end if;
    return null;
end $$;
grant execute on function answer_forbids(text, text, bigint, bigint) to adresar_office, adresar_deliver;
grant select on answer, event_answer, event_last_answer to adresar_deliver;
