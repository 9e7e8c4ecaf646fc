-- What readers write, and where. `site_id` leads every key and index that a page or a job reads by, so that
-- these tables can be partitioned or distributed by site later. Ids are UUIDv7: they sort by time, which is
-- what keyset pages order by.

-- One row: the secret that signs status links and form tokens, shared by every process of this installation.
create table instance (
    singleton        boolean primary key default true check (singleton),
    secret           bytea not null check (length(secret) = 32),
    setup_token_hash bytea,
    created_at       timestamptz not null
);

create table sites (
    id            bigint generated always as identity primary key,
    name          text not null constraint sites_name_key unique check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    title         text not null,
    -- Where forms may post from and redirects may go to: `scheme://host[:port]`, the first one is the home.
    origins       text[] not null check (cardinality(origins) > 0),
    -- Spam probabilities: below the first a comment is published, from the second on it is turned away.
    approve_below double precision not null,
    reject_from   double precision not null,
    -- The number of the site's newest example; taken under the row's lock, so examples commit in its order.
    example_seq   bigint not null default 0,
    created_at    timestamptz not null,
    constraint sites_thresholds_check check (0 <= approve_below and approve_below <= reject_from and reject_from <= 1)
);

create table articles (
    site_id    bigint not null references sites,
    id         uuid not null,
    -- What identifies the page within the site: path and query without a trailing slash, so that a change of
    -- domain or of the slash does not orphan a thread.
    path       text not null,
    url        text not null,
    created_at timestamptz not null,
    primary key (site_id, id),
    constraint articles_path_key unique (site_id, path)
);

create table comments (
    site_id          bigint not null references sites,
    id               uuid not null,
    article_id       uuid not null,
    parent_id        uuid,
    state            text not null check (state in ('approved', 'held', 'spam', 'rejected', 'deleted')),
    -- Counts the changes of state; a decision made on an older version is a conflict.
    version          integer not null default 1,
    author           text not null,
    email            text not null,
    url              text not null,
    -- As typed (Markdown), and rendered to safe HTML once, at writing time.
    body             text not null,
    html             text not null,
    -- Keyed hash of the e-mail address: the author's record without reading addresses. Null without an e-mail.
    author_key       bytea,
    -- Hash of the text without case, spacing and punctuation: finds the same text again.
    fingerprint      bytea not null,
    -- Hash of what was submitted: a double click or a retry is one comment.
    submission_key   bytea not null,
    -- The judgement at submission.
    spam_probability double precision not null,
    model_id         bigint not null,
    -- What the classifier learnt it as (null: nothing), kept in step with `examples`.
    label            text check (label in ('spam', 'ham')),
    created_at       timestamptz not null,
    search           tsvector generated always as
                     (to_tsvector('simple', author || ' ' || email || ' ' || url || ' ' || body)) stored,
    primary key (site_id, id),
    constraint comments_submission_key unique (site_id, submission_key),
    constraint comments_article_fkey foreign key (site_id, article_id) references articles (site_id, id),
    constraint comments_parent_fkey foreign key (site_id, parent_id) references comments (site_id, id)
);

create index comments_queue on comments (site_id, state, id);
create index comments_thread on comments (site_id, article_id, id) where state = 'approved';
create index comments_author on comments (site_id, author_key, id) where author_key is not null;
create index comments_fingerprint on comments (site_id, fingerprint) where state = 'spam';
create index comments_search on comments using gin (search);
