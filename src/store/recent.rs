//! What a site's newest comments say of the next one, all at once.

use sqlx::PgConnection;

use super::StoreError;

/// Approved and spam comments of each author among a site's newest comments, by the keyed hash of the address.
pub async fn authors(
    conn: &mut PgConnection,
    site_id: i64,
    newest: i64,
) -> Result<Vec<(Vec<u8>, i64, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select author_key as "author_key!", count(*) filter (where state = 'approved' and (would_be is null or label = 'ham')) as "approved!",
                  count(*) filter (where state = 'spam') as "spam!"
           from (select author_key, state, would_be, label from comments where site_id = $1 order by id desc limit $2) newest
           where author_key is not null group by author_key"#,
        site_id,
        newest
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.author_key, row.approved, row.spam)).collect())
}

/// Authors, each with a network that people have approved a comment of theirs from, among a site's newest comments.
pub async fn familiar(
    conn: &mut PgConnection,
    site_id: i64,
    newest: i64,
) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
    let rows = sqlx::query!(
        r#"select distinct author_key as "author_key!", network as "network!"
           from (select author_key, network, state, label from comments where site_id = $1 order by id desc limit $2) newest
           where author_key is not null and network is not null and state = 'approved' and label = 'ham'"#,
        site_id,
        newest
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.author_key, row.network)).collect())
}

/// How often each text is spam among a site's newest comments.
pub async fn spam_texts(
    conn: &mut PgConnection,
    site_id: i64,
    newest: i64,
) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select fingerprint, count(*) as "count!"
           from (select fingerprint, state from comments where site_id = $1 order by id desc limit $2) newest
           where state = 'spam' group by fingerprint"#,
        site_id,
        newest
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.fingerprint, row.count)).collect())
}

/// Spam and ham among a site's newest labelled comments.
pub async fn queue(conn: &mut PgConnection, site_id: i64, newest: i64) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query!(
        r#"select count(*) filter (where label = 'spam') as "spam!", count(*) filter (where label = 'ham') as "ham!"
           from (select label from comments where site_id = $1 and label is not null order by id desc limit $2) newest"#,
        site_id,
        newest
    )
    .fetch_one(conn)
    .await?;
    Ok((row.spam, row.ham))
}
