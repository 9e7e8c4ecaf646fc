//! `GET /admin/ban/{site}/{id}`: what can be banned of a comment's author, what each ban would have hit, and a key for each.

use axum::extract::{Path, State};
use axum::response::Response;
use uuid::Uuid;

use super::audit::capital;
use super::comment::{beginning, href};
use super::session::Decider;
use crate::app::App;
use crate::classifier::{Document, hosts};
use crate::policy::{Effect, Kind};
use crate::service::desk;
use crate::service::rules::{self, Draft, Preview, network_name};
use crate::service::sites::Site;
use crate::store::authors::SenderRow;
use crate::web::error::{WebError, html};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{BanOption, BanPage, Example, Hidden, Said};

/// So many hosts of a comment can be banned here.
const HOSTS: usize = 5;
/// So many published comments are shown for each.
const EXAMPLES: usize = 3;

pub(super) async fn show(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, id)): Path<(String, Uuid)>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = desk::site_named(app, &moderator, &site).ok_or_else(|| WebError::no_such_site(&site))?;
    let sender = rules::sender(app, site.id, id).await?.ok_or_else(WebError::not_found)?;
    // What is no rule (a host that is an ending) cannot be chosen.
    let mut offered = Vec::new();
    for (kind, pattern, words) in choices(&sender) {
        let draft = draft(&site, kind, &pattern);
        if rules::is_possible(app, &draft) {
            offered.push((draft, words));
        }
    }
    let drafts: Vec<Draft> = offered.iter().map(|(draft, _)| draft.clone()).collect();
    let previews = rules::previews(app, &moderator, &drafts).await?;
    let hidden = |name, value: &str| Hidden { name, value: value.to_owned() };
    let back = href(&site, id);
    let page = BanPage {
        layout: desk_layout(Some(&moderator)),
        name: sender.author,
        site: site.title.clone(),
        looked_at: previews.first().map_or(0, |preview| preview.looked_at),
        options: offered
            .into_iter()
            .zip(previews)
            .enumerate()
            .map(|(place, ((draft, words), preview))| option(app, place + 1, &draft, &words, &preview))
            .collect(),
        hidden: vec![
            hidden("site", &site.name),
            hidden("effect", Effect::Ban.as_str()),
            hidden("back", &back),
        ],
        back,
    };
    Ok(html(&page))
}

/// What a sender can be known by: kind, pattern, and words.
pub(super) fn choices(sender: &SenderRow) -> Vec<(Kind, String, String)> {
    let mut choices = Vec::new();
    let mut add = |kind: Kind, pattern: String, shown: &str| {
        choices.push((kind, pattern, capital(&format!("{} {shown}", kind.words()))));
    };
    if !sender.email.is_empty() {
        add(Kind::Email, sender.email.clone(), &sender.email);
    }
    if let Some(key) = &sender.network {
        add(Kind::Network, data_encoding::HEXLOWER.encode(key), &network_name(key));
    }
    let document =
        Document { content: &sender.body, author: &sender.author, email: &sender.email, url: &sender.url };
    for host in hosts(&document).into_iter().take(HOSTS) {
        add(Kind::Host, host.clone(), &host);
    }
    add(Kind::Name, sender.author.clone(), &format!("“{}”", sender.author));
    choices
}

fn draft(site: &Site, kind: Kind, pattern: &str) -> Draft {
    Draft {
        site: Some(site.id),
        kind,
        pattern: pattern.to_owned(),
        places: Vec::new(),
        effect: Effect::Ban,
        until: None,
        note: String::new(),
        replaces: None,
    }
}

fn option(app: &App, key: usize, draft: &Draft, words: &str, preview: &Preview) -> BanOption {
    let example = |row: &crate::store::cards::DeskRow| {
        Some(Example {
            href: href(&*app.sites.by_id(row.site_id)?, row.id),
            author: row.author.clone(),
            beginning: beginning(&row.body),
        })
    };
    BanOption {
        key,
        what: format!("{}:{}", draft.kind.as_str(), draft.pattern),
        words: words.to_owned(),
        hits: preview.hits,
        published: preview.against_count,
        examples: preview.against.iter().take(EXAMPLES).filter_map(example).collect(),
    }
}
