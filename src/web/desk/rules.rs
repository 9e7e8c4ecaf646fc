//! `/admin/rules`: the rules there are, a preview of one that is proposed, putting it in force, ending it.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::audit::capital;
use super::comment::{Sees, card};
use super::flash::{self, Flash};
use super::inside;
use super::queue::{Which, midnight};
use super::session::{Decider, SignedIn};
use crate::app::App;
use crate::policy::{Effect, Kind, Place};
use crate::service::accounts::{Moderator, Role};
use crate::service::desk;
use crate::service::rules::{self, COUNTED, Draft, Listed, NOTE, Preview, RuleError, may};
use crate::store::cards::DeskRow;
use crate::store::rules::RuleRow;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{
    Choice, CommentCard, Hidden, Link, PostButton, RuleForm, RuleLine, RulePreview, RulesPage, Said, plural,
};

/// The longest word list, every byte of it percent-encoded.
pub(super) const BODY_LIMIT: usize = 2 << 20;
/// The page's own address.
const HERE: &str = "/admin/rules";

/// A rule to begin the form with.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    change: Option<i64>,
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(from): Query<From>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let begun = match from.change {
        Some(id) => {
            let rule = rules::find(&shared.app, &moderator, id).await?.ok_or_else(WebError::not_found)?;
            Sent::of(&shared.app, &rule)
        }
        // One site rather than all, where nobody says.
        None => Sent {
            site: desk::sites(&shared.app, &moderator)
                .first()
                .map(|site| site.name.clone())
                .unwrap_or_default(),
            ..Sent::new()
        },
    };
    let (jar, flash) = flash::take(jar, HERE);
    let page = RulesPage { flash, ..page(&shared, &moderator, &begun, None).await? };
    Ok((jar, html(&page)).into_response())
}

async fn page(
    shared: &Shared,
    moderator: &Moderator,
    sent: &Sent,
    error: Option<String>,
) -> Result<RulesPage, WebError> {
    let app = &shared.app;
    let (in_force, over) = rules::list(app, moderator).await?;
    let line = |listed: &Listed| listed_line(app, moderator, listed, HERE);
    Ok(RulesPage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        in_force: in_force.iter().map(line).collect(),
        over: over.iter().map(line).collect(),
        form: moderator.role.decides().then(|| form(app, moderator, sent, error)),
    })
}

/// A rule as tables show it, on a page at `here`.
pub(super) fn listed_line(app: &App, moderator: &Moderator, listed: &Listed, here: &str) -> RuleLine {
    let hits = match listed.hits {
        COUNTED.. => "10,000 or more".to_owned(),
        hits => hits.to_string(),
    };
    RuleLine {
        hits: Link { text: hits, href: Which::under_rule(listed.rule.id).href() },
        ..line(app, moderator, &listed.rule, here)
    }
}

fn line(app: &App, moderator: &Moderator, rule: &RuleRow, here: &str) -> RuleLine {
    let now = app.now();
    let in_force = rule.ended_at.is_none() && rule.until.is_none_or(|until| until > now);
    let theirs = in_force && may(moderator, rule.site_id);
    let until = match (rule.ended_at, &rule.ended_by, rule.until) {
        (Some(at), Some(who), _) => format!("ended by {who}, {}", moment(at, now).relative),
        (_, _, Some(until)) => format!("{} {}", last_day(until), if in_force { "" } else { "(over)" }),
        _ => "for ever".to_owned(),
    };
    let (effect, class) = effect_shown(Effect::parse(&rule.effect).unwrap_or(Effect::Hold));
    RuleLine {
        id: rule.id,
        site: site_title(app, rule.site_id),
        matches: capital(&matches(rule)),
        effect,
        class,
        until,
        who: rule.made_by.clone(),
        made: moment(rule.made_at, now),
        note: rule.note.clone(),
        hits: Link { text: String::new(), href: String::new() },
        // Of an e-mail address only the hash is there.
        change: (theirs && rule.kind != Kind::Email.as_str())
            .then(|| format!("{HERE}?change={}#make", rule.id)),
        end: theirs.then(|| PostButton {
            action: format!("{HERE}/end"),
            label: "End".to_owned(),
            hidden: vec![
                Hidden { name: "rule", value: rule.id.to_string() },
                Hidden { name: "back", value: here.to_owned() },
            ],
        }),
    }
}

