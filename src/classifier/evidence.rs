//! From counts to evidence: two naive Bayes event models over the same columns.
//!
//! The multinomial model shares one comment out among all its tokens; the Bernoulli model asks of each token in how many
//! comments it occurs (Andrew `McCallum`, Kamal Nigam, "A Comparison of Event Models for Naive Bayes Text Classification", 1998),
//! once for each group, and only of tokens that are there. The first ranks best where there is much to learn from, the
//! second where there is little, or where it comes from elsewhere.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use super::calibration::{EVIDENCE, Evidence};
use super::counts::{Cell, Counts};
use super::group::Group;
use super::{Features, Label};

/// Additive smoothing (Lidstone) of the multinomial model, in comments a column. Small, because its counts are
/// length-normalised: one word of a comment of average length weighs about 0.004.
pub const ALPHA: f64 = 0.001;
/// Additive smoothing of the Bernoulli model, in comments a column.
pub const ALPHA_PRESENCE: f64 = 0.2;

/// What a column says by itself, as log-odds: in the multinomial and in the Bernoulli model. Not a number where nothing
/// was ever seen.
pub(super) type Odds = [f64; 2];

pub(super) const UNSEEN: Odds = [f64::NAN; 2];

/// What a column with this cell says.
pub(super) fn odds(cell: Cell) -> Odds {
    if cell.is_empty() {
        return UNSEEN;
    }
    let [ham, spam] = cell.evidence();
    let [in_ham, in_spam] = cell.rows.map(f64::from);
    [((spam + ALPHA) / (ham + ALPHA)).ln(), ((in_spam + ALPHA_PRESENCE) / (in_ham + ALPHA_PRESENCE)).ln()]
}

/// The same where a site's own counts stand on shared ones, each shared comment counting as `share` of an own one. A
/// column the site has not seen says what it says in the shared model.
pub(super) fn odds_on_top(own: Cell, shared: Cell, share: f64) -> Odds {
    let ([own_ham, own_spam], [ham, spam]) = (own.evidence(), shared.evidence());
    let multinomial = (own_spam + share * (spam + ALPHA)) / (own_ham + share * (ham + ALPHA));
    let ([own_ham, own_spam], [ham, spam]) = (own.rows.map(f64::from), shared.rows.map(f64::from));
    let bernoulli = (own_spam + share * (spam + ALPHA_PRESENCE)) / (own_ham + share * (ham + ALPHA_PRESENCE));
    [multinomial.ln(), bernoulli.ln()]
}

/// All that was seen of each class, which every column's odds are relative to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Classes {
    /// Evidence of ham and of spam, in comments.
    pub(super) totals: [f64; 2],
    /// Comments of each.
    pub(super) rows: [f64; 2],
    /// Columns ever seen.
    pub(super) observed: usize,
}

impl Classes {
    pub(super) fn of(counts: &Counts) -> Self {
        let labels = [Label::Ham, Label::Spam];
        Self {
            totals: labels.map(|label| counts.total(label)),
            rows: labels.map(|label| counts.rows(label) as f64),
            observed: counts.observed(),
        }
    }

    /// What every known column says besides its own odds: the denominators of both models.
    pub(super) fn odds(&self, smoothing: f64) -> Odds {
        let multinomial = smoothing * ALPHA * self.observed.max(1) as f64;
        let bernoulli = smoothing * 2.0 * ALPHA_PRESENCE;
        [
            ((self.totals[0] + multinomial) / (self.totals[1] + multinomial)).ln(),
            ((self.rows[0] + bernoulli) / (self.rows[1] + bernoulli)).ln(),
        ]
    }
}

/// Reads a comment's columns with a model: `of_column` gives each column's odds, `of_class` the classes'.
pub(super) fn evidence(features: &Features, of_class: Odds, of_column: impl Fn(u32) -> Odds) -> Evidence {
    let mut sums = [0.0; EVIDENCE];
    let mut known = [0_u32; Group::ALL.len()];
    for &column in features.columns() {
        let [multinomial, bernoulli] = of_column(column);
        if !multinomial.is_nan() {
            let group = Group::of(column);
            sums[0] += group.weight() * (multinomial + of_class[0]);
            sums[1 + group as usize] += bernoulli + of_class[1];
            known[group as usize] += 1;
        }
    }
    let lengths = lengths(&known);
    std::array::from_fn(|kind| if lengths[kind] > 0.0 { sums[kind] / lengths[kind] } else { 0.0 })
}

/// Length (L2) of the weights of so many known columns a group, for each kind of evidence: long and short comments get
/// evidence of the same size.
pub(super) fn lengths(known: &[u32; Group::ALL.len()]) -> Evidence {
    let mut squares = [0.0; EVIDENCE];
    for (place, group) in Group::ALL.into_iter().enumerate() {
        let count = f64::from(known[place]);
        squares[0] += count * group.weight().powi(2);
        squares[1 + place] = count;
    }
    squares.map(f64::sqrt)
}
