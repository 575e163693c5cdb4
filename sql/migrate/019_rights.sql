-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Row-level security: what each user sees and changes, whatever statement they write.  The rights by role are crm/right.def
-- (staff_right); the checks in C (crm/rights.h) say the same in words before this here refuses.
--
--     the whole house sees   names, organisation, posts, official addresses, categories, tags, who keeps a contact
--     who keeps or shares    notes, details, private addresses, history, correspondence; and changes any of it
--     who keeps              shares, hands over, removes
--
-- A right is looked up once a statement: `(select rights_in('see'))` stands alone and becomes a plan of its own.  What the
-- policies compare with plain `=` may still use an index below them; functions that could tell of rows (like, @@, %) may
-- not, unless they run in a function of the owner's that looks at the rights itself.

-- ---- one department asks another to share a contact

create table share_request (
    id            bigint primary key generated always as identity,
    contact_id    bigint not null references contact on delete cascade,
    department_id integer not null references department, -- that asks
    import_id     bigint references import,               -- whose list has the contact
    asked_by      name not null default actor(),
    asked_at      timestamptz not null default now(),
    granted       boolean, -- null: not decided yet
    decided_by    name,
    decided_at    timestamptz,
    check ((granted is null) = (decided_by is null) and (granted is null) = (decided_at is null))
);
create unique index share_request_open on share_request (contact_id, department_id) where granted is null;
create index on share_request (department_id);
create index on share_request (contact_id);
call audit_table('share_request');
grant select, insert (contact_id, department_id, import_id), delete on share_request to adresar_office;
grant update (granted, decided_by, decided_at) on share_request to adresar_office;
grant select on share_request to adresar_report;

-- The one door through which what is matched is found among contacts whose private parts one does not see: who is known
-- under an address (in small letters) or a phone (E.164), and which department is to be asked to share it.  `mine`: kept or
-- shared by a department in which the acting user may write.
create function contact_known(keys text[])
    returns table (key text, contact_id bigint, department_id integer, department text, mine boolean)
    language sql stable security definer set search_path = public, pg_temp as $$
    with found as (
        select a.email_key as key, a.contact_id from unnest(keys) k join address a on a.email_key = k
        union
        select p.e164, p.contact_id from unnest(keys) k join phone p on p.e164 = k
    )
    select f.key, c.id, c.department_id, d.slug,
           c.department_id = any ((select rights_in('write'))::integer[])
           or exists (select from contact_department s where s.contact_id = c.id
                         and s.department_id = any ((select rights_in('write'))::integer[]))
      from found f join contact c on c.id = f.contact_id join department d on d.id = c.department_id
     where (select in_house()) or session_user in ('adresar_deliver', 'adresar_fetch', 'adresar_report')
$$;
grant execute on function contact_known(text[]) to adresar_office, adresar_report;

-- What contacts were called before, as the fold of likely spellings: names were the whole house's to see, though their
-- histories are not.
create function contact_formerly() returns table (contact_id bigint, near text)
    language sql stable security definer set search_path = public, pg_temp as $$
    select distinct coalesce(c.merged_into, c.id), v.before->>'near'
      from audit_value v join contact c on c.id = v.contact_id
     where v.before ? 'near' and (select in_house())
       and not exists (select from contact_name n
                        where n.contact_id = coalesce(c.merged_into, c.id) and n.near = v.before->>'near')
$$;
grant execute on function contact_formerly() to adresar_office;

-- ---- policies

