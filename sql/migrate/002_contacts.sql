-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Contacts: persons and organisations, their names in several scripts, addresses, posts and terms; and the lists that
-- they came from.

create table import (
    id            bigint primary key generated always as identity,
    kind          text not null check (kind in ('contacts', 'meetings')),
    file_name     text not null,
    sha256        bytea not null,
    department_id integer not null references department,
    encoding      text not null,
    delimiter     text not null,
    ready         integer not null default 0,
    known         integer not null default 0,
    to_check      integer not null default 0,
    refused       integer not null default 0,
    imported_at   timestamptz not null default now(),
    imported_by   name not null default actor(),
    undone_at     timestamptz,
    undone_by     name,
    -- the transaction that imports, and the entry of the audit log that gathers what it inserts (import_guard)
    xid           xid8 not null default pg_current_xact_id(),
    audit_id      bigint not null default 0,
    check ((undone_at is null) = (undone_by is null))
);
create index on import (xid);

create function import_guard() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        new.xid := pg_current_xact_id();
        new.audit_id := nextval(pg_get_serial_sequence('audit', 'id'));
        new.imported_by := actor();
    elsif (new.xid, new.audit_id, new.imported_by) is distinct from (old.xid, old.audit_id, old.imported_by) then
        raise exception 'import %: by whom and in which transaction does not change', old.id using errcode = 'AD001';
    end if;
    return new;
end $$;
create trigger import_guard before insert or update on import for each row execute function import_guard();

-- At the end of its transaction an import becomes one entry of the audit log; what is inserted after that (the trigger can
-- be made to come early) makes entries of its own.
create function import_is_audited() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into audit (id, action, object, rows, digest) overriding system value
    select new.audit_id, 'IMPORT', 'import ' || new.id, sum(i.rows),
           sha256(string_agg(audit_insert_digest(i), ''::bytea order by i.n))
      from audit_insert i where i.audit_id = new.audit_id;
    return null;
end $$;
create constraint trigger import_is_audited after insert on import
    deferrable initially deferred for each row execute function import_is_audited();

create table contact (
    id              bigint primary key generated always as identity,
    kind            text not null check (kind in ('person', 'organisation')),
    state           text not null default 'active'
                    check (state in ('active', 'left', 'deceased', 'dissolved', 'archived')),
    organisation_id bigint references contact, -- where a person works, what an organisation is part of
    languages       text[] not null default '{}', -- BCP 47, in order of preference
    salutation      text check (salutation <> ''), -- free override of the form of address, no comma at its end
    gender          text check (gender in ('m', 'f')),
    title           text check (title <> ''), -- "Prof. Dr.", as typed; one that stands before the name counts too
    precedence      text, -- as the list has it
    department_id   integer not null references department, -- who keeps it
    owner_id        integer references staff, -- the person of the office whose relationship it is
    import_id       bigint references import,
    created         timestamptz not null default now(),
    created_by      name not null default actor(),
    check (organisation_id <> id)
);
create index on contact (organisation_id);
create index on contact (import_id);
create index on contact (owner_id) where owner_id is not null;

create table contact_name (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    language   text, -- null: of no language in particular
    name       text not null check (name <> ''),
    main       boolean not null default false,
    fold       text not null, -- blind to script, diacritics and case (base/unicode.h)
    near       text not null  -- and to the neighbours' spelling
);
create unique index contact_name_main on contact_name (contact_id) where main;
create index on contact_name (contact_id);
create index on contact_name (fold);
create index contact_name_near on contact_name (near) where near <> fold;

