-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What is made of a contact and its parts, and read much more often than those change: the card by which it is found
-- (006_search.sql), its facts for segments (008_segment.sql), the revision of its vCard (014_card.sql).  Each statement
-- notes whose parts it changed, and all of them are made anew once, when the transaction commits: no writer needs to know,
-- a contact with all its parts costs one of each, and an import of a million one statement.

create unlogged table contact_due ( -- rows live within their transaction alone
    id          bigint primary key generated always as identity,
    contact_ids bigint[] not null,
    people      boolean not null -- what an organisation is called is shown with its people too
);

-- Arguments: the column that says whose row it is; the columns that something is made of ('': any).
create function contact_note_due() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    rows text := case
        when tg_op = 'DELETE' then 'select %1$s from old_rows'
        when tg_op = 'INSERT' or tg_argv[1] = '' then 'select %1$s from new_rows'
        else '(select %1$s, %2$s from old_rows except all select %1$s, %2$s from new_rows)
              union all (select %1$s, %2$s from new_rows except all select %1$s, %2$s from old_rows)' end;
begin
    execute format('insert into contact_due (contact_ids, people) select array_agg(distinct %1$s), $1 from (' || rows ||
                   ') changed having count(*) > 0', tg_argv[0], tg_argv[1]) using tg_table_name = 'contact_name';
    return null;
end $$;

create procedure contact_source(t regclass, events text[], holder text, columns text) language plpgsql as $$
declare
    event text;
begin
    foreach event in array events loop
        execute format('create trigger contact_due_%1$s after %1$s on %2$s referencing %3$s for each statement
                        execute function contact_note_due(%4$L, %5$L)', event, t,
                       case event when 'insert' then 'new table as new_rows' when 'delete' then 'old table as old_rows'
                                  else 'old table as old_rows new table as new_rows' end, holder, columns);
    end loop;
end $$;

create function contact_renew(ids bigint[]) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform search_renew(ids);
    perform contact_facts_renew(ids);
    perform contact_revise(ids);
end $$;

create function contact_due() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    ids bigint[];
begin
    with due as (
        delete from contact_due returning contact_ids, people
    ), own as (
        select id, people from due, unnest(contact_ids) id
    ), whose as (
        select id from own
        union
        select c.id from own join contact c on c.organisation_id = own.id where people
        union
        select t.holder_id from own join post p on p.organisation_id = own.id join term t on t.post_id = p.id where people
    )
    select array_agg(id order by id) into ids from whose;
    if ids is not null then
        perform contact_renew(ids);
    end if;
    return null;
end $$;
create constraint trigger contact_due after insert on contact_due
    deferrable initially deferred for each row execute function contact_due();

-- a contact comes with a name
call contact_source('contact', '{update}', 'id', '');
call contact_source('contact_name', '{insert,update,delete}', 'contact_id', 'name, language, main, fold');
call contact_source('address', '{insert,update,delete}', 'contact_id', 'email, position, state, private');
call contact_source('phone', '{insert,update,delete}', 'contact_id', 'e164, typed, position, private');
call contact_source('postal_address', '{insert,update,delete}', 'contact_id', 'lines, city, country, private');
call contact_source('term', '{insert,update,delete}', 'holder_id', 'post_id, during');
call contact_source('contact_category', '{insert,update,delete}', 'contact_id', 'category_id');
call contact_source('contact_department', '{insert,update,delete}', 'contact_id', 'department_id');
call contact_source('contact_tag', '{insert,update,delete}', 'contact_id', 'tag');
call contact_source('contact_note', '{insert,update,delete}', 'contact_id', 'note');

-- a post's name is shown with its holders
create function contact_note_post() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into contact_due (contact_ids, people)
    select array_agg(distinct t.holder_id), false
      from old_rows o join new_rows n on n.id = o.id join term t on t.post_id = n.id
     where (o.name, o.organisation_id) <> (n.name, n.organisation_id)
    having count(*) > 0;
    return null;
end $$;
create trigger contact_due_update after update on post referencing old table as old_rows new table as new_rows
    for each statement execute function contact_note_post();

-- Terms begin and end by date, when nobody writes: the first who asks on a day, or a daemon, makes the cards anew of those
-- whose terms did since the last time.  How many; on all later occasions of the day a look at one row, which costs less than
-- the call.
create table contact_renewal (
    one boolean primary key default true check (one),
    day date not null -- until which terms are made of
);
insert into contact_renewal (day) values (current_date);

create function contact_renew_terms() returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    last date;
    ids  bigint[];
begin
    select day into last from contact_renewal where day < current_date for update skip locked;
    if not found then
        return 0;
    end if;
    select array_agg(distinct holder_id order by holder_id) into ids
      from term
     where upper(during) > last and upper(during) <= current_date
        or lower(during) > last and lower(during) <= current_date;
    if ids is not null then
        perform contact_renew(ids);
    end if;
    update contact_renewal set day = current_date;
    return coalesce(cardinality(ids), 0);
end $$;
grant select on contact_renewal to adresar_office, adresar_report, adresar_deliver, adresar_fetch;
grant execute on function contact_renew_terms() to adresar_office, adresar_report, adresar_deliver, adresar_fetch;
