-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What stands on the cards of these contacts, in their order.
-- contact_card_facts :many
select jsonb_build_object(
           'id', c.id, 'uid', c.uid, 'kind', c.kind, 'gender', c.gender, 'title', c.title, 'languages', to_jsonb(c.languages),
           'revised', to_char(coalesce(v.at, c.created) at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'),
           'names', (select jsonb_agg(jsonb_build_object('language', language, 'name', name) order by main desc, id)
                       from contact_name where contact_id = c.id),
           'organisation', c.organisation_id,
           'organisations', (select jsonb_agg(jsonb_build_object('id', o.id, 'names', n.names)
                                              order by o.id <> coalesce(c.organisation_id, 0), o.id)
                               from (select c.organisation_id as id where c.organisation_id is not null
                                     union
                                     select p.organisation_id from term t join post p on p.id = t.post_id
                                      where t.holder_id = c.id and t.during @> current_date) o
                               cross join lateral (
                                     select jsonb_agg(jsonb_build_object('language', language, 'name', name)
                                                      order by main desc, id) as names
                                       from contact_name where contact_id = o.id) n),
           'posts', (select jsonb_agg(jsonb_build_object('organisation', p.organisation_id, 'name', p.name,
                                                         'language', p.language) order by lower(t.during), p.id)
                       from term t join post p on p.id = t.post_id
                      where t.holder_id = c.id and t.during @> current_date),
           'addresses', (select jsonb_agg(jsonb_build_object('email', email, 'private', private)
                                          order by position, id)
                           from address where contact_id = c.id and state not in ('dead', 'replaced')),
           'phones', (select jsonb_agg(jsonb_build_object('number', coalesce(e164, typed), 'private', private)
                                       order by position, id)
                        from phone where contact_id = c.id),
           'postal', (select jsonb_agg(jsonb_build_object('lines', lines, 'city', city, 'country', country,
                                                          'private', private) order by id)
                        from postal_address where contact_id = c.id),
           'categories', (select jsonb_agg(k.name order by k.name)
                            from contact_category ck join category k on k.id = ck.category_id
                           where ck.contact_id = c.id),
           'tags', (select jsonb_agg(tag order by tag) from contact_tag where contact_id = c.id),
           'notes', (select jsonb_agg(note order by id) from contact_note where contact_id = c.id))::text as facts
  from unnest($1::bigint[]) with ordinality as wanted (id, nth)
  join contact c on c.id = wanted.id
  left join contact_revision v on v.contact_id = c.id
 order by wanted.nth;

-- The people of organisations, those among $2 alone; an organisation without any is left out.
-- contact_card_members :many
select o.id, o.uid, n.name, array_to_string(array_agg(m.uid order by m.id), ' ') as members,
       overlay(overlay(md5('people of ' || o.uid) placing '8' from 13) placing '8' from 17)::uuid as group_uid
  from contact o
  join contact m on m.organisation_id = o.id and m.kind = 'person' and m.id = any ($2::bigint[])
  join contact_name n on n.contact_id = o.id and n.main
 where o.id = any ($1::bigint[]) and o.kind = 'organisation'
 group by o.id, n.name
 order by o.id;

-- A group of its own for what was asked for: the same question, the same UID.
-- contact_card_group :one
select overlay(overlay(md5('group of ' || $2) placing '8' from 13) placing '8' from 17)::uuid as uid,
       array_to_string(array(select c.uid from contact c where c.id = any ($1::bigint[]) order by c.id), ' ') as members;

-- contact_card_export :one
insert into contact_export (question, form, contacts) values ($1, $2, $3::bigint[]) returning id;

-- contact_card_find :many
select id, uid::text as uid from contact where uid = any ($1::text[]::uuid[]) order by uid::text collate "C";

-- Of an export those that are not among $2 and are still there.
-- contact_card_missing :many
select c.id, n.name
  from contact_export e
  cross join unnest(e.contacts) as handed (id)
  join contact c on c.id = handed.id and c.id <> all ($2::bigint[])
  join lateral (select name from contact_name where contact_id = c.id
                 order by array_position($3::text[], language), main desc, id limit 1) n on true
 where e.id = $1
 order by c.id;
