//! Model versions and their promotions.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A model version without its file.
#[derive(Debug, Clone)]
pub struct ModelRow {
    /// Key; also the version people see.
    pub id: i64,
    /// BLAKE3 of the file, in hexadecimal.
    pub checksum: String,
    /// `starter`, `trained` or `imported`.
    pub origin: String,
    /// What it judges: `spam` or `abuse`.
    pub subject: String,
    /// The model card.
    pub card: Value,
    /// Candidate and then-current model on the same held-out rows.
    pub comparison: Option<Value>,
    /// Why the trial refused it, in words; empty if it did not.
    pub refusal: Vec<String>,
    /// When it was registered.
    pub created_at: OffsetDateTime,
}

/// A new model version.
#[derive(Debug, Clone)]
pub struct NewModel<'a> {
    /// BLAKE3 of the file, in hexadecimal.
    pub checksum: &'a str,
    /// `starter`, `trained` or `imported`.
    pub origin: &'a str,
    /// See [`ModelRow::subject`].
    pub subject: &'a str,
    /// The model card.
    pub card: &'a Value,
    /// See [`ModelRow::comparison`].
    pub comparison: Option<&'a Value>,
    /// See [`ModelRow::refusal`].
    pub refusal: &'a [String],
    /// The file.
    pub artifact: &'a [u8],
    /// Up to which example of each site it was trained.
    pub through: &'a [(i64, i64)],
    /// Now.
    pub created_at: OffsetDateTime,
}

/// Registers a model version, or finds the one with the same checksum. Returns its id.
pub async fn insert(conn: &mut PgConnection, new: &NewModel<'_>) -> Result<i64, StoreError> {
    let inserted = sqlx::query_scalar!(
        // `on conflict` alone would burn a version number at every start.
        "insert into models (checksum, origin, card, comparison, artifact, created_at, refusal, subject)
         select $1, $2, $3, $4, $5, $6, $7, $8 where not exists (select 1 from models where checksum = $1)
         on conflict (checksum) do nothing returning id",
        new.checksum,
        new.origin,
        new.card,
        new.comparison,
        new.artifact,
        new.created_at,
        new.refusal,
        new.subject
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(id) = inserted else {
        return Ok(sqlx::query_scalar!("select id from models where checksum = $1", new.checksum)
            .fetch_one(conn)
            .await?);
    };
    for (site_id, through) in new.through {
        sqlx::query!(
            "insert into model_examples (model_id, site_id, through_seq) values ($1, $2, $3)",
            id,
            site_id,
            through
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(id)
}

/// Every model version, newest first.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<ModelRow>, StoreError> {
    Ok(sqlx::query_as!(
        ModelRow,
        "select id, checksum, origin, subject, card, comparison, refusal, created_at from models order by id desc"
    )
    .fetch_all(conn)
    .await?)
}

/// One model version.
pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<ModelRow>, StoreError> {
    Ok(sqlx::query_as!(
        ModelRow,
        "select id, checksum, origin, subject, card, comparison, refusal, created_at from models where id = $1",
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// A model's file.
pub async fn artifact(conn: &mut PgConnection, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sqlx::query_scalar!("select artifact from models where id = $1", id).fetch_optional(conn).await?)
}

/// Up to which example of each site a model was trained.
pub async fn trained_through(conn: &mut PgConnection, id: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let rows = sqlx::query!("select site_id, through_seq from model_examples where model_id = $1", id)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.site_id, row.through_seq)).collect())
}

/// A promotion or roll-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promotion {
    /// The model in force since.
    pub model_id: i64,
    /// What a roll-back returns to.
    pub previous_id: Option<i64>,
    /// Since when.
    pub promoted_at: OffsetDateTime,
}

/// The newest promotion of a subject, which names its model in force.
pub async fn active(conn: &mut PgConnection, subject: &str) -> Result<Option<Promotion>, StoreError> {
    Ok(sqlx::query_as!(
        Promotion,
        "select p.model_id, p.previous_id, p.promoted_at from promotions p join models m on m.id = p.model_id
         where m.subject = $1 order by p.id desc limit 1",
        subject
    )
    .fetch_optional(conn)
    .await?)
}

/// What was put in force for spam from this moment on, oldest first.
pub async fn promoted_since(
    conn: &mut PgConnection,
    since: OffsetDateTime,
) -> Result<Vec<Promotion>, StoreError> {
    Ok(sqlx::query_as!(
        Promotion,
        "select p.model_id, p.previous_id, p.promoted_at from promotions p join models m on m.id = p.model_id
         where m.subject = 'spam' and p.promoted_at >= $1 order by p.id",
        since
    )
    .fetch_all(conn)
    .await?)
}

/// The promotion that put `model_id` in force most recently.
pub async fn last_promotion_of(
    conn: &mut PgConnection,
    model_id: i64,
) -> Result<Option<Promotion>, StoreError> {
    Ok(sqlx::query_as!(
        Promotion,
        "select model_id, previous_id, promoted_at from promotions where model_id = $1 and kind = 'promote' order by id desc limit 1",
        model_id
    )
    .fetch_optional(conn)
    .await?)
}

/// What others are told of a promotion.
#[derive(Debug, Clone)]
pub struct PromotedRow {
    /// The model in force since.
    pub model_id: i64,
    /// The one before.
    pub previous_id: Option<i64>,
    /// `promote` or `rollback`.
    pub kind: String,
    /// `spam` or `abuse`.
    pub subject: String,
    /// Who, if it was a moderator.
    pub who: Option<String>,
    /// When.
    pub promoted_at: OffsetDateTime,
}

/// A promotion, for others to be told of.
pub async fn promotion(conn: &mut PgConnection, id: i64) -> Result<Option<PromotedRow>, StoreError> {
    Ok(sqlx::query_as!(
        PromotedRow,
        r#"select p.model_id, p.previous_id, p.kind, m.subject, w.name as "who?", p.promoted_at
           from promotions p join models m on m.id = p.model_id left join moderators w on w.id = p.moderator_id
           where p.id = $1"#,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// Lets one promotion at a time decide on what is in force.
pub async fn lock_promotions(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("lock table promotions in share row exclusive mode").execute(conn).await?;
    Ok(())
}

/// How a promotion came about.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// `promote` or `rollback`.
    pub kind: &'a str,
    /// Whether the model had been refused, and somebody promoted it all the same.
    pub despite_refusal: bool,
    /// Who; empty for the command line.
    pub moderator_id: Option<i64>,
}

/// Appends a promotion.
pub async fn append_promotion(
    conn: &mut PgConnection,
    promotion: Promotion,
    occasion: Occasion<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into promotions (model_id, previous_id, kind, despite_refusal, moderator_id, promoted_at)
         values ($1, $2, $3, $4, $5, $6)",
        promotion.model_id,
        promotion.previous_id,
        occasion.kind,
        occasion.despite_refusal,
        occasion.moderator_id,
        promotion.promoted_at
    )
    .execute(conn)
    .await?;
    Ok(())
}