fn effect_shown(effect: Effect) -> (&'static str, &'static str) {
    match effect {
        Effect::Ban => ("Ban", "spam"),
        Effect::Hold => ("Hold", "doubt"),
        Effect::Trust => ("Trust", "ham"),
    }
}

fn matches(rule: &RuleRow) -> String {
    match Kind::parse(&rule.kind) {
        Some(Kind::Words) => format!("words: {} (in {})", rule.shown, rule.fields.join(", ")),
        Some(Kind::Name) => format!("name “{}”", rule.shown),
        Some(kind) => format!("{} {}", kind.words(), rule.shown),
        None => rule.shown.clone(),
    }
}

fn site_title(app: &App, site: Option<i64>) -> String {
    match site {
        None => "All sites".to_owned(),
        Some(id) => app.sites.by_id(id).map_or_else(|| "–".to_owned(), |site| site.title.clone()),
    }
}

/// The last day of a rule that ends at this midnight.
fn last_day(until: OffsetDateTime) -> String {
    (until - Duration::NANOSECOND).date().to_string()
}

impl Said for Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Domain => "e-mail address at",
            Self::Name => "name",
            Self::Network => "network",
            Self::Host => "link to",
            Self::Words => "words",
        }
    }
}

fn kind_choice(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "E-mail address",
        Kind::Domain => "E-mail domain (example.org)",
        Kind::Name => "Name",
        Kind::Network => "Network (192.0.2.1)",
        Kind::Host => "Host of a link (example.org)",
        Kind::Words => "Words",
    }
}

fn effect_choice(effect: Effect) -> &'static str {
    match effect {
        Effect::Ban => "Ban: rejected",
        Effect::Hold => "Hold: waits for a person",
        Effect::Trust => "Trust: published, unless it is surely spam",
    }
}

/// What forms for rules send. `what` is `KIND:PATTERN`, and goes before the two.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    site: String,
    what: String,
    kind: String,
    pattern: String,
    place: Vec<String>,
    effect: String,
    until: String,
    note: String,
    replaces: String,
    back: String,
}

impl Sent {
    fn new() -> Self {
        let place = Place::ALL.map(|place| place.as_str().to_owned()).to_vec();
        Self { kind: Kind::Words.as_str().to_owned(), place, back: HERE.to_owned(), ..Self::default() }
    }

    /// A rule there is, to change it.
    fn of(app: &App, rule: &RuleRow) -> Self {
        let site = rule.site_id.and_then(|id| app.sites.by_id(id));
        let place = if rule.fields.is_empty() { Self::new().place } else { rule.fields.clone() };
        Self {
            site: site.map(|site| site.name.clone()).unwrap_or_default(),
            kind: rule.kind.clone(),
            pattern: rule.patterns.join("\n"),
            place,
            effect: rule.effect.clone(),
            until: rule.until.map(last_day).unwrap_or_default(),
            note: rule.note.clone(),
            replaces: rule.id.to_string(),
            ..Self::new()
        }
    }

    /// `what` taken apart.
    fn settled(mut self) -> Self {
        if let Some((kind, pattern)) = self.what.split_once(':') {
            (self.kind, self.pattern) = (kind.to_owned(), pattern.to_owned());
            self.what = String::new();
        }
        self.pattern = self.pattern.replace('\0', " ");
        self.note = self.note.replace('\0', " ");
        self.back = inside(if self.back.is_empty() { HERE } else { &self.back }).to_owned();
        self
    }

