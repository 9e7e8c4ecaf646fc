//! The registry of model versions: registering, promoting, rolling back.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

use super::audit::{About, Actor, Deed, record};
use crate::app::App;
use crate::classifier::{Model, ModelFileError, Subject};
use crate::store::models::{ModelRow, NewModel, Occasion, Promotion};
use crate::store::{Channel, Conn, Db, StoreError, Tx, models, shadows};

/// Where a model version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Shipped with Moderato.
    Starter,
    /// Trained from a file and the examples gathered here.
    Trained,
    /// Brought in as a file.
    Imported,
}

impl Origin {
    fn as_str(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Trained => "trained",
            Self::Imported => "imported",
        }
    }
}

/// The registry cannot do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A model file that is not there.
    #[error("there is no model file {}: {why}. {remedy}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A model file that cannot be used.
    #[error("the model file {} cannot be used: {error}", path.display())]
    File {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        error: ModelFileError,
    },
    /// No version has this number.
    #[error("there is no model {0}: `moderato models list` shows which there are")]
    Unknown(i64),
    /// The version is in force already.
    #[error("model {0} is in force already")]
    InForce(i64),
    /// The trial refused the version, and nobody said to put it in force all the same.
    #[error("model {id} was refused: {}", reasons.join(". "))]
    Refused {
        /// The version.
        id: i64,
        /// Why, a sentence each.
        reasons: Vec<String>,
    },
    /// Only models of spam score in the shadow.
    #[error("model {0} judges {1}, and only models of spam can be tried in the shadow")]
    NoShadow(i64, String),
    /// Nothing to go back to.
    #[error("there is no model to roll back to: the one in force is the first")]
    NoPrevious,
    /// A version whose file is broken must not be used.
    #[error("model {id} cannot be used: {error}")]
    Broken {
        /// The version.
        id: i64,
        /// What is wrong with it.
        error: ModelFileError,
    },
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads and checks a model file.
pub fn read_file(path: &Path, remedy: &'static str) -> Result<Model, RegistryError> {
    let bytes =
        std::fs::read(path).map_err(|why| RegistryError::Missing { path: path.to_owned(), why, remedy })?;
    Model::from_bytes(&bytes).map_err(|error| RegistryError::File { path: path.to_owned(), error })
}

/// Finds the shipped model: where the settings say, or `models/starter.model` in the working directory, beside the
/// program, or in `/usr/share/moderato`.
pub fn starter_path(setting: Option<&Path>) -> PathBuf {
    if let Some(path) = setting {
        return path.to_owned();
    }
    let relative = Path::new("models/starter.model");
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join(relative)));
    let installed = Path::new("/usr/share/moderato").join(relative);
    let elsewhere = beside.into_iter().chain([installed]).find(|path| path.is_file());
    if relative.is_file() { relative.to_owned() } else { elsewhere.unwrap_or_else(|| relative.to_owned()) }
}

/// Registers the shipped model, and puts it in force if nothing is: so that a new installation can judge, and a
/// new release's model is there to be promoted. The file is checked at every start.
pub async fn register_starter(
    db: &Db,
    setting: Option<&Path>,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    let model = read_file(
        &starter_path(setting),
        "Restore it from the release, make it again with scripts/train-starter, or set MODERATO_STARTER_MODEL.",
    )?;
    let mut tx = db.begin().await?;
    models::lock_promotions(&mut tx).await?;
    let id = register(&mut tx, &model, Origin::Starter, None, &[], now).await?;
    if models::active(&mut tx, Subject::Spam.as_str()).await?.is_none() {
        let promotion = Promotion { model_id: id, previous_id: None, promoted_at: now };
        models::append_promotion(&mut tx, promotion, Act::of(Actor::CommandLine).occasion("promote")).await?;
    }
    Ok(tx.commit().await?)
}

/// What came of a model's trial.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    /// Candidate and then-current model on the same held-out rows.
    pub(super) comparison: serde_json::Value,
    /// Why it is refused, a sentence each; empty if it is not.
    pub(super) refusal: Vec<String>,
}

