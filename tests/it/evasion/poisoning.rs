//! Bayesian poisoning: what examples that an attacker gets into the training do to the comments of others.

use moderato::classifier::{Document, Label, Model, features};
use moderato::training::rows::LabelledRow;

use super::disguises::{self, Seeded};
use super::{VIDEOS, authors_split, good_words, log_odds, plain, rows, trained};

const LINK: &str = "http://poisoned-shop.top/offer";

/// A site of some hundred comments, which is easier to poison than one of many thousands.
struct Site {
    model: Model,
    /// Held-out rows.
    test: Vec<LabelledRow>,
    genuine: Vec<LabelledRow>,
    good_words: Vec<String>,
}

fn site() -> Site {
    let (train, test) = authors_split(&rows(VIDEOS[0]));
    let test = test.into_iter().filter_map(plain).collect();
    let (model, good_words) = (trained(&train), good_words(&train));
    let genuine = train.into_iter().filter(|row| row.label == Label::Ham).filter_map(plain).collect();
    Site { model, test, genuine, good_words }
}

/// What poison does: to the accuracy, and to the log-odds of the comments it is aimed at.
#[derive(Clone, Copy)]
struct Damage {
    accuracy: f64,
    mean_shift: f64,
    /// The largest shift of a single comment in the direction the attacker wants.
    largest_shift: f64,
}

impl Site {
    /// The model after `count` comments that `poison` wrote and a moderator labelled so.
    fn poisoned(&self, count: usize, label: Label, mut poison: impl FnMut() -> String) -> Model {
        let mut model = self.model.clone();
        for _ in 0..count {
            let content = poison();
            model.learn(&features(&Document { content: &content, ..Document::default() }), label);
        }
        model
    }

    /// Damage to the held-out comments of one class, each changed by `as_sent` first.
    fn damage(&self, poisoned: &Model, label: Label, as_sent: impl Fn(&str) -> String) -> Damage {
        let right =
            |row: &&LabelledRow| (log_odds(poisoned, row, &row.content) >= 0.0) == (row.label == Label::Spam);
        let wanted = if label == Label::Ham { 1.0 } else { -1.0 };
        let shifts: Vec<f64> = self
            .test
            .iter()
            .filter(|row| row.label == label)
            .map(|row| {
                let content = as_sent(&row.content);
                log_odds(poisoned, row, &content) - log_odds(&self.model, row, &content)
            })
            .collect();
        Damage {
            accuracy: self.test.iter().filter(right).count() as f64 / self.test.len() as f64,
            mean_shift: shifts.iter().sum::<f64>() / shifts.len() as f64,
            largest_shift: wanted * shifts.iter().map(|shift| wanted * shift).fold(f64::MIN, f64::max),
        }
    }

    /// By spam stuffed with good words and rightly called spam, so that genuine comments look like it: to ham.
    fn by_stuffed_spam(&self, count: usize) -> Damage {
        let mut seeded = Seeded(4);
        let poison = || disguises::padding(LINK, &self.good_words, 20, &mut seeded);
        self.damage(&self.poisoned(count, Label::Spam, poison), Label::Ham, str::to_owned)
    }

    /// By copies of genuine comments with the spammer's link that moderators let through, so that spam with the link
    /// is let through as well: to spam with the link, and to all other spam.
    fn by_praised_link(&self, count: usize) -> [Damage; 2] {
        let mut seeded = Seeded(5);
        let poison = || format!("{} {LINK}", seeded.pick(&self.genuine).content);
        let poisoned = self.poisoned(count, Label::Ham, poison);
        [
            self.damage(&poisoned, Label::Spam, |text| format!("{text} {LINK}")),
            self.damage(&poisoned, Label::Spam, str::to_owned),
        ]
    }
}

#[test]
fn poison_does_bounded_damage() {
    let site = site();
    println!(
        "| poisoned examples beside {} | measured on | accuracy % | mean shift | largest shift |",
        site.model.card().rows
    );
    println!("| --- | --- | ---: | ---: | ---: |");
    let print = |poison: &str, on: &str, damage: Damage| {
        let Damage { accuracy, mean_shift, largest_shift } = damage;
        println!("| {poison} | {on} | {:.1} | {mean_shift:+.2} | {largest_shift:+.2} |", 100.0 * accuracy);
    };
    let clean = site.by_stuffed_spam(0).accuracy;
    for count in [1, 10, 50, 100] {
        let stuffed = site.by_stuffed_spam(count);
        let [linked, others] = site.by_praised_link(count);
        print(&format!("{count} × spam full of good words"), "ham", stuffed);
        print(&format!("{count} × praise with a link, let through"), "spam with that link", linked);
        print("", "other spam", others);
        if count == 10 {
            assert!(stuffed.largest_shift < 5.0 && stuffed.mean_shift < 1.5);
            assert!(linked.largest_shift > -15.0);
            assert!(others.largest_shift > -5.0 && others.mean_shift > -1.5);
            assert!(stuffed.accuracy.min(others.accuracy) > clean - 0.02);
        }
    }
}
