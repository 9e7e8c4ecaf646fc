//! Comments: accepting, reading and moving them.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use crate::comment::{State, Submission, Wording};

/// What is known at a site before a new comment is judged; one round trip.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The article, if anybody has commented on it before.
    pub article_id: Option<Uuid>,
    /// State and article of the comment that is answered, if it exists.
    pub parent: Option<(State, Uuid)>,
    /// Approved comments among the author's newest 50.
    pub author_approved: i64,
    /// Spam among the author's newest 50.
    pub author_spam: i64,
    /// Spam with the same text, counted up to 10.
    pub same_text_spam: i64,
    /// Spam among the newest labelled comments of the site.
    pub queue_spam: i64,
    /// Ham among them.
    pub queue_ham: i64,
    /// Whether people have approved a comment of the author from this network.
    pub familiar: bool,
}

/// What [`surroundings`] looks for.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The site.
    pub site_id: i64,
    /// The article's key, see [`crate::comment::ArticleUrl::key`].
    pub article: &'a str,
    /// The comment that is answered.
    pub parent: Option<Uuid>,
    /// Keyed hash of the e-mail address.
    pub author_key: Option<&'a [u8]>,
    /// See [`crate::comment::fingerprint`].
    pub fingerprint: &'a [u8],
    /// How many labelled comments of the site are looked at.
    pub queue: i64,
    /// Keyed hash of the network.
    pub network: Option<&'a [u8]>,
}

/// Reads the surroundings of a new comment.
pub async fn surroundings(conn: &mut PgConnection, around: Around<'_>) -> Result<Surroundings, StoreError> {
    let row = sqlx::query!(
        r#"select
             (select id from articles where site_id = $1 and path = $2) as "article_id?",
             parent.state as "parent_state?", parent.article_id as "parent_article?",
             record.approved as "author_approved!", record.spam as "author_spam!",
             (select count(*) from (select 1 from comments where site_id = $1 and fingerprint = $5 and state = 'spam' limit 10) s)
               as "same_text_spam!",
             queue.spam as "queue_spam!", queue.ham as "queue_ham!",
             exists (select 1 from comments where site_id = $1 and author_key = $4 and network = $7 and state = 'approved'
                     and label = 'ham') as "familiar!"
           from (select count(*) filter (where state = 'approved' and (would_be is null or label = 'ham')) as approved,
                        count(*) filter (where state = 'spam') as spam
                 from (select state, would_be, label from comments where site_id = $1 and author_key = $4 order by id desc limit 50) newest) record
           cross join (select count(*) filter (where label = 'spam') as spam, count(*) filter (where label = 'ham') as ham
                       from (select label from comments where site_id = $1 and label is not null order by id desc limit $6) newest) queue
           left join comments parent on parent.site_id = $1 and parent.id = $3"#,
        around.site_id,
        around.article,
        around.parent,
        around.author_key,
        around.fingerprint,
        around.queue,
        around.network
    )
    .fetch_one(conn)
    .await?;
    let parent = match (row.parent_state, row.parent_article) {
        (Some(state), Some(article)) => Some((state_of(&state, around.parent.unwrap_or_default())?, article)),
        _ => None,
    };
    Ok(Surroundings {
        article_id: row.article_id,
        parent,
        author_approved: row.author_approved,
        author_spam: row.author_spam,
        same_text_spam: row.same_text_spam,
        queue_spam: row.queue_spam,
        queue_ham: row.queue_ham,
        familiar: row.familiar,
    })
}

