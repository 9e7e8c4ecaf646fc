//! The model of spam in force, with what each site's moderators have taught on top, and the one in its shadow, which learns the
//! same, so that the two stay comparable; and the model of abuse, if there is one, which learns nothing here. Readers of a model never wait: it is swapped whole.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::classifier::{Document, Label, Model, ModelFileError, SiteModel, Subject, features};
use crate::store::examples::ExampleRow;
use crate::store::{Conn, StoreError, examples, models, shadows};

/// One state of the live model.
#[derive(Debug, Clone)]
pub struct Live {
    /// The model version underneath.
    pub model_id: i64,
    /// What a site without examples is judged by.
    untaught: SiteModel,
    /// Sites whose moderators have taught something.
    sites: HashMap<i64, Taught>,
}

/// A site's model, and up to which example it has learnt. Shared by the states of the live model that it is the same in.
#[derive(Debug, Clone)]
struct Taught {
    model: Arc<SiteModel>,
    through: i64,
}

/// The place where the live model is swapped.
#[derive(Debug)]
pub struct LiveModel {
    current: ArcSwap<Live>,
    shadow: ArcSwapOption<Live>,
    abuse: ArcSwapOption<AbuseModel>,
    /// One writer at a time, so that no example is learnt twice.
    writing: Mutex<()>,
}

/// The model of abuse in force.
#[derive(Debug)]
pub struct AbuseModel {
    /// Its version.
    pub model_id: i64,
    /// Itself.
    pub model: Model,
}

/// The model in force cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Nothing was ever promoted.
    #[error(
        "no model is in force: register the shipped one with `moderato models import models/starter.model --promote`"
    )]
    None,
    /// Its file is broken.
    #[error(
        "model {id} in the database cannot be used: {error}. Promote another one with `moderato models promote ID`"
    )]
    File {
        /// The version.
        id: i64,
        /// What is wrong.
        error: ModelFileError,
    },
    /// Its row is gone, or its bytes are not the ones that were registered.
    #[error(
        "model {0} in the database is not the file that was registered. Promote another one with `moderato models promote ID`"
    )]
    Changed(i64),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Examples are read in batches of this many.
const BATCH: i64 = 500;

impl LiveModel {
    /// Loads the model in force, and the one in the shadow, and replays what moderators have taught since they were
    /// trained.
    pub async fn load(conn: &mut Conn, settled: OffsetDateTime) -> Result<Self, LiveError> {
        let id = active(conn, Subject::Spam).await?.ok_or(LiveError::None)?;
        let mut live = read(conn, id).await?;
        catch_up(conn, &mut live, settled).await?;
        let models = Self {
            current: ArcSwap::from_pointee(live),
            shadow: ArcSwapOption::empty(),
            abuse: ArcSwapOption::empty(),
            writing: Mutex::new(()),
        };
        models.refresh_shadow(conn, settled).await?;
        models.refresh_abuse(conn).await?;
        Ok(models)
    }

    /// The live model of this moment.
    pub fn current(&self) -> Arc<Live> {
        self.current.load_full()
    }

    /// The model in the shadow at this moment.
    pub fn shadow(&self) -> Option<Arc<Live>> {
        self.shadow.load_full()
    }

    /// The model of abuse at this moment.
    pub fn abuse(&self) -> Option<Arc<AbuseModel>> {
        self.abuse.load_full()
    }

    /// Brings the models up to date with the database: another version, or more examples. When that fails the
    /// one at hand stays in force. Nothing is learnt that was decided after `settled`.
    pub async fn refresh(&self, conn: &mut Conn, settled: OffsetDateTime) -> Result<(), LiveError> {
        let _one_writer = self.writing.lock().await;
        let active = active(conn, Subject::Spam).await?.ok_or(LiveError::None)?;
        if let Some(live) = newer(conn, Some(&self.current()), active, settled).await? {
            tracing::info!(model.id = live.model_id, "live model brought up to date");
            self.current.store(Arc::new(live));
        }
        self.refresh_shadow(conn, settled).await?;
        Ok(self.refresh_abuse(conn).await?)
    }

