-- SPDX-License-Identifier: AGPL-3.0-or-later
-- An import is a set of rows, never a row at a time: the rows are copied into import_stage with their keys (made in C),
-- every step looks at all of them, and the store is written by a dozen statements.  The temporary tables live for the
-- transaction.

-- One import at a time, with memory for whole tables.  Words go into their indexes a great many at a time.  Temporary
-- tables get their memory before the session's first one, or not at all.
-- import_lock :one
select pg_advisory_xact_lock(20261123) is null as locked, set_config('work_mem', '64MB', true),
       set_config('gin_pending_list_limit', '64MB', true), set_config('jit', 'off', true),
       case when pg_my_temp_schema() = 0 then set_config('temp_buffers', '128MB', true) end as temp_buffers;

-- import_add :one
insert into import (kind, file_name, sha256, department_id, encoding, delimiter, policy)
values ($1, $2, $3::bytea, $4, $5, $6, $7)
returning id;

-- The last time that the same bytes came in.
-- import_find_same :maybe
select id, to_char(imported_at, 'YYYY-MM-DD') as day
  from import
 where sha256 = $1::bytea and kind = 'contacts' and undone_at is null
 order by id desc
 limit 1;

-- ---- how lists are read

-- import_mapping_find :maybe
select mapping from import_mapping where shape = $1 and department_id = $2;

-- import_mapping_keep :none
insert into import_mapping (shape, department_id, mapping) values ($1, $2, $3)
on conflict (shape, department_id) do update set mapping = excluded.mapping, used_at = now(), used_by = session_user;

-- import_create_stage :none
create temporary table import_stage (
    row integer primary key, -- counts over all sheets
    sheet text, number integer not null, line integer not null, class text not null, reason text not null,
    kind text, -- of the main contact: it has the addresses
    name text, fold text, near text, name_language text, -- of the person
    org_name text, org_fold text, org_near text, org_language text,
    position text, salutation text, gender text, title text, precedence text, note text, languages text[], categories text[],
    lines text, city text, country text, private_address boolean,
    emails text[], email_keys text[], private_emails boolean[], phones text[], e164s text[], private_phones boolean[],
    fields text[], field_values text[],
    uid uuid,          -- of the contact that the row came from, where it is one of ours
    tags text[], owner text,
    initial text generated always as (left(near, 1) || ' ' || substring(near from '[^ ]+$')) stored,
    contact_id bigint, -- the main contact, once it is known
    same_as integer,   -- the earlier row that speaks of the same contact
    kept_by text,      -- the department that keeps it, where that does not share it with ours
    fresh boolean not null default false,
    skipped boolean not null default false, -- known, and nothing is written: by the policy, or because of who keeps it
    person_id bigint,  -- the person, where the main contact is the organisation
    person_fresh boolean not null default false
) on commit drop;

-- import_copy_stage :none
copy import_stage (row, sheet, number, line, class, reason, kind, name, fold, near, name_language, org_name, org_fold, org_near,
                   org_language, position, salutation, gender, title, precedence, note, languages, categories, lines, city, country,
                   private_address, emails, email_keys, private_emails, phones, e164s, private_phones, fields,
                   field_values, uid, tags, owner) from stdin;

-- import_analyze_stage :none
analyze import_stage (row, class, kind, fold, near, initial, org_fold, org_near);

-- import_analyze_fresh :none
analyze import_stage (fresh, contact_id, person_id);

-- import_create_email :none
create temporary table import_email on commit drop as
select s.row, e.n::integer as position, e.email, e.email_key, e.private
  from import_stage s, unnest(s.emails, s.email_keys, s.private_emails) with ordinality as e (email, email_key, private, n)
 where s.class <> 'refused';

-- import_analyze_email :none
analyze import_email;

-- Who holds one of the addresses, also where it is private and another department's.
-- import_create_holder :none
create temporary table import_holder on commit drop as
select key as email_key, contact_id from contact_known(array(select distinct email_key from import_email));

-- import_analyze_holder :none
analyze import_holder;

-- What those are called, their people, and where they work.
-- import_create_label :none
create temporary table import_label on commit drop as
with holder as (
    select distinct contact_id from import_holder
)
select u.*, left(u.near, 1) || ' ' || substring(u.near from '[^ ]+$') as initial
  from (select contact_id, 'own' as whose, near from holder join contact_name using (contact_id)
        union
        select h.contact_id, 'own', n.near
          from holder h join contact c on c.organisation_id = h.contact_id
          join contact_name n on n.contact_id = c.id
        union
        select h.contact_id, 'employer', n.near
          from holder h join contact c on c.id = h.contact_id
          join contact_name n on n.contact_id = c.organisation_id) u;

-- import_analyze_label :none
analyze import_label;

-- The words of the reasons, in the language of who imports.
-- import_create_word :none
create temporary table import_word (id text primary key, text text not null) on commit drop;

-- import_word_add :none
insert into import_word select * from unnest($1::text[], $2::text[]);

-- A category goes by its short name or its English one.
-- import_create_category :none
create temporary table import_category on commit drop as
select slug as word, id from category union select lower(name), id from category;

-- ---- which rows are known

-- A row that came from here is known, whatever it says by now, and its changes are not an import's.
-- import_match_uid :none
update import_stage s
   set uid = c.uid, contact_id = c.id, class = case when c.id is null then s.class else 'ready' end,
       categories = case when c.id is null then s.categories else '{}' end,
       reason = case when c.id is null then s.reason else format((select text from import_word where id = 'own-row'), c.id) end
  from import_stage r left join lateral (select k.uid, coalesce(k.merged_into, k.id) as id from contact k where k.uid = r.uid) c on true
 where r.row = s.row and r.uid is not null and r.class <> 'refused';

