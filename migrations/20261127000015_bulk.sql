-- Decisions made at one stroke: taken back at one stroke.
alter table decisions add column batch uuid;
create index decisions_batch on decisions (batch, id) where batch is not null;
