//! The model in the shadow: which one, and where it would have decided otherwise.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// The model that scores in the shadow, if any.
pub async fn chosen(conn: &mut PgConnection) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!("select model_id from shadows order by id desc limit 1")
        .fetch_optional(conn)
        .await?
        .flatten())
}

/// Appends a choice: a model, or none; `moderator_id` is empty for the command line.
pub async fn append(
    conn: &mut PgConnection,
    model_id: Option<i64>,
    moderator_id: Option<i64>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into shadows (model_id, moderator_id, chosen_at) values ($1, $2, $3)",
        model_id,
        moderator_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A comment that the model in the shadow would have decided otherwise.
#[derive(Debug, Clone)]
pub struct DifferenceRow {
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment_id: Uuid,
    /// Name of its author.
    pub author: String,
    /// The beginning of its text.
    pub beginning: String,
    /// When it was sent.
    pub created_at: OffsetDateTime,
    /// The judgement.
    pub spam_probability: f64,
    /// The state it entered by it.
    pub decided: State,
    /// The judgement of the model in the shadow.
    pub shadow_probability: f64,
    /// The state it would have entered.
    pub would_be: State,
    /// Where it stands now.
    pub state: State,
    /// What people made of it: `spam`, `ham` or nothing yet.
    pub label: Option<String>,
}

/// So many characters of a text are its beginning.
const BEGINNING: i32 = 160;

/// Comments that `model_id` would have decided otherwise, newest first, those before `before`, at most `limit`.
pub async fn differences(
    conn: &mut PgConnection,
    site_ids: &[i64],
    model_id: i64,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<DifferenceRow>, StoreError> {
    let rows = sqlx::query!(
        r#"select s.site_id as "site_id!", s.comment_id as "comment_id!", c.author as "author!",
                  left(c.body, $5) as "beginning!", c.created_at as "created_at!", c.spam_probability as "spam_probability!",
                  s.decided as "decided!", s.spam_probability as "shadow_probability!", s.would_be as "would_be!",
                  c.state as "state!", c.label
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select * from shadow_scores s
               where s.site_id = wanted.site_id and s.model_id = $2 and s.decided <> s.would_be
                 and s.comment_id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
               order by s.comment_id desc limit $4
           ) s
           join comments c on c.site_id = s.site_id and c.id = s.comment_id
           order by s.comment_id desc limit $4"#,
        site_ids,
        model_id,
        before,
        limit,
        BEGINNING
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DifferenceRow {
                site_id: row.site_id,
                comment_id: row.comment_id,
                author: row.author,
                beginning: row.beginning,
                created_at: row.created_at,
                spam_probability: row.spam_probability,
                decided: state_of(&row.decided, row.comment_id)?,
                shadow_probability: row.shadow_probability,
                would_be: state_of(&row.would_be, row.comment_id)?,
                state: state_of(&row.state, row.comment_id)?,
                label: row.label,
            })
        })
        .collect()
}

/// How many of the newest comments that `model_id` scored went from one state to another, at most `newest` looked at
/// a site, so that the cost does not grow with their number.
pub async fn moves(
    conn: &mut PgConnection,
    site_ids: &[i64],
    model_id: i64,
    newest: i64,
) -> Result<Vec<(State, State, u64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select s.decided as "decided!", s.would_be as "would_be!", count(*) as "count!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select decided, would_be from shadow_scores s
               where s.site_id = wanted.site_id and s.model_id = $2 order by s.comment_id desc limit $3
           ) s
           group by s.decided, s.would_be order by count(*) desc, s.decided, s.would_be"#,
        site_ids,
        model_id,
        newest
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let state = |name: &str| state_of(name, Uuid::nil());
            Ok((state(&row.decided)?, state(&row.would_be)?, row.count.unsigned_abs()))
        })
        .collect()
}
