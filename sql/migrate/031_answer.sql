-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What persons said of a rule's readings.  It counts by itself from 300 right ones on, and never again after a wrong one: a
-- rule that is mended has another name.
create table answer_rule (
    rule       text primary key,
    confirmed  integer not null default 0,
    wrong      integer not null default 0,
    off_at     timestamptz, -- of the first wrong one, and which that was; no reference: answers may be erased
    off_answer bigint,
    trusted    boolean generated always as (confirmed >= 300 and wrong = 0) stored
);
call rights_on('answer_rule', '(select in_house())', 'false');
grant select on answer_rule to adresar_office, adresar_fetch, adresar_report;

-- Whoever confirms what a rule read, or says that it was something else, judges the rule.
create function answer_judges_rule() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    good integer := (new.answer = old.answer and new.state = 'confirmed')::integer;
begin
    insert into answer_rule as r (rule, confirmed, wrong, off_at, off_answer)
    values (old.rule, good, 1 - good, case good when 0 then now() end, case good when 0 then old.id end)
    on conflict (rule) do update
       set confirmed = r.confirmed + excluded.confirmed, wrong = r.wrong + excluded.wrong,
           off_at = coalesce(r.off_at, excluded.off_at), off_answer = coalesce(r.off_answer, excluded.off_answer);
    return null;
end $$;
create trigger answer_judges_rule after update on answer
    for each row when (old.by = 'words' and old.rule is not null and new.decided_by is not null
                       and (new.answer <> old.answer or new.state <> old.state or old.decided_by is null))
    execute function answer_judges_rule();
