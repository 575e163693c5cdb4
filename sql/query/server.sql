-- SPDX-License-Identifier: AGPL-3.0-or-later
-- server_find :maybe
select server, smtputf8, max_size, to_char(seen_at, 'YYYY-MM-DD') as seen from smtp_server where account = $1;

-- server_keep :none
insert into smtp_server (account, server, smtputf8, max_size) values ($1, $2, $3, $4)
    on conflict (account) do update set server = excluded.server, smtputf8 = excluded.smtputf8,
                                        max_size = excluded.max_size, seen_at = now();
