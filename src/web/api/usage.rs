//! What the keys of a site were used for.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::gate::{By, ToRead};
use super::shape::Answer;
use crate::service::usage;
use crate::store::usage::MonthRow;
use crate::web::router::Shared;

/// What keys were used for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Usage {
    /// Key by key, month by month, the oldest first; a month in which a key was not used is left out.
    months: Vec<KeyMonth>,
}

/// A month of a key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyMonth {
    /// The number of the key.
    key: i64,
    /// What it is for.
    name: String,
    /// The first day of the month, in UTC.
    #[schema(value_type = String, format = Date)]
    month: String,
    /// Checks.
    checks: i64,
    /// Those that were answered with spam.
    spam: i64,
    /// Spam that was answered with ham, as far as was reported.
    missed_spam: i64,
    /// Ham that was answered with spam, as far as was reported.
    false_positives: i64,
}

impl From<MonthRow> for KeyMonth {
    fn from(row: MonthRow) -> Self {
        Self {
            key: row.key_id,
            name: row.name,
            month: row.month.to_string(),
            checks: row.calls,
            spam: row.spam,
            missed_spam: row.missed_spam,
            false_positives: row.false_positives,
        }
    }
}

/// Read the usage
///
/// What the keys of the site were used for in the last twelve months: checks by the API, by Akismet's protocol and by Coral.
#[utoipa::path(get, path = "/usage", tag = "Site", operation_id = "readUsage",
    security(("key" = ["read"])),
    responses((status = 200, description = "The counts", body = Usage)))]
pub(super) async fn show(State(shared): State<Shared>, By(caller, _): By<ToRead>) -> Answer<Json<Usage>> {
    let rows = usage::of_site(&shared.app, &caller.site).await?;
    Ok(Json(Usage { months: rows.into_iter().map(KeyMonth::from).collect() }))
}
