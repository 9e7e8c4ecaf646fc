-- Keys that programs speak to us with, each for one site. Only keyed hashes are stored: with the 48 bits of a key of
-- Akismet's protocol a plain hash could be searched through.
create table keys (
    id         bigint generated always as identity primary key,
    site_id    bigint not null references sites,
    kind       text not null check (kind in ('akismet', 'api')),
    -- What it is for, in somebody's words.
    name       text not null,
    key_hash   bytea not null constraint keys_hash_key unique,
    -- What a key of the API may do; those of Akismet's protocol check and report.
    scopes     text[] not null,
    created_at timestamptz not null,
    revoked_at timestamptz
);
create index keys_site on keys (site_id, id);

-- What each key was used for, by month and by the host of the page that asked.
create table key_usage (
    key_id          bigint not null references keys,
    month           date not null,
    blog            text not null,
    calls           bigint not null,
    spam            bigint not null,
    missed_spam     bigint not null,
    false_positives bigint not null,
    primary key (key_id, month, blog)
);

-- Comments that are shown elsewhere: a key's program has sent them to be judged. They are on the desk like all others, and on
-- no page of ours.
alter table comments
    add column key_id bigint references keys,
    -- Where the program wants to be told what became of it.
    add column callback text;
create index comments_checked on comments (site_id, fingerprint, id) where key_id is not null;

-- A program reports what a comment was: the site's own people have said so over there.
alter table decisions add column key_id bigint references keys;
alter table decisions drop constraint decisions_actor_check;
alter table decisions add constraint decisions_actor_check check (actor in ('policy', 'moderator', 'key')),
    add constraint decisions_key_check check ((actor = 'key') = (key_id is not null));
