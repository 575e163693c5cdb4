-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A contact that was merged into another is that one.
-- contact_resolve_id :maybe
with recursive step as (
    select id, merged_into from contact where id = $1
    union all
    select c.id, c.merged_into from step s join contact c on c.id = s.merged_into
)
select id from step where merged_into is null;

-- contact_resolve_address :many
select contact_id as id from address where email_key = $1 order by contact_id;

-- contact_erased :maybe
select at::date::text as day, why from erased where contact_id = $1 order by id desc limit 1;

-- contact_view :maybe
select jsonb_strip_nulls(jsonb_build_object(
           'id', c.id, 'kind', c.kind, 'state', c.state,
           'name', (select name from contact_name where contact_id = c.id and main),
           'names', (select coalesce(jsonb_agg(jsonb_build_object('language', language, 'name', name)
                                               order by main desc, id), '[]')
                       from contact_name where contact_id = c.id),
           'organisation_id', c.organisation_id,
           'organisation', (select name from contact_name where contact_id = c.organisation_id and main),
           'languages', to_jsonb(c.languages), 'salutation', c.salutation, 'gender', c.gender,
           'salutation_language', c.salutation_language, 'title', c.title, 'formality', nullif(c.formality, 'formal'),
           'rank', c.rank, 'in_office_since', c.in_office_since,
           'precedence', c.precedence, 'department', d.slug,
           'departments', (select coalesce(jsonb_agg(s.slug order by s.slug), '[]')
                             from contact_department cd join department s on s.id = cd.department_id
                            where cd.contact_id = c.id),
           'categories', (select coalesce(jsonb_agg(k.slug order by k.slug), '[]')
                            from contact_category ck join category k on k.id = ck.category_id
                           where ck.contact_id = c.id),
           'addresses', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                'id', id, 'email', email, 'state', state, 'private', nullif(private, false),
                                'failure', case when state in ('soft', 'held', 'dead')
                                                then coalesce(evidence->>'text', evidence->>'status', evidence->>'why') end,
                                'failed_at', case when state in ('soft', 'held', 'dead') then since end,
                                'replaced_by', (select r.email from address r where r.id = address.replaced_by)))
                                                   order by position, id), '[]')
                           from address where contact_id = c.id),
           'phones', (select coalesce(jsonb_agg(jsonb_build_object('typed', typed, 'e164', e164, 'private', nullif(private, false))
                                                order by position, id), '[]')
                        from phone where contact_id = c.id),
           'postal', (select coalesce(jsonb_agg(jsonb_build_object('lines', lines, 'postcode', postcode, 'city', city,
                                                                   'country', country, 'private', nullif(private, false))
                                                order by id), '[]')
                        from postal_address where contact_id = c.id),
           'posts', (select coalesce(jsonb_agg(jsonb_build_object(
                                'id', p.id, 'post', p.name, 'organisation_id', p.organisation_id,
                                'organisation', o.name, 'from', lower(t.during), 'to', upper(t.during))
                                order by t.id), '[]')
                       from term t join post p on p.id = t.post_id
                       join contact_name o on o.contact_id = p.organisation_id and o.main
                      where t.holder_id = c.id),
           'people', (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'name', n.name,
                                'post', (select p.name from term t join post p on p.id = t.post_id
                                          where t.holder_id = m.id and p.organisation_id = c.id
                                            and t.during @> current_date limit 1)) order by m.id), '[]')
                        from contact m join contact_name n on n.contact_id = m.id and n.main
                       where m.organisation_id = c.id),
           'details', (select coalesce(jsonb_object_agg(field, value), '{}')
                         from contact_detail where contact_id = c.id),
           'tags', (select coalesce(jsonb_agg(tag order by tag), '[]') from contact_tag where contact_id = c.id),
           'owner', (select login from staff where id = c.owner_id),
           'notes', (select coalesce(jsonb_agg(jsonb_build_object('note', note, 'by', created_by, 'at', created)
                                               order by id), '[]')
                       from contact_note where contact_id = c.id),
           'import', c.import_id, 'created', c.created, 'created_by', c.created_by))::text as view
  from contact c join department d on d.id = c.department_id
 where c.id = $1;

