-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Events, mailings, the outbox; messages, threads, answers; meetings.

create table event (
    id            bigint primary key generated always as identity,
    uid           text not null unique, -- RFC 5545 UID of its invitations
    sequence      integer not null default 0, -- RFC 5546 2.1.4: raised when time or place change, or it is cancelled
    time_sequence integer not null default 0, -- the one with which its time changed: answers to earlier ones are open again
    department_id integer not null references department,
    starts_at     timestamptz not null,
    ends_at       timestamptz not null check (ends_at > starts_at),
    reply_by      date,
    state         text not null default 'planned' check (state in ('planned', 'cancelled')),
    cancel_reason text,
    created       timestamptz not null default now(),
    created_by    name not null default actor(),
    check (time_sequence <= sequence),
    check (cancel_reason is null or state = 'cancelled')
);

create table event_text (
    id       bigint primary key generated always as identity,
    event_id bigint not null references event on delete cascade,
    language text not null,
    name     text not null check (name <> ''),
    place    text not null check (place <> ''),
    unique (event_id, language)
);

-- What people may be written to about.  Each mailing is on one list; without another it is the one of its kind.
-- An official list carries what the office must send whatever somebody has opted out of.
create table mail_list (
    id            integer primary key generated always as identity,
    slug          text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    name          text not null check (name <> ''),
    purpose       text not null check (purpose <> ''),
    basis         text not null check (basis in ('consent', 'contract', 'legal-obligation', 'vital-interest',
                                                 'public-task', 'legitimate-interest')), -- art. 6(1) a to f
    official      boolean not null default false,
    created       timestamptz not null default now(),
    check (not official or basis in ('legal-obligation', 'public-task', 'vital-interest', 'contract'))
);
call audit_table('mail_list');
insert into mail_list (slug, name, purpose, basis, official) values
    ('invitation', 'Invitations', 'invitations to events of the office', 'public-task', false),
    ('newsletter', 'Newsletter', 'news of the office, to those who want them', 'consent', false),
    ('press-release', 'Press releases', 'information of the public through the media', 'public-task', false),
    ('survey', 'Surveys', 'questions to the public', 'legitimate-interest', false),
    ('greeting', 'Greetings', 'good wishes on holidays', 'legitimate-interest', false),
    ('notice', 'Official notices', 'what the office is bound to make known', 'legal-obligation', true);

create table mailing (
    id             bigint primary key generated always as identity,
    kind           text not null default 'invitation'
                   check (kind in ('invitation', 'newsletter', 'press-release', 'notice', 'survey', 'greeting')),
    name           text not null,
    list_id        integer references mail_list, -- null: the list of its kind
    event_id       bigint references event,
    -- what it is to the event's guests: the first letter, what changed, that it is off, that an answer is missing, thanks
    step           text not null default 'invite' check (step in ('invite', 'update', 'cancel', 'remind', 'thank')),
    answer         text check (answer in ('accepted', 'declined', 'tentative')), -- that is thanked for
    sequence       integer not null default 0, -- of the event when this was prepared
    event_said     jsonb, -- what the letters say of it: {"starts", "ends", "texts": [{"language", "name", "place"}]}
    overtaken      boolean not null default false, -- the event changed before all was out: the rest was stopped
    department_id  integer not null references department,
    account        text not null, -- [smtp NAME]
    shared_address text not null default 'each' check (shared_address in ('each', 'one')),
    segment        text, -- the question whose answer its recipients were; null: a list
    missing_of     bigint references mailing, -- it went to whom that one, or another of this kind, had not reached
    paper          boolean not null default false, -- who has no e-mail address gets the letter on paper
    state          text not null default 'draft'
                   check (state in ('draft', 'released', 'paused', 'finished', 'cancelled')),
    pause_reason   text,
    prepared_by    name not null default actor(),
    prepared_at    timestamptz not null default now(),
    released_by    name,
    released_at    timestamptz,
    finished_at    timestamptz,
    constraint four_eyes check (released_by <> prepared_by),
    check ((released_by is null) = (released_at is null)),
    check (state in ('draft', 'cancelled') or released_by is not null),
    check ((state = 'paused') = (pause_reason is not null)),
    check ((state = 'finished') = (finished_at is not null)),
    check (kind <> 'invitation' or event_id is not null),
    check (step = 'invite' or event_id is not null),
    check ((step = 'thank') = (answer is not null)),
    check (not overtaken or state = 'cancelled')
);

