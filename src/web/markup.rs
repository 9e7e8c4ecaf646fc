//! From what the services know to what the views show.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::views::{CommentForm, FieldLimits, Layout, Link, Moment, Replying, User};
use crate::app::App;
use crate::comment::{RawSubmission, limits};
use crate::service::accounts::{Moderator, Role};
use crate::service::sites::Site;
use crate::service::tokens::form_token;

/// The field that people do not see. No browser fills in a fax number of a cat, and its label says to leave it empty.
pub(super) const TRAP: &str = "second_topic";

const EXACT: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// A moment in the three ways pages write it.
pub(super) fn moment(at: OffsetDateTime, now: OffsetDateTime) -> Moment {
    let whole_second = at.replace_nanosecond(0).unwrap_or(at);
    Moment {
        iso: whole_second.format(&Rfc3339).unwrap_or_default(),
        exact: at.format(EXACT).unwrap_or_default(),
        relative: relative(at, now),
    }
}

fn relative(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - at).whole_seconds();
    let (number, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..2_592_000 => (seconds / 86_400, "day"),
        2_592_000..31_536_000 => (seconds / 2_592_000, "month"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

/// What is around the pages of a site.
pub(super) fn site_layout(site: &Site) -> Layout {
    let home = site.origins.first().map(|origin| format!("{origin}/")).unwrap_or_default();
    Layout { lang: "en".to_owned(), site: Some(Link { text: site.title.clone(), href: home }), user: None }
}

/// A page's address as people read it: without the scheme.
pub(super) fn readable(url: &str) -> String {
    url.split_once("://").map_or(url, |(_, rest)| rest).to_owned()
}

/// What is around the desk.
pub(super) fn desk_layout(moderator: Option<&Moderator>) -> Layout {
    Layout {
        lang: "en".to_owned(),
        site: None,
        user: moderator.map(|one| User { name: one.name.clone(), admin: one.role == Role::Admin }),
    }
}

/// The comment form of an article, filled with what was typed.
pub(super) fn comment_form(
    app: &App,
    site: &Site,
    typed: &RawSubmission,
    replying: Option<Replying>,
) -> CommentForm {
    let key = crate::comment::ArticleUrl::parse(&typed.article).map(|article| article.key().to_owned());
    CommentForm {
        site: site.name.clone(),
        article: typed.article.clone(),
        replying,
        comment: typed.comment.clone(),
        author: typed.author.clone(),
        email: typed.email.clone(),
        url: typed.url.clone(),
        name_required: true,
        email_required: false,
        limits: FieldLimits {
            comment: limits::BODY,
            author: limits::AUTHOR,
            email: limits::EMAIL,
            url: limits::URL,
        },
        trap: TRAP.to_owned(),
        form_token: form_token(&app.keys, site.id, key.as_deref().unwrap_or_default(), app.now()),
        errors: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn moments_are_written_three_ways() {
        let at = datetime!(2026-03-01 09:30:15.5 UTC);
        let moment = moment(at, at + Duration::hours(2));
        assert_eq!(moment.iso, "2026-03-01T09:30:15Z");
        assert_eq!(moment.exact, "1 March 2026, 09:30 UTC");
        assert_eq!(moment.relative, "2 hours ago");
    }

    #[test]
    fn a_clock_that_is_behind_says_just_now() {
        let at = datetime!(2026-03-01 09:30 UTC);
        assert_eq!(relative(at, at - Duration::hours(1)), "just now");
        assert_eq!(relative(at, at + Duration::minutes(1)), "1 minute ago");
    }
}
