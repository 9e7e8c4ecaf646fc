-- Figures a day: what came in and what became of it, how long held comments waited, what people decided. A figure is
-- the sum of its rows in both tables: every write appends what it changes, so that nobody waits for anybody, and the
-- worker folds the changes into the totals.

create table tallies (
    site_id bigint not null references sites,
    -- In UTC.
    day     date not null,
    measure text not null,
    what    text[] not null,
    count   bigint not null,
    primary key (site_id, day, measure, what)
);
create table tally_changes (
    site_id bigint not null,
    day     date not null,
    measure text not null,
    what    text[] not null,
    change  bigint not null
);

create function utc_day(at timestamptz) returns date
    language sql immutable strict parallel safe
    return (at at time zone 'utc')::date;

-- `came in`, by the day it did: how it was decided then, where it stands, what people say it is, and how it could
-- come into the audit sample. What was not noted is empty.
create function fate(entered text, state text, label text, audit_share double precision, sampled boolean) returns text[]
    language sql immutable parallel safe
    return array[coalesce(entered, ''), state, coalesce(label, ''), coalesce(audit_share::text, ''), sampled::text];

create function tally_comments() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into tally_changes
        select site_id, utc_day(created_at), 'came in', fate(entered, state, label, audit_share, sampled), count(*)
        from entered_rows group by 1, 2, 4;
    elsif tg_op = 'DELETE' then
        insert into tally_changes
        select site_id, utc_day(created_at), 'came in', fate(entered, state, label, audit_share, sampled), -count(*)
        from gone_rows group by 1, 2, 4;
    else
        insert into tally_changes
        select site_id, day, 'came in', what, sum(change) from (
            select site_id, utc_day(created_at) as day, fate(entered, state, label, audit_share, sampled) as what, 1 as change
            from entered_rows
            union all
            select site_id, utc_day(created_at), fate(entered, state, label, audit_share, sampled), -1 from gone_rows
        ) moved group by 1, 2, 4 having sum(change) <> 0;
    end if;
    return null;
end $$;

create trigger comments_tallied_in after insert on comments
    referencing new table as entered_rows for each statement execute function tally_comments();
create trigger comments_tallied_out after delete on comments
    referencing old table as gone_rows for each statement execute function tally_comments();
create trigger comments_tallied_over after update on comments
    referencing old table as gone_rows new table as entered_rows for each statement execute function tally_comments();

-- Seconds in steps of a quarter of an octave: step n is from 2^(n/4) to 2^((n+1)/4) seconds.
create function wait_step(seconds double precision) returns integer
    language sql immutable strict parallel safe
    return floor(4 * log(2::numeric, greatest(seconds, 1)::numeric))::integer;

-- How long a comment had been held when this decision on it was made.
create function waited(decision decisions) returns double precision
    language sql stable
    return (select extract(epoch from decision.decided_at - since.decided_at)::double precision
            from decisions since
            where since.site_id = decision.site_id and since.comment_id = decision.comment_id and since.id < decision.id
              and since.to_state = 'held' and since.undoes is null
            order by since.id desc limit 1);

-- `decided` and `undone`, by the day of the decision: whose it was. `waited`: in which step of time, where it ended a wait.
create function tally_decision() returns trigger language plpgsql as $$
declare
    decision decisions := new;
begin
    -- Edits and answers are in the same log, since a later migration.
    if new.act <> 'decided' then
        return null;
    end if;
    if new.undoes is not null then
        select * into decision from decisions where site_id = new.site_id and id = new.undoes;
        -- Nothing but a decision is taken back.
        if decision.undoes is not null or decision.moderator_id is null then
            return null;
        end if;
    end if;
    insert into tally_changes
    select decision.site_id, utc_day(decision.decided_at), measure, what, change
    from (values (case when new.undoes is null then 'decided' else 'undone' end, array[decision.moderator_id::text], 1),
                 (case when decision.from_state = 'held' and decision.to_state <> 'held' then 'waited' end,
                  array[wait_step(waited(decision))::text], case when new.undoes is null then 1 else -1 end))
         changed (measure, what, change)
    where measure is not null and what[1] is not null;
    return null;
end $$;

create trigger decisions_tallied after insert on decisions
    for each row when (new.moderator_id is not null) execute function tally_decision();

insert into tallies
select site_id, utc_day(created_at), 'came in', fate(entered, state, label, audit_share, sampled), count(*)
from comments group by 1, 2, 4;

insert into tallies
select site_id, day, measure, what, count(*) from (
    select d.site_id, utc_day(d.decided_at) as day, unnested.measure, unnested.what
    from decisions d,
         lateral (values ('decided', array[d.moderator_id::text]),
                         (case when exists (select from decisions u where u.site_id = d.site_id and u.comment_id = d.comment_id
                                                                      and u.undoes = d.id) then 'undone' end,
                          array[d.moderator_id::text]),
                         (case when d.from_state = 'held' and d.to_state <> 'held'
                                    and not exists (select from decisions u where u.site_id = d.site_id
                                                    and u.comment_id = d.comment_id and u.undoes = d.id) then 'waited' end,
                          array[wait_step(waited(d))::text])) unnested (measure, what)
    where d.moderator_id is not null and d.undoes is null and coalesce(to_jsonb(d) ->> 'act', 'decided') = 'decided'
) counted
where measure is not null and what[1] is not null
group by 1, 2, 3, 4;
