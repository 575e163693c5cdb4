-- SPDX-License-Identifier: AGPL-3.0-or-later
-- migrate_table_exists :one
select to_regclass('public.migration') is not null as there;

-- migrate_list :many
select n, name, encode(sha256, 'hex') as sha256, applied_at::text as applied_at from migration order by n;

-- migrate_sha256 :one
select encode(sha256(convert_to($1, 'UTF8')), 'hex') as sha256;

-- migrate_record :none
insert into migration (n, name, sha256) values ($1, $2, sha256(convert_to($3, 'UTF8')));
