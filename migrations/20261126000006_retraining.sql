-- Retraining that cannot hurt: what the trial against the model in force said, what a model in the shadow would have
-- decided, and what shows that a model has grown old.

-- Why the trial refused the model, in words; empty: it did not, or there was no trial.
alter table models add column refusal text[] not null default '{}';
-- Put in force by somebody who had read these words.
alter table promotions add column despite_refusal boolean not null default false;

-- Append-only; the newest row names the model that scores in the shadow of the one in force (null: none).
create table shadows (
    id           bigint generated always as identity primary key,
    model_id     bigint references models,
    moderator_id bigint references moderators,
    chosen_at    timestamptz not null
);
create trigger shadows_append_only before update or delete or truncate on shadows
    for each statement execute function refuse_change();

-- What the model in the shadow made of a comment, beside what was decided of it: states a comment enters.
create table shadow_scores (
    site_id          bigint not null,
    comment_id       uuid not null,
    model_id         bigint not null references models,
    spam_probability double precision not null,
    decided          text not null,
    would_be         text not null,
    primary key (site_id, comment_id),
    foreign key (site_id, comment_id) references comments (site_id, id)
);
create index shadow_scores_newest on shadow_scores (site_id, model_id, comment_id) include (decided, would_be);
create index shadow_scores_differing on shadow_scores (site_id, model_id, comment_id) where decided <> would_be;

-- The judgement of the text alone, without signals and prior, and the share of its evidence that the model had never
-- seen; null for comments of before.
alter table comments add column text_probability double precision, add column unseen_share double precision;

-- A site's newest labelled comments: the prior of its queue, and whether probabilities came true.
create index comments_labelled on comments (site_id, id) include (label) where label is not null;