create table mailing_text (
    id         bigint primary key generated always as identity,
    mailing_id bigint not null references mailing on delete cascade,
    language   text not null,
    name       text not null, -- file it came from
    line       integer not null, -- of that file, where the body begins
    subject    text not null,
    body       text not null,
    unique (mailing_id, language)
);

create table thread (
    id         bigint primary key generated always as identity,
    subject    text not null default '',
    mailing_id bigint, -- of mailing; no reference, for the same reason as outbox.worker_id
    number     text,   -- under which the office's register has it
    number_key text unique,
    joined_into bigint references thread, -- nothing is in it any more: it is a part of that one
    created    timestamptz not null default now(),
    check ((number is null) = (number_key is null))
);

-- Any mail in or out, as it was on the wire, once.
create table message (
    id             bigint primary key generated always as identity,
    direction      text not null check (direction in ('in', 'out')),
    identity       bytea, -- sha256, see mail/message.h; null: a letter of which nothing came back (mail/message_letter.c)
    rfc_message_id text collate "C", -- Message-ID with its angle brackets
    refers_to      text[], -- the ids of In-Reply-To and References, the newest first; null: none
    thread_id      bigint references thread,
    placed_by      name, -- who put it into its thread by hand; null: the program did
    people         text[], -- whom From, To and Cc name, in small letters, but ourselves
    believed       boolean not null default true, -- these people take part in its thread (mail/inbox_thread.c)
    date           timestamptz,
    received_at    timestamptz not null default now(),
    from_address   text,
    from_name      text,
    subject        text not null default '',
    size           bigint not null,
    contact_id     bigint, -- of contact: who wrote it, or to whom it went
    outbox_id      bigint, -- of outbox.  Inbound: the row that it answers; outbound: the row it is.  Neither is a reference:
                           -- each letter sent would lock the one row and the other
    -- verdict (inbound)
    class          text check (class in ('human', 'auto-reply', 'bounce', 'delay', 'delivered', 'complaint', 'calendar',
                                         'unsubscribe', 'disposition', 'own')),
    rule           text,
    evidence       jsonb,
    facts          jsonb,
    reply_text     text,
    matched_by     text, -- keyed-id, references, number, envelope, event-uid, person; of what we sent: sent, when it has its thread
    proposal       jsonb, -- what it may belong to: {"contact", "thread", "message", "mailing", "evidence": [{"where", "text"}]}
    state          text not null default 'new'
                   check (state in ('new', 'filed', 'decide', 'answered', 'ignored', 'parked', 'sent')),
    why            text, -- what a person has to decide
    check ((direction = 'out') = (state = 'sent')),
    check (state not in ('filed', 'decide') or class is not null),
    check (state <> 'decide' or why is not null),
    check (identity is not null or direction = 'out' and outbox_id is not null)
);
create unique index message_identity on message (identity) where identity is not null;
create index on message (rfc_message_id);
create index on message using gin (refers_to) with (fastupdate = off) where refers_to is not null;
create index on message (thread_id) where thread_id is not null; -- a letter has one when somebody answers it
create index on message (outbox_id) where direction = 'in' and outbox_id is not null; -- outbound: outbox.message_id
create index message_contact on message (contact_id, (coalesce(date, received_at))) where contact_id is not null;
create index message_open on message (state, id) where direction = 'in';
create index message_sent on message (id) where direction = 'out' and class = 'own' and matched_by is null;

-- The date that a mail says of itself, in Unix time, where it can be: not before there was such mail, nor later than it came;
-- the clock of who wrote it may be wrong.  Null: when it came counts.
create function mail_date(said bigint, came timestamptz) returns timestamptz language sql stable as $$
    select case when to_timestamp(said) between '1990-01-01' and greatest(came, now()) + interval '1 day' then to_timestamp(said) end
$$;
grant execute on function mail_date(bigint, timestamptz) to adresar_fetch, adresar_office;

-- To whom else a mail of ours went: message.contact_id is the first.
create table message_recipient (
    id         bigint primary key generated always as identity,
    message_id bigint not null references message,
    contact_id bigint not null references contact on delete cascade,
    unique (message_id, contact_id)
);
create index on message_recipient (contact_id);

