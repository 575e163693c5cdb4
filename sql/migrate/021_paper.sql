-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Letters on paper, as they were printed: all that stands on the paper, so that it can be shown, and printed again.  A
-- recipient is `printed` only with such a row (outbox_guard); nobody changes one, but an erasure empties it.  The digest
-- of the file that went to the printer is in the audit log.
create table paper_letter (
    outbox_id  bigint primary key references outbox,
    printed_at timestamptz not null default now(),
    printed_by name not null default actor(),
    n          integer not null, -- in its file, from 1
    pages      integer not null check (pages > 0),
    letter     jsonb not null -- reports/paper_letter.h
);
grant select, insert (outbox_id, n, pages, letter) on paper_letter to adresar_office;
grant select on paper_letter to adresar_report;

call rights_on('paper_letter', 'exists (select from outbox o where o.id = outbox_id)',
               format('exists (select from outbox o join mailing m on m.id = o.mailing_id where o.id = outbox_id and %s)',
                      rights_there('write', 'm.department_id')));
