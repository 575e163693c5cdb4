-- SPDX-License-Identifier: AGPL-3.0-or-later
-- psql -v n=200000: so many contacts, as a register would have them: names in two scripts, addresses, phones, posts.
set session_replication_role = replica; -- made at once, not by a person: no audit
insert into department (id, slug, name) overriding system value
values (1, 'bench', 'Department of measurements') on conflict do nothing;
insert into import (id, kind, file_name, sha256, department_id, encoding, delimiter) overriding system value
values (1, 'contacts', 'bench.csv', '\x00', 1, 'UTF-8', ',') on conflict do nothing;
insert into contact (id, kind, organisation_id, languages, salutation, department_id, import_id) overriding system value
select i, case when i % 10 = 0 then 'organisation' else 'person' end, case when i % 10 <> 0 then (i / 10 + 1) * 10 end,
       case i % 3 when 0 then '{sq}' when 1 then '{sr-Cyrl,sr-Latn}' else '{en}' end::text[],
       'Dear Mr. Nr. ' || i, 1, 1
  from generate_series(1, :n) i;
insert into contact_note (contact_id, note)
select i, 'met at the fair of ' || 1990 + i % 30 || ', interested in land and water' from generate_series(7, :n, 7) i;
insert into contact_name (contact_id, language, name, main, fold, near)
select i, 'sq', case when i % 10 = 0 then 'Ndërmarrja ' || md5(i::text) else
       (array['Çerkin', 'Agnesa', 'Besnik', 'Đorđe', 'Jelena', 'Љиљана'])[i % 6 + 1] || ' ' || initcap(translate(md5(i::text), '0123456789', 'ghijklmnop')) end,
       true, md5(i::text), md5(i::text)
  from generate_series(1, :n) i;
insert into contact_name (contact_id, language, name, main, fold, near)
select i, 'sr-Cyrl', 'Ђорђе Стојковић ' || i, false, md5(i::text), md5(i::text) from generate_series(1, :n, 3) i;
insert into address (contact_id, email, email_key, position)
select i, 'person' || i || '@place' || i % 500 || '.example', 'person' || i || '@place' || i % 500 || '.example', 1
  from generate_series(1, :n) i;
insert into phone (contact_id, e164, typed) select i, '+38344' || 100000 + i % 900000, '044' from generate_series(1, :n, 2) i;
insert into postal_address (contact_id, lines, city, country)
select i, 'Rruga e Dëshmorëve ' || i % 200, (array['Klokot', 'Viti', 'Gjilan', 'Prishtinë'])[i % 4 + 1], 'XK'
  from generate_series(1, :n, 2) i;
insert into post (id, organisation_id, name) overriding system value select i, i, 'Director' from generate_series(10, :n, 10) i;
insert into term (post_id, holder_id) select i, i - 1 from generate_series(10, :n, 10) i;
insert into contact_category (contact_id, category_id) select i, i % 20 + 1 from generate_series(1, :n) i;
insert into import_row (import_id, row, line, class, contact_id) select 1, i + 1, i + 1, 'ready', i from generate_series(1, :n) i;
analyze;
