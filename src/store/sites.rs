//! Sites and their settings.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A site as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteRow {
    /// Key.
    pub id: i64,
    /// Name in URLs: `[a-z0-9-]`, at most 63.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// `scheme://host[:port]`, the first one is the home.
    pub origins: Vec<String>,
    /// Below this spam probability a comment is published.
    pub approve_below: f64,
    /// From this spam probability on a comment is turned away.
    pub reject_from: f64,
    /// From this probability of abuse on, what would be published is held.
    pub hold_abuse_from: f64,
    /// The share of what is decided without a person that is shown to one later.
    pub audit_share: f64,
    /// Whether everything is judged and nothing decided.
    pub log_only: bool,
    /// The error rates it promises to stay within; `None`: the two thresholds above are in force.
    pub targets: Option<TargetsRow>,
    /// The number of its newest example.
    pub example_seq: i64,
}

/// Error rates to stay within, as shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TargetsRow {
    /// Of spam in what is published unseen.
    pub spam_published: f64,
    /// Of ham in what is turned away.
    pub ham_rejected: f64,
    /// How sure each of the two has to be.
    pub confidence: f64,
}

/// What a site is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSite<'a> {
    /// Name in URLs.
    pub name: &'a str,
    /// Title for people.
    pub title: &'a str,
    /// At least one origin.
    pub origins: &'a [String],
    /// See [`SiteRow::approve_below`].
    pub approve_below: f64,
    /// See [`SiteRow::reject_from`].
    pub reject_from: f64,
    /// See [`SiteRow::hold_abuse_from`].
    pub hold_abuse_from: f64,
    /// See [`SiteRow::audit_share`].
    pub audit_share: f64,
    /// See [`SiteRow::log_only`].
    pub log_only: bool,
    /// See [`SiteRow::targets`].
    pub targets: Option<TargetsRow>,
}

/// The constraint that a second site of the same name violates.
pub const NAME_TAKEN: &str = "sites_name_key";

/// Adds a site and returns its id.
pub async fn insert(
    conn: &mut PgConnection,
    site: &NewSite<'_>,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into sites (name, title, origins, approve_below, reject_from, created_at, target_spam_published,
                            target_ham_rejected, target_confidence, hold_abuse_from, audit_share, log_only)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id",
        site.name,
        site.title,
        site.origins,
        site.approve_below,
        site.reject_from,
        now,
        site.targets.map(|targets| targets.spam_published),
        site.targets.map(|targets| targets.ham_rejected),
        site.targets.map(|targets| targets.confidence),
        site.hold_abuse_from,
        site.audit_share,
        site.log_only
    )
    .fetch_one(conn)
    .await?)
}

/// Changes everything but the name; returns the site's key, if there is such a site.
pub async fn update(conn: &mut PgConnection, site: &NewSite<'_>) -> Result<Option<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        "update sites set title = $2, origins = $3, approve_below = $4, reject_from = $5, target_spam_published = $6,
                          target_ham_rejected = $7, target_confidence = $8, hold_abuse_from = $9, audit_share = $10,
                          log_only = $11
         where name = $1 returning id",
        site.name,
        site.title,
        site.origins,
        site.approve_below,
        site.reject_from,
        site.targets.map(|targets| targets.spam_published),
        site.targets.map(|targets| targets.ham_rejected),
        site.targets.map(|targets| targets.confidence),
        site.hold_abuse_from,
        site.audit_share,
        site.log_only
    )
    .fetch_optional(conn)
    .await?)
}

/// Every site, by name.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<SiteRow>, StoreError> {
    let rows = sqlx::query!(
        "select id, name, title, origins, approve_below, reject_from, target_spam_published, target_ham_rejected,
                target_confidence, hold_abuse_from, audit_share, log_only, example_seq
         from sites order by name"
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let targets = row.target_spam_published.zip(row.target_ham_rejected).zip(row.target_confidence);
        SiteRow {
            id: row.id,
            name: row.name,
            title: row.title,
            origins: row.origins,
            approve_below: row.approve_below,
            reject_from: row.reject_from,
            hold_abuse_from: row.hold_abuse_from,
            audit_share: row.audit_share,
            log_only: row.log_only,
            targets: targets.map(|((spam_published, ham_rejected), confidence)| TargetsRow {
                spam_published,
                ham_rejected,
                confidence,
            }),
            example_seq: row.example_seq,
        }
    });
    Ok(rows.collect())
}
