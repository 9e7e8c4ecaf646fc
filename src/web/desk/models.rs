//! `/admin/models`: the model in force, its predecessors, promoting and rolling back, and the upload form.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::flash::{self, Flash};
use super::session::{Admin, SignedIn};
use super::shadow::{choose_button, panel};
use super::training::figures;
use crate::app::App;
use crate::classifier::{self, Subject};
use crate::service::accounts::{Moderator, Role};
use crate::service::audit::Actor;
use crate::service::desk;
use crate::service::drift::Drift;
use crate::service::models::{self, Act, RegistryError, Version};
use crate::service::promises::{DecidedAlone, decided_alone};
use crate::service::{retrain, shadow};
use crate::store::StoreError;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{
    Hidden, Link, ModelCard, ModelVersion, ModelsPage, PostButton, Refused, Sign, Signs, SitePromise,
    UploadForm,
};

/// Why an upload was refused, told on this page.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    /// `empty` or `large`.
    #[serde(default)]
    upload: String,
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(told): Query<Told>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let may_train = moderator.role == Role::Admin;
    let versions = models::list(&app.db).await?;
    let now = app.now();
    let (jar, flash) = flash::take(jar, "/admin/models");
    let limit = app.settings.upload_limit_mib;
    let upload = UploadForm {
        action: "/admin/models/train".to_owned(),
        decisions: retrain::labelled(app).await?,
        largest: format!("{limit} MB"),
        error: match told.upload.as_str() {
            "empty" => {
                Some("Please choose a labelled CSV file, or tick the decisions gathered here.".to_owned())
            }
            "large" => Some(format!(
                "The file is larger than {limit} MB. Train it with `moderato train --csv` instead, or raise upload_limit_mib."
            )),
            _ => None,
        },
    };
    let training =
        retrain::newest(app).await?.filter(|job| matches!(job.state.as_str(), "queued" | "running"));
    let page = ModelsPage {
        layout: desk_layout(Some(&moderator)),
        flash,
        current: versions
            .iter()
            .find(|version| version.active && judges_spam(version))
            .map(|version| current(version, now)),
        signs: signs(&*app.drift.read(app).await?),
        promises: promises(app, &moderator).await?,
        shadow: shadow::summary(app).await?.map(|shadowing| panel(&shadowing, may_train)),
        training: training.map(|job| Link {
            text: "A new model is being trained".to_owned(),
            href: format!("/admin/models/training/{}", job.id),
        }),
        versions: versions.iter().map(|version| row(version, may_train, now)).collect(),
        upload: may_train.then_some(upload),
    };
    Ok((jar, html(&page)).into_response())
}

fn card_of(version: &Version) -> Option<classifier::ModelCard> {
    serde_json::from_value(version.card.clone()).ok()
}

fn trained(card: Option<&classifier::ModelCard>, version: &Version) -> OffsetDateTime {
    card.and_then(|card| OffsetDateTime::parse(&card.trained_at, &Rfc3339).ok()).unwrap_or(version.created_at)
}

fn origin(card: Option<&classifier::ModelCard>, version: &Version) -> String {
    let sources: Vec<&str> =
        card.iter().flat_map(|card| &card.sources).map(|source| source.name.as_str()).collect();
    match version.origin.as_str() {
        "starter" => "the data shipped with Moderato".to_owned(),
        "imported" => "an imported file".to_owned(),
        _ if sources.is_empty() => "rows given here".to_owned(),
        _ => sources.join(" and "),
    }
}

fn current(version: &Version, now: OffsetDateTime) -> ModelCard {
    let card = card_of(version);
    ModelCard {
        version: version.id.to_string(),
        origin: origin(card.as_ref(), version),
        trained: moment(trained(card.as_ref(), version), now),
        rows: card.as_ref().map_or(0, |card| card.rows),
        spam: card.as_ref().map_or(0, |card| card.spam),
        figures: card.and_then(|card| card.held_out).map(|held_out| figures(&held_out, &[])),
    }
}

/// How the model in force fares, in figures with their meaning.
fn signs(drift: &Drift) -> Signs {
    let sign = |name: &str, value: Option<String>, meaning: &str| Sign {
        name: name.to_owned(),
        value,
        meaning: meaning.to_owned(),
    };
    let against = match drift.stability {
        Some(stability) if !stability.since_training => "against its first comments in force",
        _ => "against its training",
    };
    let audited = drift.audit.map_or_else(String::new, |audit| format!(", over {} comments", audit.comments));
    Signs {
        recent: drift.recent,
        signs: vec![
            sign(
                "Never seen before",
                drift.unseen_share.map(|share| format!("{:.0}\u{a0}%", 100.0 * share)),
                "share of what comments consist of that the model has no evidence on",
            ),
            sign(
                "Change of scores",
                drift.stability.map(|stability| format!("{:.2}", stability.index)),
                &format!("stability index {against}: from 0.25 on, retrain"),
            ),
            sign(
                "Calibration error",
                drift.audit.map(|audit| format!("{:.3}", audit.ece)),
                &format!("said and true share of spam apart, where people decided{audited}"),
            ),
            sign(
                "Brier score",
                drift.audit.map(|audit| format!("{:.3}", audit.brier)),
                "error of the probability on the same comments, less is better",
            ),
        ],
    }
}

