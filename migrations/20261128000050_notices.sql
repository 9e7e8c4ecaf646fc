-- What is told to people and programs outside: mails and webhooks.

-- Where a site's events are posted to. A secret that signs has to be readable.
create table webhooks (
    id         bigint generated always as identity primary key,
    site_id    bigint not null references sites,
    url        text not null,
    format     text not null check (format in ('json', 'chat')),
    events     text[] not null check (cardinality(events) > 0),
    secret     bytea not null check (length(secret) = 32),
    paused_at  timestamptz,
    created_at timestamptz not null
);
create index webhooks_site on webhooks (site_id);

-- One event for one webhook. The body is kept as it was sent, so that a repeat is the same to the last byte.
create table webhook_deliveries (
    id          uuid primary key,
    webhook_id  bigint not null references webhooks on delete cascade,
    event       text not null,
    body        text not null,
    state       text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    attempts    integer not null default 0,
    -- Also a lease: who tries sets it ahead, so that a process that dies in between costs some minutes.
    next_try_at timestamptz not null,
    -- What the receiver answered last, or why it could not be asked.
    status      integer,
    error       text,
    created_at  timestamptz not null,
    ended_at    timestamptz
);
create index webhook_deliveries_due on webhook_deliveries (next_try_at) where state = 'waiting';
create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, id desc);

-- Who wants to be told of held comments, where, and how often. Nothing but the question itself goes to an address
-- that is not confirmed.
create table notice_settings (
    moderator_id bigint primary key references moderators on delete cascade,
    address      text,
    confirmed_at timestamptz,
    cadence      text not null default 'none' check (cadence in ('none', 'immediately', 'hourly', 'daily')),
    -- Of these sites only; none is all that are theirs.
    site_ids     bigint[] not null default '{}',
    last_mail_at timestamptz,
    constraint notice_settings_confirmed_check check (confirmed_at is null or address is not null)
);

create table mails (
    id           uuid primary key,
    moderator_id bigint not null references moderators on delete cascade,
    kind         text not null check (kind in ('address', 'held')),
    address      text not null,
    state        text not null default 'waiting' check (state in ('waiting', 'sent', 'moot', 'failed')),
    attempts     integer not null default 0,
    next_try_at  timestamptz not null,
    error        text,
    created_at   timestamptz not null,
    ended_at     timestamptz
);
create index mails_due on mails (next_try_at) where state = 'waiting';
create index mails_moderator on mails (moderator_id, id desc);

-- A held comment that somebody is to be told of; `mail_id` once it is in a mail.
create table notices (
    id           bigint generated always as identity primary key,
    moderator_id bigint not null references moderators on delete cascade,
    site_id      bigint not null,
    comment_id   uuid not null,
    mail_id      uuid references mails on delete cascade,
    noted_at     timestamptz not null,
    foreign key (site_id, comment_id) references comments (site_id, id) on delete cascade
);
create unique index notices_waiting on notices (moderator_id, site_id, comment_id) where mail_id is null;
create index notices_mail on notices (mail_id) where mail_id is not null;
create index notices_comment on notices (site_id, comment_id);

-- A link in a mail: one person, one comment as it was, one verdict, once.
create table action_links (
    token_hash   bytea primary key,
    mail_id      uuid not null references mails on delete cascade,
    moderator_id bigint not null references moderators on delete cascade,
    site_id      bigint not null,
    comment_id   uuid not null,
    verdict      text not null check (verdict in ('approve', 'spam', 'reject')),
    version      integer not null,
    expires_at   timestamptz not null,
    used_at      timestamptz,
    foreign key (site_id, comment_id) references comments (site_id, id) on delete cascade
);
create index action_links_mail on action_links (mail_id);
create index action_links_comment on action_links (site_id, comment_id);

-- What has happened and is to be told, written in the transaction in which it happens and removed in the one that
-- writes what follows from it. Where nobody listens nothing is noted.
create table events (
    id           bigint generated always as identity primary key,
    site_id      bigint,
    comment_id   uuid,
    decision_id  uuid,
    promotion_id bigint references promotions,
    happened_at  timestamptz not null,
    constraint events_what_check check ((decision_id is null) <> (promotion_id is null))
);
create index events_due on events (happened_at, id);

create function note_decisions() returns trigger language plpgsql as $$
begin
    insert into events (site_id, comment_id, decision_id, happened_at)
    select site_id, comment_id, id, decided_at from entered
    where exists (select from webhooks w where w.site_id = entered.site_id)
       or exists (select from notice_settings where confirmed_at is not null and cadence <> 'none')
    order by entered.id;
    return null;
end $$;
create trigger decisions_noted after insert on decisions referencing new table as entered
    for each statement execute function note_decisions();

create function note_promotions() returns trigger language plpgsql as $$
begin
    insert into events (promotion_id, happened_at)
    select id, promoted_at from entered where exists (select from webhooks where 'model.promoted' = any(events));
    return null;
end $$;
create trigger promotions_noted after insert on promotions referencing new table as entered
    for each statement execute function note_promotions();
