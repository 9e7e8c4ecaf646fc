-- `came in` is about what readers write: a moderator's answer neither came in nor was judged.

create or replace function tally_comments() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into tally_changes
        select site_id, utc_day(created_at), 'came in', fate(entered, state, label, audit_share, sampled), count(*)
        from entered_rows where moderator_id is null group by 1, 2, 4;
    elsif tg_op = 'DELETE' then
        insert into tally_changes
        select site_id, utc_day(created_at), 'came in', fate(entered, state, label, audit_share, sampled), -count(*)
        from gone_rows where moderator_id is null group by 1, 2, 4;
    else
        insert into tally_changes
        select site_id, day, 'came in', what, sum(change) from (
            select site_id, utc_day(created_at) as day, fate(entered, state, label, audit_share, sampled) as what, 1 as change
            from entered_rows where moderator_id is null
            union all
            select site_id, utc_day(created_at), fate(entered, state, label, audit_share, sampled), -1
            from gone_rows where moderator_id is null
        ) moved group by 1, 2, 4 having sum(change) <> 0;
    end if;
    return null;
end $$;

insert into tally_changes
select site_id, utc_day(created_at), 'came in', fate(entered, state, label, audit_share, sampled), -count(*)
from comments where moderator_id is not null group by 1, 2, 4;
