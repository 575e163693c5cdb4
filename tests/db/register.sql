-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What test_register.c hands out: a small office with a conference, its mailing, letters and meetings.
-- Rows are put straight into their last states, past the guards that belong to the run of a mailing.
set session_replication_role = replica;

insert into department (id, slug, name) overriding system value values
    (1, 'mayor', 'Mayor''s office'), (2, 'defb', 'Department of economy, finance and budget');
insert into import (id, kind, file_name, sha256, department_id, encoding, delimiter) overriding system value values
    (1, 'contacts', 'mayor-office.csv', '\x00', 1, 'UTF-8', ','), (2, 'contacts', 'defb-bizneset.csv', '\x01', 2, 'windows-1250', ';');
insert into contact (id, kind, organisation_id, languages, salutation, precedence, department_id, import_id, created)
    overriding system value values
    (1, 'organisation', null, '{sq,en}', null, null, 1, 1, '2026-11-20 23:30+00'),
    (2, 'person', 1, '{sq}', 'E nderuara Znj. Gashi', '3', 1, 1, '2026-11-20 12:00+00'),
    (3, 'person', null, '{sr-Cyrl,sr-Latn}', null, null, 2, 2, '2026-11-21 12:00+00'),
    (4, 'person', null, '{en}', null, '1', 1, null, '2026-11-22 12:00+00'),
    (5, 'organisation', null, '{de}', null, null, 2, 2, '2026-11-22 12:00+00');
insert into contact_name (contact_id, language, name, main, fold, near) values
    (1, 'sq', 'Ministria e Zhvillimit Rajonal', true, '', ''), (1, 'en', 'Ministry of Regional Development', false, '', ''),
    (2, null, 'Çerkin Gashi', true, '', ''),
    (3, 'sr-Cyrl', 'Ђорђе Стојковић', true, '', ''), (3, 'sr-Latn', 'Đorđe Stojković', false, '', ''),
    (4, null, 'Anne-Marie O''Connor', true, '', ''),
    (5, 'de', 'Freundeskreis Klokot e. V.', true, '', '');
insert into contact_note (contact_id, note) values
    (2, '=cmd()'),
    (3, 'Met at the fair; a longer note that has to break into several lines because nobody wants a column as wide as the room in which it was written.');
insert into address (contact_id, email, email_key, position, state, evidence) values
    (1, 'zyra@mzhr.example', 'zyra@mzhr.example', 1, 'good', '{}'),
    (2, 'cerkin.gashi@mzhr.example', 'cerkin.gashi@mzhr.example', 1, 'good', '{}'),
    (2, 'cgashi@old.example', 'cgashi@old.example', 2, 'dead', '{}'),
    (3, 'djordje@firma.example', 'djordje@firma.example', 1, 'unverified', null),
    (4, 'anne@embassy.example', 'anne@embassy.example', 1, 'unverified', null);
insert into phone (contact_id, e164, typed, position) values (2, '+38344503112', '044/503-112', 1), (3, null, '0290 / 123', 1);
insert into postal_address (contact_id, lines, city, country) values
    (1, 'Rr. Nënë Tereza 12', 'Prishtinë', 'Kosovo'), (3, 'Улица 8' || chr(10) || 'спрат 2', 'Клокот', 'Kosovo');
insert into post (id, organisation_id, name, language) overriding system value values (1, 1, 'Minister', 'en');
insert into term (post_id, holder_id, during) values (1, 2, daterange('2024-01-01', null));
insert into contact_category (contact_id, category_id) select 1, id from category where slug in ('ministry', 'donor');
insert into contact_category (contact_id, category_id) select 3, id from category where slug = 'business';
insert into contact_department (contact_id, department_id) values (2, 2);
insert into import_row (import_id, row, line, class, contact_id) values
    (1, 2, 2, 'ready', 1), (1, 3, 4, 'ready', 2), (2, 17, 17, 'known', 2), (2, 18, 18, 'ready', 3), (2, 19, 19, 'ready', 5);

insert into event (id, uid, department_id, starts_at, ends_at) overriding system value values
    (1, 'conference@klokot.example', 1, '2027-03-18 10:00+01', '2027-03-18 14:00+01');
insert into event_text (event_id, language, name, place) values
    (1, 'en', 'Donors'' conference', 'Cultural centre, Klokot'), (1, 'sq', 'Konferenca e donatorëve', 'Shtëpia e kulturës, Kllokot');