-- contact_kind :one
select kind from contact where id = $1;

-- contact_names :many
select contact_id, language, name, main from contact_name where contact_id = any ($1::bigint[])
 order by contact_id, main desc, id;

-- Of those that were merged into it, too.
-- contact_renew_terms :maybe
select contact_renew_terms() as renewed from contact_renewal where day < current_date;

-- What was changed of it, and what was written to it and by it.
-- contact_history :many
with recursive self as (
    select $1::bigint as id
    union
    select c.id from self s join contact c on c.merged_into = s.id
), mine as (
    select m.id from self s join message m on m.contact_id = s.id
    union
    select x.message_id from self s join message_recipient x on x.contact_id = s.id
), entry as (
    select a.at, a.id, v.row_id, a.actor::text as actor, a.action, a.object,
           (select jsonb_object_agg(key, value) from jsonb_each(v.before)
             where v.after is null or v.after->key is distinct from value)::text as before,
           (select jsonb_object_agg(key, value) from jsonb_each(v.after)
             where v.before->key is distinct from value)::text as after,
           audit_changes(v.before, v.after)::text as changes
      from self s join audit_value v on v.contact_id = s.id join audit a on a.id = v.audit_id
    union all
    select m.at, m.audit_id, m.row_id, m.actor::text, 'INSERT', m.object, null, x.row::text,
           (audit_changes(null, x.row) || case when m.entry_object like 'import %'
                then jsonb_build_array(jsonb_build_object('field', 'import_id', 'from', null, 'to', split_part(m.entry_object, ' ', 2)))
                else '[]' end)::text
      from self s cross join lateral contact_additions(s.id) m
      -- as it was before its first change, or is
     cross join lateral (select coalesce((select v.before from audit_value v join audit a on a.id = v.audit_id
                                           where v.row_id = m.row_id and v.audit_id > m.audit_id and a.object = m.object
                                           order by v.audit_id limit 1), audit_row(m.object, m.row_id)) as row) x
     where x.row is not null
    union all
    select coalesce(m.date, m.received_at), m.id, null, coalesce(m.from_address, ''),
           case m.direction when 'in' then 'RECEIVED' else 'SENT' end, 'message',
           null, jsonb_build_object('id', m.id, 'thread_id', m.thread_id, 'subject', m.subject)::text,
           jsonb_build_array(jsonb_build_object('field', 'message_id', 'from', null, 'to', m.id::text),
                             jsonb_build_object('field', 'subject', 'from', null, 'to', m.subject))::text
      from mine join message m using (id)
)
select at::text as at, actor, action, object, before, after, changes from entry
 where changes <> '[]' or before is not null or after is not null
 order by entry.at, id, object, row_id;

-- contact_made :one
select created::text as at, created_by as actor, import_id from contact where id = $1;

-- `using`: without it a new session looks up how each type sorts, which takes longer than the rows.
-- contact_find :many
select contact_id as id, name, organisation, address, found_by,
       case when exact then 1 when level < 5 then 2 else 3 end as grade,
       exists (select from contact_renewal where day < current_date) as stale
  from contact_search($1::text[], $2::text[], $3::integer)
 order by level using <, grade using <, fold using <, contact_id using <;

-- Who has the address.
-- contact_find_address :many
select c.id, n.name, o.name as organisation, a.email as address, 'a' as found_by, 1 as grade
  from address a join contact c on c.id = a.contact_id and c.merged_into is null
  join contact_name n on n.contact_id = c.id and n.main
  left join contact_name o on o.contact_id = c.organisation_id and o.main
 where a.email_key = $1
 order by n.fold, c.id
 limit $2;

