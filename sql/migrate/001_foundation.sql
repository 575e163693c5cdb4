-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Departments, staff, the audit log.
-- The roles adresar_owner, adresar_deliver, adresar_fetch, adresar_report, adresar_web and adresar_office belong to the
-- cluster and are made by `adresar db init`; this runs as adresar_owner.

create extension if not exists btree_gist;

-- What runs with the owner's rights runs from triggers only.
alter default privileges revoke execute on functions from public;

create table department (
    id      integer primary key generated always as identity,
    slug    text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name    text not null,
    created timestamptz not null default now()
);

create table staff (
    id            integer primary key generated always as identity,
    login         name not null unique, -- a PostgreSQL role of its own
    role          text not null check (role in ('reader', 'clerk', 'head', 'admin', 'auditor')),
    department_id integer not null references department,
    disabled_at   timestamptz,
    created       timestamptz not null default now()
);

-- Further departments that a user works for.
create table staff_department (
    id            integer primary key generated always as identity,
    staff_id      integer not null references staff on delete cascade,
    department_id integer not null references department,
    unique (staff_id, department_id)
);

-- What each role may do, in its own departments or in all; filled by `db upgrade` from crm/right.def.
create table staff_right (
    name  text not null,
    role  text not null,
    scope text not null check (scope in ('own', 'all')),
    primary key (name, role)
);

-- Who acts: the user that the pages name for their transaction, and of all other sessions whoever logged in.
create function staff_acting() returns integer
    language plpgsql stable parallel safe security definer set search_path = public, pg_temp as $$
begin
    if session_user = 'adresar_web' then
        return (select id from staff
                 where id = nullif(current_setting('adresar.user_id', true), '')::integer and disabled_at is null);
    end if;
    return (select id from staff where login = session_user and disabled_at is null);
end $$;

-- Who is no user of the office and sees all of it: the reports, and whom no policy binds.
create function reads_all() returns boolean
    language plpgsql stable parallel safe set search_path = public, pg_temp as $$
begin
    return (select rolsuper or rolname in ('adresar_report', 'adresar_owner') from pg_roles where rolname = session_user);
end $$;

create function in_house() returns boolean
    language plpgsql stable parallel safe security definer set search_path = public, pg_temp as $$
begin
    if session_user = 'adresar_web' then
        return staff_acting() is not null;
    end if;
    return exists (select from staff where login = session_user and disabled_at is null) or reads_all();
end $$;

create function web_actor() returns name
    language plpgsql stable parallel safe security definer set search_path = public, pg_temp as $$
begin
    return (select login from staff where id = staff_acting());
end $$;

-- The departments in which each user has a right: what the tables above come to, ready for the first question of a new
-- session, which pays for each table that it opens and for each of their triggers and policies.
create table staff_reach (
    login       name,
    name        text,
    departments integer[] not null,
    primary key (login, name)
);

-- Whoever changes one of the tables waits for those before, and sees what they did.
create function staff_reach_renew() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    lock table staff_reach in share row exclusive mode;
    with reach as (
        select s.login, r.name,
               case when r.scope = 'all' then array(select id from department order by id)
                    else s.department_id || array(select department_id from staff_department where staff_id = s.id order by id)
               end as departments
          from staff s join staff_right r on r.role = s.role
         where s.disabled_at is null
    ), gone as (
        delete from staff_reach k where not exists (select from reach r where r.login = k.login and r.name = k.name)
    )
    insert into staff_reach as k (login, name, departments)
    select login, name, departments from reach
    on conflict (login, name) do update set departments = excluded.departments where k.departments <> excluded.departments;
    return null;
end $$;
do $$
declare
    t regclass;