-- What the letters of a mailing in one language have in common, and nobody's letter: those that are kept say how they
-- differ from it (base/pack.h).
create table message_base (
    id    bigint primary key generated always as identity,
    bytes bytea not null
);

create table message_chunk (
    message_id bigint not null, -- of message, and written with it
    n          integer not null,
    bytes      bytea not null,
    base_id    bigint, -- null: bytes as they are; else of a frame (base/pack.h), upon message_base, or upon nothing: 0
    primary key (message_id, n)
);

-- What is long in mail packs well, and fast where the server has lz4; what is packed already it leaves alone.
do $$ begin
    alter table message alter column facts set compression lz4, alter column reply_text set compression lz4;
    alter table message_chunk alter column bytes set compression lz4;
exception when feature_not_supported then
    alter table message_chunk alter column bytes set storage external;
end $$;

create table worker (
    id          bigint primary key generated always as identity,
    host        text not null,
    pid         integer not null,
    account     text not null,
    started_at  timestamptz not null default now(),
    lease_until timestamptz not null
);

-- The states of a recipient and the moves between them, filled by `db upgrade` from mail/outbox_state.def.
create table outbox_state (
    state    text primary key,
    terminal boolean not null,
    first    boolean not null
);
create table outbox_move (
    from_state text not null references outbox_state,
    to_state   text not null references outbox_state,
    who        text[] not null check (who <@ '{deliver,fetch,office}' and who <> '{}'),
    primary key (from_state, to_state)
);

-- As which part of the house the session acts: a daemon has its own role, all others are people.
create function acting_as() returns text language sql stable as $$
    select case session_user when 'adresar_deliver' then 'deliver' when 'adresar_fetch' then 'fetch' else 'office' end
$$;
grant execute on function acting_as() to adresar_office, adresar_deliver, adresar_fetch;

-- The ledger: one row a recipient of a mailing.  What changes with its state stands in no index, so that a move rewrites
-- the row alone (HOT); who waits, and who has what in hand, stands in two small tables beside it.
create table outbox (
    id               bigint primary key generated always as identity,
    mailing_id       bigint not null references mailing,
    contact_id       bigint not null references contact,
    post_id          bigint references post,
    to_post          boolean not null default false, -- addressed to the post: its holder is resolved at release
    channel          text not null default 'email' check (channel in ('email', 'paper')),
    address_id       bigint references address on delete set null,
    email            text not null, -- '' on paper
    name             text not null,
    language         text not null,
    view             jsonb not null,
    state            text not null,
    reason           text, -- why held or excluded
    attempt          integer not null default 0,
    worker_id        bigint, -- of worker; no reference: each check would lock the one row that all threads share
    next_try_at      timestamptz not null default now(),
    expires_at       timestamptz,
    rfc_message_id   text, -- Message-ID, with its angle brackets, of the content last submitted
    message_id       bigint, -- of message: that content, written with it
    content_sha256   bytea,
    envelope_from    text,
    state_at         timestamptz not null default now(),
    submitting_at    timestamptz,
    server           text,
    code             integer,
    enhanced         text,
    reply            text,
    settled_by       text, -- smtp, dsn, answer, or a login
    settled_evidence jsonb,
    unique (contact_id, mailing_id) deferrable, -- two of a mailing change places in one statement (contact_merge_exchange)
    check (state not in ('held', 'excluded') or reason is not null),
    check (case channel when 'paper' then state in ('held', 'printed', 'excluded', 'cancelled', 'expired')
                        else state <> 'printed' end),
    check (state <> 'claimed'), -- which is no state of a row, but of a batch that it is in
    check (state <> 'submitting' or worker_id is not null),
    check (state not in ('submitting', 'accepted', 'unknown', 'delivered')
           or (rfc_message_id is not null and message_id is not null and envelope_from is not null
               and content_sha256 is not null))
) with (fillfactor = 45);

-- It has not reached its recipient and will not, but might have on another way: who must not be written to is not missed.
create function outbox_missed(o outbox) returns boolean language sql immutable as $$
    select o.state in ('refused', 'bounced', 'expired', 'cancelled')
        or o.state = 'excluded' and o.settled_by is null and o.reason ~ '^(no e-mail address|no address|address )'
$$;
grant execute on function outbox_missed(outbox) to adresar_office;

create index on outbox (mailing_id, id);
create index on outbox (address_id) where address_id is not null; -- an address that goes is taken off its letters
create unique index outbox_post on outbox (post_id, mailing_id) where post_id is not null;