/// Registers a model version; the same file twice is one version. Returns its number.
pub(super) async fn register(
    conn: &mut Conn,
    model: &Model,
    origin: Origin,
    tried: Option<&Tried>,
    through: &[(i64, i64)],
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let new = NewModel {
        checksum: model.checksum(),
        origin: origin.as_str(),
        subject: model.card().subject.as_str(),
        card: &serde_json::to_value(model.card()).unwrap_or_default(),
        comparison: tried.map(|tried| &tried.comparison),
        refusal: tried.map_or(&[], |tried| &tried.refusal),
        artifact: &model.to_bytes(),
        through,
        created_at: now,
    };
    models::insert(conn, &new).await
}

/// Brings a model file into the registry.
pub async fn import(app: &App, path: &Path) -> Result<i64, RegistryError> {
    let model = read_file(path, "Check the path.")?;
    let mut tx = app.db.begin().await?;
    let id = register(&mut tx, &model, Origin::Imported, None, &[], app.now()).await?;
    record(
        app,
        &mut tx,
        Actor::CommandLine,
        Deed::ModelImported,
        About::default().with(json!({ "model": id })),
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// A model version's file.
pub async fn export(db: &Db, id: i64) -> Result<Vec<u8>, RegistryError> {
    models::artifact(&mut *db.conn().await?, id).await?.ok_or(RegistryError::Unknown(id))
}

/// A version as listed.
#[derive(Debug, Clone, Serialize)]
pub struct Version {
    /// Its number.
    pub id: i64,
    /// Whether it is in force, for its subject.
    pub active: bool,
    /// Whether it is, and there is one to go back to.
    pub can_roll_back: bool,
    /// Whether it scores in the shadow of the one in force.
    pub shadow: bool,
    /// `starter`, `trained` or `imported`.
    pub origin: String,
    /// What it judges: `spam` or `abuse`.
    pub subject: String,
    /// BLAKE3 of its file.
    pub checksum: String,
    /// When it was registered.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Its model card.
    pub card: serde_json::Value,
    /// Candidate and then-current model on the same held-out rows.
    pub comparison: Option<serde_json::Value>,
    /// Why its trial refused it, a sentence each; empty if it did not.
    pub refusal: Vec<String>,
}

/// Every version, newest first.
pub async fn list(db: &Db) -> Result<Vec<Version>, StoreError> {
    let mut conn = db.conn().await?;
    let roles = roles(&mut conn).await?;
    Ok(models::all(&mut conn).await?.into_iter().map(|row| version(row, roles)).collect())
}

/// One version.
pub async fn find(db: &Db, id: i64) -> Result<Option<Version>, StoreError> {
    let mut conn = db.conn().await?;
    let roles = roles(&mut conn).await?;
    Ok(models::find(&mut conn, id).await?.map(|row| version(row, roles)))
}

/// Which version of each subject is in force, and which one scores in the shadow of the one for spam.
#[derive(Debug, Clone, Copy)]
struct Roles {
    active: [Option<Promotion>; Subject::ALL.len()],
    shadow: Option<i64>,
}

async fn roles(conn: &mut Conn) -> Result<Roles, StoreError> {
    let mut active = [None; Subject::ALL.len()];
    for (place, subject) in active.iter_mut().zip(Subject::ALL) {
        *place = models::active(conn, subject.as_str()).await?;
    }
    Ok(Roles { active, shadow: shadows::chosen(conn).await? })
}

fn version(row: ModelRow, roles: Roles) -> Version {
    let promotion = roles.active.into_iter().flatten().find(|promotion| promotion.model_id == row.id);
    Version {
        active: promotion.is_some(),
        can_roll_back: promotion.is_some_and(|promotion| promotion.previous_id.is_some()),
        shadow: roles.shadow == Some(row.id),
        id: row.id,
        origin: row.origin,
        subject: row.subject,
        checksum: row.checksum,
        created_at: row.created_at,
        card: row.card,
        comparison: row.comparison,
        refusal: row.refusal,
    }
}

/// Who acts on the registry.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// Who.
    pub actor: Actor,
    /// Put a version in force although its trial refused it.
    pub despite_refusal: bool,
}

impl Act {
    /// An act that overrides nothing.
    pub fn of(actor: Actor) -> Self {
        Self { actor, despite_refusal: false }
    }

    fn occasion(self, kind: &str) -> Occasion<'_> {
        Occasion { kind, despite_refusal: self.despite_refusal, moderator_id: self.actor.moderator() }
    }
}