/// What each site with a promise can keep to by now.
async fn promises(app: &App, moderator: &Moderator) -> Result<Vec<SitePromise>, StoreError> {
    let mut promises = Vec::new();
    for site in desk::sites(app, moderator) {
        let Some(promise) = site.promise else { continue };
        let DecidedAlone { decided, comments } = decided_alone(app, &site).await?;
        let (published, rejected) = (promise.published, promise.rejected);
        promises.push(SitePromise {
            name: site.name.clone(),
            title: site.title.clone(),
            approve_below: published.missing.is_none().then(|| promise.thresholds.approve_below()),
            reject_from: rejected.missing.is_none().then(|| promise.thresholds.reject_from()),
            sentences: promise.sentences(),
            recent: comments,
            decided,
        });
    }
    Ok(promises)
}

fn judges_spam(version: &Version) -> bool {
    version.subject == Subject::Spam.as_str()
}

fn row(version: &Version, may_train: bool, now: OffsetDateTime) -> ModelVersion {
    let card = card_of(version);
    let refused = refused(version, may_train);
    // The model in force can be rolled back from; any other can be put in force.
    let promote = match (may_train, version.active, version.can_roll_back) {
        (true, false, _) => refused.is_none().then(|| promote_button(version.id)),
        (true, true, true) => Some(PostButton {
            action: "/admin/models/rollback".to_owned(),
            label: "Roll back".to_owned(),
            hidden: vec![Hidden { name: "subject", value: version.subject.clone() }],
        }),
        _ => None,
    };
    ModelVersion {
        version: version.id.to_string(),
        origin: origin(card.as_ref(), version),
        trained: moment(trained(card.as_ref(), version), now),
        rows: card.as_ref().map_or(0, |card| card.rows),
        accuracy: card.and_then(|card| card.held_out).map(|held_out| held_out.accuracy),
        live: version.active,
        promote,
        refused,
        judges: version.subject.clone(),
        try_in_shadow: (may_train && judges_spam(version) && !version.active && !version.shadow)
            .then(|| choose_button(Some(version.id))),
        in_shadow: version.shadow,
    }
}

/// Why a version is refused, with the way round for those who may.
pub(super) fn refused(version: &Version, may_train: bool) -> Option<Refused> {
    (!version.refusal.is_empty()).then(|| Refused {
        reasons: version.refusal.clone(),
        promote: (may_train && !version.active)
            .then(|| PostButton { label: "Promote despite this".to_owned(), ..promote_button(version.id) }),
    })
}

/// The button that puts a version in force.
pub(super) fn promote_button(id: i64) -> PostButton {
    PostButton {
        action: "/admin/models/promote".to_owned(),
        label: "Promote".to_owned(),
        hidden: vec![Hidden { name: "model", value: id.to_string() }],
    }
}

/// Which version, and whether its refusal has been read.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    model: i64,
    #[serde(default)]
    despite_refusal: String,
}

pub(super) async fn promote(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(which): Form<Which>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let despite_refusal = which.despite_refusal == "yes";
    let act = Act { despite_refusal, ..Act::of(Actor::Moderator(moderator.id)) };
    models::promote(app, which.model, act).await?;
    follow(&shared).await?;
    Ok((jar.add(Flash::Promoted(which.model).cookie()), Redirect::to("/admin/models")).into_response())
}

/// Of which subject.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    subject: Subject,
}

pub(super) async fn roll_back(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(back): Form<Back>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let id = models::roll_back(app, back.subject, Act::of(Actor::Moderator(moderator.id))).await?;
    follow(&shared).await?;
    Ok((jar.add(Flash::RolledBack(id).cookie()), Redirect::to("/admin/models")).into_response())
}

/// This process swaps at once, so that the next page tells the truth; the others follow the notification.
pub(super) async fn follow(shared: &Shared) -> Result<(), WebError> {
    let app = &shared.app;
    app.live.refresh(&mut *app.db.conn().await?, app.settled()).await.map_err(WebError::from_bug)
}

impl From<RegistryError> for WebError {
    fn from(error: RegistryError) -> Self {
        let why = format!("{error}.");
        match error {
            RegistryError::Store(error) => error.into(),
            RegistryError::Unknown(_) => Self::not_found(),
            _ => Self::new(
                StatusCode::CONFLICT,
                "This model cannot be put to use",
                "Go back to the models page.",
            )
            .because(why),
        }
    }
}
