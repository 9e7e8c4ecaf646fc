-- What people decide at the desk about a comment of another program is told to that program, where it said so.

-- A key of Akismet's protocol is made of the installation's secret and this: such a call back has to show it, and it is
-- stored nowhere.
alter table keys add column nonce bytea check (length(nonce) = 16);

-- The newest verdict on a comment, for the program that asked. One row a comment, so that an older verdict never comes after a newer one.
create table callbacks (
    site_id     bigint not null,
    comment_id  uuid not null,
    -- Another one for another verdict: what became of an older one is not noted for it.
    id          uuid not null constraint callbacks_id_key unique,
    -- Whether it is spam.
    spam        boolean not null,
    state       text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed', 'moot')),
    attempts    integer not null default 0,
    -- Also a lease, as that of webhooks.
    next_try_at timestamptz not null,
    error       text,
    ended_at    timestamptz,
    primary key (site_id, comment_id),
    foreign key (site_id, comment_id) references comments (site_id, id) on delete cascade
);
create index callbacks_due on callbacks (next_try_at) where state = 'waiting';
create index callbacks_ended on callbacks (ended_at) where ended_at is not null;

create or replace function note_decisions() returns trigger language plpgsql as $$
begin
    insert into events (site_id, comment_id, decision_id, happened_at)
    select site_id, comment_id, id, decided_at from entered
    where exists (select from webhooks w where w.site_id = entered.site_id)
       or exists (select from notice_settings where confirmed_at is not null and cadence <> 'none')
       or entered.actor <> 'policy'
          and exists (select from comments c where c.site_id = entered.site_id and c.id = entered.comment_id and c.callback is not null)
    order by entered.id;
    return null;
end $$;
