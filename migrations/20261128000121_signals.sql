-- Comments by a signal that fired, in the order of each queue. One index over all signals (GIN) knows no order, and the condition that
-- let it be used made the planner take a common signal for a rare one: at a million comments it read every one of them for a page.
drop index comments_signals;
create index comments_signal_trap on comments (site_id, state, id) where signals @> '{trap}';
create index comments_signal_hasty on comments (site_id, state, id) where signals @> '{hasty}';
create index comments_signal_forged on comments (site_id, state, id) where signals @> '{forged}';
create index comments_signal_repeated on comments (site_id, state, id) where signals @> '{repeated}';
create index comments_signal_record on comments (site_id, state, id) where signals @> '{record}';
create index comments_signal_abuse on comments (site_id, state, id) where signals @> '{abuse}';
create index comments_signal_rule on comments (site_id, state, id) where signals @> '{rule}';
