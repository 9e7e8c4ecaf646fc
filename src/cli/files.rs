//! Files the commands read and write.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use crate::classifier::{Model, Subject};
use crate::policy::{Targets, Thresholds};

use super::Usage;

/// Writes a file so that it is either wholly there or not at all: a temporary one beside it, then a rename.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().with_context(|| format!("{} is no file name", path.display()))?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = folder.join(temporary);
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        // It may not exist; what counts is the first error.
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| {
        format!("cannot write {}: check that its folder exists and may be written to", path.display())
    })
}

/// A subject as an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Judged {
    /// Advertising
    Spam,
    /// Insults, threats, hate
    Abuse,
}

impl From<Judged> for Subject {
    fn from(judged: Judged) -> Self {
        match judged {
            Judged::Spam => Self::Spam,
            Judged::Abuse => Self::Abuse,
        }
    }
}

/// Reads a model file of this subject.
pub(super) fn model_of(subject: Subject, path: &Path) -> anyhow::Result<Model> {
    let model = model(path)?;
    let its = model.card().subject;
    if its != subject {
        bail!(
            "{} judges {}, not {}: give a model trained with --subject {}",
            path.display(),
            its.as_str(),
            subject.as_str(),
            subject.as_str()
        );
    }
    Ok(model)
}

/// Reads a model file.
pub(super) fn model(path: &Path) -> anyhow::Result<Model> {
    let bytes = fs::read(path).with_context(|| {
        format!("cannot read the model {}: train one with `moderato train`", path.display())
    })?;
    Model::from_bytes(&bytes).with_context(|| format!("cannot use {}", path.display()))
}

/// Where the decisions are cut.
#[derive(Debug, clap::Args)]
pub(super) struct Cuts {
    /// Approve below this spam probability
    #[arg(long, value_name = "P", default_value_t = Thresholds::DEFAULT.approve_below())]
    approve_below: f64,
    /// Reject from this spam probability on
    #[arg(long, value_name = "P", default_value_t = Thresholds::DEFAULT.reject_from())]
    reject_from: f64,
}

impl Cuts {
    /// The thresholds asked for; wrong usage if they are no probabilities or the wrong way round.
    pub(super) fn thresholds(&self) -> Result<Thresholds, Usage> {
        Thresholds::new(self.approve_below, self.reject_from).map_err(|error| Usage(error.to_string()))
    }
}

/// What the decisions are to keep to.
#[derive(Debug, clap::Args)]
pub(super) struct Promised {
    /// Choose the thresholds so that at most this share of what is published unseen is spam (0.005)
    #[arg(long, value_name = "SHARE", requires = "target_ham_rejected",
          conflicts_with_all = ["approve_below", "reject_from"])]
    target_spam_published: Option<f64>,
    /// … and at most this share of what is turned away is ham (0.001)
    #[arg(long, value_name = "SHARE", requires = "target_spam_published")]
    target_ham_rejected: Option<f64>,
    /// How sure each of the two has to be
    #[arg(long, value_name = "SHARE", default_value_t = 0.9, requires = "target_spam_published")]
    confidence: f64,
}

impl Promised {
    /// The targets asked for, if any; wrong usage if they are no shares.
    pub(super) fn targets(&self) -> Result<Option<Targets>, Usage> {
        self.target_spam_published
            .zip(self.target_ham_rejected)
            .map(|(spam, ham)| Targets::new(spam, ham, self.confidence))
            .transpose()
            .map_err(|error| Usage(error.to_string()))
    }
}
