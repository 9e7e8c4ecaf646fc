-- Comments that programs had checked are kept for a limited time, unless a person has said what they are.
alter table comments
    add column forgotten_at timestamptz,
    -- What is forgotten can teach nothing any more.
    add constraint comments_forgotten_check check (forgotten_at is null or key_id is not null and label is null);

-- What may be forgotten, oldest first. What is in the audit sample waits until somebody has looked at it.
create index comments_forgettable on comments (site_id, id)
    where key_id is not null and forgotten_at is null and label is null and not edited and not sampled and state <> 'held';

drop trigger comments_wording_kept on comments;
create trigger comments_wording_kept before update of author, url, body on comments
    for each row when ((old.author, old.url, old.body) is distinct from (new.author, new.url, new.body)
                       and old.forgotten_at is null and new.forgotten_at is null)
    execute function keep_wording();
