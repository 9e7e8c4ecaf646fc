//! The comment of a check or report, by the names that clients give its parts.

use super::Sent;
use super::answer::Refusal;
use crate::service::check::Check;

/// Names and e-mail addresses that are spam by agreement, so that people can try the whole way.
const GUARANTEED: [&str; 2] = ["akismet-guaranteed-spam", "viagra-test-123"];
const GUARANTEED_EMAIL: &str = "akismet-guaranteed-spam@example.com";

/// Reads the comment. `blog` and `user_ip` have to be there; everything else may be missing, or anything.
pub(super) fn read(sent: &Sent) -> Result<Check, Refusal> {
    let charset = sent.charset();
    let text = |name: &str| sent.form.text(name, &charset);
    let blog = sent.required("blog")?;
    let address = sent.required("user_ip")?;
    let author = text("comment_author");
    let email = text("comment_author_email");
    let trap = sent.form.word("honeypot_field_name");
    let trap_filled = |name: &str| !name.is_empty() && !sent.form.text(name, "").trim().is_empty();
    let guaranteed = GUARANTEED.iter().any(|name| author.trim().eq_ignore_ascii_case(name))
        || email.trim().eq_ignore_ascii_case(GUARANTEED_EMAIL);
    let roles = sent.form.word("user_role").to_ascii_lowercase();
    Ok(Check {
        page: Some(sent.form.word("permalink"))
            .filter(|page| !page.is_empty())
            .unwrap_or_else(|| blog.clone()),
        blog,
        address: address.parse().ok(),
        author,
        email,
        url: text("comment_author_url"),
        content: text("comment_content"),
        trap_filled: trap_filled(&trap) || trap_filled("POST_ak_hp_textarea"),
        administrator: roles.split(',').any(|role| role.trim() == "administrator"),
        guaranteed_spam: guaranteed,
        test: sent.form.says("is_test"),
        again: !sent.form.word("recheck_reason").is_empty(),
        callback: Some(sent.form.word("callback")).filter(|callback| !callback.is_empty()),
    })
}
