-- SPDX-License-Identifier: AGPL-3.0-or-later
-- consent_lists :many
select id, slug, name, purpose, basis, official from mail_list order by official, slug;

-- consent_list_find :maybe
select id, official from mail_list where slug = $1;

-- consent_list_add :one
insert into mail_list (slug, name, purpose, basis, official) values ($1, $2, $3, $4, $5) returning id;

-- consent_add :none
insert into consent (contact_id, list_id, given, at, how, form, message_id)
select $1, $2, $3, coalesce($4::timestamptz, now()), $5, coalesce($6, ''), $7::bigint;

-- consent_message_exists :maybe
select id from message where id = $1;

-- consent_show :one
select jsonb_build_object(
           'lists', (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                'list', slug, 'purpose', purpose, 'basis', basis, 'official', official,
                                'may', consent_forbids($1, id) is null, 'why', consent_forbids($1, id)))
                                order by official, slug)
                       from mail_list),
           'words', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                'list', coalesce(l.slug, '*'), 'given', c.given, 'at', c.at, 'how', c.how,
                                'form', nullif(c.form, ''), 'message', c.message_id, 'by', c.recorded_by))
                                order by c.at, c.id), '[]')
                       from consent c left join mail_list l on l.id = c.list_id
                      where c.contact_id = $1))::text as consent;

-- ---- erasure

-- consent_erase :one
select contact_erase($1, $2) is null as erased;

-- ---- retention

-- consent_retention_rules :many
select r.id, c.slug as category, r.kind, r.months, r.why
  from retention_rule r left join category c on c.id = r.category_id
 order by r.id;

-- consent_category_find :maybe
select id from category where slug = $1;

-- consent_retention_add :one
insert into retention_rule (category_id, kind, months, why) values ($1, $2, $3, $4) returning id;

-- consent_retention_remove :maybe
delete from retention_rule where id = $1 returning id;

-- consent_retention_used :maybe
select id from retention_item where rule_id = $1 limit 1;

-- consent_report_add :one
insert into retention_report default values returning id;

-- Whoever several rules speak of is kept as long as the longest of them says; the last that happened is a letter, an answer,
-- a term, a consent, a note or a change.
-- consent_report_fill :none
with due as (
    select c.id, r.id as rule_id, r.months,
           row_number() over (partition by c.id order by r.months desc, r.id) as nth,
           greatest(c.created,
                    (select max(coalesce(m.date, m.received_at)) from message m where m.contact_id = c.id),
                    (select max(coalesce(m.date, m.received_at))
                       from message_recipient x join message m on m.id = x.message_id where x.contact_id = c.id),
                    (select max(o.state_at) from outbox o where o.contact_id = c.id),
                    (select max(a.at) from answer a where a.contact_id = c.id),
                    (select max(coalesce(upper(t.during)::timestamptz, now())) from term t where t.holder_id = c.id),
                    (select max(s.recorded_at) from consent s where s.contact_id = c.id),
                    (select max(n.created) from contact_note n where n.contact_id = c.id),
                    (select max(l.at) from audit_value v join audit l on l.id = v.audit_id and l.object = 'contact'
                      where v.contact_id = c.id)) as last_at
      from contact c
      join retention_rule r on (r.kind is null or r.kind = c.kind)
       and (r.category_id is null or exists (select from contact_category k
                                              where k.contact_id = c.id and k.category_id = r.category_id))
     where c.department_id = any ((select rights_in('erase'))::integer[])
       and c.merged_into is null -- it goes with the one that it is now
       and not exists (select from erased e where e.contact_id = c.id)
)
insert into retention_item (report_id, contact_id, rule_id, last_at)
select $1, id, rule_id, last_at from due
 where nth = 1 and last_at + make_interval(months => months) < now();

-- consent_report_items :many
select i.contact_id, n.name, i.last_at::date::text as last, r.months, r.why, i.erased
  from retention_item i join retention_rule r on r.id = i.rule_id
  join contact_name n on n.contact_id = i.contact_id and n.main
 where i.report_id = $1
 order by i.last_at, i.contact_id;

-- consent_report_find :maybe
select id, by, at::text as at, done_at::text as done_at, done_by, coalesce(done_by = actor(), false) as mine
  from retention_report where id = $1;

-- Of those on the report (or of one of them, $2) the ones that nothing happened with since, and no part of whom was changed: a new term, an address.
-- consent_report_due :many
select i.contact_id
  from retention_report p join retention_item i on i.report_id = p.id join contact c on c.id = i.contact_id
 where p.id = $1 and i.erased is null and c.merged_into is null and ($2::bigint is null or i.contact_id = $2)
   and not exists (select from contact_revision v where v.contact_id = c.id and v.at > p.at)
   and greatest((select max(coalesce(m.date, m.received_at)) from message m where m.contact_id = c.id),
                (select max(coalesce(m.date, m.received_at))
                   from message_recipient x join message m on m.id = x.message_id where x.contact_id = c.id),
                (select max(o.state_at) from outbox o where o.contact_id = c.id),
                (select max(a.at) from answer a where a.contact_id = c.id),
                (select max(s.recorded_at) from consent s where s.contact_id = c.id),
                (select max(n.created) from contact_note n where n.contact_id = c.id),
                (select max(l.at) from audit_value v join audit l on l.id = v.audit_id and l.object = 'contact'
                  where v.contact_id = c.id), '-infinity') <= i.last_at
 order by i.contact_id;

-- consent_report_erased :none
update retention_item set erased = $3 where report_id = $1 and contact_id = $2;

-- consent_report_done :none
update retention_report set done_at = now(), done_by = actor() where id = $1 and done_at is null;
