-- Who decides, and who may ask. Only hashes of tokens and keys are stored.

create table moderators (
    id            bigint generated always as identity primary key,
    name          text not null,
    password_hash text not null,
    role          text not null check (role in ('admin', 'moderator', 'viewer')),
    disabled_at   timestamptz,
    created_at    timestamptz not null
);
create unique index moderators_name_key on moderators (lower(name));

create table sessions (
    token_hash   bytea primary key,
    moderator_id bigint not null references moderators on delete cascade,
    created_at   timestamptz not null,
    expires_at   timestamptz not null
);
create index sessions_expiry on sessions (expires_at);
create index sessions_moderator on sessions (moderator_id);

create table api_keys (
    site_id    bigint not null references sites,
    id         uuid not null,
    kind       text not null check (kind in ('akismet', 'api')),
    name       text not null,
    key_hash   bytea not null constraint api_keys_key_hash_key unique,
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (site_id, id)
);