-- Who has an address of which it is a part.
-- contact_find_address_part :many
select s.contact_id as id, s.name, s.organisation, f.email as address, 'a' as found_by, 2 as grade
  from contact_search($1::text[], '{}', $2::integer, 'an') s
  join lateral (select email from address where contact_id = s.contact_id and position($3 in email_key) > 0
                 order by position, id limit 1) f on true
 order by s.fold, s.contact_id;

-- contact_add :one
insert into contact (kind, department_id) values ($1, $2) returning id;

-- contact_share :none
insert into contact_department (contact_id, department_id)
select id, $2::integer from contact where id = $1 and department_id <> $2
on conflict do nothing;

-- contact_change :one
update contact
   set state = coalesce($2, state), salutation = case when $3::text is null then salutation else nullif($3, '') end,
       gender = coalesce($4, gender), precedence = coalesce($5, precedence), languages = coalesce($6::text[], languages),
       organisation_id = coalesce($7, organisation_id),
       owner_id = case when $8::text is null then owner_id else (select id from staff where login = $8) end
 where id = $1
returning id;

-- contact_organisation_of :maybe
select organisation_id from contact where id = $1 and organisation_id is not null;

-- contact_find_organisation :maybe
select c.id
  from contact_name n join contact c on c.id = n.contact_id
 where n.fold = $1 and c.kind = 'organisation' and c.merged_into is null
 order by c.state = 'active' desc, c.id
 limit 1;

-- contact_find_same :maybe
select a.contact_id as id
  from address a join contact_name n on n.contact_id = a.contact_id
 where a.email_key = $1 and n.fold = $2
 order by a.contact_id
 limit 1;

-- Of several in the language, which a merge may have brought, the first that is shown.
-- contact_name_change :none
update contact_name set name = $3, fold = $4, near = $5
 where id = (select id from contact_name
              where contact_id = $1 and case when $2::text is null then main else language = $2 end
              order by main desc, id limit 1);

-- contact_name_add :none
insert into contact_name (contact_id, language, name, fold, near, main)
values ($1, $2, $3, $4, $5, not exists (select from contact_name where contact_id = $1 and main));

-- contact_address_put_first :none
insert into address (contact_id, email, email_key, position)
select $1, $2, $3, coalesce(min(position), 2) - 1 from address where contact_id = $1
on conflict (contact_id, email_key) do update set position = excluded.position;

-- contact_phone_add :none
insert into phone (contact_id, e164, typed, position)
select $1, $2, $3, coalesce(max(position), 0) + 1 from phone where contact_id = $1
having not coalesce(bool_or(typed = $3 or e164 = $2), false)
on conflict do nothing;

-- The same words once.
-- contact_note_add :none
insert into contact_note (contact_id, note)
select $1, $2 where not exists (select from contact_note where contact_id = $1 and note = $2);

-- contact_tag_add :none
insert into contact_tag (contact_id, tag) select $1, unnest($2::text[]) on conflict do nothing;

-- contact_tag_remove :none
delete from contact_tag where contact_id = $1 and tag = any ($2::text[]);

-- contact_staff_find :maybe
select id from staff where login = $1 and disabled_at is null;

-- contact_category_list :many
select slug from category order by slug;

-- contact_category_add :none
insert into contact_category (contact_id, category_id)
select $1, id from category where slug = $2
on conflict (contact_id, category_id) do update set category_id = excluded.category_id;

-- contact_lock :none
select from contact where id = any ($1::bigint[]) order by id for update;

-- What a change makes besides is kept by the contact's department, or by that of whoever shares it.
-- contact_department_of :one
select c.merged_into, case when c.department_id = any (rights_in('write')) then c.department_id
            else coalesce((select department_id from staff where id = staff_acting()), c.department_id) end as department_id,
       c.kind
  from contact c where c.id = $1 for update;

-- contact_category_remove :none
delete from contact_category k using category c
 where k.contact_id = $1 and c.id = k.category_id and c.slug = $2;

-- contact_phone_remove :none
delete from phone where contact_id = $1 and (typed = $2 or e164 = $2 or e164 = $3);
