//! What keys were used for, by month and blog.

use sqlx::PgConnection;
use time::Date;

use super::StoreError;

/// Counts of one key, month and blog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// The key.
    pub key_id: i64,
    /// The first day of the month.
    pub month: Date,
    /// Host of the page that asked.
    pub blog: String,
    /// Checks.
    pub calls: i64,
    /// Checks that were answered with spam.
    pub spam: i64,
    /// Reports of spam that was answered with ham.
    pub missed_spam: i64,
    /// Reports of ham that was answered with spam.
    pub false_positives: i64,
}

/// Adds counts to what is there.
pub async fn add(conn: &mut PgConnection, row: &UsageRow) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into key_usage as u (key_id, month, blog, calls, spam, missed_spam, false_positives)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (key_id, month, blog) do update set
             calls = u.calls + excluded.calls, spam = u.spam + excluded.spam,
             missed_spam = u.missed_spam + excluded.missed_spam,
             false_positives = u.false_positives + excluded.false_positives",
        row.key_id,
        row.month,
        row.blog,
        row.calls,
        row.spam,
        row.missed_spam,
        row.false_positives
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// All counts of a key from a month on, in order.
pub async fn of_key(
    conn: &mut PgConnection,
    key_id: i64,
    since: Option<Date>,
) -> Result<Vec<UsageRow>, StoreError> {
    Ok(sqlx::query_as!(
        UsageRow,
        "select key_id, month, blog, calls, spam, missed_spam, false_positives from key_usage
         where key_id = $1 and ($2::date is null or month >= $2) order by month, blog",
        key_id,
        since
    )
    .fetch_all(conn)
    .await?)
}

/// Counts of one key and month, of all blogs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthRow {
    /// The key.
    pub key_id: i64,
    /// Its name.
    pub name: String,
    /// The first day of the month.
    pub month: Date,
    /// Checks.
    pub calls: i64,
    /// Checks that were answered with spam.
    pub spam: i64,
    /// Reports of spam that was answered with ham.
    pub missed_spam: i64,
    /// Reports of ham that was answered with spam.
    pub false_positives: i64,
}

/// Counts of the keys of a site, or of all, from a month on: key by key, month by month.
pub async fn by_key(
    conn: &mut PgConnection,
    site_id: Option<i64>,
    since: Date,
) -> Result<Vec<MonthRow>, StoreError> {
    Ok(sqlx::query_as!(
        MonthRow,
        r#"select u.key_id, k.name, u.month, sum(u.calls)::bigint as "calls!", sum(u.spam)::bigint as "spam!",
                  sum(u.missed_spam)::bigint as "missed_spam!", sum(u.false_positives)::bigint as "false_positives!"
           from key_usage u join keys k on k.id = u.key_id
           where ($1::bigint is null or k.site_id = $1) and u.month >= $2
           group by u.key_id, k.name, u.month order by u.key_id, u.month"#,
        site_id,
        since
    )
    .fetch_all(conn)
    .await?)
}
