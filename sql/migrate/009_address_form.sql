-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the form of address and the precedence need beside name, gender and post (crm/form.h, crm/precedence.h).

alter table contact
    add column formality text not null default 'formal' check (formality in ('formal', 'neutral', 'familiar')),
    add column salutation_language text, -- of the override; null: the one that its words tell
    add column rank smallint check (rank > 0), -- instead of the class's, the lowest first
    add column in_office_since date; -- instead of the term's begin: credentials presented, elected the first time

-- Instead of the class that the post's name tells (crm/form_class.def).
alter table post add column class text check (class ~ '^[a-z]+(-[a-z]+)*$');

-- How a post is called in other languages; post.name stays the one that lists and registers show.
create table post_name (
    id       bigint primary key generated always as identity,
    post_id  bigint not null references post on delete cascade,
    language text not null,
    name     text not null check (name <> ''),
    unique (post_id, language)
);
call audit_table('post_name');
grant select, insert, update, delete on post_name to adresar_office;
grant select on post_name to adresar_report, adresar_deliver, adresar_fetch;

alter table postal_address add column postcode text check (postcode <> '');