/// A judged comment, ready to be stored.
#[derive(Debug, Clone)]
pub struct NewComment<'a> {
    /// The site.
    pub site_id: i64,
    /// UUIDv7.
    pub id: Uuid,
    /// The article's id as [`surroundings`] gave it, or a new UUIDv7.
    pub article_id: Uuid,
    /// Key of the article within its site.
    pub article: &'a str,
    /// Address of the article.
    pub article_url: &'a str,
    /// The comment that is answered.
    pub parent_id: Option<Uuid>,
    /// The state it enters.
    pub state: State,
    /// The state it would have entered, where nothing is decided.
    pub would_be: Option<State>,
    /// Name.
    pub author: &'a str,
    /// E-mail address, or empty.
    pub email: &'a str,
    /// Website, or empty.
    pub url: &'a str,
    /// Markdown as typed.
    pub body: &'a str,
    /// Safe HTML.
    pub html: &'a str,
    /// Keyed hash of the e-mail address.
    pub author_key: Option<&'a [u8]>,
    /// See [`crate::comment::fingerprint`].
    pub fingerprint: &'a [u8],
    /// Hash of the whole submission.
    pub submission_key: &'a [u8],
    /// The judgement.
    pub spam_probability: f64,
    /// The same of the text alone.
    pub text_probability: f64,
    /// Share of the text's evidence that the model had never seen.
    pub unseen_share: f64,
    /// The model that judged.
    pub model_id: i64,
    /// Probability of abuse and the model that says so, where there is one.
    pub abuse: Option<(f64, i64)>,
    /// ISO 639-3 code of the language, where it can be told.
    pub language: Option<&'a str>,
    /// Names of the signals that fired.
    pub signals: &'a [String],
    /// See [`crate::comment::Likeness::traits`].
    pub traits: &'a [i64],
    /// What the model in the shadow made of it, if there is one.
    pub shadow: Option<ShadowScore>,
    /// For a comment that is decided without a person: the share of the audit sample, if there is one.
    pub audit_share: Option<f64>,
    /// Whether it is in the sample.
    pub sampled: bool,
    /// Keyed hash of the network it was sent from.
    pub network: Option<&'a [u8]>,
    /// Whether rules had a say in its state.
    pub ruled: bool,
    /// The rules that matched it.
    pub rule_ids: &'a [i64],
    /// UUIDv7 of the first decision.
    pub decision_id: Uuid,
    /// The judgement's reasons.
    pub reasons: &'a Value,
    /// The key of the program that had it judged; such a comment is shown elsewhere.
    pub key_id: Option<i64>,
    /// Where that wants to be told what becomes of it.
    pub callback: Option<&'a str>,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// What the model in the shadow made of a comment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShadowScore {
    /// The model.
    pub model_id: i64,
    /// Its judgement, signals and prior included.
    pub spam_probability: f64,
    /// The state the comment would have entered by it.
    pub would_be: State,
}

/// The constraint that is violated when the article was made by somebody else in the same moment.
pub const ARTICLE_RACE: &str = "comments_article_fkey";

/// Stores article, comment and first decision, all or nothing, in one statement: a statement is a transaction,
/// and one round trip holds a connection for the shortest time. `false` when the same submission is there already.
pub async fn accept(conn: &mut PgConnection, new: &NewComment<'_>) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "with article as (
             insert into articles (site_id, id, path, url, created_at) values ($1, $3, $4, $5, $18)
             on conflict do nothing
         ), comment as (
             insert into comments (site_id, id, article_id, parent_id, state, author, email, url, body, html, author_key,
                                   fingerprint, submission_key, spam_probability, model_id, created_at,
                                   text_probability, unseen_share, language, signals, abuse_probability, abuse_model_id,
                                   traits, entered, audit_share, sampled, network, ruled, key_id, callback, would_be)
             values ($1, $2, $3, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $21, $22, $26, $27, $28, $29,
                     $30, case when $38::text is null then $7 end, $31, $32, $33, $34, $36, $37, $38)
             on conflict (site_id, submission_key) do nothing
             returning id
         ), shadow as (
             insert into shadow_scores (site_id, comment_id, model_id, spam_probability, decided, would_be)
             select $1, id, $23, $24, coalesce($38, $7), $25 from comment where $23::bigint is not null
         ), hits as (
             insert into rule_hits (rule_id, site_id, comment_id)
             select rule_id, $1, id from comment, unnest($35::bigint[]) rule_id
         )
         insert into decisions (site_id, id, comment_id, actor, to_state, reasons, spam_probability, model_id, decided_at)
         select $1, $19, id, 'policy', $7, $20, $16, $17, $18 from comment",
        new.site_id,
        new.id,
        new.article_id,
        new.article,
        new.article_url,
        new.parent_id,
        new.state.as_str(),
        new.author,
        new.email,
        new.url,
        new.body,
        new.html,
        new.author_key,
        new.fingerprint,
        new.submission_key,
        new.spam_probability,
        new.model_id,
        new.created_at,
        new.decision_id,
        new.reasons,
        new.text_probability,
        new.unseen_share,
        new.shadow.map(|shadow| shadow.model_id),
        new.shadow.map(|shadow| shadow.spam_probability),
        new.shadow.map(|shadow| shadow.would_be.as_str()),
        new.language,
        new.signals,
        new.abuse.map(|(probability, _)| probability),
        new.abuse.map(|(_, model_id)| model_id),
        new.traits,
        new.audit_share,
        new.sampled,
        new.network,
        new.ruled,
        new.rule_ids,
        new.key_id,
        new.callback,
        new.would_be.map(State::as_str)
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The comment that was stored for a submission, with what it said when it came in.
#[derive(Debug, Clone)]
pub struct SubmittedRow {
    /// Id.
    pub id: Uuid,
    /// Where it stands by now.
    pub state: State,
    article: String,
    parent_id: Option<Uuid>,
    email: String,
    wording: Wording,
}

