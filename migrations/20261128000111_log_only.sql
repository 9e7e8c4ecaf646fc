-- Log only: everything is judged, nothing is decided. For a site, or for what a key asks about.
alter table sites add column log_only boolean not null default false;
alter table keys add column log_only boolean not null default false;

-- What would have been decided. Such a comment has entered no state by a decision, so `entered` is empty.
alter table comments add column would_be text check (would_be in ('approved', 'held', 'spam', 'rejected'));
create index comments_would_be on comments (site_id, id) where would_be is not null;
create index comments_disagreed on comments (site_id, id)
    where would_be in ('spam', 'rejected') and label = 'ham' or would_be = 'approved' and label = 'spam';
