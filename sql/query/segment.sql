-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The statements around a condition.

-- segment_count :part
select count(*) as n from contact_facts f where

-- A page, first way: walk through the names for so long, and keep whom the condition holds for.
-- segment_walk :part
select f.contact_id as id
  from (select f.contact_id, f.name, f.facts from contact_facts f where true

-- segment_walk_end :part
         order by f.name, f.contact_id limit $1::bigint) f
 where

-- segment_walk_limit :part
 order by f.name, f.contact_id limit $1::bigint;

-- Second way: collect all whom the condition holds for, and sort them (for a page by an expression, which no index has).
-- segment_collect :part
select f.contact_id as id from contact_facts f where

-- segment_collect_all :part
 order by f.name, f.contact_id;

-- segment_collect_limit :part
 order by f.name || '', f.contact_id limit $1::bigint;

-- segment_after :part
and (f.name, f.contact_id) > ((select name from contact_facts where contact_id = $1::bigint), $1::bigint)

-- Whoever was found, in that order: the same statement whatever the question was, so that it is planned once a connection.
-- segment_rows :many
select c.id, c.kind, c.state, n.name, o.name as organisation, a.email as address,
       array_to_string(c.languages, ' ') as languages, k.slugs as categories, d.slug as department
  from unnest($1::bigint[]) with ordinality w (id, place) join contact c on c.id = w.id
  join contact_name n on n.contact_id = c.id and n.main
  join department d on d.id = c.department_id
  left join contact_name o on o.contact_id = c.organisation_id and o.main
  left join lateral (select email from address where contact_id = c.id and state not in ('dead', 'replaced')
                      order by position, id limit 1) a on true
  left join lateral (select string_agg(s.slug, ' ' order by s.slug) as slugs
                       from contact_category cc join category s on s.id = cc.category_id
                      where cc.contact_id = c.id) k on true
 order by w.place;

-- What joins conditions.
-- segment_and :part
and

-- segment_or :part
or

-- segment_not :part
not

-- segment_open_group :part
(

-- segment_close_group :part
)

-- The conditions.  Facts are one question to one index: 'c=3' & ('n=DE' | 'n=AT') & !'a=dead' & !'s=gone'
-- segment_everyone :part
true

-- segment_facts :part
f.facts @@ $1::tsquery

-- segment_id :part
f.contact_id = any ($1::bigint[])

-- Words in the fields of a contact's card.
-- segment_words :part
exists (select from contact_words($1::text[], $2) x where x = f.contact_id)

-- The same, in the neighbours' spelling too.
-- segment_near_words :part
exists (select from contact_words($1::text[], $2, true) x where x = f.contact_id)

-- segment_address :part
exists (select from address x where x.contact_id = f.contact_id and x.state <> 'replaced' and x.email_key = $1)

-- segment_domain :part
exists (select from contacts_at($1) x where x = f.contact_id)

-- segment_has_post :part
exists (select from term t where t.holder_id = f.contact_id and t.during @> current_date)

-- segment_has_organisation :part
exists (select from contact c where c.id = f.contact_id and c.organisation_id is not null)

-- segment_has_precedence :part
exists (select from contact c where c.id = f.contact_id and c.precedence is not null)

-- segment_has_note :part
exists (select from contact_note x where x.contact_id = f.contact_id)

-- Beside the facts, which have nothing private: few have, and as numbers they may use an index beside the one of the facts.
-- segment_private_state :part
f.contact_id = any (array(select x.contact_id from address x where x.private and x.state = any ($1::text[])))

-- segment_private_email :part
f.contact_id = any (array(select x.contact_id from address x where x.private and x.state not in ('dead', 'replaced')))

-- segment_private_phone :part
f.contact_id = any (array(select x.contact_id from phone x where x.private))

-- segment_private_postal :part
f.contact_id = any (array(select x.contact_id from postal_address x where x.private))

-- segment_answered :part
exists (select from event_answer x where x.event_id = any ($1::bigint[]) and x.contact_id = f.contact_id and x.answer = any ($2::text[]))