impl SubmittedRow {
    /// Whether this is what came in.
    pub fn says(&self, submission: &Submission) -> bool {
        let Submission { article, parent, body, author, email, url } = submission;
        self.article == article.key()
            && self.parent_id == *parent
            && self.email == *email
            && (&self.wording.body, &self.wording.author, &self.wording.url) == (body, author, url)
    }
}

/// The comment that was stored for this submission.
pub async fn find_submission(
    conn: &mut PgConnection,
    site_id: i64,
    submission_key: &[u8],
) -> Result<Option<SubmittedRow>, StoreError> {
    let row = sqlx::query!(
        r#"select c.id, c.state, a.path as "article!", c.parent_id, c.email, s.body as "body!", s.author as "author!", s.url as "url!"
           from comments c join articles a on a.site_id = c.site_id and a.id = c.article_id
           join submitted s on s.site_id = c.site_id and s.id = c.id
           where c.site_id = $1 and c.submission_key = $2"#,
        site_id,
        submission_key
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(SubmittedRow {
            state: state_of(&row.state, row.id)?,
            id: row.id,
            article: row.article,
            parent_id: row.parent_id,
            email: row.email,
            wording: Wording { body: row.body, author: row.author, url: row.url },
        })
    })
    .transpose()
}

/// A comment that a program had judged.
#[derive(Debug, Clone)]
pub struct CheckedRow {
    /// Id.
    pub id: Uuid,
    /// The state it entered by the answer; `None` where nothing was decided.
    pub entered: Option<State>,
    /// What it is taught as.
    pub label: Option<String>,
}

/// The comment that a program reports on: the very one, or else the newest with this text by this author.
pub async fn find_checked(
    conn: &mut PgConnection,
    site_id: i64,
    submission_key: &[u8],
    fingerprint: &[u8],
    author: &str,
) -> Result<Option<CheckedRow>, StoreError> {
    let row = sqlx::query!(
        r#"select id as "id!", entered, label from (
               (select id, entered, label, 0 as rank from comments where site_id = $1 and submission_key = $2)
               union all
               (select id, entered, label, 1 from comments
                where site_id = $1 and key_id is not null and fingerprint = $3 and author = $4 order by id desc limit 1)
           ) found order by rank limit 1"#,
        site_id,
        submission_key,
        fingerprint,
        author
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let entered = row.entered.map(|entered| state_of(&entered, row.id)).transpose()?;
        Ok(CheckedRow { id: row.id, entered, label: row.label })
    })
    .transpose()
}

/// A comment that a program asks about again.
#[derive(Debug, Clone, Copy)]
pub struct AskedAgain {
    /// Id.
    pub id: Uuid,
    /// Whether its text is not kept any longer.
    pub forgotten: bool,
}

/// Notes that a program has asked again about the comment of this submission: by which key, and where that wants to be told
/// what becomes of it, if it says so. `None` where no program has asked about it before, where it was removed, or where a later
/// question is noted already.
pub async fn ask_again(
    conn: &mut PgConnection,
    site_id: i64,
    submission_key: &[u8],
    (key_id, callback): (i64, Option<&str>),
    now: OffsetDateTime,
) -> Result<Option<AskedAgain>, StoreError> {
    Ok(sqlx::query_as!(
        AskedAgain,
        r#"update comments
           set asked_at = $5, callback = coalesce($4, callback), key_id = case when $4::text is null then key_id else $3 end
           where site_id = $1 and submission_key = $2 and key_id is not null and state <> 'deleted'
             and coalesce(asked_at, created_at) <= $5
           returning id, forgotten_at is not null as "forgotten!""#,
        site_id,
        submission_key,
        key_id,
        callback,
        now
    )
    .fetch_optional(conn)
    .await?)
}

