//! The desk's queues: which comments, in which order, and how many. Each order has an index that is read from where the
//! page begins, so that the last page costs what the first one does.

use std::collections::HashMap;

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use crate::comment::{Order, Queue};

/// Which comments, in which order.
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    /// The sites; each is read by its own index, so that the cost does not grow with the other sites.
    pub site_ids: &'a [i64],
    /// The queue.
    pub queue: Queue,
    /// One of the queue's orders.
    pub order: Order,
    /// Only under this article.
    pub article: Option<Uuid>,
    /// Only by the author of this keyed hash.
    pub author: Option<&'a [u8]>,
    /// Only in this language (ISO 639-3).
    pub language: Option<&'a str>,
    /// Only where this signal fired.
    pub signal: Option<&'a str>,
    /// Only what this rule matched.
    pub rule: Option<i64>,
    /// Only what is rejected for this reason.
    pub because: Option<&'a str>,
    /// Only from the network of this keyed hash.
    pub network: Option<&'a [u8]>,
    /// Only from this moment on.
    pub from: Option<OffsetDateTime>,
    /// Only before this moment.
    pub until: Option<OffsetDateTime>,
    /// With these words, see `search_query` in the migrations.
    pub search: Option<&'a str>,
    /// Only what comes after this place (keyset).
    pub after: Option<Place>,
    /// At most so many.
    pub limit: i64,
}

/// A place in a queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// What the order sorts by; 0 where that is the id alone.
    pub key: f64,
    /// The comment there.
    pub id: Uuid,
}

/// A comment's place in a queue, and its site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// The site.
    pub site_id: i64,
    /// The place.
    pub place: Place,
}

/// What an order sorts by before the id, as its index has it.
fn key(order: Order) -> &'static str {
    match order {
        Order::Doubt => "abs(c.spam_probability - 0.5)",
        Order::Line => "c.spam_probability",
        Order::Reports => "(-c.reports)::double precision",
        Order::Newest | Order::Oldest => "0::double precision",
    }
}

/// The condition that makes a queue, as its index has it.
fn condition(queue: Queue) -> &'static str {
    match queue {
        Queue::Held => "c.state = 'held'",
        Queue::Reported => "c.state = 'approved' and c.reports > 0",
        Queue::Unchecked => "c.state = 'spam' and c.label is null",
        Queue::Audit => "c.sampled and c.label is null and c.state in ('approved', 'spam')",
        Queue::Approved => "c.state = 'approved'",
        Queue::Spam => "c.state = 'spam'",
        Queue::Rejected => "c.state = 'rejected'",
        Queue::All => "c.state <> 'deleted'",
    }
}

/// Reads a page of a queue. The statement is put together from what is asked for, because one that allows for every
/// filter can use the index of none; values are bound, and only the constants of this file are spliced in.
pub async fn page(conn: &mut PgConnection, filter: &Filter<'_>) -> Result<Vec<Placed>, StoreError> {
    let key = key(filter.order);
    let (sorted, beyond) = match filter.order {
        Order::Newest => ("id desc", "c.id < "),
        Order::Oldest => ("id", "c.id > "),
        Order::Doubt | Order::Line | Order::Reports => ("key, id", ""),
    };
    let mut sql = QueryBuilder::<Postgres>::new("select c.site_id, c.id, c.key from unnest(");
    sql.push_bind(filter.site_ids)
        .push(") wanted (site_id) cross join lateral (select c.site_id, c.id, ")
        .push(key)
        .push(" as key from comments c where c.site_id = wanted.site_id and ")
        .push(condition(filter.queue));
    narrow(&mut sql, filter);
    match filter.after {
        Some(place) if beyond.is_empty() => {
            sql.push(" and (").push(key).push(", c.id) > (").push_bind(place.key).push(", ");
            sql.push_bind(place.id).push(")");
        }
        Some(place) => {
            sql.push(" and ").push(beyond).push_bind(place.id);
        }
        None => {}
    }
    sql.push(" order by ").push(sorted).push(" limit ").push_bind(filter.limit);
    sql.push(") c order by ").push(sorted).push(" limit ").push_bind(filter.limit);
    // Planned for these very values: a rare language is found by its index, a common one by the order's.
    let rows = sql.build().persistent(false).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let place = Place { key: row.try_get("key")?, id: row.try_get("id")? };
            Ok(Placed { site_id: row.try_get("site_id")?, place })
        })
        .collect()
}

