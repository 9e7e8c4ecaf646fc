//! `moderato score`: comments on standard input, one JSON object each on standard output, as they come.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::PathBuf;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::files::{self, Cuts};
use super::output;
use crate::classifier::{Contribution, Document, Explanation, Group, Model, Score, Seen, Subject, features};
use crate::policy::{Abuse, Decision, HOLD_ABUSE_FROM, Thresholds, decide, mind_abuse};
use crate::training::rows::{Columns, Comments};

/// Score comments from standard input: one JSON object a line, in order
///
/// A comment that cannot be read gives an object with its line and an error, and exit status 1 in the end.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  echo 'Great post! http://casino.top' | moderato score --model models/starter.model --explain
  moderato score --model site.model --format csv < comments.csv > scores.ndjson
  moderato score --model site.model --format ndjson <<< '{\"content\": \"Hello\", \"author\": \"Ada\"}'")]
pub(super) struct Args {
    /// Model file to score with
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Model file of abuse: adds a score of its own, and holds from --hold-abuse-from on
    #[arg(long, value_name = "FILE")]
    abuse_model: Option<PathBuf>,
    /// Hold what would be approved from this probability of abuse on
    #[arg(long, value_name = "P", default_value_t = HOLD_ABUSE_FROM, requires = "abuse_model")]
    hold_abuse_from: f64,
    /// How comments come in: a line each, CSV with a header, or one JSON object (or string) a line
    #[arg(long, value_enum, default_value_t = Format::Lines)]
    format: Format,
    /// Column with the text, for CSV [default: the first of content, comment, text, body, message, …]
    #[arg(long, value_name = "COLUMN")]
    text_column: Option<String>,
    /// Add the ten strongest reasons
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    cuts: Cuts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Lines,
    Csv,
    Ndjson,
}

const MOST_REASONS: usize = 10;

#[derive(Serialize)]
struct Scored {
    spam_probability: f64,
    log_odds: f64,
    decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    abuse: Option<ScoredAbuse>,
    #[serde(flatten)]
    account: Option<Account>,
}

/// What the model of abuse says.
#[derive(Serialize)]
struct ScoredAbuse {
    probability: f64,
    log_odds: f64,
    #[serde(flatten)]
    account: Option<Account>,
}

/// A score taken apart: prior, bias and groups add up to the log-odds, and so do prior, bias, reasons and rest.
#[derive(Serialize)]
struct Account {
    /// Log-odds of spam before anything is read: how much of it there was among the training rows.
    prior: f64,
    /// Log-odds before any token, in a queue that is half spam.
    bias: f64,
    groups: BTreeMap<&'static str, f64>,
    reasons: Vec<Reason>,
    /// All that is not among the reasons.
    rest: f64,
    /// Share of the tokens that the model has never seen; they add nothing.
    unseen: f64,
}

impl Account {
    fn of(explanation: Explanation, prior: f64) -> Self {
        let groups = explanation.groups().into_iter().map(|(group, sum)| (group.as_str(), sum)).collect();
        let Explanation { bias, mut contributions, unseen, .. } = explanation;
        let others = contributions.split_off(contributions.len().min(MOST_REASONS));
        let rest = others.iter().map(|part| part.log_odds).sum();
        let reasons = contributions.into_iter().map(Reason::from).collect();
        Self { prior, bias, groups, reasons, rest, unseen }
    }
}

#[derive(Serialize)]
struct Reason {
    group: Group,
    token: String,
    log_odds: f64,
    /// In so many genuine and spam comments it was seen in training.
    seen: Seen,
    /// Another token that its evidence may come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    shares_with: Option<String>,
}

impl From<Contribution> for Reason {
    fn from(Contribution { group, token, log_odds, seen, shares_with }: Contribution) -> Self {
        Self { group, token, log_odds, seen, shares_with }
    }
}

#[derive(Serialize)]
struct Failed {
    line: u64,
    error: String,
}

