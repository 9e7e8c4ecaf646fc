-- What people do with a comment besides moving it: reject it for a reason, put its text right, answer it. All of it is in the
-- log of decisions, so that one undo goes back through all of it.

alter table decisions
    -- What was done; taking it back is the same deed with `undoes`.
    add column act text not null default 'decided' check (act in ('decided', 'edited', 'answered')),
    -- Why the comment is rejected, from this decision on. The words are in src/comment/rejection.rs.
    add column reason text check (reason in ('off-topic', 'abusive', 'harassment', 'misinformation', 'advertising', 'illegal',
                                             'duplicate', 'personal-data', 'other')),
    add constraint decisions_rejection_check check (reason is null or to_state = 'rejected');
create index decisions_reason on decisions (reason, id) where reason is not null and moderator_id is not null;

-- Whether a decision is neither the taking back of another one nor taken back itself.
create function is_in_force(decision decisions) returns boolean language sql stable
    return decision.undoes is null
        and not exists (select 1 from decisions back where back.site_id = decision.site_id
                        and back.comment_id = decision.comment_id and back.undoes = decision.id);

alter table comments
    -- The moderator who wrote it, in the site's name; null: a reader.
    add column moderator_id bigint references moderators,
    -- Whether it says something else than what came in.
    add column edited boolean not null default false;

-- What a comment said before an edit. The oldest is what came in: it was judged, and it is what the classifier learns and
-- forgets.
create table revisions (
    site_id     bigint not null,
    decision_id uuid not null,
    comment_id  uuid not null,
    author      text not null,
    url         text not null,
    body        text not null,
    primary key (site_id, comment_id, decision_id),
    foreign key (site_id, comment_id) references comments (site_id, id),
    foreign key (site_id, decision_id) references decisions (site_id, id)
);
create trigger revisions_append_only before update or delete or truncate on revisions
    for each statement execute function refuse_change();

-- Comments as they came in.
create view submitted as
    select c.site_id, c.id, c.email, c.created_at, coalesce(first.author, c.author) as author,
           coalesce(first.url, c.url) as url, coalesce(first.body, c.body) as body
    from comments c
    left join lateral (
        select r.author, r.url, r.body from revisions r
        where r.site_id = c.site_id and r.comment_id = c.id order by r.decision_id limit 1
    ) first on true;

-- Nothing that a comment has said is lost.
create function keep_wording() returns trigger language plpgsql as $$
begin
    if not exists (select 1 from revisions r where r.site_id = old.site_id and r.comment_id = old.id
                   and (r.author, r.url, r.body) = (old.author, old.url, old.body)) then
        raise exception 'what comment % says would be lost', old.id
            using errcode = 'integrity_constraint_violation', constraint = tg_name, table = tg_table_name;
    end if;
    return new;
end $$;
create trigger comments_wording_kept before update of author, url, body on comments
    for each row when ((old.author, old.url, old.body) is distinct from (new.author, new.url, new.body))
    execute function keep_wording();
