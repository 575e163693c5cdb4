-- SPDX-License-Identifier: AGPL-3.0-or-later
-- unsubscribe_by_token :one
select outcome, contact_id, list from consent_unsubscribe($1::bigint, $2::bigint, $3, to_timestamp($4::bigint), $5::bigint, $6);