-- Who waits to be sent to: the rows in the states queued and deferred.  An entry whose row is in another state by now is
-- dropped by who claims it; a row without an entry gets one again (outbox_mend_queue in sql/query/outbox.sql).
create table outbox_queue (
    outbox_id   bigint primary key, -- of outbox
    mailing_id  bigint not null,    -- of mailing
    next_try_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000);
create index on outbox_queue (mailing_id, next_try_at, outbox_id);

-- What a worker has claimed and nobody else is to send, until all of it has an outcome: who waits (queued, deferred) and is
-- in a batch is shown as claimed.  A row is submitted out of a batch that is still there.
create table outbox_batch (
    id        bigint primary key generated always as identity,
    worker_id bigint not null, -- of worker
    ids       bigint[] not null -- of outbox
);
create index on outbox_batch (worker_id);

-- What became of each attempt, written with its outcome.  The one that is open is the row itself (submitting), and stays it
-- when the server has taken the letter, or nobody knows: then it is written down when the row moves on (outbox_moves).
create table outbox_attempt (
    outbox_id  bigint not null, -- of outbox
    attempt    integer not null,
    worker_id  bigint not null,
    address    text not null,
    server     text,
    stage      text,
    code       integer,
    enhanced   text,
    reply      text,
    outcome    text not null check (outcome in ('accepted', 'deferred', 'refused', 'lost', 'unknown')),
    started_at timestamptz not null,
    ended_at   timestamptz not null default clock_timestamp(),
    primary key (outbox_id, attempt)
);

-- All of them, wherever they stand.
create view attempt with (security_invoker = true) as
    select outbox_id, attempt, worker_id, address, server, stage, code, enhanced, reply, outcome, started_at, ended_at
      from outbox_attempt
    union all
    select o.id, o.attempt, o.worker_id, o.email, o.server, case o.state when 'accepted' then 'content' end, o.code, o.enhanced,
           o.reply, o.state, o.submitting_at, o.state_at
      from outbox o
     where o.state in ('accepted', 'unknown') and o.worker_id is not null and o.submitting_at is not null
       and not exists (select from outbox_attempt a where a.outbox_id = o.id and a.attempt = o.attempt);

create function attempt_keep(outbox_row bigint) returns void
    language sql security definer set search_path = public, pg_temp as $$
    insert into outbox_attempt select * from attempt where outbox_id = outbox_row on conflict do nothing
$$;
grant execute on function attempt_keep(bigint) to adresar_office, adresar_deliver, adresar_fetch;

-- Text and recipients of a mailing are its preparer's, and only while it is a draft: whoever releases it has written
-- nothing of it.  The lock makes a release that is under way be waited for.
create function mailing_must_be_own_draft(mailing_id bigint) returns void
    language plpgsql set search_path = public, pg_temp as $$
declare
    m record;
begin
    select state, prepared_by into m from mailing where id = mailing_id for share;
    if m.state <> 'draft' then
        raise exception 'mailing % is released: it does not change any more', mailing_id using errcode = 'AD001';
    end if;
    if m.prepared_by <> actor() then
        raise exception 'mailing % is prepared by %: nobody else changes it', mailing_id, m.prepared_by
            using errcode = 'AD001';
    end if;
end $$;
grant execute on function mailing_must_be_own_draft(bigint) to adresar_office;

-- At the release, and then alone, a letter to a post turns to the post's holder of that day.
create function outbox_resolves_post(old outbox, new outbox) returns boolean
    language sql stable set search_path = public, pg_temp as $$
    select old.to_post and new.to_post and new.post_id = old.post_id and new.mailing_id = old.mailing_id
       and old.state = 'held' and old.reason = 'release'
       and exists (select from mailing where id = old.mailing_id and state = 'draft')
       and exists (select from term where post_id = old.post_id and holder_id = new.contact_id and during @> current_date)
       and (new.channel = 'paper'
            or exists (select from address where id = new.address_id and contact_id = new.contact_id))
$$;
grant execute on function outbox_resolves_post(outbox, outbox) to adresar_office, adresar_deliver, adresar_fetch;

-- A contact is merged into another, or taken out of it again: its letters go along, and say what they said.
create function outbox_follows_merge(old outbox, new outbox) returns boolean
    language plpgsql stable set search_path = public, pg_temp as $$