-- import_match_address :none
update import_stage s
   set contact_id = m.contact_id,
       reason = concat_ws('; ', format((select text from import_word where id = 'has-address'), m.contact_id), nullif(s.reason, ''))
  from (select distinct on (e.row) e.row, a.contact_id
          from import_email e join import_holder a using (email_key)
          join import_stage r on r.row = e.row
          join import_label l on l.contact_id = a.contact_id
         where l.whose = 'own' and (l.near in (r.near, r.org_near) or l.initial = r.initial)
            or l.whose = 'employer' and r.near is null and l.near = r.org_near
         order by e.row, e.position, a.contact_id) m
 where s.row = m.row and s.uid is null;

-- A row about an organisation whose address is known as a person's speaks of where that person works; of the person, where
-- that is not known.
-- import_match_employer :none
update import_stage s
   set contact_id = coalesce(c.organisation_id, c.id), kind = case when c.organisation_id is null then 'person' else s.kind end,
       person_id = case when s.near is not null then c.id end
  from contact c
 where c.id = s.contact_id and c.kind = 'person' and s.kind = 'organisation' and s.uid is null;

-- What contacts were called before; alike: a word of it is still in a name of theirs.
-- import_create_former :none
create temporary table import_former on commit drop as
select f.contact_id, f.near,
       exists (select from contact_name n, unnest(string_to_array(n.near, ' ')) w
                where n.contact_id = f.contact_id and length(w) > 2 and w = any (string_to_array(f.near, ' '))) as alike
  from contact_formerly() f;

-- import_analyze_former :none
analyze import_former;

-- An old list has the old name, and either the address or no address to tell by.  A name without a word of the one before
-- is perhaps another's at the same address: a person looks.
-- import_match_former :none
update import_stage s
   set contact_id = m.contact_id,
       reason = concat_ws('; ', format((select text from import_word where id = 'had-name'), m.contact_id), nullif(s.reason, ''))
  from (select r.row, min(c.id) as contact_id
          from import_former f join contact c on c.id = f.contact_id
          join import_stage r on r.kind = c.kind and f.near = case r.kind when 'person' then r.near else r.org_near end
         where f.alike and r.contact_id is null and r.uid is null and r.class <> 'refused'
           and case when cardinality(r.emails) = 0 or not exists (select from address where contact_id = c.id)
                    then r.kind = 'organisation'
                         or case when r.org_fold is null then c.organisation_id is null
                                 else exists (select from contact_name o
                                               where o.contact_id = c.organisation_id and o.fold = r.org_fold) end
                    else exists (select from import_email e join import_holder h using (email_key)
                                  where e.row = r.row and h.contact_id = c.id) end
         group by r.row) m
 where s.row = m.row;

-- import_match_row_address :none
update import_stage s
   set same_as = m.first
  from (select row, min(first) as first
          from (select e.row, least(
                       case when s.near is not null then min(e.row) over (partition by email_key, near) end,
                       case when s.near is not null then min(e.row) over (partition by email_key, initial) end,
                       case when s.near is null then min(e.row) over (partition by email_key, org_near)
                            else min(e.row) filter (where s.near is null) over (partition by email_key, org_near)
                        end) as first
                  from import_email e join import_stage s using (row)) w
         group by row) m
 where s.row = m.row and m.first < s.row and s.contact_id is null;

-- import_match_organisation :none
update import_stage s
   set contact_id = b.id,
       reason = concat_ws('; ', format((select text from import_word where id = 'has-name'), b.id), nullif(s.reason, ''))
  from (select n.fold, min(c.id) as id
          from contact_name n join contact c on c.id = n.contact_id and c.kind = 'organisation'
         where n.fold in (select org_fold from import_stage where kind = 'organisation')
         group by n.fold) b
 where s.kind = 'organisation' and s.org_fold = b.fold and s.contact_id is null and s.same_as is null
   and s.class <> 'refused'
   and (cardinality(s.emails) = 0 or not exists (select from address where contact_id = b.id));

-- import_match_person :none
update import_stage s
   set contact_id = b.id,
       reason = concat_ws('; ', format((select text from import_word where id = 'has-name'), b.id), nullif(s.reason, ''))
  from (select r.row, min(c.id) as id
          from import_stage r join contact_name n on n.fold = r.fold
          join contact c on c.id = n.contact_id and c.kind = 'person'
         where r.kind = 'person' and r.contact_id is null and r.same_as is null and r.class <> 'refused'
           and case when r.org_fold is null then c.organisation_id is null
                    else exists (select from contact_name o
                                  where o.contact_id = c.organisation_id and o.fold = r.org_fold) end
           and (cardinality(r.emails) = 0 or not exists (select from address where contact_id = c.id))
         group by r.row) b
 where s.row = b.row;

-- import_match_row_name :none
update import_stage s
   set same_as = f.row
  from (select row, min(row) over (partition by kind, case kind when 'person' then fold end, org_fold) as first
          from import_stage where class <> 'refused') w
  join import_stage f on f.row = w.first
 where s.row = w.row and w.first < w.row and s.contact_id is null and s.same_as is null
   and (cardinality(s.emails) = 0 or cardinality(f.emails) = 0);

-- Follows same_as one step further; run until nothing changes.
-- import_match_row_end :none
update import_stage s
   set same_as = f.same_as
  from import_stage f
 where f.row = s.same_as and f.same_as is not null;

-- ---- which rows want a look

-- import_flag_category :none
update import_stage s
   set class = 'check', reason = concat_ws('; ', nullif(s.reason, ''), format((select text from import_word where id = 'no-category'), u.word))
  from (select s.row, min(w) as word
          from import_stage s, unnest(s.categories) w
         where lower(w) not in (select word from import_category)
           and not exists (select from contact_tag where contact_id = s.contact_id and tag = lower(w))
         group by s.row) u
 where s.row = u.row and s.class <> 'refused';

