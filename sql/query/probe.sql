-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The address from which an account's letter arrived outside last; of one's own network it says nothing.
-- probe_seen :maybe
select c ->> 'received_from' as ip
  from mail_probe p cross join jsonb_array_elements(p.report -> 'copies') c
 where p.account = $1 and c ->> 'copy' = 'outside' and c ->> 'received_from' is not null
   and not (c ->> 'received_from')::inet <<= any ('{10.0.0.0/8,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,
                                                    100.64.0.0/10,::1/128,fc00::/7,fe80::/10}'::inet[])
 order by p.id desc limit 1;

-- probe_add :none
insert into mail_probe (account, ok, received_from, report)
select r ->> 'account', (r ->> 'ok')::boolean, (r ->> 'received_from')::inet, r from (select $1::jsonb) v (r);
