//! A shared model with what one site's moderators have taught on top.

use std::collections::HashMap;
use std::sync::Arc;

use super::counts::{Cell, Total, shares};
use super::evidence::{Classes, Odds, evidence, odds_on_top};
use super::group::Group;
use super::{Document, Evidence, Explanation, Features, Label, Model, Score, explain};

/// The shared model counts as much as this many of a site's own comments, however many it was trained on: it leads while
/// a site has no examples, and its word is soon only one of many (a Dirichlet prior of this mass, Lidstone smoothing
/// with a background model). Chosen by the learning curves in `docs/classifier.md`.
const SHARED_ROWS: f64 = 100.0;

/// Learns and forgets exactly, and judges like the shared model while nothing is learnt. About 100 bytes for each column
/// the site has seen.
#[derive(Debug, Clone)]
pub struct SiteModel {
    shared: Arc<Model>,
    /// What a shared comment counts beside one of the site's own.
    share: f64,
    own: HashMap<u32, Own>,
    /// Of each group. Observed are only columns that the shared model has never seen.
    totals: [Total; Group::ALL.len()],
    rows: [u64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Own {
    cell: Cell,
    odds: Odds,
}

/// Equal models judge every comment equally, to the last bit.
impl PartialEq for SiteModel {
    fn eq(&self, other: &Self) -> bool {
        let same_version = self.shared.checksum() == other.shared.checksum();
        same_version && (self.totals, self.rows) == (other.totals, other.rows) && self.own == other.own
    }
}

impl SiteModel {
    /// A site that has learnt nothing yet.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
    pub fn new(shared: Arc<Model>) -> Self {
        let share = (SHARED_ROWS / (shared.card().rows.max(1) as f64)).min(1.0);
        Self { shared, share, own: HashMap::new(), totals: Default::default(), rows: [0; 2] }
    }

    /// The model underneath.
    pub fn shared(&self) -> &Arc<Model> {
        &self.shared
    }

    /// Number of the site's own comments of one class.
    pub fn rows(&self, label: Label) -> u64 {
        self.rows[label.index()]
    }

    /// As [`Model::score`].
    pub fn score(&self, features: &Features) -> Score {
        Score::from(self.shared.calibration().log_odds(&self.evidence(features)))
    }

    /// As [`Model::explain`].
    pub fn explain(&self, document: &Document<'_>) -> Explanation {
        if self.is_untaught() {
            return self.shared.explain(document);
        }
        let seen = |column| {
            let own = self.own.get(&column).map_or([0; 2], |own| own.cell.rows);
            let shared = self.shared.cell(column).rows;
            [own[0].saturating_add(shared[0]), own[1].saturating_add(shared[1])]
        };
        let odds = |column| self.odds(column);
        let telling = &self.shared.card().telling;
        explain::explain(document, self.shared.calibration(), &self.class_odds(), odds, seen, telling)
    }

    /// Share of the comment's evidence, by weight, that lies in columns never seen in training or at this site: 0 to 1, and 1
    /// for a comment without any. Rising shares show that comments have moved away from what the model learnt.
    pub fn unseen_share(&self, features: &Features) -> f64 {
        let (mut all, mut unseen) = (0.0, 0.0);
        for (column, weight) in features.weights() {
            all += weight;
            if self.odds(column)[0].is_nan() {
                unseen += weight;
            }
        }
        if all > 0.0 { unseen / all } else { 1.0 }
    }

    /// Learns one labelled comment of this site.
    pub fn learn(&mut self, features: &Features, label: Label) {
        self.rows[label.index()] += 1;
        self.change(features, |cell, share| cell.add(share, label));
    }

    /// Takes one labelled comment out again: the exact inverse of [`SiteModel::learn`].
    pub fn forget(&mut self, features: &Features, label: Label) {
        let rows = &mut self.rows[label.index()];
        *rows = rows.saturating_sub(1);
        self.change(features, |cell, share| cell.remove(share, label));
    }

    fn change(&mut self, features: &Features, change: impl Fn(&mut Cell, u64)) {
        for (group, columns, share) in shares(features) {
            let total = &mut self.totals[group as usize];
            for &column in columns {
                let underneath = self.shared.cell(column);
                let before = self.own.get(&column).map(|own| own.cell).unwrap_or_default();
                let mut cell = before;
                change(&mut cell, share);
                total.weigh(before, cell);
                if underneath.is_empty() {
                    total.observe(before, cell);
                }
                if cell.is_empty() {
                    self.own.remove(&column);
                } else {
                    let odds = odds_on_top(cell, underneath, self.share);
                    self.own.insert(column, Own { cell, odds });
                }
            }
        }
    }

    fn is_untaught(&self) -> bool {
        self.rows == [0; 2]
    }

    fn evidence(&self, features: &Features) -> Evidence {
        if self.is_untaught() {
            self.shared.evidence(features)
        } else {
            evidence(features, &self.class_odds(), |column| self.odds(column))
        }
    }

    fn odds(&self, column: u32) -> Odds {
        self.own.get(&column).map_or_else(|| self.shared.odds(column), |own| own.odds)
    }

    fn class_odds(&self) -> Evidence {
        Classes::on_top(&self.totals, self.rows, &self.shared.classes(), self.share).odds(self.share)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::model::tests::{of, small};
    use super::*;

    const TEXTS: [&str; 6] = [
        "cheap pills at pills-4u.biz",
        "thanks for the article",
        "a song",
        "",
        "WIN cash http://www.a.top",
        "новая песня",
    ];

    fn scores(site: &SiteModel) -> Vec<u64> {
        TEXTS.iter().map(|text| site.score(&of(text)).log_odds.to_bits()).collect()
    }

    #[test]
    fn an_untaught_site_judges_like_the_shared_model() {
        let site = SiteModel::new(Arc::new(small()));
        for text in TEXTS {
            assert_eq!(site.score(&of(text)), small().score(&of(text)));
        }
    }

    #[test]
    fn what_a_site_teaches_soon_outweighs_what_it_came_with() {
        let mut site = SiteModel::new(Arc::new(small()));
        let advert = of("my pills channel a.top");
        assert!(site.score(&advert).log_odds > 0.5);
        for topic in ["tea", "bread", "rain", "trains", "letters", "gardens", "maps", "bells"] {
            site.learn(&of(&format!("our pills channel is about {topic}, see a.top")), Label::Ham);
        }
        assert!(site.score(&advert).log_odds < -0.5, "{:?}", site.score(&advert));
    }

    #[test]
    fn unseen_evidence_is_what_was_never_taught() {
        let mut site = SiteModel::new(Arc::new(small()));
        let known = of("I still love this song");
        let strange = of("Grüße aus Königsberg");
        assert!(site.unseen_share(&known).abs() < 1e-12);
        let before = site.unseen_share(&strange);
        assert!(before > 0.1 && before < 1.0, "{before}: words are new, the shape is not");
        site.learn(&strange, Label::Ham);
        assert!(site.unseen_share(&strange).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever was learnt and forgotten in between, only what is still known counts, to the last bit.
        #[test]
        fn forgetting_undoes_learning(
            kept in prop::collection::vec((0..TEXTS.len(), any::<bool>()), 0..6),
            gone in prop::collection::vec((0..TEXTS.len(), any::<bool>()), 0..6),
            order in any::<prop::sample::Index>(),
        ) {
            let label = |spam| if spam { Label::Spam } else { Label::Ham };
            let shared = Arc::new(small());
            let mut plain = SiteModel::new(Arc::clone(&shared));
            for &(text, spam) in &kept {
                plain.learn(&of(TEXTS[text]), label(spam));
            }
            let mut detour = SiteModel::new(shared);
            let split = order.index(kept.len() + 1);
            for &(text, spam) in kept[..split].iter().chain(&gone).chain(&kept[split..]) {
                detour.learn(&of(TEXTS[text]), label(spam));
            }
            for &(text, spam) in gone.iter().rev() {
                detour.forget(&of(TEXTS[text]), label(spam));
            }
            prop_assert_eq!(scores(&plain), scores(&detour));
            prop_assert_eq!(plain, detour);
        }

        #[test]
        fn explanations_add_up_to_the_score(taught in prop::collection::vec((0..TEXTS.len(), any::<bool>()), 0..5),
                                            content in "[ -~]{0,60}|.{0,40}") {
            let mut site = SiteModel::new(Arc::new(small()));
            for (text, spam) in taught {
                site.learn(&of(TEXTS[text]), if spam { Label::Spam } else { Label::Ham });
            }
            let explanation = site.explain(&Document { content: &content, ..Document::default() });
            let sum: f64 = explanation.contributions.iter().map(|part| part.log_odds).sum();
            prop_assert!((explanation.bias + sum - site.score(&of(&content)).log_odds).abs() < 1e-9);
        }
    }
}
