-- SPDX-License-Identifier: AGPL-3.0-or-later
-- attachment_add :one
select mailing_attach($1, null, $2::text[], $3, $4, $5, $6);

-- attachment_add_own :one
select mailing_attach($1, (select id from outbox where mailing_id = $1 and contact_id = $2), '{}', $3, $4, null, $5);

-- attachment_of_letter :many
select id, languages, name, type, content_id from mailing_attachment
 where mailing_id = $1 and outbox_id is null and $2 = any (languages) order by id;

-- attachment_of_recipient :many
select id, name, type, content_id from mailing_attachment where outbox_id = $1 order by id;

-- attachment_is_personal :one
select exists (select from mailing_attachment where mailing_id = $1 and outbox_id is not null) as personal;

-- attachment_bytes :one
select a.bytes from mailing_attachment m join attachment a on a.id = m.attachment_id where m.id = $1;

-- attachment_list :many
select m.name, m.type, m.content_id, a.size from mailing_attachment m join attachment a on a.id = m.attachment_id
 where m.mailing_id = $1 and (m.outbox_id = $2 or m.outbox_id is null and $3 = any (m.languages)) order by m.id;