/// Puts a version in force, in place of the one of its subject. Every process swaps it in. A version that its trial refused needs
/// [`Act::despite_refusal`], which is kept with the promotion.
pub async fn promote(app: &App, id: i64, act: Act) -> Result<(), RegistryError> {
    let mut tx = app.db.begin().await?;
    models::lock_promotions(&mut tx).await?;
    let version = check(&mut tx, id).await?;
    let refused = !version.refusal.is_empty();
    if refused && !act.despite_refusal {
        return Err(RegistryError::Refused { id, reasons: version.refusal });
    }
    let previous_id = models::active(&mut tx, &version.subject).await?.map(|promotion| promotion.model_id);
    if previous_id == Some(id) {
        return Err(RegistryError::InForce(id));
    }
    let occasion = Act { despite_refusal: refused, ..act }.occasion("promote");
    let promotion = Promotion { model_id: id, previous_id, promoted_at: app.now() };
    put_in_force(&mut tx, promotion, occasion).await?;
    let details = json!({ "model": id, "in_place_of": previous_id, "despite_refusal": refused });
    record(app, &mut tx, act.actor, Deed::ModelPromoted, About::default().with(details)).await?;
    tx.commit().await?;
    if refused {
        tracing::warn!(
            model.id = id,
            reasons = version.refusal.join("; "),
            "put in force despite its refusal"
        );
    }
    Ok(())
}

/// Puts the version of this subject before the present one in force again, and returns its number. Rolling back again
/// goes further back.
pub async fn roll_back(app: &App, subject: Subject, act: Act) -> Result<i64, RegistryError> {
    let mut tx = app.db.begin().await?;
    models::lock_promotions(&mut tx).await?;
    let id = models::active(&mut tx, subject.as_str())
        .await?
        .and_then(|promotion| promotion.previous_id)
        .ok_or(RegistryError::NoPrevious)?;
    check(&mut tx, id).await?;
    let previous_id =
        models::last_promotion_of(&mut tx, id).await?.and_then(|promotion| promotion.previous_id);
    let promotion = Promotion { model_id: id, previous_id, promoted_at: app.now() };
    put_in_force(&mut tx, promotion, act.occasion("rollback")).await?;
    let about = About::default().with(json!({ "model": id }));
    record(app, &mut tx, act.actor, Deed::ModelRolledBack, about).await?;
    tx.commit().await?;
    Ok(id)
}

/// A model is not its own shadow.
async fn put_in_force(tx: &mut Tx, promotion: Promotion, occasion: Occasion<'_>) -> Result<(), StoreError> {
    models::append_promotion(tx, promotion, occasion).await?;
    if shadows::chosen(tx).await? == Some(promotion.model_id) {
        shadows::append(tx, None, occasion.moderator_id, promotion.promoted_at).await?;
    }
    Channel::Models.notify(tx).await
}

/// Lets a version score every comment in the shadow of the one in force, or none any more. Every process follows.
pub async fn choose_shadow(app: &App, id: Option<i64>, act: Act) -> Result<(), RegistryError> {
    let mut tx = app.db.begin().await?;
    models::lock_promotions(&mut tx).await?;
    if let Some(id) = id {
        let version = check(&mut tx, id).await?;
        if version.subject != Subject::Spam.as_str() {
            return Err(RegistryError::NoShadow(id, version.subject));
        }
        if models::active(&mut tx, &version.subject).await?.is_some_and(|promotion| promotion.model_id == id)
        {
            return Err(RegistryError::InForce(id));
        }
    }
    if shadows::chosen(&mut tx).await? != id {
        shadows::append(&mut tx, id, act.actor.moderator(), app.now()).await?;
        let about = About::default().with(json!({ "model": id }));
        record(app, &mut tx, act.actor, Deed::ShadowChosen, about).await?;
        Channel::Models.notify(&mut tx).await?;
    }
    Ok(tx.commit().await?)
}

/// The version, if its file can be used.
async fn check(conn: &mut Conn, id: i64) -> Result<ModelRow, RegistryError> {
    let row = models::find(conn, id).await?.ok_or(RegistryError::Unknown(id))?;
    let artifact = models::artifact(conn, id).await?.ok_or(RegistryError::Unknown(id))?;
    match Model::from_bytes(&artifact) {
        Ok(_) => Ok(row),
        Err(error) => Err(RegistryError::Broken { id, error }),
    }
}
