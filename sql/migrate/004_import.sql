-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What an import adds to contacts that were there before and changes of them, so that it can be undone; how far the ids
-- had come when it ended, so that what came later is told apart; and how a list was read, so that the next of its shape
-- is read the same way.

alter table import
    add column policy text not null default 'fill' check (policy in ('skip', 'fill', 'update')),
    add column last_ids jsonb;

-- Rows of a spreadsheet are numbered sheet by sheet.
alter table import_row
    add column sheet text,
    drop constraint import_row_import_id_row_key,
    add unique nulls not distinct (import_id, sheet, row);

create table import_addition (
    id        bigint primary key generated always as identity,
    import_id bigint not null references import on delete cascade,
    object    text not null check (object in ('address', 'phone', 'postal_address', 'contact_category',
                                              'contact_department', 'contact_detail', 'contact_note', 'contact_tag')),
    object_id bigint not null,
    unique (object, object_id)
);
create index on import_addition (import_id);

create table import_change (
    id         bigint primary key generated always as identity,
    import_id  bigint not null references import on delete cascade,
    contact_id bigint not null references contact on delete cascade,
    object     text not null check (object in ('contact', 'contact_name', 'postal_address', 'contact_detail')),
    object_id  bigint not null,
    field      text not null,
    before     text,
    after      text not null
);
create index on import_change (import_id);
create index on import_change (contact_id);

-- Each change with what stands there now; null: it is gone.
create view import_change_state with (security_invoker = true) as
select i.*,
       case i.object
           when 'contact' then
               (select case i.field when 'salutation' then c.salutation when 'gender' then c.gender when 'title' then c.title
                                    when 'precedence' then c.precedence
                                    when 'languages' then array_to_string(c.languages, ',')
                                    when 'organisation' then c.organisation_id::text
                                    when 'owner' then (select f.login::text from staff f where f.id = c.owner_id) end
                  from contact c where c.id = i.object_id)
           when 'contact_name' then
               (select case i.field when 'name' then n.name when 'fold' then n.fold when 'near' then n.near end
                  from contact_name n where n.id = i.object_id)
           when 'postal_address' then
               (select case i.field when 'address' then p.lines when 'city' then p.city when 'country' then p.country end
                  from postal_address p where p.id = i.object_id)
           else (select d.value from contact_detail d where d.id = i.object_id)
       end as now_is
  from import_change i;

-- A store that an import fills from empty is planned for as if it still were: what reads it before the commit (the search
-- for duplicates, the cards) takes ten times as long.  Only the owner analyzes.
create function import_analyze() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    analyze contact, contact_name, address, phone, postal_address, post, term, contact_category, contact_detail, contact_note;
end $$;
grant execute on function import_analyze() to adresar_office;

create table import_mapping (
    shape         text not null check (shape ~ '^[0-9a-f]{64}$'), -- crm/listhead.h
    department_id integer not null references department,
    mapping       text not null,
    used_at       timestamptz not null default now(),
    used_by       name not null default session_user,
    primary key (shape, department_id)
);

grant select, insert, update, delete on import_addition, import_change, import_mapping to adresar_office;
grant select on import_change_state to adresar_office;
-- an import numbers its contacts before it writes them
grant usage on sequence contact_id_seq, post_id_seq to adresar_office;
