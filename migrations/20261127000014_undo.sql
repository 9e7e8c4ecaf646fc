-- A moderator's own decisions, the newest first: what pressing undo again and again walks through.
create index decisions_moderator on decisions (moderator_id, id desc) where moderator_id is not null;
