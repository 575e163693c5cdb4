-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Lists in a column have U+001F between.

-- One search over all at a time.
-- duplicate_lock :one
select pg_advisory_xact_lock(20261125) is null as locked, now()::text as at;

-- What is compared: of the contacts of a list, or from an id on.
-- Private addresses and phones stand in no evidence: both sides' departments read it.
-- duplicate_load :many
select c.id, c.kind = 'organisation' as organisation,
       (select string_agg(name, E'\x1f' order by main desc, id) from contact_name where contact_id = c.id) as names,
       (select string_agg(email_key, E'\x1f' order by position, id) from address
         where contact_id = c.id and state <> 'replaced' and not private) as emails,
       (select string_agg(e164, E'\x1f' order by position, id) from phone
         where contact_id = c.id and e164 is not null and not private) as phones,
       case c.kind when 'person' then (select string_agg(email_key, E'\x1f' order by position, id) from address
                                        where contact_id = c.organisation_id and state <> 'replaced' and not private)
            else (select string_agg(email_key, E'\x1f' order by id)
                    from (select a.email_key, a.id from contact p join address a on a.contact_id = p.id
                           where p.organisation_id = c.id and p.kind = 'person' and p.merged_into is null
                             and a.state <> 'replaced' and not a.private order by a.id limit 20) x) end as reach_emails,
       case c.kind when 'person' then (select string_agg(e164, E'\x1f' order by position, id) from phone
                                        where contact_id = c.organisation_id and e164 is not null and not private)
            else (select string_agg(e164, E'\x1f' order by id)
                    from (select h.e164, h.id from contact p join phone h on h.contact_id = p.id
                           where p.organisation_id = c.id and p.kind = 'person' and p.merged_into is null
                             and h.e164 is not null and not h.private order by h.id limit 20) x) end as reach_phones,
       case c.kind when 'person' then (select string_agg(name, E'\x1f' order by main desc, id) from contact_name
                                        where contact_id = c.organisation_id)
            else (select string_agg(name, E'\x1f' order by id)
                    from (select n.name, p.id from contact p join contact_name n on n.contact_id = p.id and n.main
                           where p.organisation_id = c.id and p.kind = 'person' and p.merged_into is null
                           order by p.id limit 20) x) end as others,
       case c.kind when 'person' then (select string_agg(p.name, E'\x1f' order by t.id)
                                         from term t join post p on p.id = t.post_id
                                        where t.holder_id = c.id) end as posts,
       concat_ws(E'\x1f', (select string_agg(concat_ws(E'\x1f', city, country), E'\x1f' order by id)
                             from postal_address where contact_id = c.id),
                 (select value from contact_detail where contact_id = c.id and field = 'village')) as places,
       (select value from contact_detail where contact_id = c.id and field = 'registration') as registration
  from contact c
 where c.merged_into is null
   and case when $1::bigint[] is not null then c.id = any ($1) else c.id > $2::bigint end
 order by c.id
 limit $3;

-- duplicate_put_keys :none
insert into duplicate_key (contact_id, keys, compared)
select id, keys::bigint[], $3 from unnest($1::bigint[], $2::text[]) u (id, keys)
on conflict (contact_id) do update set keys = excluded.keys, compared = duplicate_key.compared or excluded.compared
 where duplicate_key.keys <> excluded.keys or excluded.compared and not duplicate_key.compared;

-- How far the keys have come.
-- duplicate_last_key :one
select coalesce(max(contact_id), 0) as id from duplicate_key;

-- Who has a key, up to one more than a block may have.
-- duplicate_candidates :many
select q.id, q.key, d.contact_id
  from unnest($1::bigint[], $2::bigint[]) q (id, key),
       lateral (select contact_id from duplicate_key
                 where keys && case when q.key & 1 = 1 then array[q.key & ~1::bigint] else array[q.key, q.key | 1] end
                 limit $3) d
 order by q.id, q.key;

