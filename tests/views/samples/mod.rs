//! Every view with sample values. `samples(say)` passes each text a stranger could have typed through `say`, so
//! that the same pages are made for looking at and for attacking.

mod desk;
mod models;
mod people;
mod programs;
mod reader;
mod rules;
mod thresholds;

use self::desk::desk;
use self::models::models;
use self::people::people;
use self::programs::{api, notices};
use self::reader::reader;
use self::rules::rules;
use self::thresholds::thresholds;
use askama::Template;
use moderato::web::views::{ArticlePage, Hidden, Layout, Link, Moment, PostButton, User};

/// What a stranger's text becomes on its way into the samples.
pub(crate) type Say = fn(&str) -> String;

/// File name and content of every view in every state worth seeing.
pub(crate) fn samples(say: Say) -> Vec<(&'static str, String)> {
    let mut pages = reader(say);
    pages.extend(desk(say));
    pages.extend(rules(say));
    pages.extend(people(say));
    pages.extend(notices(say));
    pages.extend(models(say));
    pages.extend(thresholds(say));
    pages.push(("api.html", html(&api(say))));
    pages
}

fn html(page: &impl Template) -> String {
    page.render().expect("writing to a string cannot fail")
}

fn layout(user: bool) -> Layout {
    let site = Link { text: ArticlePage::PAPER.to_owned(), href: "/".to_owned() };
    Layout {
        lang: "en".to_owned(),
        site: (!user).then_some(site),
        user: user.then(|| User { name: "Mara Lindqvist".to_owned(), admin: true }),
    }
}

fn moment(relative: &str) -> Moment {
    Moment {
        iso: "2026-03-01T09:30:00Z".to_owned(),
        exact: "1 March 2026, 09:30 UTC".to_owned(),
        relative: relative.to_owned(),
    }
}

fn hidden(id: &str) -> Vec<Hidden> {
    vec![
        Hidden { name: "comment", value: id.to_owned() },
        Hidden { name: "version", value: "3".to_owned() },
        Hidden { name: "back", value: "/admin?state=held".to_owned() },
    ]
}

fn button(label: &str) -> PostButton {
    PostButton { action: "/admin/decide".to_owned(), label: label.to_owned(), hidden: hidden("1") }
}
