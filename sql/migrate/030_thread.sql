-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Which messages belong together.
--
-- Two messages are kin when one refers to the other or both refer to a third, which we may never have had (RFC 5256, REFS).
-- Ids can be made up, so kin are joined only
--
--     to a thread that is sure (something of ours is in it, or a person put something there), if who refers to it takes part
--     in it: as author or recipient of a message in it, or as the one contact that has their address;
--     among others, if both write to each other, or one person wrote both.
--
-- More messages and people make more of these true, never less: whatever the order in which messages come, the threads end
-- the same.  What a person took apart is not joined again; what they joined stays, for it is one thread from then on.

-- Threads that a person took apart.
create table thread_apart (
    id bigint primary key generated always as identity,
    a  bigint not null references thread,
    b  bigint not null references thread,
    by name not null default actor(),
    at timestamptz not null default now(),
    unique (a, b),
    check (a < b)
);
create index on thread_apart (b);
create index on thread (joined_into) where joined_into is not null;
call audit_table('thread_apart');
call audit_table('thread', $$when (session_user not in ('adresar_deliver', 'adresar_fetch'))$$);
call rights_on('thread_apart', '(select in_house())', '(select rights_in(''write'')) <> ''{}''');
grant select, insert, update (a, b), delete on thread_apart to adresar_office;
grant select, update (a, b), delete on thread_apart to adresar_fetch;

-- (plpgsql keeps the plans of a session; each of these is asked often.)

-- The message, and what is in its thread.
create function thread_mates(message bigint) returns bigint[] language plpgsql stable as $$
declare
    thread bigint := (select thread_id from message m where m.id = message);
begin
    return case when thread is null then array[message] else array(select id from message m where m.thread_id = thread) end;
end $$;

-- Who takes part in what these messages say: addresses, and contacts as '#1'.
create function thread_people(mates bigint[]) returns text[] language plpgsql stable as $$
begin
    return array(select distinct who
                   from message m left join outbox o on o.id = m.outbox_id
                  cross join unnest(m.people || lower(o.email) || ('#' || m.contact_id)) who
                  where m.id = any (mates) and m.believed and who is not null);
end $$;

-- As whom the message's author may take part: by address, and as the one contact that has it, under all of its addresses.
create function thread_author(m message) returns text[] language plpgsql stable as $$
declare
    one bigint := (select min(contact_id) from address where email_key = lower(m.from_address)
                   having count(distinct contact_id) = 1);
begin
    return array[lower(m.from_address)] || ('#' || one) || array(select email_key from address where contact_id = one);
end $$;

create function thread_is_sure(mates bigint[]) returns boolean language plpgsql stable as $$
begin
    return exists (select from message where id = any (mates)
                      and (direction = 'out' or class = 'own' and believed or placed_by is not null));
end $$;

-- 0: nobody's; 1: sure; 2: about a letter of the outbox.  What rises is judged again.
create function thread_rank(mates bigint[]) returns integer language plpgsql stable as $$
begin
    return thread_is_sure(mates)::integer
           + exists (select from message where id = any (mates) and outbox_id is not null)::integer;
end $$;

create function thread_admits(mates bigint[], m message) returns boolean language plpgsql stable as $$
begin
    return m.direction = 'out' or coalesce(m.class = 'own', false) or thread_author(m) && thread_people(mates);
end $$;

-- Kin in either direction; what is not judged yet will look for itself.
create function thread_kin(m message) returns setof message language sql stable as $$
    select p.* from message p
     where (p.rfc_message_id = any (m.refers_to) or p.refers_to && m.refers_to or p.refers_to @> array[m.rfc_message_id])
       and p.id <> m.id and p.believed and (p.class is not null or p.thread_id is not null or p.direction = 'out')
$$;

-- Who refers to a sure thread must take part in it.  Where one only refers to the same, or what is referred to is nobody's, both
-- must: else who writes in a thread of their own could draw others' mail into it, by its id and a Cc.
create function thread_joins(m message, p message) returns boolean language plpgsql stable as $$
declare
    mine   bigint[] := thread_mates(m.id);
    theirs bigint[] := thread_mates(p.id);
    sure boolean := thread_is_sure(mine);
    they boolean := thread_is_sure(theirs);
    m_may boolean;
    p_may boolean;
begin
    if exists (select from thread_apart where (a, b) = (least(m.thread_id, p.thread_id), greatest(m.thread_id, p.thread_id))) then
        return false;
    end if;
    if not sure and not they then
        return thread_author(m) && thread_author(p)
            or thread_author(m) && p.people and thread_author(p) && m.people;
    end if;
    m_may := thread_admits(theirs, m);
    p_may := thread_admits(mine, p);
    return m_may and p_may
        or they and m_may and coalesce(p.rfc_message_id = any (m.refers_to), false)
        or sure and p_may and coalesce(m.rfc_message_id = any (p.refers_to), false);