    /// What is asked for, or why it cannot be. What no form of ours offers is not found.
    fn draft(&self, app: &App, moderator: &Moderator) -> Result<Result<Draft, String>, WebError> {
        let site = match self.site.as_str() {
            "" => None,
            name => {
                Some(desk::site_named(app, moderator, name).ok_or_else(|| WebError::no_such_site(name))?.id)
            }
        };
        let until = match self.until.as_str() {
            "" => None,
            day => match midnight(day) {
                Some(midnight) => Some(midnight + Duration::DAY),
                None => return Ok(Err(format!("“{day}” is no day: write 2026-12-31."))),
            },
        };
        let places = self.place.iter().map(|name| Place::parse(name)).collect::<Option<Vec<Place>>>();
        let replaces = match self.replaces.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_error| WebError::not_found())?),
        };
        Ok(Ok(Draft {
            site,
            kind: Kind::parse(&self.kind).ok_or_else(WebError::not_found)?,
            pattern: self.pattern.clone(),
            places: places.ok_or_else(WebError::not_found)?,
            effect: Effect::parse(&self.effect).ok_or_else(WebError::not_found)?,
            until,
            note: self.note.clone(),
            replaces,
        }))
    }

    fn hidden(&self) -> Vec<Hidden> {
        let fields = [
            ("site", &self.site),
            ("kind", &self.kind),
            ("pattern", &self.pattern),
            ("effect", &self.effect),
            ("until", &self.until),
            ("note", &self.note),
            ("replaces", &self.replaces),
            ("back", &self.back),
        ];
        let places = self.place.iter().map(|place| ("place", place));
        fields.into_iter().chain(places).map(|(name, value)| Hidden { name, value: value.clone() }).collect()
    }
}

fn form(app: &App, moderator: &Moderator, sent: &Sent, error: Option<String>) -> RuleForm {
    let choice = |value: &str, words: &str, selected: bool| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        selected,
    };
    let every = (moderator.role == Role::Admin).then(|| choice("", "All sites", sent.site.is_empty()));
    let sites = desk::sites(app, moderator);
    let own = sites.iter().map(|site| choice(&site.name, &site.title, site.name == sent.site));
    RuleForm {
        sites: own.chain(every).collect(),
        kinds: Kind::ALL
            .into_iter()
            .rev()
            .map(|kind| choice(kind.as_str(), kind_choice(kind), kind.as_str() == sent.kind))
            .collect(),
        effects: Effect::ALL
            .into_iter()
            .map(|effect| choice(effect.as_str(), effect_choice(effect), effect.as_str() == sent.effect))
            .collect(),
        pattern: sent.pattern.clone(),
        places: Place::ALL
            .into_iter()
            .map(|place| {
                let words = match place {
                    Place::Text => "the text",
                    Place::Name => "the name",
                    Place::Site => "the website",
                };
                choice(place.as_str(), words, sent.place.iter().any(|name| name == place.as_str()))
            })
            .collect(),
        until: sent.until.clone(),
        note: sent.note.clone(),
        replaces: sent.replaces.parse().ok(),
        back: sent.back.clone(),
        error,
    }
}

/// `POST /admin/rules/preview`: what it would have hit.
pub(super) async fn preview(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let sent = sent.settled();
    let draft = match sent.draft(app, &moderator)? {
        Ok(draft) => draft,
        Err(why) => return wrong(&shared, &moderator, &sent, why).await,
    };
    match rules::preview(app, &moderator, &draft).await {
        Ok(preview) => Ok(html(&previewed(app, &moderator, &sent, &draft, &preview)).into_response()),
        Err(error) => mistake(&shared, &moderator, &sent, error).await,
    }
}

fn previewed(app: &App, moderator: &Moderator, sent: &Sent, draft: &Draft, preview: &Preview) -> RulePreview {
    let (effect, _) = effect_shown(draft.effect);
    let what = match draft.kind {
        Kind::Words => plural(
            draft.pattern.lines().filter(|line| !line.trim().is_empty()).count() as u64,
            "phrase",
            "phrases",
        ),
        Kind::Network => format!("network {}", draft.pattern.chars().take(8).collect::<String>()),
        kind => format!("{} {}", kind.words(), draft.pattern.trim()),
    };
    let mut outcomes = preview.outcomes.clone();
    outcomes.sort_by_key(|(state, said, _)| (rank(*state), !said));
    let until =
        draft.until.map_or_else(|| "for ever".to_owned(), |until| format!("until {}", last_day(until)));
    let does = match draft.effect {
        Effect::Ban => "New comments that match are rejected, and the classifier learns nothing from it",
        Effect::Hold => "New comments that match are not published unseen",
        Effect::Trust => {
            "New comments that match are published, unless they are surely spam or held for abuse"
        }
    };
    RulePreview {
        layout: desk_layout(Some(moderator)),
        title: format!("{effect}: {what}"),
        does: format!("At {}, {until}. {does}.", in_words(app, draft.site)),
        caveat: caveat(draft),
        looked_at: preview.looked_at,
        hits: preview.hits,
        outcomes,
        against_count: preview.against_count,
        against_published: draft.effect != Effect::Trust,
        against: cards(app, moderator, &preview.against),
        others: cards(app, moderator, &preview.others),
        hidden: sent.hidden(),
        form: form(app, moderator, sent, None),
    }
}

