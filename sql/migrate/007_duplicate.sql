-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Contacts that are perhaps one party, and what became of it: merged (and taken apart again), or told to be two.

-- ---- proposals

-- By what a contact is found to be compared with another (crm/likeness.h); the lowest bit of a key says 'full'.
create table duplicate_key (
    contact_id bigint primary key references contact on delete cascade,
    keys       bigint[] not null,
    compared   boolean not null -- with all that were there before
);
create index duplicate_key_keys on duplicate_key using gin (keys);
create index duplicate_key_new on duplicate_key (contact_id) where not compared;

create table duplicate (
    a           bigint not null references contact on delete cascade,
    b           bigint not null references contact on delete cascade,
    probability double precision not null check (probability between 0 and 1),
    certain     boolean not null default false, -- may be merged without a person, where the office says so
    evidence    jsonb not null, -- [{"what", "a", "b", "weight"}]
    closed      boolean not null -- it says what but the departments of both do not see
                generated always as (evidence @? '$[*] ? (@.what == "village" || @.what == "registration")') stored,
    state       text not null default 'proposed' check (state in ('proposed', 'merged', 'distinct')),
    found_at    timestamptz not null default now(),
    decided_by  name,
    decided_at  timestamptz,
    primary key (a, b),
    check (a < b),
    check ((state = 'proposed') = (decided_by is null)),
    check ((decided_by is null) = (decided_at is null))
);
create index on duplicate (b);
create index duplicate_proposed on duplicate (probability desc, a, b) where state = 'proposed';

-- ---- merged contacts
-- The one that is given up stays as a row: its number still leads to the other, its names stand in the ledger of what was
-- sent, and its history is part of the other's.

alter table contact add column merged_into bigint references contact check (merged_into <> id);
create index on contact (merged_into) where merged_into is not null;

-- By the functions below alone: a letter follows a merge (outbox_follows_merge), and so would one that is frozen.
create function contact_merge_guard() returns trigger language plpgsql as $$
begin
    if current_user <> 'adresar_owner' then
        raise exception 'contact % is merged by contact_merge(), not by hand', new.id using errcode = 'AD001';
    end if;
    return new;
end $$;
create trigger contact_merge_guard before update on contact
    for each row when (new.merged_into is distinct from old.merged_into) execute function contact_merge_guard();
create trigger contact_merge_guard_insert before insert on contact
    for each row when (new.merged_into is not null) execute function contact_merge_guard();

-- Who shares a key with a contact, up to so many: of digests that the whole house sees, but with the owner's rights, since
-- below a policy no index would answer; by the index, whatever is known of a table that was just filled.
create function duplicate_sharing(ids bigint[], keys bigint[], most integer)
    returns table (id bigint, key bigint, contact_id bigint)
    language sql stable security definer set search_path = public, pg_temp set enable_seqscan = off set jit = off
    set gin_fuzzy_search_limit = 1000 as $$ -- of a key that a hundred thousand have, some are as good as all
    select q.id, q.key, d.contact_id
      from unnest(ids, keys) q (id, key),
           lateral (select k.contact_id from duplicate_key k
                     where k.keys && case when q.key & 1 = 1 then array[q.key & ~1::bigint] else array[q.key, q.key | 1] end
                     limit most) d
     where (select in_house())
     order by q.id, q.key
$$;
grant execute on function duplicate_sharing(bigint[], bigint[], integer) to adresar_office;

-- Keys that wait for their place in the index are read one by one by each search: after a great many they go in.
create function duplicate_settle() returns bigint
    language sql security definer set search_path = public, pg_temp as $$
    select gin_clean_pending_list('duplicate_key_keys')
$$;
grant execute on function duplicate_settle() to adresar_office;

