-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Files that go with letters or came with mail, and what the server of an account is known to take.

-- Each file once, by its content.
create table attachment (
    id     bigint primary key generated always as identity,
    sha256 bytea not null unique,
    size   integer not null,
    bytes  bytea not null
);
alter table attachment alter column bytes set storage external;

-- Written once, with the draft, and never changed; so the mailing's own entry in the log says who and when.
create table mailing_attachment (
    id            bigint primary key generated always as identity,
    mailing_id    bigint not null references mailing on delete cascade,
    attachment_id bigint not null references attachment,
    outbox_id     bigint references outbox on delete cascade, -- null: of every letter in these languages
    languages     text[] not null default '{}',
    name          text not null,
    type          text not null,
    content_id    text, -- a picture in the HTML
    check ((outbox_id is null) = (languages <> '{}'))
);
create index on mailing_attachment (mailing_id, id) where outbox_id is null;
create index on mailing_attachment (outbox_id) where outbox_id is not null;
create index on mailing_attachment (attachment_id);

-- The files in the mail that came in, too, whatever messages they lie in: a message is its chunks in their order, and one of
-- them may be a file, which stood there in base64.
alter table message_chunk
    add column attachment_id bigint references attachment,
    add column line smallint, -- characters a line of the base64; negative: its lines end with LF alone
    add check ((attachment_id is null) = (line is null)),
    add check (attachment_id is null or (bytes = '' and base_id is null));
create index on message_chunk (attachment_id) where attachment_id is not null;

-- The one way in.  A file that another department has sent already is only found by who has it.
create function mailing_attach(mailing bigint, recipient bigint, of_languages text[], file_name text, file_type text,
                               file_content_id text, file bytea) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform mailing_must_be_own_draft(mailing);
    if not exists (select from outbox where id = recipient and mailing_id = mailing) and recipient is not null then
        raise exception 'recipient % is not of mailing %', recipient, mailing using errcode = 'AD001';
    end if;
    insert into attachment (sha256, size, bytes) values (sha256(file), length(file), file) on conflict do nothing;
    insert into mailing_attachment (mailing_id, attachment_id, outbox_id, languages, name, type, content_id)
    select mailing, id, recipient, of_languages, file_name, file_type, file_content_id
      from attachment where sha256 = sha256(file);
end $$;
grant execute on function mailing_attach(bigint, bigint, text[], text, text, text, bytea) to adresar_office;

-- A file that no letter and no message has any more is forgotten.
create function attachment_forget() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from attachment a where a.id = old.attachment_id
       and not exists (select from mailing_attachment m where m.attachment_id = a.id)
       and not exists (select from message_chunk c where c.attachment_id = a.id);
    return null;
end $$;
create trigger attachment_forget after delete on mailing_attachment for each row execute function attachment_forget();
create trigger attachment_forget after delete on message_chunk
    for each row when (old.attachment_id is not null) execute function attachment_forget();

grant select on mailing_attachment, attachment to adresar_office, adresar_deliver;
grant select, insert, update (sha256) on attachment to adresar_fetch;
call rights_on('mailing_attachment',
               'outbox_id is null and (select in_house()) or exists (select from outbox o where o.id = outbox_id)', 'false');
call rights_on('attachment',
               'exists (select from mailing_attachment m where m.attachment_id = attachment.id)
                or exists (select from message_chunk c where c.attachment_id = attachment.id)', 'false');

-- What the account's server said in the last session.
create table smtp_server (
    account  text primary key, -- [smtp NAME]
    server   text not null,
    smtputf8 boolean not null,
    max_size bigint, -- bytes; null: it names no limit
    seen_at  timestamptz not null default now()
);
grant select on smtp_server to adresar_office;
grant select, insert, update on smtp_server to adresar_deliver;
call rights_on('smtp_server', '(select in_house())', 'false');

-- ---- which text a recipient gets (mail/choice.h)

alter table mailing
    add column bilingual boolean not null default false, -- each letter has both texts
    add column fallback text;                            -- the language for whom has none of the texts'
create function mailing_choice_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    perform mailing_must_be_own_draft(old.id);
    return new;
end $$;
create trigger mailing_choice_guard before update on mailing for each row
    when ((new.bilingual, new.fallback) is distinct from (old.bilingual, old.fallback))
    execute function mailing_choice_guard();
