-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Search.  A card holds all words of a contact, folded, each behind a letter that says what it is a word of; a GIN index
-- finds cards by words and by their begins.  A dictionary holds every word once: a word that no card has is looked up
-- there, by its spelling in a neighbour's language or with a letter wrong, and becomes words that cards have.
--
--     n name   o organisation   p post   a address   t telephone (its digits, last first)   c place and street   g tag
--     A, T, C: the same, private                                                            Z note
--     < the begin of a word of a name, of 3 to 6 letters       = a department that keeps or shares the contact
--     % stands on one card of 16
--
-- Small letters are for the whole house, capitals for those departments.
-- Nobody reads these tables: contact_search() does.  Below a policy of row-level security an operator of text search could
-- not use its index.  What a list shows stands on the card too: the contact's own tables have a dozen policies, whose plans
-- cost more than the search.

create extension if not exists fuzzystrmatch;

-- ---- the keys, exactly as base/unicode_fold.c makes them (tests/db/test_find.c compares both)

-- Most of any list is ASCII.  Signs that compose are taken apart but for those Cyrillic letters that are not what their
-- parts say.
create function search_fold(s text) returns text language plpgsql immutable strict parallel safe as $$
begin
    if s ~ '^[\x01-\x7f]*$' then
        return btrim(regexp_replace(translate(lower(s collate "C"), '''`', ''), '[^a-z0-9]+', ' ', 'g'));
    end if;
    s := translate(lower(s collate "und-x-icu"), 'й''`´‘’ʻʼ', 'j');
    s := lower(normalize(replace(replace(s, 'ѓ', 'gj'), 'ќ', 'kj'), NFKD) collate "und-x-icu");
    if s ~ '[ßæþđœщюяђєѕљњџ]' then
        s := replace(replace(replace(replace(replace(s, 'ß', 'ss'), 'æ', 'ae'), 'þ', 'th'), 'đ', 'dj'), 'œ', 'oe');
        s := replace(replace(replace(replace(replace(s, 'щ', 'sc'), 'ю', 'ju'), 'я', 'ja'), 'ђ', 'dj'), 'є', 'je');
        s := replace(replace(replace(replace(s, 'ѕ', 'dz'), 'љ', 'lj'), 'њ', 'nj'), 'џ', 'dz');
    end if;
    s := translate(s, 'ςðøħıłŧəабвгдежзиклмнопрстуфхцчшыэіјћґъь''`‘’ʻʼ', 'σdohilteabvgdezziklmnoprstufhccsieijcg');
    s := regexp_replace(s, '[\u00ad\u200b\ufeff\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7'
             '\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1ace'
             '\u1dc0-\u1dff\u20d0-\u20f0\ua66f-\ua672\ua674-\ua67d\ua69e\ua69f\ufb1e\ufe20-\ufe2f]+', '', 'g');
    if s ~ '[^ -~]' then
        return btrim(regexp_replace(s collate "und-x-icu", '[^[:alnum:]]+', ' ', 'g'));
    end if;
    return btrim(regexp_replace(s, '[^a-z0-9]+', ' ', 'g'));
end $$;

-- A spelling that begins within another one is replaced after it; what is replaced is a capital, and not looked at again.
create function search_near(fold text) returns text language plpgsql immutable strict parallel safe as $$
declare
    near text := fold;
begin
    near := replace(replace(replace(replace(near, 'tsch', 'C'), 'sch', 'S'), 'tch', 'C'), 'ch', 'C');
    near := replace(replace(replace(replace(near, 'ts', 'C'), 'tz', 'C'), 'cz', 'C'), 'kj', 'C');
    near := replace(replace(replace(replace(near, 'q', 'C'), 'dzh', 'D'), 'dj', 'D'), 'gj', 'D');
    near := replace(replace(replace(replace(near, 'xh', 'D'), 'dz', 'D'), 'dh', 'D'), 'sh', 'S');
    near := replace(replace(replace(replace(near, 'sz', 'S'), 'zh', 'Z'), 'lj', 'L'), 'nj', 'N');
    near := replace(replace(replace(replace(near, 'th', 'T'), 'x', 'KS'), 'ae', 'A'), 'oe', 'O');
    near := replace(near, 'ue', 'U');
    return regexp_replace(lower(translate(near, 'jyw', 'iiv') collate "C"), '([a-z])\1+', '\1', 'g');
end $$;

-- A word in both its keys, and each without each of its letters: two words of which one is the other with a letter too
-- many, too few, wrong, or with two letters swapped, have one of these in common.
create function search_shorts(fold text, near text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
    shorts text[] := array[fold, near];
begin
    for i in 1 .. length(fold) loop
        shorts := shorts || overlay(fold placing '' from i for 1);
    end loop;
    if near <> fold then
        for i in 1 .. length(near) loop
            shorts := shorts || overlay(near placing '' from i for 1);
        end loop;
    end if;
    return shorts;
end $$;

-- ---- what is kept

create table search_card (
    contact_id   bigint primary key references contact on delete cascade,
    words        tsvector not null,
    names        text, -- all of them, as they are written
    written      text, -- the same of all that the whole house may see
    -- what a list shows of the contact
    name         text, -- null: not found yet, it is being made
    fold         text,
    organisation text,
    address      text, -- the first that can be written to
    address_mine text  -- the same among the private ones too, where that is another
);
create index search_card_words on search_card using gin (words);

create table search_word (
    fold text collate "C" primary key check (length(fold) between 3 and 40),
    near text collate "C" not null generated always as (search_near(fold)) stored
);
create index on search_word (near);
create index search_word_shorts on search_word using gin (search_shorts(fold, near));

-- ---- made of a contact's parts (005_renew.sql)

-- Each word behind its letter.  A word ends after 100 letters, a text after 20,000.
create function search_mark(mark text, fold text) returns text language plpgsql immutable strict parallel safe as $$
begin
    if length(fold) <= 100 then
        return mark || replace(nullif(fold, ''), ' ', ' ' || mark);
    end if;
    return (select string_agg(mark || left(w, 100), ' ') from string_to_table(left(fold, 20000), ' ') w);
end $$;

-- Begins are words of their own: an index would have to gather all words that begin so, before it could intersect them.
create function search_begins(fold text) returns text language plpgsql immutable strict parallel safe as $$
declare
    word   text;
    begins text := '';
begin
    foreach word in array string_to_array(fold, ' ') loop
        for n in 3 .. least(6, length(word)) loop
            begins := begins || ' <' || left(word, n);
        end loop;
    end loop;
    return nullif(ltrim(begins), '');
end $$;

-- The digits of a number, last first, so that its end is the begin of a word.
create function search_digits(number text) returns text language sql immutable strict parallel safe as $$
    select reverse(ltrim(regexp_replace(number, '[^0-9]', '', 'g'), '0'))
$$;

-- The words of each part, marked, and how the part is written if the whole house may see it.
create function search_words_of(ids bigint[]) returns table (contact_id bigint, words text, written text) language sql stable as $$
    with whose as materialized (select whose as id from unnest(ids) whose)
    select n.contact_id, concat_ws(' ', search_mark('n', n.fold), search_begins(n.fold)), n.name
      from whose w join contact_name n on n.contact_id = w.id
    union all
    select c.id, search_mark('o', n.fold), n.name
      from whose w join contact c on c.id = w.id join contact_name n on n.contact_id = c.organisation_id
    union all
    select t.holder_id, search_mark('p', search_fold(p.name)), p.name
      from whose w join term t on t.holder_id = w.id and coalesce(upper(t.during) > current_date, true) join post p on p.id = t.post_id
    union all
    select c.id, search_mark('o', n.fold), n.name
      from whose w join contact c on c.id = w.id join term t on t.holder_id = w.id and coalesce(upper(t.during) > current_date, true)
      join post p on p.id = t.post_id and p.organisation_id is distinct from c.organisation_id
      join contact_name n on n.contact_id = p.organisation_id
    union all
    select a.contact_id, search_mark(case when a.private then 'A' else 'a' end, search_fold(a.email_key)),
           case when not a.private then a.email end
      from whose w join address a on a.contact_id = w.id
    union all
    select p.contact_id, search_mark(case when p.private then 'T' else 't' end, search_digits(coalesce(p.e164, p.typed))), null
      from whose w join phone p on p.contact_id = w.id
    union all
    select p.contact_id, search_mark(case when p.private then 'C' else 'c' end, search_fold(concat_ws(' ', p.lines, p.city))),
           case when not p.private then concat_ws(' ', p.lines, p.city) end
      from whose w join postal_address p on p.contact_id = w.id
    union all
    select g.contact_id, search_mark('g', search_fold(g.tag)), g.tag from whose w join contact_tag g on g.contact_id = w.id
    union all
    select z.contact_id, search_mark('Z', search_fold(left(z.note, 20000))), null from whose w join contact_note z on z.contact_id = w.id
    union all
    select c.id, '=' || c.department_id || case when c.id >> 8 & 15 = 0 then ' %' else '' end, null
      from whose w join contact c on c.id = w.id
    union all
    select d.contact_id, '=' || d.department_id, null from whose w join contact_department d on d.contact_id = w.id
$$;

-- Cards are locked before the words are read: who changes another part of the same contact comes after, and sees both.
-- What waits to go into an index is read by every search, so that it is kept short; a great many go in at once.
create function search_renew(ids bigint[]) returns void
    language plpgsql security definer set search_path = public, pg_temp set jit = off as $$
declare
    many boolean := cardinality(ids) > 1000;
begin
    perform set_config('gin_pending_list_limit', case when many then '64MB' else '64kB' end, true),
            case when many then set_config('work_mem', '64MB', true) end;
    perform from search_card c join unnest(ids) i on i = c.contact_id order by c.contact_id for update of c;
    execute $statement$ -- planned for as many as there are
    with shown as (
        select i as id, n.name, n.fold, o.name as organisation, a.address,
               nullif(a.address_mine, a.address) as address_mine
          from unnest($1) i join contact c on c.id = i
          left join contact_name n on n.contact_id = i and n.main
          left join contact_name o on o.contact_id = c.organisation_id and o.main
          left join lateral (
               select (array_agg(email order by position, id) filter (where not private))[1] as address,
                      (array_agg(email order by position, id))[1] as address_mine
                 from address where contact_id = i and state not in ('dead', 'replaced')) a on true
    ), made as (
        select c.id as contact_id,
               -- an address mostly repeats the name
               ts_delete(coalesce(array_to_tsvector(array_remove(string_to_array(string_agg(w.words, ' '), ' '), '')), ''),
                         coalesce(string_to_array(string_agg(replace(' ' || split_part(w.words, ' <', 1), ' n', ' a'), ' ')
                                                  filter (where w.words ^@ 'n'), ' '), '{}')) as words,
               string_agg(w.written, ' ' order by w.written) filter (where w.words ^@ 'n') as names,
               string_agg(w.written, ' ' order by w.written) as written
          from unnest($1) i join contact c on c.id = i
          left join search_words_of($1) w on w.contact_id = c.id and c.merged_into is null
         group by c.id
    ), written as (
        insert into search_card
        select m.contact_id, m.words, m.names, m.written, s.name, s.fold, s.organisation, s.address, s.address_mine
          from made m join shown s on s.id = m.contact_id
        on conflict (contact_id) do update
           set words = excluded.words, names = excluded.names, written = excluded.written, name = excluded.name, fold = excluded.fold,
               organisation = excluded.organisation, address = excluded.address, address_mine = excluded.address_mine
         where search_card <> excluded
        returning words
    ), word as materialized (
        select distinct substr(w, 2) collate "C" as fold
          from written, unnest(tsvector_to_array(words)) w
         where strpos('npcgCZ', left(w, 1)) > 0
    )
    insert into search_word (fold)
    select fold from word where fold ~ '^[^0-9]{3,40}$' order by fold
    on conflict do nothing $statement$ using ids;
    if many then
        perform gin_clean_pending_list('search_card_words'), gin_clean_pending_list('search_word_shorts');
    end if;
end $$;

-- ---- questions
-- A term is what one word of the question may be, alternatives with '|' between, of one or more words each:
-- 'klokot|kllokot|kllokotit', 'fushe kosove|kosovo polje'; '#' stands before the digits of a number, last first:
-- '44 123456|#65432144*'.  The first alternative is what was typed, and may be the begin of a word.  crm/search.h makes
-- them.  Words are folds and hold nothing of tsquery's syntax.

-- The terms as a question to the cards, all of them or any; '*' behind the first alternative: it may be the begin of a word.
-- Whoever asks by psql may send anything: no word ends its quotes.
create function search_query(marks text, terms text[], all_of boolean default true) returns tsquery
    language plpgsql immutable as $$
declare
    asked text := translate(array_to_string(terms, case when all_of then ')&(' else ')|(' end), ' ''\', '&');
    phone text := translate(marks, translate(marks, 'tT', ''), '');
begin
    marks := translate(marks, 'tT', '');
    if marks = '' or asked = '' then
        return null;
    end if;
    asked := regexp_replace('(' || asked || ')', '([^|&()*]+)([*]?)',
                            '(' || rtrim(regexp_replace(marks, '.', '''\&\\1''\\2|', 'g'), '|') || ')', 'g');
    if strpos(asked, '#') > 0 then -- the first marks give way
        asked := replace(replace(asked, '''' || left(marks, 1) || '#', '''' || left(phone, 1)),
                         '''' || substr(marks, 2, 1) || '#', '''' || substr(phone, 2, 1));
    end if;
    if strpos(asked, '*') > 0 then -- begins of names are words of their own
        asked := replace(regexp_replace(asked, '''n([^'']{1,6})''[*]', '''<\1''', 'g'), '''*', ''':*');
    end if;
    return asked::tsquery;
end $$;

-- What was typed of a term, as the begin of a word; less than three letters would begin too many.
create function search_begin(term text) returns text language sql immutable as $$
    select case when length(split_part(term, '|', 1)) < 3 or split_part(term, '|', 1) ~ '[ *]' then term
                else overlay(term placing '*' from length(split_part(term, '|', 1)) + 1 for 0) end
$$;

-- Whose capitals the user of the session may see.
create function search_mine() returns tsquery language plpgsql stable as $$
begin
    return ('''=' || nullif(array_to_string(rights_in('see'), '''|''='), '') || '''')::tsquery;
end $$;

-- The same in those of the fields that the user of the session may see: the public ones, and with one of the others.  An index
-- answers both much faster than both at once.  Null: there are none.
create function search_asked(terms text[], fields text, mine tsquery) returns tsquery[] language plpgsql stable as $$
declare
    open   text := translate(fields, translate(fields, 'nopatcg', ''), ''); -- a capital is nobody's to ask for
    closed text := upper(translate(fields, translate(fields, 'atcz', ''), ''));
begin
    return array[search_query(open, terms), search_query(open || closed, terms) && search_query(closed, terms, false) && mine];
end $$;

-- A word that is on no card any more is forgotten: it may have been a name that was erased.  If somebody else writes the same
-- word meanwhile, it comes back with the next card that has it.
create function search_forget() returns trigger
    language plpgsql security definer set search_path = public, pg_temp set enable_seqscan = off set jit = off as $$
declare
    gone text[];
begin
    if tg_op = 'UPDATE' then
        gone := array(select substr(l, 2) from old_rows, unnest(tsvector_to_array(words)) l where strpos('npcgCZ', left(l, 1)) > 0
                      except
                      select substr(l, 2) from new_rows, unnest(tsvector_to_array(words)) l);
    else
        gone := array(select distinct substr(l, 2) from old_rows, unnest(tsvector_to_array(words)) l
                       where strpos('npcgCZ', left(l, 1)) > 0);
    end if;
    delete from search_word w
     where w.fold = any (gone)
       and (select count(*) from (select from search_card c where c.words @@ search_query('npcgCZ', array[w.fold]) limit 1) x) = 0;
    return null;
end $$;
create trigger search_forget_update after update on search_card referencing old table as old_rows new table as new_rows
    for each statement execute function search_forget();
create trigger search_forget_delete after delete on search_card referencing old table as old_rows
    for each statement execute function search_forget();

-- What the dictionary says of a term's first alternative: whether a card has it, and what is its neighbours' spelling, as more
-- alternatives.  One plan for all of it: a session that asks once pays for each.
create function search_look(term text) returns table (word text, known boolean, near text) language sql stable as $$
    select w.word, w.near is not null,
           case when length(key.near) >= 3 then
               (select coalesce(string_agg('|' || n.fold, '' order by n.near using <, n.fold using <), '')
                  from (select s.fold, s.near from search_word s
                         where s.near >= key.near and s.near < key.near || chr(1114111) and not s.fold ^@ w.word
                         order by s.near using <, s.fold using < limit 24) n) else '' end
      from (select split_part(term, '|', 1) as word,
                   (select s.near from search_word s where s.fold = split_part(term, '|', 1)) as near offset 0) w
     cross join lateral (select coalesce(w.near, search_near(w.word)) as near offset 0) key
$$;

-- The words of a term's first alternative with a letter wrong, the likeliest first.
create function search_misspelt(term text) returns text language plpgsql stable set enable_seqscan = off set jit = off as $$
declare
    word text := rtrim(split_part(term, '|', 1), '*');
    key  text := search_near(word);
begin
    return case when length(word) between 3 and 40 then
        (select string_agg('|' || n.fold, '')
           from (select w.fold from search_word w
                  where search_shorts(w.fold, w.near) && search_shorts(word, key)
                  order by least(levenshtein(w.near, key), levenshtein(w.fold, word)) using <,
                           levenshtein(w.near, key) + levenshtein(w.fold, word) using <, w.fold using <
                  limit 12) n) end;
end $$;

-- Whose card has all terms, or their begins, in one of the fields: for conditions, without a limit and in no order.
create function contact_words(terms text[], fields text, near boolean default false) returns setof bigint
    language plpgsql stable security definer rows 50
    set search_path = public, pg_temp set enable_seqscan = off set jit = off as $$
declare
    asked tsquery[];
begin
    terms := case when near then array(select search_begin(t) || l.near from unnest(terms) t, search_look(t) l)
                  else array(select search_begin(t) from unnest(terms) t) end;
    asked := search_asked(terms, fields, search_mine());
    return query select contact_id from search_card where in_house() and (words @@ asked[1] or words @@ asked[2]);
end $$;

-- The contacts that have all terms, the best first.  level 1: whole words of a name; 2: their begins; 3: in any field; 4: in
-- names, known words as begins too; 5: in a neighbour's spelling too; 6: in names with a letter wrong too; 7: in any field so.
-- A known word (the dictionary has it) is a begin only where it stands alone or where nothing was found; letters are wrong
-- only where there is little else.  exact: up to level 4, where it is all written as it was typed.  found_by: the letters
-- of what matched.  fields: the letters of what is looked at.
-- An index gathers all cards that match, however few are wanted: what is frequent is found on one card of 16.
create function contact_search(terms text[], typed text[] default '{}', most integer default 50, fields text default 'nopatcgz')
    returns table (contact_id bigint, level integer, exact boolean, found_by text, name text, fold text, organisation text,
                   address text)
    language plpgsql stable security definer rows 50
    set search_path = public, pg_temp set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    little constant integer := 10;
    names  boolean := fields ^@ 'n' and fields <> 'n'; -- on their own before all fields
    alone  boolean := cardinality(terms) = 1;
    mine   tsquery := search_mine();
    begun  text[] := '{}'; -- the terms, as begins
    word   text;
    known  boolean;
    spelt  text;
    near   text[] := '{}'; -- their neighbours' spelling
    base   text[]; -- the terms of any field
    now    text[]; -- of a step
    unsure text[] := '{}'; -- words that no card has
    unknown text[] := '{}'; -- of them, those with which no word begins
    asked  tsquery[]; -- one after the other
    ask    tsquery;
    pattern text; -- of what stands on a card and matches; null: the name does
    words  tsvector; -- of a card
    text   text; -- in which it is to be as it was typed
    found  bigint[] := '{}';
begin
    if mine is null and not in_house() then -- whoever has a right to see is in the house
        return;
    end if;
    for step in 1 .. 7 loop
        if step = 1 then
            now := terms;
        elsif step = 2 then
            for i in 1 .. cardinality(terms) loop
                select l.word, l.known, l.near into word, known, spelt from search_look(terms[i]) l;
                near[i] := spelt;
                begun[i] := case when alone or not known then search_begin(terms[i]) else terms[i] end;
                if not known then
                    unsure[cardinality(unsure) + 1] := word;
                end if;
            end loop;
            now := begun;
            continue when array_to_string(now, '&') = array_to_string(terms, '&');
        elsif step = 3 then
            base := case when alone or cardinality(found) = 0 then begun else terms end;
            now := base;
        elsif step = 4 then
            continue when alone or cardinality(found) > 0;
            now := array(select search_begin(t) from unnest(terms) t);
            continue when array_to_string(now, '&') = array_to_string(begun, '&');
        elsif step = 5 then
            continue when array_to_string(near, '') = '';
            for i in 1 .. cardinality(base) loop
                base[i] := base[i] || near[i];
            end loop;
            now := base;
        elsif step = 6 then
            exit when cardinality(found) >= little or cardinality(unsure) = 0 and cardinality(found) > 0;
            foreach word in array unsure loop
                if not exists (select from search_word x where x.fold >= word and x.fold < word || chr(1114111)) then
                    unknown[cardinality(unknown) + 1] := word;
                end if;
            end loop;
            exit when cardinality(unknown) = 0 and cardinality(found) > 0;
            now := base;
            for i in 1 .. cardinality(base) loop
                if cardinality(unknown) = 0 or rtrim(split_part(base[i], '|', 1), '*') = any (unknown) then
                    now[i] := regexp_replace(base[i], '^([^|]*)\*', '\1') || coalesce(search_misspelt(base[i]), '');
                end if;
            end loop;
            exit when array_to_string(now, '&') = array_to_string(base, '&');
        end if;
        if step in (1, 2, 4, 6) then
            continue when not names;
            pattern := null;
            asked := array[search_query('n', now)];
            if strpos(asked[1]::text, '*') = 0 then
                asked := array['''%''' && asked[1], asked[1]];
            end if;
        else
            asked := search_asked(now, fields, mine);
            pattern := '^[' || fields || upper(fields) || '](' || translate(replace(array_to_string(now, '|'), '*', '.*'), ' #', '|') || ')$';
        end if;
        foreach ask in array asked loop
            for contact_id, level, name, fold, organisation, address, words, text in
                select k.contact_id, step, k.name, k.fold, k.organisation,
                       case when k.address_mine is not null and k.words @@ mine then k.address_mine else k.address end,
                       k.words, case step when 3 then k.written else k.names end
                  from search_card k
                 where k.words @@ ask and k.name is not null
                 limit most
            loop
                continue when contact_id = any (found);
                exact := step < 5;
                foreach word in array typed loop
                    exact := exact and strpos(text, word) > 0;
                end loop;
                found_by := case when pattern is null then 'n' else '' end;
                if pattern is not null then
                    foreach word in array tsvector_to_array(words) loop -- in the order of their letters
                        if strpos(found_by, left(word, 1)) = 0 and word ~ pattern and (word ~ '^[a-z]' or words @@ mine) then
                            found_by := found_by || left(word, 1);
                        end if;
                    end loop;
                end if;
                found[cardinality(found) + 1] := contact_id;
                return next;
                exit when cardinality(found) >= most;
            end loop;
            exit when cardinality(found) >= most;
        end loop;
        exit when cardinality(found) >= most;
    end loop;
end $$;

-- Functions are nobody's but the owner's by default.
grant execute on function contact_words, contact_search to adresar_office, adresar_report;
