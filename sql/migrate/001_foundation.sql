-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Departments, staff, the audit log.
-- The roles adresar_owner, adresar_deliver, adresar_fetch, adresar_report and adresar_office belong to the cluster and
-- are made by `adresar db init`; this runs as adresar_owner.

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
    role          text not null check (role in ('clerk', 'head', 'admin')),
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

-- The audit log: one entry a statement, the values before and after beside it.  An erasure empties the values; the
-- digests, and so the chain, stay.  The chain is made at commit, under a lock that is held only then.
create table audit (
    id     bigint primary key generated always as identity,
    at     timestamptz not null default clock_timestamp(),
    actor  name not null default session_user,
    action text not null check (action in ('INSERT', 'UPDATE', 'DELETE')),
    object text not null,
    rows   integer not null,
    digest bytea not null, -- over the digests of the values, in the order of their ids
    seq    bigint unique,  -- order of the chain
    chain  bytea
);

create table audit_value (
    audit_id bigint not null references audit deferrable initially deferred,
    row_id   bigint not null,
    salt     uuid not null default gen_random_uuid(),
    before   jsonb,
    after    jsonb,
    digest   bytea not null,
    primary key (audit_id, row_id)
);
create index on audit_value (row_id);

create table audit_head (
    one   boolean primary key default true check (one),
    seq   bigint not null,
    chain bytea not null
);
insert into audit_head (seq, chain) values (0, sha256('adresar'));

create function audit_values(entry bigint, befores jsonb[], afters jsonb[]) returns bytea
    language sql security definer set search_path = public, pg_temp as $$
    with v as (
        select (coalesce(a, b)->>'id')::bigint as row_id, gen_random_uuid() as salt, b, a
          from unnest(befores, afters) as u(b, a)
    ), written as (
        insert into audit_value (audit_id, row_id, salt, before, after, digest)
        select entry, row_id, salt, b, a,
               sha256(convert_to(concat_ws('|', row_id, salt, b::text, a::text), 'UTF8'))
          from v
        returning row_id, digest
    )
    select sha256(coalesce(string_agg(digest, ''::bytea order by row_id), ''::bytea)) from written
$$;

-- New rows stand in the tables themselves, and their first change keeps what they were: an insert records only how
-- many there were, and a digest of their ids.
create function audit_statement() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    entry bigint := nextval(pg_get_serial_sequence('audit', 'id'));
    n     integer;
    sum   bytea;
begin
    if tg_op = 'INSERT' then
        select count(*), sha256(convert_to(coalesce(string_agg(id::text, ','), ''), 'UTF8')) into n, sum from new_rows;
    elsif tg_op = 'UPDATE' then
        select count(*) into n from new_rows;
    else
        select count(*) into n from old_rows;
    end if;
    if n = 0 then
        return null;
    end if;
    if tg_op = 'UPDATE' then
        sum := audit_values(entry, array(select to_jsonb(o) from old_rows o order by o.id),
                            array(select to_jsonb(w) from new_rows w order by w.id));
    elsif tg_op = 'DELETE' then
        sum := audit_values(entry, array(select to_jsonb(o) from old_rows o order by o.id),
                            array(select null::jsonb from old_rows));
    end if;
    insert into audit (id, action, object, rows, digest) overriding system value
    values (entry, tg_op, tg_table_name, n, sum);
    return null;
end $$;

create function audit_chain() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head audit_head;
begin
    select * into head from audit_head for update;
    head.seq := head.seq + 1;
    head.chain := sha256(head.chain || convert_to(concat_ws('|', head.seq, new.id, extract(epoch from new.at), new.actor,
                                                            new.action, new.object, new.rows), 'UTF8') || new.digest);
    update audit_head set seq = head.seq, chain = head.chain;
    update audit set seq = head.seq, chain = head.chain where id = new.id;
    return null;
end $$;
create constraint trigger audit_chain after insert on audit
    deferrable initially deferred for each row execute function audit_chain();

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.chain is null and new.chain is not null and old.digest = new.digest then
        return new;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'AD001';
end $$;
create trigger audit_is_append_only before update or delete on audit
    for each row execute function audit_is_append_only();
create trigger audit_is_not_emptied before truncate on audit
    for each statement execute function audit_is_append_only();

-- Values are emptied by an erasure, and never otherwise changed.
create function audit_value_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.before is null and new.after is null
       and (new.audit_id, new.row_id, new.salt, new.digest) = (old.audit_id, old.row_id, old.salt, old.digest) then
        return new;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'AD001';
end $$;
create trigger audit_value_is_kept before update or delete on audit_value
    for each row execute function audit_value_is_kept();
create trigger audit_value_is_not_emptied before truncate on audit_value
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

grant select on department, staff, staff_department, audit to adresar_office, adresar_report, adresar_deliver, adresar_fetch;
grant select on audit_value, audit_head to adresar_office;
