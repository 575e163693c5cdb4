-- SPDX-License-Identifier: AGPL-3.0-or-later
-- On what ground somebody is written to, and who said so: lawful basis and purpose by list, with proof (Regulation (EU)
-- 2016/679, and Law 06/L-082 of Kosovo, articles 5 to 7); opt-outs; erasure and retention.

-- What somebody said, each time a row; the newest counts.  list_id null: all bulk mail.
create table consent (
    id          bigint primary key generated always as identity,
    contact_id  bigint not null references contact, -- who said something is erased, never just deleted
    list_id     integer references mail_list,
    given       boolean not null, -- false: withdrawn, or objected to (art. 7(3), 21)
    at          timestamptz not null default now(), -- when they said it
    how         text not null check (how in ('form', 'letter', 'mail', 'phone', 'in-person', 'web', 'list')),
    form        text not null default '', -- which form, its version; the words
    message_id  bigint references message,
    recorded_at timestamptz not null default now(),
    recorded_by name not null default actor(),
    check (at <= recorded_at + interval '1 day'),
    check (not given or list_id is not null) -- nobody consents to everything
);
create index on consent (contact_id, at, id); -- the newest of each without a sort

-- Who asked to be forgotten; and digests of their addresses, so that a list that comes in later does not bring them back
-- unseen.  The digests are salted with a secret of the store that nobody reads but its own functions.
create table erased (
    id         bigint primary key generated always as identity,
    contact_id bigint not null,
    at         timestamptz not null default now(),
    by         name not null default actor(),
    why        text not null check (why <> '')
);
create table erased_address (
    digest    bytea primary key,
    erased_id bigint not null references erased
);
create table erased_salt (
    one  boolean primary key default true check (one),
    salt uuid not null default gen_random_uuid()
);
insert into erased_salt default values;

-- Which of the addresses (in small letters) are those of people who were erased.
create function addresses_erased(keys text[]) returns setof text
    language sql stable security definer set search_path = public, pg_temp as $$
    select k from unnest(keys) k
     where exists (select from erased_address)
       and sha256(convert_to((select salt from erased_salt) || k, 'UTF8')) in (select digest from erased_address)
$$;
create function address_is_erased(key text) returns boolean language sql stable set search_path = public, pg_temp as $$
    select exists (select from addresses_erased(array[key]))
$$;

-- Why the contact must not be written to on the list; null: nothing is in the way.  A word for a list said later
-- outdoes one for all bulk mail.  Without a search path of its own it becomes a part of the statement that asks of many.
create function consent_word(who bigint, list integer) returns table (why text) language sql stable as $$
    select case when l.official then null
                when not c.given then 'opted out of ' || case when c.list_id is null then 'all bulk mail' else l.slug end
                                      || ' on ' || c.at::date
                when c.given is null and l.basis = 'consent' then 'has not consented to ' || l.slug
           end
      from mail_list l
      left join lateral (select given, at, list_id from consent
                          where contact_id = who and (list_id = list or list_id is null)
                          order by at desc, id desc limit 1) c on true
     where l.id = list
$$;
create function consent_forbids(who bigint, list integer) returns text
    language sql stable set search_path = public, pg_temp as $$
    select why from consent_word(who, list)
$$;

-- How long what is kept: `months` after the last that happened with a contact of that category (null: any) and kind.
create table retention_rule (
    id          integer primary key generated always as identity,
    category_id integer references category,
    kind        text check (kind in ('person', 'organisation')), -- null: both
    months      integer not null check (months between 1 and 1200),
    why         text not null check (why <> ''), -- the law or the rule of the house
    created     timestamptz not null default now(),
    created_by  name not null default actor()
);

-- Who is due under the rules: first a report, then, by a second person, the erasure of those on it that still are.
create table retention_report (
    id        bigint primary key generated always as identity,
    at        timestamptz not null default now(),
    by        name not null default actor(),
    done_at   timestamptz,
    done_by   name,
    constraint four_eyes check (done_by <> by),
    check ((done_at is null) = (done_by is null))
);
create table retention_item (
    id         bigint primary key generated always as identity,
    report_id  bigint not null references retention_report on delete cascade,
    contact_id bigint not null,
    rule_id    integer not null references retention_rule,
    last_at    timestamptz not null,
    erased     boolean,
    unique (report_id, contact_id)
);

call audit_table('consent');
call audit_table('erased');
call audit_table('retention_rule');
call audit_table('retention_report');

