-- SPDX-License-Identifier: AGPL-3.0-or-later
-- choice_keep :none
update mailing set bilingual = $2::boolean, fallback = $3 where id = $1;

-- choice_of :one
select bilingual, fallback from mailing where id = $1;

-- choice_second :maybe
with text as (select *, row_number() over (order by id) as n from mailing_text where mailing_id = $1)
select t.language, t.name, t.line, t.subject, t.body
  from mailing m join text t on t.n = case when (select n from text where language = $2) = 1 then 2 else 1 end
 where m.id = $1 and m.bilingual;