-- The owner as the office writes the login; nobody, where it has none of the name.
-- import_find_owner :none
update import_stage s
   set owner = w.login, class = case when w.login is null and s.uid is null then 'check' else s.class end,
       reason = case when w.login is null and s.uid is null
                     then concat_ws('; ', nullif(s.reason, ''), format((select text from import_word where id = 'no-user'), s.owner))
                     else s.reason end
  from (select r.row, (select f.login::text from staff f where lower(f.login) = lower(r.owner) order by f.login <> r.owner limit 1) as login
          from import_stage r where r.owner is not null and r.class <> 'refused') w
 where w.row = s.row;

-- import_flag_address :none
update import_stage s
   set class = 'check', reason = concat_ws('; ', nullif(s.reason, ''),
                                           format((select text from import_word where id = 'address-of-contact'), m.email,
                                                  m.contact_id, m.name))
  from (select distinct on (e.row) e.row, e.email, a.contact_id, n.name
          from import_email e join import_holder a using (email_key)
          join import_stage r using (row)
          join contact_name n on n.contact_id = a.contact_id and n.main
         where r.same_as is null and r.uid is null
           and not exists (select from import_holder own where own.email_key = e.email_key and own.contact_id in (r.contact_id, r.person_id))
         order by e.row, e.position, a.contact_id) m
 where s.row = m.row;

-- import_flag_erased :none
update import_stage s
   set class = 'check', reason = concat_ws('; ', nullif(s.reason, ''),
                                           format((select text from import_word where id = 'erased'), m.email))
  from (select row, min(email) as email
          from import_email
         where email_key in (select addresses_erased(array(select distinct email_key from import_email)))
         group by row) m
 where s.row = m.row and s.class <> 'refused';

-- import_flag_row_address :none
update import_stage s
   set class = 'check', reason = concat_ws('; ', nullif(s.reason, ''),
                                           format((select text from import_word where id = 'address-of-row'), m.email, m.label))
  from (select distinct on (w.row) w.*, concat(f.sheet || '!', f.number) as label
          from (select row, position, email, min(row) over (partition by email_key) as first from import_email) w
          join import_stage f on f.row = w.first
         where w.first < w.row
         order by w.row, w.position) m
 where s.row = m.row and s.contact_id is null and s.same_as is null;

-- import_flag_name :none
update import_stage s
   set class = 'check', reason = concat_ws('; ', nullif(s.reason, ''),
                                           format((select text from import_word where id = 'name-of-contact'), m.id, m.name))
  from (select r.row, c.id, n.name
          from import_stage r
          cross join lateral (
              select min(c.id) as id
                from contact_name n join contact c on c.id = n.contact_id
               where n.near = case r.kind when 'person' then r.near else r.org_near end and c.kind = r.kind
                 and (r.kind = 'organisation' or r.org_near is null or c.organisation_id is null
                      or exists (select from contact_name o
                                  where o.contact_id = c.organisation_id and o.near = r.org_near))) c
          join contact_name n on n.contact_id = c.id and n.main
         where r.contact_id is null and r.same_as is null and r.class <> 'refused') m
 where s.row = m.row;

-- import_flag_row_name :none
update import_stage s
   set class = 'check', reason = concat_ws('; ', nullif(s.reason, ''),
                                           format((select text from import_word where id = 'name-of-row'),
                                                  concat(f.sheet || '!', f.number)))
  from (select row, min(row) over (partition by kind, case kind when 'person' then near end, org_near) as first
          from import_stage where class <> 'refused') m
  join import_stage f on f.row = m.first
 where s.row = m.row and m.first < m.row and s.contact_id is null and s.same_as is null;

-- ---- who is new

-- import_number_contacts :none
update import_stage
   set fresh = true, contact_id = nextval('contact_id_seq'),
       person_id = case when kind = 'organisation' and name is not null then nextval('contact_id_seq') end,
       person_fresh = kind = 'organisation' and name is not null
 where contact_id is null and same_as is null and class <> 'refused';

-- import_number_same :none
update import_stage s
   set contact_id = f.contact_id, reason = concat_ws('; ', format((select text from import_word where id = 'same-row'), concat(f.sheet || '!', f.number)), nullif(s.reason, ''))
  from import_stage f
 where f.row = s.same_as;

-- import_number_known :none
update import_stage set class = 'known' where class = 'ready' and not fresh;

-- To what another department keeps nothing is added: it is asked to share it (import_write_requests).
-- import_mark_kept :none
update import_stage s
   set kept_by = d.slug, skipped = true,
       reason = concat_ws('; ', nullif(s.reason, ''), format((select text from import_word where id = 'kept-by'), d.slug))
  from contact c join department d on d.id = c.department_id
 where c.id = s.contact_id and s.uid is null
   and not (c.department_id = any ((select rights_in('write'))::integer[])
            or exists (select from contact_department o where o.contact_id = c.id
                          and o.department_id = any ((select rights_in('write'))::integer[])));

-- import_skip_known :none
update import_stage set skipped = true where not fresh and contact_id is not null and ($1 = 'skip' or uid is not null);

-- Who is known stays as it is until the import is through, but for what was committed since it was matched: the differences
-- are to what stands there then.
-- import_lock_known :none
select from contact
 where id in (select unnest(array[contact_id, person_id]) from import_stage where class <> 'refused' and not skipped) order by id for update;

-- Whoever an organisation is merged into has its new people in vain.
-- import_lock_org :none
select from contact where id in (select id from import_org where not made) order by id for key share;

-- Who was merged or erased between the match and the lock.
-- import_find_gone :maybe
select c.id
  from contact c
 where c.id in (select unnest(array[contact_id, person_id]) from import_stage where class <> 'refused' and not skipped
                union select id from import_org where not made)
   and (c.merged_into is not null or exists (select from erased e where e.contact_id = c.id))
 limit 1;

