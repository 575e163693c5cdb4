-- SPDX-License-Identifier: AGPL-3.0-or-later
-- choice_keep :none
update mailing set bilingual = $2::boolean, fallback = $3 where id = $1;

-- choice_of :one
select bilingual, fallback from mailing where id = $1;

-- choice_second :maybe
select t.language, t.name, t.line, t.subject, t.body
  from mailing m join mailing_text t on t.mailing_id = m.id
 where m.id = $1 and m.bilingual and t.language <> $2;