fn narrow(sql: &mut QueryBuilder<Postgres>, filter: &Filter<'_>) {
    if let Some(article) = filter.article {
        sql.push(" and c.article_id = ").push_bind(article);
    }
    if let Some(author) = filter.author {
        sql.push(" and c.author_key = ").push_bind(author.to_vec());
    }
    if let Some(language) = filter.language {
        sql.push(" and c.language = ").push_bind(language.to_owned());
    }
    if let Some(signal) = filter.signal {
        sql.push(" and c.signals @> ").push_bind(vec![signal.to_owned()]);
    }
    if let Some(rule) = filter.rule {
        sql.push(" and exists (select 1 from rule_hits h where h.site_id = c.site_id and h.comment_id = c.id and h.rule_id = ");
        sql.push_bind(rule).push(")");
    }
    if let Some(reason) = filter.because {
        sql.push(
            " and c.state = 'rejected' and exists (
                select 1 from decisions d where d.site_id = c.site_id and d.comment_id = c.id and d.reason = ",
        );
        sql.push_bind(reason.to_owned()).push(
            " and not exists (select 1 from decisions later where later.site_id = d.site_id
                              and later.comment_id = d.comment_id and later.id > d.id))",
        );
    }
    if let Some(network) = filter.network {
        sql.push(" and c.network = ").push_bind(network.to_vec());
    }
    if let Some(from) = filter.from {
        sql.push(" and c.id >= ").push_bind(first_id(from));
    }
    if let Some(until) = filter.until {
        sql.push(" and c.id < ").push_bind(first_id(until));
    }
    if let Some(words) = filter.search {
        sql.push(" and c.search @@ search_query(").push_bind(words.to_owned()).push(")");
    }
}

/// The lowest UUIDv7 of this moment: ids of comments from then on are not below it.
pub fn first_id(at: OffsetDateTime) -> Uuid {
    let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid()
}

/// How many comments each queue has at these sites; a queue that is not there has none.
pub async fn counts(conn: &mut PgConnection, site_ids: &[i64]) -> Result<HashMap<Queue, u64>, StoreError> {
    let rows = sqlx::query!(
        r#"select queue, sum(change)::bigint as "count!" from queue_changes where site_id = any($1) group by queue"#,
        site_ids
    )
    .fetch_all(conn)
    .await?;
    let mut counts = HashMap::new();
    for row in rows {
        let count = u64::try_from(row.count).unwrap_or(0);
        // Deleted comments are in no queue but the log.
        if let Some(queue) = Queue::parse(&row.queue) {
            counts.insert(queue, count);
            if matches!(queue, Queue::Held | Queue::Approved | Queue::Spam | Queue::Rejected) {
                *counts.entry(Queue::All).or_default() += count;
            }
        }
    }
    Ok(counts)
}

/// Held comments of a class of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many of the moments asked for they are not before.
    pub class: i32,
    /// How many there are.
    pub count: i64,
    /// The oldest of them.
    pub oldest: Uuid,
}

/// The held comments of these sites, by which of these moments (the first ids of each, rising) they came in after.
pub async fn waiting(
    conn: &mut PgConnection,
    site_ids: &[i64],
    moments: &[Uuid],
) -> Result<Vec<Waiting>, StoreError> {
    Ok(sqlx::query_as!(
        Waiting,
        r#"select width_bucket(id, $2::uuid[]) as "class!", count(*) as "count!", (array_agg(id order by id))[1] as "oldest!"
           from comments where site_id = any($1) and state = 'held' group by 1"#,
        site_ids,
        moments
    )
    .fetch_all(conn)
    .await?)
}

/// Folds the changes of the numbers into one row a queue, if there are more than `above`. Readers see the same sums
/// before and after; several processes at once fold different rows.
pub async fn fold(conn: &mut PgConnection, above: i64) -> Result<(), StoreError> {
    sqlx::query!(
        "with gone as (
             delete from queue_changes
             where ctid = any(array(select ctid from queue_changes for update skip locked))
               and (select count(*) from queue_changes) > $1
             returning site_id, queue, change
         )
         insert into queue_changes
         select site_id, queue, sum(change) from gone group by site_id, queue having sum(change) <> 0",
        above
    )
    .execute(conn)
    .await?;
    Ok(())
}