begin -- plpgsql: merged_into comes later
    return (new.mailing_id, new.channel, new.email, new.name, new.view, new.language)
           is not distinct from (old.mailing_id, old.channel, old.email, old.name, old.view, old.language)
       and exists (select from contact where (id, merged_into) in ((old.contact_id, new.contact_id),
                                                                   (new.contact_id, old.contact_id)));
end $$;
grant execute on function outbox_follows_merge(outbox, outbox) to adresar_office, adresar_deliver, adresar_fetch;

-- A merge is taken apart: who was excluded because of it from what is a draft still waits again.  By contact_unmerge alone.
create function outbox_leaves_merge(old outbox) returns boolean
    language sql stable set search_path = public, pg_temp as $$
    select current_user = 'adresar_owner' and old.state = 'excluded' and old.reason = 'merged'
       and exists (select from mailing where id = old.mailing_id and state = 'draft')
$$;
grant execute on function outbox_leaves_merge(outbox) to adresar_office, adresar_deliver, adresar_fetch;

-- The guards are functions that raise; the conditions of their triggers say when, so that a move that is in order calls
-- none.
create function outbox_begins() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if not exists (select from outbox_state where state = new.state and first) then
        raise exception 'a recipient cannot begin as "%"', new.state using errcode = 'AD001';
    end if;
    perform mailing_must_be_own_draft(new.mailing_id);
    return new;
end $$;
create trigger outbox_begins before insert on outbox for each row execute function outbox_begins();

create function outbox_is_frozen() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if not outbox_resolves_post(old, new) and not outbox_follows_merge(old, new) and not erasing() then
        raise exception 'recipient % is frozen', old.id using errcode = 'AD001';
    end if;
    return new;
end $$;
create trigger outbox_frozen before update of mailing_id, contact_id, channel, email, name, view, language on outbox for each row
    when ((new.mailing_id, new.contact_id, new.channel, new.email, new.name, new.view, new.language)
          is distinct from (old.mailing_id, old.contact_id, old.channel, old.email, old.name, old.view, old.language))
    execute function outbox_is_frozen();

create function outbox_moves() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if not exists (select from outbox_move where from_state = old.state and to_state = new.state
                      and acting_as() = any (who)) and not outbox_leaves_merge(old) then
        raise exception 'recipient % cannot go from "%" to "%"', old.id, old.state, new.state using errcode = 'AD001';
    end if;
    if old.state in ('accepted', 'unknown') then
        perform attempt_keep(old.id);
    end if;
    if new.state = 'printed' then -- who cannot print may not look there
        if not exists (select from paper_letter where outbox_id = new.id) then
            raise exception 'what is printed for recipient % must be kept', old.id using errcode = 'AD001';
        end if;
    end if;
    new.state_at := clock_timestamp();
    return new;
end $$;
create trigger outbox_moves before update of state on outbox for each row
    when (new.state <> old.state) execute function outbox_moves();

-- The trigger anew, with what deliver may do (and when it says the time) in its condition.
create function outbox_moves_known() returns void language plpgsql set search_path = public, pg_temp as $$
begin
    execute format(
        'create or replace trigger outbox_moves before update of state on outbox for each row
         when (new.state <> old.state
               and (session_user <> ''adresar_deliver'' or new.state_at = old.state_at
                    or old.state || ''>'' || new.state <> all (%L::text[])))
         execute function outbox_moves()',
        (select coalesce(array_agg(from_state || '>' || to_state order by 1), '{}') from outbox_move
          where 'deliver' = any (who)));
end $$;

create function outbox_is_signed() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if new.settled_by is distinct from actor() then
        raise exception 'an outcome is settled in one''s own name' using errcode = 'AD001';
    end if;
    return new;
end $$;
create trigger outbox_signed before update of state, settled_by on outbox for each row
    when (session_user not in ('adresar_deliver', 'adresar_fetch')
          and (new.settled_by is distinct from old.settled_by or old.state = 'unknown' and new.state <> old.state))
    execute function outbox_is_signed();

-- The event as it stays until the end of the transaction: whoever moves it waits.
create function event_sequence(event bigint) returns integer
    language sql volatile security definer set search_path = public, pg_temp as $$
    select sequence from event where id = $1 for share
$$;
grant execute on function event_sequence(bigint) to adresar_office, adresar_deliver, adresar_fetch;

