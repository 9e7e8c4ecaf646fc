//! People who moderate.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A moderator.
#[derive(Debug, Clone)]
pub struct ModeratorRow {
    /// Key.
    pub id: i64,
    /// Name, unique without case.
    pub name: String,
    /// Argon2 hash in PHC form; none for somebody who is invited and has not chosen a password.
    pub password_hash: Option<String>,
    /// `admin`, `moderator` or `viewer`.
    pub role: String,
    /// The sites they are confined to; none is all.
    pub site_ids: Vec<i64>,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<OffsetDateTime>,
    /// When they were added.
    pub created_at: OffsetDateTime,
    /// Whether a second factor is asked for.
    pub second_factor: bool,
    /// Until when their link to choose a password works.
    pub link_until: Option<OffsetDateTime>,
}

/// The constraint that a second moderator of the same name violates.
pub const NAME_TAKEN: &str = "moderators_name_key";

/// Adds a moderator and returns the id. Without a password they cannot sign in yet.
pub async fn insert(
    conn: &mut PgConnection,
    name: &str,
    password_hash: Option<&str>,
    role: &str,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into moderators (name, password_hash, role, created_at) values ($1, $2, $3, $4) returning id",
        name,
        password_hash,
        role,
        now
    )
    .fetch_one(conn)
    .await?)
}

/// The moderator of this name, in any case.
pub async fn find(conn: &mut PgConnection, name: &str) -> Result<Option<ModeratorRow>, StoreError> {
    Ok(select(conn, Some(name), None).await?.pop())
}

/// The moderator with this key.
pub async fn by_id(conn: &mut PgConnection, id: i64) -> Result<Option<ModeratorRow>, StoreError> {
    Ok(select(conn, None, Some(id)).await?.pop())
}

/// Everybody, by name.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<ModeratorRow>, StoreError> {
    select(conn, None, None).await
}

async fn select(
    conn: &mut PgConnection,
    name: Option<&str>,
    id: Option<i64>,
) -> Result<Vec<ModeratorRow>, StoreError> {
    Ok(sqlx::query_as!(
        ModeratorRow,
        r#"select m.id, m.name, m.password_hash, m.role, m.disabled_at, m.created_at,
                  array(select site_id from moderator_sites s where s.moderator_id = m.id order by site_id) as "site_ids!",
                  f.confirmed_at is not null as "second_factor!", l.expires_at as "link_until?"
           from moderators m
           left join second_factors f on f.moderator_id = m.id
           left join password_links l on l.moderator_id = m.id
           where ($1::text is null or lower(m.name) = lower($1)) and ($2::bigint is null or m.id = $2)
           order by lower(m.name)"#,
        name,
        id
    )
    .fetch_all(conn)
    .await?)
}

/// Lets one change of who administrates happen at a time, so that two administrators cannot take each other away.
pub async fn lock(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("lock table moderators in share row exclusive mode").execute(conn).await?;
    Ok(())
}

/// Whether anybody can sign in as an administrator.
pub async fn any_admin(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        "select 1 from moderators where role = 'admin' and disabled_at is null and password_hash is not null limit 1"
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Sets a new password hash.
pub async fn set_password(conn: &mut PgConnection, id: i64, password_hash: &str) -> Result<(), StoreError> {
    sqlx::query!("update moderators set password_hash = $2 where id = $1", id, password_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets a role: `admin`, `moderator` or `viewer`.
pub async fn set_role(conn: &mut PgConnection, id: i64, role: &str) -> Result<(), StoreError> {
    sqlx::query!("update moderators set role = $2 where id = $1", id, role).execute(conn).await?;
    Ok(())
}

/// Confines somebody to these sites; to none is to none in particular.
pub async fn set_sites(conn: &mut PgConnection, id: i64, site_ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query!("delete from moderator_sites where moderator_id = $1", id).execute(&mut *conn).await?;
    sqlx::query!(
        "insert into moderator_sites (moderator_id, site_id) select $1, site from unnest($2::bigint[]) site",
        id,
        site_ids
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Since when a moderator may sign in no more; `None` lets them in again.
pub async fn set_disabled(
    conn: &mut PgConnection,
    id: i64,
    since: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!("update moderators set disabled_at = $2 where id = $1", id, since).execute(conn).await?;
    Ok(())
}

/// Gives somebody a link to choose a password by, in place of an older one.
pub async fn set_link(
    conn: &mut PgConnection,
    id: i64,
    token_hash: [u8; 32],
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into password_links (moderator_id, token_hash, expires_at) values ($1, $2, $3)
         on conflict (moderator_id) do update set token_hash = $2, expires_at = $3",
        id,
        &token_hash[..],
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose link this is, if it still works; locks it, so that it works once.
pub async fn by_link(
    conn: &mut PgConnection,
    token_hash: [u8; 32],
    now: OffsetDateTime,
) -> Result<Option<ModeratorRow>, StoreError> {
    let id = sqlx::query_scalar!(
        "select moderator_id from password_links where token_hash = $1 and expires_at > $2 for update",
        &token_hash[..],
        now
    )
    .fetch_optional(&mut *conn)
    .await?;
    match id {
        Some(id) => Ok(by_id(conn, id).await?.filter(|moderator| moderator.disabled_at.is_none())),
        None => Ok(None),
    }
}

/// Lets somebody's link work no more.
pub async fn delete_link(conn: &mut PgConnection, id: i64) -> Result<(), StoreError> {
    sqlx::query!("delete from password_links where moderator_id = $1", id).execute(conn).await?;
    Ok(())
}
