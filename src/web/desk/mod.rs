//! The moderators' desk under `/admin/`. Who is signed in comes from extractors, so that a handler that takes a
//! [`Decider`](session::Decider) cannot be reached by anybody else; writes are same-origin posts only.

mod account;
mod audit;
mod authors;
mod ban;
mod bulk;
mod comment;
mod decide;
mod events;
mod figures;
mod flash;
mod keys;
mod lists;
mod log_only;
mod models;
mod people;
mod queue;
mod rules;
mod session;
mod shadow;
mod sign_in;
mod thresholds;
pub(super) mod training;
mod ways;
mod webhooks;
mod why;
mod write;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::router::Shared;

/// The desk's forms are small; the largest names a thousand comments.
const BODY_LIMIT: usize = 128 * 1024;

/// Every page of the desk; nothing of it is kept by caches.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin", get(queue::to_desk))
        .route("/admin/", get(queue::show))
        .route("/admin/lists", post(lists::save))
        .route("/admin/lists/remove", post(lists::remove))
        .route("/admin/sign-in", get(sign_in::sign_in_page).post(sign_in::sign_in))
        .route("/admin/sign-in/code", post(sign_in::enter_code))
        .route("/admin/sign-out", post(sign_in::sign_out))
        .route("/admin/setup", get(sign_in::setup_page).post(sign_in::set_up))
        .route("/admin/password", get(sign_in::password_page).post(sign_in::choose_password))
        .route("/admin/account", get(account::show))
        .route("/admin/account/password", post(account::change_password))
        .route("/admin/account/second-factor", post(account::begin_factor))
        .route("/admin/account/second-factor/confirm", post(account::confirm_factor))
        .route("/admin/account/second-factor/off", post(account::switch_factor_off))
        .route("/admin/account/sessions/end", post(account::end_sessions))
        .route("/admin/account/address", post(account::set_address))
        .route("/admin/account/notices", post(account::set_notices))
        .route("/admin/webhooks", get(webhooks::list))
        .route("/admin/webhooks/add", post(webhooks::add))
        .route("/admin/webhooks/mails/retry", post(webhooks::retry_mail))
        .route("/admin/webhooks/verdicts/retry", post(webhooks::retry_verdicts))
        .route("/admin/webhooks/{id}", get(webhooks::show))
        .route("/admin/webhooks/{id}/set", post(webhooks::set))
        .route("/admin/webhooks/{id}/pause", post(webhooks::pause))
        .route("/admin/webhooks/{id}/resume", post(webhooks::resume))
        .route("/admin/webhooks/{id}/remove", post(webhooks::remove))
        .route("/admin/webhooks/{id}/test", post(webhooks::test))
        .route("/admin/webhooks/{id}/replay", post(webhooks::replay))
        .route("/admin/people", get(people::show))
        .route("/admin/people/invite", post(people::invite))
        .route("/admin/people/access", post(people::set_access))
        .route("/admin/people/link", post(people::make_link))
        .route("/admin/people/disable", post(people::disable))
        .route("/admin/people/enable", post(people::enable))
        .route("/admin/people/second-factor-off", post(people::remove_second_factor))
        .route("/admin/keys", get(keys::show).post(keys::make))
        .route("/admin/keys/revoke", post(keys::revoke))
        .route("/admin/keys/log-only", post(keys::set_log_only))
        .route("/admin/audit", get(audit::show))
        .route("/admin/audit/export/{format}", get(audit::export))
        .route("/admin/comments/{site}/{id}", get(comment::show))
        .route("/admin/authors/{site}/{key}", get(authors::show).post(authors::note))
        .route("/admin/ban/{site}/{id}", get(ban::show))
        .route(
            "/admin/rules",
            get(rules::show).post(rules::make).layer(DefaultBodyLimit::max(rules::BODY_LIMIT)),
        )
        .route("/admin/rules/preview", post(rules::preview).layer(DefaultBodyLimit::max(rules::BODY_LIMIT)))
        .route("/admin/rules/end", post(rules::end))
        .route(
            "/admin/comments/{site}/{id}/reply",
            get(write::reply_form).post(write::reply).layer(DefaultBodyLimit::max(write::BODY_LIMIT)),
        )
        .route(
            "/admin/comments/{site}/{id}/edit",
            get(write::edit_form).post(write::save).layer(DefaultBodyLimit::max(write::BODY_LIMIT)),
        )
        .route("/admin/comments/{site}/{id}/why", get(why::show))
        .route("/admin/decide", post(decide::decide))
        .route("/admin/undo", post(decide::undo))
        .route("/admin/campaigns/{site}/{id}", get(bulk::campaign))
        .route("/admin/bulk", get(bulk::whole).post(bulk::decide))
        .route("/admin/bulk/preview", post(bulk::preview))
        .route("/admin/events", get(events::show))
        .route("/admin/thresholds", get(thresholds::show).post(thresholds::put))
        .route("/admin/log-only", get(log_only::show).post(log_only::set))
        .route("/admin/figures", get(figures::show))
        .route("/admin/models", get(models::show))
        .route("/admin/models/promote", post(models::promote))
        .route("/admin/models/rollback", post(models::roll_back))
        .route("/admin/models/shadow", get(shadow::show).post(shadow::choose))
        .route("/admin/models/training/{id}", get(training::show))
        .route("/admin/models/training/{id}/progress", get(training::progress))
        .layer(CsrfLayer::new())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(SetResponseHeaderLayer::if_not_present(
            axum::http::header::CACHE_CONTROL,
            axum::http::HeaderValue::from_static("private, no-store"),
        ))
}

/// Where a form leads back to: nowhere but the desk.
fn inside(path: &str) -> &str {
    let fits = path.starts_with("/admin/") && !path.contains(['\\', '\r', '\n']) && !path.contains("//");
    if fits { path } else { "/admin/" }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn forms_lead_back_to_the_desk_only() {
        for page in ["/admin/models", "/admin/?state=spam&q=a%20b"] {
            assert_eq!(inside(page), page);
        }
        for elsewhere in [
            "",
            "https://evil.example/",
            "//evil.example/",
            "/admin/\\evil",
            "/admin//evil.example",
            "/sites/x",
        ] {
            assert_eq!(inside(elsewhere), "/admin/", "{elsewhere}");
        }
    }
}
