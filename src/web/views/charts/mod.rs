//! The page of figures: each says in words what it shows, draws it, and has the table behind it.

#![expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^52")]

mod axes;
mod comments;
mod queue;
mod scores;

use askama::Template;

use self::axes::Days;
use super::desk::Choice;
use super::parts::{Layout, SafeHtml};
use crate::drawing::Figure;
use crate::service::figures::Figures;

/// Figures of one site or of several.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/figures.html")]
pub struct FiguresPage {
    /// Around the page.
    pub layout: Layout,
    /// The sites to choose from, all of them first.
    pub sites: Vec<Choice>,
    /// The spans of time to choose from.
    pub spans: Vec<Choice>,
    /// Whose figures: a site's title, or all sites.
    pub title: String,
    /// Figures that belong together.
    pub sections: Vec<Section>,
}

/// Figures that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// Their heading.
    pub heading: &'static str,
    /// What is to be known of all of them, or why there is none.
    pub note: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl FiguresPage {
    fn drawing(figure: &Figure) -> SafeHtml {
        SafeHtml(figure.svg.clone())
    }

    fn choose_site(&self) -> bool {
        self.sites.len() > 2
    }
}

/// Everything there is to see.
pub fn sections(figures: &Figures) -> Vec<Section> {
    let days = Days { first: figures.first, step: step(figures) };
    let nothing = "No comment came in on these days.";
    let any = figures.whole.came_in() > 0;
    let comments = if any {
        vec![
            comments::came_in(figures, &days),
            comments::alone(figures, &days),
            comments::corrected(figures, &days),
        ]
    } else {
        Vec::new()
    };
    let held = queue::waited(figures, &days).into_iter().chain([queue::waits_now(figures)]);
    let team = figures.people.as_deref().map(queue::people);
    vec![
        Section {
            heading: "Comments",
            note: if any { String::new() } else { nothing.to_owned() },
            figures: comments,
        },
        Section {
            heading: "The queue and who works it",
            note: match &team {
                None => "What each moderator decided is shown to those who moderate.".to_owned(),
                Some(_) => String::new(),
            },
            figures: held.chain(team).collect(),
        },
        scores::model(&figures.measured, figures.first),
    ]
}

/// How many days a period has.
fn step(figures: &Figures) -> i64 {
    let days = (figures.last - figures.first).whole_days() + 1;
    days / i64::try_from(figures.periods.len().max(1)).unwrap_or(1)
}