fn in_words(app: &App, site: Option<i64>) -> String {
    site.map_or_else(|| "all sites".to_owned(), |_| site_title(app, site))
}

/// Published comments come first: what a ban would have taken away.
fn rank(state: crate::comment::State) -> u8 {
    use crate::comment::State::{Approved, Deleted, Held, Rejected, Spam};
    match state {
        Approved => 0,
        Held => 1,
        Spam => 2,
        Rejected => 3,
        Deleted => 4,
    }
}

fn caveat(draft: &Draft) -> Option<String> {
    let told = match (draft.kind, draft.effect) {
        (Kind::Email, Effect::Trust) => {
            "An e-mail address can be typed by anybody. It is trusted only where a comment comes from a network from which people \
             have approved a comment of this address before (networks are remembered for 90 days); from anywhere else it is \
             judged as any other."
        }
        (Kind::Network, _) => {
            "Many people may share a network: a household, a company, the customers of a mobile operator."
        }
        (Kind::Name, _) => "A name can be anybody’s.",
        _ => return None,
    };
    Some(told.to_owned())
}

fn cards(app: &App, moderator: &Moderator, rows: &[DeskRow]) -> Vec<CommentCard> {
    let card = |row: &DeskRow| {
        let site = desk::site(app, moderator, row.site_id)?;
        Some(card(row, &site, HERE, moderator, Sees::All, app.now()).without_verdicts())
    };
    rows.iter().filter_map(card).collect()
}

/// `POST /admin/rules`: puts it in force.
pub(super) async fn make(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let sent = sent.settled();
    let draft = match sent.draft(&shared.app, &moderator)? {
        Ok(draft) => draft,
        Err(why) => return wrong(&shared, &moderator, &sent, why).await,
    };
    match rules::make(&shared.app, &moderator, &draft).await {
        Ok(id) => Ok((jar.add(Flash::Ruled(id).cookie()), Redirect::to(&sent.back)).into_response()),
        Err(error) => mistake(&shared, &moderator, &sent, error).await,
    }
}

/// Which rule, and where it leads.
#[derive(Debug, Deserialize)]
pub(super) struct End {
    rule: i64,
    #[serde(default)]
    back: String,
}

/// `POST /admin/rules/end`.
pub(super) async fn end(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    Form(sent): Form<End>,
) -> Result<Response, WebError> {
    rules::end(&shared.app, &moderator, sent.rule).await?;
    let back = inside(if sent.back.is_empty() { HERE } else { &sent.back });
    Ok((jar.add(Flash::RuleEnded(sent.rule).cookie()), Redirect::to(back)).into_response())
}

/// The form again, with what is wrong; or an error that no form can mend.
async fn mistake(
    shared: &Shared,
    moderator: &Moderator,
    sent: &Sent,
    error: RuleError,
) -> Result<Response, WebError> {
    match error {
        RuleError::Invalid(_) | RuleError::Over | RuleError::Note => {
            wrong(shared, moderator, sent, format!("{}.", capital(&error.to_string()))).await
        }
        error => Err(error.into()),
    }
}

async fn wrong(
    shared: &Shared,
    moderator: &Moderator,
    sent: &Sent,
    why: String,
) -> Result<Response, WebError> {
    let page = page(shared, moderator, sent, Some(why)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
}

impl core::convert::From<RuleError> for WebError {
    fn from(error: RuleError) -> Self {
        let why = format!("{}.", capital(&error.to_string()));
        match error {
            RuleError::Store(error) => error.into(),
            RuleError::NotTheirs => Self::new(
                StatusCode::FORBIDDEN,
                "This rule is not yours to make or end",
                "Make one for a site of yours, or ask an administrator.",
            )
            .because(why),
            RuleError::Unknown => Self::new(
                StatusCode::NOT_FOUND,
                "There is no such rule or author",
                "Go back and load the page again.",
            )
            .because(why),
            RuleError::Note => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This note cannot be kept",
                format!("Go back and write between 1 and {NOTE} characters."),
            ),
            RuleError::Invalid(_) | RuleError::Over => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "This is no rule", "Go back and correct it.")
                    .because(why)
            }
        }
    }
}