/// Takes a comment that is rejected without a person out of what the thresholds are measured by: only what people reject is known
/// to be unwanted.
pub async fn set_aside(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<(), StoreError> {
    sqlx::query!(
        "update comments set ruled = true, entered = null, sampled = false where site_id = $1 and id = $2",
        site_id,
        id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What a decision needs of a comment.
#[derive(Debug, Clone)]
pub struct Locked {
    /// Where it stands.
    pub state: State,
    /// Counts its changes.
    pub version: i32,
    /// The article.
    pub article_id: Uuid,
    /// Whether a moderator wrote it, in the site's name.
    pub by_moderator: bool,
    /// Whether a program had it judged, and shows it on pages of its own.
    pub shown_elsewhere: bool,
    /// Whether its text is not kept any longer.
    pub forgotten: bool,
    /// What it says.
    pub wording: Wording,
    /// What the classifier was taught it is: `spam`, `ham` or nothing.
    pub label: Option<String>,
    /// Reports by readers that nobody has answered yet.
    pub reports: i32,
    /// The judgement at submission.
    pub spam_probability: f64,
    /// The model that judged.
    pub model_id: i64,
}

/// Reads a comment and locks it until the end of the transaction.
pub async fn lock(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<Option<Locked>, StoreError> {
    let row = sqlx::query!(
        r#"select state, version, article_id, moderator_id is not null as "by_moderator!", key_id is not null as "shown_elsewhere!",
                  forgotten_at is not null as "forgotten!", author, url, body, label, reports, spam_probability, model_id
           from comments where site_id = $1 and id = $2 for no key update"#,
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Locked {
            state: state_of(&row.state, id)?,
            version: row.version,
            article_id: row.article_id,
            by_moderator: row.by_moderator,
            shown_elsewhere: row.shown_elsewhere,
            forgotten: row.forgotten,
            wording: Wording { body: row.body, author: row.author, url: row.url },
            label: row.label,
            reports: row.reports,
            spam_probability: row.spam_probability,
            model_id: row.model_id,
        })
    })
    .transpose()
}

/// Moves a locked comment to a state, and notes what it teaches now and how many reports are still to be answered.
pub async fn set_state(
    conn: &mut PgConnection,
    site_id: i64,
    id: Uuid,
    state: State,
    label: Option<&str>,
    reports: i32,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update comments set state = $3, label = $4, reports = $5, version = version + 1
         where site_id = $1 and id = $2",
        site_id,
        id,
        state.as_str(),
        label,
        reports
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A moderator's answer, ready to be stored.
#[derive(Debug, Clone)]
pub struct NewAnswer<'a> {
    /// The site.
    pub site_id: i64,
    /// UUIDv7.
    pub id: Uuid,
    /// The article.
    pub article_id: Uuid,
    /// The comment that is answered.
    pub parent_id: Uuid,
    /// Who answers.
    pub moderator_id: i64,
    /// What it says.
    pub wording: &'a Wording,
    /// Safe HTML.
    pub html: &'a str,
    /// See [`crate::comment::fingerprint`].
    pub fingerprint: &'a [u8],
    /// Hash of the form's own mark: a double click is one answer.
    pub submission_key: &'a [u8],
    /// The model in force; it is not asked.
    pub model_id: i64,
    /// ISO 639-3 code of the language, where it can be told.
    pub language: Option<&'a str>,
    /// Now.
    pub created_at: OffsetDateTime,
}

/// Stores a moderator's answer, approved; its decision has to follow. `false` when it is there already.
pub async fn answer(conn: &mut PgConnection, new: &NewAnswer<'_>) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into comments (site_id, id, article_id, parent_id, state, author, email, url, body, html, fingerprint,
                               submission_key, spam_probability, model_id, created_at, language, moderator_id)
         values ($1, $2, $3, $4, 'approved', $5, '', $6, $7, $8, $9, $10, 0, $11, $12, $13, $14)
         on conflict (site_id, submission_key) do nothing",
        new.site_id,
        new.id,
        new.article_id,
        new.parent_id,
        new.wording.author,
        new.wording.url,
        new.wording.body,
        new.html,
        new.fingerprint,
        new.submission_key,
        new.model_id,
        new.created_at,
        new.language,
        new.moderator_id
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) fn state_of(name: &str, id: Uuid) -> Result<State, StoreError> {
    State::parse(name).ok_or_else(|| StoreError::Inconsistent {
        table: "comments",
        row: id.to_string(),
        what: "the state is not one this version knows",
    })
}
