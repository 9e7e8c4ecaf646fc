-- Append-only: who or what moved a comment from where to where, when and why; and what the classifier was
-- taught by it.

create table decisions (
    site_id          bigint not null,
    id               uuid not null,
    comment_id       uuid not null,
    actor            text not null check (actor in ('policy', 'moderator')),
    moderator_id     bigint references moderators,
    from_state       text,
    to_state         text not null,
    reasons          jsonb not null,
    spam_probability double precision not null,
    model_id         bigint not null references models,
    -- The decision that this one takes back.
    undoes           uuid,
    decided_at       timestamptz not null,
    primary key (site_id, id),
    foreign key (site_id, comment_id) references comments (site_id, id),
    constraint decisions_moderator_check check ((actor = 'moderator') = (moderator_id is not null))
);
create index decisions_comment on decisions (site_id, comment_id, id);

-- A change of what a comment is taught as. Replaying a site's rows in the order of `seq` (forget `previous`,
-- learn `label`) gives what its moderators have taught, exactly.
create table examples (
    site_id     bigint not null references sites,
    seq         bigint not null,
    comment_id  uuid not null,
    decision_id uuid not null,
    previous    text check (previous in ('spam', 'ham')),
    label       text check (label in ('spam', 'ham')),
    primary key (site_id, seq),
    foreign key (site_id, comment_id) references comments (site_id, id),
    foreign key (site_id, decision_id) references decisions (site_id, id),
    constraint examples_change_check check (previous is distinct from label)
);

create index examples_comment on examples (site_id, comment_id, seq);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op;
end $$;

create trigger decisions_append_only before update or delete or truncate on decisions
    for each statement execute function refuse_change();
create trigger examples_append_only before update or delete or truncate on examples
    for each statement execute function refuse_change();
create trigger promotions_append_only before update or delete or truncate on promotions
    for each statement execute function refuse_change();
