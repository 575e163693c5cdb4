-- SPDX-License-Identifier: AGPL-3.0-or-later
-- dossier_read :one
select jsonb_build_object(
           'lists', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                'file', i.file_name, 'row', r.row, 'at', i.imported_at, 'by', i.imported_by,
                                'class', r.class, 'reason', nullif(r.reason, ''))) order by i.id, r.row), '[]')
                       from import_row r join import i on i.id = r.import_id where r.contact_id = $1),
           'letters', (select coalesce(jsonb_agg(jsonb_strip_nulls(
                                  to_jsonb(o) - '{content_sha256,worker_id}'::text[] || jsonb_build_object(
                                      'mailing', m.name, 'kind', m.kind,
                                      'paper', (select to_jsonb(p) - 'outbox_id' from paper_letter p
                                                 where p.outbox_id = o.id and p.letter <> '{}'),
                                      'attempts', (select coalesce(jsonb_agg(jsonb_strip_nulls(
                                                              to_jsonb(a) - '{outbox_id,worker_id}'::text[])
                                                              order by a.attempt), '[]')
                                                     from attempt a where a.outbox_id = o.id)))
                                  order by o.id), '[]')
                         from outbox o join mailing m on m.id = o.mailing_id where o.contact_id = $1),
           'handed_out', (select coalesce(jsonb_agg(jsonb_build_object('at', e.at, 'by', e.by, 'form', e.form) order by e.id), '[]')
                            from contact_export e where e.contacts @> array[$1::bigint]),
           'answers', (select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(a)) order by a.id), '[]')
                         from answer a where a.contact_id = $1),
           -- who was there is written in words: whoever is called so
           'meetings', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                   'id', t.id, 'date', t.held_on, 'time', to_char(t.held_at, 'HH24:MI'), 'place', t.place,
                                   'subject', t.subject, 'chair', t.chair, 'attendees', t.attendees, 'minutes', t.minutes,
                                   'called', w.name)) order by t.held_on, t.id), '[]')
                          from meeting t
                         cross join lateral (
                               select min(n.name) as name
                                 from contact_name n
                                 join regexp_split_to_table(t.chair || ',' || t.attendees, '[^[:alnum:][:space:].''-]') one
                                   on position(' ' || n.fold || ' ' in ' ' || search_fold(one) || ' ') > 0
                                where n.contact_id = $1 and n.fold <> '') w
                         where w.name is not null),
           'messages', (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                                   'id', m.id, 'direction', m.direction, 'message_id', m.rfc_message_id, 'date', m.date,
                                   'received', m.received_at, 'from', m.from_address, 'from_name', m.from_name,
                                   'subject', m.subject, 'size', m.size, 'class', m.class, 'rule', m.rule,
                                   'evidence', m.evidence, 'state', m.state,
                                   'file', case when exists (select from message_chunk where message_id = m.id)
                                                then 'messages/' || m.id || '.eml' end)) order by m.id), '[]')
                          from message m
                         where m.id in (select id from message where contact_id = $1
                                        union
                                        select message_id from outbox where contact_id = $1
                                        union
                                        select message_id from message_recipient where contact_id = $1
                                        union
                                        select w.id from message w join outbox o on o.id = w.outbox_id
                                         where w.direction = 'in' and o.contact_id = $1))
       )::text as dossier;
