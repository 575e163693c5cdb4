-- SPDX-License-Identifier: AGPL-3.0-or-later
-- postal_change :none
update postal_address
   set lines = coalesce($2, lines), postcode = case when $3::text is null then postcode else nullif($3, '') end,
       city = case when $4::text is null then city else nullif($4, '') end,
       country = case when $5::text is null then country else nullif($5, '') end
 where id = (select min(id) from postal_address where contact_id = $1);

-- postal_add :none
insert into postal_address (contact_id, lines, postcode, city, country)
values ($1, coalesce($2, ''), nullif($3, ''), nullif($4, ''), nullif($5, ''));
