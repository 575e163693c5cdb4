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

-- No row: not changed since it was made.  A table of its own, so that a change of a part is no change of the contact
-- (005_renew.sql).
create table contact_revision (
    contact_id bigint primary key references contact on delete cascade,
    at         timestamptz not null
);

-- Parts that come together with their contact are no change of it.
create function contact_revise(ids bigint[]) returns void
    language sql security definer set search_path = public, pg_temp as $$
    insert into contact_revision (contact_id, at)
    select id, now() from contact where id = any (ids) and created < now()
    on conflict (contact_id) do update set at = excluded.at
$$;

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
