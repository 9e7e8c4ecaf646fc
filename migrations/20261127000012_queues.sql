-- Queues: saved filters over comments, each with its own order, an index that walks in it, and a number that is true.

-- What a comment is written in (ISO 639-3, null: too short to tell), and which signals fired beside its text.
alter table comments
    add column language text,
    add column signals text[] not null default '{}',
    -- Reports by readers that nobody has answered yet.
    add column reports integer not null default 0 check (reports >= 0);

-- Words of every script can be found. Han, kana and hangul are not separated by spaces, so each of their characters is
-- a word of its own, and a search for several is a search for them in a row.
create function search_words(words text) returns text
    language sql immutable strict parallel safe
    return regexp_replace(words, '([぀-ヿ㐀-䶿一-鿿豈-﫿가-힯])', ' \1 ', 'g');

-- What somebody typed as a search: words, "words in a row", -without. The last word may be unfinished.
create function search_query(typed text) returns tsquery
    language sql immutable strict parallel safe
    return (
        select coalesce(string_agg(case when without then '!' else '' end || '(' || asked || ')', ' & '), '')::tsquery
        from (select term[1] = '-' as without,
                     phraseto_tsquery('simple', search_words(coalesce(term[2], term[3])))::text
                     || case when place = count(*) over () and typed ~ '[[:alnum:]]$' then ':*' else '' end as asked
              from regexp_matches(typed, '(-?)(?:"([^"]*)"|([^\s"]+))', 'g') with ordinality found (term, place)) terms
        where asked not in ('', ':*'));

alter table comments drop column search;
alter table comments add column search tsvector generated always as
    (to_tsvector('simple', search_words(author || ' ' || email || ' ' || url || ' ' || body))) stored;
create index comments_search on comments using gin (search);

-- Each queue in its own order. Doubt: how far the score is from even odds.
create index comments_doubt on comments (site_id, abs(spam_probability - 0.5), id) where state = 'held';
-- What was turned away and no person has looked at, nearest to the line first.
create index comments_unchecked on comments (site_id, spam_probability, id) where state = 'spam' and label is null;
create index comments_reported on comments (site_id, ((-reports)::double precision), id)
    where state = 'approved' and reports > 0;
create index comments_article on comments (site_id, article_id, id);
create index comments_language on comments (site_id, language, id) where language is not null;
create index comments_signals on comments using gin (signals) where signals <> '{}';

-- How many comments each queue has: the sum of its rows. Every change of `comments` appends what it changes, so that
-- nobody waits for anybody; the worker folds them into one row a queue.
create table queue_changes (
    site_id bigint not null references sites,
    queue   text not null,
    change  bigint not null
);

create function queues_of(state text, label text, reports integer) returns text[]
    language sql immutable parallel safe
    return array[state]
        || case when state = 'spam' and label is null then array['unchecked'] else '{}' end
        || case when state = 'approved' and reports > 0 then array['reported'] else '{}' end;

create function count_queues() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into queue_changes
        select site_id, queue, count(*) from entered, unnest(queues_of(state, label, reports)) queue group by 1, 2;
    elsif tg_op = 'DELETE' then
        insert into queue_changes
        select site_id, queue, -count(*) from gone, unnest(queues_of(state, label, reports)) queue group by 1, 2;
    else
        insert into queue_changes
        select site_id, queue, sum(change) from (
            select site_id, queue, 1 as change from entered, unnest(queues_of(state, label, reports)) queue
            union all
            select site_id, queue, -1 from gone, unnest(queues_of(state, label, reports)) queue
        ) moved group by 1, 2 having sum(change) <> 0;
    end if;
    return null;
end $$;

insert into queue_changes
select site_id, queue, count(*) from comments, unnest(queues_of(state, label, reports)) queue group by 1, 2;

create trigger comments_counted_in after insert on comments
    referencing new table as entered for each statement execute function count_queues();
create trigger comments_counted_out after delete on comments
    referencing old table as gone for each statement execute function count_queues();
create trigger comments_counted_over after update on comments
    referencing old table as gone new table as entered for each statement execute function count_queues();
create trigger comments_not_truncated before truncate on comments
    for each statement execute function refuse_change();
