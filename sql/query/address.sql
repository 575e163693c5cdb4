-- SPDX-License-Identifier: AGPL-3.0-or-later
-- address_list :many
select jsonb_strip_nulls(jsonb_build_object(
           'email', a.email, 'state', a.state, 'since', a.since, 'count', nullif(a.soft_count, 0),
           'evidence', a.evidence, 'private', nullif(a.private, false),
           'replaced_by', (select r.email from address r where r.id = a.replaced_by),
           'failure', (select jsonb_build_object('at', o.state_at, 'status', o.enhanced, 'text', o.reply, 'mailing', o.mailing_id,
                                                 'reason', o.settled_evidence->'reason', 'rule', o.settled_evidence->'rule')
                         from outbox o
                        where o.contact_id = $1 and o.address_id = a.id and o.state = 'bounced'
                        order by o.state_at desc, o.id desc limit 1),
           'history', (select coalesce(jsonb_agg(jsonb_build_object('at', l.at, 'by', l.actor, 'state', v.before->>'state',
                                                                   'evidence', v.before->'evidence') order by l.id), '[]')
                         from audit_value v join audit l on l.id = v.audit_id and l.object = 'address'
                        where v.contact_id = $1 and v.row_id = a.id and l.action = 'UPDATE'
                          and v.before->>'state' is distinct from v.after->>'state')))::text as address
  from address a
 where a.contact_id = $1
 order by a.state in ('dead', 'replaced'), a.position, a.id;

-- address_find :maybe
select id, position from address where contact_id = $1 and email_key = $2 for update;

-- address_set_state :none
update address
   set state = $2, since = now(), soft_count = 0, replaced_by = null,
       evidence = case when $3::text is not null then jsonb_build_object('person', actor(), 'why', $3::text) end
 where id = $1;

-- address_put :one
insert into address (contact_id, email, email_key, position) values ($1, $2, $3, $4)
on conflict (contact_id, email_key) do update
   set position = excluded.position,
       state = case address.state when 'replaced' then 'unverified' else address.state end, replaced_by = null
returning id;

-- address_set_replaced :none
update address
   set state = 'replaced', since = now(), replaced_by = $2,
       evidence = jsonb_build_object('person', actor(), 'why', $3::text)
 where id = $1;

-- address_set_private :none
update address set private = $2 where id = $1;

-- address_put_first :none
update address set position = (select min(position) - 1 from address o where o.contact_id = address.contact_id)
 where id = $1;
