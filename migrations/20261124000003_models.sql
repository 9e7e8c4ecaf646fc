-- Every model version, its file included, so that a backup of the database is a backup of everything.

create table models (
    id         bigint generated always as identity primary key,
    checksum   text not null constraint models_checksum_key unique,
    origin     text not null check (origin in ('starter', 'trained', 'imported')),
    card       jsonb not null,
    -- Candidate and then-current model on the same held-out rows, for models trained here.
    comparison jsonb,
    artifact   bytea not null,
    created_at timestamptz not null
);

-- Up to which example of each site a model was trained; what came later is learnt on top at load time.
create table model_examples (
    model_id    bigint not null references models,
    site_id     bigint not null references sites,
    through_seq bigint not null,
    primary key (model_id, site_id)
);

-- Append-only; the newest row names the model in force. `previous_id` is what a roll-back returns to.
create table promotions (
    id           bigint generated always as identity primary key,
    model_id     bigint not null references models,
    previous_id  bigint references models,
    kind         text not null check (kind in ('promote', 'rollback')),
    moderator_id bigint references moderators,
    promoted_at  timestamptz not null
);

alter table comments add constraint comments_model_fkey foreign key (model_id) references models;
