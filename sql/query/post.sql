-- SPDX-License-Identifier: AGPL-3.0-or-later
-- post_end_others :none
update term t set during = daterange(lower(t.during), current_date)
  from post p
 where p.id = t.post_id and t.holder_id = $1 and p.organisation_id = $2 and t.during @> current_date
   and p.name <> $3 and coalesce(lower(t.during) < current_date, true);

-- What began today was a slip, and never was.
-- post_forget_others :none
delete from term t
 using post p
 where p.id = t.post_id and t.holder_id = $1 and p.organisation_id = $2 and p.name <> $3
   and lower(t.during) = current_date;

-- post_is_held :maybe
select t.id
  from term t join post p on p.id = t.post_id
 where t.holder_id = $1 and p.organisation_id = $2 and p.name = $3 and t.during @> current_date
 limit 1;

-- post_find_free :maybe
select p.id
  from post p
 where p.organisation_id = $1 and p.name = $2
   and not exists (select from term t where t.post_id = p.id
                      and (upper(t.during) is null or upper(t.during) > current_date))
 order by p.id
 limit 1;

-- post_add :one
insert into post (organisation_id, name) values ($1, $2) returning id;

-- post_term_add :none
insert into term (post_id, holder_id, during)
select $1, $2, daterange(greatest(max(upper(during)), $3::date), null) from term where post_id = $1;

-- post_list :many
select p.id, p.name as post, p.organisation_id, o.name as organisation, t.holder_id, h.name as holder,
       lower(t.during)::text as since, upper(t.during)::text as until
  from post p
  join contact_name o on o.contact_id = p.organisation_id and o.main
  left join term t on t.post_id = p.id and t.during @> current_date
  left join contact_name h on h.contact_id = t.holder_id and h.main
 where ($1 = '' or exists (select from contact_name n
                            where n.contact_id = p.organisation_id and position($1 in n.fold) > 0))
   and (not $2::boolean or t.id is null)
 order by o.fold, p.organisation_id, p.name, p.id;

-- post_get :maybe
select p.id, p.name, o.name as organisation
  from post p join contact_name o on o.contact_id = p.organisation_id and o.main
 where p.id = $1;

-- post_holder :maybe
select holder_id from term where post_id = $1 and during @> current_date;

-- A post by the names of organisation (its fold) and post.
-- post_by_name :many
select p.id
  from post p join contact_name n on n.contact_id = p.organisation_id
 where n.fold = $1 and lower(p.name) = lower($2)
 group by p.id
 order by p.id;

-- post_holder_by_name :many
select distinct contact_id as id from contact_name n join contact c on c.id = n.contact_id
 where n.fold = $1 and c.kind = 'person' and c.state in ('active', 'left')
 order by 1;

-- The terms of the post that hold on the day or begin later.
-- post_terms_from :many
select t.id, t.holder_id, n.name as holder, coalesce(lower(t.during) >= $2::date, false) as later,
       lower(t.during)::text as since
  from term t join contact_name n on n.contact_id = t.holder_id and n.main
 where t.post_id = $1 and coalesce(upper(t.during) > $2::date, true)
 order by lower(t.during) nulls first;

-- Whether the acting user may change who holds the post: over its organisation, or over who held it and who will (0: nobody).
-- post_mine :one
with mine as (
    select c.id
      from contact c
     where c.id in ((select organisation_id from post where id = $1), $2::bigint, $3::bigint)
       and (c.department_id = any (rights_in('write'))
            or exists (select from contact_department s where s.contact_id = c.id
                          and s.department_id = any (rights_in('write'))))
)
select not row_security_active('public.term')
       or p.organisation_id in (select id from mine)
       or (($2::bigint = 0 or $2::bigint in (select id from mine))
           and ($3::bigint = 0 or $3::bigint in (select id from mine))) as may, d.slug as keeper
  from post p join contact o on o.id = p.organisation_id join department d on d.id = o.department_id
 where p.id = $1;

-- post_term_end :none
update term set during = daterange(lower(during), $2::date) where id = $1;

-- post_term_begin :none
insert into term (post_id, holder_id, during)
values ($1, $2, daterange($3::date, null));

-- Who holds nothing on the day that has come has left.
-- post_holder_left :none
update contact c set state = 'left'
 where c.id = $1 and c.state = 'active' and $2::date <= current_date
   and not exists (select from term where holder_id = $1 and coalesce(upper(during) > $2::date, true));

-- post_holder_is_back :none
update contact set state = 'active' where id = $1 and state = 'left';

-- post_name_of :maybe
select name from contact_name where contact_id = $1 and main;

-- post_day :one
select coalesce($1::date, current_date)::text as day;
