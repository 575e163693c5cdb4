-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a person corrected of a verdict: the message and what is right, kept as a candidate for a test.

create table correction (
    id         bigint primary key generated always as identity,
    message_id bigint not null unique references message,
    class_was  text, -- the first verdict; null: it was not judged
    rule_was   text,
    answer_was text,
    class      text, -- null: it was right
    answer     text,
    by         name not null default actor(),
    at         timestamptz not null default now(),
    check (class is not null or answer is not null)
);
call audit_table('correction');
call rights_on('correction', 'exists (select from message m where m.id = message_id)',
               'exists (select from message m where m.id = message_id) and (select rights_in(''write'')) <> ''{}''');
grant select, insert, update on correction to adresar_office;
grant select on correction to adresar_report;

-- judging once more says anew what a mail answers
grant update (answer, by, evidence, sequence, stamp, persons, instead, rule) on answer to adresar_fetch;