-- What is compared of contacts, whoever keeps them: what the acting user sees, and of addresses none that is private.  Lists
-- have U+001F between.  A circle is the departments that keep or share a contact: they see its details, and nobody else.
create function duplicate_records(ids bigint[])
    returns table (id bigint, organisation boolean, names text, emails text, phones text, reach_emails text,
                   reach_phones text, others text, posts text, places text, circle text, village text, registration text)
    language sql stable set search_path = public, pg_temp set jit = off as $$
    with own as materialized (
        select c.id, c.kind = 'organisation' as organisation, c.organisation_id, c.department_id
          from unnest(ids) x (id) join contact c on c.id = x.id where c.merged_into is null
    ), whose as materialized ( -- where a person works, with all names; the first people of an organisation
        select id as of, id, true as own, true as whole from own
        union all
        select id, organisation_id, false, true from own where not organisation and organisation_id is not null
        union all
        select o.id, p.id, false, false
          from own o, lateral (select p.id from contact p
                                where p.organisation_id = o.id and p.kind = 'person' and p.merged_into is null
                                order by p.id limit 20) p
         where o.organisation
    ), name as (
        select w.of, string_agg(n.name, E'\x1f' order by n.main desc, n.id) filter (where w.own) as own,
               string_agg(n.name, E'\x1f' order by w.id, n.main desc, n.id) filter (where not w.own) as others
          from whose w join contact_name n on n.contact_id = w.id where w.whole or n.main group by w.of
    ), mail as (
        select w.of, string_agg(a.email_key, E'\x1f' order by a.position, a.id) filter (where w.own) as own,
               string_agg(a.email_key, E'\x1f' order by a.position, a.id) filter (where not w.own) as reach
          from whose w join address a on a.contact_id = w.id
         where a.state <> 'replaced' and not a.private group by w.of
    ), call as (
        select w.of, string_agg(p.e164, E'\x1f' order by p.position, p.id) filter (where w.own) as own,
               string_agg(p.e164, E'\x1f' order by p.position, p.id) filter (where not w.own) as reach
          from whose w join phone p on p.contact_id = w.id where p.e164 is not null and not p.private group by w.of
    ), office as (
        select t.holder_id as of, string_agg(p.name, E'\x1f' order by t.id) as posts
          from own o join term t on t.holder_id = o.id join post p on p.id = t.post_id
         where not o.organisation group by t.holder_id
    ), place as (
        select p.contact_id as of, string_agg(concat_ws(E'\x1f', p.city, p.country), E'\x1f' order by p.id) as places
          from own o join postal_address p on p.contact_id = o.id where not p.private group by p.contact_id
    ), detail as (
        select d.contact_id as of, max(d.value) filter (where d.field = 'village') as village,
               max(d.value) filter (where d.field = 'registration') as registration
          from own o join contact_detail d on d.contact_id = o.id
         where d.field in ('village', 'registration') group by d.contact_id
    ), share as (
        select s.contact_id as of, array_agg(s.department_id) as departments
          from own o join contact_department s on s.contact_id = o.id group by s.contact_id
    )
    select o.id, o.organisation, name.own, mail.own, call.own, mail.reach, call.reach, name.others, office.posts,
           place.places, (select string_agg(distinct d::text, ' ') from unnest(share.departments || o.department_id) d),
           detail.village, detail.registration
      from own o left join name on name.of = o.id left join mail on mail.of = o.id left join call on call.of = o.id
      left join office on office.of = o.id left join place on place.of = o.id left join detail on detail.of = o.id
      left join share on share.of = o.id
     order by o.id
$$;
grant execute on function duplicate_records(bigint[]) to adresar_office;

create table contact_merge (
    id          bigint primary key generated always as identity,
    survivor_id bigint not null references contact,
    loser_id    bigint not null references contact,
    survivor    jsonb not null, -- the rows of contact before
    loser       jsonb not null,
    taken       jsonb not null, -- columns of the survivor that changed, and their values since
    last_ids    jsonb not null, -- by table, so that what came later is told apart
    at          timestamptz not null default now(),
    by          name not null default actor(),
    undone_at   timestamptz,
    undone_by   name,
    check ((undone_at is null) = (undone_by is null))
);
create index on contact_merge (survivor_id);
create index on contact_merge (loser_id);

-- What happened to each row that pointed to the loser.
create table contact_merge_row (
    id       bigint primary key generated always as identity,
    merge_id bigint not null references contact_merge on delete cascade,
    object   text not null,
    field    text not null,
    row_id   bigint not null,
    what     text not null check (what in ('moved',     -- points to the survivor now
                                           'removed',   -- the survivor has the same; the value is kept here
                                           'added',     -- a copy that the survivor got
                                           'kept',      -- a name of the loser, without its keys
                                           'waits',     -- a letter that waited, and does not any more; the value is how
                                           'left')),    -- still the loser's: both have one, and neither may go
    value    jsonb
);
create index on contact_merge_row (merge_id);

