-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Files in the mail that came in are kept once (attachment), whatever messages they lie in: a message is its chunks in
-- their order, and one of them may be a file, which stood there in base64.

alter table message_chunk
    add column attachment_id bigint references attachment,
    add column line smallint, -- characters a line of the base64; negative: its lines end with LF alone
    add check ((attachment_id is null) = (line is null)),
    add check (attachment_id is null or (bytes = '' and base_id is null));
create index on message_chunk (attachment_id) where attachment_id is not null;

-- A file that no letter and no message has any more is forgotten.
create or replace function attachment_forget() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from attachment a where a.id = old.attachment_id
       and not exists (select from mailing_attachment m where m.attachment_id = a.id)
       and not exists (select from message_chunk c where c.attachment_id = a.id);
    return null;
end $$;
create trigger attachment_forget after delete on message_chunk
    for each row when (old.attachment_id is not null) execute function attachment_forget();

grant select, insert, update (sha256) on attachment to adresar_fetch;
drop policy office_sees on attachment;
create policy office_sees on attachment for select to adresar_office
    using (exists (select from mailing_attachment m where m.attachment_id = attachment.id)
           or exists (select from message_chunk c where c.attachment_id = attachment.id));