/// One line of NDJSON: the text alone, or with what is known of its author.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Text(String),
    Comment {
        #[serde(
            alias = "comment",
            alias = "comment_content",
            alias = "text",
            alias = "body",
            alias = "message"
        )]
        content: String,
        #[serde(default)]
        author: Option<String>,
        #[serde(default)]
        email: Option<String>,
        #[serde(default)]
        url: Option<String>,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let scorer = Scorer {
        model: files::model_of(Subject::Spam, &args.model)?,
        abuse: match &args.abuse_model {
            Some(path) => Some(files::model_of(Subject::Abuse, path)?),
            None => None,
        },
        hold_abuse_from: args.hold_abuse_from,
        thresholds: args.cuts.thresholds()?,
        explain: args.explain,
    };
    let failed = match args.format {
        Format::Csv => score_csv(&scorer, args)?,
        Format::Lines => score_lines(|text| {
            scorer.print(&Document { content: text, ..Document::default() }).map(|()| None)
        })?,
        Format::Ndjson => score_lines(|text| score_json(&scorer, text))?,
    };
    if failed > 0 {
        bail!("{failed} comments could not be read; their lines have an error in the output");
    }
    Ok(())
}

struct Scorer {
    model: Model,
    abuse: Option<Model>,
    hold_abuse_from: f64,
    thresholds: Thresholds,
    explain: bool,
}

impl Scorer {
    fn print(&self, document: &Document<'_>) -> anyhow::Result<()> {
        let features = features(document);
        let score = |model: &Model| model.score(&features).with_prior(model.prior());
        let account =
            |model: &Model| self.explain.then(|| Account::of(model.explain(document), model.prior()));
        let Score { log_odds, probability } = score(&self.model);
        let abuse = self.abuse.as_ref().map(|model| {
            let Score { log_odds, probability } = score(model);
            ScoredAbuse { probability, log_odds, account: account(model) }
        });
        let mut judgement = decide(log_odds, Vec::new(), Vec::new(), self.thresholds);
        if let Some(ScoredAbuse { probability, .. }) = abuse {
            judgement = mind_abuse(judgement, Abuse { probability, hold_from: self.hold_abuse_from });
        }
        print(&Scored {
            spam_probability: probability,
            log_odds,
            decision: judgement.decision,
            abuse,
            account: account(&self.model),
        })
    }
}

/// One object a line, at once: whoever feeds us may wait for the answer.
fn print(value: &impl Serialize) -> anyhow::Result<()> {
    output::line(serde_json::to_string(value)?)
}

fn score_csv(scorer: &Scorer, args: &Args) -> anyhow::Result<u64> {
    let columns = Columns { text: args.text_column.clone(), ..Columns::default() };
    let mut failed = 0;
    for row in Comments::open(io::stdin().lock(), &columns).context("standard input")? {
        match row {
            Ok(row) => scorer.print(&row.document())?,
            Err(error) => {
                failed += 1;
                print(&Failed { line: error.line, error: error.reason })?;
            }
        }
    }
    Ok(failed)
}

/// Calls `score` for each line; it answers what is wrong with it, if anything. Counts the wrong ones.
fn score_lines(score: impl Fn(&str) -> anyhow::Result<Option<String>>) -> anyhow::Result<u64> {
    let mut input = io::stdin().lock();
    let mut bytes = Vec::new();
    let (mut line, mut failed) = (0, 0);
    while input.read_until(b'\n', &mut bytes).context("cannot read standard input")? > 0 {
        line += 1;
        let error = match std::str::from_utf8(&bytes) {
            Ok(text) => score(text.trim_end_matches(['\n', '\r']))?,
            Err(_) => Some("not UTF-8".to_owned()),
        };
        if let Some(error) = error {
            failed += 1;
            print(&Failed { line, error })?;
        }
        bytes.clear();
    }
    Ok(failed)
}

fn score_json(scorer: &Scorer, text: &str) -> anyhow::Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let input = match serde_json::from_str(text) {
        Ok(input) => input,
        Err(error) if error.is_data() => {
            let wanted = "neither a string nor an object with content (and author, email, url), all strings";
            return Ok(Some(wanted.to_owned()));
        }
        Err(error) => return Ok(Some(format!("not JSON: {error}"))),
    };
    let (content, author, email, url) = match input {
        Input::Text(content) => (content, None, None, None),
        Input::Comment { content, author, email, url } => (content, author, email, url),
    };
    let [author, email, url] = [author, email, url].map(Option::unwrap_or_default);
    scorer.print(&Document { content: &content, author: &author, email: &email, url: &url })?;
    Ok(None)
}