-- Tables whose columns refer to a contact: all but those of this file, and what is made of others (search_card), which has no
-- number of its own.
create function contact_references() returns table (object text, field text, part boolean)
    language sql stable set search_path = public, pg_temp as $$
    select c.relname, a.attname, f.confdeltype = 'c'
      from pg_constraint f join pg_class c on c.oid = f.conrelid
      join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
     where f.confrelid = 'contact'::regclass and f.contype = 'f' and c.relnamespace = 'public'::regnamespace
       and cardinality(f.conkey) = 1 and a.attname <> 'merged_into'
       and c.relname not in ('duplicate', 'duplicate_key', 'contact_merge')
       and exists (select from pg_attribute where attrelid = c.oid and attname = 'id')
    union all
    select 'message', 'contact_id', false -- without a constraint
     order by 1, 2
$$;

-- An address that both have: what refers to the loser's refers to the survivor's, and what was learnt last of it holds.
create function contact_merge_address(merge bigint, loser_address bigint, survivor bigint) returns void
    language plpgsql set search_path = public, pg_temp as $$
declare
    twin bigint := (select t.id from address a join address t on t.email_key = a.email_key
                     where a.id = loser_address and t.contact_id = survivor);
begin
    insert into contact_merge_row (merge_id, object, field, row_id, what, value)
    select merge, 'outbox', 'address_id', o.id, 'moved', to_jsonb(loser_address)
      from outbox o where o.address_id = loser_address
    union all
    select merge, 'address', 'replaced_by', a.id, 'moved', to_jsonb(loser_address)
      from address a where a.replaced_by = loser_address;
    update address t set state = l.state, soft_count = l.soft_count, since = l.since, evidence = l.evidence
      from address l
     where t.id = twin and l.id = loser_address and l.evidence is not null and t.state <> 'replaced'
       and l.state <> 'replaced' and (t.evidence is null or l.since > t.since);
    update outbox set address_id = twin where address_id = loser_address;
    update address set replaced_by = twin where replaced_by = loser_address and id <> twin;
end $$;

-- One row from the loser to the survivor; what a unique constraint forbids is removed where it is a part of the contact
-- (the survivor has the same), and left where it is a record of its own (both were written to).
create function contact_merge_move(merge bigint, object text, field text, part boolean, row_id bigint,
                                   loser bigint, survivor bigint) returns void
    language plpgsql set search_path = public, pg_temp as $$
declare
    value jsonb;
begin
    begin
        execute format('update %I set %I = $1 where id = $2', object, field) using survivor, row_id;
        insert into contact_merge_row (merge_id, object, field, row_id, what)
        values (merge, object, field, row_id, 'moved');
    exception when unique_violation or exclusion_violation then
        if part then
            execute format('select to_jsonb(t) from %I t where id = $1', object) into value using row_id;
            if object = 'address' then
                perform contact_merge_address(merge, row_id, survivor);
            end if;
            execute format('delete from %I where id = $1', object) using row_id;
        end if;
        insert into contact_merge_row (merge_id, object, field, row_id, what, value)
        values (merge, object, field, row_id, case when part then 'removed' else 'left' end, value);
    end;
end $$;

-- Names stay with the loser, where nothing finds them any more; those that the survivor does not have, it gets.
create function contact_merge_names(merge bigint, loser bigint, survivor bigint) returns void
    language sql set search_path = public, pg_temp as $$
    with added as (
        insert into contact_name (contact_id, language, name, main, fold, near)
        select survivor, language, name, false, fold, near
          from contact_name n
         where contact_id = loser
           and not exists (select from contact_name s where s.contact_id = survivor and s.name = n.name)
         order by main desc, id
        returning id
    )
    insert into contact_merge_row (merge_id, object, field, row_id, what)
    select merge, 'contact_name', 'contact_id', id, 'added' from added;

    insert into contact_merge_row (merge_id, object, field, row_id, what, value)
    select merge, 'contact_name', 'contact_id', id, 'kept', jsonb_build_object('fold', fold, 'near', near)
      from contact_name where contact_id = loser;
    update contact_name set fold = '', near = '' where contact_id = loser;
$$;

-- The columns of contact that a merge may fill.
create function contact_merge_fields() returns setof text
    language sql stable set search_path = public, pg_temp as $$
    select attname::text
      from pg_attribute
     where attrelid = 'contact'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
       and attname not in ('id', 'uid', 'kind', 'state', 'merged_into', 'department_id', 'import_id', 'created',
                           'created_by')
     order by attnum
