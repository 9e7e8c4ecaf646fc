//! The append-only log of what people do, their decisions on comments included.

use serde_json::Value;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::queues::first_id;

/// Something that somebody did besides deciding on a comment.
#[derive(Debug, Clone)]
pub struct NewAct<'a> {
    /// UUIDv7.
    pub id: Uuid,
    /// `moderator`, `command line` or `nobody`.
    pub actor: &'a str,
    /// The moderator, if it was one.
    pub actor_id: Option<i64>,
    /// What was done.
    pub kind: &'a str,
    /// Whom it is about.
    pub about_id: Option<i64>,
    /// The site it is about.
    pub site_id: Option<i64>,
    /// What else is worth knowing.
    pub details: &'a Value,
    /// Now.
    pub acted_at: OffsetDateTime,
}

/// Appends an act.
pub async fn insert(conn: &mut PgConnection, new: &NewAct<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into acts (id, actor, actor_id, kind, about_id, site_id, details, acted_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id,
        new.actor,
        new.actor_id,
        new.kind,
        new.about_id,
        new.site_id,
        new.details,
        new.acted_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A line of the log: an act, or a person's decision on a comment.
#[derive(Debug, Clone, FromRow)]
pub struct Entry {
    /// Id.
    pub id: Uuid,
    /// When.
    pub acted_at: OffsetDateTime,
    /// `moderator`, `command line` or `nobody`.
    pub actor: String,
    /// The moderator's name, if it was one.
    pub who: Option<String>,
    /// What was done; for something done with a comment an [`Act`](super::decisions::Act), or [`UNDONE`].
    pub kind: String,
    /// Whom it is about.
    pub about: Option<String>,
    /// The site it is about.
    pub site_id: Option<i64>,
    /// The comment that was decided on.
    pub comment_id: Option<Uuid>,
    /// What else is worth knowing.
    pub details: Value,
}

/// The kind of taking back what was done with a comment.
pub const UNDONE: &str = "undone";

/// Which lines of the log.
#[derive(Debug, Clone, Default)]
pub struct Filter<'a> {
    /// By or about this person.
    pub person: Option<i64>,
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// Rejections for this reason.
    pub reason: Option<&'a str>,
    /// About this site.
    pub site: Option<i64>,
    /// From this moment on.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
    /// Older than this line (keyset).
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: i64,
}

/// Reads a part of the log, newest first: as many from each of its two tables as are asked for, and of these the newest.
pub async fn page(conn: &mut PgConnection, filter: &Filter<'_>) -> Result<Vec<Entry>, StoreError> {
    let mut sql = QueryBuilder::<Postgres>::new(
        "select e.id, e.acted_at, e.actor, w.name as who, e.kind, a.name as about, e.site_id, e.comment_id, e.details
         from ((select d.id, d.decided_at as acted_at, 'moderator' as actor, d.moderator_id as actor_id,
                       case when d.undoes is null then d.act else 'undone' end as kind, null::bigint as about_id, d.site_id,
                       d.comment_id, jsonb_build_object('from', d.from_state, 'to', d.to_state)
                                     || jsonb_strip_nulls(jsonb_build_object('reason', d.reason)) as details
                from decisions d where d.moderator_id is not null",
    );
    match filter.kind {
        None => {}
        Some(UNDONE) => {
            sql.push(" and d.undoes is not null");
        }
        Some(kind) => {
            sql.push(" and d.undoes is null and d.act = ").push_bind(kind.to_owned());
        }
    }
    if let Some(reason) = filter.reason {
        sql.push(" and d.reason = ").push_bind(reason.to_owned());
    }
    if let Some(person) = filter.person {
        sql.push(" and d.moderator_id = ").push_bind(person);
    }
    narrow(&mut sql, "d", filter);
    sql.push(
        ") union all (select t.id, t.acted_at, t.actor, t.actor_id, t.kind, t.about_id, t.site_id, null, t.details
                      from acts t where true",
    );
    if filter.reason.is_some() {
        sql.push(" and false");
    }
    if let Some(kind) = filter.kind {
        sql.push(" and t.kind = ").push_bind(kind.to_owned());
    }
    if let Some(person) = filter.person {
        sql.push(" and (t.actor_id = ")
            .push_bind(person)
            .push(" or t.about_id = ")
            .push_bind(person)
            .push(")");
    }
    narrow(&mut sql, "t", filter);
    sql.push(
        ")) e left join moderators w on w.id = e.actor_id left join moderators a on a.id = e.about_id
         order by e.id desc limit ",
    );
    sql.push_bind(filter.limit);
    Ok(sql.build_query_as().persistent(false).fetch_all(conn).await?)
}

/// What both tables are narrowed by, and the end of each part.
fn narrow(sql: &mut QueryBuilder<Postgres>, table: &'static str, filter: &Filter<'_>) {
    if let Some(site) = filter.site {
        sql.push(" and ").push(table).push(".site_id = ").push_bind(site);
    }
    if let Some(from) = filter.from {
        sql.push(" and ").push(table).push(".id >= ").push_bind(first_id(from));
    }
    if let Some(id) = filter.before.into_iter().chain(filter.until.map(first_id)).min() {
        sql.push(" and ").push(table).push(".id < ").push_bind(id);
    }
    sql.push(" order by ").push(table).push(".id desc limit ").push_bind(filter.limit);
}