-- The daemons have the columns that their work needs (grant), of all rows.
create procedure rights_begin(t regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', t);
    execute format('create policy daemons on %s to adresar_deliver, adresar_fetch, adresar_report using (true)', t);
end $$;

-- A department in which the acting user has the right.
create function rights_there(right_name text, department text) returns text language sql immutable as $$
    select format('%s = any ((select rights_in(%L))::integer[])', department, right_name)
$$;

-- The same for a contact: of a department that keeps it or shares it.
create function rights_over(right_name text, contact text) returns text language sql immutable as $$
    select format('(exists (select from contact c where c.id = %1$s and %2$s)'
                  ' or exists (select from contact_department s where s.contact_id = %1$s and %3$s))',
                  contact, rights_there(right_name, 'c.department_id'), rights_there(right_name, 's.department_id'))
$$;

-- `seen`: what must hold of a row for one who sees it, `changed`: for one who changes it, before and after.
create procedure rights_on(t regclass, seen text, changed text) language plpgsql as $$
begin
    call rights_begin(t);
    execute format('create policy office_sees on %s for select to adresar_office using (%s)', t, seen);
    execute format('create policy office_adds on %s for insert to adresar_office with check (%s)', t, changed);
    execute format('create policy office_changes on %s for update to adresar_office using (%s)', t, changed);
    execute format('create policy office_removes on %s for delete to adresar_office using (%s)', t, changed);
end $$;

-- A table whose rows belong to a contact; `open`: those that the whole house sees.
create procedure rights_on_part(t regclass, open text, contact text default 'contact_id') language plpgsql as $$
declare
    id text := format('%s.%s', t, contact);
begin
    call rights_on(t, format('(select in_house()) and (%s) or %s', open, rights_over('see', id)), rights_over('write', id));
end $$;

-- the contact itself
call rights_begin('contact');
create policy office_sees on contact for select to adresar_office using ((select in_house()));
do $$
begin
    execute format('create policy office_adds on contact for insert to adresar_office with check (%s)',
                   rights_there('write', 'department_id'));
    execute format('create policy office_changes on contact for update to adresar_office
                    using (%s or exists (select from contact_department s where s.contact_id = contact.id and %s))
                    with check (true)',
                   rights_there('write', 'department_id'), rights_there('write', 's.department_id'));
    execute format('create policy office_removes on contact for delete to adresar_office using (%s)',
                   rights_there('write', 'department_id'));
end $$;

create function contact_guard() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    if row_security_active('contact') and not old.department_id = any (rights_in('hand_over')) then
        raise exception 'contact % is handed over by the head of the department that keeps it', old.id
            using errcode = '42501';
    end if;
    return new;
end $$;
create trigger contact_guard before update on contact
    for each row when (old.department_id <> new.department_id) execute function contact_guard();

call rights_on_part('contact_name', 'true');
call rights_on_part('contact_category', 'true');
call rights_on_part('contact_tag', 'true');
call rights_on_part('address', 'not private');
call rights_on_part('phone', 'not private');
call rights_on_part('postal_address', 'not private');
call rights_on_part('contact_note', 'false');
call rights_on_part('contact_detail', 'false');
create policy office_signs on contact_note as restrictive for insert to adresar_office
    with check (created_by = (select actor()));

-- Shared by who keeps it; given up also by who shares it.
do $$
declare
    keeper text := format('exists (select from contact c where c.id = contact_id and %s)',
                          rights_there('share', 'c.department_id'));
begin
    call rights_begin('contact_department');
    create policy office_sees on contact_department for select to adresar_office using ((select in_house()));
    execute format('create policy office_adds on contact_department for insert to adresar_office with check (%s)', keeper);
    execute format('create policy office_removes on contact_department for delete to adresar_office using (%s or %s)',
                   keeper, rights_there('write', 'department_id'));

    call rights_begin('share_request');
    execute format('create policy office_sees on share_request for select to adresar_office
                    using (%s or exists (select from contact c where c.id = contact_id and %s))',
                   rights_there('see', 'department_id'), rights_there('see', 'c.department_id'));
    execute format('create policy office_adds on share_request for insert to adresar_office
                    with check (%s and asked_by = (select actor()) and granted is null)',
                   rights_there('write', 'department_id'));
    execute format('create policy office_decides on share_request for update to adresar_office
                    using (granted is null and %1$s) with check (decided_by = (select actor()) and %1$s)', keeper);
    execute format('create policy office_removes on share_request for delete to adresar_office
                    using (granted is null and %s)', rights_there('write', 'department_id'));
end $$;

-- Posts are their organisation's, and of who brought them in; a term is the holder's, too.
do $$
declare
    of_post text := format('(%s or exists (select from import i where i.id = post.import_id and %s))',
                           rights_over('write', 'post.organisation_id'), rights_there('write', 'i.department_id'));
begin
    call rights_begin('post');
    create policy office_sees on post for select to adresar_office using ((select in_house()));
    create policy office_adds on post for insert to adresar_office with check ((select rights_in('write')) <> '{}');
    execute format('create policy office_changes on post for update to adresar_office using (%s)', of_post);
    execute format('create policy office_removes on post for delete to adresar_office using (%s)', of_post);
    call rights_on('post_name', '(select in_house())',
                   format('exists (select from post where post.id = post_id and %s)', of_post));
    call rights_on('term', '(select in_house())',
                   format('%s or exists (select from post p where p.id = post_id and %s)',
                          rights_over('write', 'term.holder_id'), rights_over('write', 'p.organisation_id')));
end $$;

-- That a list came in the whole house sees; its rows do who brought it, and those of a contact who keep that.
call rights_on('import', '(select in_house())', rights_there('write', 'department_id'));
do $$
declare
    of_import text := 'exists (select from import i where i.id = import_id and %s)';
begin
    call rights_on('import_row', format(of_import || ' or contact_id is not null and %s',
                                        rights_there('see', 'i.department_id'), rights_over('see', 'import_row.contact_id')),
                   format(of_import, rights_there('write', 'i.department_id')));
    call rights_on('import_addition', format(of_import, rights_there('see', 'i.department_id')),
                   format(of_import, rights_there('write', 'i.department_id')));
    call rights_on('import_change', format(of_import, rights_there('see', 'i.department_id')),
                   format(of_import, rights_there('write', 'i.department_id')));
end $$;
call rights_on('import_mapping', rights_there('see', 'department_id'), rights_there('write', 'department_id'));

-- Who must not be written to is everybody's business, and whoever hears it writes it down.
call rights_on('consent', '(select in_house())', '(select rights_in(''write'')) <> ''{}''');
call rights_on('mail_list', '(select in_house())', '(select rights_in(''write'')) <> ''{}''');
create policy office_adds_official on mail_list as restrictive for insert to adresar_office
    with check (not official or (select rights_in('hand_over')) <> '{}');
call rights_on('erased', '(select in_house())', 'false');
call rights_on('retention_rule', '(select in_house())', '(select rights_in(''erase'')) <> ''{}''');
call rights_on('retention_report', '(select in_house())', '(select rights_in(''erase'')) <> ''{}''');
create policy office_signs on retention_report as restrictive for update to adresar_office
    using (done_at is null) with check (done_by = (select actor()));
call rights_on('retention_item', '(select in_house())', '(select rights_in(''erase'')) <> ''{}''');

-- What it holds the whole house sees; operators of text search could not use its index below a condition.  The pages' role
-- sees it with a user alone.
call rights_begin('contact_facts');
create policy office_sees on contact_facts for select to adresar_office using (true);
create policy web_has_a_user on contact_facts as restrictive to adresar_web using ((select in_house()));

-- Two departments may have one party.  Whoever searches proposes among all contacts, of what the whole house sees; evidence
-- of details is for who sees both.  Who keeps or shares one of the two decides.
-- The keys are digests.  A merge is the survivor's.
do $$
declare
    of_merge text := 'exists (select from contact_merge m where m.id = merge_id and %s)';
begin
    call rights_on('duplicate', format('(select in_house()) and not closed or %s and %s',
                                       rights_over('see', 'duplicate.a'), rights_over('see', 'duplicate.b')),
                   format('state = ''proposed'' and (select rights_in(''write'')) <> ''{}'' or %s or %s',
                          rights_over('write', 'duplicate.a'), rights_over('write', 'duplicate.b')));
    call rights_on('duplicate_key', '(select in_house())', '(select rights_in(''write'')) <> ''{}''');
    call rights_on('contact_merge', rights_over('see', 'contact_merge.survivor_id'), 'false');
    call rights_on('contact_merge_row', format(of_merge, rights_over('see', 'm.survivor_id')), 'false');
end $$;

-- What was handed out, by number: the audit log has it, too.
call rights_begin('contact_export');
create policy office_sees on contact_export for select to adresar_office using ((select in_house()));
create policy office_adds on contact_export for insert to adresar_office
    with check (by = (select actor()) and (select rights_in('export')) <> '{}');

-- Questions are everybody's to ask; a trigger says who may change one.
call rights_on('segment', '(select in_house())', '(select rights_in(''write'')) <> ''{}''');

-- What takes place, and the mailings' heads and texts, the whole house sees; recipients and letters do not concern it.
call rights_on('event', '(select in_house())', rights_there('write', 'department_id'));
call rights_on('event_text', '(select in_house())',
               format('exists (select from event e where e.id = event_id and %s)',
                      rights_there('write', 'e.department_id')));
call rights_on('meeting', '(select in_house())', rights_there('write', 'department_id'));
call rights_on('mailing_text', '(select in_house())',
               format('exists (select from mailing m where m.id = mailing_id and %s)',
                      rights_there('write', 'm.department_id')));
do $$
begin
    call rights_begin('mailing');
    create policy office_sees on mailing for select to adresar_office using ((select in_house()));
    execute format('create policy office_adds on mailing for insert to adresar_office with check (%s)',
                   rights_there('write', 'department_id'));
    execute format('create policy office_changes on mailing for update to adresar_office using (%s or %s)
                    with check (released_by is distinct from (select actor()) or %2$s)',
                   rights_there('write', 'department_id'), rights_there('release', 'department_id'));
end $$;

-- Letters: the mailing's department, and those of the contact.
call rights_on('outbox',
               format('exists (select from mailing m where m.id = mailing_id and %s) or %s',
                      rights_there('see', 'm.department_id'), rights_over('see', 'outbox.contact_id')),
               format('exists (select from mailing m where m.id = mailing_id and (%s or %s))',
                      rights_there('write', 'm.department_id'), rights_there('release', 'm.department_id')));
call rights_on('outbox_queue',
               format('mailing_id in (select m.id from mailing m where %s)', rights_there('see', 'm.department_id')),
               format('mailing_id in (select m.id from mailing m where %s or %s)',
                      rights_there('write', 'm.department_id'), rights_there('release', 'm.department_id')));
call rights_on('outbox_attempt', 'exists (select from outbox o where o.id = outbox_id)', 'false');

-- A message that belongs to nobody yet is for all to look at, until somebody files it.
do $$
declare
    condition text := '%1$s <> ''{}'' and (message.contact_id is null and message.outbox_id is null
        or message.contact_id is not null and %2$s
        or exists (select from message_recipient x where x.message_id = message.id and %4$s)
        or exists (select from outbox o join mailing m on m.id = o.mailing_id where o.id = message.outbox_id and %3$s))';
begin
    call rights_on('message',
                   format(condition, '(select rights_in(''see''))', rights_over('see', 'message.contact_id'),
                          rights_there('see', 'm.department_id'), rights_over('see', 'x.contact_id')),
                   format(condition, '(select rights_in(''write''))', rights_over('write', 'message.contact_id'),
                          rights_there('write', 'm.department_id'), rights_over('write', 'x.contact_id')));
end $$;
call rights_on_part('message_recipient', 'false');

-- Who was written with, and when: what a person wrote, in or out (officials in their own mail clients too), or a calendar on
-- a person's word; the message's own contact, or one of its several recipients.  One sees it of the contacts whose history
-- one sees, and of those to whom a mailing of one's departments went.  The same through the policies of all these tables is
-- planned and asked in one and a half times the time, contact by contact.
do $$
declare
    by_a_person text := '(m.class is null or m.class in (''human'', ''calendar'', ''unsubscribe'', ''complaint'')
                          or m.class = ''own'' and m.direction = ''out'')';
begin
    execute format('create view contact_written with (security_barrier) as
        select m.contact_id, coalesce(m.date, m.received_at) as written_at
          from message m
         where m.contact_id is not null and %1$s
           and (%2$s or (select %4$s from outbox o join mailing a on a.id = o.mailing_id where o.id = m.outbox_id))
        union all
        select x.contact_id, coalesce(m.date, m.received_at)
          from message_recipient x join message m on m.id = x.message_id
         where %1$s and %3$s',
        by_a_person, rights_over('see', 'm.contact_id'), rights_over('see', 'x.contact_id'), rights_there('see', 'a.department_id'));
end $$;
grant select on contact_written to adresar_office, adresar_report;

call rights_on('message_chunk', 'exists (select from message m where m.id = message_id)', 'false');
call rights_on('message_base', '(select in_house())', 'false');
call rights_on('message_place',
               'case when message_id is null then (select in_house())
                     else exists (select from message m where m.id = message_id) end', 'false');
-- who makes a thread sees it before its first message is there
alter table thread add column created_by name not null default actor();
call rights_on('thread', 'created_by = (select actor())
                          or exists (select from message m where m.thread_id in (thread.id, thread.joined_into))',
               '(select rights_in(''write'')) <> ''{}''');
call rights_on('answer',
               format('exists (select from event e where e.id = event_id and %s) or %s',
                      rights_there('see', 'e.department_id'), rights_over('see', 'answer.contact_id')),
               format('exists (select from event e where e.id = event_id and %s) or %s',
                      rights_there('write', 'e.department_id'), rights_over('write', 'answer.contact_id')));

-- The log: of a contact's history, who sees the contact's other secrets; of all, who has the right; of their own deeds,
-- everybody.
do $$
begin
    call rights_on('audit_value', format('(select rights_in(''audit'')) <> ''{}'' or contact_id is not null and %s',
                                         rights_over('see', 'audit_value.contact_id')), 'false');
    call rights_on('audit', '(select rights_in(''audit'')) <> ''{}'' or actor = (select actor())
                             or exists (select from audit_value v where v.audit_id = audit.id)', 'false');
    call rights_on('audit_insert',
                   '(select rights_in(''audit'')) <> ''{}'' or exists (select from audit a where a.id = audit_id)', 'false');
end $$;

-- ---- the log in words (crm/audit.h), with the eyes of who asks

-- A value as people call it.
create function audit_said(field text, value text) returns text
    language plpgsql stable set search_path = public, pg_temp as $$
begin
    if field in ('contact_id', 'organisation_id', 'holder_id', 'merged_into') then
        return concat_ws(' ', value, (select name from contact_name where contact_id = value::bigint and main));
    elsif field = 'department_id' then
        return (select slug from department where id = value::integer);
    elsif field = 'category_id' then
        return (select slug from category where id = value::integer);
    elsif field in ('owner_id', 'staff_id') then
        return (select login from staff where id = value::integer);
    elsif field = 'post_id' then
        return (select name from post where id = value::bigint);
    elsif field = 'list_id' then
        return case value when '*' then value else (select slug from mail_list where id = value::integer) end;
    elsif field = 'event_id' then
        return (select min(name) from event_text where event_id = value::bigint);
    elsif field = 'mailing_id' then
        return (select name from mailing where id = value::bigint);
    elsif field = 'languages' then
        return (select string_agg(l, ', ') from jsonb_array_elements_text(value::jsonb) l);
    elsif value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' then
        return to_char(value::timestamptz, 'YYYY-MM-DD HH24:MI');
    end if;
    return value;
end $$;

-- What somebody said of no list is of all bulk mail: "*", as everywhere.
create function audit_worded(r jsonb) returns jsonb language sql immutable as $$
    select case when r ? 'given' and r->>'list_id' is null then r || '{"list_id": "*"}' else r end
$$;

-- What differs: [{"field", "from", "to"}]; of a row that is new or gone what it says.  Not what only the store needs.
create function audit_changes(before jsonb, after jsonb) returns jsonb
    language sql stable set search_path = public, pg_temp as $$
    select coalesce(jsonb_agg(jsonb_build_object('field', k, 'from', audit_said(k, before->>k), 'to', audit_said(k, after->>k))
                              order by k), '[]')
      from audit_worded($1) before, audit_worded($2) after, jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) k
     where before->k is distinct from after->k
       and k <> all ('{id,uid,created,created_by,import_id,fold,near,email_key,since,soft_count,evidence,xid,audit_id,last_ids,
                       sha256,state_at,next_try_at,view,worker_id,facts,identity,sequence,salt,recorded_at,recorded_by,
                       changed}')
       and (before is not null and after is not null
            or k = 'given'
            or k not in ('contact_id', 'holder_id')
               and coalesce(before->k, after->k) not in ('null', 'false', '""', '[]', '{}', '"(,)"'))
$$;

-- What an entry is about: the row that it made, as it stands now; null: not to be seen, or gone.
create function audit_row(object text, id bigint) returns jsonb
    language plpgsql stable set search_path = public, pg_temp as $$
declare
    r jsonb;
begin
    if has_table_privilege(to_regclass(quote_ident(object)), 'select') then
        execute format('select to_jsonb(t) from %I t where t.id = $1', object) into r using id;
    end if;
    return r;
end $$;
create function audit_row_contact(object text, r jsonb) returns bigint language sql immutable as $$
    select case object when 'contact' then r->>'id' when 'post' then r->>'organisation_id' when 'term' then r->>'holder_id'
                       else r->>'contact_id' end::bigint
$$;

-- Which rows were made of a contact, when and by whom, those that are gone too: what stands in them is for audit_row() and
-- audit_value to say.
create function contact_additions(contact bigint)
    returns table (audit_id bigint, at timestamptz, actor name, entry_object text, object text, row_id bigint)
    language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
    if not exists (select from contact c where c.id = contact
                      and (reads_all() or c.department_id = any (rights_in('see'))
                           or exists (select from contact_department s
                                       where s.contact_id = c.id and s.department_id = any (rights_in('see'))))) then
        return;
    end if;
    return query
    with made (object, id) as (
        select 'address', id from address where contact_id = contact
        union select 'answer', id from answer where contact_id = contact
        union select 'consent', id from consent where contact_id = contact
        union select 'contact_category', id from contact_category where contact_id = contact
        union select 'contact_department', id from contact_department where contact_id = contact
        union select 'contact_detail', id from contact_detail where contact_id = contact
        union select 'contact_name', id from contact_name where contact_id = contact
        union select 'contact_note', id from contact_note where contact_id = contact
        union select 'contact_tag', id from contact_tag where contact_id = contact
        union select 'phone', id from phone where contact_id = contact
        union select 'postal_address', id from postal_address where contact_id = contact
        union select 'share_request', id from share_request where contact_id = contact
        union select 'term', id from term where holder_id = contact
        union select a.object, v.row_id from audit_value v join audit a on a.id = v.audit_id
               where v.contact_id = contact and a.object not in ('contact', 'message', 'outbox')
    )
    select a.id, a.at, a.actor, a.object, m.object, m.id
      from made m join audit_insert i on i.object = m.object and i.ids @> m.id join audit a on a.id = i.audit_id;
end $$;
grant execute on function audit_said(text, text), audit_worded(jsonb), audit_changes(jsonb, jsonb), audit_row(text, bigint),
    audit_row_contact(text, jsonb), contact_additions(bigint) to adresar_office, adresar_report;
