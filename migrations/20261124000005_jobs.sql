-- Work for later, enqueued in the transaction that asks for it and claimed with SKIP LOCKED.

create table jobs (
    id           bigint generated always as identity primary key,
    kind         text not null,
    payload      jsonb not null,
    state        text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
    run_at       timestamptz not null,
    -- A running job whose lease ran out belongs to a process that died: it is claimed again.
    leased_until timestamptz,
    attempts     integer not null default 0,
    progress     jsonb,
    result       jsonb,
    error        text,
    created_at   timestamptz not null,
    finished_at  timestamptz
);
create index jobs_due on jobs (run_at, id) where state in ('queued', 'running');
create index jobs_kind on jobs (kind, id);

-- Uploaded training data, in pieces, so that any process can run the job and no request holds a whole file.
create table training_files (
    id         uuid primary key,
    name       text not null,
    created_by bigint not null references moderators,
    created_at timestamptz not null
);
create table training_file_chunks (
    file_id uuid not null references training_files on delete cascade,
    no      integer not null,
    data    bytea not null,
    primary key (file_id, no)
);