grant select on consent, retention_rule, retention_report, retention_item to adresar_office;
grant insert (contact_id, list_id, given, at, how, form, message_id) on consent to adresar_office;
grant insert on retention_rule to adresar_office;
grant delete on retention_rule to adresar_office;
grant insert, update (erased) on retention_item to adresar_office;
grant insert (id) on retention_report to adresar_office;
grant update (done_at, done_by) on retention_report to adresar_office;
grant select on consent, mail_list to adresar_deliver, adresar_report, adresar_fetch;
grant select on erased to adresar_deliver, adresar_office;
grant execute on function consent_word(bigint, integer), consent_forbids(bigint, integer), address_is_erased(text), addresses_erased(text[])
    to adresar_office, adresar_deliver, adresar_report;
grant usage on sequence retention_report_id_seq to adresar_office;

-- Whether the office's own erasure runs: a definer's function, never a person's statement.
create function erasing() returns boolean language sql stable set search_path = public, pg_temp as $$
    select current_user = 'adresar_owner' and session_user <> 'adresar_owner'
$$;
grant execute on function erasing() to public;

-- Everything that is known of a contact goes; its number stays, so that what the office must keep still has one: the
-- ledger and the letters of official lists as they are, of all other mail that it was sent and what became of it.
create function contact_erase(who bigint, reason text) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    c contact;
    bulk bigint[]; -- letters that are not official
    mail bigint[]; -- what was written in them, and to us
    threads bigint[]; -- that hold nothing else
    answers bigint[]; -- of those in whose place it came
begin
    select * into c from contact where id = who for update;
    if not found then
        raise exception 'there is no contact %', who using errcode = 'AD002';
    end if;
    if not exists ( -- who keeps it, or the one that it was merged into
        with recursive up as (
            select department_id, merged_into from contact where id = who
            union all
            select s.department_id, s.merged_into from up join contact s on s.id = up.merged_into
        ) select from up where department_id = any (rights_in('erase'))) then
        raise exception 'contact % is erased by the head of the department that keeps it, or an administrator', who
            using errcode = '42501';
    end if;
    if exists (select from outbox where contact_id = who and state in ('submitting', 'unknown')) then
        raise exception 'a letter to contact % is under way or its outcome unknown: erase it when that is settled', who
            using errcode = 'AD001';
    end if;
    if c.kind = 'organisation' and (exists (select from contact where organisation_id = who)
                                    or exists (select from post where organisation_id = who)) then
        raise exception 'organisation % has people or posts: erase the people, and set its state to dissolved', who
            using errcode = 'AD001';
    end if;
    with e as (
        insert into erased (contact_id, why) values (who, reason) returning id
    )
    insert into erased_address (digest, erased_id)
    select distinct on (1) sha256(convert_to((select salt from erased_salt) || email_key, 'UTF8')), e.id
      from e, address where contact_id = who
    on conflict do nothing;

    delete from outbox_queue where outbox_id in (select id from outbox where contact_id = who);
    update outbox set state = 'cancelled', reason = 'contact erased', worker_id = null
     where contact_id = who and state in ('held', 'queued', 'deferred');
    -- not official: what was said goes, what became of it stays
    select coalesce(array_agg(o.id), '{}') into bulk
      from outbox o join mailing m on m.id = o.mailing_id
      join mail_list l on l.id = coalesce(m.list_id, (select id from mail_list where slug = m.kind))
     where o.contact_id = who and not l.official;
    -- a mail of ours to several is the others' as long as one of them is there
    update message m set contact_id = x.contact_id
      from (select distinct on (x.message_id) x.message_id, x.contact_id
              from message_recipient x
             where x.contact_id <> who and not exists (select from erased e where e.contact_id = x.contact_id)
             order by x.message_id, x.id) x
     where m.contact_id = who and m.outbox_id is null and x.message_id = m.id;
    delete from message_recipient r
     where contact_id = who
       and exists (select from message m where m.id = r.message_id and m.contact_id is not null
                      and not exists (select from erased e where e.contact_id = m.contact_id));
    select array_agg(id) into mail
      from (select message_id as id from outbox where id = any (bulk)
            union
            select id from message where direction = 'in' and outbox_id = any (bulk)
            union
            select id from message where contact_id = who and (outbox_id is null or outbox_id = any (bulk))
            union
            select message_id from message_recipient where contact_id = who) m;
    delete from message_chunk where message_id = any (mail);
    delete from mailing_attachment where outbox_id = any (bulk);
    delete from message_recipient where contact_id = who;
    update message set from_address = null, from_name = null, subject = '', facts = null, reply_text = null,
           people = null, refers_to = null, proposal = null, evidence = null,
           why = case when state = 'decide' then 'contact erased' end, contact_id = coalesce(contact_id, who)
     where id = any (mail);
    update outbox set email = 'erased', name = 'erased', view = '{}', reply = null, address_id = null,
           settled_evidence = case when settled_evidence is not null then (
               select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(settled_evidence)
                where key in ('message', 'reason', 'rule', 'hard', 'again', 'forwarded', 'by')) end
     where id = any (bulk);
    update outbox_attempt set address = 'erased', reply = null where outbox_id = any (bulk);
    update paper_letter set letter = '{}' where outbox_id = any (bulk);
    threads := array(select distinct thread_id from message m
                      where id = any (mail) and thread_id is not null
                        and not exists (select from message o where o.thread_id = m.thread_id and o.subject <> ''));
    threads := array(select id from thread where id = any (threads) or joined_into = any (threads));
    update thread set subject = '' where id = any (threads);
    update answer set evidence = '{}', instead = null where contact_id = who;
    select array_agg(id) into answers from answer where instead_id = who;
    update answer set instead = null, instead_id = null where id = any (answers);

    -- one that another has since it was merged may have been replaced by one of these
    update address a set replaced_by = null
      from address mine where mine.contact_id = who and a.replaced_by = mine.id and a.contact_id <> who;
    delete from address where contact_id = who;
    delete from phone where contact_id = who;
    delete from postal_address where contact_id = who;
    delete from contact_note where contact_id = who;
    delete from contact_tag where contact_id = who;
    delete from contact_detail where contact_id = who;
    delete from contact_category where contact_id = who;
    delete from consent where contact_id = who;
    delete from term where holder_id = who;
    delete from contact_name where contact_id = who;
    insert into contact_name (contact_id, name, main, fold, near)
    select who, n, true, lower(n), lower(n) from (values ('Erased contact ' || who)) v (n);
    update contact set state = 'archived', salutation = null, salutation_language = null, title = null,
           in_office_since = null, rank = null, gender = null, precedence = null, languages = '{}',
           organisation_id = null, owner_id = null
     where id = who;
    delete from import_change where contact_id = who;
    update import_row set reason = '' where contact_id = who and class <> 'refused';
    -- those that were merged into it; and no merge is taken apart any more
    perform contact_erase(id, reason) from contact where merged_into = who;
    update contact_merge_row set value = null
     where value is not null and merge_id in (select id from contact_merge where who in (survivor_id, loser_id));
    update contact_merge set survivor = '{}', loser = '{}', taken = '{}', undone_at = coalesce(undone_at, now()),
                             undone_by = coalesce(undone_by, actor())
     where who in (survivor_id, loser_id);
    delete from duplicate where who in (a, b);
    delete from duplicate_key where contact_id = who;
    perform audit_forget(who), audit_forget_rows('message', mail), audit_forget_rows('thread', threads),
            audit_forget_rows('answer', answers);