create table address (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    email      text not null check (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    email_key  text not null, -- lower case
    position   integer not null default 1,
    state      text not null default 'unverified'
               check (state in ('unverified', 'good', 'soft', 'held', 'dead', 'replaced')),
    soft_count integer not null default 0,
    since      timestamptz not null default now(),
    evidence   jsonb,
    private    boolean not null default false, -- for the departments that keep or share the contact alone
    replaced_by bigint references address,
    unique (contact_id, email_key),
    check (state in ('unverified', 'replaced') or evidence is not null),
    check (replaced_by is null or (state = 'replaced' and replaced_by <> id))
);
create index on address (email_key);
create index on address (replaced_by) where replaced_by is not null;

create table phone (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    e164       text check (e164 ~ '^\+[1-9][0-9]{5,14}$'),
    typed      text not null,
    private    boolean not null default false,
    position   integer not null default 1,
    unique (contact_id, e164) -- however it is written
);
create unique index on phone (contact_id, typed) where e164 is null;
create index on phone (contact_id);
create index on phone (e164);

create table postal_address (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    lines      text not null default '',
    city       text,
    country    text,
    private    boolean not null default false
);
create index on postal_address (contact_id);

-- A post is an office of an organisation; its holder is found through a term.  One post has one holder at a time.
create table post (
    id              bigint primary key generated always as identity,
    organisation_id bigint not null references contact on delete cascade,
    name            text not null check (name <> ''),
    language        text,
    import_id       bigint references import
);
create index on post (organisation_id);
create index on post (import_id);

create table term (
    id        bigint primary key generated always as identity,
    post_id   bigint not null references post on delete cascade,
    holder_id bigint not null references contact on delete cascade,
    during    daterange not null default daterange(null, null) check (not isempty(during)),
    exclude using gist (post_id with =, during with &&)
);
create index on term (holder_id);

create table category (
    id   integer primary key generated always as identity,
    slug text not null unique,
    name text not null -- English; the catalogue has the others
);
insert into category (slug, name) values
    ('ngo', 'NGO'), ('business', 'Business'), ('donor', 'Donor'), ('investor', 'Investor'),
    ('diaspora-club', 'Diaspora club'), ('partner-city', 'Partner city'), ('ministry', 'Ministry'), ('agency', 'Agency'),
    ('municipality', 'Municipality'), ('diplomatic-mission', 'Diplomatic mission'),
    ('international-organisation', 'International organisation'), ('media', 'Media'),
    ('village-council', 'Village council'), ('religious-community', 'Religious community'),
    ('education', 'Education'), ('culture', 'Culture'), ('sport', 'Sport'), ('public-enterprise', 'Public enterprise'),
    ('farmer', 'Farmer'), ('other', 'Other');

create table contact_category (
    id          bigint primary key generated always as identity,
    contact_id  bigint not null references contact on delete cascade,
    category_id integer not null references category,
    unique (contact_id, category_id)
);

create table contact_department (
    id            bigint primary key generated always as identity,
    contact_id    bigint not null references contact on delete cascade,
    department_id integer not null references department,
    unique (contact_id, department_id)
);

create table contact_tag (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    tag        text not null check (tag ~ '^[^[:space:],:"()]{1,64}$'), -- small letters: a word of the office's own
    unique (contact_id, tag)
);
create index on contact_tag (tag);

-- What somebody noted about a contact; for the departments that keep or share it.
create table contact_note (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    note       text not null check (note <> ''),
    created    timestamptz not null default now(),
    created_by name not null default actor()
);
create index on contact_note (contact_id);

-- What the lists know besides (number of workers, turnover, registration number ...), by the field's name.
create table contact_detail (
    id         bigint primary key generated always as identity,
    contact_id bigint not null references contact on delete cascade,
    field      text not null,
    value      text not null,
    unique (contact_id, field)
);

create table import_row (
    id         bigint primary key generated always as identity,
    import_id  bigint not null references import on delete cascade,
    row        integer not null, -- number of the record, the header being 1
    line       integer not null,
    class      text not null check (class in ('ready', 'known', 'check', 'refused')),
    reason     text not null default '',
    contact_id bigint references contact on delete set null,
    unique (import_id, row),
    check (class <> 'refused' or reason <> '')
);
create index on import_row (contact_id);

call audit_table('import');
call audit_table('contact');
call audit_table('contact_name');
call audit_table('address');
call audit_table('phone');
call audit_table('postal_address');
call audit_table('post');
call audit_table('term');
call audit_table('contact_category');
call audit_table('contact_department');
call audit_table('contact_tag');
call audit_table('contact_note');
call audit_table('contact_detail');

grant select, insert, update, delete on import, contact, contact_name, address, phone, postal_address, post, term,
    contact_category, contact_department, contact_tag, contact_note, contact_detail, import_row to adresar_office;
grant select on category to adresar_office, adresar_report;
grant select on import, contact, contact_name, address, phone, postal_address, post, term, contact_category,
    contact_department, contact_tag, contact_note, contact_detail, import_row to adresar_report;
grant select on contact, contact_name, address, post, term to adresar_deliver, adresar_fetch;
grant update (state, soft_count, since, evidence) on address to adresar_fetch;

-- Whether who asks has the right over the contact, through a department that keeps or shares it (crm/right.def); the
-- program's own roles do.
create function staff_may(wanted text, who bigint) returns boolean
    language sql stable security definer set search_path = public, pg_temp as $$
    select session_user in ('adresar_owner', 'adresar_deliver', 'adresar_fetch', 'adresar_report')
           or exists (select from contact c where c.id = who and c.department_id = any (rights_in(wanted)))
           or exists (select from contact_department d where d.contact_id = who and d.department_id = any (rights_in(wanted)))
$$;
grant execute on function staff_may(text, bigint) to adresar_office, adresar_report;
