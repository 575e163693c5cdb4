-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the grammar needs of contacts, each in a language and by a post of theirs.  An organisation's category and address stand
-- in where the contact has none.
-- form_contacts :many
select w.contact, c.kind, c.gender, c.title, c.formality, c.salutation, c.salutation_language, c.languages[1] as usual,
       f.language, o.id as organisation_id, p.id as post_id, p.name as post, p.class,
       (select n.name from post_name n
         where n.post_id = p.id and split_part(n.language, '-', 1) = split_part(f.language, '-', 1)
         order by n.language = coalesce(w.language, c.languages[1]) desc, n.language limit 1) as post_in_language,
       (select s.slug
          from contact_category k join category s on s.id = k.category_id
         where k.contact_id in (o.id, c.id)
         order by k.contact_id = o.id desc, k.id limit 1) as category,
       a.lines, a.postcode, a.city, a.country
  from unnest($1::bigint[], $2::text[], $3::bigint[]) with ordinality as w (contact, language, post, n)
  left join contact c on c.id = w.contact
  left join lateral (select coalesce(w.language, c.languages[1], 'en') as language) f on true
  left join lateral (
       select p.id, p.name, p.class, p.organisation_id
         from term t join post p on p.id = t.post_id
        where t.holder_id = c.id and t.during @> current_date
        order by p.id = w.post desc, p.id limit 1) p on true
  left join contact o on o.id = coalesce(p.organisation_id, c.organisation_id) and c.kind = 'person'
  left join lateral (
       select lines, postcode, city, country
         from postal_address where contact_id in (c.id, o.id)
        order by contact_id = c.id desc, id limit 1) a on true
 order by w.n;

-- form_change :none
update contact
   set title = case when $2::text is null then title else nullif($2, '') end,
       formality = coalesce($3, formality),
       salutation_language = case when salutation is null then null when $4::text is null then salutation_language
                                  else nullif($4, '') end,
       rank = case when $5::text is null then rank else nullif($5, '')::smallint end,
       in_office_since = case when $6::text is null then in_office_since else nullif($6, '')::date end
 where id = $1;

-- form_post_of :maybe
select p.id from term t join post p on p.id = t.post_id
 where t.holder_id = $1 and t.during @> current_date order by p.id limit 1;

-- form_post_class :none
update post set class = nullif($2, '') where id = $1;

-- form_post_name :none
insert into post_name (post_id, language, name) values ($1, $2, $3)
on conflict (post_id, language) do update set name = excluded.name;