create function event_said(event bigint) returns jsonb language sql stable set search_path = public, pg_temp as $$
    select jsonb_build_object('starts', extract(epoch from starts_at)::bigint, 'ends', extract(epoch from ends_at)::bigint,
                              'texts', (select coalesce(jsonb_agg(jsonb_build_object('language', language, 'name', name,
                                                                                     'place', place) order by id), '[]')
                                          from event_text where event_id = e.id))
      from event e where id = $1
$$;
grant execute on function event_said(bigint) to adresar_office;

-- Released means frozen; released in one's own name; finished when each recipient has an outcome.
create function mailing_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.prepared_by <> actor() or new.state <> 'draft' or new.released_by is not null then
            raise exception 'a mailing begins as a draft, in one''s own name' using errcode = 'AD001';
        end if;
        if new.kind <> 'notice' and exists (select from mail_list where id = new.list_id and official) then
            raise exception 'only notices are sent on an official list, which nobody can opt out of' using errcode = 'AD001';
        end if;
        new.prepared_at := now();
        new.sequence := coalesce(event_sequence(new.event_id), 0);
        new.event_said := event_said(new.event_id);
        return new;
    end if;
    if (new.prepared_by, new.prepared_at, new.event_said)
       is distinct from (old.prepared_by, old.prepared_at, old.event_said)
       or ((new.kind, new.name, new.list_id, new.event_id, new.step, new.answer, new.sequence, new.department_id,
            new.account, new.shared_address, new.segment, new.missing_of, new.paper)
           is distinct from (old.kind, old.name, old.list_id, old.event_id, old.step, old.answer, old.sequence,
                             old.department_id, old.account, old.shared_address, old.segment, old.missing_of, old.paper)
           and (old.state <> 'draft' or old.prepared_by <> actor())) then
        raise exception 'mailing % does not change: it is released, or prepared by somebody else', old.id
            using errcode = 'AD001';
    end if;
    if new.state <> old.state and not exists (
        select from (values ('draft', 'released', '{office}'::text[]), ('draft', 'cancelled', '{office}'),
                            ('released', 'paused', '{office,deliver,fetch}'), ('paused', 'released', '{office}'),
                            ('released', 'cancelled', '{office}'), ('paused', 'cancelled', '{office}'),
                            ('released', 'finished', '{office,deliver,fetch}')) move (before, after, who)
         where before = old.state and after = new.state and acting_as() = any (who)) then
        raise exception 'mailing % cannot go from "%" to "%"', old.id, old.state, new.state using errcode = 'AD001';
    end if;
    if old.state = 'draft' and new.state = 'released' then
        if event_sequence(new.event_id) <> new.sequence then
            raise exception 'event % has changed since mailing % was prepared', new.event_id, new.id using errcode = 'AD001';
        end if;
        new.released_at := now();
    end if;
    if (new.released_by, new.released_at) is distinct from (old.released_by, old.released_at)
       and not (old.state = 'draft' and new.state = 'released' and new.released_by is not distinct from actor()) then
        raise exception 'a mailing is released once, and in one''s own name' using errcode = 'AD001';
    end if;
    if new.state = 'finished' and old.state <> 'finished' and exists (
        select from outbox o join outbox_state s using (state) where o.mailing_id = new.id and not s.terminal) then
        raise exception 'mailing % has recipients without an outcome', new.id using errcode = 'AD001';
    end if;
    return new;
end $$;
create trigger mailing_guard before insert or update on mailing for each row execute function mailing_guard();

-- Whoever delivers is told once a mailing, by whoever releases it or lets it go on; never by a recipient's row, whose
-- transactions are many and would all queue for the one lock of NOTIFY.
create function mailing_is_out() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    notify adresar_outbox;
    return null;
end $$;
create trigger mailing_is_out after update of state on mailing for each row
    when (new.state = 'released' and old.state <> 'released') execute function mailing_is_out();

create function mailing_text_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        perform mailing_must_be_own_draft(old.mailing_id);
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    perform mailing_must_be_own_draft(new.mailing_id);
    return new;
end $$;
create trigger mailing_text_guard before insert or update or delete on mailing_text
    for each row execute function mailing_text_guard();

-- While invitations go out, the words of their event stay: they stand in the calendar that goes with each.  An event that
-- is moved has stopped them before (022_event.sql).
create function event_text_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from mailing where event_id = old.event_id and state in ('released', 'paused')) then
        raise exception 'invitations to event % are going out: its words do not change now', old.event_id
            using errcode = 'AD001';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger event_text_guard before update or delete on event_text for each row execute function event_text_guard();