$$;

-- What the survivor's columns become: its own value; else the loser's; the loser's where take says so; lists of both.
create function contact_merge_values(survivor contact, loser contact, take text[]) returns jsonb
    language sql stable set search_path = public, pg_temp as $$
    select coalesce(jsonb_object_agg(field, value), '{}')
      from (select f.field,
                   case when f.field = any (take) then l.value
                        when s.value is null or s.value in ('null', '[]') then l.value
                        when jsonb_typeof(s.value) = 'array' then
                            s.value || (select coalesce(jsonb_agg(e), '[]')
                                          from jsonb_array_elements(l.value) e where not s.value @> e)
                        else s.value
                   end as value, s.value as own
              from contact_merge_fields() f (field),
                   lateral (select to_jsonb(survivor)->f.field as value) s,
                   lateral (select to_jsonb(loser)->f.field as value) l) v
     where value is distinct from own and value <> 'null'
$$;

-- Where the survivor's letter of a mailing could not reach it (there was no address), the loser's that still waits becomes
-- the survivor's, and the other the loser's: they change places.
create function contact_merge_exchange(merge bigint, loser bigint, survivor bigint) returns void
    language sql set search_path = public, pg_temp as $$
    insert into contact_merge_row (merge_id, object, field, row_id, what, value)
    select merge, 'outbox', 'contact_id', x.id, 'moved', to_jsonb(x.contact_id)
      from outbox o join outbox w on w.mailing_id = o.mailing_id and w.contact_id = survivor
           cross join lateral (values (o.id, o.contact_id), (w.id, w.contact_id)) x (id, contact_id)
     where o.contact_id = loser and o.state in ('held', 'queued', 'deferred') and outbox_missed(w);

    update outbox o set contact_id = loser + survivor - o.contact_id
      from contact_merge_row r where r.merge_id = merge and r.object = 'outbox' and o.id = r.row_id;
$$;

-- Who waits for a letter that the other waits for, or has, does not get it twice; nor where the survivor must not get it.
create function contact_merge_letters(merge bigint, loser bigint, survivor bigint) returns void
    language sql set search_path = public, pg_temp as $$
    insert into contact_merge_row (merge_id, object, field, row_id, what, value)
    select merge, 'outbox', 'state', o.id, 'waits', jsonb_build_object('state', o.state, 'reason', o.reason)
      from outbox o join outbox w on w.mailing_id = o.mailing_id and w.contact_id = loser + survivor - o.contact_id
     where o.contact_id in (loser, survivor) and o.state in ('held', 'queued', 'deferred') and not outbox_missed(w)
       and (o.contact_id = loser or w.state not in ('held', 'queued', 'deferred', 'excluded'));

    update outbox o set state = 'excluded', reason = 'merged'
      from contact_merge_row r where r.merge_id = merge and r.what = 'waits' and o.id = r.row_id;
$$;

-- What was told apart of the one stays apart of the other; proposals about the loser are the survivor's business now.
create function contact_merge_proposals(loser bigint, survivor bigint) returns void
    language sql set search_path = public, pg_temp as $$
    insert into duplicate (a, b, probability, evidence, state, decided_by, decided_at)
    values (least(loser, survivor), greatest(loser, survivor), 1, '[]', 'merged', actor(), now())
    on conflict (a, b) do update set state = 'merged', decided_by = actor(), decided_at = now();

    insert into duplicate (a, b, probability, evidence, state, decided_by, decided_at)
    select least(o.id, survivor), greatest(o.id, survivor), probability, evidence, 'distinct', decided_by, decided_at
      from duplicate d, lateral (select case when d.a = loser then d.b else d.a end as id) o
     where d.state = 'distinct' and loser in (d.a, d.b) and o.id <> survivor
    on conflict (a, b) do update
       set state = 'distinct', decided_by = excluded.decided_by, decided_at = excluded.decided_at;

    delete from duplicate where state = 'proposed' and loser in (a, b);
    delete from duplicate_key where contact_id = loser;
$$;

create function contact_merge_distinct(x bigint, y bigint) returns void
    language plpgsql set search_path = public, pg_temp as $$
declare
    d duplicate;
begin
    select * into d from duplicate where a = least(x, y) and b = greatest(x, y) and state = 'distinct';
    if found then
        raise exception '% said on % that contacts % and % are not the same', d.decided_by, d.decided_at::date, x, y
            using errcode = 'AD001';
    end if;