begin
    foreach t in array array['department', 'staff', 'staff_department', 'staff_right']::regclass[] loop
        execute format('create trigger staff_reach after insert or update or delete or truncate on %s
                        for each statement execute function staff_reach_renew()', t);
    end loop;
end $$;

-- The departments in which the acting user has a right; without it none.
create function rights_in(wanted text) returns integer[]
    language plpgsql stable parallel safe security definer set search_path = public, pg_temp as $$
declare
    reach integer[] := (select departments from staff_reach
                         where login = case when session_user = 'adresar_web' then web_actor() else session_user end
                           and name = wanted);
begin
    if reach is null and wanted in ('see', 'export') and staff_acting() is null and reads_all() then
        return array(select id from department);
    end if;
    return coalesce(reach, '{}');
end $$;

-- The name that stands on what is done.  Defaults of columns are computed a million times: this one becomes part of them.
create function actor() returns name language sql stable parallel safe as $$
    select case when session_user = 'adresar_web' then public.web_actor() else session_user end
$$;

grant execute on function staff_acting(), reads_all(), in_house(), rights_in(text), web_actor(), actor()
    to adresar_office, adresar_deliver, adresar_fetch, adresar_report;

-- The audit log: one entry a statement, the values before and after beside it.  An erasure empties the values; the
-- digests, and so the chain, stay.  Whoever writes an entry waits for nobody: it gets its place (seq) when it is sealed,
-- with all others that are committed by then (audit_seal).
create table audit (
    id     bigint primary key generated always as identity,
    at     timestamptz not null default clock_timestamp(),
    actor  name not null default actor(),
    action text not null check (action ~ '^[A-Z]+$'),
    object text not null,
    rows   integer not null,
    digest bytea not null, -- over what stands beside it
    seq    bigint unique,  -- place in the chain, without gaps; null: not sealed yet
    seal   bytea,          -- over all of the above
    check ((seq is null) = (seal is null))
);
create index audit_unsealed on audit (id) where seq is null;

create table audit_value (
    audit_id   bigint not null references audit deferrable initially deferred,
    row_id     bigint not null,
    contact_id bigint, -- whose history it belongs to
    salt       uuid not null default gen_random_uuid(),
    before     jsonb,
    after      jsonb,
    digest     bytea not null,
    primary key (audit_id, row_id)
);
create index on audit_value (row_id);
create index on audit_value (contact_id) where contact_id is not null;
create index audit_value_named on audit_value (contact_id) where before ? 'near'; -- names that became others, or went

-- New rows stand in the tables themselves, and their first change keeps what they were: of them the log holds which they
-- are, and a digest over their content, by which audit_differs() finds what is not as it was written.  A line is of one
-- statement and at most 8,192 numbers, so that an erasure, which empties its salt, leaves the others; an import's entry has
-- those of all of its statements.
create table audit_insert (
    audit_id bigint not null, -- of audit, where an import's comes last
    n        bigint generated always as identity,
    object   text not null,
    rows     integer not null,
    ids      int8multirange not null,
    width    integer not null, -- columns that the table had
    salt     uuid, -- of the digest; emptied by an erasure
    digest   bytea not null,
    primary key (audit_id, n)
);
create index on audit_insert using gist (ids); -- for an erasure, and for who made a row

create table audit_batch (
    n         bigint primary key,
    at        timestamptz not null default clock_timestamp(),
    first_seq bigint not null,
    last_seq  bigint not null check (last_seq >= first_seq),
    digest    bytea not null, -- over the seals of its entries
    chain     bytea not null  -- over the chain before and all of the above
);

create table audit_head (
    one   boolean primary key default true check (one),
    n     bigint not null,
    seq   bigint not null,
    chain bytea not null
);
insert into audit_head (n, seq, chain) values (0, 0, sha256('adresar'));

-- The digests, for those who write and for those who verify.
create function audit_value_digest(row_id bigint, contact_id bigint, salt uuid, before jsonb, after jsonb) returns bytea
    language sql stable as $$
    select sha256(convert_to(jsonb_build_array(row_id, contact_id, salt, before, after)::text, 'UTF8'))
$$;
create function audit_insert_digest(i audit_insert) returns bytea language sql stable as $$
    select sha256(convert_to(jsonb_build_array(i.object, i.rows, i.ids::text, encode(i.digest, 'hex'))::text, 'UTF8'))
$$;
create function audit_seal_digest(a audit, seq bigint) returns bytea language sql stable as $$
    select sha256(convert_to(jsonb_build_array(seq, a.id, extract(epoch from a.at), a.actor, a.action, a.object, a.rows,
                                               encode(a.digest, 'hex'))::text, 'UTF8'))
$$;
create function audit_chain_digest(chain_before bytea, b audit_batch) returns bytea language sql stable as $$
    select sha256(chain_before || convert_to(jsonb_build_array(b.n, extract(epoch from b.at), b.first_seq, b.last_seq,
                                                               encode(b.digest, 'hex'))::text, 'UTF8'))
$$;

create function audit_values(entry bigint, object text, befores jsonb[], afters jsonb[]) returns bytea
    language sql security definer set search_path = public, pg_temp as $$
    with v as (
        select (coalesce(a, b)->>'id')::bigint as row_id, gen_random_uuid() as salt, b, a,
               (coalesce(a, b)->>case object when 'contact' then 'id' when 'post' then 'organisation_id'
                                             when 'term' then 'holder_id' else 'contact_id' end)::bigint as contact_id
          from unnest(befores, afters) as u(b, a)
    ), written as (
        insert into audit_value (audit_id, row_id, contact_id, salt, before, after, digest)
        select entry, row_id, contact_id, salt, b, a, audit_value_digest(row_id, contact_id, salt, b, a) from v
        returning row_id, digest
    )
    select sha256(coalesce(string_agg(digest, ''::bytea order by row_id), ''::bytea)) from written
$$;

-- The entry that gathers what this transaction's import inserts (crm/import.h), while it is not complete; else null.
create function audit_import_open() returns bigint
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return (select i.audit_id from import i
             where i.xid = pg_current_xact_id_if_assigned() and not exists (select from audit a where a.id = i.audit_id)
             order by i.id limit 1);
end $$;

-- The digests of rows in the order of their numbers; mostly they come so, and sorting a million costs as much as digesting
-- them.
create function audit_in_order(ids bigint[], hashes bytea) returns bytea language sql immutable as $$
    select case when ids = array(select generate_series(ids[1], ids[1] + cardinality(ids) - 1)) then hashes
                else (select string_agg(substr(hashes, 32 * n::integer - 31, 32), ''::bytea order by id)
                        from unnest(ids) with ordinality u (id, n)) end
$$;

-- Of new rows, lines; of others, values.  A row is digested as the text that
-- PostgreSQL gives of it, which must not depend on the session.
create function audit_statement() returns trigger
    language plpgsql security definer set search_path = public, pg_temp
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres' set bytea_output = 'hex'
    set extra_float_digits = 1 as $$
declare
    entry  bigint := nextval(pg_get_serial_sequence('audit', 'id'));
    beside bigint;
    n      integer;
    sum    bytea;
begin
    if tg_op = 'INSERT' then
        beside := coalesce(audit_import_open(), entry);
        with part as (
            select gen_random_uuid() as salt, array_agg(r.id::bigint) as ids, min(r.id) as first, max(r.id) as last,
                   count(*) as n, string_agg(r.hash, ''::bytea) as hashes
              from (select r.id, sha256(convert_to(r::text, 'UTF8')) as hash from new_rows r offset 0) r
             group by r.id >> 13
        ), line as (
            insert into audit_insert (audit_id, object, rows, ids, width, salt, digest)
            select beside, tg_table_name, p.n,
                   case when p.last - p.first = p.n - 1 then int8multirange(int8range(p.first, p.last, '[]'))
                        else (select range_agg(int8range(id, id, '[]')) from unnest(p.ids) id) end,
                   (select relnatts from pg_class where oid = tg_relid), p.salt, sha256(uuid_send(p.salt) || audit_in_order(p.ids, p.hashes))
              from part p order by p.first
            returning audit_insert as row
        )
        select sum((row).rows), sha256(string_agg(audit_insert_digest(row), ''::bytea order by (row).n)) into n, sum from line;
        if beside <> entry then
            return null;
        end if;
    elsif tg_op = 'UPDATE' then
        select count(*) into n from new_rows;
        sum := audit_values(entry, tg_table_name, array(select to_jsonb(o) from old_rows o order by o.id),
                            array(select to_jsonb(w) from new_rows w order by w.id));
    else
        select count(*) into n from old_rows;
        sum := audit_values(entry, tg_table_name, array(select to_jsonb(o) from old_rows o order by o.id),
                            array(select null::jsonb from old_rows));
    end if;
    if n > 0 then
        insert into audit (id, action, object, rows, digest) overriding system value
        values (entry, tg_op, tg_table_name, n, sum);
    end if;
    return null;
end $$;

-- What leaves the store, and what else is no change of a row: who, what, how much, a digest over it.
create function audit_note(action text, object text, rows bigint, digest bytea) returns bigint
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    entry bigint;
begin
    if action not in ('EXPORT') or rights_in('export') = '{}' then
        raise exception 'an entry "%" is not written by hand', action using errcode = 'AD001';
    end if;
    insert into audit (action, object, rows, digest) values (action, object, rows, digest) returning id into entry;
    return entry;
end $$;
grant execute on function audit_note(text, text, bigint, bytea) to adresar_office, adresar_report;

-- Seals what is committed and not sealed yet: how many entries.  One at a time, and whoever comes second goes away.  The
-- order is made here, so that an entry whose transaction took long is not missed but comes later.
create function audit_seal() returns bigint
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head  audit_head;
    batch audit_batch;
begin
    if not exists (select from audit where seq is null) then
        return 0;
    end if;
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the audit log is sealed in a transaction that sees what others commit' using errcode = 'AD001';
    end if;
    select * into head from audit_head for update skip locked;
    if not found then
        return 0;
    end if;
    with due as (
        select id, head.seq + row_number() over (order by id) as seq from audit where seq is null
    ), sealed as (
        update audit a set seq = due.seq, seal = audit_seal_digest(a, due.seq) from due where due.id = a.id
        returning a.seq, a.seal
    )
    select head.n + 1, clock_timestamp(), min(seq), max(seq), sha256(string_agg(seal, ''::bytea order by seq)) into batch
      from sealed;
    if batch.first_seq is null then
        return 0;
    end if;
    batch.chain := audit_chain_digest(head.chain, batch);
    insert into audit_batch select batch.*;
    update audit_head set n = batch.n, seq = batch.last_seq, chain = batch.chain;
    return batch.last_seq - batch.first_seq + 1;
end $$;

create function audit_sums(out entries bigint, out unsealed bigint, out erased bigint, out chain text)
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    select count(*), count(*) filter (where a.seq is null) into entries, unsealed from audit a;
    select count(*) into erased from audit_value where before is null and after is null;
    select encode(h.chain, 'hex') into chain from audit_head h;
end $$;

-- The first entry that is not what was written, and why; computed from the rows alone.
create function audit_broken(out id bigint, out at timestamptz, out actor name, out action text, out object text, out why text)
    returns setof record
    language sql stable security definer set search_path = public, pg_temp as $$
    with value_sum as (
        select v.audit_id, sha256(string_agg(v.digest, ''::bytea order by v.row_id)) as digest,
               bool_or((v.before is not null or v.after is not null)
                       and v.digest <> audit_value_digest(v.row_id, v.contact_id, v.salt, v.before, v.after)) as changed
          from audit_value v group by v.audit_id
    ), insert_sum as (
        select i.audit_id, sha256(string_agg(audit_insert_digest(i), ''::bytea order by i.n)) as digest, sum(i.rows) as rows
          from audit_insert i group by i.audit_id
    ), entry as (
        select a as entry, a.*, lag(a.seq, 1, 0::bigint) over (order by a.seq) as seq_before,
               coalesce(v.digest, i.digest) as beside, coalesce(v.changed, false) as changed
          from audit a left join value_sum v on v.audit_id = a.id left join insert_sum i on i.audit_id = a.id
    ), batch as (
        select b as batch, b.*, lag(b.n, 1, 0::bigint) over w as n_before, lag(b.last_seq, 1, 0::bigint) over w as seq_before,
               lag(b.chain, 1, sha256('adresar')) over w as chain_before
          from audit_batch b window w as (order by b.n)
    ), batch_sum as (
        select b.n, count(a.seq) as entries, sha256(coalesce(string_agg(a.seal, ''::bytea order by a.seq), '')) as digest,
               max(a.seq) as last_seq
          from audit_batch b left join audit a on a.seq between b.first_seq and b.last_seq group by b.n
    ), judged as (
        select 0 as part, e.seq, e.id,
               case when e.seq <> e.seq_before + 1 then 'entries before it are missing'
                    when e.seal <> audit_seal_digest(e.entry, e.seq) then 'it is not what was written'
                    when e.changed then 'its values are not what was written'
                    when e.action in ('INSERT', 'UPDATE', 'DELETE', 'IMPORT') and e.beside is distinct from e.digest
                    then 'values of it are missing, or were added' end as why
          from entry e
        union all
        -- with the last entry that is there of the batch, or before it
        select 1, coalesce(s.last_seq, b.first_seq), l.id,
               case when s.entries < b.last_seq - b.first_seq + 1 then 'entries after it are missing'
                    when b.n <> b.n_before + 1 or b.first_seq <> b.seq_before + 1 then 'a batch before it is missing'
                    when s.digest <> b.digest then format('entries %s to %s of the chain are not those that were sealed',
                                                          b.first_seq, b.last_seq)
                    when b.chain <> audit_chain_digest(b.chain_before, b.batch) then 'its batch is not what was written' end
          from batch b join batch_sum s on s.n = b.n
          left join lateral (select a.id from audit a where a.seq <= b.last_seq order by a.seq desc limit 1) l on true
        union all
        select 2, h.seq, l.id, case when l.seq > h.seq then 'it was added' else 'entries after it are missing' end
          from audit_head h
          left join lateral (select a.id, a.seq from audit a where a.seq is not null order by a.seq desc limit 1) l on true
          left join lateral (select b.n, b.chain from audit_batch b order by b.n desc limit 1) b on true
         where (h.n, h.seq, h.chain) is distinct from (coalesce(b.n, 0), coalesce(l.seq, 0),
                                                       coalesce(b.chain, sha256('adresar')))
    )
    select j.id, a.at, a.actor, a.action, a.object, j.why
      from judged j left join audit a on a.id = j.id
     where j.why is not null order by j.seq, j.part limit 1
$$;
-- The columns that a table had when it had so many, as a row of r.
create function audit_row_text(t regclass, width integer, r text) returns text
    language sql stable set search_path = public, pg_temp as $$
    select 'row(' || string_agg(format('%s.%I', r, attname), ', ' order by attnum) || ')::text'
      from pg_attribute where attrelid = t and attnum between 1 and width and not attisdropped
$$;

-- What the lines of one width say of a table, and what its rows and the values before their first change say now.  An item is
-- a row of a line; unknown: a line that has a value which an erasure emptied.
create function audit_differs_inserted(t regclass, object name, width integer)
    returns table (audit_id bigint, first_id bigint, last_id bigint, why text)
    language plpgsql stable set search_path = public, pg_temp as $$
begin
    return query execute format($statement$
    with line as materialized (
        select * from audit_insert i where i.object = %2$L and i.width = %3$s and i.salt is not null
    ), item as materialized (
        select l.audit_id, l.n, x.id from line l, unnest(l.ids) r, generate_series(lower(r), upper(r) - 1) x (id)
    ), first as (
        select distinct on (i.audit_id, i.n, i.id) i.audit_id, i.n, i.id, v.before
          from item i join audit_value v on v.row_id = i.id and v.audit_id > i.audit_id
          join audit a on a.id = v.audit_id and a.object = %2$L
         order by i.audit_id, i.n, i.id, v.audit_id
    ), was as (
        select i.audit_id, i.n, i.id, f.id is not null and f.before is null as unknown,
               case when f.id is null then case when r.id is not null then %4$s end
                    when f.before is not null
                    then (select %5$s from jsonb_populate_record(null::%1$s, f.before) b) end as text
          from item i left join first f using (audit_id, n, id) left join %1$s r on r.id = i.id
    ), part as (
        select w.audit_id, w.n, min(w.id) as first, max(w.id) as last, bool_or(w.unknown) as unknown,
               min(w.id) filter (where w.text is null) as gone,
               string_agg(sha256(convert_to(w.text, 'UTF8')), ''::bytea order by w.id) as hashes
          from was w group by w.audit_id, w.n
    )
    select l.audit_id, coalesce(p.gone, p.first), coalesce(p.gone, p.last),
           case when p.gone is null then 'changed' else 'gone' end
      from line l join part p using (audit_id, n)
     where not p.unknown and (p.gone is not null or sha256(uuid_send(l.salt) || p.hashes) <> l.digest)
    $statement$, t, object, width, audit_row_text(t, width, 'r'), audit_row_text(t, width, 'b'));
end $$;

-- Rows that are not what the last change of them left, and rows that no entry knows.
create function audit_differs_changed(t regclass, object name)
    returns table (audit_id bigint, first_id bigint, last_id bigint, why text)
    language plpgsql stable set search_path = public, pg_temp as $$
begin
    return query execute format($statement$
    with last as materialized (
        select distinct on (v.row_id) v.row_id, v.audit_id, v.after, a.action
          from audit a join audit_value v on v.audit_id = a.id where a.object = %2$L order by v.row_id, v.audit_id desc
    ), known as materialized (
        select range_agg(r) as ids from audit_insert i, unnest(i.ids) r where i.object = %2$L
    )
    select l.audit_id, l.row_id, l.row_id, case when r.id is null then 'gone' else 'changed' end
      from last l left join %1$s r on r.id = l.row_id
     where l.after is not null
       and case when r.id is null then true else jsonb_populate_record(r, l.after)::text <> r::text end
    union all
    select l.audit_id, l.row_id, l.row_id, 'back'
      from last l join %1$s r on r.id = l.row_id
     where l.action = 'DELETE'
       and not exists (select from audit_insert i where i.object = %2$L and i.audit_id > l.audit_id and i.ids @> l.row_id)
    union all
    select null, r.id, r.id, 'unknown' from %1$s r, known k where k.ids @> r.id::bigint is not true
    $statement$, t, object);
end $$;

-- Where the tables are not what the log says was written: an entry, its table, from which row to which, and how.  Of tables
-- whose every change is audited; what was emptied by an erasure is not computed again.
create function audit_differs(out id bigint, out at timestamptz, out actor name, out action text, out object text,
                              out first_id bigint, out last_id bigint, out why text) returns setof record
    language plpgsql stable security definer set search_path = public, pg_temp
    set timezone = 'UTC' set datestyle = 'ISO, YMD' set intervalstyle = 'postgres' set bytea_output = 'hex'
    set extra_float_digits = 1 set enable_nestloop = off set work_mem = '64MB' set jit = off as $$
#variable_conflict use_column
declare
    t record;
begin
    for t in select c.oid::regclass as name, c.relname
               from pg_trigger g join pg_class c on c.oid = g.tgrelid
              where g.tgname = 'audit_update' and g.tgqual is null and c.relnamespace = 'public'::regnamespace
              order by c.relname loop
        return query
        select d.audit_id, a.at, a.actor, a.action, t.relname::text, d.first_id, d.last_id, d.why
          from (select i.* from (select distinct width from audit_insert where object = t.relname) w,
                       lateral audit_differs_inserted(t.name, t.relname, w.width) i
                union all
                select c.* from audit_differs_changed(t.name, t.relname) c) d
          left join audit a on a.id = d.audit_id
         order by d.audit_id, d.first_id;
    end loop;
end $$;
grant execute on function audit_seal(), audit_sums(), audit_broken(), audit_differs()
    to adresar_office, adresar_deliver, adresar_fetch, adresar_report;

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and tg_level = 'ROW' then
        if old.seq is null and (new.id, new.at, new.actor, new.action, new.object, new.rows, new.digest)
                               = (old.id, old.at, old.actor, old.action, old.object, old.rows, old.digest) then
            return new;
        end if;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'AD001';
end $$;
create trigger audit_is_append_only before update or delete on audit
    for each row execute function audit_is_append_only();
create trigger audit_is_not_emptied before truncate on audit
    for each statement execute function audit_is_append_only();
create trigger audit_batch_is_append_only before update or delete or truncate on audit_batch
    for each statement execute function audit_is_append_only();

-- Values are emptied by an erasure, and never otherwise changed.
create function audit_value_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and tg_table_name = 'audit_value' then
        if new.before is null and new.after is null and (new.audit_id, new.row_id, new.salt, new.digest)
           = (old.audit_id, old.row_id, old.salt, old.digest) and new.contact_id is not distinct from old.contact_id then
            return new;
        end if;
    elsif tg_op = 'UPDATE' then
        if new.salt is null and (new.audit_id, new.n, new.object, new.rows, new.ids, new.width, new.digest)
                                = (old.audit_id, old.n, old.object, old.rows, old.ids, old.width, old.digest) then
            return new;
        end if;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'AD001';
end $$;
create trigger audit_value_is_kept before update or delete on audit_value
    for each row execute function audit_value_is_kept();
create trigger audit_value_is_not_emptied before truncate on audit_value
    for each statement execute function audit_value_is_kept();

create trigger audit_insert_is_kept before update or delete on audit_insert
    for each row execute function audit_value_is_kept();
create trigger audit_insert_is_not_emptied before truncate on audit_insert
    for each statement execute function audit_value_is_kept();

create procedure audit_table(t regclass, condition text default '') language plpgsql as $$
begin
    execute format('create trigger audit_insert after insert on %s referencing new table as new_rows
                    for each statement %s execute function audit_statement()', t, condition);
    execute format('create trigger audit_update after update on %s referencing old table as old_rows new table as new_rows
                    for each statement %s execute function audit_statement()', t, condition);
    execute format('create trigger audit_delete after delete on %s referencing old table as old_rows
                    for each statement %s execute function audit_statement()', t, condition);
end $$;

call audit_table('department');
call audit_table('staff');
call audit_table('staff_department');

grant select on department, staff, staff_department, staff_right
    to adresar_office, adresar_report, adresar_deliver, adresar_fetch;
grant select on audit, audit_value, audit_insert, audit_batch, audit_head to adresar_office;