-- Who speaks for an organisation that is known is one of its people, if one is called so or the one is the other's
-- initial and surname; or somebody new.
-- import_person_find :none
update import_stage s
   set person_id = p.id
  from (select r.row, min(c.id) as id
          from import_stage r join contact c on c.organisation_id = r.contact_id and c.kind = 'person'
          join contact_name n on n.contact_id = c.id
         where r.kind = 'organisation' and r.near is not null and not r.fresh and not r.skipped
           and (n.near = r.near or n.near = r.initial
                or r.near = r.initial and r.near = left(n.near, 1) || ' ' || substring(n.near from '[^ ]+$'))
         group by r.row) p
 where s.row = p.row;

-- import_person_find_row :none
update import_stage s
   set person_id = f.person_id
  from import_stage f
 where f.contact_id = s.contact_id and f.fresh and f.person_fresh and s.kind = 'organisation' and not s.fresh
   and (f.near = s.near or f.near = s.initial or s.near = s.initial and s.near = f.initial);

-- import_person_number :none
update import_stage s
   set person_id = nextval('contact_id_seq'), person_fresh = true
  from (select distinct on (contact_id, near) row
          from import_stage r
         where kind = 'organisation' and near is not null and person_id is null and contact_id is not null
           and not fresh and not skipped
           -- what the row's address led to may be the person
           and (exists (select from contact c where c.id = r.contact_id and c.kind = 'organisation')
                or exists (select from import_stage o where o.contact_id = r.contact_id and o.fresh and o.kind = 'organisation'))
         order by contact_id, near, row) f
 where f.row = s.row;

-- import_create_org :none
create temporary table import_org on commit drop as
select distinct on (org_fold) org_fold as fold, org_near as near, org_name as name, org_language as language,
       null::bigint as id, false as made
  from import_stage s
 where kind = 'person' and org_fold is not null
   and (fresh or not skipped and exists (select from contact c where c.id = s.contact_id and c.kind = 'person'
                                               and c.organisation_id is null))
 order by org_fold, row;

-- import_org_find :none
update import_org o
   set id = b.id
  from (select distinct on (n.fold) n.fold, c.id
          from contact_name n join contact c on c.id = n.contact_id and c.kind = 'organisation'
         where n.fold in (select fold from import_org)
         order by n.fold, c.state = 'active' desc, c.id) b
 where b.fold = o.fold;

-- import_org_find_row :none
update import_org o
   set id = s.contact_id
  from import_stage s
 where o.id is null and s.fresh and s.kind = 'organisation' and s.org_fold = o.fold;

-- import_org_number :none
update import_org set id = nextval('contact_id_seq'), made = true where id is null;

-- ---- the store

-- import_write_contacts :none
insert into contact (id, kind, organisation_id, languages, salutation, gender, title, precedence, owner_id, department_id, import_id)
overriding system value
select id, 'organisation', null, '{}', null, null, null, null, null::integer, $1::integer, $2::bigint from import_org where made
union all
select s.contact_id, s.kind, o.id, coalesce(s.languages, '{}'), s.salutation,
       case s.kind when 'person' then s.gender end, case s.kind when 'person' then s.title end, s.precedence,
       case when s.owner is not null then (select f.id from staff f where f.login = s.owner) end, $1, $2
  from import_stage s left join import_org o on s.kind = 'person' and o.fold = s.org_fold
 where s.fresh
union all
select person_id, 'person', contact_id, coalesce(languages, '{}'), null, gender, title, null, null, $1, $2
  from import_stage where person_fresh;

-- What differs in the contacts that are known: `before` null is missing, else it is another value and told by a policy of
-- updates only.  A name that is the same but for diacritics, or has an initial, is no better one.
-- import_create_diff :none
create temporary table import_diff on commit drop as
select distinct on (s.contact_id, f.object, f.object_id, f.field)
       s.row, s.contact_id, f.object, f.object_id, f.field, f.before, f.after
  from import_stage s
  join contact c on c.id = s.contact_id
  left join import_org o on s.kind = 'person' and o.fold = s.org_fold
 cross join lateral (
       values ('contact', c.id, 'salutation', c.salutation, s.salutation),
              ('contact', c.id, 'gender', c.gender, case when s.kind = 'person' and c.kind = s.kind then s.gender end),
              ('contact', c.id, 'title', c.title, case when s.kind = 'person' and c.kind = s.kind then s.title end),
              ('contact', c.id, 'precedence', c.precedence, s.precedence),
              ('contact', c.id, 'owner', (select f.login::text from staff f where f.id = c.owner_id), s.owner),
              ('contact', c.id, 'languages', nullif(array_to_string(c.languages, ','), ''),
               nullif(array_to_string(s.languages, ','), '')),
              ('contact', c.id, 'organisation', c.organisation_id::text,
               case when c.kind = 'person' and c.organisation_id is null and o.id <> c.id then o.id::text end)
       union all
       select 'contact_name', n.id, v.field, v.before, v.after
         from contact_name n,
              lateral (select case s.kind when 'person' then s.name else s.org_name end as name,
                              case s.kind when 'person' then s.fold else s.org_fold end as fold,
                              case s.kind when 'person' then s.near else s.org_near end as near,
                              case s.kind when 'person' then s.name_language else s.org_language end as language) l,
              lateral (values ('name', n.name, l.name), ('fold', n.fold, l.fold), ('near', n.near, l.near)) v (field, before, after)
        where c.kind = s.kind and n.contact_id = c.id and n.main and n.fold <> l.fold and n.language is not distinct from l.language
          and position('.' in l.name) = 0
          and not exists (select from import_former w where w.contact_id = c.id and w.near = l.near)
       union all
       select 'postal_address', p.id, v.field, v.before, v.after
         from (select * from postal_address where contact_id = c.id and private = s.private_address order by id limit 1) p,
              lateral (values ('address', nullif(p.lines, ''), s.lines), ('city', p.city, s.city),
                              ('country', p.country, s.country)) v (field, before, after)
       union all
       select 'contact_detail', d.id, d.field, d.value, x.value
         from contact_detail d join unnest(s.fields, s.field_values) x (field, value) using (field)
        where d.contact_id = c.id) f (object, object_id, field, before, after)
 where not s.fresh and not s.skipped and s.class <> 'refused' and f.after <> ''
   and f.after is distinct from f.before and (f.before is null or $1 = 'update')
 order by s.contact_id, f.object, f.object_id, f.field, s.row;