end $$;
grant execute on function contact_erase(bigint, text) to adresar_office;

-- The salts of the lines that brought these rows in.
create function audit_forget_salts(what text, ids bigint[]) returns void
    language plpgsql set search_path = public, pg_temp set enable_seqscan = off set jit = off as $$
begin
    update audit_insert i set salt = null
      from unnest(audit_forget_salts.ids) r where i.ids @> r and i.object = what and i.salt is not null;
end $$;

-- The values of all entries about the contact and what belongs to it, and the salts of those that brought it in; the
-- entries and their digests stay.
create function audit_forget(who bigint) returns void
    language sql security definer set search_path = public, pg_temp as $$
    select audit_forget_salts(a.object, array_agg(distinct v.row_id))
      from audit_value v join audit a on a.id = v.audit_id where v.contact_id = who group by a.object;
    update audit_value set before = null, after = null
     where contact_id = who and (before is not null or after is not null);
    -- what was another's while both were merged
    update audit_value v set before = null, after = null
      from contact_merge m join contact_merge_row r on r.merge_id = m.id and r.what = 'moved' and r.value is null
      join audit a on a.object = r.object
     where m.loser_id = who and v.contact_id = m.survivor_id and v.row_id = r.row_id and v.audit_id = a.id
       and (v.before is not null or v.after is not null);
$$;

-- The same of rows that were nobody's, or another's, when somebody changed them.
create function audit_forget_rows(what text, ids bigint[]) returns void language sql set search_path = public, pg_temp as $$
    update audit_value v set before = null, after = null
      from audit a
     where a.id = v.audit_id and a.object = what and v.row_id = any (ids) and (v.before is not null or v.after is not null);
    select audit_forget_salts(what, audit_forget_rows.ids) where cardinality(audit_forget_rows.ids) > 0;
$$;

-- by which a name is found in the words of a meeting, for all that is kept about somebody
grant execute on function search_fold(text) to adresar_office;