-- segment_unanswered :part
(exists (select from outbox o where o.contact_id = f.contact_id and o.state <> all ('{held,excluded,cancelled}')
            and o.mailing_id in (select id from mailing where event_id = any ($1::bigint[])))
 and not exists (select from event_answer x where x.event_id = any ($1::bigint[]) and x.contact_id = f.contact_id))

-- segment_invited :part
exists (select from outbox o where o.contact_id = f.contact_id and o.state <> all ('{held,excluded,cancelled}')
           and o.mailing_id in (select id from mailing where event_id = any ($1::bigint[])))

-- segment_received :part
exists (select from outbox o where o.contact_id = f.contact_id and o.mailing_id = any ($1::bigint[])
           and o.state = any ($2::text[]))

-- The last message with a person behind it, in or out.
-- segment_written :part
coalesce((select max(w.written_at) from contact_written w where w.contact_id = f.contact_id)

-- Its day is not before $1 ...
-- segment_written_since :part
>= $1::timestamptz, false)

-- ... or there is one, and none since $1.
-- segment_written_before :part
< $1::timestamptz, false)

-- segment_created_since :part
exists (select from contact c where c.id = f.contact_id and c.created >= $1::timestamptz)

-- segment_created_before :part
exists (select from contact c where c.id = f.contact_id and c.created < $1::timestamptz)

-- segment_imported :part
exists (select from contact c where c.id = f.contact_id and c.import_id = any ($1::bigint[]))

-- What the values of a question are looked up in.
-- segment_categories :many
select id, slug as word, '' as day from category order by slug;

-- segment_departments :many
select id, slug as word, '' as day from department order by slug;

-- segment_users :many
select id, login as word, '' as day from staff order by login;

-- segment_me :maybe
select staff_acting() as id where staff_acting() is not null;

-- segment_events :many
select e.id, t.name as word, to_char(e.starts_at, 'YYYY-MM-DD') as day
  from event e join event_text t on t.event_id = e.id
 order by e.starts_at desc, e.id, t.id;

-- segment_mailings :many
select id, name as word, to_char(prepared_at, 'YYYY-MM-DD') as day from mailing order by id desc;

-- segment_imports :many
select id, file_name as word, to_char(imported_at, 'YYYY-MM-DD') as day from import where kind = 'contacts' and undone_at is null order by id desc;

-- Different values in the order of an index, one step each.
-- segment_cities :many
with recursive step as (
    (select city from postal_address order by city limit 1)
    union all
    select (select p.city from postal_address p where p.city > s.city order by p.city limit 1)
      from step s where s.city is not null
)
select 0 as id, city as word, '' as day from step where city is not null;

-- segment_tags :many
with recursive step as (
    (select tag from contact_tag order by tag limit 1)
    union all
    select (select p.tag from contact_tag p where p.tag > s.tag order by p.tag limit 1) from step s where s.tag is not null
)
select 0 as id, tag as word, '' as day from step where tag is not null;

-- Saved ones.
-- segment_saved :maybe
select name, question from segment where fold = $1;

-- segment_names :many
select id, name as word, '' as day from segment order by fold;

-- segment_saved_all :many
select id, name, question, note, owner, created::text as created, changed::text as changed
  from segment
 where $1::text is null or fold = $1
 order by fold;

-- Nothing, if there is another question under the name and $5 does not let it be replaced.
-- segment_save :maybe
insert into segment as s (name, fold, question, note) values ($1, $2, $3, coalesce($4, ''))
on conflict (fold) do update set name = excluded.name, question = excluded.question, note = coalesce($4, s.note)
       where $5 or s.question = excluded.question
returning xmax = 0 as made;

-- segment_taken :maybe
select name, question, owner,
       owner = actor() or exists (select from staff where id = staff_acting() and role = 'admin') as mine
  from segment where fold = $1;

-- segment_remove :none
delete from segment where fold = $1;