-- import_change_contacts :none
update contact c
   set salutation = coalesce(d.salutation, c.salutation), gender = coalesce(d.gender, c.gender),
       title = coalesce(d.title, c.title), precedence = coalesce(d.precedence, c.precedence),
       languages = coalesce(string_to_array(d.languages, ','), c.languages),
       organisation_id = coalesce(d.organisation, c.organisation_id),
       owner_id = coalesce((select f.id from staff f where f.login = d.owner), c.owner_id)
  from (select contact_id, max(after) filter (where field = 'salutation') as salutation,
               max(after) filter (where field = 'gender') as gender,
               max(after) filter (where field = 'title') as title,
               max(after) filter (where field = 'precedence') as precedence,
               max(after) filter (where field = 'owner') as owner,
               max(after) filter (where field = 'languages') as languages,
               max(after) filter (where field = 'organisation')::bigint as organisation
          from import_diff where object = 'contact' group by contact_id) d
 where c.id = d.contact_id;

-- import_change_names :none
update contact_name n
   set name = coalesce(d.name, n.name), fold = coalesce(d.fold, n.fold), near = coalesce(d.near, n.near)
  from (select object_id, max(after) filter (where field = 'name') as name, max(after) filter (where field = 'fold') as fold,
               max(after) filter (where field = 'near') as near
          from import_diff where object = 'contact_name' group by object_id) d
 where n.id = d.object_id;

-- import_change_postal :none
update postal_address p
   set lines = coalesce(d.lines, p.lines), city = coalesce(d.city, p.city), country = coalesce(d.country, p.country)
  from (select object_id, max(after) filter (where field = 'address') as lines,
               max(after) filter (where field = 'city') as city, max(after) filter (where field = 'country') as country
          from import_diff where object = 'postal_address' group by object_id) d
 where p.id = d.object_id;

-- import_change_details :none
update contact_detail t set value = d.after from import_diff d where d.object = 'contact_detail' and t.id = d.object_id;

-- import_write_changes :none
insert into import_change (import_id, contact_id, object, object_id, field, before, after)
select $1, contact_id, object, object_id, field, before, after from import_diff;

-- import_write_names :none
insert into contact_name (contact_id, language, name, fold, near, main)
select id, language, name, fold, near, true from import_org where made
union all
select contact_id, case kind when 'person' then name_language else org_language end,
       case kind when 'person' then name else org_name end, case kind when 'person' then fold else org_fold end,
       case kind when 'person' then near else org_near end, true
  from import_stage where fresh
union all
select person_id, name_language, name, fold, near, true from import_stage where person_fresh;

-- What one of the user's other departments keeps is shared with this one from now on.
-- import_write_departments :none
with added as (
    insert into contact_department (contact_id, department_id)
    select c.id, $1::integer
      from (select contact_id as id from import_stage where not skipped union select id from import_org
            union select person_id from import_stage where person_id is not null and not skipped) u
      join contact c using (id)
     where c.department_id <> $1 and c.import_id is distinct from $2::bigint
       and c.department_id = any ((select rights_in('share'))::integer[])
    on conflict do nothing
    returning id
)
insert into import_addition (import_id, object, object_id)
select $2, 'contact_department', id from added;

-- import_write_requests :none
insert into share_request (contact_id, department_id, import_id)
select distinct contact_id, $1::integer, $2::bigint from import_stage where kept_by is not null
on conflict do nothing;

