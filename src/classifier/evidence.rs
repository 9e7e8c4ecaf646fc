//! From counts to evidence: two naive Bayes event models for each group of columns.
//!
//! The multinomial model shares one comment out among all its tokens; the Bernoulli model asks of each token in how many
//! comments it occurs (Andrew `McCallum`, Kamal Nigam, "A Comparison of Event Models for Naive Bayes Text Classification", 1998),
//! and only of tokens that are there. The first is the more accurate where there is much to learn from, the second ranks
//! better what comes from elsewhere; `docs/classifier.md` has the figures.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use super::calibration::{EVIDENCE, Evidence};
use super::counts::{Cell, Counts, Total, in_rows};
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

/// Places of a group's multinomial and Bernoulli evidence.
pub(super) fn kinds(group: Group) -> [usize; 2] {
    [group as usize, Group::ALL.len() + group as usize]
}

/// All that was seen of each class, which every column's odds are relative to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Classes {
    /// Evidence of ham and of spam in each group, in comments.
    masses: [[f64; 2]; Group::ALL.len()],
    /// Columns of each group ever seen.
    observed: [usize; Group::ALL.len()],
    /// Comments of each class.
    rows: [f64; 2],
}

impl Classes {
    pub(super) fn of(counts: &Counts) -> Self {
        let totals = Group::ALL.map(|group| counts.total(group));
        Self {
            masses: totals.map(|total| total.mass.map(in_rows)),
            observed: totals.map(|total| total.observed),
            rows: [Label::Ham, Label::Spam].map(|label| counts.rows(label) as f64),
        }
    }

    /// The same where a site's own counts stand on shared ones, each shared comment counting as `share` of an own one.
    /// `fresh` has the site's own totals, with only those columns observed that are not in the shared model.
    pub(super) fn on_top(
        fresh: &[Total; Group::ALL.len()],
        rows: [u64; 2],
        shared: &Self,
        share: f64,
    ) -> Self {
        let sum =
            |own: [f64; 2], shared: [f64; 2]| std::array::from_fn(|class| own[class] + share * shared[class]);
        Self {
            masses: std::array::from_fn(|group| sum(fresh[group].mass.map(in_rows), shared.masses[group])),
            observed: std::array::from_fn(|group| fresh[group].observed + shared.observed[group]),
            rows: sum(rows.map(|rows| rows as f64), shared.rows),
        }
    }

    /// What every known column says besides its own odds: the denominators of all models. `smoothing` is what the models'
    /// own counts for by itself.
    pub(super) fn odds(&self, smoothing: f64) -> Evidence {
        let ratio = |[ham, spam]: [f64; 2], added: f64| ((ham + added) / (spam + added)).ln();
        let bernoulli = ratio(self.rows, smoothing * 2.0 * ALPHA_PRESENCE);
        let mut odds = [bernoulli; EVIDENCE];
        for group in Group::ALL {
            let observed = self.observed[group as usize].max(1) as f64;
            odds[kinds(group)[0]] = ratio(self.masses[group as usize], smoothing * ALPHA * observed);
        }
        odds
    }
}

/// Reads a comment's columns with a model: `of_column` gives each column's odds, `of_class` the classes'. Each sum is over
/// the square root of the number of its columns (L2), so that long and short comments get evidence of the same size.
pub(super) fn evidence(
    features: &Features,
    of_class: &Evidence,
    of_column: impl Fn(u32) -> Odds,
) -> Evidence {
    let mut sums = [0.0; EVIDENCE];
    let mut known = [0_u32; Group::ALL.len()];
    for &column in features.columns() {
        let [multinomial, bernoulli] = of_column(column);
        if !multinomial.is_nan() {
            let group = Group::of(column);
            let [its_multinomial, its_bernoulli] = kinds(group);
            sums[its_multinomial] += multinomial;
            sums[its_bernoulli] += bernoulli;
            known[group as usize] += 1;
        }
    }
    for (group, known) in Group::ALL.into_iter().zip(known.map(f64::from)) {
        for kind in kinds(group) {
            sums[kind] = if known > 0.0 { (sums[kind] + known * of_class[kind]) / known.sqrt() } else { 0.0 };
        }
    }
    sums
}

/// What one of so many known columns of a group adds to a comment's log-odds.
pub(super) fn contribution(
    group: Group,
    odds: Odds,
    of_class: &Evidence,
    weights: &Evidence,
    known: u32,
) -> f64 {
    let said = kinds(group).into_iter().zip(odds).map(|(kind, odds)| weights[kind] * (odds + of_class[kind]));
    said.sum::<f64>() / f64::from(known).sqrt()
}