end $$;

create function contact_merge_set(contact_id bigint, fields jsonb) returns void
    language plpgsql set search_path = public, pg_temp as $$
declare
    field text;
begin
    for field in select jsonb_object_keys(fields) loop
        execute format('update contact set %1$I = (jsonb_populate_record(null::contact, $1)).%1$I where id = $2', field)
            using fields, contact_id;
    end loop;
end $$;

create function contact_merge_right(who bigint) returns void language plpgsql set search_path = public, pg_temp as $$
begin
    if not staff_may('write', who) then
        raise exception 'contact % is another department''s: it must be shared before it is merged', who
            using errcode = '42501';
    end if;
end $$;

-- Whole or not at all: what refers to the loser is found and moved whoever may see it.
create function contact_merge(survivor_id bigint, loser_id bigint, take text[]) returns bigint
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    s     contact;
    l     contact;
    merge bigint;
    r     record;
    n     bigint;
    ids   jsonb := '{}';
    taken jsonb;
begin
    perform contact_merge_right(c.id) from contact c where c.id in (survivor_id, loser_id);
    perform from contact c where c.id in (survivor_id, loser_id) order by c.id for update;
    select * into strict s from contact where id = survivor_id;
    select * into strict l from contact where id = loser_id;
    if s.kind <> l.kind then
        raise exception 'contact % is a person and contact % an organisation', 
            case s.kind when 'person' then s.id else l.id end, case s.kind when 'person' then l.id else s.id end
            using errcode = 'AD001';
    end if;
    if s.merged_into is not null or l.merged_into is not null then
        raise exception 'contact % is merged already', case when s.merged_into is null then l.id else s.id end
            using errcode = 'AD001';
    end if;
    perform contact_merge_distinct(s.id, l.id);
    if s.organisation_id = l.id then
        s.organisation_id := null;
    end if;
    if l.organisation_id = s.id then
        l.organisation_id := null;
    end if;
    taken := contact_merge_values(s, l, take);
    for r in select distinct object from contact_references() loop
        execute format('select coalesce(max(id), 0) from %I', r.object) into n;
        ids := ids || jsonb_build_object(r.object, n);
    end loop;
    insert into contact_merge (survivor_id, loser_id, survivor, loser, taken, last_ids)
    select s.id, l.id, to_jsonb(a) || jsonb_build_object('main_name', n.id), to_jsonb(b), taken, ids
      from contact a join contact b on b.id = l.id left join contact_name n on n.contact_id = a.id and n.main
     where a.id = s.id
    returning id into merge;
    update contact set merged_into = s.id, state = 'archived', organisation_id = null where id = l.id;
    perform contact_merge_set(s.id, taken);
    perform contact_merge_names(merge, l.id, s.id);
    if 'name' = any (take) then
        update contact_name set main = false where contact_id = s.id and main;
        update contact_name set main = true
         where id = (select min(c.id) from contact_name c join contact_name o on o.name = c.name
                      where c.contact_id = s.id and o.contact_id = l.id and o.main);
    end if;
    if l.department_id <> s.department_id then
        with shared as (
            insert into contact_department (contact_id, department_id) values (s.id, l.department_id)
            on conflict do nothing returning id
        )
        insert into contact_merge_row (merge_id, object, field, row_id, what)
        select merge, 'contact_department', 'contact_id', id, 'added' from shared;
    end if;
    perform contact_merge_exchange(merge, l.id, s.id);
    for r in select * from contact_references() where object <> 'contact_name' loop
        for n in execute format('select id from %I where %I = $1 and id <> $2 order by id', r.object, r.field)
            using l.id, case r.object when 'contact' then s.id else 0 end loop
            perform contact_merge_move(merge, r.object, r.field, r.part, n, l.id, s.id);
        end loop;
    end loop;
    -- nothing is a part of itself, nor of what is a part of it
    update contact c set organisation_id = null
     where c.id = s.id and exists (
        with recursive up as (
            select c.organisation_id as id
            union
            select o.organisation_id from up join contact o on o.id = up.id
        ) select from up where up.id in (s.id, l.id));
    perform contact_merge_letters(merge, l.id, s.id);
    perform contact_merge_proposals(l.id, s.id);
    return merge;
end $$;

