-- Rules that people make: whom or what to trust, to hold, to turn away. And what they note about authors.

alter table comments
    -- Keyed hash of the network it was sent from, forgotten after 90 days; null: not known, or this machine itself.
    add column network bytea,
    -- Whether rules had a say in what became of it: then it tells nothing of the thresholds.
    add column ruled boolean not null default false,
    -- A ban turns away without calling it spam.
    drop constraint comments_entered_check,
    add constraint comments_entered_check check (entered in ('approved', 'held', 'spam', 'rejected'));

create index comments_network on comments (site_id, network, id) where network is not null;
create index comments_network_age on comments (site_id, id) where network is not null;
-- Where an author has been seen by people: an address that is only typed comes from elsewhere.
create index comments_familiar on comments (site_id, author_key, network)
    where state = 'approved' and label = 'ham' and author_key is not null and network is not null;

create table rules (
    id         bigint generated always as identity primary key,
    -- Null: all sites.
    site_id    bigint references sites,
    kind       text not null check (kind in ('email', 'domain', 'name', 'network', 'host', 'words')),
    -- What it matches, as src/policy/rules.rs tidies it; of addresses a keyed hash in hexadecimal.
    patterns   text[] not null check (cardinality(patterns) > 0),
    -- Where words are looked for.
    fields     text[] not null check (fields <@ array['text', 'name', 'site']),
    effect     text not null check (effect in ('trust', 'hold', 'ban')),
    -- What people are shown of what it matches: of an e-mail address not all.
    shown      text not null,
    note       text not null,
    made_by    bigint not null references moderators,
    made_at    timestamptz not null,
    -- Null: for ever.
    until      timestamptz,
    ended_by   bigint references moderators,
    ended_at   timestamptz,
    constraint rules_ended_check check ((ended_at is null) = (ended_by is null))
);
create index rules_ended on rules (id) where ended_at is not null or until is not null;

-- Which rules a comment came under when it came in.
create table rule_hits (
    rule_id    bigint not null references rules,
    site_id    bigint not null,
    comment_id uuid not null,
    primary key (rule_id, site_id, comment_id),
    foreign key (site_id, comment_id) references comments (site_id, id) on delete cascade
);
create index rule_hits_comment on rule_hits (site_id, comment_id);

create table author_notes (
    site_id      bigint not null references sites,
    author_key   bytea not null,
    id           uuid not null,
    moderator_id bigint not null references moderators,
    note         text not null,
    written_at   timestamptz not null,
    primary key (site_id, author_key, id)
);
create trigger author_notes_append_only before update or delete or truncate on author_notes
    for each statement execute function refuse_change();
