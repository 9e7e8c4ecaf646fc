-- Abuse beside spam: models have a subject, and one of each subject can be in force.
alter table models add column subject text not null default 'spam' check (subject in ('spam', 'abuse'));

-- From this probability of abuse on, what would be published is held; above 1: never.
alter table sites add column hold_abuse_from double precision not null default 0.8
    check (0 <= hold_abuse_from and hold_abuse_from <= 1.01);

-- What the model of abuse said at submission; null where none was in force.
alter table comments
    add column abuse_probability double precision,
    add column abuse_model_id bigint references models;
