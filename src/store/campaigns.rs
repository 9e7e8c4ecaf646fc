//! Comments that share traits.

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// What makes a comment like others.
#[derive(Debug, Clone)]
pub struct TextRow {
    /// Id.
    pub id: Uuid,
    /// As typed.
    pub body: String,
    /// Website, or empty.
    pub url: String,
}

/// A comment's own.
pub async fn find(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<Option<TextRow>, StoreError> {
    Ok(sqlx::query_as!(
        TextRow,
        "select id, body, url from comments where site_id = $1 and id = $2",
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// The newest comments of a site with any of these traits that wait or were turned away, and that nobody has decided on.
pub async fn sharing(
    conn: &mut PgConnection,
    site_id: i64,
    traits: &[i64],
    limit: i64,
) -> Result<Vec<TextRow>, StoreError> {
    Ok(sqlx::query_as!(
        TextRow,
        "select id, body, url from comments
         where site_id = $1 and traits && $2 and traits <> '{}' and state in ('held', 'spam') and label is null
         order by id desc limit $3",
        site_id,
        traits,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// A comment that people have said something of.
#[derive(Debug, Clone)]
pub struct LabelledRow {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub author: String,
    /// As typed.
    pub body: String,
    /// Website, or empty.
    pub url: String,
    /// What it is: `ham` or `spam`.
    pub label: String,
}

/// The newest comments of a site with any of these traits that people have labelled, but for one.
pub async fn labelled_sharing(
    conn: &mut PgConnection,
    site_id: i64,
    except: Uuid,
    traits: &[i64],
    limit: i64,
) -> Result<Vec<LabelledRow>, StoreError> {
    Ok(sqlx::query_as!(
        LabelledRow,
        r#"select id, author, body, url, label as "label!" from comments
           where site_id = $1 and id <> $2 and traits && $3 and traits <> '{}' and label is not null
           order by id desc limit $4"#,
        site_id,
        except,
        traits,
        limit
    )
    .fetch_all(conn)
    .await?)
}
