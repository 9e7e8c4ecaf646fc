-- When a second factor was begun: one that is not confirmed soon is shown no more.
alter table second_factors add column begun_at timestamptz not null default now();
