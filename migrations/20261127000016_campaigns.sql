-- What like comments share, see src/comment/likeness.rs; indexed while nobody has said what the comment is.
alter table comments add column traits bigint[] not null default '{}';
create index comments_traits on comments using gin (traits)
    where state in ('held', 'spam') and label is null and traits <> '{}';
