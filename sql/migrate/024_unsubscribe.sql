-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Off a list by a token; receipts; what test messages found out.

-- Whether its letters ask for a receipt; as the rest of the mailing, that does not change.
alter table mailing add column receipt boolean not null default false;
create function mailing_receipt_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    raise exception 'mailing % is prepared: whether it asks for a receipt does not change', old.id using errcode = 'AD001';
end $$;
create trigger mailing_receipt_guard before update on mailing
    for each row when (new.receipt <> old.receipt) execute function mailing_receipt_guard();

-- What somebody says by a token that was in their letter (mail/unsubscribe.h): whoever brings it need not have the right to
-- change contacts, and can do nothing else by it.  The outcomes are those of mail/unsubscribe.c.
-- A mail's date is believed if it is of the last month: by it the newest word counts, and its second has passed.
create function consent_unsubscribe(who bigint, which bigint, how text, said_at timestamptz, evidence bigint, token text)
    returns table (outcome text, contact_id bigint, list text)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    l mail_list;
    c contact;
    stands boolean; -- the newest word
begin
    if session_user not in ('adresar_fetch', 'adresar_web') and rights_in('write') = '{}' then
        raise exception 'permission denied' using errcode = '42501';
    end if;
    select * into l from mail_list where id = which;
    list := l.slug;
    loop
        select * into c from contact where id = who for no key update;
        contact_id := c.id;
        exit when c.id is null or c.merged_into is null;
        who := c.merged_into;
    end loop;
    outcome := case when l.id is null or c.id is null then 'nowhere'
                    when exists (select from erased e where e.contact_id = c.id) then 'erased'
                    when l.official then 'official' end;
    if outcome is not null then
        return next;
        return;
    end if;
    if (select w.given from consent w where w.contact_id = c.id and (w.list_id = l.id or w.list_id is null)
         order by w.at desc, w.id desc limit 1) is false then
        outcome := 'before';
        return next;
        return;
    end if;
    insert into consent (contact_id, list_id, given, at, how, form, message_id)
    values (c.id, l.id, false,
            case when said_at between now() - interval '1 month' and now() then least(said_at + interval '0.999999 s', now())
                 else now() end,
            how, 'token ' || token, evidence);
    stands := (select w.given from consent w where w.contact_id = c.id and (w.list_id = l.id or w.list_id is null)
                order by w.at desc, w.id desc limit 1);
    outcome := case when stands then 'outdated' else 'done' end;
    return next;
end $$;
grant execute on function consent_unsubscribe(bigint, bigint, text, timestamptz, bigint, text)
    to adresar_fetch, adresar_office, adresar_web;

-- What test messages found out (mail/probe.h): whether letters of the account arrive as they are sent, and from which address
-- the world gets them.
create table mail_probe (
    id            bigint primary key generated always as identity,
    account       text not null, -- [smtp NAME]
    at            timestamptz not null default now(),
    by            name not null default actor(),
    ok            boolean not null,
    received_from inet,
    report        jsonb not null
);
create index on mail_probe (account, at);
call audit_table('mail_probe');
grant select, insert (account, ok, received_from, report) on mail_probe to adresar_office;
grant select on mail_probe to adresar_deliver, adresar_report;
call rights_begin('mail_probe');
create policy office_sees on mail_probe for select to adresar_office using ((select in_house()));
create policy office_adds on mail_probe for insert to adresar_office with check ((select rights_in('write')) <> '{}');