    /// A model of abuse that cannot be used leaves the one at hand in force.
    async fn refresh_abuse(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let Some(id) = active(conn, Subject::Abuse).await? else {
            self.abuse.store(None);
            return Ok(());
        };
        if self.abuse().is_some_and(|present| present.model_id == id) {
            return Ok(());
        }
        match read_model(conn, id).await {
            Ok(model) => self.abuse.store(Some(Arc::new(AbuseModel { model_id: id, model }))),
            Err(LiveError::Store(error)) => return Err(error),
            Err(error) => tracing::error!(error = format!("{error:#}"), "the model of abuse cannot be used"),
        }
        Ok(())
    }

    /// A shadow that cannot be used is none: it decides nothing, so nothing must fail for it.
    async fn refresh_shadow(&self, conn: &mut Conn, settled: OffsetDateTime) -> Result<(), StoreError> {
        let Some(chosen) = shadows::chosen(conn).await? else {
            self.shadow.store(None);
            return Ok(());
        };
        match newer(conn, self.shadow().as_deref(), chosen, settled).await {
            Ok(Some(live)) => self.shadow.store(Some(Arc::new(live))),
            Ok(None) => {}
            Err(LiveError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the model in the shadow cannot be used");
                self.shadow.store(None);
            }
        }
        Ok(())
    }
}

/// Version `id` as it should be now, unless `present` is that already.
async fn newer(
    conn: &mut Conn,
    present: Option<&Live>,
    id: i64,
    settled: OffsetDateTime,
) -> Result<Option<Live>, LiveError> {
    let mut live = match present {
        Some(present) if present.model_id == id => {
            if !present.is_behind(&examples::newest(conn, settled).await?) {
                return Ok(None);
            }
            present.clone()
        }
        _ => read(conn, id).await?,
    };
    catch_up(conn, &mut live, settled).await?;
    Ok(Some(live))
}

async fn active(conn: &mut Conn, subject: Subject) -> Result<Option<i64>, StoreError> {
    Ok(models::active(conn, subject.as_str()).await?.map(|promotion| promotion.model_id))
}

async fn read(conn: &mut Conn, id: i64) -> Result<Live, LiveError> {
    let model = read_model(conn, id).await?;
    Ok(Live { model_id: id, untaught: SiteModel::new(Arc::new(model)), sites: HashMap::new() })
}

async fn read_model(conn: &mut Conn, id: i64) -> Result<Model, LiveError> {
    let row = models::find(conn, id).await?.ok_or(LiveError::Changed(id))?;
    let artifact = models::artifact(conn, id).await?.ok_or(LiveError::Changed(id))?;
    let model = Model::from_bytes(&artifact).map_err(|error| LiveError::File { id, error })?;
    if model.checksum() != row.checksum {
        return Err(LiveError::Changed(id));
    }
    Ok(model)
}

impl Live {
    /// What a site's comments are judged by.
    pub fn model(&self, site_id: i64) -> &SiteModel {
        self.sites.get(&site_id).map_or(&self.untaught, |taught| &taught.model)
    }

    fn is_behind(&self, newest: &[(i64, i64)]) -> bool {
        newest.iter().any(|(site_id, seq)| self.sites.get(site_id).map_or(0, |taught| taught.through) < *seq)
    }
}

/// Learns every example that is newer than what the sites' models know: all of them for a version just read, whether
/// it was trained on some or not, because a site's own examples are to lead.
async fn catch_up(conn: &mut Conn, live: &mut Live, settled: OffsetDateTime) -> Result<(), StoreError> {
    for (site_id, newest) in examples::newest(conn, settled).await? {
        let untaught = &live.untaught;
        let taught = live
            .sites
            .entry(site_id)
            .or_insert_with(|| Taught { model: Arc::new(untaught.clone()), through: 0 });
        while taught.through < newest {
            let batch = examples::between(conn, site_id, taught.through, newest, BATCH).await?;
            let Some(last) = batch.last() else { break };
            taught.through = last.seq;
            let model = Arc::make_mut(&mut taught.model);
            for example in &batch {
                learn(model, example);
            }
        }
    }
    Ok(())
}

fn learn(model: &mut SiteModel, example: &ExampleRow) {
    let features = features(&Document {
        content: &example.body,
        author: &example.author,
        email: &example.email,
        url: &example.url,
    });
    if let Some(label) = label(example.previous.as_deref()) {
        model.forget(&features, label);
    }
    if let Some(label) = label(example.label.as_deref()) {
        model.learn(&features, label);
    }
}

/// The label as the database spells it.
pub(super) fn label(name: Option<&str>) -> Option<Label> {
    [Label::Ham, Label::Spam].into_iter().find(|label| Some(label.as_str()) == name)
}
