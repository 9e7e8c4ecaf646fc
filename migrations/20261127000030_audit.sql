-- The audit sample: a random share of what is decided without a person is shown to one later.
alter table sites
    add column audit_share double precision not null default 0.02 check (0 <= audit_share and audit_share <= 1);

alter table comments
    -- The state it came in with; null: by a version that did not note it.
    add column entered text check (entered in ('approved', 'held', 'spam')),
    -- The share in force when it was decided without a person; null: there was none, or a person had to decide.
    add column audit_share double precision check (0 < audit_share and audit_share <= 1),
    -- Whether it is in the sample. It waits there until a person has said what it is, see `awaits_audit`.
    add column sampled boolean not null default false,
    add constraint comments_sampled_check check (not sampled or audit_share is not null);

update comments c set entered = first.to_state
from (select distinct on (site_id, comment_id) site_id, comment_id, to_state
      from decisions order by site_id, comment_id, id) first
where first.site_id = c.site_id and first.comment_id = c.id and first.to_state in ('approved', 'held', 'spam');

create index comments_audit on comments (site_id, id) where sampled and label is null and state in ('approved', 'spam');

create function awaits_audit(sampled boolean, label text, state text) returns boolean
    language sql immutable parallel safe
    return sampled and label is null and state in ('approved', 'spam');

-- The numbers of the queues, with the sample's.
create function queues_of(state text, label text, reports integer, sampled boolean) returns text[]
    language sql immutable parallel safe
    return queues_of(state, label, reports)
        || case when awaits_audit(sampled, label, state) then array['audit'] else '{}' end;

create or replace function count_queues() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into queue_changes
        select site_id, queue, count(*) from entered, unnest(queues_of(state, label, reports, sampled)) queue group by 1, 2;
    elsif tg_op = 'DELETE' then
        insert into queue_changes
        select site_id, queue, -count(*) from gone, unnest(queues_of(state, label, reports, sampled)) queue group by 1, 2;
    else
        insert into queue_changes
        select site_id, queue, sum(change) from (
            select site_id, queue, 1 as change from entered, unnest(queues_of(state, label, reports, sampled)) queue
            union all
            select site_id, queue, -1 from gone, unnest(queues_of(state, label, reports, sampled)) queue
        ) moved group by 1, 2 having sum(change) <> 0;
    end if;
    return null;
end $$;

-- What waits for its audit is not removed: a sample with holes says nothing.
create function keep_for_audit() returns trigger language plpgsql as $$
begin
    raise exception 'comment % waits in the audit sample: decide on it before it is removed', old.id;
end $$;
create trigger comments_kept_for_audit before delete on comments
    for each row when (awaits_audit(old.sampled, old.label, old.state)) execute function keep_for_audit();