-- A decision stands; a proposal is made anew.
-- duplicate_propose :none
insert into duplicate (a, b, probability, certain, evidence)
select a, b, probability, certain, evidence::jsonb
  from unnest($1::bigint[], $2::bigint[], $3::float8[], $4::boolean[], $5::text[])
       u (a, b, probability, certain, evidence)
on conflict (a, b) do update
   set probability = excluded.probability, certain = excluded.certain, evidence = excluded.evidence, found_at = now()
 where duplicate.state = 'proposed';

-- duplicate_forget :none
delete from duplicate
 where state = 'proposed' and found_at < now() and ($1::bigint is null or a = $1 or b = $1);

-- duplicate_new :many
select contact_id as id from duplicate_key where not compared order by contact_id limit $1;

-- Where many are new, all are compared at less cost.
-- duplicate_share_new :one
select (select count(*) from contact where id > (select coalesce(max(contact_id), 0) from duplicate_key))
           + (select count(*) from duplicate_key where not compared) as fresh,
       (select count(*) from duplicate_key where compared) as old;

-- What an import made, and what it added to.
-- duplicate_of_import :many
select id from contact where import_id = $1 and merged_into is null
 union
select r.contact_id from import_row r join contact c on c.id = r.contact_id
 where r.import_id = $1 and r.class in ('known', 'check') and c.merged_into is null
 order by id;

-- duplicate_list :many
select d.a, d.b, na.name as name_a, nb.name as name_b, c.kind, d.probability, d.evidence::text as evidence, d.state,
       d.certain
  from duplicate d join contact c on c.id = d.a
  join contact_name na on na.contact_id = d.a and na.main
  join contact_name nb on nb.contact_id = d.b and nb.main
 where ($1::bigint is null or d.a = $1 or d.b = $1) and d.probability >= $2::float8
   and ($3::boolean or d.state = 'proposed')
 order by d.probability desc, d.a, d.b;

-- Not the same: of the two, and of what they were merged into.
-- duplicate_tell_apart :none
insert into duplicate (a, b, probability, evidence, state, decided_by, decided_at)
values (least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint), 0, '[]', 'distinct', actor(), now())
on conflict (a, b) do update
   set state = 'distinct', decided_by = actor(), decided_at = now();

-- What was told apart of the one stays apart of the other; proposals about the loser are the survivor's business now.
-- duplicate_follow_merge :none
with other as (
    select case when a = $1 then b else a end as id, probability, evidence, decided_by, decided_at
      from duplicate where state = 'distinct' and (a = $1 or b = $1)
), gone as (
    delete from duplicate where state = 'proposed' and (a = $1 or b = $1) and not (a in ($1, $2) and b in ($1, $2))
), keys as (
    delete from duplicate_key where contact_id = $1
)
insert into duplicate (a, b, probability, evidence, state, decided_by, decided_at)
select least(id, $2::bigint), greatest(id, $2::bigint), probability, evidence, 'distinct', decided_by, decided_at
  from other where id <> $2
on conflict (a, b) do update
   set state = 'distinct', decided_by = excluded.decided_by, decided_at = excluded.decided_at;

-- duplicate_mark_merged :none
insert into duplicate (a, b, probability, evidence, state, decided_by, decided_at)
values (least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint), 1, '[]', 'merged', actor(), now())
on conflict (a, b) do update set state = 'merged', decided_by = actor(), decided_at = now();

-- duplicate_mark_unmerged :none
update duplicate set state = 'proposed', decided_by = null, decided_at = null
 where a = least($1::bigint, $2::bigint) and b = greatest($1::bigint, $2::bigint) and state = 'merged';

-- duplicate_is_distinct :maybe
select decided_by, decided_at::text as decided_at
  from duplicate
 where a = least($1::bigint, $2::bigint) and b = greatest($1::bigint, $2::bigint) and state = 'distinct';

-- duplicate_certain :many
select d.a, d.b
  from duplicate d join contact x on x.id = d.a join contact y on y.id = d.b
 where d.state = 'proposed' and d.certain and x.merged_into is null and y.merged_into is null
 order by d.a, d.b;
