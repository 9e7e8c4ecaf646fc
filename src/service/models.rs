//! The registry of model versions: registering, promoting, rolling back.

use std::path::{Path, PathBuf};

use serde::Serialize;
use time::OffsetDateTime;

use crate::classifier::{Model, ModelFileError};
use crate::store::models::{ModelRow, NewModel, Promotion};
use crate::store::{Channel, Conn, Db, StoreError, models};

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
    /// Nothing to go back to.
    #[error("there is no model to roll back to: the one in force is the first")]
    NoPrevious,
    /// A version whose file is broken must not be put in force.
    #[error("model {id} cannot be put in force: {error}")]
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
    if models::active(&mut tx).await?.is_none() {
        let promotion = Promotion { model_id: id, previous_id: None };
        models::append_promotion(&mut tx, promotion, "promote", None, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Registers a model version; the same file twice is one version. Returns its number.
pub async fn register(
    conn: &mut Conn,
    model: &Model,
    origin: Origin,
    comparison: Option<&serde_json::Value>,
    through: &[(i64, i64)],
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let new = NewModel {
        checksum: model.checksum(),
        origin: origin.as_str(),
        card: &serde_json::to_value(model.card()).unwrap_or_default(),
        comparison,
        artifact: &model.to_bytes(),
        through,
        created_at: now,
    };
    models::insert(conn, &new).await
}

/// Brings a model file into the registry.
pub async fn import(db: &Db, path: &Path, now: OffsetDateTime) -> Result<i64, RegistryError> {
    let model = read_file(path, "Check the path.")?;
    let mut tx = db.begin().await?;
    let id = register(&mut tx, &model, Origin::Imported, None, &[], now).await?;
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
    /// Whether it is in force.
    pub active: bool,
    /// `starter`, `trained` or `imported`.
    pub origin: String,
    /// BLAKE3 of its file.
    pub checksum: String,
    /// When it was registered.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Its model card.
    pub card: serde_json::Value,
    /// Candidate and then-current model on the same held-out rows.
    pub comparison: Option<serde_json::Value>,
}

/// Every version, newest first, and whether a roll-back is possible.
pub async fn list(db: &Db) -> Result<(Vec<Version>, bool), StoreError> {
    let mut conn = db.conn().await?;
    let active = models::active(&mut conn).await?;
    let in_force = active.map(|promotion| promotion.model_id);
    let versions = models::all(&mut conn).await?.into_iter().map(|row| version(row, in_force)).collect();
    Ok((versions, active.is_some_and(|promotion| promotion.previous_id.is_some())))
}

/// One version.
pub async fn find(db: &Db, id: i64) -> Result<Option<Version>, StoreError> {
    let mut conn = db.conn().await?;
    let in_force = models::active(&mut conn).await?.map(|promotion| promotion.model_id);
    Ok(models::find(&mut conn, id).await?.map(|row| version(row, in_force)))
}

fn version(row: ModelRow, in_force: Option<i64>) -> Version {
    Version {
        active: in_force == Some(row.id),
        id: row.id,
        origin: row.origin,
        checksum: row.checksum,
        created_at: row.created_at,
        card: row.card,
        comparison: row.comparison,
    }
}

/// Puts a version in force, on behalf of a moderator or of the command line. Every process swaps it in.
pub async fn promote(
    db: &Db,
    id: i64,
    moderator: Option<i64>,
    now: OffsetDateTime,
) -> Result<(), RegistryError> {
    let mut tx = db.begin().await?;
    models::lock_promotions(&mut tx).await?;
    check(&mut tx, id).await?;
    let previous_id = models::active(&mut tx).await?.map(|promotion| promotion.model_id);
    if previous_id == Some(id) {
        return Err(RegistryError::InForce(id));
    }
    models::append_promotion(&mut tx, Promotion { model_id: id, previous_id }, "promote", moderator, now)
        .await?;
    Channel::Models.notify(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Puts the version before the present one in force again, and returns its number. Rolling back again goes
/// further back.
pub async fn roll_back(db: &Db, moderator: Option<i64>, now: OffsetDateTime) -> Result<i64, RegistryError> {
    let mut tx = db.begin().await?;
    models::lock_promotions(&mut tx).await?;
    let id = models::active(&mut tx)
        .await?
        .and_then(|promotion| promotion.previous_id)
        .ok_or(RegistryError::NoPrevious)?;
    check(&mut tx, id).await?;
    let previous_id =
        models::last_promotion_of(&mut tx, id).await?.and_then(|promotion| promotion.previous_id);
    models::append_promotion(&mut tx, Promotion { model_id: id, previous_id }, "rollback", moderator, now)
        .await?;
    Channel::Models.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

async fn check(conn: &mut Conn, id: i64) -> Result<(), RegistryError> {
    let artifact = models::artifact(conn, id).await?.ok_or(RegistryError::Unknown(id))?;
    Model::from_bytes(&artifact).map(drop).map_err(|error| RegistryError::Broken { id, error })
}
