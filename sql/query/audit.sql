-- SPDX-License-Identifier: AGPL-3.0-or-later
-- audit_count :one
select (select count(*) from audit) as entries,
       (select count(*) from audit_value where before is null and after is null) as erased;

-- The same sums as in the triggers.  An insert has no values beside it.
-- audit_first_broken :maybe
with value_sum as (
    select audit_id, sha256(string_agg(digest, ''::bytea order by row_id)) as digest,
           bool_or((before is not null or after is not null)
                   and digest <> sha256(convert_to(concat_ws('|', row_id, salt, before::text, after::text), 'UTF8')))
               as changed
      from audit_value group by audit_id
), entry as (
    select a.*, v.digest as values_digest, coalesce(v.changed, false) as changed,
           lag(a.seq, 1, 0::bigint) over w as seq_before, lag(a.chain, 1, sha256('adresar')) over w as chain_before
      from audit a left join value_sum v on v.audit_id = a.id
    window w as (order by a.seq nulls last)
), judged as (
    select seq, id, at, actor, action, object,
           case when seq is null or chain is null then 'it has no place in the chain'
                when seq <> seq_before + 1 then 'entries before it are missing'
                when chain <> sha256(chain_before || convert_to(concat_ws('|', seq, id, extract(epoch from at), actor, action,
                                                                          object, rows), 'UTF8') || digest)
                then 'it is not what was written'
                when changed then 'its values are not what was written'
                when action <> 'INSERT' and values_digest is distinct from digest then 'values of it are missing, or were added'
           end as why
      from entry
    union all
    select h.seq, l.id, l.at, l.actor, l.action, l.object, 'entries after it are missing'
      from audit_head h left join lateral (select * from audit order by seq desc nulls last limit 1) l on true
     where (h.seq, h.chain) is distinct from (coalesce(l.seq, 0), coalesce(l.chain, sha256('adresar')))
)
select id, at::text as at, actor, action, object, why from judged where why is not null order by seq limit 1;