-- Where a message lies: one row a place.
create table mailbox (
    id          integer primary key generated always as identity,
    account     text not null, -- [imap NAME]
    folder      text not null,
    uidvalidity bigint not null,
    next_uid    bigint not null default 1,
    read_at     timestamptz, -- last success
    error       text,
    error_at    timestamptz,
    unique (account, folder)
);
create table message_place (
    mailbox_id  integer not null references mailbox,
    uidvalidity bigint not null,
    uid         bigint not null,
    message_id  bigint references message, -- null: kept apart (too large, cannot be fetched)
    why         text,
    seen_at     timestamptz not null default now(),
    primary key (mailbox_id, uidvalidity, uid),
    check (message_id is not null or why is not null)
);
create index on message_place (message_id);
-- A set of one row, so that it becomes part of the statement.
create function message_accounts(message bigint) returns table (accounts text) language sql stable as $$
    select string_agg(distinct b.account, ',')
      from message_place p join mailbox b on b.id = p.mailbox_id where p.message_id = message
$$;
grant execute on function message_accounts(bigint) to adresar_fetch, adresar_office;

-- Who said what about an event: each statement of theirs a row; the newest confirmed one counts, else the newest
-- proposed one is shown.  What was said before its time changed counts no more.
create table answer (
    id         bigint primary key generated always as identity,
    event_id   bigint not null references event,
    contact_id bigint not null references contact,
    answer     text not null check (answer in ('accepted', 'declined', 'tentative', 'delegated', 'question')),
    state      text not null check (state in ('proposed', 'confirmed', 'rejected')),
    by         text not null check (by in ('calendar', 'words', 'person')),
    message_id bigint references message,
    evidence   jsonb not null,
    sequence   integer not null default 0, -- of the event that is answered: RFC 5546 2.1.5
    stamp      timestamptz,
    at         timestamptz not null default now(),
    decided_by name,
    persons    integer check (persons between 1 and 999), -- all who come; null: it was not said
    instead    text check (instead <> ''),                -- who comes, by name
    instead_id bigint references contact,
    rule       text, -- by which words were read (mail/intent.h)
    unique (message_id, contact_id),
    check (by = 'person' or message_id is not null),
    check (by <> 'person' or decided_by is not null)
);
create index on answer (event_id, contact_id);
create index on answer (contact_id);
create index on answer (instead_id) where instead_id is not null;

-- Who does not come is nobody, and sends nobody.
create function answer_fits() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if new.answer in ('declined', 'question') then
        new.persons := null;
    end if;
    if new.answer <> 'delegated' then
        new.instead := null;
        new.instead_id := null;
    end if;
    return new;
end $$;
create trigger answer_fits before insert or update on answer for each row execute function answer_fits();

create function answer_guard() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if acting_as() = 'office' and new.decided_by is distinct from actor()
       and (tg_op = 'INSERT' or (new.answer, new.state, new.decided_by) is distinct from
                                (old.answer, old.state, old.decided_by)) then
        raise exception 'an answer is decided on in one''s own name' using errcode = 'AD001';
    end if;
    if tg_op = 'INSERT' then -- not said: the version that the letter was about, else the one of now; never one to come
        new.sequence := coalesce(least(
            coalesce(new.sequence, (select g.sequence from message m join outbox o on o.id = m.outbox_id
                                      join mailing g on g.id = o.mailing_id
                                     where m.id = new.message_id and g.event_id = new.event_id)),
            (select e.sequence from event e where e.id = new.event_id)), 0);
    end if;
    return new;
end $$;
create trigger answer_guard before insert or update on answer for each row execute function answer_guard();

-- What each said last: to the event as it is now, else to an earlier time, which is open again.
create view event_last_answer with (security_invoker = true) as
    select distinct on (a.event_id, a.contact_id) a.*, a.sequence < e.time_sequence as open
      from answer a join event e on e.id = a.event_id
     where a.state <> 'rejected'
     order by a.event_id, a.contact_id, a.sequence < e.time_sequence, a.state = 'confirmed' desc, coalesce(a.stamp, a.at) desc,
              a.id desc;
create view event_answer with (security_invoker = true) as select * from event_last_answer where not open;

