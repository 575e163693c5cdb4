-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Lists in a column have U+001F between.

-- One search over all at a time.
-- duplicate_lock :one
select pg_advisory_xact_lock(20261125) is null as locked, now()::text as at;

-- duplicate_page :many
select id from contact where merged_into is null and id > $1 order by id limit $2;

-- duplicate_load :many
select * from duplicate_records($1::bigint[]);

-- What stays as it was is not locked: another search, or whoever merges, need not wait for this one.
-- duplicate_put_keys :none
insert into duplicate_key (contact_id, keys, compared)
select u.id, u.keys::bigint[], $3
  from unnest($1::bigint[], $2::text[]) u (id, keys) left join duplicate_key k on k.contact_id = u.id
 where k.keys is distinct from u.keys::bigint[] or $3 and not k.compared
 order by u.id
on conflict (contact_id) do update set keys = excluded.keys, compared = duplicate_key.compared or excluded.compared
 where duplicate_key.keys <> excluded.keys or excluded.compared and not duplicate_key.compared;

-- How far the keys have come.
-- duplicate_last_key :one
select coalesce(max(contact_id), 0) as id from duplicate_key;

-- duplicate_settle :one
select duplicate_settle() as pages;

-- duplicate_candidates :many
select * from duplicate_sharing($1::bigint[], $2::bigint[], $3);

-- A decision stands; a proposal is made anew, by who may see it.
-- duplicate_propose :none
with found as materialized (
    select a, b, probability, certain, evidence::jsonb as evidence
      from unnest($1::bigint[], $2::bigint[], $3::float8[], $4::boolean[], $5::text[])
           u (a, b, probability, certain, evidence)
), anew as (
    update duplicate d
       set probability = f.probability, certain = f.certain, evidence = f.evidence, found_at = now()
      from found f
     where (d.a, d.b) = (f.a, f.b) and d.state = 'proposed'
)
insert into duplicate (a, b, probability, certain, evidence)
select a, b, probability, certain, evidence from found
on conflict do nothing;

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

-- Whose the contacts are is looked at here, and not by staff_may(), which would be called four times a proposal.
-- duplicate_list :many
with rights as materialized (
    select rights_in('see') as see, rights_in('write') as write,
           session_user in ('adresar_owner', 'adresar_report') as all_of
)
select d.a, d.b, na.name as name_a, nb.name as name_b, ca.kind, d.probability, d.evidence::text as evidence, d.state,
       d.certain, o.id as ask, o.slug as kept_by
  from duplicate d join contact ca on ca.id = d.a join contact cb on cb.id = d.b cross join rights r
  left join lateral (select x.id, k.slug
                       from (values (ca.id, ca.department_id), (cb.id, cb.department_id)) x (id, department_id)
                       join department k on k.id = x.department_id
                      where not (r.all_of or x.department_id = any (r.write)
                                 or exists (select from contact_department s
                                             where s.contact_id = x.id and s.department_id = any (r.write)))
                      order by x.id limit 1) o on true
  join contact_name na on na.contact_id = d.a and na.main
  join contact_name nb on nb.contact_id = d.b and nb.main
 where ($1::bigint is null or d.a = $1 or d.b = $1) and d.probability >= $2::float8
   and ($3::boolean or d.state = 'proposed')
   and (r.all_of or ca.department_id = any (r.see) or cb.department_id = any (r.see)
        or exists (select from contact_department s where s.contact_id = d.a and s.department_id = any (r.see))
        or exists (select from contact_department s where s.contact_id = d.b and s.department_id = any (r.see)))
 order by d.probability desc, d.a, d.b;

-- Not the same: of the two, and of what they were merged into.
-- duplicate_tell_apart :none
insert into duplicate (a, b, probability, evidence, state, decided_by, decided_at)
values (least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint), 0, '[]', 'distinct', actor(), now())
on conflict (a, b) do update
   set state = 'distinct', decided_by = actor(), decided_at = now();

-- duplicate_is_distinct :maybe
select decided_by, decided_at::text as decided_at
  from duplicate
 where a = least($1::bigint, $2::bigint) and b = greatest($1::bigint, $2::bigint) and state = 'distinct';

-- duplicate_certain :many
select d.a, d.b
  from duplicate d join contact x on x.id = d.a join contact y on y.id = d.b
 where d.state = 'proposed' and d.certain and x.merged_into is null and y.merged_into is null
 order by d.a, d.b;