-- Back, as far as nothing has changed since: each row that still is where the merge put it.
create function contact_unmerge(merge_id bigint) returns table (object text, back bigint, stays bigint)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    m      contact_merge;
    r      record;
    n      bigint;
    fields jsonb;
begin
    select * into strict m from contact_merge where id = merge_id for update;
    perform contact_merge_right(m.survivor_id);
    perform from contact where id in (m.survivor_id, m.loser_id) order by id for update;
    if m.undone_at is not null then
        raise exception 'the merge of contacts % and % is undone already', m.survivor_id, m.loser_id using errcode = 'AD001';
    end if;
    if exists (select from contact where id = m.survivor_id and merged_into is not null) then
        raise exception 'contact % is itself merged: that is taken apart first', m.survivor_id using errcode = 'AD001';
    end if;
    create temporary table unmerge_sum (object text, back boolean, n bigint) on commit drop;
    set constraints outbox_contact_id_mailing_id_key deferred; -- letters that changed places come back one by one
    -- with both at hand, from the last to the first
    for r in select * from contact_merge_row cr where cr.merge_id = m.id order by cr.id desc loop
        if r.what = 'moved' and r.value is not null then
            execute format('update %I set %I = $1 where id = $2', r.object, r.field)
                using (r.value #>> '{}')::bigint, r.row_id;
        elsif r.what = 'moved' then
            execute format('update %1$I set %2$I = $1 where id = $2 and %2$I = $3', r.object, r.field)
                using m.loser_id, r.row_id, m.survivor_id;
        elsif r.what = 'added' then
            execute format('delete from %I where id = $1 and %I = $2', r.object, r.field) using r.row_id, m.survivor_id;
        elsif r.what = 'removed' then
            execute format('insert into %1$I overriding system value select * from jsonb_populate_record(null::%1$I, $1)',
                           r.object) using r.value;
        elsif r.what = 'kept' then
            update contact_name set fold = r.value->>'fold', near = r.value->>'near'
             where id = r.row_id and fold = '';
            continue;
        elsif r.what = 'waits' then -- while the mailing is a draft; released means frozen
            update outbox o set state = r.value->>'state', reason = r.value->>'reason'
              from mailing d
             where o.id = r.row_id and o.state = 'excluded' and o.reason = 'merged' and d.id = o.mailing_id
               and d.state = 'draft';
        else
            continue;
        end if;
        get diagnostics n = row_count;
        insert into unmerge_sum values (r.object, n > 0, 1);
    end loop;
    -- columns that still have what the merge gave them
    select coalesce(jsonb_object_agg(key, m.survivor->key), '{}') into fields
      from jsonb_each(m.taken) t where (select to_jsonb(c)->t.key from contact c where id = m.survivor_id) = t.value;
    perform contact_merge_set(m.survivor_id, fields);
    update contact set organisation_id = (m.survivor->>'organisation_id')::bigint
     where id = m.survivor_id and organisation_id is null;
    update contact set merged_into = null, state = m.loser->>'state',
                       organisation_id = (m.loser->>'organisation_id')::bigint
     where id = m.loser_id;
    update contact_name set main = true
     where id = (m.survivor->>'main_name')::bigint
       and not exists (select from contact_name where contact_id = m.survivor_id and main);
    update contact_merge set undone_at = now(), undone_by = actor() where id = m.id;
    update duplicate set state = 'proposed', decided_by = null, decided_at = null
     where a = least(m.survivor_id, m.loser_id) and b = greatest(m.survivor_id, m.loser_id) and state = 'merged';
    for r in select f.object, f.field from contact_references() f loop
        execute format('insert into unmerge_sum select $1, null, count(*) from %I where %I = $2 and id > $3', r.object, r.field)
            using r.object, m.survivor_id, (m.last_ids->>r.object)::bigint;
    end loop;
    return query select u.object, coalesce(sum(u.n) filter (where u.back), 0)::bigint,
                        coalesce(sum(u.n) filter (where u.back is not true), 0)::bigint
                   from unmerge_sum u group by u.object having sum(u.n) > 0 order by u.object;
    drop table unmerge_sum;
end $$;

grant select on duplicate, duplicate_key, contact_merge, contact_merge_row to adresar_office, adresar_report;
grant insert, update, delete on duplicate, duplicate_key to adresar_office;
grant execute on function contact_references(), contact_merge_fields(), contact_merge(bigint, bigint, text[]),
    contact_unmerge(bigint) to adresar_office;
