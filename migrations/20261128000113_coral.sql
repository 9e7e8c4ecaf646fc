-- Coral signs its requests with a secret of its own. One that checks signatures has to be readable.
alter table keys
    add column secret text,
    drop constraint keys_kind_check,
    add constraint keys_kind_check check (kind in ('akismet', 'api', 'coral')),
    add constraint keys_secret_check check ((kind = 'coral') = (secret is not null));
