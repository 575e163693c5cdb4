-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What an import adds to contacts that were there before, so that it can be undone; and how far the ids had come when
-- it ended, so that what came later is told apart.

alter table import add column last_ids jsonb;

create table import_addition (
    id        bigint primary key generated always as identity,
    import_id bigint not null references import on delete cascade,
    object    text not null check (object in ('address', 'phone', 'postal_address', 'contact_category',
                                              'contact_department', 'contact_detail', 'contact_note')),
    object_id bigint not null,
    unique (object, object_id)
);
create index on import_addition (import_id);

grant select, insert, update, delete on import_addition to adresar_office;
-- an import numbers its contacts before it writes them
grant usage on sequence contact_id_seq, post_id_seq to adresar_office;
