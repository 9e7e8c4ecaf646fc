//! The queue of work for later: claimed with SKIP LOCKED under a lease, so that the job of a process that died
//! is taken up by another.

use serde_json::Value;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::StoreError;

/// How long a claimed job belongs to its process without a sign of life.
pub const LEASE: Duration = Duration::seconds(60);

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Key.
    pub id: i64,
    /// Which work.
    pub kind: String,
    /// On what.
    pub payload: Value,
    /// How often it was claimed, this time included.
    pub attempts: i32,
}

/// Enqueues a job to run at `run_at`; returns its id.
pub async fn enqueue(
    conn: &mut PgConnection,
    kind: &str,
    payload: &Value,
    run_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into jobs (kind, payload, run_at, created_at) values ($1, $2, $3, $4) returning id",
        kind,
        payload,
        run_at,
        now
    )
    .fetch_one(conn)
    .await?)
}

/// Claims the job that is due longest.
pub async fn claim(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Option<Claimed>, StoreError> {
    Ok(sqlx::query_as!(
        Claimed,
        "update jobs set state = 'running', attempts = attempts + 1, leased_until = $2
         where id = (select id from jobs
                     where (state = 'queued' and run_at <= $1) or (state = 'running' and leased_until < $1)
                     order by run_at, id limit 1 for update skip locked)
         returning id, kind, payload, attempts",
        now,
        now + LEASE
    )
    .fetch_optional(conn)
    .await?)
}

/// Notes how far a job is and renews its lease. `false` when the job is not this process's any more.
pub async fn progress(
    conn: &mut PgConnection,
    id: i64,
    progress: &Value,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update jobs set progress = $2, leased_until = $3 where id = $1 and state = 'running'",
        id,
        progress,
        now + LEASE
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends a job well.
pub async fn finish(
    conn: &mut PgConnection,
    id: i64,
    result: &Value,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update jobs set state = 'done', result = $2, error = null, leased_until = null, finished_at = $3 where id = $1",
        id,
        result,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a job badly: tried again at `retry_at`, or given up.
pub async fn fail(
    conn: &mut PgConnection,
    id: i64,
    error: &str,
    retry_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update jobs set state = case when $3::timestamptz is null then 'failed' else 'queued' end, error = $2,
                         run_at = coalesce($3, run_at), leased_until = null,
                         finished_at = case when $3::timestamptz is null then $4::timestamptz end
         where id = $1",
        id,
        error,
        retry_at,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A job as people see it.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Key.
    pub id: i64,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// On what.
    pub payload: Value,
    /// How far.
    pub progress: Option<Value>,
    /// What came out.
    pub result: Option<Value>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
}

/// The newest jobs of a kind, newest first.
pub async fn newest(conn: &mut PgConnection, kind: &str, limit: i64) -> Result<Vec<JobRow>, StoreError> {
    Ok(sqlx::query_as!(
        JobRow,
        "select id, state, payload, progress, result, error, created_at from jobs where kind = $1 order by id desc limit $2",
        kind,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// One job of a kind.
pub async fn find(conn: &mut PgConnection, kind: &str, id: i64) -> Result<Option<JobRow>, StoreError> {
    Ok(sqlx::query_as!(
        JobRow,
        "select id, state, payload, progress, result, error, created_at from jobs where kind = $1 and id = $2",
        kind,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// Removes jobs that ended before `before`; returns how many.
pub async fn delete_finished(conn: &mut PgConnection, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(sqlx::query!("delete from jobs where finished_at < $1", before).execute(conn).await?.rows_affected())
}
