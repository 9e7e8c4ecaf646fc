//! Notices by mail: who wants them, what they are to be told, the mails and the links in them.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// How somebody wants to be told.
#[derive(Debug, Clone)]
pub struct SettingsRow {
    /// Their address.
    pub address: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: Option<OffsetDateTime>,
    /// `none`, `immediately`, `hourly` or `daily`.
    pub cadence: String,
    /// Of these sites only; none is all that are theirs.
    pub site_ids: Vec<i64>,
}

/// How somebody wants to be told, if they have said so.
pub async fn settings(conn: &mut PgConnection, moderator_id: i64) -> Result<Option<SettingsRow>, StoreError> {
    Ok(sqlx::query_as!(
        SettingsRow,
        "select address, confirmed_at, cadence, site_ids from notice_settings where moderator_id = $1",
        moderator_id
    )
    .fetch_optional(conn)
    .await?)
}

/// Sets somebody's address, which is then not confirmed, or takes it away.
pub async fn set_address(
    conn: &mut PgConnection,
    moderator_id: i64,
    address: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into notice_settings (moderator_id, address, cadence) values ($1, $2, 'immediately')
         on conflict (moderator_id) do update set address = $2, confirmed_at = null",
        moderator_id,
        address
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update mails set state = 'moot', ended_at = next_try_at where moderator_id = $1 and state = 'waiting'",
        moderator_id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("delete from notices where moderator_id = $1 and mail_id is null", moderator_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that somebody reads what is sent to an address. `false` if it is not theirs any more.
pub async fn confirm(
    conn: &mut PgConnection,
    moderator_id: i64,
    address: &str,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update notice_settings set confirmed_at = coalesce(confirmed_at, $3) where moderator_id = $1 and address = $2",
        moderator_id,
        address,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Sets how often and of which sites somebody is told. What waits for the next mail stays, unless they want none.
pub async fn set_cadence(
    conn: &mut PgConnection,
    moderator_id: i64,
    cadence: &str,
    site_ids: Option<&[i64]>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update notice_settings set cadence = $2, site_ids = coalesce($3, site_ids) where moderator_id = $1",
        moderator_id,
        cadence,
        site_ids
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from notices n using notice_settings s
         where s.moderator_id = n.moderator_id and n.moderator_id = $1 and n.mail_id is null
           and (s.cadence = 'none' or cardinality(s.site_ids) > 0 and not n.site_id = any(s.site_ids))",
        moderator_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes for everybody who wants to know that a comment is held since; once, however often it is noted.
pub async fn note(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
    held_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into notices (moderator_id, site_id, comment_id, noted_at)
         select s.moderator_id, $1, $2, $3 from notice_settings s join moderators m on m.id = s.moderator_id
         where s.confirmed_at is not null and s.cadence <> 'none' and m.disabled_at is null
           and (cardinality(s.site_ids) = 0 or $1 = any(s.site_ids))
           and (m.role = 'admin' or not exists (select from moderator_sites o where o.moderator_id = m.id)
                or exists (select from moderator_sites o where o.moderator_id = m.id and o.site_id = $1))
         on conflict do nothing",
        site_id,
        comment_id,
        held_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody for whom notices wait.
#[derive(Debug, Clone)]
pub struct WaitingRow {
    /// Who.
    pub moderator_id: i64,
    /// Where to.
    pub address: String,
}

/// Those for whom a mail is due: the first notice came in at `immediately`, `hourly` or `daily` ago by how often they want to
/// be told, and their last mail went out before `rested`. Their settings are locked for the transaction.
pub async fn waiting(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    rested: OffsetDateTime,
) -> Result<Vec<WaitingRow>, StoreError> {
    Ok(sqlx::query_as!(
        WaitingRow,
        r#"select s.moderator_id, s.address as "address!" from notice_settings s
           where s.confirmed_at is not null and (s.last_mail_at is null or s.last_mail_at <= $2)
             and exists (select from notices n where n.moderator_id = s.moderator_id and n.mail_id is null
                         and n.noted_at <= $1::timestamptz - case s.cadence when 'hourly' then interval '1 hour'
                                                             when 'daily' then interval '1 day' else interval '0' end)
           for update of s skip locked"#,
        now,
        rested
    )
    .fetch_all(conn)
    .await?)
}

/// A mail to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewMail<'a> {
    /// Key, also the Message-ID.
    pub id: Uuid,
    /// To whom.
    pub moderator_id: i64,
    /// `address` or `held`.
    pub kind: &'a str,
    /// Where to.
    pub address: &'a str,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// Makes a mail that is due now.
pub async fn insert(conn: &mut PgConnection, new: NewMail<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into mails (id, moderator_id, kind, address, next_try_at, created_at) values ($1, $2, $3, $4, $5, $5)",
        new.id,
        new.moderator_id,
        new.kind,
        new.address,
        new.created_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts what waits for somebody into a mail.
pub async fn fill(
    conn: &mut PgConnection,
    mail_id: Uuid,
    moderator_id: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update notices set mail_id = $1 where moderator_id = $2 and mail_id is null",
        mail_id,
        moderator_id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update notice_settings set last_mail_at = $2 where moderator_id = $1", moderator_id, now)
        .execute(conn)
        .await?;
    Ok(())
}

/// A mail to be tried now.
#[derive(Debug, Clone)]
pub struct DueRow {
    /// Key, also the Message-ID.
    pub id: Uuid,
    /// To whom.
    pub moderator_id: i64,
    /// `address` or `held`.
    pub kind: String,
    /// Where to.
    pub address: String,
    /// How often it was tried, this time included.
    pub attempts: i32,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// Claims mails that are due until `lease`.
pub async fn claim(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<DueRow>, StoreError> {
    Ok(sqlx::query_as!(
        DueRow,
        "update mails set attempts = attempts + 1, next_try_at = $2
         where id in (select id from mails where state = 'waiting' and next_try_at <= $1
                      order by next_try_at, id limit $3 for update skip locked)
         returning id, moderator_id, kind, address, attempts, created_at",
        now,
        lease,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The comments a mail tells of that are still held, oldest first: site and comment.
pub async fn held(conn: &mut PgConnection, mail_id: Uuid) -> Result<Vec<(i64, Uuid)>, StoreError> {
    let rows = sqlx::query!(
        "select n.site_id, n.comment_id from notices n join comments c on c.site_id = n.site_id and c.id = n.comment_id
         where n.mail_id = $1 and c.state = 'held' order by n.id",
        mail_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.site_id, row.comment_id)).collect())
}

/// Notes how a try ended: `waiting`, `sent`, `moot` or `failed`.
pub async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    state: &str,
    error: Option<&str>,
    next_try_at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update mails set state = $2, error = $3, next_try_at = coalesce($4, next_try_at),
                          ended_at = case when $2 <> 'waiting' then $5::timestamptz end
         where id = $1 and state = 'waiting'",
        id,
        state,
        error,
        next_try_at,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many mails asking for an address to be confirmed somebody had since.
pub async fn asked_since(
    conn: &mut PgConnection,
    moderator_id: i64,
    since: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from mails where moderator_id = $1 and kind = 'address' and created_at > $2"#,
        moderator_id,
        since
    )
    .fetch_one(conn)
    .await?)
}

/// A mail that could not be delivered, or not yet.
#[derive(Debug, Clone)]
pub struct TroubleRow {
    /// Key.
    pub id: Uuid,
    /// To whom, by key.
    pub moderator_id: i64,
    /// To whom.
    pub name: String,
    /// `waiting` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_try_at: OffsetDateTime,
    /// What went wrong last.
    pub error: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// The newest mails that could not be delivered, or not yet; of one person, or of all.
pub async fn troubles(
    conn: &mut PgConnection,
    moderator_id: Option<i64>,
    limit: i64,
) -> Result<Vec<TroubleRow>, StoreError> {
    Ok(sqlx::query_as!(
        TroubleRow,
        r#"select m.id, m.moderator_id, p.name, m.state, m.attempts, m.next_try_at, m.error as "error!", m.created_at
           from mails m join moderators p on p.id = m.moderator_id
           where m.state in ('waiting', 'failed') and m.error is not null and ($1::bigint is null or m.moderator_id = $1)
           order by m.id desc limit $2"#,
        moderator_id,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Lets a mail that was given up, or waits, be tried now. `false` if there is none of that id.
pub async fn retry(conn: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update mails set state = 'waiting', attempts = 0, next_try_at = $2, ended_at = null
         where id = $1 and state in ('waiting', 'failed')",
        id,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A link to be put into a mail.
#[derive(Debug, Clone, Copy)]
pub struct NewLink<'a> {
    /// Hash of its token.
    pub token_hash: [u8; 32],
    /// The mail.
    pub mail_id: Uuid,
    /// Whose link.
    pub moderator_id: i64,
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment_id: Uuid,
    /// `approve`, `spam` or `reject`.
    pub verdict: &'a str,
    /// The comment's version in the mail.
    pub version: i32,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
}

/// Makes a link; a mail that is written again has the same ones.
pub async fn insert_link(conn: &mut PgConnection, new: NewLink<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into action_links (token_hash, mail_id, moderator_id, site_id, comment_id, verdict, version, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (token_hash) do update set version = $7, expires_at = $8 where action_links.used_at is null",
        &new.token_hash[..],
        new.mail_id,
        new.moderator_id,
        new.site_id,
        new.comment_id,
        new.verdict,
        new.version,
        new.expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A link in a mail.
#[derive(Debug, Clone)]
pub struct LinkRow {
    /// Whose link.
    pub moderator_id: i64,
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment_id: Uuid,
    /// `approve`, `spam` or `reject`.
    pub verdict: String,
    /// The comment's version in the mail.
    pub version: i32,
    /// Until when it works.
    pub expires_at: OffsetDateTime,
    /// When it was used.
    pub used_at: Option<OffsetDateTime>,
}

/// The link of this token; locked, so that it works once.
pub async fn link(conn: &mut PgConnection, token_hash: [u8; 32]) -> Result<Option<LinkRow>, StoreError> {
    Ok(sqlx::query_as!(
        LinkRow,
        "select moderator_id, site_id, comment_id, verdict, version, expires_at, used_at from action_links
         where token_hash = $1 for update",
        &token_hash[..]
    )
    .fetch_optional(conn)
    .await?)
}

/// Notes that a link was used.
pub async fn use_link(
    conn: &mut PgConnection,
    token_hash: [u8; 32],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update action_links set used_at = $2 where token_hash = $1", &token_hash[..], now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes mails that ended before `before`, with their links.
pub async fn sweep(conn: &mut PgConnection, before: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("delete from mails where ended_at < $1", before).execute(conn).await?;
    Ok(())
}
