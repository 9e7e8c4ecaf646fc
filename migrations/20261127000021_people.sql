-- Who may do what where, how somebody gets in, and what they did.

-- Sites that somebody is confined to; none is all.
create table moderator_sites (
    moderator_id bigint not null references moderators on delete cascade,
    site_id      bigint not null references sites,
    primary key (moderator_id, site_id)
);

-- Invited and not in yet: no password.
alter table moderators alter column password_hash drop not null;

-- A single-use link to choose a password by: an invitation where there is none yet. A newer link replaces the older.
create table password_links (
    moderator_id bigint primary key references moderators on delete cascade,
    token_hash   bytea not null constraint password_links_token_key unique,
    expires_at   timestamptz not null
);

-- Sessions as their owner sees them. `browser` is coarse: "Firefox on Linux".
alter table sessions
    add column id bigint generated always as identity constraint sessions_id_key unique,
    add column browser text not null default 'Unknown browser',
    add column used_at timestamptz;
update sessions set used_at = created_at;
alter table sessions alter column used_at set not null, alter column used_at set default now();

-- Second factors (RFC 6238). One that is not confirmed yet asks for nothing.
create table second_factors (
    moderator_id bigint primary key references moderators on delete cascade,
    secret       bytea not null,
    confirmed_at timestamptz,
    -- The last time step whose code was taken; no code of it or before is taken again.
    last_step    bigint not null default 0
);
create table recovery_codes (
    moderator_id bigint not null references second_factors on delete cascade,
    code_hash    bytea not null,
    primary key (moderator_id, code_hash)
);

-- Sign-ins that failed, by keyed hashes of names and addresses; forgotten after a day of peace.
create table sign_in_failures (
    key      bytea primary key,
    failures integer not null,
    last_at  timestamptz not null
);
-- Where somebody has signed in from before, by keyed hash of name and network: there, strangers' failures do not count.
create table familiar_places (
    key     bytea primary key,
    last_at timestamptz not null
);

-- What people do besides deciding on comments.
create table acts (
    id       uuid primary key,
    actor    text not null check (actor in ('moderator', 'command line', 'nobody')),
    actor_id bigint references moderators,
    kind     text not null,
    about_id bigint references moderators,
    site_id  bigint references sites,
    details  jsonb not null,
    acted_at timestamptz not null,
    constraint acts_actor_id_check check ((actor = 'moderator') = (actor_id is not null))
);
create index acts_actor on acts (actor_id, id);
create index acts_kind on acts (kind, id);
create trigger acts_append_only before update or delete or truncate on acts
    for each statement execute function refuse_change();

-- What people decided, newest first and all together; what the policy decided is left out.
create index decisions_people on decisions (id) where moderator_id is not null;
