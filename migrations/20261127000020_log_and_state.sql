-- A comment stands where its newest decision put it. Looked at when the transaction commits, so that state and decision
-- may be written in either order; nothing that moves a comment can leave the log out.

create function refuse_unlogged_state() returns trigger language plpgsql as $$
begin
    perform from comments c
    where c.site_id = new.site_id and c.id = new.id
      and c.state is distinct from (select d.to_state from decisions d where d.site_id = c.site_id and d.comment_id = c.id
                                    order by d.id desc limit 1);
    if found then
        raise exception 'comment % stands where no decision has put it', new.id
            using errcode = 'integrity_constraint_violation', constraint = tg_name, table = tg_table_name;
    end if;
    return null;
end $$;

create constraint trigger comments_state_logged after insert or update of state on comments
    deferrable initially deferred for each row execute function refuse_unlogged_state();
