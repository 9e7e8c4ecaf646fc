-- The nearest comment that somebody decided on, by what like comments share (src/comment/likeness.rs).
create index comments_traits_decided on comments using gin (traits)
    where label is not null and traits <> '{}';
