-- What readers report of published comments. Append-only; a person's decision answers all there are, and says how many.
create table reports (
    site_id     bigint not null,
    id          uuid not null,
    comment_id  uuid not null,
    ground      text not null check (ground in ('spam', 'abuse', 'off-topic', 'illegal', 'other')),
    words       text not null check (char_length(words) <= 500),
    -- Keyed hash of comment and network: one sender's second report of the same comment is none, and nobody can tell
    -- which reports of different comments came from the same sender.
    sender      bytea not null,
    reported_at timestamptz not null,
    primary key (site_id, id),
    constraint reports_sender_key unique (site_id, comment_id, sender),
    foreign key (site_id, comment_id) references comments (site_id, id)
);
create index reports_comment on reports (site_id, comment_id, id);
create trigger reports_append_only before update or delete or truncate on reports
    for each statement execute function refuse_change();

-- How many reports a decision answered; below nought where it takes back one that did. `comments.reports` is what was
-- reported less the sum of these.
alter table decisions add column answered integer not null default 0;
