-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- How far a mailbox was read, and what is to be read again.

alter table mailbox
    add sent     boolean not null default false, -- what its owner sent lies there
    add personal boolean not null default false, -- as it was read last
    add since    date,                           -- what came before was not read; null: all was
    add modseq   bigint not null default 0;      -- up to which it is known what has gone (RFC 7162); 0: nothing is

alter table message_place
    add gone_at timestamptz,                     -- the message lies there no more
    add tries   smallint not null default 1;     -- to fetch it

-- What could not be had, and is tried again; what a personal account keeps apart is not among it.
create index message_place_again on message_place (mailbox_id) where message_id is null and why not like 'personal:%';

-- Addresses that a contact got after a personal mailbox was read: mail from and to them is looked for again.
create table mailbox_look (
    mailbox_id integer not null references mailbox on delete cascade,
    address_id bigint not null references address on delete cascade,
    primary key (mailbox_id, address_id)
);
create index on mailbox_look (address_id);

create function mailbox_look_again() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into mailbox_look select b.id, a.id from new_rows a, mailbox b where b.personal;
    return null;
end $$;
create trigger mailbox_look_again after insert on address referencing new table as new_rows
    for each statement execute function mailbox_look_again();

grant select, delete on mailbox_look to adresar_fetch;
grant update (tries, seen_at, gone_at) on message_place to adresar_fetch;