create table meeting (
    id            bigint primary key generated always as identity,
    department_id integer not null references department,
    held_on       date not null,
    held_at       time,
    place         text not null default '',
    subject       text not null check (subject <> ''),
    chair         text not null default '',
    attendees     text not null default '',
    minutes       text not null default '',
    language      text,
    import_id     bigint references import,
    created       timestamptz not null default now(),
    created_by    name not null default actor()
);
create index on meeting (held_on);
create index on meeting (import_id);

call audit_table('event');
call audit_table('event_text');
call audit_table('mailing');
call audit_table('mailing_text');
call audit_table('answer');
call audit_table('meeting');
-- what the daemons do to the ledger and to messages is their work, and stands in the rows; what people do is audited
call audit_table('outbox', $$when (session_user not in ('adresar_deliver', 'adresar_fetch'))$$);
call audit_table('message', $$when (session_user not in ('adresar_deliver', 'adresar_fetch'))$$);

grant select, insert on mail_list to adresar_office;
grant select, insert, update on event, event_text, mailing, mailing_text, answer, meeting to adresar_office;
grant delete on event_text, mailing_text, meeting to adresar_office;
grant select on outbox to adresar_office;
grant insert (mailing_id, contact_id, post_id, to_post, channel, address_id, email, name, language, view, state, reason)
    on outbox to adresar_office;
grant update (state, state_at, reason, next_try_at, worker_id, expires_at, settled_by, settled_evidence, enhanced, reply)
    on outbox to adresar_office;
grant update (contact_id, channel, address_id, email, name, language, view) on outbox
    to adresar_office; -- outbox_resolves_post
grant select, insert, update, delete on outbox_queue to adresar_office;
grant select on outbox_batch to adresar_office;
grant select on outbox_state, outbox_move to adresar_office, adresar_deliver, adresar_fetch, adresar_report;
grant select on outbox_attempt, attempt, thread, message, message_recipient, message_base, message_chunk, mailbox, message_place, worker,
    event_answer, event_last_answer to adresar_office;
grant update (state, why, class, rule, evidence, contact_id, thread_id, placed_by, outbox_id, matched_by, proposal) on message
    to adresar_office;
grant update (number, number_key, joined_into) on thread to adresar_office;
grant insert on thread to adresar_office;

grant select on event, event_text, mailing, mailing_text, outbox, outbox_attempt, attempt, thread, message, message_recipient, mailbox,
    message_place, answer, event_answer, event_last_answer, meeting to adresar_report;

grant select on event, event_text, mailing, mailing_text, outbox, outbox_attempt, message, message_base, message_chunk, worker
    to adresar_deliver;
grant insert on outbox_attempt, message, message_base, message_chunk, worker to adresar_deliver;
grant usage on sequence message_id_seq to adresar_deliver;
grant select, insert, update, delete on outbox_queue, outbox_batch to adresar_deliver;
grant update (lease_until) on worker to adresar_deliver;
grant update (state, pause_reason, finished_at) on mailing to adresar_deliver;
grant update (state, reason, attempt, worker_id, next_try_at, rfc_message_id, message_id, content_sha256, envelope_from,
              state_at, submitting_at, server, code, enhanced, reply, settled_by, settled_evidence)
    on outbox to adresar_deliver;
grant update (server, stage, code, enhanced, reply, outcome, ended_at) on outbox_attempt to adresar_deliver; -- an unknown

grant select on event, event_text, mailing, outbox, outbox_queue, outbox_attempt, message, message_recipient, message_base,
    message_chunk, thread, mailbox, message_place, answer, event_answer, event_last_answer to adresar_fetch;
grant insert on message, message_recipient, message_chunk, thread, mailbox, message_place, answer to adresar_fetch;
grant update on mailbox to adresar_fetch;
grant update (identity, direction, thread_id, contact_id, outbox_id, people, believed, date, from_address, from_name, subject, class,
              rule, evidence, facts, reply_text, matched_by, proposal, state, why)
    on message to adresar_fetch;
grant update (joined_into) on thread to adresar_fetch;
grant update (message_id, why) on message_place to adresar_fetch;
grant update (state, state_at, code, enhanced, reply, settled_by, settled_evidence) on outbox to adresar_fetch;
grant update (state, decided_by) on answer to adresar_fetch;
grant update (state, pause_reason, finished_at) on mailing to adresar_fetch;
