-- SPDX-License-Identifier: AGPL-3.0-or-later
-- probe_add :none
insert into mail_probe (account, ok, received_from, report)
select r ->> 'account', (r ->> 'ok')::boolean, (r ->> 'received_from')::inet, r from (select $1::jsonb) v (r);