end $$;

-- One thread of two; the surer one's number stays.
create function thread_join(one bigint, other bigint) returns bigint language plpgsql set search_path = public, pg_temp as $$
declare
    t1   bigint := (select thread_id from message where id = one);
    t2   bigint := (select thread_id from message where id = other);
    kept bigint := coalesce(case when t1 is null or t2 is null then coalesce(t1, t2)
                                 when thread_is_sure(thread_mates(one)) and not thread_is_sure(thread_mates(other)) then t1
                                 when thread_is_sure(thread_mates(other)) and not thread_is_sure(thread_mates(one)) then t2
                                 else least(t1, t2) end);
begin
    if kept is null then
        insert into thread (subject, mailing_id)
        select m.subject, o.mailing_id from message m left join outbox o on o.id = m.outbox_id
         where m.id in (one, other) order by o.id, coalesce(m.date, m.received_at), m.id limit 1
        returning id into kept;
    end if;
    update message set thread_id = kept
     where (id in (one, other) or thread_id in (t1, t2)) and thread_id is distinct from kept;
    perform thread_is_part(t, kept) from unnest(array[t1, t2]) t where t <> kept;
    return kept;
end $$;

-- What was known of the thread `gone` is known of `kept`.
create function thread_is_part(gone bigint, kept bigint) returns void language plpgsql set search_path = public, pg_temp as $$
begin
    update thread set joined_into = kept where gone in (id, joined_into);
    delete from thread_apart where (a, b) = (least(gone, kept), greatest(gone, kept))
        or gone in (a, b) and exists (select from thread_apart x where (x.a, x.b) in (
               (least(kept, case gone when thread_apart.a then thread_apart.b else thread_apart.a end),
                greatest(kept, case gone when thread_apart.a then thread_apart.b else thread_apart.a end))));
    update thread_apart
       set a = least(kept, case gone when a then b else a end), b = greatest(kept, case gone when a then b else a end)
     where gone in (a, b);
end $$;

-- Joins to the messages whatever belongs to them, and to what that brings.  Answers whose thread turns out to be ours, or
-- about a letter, are judged again; how many.  Of very many kin, some.
create function thread_gather(seed bigint[]) returns bigint language plpgsql
    set search_path = public, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
    scan    bigint[] := seed;
    again   bigint[] := '{}';
    refused bigint; -- a sure thread that does not admit the author
    few     bigint[];
    many    bigint[];
    m       message;
    p       message;
    n       bigint;
begin
    for i in 1 .. cardinality(seed) loop
        many := thread_mates(seed[i]);
        if not thread_people(seed[i:i]) <@ thread_people(array_remove(many, seed[i])) then
            scan := scan || many; -- with new people
        end if;
    end loop;
    while scan <> '{}' loop
        select * into m from message where id = scan[1];
        scan := scan[2:];
        refused := 0;
        for p in select * from thread_kin(m) k order by array_position(m.refers_to, k.rfc_message_id), k.thread_id, k.id limit 300 loop
            select thread_id into p.thread_id from message where id = p.id;
            continue when p.thread_id in (m.thread_id, refused);
            few := thread_mates(m.id);
            many := thread_mates(p.id);
            if not thread_joins(m, p) then
                if thread_is_sure(many) and not thread_is_sure(few) and not thread_admits(many, m) then
                    refused := p.thread_id;
                end if;
                continue;
            end if;
            if cardinality(few) > cardinality(many) then
                select few, many into many, few;
            end if;
            if thread_rank(few) <> thread_rank(many) then
                again := again || case when thread_rank(few) > thread_rank(many) then many else few end;
            end if;
            if not thread_people(few) <@ thread_people(many) or thread_is_sure(few) and not thread_is_sure(many) then
                scan := scan || many;
            end if;
            scan := scan || few;
            m.thread_id := thread_join(m.id, p.id);
        end loop;
    end loop;
    if again = '{}' then
        return 0;
    end if;
    update message x set state = 'new', class = null, rule = null, evidence = null, why = null, matched_by = null
     where id = any (again) and id <> all (seed) and direction = 'in' and class <> 'own'
       and (state in ('decide', 'filed')
            or state = 'answered' and exists (select from message s where s.refers_to @> array[x.rfc_message_id]
                                                 and s.refers_to[1] = x.rfc_message_id and s.direction = 'out'))
       and outbox_id is null and placed_by is null and matched_by is distinct from 'person';
    get diagnostics n = row_count;
    return n;
end $$;

grant execute on function thread_mates(bigint), thread_people(bigint[]), thread_author(message), thread_is_sure(bigint[]),
    thread_rank(bigint[]), thread_admits(bigint[], message), thread_kin(message), thread_joins(message, message), thread_join(bigint, bigint),
    thread_is_part(bigint, bigint), thread_gather(bigint[]) to adresar_fetch, adresar_office;
