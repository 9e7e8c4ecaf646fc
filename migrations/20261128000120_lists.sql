-- Lists of the desk that somebody comes back to: a queue with filters, by a name. Each person has their own.
create table lists (
    id           bigint generated always as identity primary key,
    moderator_id bigint not null references moderators,
    name         text not null,
    -- The query of the list's address.
    query        text not null,
    saved_at     timestamptz not null,
    unique (moderator_id, name)
);

-- Rejected comments by the reason that their newest decision gives.
create index decisions_because on decisions (site_id, reason, comment_id) where reason is not null;
