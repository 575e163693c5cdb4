-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A row for each contact and post that it holds today.
-- precedence_keys :many
select c.id, c.kind, n.name, c.precedence, c.rank, c.in_office_since::text as in_office_since,
       p.name as post, p.class, lower(t.during)::text as since,
       (select s.slug
          from contact_category k join category s on s.id = k.category_id
         where k.contact_id in (p.organisation_id, c.id)
         order by k.contact_id = p.organisation_id desc, k.id limit 1) as category
  from unnest($1::bigint[]) w(id)
  join contact c on c.id = w.id
  join lateral (select name from contact_name where contact_id = c.id
                 order by language = $2 desc nulls last, main desc, id limit 1) n on true
  left join (term t join post p on p.id = t.post_id) on t.holder_id = c.id and t.during @> current_date
 order by c.id, t.id;
