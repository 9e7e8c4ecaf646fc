//! `POST /admin/lists`: a list is saved by a name; `POST /admin/lists/remove`: it is forgotten.

use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::flash::{Done, Flash};
use super::queue::Which;
use super::session::SignedIn;
use crate::service::accounts::Moderator;
use crate::service::lists::{self, ListError};
use crate::store::lists::ListRow;
use crate::web::error::WebError;
use crate::web::router::Shared;
use crate::web::views::{Hidden, OwnList, OwnLists, PostButton};

/// Somebody's lists beside the one that is shown.
pub(super) async fn beside(
    shared: &Shared,
    moderator: &Moderator,
    which: &Which,
) -> Result<OwnLists, WebError> {
    let here = which.list();
    let saved = lists::of(&shared.app, moderator).await?;
    let is_new = saved.iter().all(|one| one.query != here);
    Ok(OwnLists {
        save: (is_new && which.is_narrowed()).then(|| here.clone()),
        lists: saved
            .into_iter()
            .map(|one| OwnList {
                current: one.query == here,
                href: format!("/admin/?{}", one.query),
                forget: forget(&one),
                name: one.name,
            })
            .collect(),
    })
}

fn forget(ListRow { id, name, .. }: &ListRow) -> PostButton {
    PostButton {
        action: "/admin/lists/remove".to_owned(),
        label: format!("Forget “{name}”"),
        hidden: vec![Hidden { name: "id", value: id.to_string() }],
    }
}

/// A list to save.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    name: String,
    /// The query of its address.
    list: String,
}

pub(super) async fn save(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
    Form(Sent { name, list }): Form<Sent>,
) -> Result<Response, WebError> {
    let address: Uri = format!("/admin/?{list}").parse().map_err(|_error| WebError::not_found())?;
    let Query(which) = Query::<Which>::try_from_uri(&address).map_err(|_rejection| WebError::not_found())?;
    // Nothing is kept that could not be shown.
    which.query(&shared.app, &moderator)?;
    let list = which.list();
    match lists::save(&shared.app, &moderator, &name, &list).await {
        Ok(()) => {
            let flash = Flash::Done(Done::ListSaved).cookie();
            Ok((jar.add(flash), Redirect::to(&format!("/admin/?{list}"))).into_response())
        }
        Err(ListError::Store(error)) => Err(error.into()),
        Err(error) => Err(WebError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The list is not saved",
            format!("Go back: {error}."),
        )),
    }
}

/// A list to forget.
#[derive(Debug, Deserialize)]
pub(super) struct One {
    id: i64,
}

pub(super) async fn remove(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
    Form(One { id }): Form<One>,
) -> Result<Response, WebError> {
    if !lists::remove(&shared.app, &moderator, id).await? {
        return Err(WebError::not_found());
    }
    Ok((jar.add(Flash::Done(Done::ListRemoved).cookie()), Redirect::to("/admin/")).into_response())
}
