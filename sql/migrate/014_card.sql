-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a contact's card needs to be the same card for good (RFC 6350 6.7.6, 6.7.4): a UID that never changes, and when
-- the contact or a part of it last changed.  And what was handed out as a list, so that a list which comes back edited is
-- known, and it can be said who has taken which contacts out.

alter table contact add column uid uuid not null default gen_random_uuid();
create unique index on contact (uid);

create function contact_uid_is_kept() returns trigger language plpgsql as $$
begin
    raise exception 'the UID of a contact never changes' using errcode = 'AD001';
end $$;
create trigger contact_uid_is_kept before update on contact
    for each row when (new.uid is distinct from old.uid) execute function contact_uid_is_kept();

-- No row: not changed since it was made.  A table of its own, so that a change of a part is no change of the contact.
create table contact_revision (
    contact_id bigint primary key references contact on delete cascade,
    at         timestamptz not null
);

-- Arguments: the column that names the contact; 'members', when the people of an organisation show it too.  Parts that
-- come together with their contact are no change of it.
create function contact_is_changed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    touched text := case tg_op when 'DELETE' then 'old_rows' else 'new_rows' end;
begin
    execute format(
        'insert into contact_revision (contact_id, at)
         select c.id, now() from %1$I r join contact c on c.id = r.%2$I where c.created < now() %3$s
         on conflict (contact_id) do update set at = excluded.at', touched, tg_argv[0],
        case when tg_argv[1] = 'members' then format(
            'union select c.id, now() from %1$I r join contact c on c.organisation_id = r.%2$I where c.created < now()',
            touched, tg_argv[0]) else 'group by c.id' end);
    return null;
end $$;

create procedure contact_part(t regclass, owner text, members text default '') language plpgsql as $$
begin
    execute format('create trigger contact_is_changed_by_insert after insert on %s referencing new table as new_rows
                    for each statement execute function contact_is_changed(%L, %L)', t, owner, members);
    execute format('create trigger contact_is_changed_by_update after update on %s referencing new table as new_rows
                    for each statement execute function contact_is_changed(%L, %L)', t, owner, members);
    execute format('create trigger contact_is_changed_by_delete after delete on %s referencing old table as old_rows
                    for each statement execute function contact_is_changed(%L, %L)', t, owner, members);
end $$;
create trigger contact_is_changed_by_update after update on contact referencing new table as new_rows
    for each statement execute function contact_is_changed('id');
call contact_part('contact_name', 'contact_id', 'members');
call contact_part('address', 'contact_id');
call contact_part('phone', 'contact_id');
call contact_part('postal_address', 'contact_id');
call contact_part('term', 'holder_id');
call contact_part('contact_category', 'contact_id');
call contact_part('contact_tag', 'contact_id');
call contact_part('contact_note', 'contact_id');

create table contact_export (
    id       bigint primary key generated always as identity,
    question text not null default '', -- what was asked for; '': all
    form     text not null check (form in ('xlsx', 'csv', 'vcf')),
    contacts bigint[] not null,
    at       timestamptz not null default now(),
    by       name not null default actor()
);
create index on contact_export (at);

call audit_table('contact_export');

grant select, insert on contact_export to adresar_office;
grant select on contact_revision to adresar_office, adresar_report;
