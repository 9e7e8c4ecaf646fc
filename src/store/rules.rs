//! Rules that people make, and what they would have matched.

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// A rule as stored.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// Its number.
    pub id: i64,
    /// Its site; `None` for all.
    pub site_id: Option<i64>,
    /// What it looks at.
    pub kind: String,
    /// What it matches.
    pub patterns: Vec<String>,
    /// Where words are looked for.
    pub fields: Vec<String>,
    /// What it does.
    pub effect: String,
    /// What people are shown of what it matches.
    pub shown: String,
    /// Why it was made.
    pub note: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: OffsetDateTime,
    /// When it ends by itself.
    pub until: Option<OffsetDateTime>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// When.
    pub ended_at: Option<OffsetDateTime>,
}

/// A rule to be made.
#[derive(Debug, Clone)]
pub struct NewRule<'a> {
    /// Its site; `None` for all.
    pub site_id: Option<i64>,
    /// See [`RuleRow::kind`].
    pub kind: &'a str,
    /// See [`RuleRow::patterns`].
    pub patterns: &'a [String],
    /// See [`RuleRow::fields`].
    pub fields: &'a [String],
    /// See [`RuleRow::effect`].
    pub effect: &'a str,
    /// See [`RuleRow::shown`].
    pub shown: &'a str,
    /// See [`RuleRow::note`].
    pub note: &'a str,
    /// Who makes it.
    pub made_by: i64,
    /// Now.
    pub made_at: OffsetDateTime,
    /// See [`RuleRow::until`].
    pub until: Option<OffsetDateTime>,
}

/// Adds a rule and returns its number.
pub async fn insert(conn: &mut PgConnection, new: &NewRule<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into rules (site_id, kind, patterns, fields, effect, shown, note, made_by, made_at, until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id",
        new.site_id,
        new.kind,
        new.patterns,
        new.fields,
        new.effect,
        new.shown,
        new.note,
        new.made_by,
        new.made_at,
        new.until
    )
    .fetch_one(conn)
    .await?)
}

/// Ends a rule that nobody has ended yet; whether there was one.
pub async fn end(
    conn: &mut PgConnection,
    id: i64,
    moderator_id: i64,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update rules set ended_at = $3, ended_by = $2 where id = $1 and ended_at is null",
        id,
        moderator_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One rule.
pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<RuleRow>, StoreError> {
    Ok(sqlx::query_as!(
        RuleRow,
        r#"select r.id, r.site_id, r.kind, r.patterns, r.fields, r.effect, r.shown, r.note, m.name as made_by, r.made_at,
                  r.until, e.name as "ended_by?", r.ended_at
           from rules r join moderators m on m.id = r.made_by left join moderators e on e.id = r.ended_by where r.id = $1"#,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// Every rule that is in force now, of any site.
pub async fn in_force(conn: &mut PgConnection, now: OffsetDateTime) -> Result<Vec<RuleRow>, StoreError> {
    Ok(sqlx::query_as!(
        RuleRow,
        r#"select r.id, r.site_id, r.kind, r.patterns, r.fields, r.effect, r.shown, r.note, m.name as made_by, r.made_at,
                  r.until, e.name as "ended_by?", r.ended_at
           from rules r join moderators m on m.id = r.made_by left join moderators e on e.id = r.ended_by
           where r.ended_at is null and (r.until is null or r.until > $1) order by r.id desc"#,
        now
    )
    .fetch_all(conn)
    .await?)
}

/// Rules of these sites and of all that are over, the newest first, at most `limit`.
pub async fn over(
    conn: &mut PgConnection,
    site_ids: &[i64],
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<RuleRow>, StoreError> {
    Ok(sqlx::query_as!(
        RuleRow,
        r#"select r.id, r.site_id, r.kind, r.patterns, r.fields, r.effect, r.shown, r.note, m.name as made_by, r.made_at,
                  r.until, e.name as "ended_by?", r.ended_at
           from rules r join moderators m on m.id = r.made_by left join moderators e on e.id = r.ended_by
           where (r.site_id is null or r.site_id = any($1)) and (r.ended_at is not null or r.until <= $2)
           order by r.id desc limit $3"#,
        site_ids,
        now,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// How many comments of these sites each of these rules has matched, counted up to `most`; in their order.
pub async fn hits(
    conn: &mut PgConnection,
    ids: &[i64],
    site_ids: &[i64],
    most: i64,
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select (select count(*) from (select 1 from rule_hits h where h.rule_id = wanted.id and h.site_id = any($2) limit $3) n)
                    as "count!"
           from unnest($1::bigint[]) with ordinality wanted (id, place) order by wanted.place"#,
        ids,
        site_ids,
        most
    )
    .fetch_all(conn)
    .await?)
}

/// A reader's comment as it came in, which is how rules look at it, and what became of it.
#[derive(Debug, Clone)]
pub struct SeenRow {
    /// The site.
    pub site_id: i64,
    /// Id.
    pub id: Uuid,
    /// Where it stands.
    pub state: State,
    /// What people say it is: `spam`, `ham` or nothing.
    pub label: Option<String>,
    /// Name.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website, or empty.
    pub url: String,
    /// As typed.
    pub body: String,
    /// Keyed hash of the network it was sent from.
    pub network: Option<Vec<u8>>,
    /// Whether people had approved an older comment of the author from this network.
    pub familiar: bool,
}

/// Hands the newest comments of readers at these sites to `look`, newest first, at most `limit` and one at a time, until it answers that it
/// has seen enough.
pub async fn each_recent(
    conn: &mut PgConnection,
    site_ids: &[i64],
    limit: i64,
    mut look: impl FnMut(SeenRow) -> bool,
) -> Result<(), StoreError> {
    let mut rows = sqlx::query!(
        r#"select c.site_id as "site_id!", c.id as "id!", c.state as "state!", c.label, s.author as "author!",
                  s.email as "email!", s.url as "url!", s.body as "body!", c.network,
                  exists (select 1 from comments k where k.site_id = c.site_id and k.author_key = c.author_key
                          and k.network = c.network and k.state = 'approved' and k.label = 'ham' and k.id < c.id) as "familiar!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select site_id, id, state, label, network, author_key from comments c
               where c.site_id = wanted.site_id and c.state <> 'deleted' and c.moderator_id is null order by id desc limit $2
           ) c
           join submitted s on s.site_id = c.site_id and s.id = c.id
           order by c.id desc limit $2"#,
        site_ids,
        limit
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let seen = SeenRow {
            site_id: row.site_id,
            id: row.id,
            state: state_of(&row.state, row.id)?,
            label: row.label,
            author: row.author,
            email: row.email,
            url: row.url,
            body: row.body,
            network: row.network,
            familiar: row.familiar,
        };
        if !look(seen) {
            break;
        }
    }
    Ok(())
}