insert into mailing (id, kind, name, event_id, department_id, account, state, prepared_by, released_by, released_at, finished_at)
    overriding system value values
    (1, 'invitation', 'Donors'' conference, invitation', 1, 1, 'office', 'finished', 'ana', 'besa', '2026-11-23 09:00+01', '2026-11-23 09:05+01');
insert into thread (id, subject, mailing_id) overriding system value values (1, 'Invitation', 1);
insert into outbox (id, mailing_id, contact_id, email, name, language, view, state, reason, rfc_message_id, message_id,
                    content_sha256, envelope_from, submitting_at, server, code, enhanced, reply, settled_by, settled_evidence)
    overriding system value values
    (1, 1, 2, 'cerkin.gashi@mzhr.example', 'Çerkin Gashi', 'sq', '{}', 'accepted', null, '<1@klokot.example>', 1, '\x00', 'b@klokot.example', '2026-11-23 09:01+01', 'mail.klokot.example', 250, '2.0.0', 'Ok: queued as 4Abc', 'smtp', null),
    (2, 1, 3, 'djordje@firma.example', 'Ђорђе Стојковић', 'sr-Cyrl', '{}', 'bounced', null, '<2@klokot.example>', 2, '\x00', 'b@klokot.example', '2026-11-23 09:01+01', 'mail.klokot.example', 550, '5.1.1', 'User unknown', 'dsn', '{}'),
    (3, 1, 4, 'anne@embassy.example', 'Anne-Marie O''Connor', 'en', '{}', 'refused', null, '<3@klokot.example>', null, null, null, '2026-11-23 09:01+01', 'mail.klokot.example', 550, '5.7.1', 'Message refused by local policy', 'smtp', null),
    (4, 1, 5, 'info@freunde.example', 'Freundeskreis Klokot e. V.', 'de', '{}', 'excluded', 'has opted out of invitations', null, null, null, null, null, null, null, null, null, null, null);
insert into message (id, direction, identity, rfc_message_id, thread_id, date, from_address, from_name, subject, size,
                     contact_id, outbox_id, class, rule, reply_text, state, why) overriding system value values
    (1, 'out', '\x01', '<1@klokot.example>', 1, '2026-11-23 09:01+01', 'office@klokot.example', 'Klokot', 'Ftesë: Konferenca e donatorëve', 5120, 2, 1, null, null, null, 'sent', null),
    (2, 'out', '\x02', '<2@klokot.example>', 1, '2026-11-23 09:01+01', 'office@klokot.example', 'Klokot', 'Позив: Донаторска конференција', 5120, 3, 2, null, null, null, 'sent', null),
    (3, 'in', '\x03', '<a@mzhr.example>', 1, '2026-11-23 12:00+01', 'cerkin.gashi@mzhr.example', 'Çerkin Gashi', 'Re: Ftesë', 2000, 2, 1, 'human', 'human', 'Me kënaqësi marr pjesë.' || chr(10) || 'Ç. Gashi', 'filed', null),
    (4, 'in', '\x04', '<b@mail.klokot.example>', 1, '2026-11-23 09:02+01', 'MAILER-DAEMON@mail.klokot.example', null, 'Undelivered Mail Returned to Sender', 3000, null, 2, 'bounce', 'dsn', null, 'filed', null),
    (5, 'in', '\x05', '<c@unknown.example>', null, '2026-12-31 23:30+00', 'someone@unknown.example', 'Someone', '=HYPERLINK("http://bad.example")', 900, null, null, 'human', 'human', 'Hello', 'decide', 'the sender is not known');
insert into answer (event_id, contact_id, answer, state, by, message_id, evidence, at) values
    (1, 2, 'accepted', 'proposed', 'words', 3, '[{"where": "text", "text": "marr pjesë"}]', '2026-11-23 12:00+01');
insert into meeting (department_id, held_on, held_at, place, subject, chair, attendees, minutes, language) values
    (1, '2026-09-01', '10:00', 'Klokot', 'Road to Vërban', 'The mayor', 'A. Gashi, Đ. Stojković, the council of the village', 'It was agreed that the road is measured before winter.' || chr(10) || 'The department of economy writes to the ministry.', 'en'),
    (2, '2026-10-12', null, 'Prishtinë', 'Buxheti 2027', '', '', '', 'sq');
set session_replication_role = origin;
