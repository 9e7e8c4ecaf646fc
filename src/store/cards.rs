//! Comments as moderators see them.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// A comment as moderators see it.
#[derive(Debug, Clone)]
pub struct DeskRow {
    /// The site.
    pub site_id: i64,
    /// Id.
    pub id: Uuid,
    /// Where it stands.
    pub state: State,
    /// Counts its changes.
    pub version: i32,
    /// Whether a moderator wrote it, in the site's name.
    pub by_moderator: bool,
    /// Whether a moderator changed what it says.
    pub edited: bool,
    /// Whether it waits in the audit sample.
    pub awaits_audit: bool,
    /// Name.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website, or empty.
    pub url: String,
    /// As typed.
    pub body: String,
    /// The article.
    pub article_id: Uuid,
    /// Address of the article.
    pub article_url: String,
    /// Author and text of the comment that is answered.
    pub parent: Option<(String, String)>,
    /// Keyed hash of the e-mail address.
    pub author_key: Option<Vec<u8>>,
    /// What the classifier was taught it is, if a person has said so.
    pub label: Option<String>,
    /// Why it is rejected, if it is and somebody has said so; see [`crate::comment::RejectReason`].
    pub reject_reason: Option<String>,
    /// ISO 639-3 code of the language, where it can be told.
    pub language: Option<String>,
    /// Reports by readers that nobody has answered yet.
    pub reports: i32,
    /// The newest of them, as `{ground, words, at}`, at most 20.
    pub told: Value,
    /// Share of the text's evidence that the model had never seen.
    pub unseen_share: Option<f64>,
    /// When it was sent.
    pub created_at: OffsetDateTime,
    /// The judgement at submission.
    pub spam_probability: f64,
    /// The model that judged.
    pub model_id: i64,
    /// Probability of abuse at submission, where a model of it was in force.
    pub abuse_probability: Option<f64>,
    /// The reasons of the judgement.
    pub reasons: Value,
    /// Approved comments among the author's newest 50; what is published only because nothing is decided counts nothing.
    pub author_approved: i64,
    /// Spam among the author's newest 50.
    pub author_spam: i64,
    /// When the oldest of them came in.
    pub first_seen: Option<OffsetDateTime>,
    /// What people have noted about the author.
    pub author_notes: i64,
}

impl DeskRow {
    /// Whether it waits or was turned away, and nobody has said what it is.
    pub fn is_undecided(&self) -> bool {
        matches!(self.state, State::Held | State::Spam) && self.label.is_none()
    }
}

/// These comments for the desk, in the order asked for: site and id of each.
pub async fn of(conn: &mut PgConnection, wanted: &[(i64, Uuid)]) -> Result<Vec<DeskRow>, StoreError> {
    let (site_ids, ids): (Vec<i64>, Vec<Uuid>) = wanted.iter().copied().unzip();
    let rows = sqlx::query!(
        r#"select c.site_id, c.id, c.state, c.version, c.author, c.email, c.url, c.body, c.created_at, c.spam_probability,
                  c.model_id, c.abuse_probability, c.article_id, c.author_key, c.label, c.language, c.reports, c.unseen_share,
                  c.moderator_id is not null as "by_moderator!", c.edited, awaits_audit(c.sampled, c.label, c.state) as "awaits_audit!",
                  case when c.state = 'rejected' then
                      (select reason from decisions d where d.site_id = c.site_id and d.comment_id = c.id order by d.id desc limit 1)
                  end as reject_reason,
                  a.url as article_url, p.author as "parent_author?", p.body as "parent_body?",
                  (select reasons from decisions d where d.site_id = c.site_id and d.comment_id = c.id order by d.id limit 1)
                    as "reasons!",
                  case when c.reports = 0 then '[]' else (
                      select coalesce(jsonb_agg(jsonb_build_object('ground', ground, 'words', words, 'at', reported_at)
                                                order by id desc), '[]')
                      from (select id, ground, words, reported_at from reports r
                            where r.site_id = c.site_id and r.comment_id = c.id order by r.id desc limit least(c.reports, 20))
                           newest) end as "told!",
                  record.approved as "author_approved!", record.spam as "author_spam!", record.first_seen,
                  (select count(*) from author_notes n where n.site_id = c.site_id and n.author_key = c.author_key) as "author_notes!"
           from unnest($1::bigint[], $2::uuid[]) with ordinality wanted (site_id, id, place)
           join comments c on c.site_id = wanted.site_id and c.id = wanted.id
           join articles a on a.site_id = c.site_id and a.id = c.article_id
           left join comments p on p.site_id = c.site_id and p.id = c.parent_id
           cross join lateral (
               select count(*) filter (where state = 'approved' and (would_be is null or label = 'ham')) as approved,
                      count(*) filter (where state = 'spam') as spam,
                      min(created_at) as first_seen
               from (select state, would_be, label, created_at from comments r
                     where r.site_id = c.site_id and r.author_key = c.author_key and r.id <> c.id
                     order by r.id desc limit 50) newest
           ) record
           order by wanted.place"#,
        &site_ids,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DeskRow {
                site_id: row.site_id,
                id: row.id,
                state: state_of(&row.state, row.id)?,
                version: row.version,
                by_moderator: row.by_moderator,
                edited: row.edited,
                awaits_audit: row.awaits_audit,
                author: row.author,
                email: row.email,
                url: row.url,
                body: row.body,
                article_id: row.article_id,
                article_url: row.article_url,
                parent: row.parent_author.zip(row.parent_body),
                author_key: row.author_key,
                label: row.label,
                reject_reason: row.reject_reason,
                language: row.language,
                reports: row.reports,
                told: row.told,
                unseen_share: row.unseen_share,
                created_at: row.created_at,
                spam_probability: row.spam_probability,
                model_id: row.model_id,
                abuse_probability: row.abuse_probability,
                reasons: row.reasons,
                author_approved: row.author_approved,
                author_spam: row.author_spam,
                first_seen: row.first_seen,
                author_notes: row.author_notes,
            })
        })
        .collect()
}