-- import_write_addresses :none
with added as (
    insert into address (contact_id, email, email_key, position, private)
    select s.contact_id, e.email, e.email_key,
           e.position + case when s.fresh then 0
                             else coalesce((select max(a.position) from address a where a.contact_id = s.contact_id), 0)
                         end,
           e.private
      from import_email e join import_stage s using (row)
     where not s.skipped and (s.fresh or not exists (select from import_holder a where a.email_key = e.email_key))
     order by e.row, e.position
    on conflict do nothing
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'address', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- import_write_phones :none
with new_one as (
    select distinct on (s.contact_id, coalesce(p.e164, p.typed)) s.contact_id, p.typed, p.e164, s.row, p.n,
           p.private
      from import_stage s, unnest(s.phones, s.e164s, s.private_phones) with ordinality as p (typed, e164, private, n)
     where s.contact_id is not null and not s.skipped
       and (s.fresh or not exists (select from phone o where o.contact_id = s.contact_id
                                                         and coalesce(o.e164, o.typed) = coalesce(p.e164, p.typed)))
     order by s.contact_id, coalesce(p.e164, p.typed), p.private, s.row, p.n
), added as (
    insert into phone (contact_id, e164, typed, private, position)
    select contact_id, e164, typed, private, row_number() over (partition by contact_id order by row, n)
      from new_one
    on conflict do nothing
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'phone', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- import_write_postal :none
with added as (
    insert into postal_address (contact_id, lines, city, country, private)
    select distinct on (s.contact_id, s.private_address) s.contact_id, coalesce(s.lines, ''), s.city, s.country,
           s.private_address
      from import_stage s
     where s.contact_id is not null and not s.skipped and coalesce(s.lines, s.city) is not null
       and (s.fresh or not exists (select from postal_address p
                                    where p.contact_id = s.contact_id and p.private = s.private_address))
     order by s.contact_id, s.private_address, s.fresh desc, s.row
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'postal_address', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- import_write_categories :none
with added as (
    insert into contact_category (contact_id, category_id)
    select distinct s.contact_id, k.id
      from import_stage s, unnest(s.categories) w join import_category k on k.word = lower(w)
     where s.contact_id is not null and not s.skipped
    on conflict do nothing
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'contact_category', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- import_write_tags :none
with added as (
    insert into contact_tag (contact_id, tag)
    select distinct s.contact_id, w
      from import_stage s, unnest(s.tags) w
     where s.contact_id is not null and not s.skipped
    on conflict do nothing
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'contact_tag', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- import_write_notes :none
with added as (
    insert into contact_note (contact_id, note)
    select distinct s.contact_id, s.note
      from import_stage s
     where s.contact_id is not null and not s.skipped and s.note is not null
       and (s.fresh or not exists (select from contact_note n where n.contact_id = s.contact_id and n.note = s.note))
       -- of a card that came from here all notes are one
       and (s.fresh or position('; ' in s.note) = 0
            or s.note is distinct from (select string_agg(n.note, '; ' order by n.id) from contact_note n
                                         where n.contact_id = s.contact_id))
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'contact_note', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- import_write_details :none
with added as (
    insert into contact_detail (contact_id, field, value)
    select s.contact_id, f.field, f.value
      from import_stage s, unnest(s.fields, s.field_values) f (field, value)
     where s.contact_id is not null and not s.skipped
     order by s.row
    on conflict do nothing
    returning id, contact_id
)
insert into import_addition (import_id, object, object_id)
select $1, 'contact_detail', a.id
  from added a join contact c on c.id = a.contact_id
 where c.import_id is distinct from $1::bigint;

-- One post a holder: where a post of the name is taken, another one of the same name is made.
-- import_create_post :none
create temporary table import_post on commit drop as
select p.*, row_number() over (partition by org, name order by row) as nth, null::bigint as id, false as made
  from (select s.row, s.position as name, case s.kind when 'person' then o.id else s.contact_id end as org,
               case s.kind when 'person' then s.contact_id else s.person_id end as holder,
               case s.kind when 'person' then s.name_language else s.org_language end as language
          from import_stage s left join import_org o on s.kind = 'person' and o.fold = s.org_fold
         where (s.fresh or s.person_fresh) and s.position is not null) p
 where org is not null and holder is not null;

-- import_post_find :none
update import_post i
   set id = p.id
  from (select p.id, p.organisation_id, p.name, row_number() over (partition by p.organisation_id, p.name
                                                                   order by p.id) as nth
          from post p
         where p.organisation_id in (select org from import_post)
           and not exists (select from term t where t.post_id = p.id
                              and (upper(t.during) is null or upper(t.during) > current_date))) p
 where p.organisation_id = i.org and p.name = i.name and p.nth = i.nth;

-- import_post_number :none
update import_post set id = nextval('post_id_seq'), made = true where id is null;

-- import_write_posts :none
insert into post (id, organisation_id, name, language, import_id)
overriding system value
select id, org, name, language, $1 from import_post where made;

-- import_write_terms :none
insert into term (post_id, holder_id, during)
select i.id, i.holder,
       daterange(case when not made then (select max(upper(t.during)) from term t where t.post_id = i.id) end, null)
  from import_post i;

-- import_write_rows :none
insert into import_row (import_id, sheet, row, line, class, reason, contact_id)
select $1, sheet, number, line, class, reason, contact_id from import_stage order by row;

-- import_analyze_store :maybe
select import_analyze() is null as done from import_stage having count(*) > 1000;

-- import_write_sums :one
update import
   set (ready, known, to_check, refused) =
           (select count(*) filter (where class = 'ready'), count(*) filter (where class = 'known'),
                   count(*) filter (where class = 'check'), count(*) filter (where class = 'refused')
              from import_stage),
       last_ids = jsonb_build_object(
           'contact_name', (select max(id) from contact_name), 'address', (select max(id) from address),
           'phone', (select max(id) from phone), 'postal_address', (select max(id) from postal_address),
           'term', (select max(id) from term), 'contact_category', (select max(id) from contact_category),
           'contact_department', (select max(id) from contact_department),
           'contact_note', (select max(id) from contact_note), 'contact_tag', (select max(id) from contact_tag),
           'contact_detail', (select max(id) from contact_detail), 'post', (select max(id) from post))
 where id = $1
returning ready, known, to_check, refused;

-- import_report :many
select row, sheet, number, line, class, reason from import_stage where class <> 'ready' order by row;

-- What becomes other of the contacts that are known, by the first row that speaks of each.
-- import_report_changes :many
with added as (
    select object, object_id from import_addition where import_id = $1
), value as (
    select contact_id, 'email' as field, email as after
      from address where id in (select object_id from added where object = 'address')
    union all
    select contact_id, 'phone', typed from phone where id in (select object_id from added where object = 'phone')
    union all
    select contact_id, 'address', concat_ws(', ', nullif(lines, ''), city, country)
      from postal_address where id in (select object_id from added where object = 'postal_address')
    union all
    select contact_id, 'category', slug
      from contact_category k join category c on c.id = k.category_id
     where k.id in (select object_id from added where object = 'contact_category')
    union all
    select contact_id, 'tag', tag
      from contact_tag where id in (select object_id from added where object = 'contact_tag')
    union all
    select contact_id, 'department', slug
      from contact_department k join department d on d.id = k.department_id
     where k.id in (select object_id from added where object = 'contact_department')
    union all
    select contact_id, field, value
      from contact_detail where id in (select object_id from added where object = 'contact_detail')
    union all
    select contact_id, 'note', note
      from contact_note where id in (select object_id from added where object = 'contact_note')
)
select s.row, v.field, null as before, v.after
  from value v join (select contact_id, min(row) as row from import_stage where not fresh and same_as is null group by contact_id) s
       using (contact_id)
union all
select d.row, d.field, d.before,
       case d.field when 'organisation' then (select name from contact_name where contact_id = d.after::bigint and main)
                    else d.after end
  from import_diff d where d.field not in ('fold', 'near')
union all
select row, 'person', null, name from import_stage where person_fresh and not fresh
 order by 1, 2, 4;

-- ---- undo

-- import_undo_find :maybe
select kind, department_id, undone_at::text as undone_at from import where id = $1;

-- Whoever changes one of its contacts, or begins to speak of one, is seen, or waits and does not find it.
-- import_undo_lock :none
select from contact
 where id in (select id from contact where import_id = $1 union select contact_id from import_change where import_id = $1)
 order by id for update;

-- What cannot go without a loss: contacts that mail, answers or other contacts speak of, or that changed since.
-- import_create_kept :none
create temporary table import_kept (contact_id bigint primary key, why text not null) on commit drop;

-- import_undo_keep_used :none
insert into import_kept
select c.id, 'used'
  from contact c
 where c.import_id = $1
   and (c.department_id <> all ((select rights_in('write'))::integer[])
        or exists (select from outbox o where o.contact_id = c.id) or exists (select from message m where m.contact_id = c.id)
        or exists (select from message_recipient x where x.contact_id = c.id)
        or exists (select from answer a where a.contact_id = c.id) or exists (select from answer a where a.instead_id = c.id)
        or exists (select from consent s where s.contact_id = c.id)
        or exists (select from post p join outbox o on o.post_id = p.id where p.organisation_id = c.id)
        or exists (select from contact o where o.organisation_id = c.id and o.import_id is distinct from $1::bigint
                      and not exists (select from import_change i where i.import_id = $1 and i.object = 'contact'
                                         and i.object_id = o.id and i.field = 'organisation' and i.before is null))
        or exists (select from post p join term t on t.post_id = p.id join contact h on h.id = t.holder_id
                    where p.organisation_id = c.id and h.import_id is distinct from $1));

-- A merge, even one that was undone, keeps the history of both.
-- import_undo_keep_merged :none
insert into import_kept
select c.id, 'merged'
  from contact c
 where c.import_id = $1
   and (c.merged_into is not null or exists (select from contact_merge m where c.id in (m.survivor_id, m.loser_id)))
on conflict do nothing;

-- import_undo_keep_changed :none
with new_since as (
    select i.last_ids from import i where i.id = $1
), changed as (
    -- those whose first change since has not been taken back
    select v.row_id as id
      from (select distinct on (v.row_id) v.row_id, v.before
              from audit_value v join audit a on a.id = v.audit_id
             where a.object = 'contact' and v.row_id in (select id from contact where import_id = $1)
             order by v.row_id, v.audit_id) v
      left join contact c on c.id = v.row_id
     where to_jsonb(c) - 'created' is distinct from v.before - 'created'
    union
    -- of its names, addresses ... those that it had then: what came later and went again is no change
    select v.contact_id
      from (select distinct on (a.object, v.row_id) a.object, v.row_id, v.before,
                   v.contact_id
              from audit_value v join audit a on a.id = v.audit_id, new_since
             where v.contact_id in (select id from contact where import_id = $1) and a.object <> 'contact'
               and v.row_id <= (last_ids->>a.object)::bigint
             order by a.object, v.row_id, v.audit_id) v
     where v.before is distinct from case v.object
               when 'contact_name' then (select to_jsonb(n) from contact_name n where n.id = v.row_id)
               when 'postal_address' then (select to_jsonb(p) from postal_address p where p.id = v.row_id)
               when 'contact_detail' then (select to_jsonb(d) from contact_detail d where d.id = v.row_id)
               when 'post' then (select to_jsonb(p) from post p where p.id = v.row_id) end
    union
    -- posts that it got, and what a list never says of a post
    select p.organisation_id from post p join contact c on c.id = p.organisation_id and c.import_id = $1
     where p.import_id is distinct from $1::bigint or exists (select from post_name n where n.post_id = p.id)
    union
    select t.holder_id from term t join contact c on c.id = t.holder_id and c.import_id = $1, new_since
     where t.id > coalesce((last_ids->>'term')::bigint, 0)
    union
    select u.contact_id
      from new_since, lateral (
               select contact_id from contact_name where id > coalesce((last_ids->>'contact_name')::bigint, 0)
               union all
               select contact_id from address where id > coalesce((last_ids->>'address')::bigint, 0)
               union all
               select contact_id from phone where id > coalesce((last_ids->>'phone')::bigint, 0)
               union all
               select contact_id from postal_address where id > coalesce((last_ids->>'postal_address')::bigint, 0)
               union all
               select contact_id from contact_category where id > coalesce((last_ids->>'contact_category')::bigint, 0)
               union all
               select contact_id from contact_department
                where id > coalesce((last_ids->>'contact_department')::bigint, 0)
               union all
               select contact_id from contact_note where id > coalesce((last_ids->>'contact_note')::bigint, 0)
               union all
               select contact_id from contact_tag where id > coalesce((last_ids->>'contact_tag')::bigint, 0)
               union all
               select contact_id from contact_detail where id > coalesce((last_ids->>'contact_detail')::bigint, 0)) u
      join contact c on c.id = u.contact_id and c.import_id = $1
)
insert into import_kept select id, 'changed' from changed on conflict do nothing;

-- The same of contacts that were there before: an address that was added has been written to, or something is known of it; a
-- value that was changed has been changed again.
-- import_undo_keep_older :none
insert into import_kept
select a.contact_id, 'used'
  from import_addition i join address a on a.id = i.object_id
 where i.import_id = $1 and i.object = 'address' and exists (select from outbox where address_id = a.id)
union
select a.contact_id, 'changed'
  from import_addition i join address a on a.id = i.object_id
 where i.import_id = $1 and i.object = 'address'
   and (a.state <> 'unverified' or exists (select from address o where o.replaced_by = a.id))
union
select contact_id, 'changed' from import_change_state where import_id = $1 and now_is is distinct from after
on conflict do nothing;

-- The organisations of a contact that stays, stay; run until nothing changes.
-- import_undo_keep_employers :none
insert into import_kept
select o.id, 'organisation'
  from import_kept k join contact c on c.id = k.contact_id
  join contact o on o.id = c.organisation_id and o.import_id = $1
union
select o.id, 'organisation'
  from import_kept k join term t on t.holder_id = k.contact_id join post p on p.id = t.post_id
  join contact o on o.id = p.organisation_id and o.import_id = $1
on conflict do nothing;

-- import_undo_kept :many
select k.contact_id, k.why, n.name, r.sheet, r.row
  from import_kept k join contact_name n on n.contact_id = k.contact_id and n.main
  left join lateral (select sheet, row from import_row
                      where contact_id = k.contact_id and import_id = $1 order by id limit 1) r on true
 order by k.contact_id;

-- import_create_gone :none
create temporary table import_gone on commit drop as
select id from contact where import_id = $1 and id not in (select contact_id from import_kept);

-- import_undo_additions :none
with object as (
    delete from import_addition where import_id = $1 returning object, object_id
), a as (
    delete from address where id in (select object_id from object where object = 'address')
       and state = 'unverified' and not exists (select from outbox where address_id = address.id)
       and not exists (select from address o where o.replaced_by = address.id)
), p as (
    delete from phone where id in (select object_id from object where object = 'phone')
), pa as (
    delete from postal_address where id in (select object_id from object where object = 'postal_address')
), k as (
    delete from contact_category where id in (select object_id from object where object = 'contact_category')
), g as (
    delete from contact_tag where id in (select object_id from object where object = 'contact_tag')
), d as (
    delete from contact_detail where id in (select object_id from object where object = 'contact_detail')
), n as (
    delete from contact_note where id in (select object_id from object where object = 'contact_note')
)
delete from contact_department where id in (select object_id from object where object = 'contact_department');

-- Values that nobody has touched since become again what they were.
-- import_undo_contact_changes :none
update contact c
   set salutation = case when d.fields ? 'salutation' then d.fields->>'salutation' else c.salutation end,
       gender = case when d.fields ? 'gender' then d.fields->>'gender' else c.gender end,
       title = case when d.fields ? 'title' then d.fields->>'title' else c.title end,
       precedence = case when d.fields ? 'precedence' then d.fields->>'precedence' else c.precedence end,
       languages = case when d.fields ? 'languages' then coalesce(string_to_array(d.fields->>'languages', ','), '{}')
                        else c.languages end,
       organisation_id = case when d.fields ? 'organisation' then (d.fields->>'organisation')::bigint
                              else c.organisation_id end,
       owner_id = case when d.fields ? 'owner' then (select f.id from staff f where f.login = d.fields->>'owner')
                       else c.owner_id end
  from (select object_id, jsonb_object_agg(field, before) as fields
          from import_change_state
         where import_id = $1 and object = 'contact' and now_is = after
         group by object_id) d
 where c.id = d.object_id;

-- import_undo_name_changes :none
update contact_name n
   set name = d.fields->>'name', fold = d.fields->>'fold', near = coalesce(d.fields->>'near', n.near)
  from (select object_id, jsonb_object_agg(field, before) as fields
          from import_change_state
         where import_id = $1 and object = 'contact_name' and now_is = after
         group by object_id) d
 where n.id = d.object_id and d.fields ?& '{name,fold}';

-- import_undo_postal_changes :none
update postal_address p
   set lines = case when d.fields ? 'address' then coalesce(d.fields->>'address', '') else p.lines end,
       city = case when d.fields ? 'city' then d.fields->>'city' else p.city end,
       country = case when d.fields ? 'country' then d.fields->>'country' else p.country end
  from (select object_id, jsonb_object_agg(field, before) as fields
          from import_change_state
         where import_id = $1 and object = 'postal_address' and now_is = after
         group by object_id) d
 where p.id = d.object_id;

-- import_undo_detail_changes :none
update contact_detail t
   set value = d.before
  from import_change_state d
 where d.import_id = $1 and d.object = 'contact_detail' and t.id = d.object_id and d.now_is = d.after;

-- import_undo_parts :none
with a as (
    delete from address where contact_id in (select id from import_gone)
), p as (
    delete from phone where contact_id in (select id from import_gone)
), pa as (
    delete from postal_address where contact_id in (select id from import_gone)
), k as (
    delete from contact_category where contact_id in (select id from import_gone)
), cd as (
    delete from contact_department where contact_id in (select id from import_gone)
), d as (
    delete from contact_detail where contact_id in (select id from import_gone)
), t as (
    delete from contact_note where contact_id in (select id from import_gone)
), g as (
    delete from contact_tag where contact_id in (select id from import_gone)
), n as (
    delete from contact_name where contact_id in (select id from import_gone)
)
delete from term where holder_id in (select id from import_gone);

-- import_undo_posts :none
delete from post p
 where p.import_id = $1 and p.class is null and not exists (select from term t where t.post_id = p.id)
   and not exists (select from post_name n where n.post_id = p.id) and not exists (select from outbox o where o.post_id = p.id)
    or p.organisation_id in (select id from import_gone);

-- import_undo_contacts :none
delete from contact where id in (select id from import_gone);

-- import_undo_meetings :none
delete from meeting where import_id = $1;

-- import_undo_requests :none
delete from share_request where import_id = $1 and granted is null;

-- import_undo_mark :none
update import set undone_at = now(), undone_by = actor() where id = $1;
