-- SPDX-License-Identifier: AGPL-3.0-or-later
-- After contacts.sql: countries, states, tags and owners as unevenly as an office has them; messages, each tenth to
-- several; an event's answers.
set session_replication_role = replica;
update contact_category set category_id = abs(hashint8(contact_id * 7)) % 20 + 1;
update contact set languages = (array['{sq}', '{sr-Cyrl,sr-Latn}', '{en}', '{sr-Latn}', '{sq,en}', '{de}'])[abs(hashint8(id * 11)) % 6 + 1]::text[];
update postal_address set country = (array['DE', 'AT', 'CH', 'SE', 'US', 'RS', 'AL'])[abs(hashint8(contact_id * 13)) % 7 + 1]
 where abs(hashint8(contact_id * 17)) % 5 = 0;
update address set state = 'dead', evidence = '{}' where abs(hashint8(contact_id * 19)) % 50 = 1;
update contact set state = 'left' where abs(hashint8(id * 23)) % 40 = 3;
insert into contact_tag (contact_id, tag)
select id, (array['vip', 'board', 'press', 'fair'])[id % 4 + 1] from contact where abs(hashint8(id * 29)) % 97 = 5;
insert into message (direction, identity, contact_id, date, class, size, state)
select 'in', sha256(id::text::bytea), id, now() - make_interval(days => (id % 2000)::int), 'human', 1, 'new'
  from contact where abs(hashint8(id * 31)) % 10 = 7;
insert into message_recipient (message_id, contact_id)
select m.id, abs(hashint8(m.id * x)) % (select max(id) from contact) + 1
  from message m, unnest(array[41, 43]) x
 where m.id % 10 = 0
on conflict do nothing;
insert into event (id, uid, department_id, starts_at, ends_at) overriding system value
values (1, 'bench@klokot.example', 1, now(), now() + interval '2 hours');
insert into event_text (event_id, language, name, place) values (1, 'en', 'Donor conference 2026', 'Klokot');
insert into answer (event_id, contact_id, answer, state, by, decided_by, evidence)
select 1, id, (array['accepted', 'declined', 'tentative'])[id % 3 + 1], 'confirmed', 'person', 'bench', '[]'
  from contact where abs(hashint8(id * 37)) % 200 = 9;
select contact_facts_renew(array(select id from contact));
vacuum analyze;
