-- When a program last asked about a comment again: it is kept from then on as long as from the first time. And what waits for a
-- person is not kept for ever either: after that time it leaves the queue.
alter table comments add column asked_at timestamptz;

drop index comments_forgettable;
create index comments_forgettable on comments (site_id, id)
    where key_id is not null and forgotten_at is null and label is null and not edited and not sampled;

-- Verdicts that a program did not take.
create index callbacks_troubles on callbacks (id) where error is not null;
