-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Segments: questions over the contacts that are kept under a name; and what makes them quick.
--
-- contact_facts has for each contact the place in the order of names and, as words of one vector, what questions mostly
-- ask for: one index answers any of their combinations, the other walks through the names without looking at a table.
-- It is made of the other tables when a transaction commits (005_renew.sql), and never written by hand.

create table contact_facts (
    contact_id bigint primary key,
    name       text not null,    -- the begin of the main name's fold
    facts      tsvector not null -- contact_facts_renew() says the words
);
-- what waits for its place in the index is read one by one by each question: 512 kB are a millisecond
create index contact_facts_words on contact_facts using gin (facts) with (gin_pending_list_limit = 512);
create index contact_facts_order on contact_facts (name, contact_id) include (facts);
alter table contact_facts alter column facts set statistics 1000;

-- The rows are locked before they are read: who changes another part of the same contact at the same time waits, and
-- then sees what was committed.  The words: k=kind s=state, and gone, of whoever is not active; d=department (keeps or
-- shares) o=owner l=language, and the one without script or country; c=category t=tag n=country p=city, as typed; a=state of
-- an address h=what there is (email: one that can be written to).  What is private is no fact of the house: questions look for
-- it beside the facts, with the eyes of who asks.
create function contact_facts_renew(ids bigint[]) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from contact_facts where contact_id = any (ids) order by contact_id for update;
    delete from contact_facts f where contact_id = any (ids) and not exists (select from contact where id = f.contact_id
                                                                                            and merged_into is null);
    insert into contact_facts as f (contact_id, name, facts)
    select c.id, left(coalesce(n.fold, ''), 100), array_to_tsvector(
               array['k=' || c.kind, 'd=' || c.department_id]
               || case when c.state <> 'active' then array['s=gone', 's=' || c.state] end
               || case when c.owner_id is not null then array['o=' || c.owner_id, 'h=owner'] end
               || case when c.salutation is not null then array['h=salutation'] end
               || array(select unnest(array['l=' || l, 'l=' || split_part(l, '-', 1),
                                            'l=' || rtrim(split_part(l, '-', 1) || '-' || split_part(l, '-', 2), '-')])
                          from unnest(c.languages) l)
               || array(select 'd=' || department_id from contact_department where contact_id = c.id)
               || array(select 'c=' || category_id from contact_category where contact_id = c.id)
               || array(select 't=' || tag from contact_tag where contact_id = c.id)
               || array(select unnest(array_remove(array['a=' || state, case when state not in ('dead', 'replaced')
                                                                             then 'h=email' end], null))
                          from address where contact_id = c.id and not private)
               || array(select 'h=phone' from phone where contact_id = c.id and not private)
               || array(select unnest(array_remove(array['h=postal', 'n=' || country, 'p=' || left(city, 60)], null))
                          from postal_address where contact_id = c.id and not private))
      from contact c left join contact_name n on n.contact_id = c.id and n.main
     where c.id = any (ids) and c.merged_into is null
    on conflict (contact_id) do update set name = excluded.name, facts = excluded.facts
     where (f.name, f.facts) is distinct from (excluded.name, excluded.facts);
    if array_length(ids, 1) > 1000 then
        perform gin_clean_pending_list('contact_facts_words');
    end if;
end $$;

grant select on contact_facts to adresar_office, adresar_report;

-- what questions ask for besides
create index on contact (created);
create index on postal_address (city);
create index address_private on address (contact_id) where private;
create index phone_private on phone (contact_id) where private;
create index postal_address_private on postal_address (contact_id) where private;
create index address_reversed on address (reverse(email_key) text_pattern_ops);

-- Who has an address in the domain or in one below it, of those that the acting user sees.  Below a policy the index could not
-- be used.
create function contacts_at(wanted text) returns setof bigint
    language sql stable security definer rows 50 set search_path = public, pg_temp set jit = off as $$
    select a.contact_id
      from address a
     where (reverse(a.email_key) ~>=~ (reverse(wanted) || '@') and reverse(a.email_key) ~<~ (reverse(wanted) || 'A')
            or reverse(a.email_key) ~>=~ (reverse(wanted) || '.') and reverse(a.email_key) ~<~ (reverse(wanted) || '/'))
       and a.state <> 'replaced'
       and case when a.private then staff_may('see', a.contact_id) else (select in_house()) end
$$;
grant execute on function contacts_at(text) to adresar_office, adresar_report;

create table segment (
    id       bigint primary key generated always as identity,
    name     text not null check (name <> ''),
    fold     text not null unique, -- of the name: one whatever the script
    question text not null check (question <> ''),
    note     text not null default '',
    owner    name not null default actor(),
    created  timestamptz not null default now(),
    changed  timestamptz not null default now()
);

-- Seen by the whole house, changed by whoever owns it or an admin.
create function segment_guard() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    admin boolean := exists (select from staff where id = staff_acting() and role = 'admin');
begin
    if tg_op = 'INSERT' and new.owner <> actor() then
        raise exception 'a segment is saved in one''s own name' using errcode = 'AD001';
    end if;
    if tg_op <> 'INSERT' and old.owner <> actor() and not admin then
        raise exception 'the segment "%" is %''s: its owner or an admin changes it', old.name, old.owner
            using errcode = 'AD001';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    new.changed := now();
    return new;
end $$;
create trigger segment_guard before insert or update or delete on segment for each row execute function segment_guard();

call audit_table('segment');
grant select, insert, update, delete on segment to adresar_office;
grant select on segment to adresar_report;
